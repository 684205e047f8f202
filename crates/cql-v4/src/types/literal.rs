//! Values as CQL writes them.

use std::fmt::{self, Display, Formatter, Write};

use super::{Date, Timestamp, UdtType, Value};

/// The value as a CQL literal, which a statement may contain where its column's type is that of the value.
///
/// Text is quoted, a blob is `0x…`, collections are `[…]` and `{…}`. Days and moments of the years 1583 to 9999 are
/// written as dates, others as the numbers that CQL takes instead, since servers do not read such years from text. Zero
/// bytes of a type that has no such value ([`Value::Empty`]) have no literal, and show as `0x`; so do the bytes of a
/// type without a CQL name as a blob.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Empty => f.write_str("0x"),
            Self::Text(v) => quoted(f, v, '\''),
            Self::BigInt(v) | Self::Counter(v) => Display::fmt(v, f),
            Self::Blob(v) | Self::Custom(v) => {
                f.write_str("0x")?;
                v.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Boolean(v) => Display::fmt(v, f),
            Self::Decimal(v) => Display::fmt(v, f),
            Self::Double(v) => float(f, *v, v),
            Self::Float(v) => float(f, f64::from(*v), v),
            Self::Int(v) => Display::fmt(v, f),
            Self::Timestamp(v) => timestamp(f, *v),
            Self::Uuid(v) | Self::Timeuuid(v) => Display::fmt(v, f),
            Self::Varint(v) => Display::fmt(v, f),
            Self::Inet(v) => write!(f, "'{v}'"),
            Self::Date(v) => date(f, *v),
            Self::Time(v) => write!(f, "'{v}'"),
            Self::SmallInt(v) => Display::fmt(v, f),
            Self::TinyInt(v) => Display::fmt(v, f),
            Self::Duration(v) => Display::fmt(v, f),
            Self::List(v) | Self::Vector(v) => list(f, '[', v, ']'),
            Self::Set(v) => list(f, '{', v, '}'),
            Self::Tuple(v) => list(f, '(', v, ')'),
            Self::Map(v) => {
                f.write_str("{")?;
                for (i, (key, value)) in v.iter().enumerate() {
                    write!(f, "{}{key}: {value}", comma(i))?;
                }
                f.write_str("}")
            }
            Self::Udt(udt, v) => fields(f, udt, v),
        }
    }
}

fn comma(i: usize) -> &'static str {
    if i == 0 { "" } else { ", " }
}

fn list(f: &mut Formatter<'_>, open: char, values: &[Value], close: char) -> fmt::Result {
    f.write_char(open)?;
    for (i, value) in values.iter().enumerate() {
        write!(f, "{}{value}", comma(i))?;
    }
    f.write_char(close)
}

fn fields(f: &mut Formatter<'_>, udt: &UdtType, values: &[Value]) -> fmt::Result {
    f.write_str("{")?;
    for (i, (field, value)) in udt.fields.iter().zip(values).enumerate() {
        f.write_str(comma(i))?;
        // A name that is not quoted is folded to lower case, and must not be a keyword.
        quoted(f, &field.name, '"')?;
        write!(f, ": {value}")?;
    }
    f.write_str("}")
}

/// Text between quotes, which are doubled inside.
fn quoted(f: &mut Formatter<'_>, text: &str, quote: char) -> fmt::Result {
    f.write_char(quote)?;
    for (i, part) in text.split(quote).enumerate() {
        if i > 0 {
            write!(f, "{quote}{quote}")?;
        }
        f.write_str(part)?;
    }
    f.write_char(quote)
}

/// The shortest digits that give the same number again.
fn float(f: &mut Formatter<'_>, wide: f64, own: &dyn fmt::Debug) -> fmt::Result {
    if wide.is_nan() {
        f.write_str("NaN")
    } else if wide.is_infinite() {
        f.write_str(if wide < 0.0 { "-Infinity" } else { "Infinity" })
    } else {
        write!(f, "{own:?}")
    }
}

/// Days from 1583-01-01, the first year of which every calendar in use says the same, to 9999-12-31.
const DAYS_OF_TEXT: std::ops::RangeInclusive<i32> = -141_349..=2_932_896;

fn date(f: &mut Formatter<'_>, date: Date) -> fmt::Result {
    if DAYS_OF_TEXT.contains(&date.0) {
        return write!(f, "'{date}'");
    }
    write!(f, "{}", date.to_wire())
}

fn timestamp(f: &mut Formatter<'_>, moment: Timestamp) -> fmt::Result {
    let day = i32::try_from(moment.0.div_euclid(86_400_000));
    if day.is_ok_and(|day| DAYS_OF_TEXT.contains(&day)) {
        return write!(f, "'{moment}'");
    }
    write!(f, "{}", moment.0)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use super::*;
    use crate::types::{DataType, Decimal, Duration, Time, Uuid, Varint};

    #[test]
    fn literals_are_those_of_the_cql_reference() {
        let udt = UdtType::new(
            "ks",
            "u",
            [
                ("a".to_owned(), DataType::Int),
                ("B\"c".to_owned(), DataType::Text),
            ],
        );
        let map = vec![(Value::from("k"), Value::Int(1)), ("l".into(), Value::Null)];
        for (value, text) in [
            (Value::Null, "null"),
            ("it's".into(), "'it''s'"),
            ("".into(), "''"),
            (Value::BigInt(i64::MIN), "-9223372036854775808"),
            (Value::Blob(vec![0, 0xfe].into()), "0x00fe"),
            (true.into(), "true"),
            (
                Value::Decimal(Decimal {
                    unscaled: 150_i64.into(),
                    scale: 2,
                }),
                "1.50",
            ),
            (0.1_f64.into(), "0.1"),
            (0.1_f32.into(), "0.1"),
            (1e300_f64.into(), "1e300"),
            (f64::NAN.into(), "NaN"),
            (f32::NEG_INFINITY.into(), "-Infinity"),
            (Timestamp(0).into(), "'1970-01-01T00:00:00.000Z'"),
            (Timestamp(i64::MAX).into(), "9223372036854775807"),
            (Date(19_782).into(), "'2024-02-29'"),
            (Date(-141_349).into(), "'1583-01-01'"),
            (Date(2_932_896).into(), "'9999-12-31'"),
            (Date(-141_350).into(), "2147342298"),
            (Date(i32::MAX).into(), "4294967295"),
            (Time::default().into(), "'00:00:00.000000000'"),
            (
                Uuid([0x11; 16]).into(),
                "11111111-1111-1111-1111-111111111111",
            ),
            (IpAddr::from([127, 0, 0, 1]).into(), "'127.0.0.1'"),
            (Varint::from(-5_i64).into(), "-5"),
            (
                Duration {
                    months: 1,
                    days: 0,
                    nanos: 9,
                }
                .into(),
                "1mo9ns",
            ),
            (Value::List(vec![1.into(), 2.into()]), "[1, 2]"),
            (Value::Set(vec![]), "{}"),
            (Value::Map(map), "{'k': 1, 'l': null}"),
            (Value::Tuple(vec![1.into(), Value::Null]), "(1, null)"),
            (
                Value::Udt(Arc::new(udt), vec![1.into(), "x".into()]),
                "{\"a\": 1, \"B\"\"c\": 'x'}",
            ),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }
}
