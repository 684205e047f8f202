//! Compression frames: what the bytes of a block are packed into when the query asked for it.
//!
//! ```text
//! checksum 16   CityHash128 of all that follows
//! method   u8   0x02 none, 0x82 LZ4, 0x90 Zstandard
//! packed   u32  size of payload + 9, little-endian
//! plain    u32  size of the unpacked payload
//! payload
//! ```
//!
//! Source: ClickHouse, `src/Compression/CompressedReadBufferBase.cpp`, `src/Compression/CompressionInfo.h`.

use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::cityhash;
use super::prim::to_u64;
use crate::limits::Limits;

/// Bytes of a block that one frame holds when this crate writes it: the server's own size.
const FRAME_PLAIN_BYTES: usize = 1 << 20;
/// Method and the two sizes, which the packed size counts.
const HEADER_BYTES: usize = 9;
const CHECKSUM_BYTES: usize = 16;

/// How the payload of a frame is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Not at all; the frame still has its checksum.
    None,
    /// LZ4 block. Also what LZ4HC writes, which is LZ4 by a slower search; there is no writer of it in safe Rust.
    Lz4,
    /// One Zstandard frame.
    Zstd,
}

impl Method {
    /// The byte in the frame.
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0x02,
            Self::Lz4 => 0x82,
            Self::Zstd => 0x90,
        }
    }

    /// Whether this build can read and write it (features `lz4` and `zstd`).
    pub const fn is_available(self) -> bool {
        match self {
            Self::None => true,
            Self::Lz4 => cfg!(feature = "lz4"),
            Self::Zstd => cfg!(feature = "zstd"),
        }
    }

    fn from_code(code: u8) -> Result<Self, DecodeError> {
        let name = match code {
            0x02 => return Ok(Self::None),
            0x82 => return Ok(Self::Lz4),
            0x90 => return Ok(Self::Zstd),
            0x91 => "Multiple",
            0x92 => "Delta",
            0x93 => "T64",
            0x94 => "DoubleDelta",
            0x95 => "Gorilla",
            0x96 | 0x97 => "AES",
            0x98 => "FPC",
            0x99 => "DeflateQpl",
            0x9a => "GCD",
            _ => {
                let what = format!("is 0x{code:02x}, which is no compression method");
                return Err(DecodeError::invalid("method", CHECKSUM_BYTES, what));
            }
        };
        let what = format!("compression method {name} (0x{code:02x})");
        Err(DecodeError::unsupported("method", CHECKSUM_BYTES, what))
    }
}

/// What the header of a frame says.
#[derive(Debug, Clone, Copy)]
struct FrameHeader {
    checksum: [u8; CHECKSUM_BYTES],
    method: Method,
    /// Whole frame, checksum included.
    frame_bytes: usize,
    plain_bytes: usize,
}

/// Unpacks the frames of one block, one after another.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    header: Option<FrameHeader>,
    plain: Vec<u8>,
    used: usize,
}

impl FrameReader {
    /// What is unpacked and not used.
    pub(crate) fn filled(&self) -> &[u8] {
        self.plain.get(self.used..).unwrap_or_default()
    }

    /// Uses `n` bytes of [`Self::filled`].
    pub(crate) fn advance(&mut self, n: usize) {
        self.used = self.used.saturating_add(n).min(self.plain.len());
    }

    /// Unpacks the next frame if all of it has arrived; `false` if not.
    pub(crate) fn fill(
        &mut self,
        input: &mut RecvBuf,
        limits: &Limits,
    ) -> Result<bool, DecodeError> {
        let header = match self.header {
            Some(header) => header,
            None => match read_header(input.filled(), limits)? {
                Some(header) => *self.header.insert(header),
                None => return Ok(false),
            },
        };
        let Some(frame) = input.take(header.frame_bytes) else {
            return Ok(false);
        };
        self.header = None;
        let body = frame.get(CHECKSUM_BYTES..).unwrap_or_default();
        if cityhash::checksum(body) != header.checksum {
            let what = "does not match the frame: the bytes were changed on the way";
            return Err(DecodeError::invalid("checksum", 0, what));
        }
        let payload = body.get(HEADER_BYTES..).unwrap_or_default();
        let plain = unpack(header.method, payload, header.plain_bytes)?;
        if self.filled().is_empty() {
            self.plain = plain;
        } else {
            self.plain.drain(..self.used);
            self.plain.extend_from_slice(&plain);
        }
        self.used = 0;
        Ok(true)
    }
}

