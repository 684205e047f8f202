//! Any type and any values of it: what is made of values, written and read again has the same values, at each revision that
//! changed a column.

use ch_native::codec::Revision;
use ch_native::message::{Form, ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, DataType, Limits};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Before the kind byte, version 1 and 2 of Dynamic, strings with offsets.
const REVISIONS: [u64; 4] = [54_453, 54_472, 54_491, 54_492];

fn parsed(name: &str) -> DataType {
    name.parse().unwrap()
}

/// Types without types inside, whose values may be NULL and keys of maps.
fn plain() -> impl Strategy<Value = DataType> {
    let names = [
        "UInt8",
        "UInt64",
        "Int16",
        "Int128",
        "UInt256",
        "Bool",
        "Float32",
        "Float64",
        "BFloat16",
        "String",
        "FixedString(3)",
        "Date",
        "Date32",
        "DateTime('UTC')",
        "DateTime64(3)",
        "Time64(6)",
        "Enum8('a' = -1, 'b' = 2)",
        "Decimal(9, 2)",
        "Decimal(38, 5)",
        "UUID",
        "IPv4",
        "IPv6",
        "IntervalDay",
    ];
    prop::sample::select(names.map(parsed).to_vec())
}

fn any_type() -> BoxedStrategy<DataType> {
    let odd = [
        "Dynamic",
        "JSON",
        "JSON(t Nullable(UInt32), u Array(String))",
        "QBit(Float32, 5)",
        "QBit(BFloat16, 16, 8)",
        "LowCardinality(String)",
        "LowCardinality(Nullable(UInt16))",
        "Point",
        "Geometry",
        "AggregateFunction(count)",
        "AggregateFunction(groupArray, String)",
        "Nullable(Nothing)",
        "Tuple()",
    ];
    let odd = prop::sample::select(odd.map(parsed).to_vec());
    let nullable = plain().prop_map(|ty| DataType::Nullable(Box::new(ty)));
    let leaf = prop_oneof![3 => plain(), 3 => odd, 1 => nullable];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|ty| DataType::Array(Box::new(ty))),
            (plain(), inner.clone()).prop_map(|(k, v)| DataType::map(k, v)),
            vec(inner.clone(), 1..4)
                .prop_map(|all| DataType::Tuple(all.into_iter().map(|ty| (None, ty)).collect())),
            vec(inner.clone(), 1..4).prop_map(DataType::variant),
            vec(inner, 1..3).prop_map(|all| {
                let named = ["a", "b c", "d.e"].iter().zip(all);
                let named = named.map(|(name, ty)| (Some((*name).to_owned()), ty));
                DataType::Nested(Box::new(DataType::Tuple(named.collect())))
            }),
        ]
    })
    .boxed()
}

fn texts() -> impl Strategy<Value = Value> {
    ".{0,6}".prop_map(|text| Value::String(text.into_bytes()))
}

/// What a Dynamic may hold.
fn free() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(Value::UInt),
        any::<i64>().prop_map(Value::Int),
        (-1e9..1e9_f64).prop_map(Value::Float64),
        texts(),
        any::<i32>().prop_map(Value::Date),
        any::<u128>().prop_map(Value::Uuid),
        (any::<i64>(), 1..9_u8)
            .prop_map(|(ticks, precision)| Value::DateTime64 { ticks, precision }),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec(inner.clone(), 1..3).prop_map(Value::Tuple),
            object(inner),
        ]
    })
    .boxed()
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec!["a", "b", "b.c", "d.e.f", "g h"]);
    btree_map(path, inner, 0..4).prop_map(|entries| {
        // A path that is NULL is one that is not there.
        let entries = entries
            .into_iter()
            .filter(|(_, value)| *value != Value::Null);
        Value::Json(
            entries
                .map(|(path, value)| (path.to_owned(), value))
                .collect(),
        )
    })
}

