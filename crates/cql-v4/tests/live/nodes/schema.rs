//! Changes of the schema: all nodes have them when the statement is answered, and every client hears of them.

use cql_v4::schema::SchemaFilter;
use cql_v4::{Client, ErrorCode, Statement};

use super::{SOON, addresses, eventually, keyspace, node, topology, whole};
use crate::run;

/// No waiting between a change and its use, on any node.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_agree_before_a_change_is_answered() {
    let client = keyspace(whole().await, "live_agree", 3).await;
    for round in 0..3 {
        let table = format!("r{round}");
        run(
            &client,
            &format!("CREATE TABLE {table} (k int PRIMARY KEY)"),
        )
        .await;
        on_each_node(&client, &format!("INSERT INTO {table} (k) VALUES (1)")).await;
        run(&client, &format!("ALTER TABLE {table} ADD v int")).await;
        on_each_node(
            &client,
            &format!("INSERT INTO {table} (k, v) VALUES (2, 2)"),
        )
        .await;
        run(&client, &format!("DROP TABLE {table}")).await;
        for address in addresses() {
            let select = Statement::new(format!("SELECT * FROM {table}"));
            let select = select.with_node(node(&client, address).host_id());
            let error = client.query(select, ()).await.unwrap_err();
            assert_eq!(error.server().unwrap().code, ErrorCode::INVALID, "{error}");
        }
    }
}

async fn on_each_node(client: &Client, text: &str) {
    for address in addresses() {
        let statement = Statement::new(text).with_node(node(client, address).host_id());
        let done = client.query(statement, ()).await;
        done.unwrap_or_else(|error| panic!("{text} on {address}: {error}"));
    }
}

/// What another client changes reaches this one by events: the schema that it keeps, and where rows are.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_tell_of_changes_that_others_make() {
    let config = whole().await;
    let other = keyspace(config.clone(), "live_events", 1).await;
    let filter = SchemaFilter::new().with_only(["live_events"]);
    let client = Client::connect(config.with_schema(filter)).await.unwrap();
    let columns = || -> Option<usize> {
        let schema = client.schema()?;
        let table = schema.keyspace("live_events")?.tables.get("n")?;
        Some(table.columns.len())
    };
    for (change, expected) in [
        ("CREATE TABLE n (k int PRIMARY KEY)", Some(1)),
        ("ALTER TABLE n ADD v int", Some(2)),
        ("DROP TABLE n", None),
    ] {
        run(&other, change).await;
        eventually(change, SOON, async || {
            let found = columns();
            if found == expected {
                Ok(())
            } else {
                Err(format!("{found:?}"))
            }
        })
        .await;
    }
    let token = topology(&client).token(&[0; 4]).unwrap();
    let replicas = || {
        topology(&client)
            .replicas("live_events", "t", &token)
            .count()
    };
    assert_eq!(replicas(), 1);
    run(
        &other,
        "ALTER KEYSPACE live_events WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}",
    )
    .await;
    eventually("three replicas", SOON, async || {
        let found = replicas();
        if found == 3 {
            Ok(())
        } else {
            Err(format!("{found}"))
        }
    })
    .await;
}

/// A node that has never seen a statement is told of it when it is asked to run it.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn nodes_prepare_what_they_are_asked_to_run() {
    let config = whole().await.with_prepare_on_all_nodes(false);
    let client = keyspace(config, "live_prepared", 3).await;
    let insert = client
        .prepare("INSERT INTO live_prepared.t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let select = client
        .prepare("SELECT v FROM live_prepared.t WHERE k = ?")
        .await
        .unwrap();
    for (key, address) in (0..).zip(addresses()) {
        let here = node(&client, address).host_id();
        let mut batch = cql_v4::Batch::new(cql_v4::message::BatchKind::Logged).with_node(here);
        batch.add(&insert, (key, 1)).unwrap();
        client.batch(&batch).await.unwrap();
        let select = select.clone().with_node(here);
        let result = client.execute(&select, (key,)).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((1,)));
    }
    // An altered table makes all nodes forget: each finds out by itself.
    run(&client, "ALTER TABLE t ADD w int").await;
    for (key, address) in (0..).zip(addresses()) {
        let select = select.clone().with_node(node(&client, address).host_id());
        let result = client.execute(&select, (key,)).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((1,)));
    }
}
