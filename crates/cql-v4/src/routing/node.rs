//! A server of the cluster.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Sharding;
use crate::types::Uuid;

/// What is known of a node only by being connected to it. Asked for on the way of each request: answers are read from
/// memory, without a lock.
pub(crate) trait Status: fmt::Debug + Send + Sync {
    /// Whether requests can be sent now.
    fn is_up(&self) -> bool;
    /// Requests sent and not answered, over all connections of this client.
    fn in_flight(&self) -> usize;
    /// How the node divides its data among shards; `None` if it does not, or was never connected to.
    fn sharding(&self) -> Option<Sharding>;
}

/// A node as its row in `system.local`, `system.peers_v2` or `system.peers` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeInfo {
    /// Identity of the node, also after its address has changed.
    pub(crate) host_id: Uuid,
    /// Where to connect.
    pub(crate) address: SocketAddr,
    /// Data centre.
    pub(crate) datacenter: String,
    /// Rack within the data centre.
    pub(crate) rack: String,
    /// Version of the server.
    pub(crate) release_version: Option<String>,
    /// Version of the schema that the node has.
    pub(crate) schema_version: Option<Uuid>,
    /// Ends of the ranges that it owns, as text.
    pub(crate) tokens: Vec<String>,
}

/// A server of the cluster, as one [`Topology`](super::Topology) knows it.
///
/// Everything here is a copy from the time when that topology was made, except for [`is_up`](Self::is_up),
/// [`in_flight`](Self::in_flight) and [`shards`](Self::shards), which tell how it is now.
#[derive(Debug)]
pub struct Node {
    host_id: Uuid,
    address: SocketAddr,
    datacenter: String,
    rack: String,
    release_version: Option<String>,
    schema_version: Option<Uuid>,
    index: usize,
    /// Number of the data centre within the topology.
    pub(super) datacenter_index: u32,
    status: Arc<dyn Status>,
}

impl Node {
    pub(super) fn new(
        info: NodeInfo,
        index: usize,
        datacenter_index: u32,
        status: Arc<dyn Status>,
    ) -> Self {
        Self {
            host_id: info.host_id,
            address: info.address,
            datacenter: info.datacenter,
            rack: info.rack,
            release_version: info.release_version,
            schema_version: info.schema_version,
            index,
            datacenter_index,
            status,
        }
    }

    /// The node's identity. It stays when the address changes.
    pub fn host_id(&self) -> Uuid {
        self.host_id
    }

    /// Where this client connects to it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The data centre that it is in.
    pub fn datacenter(&self) -> &str {
        &self.datacenter
    }

    /// The rack that it is in; racks of two data centres may have the same name.
    #[inline]
    pub fn rack(&self) -> &str {
        &self.rack
    }

    /// The server's version, like `5.0.9`.
    pub fn release_version(&self) -> Option<&str> {
        self.release_version.as_deref()
    }

    /// The version of the schema that it had; nodes with the same one have the same schema.
    pub fn schema_version(&self) -> Option<Uuid> {
        self.schema_version
    }

    /// Its position in [`Topology::nodes`](super::Topology::nodes) of its topology; it may have another one in the next.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether this client can send requests to it now.
    #[inline]
    pub fn is_up(&self) -> bool {
        self.status.is_up()
    }

    /// Requests that this client has sent to it and that are not answered yet; an estimate.
    #[inline]
    pub fn in_flight(&self) -> usize {
        self.status.in_flight()
    }

    /// The number of shards of a ScyllaDB node; `None` for other servers, and until this client was connected.
    pub fn shards(&self) -> Option<u32> {
        self.status.sharding().map(|sharding| sharding.shards)
    }

    /// Whether it is in the data centre with this number.
    #[inline]
    pub(super) fn is_in(&self, datacenter: u32) -> bool {
        self.datacenter_index == datacenter
    }

    /// How it divides its data.
    #[inline]
    pub(crate) fn sharding(&self) -> Option<Sharding> {
        self.status.sharding()
    }
}
