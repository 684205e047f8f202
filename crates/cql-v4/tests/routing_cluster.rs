//! Requests of a client reach the node that has their partition: three nodes on loopback that are servers of ours.
//!
//! On Linux alone, where all of 127.0.0.0/8 is loopback.
#![cfg(all(feature = "client", target_os = "linux"))]

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cql_v4::codec::{Frame, FrameDecoder};
use cql_v4::message::{
    Column, Extras, Message, Opcode, PreparedMessage, RawValues, Request, Response, ResultMessage,
    RowsMessage, Supported,
};
use cql_v4::routing::{Partitioner, Token};
use cql_v4::types::DataType;
use cql_v4::{Client, Config, ErrorCode, ErrorKind, Limits, Prepared, ServerError, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The last tokens of the nodes' ranges.
const TOKENS: [i64; 3] = [-3_000_000_000_000_000_000, 0, 4_000_000_000_000_000_000];

/// What the nodes have in common.
struct Cluster {
    port: u16,
    /// Whether the keyspace is divided into tablets instead of by the ring.
    tablets: bool,
    /// The node that has all tablets.
    home: usize,
    /// For each statement, the node that it came to and the value of its key.
    executed: Mutex<Vec<(usize, i32)>>,
}

impl Cluster {
    /// Starts three nodes on 127.0.0.1 to 127.0.0.3.
    async fn start(tablets: bool) -> Arc<Self> {
        let (port, listeners) = loop {
            let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = first.local_addr().unwrap().port();
            // Somebody else may have the port at another address.
            let second = TcpListener::bind((ip(1), port)).await;
            let third = TcpListener::bind((ip(2), port)).await;
            if let (Ok(second), Ok(third)) = (second, third) {
                break (port, [first, second, third]);
            }
        };
        let cluster = Arc::new(Self {
            port,
            tablets,
            home: 2,
            executed: Mutex::default(),
        });
        for (number, listener) in listeners.into_iter().enumerate() {
            let cluster = Arc::clone(&cluster);
            tokio::spawn(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    tokio::spawn(Arc::clone(&cluster).converse(number, socket));
                }
            });
        }
        cluster
    }

    /// A client that is connected to all nodes.
    async fn client(&self) -> Client {
        let config = Config::new(&format!("127.0.0.1:{}", self.port));
        let client = Client::connect(config).await.unwrap();
        let connected = async {
            while !client
                .topology()
                .unwrap()
                .nodes()
                .iter()
                .all(|node| node.is_up())
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), connected)
            .await
            .unwrap();
        client
    }

    async fn converse(self: Arc<Self>, number: usize, mut socket: TcpStream) {
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
        let mut buffer = [0; 4096];
        loop {
            while let Some(frame) = decoder.next_frame().unwrap() {
                let mut out = Vec::new();
                self.answer(number, &frame)
                    .encode(Version::V4, None, frame.header.stream, &mut out)
                    .unwrap();
                if socket.write_all(&out).await.is_err() {
                    return;
                }
            }
            match socket.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(n) => decoder.feed(&buffer[..n]),
            }
        }
    }

    fn answer(&self, number: usize, frame: &Frame) -> Response {
        let body = frame.plain_body(None, &Limits::DEFAULT).unwrap();
        let message =
            match Request::decode(Version::V4, Opcode(frame.header.opcode), &body).unwrap() {
                Request::Options => Message::Supported(Supported::new(vec![
                    ("TABLETS_ROUTING_V1".to_owned(), vec![String::new()]),
                    ("SCYLLA_NR_SHARDS".to_owned(), vec!["1".to_owned()]),
                    ("SCYLLA_SHARD".to_owned(), vec!["0".to_owned()]),
                    (
                        "SCYLLA_SHARDING_IGNORE_MSB".to_owned(),
                        vec!["12".to_owned()],
                    ),
                ])),
                Request::Query(query) => self.table(number, &query.text),
                Request::Prepare(_) => {
                    let key = vec![Column::new("k", "t", "key", DataType::Int)];
                    let mut prepared = PreparedMessage::new(&b"id"[..], key, None);
                    prepared.key_markers = vec![0];
                    Message::Result(ResultMessage::Prepared(Box::new(prepared)))
                }
                Request::Execute(execute) => {
                    let key = key_of(&execute.values);
                    self.executed.lock().unwrap().push((number, key));
                    let mut response = Response::from(Message::Result(ResultMessage::Void));
                    if self.tablets && number != self.home {
                        let mut extras = Extras::default();
                        extras.custom_payload =
                            vec![("tablets-routing-v1".to_owned(), Some(self.tablet()))];
                        response.extras = Some(Box::new(extras));
                    }
                    return response;
                }
                Request::Batch(batch) => {
                    let mut executed = self.executed.lock().unwrap();
                    for statement in &batch.statements {
                        executed.push((number, key_of(&statement.values)));
                    }
                    Message::Result(ResultMessage::Void)
                }
                _ => Message::Ready,
            };
        message.into()
    }

    /// One tablet, of all tokens.
    fn tablet(&self) -> Bytes {
        let replica = [sized(&host_id(self.home)), sized(&0_i32.to_be_bytes())].concat();
        let replicas = [&1_i32.to_be_bytes()[..], &sized(&replica)].concat();
        let (first, last) = (i64::MIN.to_be_bytes(), i64::MAX.to_be_bytes());
        [sized(&first), sized(&last), sized(&replicas)]
            .concat()
            .into()
    }

    fn table(&self, number: usize, text: &str) -> Message {
        match text {
            "SELECT * FROM system.local WHERE key='local'" => rows(&[self.node(number)]),
            "SELECT * FROM system.peers" => {
                let others: Vec<_> = (0..3)
                    .filter(|n| *n != number)
                    .map(|n| self.node(n))
                    .collect();
                rows(&others)
            }
            "SELECT keyspace_name, replication FROM system_schema.keyspaces" => {
                let replication = ["class", "NetworkTopologyStrategy", "dc1", "1"];
                let cells = [
                    ("keyspace_name", b"k".to_vec()),
                    ("replication", counted(2, &replication)),
                ];
                rows(&[cells.to_vec()])
            }
            "SELECT keyspace_name, initial_tablets FROM system_schema.scylla_keyspaces"
                if self.tablets =>
            {
                let cells = [
                    ("keyspace_name", b"k".to_vec()),
                    ("initial_tablets", vec![0; 4]),
                ];
                rows(&[cells.to_vec()])
            }
            _ => Message::Error(Box::new(ServerError::new(
                ErrorCode::INVALID,
                "no such table",
            ))),
        }
    }

    /// The row of a node, for either table.
    fn node(&self, number: usize) -> Cells {
        vec![
            ("peer", ip(number).octets().to_vec()),
            ("rpc_address", ip(number).octets().to_vec()),
            ("host_id", host_id(number).to_vec()),
            ("data_center", b"dc1".to_vec()),
            ("rack", b"r1".to_vec()),
            ("cluster_name", b"test".to_vec()),
            (
                "partitioner",
                b"org.apache.cassandra.dht.Murmur3Partitioner".to_vec(),
            ),
            ("tokens", counted(1, &[&TOKENS[number].to_string()])),
        ]
    }

    fn take_executed(&self) -> Vec<(usize, i32)> {
        std::mem::take(&mut self.executed.lock().unwrap())
    }
}

