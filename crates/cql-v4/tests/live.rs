//! The client against a real server. Run by `cargo xtask integration-test cassandra`, which starts the servers and sets
//! the variables; without a server these tests fail, they never pass.
#![cfg(feature = "client")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use cql_v4::message::BatchKind;
use cql_v4::types::{
    DataType, Date, Decimal, Duration as CqlDuration, MaybeUnset, Raw, Time, Timestamp, Unset,
    Uuid, Value, Varint,
};
use cql_v4::{
    Batch, Client, Config, Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Row, Sent,
    Statement, Version,
};

fn variable(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => panic!("{name} is not set; run `cargo xtask integration-test cassandra`"),
    }
}

fn config() -> Config {
    variable("WIRE_TEST_CASSANDRA_URL").parse().unwrap()
}

/// A client whose keyspace is there and empty. A keyspace for each test, so that they do not meet.
async fn client_of(config: Config, keyspace: &str) -> Client {
    let client = Client::connect(config.clone()).await.unwrap();
    let patient = |text: String| Statement::new(text).with_timeout(Duration::from_secs(60));
    client
        .query(patient(format!("DROP KEYSPACE IF EXISTS {keyspace}")), ())
        .await
        .unwrap();
    let replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
    let created = client
        .query(
            patient(format!(
                "CREATE KEYSPACE {keyspace} WITH replication = {replication}"
            )),
            (),
        )
        .await
        .unwrap();
    assert_eq!(created.schema_change().unwrap().keyspace, keyspace);
    client.close().await;
    Client::connect(config.with_keyspace(keyspace))
        .await
        .unwrap()
}

async fn client(keyspace: &str) -> Client {
    client_of(config(), keyspace).await
}

async fn run(client: &Client, text: &str) {
    let patient = Statement::new(text).with_timeout(Duration::from_secs(60));
    client
        .query(patient, ())
        .await
        .unwrap_or_else(|e| panic!("{text}: {e}"));
}

