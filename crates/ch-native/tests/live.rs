//! Against a real server: `cargo xtask integration-test clickhouse`.
//!
//! The plain tests want `WIRE_TEST_CLICKHOUSE_URL`; those of `auth` and `tls` a server with a password and one with
//! TLS. Everything here works on servers from 18.16 on.
#![cfg(feature = "client")]

use std::time::Duration;

use ch_native::message::TableStatus;
use ch_native::{Block, Client, Compression, Config, ErrorKind, Query, Sent, Value};

const REASON: &str =
    "set it to the URL of a server, or run: cargo xtask integration-test clickhouse";

fn url(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; {REASON}"))
}

fn config() -> Config {
    Config::from_url(&url("WIRE_TEST_CLICKHOUSE_URL")).unwrap()
}

async fn client() -> Client {
    Client::connect(config()).await.unwrap()
}

/// A table of its own for each test, so that they can run at the same time.
async fn table(client: &Client, name: &str, columns: &str) -> String {
    let name = format!("ch_native_{name}_{}", std::process::id());
    client
        .execute(format!("DROP TABLE IF EXISTS {name}"))
        .await
        .unwrap();
    let create = format!("CREATE TABLE {name} ({columns}) ENGINE = Memory");
    client.execute(create).await.unwrap();
    name
}

async fn one(client: &Client, sql: &str) -> u64 {
    let rows = client.query(sql).await.unwrap();
    let (value,) = rows.typed::<(u64,)>().unwrap().next().unwrap().unwrap();
    value
}

/// 200 rows of every type.
fn all_types() -> Block {
    let ids: Vec<u8> = (0..200).collect();
    let uuids: Vec<u128> = ids.iter().map(|n| u128::MAX / 3 + u128::from(*n)).collect();
    let text = |n: &u8| format!("é{}", "x".repeat(usize::from(*n)));
    macro_rules! each {
        ($n:ident => $value:expr) => {
            ids.iter().map(|$n| $value).collect::<Vec<_>>()
        };
    }
    Block::new()
        .with("u8", ids.clone())
        .and_then(|b| b.with("u16", each!(n => u16::from(*n) * 300)))
        .and_then(|b| b.with("u32", each!(n => u32::MAX - u32::from(*n))))
        .and_then(|b| b.with("u64", each!(n => u64::MAX - u64::from(*n))))
        .and_then(|b| b.with("i8", each!(n => i8::MIN.wrapping_add_unsigned(*n))))
        .and_then(|b| b.with("i16", each!(n => i16::MIN + i16::from(*n))))
        .and_then(|b| b.with("i32", each!(n => i32::MIN + i32::from(*n))))
        .and_then(|b| b.with("i64", each!(n => i64::MIN + i64::from(*n))))
        .and_then(|b| b.with("f32", each!(n => f32::from(*n) / 3.0)))
        .and_then(|b| b.with("f64", each!(n => f64::from(*n) / 7.0)))
        .and_then(|b| b.with("s", each!(n => text(n))))
        .and_then(|b| b.with("fs", each!(n => format!("{n}"))))
        .and_then(|b| b.with("d", each!(n => u16::from(*n))))
        .and_then(|b| b.with("dt", each!(n => u32::from(*n) + 1)))
        .and_then(|b| b.with_data("id", ch_native::ColumnData::Uuid(uuids.clone())))
        .and_then(|b| b.with("n", each!(n => (n % 3 != 0).then_some(i32::from(*n)))))
        .and_then(|b| b.with("ns", each!(n => (n % 2 != 0).then(|| text(n)))))
        .and_then(|b| b.with("a", each!(n => (0..u32::from(*n)).collect::<Vec<u32>>())))
        .and_then(|b| {
            b.with(
                "aa",
                each!(n => vec![vec![text(n)], vec![], vec!["z".to_owned()]]),
            )
        })
        .and_then(|b| {
            b.with(
                "an",
                each!(n => vec![Some(1_i8), None, Some((n % 100) as i8)]),
            )
        })
        .and_then(|b| b.with("t", each!(n => (*n, text(n)))))
        .and_then(|b| b.with("e", each!(n => if n % 2 == 0 { 1_i8 } else { -2 })))
        .and_then(|b| b.with("dec", each!(n => i64::from(*n) * -1001)))
        .unwrap()
}

