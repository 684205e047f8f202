//! Columns as the ClickHouse engine writes them: decoded, compared with what was selected, and written again to the
//! same bytes.

mod accepted;
mod native_format;

use ch_native::codec::{Feature, Revision};
use ch_native::message::{Form, ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, Limits};

struct Sample {
    revision: Revision,
    type_name: String,
    /// A whole Data packet of one column `x`.
    packet: Vec<u8>,
}

fn varint(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    out.push(u8::try_from(n).unwrap());
}

/// Puts recorded column bytes into a Data packet, by the layout that the protocol's documents give.
fn packet(revision: Revision, type_name: &str, rows: usize, column: &[u8]) -> Vec<u8> {
    let mut out = vec![1, 0, 1, 0, 2, 0xff, 0xff, 0xff, 0xff];
    if revision.has(Feature::OutOfOrderBuckets) {
        out.extend([3, 0]);
    }
    out.extend([0, 1]);
    varint(&mut out, rows);
    out.extend([1, b'x']);
    varint(&mut out, type_name.len());
    out.extend(type_name.as_bytes());
    out.extend(column);
    out
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

fn samples() -> Vec<Sample> {
    let lines = include_str!("../fixtures/columns.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let revision = Revision::new(fields[0].parse().unwrap());
            let rows = fields[2].parse().unwrap();
            Sample {
                revision,
                type_name: fields[1].to_owned(),
                packet: packet(revision, fields[1], rows, &hex(fields[3])),
            }
        })
        .collect()
}

fn decode(revision: Revision, bytes: &[u8]) -> Result<Option<ServerPacket>, ch_native::Error> {
    let mut packets = ServerPackets::new(revision, Limits::default());
    packets.push(bytes);
    let packet = packets.next_packet()?;
    if packet.is_some() {
        assert_eq!(packets.undecoded(), 0, "bytes are left");
    }
    Ok(packet)
}

fn block(packet: ServerPacket) -> Block {
    match packet {
        ServerPacket::Data(block) => block,
        other => panic!("expected Data, got {other:?}"),
    }
}

#[test]
fn every_column_is_read_and_written_to_the_same_bytes() {
    let mut seen = 0;
    for s in &samples() {
        let what = format!("{} at {}", s.type_name, s.revision);
        let packet = decode(s.revision, &s.packet)
            .unwrap_or_else(|e| panic!("{what}: {e:?}"))
            .unwrap_or_else(|| panic!("{what}: wants more bytes"));
        let mut again = Vec::new();
        packet
            .encode(Form::new(s.revision, None), &mut again)
            .unwrap();
        assert_eq!(again, s.packet, "{what}");
        seen += 1;
    }
    assert_eq!(seen, 280);
}

/// Bytes are used up as they come: what is kept is never more than one small field, so nothing is read twice.
#[test]
fn one_byte_at_a_time_gives_the_same_block_and_keeps_nothing() {
    for s in &samples() {
        let whole = decode(s.revision, &s.packet).unwrap().unwrap();
        let mut packets = ServerPackets::new(s.revision, Limits::default());
        let (last, rest) = s.packet.split_last().unwrap();
        for byte in rest {
            packets.push(&[*byte]);
            assert_eq!(packets.next_packet().unwrap(), None, "{}", s.type_name);
            // The longest field that is not taken apart: a name and a type, of the column or in its prefix.
            assert!(packets.undecoded() <= s.type_name.len() + 80);
        }
        packets.push(&[*last]);
        assert_eq!(
            packets.next_packet().unwrap(),
            Some(whole),
            "{}",
            s.type_name
        );
    }
}

fn values(type_name: &str, nth: usize) -> Vec<Value> {
    let all = samples();
    let newest = all.iter().filter(|s| s.revision == Revision::MAX);
    let s = newest
        .filter(|s| s.type_name == type_name)
        .nth(nth)
        .unwrap();
    let block = block(decode(s.revision, &s.packet).unwrap().unwrap());
    (0..block.rows())
        .map(|row| block.value(row, 0).unwrap())
        .collect()
}

fn text(s: &str) -> Value {
    Value::String(s.as_bytes().to_vec())
}

/// The expected values are those of the SQL in the fixture.
#[test]
fn values_are_those_that_were_selected() {
    let one = |type_name: &str| values(type_name, 0).remove(0);
    assert_eq!(one("Int128"), Value::Int128(-2));
    assert_eq!(one("BFloat16"), Value::Float32(1.5));
    assert_eq!(one("Bool"), Value::Bool(true));
    assert_eq!(
        one("Decimal(9, 2)"),
        Value::Decimal {
            mantissa: -125,
            scale: 2
        }
    );
    assert_eq!(one("FixedString(3)"), text("ab\0"));
    assert_eq!(
        one("UUID"),
        Value::Uuid(0x550e_8400_e29b_41d4_a716_4466_5544_0000)
    );
    assert_eq!(one("Date"), Value::Date(19_724));
    assert_eq!(one("Date32"), Value::Date(-16_435));
    assert_eq!(
        one("DateTime('Europe/Berlin')"),
        Value::DateTime(1_704_150_000)
    );
    assert_eq!(
        one("DateTime64(9, 'UTC')"),
        Value::DateTime64 {
            ticks: 1_704_153_600_123_456_789,
            precision: 9
        }
    );
    assert_eq!(
        one("Time64(3)"),
        Value::Time {
            ticks: -45_296_789,
            precision: 3
        }
    );
    assert_eq!(one("IPv4"), Value::Ipv4("192.168.1.10".parse().unwrap()));
    assert_eq!(one("IPv6"), Value::Ipv6("2001:db8::1".parse().unwrap()));
    assert_eq!(
        one("Enum8('a' = -1, 'b' = 2)"),
        Value::Enum {
            label: Some("a".to_owned()),
            value: -1
        }
    );
    assert_eq!(one("IntervalDay"), Value::Interval(5));
    assert_eq!(
        one("Map(String, UInt8)"),
        Value::Map(vec![
            (text("a"), Value::UInt(1)),
            (text("b"), Value::UInt(2))
        ])
    );
    assert_eq!(
        one("Point"),
        Value::Tuple(vec![Value::Float64(1.0), Value::Float64(2.0)])
    );
    assert_eq!(one("SimpleAggregateFunction(sum, UInt64)"), Value::UInt(5));
}

