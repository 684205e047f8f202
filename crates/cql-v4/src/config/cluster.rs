//! How a client deals with several nodes.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use wire_core::net::Heartbeat;
use wire_core::url::{Url, UrlError};

use super::Config;
use crate::error::{Error, ErrorKind};
use crate::policy::{MonotonicTimestamps, Profile, Throttle, TimestampGenerator};
use crate::proto::{Authenticator, Identity};
use crate::routing::{
    AddressTranslator, DefaultLoadBalancing, HostFilter, LoadBalancing, Node, Topology,
};
use crate::schema::SchemaFilter;

/// How long a connection may be silent before it is asked for a sign of life: below the idle times of usual firewalls
/// and load balancers, which start at a minute.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// How long that may take: a node that is up answers in milliseconds.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often nodes and keyspaces are read anew although no event said so: events can be lost.
const REFRESH_INTERVAL: Duration = Duration::from_secs(60);
/// How long nodes may take to agree on a schema after a statement changed it; they need about a second.
const SCHEMA_AGREEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Prepared statements that are kept: more than programs have, few enough not to matter.
const PREPARED_STATEMENTS: usize = 1_000;

/// What a [`Config`] says about the cluster.
#[derive(Clone)]
pub(crate) struct ClusterConfig {
    pub(crate) discovery: bool,
    pub(crate) connections_per_node: NonZeroU32,
    pub(crate) shard_aware: bool,
    heartbeat_interval: Duration,
    heartbeat_timeout: Duration,
    pub(crate) refresh_interval: Duration,
    pub(crate) schema_agreement_timeout: Duration,
    pub(crate) schema: Option<SchemaFilter>,
    pub(crate) prepared_statements: usize,
    pub(crate) prepare_on_all_nodes: bool,
    pub(crate) timestamps: Arc<dyn TimestampGenerator>,
    pub(crate) throttle: Option<Throttle>,
    /// What statements without a profile of their own go by.
    pub(crate) profile: Profile,
    pub(crate) profiles: BTreeMap<String, Profile>,
    pub(crate) identity: Identity,
    /// Instead of user and password.
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    /// Classes that are given credentials; all if there is no list.
    pub(crate) allowed_authenticators: Option<Arc<[String]>>,
    pub(crate) translator: Option<Arc<dyn AddressTranslator>>,
    host_filter: Option<Arc<dyn HostFilter>>,
    /// Unless a profile has another.
    default_balancing: DefaultLoadBalancing,
}

impl fmt::Debug for ClusterConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConfig")
            .field("discovery", &self.discovery)
            .field("connections_per_node", &self.connections_per_node)
            .field("heartbeat_interval", &self.heartbeat_interval)
            .field("heartbeat_timeout", &self.heartbeat_timeout)
            .field("schema", &self.schema)
            .field("throttle", &self.throttle)
            .field("profile", &self.profile)
            .field("profiles", &self.profiles)
            .field("load_balancing", &self.default_balancing)
            .finish_non_exhaustive()
    }
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            discovery: true,
            connections_per_node: NonZeroU32::MIN,
            shard_aware: true,
            heartbeat_interval: HEARTBEAT_INTERVAL,
            heartbeat_timeout: HEARTBEAT_TIMEOUT,
            refresh_interval: REFRESH_INTERVAL,
            schema_agreement_timeout: SCHEMA_AGREEMENT_TIMEOUT,
            schema: None,
            prepared_statements: PREPARED_STATEMENTS,
            prepare_on_all_nodes: true,
            timestamps: Arc::new(MonotonicTimestamps::default()),
            throttle: None,
            profile: Profile::default(),
            profiles: BTreeMap::new(),
            identity: Identity::default(),
            authenticator: None,
            allowed_authenticators: None,
            translator: None,
            host_filter: None,
            default_balancing: DefaultLoadBalancing::new(),
        }
    }
}

impl ClusterConfig {
    /// When connections are asked for a sign of life; `None` for never.
    pub(crate) fn heartbeat(&self) -> Option<Heartbeat> {
        (!self.heartbeat_interval.is_zero()).then_some(Heartbeat {
            interval: self.heartbeat_interval,
            timeout: self.heartbeat_timeout,
        })
    }

    /// Whether the host filter has nothing against a node.
    pub(crate) fn accepts(&self, node: &Node) -> bool {
        self.host_filter
            .as_ref()
            .is_none_or(|filter| filter.accepts(node))
    }

    /// Takes its options out of `url`.
    pub(super) fn take_from(&mut self, url: &mut Url) -> Result<(), UrlError> {
        if let Some(discovery) = url.flag("discovery")? {
            self.discovery = discovery;
        }
        if let Some(name) = url.text("local_datacenter") {
            self.default_balancing = self.default_balancing.clone().with_datacenter(name);
        }
        if let Some(name) = url.text("local_rack") {
            self.default_balancing = self.default_balancing.clone().with_rack(name);
        }
        if let Some(n) = url.parsed(
            "connections_per_node",
            "a number of connections, at least 1",
        )? {
            self.connections_per_node = n;
        }
        if let Some(interval) = url.duration("heartbeat_interval")? {
            self.heartbeat_interval = interval;
        }
        if let Some(timeout) = url.duration("heartbeat_timeout")? {
            self.heartbeat_timeout = timeout;
        }
        Ok(())
    }

