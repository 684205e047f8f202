//! What the client knows of the cluster: its nodes, and the connections to each.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use wire_core::net::HostPipe;
use wire_core::url::Host;

use super::connect::{Live, Wiring};
use super::events::NodeEvent;
use super::open::first_open;
use super::pool::NodePool;
use super::request::Request;
use super::throttle::Gate;
use super::wanted::Wanted;
use crate::codec::Version;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::metrics::{Gauges, Metrics};
use crate::observe::TARGET;
use crate::routing::{
    Distance, KeyspaceInfo, LoadBalancing, NodeInfo, Status, Tablets, Target, Topology,
};
use crate::schema::Schema;
use crate::types::Uuid;

/// What all requests of a client share.
pub(super) struct Cluster {
    pub(super) config: Config,
    pub(super) wiring: Arc<Wiring>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) state: ArcSwap<State>,
    /// As it was read last, if it is kept.
    pub(super) schema: ArcSwapOption<Schema>,
    pub(super) wanted: Arc<Wanted>,
    pub(super) gate: Option<Gate>,
    /// The protocol version of the first connection: values are encoded for it.
    version: OnceLock<Version>,
    tablets: Arc<Tablets>,
    /// Names of the contact points that were given by name, by the addresses that those have.
    names: Mutex<HashMap<IpAddr, String>>,
    applying: Mutex<()>,
    closed: AtomicBool,
}

/// The nodes at one moment, and the connections to them.
pub(super) struct State {
    /// `None` if the client was told not to look for further nodes.
    pub(super) topology: Option<Arc<Topology>>,
    /// In the order of the topology's nodes; one for all hosts without a topology.
    pub(super) pools: Vec<Arc<NodePool>>,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// What the system tables say.
pub(super) struct Found {
    pub(super) cluster_name: String,
    pub(super) partitioner: String,
    pub(super) local_datacenter: String,
    pub(super) nodes: Vec<NodeInfo>,
    pub(super) keyspaces: Vec<KeyspaceInfo>,
}

/// Where a request goes.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) pool: Arc<NodePool>,
    pub(super) shard: Option<u32>,
}

impl State {
    #[inline]
    fn place(&self, target: &Target<'_>) -> Option<Place> {
        let pool = self.pools.get(target.node.index())?;
        Some(Place {
            pool: Arc::clone(pool),
            shard: target.shard,
        })
    }

    /// Where the request goes first.
    #[inline]
    pub(super) fn pick(&self, policy: &dyn LoadBalancing, request: &Request<'_>) -> Option<Place> {
        let Some(topology) = &self.topology else {
            return self.only();
        };
        if request.options.node.is_some() {
            return None;
        }
        let (token, keyspace) = (request.token(topology), request.changed_keyspace());
        let target = policy.pick(
            &request.routing(token.as_ref(), keyspace.as_deref()),
            topology,
        )?;
        self.place(&target)
    }

    /// Where the request may go, in order; nodes that are not to be used are left out, whatever the policy says.
    pub(super) fn plan(&self, policy: &dyn LoadBalancing, request: &Request<'_>) -> Vec<Place> {
        let Some(topology) = &self.topology else {
            return self.only().into_iter().collect();
        };
        if let Some(host_id) = request.options.node {
            let pool = self.pool_of(host_id).filter(|pool| pool.is_started());
            return pool
                .map(|pool| Place { pool, shard: None })
                .into_iter()
                .collect();
        }
        let (token, keyspace) = (request.token(topology), request.changed_keyspace());
        let plan = policy.plan(
            &request.routing(token.as_ref(), keyspace.as_deref()),
            topology,
        );
        plan.iter()
            .filter_map(|target| self.place(target))
            .filter(|place| place.pool.is_started())
            .collect()
    }

    fn only(&self) -> Option<Place> {
        let pool = self.pools.first()?;
        Some(Place {
            pool: Arc::clone(pool),
            shard: None,
        })
    }

    /// The connections to the node of this id.
    pub(super) fn pool_of(&self, host_id: Uuid) -> Option<Arc<NodePool>> {
        let node = self.topology.as_ref()?.node(host_id)?;
        self.pools.get(node.index()).cloned()
    }

    /// The connections to the node at this address.
    pub(super) fn pool_at(&self, address: SocketAddr) -> Option<Arc<NodePool>> {
        let node = self.topology.as_ref()?.node_at(address)?;
        self.pools.get(node.index()).cloned()
    }
}

