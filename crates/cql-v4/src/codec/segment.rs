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

use std::borrow::Cow;

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

/// Bytes of the header with its checksum.
fn full_header_bytes(compression: Option<Compression>) -> usize {
    header_bytes(compression).saturating_add(3)
}

/// Bytes of the header without its checksum.
fn header_bytes(compression: Option<Compression>) -> usize {
    if compression.is_some() { 5 } else { 3 }
}

/// Appends whole frames, one after the other in `frames`, to `out`: as many to a segment as fit, and those too long for one
/// in as many as it takes. For those who bring their own transport.
///
/// # Errors
/// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if they cannot be compressed; nothing is appended then.
pub fn append_segments(
    frames: &[u8],
    compression: Option<Compression>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let start = out.len();
    write_segments(frames, compression, 0, out).map_err(|error| {
        out.truncate(start);
        let Fail(error) = error.into();
        error
    })
}

/// Appends the frame that `write` appends to `out`, in segments whose payloads of fewer bytes than `compress_from` are
/// stored as they are; nothing is appended when that fails.
#[inline]
pub(super) fn append_in_segments(
    out: &mut Vec<u8>,
    compression: Option<Compression>,
    compress_from: usize,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = out.len();
    // Most frames are a segment of their own and stay where they are written, so that nothing is copied or allocated.
    out.resize(start.saturating_add(full_header_bytes(compression)), 0);
    let written = write(out).and_then(|()| {
        close_segment(out, start, compression, compress_from).map_err(Error::unencodable)
    });
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Puts header and checksum around the frame behind the room for a header that begins at `start`.
fn close_segment(
    out: &mut Vec<u8>,
    start: usize,
    compression: Option<Compression>,
    compress_from: usize,
) -> Result<(), EncodeError> {
    let frame_start = start.saturating_add(full_header_bytes(compression));
    let len = out.len().saturating_sub(frame_start);
    if len > MAX_PAYLOAD || (compression.is_some() && len >= compress_from) {
        let frame = out.split_off(frame_start);
        out.truncate(start);
        return write_segments(&frame, compression, compress_from, out);
    }
    let checksum = crc32(out.get(frame_start..).unwrap_or(&[]));
    if let Some(header) = out.get_mut(start..frame_start) {
        let full = SegmentHeader::new(len, 0, true, compression).to_bytes();
        header.copy_from_slice(full.get(..header.len()).unwrap_or(&[]));
    }
    out.extend_from_slice(&checksum.to_le_bytes());
    Ok(())
}

fn write_segments(
    frames: &[u8],
    compression: Option<Compression>,
    compress_from: usize,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut rest = frames;
    while let Some((group, others)) = rest.split_at_checked(fitting_bytes(rest))
        && !group.is_empty()
    {
        let self_contained = group.len() <= MAX_PAYLOAD;
        group.chunks(MAX_PAYLOAD).try_for_each(|slice| {
            append_segment(out, slice, self_contained, compression, compress_from)
        })?;
        rest = others;
    }
    Ok(())
}

/// Bytes of as many whole frames as fit in a segment, or of the first if that alone does not fit.
fn fitting_bytes(frames: &[u8]) -> usize {
    let mut end = 0_usize;
    while let Some(n) = frames.get(end..).and_then(Frame::whole_bytes) {
        let next = end.saturating_add(n);
        if next > MAX_PAYLOAD {
            return if end > 0 { end } else { n };
        }
        end = next;
    }
    if end > 0 { end } else { frames.len() }
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
    // Compression that saves nothing is left out.
    let (payload, plain_len) = match &compressed {
        Some(compressed) if compressed.len() < slice.len() => (&compressed[..], slice.len()),
        _ => (slice, 0),
    };
    let header = SegmentHeader::new(payload.len(), plain_len, self_contained, compression);
    let full = header.to_bytes();
    out.extend_from_slice(full.get(..full_header_bytes(compression)).unwrap_or(&[]));
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32(payload).to_le_bytes());
    Ok(())
}

/// The header of a segment: its bits, and how many bytes of them there are.
#[derive(Debug, Clone, Copy)]
struct SegmentHeader {
    bits: u64,
    bytes: usize,
}

impl SegmentHeader {
    fn new(
        len: usize,
        plain_len: usize,
        self_contained: bool,
        compression: Option<Compression>,
    ) -> Self {
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let self_contained = u64::from(self_contained);
        let bits = match compression {
            None => wide(len) | (self_contained << 17),
            Some(_) => wide(len) | (wide(plain_len) << 17) | (self_contained << 34),
        };
        Self {
            bits,
            bytes: header_bytes(compression),
        }
    }

