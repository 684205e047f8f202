//! What is wanted of a connection, and what was agreed on.

use std::fmt;
use std::sync::Arc;

use super::auth::Credentials;
use super::extensions::Extensions;
use crate::codec::{BodyOptions, COMPRESS_FROM, Compression, Dialect, Version};
use crate::limits::Limits;
use crate::message::{Event, Startup, Supported};
use crate::routing::Sharding;

/// Takes the events of a connection, on the task that reads it: it must not block, nor wait.
#[derive(Clone)]
pub struct EventSink(Arc<dyn Fn(Event) + Send + Sync>);

impl EventSink {
    /// Events go to `take`.
    pub fn new(take: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) fn put(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for EventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSink")
    }
}

/// What a client says about itself in STARTUP, for those who look after the server (`nodetool clientstats`,
/// `system_views.clients`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "not part of the public API")]
pub struct Identity {
    /// `DRIVER_NAME`
    pub driver_name: String,
    /// `DRIVER_VERSION`
    pub driver_version: String,
    /// `APPLICATION_NAME`
    pub application_name: Option<String>,
    /// `APPLICATION_VERSION`
    pub application_version: Option<String>,
    /// `CLIENT_ID`: the same for all connections of a client.
    pub client_id: Option<String>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            driver_name: env!("CARGO_PKG_NAME").to_owned(),
            driver_version: env!("CARGO_PKG_VERSION").to_owned(),
            application_name: None,
            application_version: None,
            client_id: None,
        }
    }
}

impl Identity {
    pub(super) fn put(&self, startup: &mut Startup) {
        startup.set("DRIVER_NAME", &*self.driver_name);
        startup.set("DRIVER_VERSION", &*self.driver_version);
        for (key, value) in [
            ("APPLICATION_NAME", &self.application_name),
            ("APPLICATION_VERSION", &self.application_version),
            ("CLIENT_ID", &self.client_id),
        ] {
            if let Some(value) = value {
                startup.set(key, &**value);
            }
        }
    }
}

/// What is wanted of a connection.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "not part of the public API")]
pub struct Wishes {
    /// Newest version to ask for.
    pub newest: Version,
    /// Compression of bodies.
    pub compression: Option<Compression>,
    /// Bodies (from protocol v5 on: segments) of fewer bytes are sent uncompressed.
    pub compress_from: usize,
    /// Credentials.
    pub credentials: Option<Credentials>,
    /// Classes of authenticators that are given credentials, with or without their packages; `None` for all.
    pub allowed_authenticators: Option<Arc<[String]>>,
    /// Keyspace of unqualified names, as the server spells it.
    pub keyspace: Option<Arc<str>>,
    /// Where events go; `None` for a connection that does not register for them.
    pub events: Option<EventSink>,
    /// What the client says about itself.
    pub identity: Identity,
    /// Show tables with compact storage as they are stored; servers of protocol v5 have none any more.
    pub no_compact: bool,
    /// Let an overloaded server refuse requests (OVERLOADED) instead of reading slower.
    pub throw_on_overload: bool,
    /// Limits.
    pub limits: Limits,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            newest: Version::DEFAULT,
            compression: None,
            compress_from: COMPRESS_FROM,
            credentials: None,
            allowed_authenticators: None,
            keyspace: None,
            events: None,
            identity: Identity::default(),
            no_compact: false,
            throw_on_overload: false,
            limits: Limits::DEFAULT,
        }
    }
}

/// What was agreed on.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Session {
    /// Version, and what of it is laid out differently.
    pub dialect: Dialect,
    /// Version.
    pub version: Version,
    /// Compression of bodies.
    pub compression: Option<Compression>,
    /// Bodies of fewer bytes are sent uncompressed.
    pub compress_from: usize,
    /// What the server says about itself.
    pub supported: Supported,
    /// The shards of the server, and that of this connection; `None` where it has none.
    pub sharding: Option<Sharding>,
    /// Extensions that both sides have.
    pub extensions: Extensions,
    /// Keyspace of unqualified names, if one was wanted.
    pub keyspace: Option<Arc<str>>,
}

impl Session {
    pub(super) fn new(version: Version, compress_from: usize) -> Self {
        Self {
            dialect: version.into(),
            version,
            compression: None,
            compress_from,
            supported: Supported::default(),
            sharding: None,
            extensions: Extensions::default(),
            keyspace: None,
        }
    }

    /// How requests are written once STARTUP is answered.
    #[inline]
    pub(crate) fn body_options(&self) -> BodyOptions {
        BodyOptions::established(self.dialect, self.compression)
            .compressing_from(self.compress_from)
    }
}
