//! The nodes that have a partition.

use std::slice::Iter;

use super::placement::Part;
use super::tablets::TabletReplicas;
use super::{Target, Token, Topology};

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

    /// The next one, without the shard if that has to be computed: for those who look at several and take one.
    #[inline]
    pub(super) fn next_unresolved(&mut self) -> Option<Target<'a>> {
        loop {
            let (number, shard) = self.advance()?;
            let node = self.topology.numbered(number)?;
            if self
                .datacenter
                .is_none_or(|wanted| wanted == node.datacenter_index)
            {
                return Some(Target { node, shard });
            }
        }
    }

    /// With the shard.
    #[inline]
    pub(super) fn resolve(&self, target: Target<'a>) -> Target<'a> {
        match target.shard {
            Some(_) => target,
            None => Target::with_token(target.node, self.token),
        }
    }
}

impl<'a> Iterator for Replicas<'a, '_> {
    type Item = Target<'a>;

    #[inline]
    fn next(&mut self) -> Option<Target<'a>> {
        self.next_unresolved().map(|target| self.resolve(target))
    }
}
