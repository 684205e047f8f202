//! Whether a type can hold a value, without making a column of it.

use super::cell::Cell;
use super::from_dynamic::infer;
use super::from_scalars::scalars;
use super::layout::Layout;
use crate::types::{DataType, Value, parse_object};

/// How a value goes with a type; what is better comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Not at all.
    No,
    /// The type takes it, but gives another value back: a number of another width, for example.
    Takes,
    /// The type takes it and gives it back.
    Exact,
}

/// Calls itself for each level of the type, so what takes stack is elsewhere.
pub(super) fn fit(ty: &DataType, value: &Value) -> Fit {
    match Layout::of(ty) {
        Layout::Nullable(inner) | Layout::LowCardinality(inner, true) => match value {
            Value::Null => Fit::Exact,
            value => fit(inner, value),
        },
        Layout::LowCardinality(inner, false) => fit(inner, value),
        Layout::Array(inner) => in_array(ty, inner, value),
        Layout::Vectors(element, dimension, _) => match value {
            Value::Array(items) if items.len() == dimension => all(element, items),
            _ => Fit::No,
        },
        Layout::Tuple(types) => match value {
            Value::Tuple(items) if items.len() == types.len() => each(&types, items),
            _ => Fit::No,
        },
        Layout::Variant(types) => best(types, value),
        Layout::Dynamic => match value {
            Value::Null | Value::Opaque(_) => Fit::Exact,
            value => inferred(value),
        },
        Layout::Json(json) => in_object(&json.typed, value),
        _ => scalar(ty, value),
    }
}

/// How a value goes with the type that a Dynamic gives it.
fn inferred(value: &Value) -> Fit {
    match infer(value) {
        Some(ty) => fit(&ty, value),
        None => Fit::No,
    }
}

fn all(ty: &DataType, items: &[Value]) -> Fit {
    let mut worst = Fit::Exact;
    for item in items {
        worst = worst.min(fit(ty, item));
    }
    worst
}

fn each(types: &[&DataType], items: &[Value]) -> Fit {
    let mut worst = Fit::Exact;
    for (ty, item) in types.iter().zip(items) {
        worst = worst.min(fit(ty, item));
    }
    worst
}

fn best(types: &[DataType], value: &Value) -> Fit {
    if *value == Value::Null {
        return Fit::Exact;
    }
    let mut best = Fit::No;
    for ty in types {
        best = best.max(fit(ty, value));
    }
    best
}

/// Maps are arrays of pairs, and take these; only a map is given back.
fn in_array(ty: &DataType, inner: &DataType, value: &Value) -> Fit {
    let is_map = matches!(ty.resolve(), DataType::Map(_));
    let (worst, is_same) = match (value, inner) {
        (Value::Array(items), _) => (all(inner, items), !is_map),
        (Value::Map(entries), DataType::Tuple(pair)) => {
            let types: Vec<&DataType> = pair.iter().map(|(_, ty)| ty).collect();
            let mut worst = Fit::Exact;
            for (key, value) in entries {
                worst = worst.min(match types.as_slice() {
                    [k, v] => fit(k, key).min(fit(v, value)),
                    _ => Fit::No,
                });
            }
            (worst, is_map)
        }
        _ => return Fit::No,
    };
    if is_same {
        worst
    } else {
        worst.min(Fit::Takes)
    }
}

fn in_object(typed: &[(String, DataType)], value: &Value) -> Fit {
    match value {
        Value::String(text) if parse_object(text).is_some() => Fit::Takes,
        Value::Json(entries) => {
            let mut worst = Fit::Exact;
            for (path, value) in entries {
                worst = worst.min(match typed.iter().find(|(typed, _)| typed == path) {
                    Some((_, ty)) => fit(ty, value),
                    // A path that is NULL is one that is not there.
                    None if *value == Value::Null => Fit::Takes,
                    None => inferred(value),
                });
            }
            let is_whole = |(path, _): &(String, DataType)| entries.iter().any(|(p, _)| p == path);
            if typed.iter().all(is_whole) {
                worst
            } else {
                worst.min(Fit::Takes)
            }
        }
        _ => Fit::No,
    }
}

fn scalar(ty: &DataType, value: &Value) -> Fit {
    match scalars(ty, vec![value.clone()]) {
        Err(_) => Fit::No,
        Ok(data) if Cell::new(ty, &data, 0).to_value() == *value => Fit::Exact,
        Ok(_) => Fit::Takes,
    }
}