    /// With its checksum; what is behind that is 0.
    fn to_bytes(self) -> [u8; 8] {
        let bits = self.bits.to_le_bytes();
        let checksum = u64::from(crc24(bits.get(..self.bytes).unwrap_or(&[])));
        let shift = if self.bytes == 3 { 24 } else { 40 };
        (self.bits | (checksum << shift)).to_le_bytes()
    }
}

/// Takes frames out of segments.
///
/// For those who bring their own transport: feed it what comes after the answer to STARTUP on protocol v5.
#[derive(Debug)]
pub struct SegmentDecoder {
    compression: Option<Compression>,
    limits: Limits,
    received: RecvBuf,
    /// What is left of a self-contained segment: whole frames.
    whole: Bytes,
    /// Slices of one long frame.
    slices: RecvBuf,
}

impl SegmentDecoder {
    /// A decoder of a connection with this compression; LZ4 is the only one that protocol v5 has.
    pub fn new(compression: Option<Compression>, limits: Limits) -> Self {
        Self {
            compression,
            limits,
            received: RecvBuf::new(),
            whole: Bytes::new(),
            slices: RecvBuf::new(),
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
        let max = self.limits.max_frame_bytes;
        loop {
            if !self.whole.is_empty() {
                let frame = Frame::split_whole(&mut self.whole, max)?;
                let cut = "of a self-contained segment ends in the middle of a frame";
                return frame.map(Some).ok_or_else(|| broken("payload", cut));
            }
            if let Some(frame) = Frame::split(&mut self.slices, max)? {
                return Ok(Some(frame));
            }
            let Some((payload, self_contained)) = self.next_payload(input)? else {
                return Ok(None);
            };
            if !self_contained {
                self.slices.extend_from_slice(&payload);
            } else if self.slices.is_empty() {
                self.whole = payload;
            } else {
                return Err(broken(
                    "header",
                    "begins a self-contained segment before a long frame has ended",
                ));
            }
        }
    }

    /// The payload of the next segment, and whether that is self-contained.
    fn next_payload(&self, input: &mut RecvBuf) -> Result<Option<(Bytes, bool)>, DecodeError> {
        let header_bytes = header_bytes(self.compression);
        let mut r = Reader::new(input.filled());
        if r.left() < full_header_bytes(self.compression) {
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
        let self_contained_bit = if self.compression.is_some() { 34 } else { 17 };
        let self_contained = (bits >> self_contained_bit) & 1 == 1;
        let plain = match self.compression {
            Some(compression) if plain_len > 0 => {
                Some(compression.decompress_bare(payload, plain_len)?)
            }
            _ => None,
        };
        input.advance(full_header_bytes(self.compression));
        let payload = input.take(len);
        input.advance(CRC32_BYTES);
        Ok(plain.or(payload).map(|payload| (payload, self_contained)))
    }
}

/// Refuses a segment whose checksum is not that of its bytes.
fn check(field: &'static str, computed: u32, sent: u32) -> Result<(), DecodeError> {
    if computed == sent {
        return Ok(());
    }
    let what = format!("is {sent:08x}, but that of the bytes is {computed:08x}");
    Err(broken(field, what))
}

#[cold]
fn broken(field: &'static str, what: impl Into<Cow<'static, str>>) -> DecodeError {
    DecodeError::invalid(field, 0, what).within("Segment")
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

    fn in_segments(bytes: usize, compression: Option<Compression>, from: usize) -> Vec<u8> {
        let mut out = b"before".to_vec();
        append_in_segments(&mut out, compression, from, |out| {
            out.resize(out.len() + bytes, b'x');
            Ok(())
        })
        .unwrap();
        out.split_off(6)
    }

    #[test]
    fn a_frame_written_in_its_place_is_one_written_as_a_whole() {
        for (n, around) in [(1, 10), (50, 10), (MAX_PAYLOAD, 10), (MAX_PAYLOAD + 1, 20)] {
            let mut expected = Vec::new();
            append_segments(&vec![b'x'; n], None, &mut expected).unwrap();
            assert_eq!(expected.len(), n + around);
            assert!(in_segments(n, None, 0) == expected, "{n} bytes");
        }
    }

    #[cfg(feature = "lz4")]
    #[test]
    fn payloads_below_the_threshold_are_stored() {
        let lz4 = Some(Compression::Lz4);
        assert_eq!(in_segments(99, lz4, 100).len(), 8 + 99 + 4);
        assert!(in_segments(100, lz4, 100).len() < 50);
    }

    #[test]
    fn nothing_stays_of_a_frame_that_cannot_be_written() {
        let mut out = b"before".to_vec();
        let refused = append_in_segments(&mut out, None, 0, |out| {
            out.push(1);
            Err(Error::new(crate::ErrorKind::Misuse, "no"))
        });
        assert!(refused.is_err());
        assert_eq!(out, b"before");
    }
}
