//! Cassandra nodes in memory, which are stopped, frozen and cut off as a test says.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cql_v4::codec::FrameDecoder;
use cql_v4::message::{Column, Message, Opcode, Request, Response, ResultMessage, RowsMessage};
use cql_v4::types::DataType;
use cql_v4::{Client, Config, Error, Limits, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

use crate::history::History;
use crate::support::server::{ints, supported, value, void};

/// Bytes in flight in each direction.
const PIPE: usize = 4096;
/// How long a node takes for an answer.
const WORK: Duration = Duration::from_millis(1);

/// Some nodes of one cluster, and the requests that they carried out.
#[derive(Clone)]
pub(crate) struct Cluster {
    nodes: Arc<Vec<Node>>,
    pub(crate) history: Arc<History>,
}

struct Node {
    state: watch::Sender<State>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Its port is closed.
    stopped: bool,
    /// It accepts connections, and neither reads nor answers.
    frozen: bool,
    /// It ends each connection behind so many bytes of an answer.
    breaks: Option<usize>,
    /// How often all of its connections were ended.
    ends: u32,
    /// Events that it told its clients.
    events: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Attempts to connect, refused ones too.
    pub(crate) attempts: usize,
    pub(crate) open: usize,
    /// Requests carried out, the client's own excepted.
    pub(crate) executed: usize,
}

impl Cluster {
    pub(crate) fn new(nodes: usize) -> Self {
        let node = |_| Node {
            state: watch::Sender::new(State::default()),
            counts: Mutex::default(),
        };
        Self {
            nodes: Arc::new((0..nodes).map(node).collect()),
            history: Arc::default(),
        }
    }

    /// The address of a node.
    pub(crate) fn address(node: usize) -> String {
        format!("10.0.0.{}:9042", node + 1)
    }

    /// Knows all nodes, and asks for signs of life more often than by default.
    pub(crate) fn config(&self) -> Config {
        let others = (1..self.nodes.len()).map(Self::address);
        let heartbeat = (Duration::from_secs(5), Duration::from_secs(1));
        others
            .fold(Config::new(&Self::address(0)), |config, host| {
                config.with_host(&host)
            })
            .with_heartbeat(heartbeat.0, heartbeat.1)
    }

    pub(crate) async fn connect(&self, config: Config) -> Result<Client, Error> {
        let this = self.clone();
        Client::connect_cluster_over(config, move |host| this.dial(host)).await
    }

    pub(crate) async fn client(&self) -> Client {
        self.connect(self.config()).await.unwrap()
    }

    fn dial(&self, host: &str) -> io::Result<DuplexStream> {
        let index = (0..self.nodes.len()).find(|node| Self::address(*node) == host);
        let index = index.unwrap_or_else(|| panic!("{host} is no node"));
        let node = &self.nodes[index];
        node.counts.lock().unwrap().attempts += 1;
        if node.state.borrow().stopped {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let this = self.clone();
        tokio::spawn(async move {
            let node = &this.nodes[index];
            node.counts.lock().unwrap().open += 1;
            let state = node.state.subscribe();
            let ends = state.borrow().ends;
            let mut gone = state.clone();
            let mut connection = Connection {
                cluster: &this,
                index,
                state,
                decoder: FrameDecoder::new(Limits::DEFAULT),
                registered: false,
            };
            tokio::select! {
                () = connection.serve(theirs) => {}
                _ = gone.wait_for(|state| state.ends != ends) => {}
            }
            node.counts.lock().unwrap().open -= 1;
        });
        Ok(ours)
    }

    fn change(&self, node: usize, change: impl FnOnce(&mut State)) {
        self.nodes[node].state.send_modify(change);
    }

    /// Ends all connections of a node; it accepts others.
    pub(crate) fn cut(&self, node: usize) {
        self.change(node, |state| state.ends += 1);
    }

    /// Closes the port of a node and all its connections.
    pub(crate) fn stop(&self, node: usize) {
        self.change(node, |state| {
            (state.stopped, state.ends) = (true, state.ends + 1)
        });
    }

    pub(crate) fn start(&self, node: usize) {
        self.change(node, |state| state.stopped = false);
    }

    /// A node that neither reads nor answers, or does so again.
    pub(crate) fn freeze(&self, node: usize, frozen: bool) {
        self.change(node, |state| state.frozen = frozen);
    }

    /// A node ends each connection behind so many bytes of an answer, or answers properly again.
    pub(crate) fn break_answers(&self, node: usize, breaks: Option<usize>) {
        self.change(node, |state| state.breaks = breaks);
    }

    /// All other nodes tell their clients that this one is up.
    pub(crate) fn announce(&self, node: usize) {
        for other in (0..self.nodes.len()).filter(|other| *other != node) {
            self.change(other, |state| state.events += 1);
        }
    }

    pub(crate) fn counts(&self, node: usize) -> Counts {
        *self.nodes[node].counts.lock().unwrap()
    }

    /// What a node says of the cluster, if this is asked.
    fn own_tables(&self, asked: usize, text: &str) -> Option<Message> {
        let rows = |nodes: Vec<usize>| {
            let cells = nodes.into_iter().map(|node| self.row(node)).collect();
            rows("peers_v2", &COLUMNS, cells)
        };
        if text.contains("system.local") {
            return Some(rows(vec![asked]));
        }
        if text.contains("system.peers_v2") {
            return Some(rows(
                (0..self.nodes.len())
                    .filter(|node| *node != asked)
                    .collect(),
            ));
        }
        if text.contains("system_schema.keyspaces") {
            let map = DataType::Map(Box::new((DataType::Text, DataType::Text)));
            let columns = [("keyspace_name", DataType::Text), ("replication", map)];
            let replication = ["class", "SimpleStrategy", "replication_factor", "2"];
            return Some(rows_of(
                "keyspaces",
                &columns,
                vec![vec![cell("ks"), collection(2, &replication)]],
            ));
        }
        None
    }

    fn row(&self, node: usize) -> Vec<Option<Bytes>> {
        let last = u8::try_from(node + 1).unwrap();
        let token = i64::MIN / 2 + i64::MAX / 4 * i64::try_from(node).unwrap();
        vec![
            cell([10, 0, 0, last]),
            cell([last; 16]),
            cell([10, 0, 0, last]),
            cell(9042_i32.to_be_bytes()),
            cell("dc1"),
            cell("r1"),
            cell("4.1.11"),
            cell([7; 16]),
            collection(1, &[&token.to_string()]),
            cell("test"),
            cell("org.apache.cassandra.dht.Murmur3Partitioner"),
        ]
    }
}

/// The columns of [`Cluster::row`], as `system.local` and `system.peers_v2` of Cassandra 4.1 name them.
const COLUMNS: [&str; 11] = [
    "peer",
    "host_id",
    "native_address",
    "native_port",
    "data_center",
    "rack",
    "release_version",
    "schema_version",
    "tokens",
    "cluster_name",
    "partitioner",
];

fn rows(table: &str, columns: &[&str], cells: Vec<Vec<Option<Bytes>>>) -> Message {
    let type_of = |name: &str| match name {
        "host_id" | "schema_version" => DataType::Uuid,
        "peer" | "native_address" => DataType::Inet,
        "native_port" => DataType::Int,
        "tokens" => DataType::Set(Box::new(DataType::Text)),
        _ => DataType::Text,
    };
    let columns: Vec<_> = columns.iter().map(|name| (*name, type_of(name))).collect();
    rows_of(table, &columns, cells)
}

fn rows_of(table: &str, columns: &[(&str, DataType)], cells: Vec<Vec<Option<Bytes>>>) -> Message {
    let columns: Vec<_> = columns
        .iter()
        .map(|(name, data_type)| Column::new("system", table, *name, data_type.clone()))
        .collect();
    let rows = RowsMessage::new(columns, &cells, None).unwrap();
    Message::Result(ResultMessage::Rows(rows))
}

fn cell(bytes: impl AsRef<[u8]>) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(bytes.as_ref()))
}

