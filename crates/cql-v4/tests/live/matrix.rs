//! Everything that a statement can ask for, on each protocol version, with and without compression, TLS and a password.

use std::collections::BTreeMap;

use bytes::Bytes;
use cql_v4::message::BatchKind;
use cql_v4::{Batch, Client, Config, ErrorKind, Sent, Statement, Version};

use crate::{client_of, run, variable};

const VERSIONS: [(&str, Version, i32); 3] = [
    ("v3", Version::V3, 3),
    ("v4", Version::V4, 4),
    ("v5", Version::V5, 5),
];

/// On the server of this variable, in all ways.
async fn in_all_ways(server: &str, keyspace: &str, is_tls: bool) {
    let url = variable(server);
    let first = client_of(url.parse().unwrap(), keyspace).await;
    run(
        &first,
        "CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))",
    )
    .await;
    run(&first, "CREATE TABLE n (k int PRIMARY KEY, c counter)").await;
    first.close().await;
    let separator = if url.contains('?') { '&' } else { '?' };
    for (name, version, number) in VERSIONS {
        for compression in ["none", "lz4"] {
            if compression == "lz4" && !cfg!(feature = "lz4") {
                continue;
            }
            let options = format!("{separator}protocol={name}&compression={compression}");
            let config: Config = format!("{url}{options}").parse().unwrap();
            let way = format!("{name}-{compression}");
            let config = config.with_keyspace(keyspace).with_application(&*way, "1");
            let client = Client::connect(config).await.unwrap();
            assert_eq!(client.protocol(), Some(version));
            is_seen_by_the_server(&client, &way, number, is_tls).await;
            run(&client, "TRUNCATE t").await;
            batches_and_counters(&client, keyspace).await;
            pages_and_extras(&client, keyspace, version).await;
            options_of_v5(&client, keyspace, version).await;
            client.close().await;
        }
    }
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn statements_in_all_ways() {
    in_all_ways("WIRE_TEST_CASSANDRA_URL", "live_ways", false).await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn auth_in_all_ways() {
    in_all_ways("WIRE_TEST_CASSANDRA_AUTH_URL", "live_ways_auth", false).await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn tls_in_all_ways() {
    in_all_ways("WIRE_TEST_CASSANDRA_TLS_URL", "live_ways_tls", true).await;
}

/// The server's own list of its connections says that it is what was asked for.
async fn is_seen_by_the_server(client: &Client, way: &str, version: i32, is_tls: bool) {
    let text = "SELECT protocol_version, ssl_enabled, client_options FROM system_views.clients";
    let result = client.query(text, ()).await.unwrap();
    let clients = result
        .to_vec::<(i32, bool, BTreeMap<String, String>)>()
        .unwrap();
    let mut ours = 0;
    for (seen, tls, options) in clients {
        if options
            .get("APPLICATION_NAME")
            .is_some_and(|name| name == way)
        {
            assert_eq!((seen, tls), (version, is_tls), "{options:?}");
            assert_eq!(options.contains_key("COMPRESSION"), way.ends_with("lz4"));
            ours += 1;
        }
    }
    assert!(ours > 0, "no connection of {way}");
}

async fn batches_and_counters(client: &Client, keyspace: &str) {
    // Unqualified names are prepared for the keyspace of the connection.
    let insert = client
        .prepare("INSERT INTO t (p, c, v) VALUES (?, ?, ?)")
        .await
        .unwrap();
    for kind in [BatchKind::Logged, BatchKind::Unlogged] {
        for p in 0..2 {
            let mut batch = Batch::new(kind);
            for c in 0..50 {
                batch.add(&insert, (p, c, "some text ".repeat(20))).unwrap();
            }
            client.batch(&batch).await.unwrap();
        }
    }
    let count = "SELECT c FROM n WHERE k = 1";
    let before = client.query(count, ()).await.unwrap();
    let before = before.first::<(i64,)>().unwrap().map_or(0, |(c,)| c);
    let mut batch = Batch::new(BatchKind::Counter);
    let add = client
        .prepare(format!("UPDATE {keyspace}.n SET c = c + ? WHERE k = ?"))
        .await
        .unwrap();
    batch.add(&add, (3_i64, 1)).unwrap();
    batch
        .add_text("UPDATE n SET c = c + 4 WHERE k = 1", ())
        .unwrap();
    client.batch(&batch).await.unwrap();
    client.execute(&add, (-1_i64, 1)).await.unwrap();
    let after = client.query(count, ()).await.unwrap();
    assert_eq!(after.first::<(i64,)>().unwrap(), Some((before + 6,)));
}

async fn pages_and_extras(client: &Client, keyspace: &str, version: Version) {
    // A state that is saved, and gone on with by a statement that was prepared anew.
    let text = format!("SELECT c FROM {keyspace}.t WHERE p = 1");
    let (mut state, mut seen) = (None::<Vec<u8>>, Vec::new());
    loop {
        let statement = Statement::new(text.clone()).with_page_size(20);
        let statement = match &state {
            Some(state) => statement.with_paging_state(state.clone()),
            None => statement,
        };
        let select = client.prepare(statement).await.unwrap();
        let page = client.execute(&select, ()).await.unwrap();
        seen.extend(page.to_vec::<(i32,)>().unwrap());
        state = page.paging_state().map(|state| state.to_vec());
        if state.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..50).map(|c| (c,)).collect::<Vec<_>>());

    let traced = Statement::new(text).with_tracing();
    let traced = client.query(traced, ()).await.unwrap();
    let trace = client.trace(traced.tracing_id().unwrap()).await.unwrap();
    let trace = trace.expect("a trace");
    assert!(trace.is_complete() && !trace.events.is_empty(), "{trace:?}");
    assert!(
        trace.parameters["query"].contains("WHERE p = 1"),
        "{trace:?}"
    );

    let counted = client.query("SELECT count(*) FROM t", ()).await.unwrap();
    assert_eq!(counted.first::<(i64,)>().unwrap(), Some((100,)));
    // Warnings and payloads came with v4; a server without a handler takes a payload and passes it over.
    if version >= Version::V4 {
        assert_eq!(counted.warnings().len(), 1, "{:?}", counted.warnings());
        let payload = Statement::new("SELECT c FROM t WHERE p = 0 LIMIT 1")
            .with_payload("a key", Some(Bytes::from_static(b"\x00\xff")))
            .with_payload("nothing", None);
        let result = client.query(payload, ()).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((0,)));
    }
}

async fn options_of_v5(client: &Client, keyspace: &str, version: Version) {
    let elsewhere = Statement::new("SELECT keyspace_name FROM keyspaces WHERE keyspace_name = ?")
        .with_keyspace("system_schema");
    if version < Version::V5 {
        let error = client.query(elsewhere, (keyspace,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Unsupported, Sent::No),
            "{error}"
        );
        return;
    }
    let found = client.query(&elsewhere, (keyspace,)).await.unwrap();
    assert_eq!(found.first::<(&str,)>().unwrap(), Some((keyspace,)));
    let prepared = client.prepare(elsewhere).await.unwrap();
    let found = client.execute(&prepared, (keyspace,)).await.unwrap();
    assert_eq!(found.first::<(&str,)>().unwrap(), Some((keyspace,)));

    // Written in the year 2001 for a minute, as the server is told: so it is gone when it is told a later time.
    let then = 1_000_000_000;
    let insert = "INSERT INTO t (p, c, v) VALUES (9, 9, 'x') USING TTL 60";
    let insert = Statement::new(insert).with_now_in_seconds(then);
    client.query(insert, ()).await.unwrap();
    let ttl = "SELECT ttl(v) FROM t WHERE p = 9 AND c = 9";
    for (now, left) in [(then + 10, Some(50)), (then + 61, None)] {
        let read = Statement::new(ttl).with_now_in_seconds(now);
        let result = client.query(read, ()).await.unwrap();
        let read = result.first::<(Option<i32>,)>().unwrap();
        assert_eq!(read.and_then(|(ttl,)| ttl), left, "at {now}");
    }
}
