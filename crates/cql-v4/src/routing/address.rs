//! What an application may know better than the cluster: where its nodes can be reached, and which of them to leave out.

use std::net::SocketAddr;

use super::Node;

/// Turns the address that a node announces into the one where it can be reached from here, as behind a gateway or with
/// forwarded ports.
///
/// Asked for addresses from system tables and events; never for the contact points, which are right as configured. A
/// closure from address to address will do.
pub trait AddressTranslator: Send + Sync {
    /// Where the node that announces `address` can be reached. Must not wait: it is called on tasks of the client.
    fn translate(&self, address: SocketAddr) -> SocketAddr;
}

impl<F: Fn(SocketAddr) -> SocketAddr + Send + Sync> AddressTranslator for F {
    fn translate(&self, address: SocketAddr) -> SocketAddr {
        self(address)
    }
}

/// Says to which nodes a client connects at all. A closure from node to `bool` will do.
///
/// A node that is left out stays in the topology, since it has replicas, but is never up.
pub trait HostFilter: Send + Sync {
    /// Whether to connect to `node`. What it says must depend only on what does not change: host id, address, data
    /// centre, rack.
    fn accepts(&self, node: &Node) -> bool;
}

impl<F: Fn(&Node) -> bool + Send + Sync> HostFilter for F {
    fn accepts(&self, node: &Node) -> bool {
        self(node)
    }
}
