//! Values as CQL text and as bytes, and structs, against the server's own understanding of them.

use std::net::IpAddr;
use std::sync::Arc;

use cql_v4::message::Named;
use cql_v4::types::{
    DataType, Date, Decimal, Duration as CqlDuration, Time, Timestamp, Timeuuid, Unset, Uuid,
    Value, Varint,
};
use cql_v4::{Client, ErrorKind, Row, Statement};

use crate::{client, is_5_or_later, run};

fn decimal(unscaled: impl Into<Varint>, scale: i32) -> Value {
    let unscaled = unscaled.into();
    Value::Decimal(Decimal { unscaled, scale })
}

fn span(months: i32, days: i32, nanos: i64) -> Value {
    Value::Duration(CqlDuration {
        months,
        days,
        nanos,
    })
}

fn huge() -> Varint {
    Varint::from_be_bytes(&[0x7f; 40]).unwrap()
}

/// Types with values at their ends and in their middle.
fn numbers() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "tinyint",
            [i8::MIN, -1, 0, i8::MAX].map(Value::from).to_vec(),
        ),
        (
            "smallint",
            [i16::MIN, -1, 0, i16::MAX].map(Value::from).to_vec(),
        ),
        ("int", [i32::MIN, -1, 0, i32::MAX].map(Value::from).to_vec()),
        (
            "bigint",
            [i64::MIN, -1, 0, i64::MAX].map(Value::from).to_vec(),
        ),
        (
            "float",
            [
                f32::MIN,
                -0.1,
                0.0,
                f32::MIN_POSITIVE,
                f32::MAX,
                f32::INFINITY,
            ]
            .map(Value::from)
            .to_vec(),
        ),
        (
            "double",
            [f64::MIN, -0.1, 0.0, 5e-324, f64::MAX, f64::NEG_INFINITY]
                .map(Value::from)
                .to_vec(),
        ),
        (
            "varint",
            [i128::MIN, -129, -1, 0, 127, 128, i128::MAX]
                .map(|n| Value::Varint(n.into()))
                .into_iter()
                .chain([Value::Varint(huge())])
                .collect(),
        ),
        (
            "decimal",
            vec![
                decimal(150_i64, 2),
                decimal(-1_i64, 3),
                decimal(12_i64, -3),
                decimal(0_i64, 0),
                decimal(0_i64, 5),
                decimal(7_i64, 100),
                decimal(i128::MIN, 38),
                decimal(huge(), 200),
            ],
        ),
    ]
}

fn others() -> Vec<(&'static str, Vec<Value>)> {
    let text = |list: &[&str]| list.iter().map(|s| Value::from(*s)).collect::<Vec<_>>();
    let addresses = [
        "127.0.0.1",
        "255.255.255.255",
        "::1",
        "2001:db8::ff00:42:8329",
    ];
    let timeuuids = [
        "c232ab00-9414-11ec-b3c8-9f6bdeced846",
        "00000000-0000-1000-8080-808080808080",
    ];
    vec![
        ("ascii", text(&["a", "it's", "~ \t"])),
        ("text", text(&["a", "it's", "naïve ☃ 𝄞", "''", "\0\u{7f}"])),
        (
            "blob",
            vec![
                Value::Blob(vec![].into()),
                Value::Blob(vec![0, 0xff].into()),
            ],
        ),
        ("boolean", vec![true.into(), false.into()]),
        (
            "inet",
            addresses
                .map(|a| Value::Inet(a.parse::<IpAddr>().unwrap()))
                .to_vec(),
        ),
        (
            "uuid",
            vec![Value::Uuid(Uuid([0; 16])), Value::Uuid(Uuid([0xff; 16]))],
        ),
        (
            "timeuuid",
            timeuuids
                .map(|t| Value::Timeuuid(t.parse().unwrap()))
                .to_vec(),
        ),
    ]
}

fn times() -> Vec<(&'static str, Vec<Value>)> {
    vec![
        (
            "timestamp",
            [
                0,
                -1,
                1_709_213_454_234,
                -12_212_553_600_000,
                -62_135_596_800_000,
                253_402_300_799_999,
            ]
            .into_iter()
            .chain([253_402_300_800_000, i64::MIN, i64::MAX])
            .map(|millis| Value::Timestamp(Timestamp(millis)))
            .collect(),
        ),
        (
            "date",
            [
                0,
                -1,
                19_782,
                -141_349,
                -141_350,
                -719_162,
                2_932_896,
                2_932_897,
                i32::MIN,
                i32::MAX,
            ]
            .map(|days| Value::Date(Date(days)))
            .to_vec(),
        ),
        (
            "time",
            [0, 1, 48_654_234_000_000, 86_399_999_999_999]
                .map(|nanos| Value::Time(Time::from_nanos(nanos).unwrap()))
                .to_vec(),
        ),
        (
            "duration",
            vec![
                span(1, 2, 3),
                span(-1, -2, -3),
                span(0, 0, 0),
                span(0, 5, 0),
                span(i32::MAX, i32::MAX, i64::MAX),
            ],
        ),
    ]
}

