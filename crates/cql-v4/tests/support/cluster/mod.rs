//! A cluster in memory: nodes by address, each with its place in the ring, which a test takes down, cuts off, moves and
//! fills with life.
//!
//! OPTIONS, STARTUP, REGISTER, the system tables, USE and prepared statements are answered as servers do; a test may
//! answer anything differently by [`Cluster::on`].

mod shards;
mod system;
mod wire;

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use cql_v4::codec::Dialect;
use cql_v4::message::{Bind, Event, Message, Request, StatusChange, TopologyChange};
use cql_v4::{Client, Config, Error, ErrorCode, Version};
use tokio::io::DuplexStream;
use tokio::time::Instant;

use super::server::{refuse, value};
#[allow(unused_imports, reason = "not every test file has nodes")]
pub(crate) use shards::{OfShard, Secured, Sharded};
#[allow(unused_imports, reason = "not every test file has nodes")]
pub(crate) use system::inet;
use wire::Wire;
#[allow(unused_imports, reason = "not every test file has nodes")]
pub(crate) use wire::{LWT_MARK, Spoken};

/// What a node is asked after STARTUP.
pub(crate) struct Ask {
    /// Index of the node.
    pub(crate) node: usize,
    /// How many connections to any node there were before this one.
    pub(crate) connection: usize,
    /// Keyspace of the connection.
    pub(crate) keyspace: Option<String>,
    /// What the connection speaks.
    pub(crate) dialect: Dialect,
    pub(crate) request: Request,
    pub(crate) at: Instant,
}

impl Ask {
    /// The statement of QUERY or PREPARE.
    pub(crate) fn text(&self) -> &str {
        match &self.request {
            Request::Query(query) => &query.text,
            Request::Prepare(prepare) => &prepare.text,
            _ => "",
        }
    }

    /// Whether it is a request of the test's own, and none of the client's for the system tables.
    pub(crate) fn is_statement(&self) -> bool {
        match &self.request {
            Request::Query(query) => {
                !query.text.contains(" system") && !query.text.starts_with("USE ")
            }
            Request::Execute(_) | Request::Batch(_) => true,
            _ => false,
        }
    }
}

/// What a node does about it.
pub(crate) enum Reply {
    Send(Message),
    /// With a custom payload.
    WithPayload(Vec<(String, Option<Bytes>)>, Message),
    Later(Duration, Message),
    Nothing,
    /// Breaks the connection.
    Cut,
}

/// What became of a request, for the history of a test.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) connection: usize,
    pub(crate) keyspace: Option<String>,
    pub(crate) dialect: Dialect,
    pub(crate) request: Request,
    pub(crate) at: Instant,
}

/// A node as the others see it.
pub(crate) struct Node {
    pub(crate) host_id: u8,
    /// Where it accepts connections.
    pub(crate) address: String,
    pub(crate) datacenter: &'static str,
    pub(crate) rack: &'static str,
    pub(crate) tokens: Vec<i64>,
    /// Whether it accepts connections.
    pub(crate) up: bool,
    /// Whether it says anything.
    pub(crate) silent: bool,
    /// Whether it is in the tables of the others.
    pub(crate) member: bool,
    pub(crate) schema_version: u8,
    /// Cells that its rows in the tables of its peers have instead.
    pub(crate) cells: HashMap<&'static str, Option<Bytes>>,
    /// Asks for a password, with this class.
    pub(crate) authenticator: Option<&'static str>,
    /// The newest version of the protocol that it speaks.
    pub(crate) newest: Version,
    /// Columns of what prepared statements read, all of them ints: `v` has the key, all others have 0. Their names are
    /// the id of the metadata.
    pub(crate) columns: Vec<&'static str>,
    /// ScyllaDB's shards.
    pub(crate) sharded: Option<Sharded>,
}

pub(crate) struct State {
    pub(crate) name: &'static str,
    pub(crate) nodes: Vec<Node>,
    pub(crate) keyspaces: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    pub(crate) has_peers_v2: bool,
    /// Columns that the tables of nodes lack.
    pub(crate) missing_columns: Vec<&'static str>,
    /// Each peer stands twice in the tables, and the node itself among its peers.
    pub(crate) doubled: bool,
    /// Keyspaces that are divided into tablets.
    pub(crate) tablets: Vec<&'static str>,
    /// What SUPPORTED has beside the usual.
    pub(crate) options: Vec<(String, Vec<String>)>,
    /// What each node has prepared.
    pub(crate) prepared: HashSet<(usize, Bytes)>,
    /// Attempts to open a connection, and to where.
    pub(crate) attempts: Vec<(Instant, String)>,
    pub(crate) seen: Vec<Seen>,
    /// How often OPTIONS was asked on connections that were open.
    pub(crate) options_asked: usize,
    pub(crate) wires: Vec<Wire>,
    /// How long answers take that the test does not give itself.
    latency: Option<Duration>,
    /// Bytes in flight on a connection.
    pub(crate) pipe: usize,
}

