//! Bytes that no server sends: every type answers with a value or an error, whatever they are.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use cql_v4::types::{
    DataType, Date, Decimal, Duration, MaybeEmpty, Raw, Time, Timestamp, Timeuuid, UdtType, Uuid,
    Value, Varint,
};
use cql_v4::{ErrorKind, Row};
use proptest::prelude::*;

use crate::{list, page, read, vector};

/// Types of up to three levels.
fn data_type() -> impl Strategy<Value = DataType> {
    let simple = prop::sample::select(vec![
        DataType::Ascii,
        DataType::BigInt,
        DataType::Blob,
        DataType::Boolean,
        DataType::Counter,
        DataType::Decimal,
        DataType::Double,
        DataType::Float,
        DataType::Int,
        DataType::Text,
        DataType::Timestamp,
        DataType::Uuid,
        DataType::Varint,
        DataType::Timeuuid,
        DataType::Inet,
        DataType::Date,
        DataType::Time,
        DataType::SmallInt,
        DataType::TinyInt,
        DataType::Duration,
        DataType::Custom("x.Y".into()),
    ]);
    simple.prop_recursive(3, 12, 3, |inner| {
        let udt = |types: Vec<DataType>| {
            let fields = types.into_iter().enumerate();
            let fields = fields.map(|(i, t)| (format!("f{i}"), t));
            DataType::Udt(Arc::new(UdtType::new("ks", "u", fields)))
        };
        prop_oneof![
            inner.clone().prop_map(list),
            inner.clone().prop_map(|t| DataType::Set(Box::new(t))),
            (inner.clone(), inner.clone()).prop_map(|pair| DataType::Map(Box::new(pair))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(DataType::Tuple),
            prop::collection::vec(inner.clone(), 0..4).prop_map(udt),
            (inner, prop_oneof![0..4_u32, Just(u32::MAX)]).prop_map(|(t, n)| vector(t, n)),
        ]
    })
}

/// Few different bytes, so that counts and lengths are often possible.
fn cell() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => Just(0_u8), 2 => 0..5_u8, 1 => Just(0xff), 1 => any::<u8>()];
    prop::collection::vec(byte, 0..40)
}

macro_rules! read_all {
    ($data_type:expr, $cell:expr, $($ty:ty),* $(,)?) => {
        $(let _ = read::<$ty>($data_type, $cell);)*
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_are_a_crash(data_type in data_type(), cell in cell()) {
        read_all!(
            &data_type, &cell,
            i8, i16, i32, i64, f32, f64, bool, String, Vec<u8>, Bytes, Varint, Decimal, Uuid, Timeuuid, Timestamp,
            SystemTime, Date, Time, Duration, IpAddr, Raw, [u8; 4], MaybeEmpty<i32>, Vec<i32>, [i32; 2],
            Vec<Option<Value>>, Vec<Vec<i8>>, BTreeMap<i32, Value>, HashMap<String, Vec<i32>>, (i32, Option<String>),
            (Value, Value, Value), Option<Vec<MaybeEmpty<i64>>>,
        );
        // A value that can be read can be written, and shown.
        if let Ok(value) = read::<Value>(&data_type, &cell) {
            let _ = crate::bound(&data_type, &value);
            let _ = value.to_string();
            let rows = page(&data_type, Some(cell.into()));
            prop_assert_eq!(rows.first::<Row>().unwrap().unwrap().into_values(), vec![value]);
        }
    }

    /// What is shorter than a value of its type is no value, wherever it ends.
    #[test]
    fn every_strict_prefix_of_a_list_is_an_error(values in prop::collection::vec(any::<i64>(), 1..5)) {
        let data_type = list(DataType::BigInt);
        let whole = crate::bound(&data_type, &values).unwrap().unwrap();
        for n in 0..whole.len() {
            prop_assert!(read::<Vec<i64>>(&data_type, &whole[..n]).is_err());
        }
        let longer = [&whole[..], &[0]].concat();
        prop_assert!(read::<Vec<i64>>(&data_type, &longer).is_err());
    }
}

/// A few bytes that claim to be many elements.
#[test]
fn counts_are_not_believed() {
    for (data_type, cell) in [
        (list(DataType::Int), &b"\x7f\xff\xff\xff"[..]),
        (list(DataType::Int), b"\xff\xff\xff\xff"),
        (vector(DataType::Text, u32::MAX), b"\0"),
        (vector(vector(DataType::Int, 0), u32::MAX), b"\0"),
        (vector(DataType::Boolean, u32::MAX), b"\x01"),
        (
            vector(DataType::Text, 1),
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ),
    ] {
        let error = read::<Value>(&data_type, cell).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{data_type}");
        assert!(read::<Vec<Option<Value>>>(&data_type, cell).is_err());
    }
}