/// Versions and compressions, each with all others at their defaults.
fn shapes() -> Vec<Config> {
    let mut shapes = vec![config(), config().with_protocol(Version::V3)];
    shapes.extend(
        cql_v4::Compression::ALL
            .iter()
            .map(|c| config().with_compression(*c)),
    );
    shapes
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn every_type_survives() {
    for (i, config) in shapes().into_iter().enumerate() {
        let client = client_of(config, &format!("live_types_{i}")).await;
        run(&client, "CREATE TYPE point (x int, y double)").await;
        run(
            &client,
            "CREATE TABLE t (k int PRIMARY KEY, a ascii, b bigint, c blob, d boolean, e decimal, f double, g float, \
             h inet, i smallint, j text, l time, m timestamp, n timeuuid, o tinyint, p uuid, q varint, r date, \
             s duration, t list<int>, u set<text>, v map<text, bigint>, w tuple<int, text>, x frozen<point>, \
             y vector<float, 3>, z frozen<map<int, frozen<list<text>>>>, vt vector<text, 2>)",
        )
        .await;
        let insert = client
            .prepare(
                "INSERT INTO t (k, a, b, c, d, e, f, g, h, i, j, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, vt) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .await
            .unwrap();
        let udt = match insert.markers()[23].data_type() {
            DataType::Udt(udt) => std::sync::Arc::clone(udt),
            other => panic!("{other}"),
        };
        let timeuuid: Uuid = "50554d6e-29bb-11e5-b345-feff819cdc9f".parse().unwrap();
        let strings = |list: &[&str]| list.iter().map(|s| Value::from(*s)).collect::<Vec<_>>();
        let row: Vec<Value> = vec![
            Value::Int(1),
            "ascii".into(),
            Value::BigInt(i64::MIN),
            Bytes::from_static(&[0, 255]).into(),
            true.into(),
            Decimal {
                unscaled: Varint::from(-12_345_i64),
                scale: 3,
            }
            .into(),
            Value::Double(f64::MIN_POSITIVE),
            Value::Float(-0.5),
            IpAddr::from([127, 0, 0, 1]).into(),
            Value::SmallInt(i16::MIN),
            "naïve ☃".into(),
            Time::from_nanos(86_399_999_999_999).unwrap().into(),
            Timestamp(-1).into(),
            Value::Timeuuid(timeuuid),
            Value::TinyInt(-128),
            Uuid([7; 16]).into(),
            Varint::from(i128::MIN).into(),
            Date(-719_162).into(),
            CqlDuration {
                months: -1,
                days: -2,
                nanos: -3,
            }
            .into(),
            Value::List([3, 1, 2].map(Value::Int).to_vec()),
            Value::Set(strings(&["a", "b"])),
            Value::Map(vec![("x".into(), Value::BigInt(1))]),
            Value::Tuple(vec![Value::Int(5), Value::Null]),
            Value::Udt(udt, vec![Value::Int(3), Value::Double(0.25)]),
            Value::Vector([1.0, 2.0, 3.0].map(Value::Float).to_vec()),
            Value::Map(vec![
                (Value::Int(1), Value::List(strings(&["a", "bc"]))),
                (Value::Int(2), Value::List(vec![])),
            ]),
            Value::Vector(strings(&["a", "bc"])),
        ];
        client.execute(&insert, &row[..]).await.unwrap();
        let columns =
            "k, a, b, c, d, e, f, g, h, i, j, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, vt";
        let select = client
            .prepare(format!("SELECT {columns} FROM t WHERE k = ?"))
            .await
            .unwrap();
        let result = client.execute(&select, (1,)).await.unwrap();
        let read = result.first::<Row>().unwrap().unwrap();
        for (column, (read, written)) in columns.split(", ").zip(read.values().iter().zip(&row)) {
            assert_eq!(read, written, "column {column}");
        }
        // The same by types that were not asked for: all but the key null, then read as what may be null.
        client
            .query("INSERT INTO t (k) VALUES (?)", (2,))
            .await
            .unwrap();
        let result = client
            .query("SELECT b, j, t, v FROM t WHERE k = 2", ())
            .await
            .unwrap();
        type Nulls = (Option<i64>, Option<String>, Vec<i32>, BTreeMap<String, i64>);
        assert_eq!(
            result.first::<Nulls>().unwrap().unwrap(),
            (None, None, vec![], BTreeMap::new())
        );
        client.close().await;
    }
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn values_without_types_and_unset_values() {
    let client = client("live_values").await;
    run(
        &client,
        "CREATE TABLE t (k int PRIMARY KEY, a text, b bigint, c set<text>)",
    )
    .await;
    let set = BTreeSet::from(["x".to_owned(), "y".to_owned()]);
    client
        .query(
            "INSERT INTO t (k, a, b, c) VALUES (?, ?, ?, ?)",
            (1, "one", 10_i64, &set),
        )
        .await
        .unwrap();
    let insert = client
        .prepare("INSERT INTO t (k, a, b) VALUES (?, ?, ?)")
        .await
        .unwrap();
    client
        .execute(&insert, (1, Unset, MaybeUnset::Set(11_i64)))
        .await
        .unwrap();
    let result = client
        .query("SELECT a, b, c FROM t WHERE k = ?", (1,))
        .await
        .unwrap();
    let row = result
        .first::<(&str, i64, BTreeSet<String>)>()
        .unwrap()
        .unwrap();
    assert_eq!(row, ("one", 11, set));
    client
        .execute(&insert, (1, None::<String>, 12_i64))
        .await
        .unwrap();
    let result = client
        .query("SELECT a FROM t WHERE k = 1", ())
        .await
        .unwrap();
    assert_eq!(result.first::<(Option<Raw>,)>().unwrap(), Some((None,)));
    // The server's own opinion of a value of a wrong length.
    let error = client
        .query("SELECT a FROM t WHERE k = ?", (1_i64,))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.server().unwrap().code),
        (ErrorKind::Server, ErrorCode::INVALID)
    );
}

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
    let client = client("live_prepare").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
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
    run(&client, "ALTER TABLE t ADD w text").await;
    let result = client.execute(&select, (1,)).await.unwrap();
    assert_eq!(
        result.first::<(i32, i32, Option<String>)>().unwrap(),
        Some((1, 2, None))
    );
    run(&client, "DROP TABLE t").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
    let mut batch = Batch::new(BatchKind::Logged);
    batch.add(&insert, (3, 4)).unwrap();
    batch
        .add_text("INSERT INTO t (k, v) VALUES (?, ?)", (5, 6))
        .unwrap();
    client.batch(&batch).await.unwrap();
    let result = client.execute(&select, (5,)).await.unwrap();
    assert_eq!(result.first::<(i32, i32)>().unwrap(), Some((5, 6)));
    assert_eq!(insert.key_markers()[..], [0]);
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
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn large_values_go_both_ways() {
    for config in shapes() {
        let client = client_of(config, "live_large").await;
        run(&client, "CREATE TABLE t (k int PRIMARY KEY, v blob)").await;
        let blob: Vec<u8> = (0..3_000_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        let insert = client
            .prepare("INSERT INTO live_large.t (k, v) VALUES (?, ?)")
            .await
            .unwrap();
        client.execute(&insert, (1, &blob)).await.unwrap();
        let result = client
            .query("SELECT v FROM t WHERE k = 1", ())
            .await
            .unwrap();
        assert!(result.first::<(&[u8],)>().unwrap().unwrap().0 == blob);
    }
}

/// Requests that are given up all the time, among others that are not.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn given_up_requests_disturb_nobody() {
    let client = client("live_cancel").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v int)").await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    let select = client.prepare("SELECT v FROM t WHERE k = ?").await.unwrap();
    for k in 0..200 {
        client.execute(&insert, (k, k)).await.unwrap();
    }
    for k in 0..200 {
        let micros = u64::try_from(k).unwrap() * 7 % 900;
        let _ = tokio::time::timeout(
            Duration::from_micros(micros),
            client.execute(&select, (k + 1,)),
        )
        .await;
        let result = client.execute(&select, (k,)).await.unwrap();
        assert_eq!(result.first::<(i32,)>().unwrap(), Some((k,)));
    }
    client.ping().await.unwrap();
}

