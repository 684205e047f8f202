//! Encoding a column: all prefixes of its tree, then all data.

use std::collections::HashMap;

use super::data::{ColumnData, LowCardinalityColumn};
use super::layout::Layout;
use super::low_cardinality::{FLAGS, VERSION};
use super::scalar::Scalar;
use super::string::StringColumn;
use super::{vectors, write_dynamic};
use crate::codec::prim::{put_string, to_u64};
use crate::codec::{Feature, Revision};
use crate::types::DataType;

/// What a revision says about columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Whether strings are all ends and then all bytes.
    pub(super) with_offsets: bool,
    /// Whether Dynamic and JSON are of version 2, not 1.
    pub(super) dynamic_v2: bool,
}

/// Appends `data` as a column of type `ty`; [`check`](super::check::check) has found that it fits. Values that are not
/// nullable may go into a Nullable, plain values into a LowCardinality, and texts into a JSON.
pub(super) fn write(ty: &DataType, data: &ColumnData, revision: Revision, out: &mut Vec<u8>) {
    let form = Form {
        with_offsets: revision.has(Feature::StringsWithOffsets),
        dynamic_v2: revision.has(Feature::DynamicV2),
    };
    if !data.is_empty() {
        prefix(ty, data, form, out);
        body(ty, data, form, out);
    }
}

pub(super) fn prefix(ty: &DataType, data: &ColumnData, form: Form, out: &mut Vec<u8>) {
    match (Layout::of(ty), data) {
        (Layout::LowCardinality(..), _) => out.extend_from_slice(&VERSION.to_le_bytes()),
        (Layout::Nullable(inner), ColumnData::Nullable(c)) => prefix(inner, &c.values, form, out),
        (Layout::Nullable(inner), values) => prefix(inner, values, form, out),
        (Layout::Array(inner), ColumnData::Array(c)) => prefix(inner, &c.values, form, out),
        (Layout::Tuple(types), ColumnData::Tuple(c)) => {
            for (ty, data) in types.iter().zip(&c.elements) {
                prefix(ty, data, form, out);
            }
        }
        (Layout::Variant(_) | Layout::Dynamic | Layout::Json(_), _) => {
            write_dynamic::prefix(data, form, out);
        }
        _ => {}
    }
}

pub(super) fn body(ty: &DataType, data: &ColumnData, form: Form, out: &mut Vec<u8>) {
    match (Layout::of(ty), data) {
        (Layout::Nullable(inner), ColumnData::Nullable(c)) => {
            out.extend(c.nulls.iter().map(|null| u8::from(*null != 0)));
            body(inner, &c.values, form, out);
        }
        (Layout::Nullable(inner), values) => {
            out.resize(out.len().saturating_add(values.len()), 0);
            body(inner, values, form, out);
        }
        // Without values at this level there is not even a dictionary.
        (Layout::LowCardinality(..), data) if data.is_empty() => {}
        (Layout::LowCardinality(base, _), ColumnData::LowCardinality(c)) => {
            coded(base, c, out);
        }
        (Layout::LowCardinality(base, nullable), values) => {
            low_cardinality(base, nullable, values, out);
        }
        (Layout::Array(inner), ColumnData::Array(c)) => {
            Scalar::put(&c.ends, out);
            body(inner, &c.values, form, out);
        }
        (Layout::Tuple(types), ColumnData::Tuple(c)) if !types.is_empty() => {
            for (ty, data) in types.iter().zip(&c.elements) {
                body(ty, data, form, out);
            }
        }
        (Layout::Variant(_) | Layout::Dynamic | Layout::Json(_), data) => {
            write_dynamic::body(data, form, out);
        }
        (Layout::Vectors(element, dimension, group), ColumnData::Array(c)) => {
            vectors::write(element, dimension, group, c, out);
        }
        (Layout::FixedString(width), ColumnData::String(c)) => padded(c, width, out),
        (_, data) => flat(data, form, out),
    }
}

