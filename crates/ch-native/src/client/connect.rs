//! Opening connections.

use std::sync::Arc;

use bytes::Bytes;
use wire_core::machine::{Abandon, Settings};
use wire_core::net::{ConnectError, Live, Opener, Opening, Pipe};

use crate::codec::{Method, Revision};
use crate::config::{Compression, Config};
use crate::error::Error;
use crate::message::{ClientPacket, Form, ServerPacket};
use crate::proto::{Connection, Handshake, Login, Negotiated};

/// How long a cancelled query may go on before the connection is closed. Servers look for the cancel every 100 ms, and
/// what they have buffered has to be read; 18.16.1 took up to 1.2 s.
const CANCEL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// An open connection and what was negotiated on it.
pub(super) type ChLive = Live<ServerPacket, Negotiated>;

/// Begins the handshakes of a client's connections.
pub(super) struct ChOpening {
    config: Arc<Config>,
}

impl ChOpening {
    /// Connections to the hosts of `config`, or over `pipe`.
    pub(super) fn opener(config: &Arc<Config>, pipe: Option<Pipe>) -> Opener<Self> {
        let settings = Settings {
            // The protocol knows one query at a time.
            max_in_flight: 1,
            in_order: true,
            max_orphan_age: CANCEL_PATIENCE,
            ..Settings::default()
        };
        let opening = Self {
            config: Arc::clone(config),
        };
        Opener::new(opening, config.common.clone(), settings, pipe)
    }
}

impl Opening for ChOpening {
    type Protocol = Connection;
    type Info = Negotiated;
    type Error = Error;
    type Handshake = Handshake;

    fn begin(&self) -> Handshake {
        let config = &self.config;
        let common = &config.common;
        let max = config.max_revision.map_or(Revision::MAX, Revision::new);
        Handshake::new(Login {
            user: common.user.clone().unwrap_or_else(|| "default".to_owned()),
            credentials: config.credentials(),
            database: config.database.clone(),
            quota_key: config.quota_key.clone(),
            max_revision: max.min(Revision::MAX),
            compression: match config.compression {
                Compression::Off => None,
                Compression::Checksum => Some(Method::None),
                Compression::Lz4 => Some(Method::Lz4),
                Compression::Zstd => Some(Method::Zstd),
            },
            zstd_level: config.zstd_level,
            chunked: config.chunked,
            limits: config.limits.clone(),
        })
    }

    fn failed(&self, error: ConnectError<Error>) -> Error {
        Error::from_connect(error)
    }

    fn adapt(&self, negotiated: &Negotiated, settings: &mut Settings) {
        let cancel = Abandon::Send(bare(&ClientPacket::Cancel, negotiated.form));
        settings.on_drop = cancel.clone();
        settings.on_timeout = cancel;
    }
}

/// A packet that has no body and exists at every revision, as it travels on a connection of this form.
pub(super) fn bare(packet: &ClientPacket, form: Form) -> Bytes {
    let mut out = Vec::new();
    let written = packet.encode(form, &mut out);
    debug_assert!(written.is_ok(), "nothing in it can fail");
    out.into()
}
