//! Columns of several types that this crate made out of values: the bytes that the engine read, and what it printed of them.

use ch_native::codec::Revision;
use ch_native::message::{Form, ServerPacket};
use ch_native::types::Value;
use ch_native::{Block, DataType};

use super::{hex, packet};

const AS_IN_FILES: Revision = Revision::new(54_453);

fn text(s: &str) -> Value {
    Value::String(s.as_bytes().to_vec())
}

fn object(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter().map(|(p, v)| ((*p).to_owned(), v.clone()));
    Value::Json(entries.collect())
}

fn objects() -> Vec<Value> {
    let list = Value::Array(vec![Value::Int(1), Value::Null]);
    let inner = Value::Array(vec![object(&[("q", Value::Int(3))]), object(&[])]);
    let mixed = Value::Array(vec![Value::Int(1), text("s")]);
    vec![
        object(&[
            ("a", Value::Int(1)),
            ("arr", inner),
            ("b.c", text("x")),
            ("l", list),
        ]),
        object(&[]),
        object(&[
            ("a", text("y")),
            ("e", Value::Array(vec![])),
            ("m", mixed),
            ("z", Value::Float64(1.5)),
        ]),
    ]
}

/// Values of the line of the fixture with that type; `nth` among those of one type.
fn values(type_name: &str, nth: usize) -> Vec<Value> {
    let numbers = |n: u8| Value::Array((0..n).map(|i| Value::Float32(f32::from(i))).collect());
    let point = |x| Value::Tuple(vec![Value::Float64(x), Value::Float64(2.0)]);
    let pair = Value::Tuple(vec![Value::UInt(1), text("a")]);
    match (type_name, nth) {
        ("Variant(UInt64, String)", _) => vec![Value::UInt(1), text("a"), Value::Null],
        ("Dynamic", 0) => vec![
            Value::UInt(1),
            text("a"),
            Value::Null,
            Value::Array(vec![Value::UInt(1), text("x"), Value::Null]),
            Value::Date(3),
            Value::Bool(true),
            Value::Tuple(vec![Value::Null, Value::Int(1)]),
            Value::Map(vec![(text("k"), Value::UInt(2))]),
            object(&[("a.b", Value::Int(1))]),
        ],
        // A value that has its type with it.
        ("Dynamic", _) => vec![Value::Opaque(b"\x15\x02hi".to_vec()), Value::UInt(3)],
        ("Dynamic(max_types=1)", _) => {
            vec![Value::UInt(1), text("a"), Value::Null, Value::Float64(1.5)]
        }
        ("JSON", 1) => vec![text("{\"a\":1}"), text("{}")],
        ("Array(JSON)", _) => vec![Value::Array(objects())],
        ("Nullable(JSON)", _) => vec![Value::Null, objects().remove(0)],
        ("Geometry", _) => vec![point(1.0), Value::Array(vec![point(3.0)]), Value::Null],
        ("QBit(Float32, 16, 8)", _) => vec![numbers(16)],
        ("QBit(BFloat16, 3)", _) => vec![numbers(3)],
        ("AggregateFunction(sum, UInt64)", _) => vec![Value::Opaque(hex("0500000000000000"))],
        ("Nullable(Tuple(UInt8, String))", _) => vec![Value::Null, pair],
        ("Array(Dynamic)", _) => vec![
            Value::Array(vec![]),
            Value::Array(vec![Value::UInt(1), text("q")]),
        ],
        ("Variant(Array(LowCardinality(String)), UInt64)", _) => {
            vec![Value::Array(vec![text("x")]), Value::UInt(3)]
        }
        _ => objects(),
    }
}

#[test]
fn what_the_engine_read_is_written_from_the_same_values() {
    let lines = include_str!("../fixtures/accepted.tsv").lines();
    let mut seen: Vec<&str> = Vec::new();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let nth = seen.iter().filter(|name| **name == fields[0]).count();
        let ty: DataType = fields[0].parse().unwrap();
        let block = Block::new()
            .with_values("x", ty.clone(), values(fields[0], nth))
            .unwrap();
        let json: Vec<String> = (0..block.rows())
            .map(|row| format!("[{}]", block.value(row, 0).unwrap().to_json()))
            .collect();
        let mut bytes = Vec::new();
        let form = Form::new(AS_IN_FILES, None);
        ServerPacket::Data(block).encode(form, &mut bytes).unwrap();
        let rows = fields[1].parse().unwrap();
        let expected = packet(AS_IN_FILES, &ty.to_string(), rows, &hex(fields[2]));
        assert_eq!(bytes, expected, "{line}");
        // The engine printed the result of the state, not the state.
        if !fields[0].starts_with("AggregateFunction") {
            assert_eq!(json.join(","), fields[3], "{line}");
        }
        seen.push(fields[0]);
    }
    assert!(seen.len() >= 15, "{}", seen.len());
}
