//! Columns that are longer than what is read at once: they go straight to where they stay, whatever pieces they come in.

use ch_native::codec::Revision;
use ch_native::message::{ClientPacket, Form, ServerPacket, ServerPackets};
use ch_native::types::DataType;
use ch_native::{Block, Client, ColumnData, Config, Limits};

use wire_testkit::{ChoppedIo, Chops, block_on};

use super::support::Server;

/// More than the smallest column that is read directly (32 KiB) in every width but one, which has a little less.
const ROWS: usize = 33_000;

/// A block with every way to lay out long columns. `seed` makes blocks differ.
fn block(seed: u64) -> Block {
    let numbers = || (0..ROWS as u64).map(move |n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed);
    let texts = || numbers().map(|n| n.to_string());
    let bytes: Vec<u8> = numbers().map(|n| n.to_le_bytes()[3]).collect();
    Block::new()
        .with("bytes", bytes)
        .unwrap()
        .with("numbers", numbers().collect())
        .unwrap()
        .with("wide", numbers().map(|n| u128::from(n) << 31).collect())
        .unwrap()
        .with("texts", texts().collect())
        .unwrap()
        .with(
            "maybe",
            numbers().map(|n| (n % 3 > 0).then_some(n)).collect(),
        )
        .unwrap()
        .with(
            "lists",
            numbers().map(|n| vec![n; (n % 4) as usize]).collect(),
        )
        .unwrap()
        .with("pairs", numbers().map(|n| (n, n.to_string())).collect())
        .unwrap()
        .with_typed(
            "labels",
            "LowCardinality(String)".parse::<DataType>().unwrap(),
            ColumnData::String(numbers().map(|n| (n % 300).to_string()).collect()),
        )
        .unwrap()
}

/// Plays a server that answers each query with `blocks` blocks, in pieces of `chop` bytes.
async fn serve(io: tokio::io::DuplexStream, revision: u64, chop: usize, blocks: u64) {
    let mut server = Server::new(io, revision);
    server.chop = chop;
    if !server.greet().await {
        return;
    }
    while let Some(packet) = server.packet().await {
        if let ClientPacket::Query(_) = packet {
            server.packet().await;
            let header = ServerPacket::Data(block(0).without_rows());
            let mut answer = vec![header];
            answer.extend((0..blocks).map(|seed| ServerPacket::Data(block(seed))));
            answer.push(ServerPacket::EndOfStream);
            if !server.send(&answer).await {
                return;
            }
        }
    }
}

#[test]
fn they_are_the_same_in_pieces_of_any_size() {
    block_on(async {
        for revision in [54_491, Revision::MAX.number()] {
            for chop in [997, 40_001, usize::MAX] {
                let open = move || {
                    let (ours, theirs) = tokio::io::duplex(100_000);
                    tokio::spawn(serve(theirs, revision, chop, 3));
                    ours
                };
                let client = Client::connect_over(Config::new("unused"), open)
                    .await
                    .unwrap();
                let mut stream = client.query_stream("SELECT").await.unwrap();
                for seed in 0..3 {
                    // Dropped before the next one is asked for: that one gets the memory.
                    let received = stream.next_block().await.unwrap().unwrap();
                    let expected = block(seed);
                    for (ours, theirs) in received.columns().iter().zip(expected.columns()) {
                        for row in [0, 1, ROWS / 2, ROWS - 1] {
                            let (a, b) = (ours.cell(row).to_value(), theirs.cell(row).to_value());
                            assert_eq!(a, b, "{ours:?} row {row}, chopped at {chop}");
                        }
                        if ours.name() != "labels" {
                            assert!(ours.data() == theirs.data(), "{ours:?}, chopped at {chop}");
                        }
                    }
                }
                assert!(stream.next_block().await.unwrap().is_none());
            }
        }
    });
}

#[test]
fn they_survive_reads_of_any_size() {
    block_on(async {
        let revision = Revision::MAX.number();
        let open = move || {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            tokio::spawn(serve(theirs, revision, usize::MAX, 1));
            ChoppedIo::new(ours, Chops::every(50_021), Chops::none())
        };
        let client = Client::connect_over(Config::new("unused"), open)
            .await
            .unwrap();
        let rows = client.query("SELECT").await.unwrap();
        assert_eq!(rows.len(), ROWS);
        let received = rows.blocks().first().unwrap();
        assert_eq!(received.value(ROWS - 1, 1), block(0).value(ROWS - 1, 1));
    });
}

#[test]
fn a_decoder_without_a_client_offers_their_memory_too() {
    let form = Form::new(Revision::MAX, None);
    let mut wire = Vec::new();
    ServerPacket::Data(block(5))
        .encode(form, &mut wire)
        .unwrap();
    let mut packets = ServerPackets::new(Revision::MAX, Limits::default());
    let (mut rest, mut direct) = (&wire[..], 0);
    let packet = loop {
        if let Some(packet) = packets.next_packet().unwrap() {
            break packet;
        }
        if let Some(room) = packets.direct() {
            let n = room.len().min(rest.len()).min(10_007);
            room[..n].copy_from_slice(&rest[..n]);
            packets.direct_done(n);
            direct += n;
            rest = &rest[n..];
        } else {
            let (piece, behind) = rest.split_at(rest.len().min(4_099));
            packets.push(piece);
            rest = behind;
        }
    };
    let ServerPacket::Data(received) = packet else {
        panic!("{packet:?}");
    };
    let (expected, last) = (block(5), ROWS - 1);
    for column in 0..expected.columns().len() {
        assert_eq!(received.value(last, column), expected.value(last, column));
    }
    assert!(rest.is_empty());
    assert!(direct > wire.len() / 2, "{direct} of {}", wire.len());
}

/// A fresh block would have other memory: the allocator does not give out what is in use.
#[test]
fn memory_of_a_dropped_block_is_used_again_while_the_result_lasts() {
    block_on(async {
        let open = move || {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            tokio::spawn(serve(theirs, Revision::MAX.number(), usize::MAX, 12));
            ours
        };
        let client = Client::connect_over(Config::new("unused"), open)
            .await
            .unwrap();
        let mut stream = client.query_stream("SELECT").await.unwrap();
        let mut seen = std::collections::BTreeSet::new();
        let mut kept = Vec::new();
        for n in 0..12 {
            let block = stream.next_block().await.unwrap().unwrap();
            let numbers = block.columns()[1].data().values::<u64>().unwrap();
            seen.insert(numbers.as_ptr().addr());
            if n == 3 {
                kept.push(block.clone());
                kept.push(block);
            }
        }
        assert!(seen.len() <= 6, "{} different places", seen.len());
        // What is kept was not written over.
        assert!(kept[0] == kept[1]);
        let expected = block(3);
        assert!(kept[0].columns()[1].data() == expected.columns()[1].data());
    });
}
