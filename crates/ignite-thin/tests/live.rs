//! The client against a real server: `cargo xtask integration-test ignite`.
//!
//! The plain tests need `WIRE_TEST_IGNITE_URL`, those of `auth` and `tls` a server that is set up for it.
#![cfg(feature = "client")]

use std::collections::BTreeMap;
use std::time::Duration;

use ignite_thin::codec::{Features, Version};
use ignite_thin::{
    Client, Config, Date, Decimal, Error, ErrorKind, Sql, Status, Time, Timestamp, Uuid, Value,
};

fn config(variable: &str) -> Config {
    let url = std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `cargo xtask integration-test ignite`, or set it to the URL of a server")
    });
    Config::from_url(&url).unwrap()
}

async fn client() -> Client {
    Client::connect(config("WIRE_TEST_IGNITE_URL"))
        .await
        .unwrap()
}

/// A new cache for one test.
async fn fresh(client: &Client, name: &str) -> ignite_thin::Cache {
    let _ = client.destroy_cache(name).await;
    client.get_or_create_cache(name).await.unwrap()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn values_of_every_type_come_back() {
    let client = client().await;
    let cache = fresh(&client, "live-types").await;
    let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let text = || Value::String("aé€\u{1f600}".into());
    let values = vec![
        Value::Byte(-7),
        Value::Short(-300),
        Value::Int(i32::MIN),
        Value::Long(i64::MAX),
        Value::Float(1.5),
        Value::Double(-0.1),
        Value::Char(0x20ac),
        Value::Bool(true),
        text(),
        Value::Uuid(uuid),
        Value::Date(Date::from_millis(-1)),
        Value::Time(Time::from_millis(86_399_999)),
        Value::Timestamp(Timestamp::new(-1, 999_999).unwrap()),
        Value::Decimal(Decimal::new(i128::MIN, 40)),
        Value::Decimal(Decimal::new(0, 0)),
        Value::Bytes(vec![0, 255].into()),
        Value::ShortArray(vec![1]),
        Value::IntArray(vec![]),
        Value::LongArray(vec![i64::MIN]),
        Value::FloatArray(vec![0.5]),
        Value::DoubleArray(vec![0.5]),
        Value::CharArray(vec![0xd83d]),
        Value::BoolArray(vec![true, false]),
        Value::StringArray(vec![Some("a".into()), None]),
        Value::UuidArray(vec![None, Some(uuid)]),
        Value::DateArray(vec![Some(Date::from_millis(5))]),
        Value::TimeArray(vec![Some(Time::from_millis(5))]),
        Value::TimestampArray(vec![Timestamp::new(5, 5)]),
        Value::DecimalArray(vec![Some(Decimal::new(-1234, 2)), None]),
        Value::list([Value::Int(1), Value::Null, Value::list([text()])]),
        Value::Map {
            kind: ignite_thin::MapKind::LinkedHashMap,
            entries: vec![(text(), Value::Null), (Value::Int(1), text())],
        },
        Value::ObjectArray {
            type_id: -1,
            class_name: None,
            items: vec![Value::Int(1), text()],
        },
    ];
    for (key, value) in (0_i32..).zip(&values) {
        cache.put(&key, value).await.unwrap();
        let got: Option<Value> = cache.get(&key).await.unwrap();
        assert_eq!(got.as_ref(), Some(value));
        // As a key as well: the server compares bytes, so the same value is the same key.
        cache.put(value, &key).await.unwrap();
        assert_eq!(
            cache.get::<_, i32>(value).await.unwrap(),
            Some(key),
            "{value:?}"
        );
    }
    client.destroy_cache("live-types").await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn entries_are_written_read_scanned_and_removed() {
    let client = client().await;
    let cache = fresh(&client, "live-entries").await;
    assert!(
        client
            .cache_names()
            .await
            .unwrap()
            .contains(&"live-entries".to_owned())
    );
    let all: BTreeMap<i64, String> = (0..3_000).map(|n| (n, format!("value {n}"))).collect();
    cache.put_all(&all).await.unwrap();
    let some: Vec<(i64, String)> = cache.get_all(&[1_i64, 2, 5_000]).await.unwrap();
    assert_eq!(some.len(), 2);
    let mut scanned = BTreeMap::new();
    let mut scan = cache.scan::<i64, String>().await.unwrap();
    while let Some(entry) = scan.try_next().await.unwrap() {
        let (key, value) = entry;
        scanned.insert(key, value);
    }
    assert_eq!(scanned, all);
    assert!(cache.contains_key(&7_i64).await.unwrap());
    assert!(
        !cache.contains_key(&7_i32).await.unwrap(),
        "another type is another key"
    );
    assert!(cache.remove(&7_i64).await.unwrap());
    assert!(!cache.remove(&7_i64).await.unwrap());
    assert_eq!(cache.get::<_, String>(&7_i64).await.unwrap(), None);
    client.destroy_cache("live-entries").await.unwrap();
    let error = cache.get::<_, String>(&1_i64).await.unwrap_err();
    assert_eq!(error.server().unwrap().status(), Status::CacheDoesNotExist);
    assert!(
        error.to_string().starts_with("cache live-entries: "),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn large_values_cross_the_wire() {
    let client = client().await;
    let cache = fresh(&client, "live-large").await;
    let value: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    cache.put("large", &value).await.unwrap();
    assert!(cache.get::<_, Vec<u8>>("large").await.unwrap() == Some(value));
    client.destroy_cache("live-large").await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn many_requests_share_a_connection() {
    let client = client().await;
    let cache = fresh(&client, "live-many").await;
    let tasks: Vec<_> = (0..2_000_i32)
        .map(|n| {
            let cache = cache.clone();
            tokio::spawn(async move {
                cache.put(&n, &(n * 3)).await.unwrap();
                assert_eq!(cache.get::<_, i32>(&n).await.unwrap(), Some(n * 3));
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    client.destroy_cache("live-many").await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn statements_write_and_read_rows_of_every_type() {
    let client = client().await;
    client
        .execute("DROP TABLE IF EXISTS LIVE_T", ())
        .await
        .unwrap();
    let create = "CREATE TABLE LIVE_T (ID INT PRIMARY KEY, A TINYINT, B SMALLINT, C BIGINT, D REAL, E DOUBLE, \
                  F BOOLEAN, G VARCHAR, H UUID, I DATE, J BINARY(3), K DECIMAL(10, 2), L TIMESTAMP, M TIME)";
    assert_eq!(client.execute(create, ()).await.unwrap(), 0);
    let row = || {
        vec![
            Value::Int(1),
            Value::Byte(1),
            Value::Short(2),
            Value::Long(4),
            Value::Float(1.5),
            Value::Double(2.5),
            Value::Bool(true),
            Value::String("text".into()),
            Value::Uuid(Uuid::from_u128(5)),
            // Midnight in UTC, the server's zone.
            Value::Date(Date::from_millis(1_577_923_200_000)),
            Value::Bytes(vec![1, 2, 255].into()),
            Value::Decimal(Decimal::new(1234, 2)),
            Value::Timestamp(Timestamp::new(1_577_934_245_123, 456_789).unwrap()),
            Value::Time(Time::from_millis(3_723_000)),
        ]
    };
    let insert = "INSERT INTO LIVE_T (ID, A, B, C, D, E, F, G, H, I, J, K, L, M) \
                  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    assert_eq!(client.execute(insert, row()).await.unwrap(), 1);
    let mut nulls = vec![Value::Null; 14];
    nulls[0] = Value::Int(2);
    assert_eq!(client.execute(insert, nulls.clone()).await.unwrap(), 1);
    let rows = client
        .query("SELECT * FROM LIVE_T ORDER BY ID", ())
        .await
        .unwrap();
    assert_eq!(rows.decode::<Vec<Value>>().unwrap(), [row(), nulls]);
    let error = client.execute(insert, row()).await.unwrap_err();
    assert_eq!(error.server().unwrap().sql_state(), Some("23000"));
    client.execute("DROP TABLE LIVE_T", ()).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn pages_follow_each_other_and_dropped_streams_leave_no_cursor() {
    let client = client().await;
    let sql = || Sql::new("SELECT X FROM SYSTEM_RANGE(1, ?)").with_page_size(10);
    let rows = client.query(sql(), (95_i64,)).await.unwrap();
    let numbers: Vec<i64> = rows
        .decode::<(i64,)>()
        .unwrap()
        .into_iter()
        .map(|(x,)| x)
        .collect();
    assert_eq!(numbers, (1..=95).collect::<Vec<_>>());
    // More than the 128 cursors that a connection may have.
    for taken in 0..300 {
        let mut rows = client.query_stream(sql(), (95_i64,)).await.unwrap();
        for _ in 0..taken % 30 {
            rows.try_next().await.unwrap().unwrap();
        }
    }
    // And given up before the answer.
    for _ in 0..300 {
        let query = client.query(sql(), (95_i64,));
        let _ = tokio::time::timeout(Duration::from_micros(300), query).await;
    }
    client.query(sql(), (95_i64,)).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn refusals_are_typed() {
    let client = client().await;
    let state = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Server);
        error.server().unwrap().sql_state().unwrap().to_owned()
    };
    assert_eq!(
        state(client.query("SELEKT 1", ()).await.unwrap_err()),
        "42000"
    );
    assert_eq!(
        state(client.execute("SELECT 1", ()).await.unwrap_err()),
        "42000"
    );
    let no_schema = Sql::new("SELECT * FROM T").with_schema("NO_SUCH_SCHEMA");
    let error = client.query(no_schema, ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    client.ping().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask integration-test"]
async fn the_newest_version_and_the_heartbeat_are_agreed_on() {
    let client = client().await;
    let info = client.server().unwrap();
    assert_eq!(info.protocol, Version::LATEST);
    assert_eq!(info.features, Features::SUPPORTED);
    assert!(info.node_id.is_some());
    client.ping().await.unwrap();
    // Without the bit the ping is another request.
    let plain = config("WIRE_TEST_IGNITE_URL").with_features(Features::NONE);
    let plain = Client::connect(plain).await.unwrap();
    assert_eq!(plain.server().unwrap().features, Features::NONE);
    plain.ping().await.unwrap();
}

mod auth {
    use super::*;

    const VARIABLE: &str = "WIRE_TEST_IGNITE_AUTH_URL";

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn auth_lets_the_right_user_in() {
        let client = Client::connect(config(VARIABLE)).await.unwrap();
        client.ping().await.unwrap();
        assert!(client.server().unwrap().node_id.is_some());
    }

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn auth_refuses_others() {
        let wrong = config(VARIABLE).with_credentials("ignite", "not-the-password");
        let error = Client::connect(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert_eq!(error.server().unwrap().status(), Status::AuthFailed);
        assert!(!format!("{error} {error:?}").contains("not-the-password"));
    }
}

#[cfg(feature = "rustls-023")]
mod tls {
    use super::*;

    const VARIABLE: &str = "WIRE_TEST_IGNITE_TLS_URL";

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn tls_carries_requests() {
        let client = Client::connect(config(VARIABLE)).await.unwrap();
        let cache = fresh(&client, "live-tls").await;
        cache.put(&1, "secret").await.unwrap();
        assert_eq!(
            cache.get::<_, String>(&1).await.unwrap().as_deref(),
            Some("secret")
        );
        client.destroy_cache("live-tls").await.unwrap();
    }

    #[tokio::test]
    #[ignore = "needs a server: cargo xtask integration-test"]
    async fn tls_refuses_a_server_of_an_unknown_authority() {
        let error = Client::connect(config(VARIABLE).with_tls())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    }
}
