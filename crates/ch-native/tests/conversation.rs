//! What a real server said, packet by packet: decoded whole and in pieces, and written again to the same bytes.

use ch_native::codec::Revision;
use ch_native::message::{Form, ServerPacket, ServerPackets};
use ch_native::types::Value;
use ch_native::{Block, Error, Limits};
use wire_core::testing::fixture;

/// The revision of the recordings: what ClickHouse 18.16.1 speaks.
const RECORDED: Revision = Revision::new(54_412);

/// Decodes a recording that arrives in pieces of `size` bytes.
fn decode(name: &str, size: usize, compressed: bool) -> Result<Vec<ServerPacket>, Error> {
    let mut packets = ServerPackets::new(RECORDED, Limits::default());
    packets.set_compressed(compressed);
    let mut all = Vec::new();
    for piece in fixture(name).chunks(size) {
        packets.push(piece);
        while let Some(packet) = packets.next_packet()? {
            all.push(packet);
        }
    }
    assert_eq!(packets.undecoded(), 0, "{name}");
    Ok(all)
}

fn names(packets: &[ServerPacket]) -> Vec<String> {
    let name = |packet: &ServerPacket| {
        let text = format!("{packet:?}");
        text.split(['(', ' ']).next().unwrap().to_owned()
    };
    packets.iter().map(name).collect()
}

fn block(packet: &ServerPacket) -> &Block {
    match packet {
        ServerPacket::Data(b)
        | ServerPacket::Totals(b)
        | ServerPacket::Extremes(b)
        | ServerPacket::Log(b) => b,
        other => panic!("no block: {other:?}"),
    }
}

const RAW: [&str; 8] = [
    "server_hello",
    "wrong_password",
    "pong",
    "select_types",
    "select_totals_extremes",
    "unknown_table",
    "late_exception",
    "logs",
];

#[test]
fn recordings_come_back_to_the_same_bytes_whole_and_in_pieces() {
    for name in RAW {
        let packets = decode(name, usize::MAX, false).unwrap();
        for size in [1, 2, 3, 7, 50] {
            assert_eq!(
                decode(name, size, false).unwrap(),
                packets,
                "{name} in pieces of {size}"
            );
        }
        let mut again = Vec::new();
        for packet in &packets {
            packet
                .encode(Form::new(RECORDED, None), &mut again)
                .unwrap();
        }
        assert_eq!(again, fixture(name), "{name}");
    }
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn compressed_recordings_hold_the_same_rows() {
    for name in ["select_lz4", "select_zstd"] {
        let packets = decode(name, usize::MAX, true).unwrap();
        assert_eq!(decode(name, 1, true).unwrap(), packets);
        let rows: Vec<(u64, String)> = packets
            .iter()
            .filter_map(|packet| match packet {
                ServerPacket::Data(block) if block.rows() > 0 => Some(block),
                _ => None,
            })
            .flat_map(|block| block.typed::<(u64, String)>().unwrap().map(Result::unwrap))
            .collect();
        let expected: Vec<_> = (0..1000_u64).map(|n| (n, n.to_string())).collect();
        assert_eq!(rows, expected, "{name}");
    }
}

#[test]
fn the_hello_says_who_the_server_is() {
    let packets = decode("server_hello", usize::MAX, false).unwrap();
    let [ServerPacket::Hello(hello)] = packets.as_slice() else {
        panic!("{packets:?}");
    };
    assert_eq!(hello.product(), "ClickHouse 18.16.1");
    assert_eq!(hello.revision, RECORDED);
}

#[test]
fn refusals_are_told_in_full() {
    for (name, code, text) in [
        ("wrong_password", 193, "Wrong password for user wire"),
        ("unknown_table", 60, "no_such_table doesn't exist"),
        (
            "late_exception",
            395,
            "Value passed to 'throwIf' function is non zero",
        ),
    ] {
        let packets = decode(name, usize::MAX, false).unwrap();
        let Some(ServerPacket::Exception(exception)) = packets.last() else {
            panic!("{packets:?}");
        };
        assert_eq!(
            (exception.code, exception.name.as_str()),
            (code, "DB::Exception")
        );
        assert!(exception.message.contains(text), "{exception}");
        assert_eq!(exception.is_authentication(), code == 193);
    }
}

/// The expected values are those of the statement in the fixture.
#[test]
fn every_value_is_what_was_selected() {
    let packets = decode("select_types", usize::MAX, false).unwrap();
    assert_eq!(
        names(&packets),
        [
            "Data",
            "Data",
            "ProfileInfo",
            "Progress",
            "Data",
            "EndOfStream"
        ]
    );
    let rows = block(&packets[1]);
    type Row<'a> = (
        u8,
        i64,
        f64,
        &'a str,
        &'a [u8],
        u16,
        u32,
        Option<u64>,
        Vec<u64>,
        u128,
        &'a str,
        i64,
    );
    let typed: Vec<Row<'_>> = rows.typed().unwrap().map(Result::unwrap).collect();
    let uuid = 0x550e_8400_e29b_41d4_a716_4466_5544_0000;
    assert_eq!(typed.len(), 3);
    for (n, row) in (0_u8..).zip(typed) {
        let s = format!("s{n}");
        let null = (n != 1).then_some(u64::from(n));
        let array = (0..u64::from(n)).collect();
        let expected: Row<'_> = (
            n,
            i64::from(n) - 1,
            f64::from(n) / 2.0,
            &s,
            b"ab\0",
            19_724,
            1_704_164_645,
            null,
            array,
            uuid,
            "b",
            -125,
        );
        assert_eq!(row, expected);
    }
}

#[test]
fn totals_and_extremes_are_told_apart() {
    let packets = decode("select_totals_extremes", usize::MAX, false).unwrap();
    let find = |wanted: &str| {
        let at = names(&packets)
            .iter()
            .position(|name| name == wanted)
            .unwrap();
        let block = block(&packets[at]);
        let row = |row| (block.value(row, 0).unwrap(), block.value(row, 1).unwrap());
        (0..block.rows()).map(row).collect::<Vec<_>>()
    };
    let pair = |a, b| (Value::UInt(a), Value::UInt(b));
    assert_eq!(find("Totals"), [pair(0, 5)]);
    assert_eq!(find("Extremes"), [pair(0, 2), pair(1, 3)]);
}

#[test]
fn lines_of_the_log_are_readable() {
    let packets = decode("logs", usize::MAX, false).unwrap();
    let log = packets
        .iter()
        .find(|p| matches!(p, ServerPacket::Log(_)))
        .unwrap();
    let text = block(log).column("text").unwrap();
    let line: &str = std::str::from_utf8(text.data().strings().unwrap().get(0).unwrap()).unwrap();
    assert!(line.starts_with("Read 1 rows"), "{line}");
}
