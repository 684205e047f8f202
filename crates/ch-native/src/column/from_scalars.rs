//! Columns of plain types made of dynamic values.

use super::data::ColumnData;
use super::from_values::{Built, Wrong, kind};
use super::string::{FixedStringColumn, StringColumn};
use crate::types::{DataType, Value};

/// The column of `values` as `ty`, which has no type inside.
pub(super) fn scalars(ty: &DataType, values: Vec<Value>) -> Built {
    let ty = ty.resolve();
    Ok(match ty {
        DataType::UInt8 | DataType::Bool => ColumnData::UInt8(integers(ty, &values)?),
        DataType::UInt16 | DataType::Date => ColumnData::UInt16(integers(ty, &values)?),
        DataType::UInt32 | DataType::DateTime(_) | DataType::Ipv4 => {
            ColumnData::UInt32(integers(ty, &values)?)
        }
        DataType::UInt64 => ColumnData::UInt64(integers(ty, &values)?),
        DataType::UInt128 => ColumnData::UInt128(each(ty, &values, |v| match v {
            Value::UInt128(n) => Some(*n),
            other => integer(ty, other)?.try_into().ok(),
        })?),
        DataType::Int8 | DataType::Enum8(_) => ColumnData::Int8(integers(ty, &values)?),
        DataType::Int16 | DataType::Enum16(_) => ColumnData::Int16(integers(ty, &values)?),
        DataType::Int32 | DataType::Date32 | DataType::Time => {
            ColumnData::Int32(integers(ty, &values)?)
        }
        DataType::Int64
        | DataType::DateTime64(..)
        | DataType::Time64(_)
        | DataType::Interval(_) => ColumnData::Int64(integers(ty, &values)?),
        DataType::Int128 => ColumnData::Int128(integers(ty, &values)?),
        DataType::Int256 | DataType::UInt256 => {
            ColumnData::Int256(each(ty, &values, |v| wide(ty, v))?)
        }
        DataType::Decimal { precision, scale } => decimals(ty, *precision, *scale, &values)?,
        DataType::BFloat16 => {
            let bits = |v: &Value| u16::try_from(single(v)?.to_bits().wrapping_shr(16)).ok();
            ColumnData::UInt16(each(ty, &values, bits)?)
        }
        DataType::Float32 => ColumnData::Float32(each(ty, &values, single)?),
        DataType::Float64 => ColumnData::Float64(each(ty, &values, double)?),
        DataType::Uuid => ColumnData::Uuid(each(ty, &values, |v| match v {
            Value::Uuid(n) => Some(*n),
            other => integer(ty, other)?.try_into().ok(),
        })?),
        DataType::Ipv6 => ColumnData::Ipv6(each(ty, &values, |v| match v {
            Value::Ipv6(address) => Some(u128::from(*address)),
            other => integer(ty, other)?.try_into().ok(),
        })?),
        DataType::String => ColumnData::String(strings(ty, &values)?),
        DataType::FixedString(width) => fixed(ty, *width, &values)?,
        DataType::Nothing => {
            each(ty, &values, |v| (*v == Value::Null).then_some(()))?;
            ColumnData::Nothing(values.len())
        }
        DataType::AggregateFunction(function) => {
            let states = strings(ty, &values)?;
            let known = super::state::check(function, &states);
            known.map_err(|what| Wrong { at: 0, what })?;
            ColumnData::State(states)
        }
        other => {
            let what = format!("{other} is not a type that this crate writes");
            return Err(Wrong { at: 0, what });
        }
    })
}

