//! `Variant`, `Dynamic` and `JSON` columns made of dynamic values.

use std::collections::BTreeMap;

use super::data::ColumnData;
use super::dynamic::DynamicColumn;
use super::fit::{Fit, fit};
use super::from_values::{Built, Wrong, build, kind, zero};
use super::json::{JsonColumn, JsonForm, JsonPath, SharedPaths};
use super::string::StringColumn;
use super::variant::{NULL, VariantColumn, slots};
use crate::types::{DataType, JsonType, Value, parse_object};

/// Each value goes to the first type that gives it back as it was, or else to the first that takes it at all.
pub(super) fn variant(types: &[DataType], values: Vec<Value>) -> Built {
    let mut tags = Vec::with_capacity(values.len());
    let mut groups: Vec<Group> = types.iter().map(|_| Group::default()).collect();
    for (at, value) in values.into_iter().enumerate() {
        if value == Value::Null {
            tags.push(NULL);
            continue;
        }
        let exact = types.iter().position(|ty| fit(ty, &value) == Fit::Exact);
        let takes = |ty| fit(ty, &value) == Fit::Takes;
        let Some(index) = exact.or_else(|| types.iter().position(takes)) else {
            let what = format!("{} is of none of its types", kind(&value));
            return Err(Wrong { at, what });
        };
        tags.push(u16::try_from(index).unwrap_or(NULL));
        if let Some(group) = groups.get_mut(index) {
            group.push(at, value);
        }
    }
    let column = alternatives(types.to_vec(), tags, groups)?;
    Ok(ColumnData::Variant(Box::new(column)))
}

/// Values of one type, and the rows that they are in.
#[derive(Default)]
struct Group {
    rows: Vec<usize>,
    values: Vec<Value>,
}

impl Group {
    fn push(&mut self, row: usize, value: Value) {
        self.rows.push(row);
        self.values.push(value);
    }
}

fn alternatives(
    types: Vec<DataType>,
    tags: Vec<u16>,
    groups: Vec<Group>,
) -> Result<VariantColumn, Wrong> {
    let mut columns = Vec::with_capacity(types.len());
    for (ty, group) in types.iter().zip(groups) {
        match build(ty, group.values) {
            Ok(column) => columns.push(column),
            Err(wrong) => return Err(in_group(&group.rows, wrong)),
        }
    }
    let (slots, _) = slots(&tags, columns.len());
    Ok(VariantColumn {
        types,
        tags,
        slots,
        columns,
    })
}

/// The error of a value as that of the row that it is in.
fn in_group(rows: &[usize], wrong: Wrong) -> Wrong {
    Wrong {
        at: rows.get(wrong.at).copied().unwrap_or(0),
        what: wrong.what,
    }
}

pub(super) fn dynamic(values: Vec<Value>) -> Built {
    let mut types: Vec<DataType> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut tags = Vec::with_capacity(values.len());
    // Values whose type is with them; their column is the one behind the last.
    let mut shared = StringColumn::default();
    for (at, value) in values.into_iter().enumerate() {
        let ty = match &value {
            Value::Null => {
                tags.push(NULL);
                continue;
            }
            Value::Opaque(bytes) => {
                shared.push(bytes);
                tags.push(SHARED_TAG);
                continue;
            }
            other => infer(other).ok_or_else(|| Wrong {
                at,
                what: format!("{}, whose type cannot be told from the value", kind(other)),
            })?,
        };
        let index = match types.iter().position(|known| *known == ty) {
            Some(index) => index,
            None => {
                types.push(ty);
                groups.push(Group::default());
                types.len().saturating_sub(1)
            }
        };
        tags.push(u16::try_from(index).unwrap_or(NULL));
        if let Some(group) = groups.get_mut(index) {
            group.push(at, value);
        }
    }
    let behind = u16::try_from(types.len()).unwrap_or(NULL);
    for tag in tags.iter_mut().filter(|tag| **tag == SHARED_TAG) {
        *tag = behind;
    }
    let mut values = alternatives(types, tags, groups)?;
    values.columns.push(ColumnData::String(shared));
    (values.slots, _) = slots(&values.tags, values.columns.len());
    Ok(ColumnData::Dynamic(Box::new(DynamicColumn { values })))
}

/// Stands for the shared values until it is known how many types there are.
const SHARED_TAG: u16 = NULL - 1;

/// The type that holds `value` as it is; `None` if several do and they mean different things.
pub(super) fn infer(value: &Value) -> Option<DataType> {
    Some(match value {
        Value::Bool(_) => DataType::Bool,
        Value::UInt(_) => DataType::UInt64,
        Value::Int(_) => DataType::Int64,
        Value::UInt128(_) => DataType::UInt128,
        Value::Int128(_) => DataType::Int128,
        Value::Float32(_) => DataType::Float32,
        Value::Float64(_) => DataType::Float64,
        Value::String(_) | Value::Enum { label: Some(_), .. } => DataType::String,
        Value::Date(_) => DataType::Date32,
        Value::DateTime(_) => DataType::DateTime(None),
        Value::DateTime64 { precision, .. } => DataType::DateTime64(*precision, None),
        Value::Time { precision: 0, .. } => DataType::Time,
        Value::Time { precision, .. } => DataType::Time64(*precision),
        Value::Decimal { scale, .. } => DataType::Decimal {
            precision: 38,
            scale: *scale,
        },
        Value::Decimal256 { scale, .. } => DataType::Decimal {
            precision: 76,
            scale: *scale,
        },
        Value::Uuid(_) => DataType::Uuid,
        Value::Ipv4(_) => DataType::Ipv4,
        Value::Ipv6(_) => DataType::Ipv6,
        Value::Array(items) => DataType::Array(Box::new(common(items.iter())?)),
        Value::Tuple(items) => {
            let types = items.iter().map(|item| match item {
                // What a NULL of a tuple would be, nobody knows.
                Value::Null => Some((None, DataType::Dynamic { max_types: None })),
                other => Some((None, infer(other)?)),
            });
            DataType::Tuple(types.collect::<Option<_>>()?)
        }
        Value::Map(entries) => {
            let key = common(entries.iter().map(|(key, _)| key))?;
            DataType::map(key, common(entries.iter().map(|(_, value)| value))?)
        }
        Value::Json(_) => DataType::Json(Box::default()),
        Value::Null
        | Value::Int256(_)
        | Value::Interval(_)
        | Value::Enum { label: None, .. }
        | Value::Opaque(_) => return None,
    })
}

