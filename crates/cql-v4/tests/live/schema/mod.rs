//! The schema of a real server, read and created again; names that need quotes; versions; traces.

mod describe;
mod names;

use std::collections::BTreeMap;

use cql_v4::schema::{
    Keyspace, Schema, SchemaFilter, SchemaReader, SchemaVersions, ServerKind, Table, Trace,
    quote_identifier,
};
use cql_v4::types::DataType;
use cql_v4::{Client, Consistency, ErrorCode, ErrorKind, Statement};

use crate::{client, config, run};

/// Reads as a client does, in pages of `page_size` rows.
async fn read(client: &Client, filter: &SchemaFilter, page_size: u32) -> Schema {
    let mut reader = SchemaReader::new(filter.clone(), ServerKind::Cassandra);
    for query in reader.queries() {
        let mut statement = Statement::new(&*query.text).with_page_size(page_size);
        loop {
            let result = match client.query(statement.clone(), &query.values[..]).await {
                Ok(result) => result,
                Err(error) if SchemaReader::tolerates(query.table, &error) => break,
                Err(error) => panic!("{}: {error}", query.text),
            };
            reader.rows(query.table, result.rows().unwrap()).unwrap();
            match result.paging_state() {
                Some(state) => statement = statement.with_paging_state(state.clone()),
                None => break,
            }
        }
    }
    reader.finish()
}

async fn read_keyspace(client: &Client, name: &str) -> Keyspace {
    let schema = read(client, &SchemaFilter::new().with_only([name]), 5000).await;
    Keyspace::clone(schema.keyspace(name).unwrap())
}

/// The types of the schema are those that the server itself gives with results.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_types_are_those_of_results() {
    let client = Client::connect(config()).await.unwrap();
    let schema = read(&client, &SchemaFilter::new().with_virtual(true), 5000).await;
    let mut compared = 0;
    for keyspace in schema.keyspaces() {
        for table in keyspace.tables.values() {
            compared += compare_columns(&client, keyspace, table).await;
        }
    }
    assert!(compared > 300, "{compared} columns");
}

async fn compare_columns(client: &Client, keyspace: &Keyspace, table: &Table) -> usize {
    let name = |name: &str| quote_identifier(name).into_owned();
    let text = format!(
        "SELECT * FROM {}.{}",
        name(&keyspace.name),
        name(&table.name)
    );
    let prepared = match client.prepare(text).await {
        Ok(prepared) => prepared,
        // Another test may have dropped it; live tests run one at a time, but not the servers' own work.
        Err(error) => panic!("{}.{}: {error}", keyspace.name, table.name),
    };
    let columns = prepared.columns().unwrap();
    let of_server: BTreeMap<&str, &DataType> =
        columns.iter().map(|c| (c.name(), c.data_type())).collect();
    let of_schema: BTreeMap<&str, &DataType> = table
        .columns
        .iter()
        .map(|c| (&*c.name, &c.declared.data_type))
        .collect();
    assert_eq!(of_schema, of_server, "{}.{}", keyspace.name, table.name);
    of_schema.len()
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_is_the_same_in_pages_of_any_size_and_filtered() {
    let client = Client::connect(config()).await.unwrap();
    let all = SchemaFilter::new().with_virtual(true);
    let whole = read(&client, &all, 5000).await;
    assert_eq!(read(&client, &all, 37).await, whole);
    assert!(whole.keyspace("system_views").unwrap().is_virtual);
    assert!(whole.table("system_views", "clients").unwrap().is_virtual);
    assert!(whole.table("system", "local").is_some());

    let some = read(
        &client,
        &all.clone().with_only(["system", "system_views", "nope"]),
        5000,
    )
    .await;
    let names: Vec<&str> = some.keyspaces().map(|k| &*k.name).collect();
    assert_eq!(names, ["system", "system_views"]);
    assert_eq!(some.keyspace("system"), whole.keyspace("system"));
    assert_eq!(
        some.keyspace("system_views"),
        whole.keyspace("system_views")
    );
    let except = read(&client, &SchemaFilter::new().with_except(["system"]), 5000).await;
    assert!(except.keyspace("system").is_none() && except.keyspace("system_auth").is_some());
    let alone = read(
        &client,
        &SchemaFilter::new().with_keyspaces_alone(true),
        5000,
    )
    .await;
    let auth = alone.keyspace("system_auth").unwrap();
    assert!(auth.tables.is_empty() && !auth.replication.is_empty());
    assert_eq!(whole.replacing(["system", "nope"], &some), whole);
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_versions_agree_after_a_change() {
    let client = client("live_versions").await;
    let read = async || {
        let local = client.query(SchemaVersions::LOCAL, ()).await.unwrap();
        let peers = client.query(SchemaVersions::PEERS, ()).await.unwrap();
        SchemaVersions::read(local.rows().unwrap(), peers.rows().unwrap()).unwrap()
    };
    let before = read().await;
    assert!(before.agree(|_| true));
    run(&client, "CREATE TABLE t (k int PRIMARY KEY)").await;
    let after = read().await;
    assert!(after.agree(|_| true) && after.local() != before.local());
    client
        .query(SchemaVersions::PEERS_BEFORE_V2, ())
        .await
        .unwrap();
    run(&client, "DROP KEYSPACE live_versions").await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_missing_tables_are_tolerated_and_others_are_not() {
    let client = Client::connect(config()).await.unwrap();
    let reader = SchemaReader::new(SchemaFilter::new(), ServerKind::Scylla);
    let mut refused = 0;
    for query in reader.queries() {
        if let Err(error) = client.query(&*query.text, &query.values[..]).await {
            assert_eq!(error.kind(), ErrorKind::Server);
            assert_eq!(error.server().unwrap().code, ErrorCode::INVALID);
            assert!(
                SchemaReader::tolerates(query.table, &error),
                "{}",
                query.text
            );
            assert!(!SchemaReader::tolerates(
                cql_v4::schema::SchemaTable::Columns,
                &error
            ));
            refused += 1;
        }
    }
    assert_eq!(refused, 2, "what only ScyllaDB has");
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn schema_room_reads_traces() {
    let client = Client::connect(config()).await.unwrap();
    let text = "SELECT cluster_name FROM system.local WHERE key = 'local'";
    let result = client
        .query(Statement::new(text).with_tracing(), ())
        .await
        .unwrap();
    let id = result.tracing_id().unwrap();
    let one = |text| Statement::new(text).with_consistency(Consistency::One);
    let mut trace = None;
    // It is written behind the answer; each round asks the server once.
    for _ in 0..10_000 {
        let session = client.query(one(Trace::SESSION), (id,)).await.unwrap();
        trace = Trace::read(id, session.rows().unwrap())
            .unwrap()
            .filter(Trace::is_complete);
        if trace.is_some() {
            break;
        }
    }
    let mut trace = trace.expect("the trace was never complete");
    let events = client.query(one(Trace::EVENTS), (id,)).await.unwrap();
    trace.add_events(events.rows().unwrap()).unwrap();
    assert_eq!(trace.command.as_deref(), Some("QUERY"));
    assert_eq!(trace.parameters["query"], text);
    assert!(trace.coordinator.is_some() && trace.started_at.is_some());
    assert!(!trace.events.is_empty());
    assert!(
        trace
            .events
            .iter()
            .all(|e| e.activity.is_some() && e.source == trace.coordinator)
    );
}
