//! The contents of a column.

use super::dynamic::DynamicColumn;
use super::json::JsonColumn;
use super::scalar::Scalar;
use super::string::{FixedStringColumn, StringColumn};
use super::variant::VariantColumn;
use crate::types::DataType;

/// The values of a column, in one of the few shapes that all types are stored in.
///
/// | shape | types |
/// | --- | --- |
/// | `UInt8` | `UInt8`, `Bool` (0 or 1) |
/// | `UInt16` | `UInt16`, `Date`, `BFloat16` (bits) |
/// | `UInt32` | `UInt32`, `DateTime`, `IPv4` (192.0.2.1 is 0xc0000201) |
/// | `UInt64`, `UInt128` | the same |
/// | `Int8`, `Int16` | the same, `Enum8`, `Enum16` |
/// | `Int32` | `Int32`, `Date32`, `Time`, `Decimal` up to 9 digits |
/// | `Int64` | `Int64`, `DateTime64`, `Time64`, `Interval…`, `Decimal` up to 18 digits |
/// | `Int128` | `Int128`, `Decimal` up to 38 digits |
/// | `Int256` | `Int256`, `UInt256`, `Decimal` up to 76 digits: 32 bytes, little-endian |
/// | `Uuid` | `UUID`, first digit highest |
/// | `Ipv6` | `IPv6`, first group highest |
/// | `Array` | `Array`, `Map`, `Nested`, `QBit` (arrays of one length; numbers of `BFloat16` as bits) |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnData {
    /// 8 bits, unsigned.
    UInt8(Vec<u8>),
    /// 16 bits, unsigned.
    UInt16(Vec<u16>),
    /// 32 bits, unsigned.
    UInt32(Vec<u32>),
    /// 64 bits, unsigned.
    UInt64(Vec<u64>),
    /// 128 bits, unsigned.
    UInt128(Vec<u128>),
    /// 8 bits, signed.
    Int8(Vec<i8>),
    /// 16 bits, signed.
    Int16(Vec<i16>),
    /// 32 bits, signed.
    Int32(Vec<i32>),
    /// 64 bits, signed.
    Int64(Vec<i64>),
    /// 128 bits, signed.
    Int128(Vec<i128>),
    /// 256 bits, little-endian, signed or not.
    Int256(Vec<[u8; 32]>),
    /// Single precision.
    Float32(Vec<f32>),
    /// Double precision.
    Float64(Vec<f64>),
    /// UUIDs as numbers.
    Uuid(Vec<u128>),
    /// IPv6 addresses as numbers.
    Ipv6(Vec<u128>),
    /// Byte strings of any length.
    String(StringColumn),
    /// Byte strings of one length.
    FixedString(FixedStringColumn),
    /// That many values of type `Nothing`.
    Nothing(usize),
    /// Values that may be NULL.
    Nullable(Box<NullableColumn>),
    /// Arrays; `Map` and `Nested` are arrays of tuples.
    Array(Box<ArrayColumn>),
    /// Tuples.
    Tuple(TupleColumn),
    /// A dictionary and keys.
    LowCardinality(Box<LowCardinalityColumn>),
    /// Values of one of several types each.
    Variant(Box<VariantColumn>),
    /// Values of any type each.
    Dynamic(Box<DynamicColumn>),
    /// Objects.
    Json(Box<JsonColumn>),
    /// States of an aggregate function, each as its bytes.
    State(StringColumn),
}

/// Values that may be NULL.
#[derive(Debug, Clone, PartialEq)]
pub struct NullableColumn {
    pub(crate) nulls: Vec<u8>,
    pub(crate) values: ColumnData,
}

impl NullableColumn {
    /// One byte a row, not 0 where the value is NULL.
    pub fn nulls(&self) -> &[u8] {
        &self.nulls
    }

    /// A value for each row; arbitrary where it is NULL.
    pub fn values(&self) -> &ColumnData {
        &self.values
    }
}

/// Arrays: the elements of all rows one after another, and where each row's end.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayColumn {
    pub(crate) ends: Vec<u64>,
    pub(crate) values: ColumnData,
}

impl ArrayColumn {
    /// For each row the index behind its last element; never falls.
    pub fn ends(&self) -> &[u64] {
        &self.ends
    }

    /// The elements of all rows.
    pub fn values(&self) -> &ColumnData {
        &self.values
    }

    /// The elements of `row`, as indexes into [`Self::values`]; empty if there is no such row.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        range(&self.ends, row)
    }
}

/// Tuples: a column for each element.
#[derive(Debug, Clone, PartialEq)]
pub struct TupleColumn {
    pub(crate) rows: usize,
    pub(crate) elements: Vec<ColumnData>,
}

impl TupleColumn {
    /// A column for each element, all of the same length.
    pub fn elements(&self) -> &[ColumnData] {
        &self.elements
    }
}

/// A dictionary of distinct values and a key into it for each row.
#[derive(Debug, Clone, PartialEq)]
pub struct LowCardinalityColumn {
    pub(crate) dictionary: ColumnData,
    pub(crate) keys: Vec<u32>,
    pub(crate) nullable: bool,
}

