//! Columns of a given type made of dynamic values.

use super::block::Block;
use super::data::{ArrayColumn, ColumnData, NullableColumn, TupleColumn};
use super::from_dynamic::{dynamic, objects, variant};
use super::from_scalars::scalars;
use super::layout::Layout;
use crate::codec::prim::to_u64;
use crate::error::{Error, ErrorKind};
use crate::types::{DataType, Value};

/// A value that cannot be of the type.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Index of the value at the level where the error is now.
    pub(super) at: usize,
    pub(super) what: String,
}

pub(super) type Built = Result<ColumnData, Wrong>;

impl ColumnData {
    /// The column of `values` as type `ty`: the other way round of [`Cell::to_value`](super::Cell::to_value).
    ///
    /// Each type takes the values that it gives, and where nothing is lost also others: whole numbers of any width, labels
    /// of enums as text, decimals of a smaller scale, `Float64` for `Float32` (rounded), arrays of pairs for a `Map`, text
    /// for a `JSON` if all values are text. A `Variant` takes the first of its types that gives the same value back, a
    /// `Dynamic` and the paths of a `JSON` the type that fits the value best: `UInt64`, `Int64`, `Float64`, `String`,
    /// `Date32`, `Decimal` of 38 digits, and arrays, tuples and maps of these.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the first value that the type cannot hold, by its index.
    pub fn from_values(
        ty: &DataType,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Self, Error> {
        build(ty, values.into_iter().collect()).map_err(|wrong| {
            let text = format!("value {} for {ty}: {}", wrong.at, wrong.what);
            Error::new(ErrorKind::Type, text)
        })
    }
}

impl Block {
    /// Adds a column of type `ty`, made of dynamic values as by [`ColumnData::from_values`].
    ///
    /// # Errors
    /// As [`Self::with_typed`] and [`ColumnData::from_values`]; the text names the column.
    pub fn with_values(
        self,
        name: &str,
        ty: DataType,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Self, Error> {
        let data = build(&ty, values.into_iter().collect()).map_err(|wrong| {
            let text = format!("column {name}, value {} for {ty}: {}", wrong.at, wrong.what);
            Error::new(ErrorKind::Type, text)
        })?;
        self.with_typed(name, ty, data)
    }
}

/// Calls itself for each level of the type, so what takes stack is elsewhere.
pub(super) fn build(ty: &DataType, values: Vec<Value>) -> Built {
    match Layout::of(ty) {
        Layout::Nullable(inner) => nullable(inner, values),
        // The dictionary is made when the column is written.
        Layout::LowCardinality(base, true) => nullable(base, values),
        Layout::LowCardinality(base, false) => build(base, values),
        Layout::Array(inner) => arrays(inner, values),
        Layout::Vectors(element, _, _) => arrays(element, values),
        Layout::Tuple(types) => tuples(&types, values),
        Layout::Variant(types) => variant(types, values),
        Layout::Dynamic => dynamic(values),
        Layout::Json(json) => objects(json, values),
        _ => scalars(ty, values),
    }
}

fn nullable(inner: &DataType, values: Vec<Value>) -> Built {
    let nulls: Vec<u8> = values.iter().map(|v| u8::from(*v == Value::Null)).collect();
    let values = values.into_iter().map(|value| match value {
        Value::Null => zero(inner),
        other => other,
    });
    let values = build(inner, values.collect())?;
    // A Nullable(Nothing) has its NULLs inside; a Variant and a Dynamic cannot be in a Nullable.
    Ok(ColumnData::Nullable(Box::new(NullableColumn {
        nulls,
        values,
    })))
}

/// What stands where nothing is.
pub(super) fn zero(ty: &DataType) -> Value {
    match ty.resolve() {
        DataType::Float32 | DataType::Float64 | DataType::BFloat16 => Value::Float64(0.0),
        DataType::Bool => Value::Bool(false),
        DataType::String | DataType::FixedString(_) => Value::String(Vec::new()),
        DataType::Array(_) | DataType::Nested(_) => Value::Array(Vec::new()),
        DataType::QBit {
            element, dimension, ..
        } => Value::Array(vec![zero(element); *dimension]),
        DataType::Map(_) => Value::Map(Vec::new()),
        DataType::Tuple(elements) => {
            Value::Tuple(elements.iter().map(|(_, ty)| zero(ty)).collect())
        }
        DataType::LowCardinality(inner) => zero(inner),
        DataType::Json(json) => {
            let typed = json.typed.iter();
            Value::Json(typed.map(|(path, ty)| (path.clone(), zero(ty))).collect())
        }
        DataType::Nullable(_) | DataType::Variant(_) | DataType::Dynamic { .. } => Value::Null,
        DataType::Nothing => Value::Null,
        _ => Value::UInt(0),
    }
}

/// The elements of arrays, and of maps as pairs.
fn items(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Map(entries) => {
            let pairs = entries.into_iter();
            Some(pairs.map(|(k, v)| Value::Tuple(vec![k, v])).collect())
        }
        _ => None,
    }
}

fn arrays(inner: &DataType, values: Vec<Value>) -> Built {
    let (ends, all) = flattened(values)?;
    match build(inner, all) {
        Ok(values) => Ok(ColumnData::Array(Box::new(ArrayColumn { ends, values }))),
        Err(wrong) => Err(in_array(&ends, wrong)),
    }
}

/// Where the elements of each array end, and the elements of all.
fn flattened(values: Vec<Value>) -> Result<(Vec<u64>, Vec<Value>), Wrong> {
    let mut ends = Vec::with_capacity(values.len());
    let mut all = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        let shown = kind(&value);
        let Some(items) = items(value) else {
            let what = format!("expected an array, found {shown}");
            return Err(Wrong { at, what });
        };
        all.extend(items);
        ends.push(to_u64(all.len()));
    }
    Ok((ends, all))
}

