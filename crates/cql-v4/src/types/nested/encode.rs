//! Collections of Rust as lists, sets, maps and vectors.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;

use super::element_type;
use crate::error::{Error, ErrorKind};
use crate::types::encode::{CellWriter, NestedWriter, Place, Written, expect, mismatch};
use crate::types::{DataType, Encode, vector};

/// Writes `values` as a list, set or vector.
pub(in crate::types) fn encode_elements<'v, T: Encode + 'v, O: ?Sized>(
    values: impl ExactSizeIterator<Item = &'v T>,
    data_type: Option<&DataType>,
    out: CellWriter<'_>,
) -> Result<Written, Error> {
    let element = match data_type {
        None => None,
        Some(t) => Some(element_type(t).ok_or_else(|| mismatch::<O>(t))?),
    };
    if let (Some(DataType::Vector(_, n)), Some(element)) = (data_type, element) {
        return encode_vector(values, element, *n, out);
    }
    out.nested(|inner| {
        inner.count(values.len())?;
        values.enumerate().try_for_each(|(i, value)| {
            let written = value.encode(element, inner.element());
            written
                .map(|_| ())
                .map_err(|e| e.context(format_args!("element {i}")))
        })
    })
}

fn encode_vector<'v, T: Encode + 'v>(
    values: impl ExactSizeIterator<Item = &'v T>,
    element: &DataType,
    dimensions: u32,
    out: CellWriter<'_>,
) -> Result<Written, Error> {
    if u32::try_from(values.len()) != Ok(dimensions) {
        let text = format!(
            "{} elements were given for a vector of {dimensions}; nothing was sent",
            values.len()
        );
        return Err(Error::new(ErrorKind::Type, text));
    }
    let fixed = vector::fixed_bytes(element);
    // Elements are written as cells, whose length of 4 bytes is then left out or replaced.
    let mut cell = Vec::new();
    out.nested(|inner| {
        for value in values {
            cell.clear();
            let w = wire_core::Writer::new(&mut cell);
            value.encode(Some(element), CellWriter::new(w, Place::Element))?;
            let data = cell.get(4..).unwrap_or(&[]);
            put_vector_element(inner, element, fixed, data)?;
        }
        Ok(())
    })
}

fn put_vector_element(
    inner: &mut NestedWriter<'_>,
    element: &DataType,
    fixed: Option<usize>,
    data: &[u8],
) -> Result<(), Error> {
    match fixed {
        None => inner.vint(data.len()),
        Some(n) if n == data.len() => {}
        Some(n) => {
            let text = format!(
                "a vector element of type {element} needs {n} bytes, not {}",
                data.len()
            );
            return Err(Error::new(ErrorKind::Encode, text));
        }
    }
    inner.put(data);
    Ok(())
}

macro_rules! encode_collections {
    ($($ty:ty, [$($generics:tt)*];)*) => {
        $(
            impl<$($generics)*> Encode for $ty {
                fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
                    encode_elements::<T, Self>(self.iter(), data_type, out)
                }
            }
        )*
    };
}

encode_collections! {
    [T], [T: Encode];
    [T; N], [T: Encode, const N: usize];
    BTreeSet<T>, [T: Encode];
    HashSet<T, S>, [T: Encode, S: BuildHasher];
}

impl<T> Encode for Vec<T>
where
    [T]: Encode,
{
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        self.as_slice().encode(data_type, out)
    }
}

pub(in crate::types) fn encode_entries<'v, K: Encode + 'v, V: Encode + 'v, O: ?Sized>(
    entries: impl ExactSizeIterator<Item = (&'v K, &'v V)>,
    data_type: Option<&DataType>,
    out: CellWriter<'_>,
) -> Result<Written, Error> {
    expect::<O>(data_type, |t| matches!(t, DataType::Map(_)))?;
    let pair = match data_type {
        Some(DataType::Map(pair)) => Some(pair),
        _ => None,
    };
    out.nested(|inner| {
        inner.count(entries.len())?;
        for (key, value) in entries {
            key.encode(pair.map(|p| &p.0), inner.element())
                .map_err(|e| e.context("key"))?;
            value
                .encode(pair.map(|p| &p.1), inner.element())
                .map_err(|e| e.context("value"))?;
        }
        Ok(())
    })
}

impl<K: Encode, V: Encode, S: BuildHasher> Encode for HashMap<K, V, S> {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        encode_entries::<K, V, Self>(self.iter(), data_type, out)
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        encode_entries::<K, V, Self>(self.iter(), data_type, out)
    }
}

/// Writes `values` as a tuple or user-defined type.
pub(in crate::types) fn encode_components<O: ?Sized, T: Encode>(
    values: &[T],
    data_type: Option<&DataType>,
    out: CellWriter<'_>,
) -> Result<Written, Error> {
    let types: Option<Vec<&DataType>> = match data_type {
        None => None,
        Some(DataType::Tuple(types)) => Some(types.iter().collect()),
        Some(DataType::Udt(udt)) => Some(udt.fields.iter().map(|f| &f.data_type).collect()),
        Some(other) => return Err(mismatch::<O>(other)),
    };
    if let (Some(types), Some(data_type)) = (&types, data_type)
        && values.len() > types.len()
    {
        let text = format!(
            "{} values were given for {data_type}, which has {}",
            values.len(),
            types.len()
        );
        return Err(Error::new(ErrorKind::Type, text));
    }
    out.nested(|inner| {
        values.iter().enumerate().try_for_each(|(i, value)| {
            let data_type = types.as_ref().and_then(|t| t.get(i).copied());
            let written = value.encode(data_type, inner.component());
            written
                .map(|_| ())
                .map_err(|e| e.context(format_args!("component {i}")))
        })
    })
}