fn each<T>(
    ty: &DataType,
    values: &[Value],
    convert: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, Wrong> {
    let one = |(at, value)| {
        convert(value).ok_or_else(|| Wrong {
            at,
            what: format!("{} that is no {ty}", kind(value)),
        })
    };
    values.iter().enumerate().map(one).collect()
}

fn integers<T: TryFrom<i128>>(ty: &DataType, values: &[Value]) -> Result<Vec<T>, Wrong> {
    each(ty, values, |v| integer(ty, v)?.try_into().ok())
}

/// The number that stands for `value` in a column of type `ty`.
fn integer(ty: &DataType, value: &Value) -> Option<i128> {
    Some(match (ty, value) {
        (DataType::Enum8(labels), Value::String(label)) => {
            let found = labels.iter().find(|(known, _)| known.as_bytes() == label)?;
            i128::from(found.1)
        }
        (DataType::Enum16(labels), Value::String(label)) => {
            let found = labels.iter().find(|(known, _)| known.as_bytes() == label)?;
            i128::from(found.1)
        }
        (DataType::Enum8(_) | DataType::Enum16(_), Value::Enum { value, .. }) => i128::from(*value),
        (DataType::Bool, Value::Bool(b)) => i128::from(*b),
        (DataType::Bool, _) => return None,
        (DataType::Date | DataType::Date32, Value::Date(days)) => i128::from(*days),
        (DataType::DateTime(_), Value::DateTime(seconds)) => i128::from(*seconds),
        (DataType::DateTime64(p, _), Value::DateTime64 { ticks, precision }) if p == precision => {
            i128::from(*ticks)
        }
        (
            DataType::Time,
            Value::Time {
                ticks,
                precision: 0,
            },
        ) => i128::from(*ticks),
        (DataType::Time64(p), Value::Time { ticks, precision }) if p == precision => {
            i128::from(*ticks)
        }
        (DataType::Interval(_), Value::Interval(n)) => i128::from(*n),
        (DataType::Ipv4, Value::Ipv4(address)) => i128::from(u32::from(*address)),
        (_, Value::UInt(n)) => i128::from(*n),
        (_, Value::Int(n)) => i128::from(*n),
        (_, Value::Int128(n)) => *n,
        (_, Value::UInt128(n)) => i128::try_from(*n).ok()?,
        _ => return None,
    })
}

/// A number as 256 bits.
fn wide(ty: &DataType, value: &Value) -> Option<[u8; 32]> {
    let (low, high) = match value {
        Value::Int256(bytes) => return Some(*bytes),
        Value::UInt128(n) => (n.to_le_bytes(), 0),
        other => {
            let n = integer(ty, other)?;
            if n < 0 && *ty == DataType::UInt256 {
                return None;
            }
            (n.to_le_bytes(), if n < 0 { 0xff } else { 0 })
        }
    };
    Some(extended(low, high))
}

/// A number of 128 bits and what fills the rest.
fn extended(low: [u8; 16], fill: u8) -> [u8; 32] {
    let mut out = [fill; 32];
    for (slot, byte) in out.iter_mut().zip(low) {
        *slot = byte;
    }
    out
}

fn decimals(ty: &DataType, precision: u8, scale: u8, values: &[Value]) -> Built {
    let mantissa = |v: &Value| {
        let (mantissa, given) = match v {
            Value::Decimal { mantissa, scale } => (*mantissa, *scale),
            other => (integer(ty, other)?, 0),
        };
        let raise = 10_i128.checked_pow(u32::from(scale.checked_sub(given)?))?;
        let mantissa = mantissa.checked_mul(raise)?;
        let digits = mantissa.unsigned_abs().checked_ilog10().unwrap_or(0);
        (digits < u32::from(precision)).then_some(mantissa)
    };
    Ok(match precision {
        0..=9 => ColumnData::Int32(each(ty, values, |v| mantissa(v)?.try_into().ok())?),
        10..=18 => ColumnData::Int64(each(ty, values, |v| mantissa(v)?.try_into().ok())?),
        19..=38 => ColumnData::Int128(each(ty, values, mantissa)?),
        39.. => ColumnData::Int256(each(ty, values, |v| match v {
            Value::Decimal256 {
                mantissa,
                scale: given,
            } => (*given == scale).then_some(*mantissa),
            other => {
                let n = mantissa(other)?;
                Some(extended(n.to_le_bytes(), if n < 0 { 0xff } else { 0 }))
            }
        })?),
    })
}

#[expect(
    clippy::as_conversions,
    reason = "rounding to the nearest float is what is meant, and no other conversion does it"
)]
fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Float64(v) => Some(*v),
        Value::Float32(v) => Some(f64::from(*v)),
        other => integer(&DataType::Int128, other).map(|n| n as f64),
    }
}

#[expect(
    clippy::as_conversions,
    reason = "rounding to the nearest float is what is meant, and no other conversion does it"
)]
fn single(value: &Value) -> Option<f32> {
    match value {
        Value::Float32(v) => Some(*v),
        other => double(other).map(|v| v as f32),
    }
}

fn strings(ty: &DataType, values: &[Value]) -> Result<StringColumn, Wrong> {
    let mut out = StringColumn::default();
    for (at, value) in values.iter().enumerate() {
        match value {
            Value::String(bytes) => out.push(bytes),
            Value::Enum {
                label: Some(label), ..
            } => out.push(label.as_bytes()),
            Value::Opaque(bytes) if *ty != DataType::String => out.push(bytes),
            other => {
                let what = format!("{} that is no {ty}", kind(other));
                return Err(Wrong { at, what });
            }
        }
    }
    Ok(out)
}

fn fixed(ty: &DataType, width: usize, values: &[Value]) -> Built {
    let strings = strings(ty, values)?;
    if let Some(at) = strings.iter().position(|value| value.len() > width) {
        let what = format!("a string that is longer than {width} bytes");
        return Err(Wrong { at, what });
    }
    match FixedStringColumn::new(width, strings.iter()) {
        Some(column) => Ok(ColumnData::FixedString(column)),
        None => Ok(ColumnData::String(strings)),
    }
}
