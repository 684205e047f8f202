//! Values bound by name: `#[derive(BindRow)]`, maps, and lists of names and values.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use cql_v4::message::{
    Batch, BatchKind, BatchStatement, Named, Opcode, Query, QueryParams, RawValue, Request,
    StatementRef,
};
use cql_v4::types::{DataType, Unset};
use cql_v4::{BindRow, Consistency, ErrorKind, FromRow, Version};

use crate::{cells, columns, encode};

#[derive(Debug, PartialEq, BindRow, FromRow)]
struct Point<'a> {
    x: i32,
    #[cql(rename = "why")]
    y: i64,
    label: &'a str,
    #[cql(skip)]
    cache: Option<u8>,
}

const POINT: Point<'static> = Point {
    x: 1,
    y: 2,
    label: "p",
    cache: None,
};

fn markers() -> Vec<cql_v4::message::Column> {
    columns(&[
        ("x", DataType::Int),
        ("why", DataType::BigInt),
        ("label", DataType::Text),
    ])
}

#[test]
fn fields_go_to_the_markers_of_their_names() {
    let markers = markers();
    let by_hand: [Option<Bytes>; 3] = [
        Some(Bytes::from_static(&[0, 0, 0, 1])),
        Some(Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0, 2])),
        Some(Bytes::from_static(b"p")),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let markers = order.map(|i: usize| markers[i].clone());
        let expected = order.map(|i: usize| by_hand[i].clone());
        let values = encode(Some(&markers), &POINT).unwrap();
        assert_eq!(cells(&values), expected);
        let named = Named(&[("why", &2_i64), ("x", &1_i32), ("label", &"p")]);
        assert_eq!(encode(Some(&markers), &named).unwrap(), values);
    }
    // A name that stands for two markers is bound to both.
    let twice = [
        markers[0].clone(),
        markers[1].clone(),
        markers[0].clone(),
        markers[2].clone(),
    ];
    assert_eq!(encode(Some(&twice), &POINT).unwrap().len(), 4);
}

#[test]
fn what_has_no_counterpart_is_named() {
    let mut markers = markers();
    let extra = markers.pop().unwrap();
    let refused = |values: &dyn Fn() -> Result<cql_v4::message::RawValues, cql_v4::Error>| {
        let error = values().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        // Newer compilers name the lifetime.
        error.to_string().replace("<'_>", "")
    };
    let text = refused(&|| encode(Some(&markers), &POINT));
    assert_eq!(
        text,
        "derive::bind::Point: `label` is none of the statement's markers (x int, why bigint); nothing was sent"
    );
    markers.push(extra);
    markers.push(crate::column("z", DataType::Uuid));
    let text = refused(&|| encode(Some(&markers), &POINT));
    assert_eq!(
        text,
        "derive::bind::Point: value 3 `z`: no value has the name of this marker, a uuid; nothing was sent"
    );
    let map = HashMap::from([("x", 1_i32)]);
    let text = refused(&|| encode(Some(&markers), &map));
    assert!(
        text.starts_with("value 1 `why`: no value has the name of this marker, a bigint"),
        "{text}"
    );
    let map = BTreeMap::from([("x".to_owned(), 1_i32), ("nope".to_owned(), 2)]);
    let text = refused(&|| encode(Some(&markers[..1]), &map));
    assert!(
        text.starts_with("`nope` is none of the statement's markers (x int)"),
        "{text}"
    );
    let named = Named(&[("x", &1_i64)]);
    let text = refused(&|| encode(Some(&markers[..1]), &named));
    assert_eq!(
        text,
        "value 0 `x`: a i64 cannot be bound to type int; nothing was sent"
    );
}

#[test]
fn maps_are_bound_by_their_keys() {
    let markers = columns(&[("b", DataType::Int), ("a", DataType::Int)]);
    let expected = encode(Some(&markers), &(2_i32, 1_i32)).unwrap();
    assert_eq!(
        encode(Some(&markers), &HashMap::from([("a", 1), ("b", 2)])).unwrap(),
        expected
    );
    let owned = BTreeMap::from([("a".to_owned(), Some(1)), ("b".to_owned(), Some(2))]);
    assert_eq!(encode(Some(&markers), &owned).unwrap(), expected);
    let nothing = HashMap::<String, i32>::new();
    assert!(encode(Some(&[]), &nothing).unwrap().is_empty());
}

