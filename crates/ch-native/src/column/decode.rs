//! Rust values out of columns.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::data::ColumnData;
use super::scalar::Scalar;
#[cfg(doc)]
use super::{DynamicColumn, VariantColumn};
use crate::types::{DataType, Value};

/// One value of a column: the column, its type and a row.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    pub(super) ty: &'a DataType,
    pub(super) data: &'a ColumnData,
    pub(super) row: usize,
}

impl<'a> Cell<'a> {
    pub(crate) fn new(ty: &'a DataType, data: &'a ColumnData, row: usize) -> Self {
        Self { ty, data, row }
    }

    /// The value behind `Nullable`, `LowCardinality` and names for other types; `None` if it is NULL.
    pub(super) fn present(self) -> Option<Self> {
        let mut cell = self;
        loop {
            cell = match (cell.ty, cell.data) {
                (DataType::Alias { of, .. }, _) => Cell { ty: of, ..cell },
                (DataType::Nullable(inner), ColumnData::Nullable(c)) => {
                    if c.nulls.get(cell.row).is_none_or(|null| *null != 0) {
                        return None;
                    }
                    Cell {
                        ty: inner,
                        data: &c.values,
                        row: cell.row,
                    }
                }
                (DataType::LowCardinality(inner), ColumnData::LowCardinality(c)) => {
                    let key = *c.keys.get(cell.row)?;
                    if c.nullable && key == 0 {
                        return None;
                    }
                    let base = match inner.resolve() {
                        DataType::Nullable(base) => base,
                        _ => inner,
                    };
                    Cell {
                        ty: base,
                        data: &c.dictionary,
                        row: usize::try_from(key).ok()?,
                    }
                }
                (_, ColumnData::Variant(c)) => c.cell(cell.row)?,
                (_, ColumnData::Dynamic(c)) => c.cell(cell.row)?,
                (_, ColumnData::Nothing(_)) => return None,
                // Columns to be written may be plain where their type is not.
                (DataType::Nullable(inner) | DataType::LowCardinality(inner), _) => {
                    Cell { ty: inner, ..cell }
                }
                _ => return Some(cell),
            };
        }
    }

    /// The type of the value: of a Variant and a Dynamic that of the column, see [`VariantColumn::cell`] and
    /// [`DynamicColumn::cell`] for those of their values.
    pub fn data_type(self) -> &'a DataType {
        self.ty
    }

    /// The value as `T`; `None` if its type does not allow that, and where [`Decode::decode`] has none.
    pub fn get<T: Decode<'a>>(self) -> Option<T> {
        T::accepts(self.ty).then(|| T::decode(self)).flatten()
    }

    fn number<T: Scalar>(self) -> Option<T> {
        let cell = self.present()?;
        cell.data.values::<T>()?.get(cell.row).copied()
    }

    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        let cell = self.present()?;
        match cell.data {
            ColumnData::String(c) => c.get(cell.row),
            ColumnData::FixedString(c) => c.get(cell.row),
            _ => None,
        }
    }

    /// The label of an enum's value; `None` if it has none.
    pub(super) fn label(self) -> Option<&'a str> {
        let cell = self.present()?;
        match (cell.ty, cell.data) {
            (DataType::Enum8(labels), ColumnData::Int8(values)) => {
                let value = values.get(cell.row)?;
                labels
                    .iter()
                    .find(|(_, v)| v == value)
                    .map(|(l, _)| l.as_str())
            }
            (DataType::Enum16(labels), ColumnData::Int16(values)) => {
                let value = values.get(cell.row)?;
                labels
                    .iter()
                    .find(|(_, v)| v == value)
                    .map(|(l, _)| l.as_str())
            }
            _ => None,
        }
    }
}

