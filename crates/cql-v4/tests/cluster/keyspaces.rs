//! USE, with several nodes and several connections to each.

use std::num::NonZeroU32;

use cql_v4::message::{Message, ResultMessage};
use cql_v4::{Client, ErrorCode, ErrorKind, Sent, Statement};

use crate::health::up;
use crate::support::cluster::{Ask, Cluster, Reply, SECOND, pass, settle};
use crate::support::server::run;

async fn client(cluster: &Cluster) -> Client {
    let three = NonZeroU32::new(3).unwrap();
    let config = cluster
        .config()
        .with_keyspace("ks")
        .with_connections_per_node(three);
    let client = cluster.connect(config).await.unwrap();
    settle().await;
    client
}

/// Keyspaces that statements ran in since the `n`th.
fn keyspaces(cluster: &Cluster) -> Vec<Option<String>> {
    let state = cluster.state();
    let asked = state.seen.iter().filter(|seen| {
        matches!(&seen.request, cql_v4::message::Request::Query(q) if &*q.text == "SELECT ?")
    });
    asked.map(|seen| seen.keyspace.clone()).collect()
}

async fn ask_often(client: &Client) {
    for key in 0..40 {
        client.query("SELECT ?", (key,)).await.unwrap();
    }
}

fn all_are(cluster: &Cluster, keyspace: &str) {
    let seen = keyspaces(cluster);
    assert_eq!(seen.len(), 40);
    assert!(
        seen.iter().all(|k| k.as_deref() == Some(keyspace)),
        "{seen:?}"
    );
    cluster.state().seen.clear();
}

#[test]
fn after_use_no_request_runs_in_the_old_keyspace() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        ask_often(&client).await;
        all_are(&cluster, "ks");
        client.use_keyspace("ks2").await.unwrap();
        ask_often(&client).await;
        all_are(&cluster, "ks2");
        for text in [
            "USE ks3",
            "  use ks3",
            "-- change\nUSE ks3",
            "/* a */ Use ks3",
        ] {
            let result = client.query(text, ()).await;
            if text.starts_with("USE") {
                assert_eq!(result.unwrap().keyspace(), Some("ks3"));
            }
        }
        ask_often(&client).await;
        all_are(&cluster, "ks3");
        pass(SECOND * 5).await;
        assert_eq!(up(&client), [true; 3]);
        cluster.cut(1);
        pass(SECOND * 5).await;
        ask_often(&client).await;
        all_are(&cluster, "ks3");
        client.use_keyspace("ks").await.unwrap();
        ask_often(&client).await;
        all_are(&cluster, "ks");
    });
}

#[test]
fn a_keyspace_that_does_not_exist_changes_nothing() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        let error = client.use_keyspace("nowhere").await.unwrap_err();
        assert_eq!(error.server().unwrap().code, ErrorCode::INVALID);
        ask_often(&client).await;
        all_are(&cluster, "ks");
        let config = cluster.config().with_keyspace("nowhere");
        let error = cluster.connect(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    });
}

/// The server changes the keyspace, and its answer is too late: not one of the connections may be in another keyspace
/// than the rest.
#[test]
fn a_use_that_was_given_up_leaves_no_connection_in_another_keyspace() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        cluster.on(|ask: &Ask| {
            let changed = || Message::Result(ResultMessage::SetKeyspace("ks2".to_owned()));
            (ask.text() == "USE ks2").then(|| Reply::Later(SECOND * 2, changed()))
        });
        let late = Statement::from("USE ks2").with_timeout(SECOND);
        let error = client.query(late, ()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        pass(SECOND * 3).await;
        ask_often(&client).await;
        all_are(&cluster, "ks");
        let asked = client.query("USE ks2", ());
        assert!(tokio::time::timeout(SECOND, asked).await.is_err());
        pass(SECOND * 3).await;
        ask_often(&client).await;
        all_are(&cluster, "ks");
    });
}

/// An unqualified name means another table now.
#[test]
fn statements_are_prepared_anew_after_use() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        let text = "SELECT v FROM t WHERE k = ?";
        let before = client.prepare(text).await.unwrap();
        assert_eq!(before.markers()[0].keyspace(), "ks");
        client.use_keyspace("ks2").await.unwrap();
        let after = client.prepare(text).await.unwrap();
        assert_eq!(after.markers()[0].keyspace(), "ks2");
        client.execute(&after, (1,)).await.unwrap();
        client.use_keyspace("ks").await.unwrap();
        assert_eq!(
            client.prepare(text).await.unwrap().markers()[0].keyspace(),
            "ks"
        );
        // What was prepared before still means what it meant, as long as the node remembers.
        client.execute(&before, (7,)).await.unwrap();
    });
}

/// They would end each other's connections otherwise.
#[test]
fn each_use_has_a_connection_of_its_own() {
    run(async {
        let cluster = Cluster::new(&["dc1"]);
        cluster.set_latency(SECOND / 100);
        let client = cluster.client().await;
        let changes = (0..20).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query("USE ks2", ()).await })
        });
        for change in changes.collect::<Vec<_>>() {
            change.await.unwrap().unwrap();
        }
        let state = cluster.state();
        let asked = state.seen.iter().filter(|seen| {
            matches!(&seen.request, cql_v4::message::Request::Query(q) if &*q.text == "USE ks2")
        });
        let connections: Vec<_> = asked.map(|seen| seen.connection).collect();
        let distinct: std::collections::BTreeSet<_> = connections.iter().collect();
        assert_eq!((connections.len(), distinct.len()), (20, 20));
    });
}
