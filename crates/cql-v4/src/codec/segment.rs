//! Segments: what frames travel in from the end of the handshake on, in protocol v5 (native protocol v5, §2).
//!
//! ```text
//! plain: [u24 header] [u24 CRC] payload [u32 CRC]      header: 17 bits length, 1 bit self-contained
//! LZ4:   [u40 header] [u24 CRC] payload [u32 CRC]      header: 17 bits length, 17 bits plain length, 1 bit self-contained
//! ```
//!
//! All little-endian. A self-contained segment holds whole frames; others hold slices of one frame too long for a
//! segment, in order. With LZ4, a plain length of 0 says that the payload is as it is. The second CRC is that of the
//! payload behind four bytes that the servers begin with, which the specification does not mention.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::{Compression, Frame};
use crate::error::{Error, Fail};
use crate::limits::Limits;

/// Longest payload of a segment, compressed or not: 17 bits.
const MAX_PAYLOAD: usize = 0x1_ffff;
/// What the checksum of the payload begins with.
const CRC32_PREFIX: [u8; 4] = [0xfa, 0x2d, 0x55, 0xca];
const CRC32_BYTES: usize = 4;

/// The checksum of a segment's header (native protocol v5, §2.2: polynomial 0x1974F0B, initial value 0x875060).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x0087_5060, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 {
                shifted
            } else {
                shifted ^ 0x0197_4f0b
            }
        })
    })
}

fn crc32(payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&CRC32_PREFIX);
    hasher.update(payload);
    hasher.finalize()
}

/// Bytes of the header without its checksum.
fn header_bytes(compression: Option<Compression>) -> usize {
    if compression.is_some() { 5 } else { 3 }
}

/// Appends the frame `frame` to `out` in as many segments as it takes, for those who bring their own transport.
///
/// # Errors
/// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if it cannot be compressed; nothing is appended then.
pub fn append_segments(
    frame: &[u8],
    compression: Option<Compression>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    append_segments_from(frame, compression, 0, out)
}

/// The same, with payloads of fewer bytes than `compress_from` stored as they are.
pub(crate) fn append_segments_from(
    frame: &[u8],
    compression: Option<Compression>,
    compress_from: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let start = out.len();
    write_segments(frame, compression, compress_from, out).map_err(|error| {
        out.truncate(start);
        let Fail(error) = error.into();
        error
    })
}

fn write_segments(
    frame: &[u8],
    compression: Option<Compression>,
    compress_from: usize,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let self_contained = frame.len() <= MAX_PAYLOAD;
    frame.chunks(MAX_PAYLOAD).try_for_each(|slice| {
        append_segment(out, slice, self_contained, compression, compress_from)
    })
}

fn append_segment(
    out: &mut Vec<u8>,
    slice: &[u8],
    self_contained: bool,
    compression: Option<Compression>,
    compress_from: usize,
) -> Result<(), EncodeError> {
    let compressed = match compression {
        Some(compression) if slice.len() >= compress_from => {
            Some(compression.compress_bare(slice)?)
        }
        _ => None,
    };
    let len = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    // Compression that saves nothing is left out.
    let (payload, plain_len) = match &compressed {
        Some(compressed) if compressed.len() < slice.len() => (&compressed[..], len(slice.len())),
        _ => (slice, 0),
    };
    let self_contained = u64::from(self_contained);
    let header = match compression {
        None => len(payload.len()) | (self_contained << 17),
        Some(_) => len(payload.len()) | (plain_len << 17) | (self_contained << 34),
    };
    let header = header.to_le_bytes();
    let header = header.get(..header_bytes(compression)).unwrap_or(&[]);
    out.extend_from_slice(header);
    let [a, b, c, _] = crc24(header).to_le_bytes();
    out.extend_from_slice(&[a, b, c]);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32(payload).to_le_bytes());
    Ok(())
}

/// Takes frames out of segments.
///
/// For those who bring their own transport: feed it what comes after the answer to STARTUP on protocol v5.
#[derive(Debug)]
pub struct SegmentDecoder {
    compression: Option<Compression>,
    limits: Limits,
    received: RecvBuf,
    /// Payloads, which are frames one after the other.
    frames: RecvBuf,
}

