//! Type names as the server prints them.

use std::fmt::{self, Display, Formatter, Write};

use super::parse::is_plain_name;
use super::{AggregateFunction, DataType, JsonType};

impl Display for DataType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::UInt8 => f.write_str("UInt8"),
            Self::UInt16 => f.write_str("UInt16"),
            Self::UInt32 => f.write_str("UInt32"),
            Self::UInt64 => f.write_str("UInt64"),
            Self::UInt128 => f.write_str("UInt128"),
            Self::UInt256 => f.write_str("UInt256"),
            Self::Int8 => f.write_str("Int8"),
            Self::Int16 => f.write_str("Int16"),
            Self::Int32 => f.write_str("Int32"),
            Self::Int64 => f.write_str("Int64"),
            Self::Int128 => f.write_str("Int128"),
            Self::Int256 => f.write_str("Int256"),
            Self::BFloat16 => f.write_str("BFloat16"),
            Self::Float32 => f.write_str("Float32"),
            Self::Float64 => f.write_str("Float64"),
            Self::Bool => f.write_str("Bool"),
            Self::String => f.write_str("String"),
            Self::Date => f.write_str("Date"),
            Self::Date32 => f.write_str("Date32"),
            Self::Time => f.write_str("Time"),
            Self::Uuid => f.write_str("UUID"),
            Self::Ipv4 => f.write_str("IPv4"),
            Self::Ipv6 => f.write_str("IPv6"),
            Self::Nothing => f.write_str("Nothing"),
            Self::FixedString(n) => write!(f, "FixedString({n})"),
            Self::Time64(precision) => write!(f, "Time64({precision})"),
            Self::Interval(unit) => write!(f, "Interval{unit}"),
            Self::Decimal { precision, scale } => write!(f, "Decimal({precision}, {scale})"),
            Self::Nullable(inner) => write!(f, "Nullable({inner})"),
            Self::LowCardinality(inner) => write!(f, "LowCardinality({inner})"),
            Self::Array(inner) => write!(f, "Array({inner})"),
            Self::Alias { name, .. } | Self::Unsupported(name) => f.write_str(name),
            Self::DateTime(None) => f.write_str("DateTime"),
            Self::DateTime(Some(zone)) => write!(f, "DateTime({})", Quoted(zone)),
            Self::DateTime64(precision, None) => write!(f, "DateTime64({precision})"),
            Self::DateTime64(precision, Some(zone)) => {
                write!(f, "DateTime64({precision}, {})", Quoted(zone))
            }
            Self::Enum8(labels) => list(f, "Enum8", labels, |f, (label, value)| {
                write!(f, "{} = {value}", Quoted(label))
            }),
            Self::Enum16(labels) => list(f, "Enum16", labels, |f, (label, value)| {
                write!(f, "{} = {value}", Quoted(label))
            }),
            Self::Tuple(elements) => list(f, "Tuple", elements, element),
            Self::Variant(types) => list(f, "Variant", types, |f, ty| ty.fmt(f)),
            Self::Dynamic { max_types: None } => f.write_str("Dynamic"),
            Self::Dynamic {
                max_types: Some(max),
            } => write!(f, "Dynamic(max_types={max})"),
            Self::Json(json) => json.fmt(f),
            Self::AggregateFunction(function) => function.fmt(f),
            Self::QBit {
                element,
                dimension,
                stride,
            } => match stride {
                None => write!(f, "QBit({element}, {dimension})"),
                Some(stride) => write!(f, "QBit({element}, {dimension}, {stride})"),
            },
            Self::Map(entries) => entry(f, "Map", entries),
            Self::Nested(entries) => entry(f, "Nested", entries),
        }
    }
}

/// In the server's order (`src/DataTypes/DataTypeObject.cpp`, `doGetName`).
impl Display for JsonType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")?;
        let mut before = "(";
        let mut next = |f: &mut Formatter<'_>| {
            f.write_str(before)?;
            before = ", ";
            fmt::Result::Ok(())
        };
        if let Some(max) = self.max_dynamic_types {
            next(f)?;
            write!(f, "max_dynamic_types={max}")?;
        }
        if let Some(max) = self.max_dynamic_paths {
            next(f)?;
            write!(f, "max_dynamic_paths={max}")?;
        }
        for (path, ty) in &self.typed {
            next(f)?;
            write!(f, "{} {ty}", Path(path, &["SKIP"]))?;
        }
        for path in &self.skip {
            next(f)?;
            write!(f, "SKIP {}", Path(path, &["SKIP", "REGEXP"]))?;
        }
        for pattern in &self.skip_regexp {
            next(f)?;
            write!(f, "SKIP REGEXP {}", Quoted(pattern))?;
        }
        match before {
            "(" => Ok(()),
            _ => f.write_char(')'),
        }
    }
}

impl Display for AggregateFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("AggregateFunction(")?;
        if let Some(version) = self.version {
            write!(f, "{version}, ")?;
        }
        f.write_str(&self.name)?;
        if !self.parameters.is_empty() {
            list(f, "", &self.parameters, |f, literal| f.write_str(literal))?;
        }
        for ty in &self.arguments {
            write!(f, ", {ty}")?;
        }
        f.write_char(')')
    }
}

/// A type whose arguments are those of the tuple behind it.
fn entry(f: &mut Formatter<'_>, name: &str, entries: &DataType) -> fmt::Result {
    match entries {
        DataType::Tuple(elements) => list(f, name, elements, element),
        other => write!(f, "{name}({other})"),
    }
}

fn element(f: &mut Formatter<'_>, (name, ty): &(Option<String>, DataType)) -> fmt::Result {
    match name {
        Some(name) => write!(f, "{} {ty}", Name(name)),
        None => ty.fmt(f),
    }
}

fn list<T>(
    f: &mut Formatter<'_>,
    name: &str,
    items: &[T],
    mut item: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, one) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        item(f, one)?;
    }
    f.write_char(')')
}

/// Text in single quotes, escaped as the server does (`src/IO/WriteHelpers.h`, `writeAnyEscapedString`).
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escaped(f, self.0, '\'')
    }
}

/// An identifier: bare if it is plain, in back quotes if not.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if is_plain_name(self.0) {
            f.write_str(self.0)
        } else {
            escaped(f, self.0, '`')
        }
    }
}

/// A path of a JSON: a name, but in back quotes if it is one of the words that mean something where it stands.
struct Path<'a>(&'a str, &'a [&'a str]);

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.1.iter().any(|word| self.0.eq_ignore_ascii_case(word)) {
            escaped(f, self.0, '`')
        } else {
            Name(self.0).fmt(f)
        }
    }
}

fn escaped(f: &mut Formatter<'_>, text: &str, quote: char) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '\0' => f.write_str("\\0")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            c if c == quote => write!(f, "\\{quote}")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}
