//! Columns as the engine writes them with settings that change their form: flattened Dynamic and JSON, JSON as text, values
//! that have their type with them, vectors, and states of aggregate functions.

use ch_native::codec::{Feature, Revision};
use ch_native::message::{Form, ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, ColumnData, Limits};

use super::{block, decode, hex, packet};

/// Files are of revision 0, whose columns look as at this one.
const AS_IN_FILES: Revision = Revision::new(54_453);

struct Sample {
    type_name: &'static str,
    sql: &'static str,
    settings: &'static str,
    packet: Vec<u8>,
    /// The rows as JSON; `None` for states, of which the server prints no JSON.
    json: Option<&'static str>,
}

fn samples() -> Vec<Sample> {
    let lines = include_str!("../fixtures/native_format.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let rows = fields[1].parse().unwrap();
            Sample {
                type_name: fields[0],
                sql: fields[4],
                settings: fields[3],
                packet: packet(AS_IN_FILES, fields[0], rows, &hex(fields[2])),
                json: Some(fields[5]).filter(|json| *json != "-"),
            }
        })
        .collect()
}

fn rows(block: &Block) -> Vec<Value> {
    let rows = 0..block.rows();
    rows.map(|row| block.value(row, 0).unwrap()).collect()
}

fn encode(block: &Block, revision: Revision) -> Vec<u8> {
    let mut out = Vec::new();
    let packet = ServerPacket::Data(block.clone());
    packet.encode(Form::new(revision, None), &mut out).unwrap();
    out
}

