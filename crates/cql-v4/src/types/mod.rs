//! CQL types and their values.
//!
//! | CQL | Rust | `Value` |
//! | --- | --- | --- |
//! | ascii, text, varchar | `&str`, `String`, `Box<str>`, `Arc<str>` | `Text` |
//! | blob | `&[u8]`, `Vec<u8>`, `Bytes` (the last without a copy) | `Blob` |
//! | boolean | `bool` | `Boolean` |
//! | tinyint, smallint, int | `i8`, `i16`, `i32` | `TinyInt`, `SmallInt`, `Int` |
//! | bigint, counter | `i64` | `BigInt`, `Counter` |
//! | float, double | `f32`, `f64` | `Float`, `Double` |
//! | varint, decimal | [`Varint`], [`Decimal`] | `Varint`, `Decimal` |
//! | uuid, timeuuid | [`Uuid`]; `uuid::Uuid` (feature `uuid`) | `Uuid`, `Timeuuid` |
//! | timestamp, date, time | [`Timestamp`] and `SystemTime`, [`Date`], [`Time`] | of the same name |
//! | duration | [`Duration`] | `Duration` |
//! | inet | `IpAddr`, `Ipv4Addr`, `Ipv6Addr` | `Inet` |
//! | list, set | `Vec`, `HashSet`, `BTreeSet` | `List`, `Set` |
//! | map | `HashMap`, `BTreeMap` | `Map` |
//! | vector | `Vec` | `Vector` |
//! | tuple | tuples of up to 8 | `Tuple` |
//! | user-defined | [`Value`] | `Udt` |
//! | any, null allowed | `Option<T>` | `Null` |
//! | any, also custom types | [`Raw`], [`Value`] | `Custom` |
//!
//! Null is read as `Option`, or as an empty collection, since the server keeps an empty collection that is not frozen
//! as null. Types are compared once per result, not once per value; see [`Decode`].

mod class;
mod data_type;
mod decode;
mod encode;
#[cfg(feature = "uuid")]
mod ext;
#[doc(hidden)]
pub mod fields;
mod named;
mod nested;
mod scalar;
mod tuple;
mod value;
mod vector;

pub use data_type::{DataType, UdtField, UdtType};
pub(crate) use decode::decode_cell;
pub use decode::{Cell, Decode, Raw};
pub(crate) use encode::Place;
pub use encode::{CellWriter, Encode, MaybeUnset, NestedWriter, Unset, Written};
pub(crate) use named::{native_type, type_of_class};
pub use scalar::{Date, Decimal, Duration, Time, Timestamp, Uuid, Varint};
pub use value::Value;
