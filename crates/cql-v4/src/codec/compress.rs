//! Compression of frame bodies (native protocol v4, §5).

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError};

/// An algorithm for frame bodies. Only those of the crate's features are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// A raw LZ4 block behind its uncompressed length as 4 bytes, big-endian. Every server has it.
    #[cfg(feature = "lz4")]
    Lz4,
    /// A raw Snappy block.
    #[cfg(feature = "snappy")]
    Snappy,
}

impl Compression {
    /// All that this build has.
    pub const ALL: &'static [Self] = &[
        #[cfg(feature = "lz4")]
        Self::Lz4,
        #[cfg(feature = "snappy")]
        Self::Snappy,
    ];

    /// Its name in STARTUP and SUPPORTED.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => "lz4",
            #[cfg(feature = "snappy")]
            Self::Snappy => "snappy",
        }
    }

    /// The algorithm of this name, if this build has it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.name().eq_ignore_ascii_case(name))
    }

    /// The compressed form of `body`.
    #[cfg_attr(
        not(any(feature = "lz4", feature = "snappy")),
        expect(unused_variables, reason = "no algorithm is built in")
    )]
    pub(crate) fn compress(self, body: &[u8]) -> Result<Vec<u8>, EncodeError> {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => {
                // What comes out longer than that is not sent.
                let mut out = Vec::with_capacity(body.len());
                let mut w = wire_core::Writer::new(&mut out);
                w.length(wire_core::Prefix::I32Be, "uncompressed length", body.len())?;
                wire_core::compress::lz4::compress(body, &mut out)?;
                Ok(out)
            }
            #[cfg(feature = "snappy")]
            Self::Snappy => {
                let mut out = Vec::new();
                wire_core::compress::snappy::compress(body, &mut out)?;
                Ok(out)
            }
        }
    }

    /// The plain form of `body`, at most `max_bytes` long.
    #[cfg_attr(
        not(any(feature = "lz4", feature = "snappy")),
        expect(unused_variables, reason = "no algorithm is built in")
    )]
    pub(crate) fn decompress(self, body: &Bytes, max_bytes: u32) -> Result<Bytes, DecodeError> {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => {
                let mut r = wire_core::Reader::new(body);
                let len = r.i32_be("uncompressed_length")?;
                let max = usize::try_from(max_bytes).unwrap_or(usize::MAX);
                // A body of no bytes is one token byte on the wire: 255 times that is enough room for it.
                wire_core::compress::lz4::decompress(r.rest(), len, max).map(Bytes::from)
            }
            #[cfg(feature = "snappy")]
            Self::Snappy => {
                let max = usize::try_from(max_bytes).unwrap_or(usize::MAX);
                wire_core::compress::snappy::decompress(body, max).map(Bytes::from)
            }
        }
    }

    /// The bare block of `payload`, as a segment of protocol v5 has it.
    #[cfg_attr(
        not(any(feature = "lz4", feature = "snappy")),
        expect(unused_variables, reason = "no algorithm is built in")
    )]
    pub(super) fn compress_bare(self, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => {
                let mut out = Vec::new();
                wire_core::compress::lz4::compress(payload, &mut out)?;
                Ok(out)
            }
            #[cfg(feature = "snappy")]
            Self::Snappy => self.compress(payload),
        }
    }

    /// The plain form of the bare block `payload`, which is `plain_bytes` long.
    #[cfg_attr(
        not(any(feature = "lz4", feature = "snappy")),
        expect(unused_variables, reason = "no algorithm is built in")
    )]
    pub(super) fn decompress_bare(
        self,
        payload: &[u8],
        plain_bytes: usize,
    ) -> Result<Bytes, DecodeError> {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => {
                let len = u64::try_from(plain_bytes).unwrap_or(u64::MAX);
                wire_core::compress::lz4::decompress(payload, len, plain_bytes).map(Bytes::from)
            }
            #[cfg(feature = "snappy")]
            Self::Snappy => {
                wire_core::compress::snappy::decompress(payload, plain_bytes).map(Bytes::from)
            }
        }
    }

    /// Whether protocol v5 has it.
    pub(crate) fn is_in_segments(self) -> bool {
        self.name() == "lz4"
    }
}
