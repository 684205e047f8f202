//! The policy of clients that were not told another one.

use std::fmt;
use std::sync::Arc;

use super::choose::choose;
use super::ring::index;
use super::topology::Datacenter;
use super::{Distance, LoadBalancing, Node, Replicas, RoutingRequest, Target, Token, Topology};
use crate::error::Consistency;

/// Asks replicas in the client's own data centre first, and of two of them the one with fewer requests in flight.
///
/// A request is tried on, in this order:
///
/// 1. replicas of its partition in the own data centre, those in the preferred rack before others;
/// 2. other nodes of the own data centre, likewise;
/// 3. if [allowed](Self::with_remote_nodes), some nodes of each other data centre, replicas first;
/// 4. all of these that are down, in the same order.
///
/// Among equally good ones two are drawn, and the one with fewer requests in flight is taken: this keeps away from a node
/// that answers slowly, and never lets everybody run to the same one. Conditional statements and serial reads are the
/// exception: they go to the replicas in the order of the ring, so that all clients let the same replica lead, and do not
/// disturb each other's rounds of Paxos.
///
/// ```
/// use cql_v4::routing::DefaultLoadBalancing;
///
/// let policy = DefaultLoadBalancing::new()
///     .with_datacenter("eu-west")
///     .with_rack("eu-west-1a")
///     .with_remote_nodes(2);
/// ```
#[derive(Clone)]
pub struct DefaultLoadBalancing {
    pub(crate) datacenter: Option<String>,
    pub(crate) rack: Option<String>,
    token_aware: bool,
    remote_nodes: usize,
    remote_for_local: bool,
    /// Which nodes of another data centre are used: others than those of the next client.
    window: usize,
}

impl fmt::Debug for DefaultLoadBalancing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is drawn by lot says nothing to readers, and would make equal configurations look different.
        f.debug_struct("DefaultLoadBalancing")
            .field("datacenter", &self.datacenter)
            .field("rack", &self.rack)
            .field("token_aware", &self.token_aware)
            .field("remote_nodes", &self.remote_nodes)
            .field("remote_for_local", &self.remote_for_local)
            .finish_non_exhaustive()
    }
}

impl Default for DefaultLoadBalancing {
    fn default() -> Self {
        Self::new()
    }
}

impl DefaultLoadBalancing {
    /// The policy with its defaults.
    pub fn new() -> Self {
        Self {
            datacenter: None,
            rack: None,
            token_aware: true,
            remote_nodes: 0,
            remote_for_local: false,
            window: fastrand::usize(..),
        }
    }

    /// The client's own data centre. Default: that of the node which it connected to first.
    #[must_use]
    pub fn with_datacenter(mut self, name: impl Into<String>) -> Self {
        self.datacenter = Some(name.into());
        self
    }

    /// The name given to [`Self::with_datacenter`].
    #[cfg(feature = "client")]
    pub(crate) fn datacenter(&self) -> Option<&str> {
        self.datacenter.as_deref()
    }

    /// A rack of the own data centre whose nodes are preferred, usually the client's own: it saves what traffic
    /// between zones costs, as long as the rack's nodes can carry all clients in it. Default: none.
    #[must_use]
    pub fn with_rack(mut self, name: impl Into<String>) -> Self {
        self.rack = Some(name.into());
        self
    }

    /// Whether replicas are preferred to other nodes. Default: yes. If not, requests are spread over all nodes of the
    /// data centre, and each node passes on what it does not have.
    #[must_use]
    pub fn with_token_awareness(mut self, on: bool) -> Self {
        self.token_aware = on;
        self
    }

    /// So many nodes of each other data centre are kept connected, and asked when no node of the own one can be.
    /// Default: 0, so requests fail when the own data centre does: waiting for another continent, and reading there
    /// what was not written there yet, should be somebody's decision. Which nodes they are differs among clients.
    #[must_use]
    pub fn with_remote_nodes(mut self, max_per_datacenter: usize) -> Self {
        self.remote_nodes = max_per_datacenter;
        self
    }

    /// Whether requests with `LOCAL_ONE`, `LOCAL_QUORUM` or `LOCAL_SERIAL` may go to other data centres, too: "local"
    /// then is the data centre of the node that they get to. Default: no.
    #[must_use]
    pub fn with_remote_for_local_consistency(mut self, on: bool) -> Self {
        self.remote_for_local = on;
        self
    }

