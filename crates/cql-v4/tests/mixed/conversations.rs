//! What clients live through, in each version and with each compression. None of it depends on paused time, so that it
//! goes over sockets as well.

use std::time::Duration;

use cql_v4::message::{BatchKind, Request, TopologyChange};
use cql_v4::{Batch, Client, Compression, Config, ErrorKind, Prepared, Sent, Statement, Version};

use crate::support::cluster::{Cluster, Reply, Seen};
use crate::support::server::run;

const SELECT: &str = "SELECT v FROM ks.t WHERE k = ?";

/// In each way that a cluster can be spoken to.
fn everywhere(conversation: impl AsyncFn(&Cluster, &Client)) {
    let lz4 = Some(Compression::Lz4);
    for (version, compression) in [
        (Version::V3, None),
        (Version::V3, lz4),
        (Version::V4, None),
        (Version::V4, lz4),
        (Version::V5, None),
        (Version::V5, lz4),
    ] {
        run(async {
            let cluster = Cluster::of_three();
            let mut config = cluster.config().with_protocol(version);
            if let Some(compression) = compression {
                config = config.with_compression(compression);
            }
            let client = connected(&cluster, config).await;
            conversation(&cluster, &client).await;
            let spoken = spoken(&cluster);
            assert_eq!(spoken, vec![(version, compression); spoken.len()]);
        });
    }
}

pub(crate) async fn connected(cluster: &Cluster, config: Config) -> Client {
    let client = cluster.connect(config).await.unwrap();
    all_up(cluster, &client).await;
    client
}

pub(crate) async fn all_up(cluster: &Cluster, client: &Client) {
    let is_up = |_: &Cluster| {
        let topology = client.topology().unwrap();
        topology.nodes().len() == 3 && topology.nodes().iter().all(|node| node.is_up())
    };
    cluster.until("all nodes are up", is_up).await;
}

pub(crate) async fn one_is_down(cluster: &Cluster, client: &Client) {
    let is_down = |_: &Cluster| {
        let topology = client.topology().unwrap();
        topology.nodes().iter().any(|node| !node.is_up())
    };
    cluster.until("one node is down", is_down).await;
}

/// What the open connections speak.
pub(crate) fn spoken(cluster: &Cluster) -> Vec<(Version, Option<Compression>)> {
    let state = cluster.state();
    let open = state.wires.iter().filter(|wire| wire.is_open());
    let spoken: Vec<_> = open.map(|wire| wire.spoken).collect();
    assert!(spoken.len() >= 3, "{} connections", spoken.len());
    let read = |s: &crate::support::cluster::Spoken| (s.dialect.version(), s.compression);
    spoken.iter().map(read).collect()
}

/// Repeated where it is not known whether it was carried out.
pub(crate) async fn prepared(cluster: &Cluster, client: &Client) -> Prepared {
    let statement = client.prepare(SELECT).await.unwrap();
    let everywhere = |cluster: &Cluster| cluster.state().prepared.len() == 3;
    cluster.until("all nodes have prepared", everywhere).await;
    statement.with_idempotent(true)
}

pub(crate) async fn read(client: &Client, statement: &Prepared, key: i32) -> Option<i32> {
    let answer = client.execute(statement, (key,)).await.unwrap();
    answer.first::<(i32,)>().unwrap().map(|row| row.0)
}

pub(crate) async fn read_many(client: &Client, statement: &Prepared) {
    for key in 0..30 {
        assert_eq!(read(client, statement, key).await, Some(key));
    }
}

fn prepares(cluster: &Cluster) -> usize {
    cluster.count(|seen: &Seen| matches!(seen.request, Request::Prepare(_)))
}

pub(crate) async fn nodes_forget(cluster: &Cluster, client: &Client) {
    let statement = prepared(cluster, client).await;
    for node in 0..3 {
        cluster.forget(node);
    }
    let before = prepares(cluster);
    read_many(client, &statement).await;
    let nodes = cluster.statements();
    assert!((0..3).all(|node| nodes.iter().any(|(at, _)| *at == node)));
    assert_eq!(prepares(cluster) - before, 3, "once on each node");
    // In a batch, too.
    for node in 0..3 {
        cluster.forget(node);
    }
    let mut batch = Batch::new(BatchKind::Unlogged);
    for key in 0..3 {
        batch.add(&statement, (key,)).unwrap();
    }
    client.batch(&batch).await.unwrap();
    assert_eq!(prepares(cluster) - before, 4);
}

