//! Damaged bytes: each is an error, none a panic, and none makes a decoder ask for memory that the bytes cannot fill.

mod support;

use bytes::Bytes;
use cql_v4::message::{Opcode, Request};
use cql_v4::{ErrorKind, Limits, Version};
use support::{decode, decode_body, frame, with_body};
use wire_core::testing::{BIG_I32_BE, BIG_U16, fixture, fixtures};

/// Responses whose header is of a version that is spoken here, and whose body is not compressed.
fn responses() -> Vec<(String, Vec<u8>)> {
    let mut all = fixtures("");
    all.retain(|(name, bytes)| {
        let compressed = bytes[1] & 1 != 0;
        bytes[0] & 0x80 != 0
            && !compressed
            && !name.starts_with("error_version")
            && !name.starts_with("v5_")
    });
    assert!(all.len() >= 28);
    all
}

#[test]
fn every_prefix_of_a_body_is_refused() {
    for (name, bytes) in responses() {
        // Its cells cannot be read without metadata, so that nobody misses them.
        if name == "rows_execute_skip_metadata" {
            continue;
        }
        for n in 0..bytes.len() - 9 {
            let cut = with_body(&bytes, &bytes[9..9 + n]);
            let error = decode(&cut, None).expect_err(&name);
            assert_eq!(
                error.kind(),
                ErrorKind::Decode,
                "{name} of {n} bytes: {error:?}"
            );
        }
    }
}

#[test]
fn bytes_behind_the_last_field_are_ignored() {
    for (name, bytes) in responses() {
        let is_rows = name.starts_with("rows_");
        let longer = with_body(&bytes, &[&bytes[9..], b"later"].concat());
        // Behind the last row nothing is looked at.
        assert!(decode(&longer, None).is_ok(), "{name}, rows: {is_rows}");
    }
}

#[test]
fn no_changed_byte_is_a_panic() {
    for (_, bytes) in responses() {
        for at in 9..bytes.len() {
            for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = change;
                let _ = decode(&frame(&damaged), None);
            }
        }
    }
    for name in ["startup_v4", "batch_request"] {
        let bytes = fixture(name);
        let opcode = Opcode(bytes[4]);
        for at in 9..bytes.len() {
            assert!(
                Request::decode(Version::V4, opcode, &Bytes::copy_from_slice(&bytes[9..at]))
                    .is_err(),
                "{name}"
            );
            for change in 0..=255 {
                let mut damaged = bytes[9..].to_vec();
                damaged[at - 9] = change;
                let _ = Request::decode(Version::V4, opcode, &Bytes::from(damaged));
            }
        }
    }
}

/// Counts and lengths that promise more than there is, at every place of every message.
#[test]
fn no_count_is_believed() {
    for (_, bytes) in responses() {
        for lie in BIG_I32_BE.iter().chain(BIG_U16) {
            for at in 9..bytes.len().saturating_sub(lie.len()) {
                let mut damaged = bytes.clone();
                damaged[at..at + lie.len()].copy_from_slice(lie);
                let _ = decode(&frame(&damaged), None);
            }
        }
    }
}

#[test]
fn an_error_names_the_field_and_its_place() {
    let bytes = fixture("rows_execute");
    let cut = with_body(&bytes, &bytes[9..9 + 30]);
    let error = decode(&cut, None).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(error.to_string(), "the server's answer cannot be decoded");
    assert_eq!(
        source,
        "RESULT.columns[2].name: needs 2 bytes but 1 is left (at byte 29)"
    );
}

#[test]
fn nested_types_have_an_end() {
    // RESULT Rows, one column whose type is list<list<list<…
    let mut body = b"\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x01k\0\x01t\0\x01c".to_vec();
    for _ in 0..100_000 {
        body.extend_from_slice(&[0, 0x20]);
    }
    let bytes = [0x84, 0, 0, 1, 8, 0, 0, 0, 0];
    let error = decode(&with_body(&bytes, &body), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("65 is more than the limit depth of 64"),
        "{source}"
    );
}

#[test]
fn an_unknown_type_fails_its_request_alone() {
    let body = b"\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x01k\0\x01t\0\x01c\0\x99\0\0\0\0";
    let error = decode(&with_body(&[0x84, 0, 0, 1, 8, 0, 0, 0, 0], body), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = decode(&with_body(&[0x84, 0, 0, 1, 0x11, 0, 0, 0, 0], b""), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("unknown opcode (0x11)"), "{source}");
}

#[test]
fn a_frame_longer_than_the_limit_is_refused_before_it_comes() {
    let mut decoder = cql_v4::codec::FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(&[0x84, 0, 0, 1, 8, 0x10, 0, 0, 1]);
    let error = decoder.next_frame().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("268435457 is more than the limit max_frame_bytes of 268435456"),
        "{source}"
    );
}

#[cfg(feature = "lz4")]
#[test]
fn compressed_bodies_cannot_lie() {
    use cql_v4::Compression;
    use cql_v4::message::Message;
    let bytes = fixture("rows_lz4");
    let compression = Some(Compression::Lz4);
    for lie in [
        0_u32,
        1,
        0x80,
        0x54,
        0x56,
        0x7fff_ffff,
        0x8000_0000,
        u32::MAX,
    ] {
        let mut body = bytes[9..].to_vec();
        body[..4].copy_from_slice(&lie.to_be_bytes());
        let error = decode(&with_body(&bytes, &body), compression).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Decode | ErrorKind::Limit),
            "{lie}: {error:?}"
        );
    }
    for n in 0..bytes.len() - 9 {
        assert!(
            decode(&with_body(&bytes, &bytes[9..9 + n]), compression).is_err(),
            "{n} bytes"
        );
    }
    // An empty body is one token; servers may compress even that.
    let ready = with_body(&[0x84, 1, 0, 1, 2, 0, 0, 0, 0], &[0, 0, 0, 0, 0]);
    assert!(matches!(
        decode(&ready, compression).unwrap().0.message,
        Message::Ready
    ));
}

#[test]
fn rows_without_columns_do_not_multiply_work() {
    let body = b"\0\0\0\x02\0\0\0\0\0\0\0\0\x7f\xff\xff\xff";
    let frame = with_body(&[0x84, 0, 0, 1, 8, 0, 0, 0, 0], body);
    assert!(decode_body(&frame, &frame.body).is_err());
}