#[derive(BindRow)]
struct Outer {
    first: i32,
    #[cql(flatten)]
    inner: Inner,
    last: i32,
}

#[derive(BindRow)]
struct Inner {
    a: i32,
    b: i32,
}

#[derive(BindRow)]
struct Positions(i32, i64);

#[derive(BindRow)]
#[cql(by_position)]
struct Pair<A, B> {
    one: A,
    two: B,
}

#[test]
fn structs_may_be_flat_generic_or_by_position() {
    let names = columns(&["a", "last", "b", "first"].map(|name| (name, DataType::Int)));
    let outer = Outer {
        first: 1,
        inner: Inner { a: 2, b: 3 },
        last: 4,
    };
    let expected = encode(Some(&names), &[2_i32, 4, 3, 1]).unwrap();
    assert_eq!(encode(Some(&names), &outer).unwrap(), expected);
    let markers = columns(&[("p", DataType::Int), ("q", DataType::BigInt)]);
    let expected = encode(Some(&markers), &(1_i32, 2_i64)).unwrap();
    assert_eq!(encode(Some(&markers), &Positions(1, 2)).unwrap(), expected);
    let pair = Pair {
        one: 1_i32,
        two: Some(2_i64),
    };
    assert_eq!(encode(Some(&markers), &pair).unwrap(), expected);
    assert_eq!(
        encode(None, &pair).unwrap(),
        encode(None, &(1_i32, 2_i64)).unwrap()
    );
    assert!(encode(Some(&markers[..1]), &pair).is_err());
}

/// `[short 2]`, then name and value twice, by the rules of native protocol v4, §4.1.4.
#[test]
fn a_plain_query_sends_the_names() {
    let values = encode(None, &Named(&[("a", &1_i32), ("bc", &Unset)])).unwrap();
    assert_eq!(values.names().collect::<Vec<_>>(), ["a", "bc"]);
    assert!(
        values
            .iter()
            .eq([RawValue::Value(&[0, 0, 0, 1]), RawValue::Unset])
    );
    let query = Request::Query(Query {
        text: "SELECT 1".into(),
        values: values.clone(),
        params: QueryParams::new(Consistency::One),
    });
    let mut frame = Vec::new();
    query.encode(Version::V4, None, 1, &mut frame).unwrap();
    let body: &[u8] =
        b"\x00\x00\x00\x08SELECT 1\x00\x01\x41\x00\x02\x00\x01a\x00\x00\x00\x04\x00\x00\x00\x01\
                        \x00\x02bc\xff\xff\xff\xfe";
    assert_eq!(&frame[9..], body);
    let read = Request::decode(Version::V4, Opcode::QUERY, &Bytes::from_static(body)).unwrap();
    assert_eq!(read, query);
    // In a batch there is no place for names.
    let batch = Request::Batch(Batch {
        kind: BatchKind::Logged,
        statements: vec![BatchStatement {
            statement: StatementRef::Text("SELECT 1".into()),
            values,
        }],
        consistency: Consistency::One,
        serial_consistency: None,
        timestamp: None,
        keyspace: None,
        now_in_seconds: None,
    });
    let error = batch.encode(Version::V4, None, 1, &mut frame).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// Values of a key in the order of the key, whatever the order of the markers.
#[test]
fn single_values_are_found_for_the_routing_key() {
    let values = encode(None, &(1_i8, "two", Unset, None::<i8>, 5_i8)).unwrap();
    let selected: Vec<_> = values.select(&[4, 0, 1, 1, 3, 2, 9]).collect();
    assert_eq!(
        selected,
        [
            Some(RawValue::Value(&[5])),
            Some(RawValue::Value(&[1])),
            Some(RawValue::Value(b"two")),
            Some(RawValue::Value(b"two")),
            Some(RawValue::Null),
            Some(RawValue::Unset),
            None,
        ]
    );
    assert_eq!(values.select(&[]).count(), 0);
}