/// Shapes without a type of their own inside.
fn flat(data: &ColumnData, form: Form, out: &mut Vec<u8>) {
    match data {
        ColumnData::UInt8(v) => Scalar::put(v, out),
        ColumnData::UInt16(v) => Scalar::put(v, out),
        ColumnData::UInt32(v) => Scalar::put(v, out),
        ColumnData::UInt64(v) => Scalar::put(v, out),
        ColumnData::UInt128(v) => Scalar::put(v, out),
        ColumnData::Int8(v) => Scalar::put(v, out),
        ColumnData::Int16(v) => Scalar::put(v, out),
        ColumnData::Int32(v) => Scalar::put(v, out),
        ColumnData::Int64(v) => Scalar::put(v, out),
        ColumnData::Int128(v) => Scalar::put(v, out),
        ColumnData::Int256(v) => Scalar::put(v, out),
        ColumnData::Float32(v) => Scalar::put(v, out),
        ColumnData::Float64(v) => Scalar::put(v, out),
        ColumnData::Uuid(v) => {
            v.iter()
                .for_each(|v| out.extend_from_slice(&v.rotate_left(64).to_le_bytes()));
        }
        ColumnData::Ipv6(v) => v
            .iter()
            .for_each(|v| out.extend_from_slice(&v.to_be_bytes())),
        ColumnData::String(c) => c.put(form.with_offsets, out),
        ColumnData::FixedString(c) => out.extend_from_slice(&c.bytes),
        // The placeholder that servers write.
        ColumnData::Nothing(_) | ColumnData::Tuple(_) => {
            out.resize(out.len().saturating_add(data.len()), b'0');
        }
        ColumnData::State(c) => out.extend_from_slice(c.bytes()),
        ColumnData::Nullable(_)
        | ColumnData::Array(_)
        | ColumnData::LowCardinality(_)
        | ColumnData::Variant(_)
        | ColumnData::Dynamic(_)
        | ColumnData::Json(_) => {}
    }
}

fn padded(c: &StringColumn, width: usize, out: &mut Vec<u8>) {
    for value in c.iter() {
        let end = out.len().saturating_add(width);
        out.extend_from_slice(value);
        out.resize(end, 0);
    }
}

/// Dictionaries keep the older layout of strings at every revision, and hold nothing else that has several.
const DICTIONARY: Form = Form {
    with_offsets: false,
    dynamic_v2: false,
};

/// A dictionary that is there already.
fn coded(base: &DataType, c: &LowCardinalityColumn, out: &mut Vec<u8>) {
    head(c.dictionary.len(), out);
    body(base, &c.dictionary, DICTIONARY, out);
    keys(&c.keys, c.dictionary.len(), out);
}

/// Makes a dictionary: slot 0 is the default value, or NULL and then slot 1 the default, as the server does it.
fn low_cardinality(base: &DataType, nullable: bool, values: &ColumnData, out: &mut Vec<u8>) {
    let (nulls, values) = match values {
        ColumnData::Nullable(c) => (Some(&c.nulls), &c.values),
        other => (None, other),
    };
    let mut wire = Vec::new();
    let strings = match values {
        ColumnData::String(c) if matches!(Layout::of(base), Layout::String) => Some(c),
        other => {
            body(base, other, DICTIONARY, &mut wire);
            None
        }
    };
    let rows = values.len();
    let width = wire.len().checked_div(rows).unwrap_or(0);
    let zeros = vec![0; width];
    let mut slots: Vec<&[u8]> = vec![&zeros; if nullable { 2 } else { 1 }];
    let default_slot = u32::from(nullable);
    let mut known: HashMap<&[u8], u32> = HashMap::from([(zeros.as_slice(), default_slot)]);
    let mut row_keys = Vec::new();
    for row in 0..rows {
        if nulls
            .and_then(|nulls| nulls.get(row))
            .is_some_and(|null| *null != 0)
        {
            row_keys.push(0);
            continue;
        }
        let value = match strings {
            Some(c) => c.get(row),
            None => row
                .checked_mul(width)
                .and_then(|at| wire.get(at..at.checked_add(width)?)),
        };
        let value = value.unwrap_or_default();
        let key = *known.entry(value).or_insert_with(|| {
            slots.push(value);
            u32::try_from(slots.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        row_keys.push(key);
    }
    head(slots.len(), out);
    for slot in &slots {
        if strings.is_some() {
            put_string(out, slot);
        } else {
            out.extend_from_slice(slot);
        }
    }
    keys(&row_keys, slots.len(), out);
}

/// The code of the width that the server takes for a dictionary of `size`.
fn key_width(size: usize) -> u64 {
    match size {
        0..=255 => 0,
        256..=65_535 => 1,
        _ => 2,
    }
}

fn head(size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&(FLAGS | key_width(size)).to_le_bytes());
    out.extend_from_slice(&to_u64(size).to_le_bytes());
}

fn keys(keys: &[u32], size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&to_u64(keys.len()).to_le_bytes());
    for key in keys {
        let [a, b, c, d] = key.to_le_bytes();
        match key_width(size) {
            0 => out.push(a),
            1 => out.extend_from_slice(&[a, b]),
            _ => out.extend_from_slice(&[a, b, c, d]),
        }
    }
}