    /// Refuses what no cluster could be used with.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.profile.check("default")?;
        for (name, profile) in &self.profiles {
            profile.check(name)?;
        }
        if self.connections_per_node.get() > MAX_CONNECTIONS_PER_NODE {
            let n = self.connections_per_node;
            let text =
                format!("connections_per_node is {n}; it can be 1 to {MAX_CONNECTIONS_PER_NODE}");
            return Err(Error::new(ErrorKind::Config, text));
        }
        if self.heartbeat().is_some() && self.heartbeat_timeout.is_zero() {
            let text = "heartbeat_timeout is zero, which no node can keep; to have no heartbeats, \
                        heartbeat_interval is zero";
            return Err(Error::new(ErrorKind::Config, text));
        }
        if self.refresh_interval < MIN_REFRESH_INTERVAL {
            let text = format!(
                "refresh_interval is {} ms; the nodes can be read anew once a second at most",
                self.refresh_interval.as_millis()
            );
            return Err(Error::new(ErrorKind::Config, text));
        }
        Ok(())
    }
}

/// Reading everything anew is work for the node that is asked, and events tell of changes anyway.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// Far more than help: one connection takes what a node can do on a few cores.
const MAX_CONNECTIONS_PER_NODE: u32 = 256;

impl Config {
    /// Takes what the client's own profile says into the settings that it stands before, so that no request looks there.
    pub(crate) fn settled(mut self) -> Self {
        let profile = &self.cluster.profile;
        self.consistency = profile.consistency().unwrap_or(self.consistency);
        self.serial_consistency = profile.serial_consistency().or(self.serial_consistency);
        self.page_size = profile.page_size().unwrap_or(self.page_size);
        if let Some(timeout) = profile.request_timeout() {
            self.common.request_timeout = timeout;
        }
        self
    }

    /// Refuses a datacenter that the cluster does not have: each request would go to a distant node, or to none.
    pub(crate) fn check_datacenter(&self, topology: &Topology) -> Result<(), Error> {
        let Some(wanted) = self.cluster.default_balancing.datacenter() else {
            return Ok(());
        };
        let found: Vec<&str> = topology.datacenters().collect();
        if found.contains(&wanted) {
            return Ok(());
        }
        let text = format!(
            "local_datacenter is `{wanted}`, which has no nodes; the datacenters of the cluster are: {}",
            found.join(", ")
        );
        Err(Error::new(ErrorKind::Config, text))
    }

    pub(crate) fn load_balancing(&self) -> &dyn LoadBalancing {
        &self.cluster.default_balancing
    }

    /// All policies by which requests may be sent: a node that one of them uses has to be connected.
    pub(crate) fn load_balancings(&self) -> impl Iterator<Item = &dyn LoadBalancing> {
        let cluster = &self.cluster;
        let usual = cluster.profile.load_balancing();
        let usual = usual.map_or_else(|| self.load_balancing(), |policy| &**policy);
        let named = cluster
            .profiles
            .values()
            .filter_map(Profile::load_balancing);
        std::iter::once(usual).chain(named.map(|policy| &**policy))
    }

    /// Whether the client looks for the other nodes of the cluster, and for changes. Default true. If not, it has the
    /// configured hosts, takes the first that answers, and knows of no other: for a single node, or one behind a
    /// proxy or forwarded port that the other nodes cannot be reached through.
    #[must_use]
    pub fn with_discovery(mut self, discovery: bool) -> Self {
        self.cluster.discovery = discovery;
        self
    }

    /// The datacenter whose nodes are preferred. Default: that of the first host that answers.
    #[must_use]
    pub fn with_local_datacenter(mut self, name: impl Into<String>) -> Self {
        let balancing = self.cluster.default_balancing;
        self.cluster.default_balancing = balancing.with_datacenter(name);
        self
    }

    /// The rack whose nodes are preferred among those of the local datacenter. Default: none is.
    #[must_use]
    pub fn with_local_rack(mut self, name: impl Into<String>) -> Self {
        let balancing = self.cluster.default_balancing;
        self.cluster.default_balancing = balancing.with_rack(name);
        self
    }

    /// Connections to each node. Default 1, which is enough unless many cores share the client; at most 256.
    #[must_use]
    pub fn with_connections_per_node(mut self, connections: NonZeroU32) -> Self {
        self.cluster.connections_per_node = connections;
        self
    }

