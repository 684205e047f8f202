//! Sparse and replicated columns. No server that is at hand sends them, so the bytes are put together by hand from the
//! description of the format in ClickHouse's `SerializationInfo` and `SerializationSparse`. The ClickHouse engine 26.9
//! (`chdb-core` 26.9.0), given the same bytes by a server, read the same values; see `fixtures/ORIGIN.md`.

use ch_native::codec::Revision;
use ch_native::message::{ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, ErrorKind, Limits};

fn decode(type_name: &str, rows: u8, column: &[u8]) -> Result<Block, ch_native::Error> {
    let mut bytes = vec![
        1,
        0,
        0,
        1,
        rows,
        1,
        b'x',
        u8::try_from(type_name.len()).unwrap(),
    ];
    bytes.extend(type_name.as_bytes());
    bytes.extend(column);
    let mut packets = ServerPackets::new(Revision::MAX, Limits::default());
    // Byte by byte: these decoders must be resumable as well.
    for byte in &bytes {
        packets.push(&[*byte]);
        match packets.next_packet()? {
            None => {}
            Some(ServerPacket::Data(block)) => return Ok(block),
            Some(other) => panic!("{other:?}"),
        }
    }
    panic!("wants more than {bytes:02x?}")
}

fn values(type_name: &str, rows: u8, column: &[u8]) -> Vec<Value> {
    let block = decode(type_name, rows, column).unwrap();
    assert_eq!(block.rows(), usize::from(rows));
    (0..block.rows())
        .map(|row| block.value(row, 0).unwrap())
        .collect()
}

/// 1 << 62 as a varint, with `n` in its low bits: the last group of a sparse column.
fn last(n: u8) -> Vec<u8> {
    vec![0x80 | n, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]
}

fn text(s: &str) -> Value {
    Value::String(s.as_bytes().to_vec())
}

#[test]
fn sparse_numbers_have_their_defaults_back() {
    // One default, 7, two defaults, 9, one default.
    let column = [vec![1, 1, 1, 2], last(1), vec![7, 9]].concat();
    let expected = [0, 7, 0, 0, 9, 0].map(Value::UInt);
    assert_eq!(values("UInt8", 6, &column), expected);
    // Nothing but defaults: no explicit values at all.
    let column = [vec![1, 1], last(3)].concat();
    assert_eq!(values("UInt8", 3, &column), [0, 0, 0].map(Value::UInt));
}

#[test]
fn sparse_strings_keep_the_layout_of_their_revision() {
    let ends = [2_u64, 3].map(u64::to_le_bytes).concat();
    let column = [vec![1, 1, 0, 1], last(0), ends, b"hiy".to_vec()].concat();
    assert_eq!(values("String", 3, &column), ["hi", "", "y"].map(text));
}

#[test]
fn the_default_of_a_sparse_nullable_is_null() {
    let column = [vec![1, 1, 1], last(1), vec![5]].concat();
    let expected = [Value::Null, Value::UInt(5), Value::Null];
    assert_eq!(values("Nullable(UInt8)", 3, &column), expected);
}

#[test]
fn a_tuple_says_the_kind_of_each_element() {
    let ends = 2_u64.to_le_bytes();
    // 1: a kind follows; 0 for the tuple, 0 for a, 1 for b.
    let column = [&[1, 0, 0, 1, 10, 20, 1][..], &last(0), &ends, b"zz"].concat();
    let row = |a, b| Value::Tuple(vec![Value::UInt(a), text(b)]);
    assert_eq!(
        values("Tuple(a UInt8, b String)", 2, &column),
        [row(10, ""), row(20, "zz")]
    );
}

