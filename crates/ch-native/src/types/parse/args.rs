//! Arguments of types, other than the types inside them.

use super::{Kind, Parser, Result};
use crate::types::{AggregateFunction, DataType, JsonType};

/// Most alternatives of a Variant: a byte tells them apart, and 255 is NULL.
const MAX_ALTERNATIVES: usize = 255;
/// Most dimensions of a QBit, so that sizes of rows stay numbers that fit anywhere.
const MAX_DIMENSION: usize = 1 << 24;

impl Kind {
    /// The kind of type with other types inside that is called `name`.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Array" => Self::Array,
            "Nullable" => Self::Nullable,
            "LowCardinality" => Self::LowCardinality,
            "Tuple" => Self::Tuple,
            "Map" => Self::Map,
            "Nested" => Self::Nested,
            "Variant" => Self::Variant,
            "JSON" => Self::Json(JsonType::default()),
            "AggregateFunction" => Self::Aggregate(AggregateFunction::new("", Vec::new())),
            "SimpleAggregateFunction" => Self::SimpleAggregate,
            "QBit" => Self::QBit {
                dimension: 0,
                stride: None,
            },
            _ => return None,
        })
    }

    /// Levels that the type counts: maps and nested structures are arrays of tuples, objects have paths with types.
    pub(super) fn levels(&self) -> usize {
        match self {
            Self::Map | Self::Nested | Self::Json(_) => 2,
            _ => 1,
        }
    }

    /// Whether an argument may follow when there are `elements` types.
    pub(super) fn takes_more(&self, elements: usize) -> bool {
        match self {
            Self::Array | Self::Nullable | Self::LowCardinality => false,
            Self::Map => elements < 2,
            Self::Variant => elements < MAX_ALTERNATIVES,
            _ => true,
        }
    }
}

