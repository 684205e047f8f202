//! The tablets of ScyllaDB: ranges of a table that lie on nodes and shards of their own, and move.
//!
//! Nobody tells where they are beforehand. A request that went to the wrong place is answered all the same, with a
//! custom payload that says where its tablet is; so the client learns them one by one. Source: ScyllaDB,
//! `docs/dev/protocol-extensions.md`, "Sending tablet info to the drivers":
//!
//! ```text
//! tuple<bigint first, bigint last, list<tuple<uuid host, int shard>>>      of the tokens in (first, last]
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use rustc_hash::FxHashMap;
use wire_core::{DecodeError, Reader};

use super::ring::MAX_LISTED;
use super::{Token, Topology};
use crate::codec::prim;
use crate::error::{Error, ErrorKind, Sent};
use crate::types::Uuid;

/// Key of the custom payload that tells where a tablet is.
pub(crate) const TABLET_PAYLOAD: &str = "tablets-routing-v1";

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

/// What became of a tablet that a server told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learned {
    /// It is known now.
    Known,
    /// It is on a node that the topology does not have, so the topology is out of date. Nothing was kept.
    UnknownNode,
}

impl Tablets {
    /// Learns from the payload of an answer.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the payload is not a tablet.
    pub(crate) fn learn(
        &self,
        topology: &Topology,
        keyspace: &str,
        table: &str,
        payload: &[u8],
    ) -> Result<Learned, Error> {
        let tablet = Tablet::read(payload).map_err(|e| Error::undecodable("a tablet", e))?;
        if tablet.first >= tablet.last {
            let text = format!(
                "a tablet of {keyspace}.{table} is said to end with token {}, before its beginning behind {}",
                tablet.last, tablet.first
            );
            return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
        }
        if tablet
            .replicas
            .iter()
            .any(|(host, _)| topology.node(*host).is_none())
        {
            return Ok(Learned::UnknownNode);
        }
        self.tables.rcu(|tables| {
            let mut tables = Tables::clone(tables);
            let of_keyspace = tables.entry(keyspace.into()).or_default();
            let known = of_keyspace.entry(table.into()).or_default();
            *known = insert(known, &tablet);
            tables
        });
        self.any.store(true, Ordering::Release);
        Ok(Learned::Known)
    }

    /// Forgets the tablets of keyspaces and nodes that are no more.
    pub(crate) fn retain_known(&self, topology: &Topology) {
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

    /// Forgets the tablets of a table, or of all tables of the keyspace: it was dropped, or made anew.
    pub(crate) fn forget(&self, keyspace: &str, table: Option<&str>) {
        self.edit(|tables| match (table, tables.get_mut(keyspace)) {
            (Some(table), Some(of_keyspace)) => drop(of_keyspace.remove(table)),
            (None, Some(_)) => drop(tables.remove(keyspace)),
            (_, None) => {}
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

/// The same tablets and one more, without those that it overlaps.
fn insert(tablets: &[Tablet], tablet: &Tablet) -> Arc<[Tablet]> {
    let start = tablets.partition_point(|other| other.last <= tablet.first);
    let end = tablets.partition_point(|other| other.first < tablet.last);
    let before = tablets.iter().take(start);
    let after = tablets.iter().skip(end.max(start));
    before.chain([tablet]).chain(after).cloned().collect()
}

impl Tablet {
    fn read(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(payload);
        let first = i64::from_be_bytes(field(&mut r, "first")?);
        let last = i64::from_be_bytes(field(&mut r, "last")?);
        let mut list = Reader::new(element(&mut r, "replicas")?);
        let count = list.i32_be("replicas")?;
        // A replica has the lengths of itself and its two fields, and these: 12 + 16 + 4 bytes.
        let count = list.count("replicas", count, 32)?;
        let replicas = (0..count)
            .map(|_| {
                let mut replica = Reader::new(element(&mut list, "replica")?);
                let host = Uuid(field(&mut replica, "host")?);
                let shard = i32::from_be_bytes(field(&mut replica, "shard")?);
                let shard = u32::try_from(shard).map_err(|_| {
                    replica.invalid("shard", 4, format!("is {shard}, which is negative"))
                })?;
                Ok((host, shard))
            })
            .collect::<Result<_, DecodeError>>()?;
        // Later versions may add fields behind these.
        Ok(Self {
            first,
            last,
            replicas,
        })
    }
}

/// An element of a tuple or list that is not null.
fn element<'a>(r: &mut Reader<'a>, name: &'static str) -> Result<&'a [u8], DecodeError> {
    prim::cell(r, name)?.ok_or_else(|| r.invalid(name, 4, "is null"))
}

/// An element of exactly `N` bytes.
fn field<const N: usize>(r: &mut Reader<'_>, name: &'static str) -> Result<[u8; N], DecodeError> {
    let bytes = element(r, name)?;
    <[u8; N]>::try_from(bytes).map_err(|_| {
        r.invalid(
            name,
            bytes.len(),
            format!("has {} bytes instead of {N}", bytes.len()),
        )
    })
}

/// Numbers of nodes and shards, in the order of the server.
#[derive(Debug, Clone, Default)]
pub(super) struct TabletReplicas {
    places: [(u32, u32); MAX_LISTED],
    next: usize,
    count: usize,
}

impl TabletReplicas {
    fn push(&mut self, node: u32, shard: u32) {
        if let Some(place) = self.places.get_mut(self.count) {
            *place = (node, shard);
            self.count = self.count.saturating_add(1);
        }
    }
}

impl Iterator for TabletReplicas {
    type Item = (u32, u32);

    #[inline]
    fn next(&mut self) -> Option<(u32, u32)> {
        let place = self.places.get(..self.count)?.get(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(*place)
    }
}
