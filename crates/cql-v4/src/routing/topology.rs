//! The cluster at one moment.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::placement::{Placement, Placements};
use super::replicas::Candidates;
use super::ring::index;
use super::{Node, NodeInfo, Partitioner, Replicas, Status, Tablets, Token};
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
    /// Its number, if it has nodes.
    local: Option<u32>,
    nodes: Vec<Arc<Node>>,
    datacenters: Vec<Datacenter>,
    by_host: FxHashMap<Uuid, u32>,
    by_address: FxHashMap<SocketAddr, u32>,
    keyspaces: FxHashMap<Box<str>, Keyspace>,
    /// Whether any table has a partitioner of its own; hardly ever.
    own_partitioners: bool,
    tablets: Arc<Tablets>,
}

#[derive(Debug, Default)]
struct Keyspace {
    placement: Placement,
    /// Of the tables that have one of their own.
    partitioners: FxHashMap<Box<str>, Partitioner>,
}

/// The nodes of a data centre, by their numbers, sorted by host id: the same order in every topology.
#[derive(Debug)]
pub(super) struct Datacenter {
    pub(super) name: String,
    pub(super) nodes: Vec<u32>,
    pub(super) racks: Vec<Rack>,
}

/// The nodes of a rack, likewise.
#[derive(Debug)]
pub(super) struct Rack {
    pub(super) name: String,
    pub(super) nodes: Vec<u32>,
}