fn object(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter().map(|(p, v)| ((*p).to_owned(), v.clone()));
    Value::Json(entries.collect())
}

#[test]
fn values_of_several_types_are_those_that_were_selected() {
    let three = [Value::UInt(42), text("hi"), Value::Null];
    assert_eq!(values("Variant(String, UInt64)", 0), three);
    assert_eq!(values("Dynamic", 0), three);
    // The text has its type with it: one type at most has a column.
    assert_eq!(values("Dynamic(max_types=1)", 0), three);
    assert_eq!(
        values("Dynamic", 1),
        [
            Value::Null,
            Value::UInt(5),
            Value::Array(vec![Value::UInt(1), Value::UInt(2)]),
            text("a"),
            Value::Date(3),
        ]
    );
    assert_eq!(
        values("Variant(Array(LowCardinality(String)), UInt64)", 0),
        [Value::UInt(42), Value::Array(vec![text("hi")])]
    );
    assert_eq!(
        values("Array(Variant(String, UInt64))", 0),
        [Value::Array(vec![Value::UInt(1), text("a"), Value::Null])]
    );
    assert_eq!(
        values("Array(Dynamic)", 0),
        [Value::Array(vec![Value::UInt(1), text("a")])]
    );
    let point = Value::Tuple(vec![Value::Float64(1.0), Value::Float64(2.0)]);
    assert_eq!(values("Geometry", 0), [point]);
}

#[test]
fn objects_are_those_that_were_selected() {
    let hi = [("a", Value::Int(42)), ("b", text("hi"))];
    let list = Value::Array(vec![Value::Int(1), Value::Int(2)]);
    let with_list = [
        ("a", Value::Int(42)),
        ("b", text("hi")),
        ("c", list.clone()),
    ];
    assert_eq!(values("JSON", 0), [object(&hi)]);
    let typed = [("a", Value::UInt(42)), ("b", text("hi")), ("c", list)];
    assert_eq!(values("JSON(a UInt32)", 0), [object(&typed)]);
    // Two of the three paths are left over.
    assert_eq!(values("JSON(max_dynamic_paths=1)", 0), [object(&with_list)]);
    let one = object(&[("a", Value::Int(1))]);
    assert_eq!(values("Array(JSON)", 0), [Value::Array(vec![one.clone()])]);
    assert_eq!(values("Nullable(JSON)", 0), [Value::Null, one]);
    let nested = values("JSON", 1).remove(0);
    assert_eq!(
        nested.to_json(),
        r#"{"a":{"b":1,"c":[{"d":2}]},"f":1.5,"g":true,"h":"2024-01-01"}"#
    );
}

#[test]
fn vectors_and_states_are_those_that_were_selected() {
    let floats = |n: u8| (1..=n).map(|i| Value::Float64(f64::from(i)));
    let singles = (1..=8_u8).map(|i| Value::Float32(f32::from(i)));
    assert_eq!(
        values("QBit(Float32, 8)", 0),
        [Value::Array(singles.collect())]
    );
    assert_eq!(
        values("QBit(Float64, 9)", 0),
        [Value::Array(floats(9).collect())]
    );
    let half = |first: f32| Value::Array([first, 2.0, 3.0, 4.0].map(Value::Float32).to_vec());
    assert_eq!(values("QBit(BFloat16, 4)", 0), [half(0.0), half(1.0)]);
    for (type_name, state) in [
        ("AggregateFunction(count)", "ac02"),
        ("AggregateFunction(sum, UInt64)", "2d00000000000000"),
        ("AggregateFunction(avg, UInt64)", "2d000000000000000a"),
        (
            "AggregateFunction(argMax, String, DateTime)",
            "0200000078000101000000",
        ),
    ] {
        assert_eq!(values(type_name, 0), [Value::Opaque(hex(state))]);
    }
}

#[test]
fn values_in_many_rows_are_those_that_were_selected() {
    assert_eq!(
        values("Nullable(String)", 0),
        [Value::Null, text("x"), Value::Null, text("x")]
    );
    assert_eq!(
        values("Nullable(Nothing)", 0),
        [Value::Null, Value::Null, Value::Null]
    );
    assert_eq!(
        values("LowCardinality(String)", 0),
        ["a", "b", "a", "c", "b"].map(text)
    );
    assert_eq!(
        values("LowCardinality(Nullable(String))", 0),
        [text("0"), Value::Null, text("2"), text("3")]
    );
    assert_eq!(
        values("Array(Array(UInt8))", 0),
        [Value::Array(vec![
            Value::Array(vec![Value::UInt(1), Value::UInt(2)]),
            Value::Array(vec![]),
            Value::Array(vec![Value::UInt(3)]),
        ])]
    );
    assert_eq!(
        values("Nested(a UInt8, b String)", 0),
        [Value::Array(vec![
            Value::Tuple(vec![Value::UInt(1), text("q")]),
            Value::Tuple(vec![Value::UInt(2), text("w")]),
        ])]
    );
}