    /// Whether a node of ScyllaDB gets a connection to each of its shards, besides those to the node, as soon as it says
    /// how they are reached. Default true. Network address translation between client and node can undo the choice of
    /// the shard; requests are answered all the same.
    #[must_use]
    pub fn with_shard_awareness(mut self, shard_aware: bool) -> Self {
        self.cluster.shard_aware = shard_aware;
        self
    }

    /// The name that the certificates of all nodes must have, instead of the address or the name that each is known by.
    #[must_use]
    pub fn with_tls_server_name(mut self, name: impl Into<String>) -> Self {
        self.common.tls_server_name = Some(name.into());
        self
    }

    /// How long a connection may be silent before it is asked for a sign of life, and how long that may take before
    /// the connection is given up. Default 30 s and 5 s; an interval of zero turns it off.
    #[must_use]
    pub fn with_heartbeat(mut self, interval: Duration, timeout: Duration) -> Self {
        self.cluster.heartbeat_interval = interval;
        self.cluster.heartbeat_timeout = timeout;
        self
    }

    /// How often nodes and keyspaces are read anew although no event said that they changed. Default 60 s, at
    /// least 1 s.
    #[must_use]
    pub fn with_refresh_interval(mut self, interval: Duration) -> Self {
        self.cluster.refresh_interval = interval;
        self
    }

    /// How long the nodes may take to agree on the schema after a statement of this client has changed it; the
    /// statement's answer waits for that. Default 10 s; zero does not wait.
    #[must_use]
    pub fn with_schema_agreement_timeout(mut self, timeout: Duration) -> Self {
        self.cluster.schema_agreement_timeout = timeout;
        self
    }

    /// Keeps as much of the schema at hand as `filter` admits, for [`Client::schema`](crate::Client::schema), and up to
    /// date. Default: not kept.
    #[must_use]
    pub fn with_schema(mut self, filter: SchemaFilter) -> Self {
        self.cluster.schema = Some(filter);
        self
    }

    /// How many prepared statements are kept, so that preparing the same text again costs nothing. Default 1,000; 0
    /// keeps none.
    #[must_use]
    pub fn with_prepared_statements(mut self, statements: usize) -> Self {
        self.cluster.prepared_statements = statements;
        self
    }

    /// Whether a statement prepared on one node is prepared on the others in the background. Default true; otherwise
    /// each node prepares it when it is first run there.
    #[must_use]
    pub fn with_prepare_on_all_nodes(mut self, prepare: bool) -> Self {
        self.cluster.prepare_on_all_nodes = prepare;
        self
    }

    /// Where the timestamps of writes come from that say none themselves. Default:
    /// [`MonotonicTimestamps`](crate::policy::MonotonicTimestamps).
    #[must_use]
    pub fn with_timestamps(mut self, timestamps: Arc<dyn TimestampGenerator>) -> Self {
        self.cluster.timestamps = timestamps;
        self
    }

    /// How many requests may be under way at once, and how long others wait. Default: no limit but that of the
    /// connections.
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.cluster.throttle = Some(throttle);
        self
    }

    /// What statements without a profile of their own go by: consistency, retries, load balancing and so on.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.cluster.profile = profile;
        self
    }

    /// Adds a profile that [`Client::profile`](crate::Client::profile) finds by its name.
    #[must_use]
    pub fn with_named_profile(mut self, name: impl Into<String>, profile: Profile) -> Self {
        self.cluster.profiles.insert(name.into(), profile);
        self
    }

    /// What the application is called, for those who look after the servers: they see it in `nodetool clientstats` and
    /// in `system_views.clients`. Default: nothing but the name and version of this crate.
    #[must_use]
    pub fn with_application(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.cluster.identity.application_name = Some(name.into());
        self.cluster.identity.application_version = Some(version.into());
        self
    }

    /// Proves who the client is by other means than user and password.
    #[must_use]
    pub fn with_authenticator(mut self, authenticator: Arc<dyn Authenticator>) -> Self {
        self.cluster.authenticator = Some(authenticator);
        self
    }

    /// Gives credentials only to servers that name one of these authenticators, like `PasswordAuthenticator`, with or
    /// without the package of the class. Default: to all.
    #[must_use]
    pub fn with_allowed_authenticators<S: Into<String>>(
        mut self,
        classes: impl IntoIterator<Item = S>,
    ) -> Self {
        let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
        self.cluster.allowed_authenticators = Some(classes.into());
        self
    }

    /// Changes the addresses that nodes give of themselves, where they cannot be reached at those. The configured
    /// hosts are used as they are.
    #[must_use]
    pub fn with_address_translator(mut self, translator: Arc<dyn AddressTranslator>) -> Self {
        self.cluster.translator = Some(translator);
        self
    }

    /// Which nodes may be used. Default: all.
    #[must_use]
    pub fn with_host_filter(mut self, filter: Arc<dyn HostFilter>) -> Self {
        self.cluster.host_filter = Some(filter);
        self
    }
}
