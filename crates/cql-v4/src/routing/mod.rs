//! Which node answers a statement.
//!
//! Every node answers everything, but only some have the rows, and the others have to ask those. A client that goes to the
//! right one saves a hop, and the cluster the work. What it takes to know the right one is in here; nothing here does
//! I/O, waits, or looks at a clock.
//!
//! # From a statement to a node
//!
//! ```text
//! values of the partition key ──[Partitioner]──► Token ──[Topology]──► replicas ──[LoadBalancing]──► Target: node and shard
//! ```
//!
//! 1. The values of a statement's partition key are hashed to a [`Token`], a place on the ring of all tokens. The
//!    [`Partitioner`] says how; nearly always it is Murmur3.
//! 2. Each [`Node`] owns some ranges of the ring. The [`Topology`], a snapshot of the cluster that is replaced when
//!    something changes, knows for each keyspace which nodes have a range: the one that owns it, and those that the
//!    keyspace's replication strategy finds by walking on from there. In ScyllaDB a table may lie on tablets instead,
//!    which the client learns of from answers, and each node has shards ([`Sharding`]), one per core.
//! 3. A [`LoadBalancing`] policy chooses among the replicas, or among all nodes when there is no partition or nothing is
//!    known about it. [`DefaultLoadBalancing`] is the one that clients have unless they are told otherwise.
//!
//! # A policy of one's own
//!
//! [`pick`](LoadBalancing::pick) is called for every request, [`plan`](LoadBalancing::plan) only if the node that was picked
//! failed or is slow, [`distance`](LoadBalancing::distance) for each node when the topology changes. This policy sends
//! reads to a data centre that is kept for analysis, and never anywhere else:
//!
//! ```
//! use cql_v4::Consistency;
//! use cql_v4::routing::{Distance, LoadBalancing, Node, RoutingRequest, Target, Topology, TopologyBuilder};
//! use cql_v4::types::Uuid;
//!
//! #[derive(Debug)]
//! struct Analytics;
//!
//! impl LoadBalancing for Analytics {
//!     fn pick<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Option<Target<'a>> {
//!         let usable = |node: &Node| node.is_up() && self.distance(node, topology) == Distance::Local;
//!         // The replica with the fewest requests in flight…
//!         if let (Some(keyspace), Some(table), Some(token)) = (request.keyspace, request.table, request.token) {
//!             let replicas = topology.replicas(keyspace, table, token).filter(|target| usable(target.node));
//!             if let Some(target) = replicas.min_by_key(|target| target.node.in_flight()) {
//!                 return Some(target);
//!             }
//!         }
//!         // …or else any node.
//!         let nodes = topology.nodes().iter().filter(|node| usable(node));
//!         nodes.min_by_key(|node| node.in_flight()).map(Target::new)
//!     }
//!
//!     fn plan<'a>(&self, _: &RoutingRequest<'_>, topology: &'a Topology) -> Vec<Target<'a>> {
//!         let nodes = topology.nodes().iter();
//!         let mut targets: Vec<_> = nodes
//!             .filter(|node| self.distance(node, topology) == Distance::Local)
//!             .map(Target::new)
//!             .collect();
//!         targets.sort_by_key(|target| (!target.node.is_up(), target.node.in_flight()));
//!         targets
//!     }
//!
//!     fn distance(&self, node: &Node, _: &Topology) -> Distance {
//!         match node.datacenter() {
//!             "analytics" => Distance::Local,
//!             _ => Distance::Ignored,
//!         }
//!     }
//! }
//!
//! // A topology made by hand is enough to test it.
//! let topology = TopologyBuilder::new("main")
//!     .with_node(Uuid([1; 16]), "10.0.0.1:9042".parse().unwrap(), "main", "r1", ["0"])
//!     .with_node(Uuid([2; 16]), "10.0.0.2:9042".parse().unwrap(), "analytics", "r1", ["50"])
//!     .with_node(Uuid([3; 16]), "10.0.0.3:9042".parse().unwrap(), "analytics", "r1", ["100"])
//!     .with_state(false, 0)
//!     .build();
//! let request = RoutingRequest::new(Consistency::One);
//! let target = Analytics.pick(&request, &topology).unwrap();
//! assert_eq!(target.node.host_id(), Uuid([2; 16]));
//! assert_eq!(Analytics.plan(&request, &topology).len(), 2);
//! ```

mod address;
mod balance;
mod builder;
mod choose;
mod default_policy;
#[cfg(feature = "client")]
pub(crate) mod discovery;
mod murmur3;
mod node;
mod partitioner;
mod placement;
mod replicas;
mod ring;
mod shard;
mod tablets;
mod token;
mod topology;

pub use address::{AddressTranslator, HostFilter};
pub use balance::{Distance, LoadBalancing, RoutingRequest, Target};
pub use builder::TopologyBuilder;
pub use default_policy::DefaultLoadBalancing;
#[cfg(feature = "client")]
#[doc(hidden)]
pub use discovery::fuzz_discovery;
pub use node::Node;
pub(crate) use node::{NodeInfo, Status};
pub use partitioner::Partitioner;
pub use replicas::Replicas;
pub use shard::Sharding;
pub(crate) use tablets::Tablets;
#[cfg(feature = "client")]
pub(crate) use tablets::{Learned, TABLET_PAYLOAD};
pub use token::Token;
pub(crate) use topology::KeyspaceInfo;
pub use topology::Topology;
