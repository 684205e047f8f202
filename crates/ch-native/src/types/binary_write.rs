//! Types in binary form: writing, and the codes.

use super::parse::function_parts;
use super::{DataType, JsonType, literal};
use crate::codec::prim::{put_string, put_varint, to_u64};

/// `max_types` of a Dynamic and `max_dynamic_types` of a JSON, where the name of the type says nothing.
pub(super) const DEFAULT_MAX_TYPES: u8 = 32;
/// `max_dynamic_paths` of a JSON, where the name of the type says nothing.
pub(super) const DEFAULT_MAX_PATHS: u64 = 1024;

/// Units of `Interval…` in the order of their codes.
pub(super) const UNITS: [&str; 11] = [
    "Nanosecond",
    "Microsecond",
    "Millisecond",
    "Second",
    "Minute",
    "Hour",
    "Day",
    "Week",
    "Month",
    "Quarter",
    "Year",
];

/// Types whose code is all there is.
pub(super) static SIMPLE: [(u8, DataType); 25] = [
    (0x00, DataType::Nothing),
    (0x01, DataType::UInt8),
    (0x02, DataType::UInt16),
    (0x03, DataType::UInt32),
    (0x04, DataType::UInt64),
    (0x05, DataType::UInt128),
    (0x06, DataType::UInt256),
    (0x07, DataType::Int8),
    (0x08, DataType::Int16),
    (0x09, DataType::Int32),
    (0x0a, DataType::Int64),
    (0x0b, DataType::Int128),
    (0x0c, DataType::Int256),
    (0x0d, DataType::Float32),
    (0x0e, DataType::Float64),
    (0x0f, DataType::Date),
    (0x10, DataType::Date32),
    (0x11, DataType::DateTime(None)),
    (0x15, DataType::String),
    (0x1d, DataType::Uuid),
    (0x28, DataType::Ipv4),
    (0x29, DataType::Ipv6),
    (0x2d, DataType::Bool),
    (0x31, DataType::BFloat16),
    (0x32, DataType::Time),
];

type Written = Result<(), String>;

/// Appends `ty`; an error names the part that has no binary form.
pub(super) fn write_binary(ty: &DataType, out: &mut Vec<u8>) -> Written {
    if let Some((code, _)) = SIMPLE.iter().find(|(_, known)| known == ty) {
        out.push(*code);
        return Ok(());
    }
    match ty {
        DataType::Array(inner) => wrapped(0x1e, inner, out),
        DataType::Nullable(inner) => wrapped(0x23, inner, out),
        DataType::LowCardinality(inner) => wrapped(0x26, inner, out),
        DataType::Map(entry) => match &**entry {
            DataType::Tuple(pair) => {
                out.push(0x27);
                pair.iter().try_for_each(|(_, ty)| write_binary(ty, out))
            }
            other => Err(other.to_string()),
        },
        DataType::Tuple(elements) if elements.iter().all(|(name, _)| name.is_some()) => {
            named(if elements.is_empty() { 0x1f } else { 0x20 }, elements, out)
        }
        DataType::Tuple(elements) => {
            out.push(0x1f);
            put_varint(out, to_u64(elements.len()));
            elements
                .iter()
                .try_for_each(|(_, ty)| write_binary(ty, out))
        }
        DataType::Nested(inner) => match &**inner {
            DataType::Tuple(elements) => named(0x2f, elements, out),
            other => Err(other.to_string()),
        },
        DataType::Variant(types) => many(0x2a, types, out),
        DataType::Json(json) => write_json(json, out),
        DataType::AggregateFunction(function) => {
            out.push(0x25);
            put_varint(out, function.version.unwrap_or(0));
            put_string(out, function.name.as_bytes());
            literals(&function.parameters, out)?;
            all(&function.arguments, out)
        }
        DataType::QBit {
            element,
            dimension,
            stride,
        } => {
            out.push(if stride.is_some() { 0x37 } else { 0x36 });
            write_binary(element, out)?;
            put_varint(out, to_u64(*dimension));
            if let Some(stride) = stride {
                put_varint(out, to_u64(*stride));
            }
            Ok(())
        }
        DataType::Alias { name, .. } => write_alias(name, out),
        other => write_leaf(other, out),
    }
}

