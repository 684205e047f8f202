//! The client against a real server, given by environment variables (docs/testing.md). Each test has a database of its
//! own, which it deletes first, so the tests may be repeated on the same server.
#![cfg(feature = "client")]

use std::time::Duration;

use iotdb_thrift::tablet::{Record, Tablet, TabletColumn};
use iotdb_thrift::{Client, Config, DataType, Date, Error, ErrorKind, Rows, Sent, Server, Value};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo xtask integration-test iotdb`, or set it to a server's URL")
    })
}

fn config() -> Config {
    Config::from_url(&variable("WIRE_TEST_IOTDB_URL")).unwrap()
}

/// A client and an empty database.
async fn start(config: Config, database: &str) -> (Client, Server) {
    let client = Client::connect(config).await.unwrap();
    let server = client.server().unwrap();
    let kind = if server.has_blocks() {
        "database"
    } else {
        "storage group"
    };
    match client.execute(&format!("delete {kind} {database}")).await {
        Err(error) if error.kind() != ErrorKind::Server => panic!("{error:?}"),
        _ => {}
    }
    (client, server)
}

/// Three rows of every type that the server knows: values, nulls where it can store them, and extremes.
fn every_type(server: &Server, device: &str) -> Tablet {
    let null = |value: Value| {
        if server.has_nulls_in_tablets() {
            Value::Null
        } else {
            value
        }
    };
    let date = |y, m, d| Value::Date(Date::new(y, m, d).unwrap());
    let columns = [
        (
            DataType::Boolean,
            Value::Boolean(true),
            Value::Boolean(false),
        ),
        (
            DataType::Int32,
            Value::Int32(i32::MIN),
            Value::Int32(i32::MAX),
        ),
        (
            DataType::Int64,
            Value::Int64(i64::MIN),
            Value::Int64(i64::MAX),
        ),
        (
            DataType::Float,
            Value::Float(f32::MIN_POSITIVE),
            Value::Float(-1.5),
        ),
        (
            DataType::Double,
            Value::Double(f64::MIN_POSITIVE),
            Value::Double(1e300),
        ),
        (DataType::Text, Value::from("naïve ☃"), Value::from("")),
        (
            DataType::Timestamp,
            Value::Timestamp(0),
            Value::Timestamp(1_700_000_000_123),
        ),
        (DataType::Date, date(1000, 1, 1), date(9999, 12, 31)),
        (
            DataType::Blob,
            Value::Blob(vec![0, 255, 10].into()),
            Value::Blob(Vec::new().into()),
        ),
        (
            DataType::String,
            Value::String("string".into()),
            Value::String("".into()),
        ),
    ];
    let columns: Vec<_> = columns
        .into_iter()
        .filter(|(ty, ..)| ty.is_classic() || server.has_new_types())
        .collect();
    let names = columns
        .iter()
        .map(|(ty, ..)| (format!("a_{ty}").to_lowercase(), *ty));
    let mut tablet = Tablet::new(device, names).unwrap();
    tablet
        .push(30, columns.iter().map(|(_, first, _)| first.clone()))
        .unwrap();
    tablet
        .push(-20, columns.iter().map(|(_, _, second)| second.clone()))
        .unwrap();
    // Every second value; the row itself stays.
    let half = columns.iter().enumerate().map(|(i, (_, first, _))| {
        if i % 2 == 0 {
            first.clone()
        } else {
            null(first.clone())
        }
    });
    tablet.push(10, half).unwrap();
    tablet
}

fn select(tablet: &Tablet) -> String {
    let names: Vec<_> = tablet.columns().iter().map(TabletColumn::name).collect();
    format!("select {} from {}", names.join(", "), tablet.device())
}

/// The rows of a tablet in the order of time.
fn assert_rows(rows: &Rows, tablet: &Tablet) {
    let mut order: Vec<_> = (0..tablet.rows()).collect();
    order.sort_by_key(|row| tablet.times()[*row]);
    assert_eq!(rows.len(), tablet.rows());
    for (row, source) in rows.iter().zip(order) {
        assert_eq!(row.get::<i64>(0).unwrap(), tablet.times()[source]);
        for (i, column) in tablet.columns().iter().enumerate() {
            assert_eq!(
                row.get::<Value>(i + 1).unwrap(),
                column.value(source),
                "{} {row:?}",
                column.name()
            );
        }
    }
}

async fn round_trip(config: Config, database: &str) {
    let (client, server) = start(config, database).await;
    let tablet = every_type(&server, &format!("{database}.d"));
    client.insert_tablet(&tablet).await.unwrap();
    assert_rows(&client.query(&select(&tablet)).await.unwrap(), &tablet);
    client.close().await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn every_type_is_read_back_as_it_was_written() {
    round_trip(config(), "root.live_types").await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn records_and_aligned_devices_hold_the_same() {
    let (client, server) = start(config(), "root.live_records").await;
    let tablet = every_type(&server, "root.live_records.d");
    let records: Vec<_> = (0..tablet.rows())
        .map(|row| {
            let record = Record::new(tablet.device(), tablet.times()[row]);
            tablet.columns().iter().fold(record, |record, column| {
                record.with(column.name(), column.value(row))
            })
        })
        .collect();
    client.insert_record(&records[0]).await.unwrap();
    client.insert_records(&records[1..]).await.unwrap();
    assert_rows(&client.query(&select(&tablet)).await.unwrap(), &tablet);
    let aligned = every_type(&server, "root.live_records.aligned").aligned(true);
    client.insert_tablet(&aligned).await.unwrap();
    assert_rows(&client.query(&select(&aligned)).await.unwrap(), &aligned);
}

const MANY: i64 = 30_000;

/// 30,000 rows of one `INT64`, in four tablets of several hundred kilobytes or one small one.
async fn many_rows(client: &Client, device: &str) {
    for start in (0..MANY).step_by(10_000) {
        let times: Vec<i64> = (start..start + 10_000).collect();
        let columns = vec![TabletColumn::new(
            "n",
            times.iter().map(|t| t * 3).collect::<Vec<_>>(),
        )];
        client
            .insert_tablet(&Tablet::from_columns(device, times, columns).unwrap())
            .await
            .unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_large_result_comes_page_by_page() {
    let (client, _) = start(config().with_fetch_size(100), "root.live_pages").await;
    many_rows(&client, "root.live_pages.d").await;
    let rows = client
        .query_stream("select n from root.live_pages.d")
        .await
        .unwrap();
    let mut rows = rows.typed::<(i64, i64)>().unwrap();
    let mut read = 0;
    while let Some((time, value)) = rows.try_next().await.unwrap() {
        assert_eq!((time, value), (read, read * 3));
        read += 1;
    }
    assert_eq!(read, MANY);
    let rows = client
        .query("select count(n), max_value(n) from root.live_pages.d")
        .await
        .unwrap();
    let row: Vec<(i64, i64)> = rows.typed().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(row, [(MANY, (MANY - 1) * 3)]);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_dropped_stream_is_closed_at_the_server() {
    let (client, _) = start(config().with_fetch_size(100), "root.live_drop").await;
    many_rows(&client, "root.live_drop.d").await;
    let statement = "select n from root.live_drop.d";
    let running = || async {
        let rows = client.query("show queries").await.unwrap();
        let shown = |row: iotdb_thrift::Row<'_>| row.get_by_name::<String>("Statement").unwrap();
        rows.iter().filter(|row| shown(*row) == statement).count()
    };
    let mut stream = client.query_stream(statement).await.unwrap();
    stream.try_next().await.unwrap().unwrap();
    assert_eq!(running().await, 1);
    drop(stream);
    // By its answer the background task has had its turn, and its request stands before the next.
    client.ping().await.unwrap();
    assert_eq!(running().await, 0);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn futures_that_are_given_up_leave_the_connection_in_step() {
    let (client, _) = start(config().with_fetch_size(100), "root.live_cancel").await;
    many_rows(&client, "root.live_cancel.d").await;
    for micros in (0..4_000).step_by(40) {
        let query = client.query("select n from root.live_cancel.d");
        let _ = tokio::time::timeout(Duration::from_micros(micros), query).await;
        let expected = micros % 1000;
        let rows = client
            .query(&format!(
                "select n from root.live_cancel.d where time = {expected}"
            ))
            .await
            .unwrap();
        let row: Vec<(i64, i64)> = rows.typed().unwrap().collect::<Result<_, _>>().unwrap();
        let expected = i64::try_from(expected).unwrap();
        assert_eq!(row, [(expected, expected * 3)]);
    }
    assert_eq!(client.load().unwrap().1, 0, "orphans");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn many_tasks_share_one_connection() {
    let (client, _) = start(config(), "root.live_tasks").await;
    let device = |i: i64| format!("root.live_tasks.d{i}");
    let tasks: Vec<_> = (0..100)
        .map(|i| {
            let client = client.clone();
            tokio::spawn(async move {
                let columns = vec![TabletColumn::new("n", vec![i])];
                client
                    .insert_tablet(&Tablet::from_columns(device(i), vec![i], columns)?)
                    .await?;
                let rows = client
                    .query(&format!("select n from {}", device(i)))
                    .await?;
                let row: Vec<(i64, i64)> = rows.typed()?.collect::<Result<_, _>>()?;
                assert_eq!(row, [(i, i)]);
                Ok::<_, Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn refusals_name_statement_device_and_measurement() {
    let (client, _) = start(config(), "root.live_errors").await;
    let error = client
        .query("selec n from root.live_errors.d")
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
    assert_eq!(error.server().unwrap().name(), "SQL_PARSE_ERROR");
    assert!(
        error
            .to_string()
            .contains("`selec n from root.live_errors.d`"),
        "{error}"
    );

    client
        .insert_record(&Record::new("root.live_errors.d", 1).with("n", 1))
        .await
        .unwrap();
    let text = Tablet::from_columns(
        "root.live_errors.d",
        vec![2],
        vec![TabletColumn::new("n", vec!["x"])],
    )
    .unwrap();
    let error = client.insert_tablet(&text).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(
        error
            .to_string()
            .contains("insertTablet of a row of root.live_errors.d"),
        "{error}"
    );
    assert!(
        error.to_string().contains("INT32") && error.to_string().contains("TEXT"),
        "{error}"
    );

    let records = [
        Record::new("root.live_errors.e", 1).with("n", 1),
        Record::new("root.live_errors.d", 3).with("n", "x"),
    ];
    let error = client.insert_records(&records).await.unwrap_err();
    // 2.0.10 answers with the one failure; others list it as a part.
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(
        error.to_string().contains("insertRecords of 2 records"),
        "{error}"
    );
    assert!(error.to_string().contains("TEXT"), "{error}");
    let rows = client
        .query("select n from root.live_errors.e")
        .await
        .unwrap();
    assert_eq!(rows.len(), 1, "the others of a batch are written");

    let unknown = client
        .query("select n from root.live_errors.nowhere")
        .await
        .unwrap();
    assert!(unknown.is_empty());
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_tablet_above_the_frame_limit_of_the_server_is_not_sent() {
    let (client, server) = start(config(), "root.live_limit").await;
    let limit = server.max_frame_bytes().expect("2.x says its limit");
    let columns = vec![TabletColumn::new("b", vec![vec![0_u8; limit]])];
    let tablet = Tablet::from_columns("root.live_limit.d", vec![1], columns).unwrap();
    let error = client.insert_tablet(&tablet).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Limit, Sent::No),
        "{error}"
    );
    client.ping().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn a_paused_server_runs_into_the_timeout_and_the_client_comes_back() {
    let pid = pid("WIRE_TEST_IOTDB_PID");
    let client = Client::connect(config().with_request_timeout(Duration::from_secs(1)))
        .await
        .unwrap();
    let paused = wire_testkit::Paused::new(pid);
    let error = client.ping().await.unwrap_err();
    drop(paused);
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Timeout, Sent::Maybe),
        "{error:?}"
    );
    let client = Client::connect(config()).await.unwrap();
    client.ping().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn auth_a_wrong_password_is_refused() {
    let config = Config::from_url(&variable("WIRE_TEST_IOTDB_AUTH_URL")).unwrap();
    Client::connect(config.clone())
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
    let error = Client::connect(config.clone().with_credentials("root", "SENTINEL"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!format!("{error:?}").contains("SENTINEL"));
    let error = Client::connect(config.with_credentials("nobody", "x"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn compact_protocol_carries_the_same() {
    let config = || {
        let config = Config::from_url(&variable("WIRE_TEST_IOTDB_COMPACT_URL")).unwrap();
        config.with_protocol(iotdb_thrift::Protocol::Compact)
    };
    round_trip(config(), "root.live_compact").await;
    let error = Client::connect(config().with_protocol(iotdb_thrift::Protocol::Binary))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(
        error.to_string().contains("protocol=binary|compact"),
        "{error}"
    );
}

#[cfg(feature = "rustls-023")]
#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn tls_carries_the_same_and_distrusts_strangers() {
    let url = variable("WIRE_TEST_IOTDB_TLS_URL");
    round_trip(Config::from_url(&url).unwrap(), "root.live_tls").await;
    let stranger = Config::from_url(&url).unwrap().with_tls();
    let error = Client::connect(stranger).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    // The same port without TLS.
    let plain = url.split('?').next().unwrap();
    let error = Client::connect(Config::from_url(plain).unwrap())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
}

/// The last test in the alphabet kills its server.
#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn zz_crash_in_the_middle_of_a_result() {
    let config = Config::from_url(&variable("WIRE_TEST_IOTDB_CRASH_URL")).unwrap();
    let pid = pid("WIRE_TEST_IOTDB_CRASH_PID");
    let (client, _) = start(config.with_fetch_size(100), "root.live_crash").await;
    many_rows(&client, "root.live_crash.d").await;
    let mut stream = client
        .query_stream("select n from root.live_crash.d")
        .await
        .unwrap();
    stream.try_next().await.unwrap().unwrap();
    wire_testkit::kill(pid);
    let error = loop {
        match stream.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the result looks whole"),
            Err(error) => break error,
        }
    };
    assert!(error.is_closed(), "{error:?}");
    assert!(stream.try_next().await.unwrap().is_none());
    let error = client.ping().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Connect, Sent::No),
        "{error:?}"
    );
}

fn pid(name: &str) -> u32 {
    variable(name).parse().unwrap()
}
