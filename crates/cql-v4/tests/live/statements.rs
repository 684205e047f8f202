//! Statements, pages, batches, refusals.

use std::collections::BTreeSet;

use cql_v4::message::BatchKind;
use cql_v4::types::Value;
use cql_v4::{
    Batch, Client, Consistency, ErrorCode, ErrorDetail, ErrorKind, Row, Sent, Statement, Version,
};

use crate::{client, client_of, config, run};

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn pages_and_streams_give_every_row_once() {
    let client = client("live_pages").await;
    run(
        &client,
        "CREATE TABLE t (p int, c int, v text, PRIMARY KEY (p, c))",
    )
    .await;
    let insert = client
        .prepare("INSERT INTO t (p, c, v) VALUES (?, ?, ?)")
        .await
        .unwrap();
    for p in 0..10 {
        let mut batch = Batch::new(BatchKind::Unlogged);
        for c in 0..100 {
            batch.add(&insert, (p, c, format!("{p}.{c}"))).unwrap();
        }
        client.batch(&batch).await.unwrap();
    }
    for page_size in [1, 7, 100, 5000] {
        let select = client
            .prepare(Statement::new("SELECT p, c, v FROM t").with_page_size(page_size))
            .await
            .unwrap();
        let mut rows = client
            .execute_stream::<(i32, i32, String), _>(&select, ())
            .unwrap();
        let mut seen = BTreeSet::new();
        while let Some((p, c, v)) = rows.try_next().await.unwrap() {
            assert_eq!(v, format!("{p}.{c}"));
            assert!(seen.insert((p, c)));
        }
        assert_eq!(seen.len(), 1000, "pages of {page_size}");
    }
    let first = client
        .query(
            Statement::new("SELECT c FROM t WHERE p = 3").with_page_size(60),
            (),
        )
        .await
        .unwrap();
    assert_eq!(first.rows().unwrap().len(), 60);
    let state = first.paging_state().unwrap().clone();
    let next = Statement::new("SELECT c FROM t WHERE p = 3").with_paging_state(state);
    let next = client.query(next, ()).await.unwrap();
    assert_eq!(next.first::<(i32,)>().unwrap(), Some((60,)));
    assert_eq!(
        (next.rows().unwrap().len(), next.paging_state()),
        (40, None)
    );
    let error = client
        .query(
            Statement::new("SELECT c FROM t").with_paging_state(&b"junk"[..]),
            (),
        )
        .await
        .unwrap_err();
    assert_eq!(error.server().unwrap().code, ErrorCode::PROTOCOL_ERROR);
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn many_requests_in_flight_get_their_own_answers() {
    let client = client("live_flight").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v bigint)").await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let select = client
        .prepare("SELECT k, v FROM t WHERE k = ?")
        .await
        .unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (client, insert, select) = (client.clone(), insert.clone(), select.clone());
            tokio::spawn(async move {
                for i in 0..50 {
                    let k = task * 1000 + i;
                    client
                        .execute(&insert, (k, i64::from(k) * 7))
                        .await
                        .unwrap();
                    let result = client.execute(&select, (k,)).await.unwrap();
                    assert_eq!(
                        result.first::<(i32, i64)>().unwrap(),
                        Some((k, i64::from(k) * 7))
                    );
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(client.load(), (0, 0, 0));
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn a_statement_outlives_its_table() {
    for version in [Version::V3, Version::V4, Version::V5] {
        let client = client_of(config().with_protocol(version), "live_prepare").await;
        outlive_the_table(&client).await;
        assert_eq!(client.protocol(), Some(version));
    }
}

async fn outlive_the_table(client: &Client) {
    run(client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
    let insert = client
        .prepare("INSERT INTO live_prepare.t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let select = client
        .prepare("SELECT * FROM live_prepare.t WHERE k = ?")
        .await
        .unwrap();
    client.execute(&insert, (1, 2)).await.unwrap();
    assert_eq!(
        client
            .execute(&select, (1,))
            .await
            .unwrap()
            .rows()
            .unwrap()
            .columns()
            .len(),
        2
    );
    // The server drops the statements of a table that is altered, and the columns are others afterwards.
    run(client, "ALTER TABLE t ADD w text").await;
    let result = client.execute(&select, (1,)).await.unwrap();
    assert_eq!(
        result.first::<(i32, i32, Option<String>)>().unwrap(),
        Some((1, 2, None))
    );
    run(client, "DROP TABLE t").await;
    run(client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
    let mut batch = Batch::new(BatchKind::Logged);
    batch.add(&insert, (3, 4)).unwrap();
    batch
        .add_text("INSERT INTO t (k, v) VALUES (?, ?)", (5, 6))
        .unwrap();
    client.batch(&batch).await.unwrap();
    let result = client.execute(&select, (5,)).await.unwrap();
    assert_eq!(result.first::<(i32, i32)>().unwrap(), Some((5, 6)));
    let key_markers = insert.key_markers();
    assert!(client.protocol() == Some(Version::V3) || key_markers[..] == [0]);
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn batches_and_conditions() {
    let client = client("live_batch").await;
    run(&client, "CREATE TABLE n (k int PRIMARY KEY, c counter)").await;
    run(
        &client,
        "CREATE TABLE t (p int, k int, v int, PRIMARY KEY (p, k))",
    )
    .await;
    let count = client
        .prepare("UPDATE n SET c = c + ? WHERE k = ?")
        .await
        .unwrap();
    let mut batch = Batch::new(BatchKind::Counter);
    batch.add(&count, (5_i64, 1)).unwrap();
    batch.add(&count, (7_i64, 1)).unwrap();
    client.batch(&batch).await.unwrap();
    let result = client
        .query("SELECT c FROM n WHERE k = 1", ())
        .await
        .unwrap();
    assert_eq!(result.first::<(i64,)>().unwrap(), Some((12,)));

    let insert = "INSERT INTO t (p, k, v) VALUES (?, ?, ?) IF NOT EXISTS";
    let statement = Statement::new(insert).with_serial_consistency(Consistency::LocalSerial);
    let result = client.query(&statement, (1, 1, 1)).await.unwrap();
    assert_eq!(result.applied(), Some(true));
    let result = client.query(&statement, (1, 1, 2)).await.unwrap();
    assert_eq!(result.applied(), Some(false));
    assert_eq!(
        result.first::<Row>().unwrap().unwrap().value("v"),
        Some(&Value::Int(1))
    );
    let mut batch = Batch::new(BatchKind::Logged).with_consistency(Consistency::One);
    batch.add_text(insert, (1, 1, 3)).unwrap();
    batch
        .add_text("INSERT INTO t (p, k, v) VALUES (1, 2, 3)", ())
        .unwrap();
    assert_eq!(client.batch(&batch).await.unwrap().applied(), Some(false));

    let timed =
        Statement::new("INSERT INTO t (p, k, v) VALUES (2, 2, 2)").with_timestamp(1_000_000);
    client.query(timed, ()).await.unwrap();
    let result = client
        .query("SELECT writetime(v) FROM t WHERE p = 2 AND k = 2", ())
        .await
        .unwrap();
    assert_eq!(result.first::<(i64,)>().unwrap(), Some((1_000_000,)));
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn refusals_warnings_and_traces() {
    let client = client("live_errors").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY)").await;
    let refused = async |text: &str| {
        let error = client.query(text, ()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Server, Sent::Yes),
            "{error}"
        );
        error.server().unwrap().clone()
    };
    assert_eq!(refused("SELEKT").await.code, ErrorCode::SYNTAX_ERROR);
    assert_eq!(refused("SELECT nope FROM t").await.code, ErrorCode::INVALID);
    let exists = refused("CREATE TABLE t (k int PRIMARY KEY)").await;
    let ErrorDetail::AlreadyExists {
        keyspace, table, ..
    } = exists.detail
    else {
        panic!("{exists:?}")
    };
    assert_eq!((&*keyspace, &*table), ("live_errors", "t"));
    let quorum = Statement::new("SELECT * FROM t WHERE k = 1").with_consistency(Consistency::Three);
    let error = client.query(quorum, ()).await.unwrap_err();
    let ErrorDetail::Unavailable {
        required, alive, ..
    } = error.server().unwrap().detail
    else {
        panic!("{error:?}")
    };
    assert_eq!((required, alive), (3, 1));

    let result = client.query("SELECT count(*) FROM t", ()).await.unwrap();
    assert_eq!(
        result.warnings(),
        ["Aggregation query used without partition key"]
    );
    let traced = Statement::new("SELECT * FROM t WHERE k = 1").with_tracing();
    assert!(
        client
            .query(traced, ())
            .await
            .unwrap()
            .tracing_id()
            .is_some()
    );
    assert_eq!(
        client.query("USE system", ()).await.unwrap().keyspace(),
        Some("system")
    );
    client.ping().await.unwrap();

    let error = Client::connect(config().with_keyspace("no_such_keyspace"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.server().unwrap().code),
        (ErrorKind::Server, ErrorCode::INVALID)
    );
    assert!(
        error
            .to_string()
            .contains("keyspace `no_such_keyspace` cannot be used"),
        "{error}"
    );
    assert!(!error.to_string().contains("looks like"), "{error}");
}
