//! ClickHouse over its native TCP protocol.
//!
//! Results and inserts travel in columns, and columns are what this crate hands out: a fixed-width column is one slice
//! of numbers, a string column one run of bytes. Typed rows and dynamic values are views on top of them.
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # mod example {
//! use ch_native::{Block, Client, Config};
//!
//! # pub async fn run() -> Result<(), ch_native::Error> {
//! let client = Client::connect(Config::from_url("clickhouse://default@127.0.0.1:9000")?).await?;
//!
//! client.execute("CREATE TABLE points (id UInt64, name String) ENGINE = Memory").await?;
//! let block = Block::new()
//!     .with("id", vec![1_u64, 2, 3])?
//!     .with("name", vec!["a", "b", "c"])?;
//! client.insert("INSERT INTO points (id, name) VALUES", block).await?;
//!
//! // Columns: no work for each value.
//! let mut stream = client.query_stream("SELECT id FROM points").await?;
//! let mut sum = 0;
//! while let Some(block) = stream.next_block().await? {
//!     sum += block.columns()[0].data().values::<u64>().unwrap_or_default().iter().sum::<u64>();
//! }
//!
//! // Rows: types are checked once, then each row is a tuple.
//! let rows = client.query("SELECT id, name FROM points ORDER BY id").await?;
//! for row in rows.typed::<(u64, &str)>()? {
//!     let (id, name) = row?;
//!     println!("{id} {name} of {sum}");
//! }
//! # Ok(())
//! # }
//! # }
//! ```
//!
//! What is where:
//!
//! - `Client`, `Config`, `RowStream`, `Insert`: the tokio client (feature `client`, on by default).
//! - [`Block`], [`mod@column`]: columns; [`row`]: rows; [`types`]: types and dynamic values.
//! - [`message`], [`codec`]: packets and bytes in both directions, without any I/O: with `default-features = false` this
//!   is all there is, and no async runtime is compiled.
//!
//! Types of Rust and ClickHouse are listed at [`Decode`] and [`Encode`].
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
#[cfg(feature = "client")]
pub use proto::SshSigner;
#[cfg(feature = "ssh-key-06")]
pub use proto::{SshKey, SshSignature};
pub use row::{FromRow, Row, Rows, Summary};
pub use types::{DataType, Value};

/// The examples of the README are compiled as tests.
#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
struct Readme;
