//! The nodes that have a partition.

use super::{Target, Token, Topology};

/// The replicas of a partition, each with the shard that owns it if the node has shards.
#[derive(Debug, Clone)]
pub struct Replicas<'a, 't> {
    topology: &'a Topology,
    token: &'t Token,
    nodes: std::slice::Iter<'a, u32>,
}

impl<'a, 't> Replicas<'a, 't> {
    pub(super) fn none(topology: &'a Topology, token: &'t Token) -> Self {
        Self {
            topology,
            token,
            nodes: [].iter(),
        }
    }
}

impl<'a> Iterator for Replicas<'a, '_> {
    type Item = Target<'a>;

    fn next(&mut self) -> Option<Target<'a>> {
        let index = usize::try_from(*self.nodes.next()?).ok()?;
        let node = self.topology.nodes().get(index)?;
        Some(Target::with_token(node, self.token))
    }
}
