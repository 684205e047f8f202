//! Values of every type, there and back.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use cql_v4::types::{
    DataType, Date, Decimal, Duration as CqlDuration, MaybeUnset, Raw, Time, Timestamp, UdtType,
    Unset, Uuid, Value, Varint,
};
use cql_v4::{Client, ErrorCode, ErrorKind, Row};

use crate::{client, client_of, is_5_or_later, run, shapes};

/// The columns of the table and their types.
const COLUMNS: [(&str, &str); 27] = [
    ("k", "int PRIMARY KEY"),
    ("a", "ascii"),
    ("b", "bigint"),
    ("c", "blob"),
    ("d", "boolean"),
    ("e", "decimal"),
    ("f", "double"),
    ("g", "float"),
    ("h", "inet"),
    ("i", "smallint"),
    ("j", "text"),
    ("l", "time"),
    ("m", "timestamp"),
    ("n", "timeuuid"),
    ("o", "tinyint"),
    ("p", "uuid"),
    ("q", "varint"),
    ("r", "date"),
    ("s", "duration"),
    ("t", "list<int>"),
    ("u", "set<text>"),
    ("v", "map<text, bigint>"),
    ("w", "tuple<int, text>"),
    ("x", "frozen<point>"),
    ("y", "vector<float, 3>"),
    ("z", "frozen<map<int, frozen<list<text>>>>"),
    ("vt", "vector<text, 2>"),
];

/// A value for each of these columns.
fn row_of_every_type(udt: Arc<UdtType>) -> Vec<Value> {
    let timeuuid: Uuid = "50554d6e-29bb-11e5-b345-feff819cdc9f".parse().unwrap();
    let strings = |list: &[&str]| list.iter().map(|s| Value::from(*s)).collect::<Vec<_>>();
    vec![
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
    ]
}

/// Creates the table, with those of the columns that the server can have.
async fn table_of_every_type(client: &Client) -> Vec<(&'static str, &'static str)> {
    run(client, "CREATE TYPE point (x int, y double)").await;
    let mut columns = COLUMNS.to_vec();
    if !is_5_or_later(client, "columns of the type vector").await {
        columns.retain(|(_, data_type)| !data_type.starts_with("vector<"));
    }
    let declared: Vec<String> = columns
        .iter()
        .map(|(name, data_type)| format!("{name} {data_type}"))
        .collect();
    run(client, &format!("CREATE TABLE t ({})", declared.join(", "))).await;
    columns
}

#[ignore = "needs a server: cargo xtask integration-test"]
#[tokio::test]
async fn every_type_survives() {
    for (i, config) in shapes().into_iter().enumerate() {
        let client = client_of(config, &format!("live_types_{i}")).await;
        let columns = table_of_every_type(&client).await;
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let markers = vec!["?"; columns.len()].join(", ");
        let insert = client
            .prepare(format!("INSERT INTO t ({names}) VALUES ({markers})"))
            .await
            .unwrap();
        let udt = insert.markers().iter().find_map(|m| match m.data_type() {
            DataType::Udt(udt) => Some(Arc::clone(udt)),
            _ => None,
        });
        let mut row = row_of_every_type(udt.expect("a column of the type point"));
        assert_eq!(row.len(), COLUMNS.len());
        let mut known = COLUMNS.iter();
        row.retain(|_| known.next().is_some_and(|column| columns.contains(column)));
        client.execute(&insert, &row[..]).await.unwrap();
        let select = client
            .prepare(format!("SELECT {names} FROM t WHERE k = ?"))
            .await
            .unwrap();
        let result = client.execute(&select, (1,)).await.unwrap();
        let read = result.first::<Row>().unwrap().unwrap();
        assert_eq!(read.values().len(), columns.len());
        for ((column, _), (read, written)) in columns.iter().zip(read.values().iter().zip(&row)) {
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
