//! The deepest types that are accepted: read byte by byte, looked at, printed and dropped with as little stack as a small thread
//! has.

use ch_native::codec::Revision;
use ch_native::message::{Form, ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, DataType, Limits};

fn written(block: &Block, revision: Revision) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packet = ServerPacket::Data(block.clone());
    packet
        .encode(Form::new(revision, None), &mut bytes)
        .unwrap();
    bytes
}

/// The reader of the deepest value is entered again for each byte.
fn read(bytes: &[u8], revision: Revision) -> Block {
    let mut packets = ServerPackets::new(revision, Limits::default());
    let mut found = None;
    for byte in bytes {
        packets.push(&[*byte]);
        found = packets.next_packet().unwrap();
    }
    match found {
        Some(ServerPacket::Data(block)) => block,
        other => panic!("{other:?}"),
    }
}

fn comes_back(name: &str, value: &Value) {
    let ty: DataType = name.parse().unwrap();
    let values = vec![value.clone(), value.clone()];
    let block = Block::new().with_values("x", ty, values).unwrap();
    for revision in [54_453, 54_492].map(Revision::new) {
        let bytes = written(&block, revision);
        let small = std::thread::Builder::new().stack_size(128 << 10);
        let look = move || {
            let again = read(&bytes, revision);
            let found = again.value(1, 0).unwrap();
            let type_name = again.columns()[0].data_type().to_string();
            (found.to_json(), found, type_name)
        };
        let (json, found, type_name) = small.spawn(look).unwrap().join().unwrap();
        assert_eq!(json, value.to_json());
        assert_eq!(&found, value);
        assert_eq!(type_name, name);
    }
}

fn nested(times: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..times).fold(Value::UInt(1), |value, _| wrap(value))
}

fn name(open: &str, times: usize) -> String {
    open.repeat(times) + "UInt8" + &")".repeat(times)
}

#[test]
fn arrays_tuples_and_maps_of_64_levels() {
    comes_back(&name("Array(", 63), &nested(63, |v| Value::Array(vec![v])));
    comes_back(&name("Tuple(", 63), &nested(63, |v| Value::Tuple(vec![v])));
    let entry = |v| Value::Map(vec![(Value::UInt(2), v)]);
    comes_back(&name("Map(UInt8, ", 31), &nested(31, entry));
}

#[test]
fn variants_and_objects_of_64_levels() {
    comes_back(&name("Variant(", 63), &Value::UInt(1));
    let object = |v| Value::Json(vec![("a".to_owned(), v)]);
    comes_back(&name("JSON(a ", 31), &nested(31, object));
    comes_back(&name("SimpleAggregateFunction(any, ", 63), &Value::UInt(1));
}

/// Dynamic, Array, Dynamic …, whose types come with the data.
#[test]
fn types_in_the_data_of_62_levels() {
    comes_back(
        "Dynamic",
        &nested(30, |v| Value::Array(vec![v, Value::Null])),
    );
}
