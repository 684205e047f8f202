//! What this protocol adds to opening a connection.

use std::sync::Arc;
use std::time::Duration;

use wire_core::machine::Settings;
use wire_core::net::{ConnectError, Live, Opener, Opening, Pipe};

use crate::Error;
use crate::codec::{Features, Version};
use crate::config::Config;
use crate::proto::{Connection, Handshake, Session};
use crate::types::Uuid;

/// How long a request that was given up may stay unanswered before the connection is replaced. Statements may run for
/// long on the server, and others share the connection, so this is generous.
const MAX_ORPHAN_AGE: Duration = Duration::from_secs(60);

/// An open connection and what was agreed on it.
pub(crate) type Open = Live<bytes::Bytes, Session>;

/// What was agreed with the node at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// Version of the protocol. The version of Ignite is not said; the system view `SYS.NODES` has it.
    pub protocol: Version,
    /// Feature bits that both sides have.
    pub features: Features,
    /// Id of the node; `None` before version 1.4.
    pub node_id: Option<Uuid>,
}

impl From<&Session> for ServerInfo {
    fn from(session: &Session) -> Self {
        Self {
            protocol: session.negotiated.version,
            features: session.negotiated.features,
            node_id: session.node_id,
        }
    }
}

/// Opens connections as the configuration says.
#[derive(Debug)]
pub(crate) struct Dialer {
    config: Arc<Config>,
}

impl Dialer {
    /// Over sockets, or over `pipe` in tests.
    pub(super) fn opener(config: &Arc<Config>, pipe: Option<Pipe>) -> Opener<Self> {
        let settings = Settings {
            max_in_flight: config.max_in_flight,
            max_orphan_age: MAX_ORPHAN_AGE,
            ..Settings::default()
        };
        let dialer = Self {
            config: Arc::clone(config),
        };
        Opener::new(dialer, config.common.clone(), settings, pipe)
    }
}

impl Opening for Dialer {
    type Protocol = Connection;
    type Info = Session;
    type Error = Error;
    type Handshake = Handshake;

    fn begin(&self) -> Handshake {
        let begin = Handshake::new(self.config.features, self.config.limits);
        let common = &self.config.common;
        match &common.user {
            None => begin,
            Some(user) => {
                let password = common.password.as_ref().map_or("", |p| p.expose());
                begin.with_credentials(user.clone(), password.to_owned())
            }
        }
    }

    fn failed(&self, error: ConnectError<Error>) -> Error {
        Error::from_connect(error)
    }
}
