//! Variant, Dynamic, JSON, vectors and states that lie about counts, versions and numbers of types: typed errors before any
//! memory is taken, on little stack.

mod deep;

use ch_native::codec::Revision;
use ch_native::message::{ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{ErrorKind, Limits};

fn string(text: &str) -> Vec<u8> {
    let mut out = vec![u8::try_from(text.len()).unwrap()];
    out.extend(text.as_bytes());
    out
}

/// A Data packet with one column of that type; revision 54472, where Strings have their lengths before them.
fn decode(
    rows: &[u8],
    type_name: &str,
    column: &[u8],
) -> Result<Option<ServerPacket>, ch_native::Error> {
    let mut bytes = vec![1, 0, 0, 1];
    bytes.extend(rows);
    bytes.extend([1, b'x']);
    bytes.extend(string(type_name));
    bytes.push(0);
    bytes.extend(column);
    let mut packets = ServerPackets::new(Revision::new(54_472), Limits::default());
    packets.push(&bytes);
    packets.next_packet()
}

fn values(rows: u8, type_name: &str, column: &[u8]) -> Vec<Value> {
    match decode(&[rows], type_name, column).unwrap() {
        Some(ServerPacket::Data(block)) => (0..block.rows())
            .map(|row| block.value(row, 0).unwrap())
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn u64s(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn source(error: &ch_native::Error) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

/// Two to the 62nd as a varint.
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
/// Nine hundred million: allowed as a number of rows, but not as so many bytes.
const ROWS_9E8: [u8; 5] = [0x80, 0xd2, 0x93, 0xad, 0x03];

/// Type, column, kind of the error, and a part of its text.
type Lie = (&'static str, Vec<u8>, ErrorKind, &'static str);

fn version(n: u64, rest: &[u8]) -> Vec<u8> {
    [&n.to_le_bytes()[..], rest].concat()
}

fn are_found_out(lies: Vec<Lie>) {
    for (type_name, column, kind, text) in lies {
        let error = decode(&[2], type_name, &column).unwrap_err();
        assert_eq!(error.kind(), kind, "{type_name}: {}", source(&error));
        assert!(
            source(&error).contains(text),
            "expected {text:?} in {}",
            source(&error)
        );
    }
}

#[test]
fn lies_of_variants_are_found_out() {
    are_found_out(vec![
        (
            "Variant(String, UInt8)",
            u64s(&[2]),
            ErrorKind::Decode,
            "mode: is 2",
        ),
        (
            "Variant(String, UInt8)",
            version(0, &[0, 2]),
            ErrorKind::Decode,
            "is 2, but there are 2 types",
        ),
        (
            "Variant(String, UInt8)",
            version(1, &[0, 0]),
            ErrorKind::Decode,
            "are 0, but 2 rows are missing",
        ),
        (
            "Variant(String, UInt8)",
            version(1, &[3, 0]),
            ErrorKind::Decode,
            "are 3, but 2 rows are missing",
        ),
        (
            "Variant(String, UInt8)",
            version(1, &[1, 2]),
            ErrorKind::Decode,
            "format: is 2",
        ),
        (
            "Variant(String, UInt8)",
            version(1, &[1, 1, 9]),
            ErrorKind::Decode,
            "is 9, but",
        ),
    ]);
}

#[test]
fn lies_of_dynamics_are_found_out() {
    are_found_out(vec![
        (
            "Dynamic",
            u64s(&[0]),
            ErrorKind::Unsupported,
            "version 0 of Dynamic",
        ),
        (
            "Dynamic",
            u64s(&[4]),
            ErrorKind::Unsupported,
            "version 4 of Dynamic",
        ),
        (
            "Dynamic",
            version(2, &HUGE),
            ErrorKind::Limit,
            "types of a Dynamic",
        ),
        (
            "Dynamic",
            version(2, &[255, 1]),
            ErrorKind::Limit,
            "types of a Dynamic",
        ),
        (
            "Dynamic",
            version(3, &HUGE),
            ErrorKind::Limit,
            "types of a Dynamic",
        ),
        (
            "Dynamic",
            version(2, &[&[1][..], &HUGE].concat()),
            ErrorKind::Limit,
            "text bytes",
        ),
        (
            "Dynamic",
            version(2, &[1, 3, b'O', b'd', b'd']),
            ErrorKind::Unsupported,
            "type Odd",
        ),
        (
            "Dynamic",
            version(2, &[1, 2, b'(', b'd']),
            ErrorKind::Decode,
            "expected the name",
        ),
        (
            "Dynamic",
            version(2, &[1, 1, 0xff]),
            ErrorKind::Decode,
            "UTF-8",
        ),
        (
            "Dynamic",
            version(3, &[1, 5, b'U', b'I', b'n', b't', b'8', 2]),
            ErrorKind::Decode,
            "is 2, but there are 1 types",
        ),
    ]);
}

#[test]
fn lies_of_objects_are_found_out() {
    let falling = [u64s(&[0]), vec![0, 0], u64s(&[2, 1])].concat();
    are_found_out(vec![
        (
            "JSON",
            u64s(&[4]),
            ErrorKind::Unsupported,
            "version 4 of JSON",
        ),
        (
            "JSON",
            version(2, &[&[1][..], &HUGE].concat()),
            ErrorKind::Limit,
            "text bytes",
        ),
        (
            "JSON",
            version(2, &[1, 1, 0xff]),
            ErrorKind::Decode,
            "UTF-8",
        ),
        ("JSON", falling, ErrorKind::Decode, "ends: fall"),
        (
            "JSON",
            [u64s(&[0]), vec![0, 0], u64s(&[0, u64::MAX])].concat(),
            ErrorKind::Limit,
            "max_block_bytes",
        ),
        (
            "JSON",
            version(1, &HUGE),
            ErrorKind::Limit,
            "max_block_bytes",
        ),
        (
            "JSON(a Dynamic)",
            [u64s(&[0]), vec![0, 0], u64s(&[9])].concat(),
            ErrorKind::Unsupported,
            "path a",
        ),
    ]);
}

#[test]
fn states_and_types_that_nobody_knows_are_named() {
    are_found_out(vec![
        (
            "AggregateFunction(min, Array(UInt64))",
            [&[1][..], &HUGE].concat(),
            ErrorKind::Decode,
            "no state holds",
        ),
        (
            "AggregateFunction(topK(3), UInt8)",
            vec![],
            ErrorKind::Unsupported,
            "finalizeAggregation",
        ),
        (
            "AggregateFunction(1, sum, UInt8)",
            vec![],
            ErrorKind::Unsupported,
            "sumMerge",
        ),
        (
            "AggregateFunction(sumMap, Array(UInt8), Array(UInt8))",
            vec![],
            ErrorKind::Unsupported,
            "column x Aggr",
        ),
        (
            "Object('json')",
            vec![],
            ErrorKind::Unsupported,
            "Object('json')",
        ),
    ]);
}

#[test]
fn rows_that_cannot_come_are_refused_by_the_limit() {
    for (type_name, prefix) in [
        ("Variant(UInt8)", u64s(&[0])),
        ("Dynamic", [u64s(&[2]), vec![0], u64s(&[0])].concat()),
        ("Dynamic", [u64s(&[3]), vec![0]].concat()),
        ("JSON", [u64s(&[2]), vec![0]].concat()),
        ("JSON", [u64s(&[3]), vec![0]].concat()),
        ("JSON", u64s(&[1])),
        ("QBit(Float32, 8)", vec![]),
        ("QBit(Float64, 16777216)", vec![]),
        ("AggregateFunction(count)", vec![]),
    ] {
        let error = decode(&ROWS_9E8, type_name, &prefix).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Limit,
            "{type_name}: {}",
            source(&error)
        );
        assert!(
            source(&error).contains("max_block_bytes"),
            "{}",
            source(&error)
        );
    }
}

/// Paths and types without values cost memory as well.
#[test]
fn a_prefix_is_paid_for() {
    let mut column = u64s(&[2]);
    column.extend([0x80, 0x80, 0x80, 0x01]);
    column.extend(std::iter::repeat_n(0, 1 << 20));
    let error = decode(&[1], "JSON", &column).unwrap_err();
    assert!(
        source(&error).contains("max_block_bytes"),
        "{}",
        source(&error)
    );
}

/// Both forms of a run; see `fixtures/ORIGIN.md`.
#[test]
fn runs_of_a_compact_variant_are_read() {
    // Two rows of the second type, then three rows one by one.
    let column = [
        &u64s(&[1])[..],
        &[2, 1, 1, 3, 0, 0, 255, 1, 2, b'h', b'i', 7, 8, 9],
    ]
    .concat();
    let expected = [
        Value::UInt(7),
        Value::UInt(8),
        Value::String(b"hi".to_vec()),
        Value::Null,
        Value::UInt(9),
    ];
    assert_eq!(values(5, "Variant(String, UInt8)", &column), expected);
    // Types of a Variant count in the order of their names, whatever order they are given in.
    assert_eq!(values(5, "Variant(UInt8, String)", &column), expected);
}

/// An array of tuples of nothing, which would make a thousand values out of each byte.
#[test]
fn values_without_bytes_are_not_made() {
    let mut value = vec![0x1e, 0x1f, 100];
    value.extend([0; 100]);
    value.push(10);
    value.extend([0; 10]);
    let mut column = u64s(&[2]);
    column.push(0);
    column.extend(u64s(&[0]));
    column.push(0);
    column.push(u8::try_from(value.len()).unwrap());
    column.extend(&value);
    assert_eq!(values(1, "Dynamic", &column), [Value::Opaque(value)]);
}
