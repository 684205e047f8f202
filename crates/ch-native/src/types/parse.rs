//! Parser of type names.
//!
//! ```text
//! type  = name [ "(" args ")" ]
//! args  = what the type of that name takes: types, numbers, 'quoted text', 'label' = number, name type
//! ```
//!
//! ASCII white space, line breaks included, may stand between any two of these. The names come from the network:
//! nesting is capped, and text that is not understood as a whole becomes [`DataType::Unsupported`] only if its
//! parentheses and quotes are in balance.

use super::DataType;

/// Why a type name makes no sense.
#[derive(Debug)]
pub(crate) struct ParseError {
    what: String,
    at: usize,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

/// The start of a long name, for error texts.
pub(crate) fn shorten(name: &str) -> String {
    const SHOWN: usize = 200;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", name.get(..end).unwrap_or_default()),
        None => format!("{name:?}"),
    }
}

/// Parses the whole of `name`, nested up to `depth` levels.
pub(crate) fn parse(name: &str, depth: u32) -> Result<DataType, ParseError> {
    let mut p = Parser {
        all: name,
        rest: name,
        depth,
    };
    let ty = p.data_type()?;
    p.space();
    if p.rest.is_empty() {
        Ok(ty)
    } else {
        Err(p.error("expected the end of the name"))
    }
}

struct Parser<'a> {
    all: &'a str,
    rest: &'a str,
    depth: u32,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

impl<'a> Parser<'a> {
    fn error(&self, what: impl Into<String>) -> ParseError {
        ParseError {
            what: what.into(),
            at: self.all.len().saturating_sub(self.rest.len()),
        }
    }

