//! What a real server said, packet by packet: decoded whole and in pieces, and written again to the same bytes.

use ch_native::codec::Revision;
use ch_native::message::{
    Authentication, ClientPacket, ClientPackets, Form, ReadTask, ServerPacket, ServerPackets,
    Setting, SettingValue, log_lines,
};
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

/// The engine as a client: its Query has the fields of each revision in their places, or the statement would not be
/// found and something would be left.
#[test]
fn queries_of_the_engine_are_read_and_written_to_the_same_bytes() {
    for revision in [
        54_429, 54_441, 54_448, 54_453, 54_459, 54_472, 54_476, 54_485, 54_492,
    ] {
        let bytes = fixture(&format!("client_query_{revision}"));
        for size in [1, bytes.len()] {
            let mut packets = ClientPackets::new(Revision::new(revision), Limits::default());
            let mut all = Vec::new();
            for piece in bytes.chunks(size) {
                packets.push(piece);
                while let Some(packet) = packets.next_packet().unwrap() {
                    all.push(packet);
                }
            }
            let [ClientPacket::Query(query), end] = all.as_slice() else {
                panic!("revision {revision}: {all:?}");
            };
            assert_eq!(
                query.query.text(),
                "DESC TABLE default.t",
                "revision {revision}"
            );
            assert_eq!(
                (query.info.kind, query.info.initial_user.as_str()),
                (2, "default")
            );
            assert!(!query.compressed);
            let mut timeout = Setting::new("receive_timeout", "3");
            timeout.flags = 0;
            assert!(
                query.query.settings().contains(&timeout),
                "revision {revision}"
            );
            assert_eq!(*end, ClientPacket::end_mark());
            let mut again = Vec::new();
            for packet in &all {
                let form = Form::new(Revision::new(revision), None);
                packet.encode(form, &mut again).unwrap();
            }
            assert_eq!(again, bytes, "revision {revision}");
        }
    }
}

/// All packets of a client, however its bytes arrive.
fn of_client(name: &str, revision: u64) -> Vec<ClientPacket> {
    let bytes = fixture(name);
    let read = |size: usize| {
        let mut packets = ClientPackets::new(Revision::new(revision), Limits::default());
        let mut all = Vec::new();
        for piece in bytes.chunks(size) {
            packets.push(piece);
            while let Some(packet) = packets.next_packet().unwrap() {
                all.push(packet);
            }
        }
        all
    };
    let whole = read(bytes.len());
    for size in [1, 3, 50] {
        assert_eq!(read(size), whole, "{name} in pieces of {size}");
    }
    whole
}

fn kinds(packets: &[ClientPacket]) -> Vec<String> {
    let name = |packet: &ClientPacket| {
        let text = format!("{packet:?}");
        text.split(['(', ' ']).next().unwrap().to_owned()
    };
    packets.iter().map(name).collect()
}

/// Values of every kind in the form from before 2020, as the engine of today sends them.
#[test]
fn binary_settings_of_the_engine_are_read_and_written_to_the_same_bytes() {
    let packets = of_client("client_settings_54425", 54_425);
    let queries: Vec<_> = packets
        .iter()
        .filter_map(|packet| match packet {
            ClientPacket::Query(query) => Some(&query.query),
            _ => None,
        })
        .collect();
    let [desc, select] = queries.as_slice() else {
        panic!("{packets:?}");
    };
    assert_eq!(desc.text(), "DESC TABLE default.t");
    assert!(select.text().starts_with("SELECT"), "{}", select.text());
    for (name, value) in [
        ("max_rows_to_read", 7_000_000_u64.into()),
        ("interactive_delay", 100_000_u64.into()),
        ("network_zstd_compression_level", 3_i64.into()),
        ("log_comment", "a b".into()),
        ("join_algorithm", "hash".into()),
        // Known here by what stands behind it alone.
        (
            "skip_unavailable_shards_mode",
            "unavailable_or_table_missing".into(),
        ),
    ] {
        let value: SettingValue = value;
        let found = select.settings().iter().find(|s| s.name == name);
        assert_eq!(found.map(|s| &s.value), Some(&value), "{name}");
    }
    let mut again = Vec::new();
    for packet in &packets {
        // Its hello is that of a newer client.
        let form = Form::new(Revision::new(54_425), None);
        packet.encode(form, &mut again).unwrap();
    }
    assert_eq!(again, fixture("client_settings_54425"));
}