#[test]
fn replicated_values_are_repeated_by_index() {
    let ends = [1_u64, 3].map(u64::to_le_bytes).concat();
    let column = [vec![1, 4, 4, 1, 1, 0, 0, 1, 2], ends, b"abb".to_vec()].concat();
    assert_eq!(
        values("String", 4, &column),
        ["bb", "a", "a", "bb"].map(text)
    );
    let error = decode("UInt8", 1, &[1, 4, 1, 1, 5, 1, 9]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn layers_are_applied_from_the_inside() {
    // Default, sparse, replicated: three rows that point to two sparse values 0 and 7.
    let column = [
        vec![1, 5, 3, 0, 1, 3, 3, 1, 1, 0, 1, 2, 1],
        last(0),
        vec![7],
    ]
    .concat();
    assert_eq!(values("UInt8", 3, &column), [7, 0, 7].map(Value::UInt));
}

/// Replicated: the kind, 3 rows, width 1, indexes 1 0 1, 2 values; then the values in the form of their type.
fn twice(kinds: &[u8], prefix: &[u8], values: &[u8]) -> Vec<u8> {
    [&[1], kinds, prefix, &[3, 1, 1, 0, 1, 2], values].concat()
}

#[test]
fn values_with_others_inside_are_repeated_too() {
    let ends = |n: [u64; 2]| n.map(u64::to_le_bytes).concat();
    let array = |numbers: &[u64]| Value::Array(numbers.iter().copied().map(Value::UInt).collect());
    let column = twice(&[4], &[], &[ends([2, 3]), vec![7, 8, 9]].concat());
    assert_eq!(
        values("Array(UInt8)", 3, &column),
        [array(&[9]), array(&[7, 8]), array(&[9])]
    );
    let column = twice(&[4], &[], &[1, 0, 5, 6]);
    assert_eq!(
        values("Nullable(UInt8)", 3, &column),
        [Value::UInt(6), Value::Null, Value::UInt(6)]
    );
    // The codes of the elements follow that of the tuple.
    let column = twice(
        &[4, 0, 0],
        &[],
        &[&[1, 2][..], &ends([1, 2]), b"ab"].concat(),
    );
    let row = |a, b| Value::Tuple(vec![Value::UInt(a), text(b)]);
    assert_eq!(
        values("Tuple(a UInt8, b String)", 3, &column),
        [row(2, "b"), row(1, "a"), row(2, "b")]
    );
    let dictionary = [0x600_u64, 3].map(u64::to_le_bytes).concat();
    let keys = [&2_u64.to_le_bytes()[..], &[1, 2]].concat();
    let column = twice(
        &[4],
        &1_u64.to_le_bytes(),
        &[dictionary, vec![0, 1, b'x', 1, b'y'], keys].concat(),
    );
    assert_eq!(
        values("LowCardinality(String)", 3, &column),
        ["y", "x", "y"].map(text)
    );
    let column = twice(
        &[4],
        &[0; 8],
        &[&[1, 0][..], &ends([0, 1])[..8], b"", &[7]].concat(),
    );
    assert_eq!(
        values("Variant(String, UInt8)", 3, &column),
        [text(""), Value::UInt(7), text("")]
    );
}

/// The names of the elements of a Nullable tuple have no codes of their own.
#[test]
fn a_nullable_tuple_has_one_code() {
    let column = [1, 4, 2, 1, 1, 0, 2, 0, 1, 5, 6];
    let row = Value::Tuple(vec![Value::UInt(5)]);
    assert_eq!(
        values("Nullable(Tuple(UInt8))", 2, &column),
        [Value::Null, row]
    );
    let error = decode("Nullable(Tuple(UInt8))", 1, &[1, 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

/// What sparse columns leave out are zeros, also where the default of the type is another.
#[test]
fn gaps_are_zeros() {
    let one_gap = [vec![1, 1], last(1)].concat();
    assert_eq!(values("Date32", 1, &one_gap), [Value::Date(0)]);
    assert_eq!(values("UUID", 1, &one_gap), [Value::Uuid(0)]);
    let label = Value::Enum {
        label: None,
        value: 0,
    };
    assert_eq!(values("Enum8('a' = 1)", 1, &one_gap), [label]);
    assert_eq!(values("FixedString(2)", 1, &one_gap), [text("\0\0")]);
    for never in [
        "Array(UInt8)",
        "Variant(UInt8)",
        "Dynamic",
        "JSON",
        "LowCardinality(String)",
        "AggregateFunction(count)",
        "QBit(Float32, 8)",
        "Map(UInt8, UInt8)",
    ] {
        let error = decode(never, 1, &one_gap).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{never}");
    }
}

#[test]
fn offsets_beyond_the_rows_are_refused() {
    for offsets in [
        last(4),
        [vec![3], last(0)].concat(),
        [vec![0], last(3)].concat(),
    ] {
        let column = [vec![1, 1], offsets, vec![0]].concat();
        assert_eq!(
            decode("UInt8", 3, &column).unwrap_err().kind(),
            ErrorKind::Decode
        );
    }
}
