//! Collections of Rust from lists, sets, maps and vectors.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::{Elements, Entries, accepts_element, accepts_pair, element_type};
use crate::error::{Error, ErrorKind};
use crate::types::{Cell, DataType, Decode};

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
