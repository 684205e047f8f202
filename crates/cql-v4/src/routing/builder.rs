//! Topologies made by hand.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{KeyspaceInfo, NodeInfo, Sharding, Status, Tablets, Topology};
use crate::types::Uuid;

/// Makes a [`Topology`] without a cluster, to test a [`LoadBalancing`](super::LoadBalancing) of one's own.
///
/// ```
/// use cql_v4::routing::{Token, TopologyBuilder};
/// use cql_v4::types::Uuid;
///
/// let topology = TopologyBuilder::new("dc1")
///     .with_node(Uuid([1; 16]), "10.0.0.1:9042".parse().unwrap(), "dc1", "rack1", ["0"])
///     .with_node(Uuid([2; 16]), "10.0.0.2:9042".parse().unwrap(), "dc1", "rack2", ["100"])
///     .with_keyspace("shop", [("class", "SimpleStrategy"), ("replication_factor", "1")])
///     .build();
/// let owner = topology.replicas("shop", "items", &Token::Murmur3(50)).next().unwrap();
/// assert_eq!(owner.node.rack(), "rack2");
/// ```
#[derive(Debug, Clone)]
pub struct TopologyBuilder {
    local_datacenter: String,
    partitioner: String,
    nodes: Vec<(NodeInfo, Fixed)>,
    keyspaces: Vec<KeyspaceInfo>,
}

/// The state of a node that nothing is connected to.
#[derive(Debug, Clone, Copy)]
struct Fixed {
    up: bool,
    in_flight: usize,
    sharding: Option<Sharding>,
}

impl Status for Fixed {
    fn is_up(&self) -> bool {
        self.up
    }

    fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn sharding(&self) -> Option<Sharding> {
        self.sharding
    }
}

impl TopologyBuilder {
    /// A cluster without nodes, seen from this data centre, with `Murmur3Partitioner`.
    pub fn new(local_datacenter: impl Into<String>) -> Self {
        Self {
            local_datacenter: local_datacenter.into(),
            partitioner: "Murmur3Partitioner".to_owned(),
            nodes: Vec::new(),
            keyspaces: Vec::new(),
        }
    }

    /// The class of the partitioner, as [`Partitioner::from_class`](super::Partitioner::from_class) knows it.
    #[must_use]
    pub fn with_partitioner(mut self, class: impl Into<String>) -> Self {
        self.partitioner = class.into();
        self
    }

    /// One more node, up and idle. `tokens` are as the system tables have them.
    #[must_use]
    pub fn with_node<T: Into<String>>(
        mut self,
        host_id: Uuid,
        address: SocketAddr,
        datacenter: impl Into<String>,
        rack: impl Into<String>,
        tokens: impl IntoIterator<Item = T>,
    ) -> Self {
        let info = NodeInfo {
            host_id,
            address,
            datacenter: datacenter.into(),
            rack: rack.into(),
            release_version: None,
            schema_version: None,
            tokens: tokens.into_iter().map(Into::into).collect(),
        };
        let idle = Fixed {
            up: true,
            in_flight: 0,
            sharding: None,
        };
        self.nodes.push((info, idle));
        self
    }

    /// Whether the node added last is up, and how many requests it has in flight.
    #[must_use]
    pub fn with_state(mut self, up: bool, in_flight: usize) -> Self {
        if let Some((_, state)) = self.nodes.last_mut() {
            state.up = up;
            state.in_flight = in_flight;
        }
        self
    }

    /// How the node added last divides its data among shards. Default: not at all.
    #[must_use]
    pub fn with_sharding(mut self, sharding: Sharding) -> Self {
        if let Some((_, state)) = self.nodes.last_mut() {
            state.sharding = Some(sharding);
        }
        self
    }

    /// One more keyspace, with its `replication` as in `system_schema.keyspaces`: `class` and the strategy's options.
    #[must_use]
    pub fn with_keyspace<'a>(
        mut self,
        name: impl Into<String>,
        replication: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        self.keyspaces.push(KeyspaceInfo {
            name: name.into(),
            replication: replication
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            ..KeyspaceInfo::default()
        });
        self
    }

    /// The topology.
    pub fn build(self) -> Topology {
        let nodes = self
            .nodes
            .into_iter()
            .map(|(info, state)| {
                let state: Arc<dyn Status> = Arc::new(state);
                (info, state)
            })
            .collect();
        Topology::new(
            "test",
            &self.partitioner,
            &self.local_datacenter,
            nodes,
            &self.keyspaces,
            Arc::new(Tablets::default()),
        )
    }
}