impl LowCardinalityColumn {
    /// The distinct values. Slot 0 stands for NULL if [`Self::is_nullable`].
    pub fn dictionary(&self) -> &ColumnData {
        &self.dictionary
    }

    /// For each row the index of its value in the dictionary.
    pub fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// Whether slot 0 of the dictionary stands for NULL.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }
}

/// The part of a flat column that belongs to `row`, by cumulative ends.
#[inline]
pub(super) fn range(ends: &[u64], row: usize) -> std::ops::Range<usize> {
    let at = |row: usize| ends.get(row).and_then(|end| usize::try_from(*end).ok());
    match (row.checked_sub(1), at(row)) {
        (_, None) => 0..0,
        (None, Some(end)) => 0..end,
        (Some(before), Some(end)) => at(before).unwrap_or(0)..end,
    }
}

/// Calls `$body` with the vector of any shape that is a plain vector; `$other` for the rest.
macro_rules! for_scalars {
    ($data:expr, $values:ident => $body:expr, $($other:tt)*) => {
        match $data {
            ColumnData::UInt8($values) => $body,
            ColumnData::UInt16($values) => $body,
            ColumnData::UInt32($values) => $body,
            ColumnData::UInt64($values) => $body,
            ColumnData::UInt128($values) => $body,
            ColumnData::Int8($values) => $body,
            ColumnData::Int16($values) => $body,
            ColumnData::Int32($values) => $body,
            ColumnData::Int64($values) => $body,
            ColumnData::Int128($values) => $body,
            ColumnData::Int256($values) => $body,
            ColumnData::Float32($values) => $body,
            ColumnData::Float64($values) => $body,
            ColumnData::Uuid($values) | ColumnData::Ipv6($values) => $body,
            $($other)*
        }
    };
}
pub(super) use for_scalars;

impl ColumnData {
    /// How many values it holds.
    pub fn len(&self) -> usize {
        for_scalars!(self, values => values.len(),
            Self::String(c) => c.len(),
            Self::FixedString(c) => c.len(),
            Self::Nothing(rows) => *rows,
            Self::Nullable(c) => c.nulls.len(),
            Self::Array(c) => c.ends.len(),
            Self::Tuple(c) => c.rows,
            Self::LowCardinality(c) => c.keys.len(),
            Self::Variant(c) => c.len(),
            Self::Dynamic(c) => c.len(),
            Self::Json(c) => c.len(),
            Self::State(c) => c.len(),
        )
    }

    /// Whether it holds no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All values as a slice, if this is the shape that stores them as `T`. `Nullable` and `LowCardinality` columns
    /// give their inner values through their own types.
    pub fn values<T: Scalar>(&self) -> Option<&[T]> {
        T::slice(self)
    }

    /// The UUIDs or IPv6 addresses of such a column as numbers, first digit highest.
    pub fn numbers128(&self) -> Option<&[u128]> {
        match self {
            Self::Uuid(values) | Self::Ipv6(values) => Some(values),
            _ => None,
        }
    }

    /// The strings of a `String` column.
    pub fn strings(&self) -> Option<&StringColumn> {
        match self {
            Self::String(c) => Some(c),
            _ => None,
        }
    }

    /// The type that these values have when nothing else is said.
    pub(crate) fn natural_type(&self) -> DataType {
        match self {
            Self::UInt8(_) => DataType::UInt8,
            Self::UInt16(_) => DataType::UInt16,
            Self::UInt32(_) => DataType::UInt32,
            Self::UInt64(_) => DataType::UInt64,
            Self::UInt128(_) => DataType::UInt128,
            Self::Int8(_) => DataType::Int8,
            Self::Int16(_) => DataType::Int16,
            Self::Int32(_) => DataType::Int32,
            Self::Int64(_) => DataType::Int64,
            Self::Int128(_) => DataType::Int128,
            Self::Int256(_) => DataType::Int256,
            Self::Float32(_) => DataType::Float32,
            Self::Float64(_) => DataType::Float64,
            Self::Uuid(_) => DataType::Uuid,
            Self::Ipv6(_) => DataType::Ipv6,
            Self::String(_) => DataType::String,
            Self::FixedString(c) => DataType::FixedString(c.width()),
            Self::Nothing(_) => DataType::Nothing,
            Self::Nullable(c) => DataType::Nullable(Box::new(c.values.natural_type())),
            Self::Array(c) => DataType::Array(Box::new(c.values.natural_type())),
            Self::Tuple(c) => {
                let elements = c.elements.iter().map(|e| (None, e.natural_type()));
                DataType::Tuple(elements.collect())
            }
            Self::Variant(c) => DataType::Variant(c.types().to_vec()),
            Self::Dynamic(_) => DataType::Dynamic { max_types: None },
            Self::Json(c) => c.natural_type(),
            // States do not say of which function they are.
            Self::State(_) => DataType::Unsupported("AggregateFunction(…)".to_owned()),
            Self::LowCardinality(c) => {
                let base = c.dictionary.natural_type();
                DataType::LowCardinality(Box::new(if c.nullable {
                    DataType::Nullable(Box::new(base))
                } else {
                    base
                }))
            }
        }
    }

    /// The shape in words, for errors.
    pub(crate) fn shape(&self) -> String {
        self.natural_type().to_string()
    }
}
