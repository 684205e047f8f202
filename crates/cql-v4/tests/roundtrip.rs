//! Every value of every type survives: bound to a marker, sent as a cell of a row, read as a value; on each version, and
//! however the bytes arrive.

mod support;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use cql_v4::codec::{Dialect, FrameDecoder};
use cql_v4::message::{
    Batch, BatchKind, BatchStatement, Call, Column, Execute, Message, Prepare, Query, QueryParams,
    RawValue, RawValues, Request, Response, ResultMessage, RowsMessage, StatementRef,
};
use cql_v4::types::{DataType, Date, Decimal, Duration, Time, Timestamp, Uuid, Value, Varint};
use cql_v4::{Consistency, Limits, Rows, Version};
use proptest::collection::vec;
use proptest::prelude::*;

/// A type without parameters, and one of its values.
fn scalar() -> impl Strategy<Value = (DataType, Value)> {
    let pair = |t: DataType| move |v: Value| (t.clone(), v);
    prop_oneof![
        "[ -~]{0,8}"
            .prop_map(Value::from)
            .prop_map(pair(DataType::Ascii)),
        ".{0,8}"
            .prop_map(Value::from)
            .prop_map(pair(DataType::Text)),
        any::<i64>()
            .prop_map(Value::from)
            .prop_map(pair(DataType::BigInt)),
        vec(any::<u8>(), 0..8)
            .prop_map(Value::from)
            .prop_map(pair(DataType::Blob)),
        any::<bool>()
            .prop_map(Value::from)
            .prop_map(pair(DataType::Boolean)),
        any::<i64>()
            .prop_map(Value::Counter)
            .prop_map(pair(DataType::Counter)),
        (vec(any::<u8>(), 1..20), any::<i32>()).prop_map(|(n, scale)| {
            let unscaled = Varint::from_be_bytes(&n).unwrap();
            (
                DataType::Decimal,
                Value::Decimal(Decimal { unscaled, scale }),
            )
        }),
        any::<i32>().prop_map(|n| (DataType::Double, Value::Double(f64::from(n) / 3.0))),
        any::<i16>().prop_map(|n| (DataType::Float, Value::Float(f32::from(n) / 3.0))),
        any::<i32>()
            .prop_map(Value::from)
            .prop_map(pair(DataType::Int)),
        any::<i64>().prop_map(|n| (DataType::Timestamp, Value::Timestamp(Timestamp(n)))),
        any::<[u8; 16]>().prop_map(|n| (DataType::Uuid, Value::Uuid(Uuid(n)))),
        any::<[u8; 16]>().prop_map(|n| (DataType::Timeuuid, Value::Timeuuid(Uuid(n)))),
        vec(any::<u8>(), 1..20).prop_map(|n| (
            DataType::Varint,
            Value::Varint(Varint::from_be_bytes(&n).unwrap())
        )),
        any::<[u8; 4]>().prop_map(|n| (DataType::Inet, Value::Inet(IpAddr::from(n)))),
        any::<[u8; 16]>().prop_map(|n| (DataType::Inet, Value::Inet(IpAddr::from(n)))),
        any::<i32>().prop_map(|n| (DataType::Date, Value::Date(Date(n)))),
        (0..86_400_000_000_000_i64)
            .prop_map(|n| (DataType::Time, Value::Time(Time::from_nanos(n).unwrap()))),
        any::<i16>()
            .prop_map(Value::from)
            .prop_map(pair(DataType::SmallInt)),
        any::<i8>()
            .prop_map(Value::from)
            .prop_map(pair(DataType::TinyInt)),
        (0..=i32::MAX, 0..=i32::MAX, 0..=i64::MAX, any::<bool>()).prop_map(
            |(m, d, n, negative)| {
                let sign = if negative { -1 } else { 1 };
                let duration = Duration {
                    months: m * sign,
                    days: d * sign,
                    nanos: n * i64::from(sign),
                };
                (DataType::Duration, Value::Duration(duration))
            }
        ),
    ]
}

