//! Nodes on addresses of loopback instead of in memory: for TLS, and for the shards of ScyllaDB, which are chosen by the
//! port that a connection comes from. Here time is real.
//!
//! On Linux alone, where all of 127.0.0.0/8 is loopback.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use wire_testkit::{Identity, TestCa};

use super::wire::Wire;
use super::{Cluster, SECOND, settle, wire};

/// How nodes speak TLS.
pub(crate) struct Secured {
    pub(crate) identity: Identity,
    /// Clients must have a certificate of this authority.
    pub(crate) clients_of: Option<TestCa>,
}

/// The shards of a node.
pub(crate) struct Sharded {
    pub(crate) count: u32,
    /// The port where the client's own port chooses the shard, as the node tells it.
    pub(crate) port: Option<u16>,
    /// Whether anybody listens there.
    pub(crate) is_reachable: bool,
}

/// The shard of a connection, and how it got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfShard {
    pub(crate) shard: u32,
    /// Whether the client chose it.
    pub(crate) chosen: bool,
}

/// What SUPPORTED says about shards.
pub(super) fn options_of(
    sharded: Option<&Sharded>,
    shard: Option<OfShard>,
) -> Vec<(String, Vec<String>)> {
    let Some(sharded) = sharded else {
        return Vec::new();
    };
    let mut options = vec![
        (
            "SCYLLA_SHARD",
            shard.map_or(0, |of| of.shard % sharded.count).to_string(),
        ),
        ("SCYLLA_NR_SHARDS", sharded.count.to_string()),
        ("SCYLLA_SHARDING_IGNORE_MSB", "12".to_owned()),
        (
            "SCYLLA_SHARDING_ALGORITHM",
            "biased-token-round-robin".to_owned(),
        ),
    ];
    if let Some(port) = sharded.port {
        options.push(("SCYLLA_SHARD_AWARE_PORT", port.to_string()));
        options.push(("SCYLLA_SHARD_AWARE_PORT_SSL", port.to_string()));
    }
    let owned = |(key, value): (&str, String)| (key.to_owned(), vec![value]);
    options.into_iter().map(owned).collect()
}

impl Cluster {
    /// Listens on a port that is free at the addresses of all nodes, and a second for their shards, with TLS if that is
    /// wanted. From here on this is where the nodes are.
    pub(crate) async fn listen(&self, secured: Option<Secured>) {
        let secured = secured.map(Arc::new);
        for chosen in [false, true] {
            let (port, listeners) = self.bind().await;
            let mut state = self.state();
            for (node, listener) in listeners.into_iter().enumerate() {
                if chosen {
                    if let Some(sharded) = &mut state.nodes[node].sharded {
                        sharded.port = Some(port);
                    }
                } else {
                    state.nodes[node].address = format!("127.0.0.{}:{port}", node + 1);
                }
                let (cluster, secured) = (self.clone(), secured.clone());
                tokio::spawn(async move {
                    while let Ok((socket, from)) = listener.accept().await {
                        cluster.accept(node, socket, from, chosen, secured.clone());
                    }
                });
            }
        }
    }

    async fn bind(&self) -> (u16, Vec<TcpListener>) {
        let count = self.state().nodes.len();
        'ports: loop {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = first.local_addr().unwrap().port();
            let mut listeners = vec![first];
            for node in 1..count {
                // Somebody else may have the port at another address.
                match TcpListener::bind(format!("127.0.0.{}:{port}", node + 1)).await {
                    Ok(listener) => listeners.push(listener),
                    Err(_) => continue 'ports,
                }
            }
            return (port, listeners);
        }
    }

    fn accept(
        &self,
        node: usize,
        socket: TcpStream,
        from: SocketAddr,
        chosen: bool,
        secured: Option<Arc<Secured>>,
    ) {
        let (cluster, number) = (self.clone(), {
            let mut state = self.state();
            let address = state.nodes[node].address.clone();
            state.attempts.push((Instant::now(), address));
            let up = state.nodes[node].up;
            let sharded = state.nodes[node].sharded.as_ref();
            if !up || (chosen && !sharded.is_some_and(|sharded| sharded.is_reachable)) {
                return;
            }
            let number = state.wires.len();
            let count = sharded.map(|sharded| sharded.count);
            let shard = count.map(|count| {
                // The usual port gives shards in turn.
                let turn = u32::try_from(number).unwrap();
                let by = if chosen { from.port().into() } else { turn };
                let shard = by % count;
                OfShard { shard, chosen }
            });
            let mut wire = Wire::new(node);
            wire.shard = shard;
            state.wires.push(wire);
            number
        });
        tokio::spawn(async move {
            match secured {
                None => wire::serve(cluster.clone(), socket, number, &mut cluster.state()),
                Some(secured) => {
                    let acceptor = match &secured.clients_of {
                        Some(ca) => secured.identity.acceptor_for_clients_of(ca),
                        None => secured.identity.acceptor(),
                    };
                    if let Ok(stream) = acceptor.accept(socket).await {
                        wire::serve(cluster.clone(), stream, number, &mut cluster.state());
                    }
                }
            }
        });
    }

    /// Looks each millisecond whether something has come about, be time real or not.
    ///
    /// # Panics
    /// When it has not within a minute.
    pub(crate) async fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !is(self) {
            assert!(since.elapsed() < SECOND * 60, "never came about: {what}");
            settle().await;
        }
    }
}