type Handler = Box<dyn FnMut(&Ask) -> Option<Reply> + Send>;

#[derive(Clone)]
pub(crate) struct Cluster {
    state: Arc<Mutex<State>>,
    handler: Arc<Mutex<Option<Handler>>>,
}

/// Bytes in flight on a connection where a test does not care: the larger part of most frames.
const PIPE: usize = 4_096;

impl Cluster {
    /// Nodes 127.0.0.1, 127.0.0.2, … in these data centres, each in a rack `r1`, `r2`, `r3`, …; they share the ring
    /// equally. Keyspace `ks` has one replica of each partition, `ks2` two in each data centre, `ks3` three.
    pub(crate) fn new(datacenters: &[&'static str]) -> Self {
        const RACKS: [&str; 3] = ["r1", "r2", "r3"];
        let share = u64::MAX / u64::try_from(datacenters.len()).unwrap();
        let nodes = datacenters.iter().enumerate().map(|(i, datacenter)| {
            let n = u8::try_from(i).unwrap() + 1;
            let token = i64::MIN.wrapping_add_unsigned(share.wrapping_mul(u64::from(n)));
            Node {
                host_id: n,
                address: format!("127.0.0.{n}:9042"),
                datacenter,
                rack: RACKS[i % 3],
                tokens: vec![token],
                up: true,
                silent: false,
                member: true,
                schema_version: 1,
                cells: HashMap::new(),
                authenticator: None,
                newest: Version::V5,
                columns: vec!["v"],
                sharded: None,
            }
        });
        let class = ("class", "org.apache.cassandra.locator.SimpleStrategy");
        let state = State {
            name: "test cluster",
            nodes: nodes.collect(),
            keyspaces: vec![
                ("ks", vec![class, ("replication_factor", "1")]),
                ("ks2", vec![class, ("replication_factor", "2")]),
                ("ks3", vec![class, ("replication_factor", "3")]),
            ],
            has_peers_v2: true,
            missing_columns: Vec::new(),
            doubled: false,
            tablets: Vec::new(),
            options: Vec::new(),
            prepared: HashSet::new(),
            attempts: Vec::new(),
            seen: Vec::new(),
            options_asked: 0,
            wires: Vec::new(),
            latency: None,
            pipe: PIPE,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            handler: Arc::default(),
        }
    }

    /// Three nodes of one data centre.
    pub(crate) fn of_three() -> Self {
        Self::new(&["dc1"; 3])
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Has these requests answered by the test; those that it says nothing about are answered as usual.
    pub(crate) fn on(&self, handler: impl FnMut(&Ask) -> Option<Reply> + Send + 'static) {
        *self.handler.lock().unwrap() = Some(Box::new(handler));
    }

    /// As [`Self::on`], for the test's own statements alone.
    pub(crate) fn on_statement(
        &self,
        mut handler: impl FnMut(&Ask) -> Option<Reply> + Send + 'static,
    ) {
        self.on(move |ask| {
            if ask.is_statement() {
                handler(ask)
            } else {
                None
            }
        });
    }

    /// One contact point: the first node.
    pub(crate) fn config(&self) -> Config {
        Config::new("127.0.0.1")
    }

    pub(crate) async fn client(&self) -> Client {
        self.connect(self.config()).await.unwrap()
    }

    pub(crate) async fn connect(&self, config: Config) -> Result<Client, Error> {
        let cluster = self.clone();
        Client::connect_cluster_over(config, move |host| cluster.open(host)).await
    }

    fn open(&self, host: &str) -> io::Result<DuplexStream> {
        let mut state = self.state();
        state.attempts.push((Instant::now(), host.to_owned()));
        let found = state.nodes.iter().position(|node| node.address == host);
        let node = found.filter(|node| state.nodes[*node].up);
        let node = node.ok_or(io::ErrorKind::ConnectionRefused)?;
        let (ours, theirs) = tokio::io::duplex(state.pipe);
        let number = state.wires.len();
        state.wires.push(Wire::new(node));
        wire::serve(self.clone(), theirs, number, &mut state);
        Ok(ours)
    }

    fn answer(&self, ask: &Ask) -> Reply {
        let seen = Seen {
            node: ask.node,
            connection: ask.connection,
            keyspace: ask.keyspace.clone(),
            dialect: ask.dialect,
            request: ask.request.clone(),
            at: ask.at,
        };
        self.state().seen.push(seen);
        if let Some(handler) = &mut *self.handler.lock().unwrap()
            && let Some(reply) = handler(ask)
        {
            return reply;
        }
        let mut state = self.state();
        match (system::usual(&mut state, ask), state.latency) {
            (Reply::Send(message), Some(latency)) => Reply::Later(latency, message),
            (reply, _) => reply,
        }
    }

    /// Has the usual answers take so long.
    pub(crate) fn set_latency(&self, latency: Duration) {
        self.state().latency = Some(latency);
    }

    /// Refuses connections from now on, and breaks those that are there.
    pub(crate) fn take_down(&self, node: usize) {
        self.state().nodes[node].up = false;
        self.cut(node);
    }

    pub(crate) fn bring_up(&self, node: usize) {
        self.state().nodes[node].up = true;
    }

    /// Breaks the connections to a node.
    pub(crate) fn cut(&self, node: usize) {
        let state = self.state();
        for wire in state.wires.iter().filter(|wire| wire.node == node) {
            wire.cut();
        }
    }

    /// Has all that a node says from now on, or nothing of it, get lost.
    pub(crate) fn silence(&self, node: usize, silent: bool) {
        self.state().nodes[node].silent = silent;
    }

    /// Has a node forget what it has prepared.
    pub(crate) fn forget(&self, node: usize) {
        self.state().prepared.retain(|(at, _)| *at != node);
    }

    /// The node of a control connection that is open: one that is registered for events.
    pub(crate) fn control(&self) -> Option<usize> {
        let state = self.state();
        let registered = |wire: &&Wire| wire.registered && wire.is_open();
        state.wires.iter().rev().find(registered).map(|w| w.node)
    }

    /// Sends an event over each connection that is registered.
    pub(crate) fn tell(&self, event: &Event) {
        let state = self.state();
        for wire in state.wires.iter().filter(|wire| wire.registered) {
            wire.tell(&Message::Event(event.clone()));
        }
    }

    pub(crate) fn tell_status(&self, node: usize, change: StatusChange) {
        let address = self.state().nodes[node].address.parse().unwrap();
        self.tell(&Event::StatusChange { change, address });
    }

    pub(crate) fn tell_topology(&self, node: usize, change: TopologyChange) {
        let address = self.state().nodes[node].address.parse().unwrap();
        self.tell(&Event::TopologyChange { change, address });
    }

    /// Connections to a node that are open, the control connection included.
    pub(crate) fn open_to(&self, node: usize) -> usize {
        let state = self.state();
        let open = state.wires.iter().filter(|w| w.node == node && w.is_open());
        open.count()
    }

    /// How often something was asked.
    pub(crate) fn count(&self, is: impl Fn(&Seen) -> bool) -> usize {
        self.state().seen.iter().filter(|seen| is(seen)).count()
    }

    /// How often the nodes were read anew.
    pub(crate) fn refreshes(&self) -> usize {
        let is_of_peers = |seen: &Seen| matches!(&seen.request, Request::Query(query) if query.text.contains("* FROM system.local"));
        self.count(is_of_peers)
    }

    /// Nodes and values of all EXECUTE and of all QUERY with values, in their order.
    pub(crate) fn statements(&self) -> Vec<(usize, i32)> {
        let state = self.state();
        let asked = state.seen.iter().filter(|seen| match &seen.request {
            Request::Query(query) => query.values.count() == 1 && !query.text.contains(" system"),
            Request::Execute(_) => true,
            _ => false,
        });
        asked
            .map(|seen| (seen.node, value(&seen.request)))
            .collect()
    }

    /// Attempts to connect to an address, since a moment.
    pub(crate) fn attempts_at(&self, address: &str, since: Instant) -> Vec<Duration> {
        let state = self.state();
        let there = state
            .attempts
            .iter()
            .filter(|(at, to)| *at >= since && to == address);
        there.map(|(at, _)| *at - since).collect()
    }
}

/// A refusal of a statement.
pub(crate) fn refusal(code: ErrorCode) -> Option<Reply> {
    Some(Reply::Send(refuse(code, "no")))
}

/// Lets time pass; the clock is paused, so this takes none.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Lets everything happen that takes no time.
pub(crate) async fn settle() {
    pass(Duration::from_millis(1)).await;
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