/// Writes a row of its only value, the key.
async fn insert(client: &Client) -> Prepared {
    let text = "INSERT INTO k.t (key) VALUES (?)";
    client.prepare(text).await.unwrap()
}

/// Names of columns, and their values' bytes.
type Cells = Vec<(&'static str, Vec<u8>)>;

fn ip(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(number + 1).unwrap())
}

fn host_id(number: usize) -> [u8; 16] {
    [u8::try_from(number + 1).unwrap(); 16]
}

/// The only value of a statement.
fn key_of(values: &RawValues) -> i32 {
    let cell = values.iter().next().unwrap().data().unwrap();
    i32::from_be_bytes(cell.try_into().unwrap())
}

/// The node whose range has the key.
fn owner_of(key: i32) -> usize {
    let Some(Token::Murmur3(token)) = Partitioner::Murmur3.token(&key.to_be_bytes()) else {
        panic!("no token of {key}");
    };
    TOKENS.iter().position(|end| token <= *end).unwrap_or(0)
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = i32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[..], bytes].concat()
}

/// A set of texts, or a map: keys and values in turn.
fn counted(count: i32, texts: &[&str]) -> Vec<u8> {
    let elements: Vec<u8> = texts
        .iter()
        .flat_map(|text| sized(text.as_bytes()))
        .collect();
    [&count.to_be_bytes()[..], &elements].concat()
}

