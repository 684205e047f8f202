//! Rust values out of columns.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::cell::Cell;
use super::data::{ColumnData, range};
use super::source::{Keyed, Nulls, Strings, Values};
#[cfg(doc)]
use super::{DynamicColumn, VariantColumn};
use crate::types::{DataType, Value};

/// A Rust type that values of some column types can be read as.
///
/// The types are checked once for a whole result ([`Decode::accepts`]), where the values are is found once for each block
/// ([`Decode::source`]); then each value is taken without further ado.
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
///
/// A type of your own takes over the source of one of these:
///
/// ```
/// use ch_native::types::DataType;
/// use ch_native::{Decode, column::Values};
///
/// struct UserId(u64);
///
/// impl<'a> Decode<'a> for UserId {
///     type Source = <u64 as Decode<'a>>::Source;
///
///     fn accepts(ty: &DataType) -> bool {
///         u64::accepts(ty)
///     }
///
///     fn source(values: Values<'a>) -> Option<Self::Source> {
///         u64::source(values)
///     }
///
///     fn at(source: &Self::Source, row: usize) -> Option<Self> {
///         u64::at(source, row).map(Self)
///     }
/// }
/// ```
pub trait Decode<'a>: Sized {
    /// Where the values of a column are.
    type Source: 'a;

    /// Whether columns of type `ty` can be read as this. NULL is accepted by `Option` alone.
    fn accepts(ty: &DataType) -> bool;

    /// Finds the values of a column whose type is accepted; `None` if its data are not what the type says, which no
    /// decoded column has.
    fn source(values: Values<'a>) -> Option<Self::Source>;

    /// The value of `row`; `None` if there is no such row, or if it cannot be this, which after [`Decode::accepts`] means
    /// text that is not UTF-8 or an enum's value without a label.
    fn at(source: &Self::Source, row: usize) -> Option<Self>;
}

