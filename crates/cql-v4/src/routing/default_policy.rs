//! The policy of clients that are not told another one.

use super::{Distance, LoadBalancing, Node, RoutingRequest, Target, Topology};

/// Asks replicas in the client's own data centre, those with fewer requests in flight first.
#[derive(Debug, Clone, Default)]
pub struct DefaultLoadBalancing {
    datacenter: Option<String>,
}

impl DefaultLoadBalancing {
    /// The policy with its defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The data centre that requests go to. Default: that of the node which was connected to first.
    #[must_use]
    pub fn with_datacenter(mut self, name: impl Into<String>) -> Self {
        self.datacenter = Some(name.into());
        self
    }

    fn is_local(&self, node: &Node, topology: &Topology) -> bool {
        let local = self.datacenter.as_deref();
        node.datacenter() == local.unwrap_or_else(|| topology.local_datacenter())
    }
}

impl LoadBalancing for DefaultLoadBalancing {
    fn pick<'a>(&self, _: &RoutingRequest<'_>, topology: &'a Topology) -> Option<Target<'a>> {
        let nodes = topology.nodes();
        let start = fastrand::usize(..).checked_rem(nodes.len())?;
        let (before, after) = nodes.split_at(start);
        after
            .iter()
            .chain(before)
            .find(|node| node.is_up() && self.is_local(node, topology))
            .map(Target::new)
    }

    fn plan<'a>(&self, _: &RoutingRequest<'_>, topology: &'a Topology) -> Vec<Target<'a>> {
        let (mut up, down): (Vec<_>, Vec<_>) = topology
            .nodes()
            .iter()
            .filter(|node| self.is_local(node, topology))
            .map(Target::new)
            .partition(|target| target.node.is_up());
        fastrand::shuffle(&mut up);
        up.extend(down);
        up
    }

    fn distance(&self, node: &Node, topology: &Topology) -> Distance {
        if self.is_local(node, topology) {
            Distance::Local
        } else {
            Distance::Ignored
        }
    }
}