/// A Rust type that values of some column types can be read as.
///
/// The types are checked once for a whole result ([`Decode::accepts`]); then each value is taken without further
/// checks.
///
/// | Rust | ClickHouse |
/// | --- | --- |
/// | `u8` … `u128`, `i8` … `i128`, `f32`, `f64` | the number of that width |
/// | `u16`, `i32` | also `Date`, `Date32` (days), `Time` (seconds) |
/// | `u32` | also `DateTime` (seconds) |
/// | `i64` | also `DateTime64`, `Time64` (ticks), `Interval…` |
/// | `i8`, `i16` | also `Enum8`, `Enum16` (the number) |
/// | `i32`, `i64`, `i128`, `[u8; 32]` | also `Decimal` of that width (all digits as an integer) |
/// | `u128` | also `UUID` |
/// | `bool` | `Bool` |
/// | `&str`, `String` | `String`, `FixedString` (if UTF-8), `Enum8`, `Enum16` (the label) |
/// | `&[u8]` | `String`, `FixedString` |
/// | `Ipv4Addr`, `Ipv6Addr` | `IPv4`, `IPv6` |
/// | `uuid::Uuid` (feature `uuid`) | `UUID` |
/// | `Option<T>` | `Nullable(T)`, and `T` |
/// | `Vec<T>` | `Array(T)`; `Vec<(K, V)>` for `Map(K, V)`; vectors of `QBit` |
/// | tuples of 2 to 6 | `Tuple` |
/// | `String` | also `JSON`, as JSON text |
/// | [`Value`] | every type; alone for `Variant`, `Dynamic` and `AggregateFunction` |
///
/// Each works through `LowCardinality` as well.
pub trait Decode<'a>: Sized {
    /// Whether columns of type `ty` can be read as this. NULL is accepted by `Option` alone.
    fn accepts(ty: &DataType) -> bool;

    /// The value; `None` if it cannot be this, which after [`Decode::accepts`] means text that is not UTF-8 or an
    /// enum's value without a label.
    fn decode(cell: Cell<'a>) -> Option<Self>;
}

macro_rules! numbers {
    ($($ty:ty: ($pattern:pat);)*) => {
        $(
            impl Decode<'_> for $ty {
                fn accepts(ty: &DataType) -> bool {
                    !ty.is_nullable() && matches!(ty.base(), $pattern)
                }

                #[inline]
                fn decode(cell: Cell<'_>) -> Option<Self> {
                    cell.number()
                }
            }
        )*
    };
}

numbers! {
    u8: (DataType::UInt8);
    u16: (DataType::UInt16 | DataType::Date);
    u32: (DataType::UInt32 | DataType::DateTime(_));
    u64: (DataType::UInt64);
    i8: (DataType::Int8 | DataType::Enum8(_));
    i16: (DataType::Int16 | DataType::Enum16(_));
    i32: (DataType::Int32
        | DataType::Date32
        | DataType::Time
        | DataType::Decimal { precision: 0..=9, .. });
    i64: (DataType::Int64
        | DataType::DateTime64(..)
        | DataType::Time64(_)
        | DataType::Interval(_)
        | DataType::Decimal { precision: 10..=18, .. });
    i128: (DataType::Int128 | DataType::Decimal { precision: 19..=38, .. });
    [u8; 32]: (DataType::Int256 | DataType::UInt256 | DataType::Decimal { precision: 39.., .. });
    f32: (DataType::Float32);
    f64: (DataType::Float64);
}

macro_rules! others {
    ($($ty:ty: ($pattern:pat), $cell:ident => $decode:expr;)*) => {
        $(
            impl<'a> Decode<'a> for $ty {
                fn accepts(ty: &DataType) -> bool {
                    !ty.is_nullable() && matches!(ty.base(), $pattern)
                }

                #[inline]
                fn decode($cell: Cell<'a>) -> Option<Self> {
                    $decode
                }
            }
        )*
    };
}

others! {
    bool: (DataType::Bool), cell => cell.number::<u8>().map(|v| v != 0);
    u128: (DataType::UInt128 | DataType::Uuid), cell => number128(cell);
    Ipv4Addr: (DataType::Ipv4), cell => cell.number::<u32>().map(Self::from);
    Ipv6Addr: (DataType::Ipv6), cell => number128(cell).map(Self::from);
    &'a [u8]: (DataType::String | DataType::FixedString(_)), cell => cell.bytes();
    &'a str: (DataType::String
        | DataType::FixedString(_)
        | DataType::Enum8(_)
        | DataType::Enum16(_)), cell => text(cell);
    String: (DataType::String
        | DataType::FixedString(_)
        | DataType::Enum8(_)
        | DataType::Enum16(_)
        | DataType::Json(_)), cell => owned_text(cell);
}