fn rows(rows: &[Cells]) -> Message {
    let type_of = |column: &str| match column {
        "peer" | "rpc_address" => DataType::Inet,
        "host_id" => DataType::Uuid,
        "initial_tablets" => DataType::Int,
        "tokens" => DataType::Set(Box::new(DataType::Text)),
        "replication" => DataType::Map(Box::new((DataType::Text, DataType::Text))),
        _ => DataType::Text,
    };
    let columns: Vec<Column> = rows[0]
        .iter()
        .map(|(name, _)| Column::new("system", "t", *name, type_of(name)))
        .collect();
    let cells: Vec<Vec<Option<Bytes>>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|(_, cell)| Some(cell.clone().into()))
                .collect()
        })
        .collect();
    Message::Result(ResultMessage::Rows(
        RowsMessage::new(columns, &cells, None).unwrap(),
    ))
}

#[tokio::test]
async fn statements_go_to_the_owner_of_their_partition() {
    let cluster = Cluster::start(false).await;
    let client = cluster.client().await;
    let insert = insert(&client).await;
    for key in 0..200 {
        client.execute(&insert, (key,)).await.unwrap();
    }
    let executed = cluster.take_executed();
    assert_eq!(executed.len(), 200);
    for (number, key) in executed {
        assert_eq!(number, owner_of(key), "key {key}");
    }
    client.close().await;
}

#[tokio::test]
async fn grouped_rows_go_to_the_owner_of_all_of_them() {
    let cluster = Cluster::start(false).await;
    let client = cluster.client().await;
    let insert = insert(&client).await;
    let batches = client
        .group(&insert, (0..200).map(|key| (key,)), 30)
        .unwrap();
    assert!(batches.iter().all(|batch| (1..=30).contains(&batch.len())));
    assert!(
        batches.len() <= 200 / 30 + TOKENS.len(),
        "{}",
        batches.len()
    );
    for batch in &batches {
        client.batch(batch).await.unwrap();
    }
    let mut executed = cluster.take_executed();
    executed.sort_by_key(|(_, key)| *key);
    let keys: Vec<i32> = executed.iter().map(|(_, key)| *key).collect();
    assert_eq!(keys, (0..200).collect::<Vec<_>>(), "each row once");
    for (number, key) in executed {
        assert_eq!(number, owner_of(key), "key {key}");
    }
    let wrong = client.group(&insert, [("text",)], 30).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Type);
    client.close().await;
}

#[tokio::test]
async fn a_tablet_is_learned_from_the_first_answer_that_tells_it() {
    let cluster = Cluster::start(true).await;
    let client = cluster.client().await;
    let insert = insert(&client).await;
    // Nothing is known, so any node is as good as another, until one is not the right one.
    let mut tries = 0;
    while cluster
        .take_executed()
        .iter()
        .all(|(number, _)| *number == cluster.home)
    {
        client.execute(&insert, (1,)).await.unwrap();
        tries += 1;
        assert!(tries < 1_000, "all went to one node of three");
    }
    for key in 0..100 {
        client.execute(&insert, (key,)).await.unwrap();
    }
    let executed = cluster.take_executed();
    assert_eq!(executed.len(), 100);
    assert!(
        executed.iter().all(|(number, _)| *number == cluster.home),
        "{executed:?}"
    );
    client.close().await;
}
