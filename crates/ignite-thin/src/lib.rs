//! Async client for the thin client protocol of Apache Ignite 2.x.
//!
//! Start with `Client::connect` and a `Config`; `Client::cache` gives a handle on a cache, `Client::query`,
//! `Client::query_stream` and `Client::execute` run statements. The README that follows has the overview.
//!
//! Without the feature `client` the crate is a codec: [`message`] has every request and response, for the client's
//! side and the server's, [`codec`] the frames around them, [`types`] the values in them, [`object`] the header of
//! binary objects. Nothing there does I/O.
//!
#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
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

#[cfg(feature = "client")]
mod client;
pub mod codec;
#[cfg(feature = "client")]
mod config;
mod error;
mod limits;
pub mod message;
#[cfg(feature = "client")]
mod metrics;
pub mod object;
#[cfg(feature = "client")]
mod observe;
#[doc(hidden)]
pub mod proto;
mod row;
pub mod types;

#[cfg(feature = "client")]
pub use client::{Cache, Client, RowStream, ScanStream, ServerInfo, Sql};
pub use codec::{Decoder, Encoder};
#[cfg(feature = "client")]
pub use config::Config;
pub use error::{Error, ErrorKind, Sent, ServerError, Status};
pub use limits::Limits;
#[cfg(feature = "client")]
pub use metrics::{ErrorCounts, LatencySnapshot, Stats};
pub use row::{Column, FromRow, Row, RowDecoder, Rows};
pub use types::{
    BinaryObject, CollectionKind, DataType, Date, Decimal, Decode, Encode, MapKind, Time,
    Timestamp, Uuid, Value,
};
