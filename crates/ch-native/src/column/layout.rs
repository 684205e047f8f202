//! Which shape the values of a type have: the one place that maps types to layouts.

use crate::types::{AggregateFunction, DataType, JsonType};

/// The layout of a type.
#[derive(Debug)]
pub(super) enum Layout<'a> {
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    UInt128,
    Int8,
    Int16,
    Int32,
    Int64,
    Int128,
    Int256,
    Float32,
    Float64,
    Uuid,
    Ipv6,
    String,
    FixedString(usize),
    Nothing,
    Nullable(&'a DataType),
    Array(&'a DataType),
    Tuple(Vec<&'a DataType>),
    /// The type without its `Nullable`, and whether it had one.
    LowCardinality(&'a DataType, bool),
    Variant(&'a [DataType]),
    Dynamic,
    Json(&'a JsonType),
    State(&'a AggregateFunction),
    /// Vectors of that many elements, of which so many are stored together.
    Vectors(&'a DataType, usize, usize),
    Unsupported(&'a str),
}

impl<'a> Layout<'a> {
    pub(super) fn of(ty: &'a DataType) -> Self {
        match ty {
            DataType::UInt8 | DataType::Bool => Self::UInt8,
            DataType::UInt16 | DataType::Date | DataType::BFloat16 => Self::UInt16,
            DataType::UInt32 | DataType::DateTime(_) | DataType::Ipv4 => Self::UInt32,
            DataType::UInt64 => Self::UInt64,
            DataType::UInt128 => Self::UInt128,
            DataType::Int8 | DataType::Enum8(_) => Self::Int8,
            DataType::Int16 | DataType::Enum16(_) => Self::Int16,
            DataType::Int32 | DataType::Date32 | DataType::Time => Self::Int32,
            DataType::Int64
            | DataType::DateTime64(..)
            | DataType::Time64(_)
            | DataType::Interval(_) => Self::Int64,
            DataType::Int128 => Self::Int128,
            DataType::Int256 | DataType::UInt256 => Self::Int256,
            DataType::Decimal { precision, .. } => match precision {
                0..=9 => Self::Int32,
                10..=18 => Self::Int64,
                19..=38 => Self::Int128,
                39.. => Self::Int256,
            },
            DataType::Float32 => Self::Float32,
            DataType::Float64 => Self::Float64,
            DataType::Uuid => Self::Uuid,
            DataType::Ipv6 => Self::Ipv6,
            DataType::String => Self::String,
            DataType::FixedString(width) => Self::FixedString(*width),
            DataType::Nothing => Self::Nothing,
            DataType::Nullable(inner) => Self::Nullable(inner),
            DataType::Array(inner) | DataType::Map(inner) | DataType::Nested(inner) => {
                Self::Array(inner)
            }
            DataType::Tuple(elements) => Self::Tuple(elements.iter().map(|(_, ty)| ty).collect()),
            DataType::LowCardinality(inner) => match inner.resolve() {
                DataType::Nullable(base) => Self::LowCardinality(base, true),
                base => Self::LowCardinality(base, false),
            },
            DataType::Variant(types) => Self::Variant(types),
            DataType::Dynamic { .. } => Self::Dynamic,
            DataType::Json(json) => Self::Json(json),
            DataType::AggregateFunction(function) => Self::State(function),
            DataType::QBit {
                element,
                dimension,
                stride,
            } => Self::Vectors(element, *dimension, stride.unwrap_or(*dimension)),
            DataType::Alias { of, .. } => Self::of(of),
            DataType::Unsupported(name) => Self::Unsupported(name),
        }
    }
}
