//! A client for Apache IoTDB's Thrift interface.
//!
//! The [`message`] module is a codec of every request and answer that needs no network: both directions, binary and
//! compact protocol.
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
mod codec;
mod config;
mod error;
mod limits;
pub mod message;
#[cfg(feature = "client")]
mod observe;
#[doc(hidden)]
pub mod proto;
mod row;
pub mod tablet;
mod types;

#[cfg(feature = "client")]
pub use client::{Client, RowStream};
pub use codec::Protocol;
pub use config::Config;
pub use error::{Error, ErrorKind, PartError, Sent, ServerError};
pub use limits::Limits;
pub use proto::{Generation, Server};
pub use row::{Block, Column, FromRow, Row, Rows};
pub use types::{Cell, DataType, Date, Decode, Value};
