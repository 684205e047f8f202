//! Compression frames: whatever their size and method, and however they are cut.
#![cfg(all(feature = "lz4", feature = "zstd"))]

use ch_native::codec::{Method, Revision, cityhash};
use ch_native::message::{Form, ServerPacket};
use ch_native::{Block, Error, ErrorKind, Limits};

use crate::samples::{from_server, server_feed, source};

/// A frame around `payload`, which holds `plain` bytes.
fn frame(method: u8, payload: &[u8], plain: usize) -> Vec<u8> {
    let mut body = vec![method];
    body.extend(u32::try_from(payload.len() + 9).unwrap().to_le_bytes());
    body.extend(u32::try_from(plain).unwrap().to_le_bytes());
    body.extend(payload);
    [&cityhash::checksum(&body)[..], &body].concat()
}

/// LZ4 of literals alone, by `lz4_Block_format.md`: a token, more of the length, the literals.
fn lz4(plain: &[u8]) -> Vec<u8> {
    let mut out = vec![u8::try_from(plain.len().min(15) << 4).unwrap()];
    if let Some(mut more) = plain.len().checked_sub(15) {
        while more >= 255 {
            out.push(255);
            more -= 255;
        }
        out.push(u8::try_from(more).unwrap());
    }
    out.extend(plain);
    out
}

/// A Zstandard frame of one raw block, by RFC 8878: magic, single segment with its size in one byte, block header.
fn zstd(plain: &[u8]) -> Vec<u8> {
    let size = u8::try_from(plain.len()).unwrap();
    let header = (u32::from(size) << 3) | 1;
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, size];
    out.extend(&header.to_le_bytes()[..3]);
    out.extend(plain);
    out
}

fn packed(method: usize, plain: &[u8]) -> Vec<u8> {
    match method % 3 {
        0 => frame(0x02, plain, plain.len()),
        1 => frame(0x82, &lz4(plain), plain.len()),
        _ => frame(0x90, &zstd(plain), plain.len()),
    }
}

fn block(rows: u64) -> Block {
    Block::new()
        .with("id", (0..rows).collect())
        .and_then(|b| b.with("name", (0..rows).map(|n| n.to_string()).collect()))
        .unwrap()
}

fn written(packet: &ServerPacket, form: Form) -> Vec<u8> {
    let mut out = Vec::new();
    packet.encode(form, &mut out).unwrap();
    out
}

fn read(bytes: &[u8]) -> Result<Vec<ServerPacket>, Error> {
    let mut packets = from_server(Revision::MAX, false);
    packets.set_compressed(true);
    server_feed(&mut packets, bytes)
}

/// The code and table name of a Data packet, and the block behind them as it is inside of frames.
fn plain(packet: &ServerPacket) -> (Vec<u8>, Vec<u8>) {
    let bytes = written(packet, Form::new(Revision::MAX, None));
    (bytes[..2].to_vec(), bytes[2..].to_vec())
}

#[test]
fn frames_of_any_size_and_method_make_the_same_block() {
    let packet = ServerPacket::Data(block(20));
    let (head, plain) = plain(&packet);
    for size in [1, 2, 3, 7, 16, 100, 250] {
        for method in 0..3 {
            let parts = plain.chunks(size).enumerate();
            // The same for all, or each another.
            for mixed in [0, 1] {
                let frames = parts
                    .clone()
                    .flat_map(|(i, part)| packed(method + i * mixed, part));
                let bytes: Vec<u8> = head.iter().copied().chain(frames).collect();
                let what = format!("{size} bytes by method {method}, mixed {mixed}");
                assert_eq!(
                    read(&bytes).unwrap(),
                    std::slice::from_ref(&packet),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn a_frame_may_hold_a_whole_large_block() {
    let packet = ServerPacket::Data(block(200_000));
    let (head, plain) = plain(&packet);
    assert!(plain.len() > 2 << 20);
    let bytes = [&head[..], &frame(0x82, &lz4(&plain), plain.len())].concat();
    assert_eq!(read(&bytes).unwrap(), [packet]);
    let mut limits = Limits::default();
    limits.max_frame_bytes = 1 << 20;
    let mut packets = ch_native::message::ServerPackets::new(Revision::MAX, limits);
    packets.set_compressed(true);
    packets.push(&bytes);
    assert_eq!(packets.next_packet().unwrap_err().kind(), ErrorKind::Limit);
}

/// As ClickHouse writes them: 1 MiB each, and the rest.
#[test]
fn what_is_written_is_cut_at_a_mebibyte() {
    let packet = ServerPacket::Data(block(200_000));
    let (_, plain) = plain(&packet);
    for method in [Method::None, Method::Lz4, Method::Zstd] {
        let bytes = written(&packet, Form::new(Revision::MAX, Some(method)));
        let (mut rest, mut sizes) = (&bytes[2..], Vec::new());
        while !rest.is_empty() {
            let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
            assert_eq!(rest[16], method.code());
            sizes.push(usize::try_from(number(21)).unwrap());
            rest = &rest[16 + usize::try_from(number(17)).unwrap()..];
        }
        let (last, full) = sizes.split_last().unwrap();
        assert!(full.iter().all(|size| *size == 1 << 20), "{sizes:?}");
        assert_eq!(full.len() * (1 << 20) + last, plain.len());
        assert_eq!(read(&bytes).unwrap(), std::slice::from_ref(&packet));
    }
}

#[test]
fn levels_of_zstandard_differ_in_size_alone() {
    let packet = ServerPacket::Data(block(50_000));
    let form = Form::new(Revision::MAX, Some(Method::Zstd));
    let sizes: Vec<usize> = [1, 19]
        .map(|level| {
            let bytes = written(&packet, form.with_zstd_level(level));
            assert_eq!(read(&bytes).unwrap(), std::slice::from_ref(&packet));
            bytes.len()
        })
        .to_vec();
    assert!(sizes[1] < sizes[0], "{sizes:?}");
}

/// Codecs of columns on disk, which have no business on the network.
#[test]
fn other_codecs_are_refused_by_name() {
    for (code, name) in [
        (0x91, "Multiple"),
        (0x92, "Delta"),
        (0x93, "T64"),
        (0x94, "DoubleDelta"),
        (0x95, "Gorilla"),
        (0x96, "AES"),
        (0x97, "AES"),
        (0x98, "FPC"),
    ] {
        let bytes = [&[1, 0][..], &frame(code, &[0], 1)].concat();
        let error = read(&bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(source(&error).contains(name), "{}", source(&error));
    }
}
