//! Decodes both directions of a captured conversation, as a proxy or a protocol analyser would. Needs no feature:
//!
//! ```sh
//! cargo run -p cql-v4 --no-default-features --example decode_capture
//! cargo run -p cql-v4 --no-default-features --example decode_capture -- client.hex server.hex
//! ```
//!
//! A capture is the bytes of one direction, written in hex, with comments behind `#`. Without arguments it is one that was
//! recorded from Cassandra 5.0.

use std::error::Error;
use std::fs;

use cql_v4::codec::{Frame, FrameDecoder};
use cql_v4::message::{Call, Message, Response, ResultMessage};
use cql_v4::{Limits, Row, Rows, Version};

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1).collect())
}

pub(crate) fn run(mut paths: Vec<String>) -> Result<(), Box<dyn Error>> {
    if paths.is_empty() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/messages");
        paths = ["client", "server"]
            .map(|side| format!("{folder}/conversation_{side}.hex"))
            .to_vec();
    }
    for path in paths {
        println!("{path}");
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
        decoder.feed(&bytes_of(&fs::read_to_string(path)?)?);
        while let Some(frame) = decoder.next_frame()? {
            println!("  stream {:>2}: {}", frame.header.stream, describe(&frame)?);
        }
    }
    Ok(())
}

fn describe(frame: &Frame) -> Result<String, Box<dyn Error>> {
    let header = &frame.header;
    let version = Version::from_number(header.version).ok_or("a version that is not known here")?;
    // The capture has no compression; otherwise STARTUP would tell which.
    let body = frame.plain_body(None, &Limits::DEFAULT)?;
    if !header.is_response {
        return Ok(format!(
            "{:?}",
            Call::decode(version, header, &body)?.request
        ));
    }
    Ok(
        match Response::decode(header, &body, version, &Limits::DEFAULT)?.message {
            Message::Result(ResultMessage::Rows(rows)) => {
                let rows = Rows::try_from(rows)?.to_vec::<Row>()?;
                let rows: Vec<_> = rows
                    .iter()
                    .map(|row| format!("{:?}", row.values()))
                    .collect();
                format!("{} rows: {}", rows.len(), rows.join(", "))
            }
            Message::Error(error) => format!("refused: {error}"),
            other => format!("{other:?}"),
        },
    )
}

fn bytes_of(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digits: String = text
        .lines()
        .filter_map(|line| line.split('#').next())
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| {
            let pair = digits.get(at..at + 2).ok_or("half a byte")?;
            Ok(u8::from_str_radix(pair, 16)?)
        })
        .collect()
}