/// Values of a type without types inside.
fn plain_value(ty: &DataType) -> BoxedStrategy<Value> {
    match ty.clone() {
        DataType::UInt8 => any::<u8>().prop_map(|n| Value::UInt(u64::from(n))).boxed(),
        DataType::UInt16 => any::<u16>().prop_map(|n| Value::UInt(u64::from(n))).boxed(),
        DataType::UInt32 => any::<u32>().prop_map(|n| Value::UInt(u64::from(n))).boxed(),
        DataType::UInt64 => any::<u64>().prop_map(Value::UInt).boxed(),
        DataType::Int16 => any::<i16>().prop_map(|n| Value::Int(i64::from(n))).boxed(),
        DataType::Int128 => any::<i128>().prop_map(Value::Int128).boxed(),
        DataType::UInt256 => any::<[u8; 32]>().prop_map(Value::Int256).boxed(),
        DataType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        DataType::Float32 => (-1e9..1e9_f32).prop_map(Value::Float32).boxed(),
        DataType::Float64 => (-1e9..1e9_f64).prop_map(Value::Float64).boxed(),
        DataType::BFloat16 => (0..0x7f00_u32)
            .prop_map(|n| Value::Float32(f32::from_bits(n << 16)))
            .boxed(),
        DataType::String => texts().boxed(),
        DataType::FixedString(n) => vec(any::<u8>(), n).prop_map(Value::String).boxed(),
        DataType::Date => any::<u16>().prop_map(|n| Value::Date(i32::from(n))).boxed(),
        DataType::Date32 => any::<i32>().prop_map(Value::Date).boxed(),
        DataType::DateTime(_) => any::<u32>().prop_map(Value::DateTime).boxed(),
        DataType::DateTime64(precision, _) => any::<i64>()
            .prop_map(move |ticks| Value::DateTime64 { ticks, precision })
            .boxed(),
        DataType::Time64(precision) => any::<i64>()
            .prop_map(move |ticks| Value::Time { ticks, precision })
            .boxed(),
        DataType::Enum8(labels) => prop::sample::select(labels)
            .prop_map(|(label, value)| Value::Enum {
                label: Some(label),
                value: i16::from(value),
            })
            .boxed(),
        DataType::Decimal {
            precision: 9,
            scale,
        } => (-999_999_999..=999_999_999_i128)
            .prop_map(move |mantissa| Value::Decimal { mantissa, scale })
            .boxed(),
        DataType::Decimal { scale, .. } => any::<i64>()
            .prop_map(move |n| Value::Decimal {
                mantissa: i128::from(n) * 1_000_000_007,
                scale,
            })
            .boxed(),
        DataType::Uuid => any::<u128>().prop_map(Value::Uuid).boxed(),
        DataType::Ipv4 => any::<u32>().prop_map(|n| Value::Ipv4(n.into())).boxed(),
        DataType::Ipv6 => any::<u128>().prop_map(|n| Value::Ipv6(n.into())).boxed(),
        DataType::Interval(_) => any::<i64>().prop_map(Value::Interval).boxed(),
        other => panic!("{other}"),
    }
}

/// Values of `ty`, as they are when they are read.
fn value(ty: &DataType) -> BoxedStrategy<Value> {
    match ty.clone() {
        DataType::Nothing => Just(Value::Null).boxed(),
        DataType::AggregateFunction(f) if f.name == "count" => {
            Just(Value::Opaque(vec![0xac, 2])).boxed()
        }
        DataType::AggregateFunction(_) => Just(Value::Opaque(vec![2, 1, b'x', 0])).boxed(),
        DataType::Nullable(inner) => prop_oneof![Just(Value::Null), value(&inner)].boxed(),
        DataType::LowCardinality(inner) => value(&inner),
        DataType::Array(inner) | DataType::Nested(inner) => {
            vec(value(&inner), 0..4).prop_map(Value::Array).boxed()
        }
        DataType::QBit {
            element, dimension, ..
        } => vec(value(&element), dimension)
            .prop_map(Value::Array)
            .boxed(),
        DataType::Map(entry) => {
            let pair = |entry| match entry {
                Value::Tuple(pair) => (pair[0].clone(), pair[1].clone()),
                other => panic!("{other:?}"),
            };
            let pairs = vec(value(&entry), 0..4);
            pairs
                .prop_map(move |all| Value::Map(all.into_iter().map(pair).collect()))
                .boxed()
        }
        DataType::Tuple(elements) => {
            let all: Vec<_> = elements.iter().map(|(_, ty)| value(ty)).collect();
            all.prop_map(Value::Tuple).boxed()
        }
        DataType::Variant(types) => {
            let all: Vec<_> = types.iter().map(value).collect();
            let one = (0..all.len()).prop_flat_map(move |i| all[i].clone());
            prop_oneof![1 => Just(Value::Null), 3 => one].boxed()
        }
        DataType::Dynamic { .. } => free(),
        DataType::Json(json) => {
            let typed: Vec<_> = json.typed.iter().map(|(_, ty)| value(ty)).collect();
            let paths: Vec<String> = json.typed.iter().map(|(path, _)| path.clone()).collect();
            (typed, object(free()))
                .prop_map(move |(typed, object)| match object {
                    Value::Json(mut entries) => {
                        entries.extend(paths.iter().cloned().zip(typed));
                        entries.sort_by(|a, b| a.0.cmp(&b.0));
                        Value::Json(entries)
                    }
                    other => other,
                })
                .boxed()
        }
        DataType::Alias { of, .. } => value(&of),
        other => plain_value(&other),
    }
}

