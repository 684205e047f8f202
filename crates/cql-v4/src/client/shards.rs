//! A connection to each shard of a node of ScyllaDB. Those to the usual port get to whichever shard the node likes, and
//! stand in for a shard whose own connection is not open.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::{ArcSwap, Guard};
use wire_core::net::{Pace, SourcePorts};

use super::pool::CqlLink;
use crate::routing::Sharding;

/// Local ports of connections to shards: the range that is meant for such (RFC 6335, §6).
const SOURCE_PORTS: RangeInclusive<u16> = 49_152..=65_535;
/// A node has a shard for each of its cores. A server that claims more than this gets no connection to each.
const MAX_SHARDS: u32 = 1_024;

/// The shards of a node, once it has said that it has some, and a port to reach each of them.
#[derive(Debug, Default)]
pub(super) struct Shards {
    /// Never filled for nodes without shards, whose requests look no further.
    now: OnceLock<ArcSwap<ShardLinks>>,
    changing: Mutex<()>,
}

/// The connections, by shard.
#[derive(Debug)]
pub(super) struct ShardLinks {
    pub(super) sharding: Sharding,
    pub(super) links: Vec<Arc<CqlLink>>,
}

impl Shards {
    #[inline]
    pub(super) fn now(&self) -> Option<Guard<Arc<ShardLinks>>> {
        self.now.get().map(ArcSwap::load)
    }

    /// Puts links to the shards that a node says it has in the place of those that it had before, if these are others.
    /// The new links are handed to `keep`; the old ones are returned, to be closed.
    pub(super) fn learn(
        &self,
        sharding: Sharding,
        link: impl Fn(SourcePorts, &Pace) -> CqlLink,
        keep: impl Fn(&Arc<CqlLink>),
    ) -> Option<Arc<ShardLinks>> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.now.get();
        let is_known = before.is_some_and(|before| is_same(before.load().sharding, sharding));
        if is_known || sharding.shards > MAX_SHARDS {
            return None;
        }
        let pace = Pace::default();
        let links = (0..sharding.shards).filter_map(|shard| {
            let ports = SourcePorts::new(SOURCE_PORTS, sharding.shards, shard)?;
            Some(Arc::new(link(ports, &pace)))
        });
        let links: Vec<_> = links.collect();
        links.iter().for_each(keep);
        let new = Arc::new(ShardLinks { sharding, links });
        if let Some(before) = before {
            return Some(before.swap(new));
        }
        self.now.get_or_init(|| ArcSwap::new(new));
        None
    }
}

/// Whether both are told by connections to one node, perhaps to different shards of it.
fn is_same(one: Sharding, other: Sharding) -> bool {
    let shard = other.shard;
    Sharding { shard, ..one } == other
}