impl SegmentDecoder {
    /// A decoder of a connection with this compression; LZ4 is the only one that protocol v5 has.
    pub fn new(compression: Option<Compression>, limits: Limits) -> Self {
        Self {
            compression,
            limits,
            received: RecvBuf::new(),
            frames: RecvBuf::new(),
        }
    }

    /// Takes in bytes as they arrive.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// The next complete frame, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a checksum is wrong or a payload does not hold what it claims,
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if a frame is longer than the limit. The stream cannot go on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        let mut received = std::mem::take(&mut self.received);
        let frame = self.next(&mut received);
        self.received = received;
        frame.map_err(|e| Error::undecodable("a frame", e))
    }

    /// The next complete frame of `input`.
    pub(crate) fn next(&mut self, input: &mut RecvBuf) -> Result<Option<Frame>, DecodeError> {
        loop {
            if let Some(frame) = Frame::split(&mut self.frames, self.limits.max_frame_bytes)? {
                return Ok(Some(frame));
            }
            let Some(payload) = self.next_payload(input)? else {
                return Ok(None);
            };
            self.frames.extend_from_slice(&payload);
        }
    }

    fn next_payload(&self, input: &mut RecvBuf) -> Result<Option<Bytes>, DecodeError> {
        let header_bytes = header_bytes(self.compression);
        let mut r = Reader::new(input.filled());
        if r.left() < header_bytes.saturating_add(3) {
            return Ok(None);
        }
        let header = r.take("header", header_bytes)?;
        let [a, b, c] = r.array("header_crc")?;
        check(
            "header_crc",
            crc24(header),
            u32::from_le_bytes([a, b, c, 0]),
        )?;
        let mut wide = [0; 8];
        for (byte, of_header) in wide.iter_mut().zip(header) {
            *byte = *of_header;
        }
        let bits = u64::from_le_bytes(wide);
        let length = |bits: u64| usize::try_from(bits & 0x1_ffff).unwrap_or(MAX_PAYLOAD);
        let len = length(bits);
        if r.left() < len.saturating_add(CRC32_BYTES) {
            return Ok(None);
        }
        let payload = r.take("payload", len)?;
        check("payload_crc", crc32(payload), r.u32_le("payload_crc")?)?;
        let plain_len = length(bits >> 17);
        let plain = match self.compression {
            Some(compression) if plain_len > 0 => {
                Some(compression.decompress_bare(payload, plain_len)?)
            }
            _ => None,
        };
        input.advance(header_bytes.saturating_add(3));
        let payload = input.take(len);
        input.advance(CRC32_BYTES);
        Ok(plain.or(payload))
    }
}

/// Refuses a segment whose checksum is not that of its bytes.
fn check(field: &'static str, computed: u32, sent: u32) -> Result<(), DecodeError> {
    if computed == sent {
        return Ok(());
    }
    let what = format!("is {sent:08x}, but that of the bytes is {computed:08x}");
    Err(DecodeError::invalid(field, 0, what).within("Segment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published with the servers: header of 50 bytes self-contained, and the check value of the algorithm.
    #[test]
    fn checksums_are_those_of_the_servers() {
        assert_eq!(crc24(&[0x32, 0x00, 0x02]), 0x00ee_ffa5);
        assert_eq!(crc24(b"123456789"), 0x004b_3f02);
        assert_eq!(crc32(b""), 0x4477_7ed3);
        assert_eq!(crc32(b"123456789"), 0xe2a2_61a7);
    }

    #[test]
    fn a_segment_has_the_bytes_of_the_servers() {
        let payload: Vec<u8> = (0..50).collect();
        let mut out = Vec::new();
        append_segments(&payload, None, &mut out).unwrap();
        assert_eq!(out[..6], [0x32, 0x00, 0x02, 0xa5, 0xff, 0xee]);
        assert_eq!(out[6..56], payload);
        assert_eq!(out[56..], [0x30, 0x69, 0x3d, 0x07]);
    }

    #[cfg(feature = "lz4")]
    #[test]
    fn a_payload_that_does_not_shrink_is_stored() {
        let payload: Vec<u8> = (0..50).collect();
        let mut out = Vec::new();
        append_segments(&payload, Some(Compression::Lz4), &mut out).unwrap();
        assert_eq!(out[..8], [0x32, 0, 0, 0, 0x04, 0xd2, 0x8a, 0x26]);
        assert_eq!(out[8..58], payload);
    }
}
