//! Whether a column can be written as a type: checked before anything is sent, since servers do not all check.

use super::data::ColumnData;
use super::layout::Layout;
use super::variant::VariantColumn;
use super::{state, vectors};
use crate::types::DataType;

/// Says why `data` cannot be written as `ty`, if it cannot.
pub(super) fn check(ty: &DataType, data: &ColumnData) -> Result<(), String> {
    let fits = match (Layout::of(ty), data) {
        (Layout::UInt8, ColumnData::UInt8(values)) => return check_bool(ty, values),
        (Layout::Int8, ColumnData::Int8(values)) => {
            return check_labels(ty, values.iter().map(|v| i16::from(*v)));
        }
        (Layout::Int16, ColumnData::Int16(values)) => {
            return check_labels(ty, values.iter().copied());
        }
        (Layout::UInt16, ColumnData::UInt16(_))
        | (Layout::UInt32, ColumnData::UInt32(_))
        | (Layout::UInt64, ColumnData::UInt64(_))
        | (Layout::UInt128, ColumnData::UInt128(_))
        | (Layout::Int32, ColumnData::Int32(_))
        | (Layout::Int64, ColumnData::Int64(_))
        | (Layout::Int128, ColumnData::Int128(_))
        | (Layout::Int256, ColumnData::Int256(_))
        | (Layout::Float32, ColumnData::Float32(_))
        | (Layout::Float64, ColumnData::Float64(_))
        | (Layout::Uuid, ColumnData::Uuid(_))
        | (Layout::Ipv6, ColumnData::Ipv6(_))
        | (Layout::String, ColumnData::String(_))
        | (Layout::Nothing, ColumnData::Nothing(_)) => true,
        (Layout::FixedString(width), ColumnData::FixedString(c)) => c.width == width,
        (Layout::FixedString(width), ColumnData::String(c)) => {
            return match c.iter().enumerate().find(|(_, value)| value.len() > width) {
                None => Ok(()),
                Some((row, value)) => Err(format!(
                    "row {row} has {} bytes, but {ty} holds {width}",
                    value.len()
                )),
            };
        }
        (Layout::Nullable(inner), ColumnData::Nullable(c)) => return check(inner, &c.values),
        (Layout::Nullable(inner), data) => return check(inner, data),
        (Layout::Array(inner), ColumnData::Array(c)) => return check(inner, &c.values),
        (Layout::Tuple(types), ColumnData::Tuple(c)) if types.len() == c.elements.len() => {
            for (i, (ty, data)) in types.iter().zip(&c.elements).enumerate() {
                check(ty, data).map_err(|e| format!("element {}: {e}", i.saturating_add(1)))?;
            }
            true
        }
        (Layout::Variant(types), ColumnData::Variant(c)) if types == c.types() => {
            return check_alternatives(c);
        }
        (Layout::Dynamic, ColumnData::Dynamic(c)) => return check_alternatives(&c.values),
        (Layout::Json(_), ColumnData::String(_)) => true,
        (Layout::Json(json), ColumnData::Json(c)) => return c.check(json),
        (Layout::State(function), ColumnData::State(c)) => return state::check(function, c),
        (Layout::Vectors(element, dimension, _), ColumnData::Array(c)) => {
            return vectors::check(element, dimension, c);
        }
        (Layout::LowCardinality(base, nullable), ColumnData::LowCardinality(c)) => {
            check(base, &c.dictionary)?;
            c.nullable == nullable
        }
        (Layout::LowCardinality(base, true), ColumnData::Nullable(c)) => {
            return check(base, &c.values);
        }
        (Layout::LowCardinality(base, _), data) => return check(base, data),
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "values of shape {} cannot be written as {ty}",
            data.shape()
        ))
    }
}

/// The values of each type. Those of a Dynamic that have their type with them are text of any kind.
fn check_alternatives(c: &VariantColumn) -> Result<(), String> {
    for (ty, data) in c.types.iter().zip(&c.columns) {
        check(ty, data).map_err(|e| format!("values of type {ty}: {e}"))?;
    }
    Ok(())
}

fn check_bool(ty: &DataType, values: &[u8]) -> Result<(), String> {
    let bad = |(_, value): &(usize, &u8)| **value > 1;
    match values.iter().enumerate().find(bad) {
        Some((row, value)) if *ty.resolve() == DataType::Bool => {
            Err(format!("row {row} is {value}, but a Bool is 0 or 1"))
        }
        _ => Ok(()),
    }
}

fn check_labels(ty: &DataType, values: impl Iterator<Item = i16>) -> Result<(), String> {
    let has_label = |value: i16| match ty.resolve() {
        DataType::Enum8(labels) => labels.iter().any(|(_, v)| i16::from(*v) == value),
        DataType::Enum16(labels) => labels.iter().any(|(_, v)| *v == value),
        _ => true,
    };
    if !matches!(ty.resolve(), DataType::Enum8(_) | DataType::Enum16(_)) {
        return Ok(());
    }
    for (row, value) in values.enumerate() {
        // 0 is what stands under a NULL, label or not.
        if value != 0 && !has_label(value) {
            return Err(format!("row {row} is {value}, for which {ty} has no label"));
        }
    }
    Ok(())
}
