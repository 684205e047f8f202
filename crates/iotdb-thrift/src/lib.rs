//! An async client, and a codec, for the Thrift interface of Apache IoTDB, from 0.12 to 2.x.
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # async fn example() -> Result<(), iotdb_thrift::Error> {
//! use iotdb_thrift::tablet::{Tablet, TabletColumn};
//! use iotdb_thrift::{Client, Config};
//!
//! let client = Client::connect(Config::from_url("iotdb://root:root@127.0.0.1:6667")?).await?;
//! let temperature = TabletColumn::new("temperature", vec![20.5, 21.0]);
//! client.insert_tablet(&Tablet::from_columns("root.plant.d1", vec![1, 2], vec![temperature])?).await?;
//! let rows = client.query("select temperature from root.plant.d1").await?;
//! for row in rows.typed::<(i64, Option<f64>)>()? {
//!     println!("{:?}", row?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is here, from the user down to the wire:
//!
//! - [`Client`] and [`RowStream`] (feature `client`), configured by [`Config`]: the only part that knows tokio.
//! - [`Rows`], [`Block`], [`Row`], [`FromRow`]: results by column, and rows on top.
//! - [`tablet`]: tablets and records to write; TsBlocks and row sets, which results come in.
//! - [`DataType`], [`Value`], [`Decode`]: the table in the page of [`DataType`] says which is which.
//! - [`message`]: every request and answer, both directions, binary and compact protocol.
//! - [`Error`]: whose fault, whether the request was sent, and what the server said. [`Limits`]: every cap on what a
//!   server may make this side spend.
//!
//! With `default-features = false` all but the client remains: a codec for both ends of the wire.
//!
//! What is not here: the table model beyond SQL text, redirection and pools, compressed tablets, prepared statements,
//! subscriptions; their messages are.
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

#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
struct Readme;