/// A set, or with keys and values in turn a map.
fn collection(count: i32, texts: &[&str]) -> Option<Bytes> {
    let mut out = count.to_be_bytes().to_vec();
    for text in texts {
        out.extend_from_slice(&i32::try_from(text.len()).unwrap().to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    cell(out)
}

/// One connection, from the side of its node.
struct Connection<'a> {
    cluster: &'a Cluster,
    index: usize,
    state: watch::Receiver<State>,
    decoder: FrameDecoder,
    registered: bool,
}

impl Connection<'_> {
    /// Serves until the client ends the connection.
    async fn serve(&mut self, mut io: DuplexStream) {
        let mut buffer = [0; 1024];
        let mut events = self.state.borrow().events;
        loop {
            let thawed = self.state.wait_for(|state| !state.frozen).await;
            let told = thawed.unwrap().events;
            let news = self.registered && told != events;
            if news && io.write_all(&self.event()).await.is_err() {
                return;
            }
            events = told;
            let read = tokio::select! {
                read = io.read(&mut buffer) => read,
                _ = self.state.changed() => continue,
            };
            let Ok(n @ 1..) = read else { return };
            self.decoder.feed(&buffer[..n]);
            while let Some(frame) = self.decoder.next_frame().unwrap() {
                let version = Version::from_number(frame.header.version).unwrap();
                let body = frame.plain_body(None, &Limits::DEFAULT).unwrap();
                let request = Request::decode(version, Opcode(frame.header.opcode), &body).unwrap();
                tokio::time::sleep(WORK).await;
                let _ = self.state.wait_for(|state| !state.frozen).await;
                let (message, own) = self.answer(&request);
                let mut out = Vec::new();
                let response = Response::from(message);
                response
                    .encode(version, None, frame.header.stream, &mut out)
                    .unwrap();
                let breaks = self.state.borrow().breaks.filter(|_| !own);
                out.truncate(breaks.unwrap_or(out.len()));
                if io.write_all(&out).await.is_err() || breaks.is_some() {
                    return;
                }
            }
        }
    }

    /// The answer, and whether the client asked for itself.
    fn answer(&mut self, request: &Request) -> (Message, bool) {
        let message = match request {
            Request::Options => supported(),
            Request::Startup(_) => Message::Ready,
            Request::Register(_) => {
                self.registered = true;
                Message::Ready
            }
            Request::Query(query) => match self.cluster.own_tables(self.index, &query.text) {
                Some(message) => message,
                None => {
                    let token = value(request);
                    self.cluster.history.executed(token);
                    let node = &self.cluster.nodes[self.index];
                    node.counts.lock().unwrap().executed += 1;
                    return (ints(&[token], None), false);
                }
            },
            _ => void(),
        };
        (message, true)
    }

    /// The other nodes are up: EVENT frames, as the specification of protocol v4 has them (2, 4.2.6).
    fn event(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for node in (0..self.cluster.nodes.len()).filter(|node| *node != self.index) {
            let mut body = b"\0\x0dSTATUS_CHANGE\0\x02UP\x04".to_vec();
            body.extend_from_slice(&[10, 0, 0, u8::try_from(node + 1).unwrap()]);
            body.extend_from_slice(&9042_i32.to_be_bytes());
            out.extend_from_slice(&[0x84, 0, 0xff, 0xff, 0x0c]);
            out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
            out.extend_from_slice(&body);
        }
        out
    }
}

/// How many nodes carried out how many requests: for the text of failures.
pub(crate) fn spread(cluster: &Cluster) -> BTreeMap<usize, Counts> {
    (0..cluster.nodes.len())
        .map(|node| (node, cluster.counts(node)))
        .collect()
}
