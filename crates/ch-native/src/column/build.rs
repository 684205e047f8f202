//! Columns made of Rust values.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::data::{ArrayColumn, ColumnData, NullableColumn, TupleColumn};
use super::scalar::Scalar;
use super::string::StringColumn;
use crate::codec::prim::to_u64;

/// A Rust type whose values make a column.
///
/// | Rust | ClickHouse |
/// | --- | --- |
/// | integers, `f32`, `f64` | the number of that width, and what is stored as it, see [`ColumnData`] |
/// | `bool` | `Bool` |
/// | `String`, `&str`, `&[u8]` | `String`, `FixedString` |
/// | `Ipv4Addr`, `Ipv6Addr` | `IPv4`, `IPv6` |
/// | `uuid::Uuid` (feature `uuid`) | `UUID` |
/// | `Option<T>` | `Nullable(T)` |
/// | `Vec<T>` | `Array(T)`; `Vec<(K, V)>` is also `Map(K, V)` |
/// | tuples of 2 to 6 | `Tuple` |
///
/// A plain column may also be written to a `Nullable` or `LowCardinality` column of its type.
pub trait Encode: Sized {
    /// The column of `values`.
    fn column(values: Vec<Self>) -> ColumnData;

    /// What stands in the column where the value is NULL.
    fn placeholder() -> Self;
}

macro_rules! numbers {
    ($($ty:ty),*) => {
        $(
            impl Encode for $ty {
                fn column(values: Vec<Self>) -> ColumnData {
                    <$ty as Scalar>::column(values)
                }

                fn placeholder() -> Self {
                    Self::default()
                }
            }
        )*
    };
}

numbers!(
    u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64, [u8; 32]
);

impl Encode for bool {
    fn column(values: Vec<Self>) -> ColumnData {
        ColumnData::UInt8(values.into_iter().map(u8::from).collect())
    }

    fn placeholder() -> Self {
        false
    }
}

macro_rules! strings {
    ($($ty:ty, $empty:expr;)*) => {
        $(
            impl Encode for $ty {
                fn column(values: Vec<Self>) -> ColumnData {
                    ColumnData::String(values.into_iter().collect::<StringColumn>())
                }

                fn placeholder() -> Self {
                    $empty
                }
            }
        )*
    };
}

strings! {
    String, String::new();
    &str, "";
    &[u8], &[];
}

impl Encode for Ipv4Addr {
    fn column(values: Vec<Self>) -> ColumnData {
        ColumnData::UInt32(values.into_iter().map(u32::from).collect())
    }

    fn placeholder() -> Self {
        Self::UNSPECIFIED
    }
}

impl Encode for Ipv6Addr {
    fn column(values: Vec<Self>) -> ColumnData {
        ColumnData::Ipv6(values.into_iter().map(u128::from).collect())
    }

    fn placeholder() -> Self {
        Self::UNSPECIFIED
    }
}

#[cfg(feature = "uuid")]
impl Encode for uuid::Uuid {
    fn column(values: Vec<Self>) -> ColumnData {
        ColumnData::Uuid(values.iter().map(Self::as_u128).collect())
    }

    fn placeholder() -> Self {
        Self::nil()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn column(values: Vec<Self>) -> ColumnData {
        let nulls = values.iter().map(|v| u8::from(v.is_none())).collect();
        let values = values.into_iter().map(|v| v.unwrap_or_else(T::placeholder));
        ColumnData::Nullable(Box::new(NullableColumn {
            nulls,
            values: T::column(values.collect()),
        }))
    }

    fn placeholder() -> Self {
        None
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn column(values: Vec<Self>) -> ColumnData {
        let mut end = 0_usize;
        let mut ends: Vec<u64> = Vec::with_capacity(values.len());
        for value in &values {
            end = end.saturating_add(value.len());
            ends.push(to_u64(end));
        }
        ColumnData::Array(Box::new(ArrayColumn {
            ends,
            values: T::column(values.into_iter().flatten().collect()),
        }))
    }

    fn placeholder() -> Self {
        Self::new()
    }
}

macro_rules! tuples {
    ($(($($ty:ident $values:ident $value:ident),+);)*) => {
        $(
            impl<$($ty: Encode),+> Encode for ($($ty,)+) {
                fn column(rows: Vec<Self>) -> ColumnData {
                    let len = rows.len();
                    $(let mut $values = Vec::with_capacity(len);)+
                    for ($($value,)+) in rows {
                        $($values.push($value);)+
                    }
                    ColumnData::Tuple(TupleColumn {
                        rows: len,
                        elements: vec![$($ty::column($values)),+],
                    })
                }

                fn placeholder() -> Self {
                    ($($ty::placeholder(),)+)
                }
            }
        )*
    };
}

tuples! {
    (A a x, B b y);
    (A a x, B b y, C c z);
    (A a x, B b y, C c z, D d w);
    (A a x, B b y, C c z, D d w, E e v);
    (A a x, B b y, C c z, D d w, E e v, F f u);
}