#[test]
fn values_are_what_the_engine_prints() {
    let mut seen = 0;
    for s in samples() {
        let block = block(decode(AS_IN_FILES, &s.packet).unwrap().unwrap());
        let Some(json) = s.json else { continue };
        let rows: Vec<String> = match block.columns()[0].data() {
            ColumnData::Json(_) => {
                let cell = |row| block.columns()[0].cell(row).get::<String>();
                let texts = (0..block.rows()).map(|row| format!("[{}]", cell(row).unwrap()));
                texts.collect()
            }
            _ => rows(&block)
                .iter()
                .map(|v| format!("[{}]", v.to_json()))
                .collect(),
        };
        assert_eq!(rows.join(","), json, "{}", s.sql);
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn one_byte_at_a_time_gives_the_same() {
    for s in samples() {
        let whole = decode(AS_IN_FILES, &s.packet).unwrap().unwrap();
        let mut packets = ServerPackets::new(AS_IN_FILES, Limits::default());
        let (last, rest) = s.packet.split_last().unwrap();
        for byte in rest {
            packets.push(&[*byte]);
            assert_eq!(packets.next_packet().unwrap(), None, "{}", s.sql);
        }
        packets.push(&[*last]);
        assert_eq!(packets.next_packet().unwrap(), Some(whole), "{}", s.sql);
    }
}

/// The same bytes where ours is the form that they came in, and the same values at every revision.
#[test]
fn what_was_read_is_written_again() {
    for s in samples() {
        let first = block(decode(AS_IN_FILES, &s.packet).unwrap().unwrap());
        let is_flattened =
            s.settings.contains("flattened") && s.type_name != "Dynamic(max_types=0)";
        if !is_flattened {
            assert_eq!(encode(&first, AS_IN_FILES), s.packet, "{}", s.sql);
        }
        for revision in [AS_IN_FILES, Revision::new(54_472), Revision::MAX] {
            assert!(!AS_IN_FILES.has(Feature::DynamicV2));
            let again = decode(revision, &encode(&first, revision));
            let again = block(again.unwrap().unwrap());
            assert_eq!(rows(&again), rows(&first), "{} at {revision}", s.sql);
        }
    }
}

/// Each state was selected twice: the first ends where the second begins.
#[test]
fn states_are_told_apart() {
    let mut seen = 0;
    for s in samples() {
        if !s.type_name.starts_with("AggregateFunction") {
            continue;
        }
        let block = block(decode(AS_IN_FILES, &s.packet).unwrap().unwrap());
        let values = rows(&block);
        assert!(matches!(&values[0], Value::Opaque(bytes) if !bytes.is_empty()));
        assert_eq!(values, [values[0].clone(), values[0].clone()], "{}", s.sql);
        seen += 1;
    }
    assert!(seen > 80, "{seen}");
}

fn shared(nth: usize) -> Vec<Value> {
    let all = samples();
    let is_shared = |s: &&Sample| s.type_name == "Array(Dynamic(max_types=0))";
    let s = all.iter().filter(is_shared).nth(nth).unwrap();
    let block = block(decode(AS_IN_FILES, &s.packet).unwrap().unwrap());
    match rows(&block).remove(0) {
        Value::Array(values) => values,
        other => panic!("{other:?}"),
    }
}

/// The expected values are those of the SQL in the fixture.
#[test]
fn values_that_have_their_type_with_them_are_those_that_were_selected() {
    let text = |s: &str| Value::String(s.as_bytes().to_vec());
    let values = shared(0);
    assert_eq!(values[0], Value::UInt(1));
    assert_eq!(
        values[1],
        Value::Tuple(vec![text("a"), Value::UInt(2), Value::Null])
    );
    assert_eq!(values[2], Value::Map(vec![(text("k"), Value::UInt(1))]));
    let decimal = Value::Decimal {
        mantissa: 125,
        scale: 2,
    };
    assert_eq!(values[4], decimal);
    assert_eq!(values[6], Value::Ipv4("1.2.3.4".parse().unwrap()));
    let b = |value| Value::Enum {
        label: Some("b".to_owned()),
        value,
    };
    assert_eq!(values[8..10], [b(2), b(2000)]);
    let values = shared(1);
    let numbers = [1.0, 2.0, 3.0, 4.0].map(Value::Float32);
    assert_eq!(values[0], Value::Array(numbers.to_vec()));
    assert_eq!(values[1], Value::Opaque(hex("0100000000000000")));
    assert_eq!(
        values[2],
        Value::Array(vec![Value::UInt(5), text("a"), Value::Null])
    );
    assert_eq!(
        values[3],
        Value::Array(vec![Value::UInt(1), text("b"), Value::Null])
    );
    let pair = |a, b| Value::Tuple(vec![a, b]);
    assert_eq!(values[4], pair(Value::Float64(1.0), Value::Float64(2.0)));
    assert_eq!(
        values[5],
        Value::Array(vec![pair(Value::UInt(1), Value::UInt(2))])
    );
    assert_eq!(values[6], Value::UInt(7));
    // States of a function that is not known: the value as it came, with its type.
    assert!(
        matches!(&values[7], Value::Opaque(bytes) if bytes.starts_with(b"\x25\x00\x09quantiles"))
    );
}

/// Paths that have a column and paths that are left over, by name.
#[test]
fn objects_are_read_by_path() {
    let all = samples();
    let line = |json: &str| {
        let s = all
            .iter()
            .find(|s| s.json == Some(json) && s.settings == "-")
            .unwrap();
        block(decode(AS_IN_FILES, &s.packet).unwrap().unwrap())
    };
    for (json, has_columns) in [
        (r#"[{"a":1}],[{"b":"x"}],[{"a":"y"}]"#, true),
        (r#"[{"a":1,"b":2}],[{"b":"x"}],[{"c":[1]}],[{}]"#, false),
    ] {
        let block = line(json);
        let ColumnData::Json(objects) = block.columns()[0].data() else {
            panic!("not JSON");
        };
        assert_eq!(objects.paths().count() > 0, has_columns);
        let b = objects.path("b").unwrap();
        let values: Vec<String> = (0..3).map(|row| b.cell(row).to_value().to_json()).collect();
        let first = if has_columns { "null" } else { "2" };
        assert_eq!(values, [first, r#""x""#, "null"]);
        assert!(objects.path("nope").is_none());
        assert_eq!(objects.shared(0).count(), if has_columns { 0 } else { 2 });
    }
}