/// Some values of one type without parameters.
fn scalars(n: std::ops::Range<usize>) -> impl Strategy<Value = (DataType, Vec<Value>)> {
    vec(scalar(), n).prop_map(|list| {
        let t = list.first().map_or(DataType::Int, |(t, _)| t.clone());
        let same = list
            .into_iter()
            .filter(|(other, _)| *other == t)
            .map(|(_, v)| v)
            .collect();
        (t, same)
    })
}

fn value() -> impl Strategy<Value = (DataType, Value)> {
    prop_oneof![
        4 => scalar(),
        1 => scalar().prop_map(|(t, _)| (t, Value::Null)),
        1 => scalars(0..5).prop_map(|(t, v)| (DataType::List(Box::new(t)), Value::List(v))),
        1 => scalars(0..5).prop_map(|(t, v)| (DataType::Set(Box::new(t)), Value::Set(v))),
        1 => scalars(1..5).prop_map(|(t, v)| {
            let n = u32::try_from(v.len()).unwrap();
            (DataType::Vector(Box::new(t), n), Value::Vector(v))
        }),
        1 => (scalars(1..5), scalar()).prop_map(|((key, keys), (t, v))| {
            let pairs = keys.into_iter().map(|k| (k, v.clone())).collect();
            (DataType::Map(Box::new((key, t))), Value::Map(pairs))
        }),
        1 => vec(scalar(), 1..5).prop_map(|list| {
            let (types, mut values): (Vec<_>, Vec<_>) = list.into_iter().unzip();
            values[0] = Value::Null;
            (DataType::Tuple(types), Value::Tuple(values))
        }),
    ]
}

fn column(data_type: DataType) -> Column {
    Column::new("ks", "t", "c", data_type)
}

/// Empty text and the like come back as they are; for other types an empty cell has a value of its own.
fn bound(version: Version, column: &Column, value: &Value) -> Vec<Option<Bytes>> {
    let values = RawValues::encode(version, Some(std::slice::from_ref(column)), &[value]).unwrap();
    values
        .iter()
        .map(|v| v.data().map(Bytes::copy_from_slice))
        .collect()
}