impl Cluster {
    pub(super) fn new(config: Config, pipe: Option<HostPipe>) -> Self {
        let metrics = Arc::new(Metrics::new());
        let wiring = Arc::new(Wiring::new(&config, pipe, Arc::clone(&metrics)));
        let gate = config.cluster.throttle().map(Gate::new);
        let pools = if config.cluster.discovery {
            Vec::new()
        } else {
            vec![NodePool::new(&config.common.hosts, None, &wiring)]
        };
        Self {
            config,
            wiring,
            metrics,
            state: ArcSwap::from_pointee(State {
                topology: None,
                pools,
            }),
            schema: ArcSwapOption::empty(),
            wanted: Arc::default(),
            gate,
            version: OnceLock::new(),
            tablets: Arc::default(),
            names: Mutex::default(),
            applying: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// The version that values are encoded for: that of the first connection. Nodes may speak others; what one of those
    /// lacks is refused when the request is written.
    pub(super) fn negotiated(&self) -> Version {
        match self.version.get() {
            Some(version) => *version,
            None => match self.version() {
                Some(version) => *self.version.get_or_init(|| version),
                None => Version::NEWEST,
            },
        }
    }

    /// An open connection to any node.
    pub(super) async fn any(&self, timeout: Duration) -> Result<Arc<Live>, Error> {
        let pools = self.state.load().pools.clone();
        if let Some(live) = pools.iter().find_map(|pool| pool.open(None)) {
            return Ok(live);
        }
        let used = pools.iter().filter(|pool| pool.is_started());
        let used: Vec<_> = used.map(|pool| &**pool).collect();
        first_open(&used, timeout).await.map(|(_, live)| live)
    }

    /// What connections know at this moment.
    pub(super) fn gauges(&self) -> Gauges {
        let (in_flight, orphans, _) = self.load();
        let state = self.state.load();
        let open = state.pools.iter().flat_map(|pool| pool.all_open());
        Gauges {
            in_flight,
            orphans,
            connections: open.count(),
        }
    }

    /// What the connections hold: requests in flight, requests given up but not answered yet, bytes to be written.
    pub(super) fn load(&self) -> (usize, usize, usize) {
        let state = self.state.load();
        let open = state.pools.iter().flat_map(|pool| pool.all_open());
        open.map(|live| live.handle.stats())
            .fold((0, 0, 0), |sum, stats| {
                (
                    stats.in_flight.saturating_add(sum.0),
                    stats.orphans.saturating_add(sum.1),
                    stats.queued_bytes.saturating_add(sum.2),
                )
            })
    }

    /// Has all connections use this keyspace: they are opened anew, and those that are open end with what is in flight.
    pub(super) async fn change_keyspace(&self, keyspace: &str) -> Result<(), Error> {
        self.wiring.set_keyspace(keyspace);
        let pools = self.state.load().pools.clone();
        for pool in &pools {
            pool.replace_all();
        }
        let timeout = self.config.common.connect_timeout;
        // Of those that are used: what was open a moment ago is likely to open again.
        match pools
            .iter()
            .find(|pool| pool.is_up())
            .or_else(|| pools.iter().find(|pool| pool.is_started()))
        {
            Some(pool) => pool.get(timeout).await.map(drop),
            None => Ok(()),
        }
    }

    /// Closes everything; requests in flight may end. Takes 5 seconds at most.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        if let Some(gate) = &self.gate {
            gate.close();
        }
        let closing: Vec<_> = {
            // Whatever is taken over at this moment is closed, too.
            let _applying = self.applying();
            let state = self.state.load();
            state.pools.iter().flat_map(|pool| pool.stop()).collect()
        };
        self.wiring.events.end();
        // All of them are at it, whether or not somebody waits.
        for live in closing {
            live.handle.ended().await;
        }
    }

