//! The fuzz targets: each takes any bytes and panics if the crate breaks a promise on them. The first bytes choose the
//! circumstances (version, size of the pieces, types of the columns), the rest is what a peer would send.

mod connection;
mod messages;
mod seeds;
mod streams;
mod values;

use cql_v4::codec::{Dialect, Flags, Frame, FrameDecoder};
use cql_v4::message::{Message, Response, ResultMessage};
use cql_v4::{Limits, Rows, Version};
use wire_testkit::fuzz::Target;

use seeds::seeds;

pub(crate) static TARGETS: [Target; 12] = [
    Target::new("class_name", values::class_name, seeds),
    Target::new("connection", connection::connection, seeds),
    // A byte of LZ4 stands for 255 at most.
    Target::new("decompress", streams::decompress, seeds).with_memory(64 * 1024, 256),
    Target::new("discovery", messages::discovery, seeds),
    Target::new("frames", streams::frames, seeds),
    Target::new("metadata", messages::metadata, seeds),
    Target::new("request", messages::request, seeds),
    Target::new("response", messages::response, seeds),
    Target::new("rows", values::rows, seeds),
    Target::new("schema", messages::schema, seeds),
    // Here too; long frames are gathered in buffers that double, and those of two runs are compared.
    Target::new("segments", streams::segments, seeds).with_memory(64 * 1024, 4 * 255),
    Target::new("type_text", values::type_text, seeds),
];

/// The first byte, which is 0 if there is none, and those behind it.
fn split_first(data: &[u8]) -> (u8, &[u8]) {
    match data.split_first() {
        Some((first, rest)) => (*first, rest),
        None => (0, data),
    }
}

/// One of the layouts that there are.
fn dialect(choice: u8) -> Dialect {
    match choice & 3 {
        0 => Version::V4.into(),
        1 => Version::V3.into(),
        2 => Version::V5.into(),
        _ => Dialect::new(Version::V4)
            .with_result_metadata_ids()
            .with_lwt_mark(0x8000_0000)
            .with_rate_limit_code(0xF000),
    }
}

/// A frame with these parts.
fn frame(version: Version, is_response: bool, flags: u8, opcode: u8, body: &[u8]) -> Frame {
    let direction = u8::from(is_response) << 7;
    let mut bytes = vec![version.number() | direction, flags, 0, 1, opcode];
    bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(body);
    whole_frame(&bytes)
}

/// The one frame that these bytes are.
fn whole_frame(bytes: &[u8]) -> Frame {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(bytes);
    decoder.next_frame().unwrap().expect("a whole frame")
}

/// Bodies are given to decoders as they are when they have been decompressed.
fn without_compression(flags: u8) -> u8 {
    flags & !Flags::COMPRESSION.0
}

/// The rows of a RESULT whose body this is, if it is one of rows.
fn rows_of(body: &[u8]) -> Option<Rows> {
    let frame = frame(Version::V4, true, 0, 8, body);
    let response = Response::decode(&frame.header, &frame.body, Version::V4, &Limits::DEFAULT);
    match response.ok()?.message {
        Message::Result(ResultMessage::Rows(rows)) => Rows::try_from(rows).ok(),
        _ => None,
    }
}