fn nested(udt: &DataType) -> Vec<(&'static str, Vec<Value>)> {
    let ints = |list: &[i32]| list.iter().map(|n| Value::Int(*n)).collect::<Vec<_>>();
    let DataType::Udt(udt) = udt else {
        panic!("{udt} is no user-defined type");
    };
    let of_udt = |values| Value::Udt(Arc::clone(udt), values);
    vec![
        ("list<int>", vec![Value::List(ints(&[3, 1, 3]))]),
        ("frozen<list<int>>", vec![Value::List(vec![])]),
        ("set<int>", vec![Value::Set(ints(&[1, 2, 3]))]),
        (
            "map<text, int>",
            vec![Value::Map(vec![
                ("a'".into(), 1.into()),
                ("b".into(), 2.into()),
            ])],
        ),
        (
            "tuple<int, text>",
            vec![
                Value::Tuple(vec![1.into(), "x".into()]),
                Value::Tuple(vec![Value::Null, "x".into()]),
            ],
        ),
        (
            "frozen<\"Point\">",
            vec![
                of_udt(vec![1.into(), "x".into()]),
                of_udt(vec![Value::Null, "it's".into()]),
            ],
        ),
        ("vector<int, 2>", vec![Value::Vector(ints(&[1, 2]))]),
        (
            "vector<text, 2>",
            vec![Value::Vector(vec!["a".into(), "bc".into()])],
        ),
        (
            "vector<smallint, 2>",
            vec![Value::Vector(vec![Value::SmallInt(1), Value::SmallInt(-1)])],
        ),
        (
            "list<frozen<map<int, frozen<set<int>>>>>",
            vec![Value::List(vec![Value::Map(vec![(
                1.into(),
                Value::Set(ints(&[1, 2])),
            )])])],
        ),
    ]
}

