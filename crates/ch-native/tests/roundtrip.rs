//! What is written comes back, for every type that Rust values have, at each revision that changed a column.

use ch_native::codec::{Method, Revision};
use ch_native::column::FixedStringColumn;
use ch_native::message::{ClientPacket, ClientPackets, Form, ServerPacket, ServerPackets};
use ch_native::{Block, ColumnData, DataType, Limits};
use proptest::collection::vec;
use proptest::prelude::*;

/// Before the kind byte, before strings with offsets, and now.
const REVISIONS: [u64; 3] = [54_453, 54_491, 54_492];

fn comes_back(block: &Block) {
    for revision in REVISIONS.map(Revision::new) {
        for compression in [None, Some(Method::None)] {
            let form = Form::new(revision, compression);
            let packet = ServerPacket::Data(block.clone());
            let mut bytes = Vec::new();
            packet.encode(form, &mut bytes).unwrap();
            let mut packets = ServerPackets::new(revision, Limits::default());
            packets.set_compressed(compression.is_some());
            packets.push(&bytes);
            assert_eq!(packets.next_packet().unwrap(), Some(packet));
            assert_eq!(packets.undecoded(), 0);
        }
    }
}

/// The block with `data` in a column of that type.
fn typed(name: &str, type_name: &str, data: ColumnData) -> Block {
    let ty: DataType = type_name.parse().unwrap();
    assert_eq!(ty.to_string(), type_name);
    Block::new().with_typed(name, ty, data).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers(rows in vec((any::<u8>(), any::<i16>(), any::<u32>(), any::<i64>(), any::<u128>()), 0..50)) {
        let block = Block::new()
            .with("a", rows.iter().map(|r| r.0).collect()).unwrap()
            .with("b", rows.iter().map(|r| r.1).collect()).unwrap()
            .with("c", rows.iter().map(|r| r.2).collect()).unwrap()
            .with("d", rows.iter().map(|r| r.3).collect()).unwrap()
            .with("e", rows.iter().map(|r| r.4).collect()).unwrap()
            .with_data("f", ColumnData::Uuid(rows.iter().map(|r| r.4).collect())).unwrap()
            .with_data("g", ColumnData::Ipv6(rows.iter().map(|r| r.4).collect())).unwrap();
        comes_back(&block);
        let read: Vec<(u8, i16, u32, i64, u128, u128, std::net::Ipv6Addr)> =
            block.typed().unwrap().map(Result::unwrap).collect();
        let expected: Vec<_> = rows.iter().map(|r| (r.0, r.1, r.2, r.3, r.4, r.4, r.4.into())).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn strings_arrays_and_nulls(
        rows in vec((".{0,40}", vec(any::<Option<u16>>(), 0..5), vec((".{0,3}", any::<i8>()), 0..4)), 0..30)
    ) {
        let block = Block::new()
            .with("s", rows.iter().map(|r| r.0.clone()).collect()).unwrap()
            .with("a", rows.iter().map(|r| r.1.clone()).collect()).unwrap()
            .with("m", rows.iter().map(|r| r.2.clone()).collect()).unwrap();
        comes_back(&block);
        type Row = (String, Vec<Option<u16>>, Vec<(String, i8)>);
        let read: Vec<Row> = block.typed().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read, rows);
    }

    /// Plain values in a LowCardinality column: the dictionary is made while writing.
    #[test]
    fn low_cardinality(rows in vec(any::<Option<u8>>(), 0..600)) {
        let texts: Vec<Option<String>> = rows.iter().map(|r| r.map(|n| n.to_string())).collect();
        let column = <Option<String> as ch_native::Encode>::column(texts.clone());
        let block = typed("x", "LowCardinality(Nullable(String))", column);
        let mut bytes = Vec::new();
        ServerPacket::Data(block).encode(Form::new(Revision::MAX, None), &mut bytes).unwrap();
        let mut packets = ServerPackets::new(Revision::MAX, Limits::default());
        packets.push(&bytes);
        let Some(ServerPacket::Data(block)) = packets.next_packet().unwrap() else {
            panic!("no block");
        };
        let read: Vec<(Option<String>,)> = block.typed().unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read.into_iter().map(|r| r.0).collect::<Vec<_>>(), texts);
        comes_back(&block);
    }

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..200), compressed: bool, revision in 0..REVISIONS.len()) {
        let revision = Revision::new(REVISIONS[revision]);
        let mut server = ServerPackets::new(revision, Limits::default());
        server.set_compressed(compressed);
        server.push(&bytes);
        while let Ok(Some(_)) = server.next_packet() {}
        let mut client = ClientPackets::new(revision, Limits::default());
        client.push(&bytes);
        while let Ok(Some(_)) = client.next_packet() {}
    }
}