fn read_header(data: &[u8], limits: &Limits) -> Result<Option<FrameHeader>, DecodeError> {
    let mut r = Reader::new(data);
    if r.left() < CHECKSUM_BYTES.saturating_add(HEADER_BYTES) {
        return Ok(None);
    }
    let checksum = r.array("checksum")?;
    let method = Method::from_code(r.u8("method")?)?;
    let packed = r.u32_le("packed_size")?;
    let plain = r.u32_le("plain_size")?;
    let size = |field, value: u32| {
        super::prim::limited(
            &r,
            field,
            u64::from(value),
            "max_frame_bytes",
            limits.max_frame_bytes,
        )
    };
    let packed = size("packed_size", packed)?;
    let plain_bytes = size("plain_size", plain)?;
    if packed < HEADER_BYTES {
        let what = format!("is {packed}, but counts the {HEADER_BYTES} bytes of its own header");
        return Err(DecodeError::invalid("packed_size", 17, what));
    }
    Ok(Some(FrameHeader {
        checksum,
        method,
        frame_bytes: packed.saturating_add(CHECKSUM_BYTES),
        plain_bytes,
    }))
}

fn unpack(method: Method, payload: &[u8], plain_bytes: usize) -> Result<Vec<u8>, DecodeError> {
    match method {
        Method::None if payload.len() == plain_bytes => Ok(payload.to_vec()),
        Method::None => {
            let what = format!("is {plain_bytes}, but {} bytes follow", payload.len());
            Err(DecodeError::invalid("plain_size", 21, what))
        }
        #[cfg(feature = "lz4")]
        Method::Lz4 => {
            wire_core::compress::lz4::decompress(payload, to_u64(plain_bytes), plain_bytes)
        }
        #[cfg(feature = "zstd")]
        Method::Zstd => {
            wire_core::compress::zstd::decompress(payload, to_u64(plain_bytes), plain_bytes)
        }
        #[cfg(not(all(feature = "lz4", feature = "zstd")))]
        other => {
            let what = format!(
                "{other:?} frames: build with that feature, or ask the server for another method with the setting \
                 network_compression_method"
            );
            Err(DecodeError::unsupported("method", CHECKSUM_BYTES, what))
        }
    }
}

/// Appends `plain` as frames of at most 1 MiB of it each.
pub(crate) fn write_frames(
    method: Method,
    zstd_level: i32,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    for part in plain.chunks(FRAME_PLAIN_BYTES) {
        let start = out.len();
        out.resize(start.saturating_add(CHECKSUM_BYTES + HEADER_BYTES), 0);
        pack(method, zstd_level, part, out)?;
        let body_start = start.saturating_add(CHECKSUM_BYTES);
        let packed = out.len().saturating_sub(body_start);
        let packed = size_of_frame("packed_size", packed)?;
        let plain = size_of_frame("plain_size", part.len())?;
        if let Some(header) = out.get_mut(body_start..).and_then(<[u8]>::first_chunk_mut) {
            let [a, b, c, d] = packed;
            let [e, f, g, h] = plain;
            *header = [method.code(), a, b, c, d, e, f, g, h];
        }
        let sum = cityhash::checksum(out.get(body_start..).unwrap_or_default());
        if let Some(slot) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            *slot = sum;
        }
    }
    Ok(())
}

fn size_of_frame(field: &'static str, len: usize) -> Result<[u8; 4], EncodeError> {
    u32::try_from(len)
        .map(u32::to_le_bytes)
        .map_err(|_| EncodeError::too_long(field, u64::from(u32::MAX), to_u64(len)))
}

#[cfg_attr(
    not(feature = "zstd"),
    expect(unused_variables, reason = "only Zstandard has levels")
)]
fn pack(
    method: Method,
    zstd_level: i32,
    part: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match method {
        Method::None => {
            out.extend_from_slice(part);
            Ok(())
        }
        #[cfg(feature = "lz4")]
        Method::Lz4 => wire_core::compress::lz4::compress(part, out),
        #[cfg(feature = "zstd")]
        Method::Zstd => wire_core::compress::zstd::compress(part, zstd_level, out),
        #[cfg(not(all(feature = "lz4", feature = "zstd")))]
        other => Err(EncodeError::invalid(
            "compression method",
            format!("{other:?} is not in this build: enable the feature of that name"),
        )),
    }
}

/// The level that ClickHouse itself uses for the network (`network_zstd_compression_level`).
pub(crate) const ZSTD_LEVEL: i32 = 1;
