//! A cluster in the middle of an upgrade: its nodes speak different versions of the protocol.

use cql_v4::message::{BatchKind, RawValue, Request};
use cql_v4::types::{Unset, Uuid};
use cql_v4::{Batch, Client, ErrorKind, Prepared, Sent, Statement, Version};

use crate::conversations::{
    a_node_is_killed, all_up, an_answer_is_late, columns_change, connected, nodes_forget,
    one_is_down, read_many,
};
use crate::support::cluster::{Cluster, Reply, Seen};
use crate::support::server::{run, void};

const UPGRADE: [Version; 3] = [Version::V5, Version::V4, Version::V3];

fn cluster_of(versions: [Version; 3]) -> Cluster {
    let cluster = Cluster::of_three();
    for (node, newest) in cluster.state().nodes.iter_mut().zip(versions) {
        node.newest = newest;
    }
    cluster
}

async fn mixed(versions: [Version; 3]) -> (Cluster, Client) {
    let cluster = cluster_of(versions);
    let config = cluster.config().with_protocol(Version::V5);
    let client = connected(&cluster, config).await;
    (cluster, client)
}

/// Runs on this node only.
fn at(statement: &Prepared, node: u8) -> Prepared {
    statement.clone().with_node(Uuid([node + 1; 16]))
}

/// The versions in which the statements of the test came to a node.
fn versions_at(cluster: &Cluster, node: usize) -> Vec<Version> {
    let state = cluster.state();
    let there = state.seen.iter().filter(|seen| seen.node == node);
    let executed = there.filter(|seen| matches!(seen.request, Request::Execute(_)));
    let mut versions: Vec<_> = executed.map(|seen| seen.dialect.version()).collect();
    versions.dedup();
    versions
}

#[test]
fn each_node_is_spoken_to_in_its_own_version() {
    // Whichever is the first.
    for turn in 0..3 {
        run(async {
            let mut versions = UPGRADE;
            versions.rotate_left(turn);
            let (cluster, client) = mixed(versions).await;
            let statement = client.prepare("SELECT v FROM ks.t WHERE k = ?").await;
            let statement = statement.unwrap();
            read_many(&client, &statement).await;
            for (node, version) in versions.into_iter().enumerate() {
                assert_eq!(versions_at(&cluster, node), [version], "node {node}");
            }
        });
    }
}

#[test]
fn what_clients_live_through_they_do_in_a_mixed_cluster_too() {
    run(async {
        let (cluster, client) = mixed(UPGRADE).await;
        nodes_forget(&cluster, &client).await;
    });
    run(async {
        let (cluster, client) = mixed(UPGRADE).await;
        a_node_is_killed(&cluster, &client).await;
    });
    run(async {
        let (cluster, client) = mixed(UPGRADE).await;
        an_answer_is_late(&cluster, &client).await;
    });
    run(async {
        let (cluster, client) = mixed(UPGRADE).await;
        columns_change(&cluster, &client).await;
    });
}

#[test]
fn a_node_that_is_upgraded_is_spoken_to_in_its_new_version() {
    run(async {
        let (cluster, client) = mixed([Version::V4; 3]).await;
        let statement = client.prepare("SELECT v FROM ks.t WHERE k = ?").await;
        let statement = statement.unwrap();
        read_many(&client, &statement).await;
        for node in 0..3 {
            cluster.take_down(node);
            one_is_down(&cluster, &client).await;
            cluster.forget(node);
            cluster.state().nodes[node].newest = Version::V5;
            cluster.bring_up(node);
            all_up(&cluster, &client).await;
            read_many(&client, &statement).await;
            let expected = [Version::V4, Version::V5];
            assert_eq!(versions_at(&cluster, node), expected, "node {node}");
        }
    });
}

#[derive(Debug, PartialEq, cql_v4::FromRow)]
struct Row {
    v: i32,
    #[cql(default)]
    w: i32,
}

async fn reads(client: &Client, statement: &Prepared) {
    let answer = client.execute(statement, (7,)).await.unwrap();
    let row = answer.first::<Row>().unwrap();
    assert_eq!(row, Some(Row { v: 7, w: 0 }));
}