#[test]
fn what_nodes_forget_is_prepared_again() {
    everywhere(nodes_forget);
}

pub(crate) async fn a_node_is_killed(cluster: &Cluster, client: &Client) {
    let statement = prepared(cluster, client).await;
    cluster.take_down(1);
    read_many(client, &statement).await;
    one_is_down(cluster, client).await;
    cluster.state().seen.clear();
    read_many(client, &statement).await;
    assert!(cluster.statements().iter().all(|(node, _)| *node != 1));
    // It comes back, and has forgotten everything.
    cluster.forget(1);
    cluster.bring_up(1);
    all_up(cluster, client).await;
    cluster.state().seen.clear();
    read_many(client, &statement).await;
    assert!(cluster.statements().iter().any(|(node, _)| *node == 1));
}

#[test]
fn a_killed_node_is_passed_over_until_it_is_back() {
    everywhere(a_node_is_killed);
}

/// Of a `SELECT *`.
#[derive(Debug, PartialEq, cql_v4::FromRow)]
struct Row {
    v: i32,
}

async fn read_by_name(client: &Client, statement: &Prepared, key: i32) {
    let answer = client.execute(statement, (key,)).await.unwrap();
    assert_eq!(answer.first::<Row>().unwrap(), Some(Row { v: key }));
}

pub(crate) async fn columns_change(cluster: &Cluster, client: &Client) {
    let statement = prepared(cluster, client).await;
    let changes: [&[&str]; 4] = [&["v", "w"], &["w", "v"], &["w", "v"], &["v"]];
    for columns in changes {
        for node in &mut cluster.state().nodes {
            node.columns = columns.to_vec();
        }
        for key in 0..30 {
            read_by_name(client, &statement, key).await;
        }
    }
    let (mut could, mut did) = (false, false);
    for seen in &cluster.state().seen {
        if let Request::Execute(execute) = &seen.request {
            let has_ids = seen.dialect.has_result_metadata_ids();
            assert!(has_ids || !execute.params.skip_metadata);
            could |= has_ids;
            did |= execute.params.skip_metadata;
        }
    }
    assert_eq!(could, did, "metadata is left out where it can be");
}

#[test]
fn rows_are_read_by_the_columns_that_they_have() {
    everywhere(columns_change);
}

pub(crate) async fn an_answer_is_late(cluster: &Cluster, client: &Client) {
    const LATE: Duration = Duration::from_millis(200);
    cluster.on_statement(move |ask| {
        let key = crate::support::server::value(&ask.request);
        let answer = crate::support::server::ints(&[key], None);
        (key < 0).then_some(Reply::Later(LATE, answer))
    });
    let statement = prepared(cluster, client).await;
    let hasty = statement.clone().with_timeout(LATE / 10);
    for key in -10..0 {
        let error = client.execute(&hasty, (key,)).await.unwrap_err();
        let told = (error.kind(), error.sent());
        assert_eq!(told, (ErrorKind::Timeout, Sent::Maybe), "{error}");
    }
    let mut rounds = 0;
    while client.stats().orphans > 0 {
        read_many(client, &statement).await;
        crate::support::cluster::settle().await;
        rounds += 1;
    }
    assert!(
        rounds > 0,
        "all answers were there before the first was awaited"
    );
    read_many(client, &statement).await;
}

#[test]
fn late_answers_reach_nobody() {
    everywhere(an_answer_is_late);
}

pub(crate) async fn a_node_leaves(cluster: &Cluster, client: &Client) {
    cluster.state().nodes[2].member = false;
    cluster.tell_topology(2, TopologyChange::RemovedNode);
    let two = |_: &Cluster| client.topology().unwrap().nodes().len() == 2;
    cluster.until("a node has left", two).await;
    cluster.state().seen.clear();
    for key in 0..30 {
        client
            .query(Statement::from("SELECT ?"), (key,))
            .await
            .unwrap();
    }
    assert!(cluster.statements().iter().all(|(node, _)| *node != 2));
    cluster.state().nodes[2].member = true;
    cluster.tell_topology(2, TopologyChange::NewNode);
    all_up(cluster, client).await;
}

#[test]
fn events_are_heard() {
    everywhere(a_node_leaves);
}
