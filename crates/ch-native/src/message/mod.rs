//! Packets: what client and server say to each other.
//!
//! | code | from the client | from the server |
//! | --- | --- | --- |
//! | 0 | [`ClientHello`] | [`ServerHello`] |
//! | 1 | [`Query`] | Data |
//! | 2 | Data | Exception ([`ServerError`](crate::ServerError)) |
//! | 3 | Cancel | [`Progress`] |
//! | 4 | Ping | Pong |
//! | 5 | | EndOfStream |
//! | 6 | | [`ProfileInfo`] |
//! | 7, 8 | | Totals, Extremes |
//! | 10, 14 | | Log, ProfileEvents |
//! | 11 | | [`TableColumns`] |
//! | 17 | | TimezoneUpdate |
//!
//! A packet has no length: [`ServerPackets`] and [`ClientPackets`] decode as bytes arrive and never look at a byte of
//! a block twice.
//!
//! Source: ClickHouse, `src/Core/Protocol.h`, `docs/en/interfaces/specs/NativeProtocol.md`.

mod body;
mod client;
mod error;
mod handshake;
mod query;
mod result;
mod server;

pub use client::{ClientPacket, ClientPackets};
pub use handshake::{Addendum, ClientHello, Password, ServerHello, ServerSetting};
pub use query::{ClientInfo, Query, QueryPacket, SettingValue};
pub use result::{ProfileInfo, Progress, TableColumns};
pub use server::{ServerPacket, ServerPackets};
#[cfg(feature = "client")]
pub(crate) use {handshake::NOT_CHUNKED, server::ServerDecoder};

use crate::codec::{Method, Revision};

/// The form that packets have on a connection once the hellos are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// The lower of both sides' revisions.
    pub revision: Revision,
    /// How blocks are compressed, if the query asks for compression. What is read may use any method.
    pub compression: Option<Method>,
}

impl Form {
    /// A form.
    pub const fn new(revision: Revision, compression: Option<Method>) -> Self {
        Self {
            revision,
            compression,
        }
    }
}
