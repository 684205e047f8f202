//! How the client's connections are opened.

use wire_core::Secret;
use wire_core::machine::{Abandon, Settings};
use wire_core::net::{self, ConnectError, Pipe, Stage};

use crate::config::{Config, DEFAULT_USER};
use crate::error::Error;
use crate::limits::Limits;
use crate::proto::{Connection, Credentials, Login, Session};

/// Opens connections and logs in.
pub(super) type Opener = net::Opener<Opening>;

/// What a login needs.
pub(super) struct Opening {
    credentials: Credentials,
    limits: Limits,
}

/// What makes the client's connections.
pub(super) fn opener(config: &Config, pipe: Option<Pipe>) -> Opener {
    let common = config.common.clone();
    let user = common.user.as_deref().unwrap_or(DEFAULT_USER);
    let password = common.password.as_ref();
    let password = password.map_or(DEFAULT_USER, Secret::expose);
    let credentials = Credentials::new(user, password, &config.time_zone, config.protocol);
    let settings = Settings {
        // One server thread answers a connection's requests in their order.
        in_order: true,
        // A late answer would stand before those of all later requests: there is no way around it but a new connection.
        on_timeout: Abandon::Close,
        ..Settings::default()
    };
    let opening = Opening {
        credentials,
        limits: config.limits,
    };
    net::Opener::new(opening, common, settings, pipe)
}

/// Why servers hang up on a login without a word.
const CLOSED: &str = "servers hang up on clients that use the other protocol (see the option protocol=binary|compact) \
                      and on those beyond dn_rpc_max_concurrent_client_num";

impl net::Opening for Opening {
    type Protocol = Connection;
    type Info = Session;
    type Error = Error;
    type Handshake = Login;

    fn begin(&self) -> Login {
        Login::new(self.credentials.clone(), self.limits)
    }

    fn failed(&self, error: ConnectError<Error>) -> Error {
        let hung_up = |(_, stage): &(_, Stage<Error>)| matches!(stage, Stage::PeerClosed(None));
        let hung_up = error.attempts.iter().any(hung_up);
        let error = Error::from_connect(error);
        if hung_up { error.hint(CLOSED) } else { error }
    }
}
