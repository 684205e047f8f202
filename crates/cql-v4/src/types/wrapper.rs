//! What stands around a value: pointers, and wrappers that say more than null does.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Cell, CellWriter, DataType, Decode, Encode, Written};
use crate::error::Error;

/// Leaves the column of its marker as it is, instead of writing null, which costs a tombstone. Needs protocol v4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no content")]
pub struct Unset;

impl Encode for Unset {
    fn encode(&self, _: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        out.unset()
    }
}

/// A value, or [`Unset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "it is one or the other")]
pub enum MaybeUnset<T> {
    /// Leave the column as it is.
    #[default]
    Unset,
    /// Write this.
    Set(T),
}

impl<T> From<Option<T>> for MaybeUnset<T> {
    /// `None` leaves the column as it is.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Self::Set)
    }
}

impl<T: Encode> Encode for MaybeUnset<T> {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        match self {
            Self::Unset => out.unset(),
            Self::Set(value) => value.encode(data_type, out),
        }
    }
}

/// A value, or zero bytes where its type has no such value: a relic of Thrift that servers accept for most types, and
/// keep apart from null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "it is one or the other")]
pub enum MaybeEmpty<T> {
    /// Zero bytes.
    #[default]
    Empty,
    /// Something.
    Value(T),
}

impl<T> MaybeEmpty<T> {
    /// The value, if there is one.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Empty => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for MaybeEmpty<T> {
    fn accepts(data_type: &DataType) -> bool {
        T::accepts(data_type)
    }

    fn why_not(data_type: &DataType) -> Option<String> {
        T::why_not(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        if cell.data().is_empty() {
            return Ok(Self::Empty);
        }
        T::decode(data_type, cell).map(Self::Value)
    }
}

impl<T: Encode> Encode for MaybeEmpty<T> {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        match self {
            Self::Empty => out.bytes(&[]),
            Self::Value(value) => value.encode(data_type, out),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ident;)*) => {
        $(
            impl<'a, T: Decode<'a>> Decode<'a> for $pointer<T> {
                fn accepts(data_type: &DataType) -> bool {
                    T::accepts(data_type)
                }

                fn why_not(data_type: &DataType) -> Option<String> {
                    T::why_not(data_type)
                }

                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    T::decode(data_type, cell).map(Self::new)
                }

                fn null(data_type: &DataType) -> Result<Self, Error> {
                    T::null(data_type).map(Self::new)
                }
            }

            impl<T: Encode + ?Sized> Encode for $pointer<T> {
                #[inline]
                fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
                    (**self).encode(data_type, out)
                }
            }

            impl<'a, T: Decode<'a>> Decode<'a> for $pointer<[T]> {
                fn accepts(data_type: &DataType) -> bool {
                    <Vec<T>>::accepts(data_type)
                }

                fn why_not(data_type: &DataType) -> Option<String> {
                    <Vec<T>>::why_not(data_type)
                }

                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    <Vec<T>>::decode(data_type, cell).map(Self::from)
                }

                fn null(data_type: &DataType) -> Result<Self, Error> {
                    <Vec<T>>::null(data_type).map(Self::from)
                }
            }
        )*
    };
}

pointers! {
    Box;
    Arc;
}

impl<T: ToOwned + Encode + ?Sized> Encode for Cow<'_, T> {
    #[inline]
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        (**self).encode(data_type, out)
    }
}