    /// The own data centre; none if there is no such one.
    #[inline]
    fn local<'a>(&self, topology: &'a Topology) -> Option<(u32, &'a Datacenter)> {
        match &self.datacenter {
            Some(name) => topology.datacenter(name),
            None => topology.local(),
        }
    }

    /// What has to be known of a request to find its replicas, if replicas are to be found.
    #[inline]
    fn partition<'t>(&self, request: &RoutingRequest<'t>) -> Option<(&'t str, &'t str, &'t Token)> {
        let (keyspace, token) = (request.keyspace?, request.token?);
        self.token_aware
            .then(|| (keyspace, request.table.unwrap_or_default(), token))
    }

    /// The replicas of the request's partition in a data centre.
    fn replicas<'a, 't>(
        &self,
        request: &RoutingRequest<'t>,
        topology: &'a Topology,
        datacenter: u32,
    ) -> Option<Replicas<'a, 't>> {
        let (keyspace, table, token) = self.partition(request)?;
        Some(
            topology
                .replicas(keyspace, table, token)
                .in_datacenter(datacenter),
        )
    }

    #[inline]
    fn is_near(&self, node: &Node) -> bool {
        self.rack.as_deref().is_none_or(|rack| rack == node.rack())
    }

    /// One of the replicas in this data centre that are up.
    #[inline]
    fn best_replica<'a>(
        &self,
        request: &RoutingRequest<'_>,
        topology: &'a Topology,
        datacenter: u32,
    ) -> Option<Target<'a>> {
        let (keyspace, table, token) = self.partition(request)?;
        let candidates = topology.candidates(keyspace, table, token, datacenter);
        let numbers = candidates.numbers();
        let usable = |node: &Node| node.is_in(datacenter) && node.is_up();
        let node = if request.serial {
            let mut nodes = numbers
                .iter()
                .filter_map(|number| topology.numbered(*number));
            nodes.find(|node| usable(node))
        } else {
            let near = self.rack.as_deref().and_then(|rack| {
                choose(topology, numbers, |node| {
                    node.rack() == rack && usable(node)
                })
            });
            near.or_else(|| choose(topology, numbers, usable))
        };
        node.map(|node| candidates.target(node, token))
    }

    /// One of the nodes of a data centre that are up.
    fn best_node<'a>(&self, topology: &'a Topology, datacenter: &Datacenter) -> Option<Target<'a>> {
        let rack = self.rack.as_deref();
        let near = rack.and_then(|rack| datacenter.racks.iter().find(|r| r.name == rack));
        near.and_then(|rack| choose(topology, &rack.nodes, Node::is_up))
            .or_else(|| choose(topology, &datacenter.nodes, Node::is_up))
            .map(Target::new)
    }

    fn may_leave(&self, consistency: Consistency) -> bool {
        let local = matches!(
            consistency,
            Consistency::LocalOne | Consistency::LocalQuorum | Consistency::LocalSerial
        );
        self.remote_nodes > 0 && (self.remote_for_local || !local)
    }

    /// The nodes of another data centre that may be used.
    fn remote<'a>(
        &self,
        topology: &'a Topology,
        datacenter: &'a Datacenter,
    ) -> impl Iterator<Item = &'a Arc<Node>> {
        let count = datacenter.nodes.len();
        let start = self.window.checked_rem(count).unwrap_or_default();
        let around = datacenter.nodes.iter().cycle().skip(start);
        around
            .take(self.remote_nodes.min(count))
            .filter_map(|number| topology.numbered(*number))
    }
}

impl LoadBalancing for DefaultLoadBalancing {
    #[inline]
    fn pick<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Option<Target<'a>> {
        if let Some((number, datacenter)) = self.local(topology) {
            let replica = self.best_replica(request, topology, number);
            let local = replica.or_else(|| self.best_node(topology, datacenter));
            if local.is_some() {
                return local;
            }
        }
        if !self.may_leave(request.consistency) {
            return None;
        }
        // The whole data centre is down: what a list costs does not count now.
        let first = self.plan(request, topology).into_iter().next();
        first.filter(|target| target.node.is_up())
    }

    fn plan<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Vec<Target<'a>> {
        let mut plan = Plan::new(topology);
        let local = self.local(topology);
        if let Some((number, datacenter)) = local {
            if let Some(replicas) = self.replicas(request, topology, number) {
                plan.add(
                    replicas,
                    |node| !request.serial && !self.is_near(node),
                    request.serial,
                );
            }
            let nodes = datacenter
                .nodes
                .iter()
                .filter_map(|n| topology.numbered(*n));
            plan.add(nodes.map(Target::new), |node| !self.is_near(node), false);
        }
        if self.may_leave(request.consistency) {
            for (number, datacenter) in (0..).zip(topology.all_datacenters()) {
                if local.is_some_and(|(local, _)| local == number) {
                    continue;
                }
                let usable: Vec<&Arc<Node>> = self.remote(topology, datacenter).collect();
                if let Some(replicas) = self.replicas(request, topology, number) {
                    let replicas =
                        replicas.filter(|r| usable.iter().any(|node| Arc::ptr_eq(node, r.node)));
                    plan.add(replicas, |_| false, request.serial);
                }
                plan.add(usable.into_iter().map(Target::new), |_| false, false);
            }
        }
        plan.finish()
    }

    fn distance(&self, node: &Node, topology: &Topology) -> Distance {
        let number = node.datacenter_index;
        if self
            .local(topology)
            .is_some_and(|(local, _)| local == number)
        {
            return Distance::Local;
        }
        let datacenter = topology.all_datacenters().get(index(number));
        let used = datacenter.is_some_and(|datacenter| {
            self.remote(topology, datacenter)
                .any(|other| other.index() == node.index())
        });
        if used {
            Distance::Remote
        } else {
            Distance::Ignored
        }
    }
}

/// Targets in order, each node once.
struct Plan<'a> {
    targets: Vec<Target<'a>>,
    present: Vec<bool>,
}

impl<'a> Plan<'a> {
    fn new(topology: &Topology) -> Self {
        Self {
            targets: Vec::new(),
            present: vec![false; topology.nodes().len()],
        }
    }

    /// Appends these: in their order, or the near ones first and of these those with less to do.
    fn add(
        &mut self,
        targets: impl Iterator<Item = Target<'a>>,
        is_far: impl Fn(&Node) -> bool,
        ordered: bool,
    ) {
        let present = &mut self.present;
        let mut fresh: Vec<Target<'a>> = targets
            .filter(|target| {
                let place = present.get_mut(target.node.index());
                place.is_some_and(|present| !std::mem::replace(present, true))
            })
            .collect();
        if !ordered {
            fastrand::shuffle(&mut fresh);
            fresh.sort_by_cached_key(|target| (is_far(target.node), target.node.in_flight()));
        }
        self.targets.append(&mut fresh);
    }

    /// All of them, those that are down behind the others.
    fn finish(self) -> Vec<Target<'a>> {
        let (mut up, mut down): (Vec<_>, Vec<_>) = self
            .targets
            .into_iter()
            .partition(|target| target.node.is_up());
        up.append(&mut down);
        up
    }
}
