//! How this protocol opens connections, and what all connections of a client share.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use wire_core::config::{Common, Tls};
use wire_core::machine::Settings;
use wire_core::net::{
    self, ConnectError, Heartbeat, HostPipe, Link, Opener, Opening, Pace, SourcePorts, Stage,
};
use wire_core::url::Host;

use super::events::Events;
use super::pool::CqlLink;
use crate::codec::Frame;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::proto::{
    Authenticator, Connection, Credentials, EventSink, Handshake, PlainAuthenticator, Session,
    Wishes,
};
use crate::routing::Sharding;

/// An open connection and what was agreed on.
pub(super) type Live = net::Live<Frame, Session>;

/// What all connections of a client share: how they are opened, and what is told about them.
pub(super) struct Wiring {
    common: Common,
    settings: Settings,
    pipe: Option<HostPipe>,
    /// Without credentials, which depend on where the connection goes. Replaced when the keyspace changes.
    wishes: Arc<ArcSwap<Wishes>>,
    authenticator: Option<Arc<dyn Authenticator>>,
    /// How often it did: for most clients, never.
    keyspace_changes: AtomicU64,
    shard_aware: bool,
    pub(super) connections_per_node: NonZeroU32,
    pub(super) heartbeat: Option<Heartbeat>,
    pub(super) limits: Limits,
    pub(super) metrics: Arc<Metrics>,
    pub(super) events: Events,
}

impl fmt::Debug for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring")
            .field("common", &self.common)
            .finish_non_exhaustive()
    }
}

impl Wiring {
    pub(super) fn new(config: &Config, pipe: Option<HostPipe>, metrics: Arc<Metrics>) -> Self {
        let common = &config.common;
        let authenticator = config.cluster.authenticator.clone().or_else(|| {
            let password = common.password.as_ref();
            let password = password.map_or("", |secret| secret.expose());
            let user = common.user.as_ref()?;
            let plain: Arc<dyn Authenticator> = Arc::new(PlainAuthenticator::new(user, password));
            Some(plain)
        });
        let wishes = Wishes {
            newest: config.protocol,
            compression: config.compression,
            keyspace: config.keyspace.as_deref().map(Arc::from),
            identity: config.cluster.identity.clone(),
            allowed_authenticators: config.cluster.allowed_authenticators.clone(),
            limits: config.limits,
            ..Wishes::default()
        };
        let settings = Settings {
            max_in_flight: config.max_in_flight,
            ..Settings::default()
        };
        Self {
            common: common.clone(),
            settings,
            pipe,
            wishes: Arc::new(ArcSwap::from_pointee(wishes)),
            authenticator,
            keyspace_changes: AtomicU64::new(0),
            shard_aware: config.cluster.shard_aware,
            connections_per_node: config.cluster.connections_per_node,
            heartbeat: config.cluster.heartbeat(),
            limits: config.limits,
            metrics,
            events: Events::default(),
        }
    }

    /// A link to the first of `hosts` that answers; those to one node share its `pace`. The events of the server go to
    /// `events`, if there is one.
    pub(super) fn link(
        &self,
        hosts: &[Host],
        tls_name: Option<&str>,
        events: Option<EventSink>,
        pace: &Pace,
    ) -> CqlLink {
        // The control connection names keyspaces itself, and has to work when the application's is gone.
        let in_keyspace = events.is_none();
        Link::paced(self.opener(hosts, tls_name, events, in_keyspace), pace)
    }

    /// A link whose connections are in no keyspace.
    pub(super) fn link_apart(
        &self,
        hosts: &[Host],
        tls_name: Option<&str>,
        pace: &Pace,
    ) -> CqlLink {
        Link::paced(self.opener(hosts, tls_name, None, false), pace)
    }

    /// A link to the port of a node where the client's own port chooses the shard.
    pub(super) fn link_from(
        &self,
        host: &Host,
        tls_name: Option<&str>,
        ports: SourcePorts,
        pace: &Pace,
    ) -> CqlLink {
        let opener = self.opener(std::slice::from_ref(host), tls_name, None, true);
        Link::paced(opener.with_source_ports(ports), pace)
    }

    /// The port of a node's shards, if it has one and may be asked there.
    pub(super) fn port_of_shards(&self, sharding: &Sharding) -> Option<u16> {
        // `matches!` also where there is nothing but `Off`: without rustls.
        let port = if matches!(self.common.tls, Tls::Off) {
            sharding.port
        } else {
            sharding.tls_port
        };
        port.filter(|_| self.shard_aware)
    }

    fn opener(
        &self,
        hosts: &[Host],
        tls_name: Option<&str>,
        events: Option<EventSink>,
        in_keyspace: bool,
    ) -> Opener<CqlOpening> {
        let mut common = self.common.clone();
        common.hosts = hosts.to_vec();
        if common.tls_server_name.is_none() {
            common.tls_server_name = tls_name.map(ToOwned::to_owned);
        }
        // Decided for these hosts, which need not be those that were configured.
        let may_expose = common.may_send_password();
        let authenticator = self.authenticator.clone();
        let opening = CqlOpening {
            wishes: Arc::clone(&self.wishes),
            credentials: authenticator.map(|auth| Credentials::new(auth, may_expose)),
            events,
            in_keyspace,
        };
        let settings = self.settings.clone();
        match &self.pipe {
            None => Opener::new(opening, common, settings, None),
            Some(pipe) => Opener::over_hosts(opening, common, settings, Arc::clone(pipe)),
        }
    }

    /// How long a node may take for a sign of life.
    pub(super) fn heartbeat_timeout(&self) -> Duration {
        self.heartbeat
            .map_or(self.common.request_timeout, |heartbeat| heartbeat.timeout)
    }

    /// Has connections opened from now on use this keyspace.
    pub(super) fn set_keyspace(&self, keyspace: &str) {
        let mut wishes = Wishes::clone(&self.wishes.load());
        wishes.keyspace = Some(keyspace.into());
        self.wishes.store(Arc::new(wishes));
        self.keyspace_changes.fetch_add(1, Ordering::AcqRel);
    }

    /// How often the keyspace was changed.
    #[inline]
    pub(super) fn keyspace_changes(&self) -> u64 {
        self.keyspace_changes.load(Ordering::Acquire)
    }

    /// The keyspace that connections use now, if it was changed.
    #[inline]
    pub(super) fn changed_keyspace(&self) -> Option<Arc<str>> {
        if self.keyspace_changes() == 0 {
            return None;
        }
        self.wishes.load().keyspace.clone()
    }

    /// Whether a connection uses the keyspace that is wanted now.
    #[inline]
    pub(super) fn is_current(&self, session: &Session) -> bool {
        self.keyspace_changes() == 0 || session.keyspace == self.wishes.load().keyspace
    }
}

/// Begins the handshakes of the client's connections.
pub(super) struct CqlOpening {
    wishes: Arc<ArcSwap<Wishes>>,
    credentials: Option<Credentials>,
    events: Option<EventSink>,
    in_keyspace: bool,
}

impl Opening for CqlOpening {
    type Protocol = Connection;
    type Info = Session;
    type Error = Error;
    type Handshake = Handshake;

    fn begin(&self) -> Handshake {
        let mut wishes = Wishes::clone(&self.wishes.load());
        wishes.credentials.clone_from(&self.credentials);
        wishes.events.clone_from(&self.events);
        if !self.in_keyspace {
            wishes.keyspace = None;
        }
        Handshake::new(Arc::new(wishes))
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