fn comes_back(block: &Block, values: &[Value]) {
    for revision in REVISIONS.map(Revision::new) {
        let mut bytes = Vec::new();
        let packet = ServerPacket::Data(block.clone());
        packet
            .encode(Form::new(revision, None), &mut bytes)
            .unwrap();
        let mut packets = ServerPackets::new(revision, Limits::default());
        // In two pieces, so that something is cut.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        packets.push(first);
        assert_eq!(packets.next_packet().unwrap(), None);
        packets.push(second);
        let Some(ServerPacket::Data(again)) = packets.next_packet().unwrap() else {
            panic!("no block at {revision}");
        };
        assert_eq!(packets.undecoded(), 0);
        let rows: Vec<Value> = (0..again.rows())
            .map(|row| again.value(row, 0).unwrap())
            .collect();
        assert_eq!(rows, values, "at {revision}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn values_of_any_type_come_back((ty, values) in any_type().prop_flat_map(|ty| {
        let values = vec(value(&ty), 0..6);
        (Just(ty), values)
    })) {
        let block = Block::new().with_values("x", ty, values.clone()).unwrap();
        let own: Vec<Value> = (0..block.rows()).map(|row| block.value(row, 0).unwrap()).collect();
        prop_assert_eq!(&own, &values);
        comes_back(&block, &values);
    }

    #[test]
    fn any_type_is_printed_and_coded_both_ways(ty in any_type()) {
        prop_assert_eq!(&parsed(&ty.to_string()), &ty);
        let bytes = ty.to_binary().unwrap();
        prop_assert_eq!(DataType::from_binary(&bytes).unwrap(), (ty, bytes.len()));
        for cut in 0..bytes.len() {
            prop_assert!(DataType::from_binary(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn no_bytes_make_a_type_panic(bytes in vec(any::<u8>(), 0..60), text in "[A-Za-z(), `'=0-9.]{0,60}") {
        drop(DataType::from_binary(&bytes));
        drop(text.parse::<DataType>());
    }

    /// Whatever a byte becomes, it ends.
    #[test]
    fn no_changed_byte_makes_a_column_panic((ty, values, at, change) in any_type().prop_flat_map(|ty| {
        let values = vec(value(&ty), 1..4);
        (Just(ty), values, any::<prop::sample::Index>(), 1..=255_u8)
    })) {
        let block = Block::new().with_values("x", ty, values).unwrap();
        for revision in REVISIONS.map(Revision::new) {
            let mut bytes = Vec::new();
            let packet = ServerPacket::Data(block.clone());
            packet.encode(Form::new(revision, None), &mut bytes).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= change;
            let mut limits = Limits::default();
            limits.max_block_bytes = 1 << 20;
            let mut packets = ServerPackets::new(revision, limits);
            packets.push(&bytes);
            if let Ok(Some(ServerPacket::Data(block))) = packets.next_packet() {
                for row in 0..block.rows().min(100) {
                    drop(block.value(row, 0).map(|value| value.to_json()));
                }
            }
        }
    }
}
