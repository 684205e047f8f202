//! Packets: what client and server say to each other.
//!
//! | code | from the client | from the server |
//! | --- | --- | --- |
//! | 0 | [`ClientHello`] | [`ServerHello`] |
//! | 1 | [`QueryPacket`] | Data |
//! | 2 | Data | Exception ([`ServerError`](crate::ServerError)) |
//! | 3 | Cancel | [`Progress`] |
//! | 4 | Ping | Pong |
//! | 5 | [`TablesStatusRequest`] | EndOfStream |
//! | 6 | KeepAlive, which no server knows | [`ProfileInfo`] |
//! | 7 | Scalar | Totals |
//! | 8 | IgnoredPartUUIDs | Extremes |
//! | 9 | [`ReadTask`] | TablesStatusResponse ([`TableStatus`]) |
//! | 10 | MergeTreeReadTaskResponse * | Log ([`log_lines`]) |
//! | 11 | SSHChallengeRequest | [`TableColumns`] |
//! | 12 | SSHChallengeResponse | PartUUIDs |
//! | 13 | QueryPlan * | ReadTaskRequest |
//! | 14 | MergeTreeAllRangesAnnouncementResponse * | ProfileEvents ([`profile_events`]) |
//! | 15 | | MergeTreeAllRangesAnnouncement * |
//! | 16 | | MergeTreeReadTaskRequest * |
//! | 17 | | TimezoneUpdate |
//! | 18 | | SSHChallenge |
//! | 19 | | PreviewData |
//! | none | [`Addendum`] | |
//!
//! Those with a star are of servers that share out work among each other; they are refused by name. A packet exists since
//! some [`Feature`](crate::codec::Feature): before it, it is neither read nor written.
//!
//! A packet has no length: [`ServerPackets`] and [`ClientPackets`] decode as bytes arrive and never look at a byte of
//! a block twice.
//!
//! Source: ClickHouse, `src/Core/Protocol.h`, `docs/en/interfaces/specs/NativeProtocol.md`.

mod body;
mod client;
mod client_info;
mod client_packets;
mod error;
mod handshake;
mod internal;
mod log;
mod parameter;
mod query;
mod query_packet;
mod result;
mod server;
mod server_hello;
mod server_packets;
mod setting;
mod table_columns;
mod tables;
mod trace;

pub use client::ClientPacket;
pub use client_info::{ClientInfo, HttpClient, Interface, TcpClient};
pub use client_packets::ClientPackets;
pub use handshake::{Addendum, Authentication, ClientHello, Interserver, Password};
pub use internal::ReadTask;
pub use log::{LogLine, Priority, ProfileEvent, log_lines, profile_events};
pub use parameter::{IntoParameter, Parameter};
pub use query::{Query, Stage};
pub use query_packet::QueryPacket;
pub use result::{ProfileInfo, Progress};
pub use server::ServerPacket;
pub use server_hello::{ServerHello, ServerSetting};
#[cfg(feature = "client")]
pub(crate) use server_packets::ServerDecoder;
pub use server_packets::ServerPackets;
pub use setting::{Setting, SettingKind, SettingValue};
pub use table_columns::{ColumnDefault, ColumnDescription, TableColumns};
pub use tables::{ReplicaStatus, TableStatus, TablesStatusRequest};
pub use trace::TraceContext;

use crate::codec::compress::ZSTD_LEVEL;
use crate::codec::{Method, Revision};

/// The form that packets have on a connection once the hellos are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// The lower of both sides' revisions.
    pub revision: Revision,
    /// How blocks are compressed, if the query asks for compression. What is read may use any method.
    pub compression: Option<Method>,
    /// Level of Zstandard, 1 (fast) to 22 (small). Default 1, as ClickHouse has it for the network.
    pub zstd_level: i32,
    /// Whether the packets that are written are chunked. What is read may differ.
    pub chunked: bool,
}

impl Form {
    /// A form without chunks.
    pub const fn new(revision: Revision, compression: Option<Method>) -> Self {
        Self {
            revision,
            compression,
            zstd_level: ZSTD_LEVEL,
            chunked: false,
        }
    }

    /// Compresses at this level where the method is Zstandard.
    #[must_use]
    pub const fn with_zstd_level(mut self, level: i32) -> Self {
        self.zstd_level = level;
        self
    }

    /// Writes packets as chunks, or not.
    #[must_use]
    pub const fn with_chunked(mut self, chunked: bool) -> Self {
        self.chunked = chunked;
        self
    }
}
