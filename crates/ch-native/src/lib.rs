//! ch-native
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
pub mod column;
#[cfg(feature = "client")]
mod config;
mod error;
mod limits;
pub mod message;
#[cfg(feature = "client")]
mod observe;
#[cfg(feature = "client")]
mod proto;
pub mod row;
pub mod types;

#[cfg(feature = "client")]
pub use client::{Client, Insert, RowStream};
pub use column::{Block, Column, ColumnData, Decode, Encode};
#[cfg(feature = "client")]
pub use config::{Compression, Config};
pub use error::{Error, ErrorKind, Sent, ServerError};
pub use limits::Limits;
pub use message::Query;
pub use row::{FromRow, Row, Rows, Summary};
pub use types::{DataType, Value};
