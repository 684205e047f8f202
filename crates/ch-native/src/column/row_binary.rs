//! Values that stand alone, in `RowBinary`, with their type before them: what `Dynamic` and `JSON` keep together.
//!
//! Plain values are as in columns; a String has its length before it, an array its count, a Nullable a byte that says
//! whether it is NULL, a Variant the number of its type, a Dynamic its type (`Nothing` is NULL), a JSON the count of its
//! paths and for each the path and a Dynamic.
//!
//! Source: ClickHouse, the `serializeBinary` methods in `src/DataTypes/Serializations`, and bytes of the engine 26.9.

use wire_core::{DecodeError, Reader};

use super::cell::Cell;
use super::kind::Kind;
use super::read::{Context, Terms, reader};
use crate::codec::prim::{Step, lossy, string, to_u64};
use crate::types::{self, DataType, Value};

/// The value with its type before it, as `Dynamic` and `JSON` keep those that have no column. Bytes that make no sense
/// are kept as they are.
pub(super) fn shared(bytes: &[u8]) -> Value {
    let mut r = Reader::new(bytes);
    match with_type(&mut r, types::DEFAULT_DEPTH) {
        Ok(value) if r.is_empty() => value,
        _ => Value::Opaque(bytes.to_vec()),
    }
}

/// A value with its type before it, nested up to `depth` levels.
fn with_type(r: &mut Reader<'_>, depth: u32) -> Result<Value, DecodeError> {
    let ty = types::read_binary(r, depth)?;
    match ty {
        DataType::Nothing => Ok(Value::Null),
        ty => value(&ty, r, depth),
    }
}

/// A value of type `ty`. Calls itself for each level, so what takes stack is elsewhere.
fn value(ty: &DataType, r: &mut Reader<'_>, depth: u32) -> Result<Value, DecodeError> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(r.invalid("value", 0, "is nested too deeply"));
    };
    match ty.resolve() {
        DataType::Nullable(inner) => match r.u8("null")? {
            0 => value(inner, r, depth),
            _ => Ok(Value::Null),
        },
        DataType::LowCardinality(inner) => value(inner, r, depth),
        DataType::Array(inner) | DataType::Nested(inner) => array(inner, r, depth),
        DataType::QBit { element, .. } => array(element, r, depth),
        DataType::Map(entry) => array(entry, r, depth).map(map),
        DataType::Tuple(elements) if !elements.is_empty() => tuple(elements, r, depth),
        // Every value takes at least a byte, so that what is made of some bytes is bounded by them.
        DataType::Tuple(_) | DataType::Nothing => Err(r.invalid("value", 0, "has no bytes")),
        DataType::Variant(types) => variant(types, r, depth),
        DataType::Dynamic { .. } => with_type(r, depth),
        DataType::Json(json) => object(json, r, depth),
        _ => plain(ty, r),
    }
}

fn array(inner: &DataType, r: &mut Reader<'_>, depth: u32) -> Result<Value, DecodeError> {
    let count = r.leb128("array.count")?;
    let count = r.count("array.count", count, 1)?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(value(inner, r, depth)?);
    }
    Ok(Value::Array(items))
}

fn tuple(
    elements: &[(Option<String>, DataType)],
    r: &mut Reader<'_>,
    depth: u32,
) -> Result<Value, DecodeError> {
    let mut items = Vec::new();
    for (_, ty) in elements {
        items.push(value(ty, r, depth)?);
    }
    Ok(Value::Tuple(items))
}

fn variant(types: &[DataType], r: &mut Reader<'_>, depth: u32) -> Result<Value, DecodeError> {
    let number = r.u8("type of a value")?;
    match types.get(usize::from(number)) {
        Some(ty) => value(ty, r, depth),
        None if number == 255 => Ok(Value::Null),
        None => Err(r.invalid("type of a value", 1, "is none of the Variant")),
    }
}

/// An array of pairs as a map.
fn map(entries: Value) -> Value {
    match entries {
        Value::Array(pairs) => Value::Map(pairs.into_iter().filter_map(pair).collect()),
        other => other,
    }
}

fn pair(entry: Value) -> Option<(Value, Value)> {
    match entry {
        Value::Tuple(pair) => <[Value; 2]>::try_from(pair).ok().map(|[k, v]| (k, v)),
        _ => None,
    }
}

fn object(json: &types::JsonType, r: &mut Reader<'_>, depth: u32) -> Result<Value, DecodeError> {
    let count = r.leb128("json.paths")?;
    let count = r.count("json.paths", count, 2)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let path = lossy(string(r, "json.path", to_u64(r.left()))?);
        let value = match json.typed.iter().find(|(typed, _)| *typed == path) {
            Some((_, ty)) => value(ty, r, depth)?,
            None => with_type(r, depth)?,
        };
        entries.push((path, value));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Value::Json(entries))
}

/// A value that looks as in a column of one row.
fn plain(ty: &DataType, r: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let terms = Terms {
        with_offsets: false,
        depth: 1,
        max_type_bytes: 0,
        max_name_bytes: 0,
    };
    let limit = to_u64(r.left()).saturating_add(64);
    let mut left = limit;
    let mut cx = Context {
        left: &mut left,
        limit,
    };
    let mut column = reader(ty, &Kind::Default, terms)?;
    column.start(1, &mut cx)?;
    if column.data(r, &mut cx)? == Step::More {
        return Err(r.short("value", 1));
    }
    Ok(Cell::new(ty, &column.finish(), 0).to_value())
}
