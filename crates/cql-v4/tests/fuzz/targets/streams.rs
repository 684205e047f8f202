//! Streams of bytes to frames.

use cql_v4::codec::{Compression, Flags, Frame, FrameDecoder, SegmentDecoder};
use cql_v4::{Error, ErrorKind, Limits, Version};
use wire_core::Reader;

use super::{frame, split_first};

/// What came out of a stream, and how it ended.
type Outcome = (Vec<Frame>, Option<ErrorKind>);

/// Takes all frames that are there.
fn drain(out: &mut Outcome, mut next: impl FnMut() -> Result<Option<Frame>, Error>) {
    loop {
        match next() {
            Ok(Some(frame)) => out.0.push(frame),
            Ok(None) => return,
            Err(error) => {
                out.1 = Some(error.kind());
                return;
            }
        }
    }
}

/// Gives a stream to a decoder in pieces, until they end or it has failed.
fn in_pieces(stream: &[u8], step: usize, mut decode: impl FnMut(&[u8], &mut Outcome)) -> Outcome {
    let mut out = Outcome::default();
    for piece in stream.chunks(step) {
        decode(piece, &mut out);
        if out.1.is_some() {
            break;
        }
    }
    out
}

fn frames_of(stream: &[u8], step: usize) -> Outcome {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    in_pieces(stream, step, |piece, out| {
        decoder.feed(piece);
        drain(out, || decoder.next_frame());
    })
}

/// `[pieces of so many bytes - 1] stream`: frames are the same in whatever pieces they arrive.
pub(super) fn frames(data: &[u8]) {
    let (step, stream) = split_first(data);
    let whole = frames_of(stream, stream.len().max(1));
    let pieces = frames_of(stream, usize::from(step).saturating_add(1));
    assert_eq!(whole, pieces, "in pieces of {step} bytes and one");
}

fn frames_in_segments(stream: &[u8], compression: Option<Compression>, step: usize) -> Outcome {
    let mut decoder = SegmentDecoder::new(compression, Limits::DEFAULT);
    in_pieces(stream, step, |piece, out| {
        decoder.feed(piece);
        drain(out, || decoder.next_frame());
    })
}

/// `[1: LZ4, 2: checksums as they are] [pieces]`, then segments, of which each is
/// `[1: self-contained, 2: compressed] [u16 length] {if compressed: [u16 plain length]} payload`; headers and checksums
/// are made here. Frames are the same in whatever pieces they arrive.
pub(super) fn segments(data: &[u8]) {
    let (options, data) = split_first(data);
    let (step, data) = split_first(data);
    let compression = Compression::from_name("lz4").filter(|_| options & 1 != 0);
    let stream = if options & 2 == 0 {
        with_checksums(data, compression)
    } else {
        data.to_vec()
    };
    let whole = frames_in_segments(&stream, compression, stream.len().max(1));
    let pieces = frames_in_segments(&stream, compression, usize::from(step).saturating_add(1));
    assert_eq!(whole, pieces, "in pieces of {step} bytes and one");
}

fn with_checksums(data: &[u8], compression: Option<Compression>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut r = Reader::new(data);
    while let (Ok(kind), Ok(len)) = (r.u8("kind"), r.u16_be("length")) {
        let plain_len = match kind & 2 {
            0 => 0,
            _ => r.u16_be("plain length").unwrap_or(0),
        };
        let payload = r.take("payload", usize::from(len).min(r.left())).unwrap();
        let is_whole = u64::from(kind & 1);
        let len = u64::try_from(payload.len()).unwrap();
        let (header, header_bytes) = match compression {
            None => (len | is_whole << 17, 3),
            Some(_) => (len | u64::from(plain_len) << 17 | is_whole << 34, 5),
        };
        let header = &header.to_le_bytes()[..header_bytes];
        out.extend_from_slice(header);
        out.extend_from_slice(&crc24(header).to_le_bytes()[..3]);
        out.extend_from_slice(payload);
        out.extend_from_slice(&crc32(payload).to_le_bytes());
    }
    out
}

/// The checksum of headers (native protocol v5, §2.2).
fn crc24(header: &[u8]) -> u32 {
    let mut crc = 0x0087_5060_u32;
    for byte in header {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0197_4f0b;
            }
        }
    }
    crc
}

/// The checksum of payloads: that of IEEE 802.3, of four bytes that the servers begin with and the payload.
fn crc32(payload: &[u8]) -> u32 {
    let bytes = [0xfa, 0x2d, 0x55, 0xca].iter().chain(payload);
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ 0xedb8_8320,
        })
    })
}

/// `[algorithm] body`: a compressed body of a frame, whose length may be a lie. What comes out is no longer than the
/// algorithm can make it, and no longer than the limit.
pub(super) fn decompress(data: &[u8]) {
    let (choice, body) = split_first(data);
    let compression = Compression::ALL[usize::from(choice & 1)];
    let mut limits = Limits::DEFAULT;
    // So that the limit is reached.
    limits.max_frame_bytes = if choice & 2 == 0 { 1 << 20 } else { 1 << 10 };
    let frame = frame(Version::V4, true, Flags::COMPRESSION.0, 8, body);
    if let Ok(plain) = frame.plain_body(Some(compression), &limits) {
        // The most that a byte of LZ4 stands for; Snappy's is 22, and 64 bytes more.
        let most = frame.body.len() * if compression.name() == "lz4" { 255 } else { 22 } + 64;
        assert!(plain.len() <= most && plain.len() <= limits.max_frame_bytes as usize);
    }
}
