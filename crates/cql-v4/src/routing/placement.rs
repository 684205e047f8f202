//! Which nodes have the data of a keyspace, by its replication strategy.
//!
//! Source: `system_schema.keyspaces.replication`, a map of `class` and the strategy's options.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::ring::{MAX_LISTED, Ring, Table};
use super::{KeyspaceInfo, Node, Partitioner, Token};

/// Where the partitions of a keyspace lie.
#[derive(Debug, Clone, Default)]
pub(super) struct Placement {
    pub(super) parts: Box<[Part]>,
}

/// Replicas in one data centre, or in all of them regardless of data centres.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) datacenter: Option<u32>,
    pub(super) table: Arc<Table>,
}

/// How many copies there are, and how many of them are whole; the others hold only what is not repaired yet (transient
/// replication).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Factor {
    all: usize,
    full: usize,
}

impl Factor {
    /// Reads `3`, or `3/1` for three of which one is transient.
    fn parse(text: &str) -> Option<Self> {
        let (all, transient) = text.split_once('/').unwrap_or((text, "0"));
        let all: usize = all.trim().parse().ok()?;
        let transient: usize = transient.trim().parse().ok()?;
        let full = all.checked_sub(transient)?;
        Some(Self { all, full })
    }
}

/// What the strategies of this crate have in common: copies in all data centres together, or in each of some.
enum Strategy {
    Anywhere(Factor),
    Datacenters(Vec<(u32, Factor)>),
    /// One that has no ring, or that is not known.
    Unknown,
}

impl Strategy {
    fn of(replication: &BTreeMap<String, String>, datacenters: &[&str]) -> Self {
        let class = replication
            .get("class")
            .and_then(|class| class.rsplit('.').next());
        match class {
            Some("SimpleStrategy") => replication
                .get("replication_factor")
                .and_then(|factor| Factor::parse(factor))
                .map_or(Self::Unknown, Self::Anywhere),
            Some("NetworkTopologyStrategy") => Self::Datacenters(
                (0..)
                    .zip(datacenters)
                    .filter_map(|(number, name)| {
                        Some((number, Factor::parse(replication.get(*name)?)?))
                    })
                    .collect(),
            ),
            // On every node: the first ones on the ring are as good as any.
            Some("EverywhereStrategy") => Self::Anywhere(Factor {
                all: MAX_LISTED,
                full: MAX_LISTED,
            }),
            _ => Self::Unknown,
        }
    }
}

/// Makes placements; what two keyspaces have in common is made once.
pub(super) struct Placements<'a> {
    partitioner: Partitioner,
    nodes: &'a [Arc<Node>],
    tokens: &'a [(Token, u32)],
    datacenters: &'a [&'a str],
    rings: BTreeMap<Option<u32>, Arc<Ring>>,
    tables: BTreeMap<(Option<u32>, Factor), Arc<Table>>,
}

impl<'a> Placements<'a> {
    /// For nodes that own these tokens; data centres have the numbers of their names' positions.
    pub(super) fn new(
        partitioner: Partitioner,
        nodes: &'a [Arc<Node>],
        tokens: &'a [(Token, u32)],
        datacenters: &'a [&'a str],
    ) -> Self {
        Self {
            partitioner,
            nodes,
            tokens,
            datacenters,
            rings: BTreeMap::new(),
            tables: BTreeMap::new(),
        }
    }

    /// Where the partitions of a keyspace lie, if it is not divided into tablets.
    pub(super) fn of(&mut self, keyspace: &KeyspaceInfo) -> Placement {
        let strategy = if keyspace.tablets {
            Strategy::Unknown
        } else {
            Strategy::of(&keyspace.replication, self.datacenters)
        };
        let parts = match strategy {
            Strategy::Anywhere(factor) => vec![self.part(None, factor)],
            Strategy::Datacenters(factors) => factors
                .into_iter()
                .map(|(datacenter, factor)| self.part(Some(datacenter), factor))
                .collect(),
            Strategy::Unknown => Vec::new(),
        };
        Placement {
            parts: parts.into(),
        }
    }

    fn part(&mut self, datacenter: Option<u32>, factor: Factor) -> Part {
        let ring = Arc::clone(self.ring(datacenter));
        let table = match self.tables.entry((datacenter, factor)) {
            Entry::Occupied(made) => Arc::clone(made.get()),
            Entry::Vacant(place) => {
                let racks = racks(self.nodes, datacenter);
                let table = Table::new(&ring, &racks, factor.all, factor.full);
                Arc::clone(place.insert(Arc::new(table)))
            }
        };
        Part { datacenter, table }
    }

    /// The ring of the tokens of one data centre, or of all.
    fn ring(&mut self, datacenter: Option<u32>) -> &Arc<Ring> {
        let (partitioner, nodes, tokens) = (self.partitioner, self.nodes, self.tokens);
        self.rings.entry(datacenter).or_insert_with(|| {
            let entries: Vec<(Token, u32)> = tokens
                .iter()
                .filter(|(_, owner)| {
                    let node = nodes.get(super::ring::index(*owner));
                    datacenter
                        .is_none_or(|number| node.is_some_and(|n| n.datacenter_index == number))
                })
                .cloned()
                .collect();
            Arc::new(Ring::new(partitioner, &entries))
        })
    }
}

/// The rack of each node as a number. Where data centres do not count, racks do not either: each node has its own.
fn racks(nodes: &[Arc<Node>], datacenter: Option<u32>) -> Vec<u32> {
    if datacenter.is_none() {
        return (0..).take(nodes.len()).collect();
    }
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    nodes
        .iter()
        .map(|node| {
            let fresh = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(node.rack()).or_insert(fresh)
        })
        .collect()
}
