//! Async client for the thin client protocol of Apache Ignite 2.x.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod codec;
mod error;
mod limits;
pub mod message;
pub mod object;
pub mod types;

pub use codec::{Decoder, Encoder};
pub use error::{Error, ErrorKind, Sent, ServerError, Status};
pub use limits::Limits;
pub use types::{
    BinaryObject, CollectionKind, DataType, Date, Decimal, Decode, Encode, MapKind, Time,
    Timestamp, Uuid, Value,
};