/// The type of all `items`, as the server finds it in JSON text: nullable strings if there are none, any type if they
/// differ.
fn common<'a>(items: impl Iterator<Item = &'a Value>) -> Option<DataType> {
    let any = || DataType::Dynamic { max_types: None };
    let mut has_null = false;
    let mut common = None;
    for item in items {
        if *item == Value::Null {
            has_null = true;
            continue;
        }
        let ty = infer(item)?;
        match &common {
            None => common = Some(ty),
            Some(first) if *first == ty => {}
            Some(_) => return Some(any()),
        }
    }
    Some(match common {
        None => DataType::Nullable(Box::new(DataType::String)),
        Some(ty) if !has_null => ty,
        // What has types inside cannot be Nullable everywhere.
        Some(DataType::Array(_) | DataType::Map(_) | DataType::Tuple(_) | DataType::Json(_)) => {
            any()
        }
        Some(ty) => DataType::Nullable(Box::new(ty)),
    })
}

/// Texts stay text; objects become a column for each path.
pub(super) fn objects(json: &JsonType, values: Vec<Value>) -> Built {
    if values.iter().any(|value| matches!(value, Value::String(_))) {
        return texts(values);
    }
    let rows = values.len();
    let mut paths = by_path(values)?;
    let mut typed = Vec::with_capacity(json.typed.len());
    for (path, ty) in &json.typed {
        let values = or_zero(paths.remove(path).unwrap_or_default(), rows, ty);
        typed.push(column(path, ty.clone(), values)?);
    }
    let mut dynamic = Vec::with_capacity(paths.len());
    for (path, mut values) in paths {
        values.resize(rows, Value::Null);
        dynamic.push(column(
            &path,
            DataType::Dynamic { max_types: None },
            values,
        )?);
    }
    Ok(from_paths(rows, typed, dynamic))
}

fn from_paths(rows: usize, typed: Vec<JsonPath>, dynamic: Vec<JsonPath>) -> ColumnData {
    let shared = SharedPaths {
        ends: vec![0; rows],
        ..SharedPaths::default()
    };
    let form = JsonForm::Paths {
        rows,
        typed,
        dynamic,
        shared,
    };
    ColumnData::Json(Box::new(JsonColumn { form }))
}

/// The values of each path up to the last object that has it; NULL where an object has it not.
fn by_path(values: Vec<Value>) -> Result<BTreeMap<String, Vec<Value>>, Wrong> {
    let mut paths: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (at, value) in values.into_iter().enumerate() {
        let Value::Json(entries) = value else {
            let what = format!("expected an object, found {}", kind(&value));
            return Err(Wrong { at, what });
        };
        for (path, value) in entries {
            let column = paths.entry(path).or_default();
            if column.len() > at {
                let what = "has a path twice".to_owned();
                return Err(Wrong { at, what });
            }
            column.resize(at, Value::Null);
            column.push(value);
        }
    }
    Ok(paths)
}

/// The values of a path with a type, in all `rows`.
fn or_zero(mut values: Vec<Value>, rows: usize, ty: &DataType) -> Vec<Value> {
    values.resize(rows, Value::Null);
    for value in values.iter_mut().filter(|value| **value == Value::Null) {
        *value = zero(ty);
    }
    values
}

fn column(path: &str, ty: DataType, values: Vec<Value>) -> Result<JsonPath, Wrong> {
    match build(&ty, values) {
        Ok(data) => Ok(JsonPath {
            path: path.to_owned(),
            ty,
            data,
        }),
        Err(wrong) => Err(Wrong {
            at: wrong.at,
            what: format!("path {path}: {}", wrong.what),
        }),
    }
}

/// Objects among texts are turned into text as well.
fn texts(values: Vec<Value>) -> Built {
    let mut texts = StringColumn::default();
    for (at, value) in values.into_iter().enumerate() {
        match value {
            Value::String(text) if parse_object(&text).is_some() => texts.push(&text),
            Value::String(_) => {
                let what = "a string that is no JSON object".to_owned();
                return Err(Wrong { at, what });
            }
            Value::Json(_) => texts.push(value.to_json().as_bytes()),
            other => {
                let what = format!("expected an object or its text, found {}", kind(&other));
                return Err(Wrong { at, what });
            }
        }
    }
    Ok(ColumnData::Json(Box::new(JsonColumn::from_text(texts))))
}
