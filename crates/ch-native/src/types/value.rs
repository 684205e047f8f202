//! Values whose type is known only when they arrive.

use std::net::{Ipv4Addr, Ipv6Addr};

/// One value of any type, owned. For tools that show or forward whatever a query returns; typed rows and columns are
/// faster.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL.
    Null,
    /// `Bool`.
    Bool(bool),
    /// `UInt8` to `UInt64`.
    UInt(u64),
    /// `Int8` to `Int64`.
    Int(i64),
    /// `UInt128`.
    UInt128(u128),
    /// `Int128`.
    Int128(i128),
    /// `UInt256` or `Int256`: 32 bytes, little-endian, two's complement.
    Int256([u8; 32]),
    /// `BFloat16` and `Float32`.
    Float32(f32),
    /// `Float64`.
    Float64(f64),
    /// `String` and `FixedString`, as bytes.
    String(Vec<u8>),
    /// `Date` and `Date32`: days since 1970-01-01.
    Date(i32),
    /// `DateTime`: seconds since 1970-01-01 UTC.
    DateTime(u32),
    /// `DateTime64`: ticks since 1970-01-01 UTC and digits after the second.
    DateTime64 {
        /// Ticks of 10^-precision seconds.
        ticks: i64,
        /// Digits after the second, 0 to 9.
        precision: u8,
    },
    /// `Time` (precision 0) and `Time64`.
    Time {
        /// Ticks of 10^-precision seconds; may be negative.
        ticks: i64,
        /// Digits after the second, 0 to 9.
        precision: u8,
    },
    /// `Interval…`, in the unit that the type names.
    Interval(i64),
    /// `Decimal` of up to 38 digits: `mantissa` × 10^-`scale`.
    Decimal {
        /// All digits as an integer.
        mantissa: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// `Decimal` of more than 38 digits.
    Decimal256 {
        /// All digits as an integer: 32 bytes, little-endian, two's complement.
        mantissa: [u8; 32],
        /// Digits after the point.
        scale: u8,
    },
    /// `UUID`, the first hexadecimal digit highest.
    Uuid(u128),
    /// `IPv4`.
    Ipv4(Ipv4Addr),
    /// `IPv6`.
    Ipv6(Ipv6Addr),
    /// `Enum8` and `Enum16`.
    Enum {
        /// The label; `None` if the type has none for this value.
        label: Option<String>,
        /// The number behind it.
        value: i16,
    },
    /// `Array` and the arrays of `Nested`.
    Array(Vec<Self>),
    /// `Tuple`.
    Tuple(Vec<Self>),
    /// `Map`, in the order of the server.
    Map(Vec<(Self, Self)>),
    /// `JSON`: paths, their steps joined by dots, and the value of each; sorted by path. Arrays of objects are arrays of
    /// these.
    Json(Vec<(String, Self)>),
    /// What cannot be taken apart, as its bytes: states of an `AggregateFunction`, and in a `Dynamic` or `JSON` a value
    /// of a type that this crate does not know, with its type before it.
    Opaque(Vec<u8>),
}