#[test]
fn fixed_strings_are_padded_and_never_cut() {
    let column = FixedStringColumn::new(3, ["a", "abc"]).unwrap();
    assert_eq!(column.get(0), Some(&b"a\0\0"[..]));
    comes_back(&typed(
        "x",
        "FixedString(3)",
        ColumnData::FixedString(column),
    ));
    assert!(FixedStringColumn::new(3, ["abcd"]).is_none());
}

#[test]
fn a_client_s_packets_come_back() {
    use ch_native::message::{ClientInfo, Query, QueryPacket};
    for revision in [54_429, 54_441, 54_453, 54_459, 54_472, 54_485, 54_492].map(Revision::new) {
        let query = Query::new("SELECT 1").with_id("q").with_setting("a", "b");
        let packet = QueryPacket::new(query, ClientInfo::new(revision), true);
        let packets = [
            ClientPacket::Query(Box::new(packet)),
            ClientPacket::end_mark(),
            ClientPacket::Data {
                table: "external".to_owned(),
                block: Block::new().with("n", vec![1_u8]).unwrap(),
            },
            ClientPacket::Cancel,
            ClientPacket::Ping,
        ];
        let mut bytes = Vec::new();
        let form = Form::new(revision, Some(Method::None));
        for packet in &packets {
            packet.encode(form, &mut bytes).unwrap();
        }
        let mut reader = ClientPackets::new(revision, Limits::default());
        for byte in &bytes[..bytes.len() - 1] {
            reader.push(&[*byte]);
        }
        reader.push(&bytes[bytes.len() - 1..]);
        for packet in &packets {
            assert_eq!(
                reader.next_packet().unwrap().as_ref(),
                Some(packet),
                "revision {revision}"
            );
        }
        assert_eq!(reader.next_packet().unwrap(), None);
    }
}

/// The deepest type that is accepted, read and dropped with as little stack as a small thread has.
#[test]
fn the_deepest_type_needs_little_stack() {
    let small = std::thread::Builder::new().stack_size(128 << 10);
    let deep = || {
        let name = "Array(".repeat(63) + "UInt8" + &")".repeat(63);
        let mut bytes = vec![1, 0, 0, 1, 1, 1, b'x'];
        let len = u16::try_from(name.len()).unwrap();
        bytes.extend([(len & 0x7f) as u8 | 0x80, (len >> 7) as u8]);
        bytes.extend(name.as_bytes());
        bytes.push(0);
        for _ in 0..63 {
            bytes.extend(1_u64.to_le_bytes());
        }
        bytes.push(7);
        let decode = |bytes: &[u8]| {
            let mut packets = ServerPackets::new(Revision::MAX, Limits::default());
            packets.push(bytes);
            packets.next_packet().unwrap().unwrap()
        };
        let packet = decode(&bytes);
        assert!(format!("{packet:?}").contains("Array(Array("));
        let mut again = Vec::new();
        packet
            .clone()
            .encode(Form::new(Revision::MAX, None), &mut again)
            .unwrap();
        assert_eq!(decode(&again), packet);
    };
    small.spawn(deep).unwrap().join().unwrap();
}
