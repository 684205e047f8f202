//! Packets that are cut, lie or are damaged: typed errors, no panic, no memory for what never comes.

#[cfg(all(feature = "lz4", feature = "zstd"))]
use ch_native::codec::cityhash;
use ch_native::codec::{Method, Revision};
use ch_native::message::{
    Form, ProfileInfo, Progress, ServerHello, ServerPacket, ServerPackets, TableColumns,
};
use ch_native::{Block, ErrorKind, Limits, ServerError};

fn decode_with(
    limits: Limits,
    compressed: bool,
    bytes: &[u8],
) -> Result<Option<ServerPacket>, ch_native::Error> {
    let mut packets = ServerPackets::new(Revision::MAX, limits);
    packets.set_compressed(compressed);
    packets.push(bytes);
    packets.next_packet()
}

fn encode(packet: &ServerPacket, compression: Option<Method>) -> Vec<u8> {
    let mut out = Vec::new();
    packet
        .encode(Form::new(Revision::MAX, compression), &mut out)
        .unwrap();
    out
}

fn sample_block() -> Block {
    Block::new()
        .with("id", vec![1_u64, 2, 3])
        .and_then(|b| b.with("name", vec![Some("a"), None, Some("ccc")]))
        .and_then(|b| b.with("tags", vec![vec!["x"], vec![], vec!["y", "z"]]))
        .unwrap()
}

fn packets() -> Vec<ServerPacket> {
    let mut outer = ServerError::new(60, "DB::Exception", "no such table");
    outer
        .causes
        .push(ServerError::new(1, "std::exception", "cause"));
    let mut hello = ServerHello::new("ClickHouse", (26, 9, 2), Revision::MAX);
    hello
        .password_rules
        .push((".{8}".to_owned(), "too short".to_owned()));
    vec![
        ServerPacket::Hello(hello),
        ServerPacket::Data(sample_block()),
        ServerPacket::Data(Block::new()),
        ServerPacket::Exception(outer),
        ServerPacket::Progress(Progress::default()),
        ServerPacket::Pong,
        ServerPacket::EndOfStream,
        ServerPacket::ProfileInfo(ProfileInfo::default()),
        ServerPacket::Totals(sample_block()),
        ServerPacket::Extremes(sample_block()),
        ServerPacket::Log(sample_block()),
        ServerPacket::ProfileEvents(sample_block()),
        ServerPacket::TableColumns(TableColumns::new("t", "columns format version: 1")),
        ServerPacket::TimezoneUpdate("Europe/Berlin".to_owned()),
    ]
}

/// Those of this build.
fn compressions() -> impl Iterator<Item = Option<Method>> {
    let all = [
        None,
        Some(Method::None),
        Some(Method::Lz4),
        Some(Method::Zstd),
    ];
    all.into_iter()
        .filter(|c| c.is_none_or(Method::is_available))
}

#[test]
fn every_prefix_of_every_packet_wants_more_and_the_whole_comes_back() {
    for compression in compressions() {
        for packet in packets() {
            let bytes = encode(&packet, compression);
            for cut in 0..bytes.len() {
                let got = decode_with(Limits::default(), compression.is_some(), &bytes[..cut]);
                assert_eq!(got.unwrap(), None, "{packet:?} cut at {cut}");
            }
            let got = decode_with(Limits::default(), compression.is_some(), &bytes);
            assert_eq!(got.unwrap(), Some(packet));
        }
    }
}

#[test]
fn no_changed_byte_makes_it_panic() {
    for compression in compressions() {
        for packet in packets() {
            let bytes = encode(&packet, compression);
            for at in 0..bytes.len() {
                for change in [0x01, 0x80, 0xff] {
                    let mut bad = bytes.clone();
                    bad[at] ^= change;
                    // Whatever it becomes, it ends.
                    drop(decode_with(Limits::default(), compression.is_some(), &bad));
                }
            }
        }
    }
}

fn source(error: &ch_native::Error) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

