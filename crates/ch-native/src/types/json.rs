//! Values as JSON text.

use std::fmt::{self, Display, LowerExp, Write};

use super::Value;
use super::time_text::{date, date_time, time};

impl Value {
    /// The value as JSON text, much as the server prints it: objects of [`Value::Json`] are nested again, dates and times
    /// are text (`DateTime` in UTC), numbers stay numbers of any size, NaN and infinities are null.
    ///
    /// Bytes that are not UTF-8 are replaced; [`Value::Opaque`] is hexadecimal text.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write(self, &mut out);
        out
    }
}

/// Calls itself for each level of the value, so what takes stack is elsewhere.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) | Value::Tuple(items) => {
            out.push('[');
            for item in items {
                comma(out, '[');
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (key, value) in entries {
                comma(out, '{');
                write_key(key, out);
                write(value, out);
            }
            out.push('}');
        }
        Value::Json(entries) => {
            out.push('{');
            let mut open: Vec<&str> = Vec::new();
            for (path, value) in entries {
                enter(path, &mut open, out);
                write(value, out);
            }
            open.iter().for_each(|_| out.push('}'));
            out.push('}');
        }
        flat => write_flat(flat, out),
    }
}

/// A comma, but not before the first of a list. A list that ends in an open one of its own is never asked.
fn comma(out: &mut String, start: char) {
    if !out.ends_with(start) {
        out.push(',');
    }
}

fn write_key(key: &Value, out: &mut String) {
    let mut text = String::new();
    write(key, &mut text);
    if text.starts_with('"') {
        out.push_str(&text);
    } else {
        quoted(&text, out);
    }
    out.push(':');
}

/// Closes and opens objects, so that the last step of `path` may be written into the innermost. `entries` are sorted, so
/// what belongs together comes together.
fn enter<'a>(path: &'a str, open: &mut Vec<&'a str>, out: &mut String) {
    let mut steps: Vec<&str> = path.split('.').collect();
    let last = steps.pop().unwrap_or_default();
    let same = open.iter().zip(&steps).take_while(|(a, b)| a == b).count();
    while open.len() > same {
        open.pop();
        out.push('}');
    }
    for step in steps.into_iter().skip(same) {
        comma(out, '{');
        quoted(step, out);
        out.push_str(":{");
        open.push(step);
    }
    comma(out, '{');
    quoted(last, out);
    out.push(':');
}

fn write_flat(value: &Value, out: &mut String) {
    // Writing to a String does not fail.
    let _: fmt::Result = match value {
        Value::Bool(v) => write!(out, "{v}"),
        Value::UInt(v) => write!(out, "{v}"),
        Value::Int(v) | Value::Interval(v) => write!(out, "{v}"),
        Value::UInt128(v) => write!(out, "{v}"),
        Value::Int128(v) => write!(out, "{v}"),
        Value::Int256(v) => write!(out, "{}", digits256(*v, 0)),
        Value::Float32(v) if v.is_finite() => float(f64::from(*v), v, out),
        Value::Float64(v) if v.is_finite() => float(*v, v, out),
        Value::String(bytes) => {
            quoted(&String::from_utf8_lossy(bytes), out);
            Ok(())
        }
        Value::Date(days) => write!(out, "\"{}\"", date(i64::from(*days))),
        Value::DateTime(seconds) => write!(out, "\"{}\"", date_time(i64::from(*seconds), 0)),
        Value::DateTime64 { ticks, precision } => {
            write!(out, "\"{}\"", date_time(*ticks, *precision))
        }
        Value::Time { ticks, precision } => write!(out, "\"{}\"", time(*ticks, *precision)),
        Value::Decimal { mantissa, scale } => {
            let digits = mantissa.unsigned_abs().to_string();
            write!(out, "{}", point(*mantissa < 0, digits, *scale))
        }
        Value::Decimal256 { mantissa, scale } => {
            write!(out, "{}", digits256(*mantissa, *scale))
        }
        Value::Uuid(v) => {
            let hex = format!("{v:032x}");
            let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
            let parts = parts.map(|range| hex.get(range).unwrap_or_default());
            write!(out, "\"{}\"", parts.join("-"))
        }
        Value::Ipv4(v) => write!(out, "\"{v}\""),
        Value::Ipv6(v) => write!(out, "\"{v}\""),
        Value::Enum { label: None, value } => write!(out, "{value}"),
        Value::Enum {
            label: Some(label), ..
        } => {
            quoted(label, out);
            Ok(())
        }
        Value::Opaque(bytes) => {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            write!(out, "\"{}\"", hex.concat())
        }
        _ => write!(out, "null"),
    };
}