/// The error of an element as that of the array that it is in.
fn in_array(ends: &[u64], wrong: Wrong) -> Wrong {
    Wrong {
        at: ends.partition_point(|end| *end <= to_u64(wrong.at)),
        what: format!("an element: {}", wrong.what),
    }
}

fn tuples(types: &[&DataType], values: Vec<Value>) -> Built {
    let rows = values.len();
    let columns = transposed(types.len(), values)?;
    let mut elements = Vec::with_capacity(types.len());
    for (ty, column) in types.iter().zip(columns) {
        match build(ty, column) {
            Ok(element) => elements.push(element),
            Err(wrong) => return Err(in_element(elements.len(), wrong)),
        }
    }
    Ok(ColumnData::Tuple(TupleColumn { rows, elements }))
}

/// The elements of all tuples, by their place.
fn transposed(len: usize, values: Vec<Value>) -> Result<Vec<Vec<Value>>, Wrong> {
    let mut columns: Vec<Vec<Value>> = (0..len).map(|_| Vec::with_capacity(values.len())).collect();
    for (at, value) in values.into_iter().enumerate() {
        match value {
            Value::Tuple(items) if items.len() == len => {
                for (column, item) in columns.iter_mut().zip(items) {
                    column.push(item);
                }
            }
            other => {
                let what = format!("expected a tuple of {len}, found {}", kind(&other));
                return Err(Wrong { at, what });
            }
        }
    }
    Ok(columns)
}

fn in_element(index: usize, wrong: Wrong) -> Wrong {
    Wrong {
        at: wrong.at,
        what: format!("element {}: {}", index.saturating_add(1), wrong.what),
    }
}

/// What a value is, for errors; not the value itself, which may be long or secret.
pub(super) fn kind(value: &Value) -> String {
    let kind = match value {
        Value::Null => "NULL",
        Value::Bool(_) => "a Bool",
        Value::UInt(_)
        | Value::Int(_)
        | Value::UInt128(_)
        | Value::Int128(_)
        | Value::Int256(_) => "a whole number",
        Value::Float32(_) | Value::Float64(_) => "a float",
        Value::String(_) => "a string",
        Value::Date(_) => "a date",
        Value::DateTime(_) | Value::DateTime64 { .. } => "a point in time",
        Value::Time { .. } => "a time",
        Value::Interval(_) => "an interval",
        Value::Decimal { .. } | Value::Decimal256 { .. } => "a decimal",
        Value::Uuid(_) => "a UUID",
        Value::Ipv4(_) => "an IPv4 address",
        Value::Ipv6(_) => "an IPv6 address",
        Value::Enum { .. } => "an enum",
        Value::Array(items) => return format!("an array of {}", items.len()),
        Value::Tuple(items) => return format!("a tuple of {}", items.len()),
        Value::Map(_) => "a map",
        Value::Json(_) => "an object",
        Value::Opaque(_) => "opaque bytes",
    };
    kind.to_owned()
}
