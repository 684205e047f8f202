//! Type names as the server prints them.

use std::fmt::{self, Display, Formatter, Write};

use super::DataType;

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
            Self::Map(entries) => entry(f, "Map", entries),
            Self::Nested(entries) => entry(f, "Nested", entries),
        }
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
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        escaped(f, self.0, '\'')
    }
}

/// An identifier: bare if it is plain, in back quotes if not.
struct Name<'a>(&'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = self
            .0
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
            && self.0.chars().next().is_some_and(|c| !c.is_ascii_digit());
        if plain {
            f.write_str(self.0)
        } else {
            escaped(f, self.0, '`')
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
