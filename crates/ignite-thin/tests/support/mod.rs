//! What the tests of this crate share.
#![allow(dead_code, reason = "not every test file uses every helper")]

#[cfg(feature = "client")]
pub(crate) mod server;

use std::collections::BTreeMap;

use bytes::Bytes;
use ignite_thin::codec::frame::{RequestHeader, ResponseHeader, frame_len};
use ignite_thin::codec::{Features, Negotiated, Version};
use ignite_thin::{Decoder, Limits};

/// What a client of version 1.7 without feature bits has agreed on.
pub(crate) const LATEST: Negotiated = Negotiated::new(Version::LATEST, Features::NONE);

/// The named frames of `tests/fixtures/FILE.hex`, which has one a line: `name: hex`.
pub(crate) fn frames(file: &str) -> BTreeMap<String, Bytes> {
    // Checks that the file's origin is told.
    wire_core::testing::fixture(file);
    let path = format!("{}/tests/fixtures/{file}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let (name, hex) = line.split_once(": ").unwrap();
        (
            name.to_owned(),
            Bytes::from(wire_core::hex::parse(hex).unwrap()),
        )
    };
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .map(line)
        .collect()
}

/// The body of a frame, which must be exactly one.
pub(crate) fn body(frame: &Bytes) -> Bytes {
    assert_eq!(
        frame_len(frame, &Limits::default()).unwrap(),
        Some(frame.len())
    );
    frame.slice(4..)
}

/// Header and payload of a request's frame.
pub(crate) fn request(frame: &Bytes) -> (RequestHeader, Bytes) {
    let body = body(frame);
    let mut from = Decoder::new(&body, &Limits::default());
    let header = RequestHeader::decode(&mut from).unwrap();
    (header, body.slice(from.offset()..))
}

/// Header and payload of a response's frame.
pub(crate) fn response(frame: &Bytes, negotiated: Negotiated) -> (ResponseHeader, Bytes) {
    let body = body(frame);
    let mut from = Decoder::new(&body, &Limits::default());
    let header = ResponseHeader::decode(&mut from, negotiated).unwrap();
    (header, body.slice(from.offset()..))
}
