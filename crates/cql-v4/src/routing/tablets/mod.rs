//! The tablets of ScyllaDB: ranges of a table that lie on nodes and shards of their own, and move.
//!
//! Nobody tells where they are beforehand: a client learns them one by one, from answers to requests that went to the
//! wrong place.

#[cfg(feature = "client")]
mod learn;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use rustc_hash::FxHashMap;

use super::ring::{MAX_LISTED, index};
use super::{Token, Topology};
use crate::types::Uuid;

#[cfg(feature = "client")]
pub(crate) use learn::{Learned, TABLET_PAYLOAD};

/// What is known about tablets, by keyspace and table.
///
/// Readers see a copy that does not change; who learns something makes a new one. Requests are many, and tablets move
/// seldom.
#[derive(Debug, Default)]
pub(crate) struct Tablets {
    /// Whether there ever was one: all that requests to other servers look at.
    any: AtomicBool,
    tables: ArcSwap<Tables>,
}

type Tables = FxHashMap<Arc<str>, FxHashMap<Arc<str>, Arc<[Tablet]>>>;

/// One tablet. Those of a table are sorted and do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tablet {
    /// The last token before it.
    first: i64,
    /// Its own last token.
    last: i64,
    replicas: Arc<[(Uuid, u32)]>,
}

impl Tablets {
    /// Forgets the tablets of keyspaces and nodes that are no more.
    pub(super) fn retain_known(&self, topology: &Topology) {
        self.edit(|tables| {
            tables.retain(|keyspace, _| topology.has_keyspace(keyspace));
            for tablets in tables.values_mut().flat_map(FxHashMap::values_mut) {
                let known = |tablet: &&Tablet| {
                    tablet
                        .replicas
                        .iter()
                        .all(|(host, _)| topology.node(*host).is_some())
                };
                if !tablets.iter().all(|tablet| known(&tablet)) {
                    *tablets = tablets.iter().filter(known).cloned().collect();
                }
            }
        });
    }

    fn edit(&self, change: impl Fn(&mut Tables)) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        self.tables.rcu(|tables| {
            let mut tables = Tables::clone(tables);
            change(&mut tables);
            tables
        });
    }

    /// The replicas of the tablet that has `token`, those among the nodes of the topology.
    #[inline]
    pub(super) fn replicas(
        &self,
        topology: &Topology,
        keyspace: &str,
        table: &str,
        token: &Token,
    ) -> Option<TabletReplicas> {
        let Token::Murmur3(token) = token else {
            return None;
        };
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let tables = self.tables.load();
        let tablets = tables.get(keyspace)?.get(table)?;
        let at = tablets.partition_point(|tablet| tablet.last < *token);
        let tablet = tablets.get(at).filter(|tablet| tablet.first < *token)?;
        let mut found = TabletReplicas::default();
        for (host, shard) in tablet.replicas.iter() {
            if let Some(number) = topology.number_of(*host) {
                found.push(number, *shard);
            }
        }
        Some(found)
    }
}

/// Numbers of nodes and shards, in the order of the server.
#[derive(Debug, Clone, Default)]
pub(super) struct TabletReplicas {
    nodes: [u32; MAX_LISTED],
    shards: [u32; MAX_LISTED],
    next: usize,
    count: usize,
}

impl TabletReplicas {
    fn push(&mut self, node: u32, shard: u32) {
        let (places, shards) = (&mut self.nodes, &mut self.shards);
        if let (Some(place), Some(of)) = (places.get_mut(self.count), shards.get_mut(self.count)) {
            *place = node;
            *of = shard;
            self.count = self.count.saturating_add(1);
        }
    }

    /// The nodes alone.
    #[inline]
    pub(super) fn nodes(&self) -> &[u32] {
        self.nodes.get(..self.count).unwrap_or_default()
    }

    /// The shard that has it on this node.
    #[inline]
    pub(super) fn shard_on(&self, node: usize) -> Option<u32> {
        let mut pairs = self.nodes().iter().zip(&self.shards);
        let found = pairs.find(|(number, _)| index(**number) == node);
        found.map(|(_, shard)| *shard)
    }
}

impl Iterator for TabletReplicas {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let found = (*self.nodes().get(self.next)?, *self.shards.get(self.next)?);
        self.next = self.next.saturating_add(1);
        Some(found)
    }
}
