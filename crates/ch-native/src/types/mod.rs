//! Values: their types and names of types.
//!
//! A type travels as its name, such as `Array(Nullable(DateTime64(3, 'UTC')))`. [`DataType`] is the parsed form; its
//! `Display` prints the name as the server does.

mod binary;
mod binary_write;
mod compound;
mod display;
mod json;
mod json_parse;
mod literal;
mod parse;
mod time_text;
mod value;

use std::str::FromStr;

pub use compound::{AggregateFunction, JsonType};
pub use value::Value;

use crate::error::{Error, ErrorKind};

/// A data type of ClickHouse, as columns announce it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// `UInt8`.
    UInt8,
    /// `UInt16`.
    UInt16,
    /// `UInt32`.
    UInt32,
    /// `UInt64`.
    UInt64,
    /// `UInt128`.
    UInt128,
    /// `UInt256`.
    UInt256,
    /// `Int8`.
    Int8,
    /// `Int16`.
    Int16,
    /// `Int32`.
    Int32,
    /// `Int64`.
    Int64,
    /// `Int128`.
    Int128,
    /// `Int256`.
    Int256,
    /// `BFloat16`: the upper half of a `Float32`.
    BFloat16,
    /// `Float32`.
    Float32,
    /// `Float64`.
    Float64,
    /// `Bool`.
    Bool,
    /// `String`: bytes, by custom UTF-8.
    String,
    /// `FixedString(n)`: exactly n bytes, padded with zeros.
    FixedString(usize),
    /// `Date`: days since 1970-01-01, unsigned 16 bits.
    Date,
    /// `Date32`: days since 1970-01-01, signed 32 bits.
    Date32,
    /// `DateTime` with its time zone, if one is named: seconds since 1970-01-01 UTC, unsigned 32 bits.
    DateTime(Option<String>),
    /// `DateTime64`: ticks of 10^-precision seconds since 1970-01-01 UTC, signed 64 bits, and the time zone, if one
    /// is named.
    DateTime64(u8, Option<String>),
    /// `Time`: seconds, signed 32 bits.
    Time,
    /// `Time64`: ticks of 10^-precision seconds, signed 64 bits.
    Time64(u8),
    /// `Interval…`, with its unit as in the name: `Day` of `IntervalDay`.
    Interval(String),
    /// `UUID`.
    Uuid,
    /// `IPv4`.
    Ipv4,
    /// `IPv6`.
    Ipv6,
    /// `Enum8`: labels and their values.
    Enum8(Vec<(String, i8)>),
    /// `Enum16`: labels and their values.
    Enum16(Vec<(String, i16)>),
    /// `Decimal(precision, scale)`: an integer times 10^-scale.
    Decimal {
        /// Digits in all, 1 to 76; decides the width: up to 9 digits 32 bits, 18: 64, 38: 128, 76: 256.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// `Nothing`: the type of a bare `NULL` and of empty arrays.
    Nothing,
    /// `Nullable(T)`.
    Nullable(Box<Self>),
    /// `LowCardinality(T)`: a dictionary and keys into it.
    LowCardinality(Box<Self>),
    /// `Array(T)`.
    Array(Box<Self>),
    /// `Tuple(…)`: elements with their names, if they have names.
    Tuple(Vec<(Option<String>, Self)>),
    /// `Map(K, V)`: an array of entries, whose type this is: a tuple of key and value. See [`DataType::map`].
    Map(Box<Self>),
    /// `Nested(…)`: an array of tuples with named elements, whose type this is.
    Nested(Box<Self>),
    /// `Variant(…)`: one of several types, sorted by name, or NULL. See [`DataType::variant`].
    Variant(Vec<Self>),
    /// `Dynamic`: a value of any type, which the data names, or NULL.
    Dynamic {
        /// Types that are kept apart, if the type names that number; 32 if not.
        max_types: Option<u8>,
    },
    /// `JSON`: objects, whose paths are columns.
    Json(Box<JsonType>),
    /// `AggregateFunction(…)`: states of an aggregate function.
    AggregateFunction(Box<AggregateFunction>),
    /// `QBit(T, n)`: vectors of n numbers, whose bits are stored apart so that a search may read the higher ones only.
    QBit {
        /// `BFloat16`, `Float32` or `Float64`.
        element: Box<Self>,
        /// Numbers in each vector.
        dimension: usize,
        /// Numbers that are stored together, if the type says so.
        stride: Option<usize>,
    },
    /// A name for another type: `Point` and the other geometries, `SimpleAggregateFunction(f, T)`.
    Alias {
        /// The whole name as it was read.
        name: String,
        /// The type whose layout and values it has.
        of: Box<Self>,
    },
    /// A type that this crate does not read or write, by its whole name: `Object('json')` of old servers, and whatever
    /// servers add.
    Unsupported(String),
}