    fn space(&mut self) {
        self.rest = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace());
    }

    /// The next character that is not white space, without taking it.
    fn next(&mut self) -> Option<char> {
        self.space();
        self.rest.chars().next()
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, c: char) -> Result<()> {
        if self.eat(c) {
            Ok(())
        } else {
            Err(self.error(format!("expected {c:?}")))
        }
    }

    fn word(&mut self) -> &'a str {
        self.space();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    /// A type. What wraps one other type is taken without recursion, so that deep nesting needs little stack.
    fn data_type(&mut self) -> Result<DataType> {
        let before = self.depth;
        let mut wrappers = Vec::new();
        let mut ty = loop {
            self.space();
            let Some(deeper) = self.depth.checked_sub(1) else {
                return Err(self.error("is nested too deeply"));
            };
            self.depth = deeper;
            let start = self.rest;
            match self.word() {
                "" => return Err(self.error("expected the name of a type")),
                name @ ("Array" | "Nullable" | "LowCardinality") => {
                    self.expect('(')?;
                    wrappers.push(name);
                }
                name => break self.named(name, start)?,
            }
        };
        while let Some(wrapper) = wrappers.pop() {
            ty = match wrapper {
                "Array" => DataType::Array(Box::new(ty)),
                "Nullable" => DataType::Nullable(Box::new(ty)),
                _ => self.low_cardinality(ty)?,
            };
            self.expect(')')?;
        }
        self.depth = before;
        Ok(ty)
    }

    /// The type called `name`; the name began at `start`.
    fn named(&mut self, name: &str, start: &str) -> Result<DataType> {
        if let Some(ty) = simple(name) {
            return Ok(ty);
        }
        if let Some(ty) = self.with_types(name)? {
            return Ok(ty);
        }
        if let Some(ty) = self.with_arguments(name)? {
            return Ok(ty);
        }
        self.skip_arguments()?;
        Ok(DataType::Unsupported(self.since(start)))
    }

    /// Types that are made of several others: a function of its own, since it is on the stack for each level.
    fn with_types(&mut self, name: &str) -> Result<Option<DataType>> {
        let kind = match name {
            "SimpleAggregateFunction" => return self.simple_aggregate().map(Some),
            "Tuple" | "Map" | "Nested" => name,
            _ => return Ok(None),
        };
        self.expect('(')?;
        let elements = self.elements(kind == "Nested")?;
        self.expect(')')?;
        let count = elements.len();
        let ty = DataType::Tuple(elements);
        Ok(Some(match kind {
            "Tuple" => ty,
            "Nested" => DataType::Nested(Box::new(ty)),
            _ if count == 2 => DataType::Map(Box::new(ty)),
            _ => return Err(self.error("a Map has a type of keys and one of values")),
        }))
    }

    /// The text from `start` up to here.
    fn since(&self, start: &str) -> String {
        let len = start.len().saturating_sub(self.rest.len());
        start.get(..len).unwrap_or_default().to_owned()
    }

    fn with_arguments(&mut self, name: &str) -> Result<Option<DataType>> {
        Ok(Some(match name {
            "DateTime" if self.next() != Some('(') => DataType::DateTime(None),
            "DateTime" => {
                self.in_parens(|p| p.quoted('\'').map(|z| DataType::DateTime(Some(z))))?
            }
            "DateTime64" => self.in_parens(|p| {
                let precision = p.number()?;
                let zone = p.eat(',').then(|| p.quoted('\'')).transpose()?;
                Ok(DataType::DateTime64(precision, zone))
            })?,
            "Time64" => self.in_parens(|p| p.number().map(DataType::Time64))?,
            "FixedString" => self.in_parens(|p| match p.number()? {
                0 => Err(p.error("a FixedString has at least one byte")),
                n => Ok(DataType::FixedString(n)),
            })?,
            "Decimal" => self.in_parens(Self::decimal)?,
            "Enum8" => DataType::Enum8(self.in_parens(|p| p.list(Self::label))?),
            "Enum16" => DataType::Enum16(self.in_parens(|p| p.list(Self::label))?),
            _ => match name.strip_prefix("Interval") {
                Some(unit) if self.next() != Some('(') => DataType::Interval(unit.to_owned()),
                _ => return Ok(None),
            },
        }))
    }

    fn in_parens<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.expect('(')?;
        let result = body(self)?;
        self.expect(')')?;
        Ok(result)
    }

    /// Items separated by commas, up to the closing parenthesis, which stays.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        if self.next() == Some(')') {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.eat(',') {
                return Ok(items);
            }
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        self.space();
        let start = self.rest;
        self.eat('-');
        self.word();
        self.since(start).parse().map_err(|_| {
            self.rest = start;
            self.error("expected a number that fits")
        })
    }

    fn decimal(&mut self) -> Result<DataType> {
        let precision = self.number()?;
        self.expect(',')?;
        let scale = self.number()?;
        if (1..=76).contains(&precision) && scale <= precision {
            Ok(DataType::Decimal { precision, scale })
        } else {
            Err(self.error(format!("Decimal({precision}, {scale}) cannot be")))
        }
    }

    fn label<T: std::str::FromStr>(&mut self) -> Result<(String, T)> {
        let label = self.quoted('\'')?;
        self.expect('=')?;
        Ok((label, self.number()?))
    }

    /// Elements of a tuple: each a type, or a name and a type. Then a name is followed by something that no argument of
    /// a type starts with.
    fn elements(&mut self, must_have_names: bool) -> Result<Vec<(Option<String>, DataType)>> {
        let mut elements = Vec::new();
        if self.next() == Some(')') {
            return Ok(elements);
        }
        loop {
            let name = self.element_name(must_have_names)?;
            elements.push((name, self.data_type()?));
            if !self.eat(',') {
                return Ok(elements);
            }
        }
    }

    fn element_name(&mut self, must_have_name: bool) -> Result<Option<String>> {
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

    fn low_cardinality(&self, inner: DataType) -> Result<DataType> {
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
            | DataType::Nothing
            | DataType::Unsupported(_) => {
                Err(self.error(format!("{base} cannot be in a LowCardinality")))
            }
            _ => Ok(DataType::LowCardinality(Box::new(inner))),
        }
    }

    fn simple_aggregate(&mut self) -> Result<DataType> {
        let start = self.rest;
        self.expect('(')?;
        self.word();
        self.skip_arguments()?;
        self.expect(',')?;
        let of = Box::new(self.data_type()?);
        self.expect(')')?;
        let name = format!("SimpleAggregateFunction{}", self.since(start));
        Ok(DataType::Alias { name, of })
    }

    /// Text in quotes, with the server's escapes undone (`src/IO/ReadHelpers.cpp`, `parseComplexEscapeSequence`).
    fn quoted(&mut self, quote: char) -> Result<String> {
        self.expect(quote)?;
        let mut out = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                None => return Err(self.error(format!("text without its closing {quote}"))),
                Some('\\') => match chars.next() {
                    Some('x') => {
                        let digits = chars.as_str().get(..2).unwrap_or_default();
                        let code = u8::from_str_radix(digits, 16)
                            .map_err(|_| self.error("\\x without two hexadecimal digits"))?;
                        out.push(char::from(code));
                        chars = chars.as_str().get(2..).unwrap_or_default().chars();
                    }
                    Some(c) => out.push(unescape(c)),
                    None => return Err(self.error("text ends in an escape")),
                },
                Some(c) if c == quote => {
                    self.rest = chars.as_str();
                    // A doubled quote stands for itself.
                    match self.rest.strip_prefix(quote) {
                        Some(rest) => {
                            out.push(quote);
                            chars = rest.chars();
                        }
                        None => return Ok(out),
                    }
                }
                Some(c) => out.push(c),
            }
        }
    }

    /// Passes over `(…)`, if it is there, whatever is in it. Does not recurse.
    fn skip_arguments(&mut self) -> Result<()> {
        if self.next() != Some('(') {
            return Ok(());
        }
        let mut open = 0_usize;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\'' | '`' => {
                    self.quoted(c)?;
                    continue;
                }
                '(' => open = open.saturating_add(1),
                ')' => open = open.saturating_sub(1),
                _ => {}
            }
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
            if open == 0 {
                return Ok(());
            }
        }
        Err(self.error("expected ')'"))
    }
}

