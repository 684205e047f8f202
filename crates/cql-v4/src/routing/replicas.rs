//! The nodes that have a partition.

use std::slice::Iter;
use std::sync::Arc;

use super::placement::Part;
use super::tablets::TabletReplicas;
use super::{Node, Target, Token, Topology};

/// The replicas of a partition, each with the shard that owns it if the node has shards.
///
/// Of a partition with more than 16 replicas, in one data centre or on tablets, these are 16.
#[derive(Debug, Clone)]
pub struct Replicas<'a, 't> {
    topology: &'a Topology,
    token: &'t Token,
    /// The only data centre that counts, if there is one.
    datacenter: Option<u32>,
    source: Source<'a>,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    /// What is left of one part of the placement, and the other parts.
    Ring(Iter<'a, u32>, Iter<'a, Part>),
    Tablet(TabletReplicas),
}

impl<'a, 't> Replicas<'a, 't> {
    #[inline]
    pub(super) fn on_ring(topology: &'a Topology, token: &'t Token, parts: &'a [Part]) -> Self {
        Self {
            topology,
            token,
            datacenter: None,
            source: Source::Ring([].iter(), parts.iter()),
        }
    }

    #[inline]
    pub(super) fn of_tablet(
        topology: &'a Topology,
        token: &'t Token,
        replicas: TabletReplicas,
    ) -> Self {
        Self {
            topology,
            token,
            datacenter: None,
            source: Source::Tablet(replicas),
        }
    }

    /// Those in one data centre.
    #[inline]
    pub(super) fn in_datacenter(mut self, number: u32) -> Self {
        self.datacenter = Some(number);
        self
    }

    /// The next one's number, and its shard if that needs no computing.
    #[inline]
    fn advance(&mut self) -> Option<(u32, Option<u32>)> {
        match &mut self.source {
            Source::Ring(nodes, parts) => loop {
                if let Some(node) = nodes.next() {
                    return Some((*node, None));
                }
                let part = parts.next()?;
                if self.datacenter.is_none()
                    || part.datacenter.is_none_or(|d| Some(d) == self.datacenter)
                {
                    *nodes = part.table.replicas(self.token).iter();
                }
            },
            Source::Tablet(replicas) => replicas.next().map(|(node, shard)| (node, Some(shard))),
        }
    }
}

impl<'a> Iterator for Replicas<'a, '_> {
    type Item = Target<'a>;

    fn next(&mut self) -> Option<Target<'a>> {
        loop {
            let (number, shard) = self.advance()?;
            let node = self.topology.numbered(number)?;
            if self.datacenter.is_none_or(|wanted| node.is_in(wanted)) {
                return Some(match shard {
                    Some(_) => Target { node, shard },
                    None => Target::with_token(node, self.token),
                });
            }
        }
    }
}

/// The replicas among which one is chosen, as bare numbers: all of one data centre, and perhaps some of others.
pub(super) enum Candidates<'a> {
    Ring(&'a [u32]),
    Tablet(TabletReplicas),
}

impl Candidates<'_> {
    #[inline]
    pub(super) fn numbers(&self) -> &[u32] {
        match self {
            Self::Ring(numbers) => numbers,
            Self::Tablet(replicas) => replicas.nodes(),
        }
    }

    /// The one that was chosen, with its shard.
    #[inline]
    pub(super) fn target<'n>(&self, node: &'n Arc<Node>, token: &Token) -> Target<'n> {
        match self {
            Self::Ring(_) => Target::with_token(node, token),
            Self::Tablet(replicas) => Target {
                node,
                shard: replicas.shard_on(node.index()),
            },
        }
    }
}
