//! What this protocol adds to opening connections.

use std::sync::Arc;

use wire_core::machine::Settings;
use wire_core::net::{self, ConnectError, Opener, Opening, Pipe, Stage};

use crate::codec::Frame;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::proto::{Connection, Credentials, Handshake, PlainAuthenticator, Session, Wishes};

/// An open connection and what was agreed on.
pub(super) type Live = net::Live<Frame, Session>;

/// Begins the handshakes of the client's connections.
pub(super) struct CqlOpening {
    wishes: Arc<Wishes>,
}

impl CqlOpening {
    /// Connections to the hosts of `config`, or over `pipe`.
    pub(super) fn opener(config: &Config, pipe: Option<Pipe>) -> Opener<Self> {
        let common = &config.common;
        let credentials = common.user.as_ref().map(|user| {
            let password = common
                .password
                .as_ref()
                .map_or("", |secret| secret.expose());
            let authenticator = Arc::new(PlainAuthenticator::new(user, password));
            let may_expose_secret = config.allow_plaintext_password || common.is_private();
            Credentials::new(authenticator, may_expose_secret)
        });
        let wishes = Wishes {
            newest: config.protocol,
            compression: config.compression,
            credentials,
            keyspace: config.keyspace.clone(),
            limits: config.limits,
            ..Wishes::default()
        };
        let settings = Settings {
            max_in_flight: config.max_in_flight,
            ..Settings::default()
        };
        Opener::new(
            Self {
                wishes: Arc::new(wishes),
            },
            common.clone(),
            settings,
            pipe,
        )
    }
}

impl Opening for CqlOpening {
    type Protocol = Connection;
    type Info = Session;
    type Error = Error;
    type Handshake = Handshake;

    fn begin(&self) -> Handshake {
        Handshake::new(Arc::clone(&self.wishes))
    }

    fn failed(&self, mut error: ConnectError<Error>) -> Error {
        for (_, stage) in &mut error.attempts {
            // What refuses in CQL needs no guess at what it is.
            if let Stage::Handshake(error, hint) = stage
                && error.kind() != ErrorKind::Decode
            {
                *hint = None;
            }
        }
        Error::from_connect(error)
    }
}
