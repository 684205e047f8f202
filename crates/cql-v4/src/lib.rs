//! Client of Apache Cassandra and ScyllaDB.
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
mod observe;
#[doc(hidden)]
pub mod proto;
pub mod row;
pub mod types;

#[cfg(feature = "client")]
pub use client::{Batch, Client, Prepared, RowStream, Statement};
pub use codec::{Compression, Version};
#[cfg(feature = "client")]
pub use config::Config;
pub use error::{Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError};
pub use limits::Limits;
pub use row::{FromRow, QueryResult, Row, Rows};
