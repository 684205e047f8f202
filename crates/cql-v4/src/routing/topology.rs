//! The cluster at one moment.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::node::Status;
use super::tablets::Tablets;
use super::{Node, NodeInfo, Partitioner, Replicas, Token};
use crate::types::Uuid;

/// A keyspace as far as routing is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeyspaceInfo {
    /// Name, as the server has it.
    pub(crate) name: String,
    /// `class` and the options of that strategy.
    pub(crate) replication: BTreeMap<String, String>,
    /// Whether its tables are divided into tablets (ScyllaDB) instead of by the ring.
    pub(crate) tablets: bool,
    /// Classes of the partitioners of those tables that have one of their own, by table.
    pub(crate) partitioners: BTreeMap<String, String>,
}

/// The cluster as it was when its system tables were read last: nodes, and which of them have which partitions.
///
/// It never changes; when something in the cluster does, the client replaces it. Looking things up neither allocates nor
/// waits.
#[derive(Debug)]
pub struct Topology {
    cluster_name: String,
    partitioner: Partitioner,
    local_datacenter: String,
    nodes: Vec<Arc<Node>>,
    by_host: FxHashMap<Uuid, usize>,
    by_address: FxHashMap<SocketAddr, usize>,
    tablets: Arc<Tablets>,
}

impl Topology {
    /// Puts together what the system tables say. `tablets` is what was learned so far, and is shared by the topologies
    /// of one client that follow each other.
    pub(crate) fn new(
        cluster_name: &str,
        partitioner: &str,
        local_datacenter: &str,
        nodes: Vec<(NodeInfo, Arc<dyn Status>)>,
        _keyspaces: &[KeyspaceInfo],
        tablets: Arc<Tablets>,
    ) -> Self {
        let nodes: Vec<Arc<Node>> = nodes
            .into_iter()
            .enumerate()
            .map(|(index, (info, status))| Arc::new(Node::new(info, index, 0, status)))
            .collect();
        Self {
            cluster_name: cluster_name.to_owned(),
            partitioner: Partitioner::from_class(partitioner),
            local_datacenter: local_datacenter.to_owned(),
            by_host: nodes
                .iter()
                .map(|node| (node.host_id(), node.index()))
                .collect(),
            by_address: nodes
                .iter()
                .map(|node| (node.address(), node.index()))
                .collect(),
            nodes,
            tablets,
        }
    }

    /// All nodes, those that are down too. Each one's position is its [`index`](Node::index).
    pub fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    /// The node with this host id.
    pub fn node(&self, host_id: Uuid) -> Option<&Arc<Node>> {
        self.nodes.get(*self.by_host.get(&host_id)?)
    }

    /// The node that this client connects to at this address.
    pub fn node_at(&self, address: SocketAddr) -> Option<&Arc<Node>> {
        self.nodes.get(*self.by_address.get(&address)?)
    }

    /// The name of the cluster.
    pub fn cluster_name(&self) -> &str {
        &self.cluster_name
    }

    /// How the cluster turns partition keys into tokens.
    pub fn partitioner(&self) -> Partitioner {
        self.partitioner
    }

    /// The data centre of the node that this client connected to first. Policies that were not told another one take
    /// it as their own.
    pub fn local_datacenter(&self) -> &str {
        &self.local_datacenter
    }

    /// The token of a routing key by the cluster's partitioner; see [`Partitioner::token`].
    pub fn token(&self, key: &[u8]) -> Option<Token> {
        self.partitioner.token(key)
    }

    /// The partitioner of a table: the cluster's, unless the table has one of its own.
    pub fn partitioner_of(&self, _keyspace: &str, _table: &str) -> Partitioner {
        self.partitioner
    }

    /// The nodes that have the partition at `token`, in the order of the ring or the tablet, the primary replica
    /// first in each data centre. None if nothing is known about where this keyspace lies.
    pub fn replicas<'a, 't>(
        &'a self,
        _keyspace: &str,
        _table: &str,
        token: &'t Token,
    ) -> Replicas<'a, 't> {
        Replicas::none(self, token)
    }

    /// The tablets that were learned.
    pub(crate) fn tablets(&self) -> &Arc<Tablets> {
        &self.tablets
    }
}
