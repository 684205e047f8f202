//! Lists, sets, maps and vectors; the components of tuples and user-defined types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use wire_core::{DecodeError, DecodeResultExt, Reader};

use super::decode::{damaged, decode_cell};
use super::encode::{CellWriter, NestedWriter, Place, Written, expect, mismatch};
use super::{Cell, DataType, Decode, Encode, vector};
use crate::codec::prim;
use crate::error::{Error, ErrorKind};

/// The element type of a list, set or vector.
fn element_type(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::List(element) | DataType::Set(element) | DataType::Vector(element, _) => {
            Some(element)
        }
        _ => None,
    }
}

fn accepts_element(data_type: &DataType, accepts: impl FnOnce(&DataType) -> bool) -> bool {
    element_type(data_type).is_some_and(accepts)
}

fn accepts_pair(data_type: &DataType, accepts: impl FnOnce(&DataType, &DataType) -> bool) -> bool {
    match data_type {
        DataType::Map(pair) => accepts(&pair.0, &pair.1),
        _ => false,
    }
}

/// Reads the elements of a list, set or vector one after the other.
pub(super) struct Elements<'a, 't> {
    cell: Cell<'a>,
    r: Reader<'a>,
    data_type: &'t DataType,
    element: &'t DataType,
    left: usize,
}

impl<'a, 't> Elements<'a, 't> {
    pub(super) fn new(data_type: &'t DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data());
        let Some(element) = element_type(data_type) else {
            return Err(not_nested(data_type));
        };
        let left = match data_type {
            // Elements take a byte at least, a length or their own.
            DataType::Vector(_, n) => r.count("dimensions", *n, 1),
            _ => read_count(&mut r, 4),
        };
        let left = left.map_err(|e| damaged(data_type, e))?;
        Ok(Self {
            cell,
            r,
            data_type,
            element,
            left,
        })
    }

    /// How many elements follow; never more than the bytes can hold.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn next<T: Decode<'a>>(&mut self) -> Result<Option<T>, Error> {
        if self.left == 0 {
            let end = self.r.finish("Collection");
            return end.map(|()| None).map_err(|e| damaged(self.data_type, e));
        }
        self.left = self.left.saturating_sub(1);
        let data = match self.data_type {
            DataType::Vector(..) => vector::next(&mut self.r, self.element).map(Some),
            _ => prim::cell(&mut self.r, "element"),
        };
        let data = data.map_err(|e| damaged(self.data_type, e))?;
        decode_cell(self.element, data.map(|data| self.cell.part(data))).map(Some)
    }
}

/// Reads the entries of a map one after the other.
pub(super) struct Entries<'a, 't> {
    cell: Cell<'a>,
    r: Reader<'a>,
    data_type: &'t DataType,
    pair: &'t (DataType, DataType),
    left: usize,
}

impl<'a, 't> Entries<'a, 't> {
    pub(super) fn new(data_type: &'t DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data());
        let DataType::Map(pair) = data_type else {
            return Err(not_nested(data_type));
        };
        let left = read_count(&mut r, 8).map_err(|e| damaged(data_type, e))?;
        Ok(Self {
            cell,
            r,
            data_type,
            pair,
            left,
        })
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    pub(super) fn next<K: Decode<'a>, V: Decode<'a>>(&mut self) -> Result<Option<(K, V)>, Error> {
        if self.left == 0 {
            let end = self.r.finish("Map");
            return end.map(|()| None).map_err(|e| damaged(self.data_type, e));
        }
        self.left = self.left.saturating_sub(1);
        let key = prim::cell(&mut self.r, "key").map_err(|e| damaged(self.data_type, e))?;
        let value = prim::cell(&mut self.r, "value").map_err(|e| damaged(self.data_type, e))?;
        let key = decode_cell(&self.pair.0, key.map(|data| self.cell.part(data)))?;
        let value = decode_cell(&self.pair.1, value.map(|data| self.cell.part(data)))?;
        Ok(Some((key, value)))
    }
}

/// Reads the components of a tuple or user-defined type. Components that are missing at the end are null.
pub(super) struct Components<'a> {
    cell: Cell<'a>,
    r: Reader<'a>,
}

impl<'a> Components<'a> {
    pub(super) fn new(cell: Cell<'a>) -> Self {
        Self {
            cell,
            r: Reader::new(cell.data()),
        }
    }

    pub(super) fn next<T: Decode<'a>>(&mut self, data_type: &DataType) -> Result<T, Error> {
        let data = if self.r.is_empty() {
            None
        } else {
            prim::cell(&mut self.r, "component").map_err(|e| damaged(data_type, e))?
        };
        decode_cell(data_type, data.map(|data| self.cell.part(data)))
    }

    pub(super) fn skip(&mut self, data_type: &DataType) -> Result<(), Error> {
        if !self.r.is_empty() {
            prim::cell(&mut self.r, "component").map_err(|e| damaged(data_type, e))?;
        }
        Ok(())
    }
}

fn read_count(r: &mut Reader<'_>, min_bytes: usize) -> Result<usize, DecodeError> {
    let n = r.i32_be("count")?;
    r.count("count", n, min_bytes).within("Collection")
}