proptest! {
    #[test]
    fn values_survive((data_type, value) in value(), version in 0..3_usize, step in 1_usize..50) {
        let version = [Version::V3, Version::V4, Version::V5][version];
        let column = column(data_type);
        let cells = bound(version, &column, &value);
        let page = RowsMessage::new(vec![column.clone()], &[cells.clone(), cells], None).unwrap();
        let mut bytes = Vec::new();
        Response::from(Message::Result(ResultMessage::Rows(page)))
            .encode(version, None, 77, &mut bytes)
            .unwrap();
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
        let mut frames = Vec::new();
        for part in bytes.chunks(step) {
            decoder.feed(part);
            frames.extend(decoder.next_frame().unwrap());
        }
        prop_assert_eq!((frames.len(), frames[0].header.stream), (1, 77));
        let response = Response::decode(&frames[0].header, &frames[0].body, version, &Limits::DEFAULT).unwrap();
        let Message::Result(ResultMessage::Rows(page)) = response.message else { panic!() };
        let rows = Rows::try_from(page).unwrap();
        prop_assert_eq!(rows.columns(), std::slice::from_ref(&column));
        for row in &rows {
            let row = row.unwrap();
            prop_assert_eq!(row.values(), std::slice::from_ref(&value));
        }
        prop_assert_eq!(rows.len(), 2);
    }

    #[test]
    fn requests_survive(
        text in ".{0,20}",
        numbers in vec(any::<i32>(), 0..4),
        id in vec(any::<u8>(), 0..20),
        page_size in proptest::option::of(1..i32::MAX),
        state in proptest::option::of(vec(any::<u8>(), 0..10)),
        timestamp in proptest::option::of(any::<i64>()),
        serial in proptest::option::of(prop_oneof![Just(Consistency::Serial), Just(Consistency::LocalSerial)]),
        version in 0..3_usize,
        level in 0..=10_u16,
        skip_metadata in any::<bool>(),
        keyspace in proptest::option::of("[a-z]{1,5}"),
        now in proptest::option::of(any::<i32>()),
        names in any::<bool>(),
        metadata_ids in any::<bool>(),
        tracing in any::<bool>(),
        payload in vec(("[a-z]{0,3}", proptest::option::of(vec(any::<u8>(), 0..4).prop_map(Bytes::from))), 0..3),
    ) {
        let version = [Version::V3, Version::V4, Version::V5][version];
        let mut params = QueryParams::new(Consistency::from_number(level));
        params.page_size = page_size;
        params.paging_state = state.map(Bytes::from);
        params.timestamp = timestamp;
        params.serial_consistency = serial;
        params.skip_metadata = skip_metadata;
        let keyspace: Option<Arc<str>> = keyspace.filter(|_| version == Version::V5).map(Into::into);
        params.keyspace.clone_from(&keyspace);
        params.now_in_seconds = now.filter(|_| version == Version::V5);
        let values = RawValues::encode(Version::V4, None, &numbers).unwrap();
        let named: BTreeMap<String, i32> = numbers.iter().map(|n| (format!("v{n}"), *n)).collect();
        // Without values there is no place for names.
        let of_query = match names && !numbers.is_empty() {
            true => RawValues::encode(Version::V4, None, &named).unwrap(),
            false => values.clone(),
        };
        let text: Arc<str> = text.into();
        let id = Bytes::from(id);
        let mut dialect = Dialect::from(version);
        if metadata_ids {
            dialect = dialect.with_result_metadata_ids();
        }
        let metadata_id = if dialect.has_result_metadata_ids() { id.clone() } else { Bytes::new() };
        let statement = |statement| BatchStatement { statement, values: values.clone() };
        let batch = Batch {
            kind: BatchKind::Counter,
            statements: vec![
                statement(StatementRef::Text(Arc::clone(&text))),
                statement(StatementRef::Prepared(id.clone())),
            ],
            consistency: params.consistency,
            serial_consistency: serial,
            timestamp,
            keyspace: keyspace.clone(),
            now_in_seconds: params.now_in_seconds,
        };
        let mut prepare = Prepare::new(Arc::clone(&text));
        prepare.keyspace = keyspace;
        let requests = [
            Request::Query(Query { text, values: of_query, params: params.clone() }),
            Request::Prepare(prepare),
            Request::Execute(Execute { id, result_metadata_id: metadata_id, values, params }),
            Request::Batch(batch),
        ];
        for request in requests {
            let mut bytes = Vec::new();
            let mut call = Call::from(request);
            call.tracing = tracing;
            if version != Version::V3 {
                call.custom_payload.clone_from(&payload);
            }
            call.encode(dialect, None, 5, &mut bytes).unwrap();
            let frame = support::frame(&bytes);
            prop_assert_eq!(&Call::decode(dialect, &frame.header, &frame.body).unwrap(), &call);
            for n in 0..frame.body.len() {
                prop_assert!(Call::decode(dialect, &frame.header, &frame.body.slice(..n)).is_err());
            }
        }
    }

    /// Cells of any bytes are values or errors, whatever their type.
    #[test]
    fn no_cell_is_a_panic((data_type, _) in value(), cell in vec(any::<u8>(), 0..40)) {
        let page = RowsMessage::new(vec![column(data_type)], &[vec![Some(cell.into())]], None).unwrap();
        let rows = Rows::try_from(page).unwrap();
        for row in &rows {
            let _ = row.map(|row| format!("{row:?}"));
        }
    }
}

