//! How a client deals with several nodes.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use wire_core::net::Heartbeat;

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
    pub(super) heartbeat_interval: Duration,
    pub(super) heartbeat_timeout: Duration,
    pub(crate) refresh_interval: Duration,
    pub(crate) schema_agreement_timeout: Duration,
    pub(crate) schema: Option<SchemaFilter>,
    pub(crate) prepared_statements: usize,
    pub(crate) prepare_on_all_nodes: bool,
    pub(crate) timestamps: Arc<dyn TimestampGenerator>,
    /// What a [`Throttle`] is made of; none without `max_concurrent`.
    pub(super) max_concurrent: Option<u32>,
    pub(super) max_queued: Option<u32>,
    pub(super) max_wait: Option<Duration>,
    /// What statements without a profile of their own go by.
    pub(crate) profile: Profile,
    pub(crate) profiles: BTreeMap<String, Profile>,
    pub(crate) identity: Identity,
    /// Instead of user and password.
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    /// Classes that are given credentials; all if there is no list.
    pub(crate) allowed_authenticators: Option<Arc<[String]>>,
    pub(crate) translator: Option<Arc<dyn AddressTranslator>>,
    pub(super) host_filter: Option<Arc<dyn HostFilter>>,
    /// Unless a profile has another.
    pub(super) default_balancing: DefaultLoadBalancing,
}

impl fmt::Debug for ClusterConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterConfig")
            .field("discovery", &self.discovery)
            .field("connections_per_node", &self.connections_per_node)
            .field("heartbeat_interval", &self.heartbeat_interval)
            .field("heartbeat_timeout", &self.heartbeat_timeout)
            .field("shard_aware", &self.shard_aware)
            .field("refresh_interval", &self.refresh_interval)
            .field("schema_agreement_timeout", &self.schema_agreement_timeout)
            .field("schema", &self.schema)
            .field("prepared_statements", &self.prepared_statements)
            .field("prepare_on_all_nodes", &self.prepare_on_all_nodes)
            .field("max_concurrent", &self.max_concurrent)
            .field("max_queued", &self.max_queued)
            .field("max_wait", &self.max_wait)
            .field("identity", &self.identity)
            .field("allowed_authenticators", &self.allowed_authenticators)
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
            max_concurrent: None,
            max_queued: None,
            max_wait: None,
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

    /// How many requests may be under way; `None` for as many as connections allow.
    pub(crate) fn throttle(&self) -> Option<Throttle> {
        let mut throttle = Throttle::new(self.max_concurrent?);
        if let Some(requests) = self.max_queued {
            throttle = throttle.with_max_queued(requests);
        }
        Some(match self.max_wait {
            Some(wait) => throttle.with_max_wait(wait),
            None => throttle,
        })
    }

    /// Whether the host filter has nothing against a node.
    pub(crate) fn accepts(&self, node: &Node) -> bool {
        self.host_filter
            .as_ref()
            .is_none_or(|filter| filter.accepts(node))
    }

    /// Refuses what no cluster could be used with.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.profile.check("default")?;
        for (name, profile) in &self.profiles {
            profile.check(name)?;
        }
        if self.max_concurrent.is_none() && (self.max_queued.is_some() || self.max_wait.is_some()) {
            let text = "max_queued and max_wait say how requests wait that max_concurrent keeps back, and that is not set";
            return Err(Error::new(ErrorKind::Config, text));
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

    /// How long a connection may be silent before it is asked for a sign of life, and how long that may take before
    /// the connection is given up. Default 30 s and 5 s; an interval of zero turns it off.
    #[must_use]
    pub fn with_heartbeat(mut self, interval: Duration, timeout: Duration) -> Self {
        self.cluster.heartbeat_interval = interval;
        self.cluster.heartbeat_timeout = timeout;
        self
    }

    /// How many requests may be under way at once, and how long others wait. Default: no limit but that of the
    /// connections.
    #[must_use]
    pub fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.cluster.max_concurrent = Some(throttle.max_concurrent());
        self.cluster.max_queued = Some(throttle.max_queued());
        self.cluster.max_wait = Some(throttle.max_wait());
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
}
