//! Which node is asked: the trait, and what it gets and gives.

use std::fmt;
use std::sync::Arc;

use super::{Node, Token, Topology};
use crate::error::Consistency;

/// Decides which node a request goes to.
///
/// Called for every request, so [`pick`](Self::pick) must neither allocate nor wait nor take a lock that is held for
/// long. Policies keep no list of nodes: each call gets the topology of the moment.
pub trait LoadBalancing: fmt::Debug + Send + Sync {
    /// The node to try first; `None` if no node that is up may be asked.
    fn pick<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Option<Target<'a>>;

    /// All nodes that may be tried, best first, each at most once; nodes that are down last. Made only when the first
    /// one has failed, or for speculative execution; nodes that were tried already are skipped by the caller.
    fn plan<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Vec<Target<'a>>;

    /// How the client should treat the node. Asked whenever the nodes were read, which is after each change and from time
    /// to time ([`Config::with_refresh_interval`](crate::Config::with_refresh_interval)). A node that is ignored from now
    /// on loses its connections, once what is in flight on them has ended; one that no longer is gets some.
    fn distance(&self, node: &Node, topology: &Topology) -> Distance;
}

/// How close a node is to this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Distance {
    /// In the client's own data centre: gets connections and requests.
    Local,
    /// In another one, kept for when the own one fails.
    Remote,
    /// Gets neither connections nor requests.
    Ignored,
}

/// What a policy knows about a request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RoutingRequest<'a> {
    /// The keyspace that it is about.
    pub keyspace: Option<&'a str>,
    /// The table that it is about.
    pub table: Option<&'a str>,
    /// Where the partition that it is about lies; `None` if it has no routing key.
    pub token: Option<&'a Token>,
    /// How many replicas must answer, and whether only local ones count.
    pub consistency: Consistency,
    /// Whether it is a conditional statement, or a read with a serial consistency: it is served fastest if all
    /// clients ask the same replica.
    pub serial: bool,
}

impl<'a> RoutingRequest<'a> {
    /// A request without a partition.
    pub fn new(consistency: Consistency) -> Self {
        Self {
            keyspace: None,
            table: None,
            token: None,
            consistency,
            serial: false,
        }
    }

    /// The same for the partition at `token` of this table.
    #[must_use]
    pub fn with_partition(mut self, keyspace: &'a str, table: &'a str, token: &'a Token) -> Self {
        self.keyspace = Some(keyspace);
        self.table = Some(table);
        self.token = Some(token);
        self
    }

    /// The same as a conditional statement, or not.
    #[must_use]
    pub fn with_serial(mut self, serial: bool) -> Self {
        self.serial = serial;
        self
    }
}

/// A node to ask, and if it has shards and one of them owns the partition, which.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Target<'a> {
    /// The node.
    pub node: &'a Arc<Node>,
    /// The shard whose connection is the right one; any will do if it is `None` or has no connection.
    pub shard: Option<u32>,
}

impl<'a> Target<'a> {
    /// Any shard of this node.
    pub fn new(node: &'a Arc<Node>) -> Self {
        Self { node, shard: None }
    }

    /// The shard of this node that owns `token`, if the node divides its data by token.
    pub fn with_token(node: &'a Arc<Node>, token: &Token) -> Self {
        let shard = match token {
            Token::Murmur3(token) => node.sharding().map(|sharding| sharding.of_token(*token)),
            _ => None,
        };
        Self { node, shard }
    }
}
