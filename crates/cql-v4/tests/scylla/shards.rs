//! Connections to the shards of nodes, which the client chooses by the port that it connects from. Over sockets, so time
//! is real.

use std::collections::BTreeSet;

use cql_v4::message::Request;
use cql_v4::routing::{Partitioner, Sharding, Token};
use cql_v4::{Client, Config, Prepared};

use crate::support::cluster::{Cluster, OfShard, Sharded};
use crate::support::server::value;

const SHARDS: u32 = 4;

/// Three nodes with shards; what is told of their port is changed by `change`.
async fn sharded(change: impl Fn(&mut Sharded)) -> (Cluster, Config) {
    let cluster = Cluster::of_three();
    for node in &mut cluster.state().nodes {
        node.sharded = Some(Sharded {
            count: SHARDS,
            port: None,
            is_reachable: true,
        });
    }
    cluster.listen(None).await;
    for node in &mut cluster.state().nodes {
        change(node.sharded.as_mut().unwrap());
    }
    let first = cluster.state().nodes[0].address.clone();
    (cluster, Config::new(&first))
}

/// The shards of a node to which a connection is open that the client has chosen.
fn chosen(cluster: &Cluster, node: usize) -> BTreeSet<u32> {
    let state = cluster.state();
    let there = state.wires.iter().filter(|w| w.node == node && w.is_open());
    let shards = there.filter_map(|wire| wire.shard);
    let chosen = shards.filter(|of| of.chosen);
    chosen.map(|of| of.shard).collect()
}

async fn all_chosen(cluster: &Cluster, count: u32) {
    let all = |cluster: &Cluster| (0..3).all(|node| chosen(cluster, node).len() == count as usize);
    cluster.until("each shard has a connection", all).await;
}

async fn connected(cluster: &Cluster, config: Config) -> (Client, Prepared) {
    let client = Client::connect(config).await.unwrap();
    let is_up = |_: &Cluster| {
        let topology = client.topology().unwrap();
        topology.nodes().iter().all(|node| node.is_up())
    };
    cluster.until("all nodes are up", is_up).await;
    let statement = client.prepare("SELECT v FROM ks.t WHERE k = ?").await;
    let everywhere = |cluster: &Cluster| cluster.state().prepared.len() == 3;
    cluster.until("all nodes have prepared", everywhere).await;
    (client, statement.unwrap())
}

/// Reads 200 rows; the value of each and the shard it was read from.
async fn read(cluster: &Cluster, client: &Client, statement: &Prepared) -> Vec<(i32, OfShard)> {
    cluster.state().seen.clear();
    for key in 0..200 {
        let answer = client.execute(statement, (key,)).await.unwrap();
        assert_eq!(answer.first::<(i32,)>().unwrap(), Some((key,)));
    }
    let state = cluster.state();
    let executed = state
        .seen
        .iter()
        .filter(|seen| matches!(seen.request, Request::Execute(_)));
    let read: Vec<_> = executed
        .map(|seen| {
            let shard = state.wires[seen.connection].shard;
            (value(&seen.request), shard.unwrap())
        })
        .collect();
    assert_eq!(read.len(), 200);
    read
}

fn owner_of(key: i32, shards: u32) -> u32 {
    let Some(Token::Murmur3(token)) = Partitioner::Murmur3.token(&key.to_be_bytes()) else {
        panic!("no token of {key}");
    };
    Sharding::new(shards, 12, 0).of_token(token)
}

/// Each row is read from its shard, as soon as the client knows as well that all connections are open.
async fn read_from_owners(cluster: &Cluster, client: &Client, statement: &Prepared, shards: u32) {
    all_chosen(cluster, shards).await;
    for _ in 0..100 {
        let read = read(cluster, client, statement).await;
        let chosen = true;
        let owner = |key| OfShard {
            shard: owner_of(key, shards),
            chosen,
        };
        if read.into_iter().all(|(key, of)| of == owner(key)) {
            return;
        }
    }
    panic!("rows are read from shards that have them not");
}

#[tokio::test]
async fn rows_are_read_from_the_shard_that_has_them() {
    let (cluster, config) = sharded(|_| {}).await;
    let (client, statement) = connected(&cluster, config).await;
    read_from_owners(&cluster, &client, &statement, SHARDS).await;
    client.close().await;
}

#[tokio::test]
async fn shards_that_cannot_be_reached_are_read_through_the_usual_port() {
    for told in [true, false] {
        let (cluster, config) = sharded(|sharded| {
            sharded.is_reachable = false;
            if !told {
                sharded.port = None;
            }
        })
        .await;
        let (client, statement) = connected(&cluster, config).await;
        for _ in 0..3 {
            let read = read(&cluster, &client, &statement).await;
            assert!(read.iter().all(|(_, of)| !of.chosen));
        }
        // From when they can be, they are.
        for node in &mut cluster.state().nodes {
            node.sharded.as_mut().unwrap().is_reachable = true;
        }
        if told {
            read_from_owners(&cluster, &client, &statement, SHARDS).await;
        }
        client.close().await;
    }
}

#[tokio::test]
async fn shard_awareness_can_be_switched_off() {
    let (cluster, config) = sharded(|_| {}).await;
    let config = config.with_shard_awareness(false);
    let (client, statement) = connected(&cluster, config).await;
    let read = read(&cluster, &client, &statement).await;
    assert!(read.iter().all(|(_, of)| !of.chosen));
    assert!((0..3).all(|node| chosen(&cluster, node).is_empty()));
    client.close().await;
}

/// A node that lost its connections to shards is read through the usual one until they are back.
#[tokio::test]
async fn a_shard_whose_connection_broke_is_read_through_another() {
    let (cluster, config) = sharded(|_| {}).await;
    let (client, statement) = connected(&cluster, config).await;
    all_chosen(&cluster, SHARDS).await;
    let statement = statement.with_idempotent(true);
    for _ in 0..3 {
        for wire in &cluster.state().wires {
            if wire.shard.is_some_and(|of| of.chosen && of.shard == 1) {
                wire.cut();
            }
        }
        read(&cluster, &client, &statement).await;
    }
    read_from_owners(&cluster, &client, &statement, SHARDS).await;
    client.close().await;
}

/// As after a restart on a machine with other cores.
#[tokio::test]
async fn a_node_may_come_back_with_other_shards() {
    for count in [SHARDS + 3, SHARDS - 2] {
        let (cluster, config) = sharded(|_| {}).await;
        let (client, statement) = connected(&cluster, config).await;
        let statement = statement.with_idempotent(true);
        all_chosen(&cluster, SHARDS).await;
        for node in 0..3 {
            cluster.take_down(node);
            let state = &mut cluster.state().nodes[node];
            state.sharded.as_mut().unwrap().count = count;
            state.up = true;
        }
        read_from_owners(&cluster, &client, &statement, count).await;
        client.close().await;
    }
}