macro_rules! numbers {
    ($($ty:ty: ($pattern:pat);)*) => {
        $(
            impl<'a> Decode<'a> for $ty {
                type Source = Keyed<'a, &'a [$ty]>;

                fn accepts(ty: &DataType) -> bool {
                    !ty.is_nullable() && matches!(ty.base(), $pattern)
                }

                fn source(values: Values<'a>) -> Option<Self::Source> {
                    values.present().keyed(|_, data| data.values::<$ty>())
                }

                #[inline]
                fn at(source: &Self::Source, row: usize) -> Option<Self> {
                    source.values.get(source.index(row)?).copied()
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

/// Types whose columns hold another type's numbers.
macro_rules! made_of {
    ($($ty:ty: $of:ty, ($pattern:pat), $take:expr, $make:expr;)*) => {
        $(
            impl<'a> Decode<'a> for $ty {
                type Source = Keyed<'a, &'a [$of]>;

                fn accepts(ty: &DataType) -> bool {
                    !ty.is_nullable() && matches!(ty.base(), $pattern)
                }

                fn source(values: Values<'a>) -> Option<Self::Source> {
                    values.present().keyed(|_, data| $take(data))
                }

                #[inline]
                fn at(source: &Self::Source, row: usize) -> Option<Self> {
                    source.values.get(source.index(row)?).copied().map($make)
                }
            }
        )*
    };
}

made_of! {
    bool: u8, (DataType::Bool), ColumnData::values, |v| v != 0;
    u128: u128, (DataType::UInt128 | DataType::Uuid), any128, |v| v;
    Ipv4Addr: u32, (DataType::Ipv4), ColumnData::values, Self::from;
    Ipv6Addr: u128, (DataType::Ipv6), ColumnData::numbers128, Self::from;
}

#[cfg(feature = "uuid")]
made_of! {
    uuid::Uuid: u128, (DataType::Uuid), ColumnData::numbers128, Self::from_u128;
}

fn any128(data: &ColumnData) -> Option<&[u128]> {
    data.values().or_else(|| data.numbers128())
}

impl<'a> Decode<'a> for &'a [u8] {
    type Source = Keyed<'a, Strings<'a>>;

    fn accepts(ty: &DataType) -> bool {
        !ty.is_nullable() && matches!(ty.base(), DataType::String | DataType::FixedString(_))
    }

    fn source(values: Values<'a>) -> Option<Self::Source> {
        values.present().keyed(|_, data| Strings::bytes(data))
    }

    #[inline]
    fn at(source: &Self::Source, row: usize) -> Option<Self> {
        source.values.bytes_at(source.index(row)?)
    }
}

impl<'a> Decode<'a> for &'a str {
    type Source = Keyed<'a, Strings<'a>>;

    fn accepts(ty: &DataType) -> bool {
        let is_text = matches!(
            ty.base(),
            DataType::String | DataType::FixedString(_) | DataType::Enum8(_) | DataType::Enum16(_)
        );
        is_text && !ty.is_nullable()
    }

    fn source(values: Values<'a>) -> Option<Self::Source> {
        let all = values.all;
        values
            .present()
            .keyed(|ty, data| Strings::text(ty, data, all))
    }

    #[inline]
    fn at(source: &Self::Source, row: usize) -> Option<Self> {
        source.values.text_at(source.index(row)?)
    }
}

/// Where owned text comes from.
#[derive(Debug)]
#[non_exhaustive]
pub enum Texts<'a> {
    #[doc(hidden)]
    Strings(<&'a str as Decode<'a>>::Source),
    #[doc(hidden)]
    Json(Values<'a>),
}

impl<'a> Decode<'a> for String {
    type Source = Texts<'a>;

    fn accepts(ty: &DataType) -> bool {
        let is_json = !ty.is_nullable() && matches!(ty.base(), DataType::Json(_));
        is_json || <&str>::accepts(ty)
    }

    fn source(values: Values<'a>) -> Option<Self::Source> {
        match values.ty.base() {
            DataType::Json(_) => Some(Texts::Json(values)),
            _ => <&str>::source(values).map(Texts::Strings),
        }
    }

    fn at(source: &Self::Source, row: usize) -> Option<Self> {
        match source {
            Texts::Strings(strings) => <&str>::at(strings, row).map(str::to_owned),
            Texts::Json(values) => json_text(values.cell(row)),
        }
    }
}

fn json_text(cell: Cell<'_>) -> Option<String> {
    let cell = cell.present()?;
    match cell.data {
        ColumnData::Json(c) => match c.texts() {
            Some(texts) => String::from_utf8(texts.get(cell.row)?.to_vec()).ok(),
            None => Some(cell.to_value().to_json()),
        },
        _ => None,
    }
}

/// Any value; NULL is [`Value::Null`].
impl<'a> Decode<'a> for Value {
    type Source = Values<'a>;

    fn accepts(_: &DataType) -> bool {
        true
    }

    fn source(values: Values<'a>) -> Option<Values<'a>> {
        Some(values)
    }

    fn at(source: &Values<'a>, row: usize) -> Option<Self> {
        Some(source.cell(row).to_value())
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    /// None if there are no values but NULL.
    type Source = (Nulls<'a>, Option<T::Source>);

    fn accepts(ty: &DataType) -> bool {
        match ty.resolve() {
            DataType::Nothing => true,
            DataType::Nullable(inner) if **inner == DataType::Nothing => true,
            DataType::Nullable(inner) => T::accepts(inner),
            DataType::LowCardinality(inner) => Self::accepts(inner),
            other => T::accepts(other),
        }
    }

    fn source(values: Values<'a>) -> Option<Self::Source> {
        Some((values.nulls(), T::source(values)))
    }

    #[inline]
    fn at((nulls, values): &Self::Source, row: usize) -> Option<Self> {
        if nulls.is_null(row) {
            return Some(None);
        }
        T::at(values.as_ref()?, row).map(Some)
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    /// None for elements of an array that has none.
    type Source = (&'a [u64], Option<T::Source>);

    fn accepts(ty: &DataType) -> bool {
        match ty.resolve() {
            DataType::Array(inner) | DataType::Map(inner) | DataType::Nested(inner) => {
                **inner == DataType::Nothing || T::accepts(inner)
            }
            DataType::QBit { element, .. } => T::accepts(element),
            _ => false,
        }
    }

    fn source(values: Values<'a>) -> Option<Self::Source> {
        let values = values.present();
        let (DataType::Array(inner)
        | DataType::Map(inner)
        | DataType::Nested(inner)
        | DataType::QBit { element: inner, .. }) = values.ty
        else {
            return None;
        };
        let ColumnData::Array(c) = values.data else {
            return None;
        };
        Some((c.ends(), T::source(values.part(inner, c.values()))))
    }

    fn at((ends, values): &Self::Source, row: usize) -> Option<Self> {
        if row >= ends.len() {
            return None;
        }
        let range = range(ends, row);
        if range.is_empty() {
            return Some(Self::new());
        }
        let values = values.as_ref()?;
        range.map(|row| T::at(values, row)).collect()
    }
}

macro_rules! tuples {
    ($($len:literal: $($ty:ident $i:tt),+;)*) => {
        $(
            impl<'a, $($ty: Decode<'a>),+> Decode<'a> for ($($ty,)+) {
                type Source = ($($ty::Source,)+);

                fn accepts(ty: &DataType) -> bool {
                    match ty.resolve() {
                        DataType::Tuple(elements) if elements.len() == $len => {
                            true $(&& elements.get($i).is_some_and(|(_, ty)| $ty::accepts(ty)))+
                        }
                        _ => false,
                    }
                }

                fn source(values: Values<'a>) -> Option<Self::Source> {
                    let values = values.present();
                    match (values.ty, values.data) {
                        (DataType::Tuple(types), ColumnData::Tuple(c)) => Some(($(
                            $ty::source(values.part(&types.get($i)?.1, c.elements.get($i)?))?,
                        )+)),
                        _ => None,
                    }
                }

                fn at(source: &Self::Source, row: usize) -> Option<Self> {
                    Some(($($ty::at(&source.$i, row)?,)+))
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