fn unescape(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'v' => '\u{b}',
        'e' => '\u{1b}',
        other => other,
    }
}

/// Types whose name is all there is.
fn simple(name: &str) -> Option<DataType> {
    let point = || DataType::Tuple(vec![(None, DataType::Float64), (None, DataType::Float64)]);
    let array = |of: DataType| DataType::Array(Box::new(of));
    let geometry = |of: DataType| DataType::Alias {
        name: name.to_owned(),
        of: Box::new(of),
    };
    Some(match name {
        "UInt8" => DataType::UInt8,
        "UInt16" => DataType::UInt16,
        "UInt32" => DataType::UInt32,
        "UInt64" => DataType::UInt64,
        "UInt128" => DataType::UInt128,
        "UInt256" => DataType::UInt256,
        "Int8" => DataType::Int8,
        "Int16" => DataType::Int16,
        "Int32" => DataType::Int32,
        "Int64" => DataType::Int64,
        "Int128" => DataType::Int128,
        "Int256" => DataType::Int256,
        "BFloat16" => DataType::BFloat16,
        "Float32" => DataType::Float32,
        "Float64" => DataType::Float64,
        "Bool" => DataType::Bool,
        "String" => DataType::String,
        "Date" => DataType::Date,
        "Date32" => DataType::Date32,
        "Time" => DataType::Time,
        "UUID" => DataType::Uuid,
        "IPv4" => DataType::Ipv4,
        "IPv6" => DataType::Ipv6,
        "Nothing" => DataType::Nothing,
        "Point" => geometry(point()),
        "Ring" | "LineString" => geometry(array(point())),
        "Polygon" | "MultiLineString" => geometry(array(array(point()))),
        "MultiPolygon" => geometry(array(array(array(point())))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(name: &str) -> String {
        parse(name, 64).map_or_else(|e| format!("error: {e}"), |ty| ty.to_string())
    }

    /// Every type name that the engine sent for the recorded columns comes back as it was.
    #[test]
    fn prints_back_what_the_engine_sends() {
        let mut seen = 0;
        for line in include_str!("../../tests/fixtures/columns.tsv").lines() {
            let Some(name) = line.split('\t').nth(1).filter(|_| !line.starts_with('#')) else {
                continue;
            };
            assert_eq!(printed(name), name);
            seen += 1;
        }
        assert!(seen > 200, "{seen}");
    }

    #[test]
    fn names_with_odd_characters_come_back() {
        for name in [
            r"Enum8('a\'b' = -1, 'c\\d' = 2, ') = (' = 3)",
            "Tuple(`a b` UInt8, c Tuple(Array(String), `x``y` String))"
                .replace("``", "\\`")
                .as_str(),
            "SimpleAggregateFunction(anyLast(1), Nullable(String))",
            "AggregateFunction(quantiles(0.5, 0.9), Float64)",
            "JSON(max_dynamic_paths=1, `a.b` UInt8, SKIP REGEXP ')')",
            "Dynamic(max_types=254)",
            "IntervalNanosecond",
            "Nested(a UInt8, b String)",
        ] {
            assert_eq!(printed(name), name);
        }
        assert_eq!(
            printed("Tuple(\n    a UInt8,\n    b String)"),
            "Tuple(a UInt8, b String)"
        );
    }

    #[test]
    fn nonsense_is_refused_with_its_place() {
        for (name, error) in [
            ("", "expected the name of a type at byte 0"),
            ("Array(UInt8", "expected ')' at byte 11"),
            ("Array(UInt8))", "expected the end of the name at byte 12"),
            (
                "FixedString(0)",
                "a FixedString has at least one byte at byte 13",
            ),
            ("FixedString(-1)", "expected a number that fits at byte 12"),
            ("Decimal(77, 1)", "Decimal(77, 1) cannot be at byte 13"),
            ("Enum8('a' = 200)", "expected a number that fits at byte 12"),
            ("Variant(String, UInt64", "expected ')' at byte 22"),
            (
                "LowCardinality(Array(String))",
                "Array(String) cannot be in a LowCardinality at byte 28",
            ),
        ] {
            assert_eq!(printed(name), format!("error: {error}"), "{name}");
        }
    }

    #[test]
    fn depth_is_capped_without_a_deep_stack() {
        let deep = |n: usize| "Array(".repeat(n) + "UInt8" + &")".repeat(n);
        assert!(parse(&deep(63), 64).is_ok());
        assert!(parse(&deep(64), 64).is_err());
        assert!(parse(&deep(1_000_000), 64).is_err());
        assert!(parse(&("Variant(".repeat(100_000) + &")".repeat(100_000)), 64).is_ok());
    }
}