impl Parser<'_> {
    /// The one type among `elements`.
    pub(super) fn only(&self, elements: Vec<(Option<String>, DataType)>) -> Result<DataType> {
        let ty = elements.into_iter().next().map(|(_, ty)| ty);
        ty.ok_or_else(|| self.error("expected a type"))
    }

    /// A type without types inside; its name began at `start`.
    pub(super) fn leaf(&mut self, name: &str, start: &str) -> Result<DataType> {
        if name.is_empty() {
            return Err(self.error("expected the name of a type"));
        }
        if let Some(ty) = super::names::simple(name) {
            return Ok(ty);
        }
        if let Some(ty) = self.with_arguments(name)? {
            return Ok(ty);
        }
        self.skip_arguments()?;
        Ok(DataType::Unsupported(self.since(start)))
    }

    fn with_arguments(&mut self, name: &str) -> Result<Option<DataType>> {
        let bare = self.next() != Some('(');
        Ok(Some(match name {
            "DateTime" | "DateTime32" if bare => DataType::DateTime(None),
            "DateTime" | "DateTime32" => {
                self.in_parens(|p| p.quoted('\'').map(|z| DataType::DateTime(Some(z))))?
            }
            // Milliseconds, when nothing is said.
            "DateTime64" if bare => DataType::DateTime64(3, None),
            "DateTime64" => self.in_parens(|p| {
                let precision = p.precision()?;
                let zone = p.eat(',').then(|| p.quoted('\'')).transpose()?;
                Ok(DataType::DateTime64(precision, zone))
            })?,
            "Time64" if bare => DataType::Time64(3),
            "Time64" => self.in_parens(|p| p.precision().map(DataType::Time64))?,
            "FixedString" => self.in_parens(|p| match p.number()? {
                0 => Err(p.error("a FixedString has at least one byte")),
                n => Ok(DataType::FixedString(n)),
            })?,
            "Decimal" => self.in_parens(Self::decimal)?,
            "Decimal32" => self.in_parens(|p| p.decimal_of(9))?,
            "Decimal64" => self.in_parens(|p| p.decimal_of(18))?,
            "Decimal128" => self.in_parens(|p| p.decimal_of(38))?,
            "Decimal256" => self.in_parens(|p| p.decimal_of(76))?,
            "Enum8" => DataType::Enum8(self.labels()?),
            "Enum16" => DataType::Enum16(self.labels()?),
            "Enum" => self.any_enum()?,
            "Dynamic" if bare => DataType::Dynamic { max_types: None },
            "Dynamic" => self.in_parens(Self::dynamic)?,
            _ => match name.strip_prefix("Interval") {
                Some(unit) if bare && !unit.is_empty() => DataType::Interval(unit.to_owned()),
                _ => return Ok(None),
            },
        }))
    }

    /// Digits after the second.
    fn precision(&mut self) -> Result<u8> {
        match self.number()? {
            precision @ 0..=9 => Ok(precision),
            other => Err(self.error(format!("precision {other} is more than 9"))),
        }
    }

    fn decimal(&mut self) -> Result<DataType> {
        let precision = self.number()?;
        // Without a scale it is 0.
        let scale = if self.eat(',') { self.number()? } else { 0 };
        self.checked_decimal(precision, scale)
    }

    fn decimal_of(&mut self, precision: u8) -> Result<DataType> {
        let scale = self.number()?;
        self.checked_decimal(precision, scale)
    }

    fn checked_decimal(&self, precision: u8, scale: u8) -> Result<DataType> {
        if (1..=76).contains(&precision) && scale <= precision {
            Ok(DataType::Decimal { precision, scale })
        } else {
            Err(self.error(format!("Decimal({precision}, {scale}) cannot be")))
        }
    }

    /// Labels and their numbers, as the server has them: sorted by number.
    fn labels<T: std::str::FromStr + Ord + Copy>(&mut self) -> Result<Vec<(String, T)>> {
        let mut labels = self.in_parens(|p| {
            p.list(|p| {
                let label = p.quoted('\'')?;
                p.expect('=')?;
                Ok((label, p.number()?))
            })
        })?;
        labels.sort_by_key(|(_, value)| *value);
        Ok(labels)
    }

    /// `Enum(…)`: an Enum8 if all numbers fit.
    fn any_enum(&mut self) -> Result<DataType> {
        let labels: Vec<(String, i16)> = self.labels()?;
        let small = labels
            .iter()
            .map(|(label, value)| Some((label.clone(), i8::try_from(*value).ok()?)));
        Ok(match small.collect() {
            Some(small) => DataType::Enum8(small),
            None => DataType::Enum16(labels),
        })
    }

    fn dynamic(&mut self) -> Result<DataType> {
        if self.word() != "max_types" {
            return Err(self.error("expected max_types"));
        }
        self.expect('=')?;
        let max_types = Some(self.number()?);
        Ok(DataType::Dynamic { max_types })
    }

    /// The name of an element: a name and a type stand there if a word is followed by something that no argument of a
    /// type starts with.
    pub(super) fn element_name(&mut self, must_have_name: bool) -> Result<Option<String>> {
        if self.next() == Some('`') {
            return self.quoted('`').map(Some);
        }
        let start = self.rest;
        let word = self.word();
        match self.next() {
            Some(',' | ')' | '(') | None if must_have_name => {
                Err(self.error("expected a name and a type"))
            }
            Some(',' | ')' | '(') | None => {
                self.rest = start;
                Ok(None)
            }
            Some(_) => Ok(Some(word.to_owned())),
        }
    }

    /// Arguments of a JSON up to the next path with a type; `None` if there is none.
    pub(super) fn json_argument(&mut self, json: &mut JsonType) -> Result<Option<String>> {
        if self.next() == Some(')') {
            return Ok(None);
        }
        loop {
            let quoted = self.next() == Some('`');
            let word = self.path()?;
            match word.as_str() {
                _ if !quoted && word.eq_ignore_ascii_case("SKIP") => self.skipped(json)?,
                "max_dynamic_paths" if !quoted && self.eat('=') => {
                    json.max_dynamic_paths = Some(self.number()?);
                }
                "max_dynamic_types" if !quoted && self.eat('=') => {
                    json.max_dynamic_types = Some(self.number()?);
                }
                "" => return Err(self.error("expected a path")),
                _ => return Ok(Some(word)),
            }
            if !self.eat(',') {
                return Ok(None);
            }
        }
    }

    fn skipped(&mut self, json: &mut JsonType) -> Result<()> {
        let quoted = self.next() == Some('`');
        let path = self.path()?;
        if path.eq_ignore_ascii_case("REGEXP") && !quoted {
            json.skip_regexp.push(self.quoted('\'')?);
        } else if path.is_empty() {
            return Err(self.error("expected a path"));
        } else {
            json.skip.push(path);
        }
        Ok(())
    }

    /// Steps joined by dots, each bare or in back quotes.
    fn path(&mut self) -> Result<String> {
        let mut path = String::new();
        loop {
            if self.next() == Some('`') {
                path.push_str(&self.quoted('`')?);
            } else {
                path.push_str(self.word());
            }
            if !self.rest.starts_with('.') {
                return Ok(path);
            }
            self.eat('.');
            path.push('.');
        }
    }

    /// The version of an aggregate function's state, if the next argument is a number.
    pub(super) fn version(&mut self) -> Result<Option<u64>> {
        if !self.next().is_some_and(|c| c.is_ascii_digit()) {
            return Ok(None);
        }
        let version = self.number()?;
        self.expect(',')?;
        Ok(Some(version))
    }

    pub(super) fn function_name(&mut self) -> Result<String> {
        match self.word() {
            "" => Err(self.error("expected the name of an aggregate function")),
            name => Ok(name.to_owned()),
        }
    }

    /// The literals in parentheses behind the name of a function, if there are any.
    pub(super) fn parameters(&mut self) -> Result<Vec<String>> {
        if self.next() == Some('(') {
            self.in_parens(|p| p.list(Self::literal))
        } else {
            Ok(Vec::new())
        }
    }

    pub(super) fn low_cardinality(&self, inner: DataType) -> Result<DataType> {
        let base = match inner.resolve() {
            DataType::Nullable(base) => base.resolve(),
            other => other,
        };
        match base {
            DataType::Nullable(_)
            | DataType::LowCardinality(_)
            | DataType::Array(_)
            | DataType::Tuple(_)
            | DataType::Map(_)
            | DataType::Nested(_)
            | DataType::Variant(_)
            | DataType::Dynamic { .. }
            | DataType::Json(_)
            | DataType::AggregateFunction(_)
            | DataType::QBit { .. }
            | DataType::Nothing
            | DataType::Unsupported(_) => {
                Err(self.error(format!("{base} cannot be in a LowCardinality")))
            }
            _ => Ok(DataType::LowCardinality(Box::new(inner))),
        }
    }

    /// Alternatives in the order that their numbers on the wire refer to.
    pub(super) fn variant(&self, elements: Vec<(Option<String>, DataType)>) -> Result<DataType> {
        if elements.is_empty() {
            return Err(self.error("a Variant has at least one type"));
        }
        Ok(DataType::variant(elements.into_iter().map(|(_, ty)| ty)))
    }

    pub(super) fn qbit(
        &self,
        element: DataType,
        dimension: usize,
        stride: Option<usize>,
    ) -> Result<DataType> {
        let floats = matches!(
            element,
            DataType::BFloat16 | DataType::Float32 | DataType::Float64
        );
        let strides = stride.is_none_or(|s| dimension.checked_rem(s) == Some(0));
        if floats && strides && (1..=MAX_DIMENSION).contains(&dimension) {
            let element = Box::new(element);
            Ok(DataType::QBit {
                element,
                dimension,
                stride,
            })
        } else {
            Err(self.error(format!("a QBit of {dimension} {element} cannot be")))
        }
    }
}
