//! Telling the program of nodes that come and go.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

use super::Client;
use crate::types::Uuid;

/// Events that wait for their listener: a cluster of some dozens of nodes may come up or go down at once.
const WAITING: usize = 256;

/// What happened to a node, as this client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeEvent {
    /// It is in the cluster's tables, and was not before at this address.
    #[non_exhaustive]
    Added {
        /// Its identity.
        host_id: Uuid,
        /// Where the client connects to it.
        address: SocketAddr,
    },
    /// It is not in them any more, or at another address.
    #[non_exhaustive]
    Removed {
        /// Its identity.
        host_id: Uuid,
        /// Where the client connected to it.
        address: SocketAddr,
    },
    /// There is a connection to it, and was none before.
    #[non_exhaustive]
    Up {
        /// Its identity.
        host_id: Uuid,
        /// Where the client connects to it.
        address: SocketAddr,
    },
    /// The last connection to it was lost, or the load balancing ignores it from now on.
    #[non_exhaustive]
    Down {
        /// Its identity.
        host_id: Uuid,
        /// Where the client connected to it.
        address: SocketAddr,
    },
    /// So many events were not taken in time and are lost; what holds now says [`Client::topology`].
    Missed(u64),
}

/// Events of the nodes of a client's cluster, from [`Client::node_events`].
pub struct NodeEvents(Receiver<NodeEvent>);

impl fmt::Debug for NodeEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeEvents").finish_non_exhaustive()
    }
}

impl NodeEvents {
    /// The next event; `None` once the client is closed, or all its clones are dropped.
    ///
    /// Up to 256 events wait to be taken. Of more the oldest are lost, which [`NodeEvent::Missed`] tells.
    ///
    /// # Cancel safety
    /// Cancel safe: no event is lost.
    pub async fn next(&mut self) -> Option<NodeEvent> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(missed)) => Some(NodeEvent::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Where events go to: nowhere as long as nobody listens.
#[derive(Debug, Default)]
pub(super) struct Events(Mutex<Option<Sender<NodeEvent>>>);

impl Events {
    fn sender(&self) -> MutexGuard<'_, Option<Sender<NodeEvent>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, event: NodeEvent) {
        if let Some(sender) = &*self.sender() {
            // Those who have listened may be gone.
            let _ = sender.send(event);
        }
    }

    fn listen(&self) -> NodeEvents {
        let mut sender = self.sender();
        let sender = sender.get_or_insert_with(|| broadcast::channel(WAITING).0);
        NodeEvents(sender.subscribe())
    }

    /// Whoever listens hears the end.
    pub(super) fn end(&self) {
        self.sender().take();
    }
}

impl Client {
    /// Tells of nodes that are added and removed, go down and come up, from now on: for logs, alarms, or a program that
    /// waits for a node. The client itself needs nobody to listen.
    ///
    /// ```no_run
    /// # async fn example(client: cql_v4::Client) {
    /// let mut events = client.node_events();
    /// while let Some(event) = events.next().await {
    ///     println!("{event:?}");
    /// }
    /// # }
    /// ```
    pub fn node_events(&self) -> NodeEvents {
        let cluster = &self.inner.cluster;
        let events = cluster.wiring.events.listen();
        if cluster.is_closed() {
            cluster.wiring.events.end();
        }
        events
    }
}
