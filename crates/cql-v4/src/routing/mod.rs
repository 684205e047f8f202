//! Which node answers a statement.
#![allow(
    dead_code,
    reason = "snapshots are made by the client's control connection alone, not by the codec"
)]

mod address;
mod balance;
mod builder;
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
pub use node::Node;
pub(crate) use node::{NodeInfo, Status};
pub use partitioner::Partitioner;
pub use replicas::Replicas;
pub use shard::Sharding;
pub(crate) use tablets::Tablets;
pub use token::Token;
pub(crate) use topology::KeyspaceInfo;
pub use topology::Topology;