/// Vectors of the specification, and of the server's own vint and vector forms.
#[test]
fn values_have_the_bytes_of_the_specification() {
    let duration = |months, days, nanos| {
        Value::Duration(Duration {
            months,
            days,
            nanos,
        })
    };
    let vector = |t, v: Vec<Value>| {
        (
            DataType::Vector(Box::new(t), u32::try_from(v.len()).unwrap()),
            Value::Vector(v),
        )
    };
    let decimal = |n: i64, scale| {
        Value::Decimal(Decimal {
            unscaled: Varint::from(n),
            scale,
        })
    };
    for ((data_type, value), hex) in [
        ((DataType::Decimal, decimal(150, 2)), "00000002 0096"),
        ((DataType::Decimal, decimal(-1, 3)), "00000003 ff"),
        ((DataType::Decimal, decimal(12, -3)), "fffffffd 0c"),
        ((DataType::Date, Value::Date(Date(0))), "80000000"),
        ((DataType::Date, Value::Date(Date(-1))), "7fffffff"),
        ((DataType::Date, Value::Date(Date(19_782))), "80004d46"),
        ((DataType::Duration, duration(1, 2, 3)), "020406"),
        ((DataType::Duration, duration(-1, -2, -3)), "010305"),
        (
            (DataType::Duration, duration(0, 0, i64::MIN)),
            "0000 ffffffffffffffffff",
        ),
        (
            vector(DataType::Float, [1.0, 2.0, 3.0].map(Value::Float).to_vec()),
            "3f800000 40000000 40400000",
        ),
        (
            vector(DataType::SmallInt, [1, 2].map(Value::SmallInt).to_vec()),
            "02 0001 02 0002",
        ),
        (
            vector(DataType::Text, ["a", "bc"].map(Value::from).to_vec()),
            "01 61 02 6263",
        ),
        ((DataType::Boolean, Value::Boolean(true)), "01"),
        (
            (DataType::Inet, Value::Inet([127, 0, 0, 1].into())),
            "7f000001",
        ),
    ] {
        let bytes = wire_core::hex::parse(hex).unwrap();
        let column = column(data_type);
        assert_eq!(
            bound(Version::V4, &column, &value),
            [Some(Bytes::from(bytes))],
            "{value:?}"
        );
    }
}

#[test]
fn values_of_another_type_are_refused_before_anything_is_sent() {
    let markers = [
        column(DataType::Int),
        column(DataType::List(Box::new(DataType::Text))),
    ];
    let refused =
        |values: &dyn Fn() -> Result<RawValues, cql_v4::Error>| values().unwrap_err().to_string();
    let text = refused(&|| RawValues::encode(Version::V4, Some(&markers), &(1_i64, vec!["a"])));
    assert_eq!(
        text,
        "value 0 `c`: a i64 cannot be bound to type int; nothing was sent"
    );
    let text = refused(&|| RawValues::encode(Version::V4, Some(&markers), &(1_i32, vec![1_i32])));
    assert!(
        text.starts_with("value 1 `c`: element 0: a i32 cannot be bound to type text"),
        "{text}"
    );
    let text = refused(&|| RawValues::encode(Version::V4, Some(&markers), &(1_i32,)));
    assert_eq!(
        text,
        "the statement has 2 markers (c int, c list<text>), but 1 values were given; nothing was sent"
    );
    let text =
        refused(&|| RawValues::encode(Version::V4, Some(&markers), &(1_i32, vec![None::<&str>])));
    assert!(
        text.contains("null cannot be an element of a collection"),
        "{text}"
    );
    let text = refused(&|| RawValues::encode(Version::V3, None, &(cql_v4::types::Unset,)));
    assert!(text.contains("unset values need protocol v4"), "{text}");
    let mixed = Duration {
        months: 1,
        days: -1,
        nanos: 0,
    };
    let text = refused(&|| RawValues::encode(Version::V4, None, &(mixed,)));
    assert!(text.contains("mixes signs"), "{text}");
    let unset = RawValues::encode(Version::V4, None, &(cql_v4::types::Unset, None::<i32>)).unwrap();
    assert!(unset.iter().eq([RawValue::Unset, RawValue::Null]));
}
