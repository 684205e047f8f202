//! Client of Apache Cassandra and ScyllaDB: the CQL native protocol, versions 3, 4 and 5.
//!
//! `Client` connects and runs statements, [`QueryResult`], [`Rows`] and [`Row`] are what comes back, [`types`] says which
//! Rust type stands for which CQL type, and [`Error`] what went wrong and whether the request was sent. [`codec`] and
//! [`message`] are frames and messages in both directions, for those who bring their own transport; with
//! `default-features = false` they are all there is. The README that follows has the overview.
//!
#![cfg_attr(
    all(feature = "client", feature = "derive"),
    doc = include_str!("../README.md")
)]
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
#[cfg(feature = "client")]
mod observe;
#[cfg(feature = "client")]
pub mod policy;
#[doc(hidden)]
pub mod proto;
pub mod routing;
pub mod row;
pub mod schema;
pub mod types;

#[cfg(feature = "client")]
pub use crate::metrics::{ErrorCounts, Latency, LatencySnapshot, Stats};
#[cfg(feature = "client")]
pub use client::{Batch, Client, NodeEvent, NodeEvents, Prepared, RowStream, Statement};
pub use codec::{Compression, Version};
#[cfg(feature = "client")]
pub use config::Config;
pub use error::{
    Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, RateLimited, Sent, ServerError,
};
pub use limits::Limits;
pub use proto::{AuthFailure, AuthSession, Authenticator, PlainAuthenticator};
pub use row::{FromRow, QueryResult, Row, Rows};
#[cfg(feature = "derive")]
pub use wire_derive::{CqlBindRow as BindRow, CqlFromRow as FromRow, CqlUdt as Udt};