#[test]
fn a_damaged_frame_is_found_by_its_checksum() {
    let mut bytes = encode(&ServerPacket::Data(sample_block()), Some(Method::None));
    *bytes.last_mut().unwrap() ^= 1;
    let error = decode_with(Limits::default(), true, &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(source(&error).contains("checksum"), "{}", source(&error));
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
/// A frame whose header lies, with the checksum that fits the lie.
fn frame(method: u8, packed: u32, plain: u32, payload: &[u8]) -> Vec<u8> {
    let mut body = vec![method];
    body.extend(packed.to_le_bytes());
    body.extend(plain.to_le_bytes());
    body.extend(payload);
    let mut out = vec![1, 0];
    out.extend(cityhash::checksum(&body));
    out.extend(body);
    out
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn a_frame_that_lies_about_its_size_is_refused_before_memory_is_taken() {
    let cases = [
        (frame(0x82, 9 + 2, 1 << 26, &[0, 0]), ErrorKind::Decode),
        (frame(0x82, 9 + 2, 0xffff_ffff, &[0, 0]), ErrorKind::Limit),
        (frame(0x90, 9 + 2, 1 << 26, &[0, 0]), ErrorKind::Decode),
        (frame(0x02, 9 + 2, 3, &[0, 0]), ErrorKind::Decode),
        (frame(0x82, 8, 1, &[]), ErrorKind::Decode),
        (frame(0x82, 0xffff_fff0, 1, &[]), ErrorKind::Limit),
        (frame(0x92, 9 + 2, 1, &[0, 0]), ErrorKind::Unsupported),
        (frame(0x55, 9 + 2, 1, &[0, 0]), ErrorKind::Decode),
        // More in the frame than the block needs.
        (frame(0x02, 9 + 4, 4, &[0, 0, 0, 7]), ErrorKind::Decode),
    ];
    for (bytes, kind) in cases {
        let error = decode_with(Limits::default(), true, &bytes).unwrap_err();
        assert_eq!(error.kind(), kind, "{bytes:02x?}: {}", source(&error));
    }
}

/// A Data packet that announces what its bytes cannot hold.
fn announced(rows: &[u8], type_name: &str, column: &[u8]) -> Vec<u8> {
    let mut out = vec![1, 0, 0, 1];
    out.extend(rows);
    out.extend([1, b'x', u8::try_from(type_name.len()).unwrap()]);
    out.extend(type_name.as_bytes());
    out.extend(column);
    out
}

/// Two billion; the limit is one.
const ROWS_2E9: [u8; 5] = [0x80, 0xa8, 0xd6, 0xb9, 0x07];
/// Nine hundred million: allowed as a number of rows, but not as so many bytes.
const ROWS_9E8: [u8; 5] = [0x80, 0xd2, 0x93, 0xad, 0x03];

#[test]
fn huge_counts_are_refused_by_limits() {
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("max_rows_per_block", announced(&ROWS_2E9, "UInt8", &[0])),
        ("max_block_bytes", announced(&ROWS_9E8, "UInt8", &[0])),
        ("max_block_bytes", announced(&ROWS_9E8, "String", &[0])),
        ("max_block_bytes", announced(&ROWS_9E8, "Nothing", &[0])),
        (
            "max_block_bytes",
            announced(&ROWS_9E8, "Array(UInt8)", &[0]),
        ),
        (
            "max_block_bytes",
            announced(
                &[1],
                "Array(UInt64)",
                &[&[0][..], &[0xff; 4], &[0; 4]].concat(),
            ),
        ),
        (
            "max_block_bytes",
            announced(&[1], "String", &[&[0][..], &[0xff; 4], &[0; 4]].concat()),
        ),
        ("max_columns", vec![1, 0, 0, 0xff, 0xff, 0xff, 0x7f, 1]),
        (
            "max_name_bytes",
            vec![1, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0x7f],
        ),
        (
            "max_text_bytes",
            vec![2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f],
        ),
    ];
    for (limit, bytes) in cases {
        let error = decode_with(Limits::default(), false, &bytes).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Limit,
            "{limit}: {}",
            source(&error)
        );
        let expected = if limit.ends_with("name_bytes") || limit.ends_with("text_bytes") {
            "text bytes"
        } else {
            limit
        };
        assert!(
            source(&error).contains(expected),
            "{limit}: {}",
            source(&error)
        );
    }
}

#[test]
fn nested_exceptions_end_somewhere() {
    let link = [1, 0, 0, 0, 0, 0, 0, 1];
    let mut bytes = vec![2];
    for _ in 0..40 {
        bytes.extend(link);
    }
    let error = decode_with(Limits::default(), false, &bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        source(&error).contains("max_exception_chain"),
        "{}",
        source(&error)
    );
}

#[test]
fn wrong_contents_are_refused_with_their_place() {
    let u64s =
        |values: &[u64]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    let with_flag = |bytes: Vec<u8>| [vec![0], bytes].concat();
    let cases = [
        (
            announced(&[2], "String", &with_flag(u64s(&[5, 3]))),
            "fall from one row to the next",
        ),
        (
            announced(&[2], "Array(UInt8)", &with_flag(u64s(&[5, 3]))),
            "fall from one row to the next",
        ),
        (
            announced(&[1], "LowCardinality(String)", &with_flag(u64s(&[2]))),
            "version: is 2",
        ),
        (
            announced(
                &[1],
                "LowCardinality(String)",
                &[
                    with_flag(u64s(&[1, 0x600, 1])),
                    vec![0],
                    u64s(&[1]),
                    vec![1],
                ]
                .concat(),
            ),
            "points behind the dictionary of 1",
        ),
        (
            announced(
                &[1],
                "LowCardinality(String)",
                &with_flag(u64s(&[1, 0x700, 1])),
            ),
            "flags: are 0x700",
        ),
        (announced(&[1], "Array(UInt8", &[]), "expected ')'"),
        (announced(&[1], "UInt8", &[1, 9]), "no serialization kind"),
        (announced(&[1], "UInt8", &[1, 2]), "detached"),
        (announced(&[1], "Array(UInt8)", &[1, 1]), "sparse"),
        (vec![99], "has code 99"),
        (vec![1, 0, 9], "info.field: is 9"),
    ];
    for (bytes, text) in cases {
        let error = decode_with(Limits::default(), false, &bytes).unwrap_err();
        assert!(
            source(&error).contains(text),
            "expected {text:?} in {}",
            source(&error)
        );
    }
}
