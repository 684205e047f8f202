//! Which node has a row, and which one is asked: compared with what the servers say and do.

use std::collections::BTreeSet;
use std::net::IpAddr;

use cql_v4::routing::Token;
use cql_v4::types::Uuid;
use cql_v4::{Client, Consistency, QueryResult, Statement};

use super::{SOON, addresses, eventually, keyspace, topology, whole};
use crate::run;

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_are_found_from_each_of_them() {
    whole().await;
    for contact in addresses() {
        let client = Client::connect(cql_v4::Config::new(&contact.to_string()))
            .await
            .unwrap();
        let topology = topology(&client);
        let found: BTreeSet<_> = topology.nodes().iter().map(|node| node.address()).collect();
        assert_eq!(found, addresses().into_iter().collect());
        assert_eq!(topology.cluster_name(), "wire-test");
        assert_eq!(topology.local_datacenter(), "datacenter1");
        assert_eq!(topology.datacenters().collect::<Vec<_>>(), ["datacenter1"]);
        let ids: BTreeSet<Uuid> = topology.nodes().iter().map(|node| node.host_id()).collect();
        assert_eq!(ids.len(), 3);
        for node in topology.nodes() {
            assert!(node.is_up(), "{node:?}");
            assert_eq!((node.datacenter(), node.rack()), ("datacenter1", "rack1"));
            assert!(node.release_version().is_some());
            // Each node says the same of itself.
            let own =
                Statement::new("SELECT host_id, rpc_address FROM system.local WHERE key = 'local'")
                    .with_node(node.host_id());
            let result = client.query(own, ()).await.unwrap();
            let of_itself = result.first::<(Uuid, IpAddr)>().unwrap().unwrap();
            assert_eq!(of_itself, (node.host_id(), node.address().ip()));
        }
        client.close().await;
    }
}

/// Tokens as the server computes them, and the nodes that a write goes to as their traces show it.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_that_have_a_row_are_the_replicas() {
    let config = whole().await;
    for replicas in 1..=3_u8 {
        let name = format!("live_replicas_{replicas}");
        let client = keyspace(config.clone(), &name, replicas).await;
        let insert = Statement::new("INSERT INTO t (k, v) VALUES (?, ?)")
            .with_consistency(Consistency::All)
            .with_tracing();
        let insert = client.prepare(insert).await.unwrap();
        let select = client
            .prepare(Statement::new("SELECT token(k) FROM t WHERE k = ?").with_tracing())
            .await
            .unwrap();
        let mut asked = BTreeSet::new();
        for key in 0..8_i32 {
            let written = client.execute(&insert, (key, 0)).await.unwrap();
            let read = client.execute(&select, (key,)).await.unwrap();
            let (token,) = read.first::<(i64,)>().unwrap().unwrap();
            let computed = topology(&client).token(&key.to_be_bytes());
            assert_eq!(computed, Some(Token::Murmur3(token)), "key {key}");
            let expected = replicas_of(&client, &name, "t", token);
            assert_eq!(expected.len(), usize::from(replicas));
            for result in [&written, &read] {
                let node = coordinator(&client, result).await;
                assert!(
                    expected.contains(&node),
                    "key {key}: {node} is none of {expected:?}"
                );
                asked.insert(node);
            }
            has_written(&client, &written, &expected).await;
        }
        assert_eq!(asked.len(), 3, "all nodes have their share of {name}");
    }
}

/// Keys of several columns, of text, and in a batch.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_of_composite_keys_and_batches() {
    let client = keyspace(whole().await, "live_keys", 1).await;
    run(
        &client,
        "CREATE TABLE c (a text, b int, c int, v int, PRIMARY KEY ((a, b), c))",
    )
    .await;
    // The markers in another order than the key's columns.
    let insert = Statement::new("INSERT INTO c (v, c, b, a) VALUES (?, ?, ?, ?)").with_tracing();
    let insert = client.prepare(insert).await.unwrap();
    let token_of = "SELECT token(a, b) FROM c WHERE a = ? AND b = ?";
    for b in 0..6_i32 {
        let a = format!("ключ {b}");
        let written = client.execute(&insert, (1, 2, b, &a)).await.unwrap();
        let token = client.query(token_of, (&a, b)).await.unwrap();
        let (token,) = token.first::<(i64,)>().unwrap().unwrap();
        let expected = replicas_of(&client, "live_keys", "c", token);
        assert_eq!(coordinator(&client, &written).await, expected[0]);

        let mut batch = cql_v4::Batch::new(cql_v4::message::BatchKind::Unlogged).with_tracing();
        batch.add(&insert, (1, 3, b, &a)).unwrap();
        batch.add(&insert, (1, 4, b, &a)).unwrap();
        let written = client.batch(&batch).await.unwrap();
        assert_eq!(coordinator(&client, &written).await, expected[0]);
    }
}

/// Replicas that all propose for one row get in each other's way: so all ask the first of them.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_for_conditional_statements_are_the_first_replicas() {
    let client = keyspace(whole().await, "live_lwt", 3).await;
    let insert = Statement::new("INSERT INTO t (k, v) VALUES (?, ?) IF NOT EXISTS").with_tracing();
    let insert = client.prepare(insert).await.unwrap();
    let serial = Statement::new("SELECT token(k) FROM t WHERE k = ?")
        .with_consistency(Consistency::Serial)
        .with_tracing();
    let serial = client.prepare(serial).await.unwrap();
    for key in 0..6_i32 {
        for round in 0..2 {
            let written = client.execute(&insert, (key, round)).await.unwrap();
            assert_eq!(written.applied(), Some(round == 0));
            let read = client.execute(&serial, (key,)).await.unwrap();
            let (token,) = read.first::<(i64,)>().unwrap().unwrap();
            let first = replicas_of(&client, "live_lwt", "t", token)[0];
            assert_eq!(coordinator(&client, &written).await, first, "key {key}");
            assert_eq!(coordinator(&client, &read).await, first, "key {key}");
        }
    }
}

fn replicas_of(client: &Client, keyspace: &str, table: &str, token: i64) -> Vec<IpAddr> {
    let topology = topology(client);
    let token = Token::Murmur3(token);
    let replicas = topology.replicas(keyspace, table, &token);
    replicas.map(|target| target.node.address().ip()).collect()
}

/// The node that took the statement, by its own trace.
async fn coordinator(client: &Client, result: &QueryResult) -> IpAddr {
    let id = result.tracing_id().unwrap();
    let trace = client.trace(id).await.unwrap();
    trace.expect("a trace").coordinator.expect("its node")
}

/// The nodes whose tables the write has changed, by the lines that they wrote about it, are these.
async fn has_written(client: &Client, result: &QueryResult, nodes: &[IpAddr]) {
    let nodes: BTreeSet<IpAddr> = nodes.iter().copied().collect();
    let id = result.tracing_id().unwrap();
    eventually(
        "the trace has the lines of all replicas",
        SOON,
        async || {
            let text = "SELECT activity, source FROM system_traces.events WHERE session_id = ?";
            let events = Statement::new(text).with_consistency(Consistency::One);
            let result = client
                .query(events, (id,))
                .await
                .map_err(|e| e.to_string())?;
            let events = result.to_vec::<(String, IpAddr)>().unwrap();
            let changed: BTreeSet<IpAddr> = events
                .iter()
                .filter(|(activity, _)| activity == "Adding to t memtable")
                .map(|(_, source)| *source)
                .collect();
            assert!(changed.is_subset(&nodes), "{changed:?}, expected {nodes:?}");
            if changed == nodes {
                Ok(())
            } else {
                Err(format!("{events:?}"))
            }
        },
    )
    .await;
}
