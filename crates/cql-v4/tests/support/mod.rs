//! What several test files share.
#![allow(dead_code, reason = "each test file uses a part of it")]

#[cfg(feature = "client")]
pub(crate) mod cluster;
#[cfg(feature = "client")]
pub(crate) mod server;

use bytes::Bytes;
use cql_v4::codec::{Frame, FrameDecoder};
use cql_v4::message::{Message, Response, ResultMessage};
use cql_v4::{Compression, Error, Limits, Row, Rows, Version};

/// The one frame that `bytes` are.
pub(crate) fn frame(bytes: &[u8]) -> Frame {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(bytes);
    let frame = decoder.next_frame().unwrap().expect("a whole frame");
    assert!(
        decoder.next_frame().unwrap().is_none(),
        "bytes behind the frame"
    );
    frame
}

/// The same header before another body.
pub(crate) fn with_body(fixture: &[u8], body: &[u8]) -> Frame {
    let mut bytes = fixture[..5].to_vec();
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(body);
    frame(&bytes)
}

pub(crate) fn version_of(frame: &Frame) -> Version {
    Version::from_number(frame.header.version).expect("a known version")
}

/// Decodes a response, all of its rows included.
pub(crate) fn decode(
    frame: &Frame,
    compression: Option<Compression>,
) -> Result<(Response, Vec<Row>), Error> {
    let body = frame.plain_body(compression, &Limits::DEFAULT)?;
    decode_body(frame, &body)
}

pub(crate) fn decode_body(frame: &Frame, body: &Bytes) -> Result<(Response, Vec<Row>), Error> {
    let response = Response::decode(&frame.header, body, version_of(frame), &Limits::DEFAULT)?;
    let rows = match &response.message {
        // Without metadata there is nothing to read cells by.
        Message::Result(ResultMessage::Rows(rows)) => match Rows::try_from(rows.clone()) {
            Ok(rows) => rows.to_vec()?,
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    };
    Ok((response, rows))
}