#[cold]
fn not_nested(data_type: &DataType) -> Error {
    Error::new(
        ErrorKind::Misuse,
        format!("{data_type} was not checked before it was decoded"),
    )
}

#[cold]
fn wrong_size<T>(data_type: &DataType, n: usize) -> Error {
    let text = format!(
        "a {data_type} of {n} elements cannot be read as {}",
        std::any::type_name::<T>()
    );
    Error::new(ErrorKind::Type, text)
}

macro_rules! collections {
    ($($ty:ty, [$($bound:tt)*], $new:expr, $push:ident;)*) => {
        $(
            impl<'a, T: Decode<'a> $($bound)*> Decode<'a> for $ty {
                fn accepts(data_type: &DataType) -> bool {
                    accepts_element(data_type, T::accepts)
                }

                fn why_not(data_type: &DataType) -> Option<String> {
                    element_type(data_type).and_then(T::why_not)
                }

                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    let mut elements = Elements::new(data_type, cell)?;
                    #[allow(clippy::redundant_closure_call, reason = "one form for all collections")]
                    let mut out: Self = ($new)(elements.left());
                    while let Some(element) = elements.next()? {
                        out.$push(element);
                    }
                    Ok(out)
                }

                /// An empty collection that is not frozen is null to the server, so null is an empty one.
                fn null(_: &DataType) -> Result<Self, Error> {
                    Ok(Self::default())
                }
            }
        )*
    };
}

collections! {
    Vec<T>, [], Vec::with_capacity, push;
    BTreeSet<T>, [+ Ord], |_| BTreeSet::new(), insert;
}

/// A list, set or vector of exactly this many elements.
impl<'a, T: Decode<'a>, const N: usize> Decode<'a> for [T; N] {
    fn accepts(data_type: &DataType) -> bool {
        let fits = match data_type {
            DataType::Vector(_, n) => usize::try_from(*n) == Ok(N),
            _ => true,
        };
        fits && accepts_element(data_type, T::accepts)
    }

    fn why_not(data_type: &DataType) -> Option<String> {
        element_type(data_type).and_then(T::why_not)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut elements = Elements::new(data_type, cell)?;
        let n = elements.left();
        if n != N {
            return Err(wrong_size::<Self>(data_type, n));
        }
        let mut out = Vec::new();
        while let Some(element) = elements.next()? {
            out.push(element);
        }
        Self::try_from(out).map_err(|_| wrong_size::<Self>(data_type, n))
    }
}

impl<'a, T: Decode<'a> + Eq + Hash, S: BuildHasher + Default> Decode<'a> for HashSet<T, S> {
    fn accepts(data_type: &DataType) -> bool {
        accepts_element(data_type, T::accepts)
    }

    fn why_not(data_type: &DataType) -> Option<String> {
        element_type(data_type).and_then(T::why_not)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut elements = Elements::new(data_type, cell)?;
        let mut out = Self::with_capacity_and_hasher(elements.left(), S::default());
        while let Some(element) = elements.next()? {
            out.insert(element);
        }
        Ok(out)
    }

    /// An empty collection that is not frozen is null to the server, so null is an empty one.
    fn null(_: &DataType) -> Result<Self, Error> {
        Ok(Self::default())
    }
}

impl<'a, K, V, S> Decode<'a> for HashMap<K, V, S>
where
    K: Decode<'a> + Eq + Hash,
    V: Decode<'a>,
    S: BuildHasher + Default,
{
    fn accepts(data_type: &DataType) -> bool {
        accepts_pair(data_type, |k, v| K::accepts(k) && V::accepts(v))
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut entries = Entries::new(data_type, cell)?;
        let mut out = Self::with_capacity_and_hasher(entries.left(), S::default());
        while let Some((key, value)) = entries.next()? {
            out.insert(key, value);
        }
        Ok(out)
    }

    /// An empty collection that is not frozen is null to the server, so null is an empty one.
    fn null(_: &DataType) -> Result<Self, Error> {
        Ok(Self::default())
    }
}

impl<'a, K: Decode<'a> + Ord, V: Decode<'a>> Decode<'a> for BTreeMap<K, V> {
    fn accepts(data_type: &DataType) -> bool {
        accepts_pair(data_type, |k, v| K::accepts(k) && V::accepts(v))
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut entries = Entries::new(data_type, cell)?;
        let mut out = Self::new();
        while let Some((key, value)) = entries.next()? {
            out.insert(key, value);
        }
        Ok(out)
    }

    /// An empty collection that is not frozen is null to the server, so null is an empty one.
    fn null(_: &DataType) -> Result<Self, Error> {
        Ok(Self::default())
    }
}

/// Writes `values` as a list, set or vector.
pub(super) fn encode_elements<'v, T: Encode + 'v, O: ?Sized>(
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

pub(super) fn encode_entries<'v, K: Encode + 'v, V: Encode + 'v, O: ?Sized>(
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
pub(super) fn encode_components<O: ?Sized, T: Encode>(
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