/// Levels that a type name may nest when it is parsed by [`FromStr`]: more than any schema in use, and shallow enough
/// for a 128 KiB stack.
pub(crate) const DEFAULT_DEPTH: u32 = 64;

impl FromStr for DataType {
    type Err = Error;

    /// Parses the name of a type, nested up to 64 levels.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] with the place in the name where it stops to make sense.
    fn from_str(name: &str) -> Result<Self, Error> {
        parse(name, DEFAULT_DEPTH)
            .map_err(|e| Error::new(ErrorKind::Type, format!("type name {}: {e}", shorten(name))))
    }
}

pub(crate) use binary::read_binary;
pub(crate) use json_parse::parse_object;
pub(crate) use parse::{parse, shorten};

impl DataType {
    /// `Map(key, value)`.
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(Self::Tuple(vec![(None, key), (None, value)])))
    }

    /// The type at the start of `bytes` in binary form, as it stands before the values of [`DynamicColumn::shared`], and
    /// how many bytes it takes. Types nest up to 64 levels.
    ///
    /// [`DynamicColumn::shared`]: crate::column::DynamicColumn::shared
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are none, [`ErrorKind::Unsupported`] if this crate does not know the type.
    pub fn from_binary(bytes: &[u8]) -> Result<(Self, usize), Error> {
        let mut r = wire_core::Reader::new(bytes);
        let ty = read_binary(&mut r, DEFAULT_DEPTH)
            .map_err(|e| Error::decode(e, "a type in binary form"))?;
        Ok((ty, r.offset()))
    }

    /// The type in binary form, as `Dynamic` and `JSON` write it before a value.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if it is, or has inside, an [`Unsupported`](Self::Unsupported) type or an aggregate function
    /// with a parameter other than a number or text.
    pub fn to_binary(&self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        binary_write::write_binary(self, &mut out).map_err(|part| {
            let text = format!("type {self}: {part} has no binary form that this crate knows");
            Error::new(ErrorKind::Type, text)
        })?;
        Ok(out)
    }

    /// `Variant(…)` over `types`, which are sorted by name as servers do it: a value's number on the wire is the place
    /// of its type in that order.
    pub fn variant(types: impl IntoIterator<Item = Self>) -> Self {
        let mut named: Vec<_> = types.into_iter().map(|ty| (ty.to_string(), ty)).collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        named.dedup_by(|a, b| a.0 == b.0);
        Self::Variant(named.into_iter().map(|(_, ty)| ty).collect())
    }

    /// The type itself, behind any [`Alias`](Self::Alias).
    pub(crate) fn resolve(&self) -> &Self {
        let mut ty = self;
        while let Self::Alias { of, .. } = ty {
            ty = of;
        }
        ty
    }

    /// The type of the values that are not NULL: without `Nullable` and `LowCardinality` around it.
    pub(crate) fn base(&self) -> &Self {
        let mut ty = self.resolve();
        while let Self::Nullable(inner) | Self::LowCardinality(inner) = ty {
            ty = inner.resolve();
        }
        ty
    }

    /// Whether a value may be NULL.
    pub(crate) fn is_nullable(&self) -> bool {
        match self.resolve() {
            Self::Nullable(_) | Self::Nothing | Self::Variant(_) | Self::Dynamic { .. } => true,
            Self::LowCardinality(inner) => inner.is_nullable(),
            _ => false,
        }
    }
}