fn alter(cluster: &Cluster, node: usize, columns: &[&'static str]) {
    cluster.state().nodes[node].columns = columns.to_vec();
}

/// What the version of the connection cannot tell by an id has to come with its metadata, even if the statement was
/// prepared where there are ids.
#[test]
fn metadata_is_left_out_only_where_its_change_would_be_told() {
    for (first, order) in [
        (0, [2, 1, 0]),
        (0, [1, 0, 2]),
        (1, [0, 1, 2]),
        (2, [1, 2, 0]),
    ] {
        run(async {
            let (cluster, client) = mixed(UPGRADE).await;
            for node in 0..3 {
                alter(&cluster, node, &["v", "w"]);
            }
            let statement = Statement::from("SELECT * FROM ks.t WHERE k = ?");
            let there = Uuid([first + 1; 16]);
            let statement = client.prepare(statement.with_node(there)).await.unwrap();
            for node in order {
                reads(&client, &at(&statement, node)).await;
            }
            // As many columns of the same types: nothing but their names tells them apart.
            for node in 0..3 {
                alter(&cluster, node, &["w", "v"]);
            }
            for node in order {
                reads(&client, &at(&statement, node)).await;
            }
        });
    }
}

/// A node that has heard of a change tells of columns that another has not yet.
#[test]
fn nodes_that_differ_about_the_columns_are_both_understood() {
    run(async {
        let (cluster, client) = mixed([Version::V5, Version::V4, Version::V5]).await;
        for node in 0..3 {
            alter(&cluster, node, &["v", "w"]);
        }
        let statement = Statement::from("SELECT * FROM ks.t WHERE k = ?");
        let statement = statement.with_node(Uuid([1; 16]));
        let statement = client.prepare(statement).await.unwrap();
        for node in [1, 2, 0] {
            alter(&cluster, node, &["w", "v"]);
            for node in [0, 1, 2, 1, 0, 2, 0] {
                reads(&client, &at(&statement, node)).await;
            }
        }
    });
}

/// The last EXECUTE of a node, whether it had the id of the metadata.
fn knew_metadata(cluster: &Cluster, node: usize) -> bool {
    let state = cluster.state();
    let there = |seen: &&Seen| seen.node == node && matches!(seen.request, Request::Execute(_));
    let last = state.seen.iter().rev().find(there).unwrap();
    let Request::Execute(execute) = &last.request else {
        unreachable!()
    };
    execute.params.skip_metadata && &execute.result_metadata_id[..] == b"v"
}

/// The id comes with the first answer that has one.
#[test]
fn a_statement_prepared_by_an_old_node_learns_the_id_of_its_metadata() {
    run(async {
        let (cluster, client) = mixed([Version::V4, Version::V5, Version::V5]).await;
        let statement = Statement::from("SELECT v FROM ks.t WHERE k = ?");
        let statement = statement.with_node(Uuid([1; 16]));
        let statement = client.prepare(statement).await.unwrap();
        for node in [0, 1, 1, 0, 2] {
            reads(&client, &at(&statement, node)).await;
        }
        assert!(knew_metadata(&cluster, 1) && knew_metadata(&cluster, 2));
        // Nor is it lost when the old node has to prepare the statement again.
        cluster.forget(0);
        for node in [0, 1, 1] {
            reads(&client, &at(&statement, node)).await;
        }
        assert!(knew_metadata(&cluster, 1));
    });
}

/// A node of version 3 does not say which markers form the key; others did.
#[test]
fn an_old_node_that_prepares_again_takes_no_routing_away() {
    run(async {
        let (cluster, client) = mixed(UPGRADE).await;
        let statement = Statement::from("SELECT v FROM ks.t WHERE k = ?");
        let statement = client.prepare(statement.with_node(Uuid([1; 16]))).await;
        let statement = statement.unwrap();
        cluster.forget(2);
        reads(&client, &at(&statement, 2)).await;
        assert_eq!(*statement.key_markers(), [0]);
        assert_eq!(statement.columns().unwrap().len(), 1);
    });
}

/// Version 3 has no "unset": its servers take it for null, and delete what is there.
#[test]
fn unset_is_never_sent_to_a_node_that_takes_it_for_null() {
    for versions in [
        UPGRADE,
        [Version::V3, Version::V4, Version::V5],
        [Version::V3; 3],
    ] {
        run(async {
            let (cluster, client) = mixed(versions).await;
            let statement = client.prepare("INSERT INTO ks.t (k) VALUES (?)").await;
            let statement = statement.unwrap();
            cluster.on_statement(|_| Some(Reply::Send(void())));
            for (node, version) in (0..).zip(versions) {
                let there = at(&statement, node);
                let mut batch = Batch::new(BatchKind::Unlogged);
                batch.add(&there, (1,)).unwrap();
                batch.add(&there, (Unset,)).unwrap();
                let batch = batch.with_node(Uuid([node + 1; 16]));
                let mut by_text = Batch::new(BatchKind::Unlogged);
                by_text.add_text(statement.text(), (Unset,)).unwrap();
                let by_text = by_text.with_node(Uuid([node + 1; 16]));
                let text = Statement::from("SELECT ?").with_node(Uuid([node + 1; 16]));
                for outcome in [
                    client.execute(&there, (Unset,)).await,
                    client.query(text, (Unset,)).await,
                    client.batch(&batch).await,
                    client.batch(&by_text).await,
                ] {
                    if let Err(error) = outcome {
                        let told = (error.kind(), error.sent());
                        assert_eq!(told, (ErrorKind::Unsupported, Sent::No), "{error}");
                        assert!(error.to_string().contains("protocol v4"), "{error}");
                    } else {
                        assert_ne!(version, Version::V3);
                    }
                }
            }
            let is_unset = |seen: &Seen| match &seen.request {
                Request::Execute(execute) => execute.values.iter().any(|v| v == RawValue::Unset),
                Request::Query(query) => query.values.iter().any(|v| v == RawValue::Unset),
                Request::Batch(batch) => batch
                    .statements
                    .iter()
                    .any(|s| s.values.iter().any(|v| v == RawValue::Unset)),
                _ => false,
            };
            let on =
                |version| move |seen: &Seen| is_unset(seen) && seen.dialect.version() == version;
            assert_eq!(cluster.count(on(Version::V3)), 0);
            let knows = versions.iter().filter(|version| **version > Version::V3);
            // Values outside of batches are encoded for the first connection.
            let least = 2 * knows.count();
            let known = cluster.count(on(Version::V4)) + cluster.count(on(Version::V5));
            assert!(known >= least, "{known} of {least}");
        });
    }
}