/// The shortest digits that give the number back; with an exponent where they would be many.
fn float(size: f64, value: &(impl Display + LowerExp), out: &mut String) -> fmt::Result {
    let size = size.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Digits with a point before the last `scale` of them.
fn point(negative: bool, digits: String, scale: u8) -> String {
    let scale = usize::from(scale);
    let sign = if negative { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = scale.saturating_add(1));
    let (whole, part) = digits.split_at(digits.len().saturating_sub(scale));
    format!("{sign}{whole}.{part}")
}

/// A number of 256 bits, two's complement.
fn digits256(bytes: [u8; 32], scale: u8) -> String {
    let (words, _) = bytes.as_chunks::<4>();
    let mut words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let negative = words.last().is_some_and(|word| word.leading_ones() > 0);
    if negative {
        let mut carry = true;
        for word in &mut words {
            (*word, carry) = (!*word).overflowing_add(u32::from(carry));
        }
    }
    // Nine digits at a time, last first.
    let mut groups = Vec::new();
    while words.iter().any(|word| *word != 0) {
        let mut rest = 0_u64;
        for word in words.iter_mut().rev() {
            let all = rest.wrapping_shl(32) | u64::from(*word);
            *word = u32::try_from(all.div_euclid(1_000_000_000)).unwrap_or(u32::MAX);
            rest = all.rem_euclid(1_000_000_000);
        }
        groups.push(format!("{rest:09}"));
    }
    groups.reverse();
    let digits = groups.concat();
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    point(negative, digits.to_owned(), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Value {
        Value::String(s.as_bytes().to_vec())
    }

    #[test]
    fn objects_are_nested_again() {
        let object = |entries: &[(&str, Value)]| {
            let entries = entries.iter().map(|(p, v)| ((*p).to_owned(), v.clone()));
            Value::Json(entries.collect())
        };
        let inner = object(&[("x", Value::UInt(1)), ("y.z", text("q\"\n"))]);
        let value = object(&[
            ("a.b.c", Value::Int(-1)),
            ("a.b.d", Value::Array(vec![inner, object(&[]), Value::Null])),
            ("a.e", Value::Bool(true)),
            ("f", Value::Map(vec![(Value::UInt(1), Value::Float64(0.5))])),
            ("g.h", Value::Tuple(vec![])),
        ]);
        assert_eq!(
            value.to_json(),
            r#"{"a":{"b":{"c":-1,"d":[{"x":1,"y":{"z":"q\"\n"}},{},null]},"e":true},"f":{"1":0.5},"g":{"h":[]}}"#
        );
    }

    /// Numbers and texts as `SELECT … FORMAT JSONEachRow` prints them.
    #[test]
    fn plain_values_are_as_the_server_prints_them() {
        let mut minus = [0xff; 32];
        minus[0] = 0x83;
        let mut large = [0; 32];
        large[16] = 1;
        for (value, expected) in [
            (Value::Int256(minus), "-125"),
            (
                Value::Int256(large),
                "340282366920938463463374607431768211456",
            ),
            (Value::Int256([0; 32]), "0"),
            (
                Value::Decimal256 {
                    mantissa: minus,
                    scale: 2,
                },
                "-1.25",
            ),
            (
                Value::Decimal {
                    mantissa: -5,
                    scale: 3,
                },
                "-0.005",
            ),
            (Value::Float64(f64::NAN), "null"),
            (
                Value::Uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000),
                "\"550e8400-e29b-41d4-a716-446655440000\"",
            ),
            (Value::Date(19_724), "\"2024-01-02\""),
            (Value::Date(-25_567), "\"1900-01-01\""),
            (Value::DateTime(1_704_153_600), "\"2024-01-02 00:00:00\""),
            (
                Value::DateTime64 {
                    ticks: 1_704_153_600_123_456_789,
                    precision: 9,
                },
                "\"2024-01-02 00:00:00.123456789\"",
            ),
            (
                Value::DateTime64 {
                    ticks: -1,
                    precision: 3,
                },
                "\"1969-12-31 23:59:59.999\"",
            ),
            (
                Value::Time {
                    ticks: -45_296_789,
                    precision: 3,
                },
                "\"-12:34:56.789\"",
            ),
            (Value::Opaque(vec![1, 0xff]), "\"01ff\""),
        ] {
            assert_eq!(value.to_json(), expected);
        }
    }
}
