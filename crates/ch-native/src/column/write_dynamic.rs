//! Encoding of `Variant`, `Dynamic` and `JSON`; the layouts are in `variant.rs`, `dynamic.rs` and `json.rs`.

use super::data::ColumnData;
use super::dynamic::{self, DynamicColumn, MAX_OWN_TYPES, order};
use super::json::{JsonColumn, JsonForm};
use super::read_json;
use super::scalar::Scalar;
use super::variant::{NULL, VariantColumn};
use super::write::{self, Form};
use crate::codec::prim::{put_string, put_varint, to_u64};
use crate::types::DataType;

/// NULL in Variants, and in Dynamics of versions 1 and 2.
const NULL_BYTE: u8 = 255;

/// What goes before the data.
pub(super) fn prefix(data: &ColumnData, form: Form, out: &mut Vec<u8>) {
    match data {
        ColumnData::Variant(c) => {
            put_u64(out, 0);
            for (ty, column) in c.types.iter().zip(&c.columns) {
                write::prefix(ty, column, form, out);
            }
        }
        ColumnData::Dynamic(c) => dynamic_prefix(c, form, out),
        ColumnData::Json(c) => json_prefix(c, form, out),
        // Texts for a JSON.
        _ => put_u64(out, read_json::TEXT),
    }
}

pub(super) fn body(data: &ColumnData, form: Form, out: &mut Vec<u8>) {
    match data {
        ColumnData::Variant(c) => variant(c, form, out),
        ColumnData::Dynamic(c) => dynamic(c, form, out),
        ColumnData::Json(c) => json(c, form, out),
        ColumnData::String(texts) => texts.put(false, out),
        _ => {}
    }
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn variant(c: &VariantColumn, form: Form, out: &mut Vec<u8>) {
    let byte = |tag: &u16| u8::try_from(*tag).unwrap_or(NULL_BYTE);
    out.extend(c.tags.iter().map(byte));
    for (ty, column) in c.types.iter().zip(&c.columns) {
        write::body(ty, column, form, out);
    }
}

/// More types than versions 1 and 2 can tell apart: the flattened form has no such limit.
fn is_flattened(c: &DynamicColumn) -> bool {
    c.types().len() > MAX_OWN_TYPES
}

fn names(c: &DynamicColumn) -> Vec<String> {
    c.types().iter().map(ToString::to_string).collect()
}

fn dynamic_prefix(c: &DynamicColumn, form: Form, out: &mut Vec<u8>) {
    let names = names(c);
    let count = to_u64(names.len());
    let types = c.types();
    if is_flattened(c) {
        put_u64(out, dynamic::FLATTENED);
        put_varint(out, count);
        names
            .iter()
            .for_each(|name| put_string(out, name.as_bytes()));
        for (ty, column) in types.iter().zip(&c.values.columns) {
            write::prefix(ty, column, form, out);
        }
        return;
    }
    if form.dynamic_v2 {
        put_u64(out, dynamic::V2);
    } else {
        put_u64(out, dynamic::V1);
        put_varint(out, count);
    }
    put_varint(out, count);
    let order = order(&names);
    for name in order.iter().filter_map(|index| names.get(*index)) {
        put_string(out, name.as_bytes());
    }
    // The mode of the Variant that it is inside.
    put_u64(out, 0);
    for index in order {
        if let (Some(ty), Some(column)) = (types.get(index), c.values.columns.get(index)) {
            write::prefix(ty, column, form, out);
        }
    }
}

fn dynamic(c: &DynamicColumn, form: Form, out: &mut Vec<u8>) {
    let types = c.types();
    let tags = &c.values.tags;
    if is_flattened(c) {
        let null = u16::try_from(types.len()).unwrap_or(NULL);
        let tags: Vec<u16> = tags.iter().map(|tag| (*tag).min(null)).collect();
        if null <= 0xff {
            out.extend(
                tags.iter()
                    .map(|tag| u8::try_from(*tag).unwrap_or(NULL_BYTE)),
            );
        } else {
            Scalar::put(&tags, out);
        }
        for (ty, column) in types.iter().zip(&c.values.columns) {
            write::body(ty, column, form, out);
        }
        return;
    }
    let order = order(&names(c));
    let mut numbers = vec![NULL_BYTE; order.len()];
    for (number, index) in (0..NULL_BYTE).zip(&order) {
        if let Some(slot) = numbers.get_mut(*index) {
            *slot = number;
        }
    }
    let number = |tag: &u16| numbers.get(usize::from(*tag)).copied().unwrap_or(NULL_BYTE);
    out.extend(tags.iter().map(number));
    for index in order {
        let ty = types.get(index).unwrap_or(&DataType::String);
        if let Some(column) = c.values.columns.get(index) {
            write::body(ty, column, form, out);
        }
    }
}

fn json_prefix(c: &JsonColumn, form: Form, out: &mut Vec<u8>) {
    let JsonForm::Paths { typed, dynamic, .. } = &c.form else {
        put_u64(out, read_json::TEXT);
        return;
    };
    let count = to_u64(dynamic.len());
    if form.dynamic_v2 {
        put_u64(out, read_json::V2);
    } else {
        put_u64(out, read_json::V1);
        put_varint(out, count);
    }
    put_varint(out, count);
    dynamic
        .iter()
        .for_each(|p| put_string(out, p.path.as_bytes()));
    for path in typed.iter().chain(dynamic) {
        write::prefix(&path.ty, &path.data, form, out);
    }
}

fn json(c: &JsonColumn, form: Form, out: &mut Vec<u8>) {
    match &c.form {
        JsonForm::Text(texts) => texts.put(false, out),
        JsonForm::Paths {
            typed,
            dynamic,
            shared,
            ..
        } => {
            for path in typed.iter().chain(dynamic) {
                write::body(&path.ty, &path.data, form, out);
            }
            Scalar::put(&shared.ends, out);
            shared.paths.put(false, out);
            shared.values.put(false, out);
        }
    }
}
