//! Any value comes back, and reading stops where its bytes end.

use bytes::Bytes;
use ignite_thin::message::{Serve, SqlQuery, write_request};
use ignite_thin::{
    CollectionKind, Date, Decimal, Decode, Decoder, Encode, Encoder, Limits, MapKind, Time,
    Timestamp, Uuid, Value,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (any::<i64>(), 0_u32..1_000_000).prop_map(|(ms, ns)| Timestamp::new(ms, ns).unwrap())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<bool>(), vec(any::<u8>(), 0..40), any::<i32>()).prop_map(
        |(negative, magnitude, scale)| Decimal::from_magnitude(negative, &magnitude, scale),
    )
}

fn leaf() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<i8>().prop_map(Value::Byte),
        any::<i16>().prop_map(Value::Short),
        any::<i32>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Long),
        // Not NaN, which does not equal itself.
        (-1e30_f32..1e30).prop_map(Value::Float),
        (-1e300_f64..1e300).prop_map(Value::Double),
        any::<u16>().prop_map(Value::Char),
        any::<bool>().prop_map(Value::Bool),
        any::<String>().prop_map(Value::String),
        any::<u128>().prop_map(|n| Value::Uuid(Uuid::from_u128(n))),
        any::<i64>().prop_map(|ms| Value::Date(Date::from_millis(ms))),
        any::<i64>().prop_map(|ms| Value::Time(Time::from_millis(ms))),
        timestamp().prop_map(Value::Timestamp),
        decimal().prop_map(Value::Decimal),
        (1_i32.., any::<i32>()).prop_map(|(type_id, ordinal)| Value::Enum {
            type_id,
            class_name: None,
            ordinal
        }),
        (option::of(any::<String>()), any::<i32>()).prop_map(|(class_name, ordinal)| Value::Enum {
            type_id: 0,
            class_name,
            ordinal
        }),
    ];
    let arrays = prop_oneof![
        vec(any::<u8>(), 0..20).prop_map(|v| Value::Bytes(v.into())),
        vec(any::<i16>(), 0..9).prop_map(Value::ShortArray),
        vec(any::<i32>(), 0..9).prop_map(Value::IntArray),
        vec(any::<i64>(), 0..9).prop_map(Value::LongArray),
        vec(-1e30_f32..1e30, 0..9).prop_map(Value::FloatArray),
        vec(-1e300_f64..1e300, 0..9).prop_map(Value::DoubleArray),
        vec(any::<u16>(), 0..9).prop_map(Value::CharArray),
        vec(any::<bool>(), 0..9).prop_map(Value::BoolArray),
        vec(option::of(any::<String>()), 0..5).prop_map(Value::StringArray),
        vec(option::of(any::<u128>().prop_map(Uuid::from_u128)), 0..5).prop_map(Value::UuidArray),
        vec(option::of(any::<i64>().prop_map(Date::from_millis)), 0..5).prop_map(Value::DateArray),
        vec(option::of(any::<i64>().prop_map(Time::from_millis)), 0..5).prop_map(Value::TimeArray),
        vec(option::of(timestamp()), 0..5).prop_map(Value::TimestampArray),
        vec(option::of(decimal()), 0..5).prop_map(Value::DecimalArray),
    ];
    prop_oneof![plain, arrays]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            (any::<i8>(), vec(inner.clone(), 0..5)).prop_map(|(kind, items)| Value::Collection {
                kind: CollectionKind::from_code(kind),
                items
            }),
            (any::<i8>(), vec((inner.clone(), inner.clone()), 0..4)).prop_map(|(kind, entries)| {
                Value::Map {
                    kind: MapKind::from_code(kind),
                    entries,
                }
            }),
            (1_i32.., vec(inner, 0..5)).prop_map(|(type_id, items)| Value::ObjectArray {
                type_id,
                class_name: None,
                items
            }),
        ]
    })
}

proptest! {
    #[test]
    fn values_come_back(value in value(), behind in vec(any::<u8>(), 0..4)) {
        let mut out = Vec::new();
        value.encode(&mut Encoder::new(&mut out)).unwrap();
        let len = out.len();
        out.extend_from_slice(&behind);
        let bytes = Bytes::from(out);
        let mut from = Decoder::new(&bytes, &Limits::default());
        prop_assert_eq!(Value::decode(&mut from).unwrap(), value);
        prop_assert_eq!(from.offset(), len);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        let mut from = Decoder::new(&bytes, &Limits::default());
        if let Ok(value) = Value::decode(&mut from) {
            // What was read can be written.
            value.encode(&mut Encoder::new(&mut Vec::new())).unwrap();
        }
    }

    #[test]
    fn statements_come_back(sql in any::<String>(), args in vec(value(), 0..4), page in 1_u32..10_000) {
        let query = SqlQuery::new(sql, args, page);
        let mut out = Vec::new();
        write_request(&query, 7, &mut out).unwrap();
        let payload = Bytes::from(out).slice(14..);
        let mut from = Decoder::new(&payload, &Limits::default());
        let mut again = SqlQuery::decode(&mut from).unwrap();
        prop_assert!(from.is_empty());
        // No schema is written as the default one.
        prop_assert!(again.schema.take().is_some_and(|schema| schema == "PUBLIC"));
        prop_assert_eq!(again, query);
    }
}