/// What was written is read as it was, by a plain query and by a prepared one.
async fn read_back(client: &Client, column: &str, value: &Value) {
    let text = format!("SELECT {column} FROM t WHERE k = 1");
    let result = client.query(text.as_str(), ()).await.unwrap();
    let row = result.first::<Row>().unwrap().unwrap();
    assert_eq!(row.value(0), Some(value), "{column} by its literal {value}");
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn literals_and_bytes_mean_the_same() {
    let client = client("live_literals").await;
    run(&client, "CREATE TYPE \"Point\" (\"X\" int, \"it's\" text)").await;
    run(
        &client,
        "CREATE TABLE p (k int PRIMARY KEY, v frozen<\"Point\">)",
    )
    .await;
    let udt = client.prepare("SELECT v FROM p").await.unwrap();
    let udt = udt.columns().unwrap()[0].data_type().clone();
    let mut all = [numbers(), others(), times(), nested(&udt)].concat();
    if !is_5_or_later(&client, "values of the type vector").await {
        all.retain(|(data_type, _)| !data_type.starts_with("vector<"));
    }
    let columns: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(i, (data_type, _))| format!("c{i} {data_type}"))
        .collect();
    let table = format!("CREATE TABLE t (k int PRIMARY KEY, {})", columns.join(", "));
    run(&client, &table).await;
    for (i, (data_type, values)) in all.iter().enumerate() {
        let column = format!("c{i}");
        let insert = format!("INSERT INTO t (k, {column}) VALUES (1, ?)");
        let insert = client.prepare(insert.as_str()).await.unwrap();
        for value in values {
            let by_text = format!("INSERT INTO t (k, {column}) VALUES (1, {value})");
            if let Err(error) = client.query(by_text.as_str(), ()).await {
                panic!("{data_type}: {by_text}: {error}");
            }
            read_back(&client, &column, value).await;
            run(&client, "DELETE FROM t WHERE k = 1").await;
            client.execute(&insert, (value,)).await.unwrap();
            read_back(&client, &column, value).await;
        }
    }
    client.close().await;
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn timeuuids_are_as_the_server_makes_and_orders_them() {
    let client = client("live_timeuuid").await;
    for millis in [0, -1, 1_645_557_742_123] {
        let moment = Timestamp(millis);
        // With the type of the value, since Cassandra 4.1 has two functions of each name.
        let text = format!(
            "SELECT mintimeuuid((timestamp){0}), maxtimeuuid((timestamp){0}) FROM system.local WHERE key = 'local'",
            Value::from(moment)
        );
        let result = client.query(text.as_str(), ()).await.unwrap();
        let (min, max) = result.first::<(Timeuuid, Timeuuid)>().unwrap().unwrap();
        assert_eq!(Timeuuid::min_at(moment), Some(min), "{millis}");
        assert_eq!(Timeuuid::max_at(moment), Some(max), "{millis}");
    }
    run(
        &client,
        "CREATE TABLE t (k int, u timeuuid, PRIMARY KEY (k, u))",
    )
    .await;
    let insert = client
        .prepare("INSERT INTO t (k, u) VALUES (1, ?)")
        .await
        .unwrap();
    let mut uuids = Vec::new();
    for ticks in [
        0,
        5,
        0xffff_ffff,
        0x1_0000_0000,
        1 << 47,
        1 << 48,
        (1 << 60) - 1,
    ] {
        for node in [0x80, 0xff, 0, 1, 0x7f] {
            let uuid = Timeuuid::from_ticks(ticks, [node; 8]).unwrap();
            client.execute(&insert, (uuid,)).await.unwrap();
            uuids.push(uuid);
        }
    }
    uuids.sort();
    let result = client
        .query("SELECT u FROM t WHERE k = 1", ())
        .await
        .unwrap();
    let read: Vec<(Timeuuid,)> = result.to_vec().unwrap();
    assert_eq!(read.into_iter().map(|(u,)| u).collect::<Vec<_>>(), uuids);
    client.close().await;
}

#[cfg(feature = "derive")]
mod derived {
    use std::collections::HashMap;

    use cql_v4::{BindRow, FromRow, Udt};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Udt)]
    struct Address {
        street: String,
        #[cql(default)]
        floor: i32,
    }

    #[derive(Debug, Clone, PartialEq, BindRow, FromRow)]
    struct User {
        id: i64,
        #[cql(rename = "fullName")]
        name: String,
        homes: Vec<Address>,
        scores: HashMap<String, i32>,
    }

    fn user() -> User {
        User {
            id: 7,
            name: "Ann".to_owned(),
            homes: vec![
                Address {
                    street: "Elm".to_owned(),
                    floor: 3,
                };
                2
            ],
            scores: HashMap::from([("a".to_owned(), 1)]),
        }
    }

    #[ignore = "needs a server: cargo xtask integration-test"]
    #[tokio::test]
    async fn structs_are_written_and_read() {
        let client = client("live_derived").await;
        run(&client, "CREATE TYPE address (street text, floor int)").await;
        let table = "CREATE TABLE users (id bigint PRIMARY KEY, \"fullName\" text, homes list<frozen<address>>, \
                     scores map<text, int>, other blob)";
        run(&client, table).await;
        let insert = "INSERT INTO users (scores, id, homes, \"fullName\") VALUES (:scores, :id, :homes, :\"fullName\")";
        let insert = client.prepare(insert).await.unwrap();
        client.execute(&insert, user()).await.unwrap();
        let read = client.query("SELECT * FROM users", ()).await.unwrap();
        assert_eq!(read.to_vec::<User>().unwrap(), [user()]);
        // A type that grew: what was read before is read still, and what is written has null in the new field.
        run(&client, "ALTER TYPE address ADD code int").await;
        let read = client.query("SELECT * FROM users", ()).await.unwrap();
        assert_eq!(read.to_vec::<User>().unwrap(), [user()]);
        let update = "UPDATE live_derived.users SET homes = :homes WHERE id = :id";
        let update = client.prepare(update).await.unwrap();
        let homes = vec![Address {
            street: "Oak".to_owned(),
            floor: 0,
        }];
        let values = Named(&[("id", &7_i64), ("homes", &homes)]);
        client.execute(&update, values).await.unwrap();
        let read = client
            .query("SELECT homes FROM users WHERE id = 7", ())
            .await
            .unwrap();
        assert_eq!(read.first::<(Vec<Address>,)>().unwrap().unwrap().0, homes);
        client.close().await;
    }
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn names_are_sent_with_plain_queries() {
    let client = client("live_named").await;
    run(&client, "CREATE TABLE t (k int PRIMARY KEY, a int, b text)").await;
    let insert = Statement::new("INSERT INTO t (k, a, b) VALUES (:k, :a, :b)");
    let values = Named(&[("b", &"x"), ("a", &Unset), ("k", &1)]);
    client.query(insert.clone(), values).await.unwrap();
    let result = client
        .query("SELECT a, b FROM t WHERE k = ?", (1,))
        .await
        .unwrap();
    assert_eq!(
        result.first::<(Option<i32>, &str)>().unwrap(),
        Some((None, "x"))
    );
    // The server misses a name; the client misses it itself once the statement is prepared.
    let missing = Named(&[("k", &1)]);
    let error = client.query(insert.clone(), missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    let prepared = client.prepare(insert).await.unwrap();
    let error = client.execute(&prepared, missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Type);
    assert!(error.to_string().contains("`a`"), "{error}");
    client.close().await;
}