#[cfg(feature = "uuid")]
others! {
    uuid::Uuid: (DataType::Uuid), cell => number128(cell).map(Self::from_u128);
}

fn owned_text(cell: Cell<'_>) -> Option<String> {
    let cell = cell.present()?;
    match cell.data {
        ColumnData::Json(c) => match c.texts() {
            Some(texts) => String::from_utf8(texts.get(cell.row)?.to_vec()).ok(),
            None => Some(cell.to_value().to_json()),
        },
        _ => text(cell).map(str::to_owned),
    }
}

/// Any value; NULL is [`Value::Null`].
impl Decode<'_> for Value {
    fn accepts(_: &DataType) -> bool {
        true
    }

    fn decode(cell: Cell<'_>) -> Option<Self> {
        Some(cell.to_value())
    }
}

fn number128(cell: Cell<'_>) -> Option<u128> {
    let cell = cell.present()?;
    match cell.data {
        ColumnData::UInt128(v) | ColumnData::Uuid(v) | ColumnData::Ipv6(v) => {
            v.get(cell.row).copied()
        }
        _ => None,
    }
}

fn text(cell: Cell<'_>) -> Option<&str> {
    match cell.bytes() {
        Some(bytes) => std::str::from_utf8(bytes).ok(),
        None => cell.label(),
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    fn accepts(ty: &DataType) -> bool {
        match ty.resolve() {
            DataType::Nothing => true,
            DataType::Nullable(inner) if **inner == DataType::Nothing => true,
            DataType::Nullable(inner) => T::accepts(inner),
            DataType::LowCardinality(inner) => Self::accepts(inner),
            other => T::accepts(other),
        }
    }

    #[inline]
    fn decode(cell: Cell<'a>) -> Option<Self> {
        match cell.present() {
            None => Some(None),
            Some(cell) => T::decode(cell).map(Some),
        }
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    fn accepts(ty: &DataType) -> bool {
        match ty.resolve() {
            DataType::Array(inner) | DataType::Map(inner) | DataType::Nested(inner) => {
                **inner == DataType::Nothing || T::accepts(inner)
            }
            DataType::QBit { element, .. } => T::accepts(element),
            _ => false,
        }
    }

    fn decode(cell: Cell<'a>) -> Option<Self> {
        let cell = cell.present()?;
        let (DataType::Array(inner)
        | DataType::Map(inner)
        | DataType::Nested(inner)
        | DataType::QBit { element: inner, .. }) = cell.ty
        else {
            return None;
        };
        let ColumnData::Array(c) = cell.data else {
            return None;
        };
        c.range(cell.row)
            .map(|row| T::decode(Cell::new(inner, &c.values, row)))
            .collect()
    }
}

macro_rules! tuples {
    ($($len:literal: $($ty:ident $i:tt),+;)*) => {
        $(
            impl<'a, $($ty: Decode<'a>),+> Decode<'a> for ($($ty,)+) {
                fn accepts(ty: &DataType) -> bool {
                    match ty.resolve() {
                        DataType::Tuple(elements) if elements.len() == $len => {
                            true $(&& elements.get($i).is_some_and(|(_, ty)| $ty::accepts(ty)))+
                        }
                        _ => false,
                    }
                }

                fn decode(cell: Cell<'a>) -> Option<Self> {
                    let cell = cell.present()?;
                    match (cell.ty, cell.data) {
                        (DataType::Tuple(types), ColumnData::Tuple(c)) => Some(($(
                            $ty::decode(Cell::new(
                                &types.get($i)?.1,
                                c.elements.get($i)?,
                                cell.row,
                            ))?,
                        )+)),
                        _ => None,
                    }
                }
            }
        )*
    };
}

tuples! {
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
}
