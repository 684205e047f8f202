//! Building blocks of the workspace's database protocol crates.
//!
//! This crate is a private dependency: none of its types appears in the public API of the crates that use it, so it
//! may change with any release. If you came here to talk to a database, use `cql-v4`, `ch-native`, `ignite-thin` or
//! `iotdb-thrift`.
//!
//! What is here, from the wire upwards:
//!
//! - [`Reader`] and [`Writer`]: checked cursors over bytes; every read names the field it reads.
//! - [`varint`]: LEB128, zig-zag, CQL vint.
//! - [`Budget`]: what a peer may make us spend while one message is decoded.
//! - [`RecvBuf`]: the receive buffer that complete frames are split off from.
//! - [`compress`]: LZ4, Snappy and Zstandard with bounded output.
//! - [`machine`]: the connection without a socket: requests in flight, orphans, deadlines, outgoing bytes.
//! - `net` (feature `net`): the driver task, connecting, TLS, back-off: the only module that knows tokio.
//! - [`url`] and [`config`]: connection URLs with options that have units; settings that all crates share.
//! - `testing` (feature `testing`): the fixed set of codec tests as functions.
//!
//! What is not here: anything that only one protocol needs.
//!
//! ```
//! use wire_core::{DecodeError, Reader};
//!
//! let mut r = Reader::new(&[0, 2, b'o', b'k']);
//! let n = r.u16_be("length")?;
//! let text = r.str("text", usize::from(n))?;
//! r.finish("Greeting")?;
//! assert_eq!(text, "ok");
//!
//! let error = Reader::new(&[0]).u16_be("length").unwrap_err();
//! assert_eq!(error.to_string(), "length: needs 2 bytes but 1 is left (at byte 0)");
//! # Ok::<(), DecodeError>(())
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    reason = "a private dependency: its types change with its only users"
)]
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

mod budget;
pub mod compress;
pub mod config;
mod error;
mod error_macro;
pub mod hex;
pub mod machine;
pub mod metrics;
#[cfg(feature = "net")]
pub mod net;
mod reader;
mod recv;
mod secret;
#[cfg(feature = "testing")]
pub mod testing;
pub mod url;
pub mod varint;
mod writer;

pub use budget::Budget;
pub use error::{DecodeError, DecodeErrorKind, DecodeResultExt, EncodeError, EncodeErrorKind};
pub use reader::Reader;
pub use recv::RecvBuf;
pub use secret::Secret;
pub use writer::{Prefix, Writer};