    /// The protocol version of an open connection.
    pub(super) fn version(&self) -> Option<Version> {
        let state = self.state.load();
        let mut open = state.pools.iter().flat_map(|pool| pool.all_open());
        open.next().map(|live| live.info.version)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// One at a time takes over what was found, or closes it.
    fn applying(&self) -> MutexGuard<'_, ()> {
        self.applying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what was found: known nodes keep their connections, new ones get some, those that are gone lose them.
    pub(super) fn apply(&self, found: Found) -> Result<(), Error> {
        let _applying = self.applying();
        if self.is_closed() {
            return Ok(());
        }
        let before = self.state.load_full();
        let mut known: HashMap<(Uuid, SocketAddr), Arc<NodePool>> = HashMap::new();
        if let Some(topology) = &before.topology {
            for (node, pool) in topology.nodes().iter().zip(&before.pools) {
                known.insert((node.host_id(), node.address()), Arc::clone(pool));
            }
            refuse_other_cluster(topology.cluster_name(), &found.cluster_name)?;
        }
        // The datacenter of the first node stays: where the control connection goes to later says nothing.
        let local_datacenter = match &before.topology {
            Some(topology) => topology.local_datacenter().to_owned(),
            None => found.local_datacenter.clone(),
        };
        let mut pools: Vec<Arc<NodePool>> = found
            .nodes
            .iter()
            .map(|node| {
                let (host_id, address) = (node.host_id, node.address);
                let pool = known.remove(&(host_id, address)).unwrap_or_else(|| {
                    self.wiring
                        .events
                        .tell(NodeEvent::Added { host_id, address });
                    self.new_pool(address)
                });
                pool.is_of(node.host_id, node.address, &node.datacenter);
                pool
            })
            .collect();
        let mut topology = self.topology(&found, &local_datacenter, &pools);
        let stopped = self.start_or_stop(&topology, &mut pools);
        if !stopped.is_empty() {
            // Nodes look at their connections, some of which are others now.
            topology = self.topology(&found, &local_datacenter, &pools);
        }
        self.state.store(Arc::new(State {
            topology: Some(Arc::new(topology)),
            pools,
        }));
        for ((host_id, address), gone) in known {
            let removed = NodeEvent::Removed { host_id, address };
            self.wiring.events.tell(removed);
            tracing::info!(target: TARGET, { server.address = gone.label() }, "node is gone");
            gone.stop();
        }
        for ignored in stopped {
            tracing::info!(target: TARGET, { server.address = ignored.label() }, "node is not used any more");
            if ignored.is_up() {
                ignored.health.tell_down(&self.wiring);
            }
            ignored.stop();
        }
        Ok(())
    }

    fn topology(&self, found: &Found, local_datacenter: &str, pools: &[Arc<NodePool>]) -> Topology {
        let status = pools.iter().cloned();
        let status = status.map(|pool| -> Arc<dyn Status> { pool });
        Topology::new(
            &found.cluster_name,
            &found.partitioner,
            local_datacenter,
            found.nodes.iter().cloned().zip(status).collect(),
            &found.keyspaces,
            Arc::clone(&self.tablets),
        )
    }

    /// Opens connections to the nodes that may be used, and puts new pools, which have none, in the place of those of nodes
    /// that may not be used any more. Returns the latter, to be closed.
    fn start_or_stop(
        &self,
        topology: &Topology,
        pools: &mut [Arc<NodePool>],
    ) -> Vec<Arc<NodePool>> {
        let mut stopped = Vec::new();
        for (node, pool) in topology.nodes().iter().zip(pools) {
            let mut policies = self.config.load_balancings();
            let is_used =
                |policy: &dyn LoadBalancing| policy.distance(node, topology) != Distance::Ignored;
            if self.config.cluster.accepts(node) && policies.any(is_used) {
                pool.start();
            } else if pool.is_started() {
                let unused = self.new_pool(node.address());
                unused.is_of(node.host_id(), node.address(), node.datacenter());
                stopped.push(std::mem::replace(pool, unused));
            }
        }
        stopped
    }

    /// Where a node can be reached that gives this address of itself.
    pub(super) fn translate(&self, address: SocketAddr) -> SocketAddr {
        match &self.config.cluster.translator {
            Some(translator) => translator.translate(address),
            None => address,
        }
    }

    fn new_pool(&self, address: SocketAddr) -> Arc<NodePool> {
        let host = Host {
            name: address.ip().to_string(),
            port: address.port(),
        };
        // A contact point that was given by its name has a certificate for that name.
        let name = self.name_of(address.ip());
        NodePool::new(&[host], name.as_deref(), &self.wiring)
    }

    /// The name of the contact point that has this address, if it was given by name.
    pub(super) fn name_of(&self, address: IpAddr) -> Option<String> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&address).cloned()
    }

    /// Remembers that this address belongs to a contact point of this name.
    pub(super) fn is_named(&self, address: IpAddr, name: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(address, name.to_owned());
    }
}

/// Two clusters that were mixed up would take each other's writes.
fn refuse_other_cluster(ours: &str, theirs: &str) -> Result<(), Error> {
    if ours == theirs {
        return Ok(());
    }
    let text = format!("a node of cluster `{theirs}` answered for one of cluster `{ours}`");
    Err(Error::new(ErrorKind::Connect, text))
}