impl Topology {
    /// Puts together what the system tables say. `tablets` is what was learned so far, and is shared by the topologies
    /// of one client that follow each other; those of nodes and keyspaces that are no more are forgotten.
    pub(crate) fn new(
        cluster_name: &str,
        partitioner: &str,
        local_datacenter: &str,
        nodes: Vec<(NodeInfo, Arc<dyn Status>)>,
        keyspaces: &[KeyspaceInfo],
        tablets: Arc<Tablets>,
    ) -> Self {
        let partitioner = Partitioner::from_class(partitioner);
        let tokens = tokens(partitioner, &nodes);
        let names = datacenter_names(&nodes);
        let nodes: Vec<Arc<Node>> = nodes
            .into_iter()
            .enumerate()
            .map(|(index, (info, status))| {
                let datacenter = names.iter().position(|name| *name == info.datacenter);
                let datacenter = datacenter.and_then(|number| u32::try_from(number).ok());
                Arc::new(Node::new(
                    info,
                    index,
                    datacenter.unwrap_or_default(),
                    status,
                ))
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut placements = Placements::new(partitioner, &nodes, &tokens, &names);
        let own_partitioners = keyspaces.iter().any(|info| !info.partitioners.is_empty());
        let keyspaces = keyspaces
            .iter()
            .map(|info| {
                (
                    info.name.as_str().into(),
                    Keyspace::new(info, &mut placements),
                )
            })
            .collect();
        let topology = Self {
            cluster_name: cluster_name.to_owned(),
            partitioner,
            local_datacenter: local_datacenter.to_owned(),
            local: (0..)
                .zip(&names)
                .find(|(_, name)| **name == local_datacenter)
                .map(|(n, _)| n),
            datacenters: datacenters(&names, &nodes),
            by_host: (0..)
                .zip(&nodes)
                .map(|(number, node)| (node.host_id(), number))
                .collect(),
            by_address: (0..)
                .zip(&nodes)
                .map(|(number, node)| (node.address(), number))
                .collect(),
            nodes,
            keyspaces,
            own_partitioners,
            tablets,
        };
        topology.tablets.retain_known(&topology);
        topology
    }

    /// All nodes, those that are down too. Each one's position is its [`index`](Node::index).
    pub fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    /// The node with this host id.
    pub fn node(&self, host_id: Uuid) -> Option<&Arc<Node>> {
        self.numbered(self.number_of(host_id)?)
    }

    /// The node that this client connects to at this address.
    pub fn node_at(&self, address: SocketAddr) -> Option<&Arc<Node>> {
        self.numbered(*self.by_address.get(&address)?)
    }

    /// The names of the data centres that have nodes.
    pub fn datacenters(&self) -> impl Iterator<Item = &str> {
        self.datacenters
            .iter()
            .map(|datacenter| datacenter.name.as_str())
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
    #[inline]
    pub fn partitioner_of(&self, keyspace: &str, table: &str) -> Partitioner {
        if !self.own_partitioners {
            return self.partitioner;
        }
        let keyspace = self.keyspaces.get(keyspace);
        let own = keyspace.and_then(|keyspace| keyspace.partitioners.get(table));
        own.copied().unwrap_or(self.partitioner)
    }

    /// The nodes that have the partition at `token`: those of one data centre after those of another, in each in the
    /// order of the ring, with the owner of the token's range first; or those of the tablet, in its order. None if it
    /// is not known where the partitions of this keyspace or table lie.
    #[inline]
    pub fn replicas<'a, 't>(
        &'a self,
        keyspace: &str,
        table: &str,
        token: &'t Token,
    ) -> Replicas<'a, 't> {
        if let Some(found) = self.tablets.replicas(self, keyspace, table, token) {
            return Replicas::of_tablet(self, token, found);
        }
        let keyspace = self.keyspaces.get(keyspace);
        let parts = keyspace.map_or(&[][..], |keyspace| &keyspace.placement.parts);
        Replicas::on_ring(self, token, parts)
    }

    /// The replicas among which one in this data centre is chosen.
    #[inline]
    pub(super) fn candidates<'a>(
        &'a self,
        keyspace: &str,
        table: &str,
        token: &Token,
        datacenter: u32,
    ) -> Candidates<'a> {
        if let Some(found) = self.tablets.replicas(self, keyspace, table, token) {
            return Candidates::Tablet(found);
        }
        let keyspace = self.keyspaces.get(keyspace);
        let parts = keyspace.map_or(&[][..], |keyspace| &keyspace.placement.parts);
        // Those of one data centre, or of all together: never both.
        let part = parts
            .iter()
            .find(|part| part.datacenter.is_none_or(|number| number == datacenter));
        Candidates::Ring(part.map_or(&[], |part| part.table.replicas(token)))
    }

    /// The tablets that were learned.
    #[cfg(feature = "client")]
    pub(crate) fn tablets(&self) -> &Arc<Tablets> {
        &self.tablets
    }

    /// Whether there is such a keyspace.
    pub(super) fn has_keyspace(&self, name: &str) -> bool {
        self.keyspaces.contains_key(name)
    }

    /// The number of the node with this host id.
    #[inline]
    pub(super) fn number_of(&self, host_id: Uuid) -> Option<u32> {
        self.by_host.get(&host_id).copied()
    }

    /// The node with this number.
    #[inline]
    pub(super) fn numbered(&self, number: u32) -> Option<&Arc<Node>> {
        self.nodes.get(index(number))
    }

    /// The data centre of this name and its number.
    #[inline]
    pub(super) fn datacenter(&self, name: &str) -> Option<(u32, &Datacenter)> {
        (0..)
            .zip(&self.datacenters)
            .find(|(_, datacenter)| datacenter.name == name)
    }

    /// The data centre that policies take as their own, and its number.
    #[inline]
    pub(super) fn local(&self) -> Option<(u32, &Datacenter)> {
        let number = self.local?;
        Some((number, self.datacenters.get(index(number))?))
    }

    /// All data centres, in the order of their numbers.
    pub(super) fn all_datacenters(&self) -> &[Datacenter] {
        &self.datacenters
    }
}

impl Keyspace {
    fn new(info: &KeyspaceInfo, placements: &mut Placements<'_>) -> Self {
        let of_table = |(table, class): (&String, &String)| {
            (table.as_str().into(), Partitioner::from_class(class))
        };
        Self {
            placement: placements.of(info),
            partitioners: info.partitioners.iter().map(of_table).collect(),
        }
    }
}

/// The tokens of all nodes; texts that are none are left out, so that one strange row harms one node's routing at most.
fn tokens(partitioner: Partitioner, nodes: &[(NodeInfo, Arc<dyn Status>)]) -> Vec<(Token, u32)> {
    let of_node = |(number, (info, _)): (u32, &(NodeInfo, _))| -> Vec<(Token, u32)> {
        let tokens = info
            .tokens
            .iter()
            .filter_map(|text| partitioner.parse(text));
        tokens.map(|token| (token, number)).collect()
    };
    (0..).zip(nodes).flat_map(of_node).collect()
}

/// The names of the data centres in alphabetical order.
fn datacenter_names(nodes: &[(NodeInfo, Arc<dyn Status>)]) -> Vec<String> {
    let mut names: Vec<String> = nodes
        .iter()
        .map(|(info, _)| info.datacenter.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn datacenters(names: &[&str], nodes: &[Arc<Node>]) -> Vec<Datacenter> {
    let mut datacenters: Vec<Datacenter> = names
        .iter()
        .map(|name| Datacenter {
            name: (*name).to_owned(),
            nodes: Vec::new(),
            racks: Vec::new(),
        })
        .collect();
    let mut sorted: Vec<(u32, &Arc<Node>)> = (0..).zip(nodes).collect();
    sorted.sort_by_key(|(_, node)| node.host_id());
    for (number, node) in sorted {
        if let Some(datacenter) = datacenters.get_mut(index(node.datacenter_index)) {
            datacenter.nodes.push(number);
            match datacenter
                .racks
                .iter_mut()
                .find(|rack| rack.name == node.rack())
            {
                Some(rack) => rack.nodes.push(number),
                None => datacenter.racks.push(Rack {
                    name: node.rack().to_owned(),
                    nodes: vec![number],
                }),
            }
        }
    }
    datacenters
}