/// Two scalars share one sequence of chunks, and so do the external table and the mark behind it.
#[test]
fn chunks_of_the_engine_hold_several_packets() {
    let packets = of_client("client_chunked", 54_492);
    let expected = [
        "Hello",
        "Addendum",
        "TablesStatus",
        "Query",
        "Data",
        "TablesStatus",
        "Query",
        "Scalar",
        "Scalar",
        "Data",
        "Data",
    ];
    assert_eq!(kinds(&packets), expected);
    let ClientPacket::Data { table, block } = &packets[9] else {
        panic!("{:?}", packets[9]);
    };
    assert!(table.starts_with("_data_"), "{table}");
    let numbers = block.columns()[0].data().values::<u64>();
    assert_eq!(numbers, Some(&[7, 8][..]));
    assert_eq!(packets[10], ClientPacket::end_mark());
}

#[test]
fn files_to_read_come_one_by_one_up_to_an_empty_path() {
    let packets = of_client("client_read_tasks", 54_492);
    let paths = ["/tmp/f1.csv", "/tmp/f2.csv", ""];
    let tasks = paths.map(|path| ClientPacket::ReadTask(ReadTask::new(path)));
    assert_eq!(packets[packets.len() - 3..], tasks);
    let mut again = Vec::new();
    for task in tasks {
        let form = Form::new(Revision::MAX, None);
        task.encode(form, &mut again).unwrap();
    }
    assert!(fixture("client_read_tasks").ends_with(&again));
}

#[test]
fn a_server_of_a_cluster_is_told_from_a_user() {
    let packets = of_client("client_interserver", 54_492);
    let ClientPacket::Hello(hello) = &packets[0] else {
        panic!("{packets:?}");
    };
    assert_eq!(hello.authentication(), Authentication::Interserver);
    let interserver = hello.interserver.as_ref().unwrap();
    assert_eq!(
        (interserver.cluster.as_str(), interserver.salt.len()),
        ("secno", 32)
    );
    let ClientPacket::TablesStatus(request) = &packets[2] else {
        panic!("{packets:?}");
    };
    assert_eq!(request.hash.len(), 32);
    assert_eq!(request.tables, [("default".to_owned(), "t".to_owned())]);
    let mut again = Vec::new();
    for packet in &packets[..3] {
        let form = Form::new(Revision::MAX, None);
        packet.encode(form, &mut again).unwrap();
    }
    assert_eq!(again, fixture("client_interserver")[..again.len()]);
}

#[test]
fn the_hello_of_the_engine_is_read_and_written_to_the_same_bytes() {
    let bytes = fixture("client_hello");
    let mut packets = ClientPackets::new(Revision::MAX, Limits::default());
    packets.push(&bytes);
    let packet = packets.next_packet().unwrap().unwrap();
    let ClientPacket::Hello(hello) = &packet else {
        panic!("{packet:?}");
    };
    assert_eq!(
        (hello.client_name.as_str(), hello.version),
        ("chDB", (26, 9))
    );
    assert_eq!(
        (hello.user.as_str(), hello.revision),
        ("default", Revision::MAX)
    );
    let mut again = Vec::new();
    packet
        .encode(Form::new(Revision::MAX, None), &mut again)
        .unwrap();
    assert_eq!(again, bytes);
}

#[test]
fn hellos_that_the_engine_accepts_are_read_and_written_to_the_same_bytes() {
    for revision in [54_429, 54_459, 54_472, 54_492] {
        let bytes = fixture(&format!("server_hello_{revision}"));
        let mut packets = ServerPackets::new(Revision::MAX, Limits::default());
        packets.push(&bytes);
        let packet = packets.next_packet().unwrap().unwrap();
        assert_eq!(packets.undecoded(), 0, "revision {revision}");
        let ServerPacket::Hello(hello) = &packet else {
            panic!("{packet:?}");
        };
        assert_eq!(hello.revision, Revision::new(revision));
        assert_eq!(
            (hello.product().as_str(), hello.timezone.as_str()),
            ("ClickHouse 26.9.2", "UTC")
        );
        let mut again = Vec::new();
        packet
            .encode(Form::new(Revision::MAX, None), &mut again)
            .unwrap();
        assert_eq!(again, bytes, "revision {revision}");
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
    let lines: Vec<_> = log_lines(block(log)).unwrap().collect();
    let line = lines.first().unwrap();
    assert!(line.text.starts_with("Read 1 rows"), "{line:?}");
    assert_eq!(line.priority.name(), "information", "{line:?}");
    assert_eq!(line.source, "executeQuery", "{line:?}");
    assert!(
        line.time > 1_700_000_000 && line.microseconds < 1_000_000,
        "{line:?}"
    );
}
