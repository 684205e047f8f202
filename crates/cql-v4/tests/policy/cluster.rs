//! Three nodes in memory, each of which answers the application's requests as a test says.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cql_v4::message::{Column, Message, Query, Request, ResultMessage, RowsMessage};
use cql_v4::types::DataType;
use cql_v4::{Client, Config, Consistency, Error};

use crate::support::server::{Call, Reply, serve};

/// A request of the application that reached a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) node: u8,
    pub(crate) consistency: Consistency,
    pub(crate) timestamp: Option<i64>,
}

/// What reached any node, in order.
pub(crate) type Arrivals = Arc<Mutex<Vec<Arrived>>>;

/// A client of a cluster in which the application's n-th request, from 0 and whichever node it comes to, is answered by
/// `answer(n)`.
pub(crate) async fn client(
    configure: impl FnOnce(Config) -> Config,
    answer: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> (Client, Arrivals) {
    let arrivals = Arrivals::default();
    let config = configure(Config::new(&address(1)));
    let seen = Arc::clone(&arrivals);
    let client = connect(config, move |node, call| reply(node, call, &seen, &answer));
    let client = client.await.unwrap();
    // Connections to nodes that were found are opened in the background.
    while client.stats().connections < 3 {
        tokio::task::yield_now().await;
    }
    (client, arrivals)
}

/// Connects to three nodes that answer all requests, those of the client's own included, by `reply(node, call)`.
pub(crate) async fn connect(
    config: Config,
    reply: impl Fn(u8, Call) -> Reply + Send + Sync + 'static,
) -> Result<Client, Error> {
    let reply = Arc::new(reply);
    let open: Vec<_> = (1..=3_u8)
        .map(|node| {
            let reply = Arc::clone(&reply);
            serve(4_096, move |call| reply(node, call))
        })
        .collect();
    Client::connect_cluster_over(config, move |host| {
        let node = (1..=3).find(|node| address(*node) == host);
        let node = node.ok_or(io::ErrorKind::NotFound)?;
        Ok(open[usize::from(node) - 1]())
    })
    .await
}

/// What has arrived so far.
pub(crate) fn arrived(arrivals: &Arrivals) -> Vec<Arrived> {
    arrivals.lock().unwrap().clone()
}

pub(crate) fn address(node: u8) -> String {
    format!("10.0.0.{node}:9042")
}

fn reply(
    node: u8,
    call: Call,
    arrivals: &Arrivals,
    answer: &(dyn Fn(usize) -> Reply + Send + Sync),
) -> Reply {
    let query = match call.request {
        Request::Query(query) => query,
        Request::Register(_) => return Reply::Send(Message::Ready),
        other => panic!("{other:?}"),
    };
    if let Some(message) = own_tables(node, &query) {
        return Reply::Send(message);
    }
    let mut arrivals = arrivals.lock().unwrap();
    arrivals.push(Arrived {
        node,
        consistency: query.params.consistency,
        timestamp: query.params.timestamp,
    });
    answer(arrivals.len() - 1)
}

/// What a node says of the cluster.
pub(crate) fn own_tables(node: u8, query: &Query) -> Option<Message> {
    if query.text.starts_with("USE ") {
        return Some(Message::Result(ResultMessage::SetKeyspace("shop".into())));
    }
    if query.text.contains("system.local") {
        return Some(nodes(&[node]));
    }
    if query.text.contains("system.peers_v2") {
        let others: Vec<u8> = (1..=3).filter(|other| *other != node).collect();
        return Some(nodes(&others));
    }
    if query.text.contains("system_schema.keyspaces") {
        let map = DataType::Map(Box::new((DataType::Text, DataType::Text)));
        let columns = [("keyspace_name", DataType::Text), ("replication", map)];
        return Some(rows(&columns, Vec::new()));
    }
    None
}

/// Rows of `system.local` and `system.peers_v2`, with the columns that Cassandra 4.1 has in both or in one of them.
fn nodes(nodes: &[u8]) -> Message {
    let columns = [
        ("host_id", DataType::Uuid),
        ("rpc_address", DataType::Inet),
        ("native_address", DataType::Inet),
        ("native_port", DataType::Int),
        ("data_center", DataType::Text),
        ("rack", DataType::Text),
        ("tokens", DataType::Set(Box::new(DataType::Text))),
        ("cluster_name", DataType::Text),
        ("partitioner", DataType::Text),
    ];
    let cells = |node: &u8| {
        let token = [
            &1_i32.to_be_bytes()[..],
            &1_i32.to_be_bytes(),
            &[b'0' + node],
        ]
        .concat();
        vec![
            cell([*node; 16]),
            cell([10, 0, 0, *node]),
            cell([10, 0, 0, *node]),
            cell(9_042_i32.to_be_bytes()),
            cell("dc1"),
            cell("r1"),
            cell(token),
            cell("test"),
            cell("org.apache.cassandra.dht.Murmur3Partitioner"),
        ]
    };
    rows(&columns, nodes.iter().map(cells).collect())
}

fn rows(columns: &[(&str, DataType)], cells: Vec<Vec<Option<Bytes>>>) -> Message {
    let columns: Vec<_> = columns
        .iter()
        .map(|(name, data_type)| Column::new("system", "t", *name, data_type.clone()))
        .collect();
    let rows = RowsMessage::new(columns, &cells, None).unwrap();
    Message::Result(ResultMessage::Rows(rows))
}

fn cell(bytes: impl AsRef<[u8]>) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(bytes.as_ref()))
}