/// A `SimpleAggregateFunction`, or a name and nothing else.
fn write_alias(name: &str, out: &mut Vec<u8>) -> Written {
    let Some(function) = function_parts(name) else {
        out.push(0x2c);
        put_string(out, name.as_bytes());
        return Ok(());
    };
    out.push(0x2e);
    put_string(out, function.name.as_bytes());
    literals(&function.parameters, out)?;
    all(&function.arguments, out)
}

fn wrapped(code: u8, inner: &DataType, out: &mut Vec<u8>) -> Written {
    out.push(code);
    write_binary(inner, out)
}

fn many(code: u8, types: &[DataType], out: &mut Vec<u8>) -> Written {
    out.push(code);
    all(types, out)
}

fn all(types: &[DataType], out: &mut Vec<u8>) -> Written {
    put_varint(out, to_u64(types.len()));
    types.iter().try_for_each(|ty| write_binary(ty, out))
}

fn named(code: u8, elements: &[(Option<String>, DataType)], out: &mut Vec<u8>) -> Written {
    out.push(code);
    put_varint(out, to_u64(elements.len()));
    elements.iter().try_for_each(|(name, ty)| {
        put_string(out, name.as_deref().unwrap_or_default().as_bytes());
        write_binary(ty, out)
    })
}

fn literals(parameters: &[String], out: &mut Vec<u8>) -> Written {
    put_varint(out, to_u64(parameters.len()));
    parameters
        .iter()
        .try_for_each(|text| literal::write(text, out))
}

fn strings(texts: &[String], out: &mut Vec<u8>) {
    put_varint(out, to_u64(texts.len()));
    texts
        .iter()
        .for_each(|text| put_string(out, text.as_bytes()));
}

fn write_json(json: &JsonType, out: &mut Vec<u8>) -> Written {
    out.extend_from_slice(&[0x30, 0]);
    put_varint(out, json.max_dynamic_paths.unwrap_or(DEFAULT_MAX_PATHS));
    out.push(json.max_dynamic_types.unwrap_or(DEFAULT_MAX_TYPES));
    put_varint(out, to_u64(json.typed.len()));
    json.typed.iter().try_for_each(|(path, ty)| {
        put_string(out, path.as_bytes());
        write_binary(ty, out)
    })?;
    strings(&json.skip, out);
    strings(&json.skip_regexp, out);
    Ok(())
}

fn write_leaf(ty: &DataType, out: &mut Vec<u8>) -> Written {
    match ty {
        DataType::DateTime(zone) => {
            out.push(0x12);
            put_string(out, zone.as_deref().unwrap_or_default().as_bytes());
        }
        DataType::DateTime64(precision, None) => out.extend_from_slice(&[0x13, *precision]),
        DataType::DateTime64(precision, Some(zone)) => {
            out.extend_from_slice(&[0x14, *precision]);
            put_string(out, zone.as_bytes());
        }
        DataType::FixedString(width) => {
            out.push(0x16);
            put_varint(out, to_u64(*width));
        }
        DataType::Enum8(labels) => {
            out.push(0x17);
            put_varint(out, to_u64(labels.len()));
            for (label, value) in labels {
                put_string(out, label.as_bytes());
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
        DataType::Enum16(labels) => {
            out.push(0x18);
            put_varint(out, to_u64(labels.len()));
            for (label, value) in labels {
                put_string(out, label.as_bytes());
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
        DataType::Decimal { precision, scale } => {
            let code = match precision {
                0..=9 => 0x19,
                10..=18 => 0x1a,
                19..=38 => 0x1b,
                39.. => 0x1c,
            };
            out.extend_from_slice(&[code, *precision, *scale]);
        }
        DataType::Interval(unit) => {
            let code = (0_u8..).zip(UNITS).find(|(_, known)| known == unit);
            let (code, _) = code.ok_or_else(|| ty.to_string())?;
            out.extend_from_slice(&[0x22, code]);
        }
        DataType::Dynamic { max_types } => {
            out.extend_from_slice(&[0x2b, max_types.unwrap_or(DEFAULT_MAX_TYPES)]);
        }
        DataType::Time64(precision) => out.extend_from_slice(&[0x34, *precision]),
        other => return Err(other.to_string()),
    }
    Ok(())
}