fn signal(pid: &str, signal: &str) {
    let status = Command::new("kill").args([signal, pid]).status().unwrap();
    assert!(status.success(), "kill {signal} {pid}");
}

/// A server that hangs: requests end at their deadline, and the next ones are answered when it goes on.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn pause_a_server() {
    let pid = variable("WIRE_TEST_CASSANDRA_PID");
    let client = client("live_pause").await;
    signal(&pid, "-STOP");
    let statement = Statement::new("SELECT key FROM system.local WHERE key = 'local'")
        .with_timeout(Duration::from_millis(500));
    let error = client.query(&statement, ()).await.unwrap_err();
    let impatient = config().with_connect_timeout(Duration::from_millis(500));
    let connecting = Client::connect(impatient).await;
    signal(&pid, "-CONT");
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Timeout, Sent::Maybe)
    );
    assert_eq!(connecting.unwrap_err().kind(), ErrorKind::Timeout);
    client
        .query(statement.with_timeout(Duration::from_secs(30)), ())
        .await
        .unwrap();
    // The answer to the request that was given up comes when the server gets to it.
    for _ in 0..100 {
        client.ping().await.unwrap();
        if client.load() == (0, 0, 0) {
            return;
        }
    }
    panic!("{:?} is still there", client.load());
}

/// Reads what is left and says how the reading ended.
async fn read_all(client: &Client) -> (usize, Result<(), Error>) {
    let statement = Statement::new("SELECT k, v FROM t").with_page_size(50);
    let mut rows = client
        .query_stream::<(i32, String), _>(statement, ())
        .unwrap();
    let mut read = 0;
    loop {
        match rows.try_next().await {
            Ok(Some(_)) => read += 1,
            Ok(None) => return (read, Ok(())),
            Err(error) => return (read, Err(error)),
        }
    }
}

/// Kills a server that is there for this: named so that it comes last.
#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn zz_crash_in_the_middle_of_a_result() {
    let config: Config = variable("WIRE_TEST_CASSANDRA_CRASH_URL").parse().unwrap();
    let pid = variable("WIRE_TEST_CASSANDRA_CRASH_PID");
    let client = client_of(config, "live_crash").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, v text)").await;
    let insert = client
        .prepare("INSERT INTO t (k, v) VALUES (?, ?)")
        .await
        .unwrap();
    for k in 0..2000 {
        client.execute(&insert, (k, "x".repeat(100))).await.unwrap();
    }
    assert_eq!(read_all(&client).await.0, 2000);
    let reading = tokio::spawn({
        let client = client.clone();
        async move {
            loop {
                let (read, ended) = read_all(&client).await;
                if let Err(error) = ended {
                    return (read, error);
                }
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    signal(&pid, "-KILL");
    let (read, error) = tokio::time::timeout(Duration::from_secs(30), reading)
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::Io | ErrorKind::Connect),
        "{error}"
    );
    assert!(read < 2000, "no part of a result is taken for the whole");
    let began = std::time::Instant::now();
    let error = client.ping().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(15));
}

mod auth {
    use super::*;

    fn config() -> Config {
        variable("WIRE_TEST_CASSANDRA_AUTH_URL").parse().unwrap()
    }

    #[ignore = "needs a server: cargo xtask integration-test"]
    #[tokio::test]
    async fn auth_by_password() {
        let client = Client::connect(config()).await.unwrap();
        client.ping().await.unwrap();
        for bad in [
            config().with_credentials("cassandra", "wrong"),
            config().with_credentials("nobody", ""),
        ] {
            let error = Client::connect(bad).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.server().unwrap().code),
                (ErrorKind::Auth, ErrorCode::BAD_CREDENTIALS)
            );
        }
        let url = variable("WIRE_TEST_CASSANDRA_AUTH_URL");
        let (_, address) = url.split_once('@').expect("the URL has credentials");
        let anonymous: Config = format!("cassandra://{address}").parse().unwrap();
        let error = Client::connect(anonymous).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("none are configured"), "{error}");
    }

    #[ignore = "needs a server: cargo xtask integration-test"]
    #[tokio::test]
    async fn auth_and_compression() {
        for compression in cql_v4::Compression::ALL {
            let client = Client::connect(config().with_compression(*compression))
                .await
                .unwrap();
            client.ping().await.unwrap();
        }
    }
}

mod tls {
    use super::*;

    #[ignore = "needs a server: cargo xtask integration-test"]
    #[tokio::test]
    async fn tls_by_the_right_authority_alone() {
        let url = variable("WIRE_TEST_CASSANDRA_TLS_URL");
        let client = Client::connect(url.parse().unwrap()).await.unwrap();
        let result = client
            .query(
                "SELECT release_version FROM system.local WHERE key = 'local'",
                (),
            )
            .await
            .unwrap();
        assert_eq!(result.rows().unwrap().len(), 1);
        let (before, _) = url.split_once('?').expect("the URL names its authority");
        let error = Client::connect(format!("{before}?tls=true").parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    }
}