/// What a value means in the type of the table, which the Rust value does not know.
fn as_in_the_table(column: &str, written: Value) -> Value {
    match (column, written) {
        ("fs", Value::String(mut bytes)) => {
            bytes.resize(4, 0);
            Value::String(bytes)
        }
        ("d", Value::UInt(days)) => Value::Date(i32::try_from(days).unwrap()),
        ("dt", Value::UInt(seconds)) => Value::DateTime(u32::try_from(seconds).unwrap()),
        ("e", Value::Int(value)) => Value::Enum {
            label: Some(if value == 1 { "x" } else { "y" }.to_owned()),
            value: i16::try_from(value).unwrap(),
        },
        ("dec", Value::Int(mantissa)) => Value::Decimal {
            mantissa: i128::from(mantissa),
            scale: 3,
        },
        (_, other) => other,
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn every_column_type_comes_back_as_it_was_written() {
    let client = client().await;
    let columns = "u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i8 Int8, i16 Int16, i32 Int32, i64 Int64, \
                   f32 Float32, f64 Float64, s String, fs FixedString(4), d Date, dt DateTime('UTC'), id UUID, \
                   n Nullable(Int32), ns Nullable(String), a Array(UInt32), aa Array(Array(String)), \
                   an Array(Nullable(Int8)), t Tuple(UInt8, String), e Enum8('x' = 1, 'y' = -2), dec Decimal(12, 3)";
    let table = table(&client, "types", columns).await;
    let block = all_types();
    let ids = 0..200_u8;
    let insert = format!("INSERT INTO {table} VALUES");
    client.insert(insert, block.clone()).await.unwrap();

    let rows = client
        .query(format!("SELECT * FROM {table} ORDER BY u8"))
        .await
        .unwrap();
    assert_eq!(rows.len(), block.rows());
    for (row, n) in rows.iter().zip(ids.clone()) {
        for (at, column) in block.columns().iter().enumerate() {
            let read = row.value(at).unwrap();
            let written = block.value(usize::from(n), at).unwrap();
            let as_typed = as_in_the_table(column.name(), written);
            assert_eq!(read, as_typed, "row {n}, column {}", column.name());
        }
    }
    // What the server makes of them, independent of our decoder.
    let sum = one(
        &client,
        &format!("SELECT sum(length(s)) + sum(length(a)) FROM {table}"),
    )
    .await;
    let expected: u64 = ids.map(|n| 2 + 2 * u64::from(n)).sum();
    assert_eq!(sum, expected);
    let text = format!(
        "SELECT count() FROM {table} WHERE toString(id) = '55555555-5555-5555-5555-555555555555'"
    );
    assert_eq!(one(&client, &text).await, 1);
    client.execute(format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn low_cardinality_is_written_with_a_dictionary() {
    let client = client().await;
    let name = format!("ch_native_lc_{}", std::process::id());
    let allow =
        |sql: String| Query::new(sql).with_setting("allow_experimental_low_cardinality_type", true);
    let create = format!(
        "CREATE TABLE {name} (s LowCardinality(String), n LowCardinality(Nullable(String))) ENGINE = Memory"
    );
    client.execute(allow(create)).await.unwrap();
    let s: Vec<String> = (0..1000).map(|n| format!("v{}", n % 300)).collect();
    let n: Vec<Option<String>> = (0..1000)
        .map(|n| (n % 3 > 0).then(|| format!("{}", n % 7)))
        .collect();
    let block = Block::new()
        .with("s", s.clone())
        .and_then(|b| b.with("n", n.clone()))
        .unwrap();
    client
        .insert(allow(format!("INSERT INTO {name} VALUES")), block)
        .await
        .unwrap();
    let rows = client
        .query(allow(format!("SELECT s, n FROM {name}")))
        .await
        .unwrap();
    let read: Vec<(String, Option<String>)> = rows.typed().unwrap().map(Result::unwrap).collect();
    let written: Vec<_> = s.into_iter().zip(n).collect();
    assert_eq!(read, written);
    client.execute(format!("DROP TABLE {name}")).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn many_blocks_stream_in_both_directions_with_every_compression() {
    for compression in [Compression::Off, Compression::Lz4, Compression::Zstd] {
        let client = Client::connect(config().with_compression(compression))
            .await
            .unwrap();
        let table = table(
            &client,
            &format!("blocks_{compression:?}"),
            "n UInt64, s String",
        )
        .await;
        let mut insert = client
            .inserter(format!("INSERT INTO {table} (n, s) VALUES"))
            .await
            .unwrap();
        const BLOCK: u64 = 50_000;
        for start in (0..8).map(|i| i * BLOCK) {
            let numbers: Vec<u64> = (start..start + BLOCK).collect();
            let texts = numbers.iter().map(u64::to_string).collect();
            insert
                .send(
                    Block::new()
                        .with("n", numbers)
                        .and_then(|b| b.with("s", texts))
                        .unwrap(),
                )
                .await
                .unwrap();
        }
        assert_eq!(insert.rows(), 8 * BLOCK);
        insert.finish().await.unwrap();

        let mut stream = client
            .query_stream(format!("SELECT n, s FROM {table}"))
            .await
            .unwrap();
        let (mut count, mut sum) = (0_u64, 0_u64);
        while let Some(block) = stream.next_block().await.unwrap() {
            for row in block.typed::<(u64, &str)>().unwrap() {
                let (n, s) = row.unwrap();
                assert_eq!(s.parse(), Ok(n));
                count += 1;
                sum += n;
            }
        }
        assert_eq!(
            (count, sum),
            (8 * BLOCK, (0..8 * BLOCK).sum()),
            "{compression:?}"
        );
        assert!(stream.summary().progress.read_rows >= count);
        client.execute(format!("DROP TABLE {table}")).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_dropped_stream_is_cancelled_and_the_connection_goes_on() {
    let client = client().await;
    for _ in 0..3 {
        let mut stream = client
            .query_stream("SELECT number FROM system.numbers")
            .await
            .unwrap();
        assert!(stream.next_block().await.unwrap().unwrap().rows() > 0);
        drop(stream);
        assert_eq!(one(&client, "SELECT toUInt64(42)").await, 42);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_dropped_insert_leaves_the_client_usable() {
    let client = client().await;
    let table = table(&client, "dropped", "n UInt64").await;
    let mut insert = client
        .inserter(format!("INSERT INTO {table} VALUES"))
        .await
        .unwrap();
    insert
        .send(Block::new().with("n", vec![1_u64]).unwrap())
        .await
        .unwrap();
    drop(insert);
    let block = Block::new().with("n", vec![2_u64, 3]).unwrap();
    client
        .insert(format!("INSERT INTO {table} VALUES"), block)
        .await
        .unwrap();
    let sql = format!("SELECT count() FROM {table} WHERE n > 1");
    assert_eq!(one(&client, &sql).await, 2);
    client.execute(format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn refusals_are_errors_and_the_client_goes_on() {
    let client = client().await;
    for (sql, code) in [
        ("SELECT 1 FROM no_such_table", 60),
        ("SELEC 1", 62),
        ("SELECT throwIf(number = 100000) FROM system.numbers", 395),
        ("SELECT no_such_function(1)", 46),
    ] {
        let error = client.query(sql).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Server, Sent::Yes),
            "{sql}"
        );
        assert_eq!(error.server().unwrap().code, code, "{sql}: {error}");
        client.ping().await.unwrap();
        assert_eq!(one(&client, "SELECT toUInt64(7)").await, 7);
    }
    let query = Query::new("SELECT 1").with_setting("no_such_setting", 1_u64);
    assert_eq!(
        client
            .query(query)
            .await
            .unwrap_err()
            .server()
            .unwrap()
            .code,
        115
    );
    assert_eq!(one(&client, "SELECT toUInt64(8)").await, 8);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn settings_and_progress_reach_the_other_side() {
    let client = Client::connect(config().with_setting("max_block_size", 10))
        .await
        .unwrap();
    let rows = client
        .query("SELECT number FROM system.numbers LIMIT 100")
        .await
        .unwrap();
    assert_eq!(rows.blocks().len(), 10, "the setting of the configuration");
    let query = Query::new("SELECT number FROM system.numbers LIMIT 100")
        .with_setting("max_block_size", 50_u64);
    assert_eq!(
        client.query(query).await.unwrap().blocks().len(),
        2,
        "the query's own wins"
    );
    assert_eq!(rows.summary().profile.unwrap().rows, 100);
    let query =
        Query::new("SELECT number FROM system.numbers LIMIT 5").with_setting("extremes", true);
    let rows = client.query(query).await.unwrap();
    let extremes = rows.summary().extremes.as_ref().unwrap();
    assert_eq!(extremes.value(1, 0), Some(Value::UInt(4)));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn clones_take_turns_on_one_connection() {
    let client = client().await;
    let tasks: Vec<_> = (0..20_u64)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move { one(&client, &format!("SELECT toUInt64({n})")).await })
        })
        .collect();
    for (n, task) in (0..20).zip(tasks) {
        assert_eq!(task.await.unwrap(), n);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn older_revisions_are_spoken_too() {
    for revision in [54_058, 54_060, 54_372, 54_401, 54_405, 54_412] {
        let client = Client::connect(config().with_max_revision(revision))
            .await
            .unwrap();
        assert!(client.revision() <= revision);
        assert_eq!(
            one(&client, "SELECT toUInt64(1)").await,
            1,
            "revision {revision}"
        );
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn an_unknown_database_is_refused_at_login() {
    let error = Client::connect(config().with_database("no_such_database"))
        .await
        .unwrap_err();
    assert_eq!(error.server().unwrap().code, 81, "{error}");
}

mod auth {
    use super::*;

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn auth_wrong_password_is_refused_quickly() {
        let config = Config::from_url(&url("WIRE_TEST_CLICKHOUSE_AUTH_URL")).unwrap();
        let client = Client::connect(config.clone()).await.unwrap();
        client.ping().await.unwrap();
        let began = std::time::Instant::now();
        let error = Client::connect(config.with_credentials("default", "certainly wrong"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert!(began.elapsed() < Duration::from_secs(4));
        assert!(!format!("{error:?} {error}").contains("certainly wrong"));
    }
}

mod tls {
    use super::*;

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn tls_connects_and_verifies() {
        let url = url("WIRE_TEST_CLICKHOUSE_TLS_URL");
        let client = Client::connect(Config::from_url(&url).unwrap())
            .await
            .unwrap();
        assert_eq!(one(&client, "SELECT toUInt64(1)").await, 1);
        // Mozilla's roots do not know the server's authority.
        let error = Client::connect(Config::from_url(&url).unwrap().with_tls())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    }
}

fn pid(variable: &str) -> u32 {
    url(variable).parse().unwrap()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn crash_in_the_middle_of_a_result_is_an_error() {
    let config = Config::from_url(&url("WIRE_TEST_CLICKHOUSE_CRASH_URL")).unwrap();
    let client = Client::connect(config).await.unwrap();
    let mut stream = client
        .query_stream("SELECT number FROM system.numbers")
        .await
        .unwrap();
    assert!(stream.next_block().await.unwrap().is_some());
    wire_testkit::kill(pid("WIRE_TEST_CLICKHOUSE_CRASH_PID"));
    let error = loop {
        match stream.next_block().await {
            Ok(block) => assert!(block.is_some(), "a cut result looks complete"),
            Err(error) => break error,
        }
    };
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Io, Sent::Maybe),
        "{error:?}"
    );
    let error = client.query("SELECT 1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Connect, Sent::No),
        "{error:?}"
    );
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn pause_of_the_server_ends_in_a_timeout_and_the_client_recovers() {
    let short = config().with_request_timeout(Duration::from_millis(500));
    let client = Client::connect(short).await.unwrap();
    let paused = wire_testkit::Paused::new(pid("WIRE_TEST_CLICKHOUSE_PID"));
    let error = client.query("SELECT 1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Timeout, Sent::Maybe),
        "{error:?}"
    );
    drop(paused);
    assert_eq!(one(&client, "SELECT toUInt64(5)").await, 5);
}

/// Each kind of value that servers from before 2020 tell apart, read back from the server.
#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn settings_of_every_kind_are_understood() {
    let client = client().await;
    let settings = [
        ("max_rows_to_group_by", "7000000"),
        ("extremes", "1"),
        ("connect_timeout", "9"),
        ("totals_auto_threshold", "0.75"),
        ("distributed_ddl_task_timeout", "-5"),
        ("network_zstd_compression_level", "3"),
        ("load_balancing", "in_order"),
        ("read_overflow_mode", "break"),
        ("send_logs_level", "none"),
    ];
    let mut query = Query::new("SELECT name, value FROM system.settings");
    for (name, value) in settings {
        query = query.with_setting(name, value);
    }
    let rows = client.query(query).await.unwrap();
    let read: Vec<(String, String)> = rows.typed().unwrap().map(Result::unwrap).collect();
    for (name, value) in settings {
        let (_, found) = read.iter().find(|(known, _)| known == name).unwrap();
        assert_eq!(found, value, "{name}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn external_tables_can_be_used_by_name() {
    for compression in [
        Compression::Off,
        Compression::Checksum,
        Compression::Lz4,
        Compression::Zstd,
    ] {
        let client = Client::connect(config().with_compression(compression))
            .await
            .unwrap();
        let numbers = |numbers: Vec<u64>| Block::new().with("n", numbers).unwrap();
        let query = Query::new("SELECT number FROM numbers(100) WHERE number IN (SELECT n FROM wanted) AND number NOT IN empty")
            .with_external_table("wanted", numbers(vec![3, 50]))
            .with_external_table("wanted", numbers(vec![70, 1000]))
            .with_external_table("empty", numbers(Vec::new()));
        let rows = client.query(query).await.unwrap();
        let read: Vec<u64> = rows
            .typed::<(u64,)>()
            .unwrap()
            .map(|row| row.unwrap().0)
            .collect();
        assert_eq!(read, [3, 50, 70], "{compression:?}");
        let names: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let large = Block::new().with("s", names).unwrap();
        let query =
            Query::new("SELECT count(), sum(length(s)) FROM big").with_external_table("big", large);
        let rows = client.query(query).await.unwrap();
        let sums: Vec<(u64, u64)> = rows.typed().unwrap().map(Result::unwrap).collect();
        assert_eq!(sums, [(100_000, 488_890)], "{compression:?}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn tables_that_are_there_are_told() {
    let client = client().await;
    let name = table(&client, "status", "id UInt8").await;
    let tables = [("default", name.as_str()), ("default", "no_such_table")];
    let told = client.tables_status(&tables).await.unwrap();
    assert_eq!(told, [TableStatus::new("default", &name)]);
    assert_eq!(one(&client, "SELECT toUInt64(9)").await, 9);
    client.execute(format!("DROP TABLE {name}")).await.unwrap();
}

/// Servers that know parameters take these as they are; others are not sent any.
#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn parameters_arrive_as_they_were_given() {
    let client = client().await;
    let hard = "tab\t quote' backslash\\ newline\n \\N";
    let query = Query::new("SELECT {s:String}, {n:Nullable(UInt8)} IS NULL, {a:Array(String)}[1]")
        .with_parameter("s", hard)
        .with_parameter("n", None::<u8>)
        .with_parameter("a", vec![hard]);
    let result = client.query(query).await;
    if client.revision() < 54_459 {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Encode);
        return;
    }
    let rows = result.unwrap();
    let read: Vec<(&str, u8, &str)> = rows.typed().unwrap().map(Result::unwrap).collect();
    assert_eq!(read, [(hard, 1, hard)]);
}

/// A token and a key that the server does not know, or no such way to log in: refused, and said to be that.
#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn other_logins_are_refused_as_such() {
    let token = config()
        .with_jwt("no.such.token")
        .allow_plaintext_password(true);
    let key = config().with_ssh_signer("nobody", |_: &[u8]| Ok(b"no signature".to_vec()));
    for config in [token, key] {
        let error = Client::connect(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
    }
}
