//! CQL types and their values.
//!
//! | CQL | Rust | [`Value`] |
//! | --- | --- | --- |
//! | ascii, text, varchar | `&str`, `String`, `Cow<str>`, `Box<str>`, `Arc<str>` | `Text` |
//! | blob | `&[u8]`, `Vec<u8>`, `[u8; N]`, `Cow<[u8]>`, `Box<[u8]>`, `Arc<[u8]>`, `Bytes` (without a copy) | `Blob` |
//! | boolean | `bool` | `Boolean` |
//! | tinyint, smallint, int | `i8`, `i16`, `i32` | `TinyInt`, `SmallInt`, `Int` |
//! | bigint | `i64` | `BigInt` |
//! | counter | `i64`, [`Counter`] | `Counter` |
//! | float, double | `f32`, `f64` | `Float`, `Double` |
//! | varint | [`Varint`]; `num_bigint::BigInt` (feature `num-bigint-04`) | `Varint` |
//! | decimal | [`Decimal`]; `bigdecimal::BigDecimal` (feature `bigdecimal-04`) | `Decimal` |
//! | uuid | [`Uuid`]; `uuid::Uuid` (feature `uuid`) | `Uuid` |
//! | timeuuid | [`Timeuuid`], [`Uuid`]; `uuid::Uuid` (feature `uuid`) | `Timeuuid` |
//! | timestamp | [`Timestamp`], `SystemTime`; `time::OffsetDateTime`, `chrono::DateTime`, `jiff::Timestamp` | `Timestamp` |
//! | date | [`Date`]; `time::Date`, `chrono::NaiveDate`, `jiff::civil::Date` | `Date` |
//! | time | [`Time`]; `time::Time`, `chrono::NaiveTime`, `jiff::civil::Time` | `Time` |
//! | duration | [`Duration`]; `jiff::Span` | `Duration` |
//! | inet | `IpAddr`, `Ipv4Addr`, `Ipv6Addr` | `Inet` |
//! | list | `Vec`, `[T; N]`, `Box<[T]>`, `Arc<[T]>`, `HashSet`, `BTreeSet` | `List` |
//! | set | the same | `Set` |
//! | map | `HashMap`, `BTreeMap` | `Map` |
//! | vector | as list; elements of any type | `Vector` |
//! | tuple | tuples of up to 16 | `Tuple` |
//! | user-defined | structs with `#[derive(Udt)]` | `Udt` |
//! | any, null allowed | `Option<T>` | `Null` |
//! | any, zero bytes allowed | [`MaybeEmpty<T>`](MaybeEmpty) | `Empty` |
//! | any, bound | [`Unset`], [`MaybeUnset<T>`](MaybeUnset): the column stays as it is | |
//! | any, also custom types | [`Raw`], [`Value`] | `Custom` |
//!
//! Types of `time`, `chrono` and `jiff` need the features `time-03`, `chrono-04` and `jiff-02`. They know fewer years
//! than CQL does; what is beyond is an error. `Box<T>`, `Arc<T>` and references stand for their `T`, and types of your
//! own can implement [`Encode`] and [`Decode`].
//!
//! Null is read as `Option`, or as an empty collection, since the server keeps an empty collection that is not frozen
//! as null. A null inside of a collection, which servers refuse, is read as such. Types are compared once per result,
//! not once per value; see [`Decode`]. A type that is not known to this crate is [`DataType::Custom`], and its values
//! are read as bytes; the columns beside it are not affected.

mod class;
mod data_type;
mod decode;
mod encode;
mod ext;
#[doc(hidden)]
pub mod fields;
mod literal;
mod named;
mod nested;
mod scalar;
mod tuple;
mod value;
mod vector;
mod wrapper;

pub use data_type::{DataType, UdtField, UdtType};
pub(crate) use decode::decode_cell;
pub use decode::{Cell, Decode, Raw};
pub use encode::{CellWriter, Encode, NestedWriter, Written};
pub(crate) use encode::{Place, unset_before_v4};
pub(crate) use named::{native_type, type_of_class};
pub use scalar::{Counter, Date, Decimal, Duration, Time, Timestamp, Timeuuid, Uuid, Varint};
pub use value::Value;
pub use wrapper::{MaybeEmpty, MaybeUnset, Unset};
