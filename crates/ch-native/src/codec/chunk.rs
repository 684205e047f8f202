//! Chunked packets: a framing around packets that both sides may agree on, each direction by itself.
//!
//! ```text
//! packets = chunk+, u32 0        one packet or several; the zero stands where one ends
//! chunk   = size u32, bytes      at least one byte; little-endian; cut anywhere
//! ```
//!
//! It begins behind the client's addendum: hellos and addendum are never chunked.
//!
//! Source: ClickHouse, `src/IO/ReadBufferFromPocoSocketChunked.cpp`, `src/Client/Connection.cpp`.

use std::fmt;
use std::str::FromStr;

use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::prim::{to_u64, whole};
use crate::error::{Error, ErrorKind};

/// What one side wants for one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ChunkMode {
    /// Chunked only.
    Chunked,
    /// Plain only.
    #[default]
    NotChunked,
    /// Chunked, unless the other side wants it plain.
    ChunkedOptional,
    /// Plain, unless the other side wants it chunked.
    NotChunkedOptional,
}

impl ChunkMode {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chunked => "chunked",
            Self::NotChunked => "notchunked",
            Self::ChunkedOptional => "chunked_optional",
            Self::NotChunkedOptional => "notchunked_optional",
        }
    }

    /// What was chosen, as the addendum says it.
    pub const fn chosen(chunked: bool) -> Self {
        if chunked {
            Self::Chunked
        } else {
            Self::NotChunked
        }
    }

    /// Whether this side would have it chunked.
    pub const fn is_chunked(self) -> bool {
        matches!(self, Self::Chunked | Self::ChunkedOptional)
    }

    const fn is_optional(self) -> bool {
        matches!(self, Self::ChunkedOptional | Self::NotChunkedOptional)
    }

    /// Whether packets of a direction are chunked, by what both sides want for it: a side that does not care follows
    /// the other, and the server follows first. `None` if each insists on something else.
    pub const fn agree(client: Self, server: Self) -> Option<bool> {
        if server.is_optional() {
            Some(client.is_chunked())
        } else if client.is_optional() || client.is_chunked() == server.is_chunked() {
            Some(server.is_chunked())
        } else {
            None
        }
    }
}

impl fmt::Display for ChunkMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ChunkMode {
    type Err = Error;

    /// One of the four words.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] lists them.
    fn from_str(name: &str) -> Result<Self, Error> {
        let all = [
            Self::Chunked,
            Self::NotChunked,
            Self::ChunkedOptional,
            Self::NotChunkedOptional,
        ];
        all.into_iter()
            .find(|mode| mode.name() == name)
            .ok_or_else(|| {
                let text = format!(
                    "{name} is no way to frame packets; expected chunked, notchunked, chunked_optional or \
                     notchunked_optional"
                );
                Error::new(ErrorKind::Config, text)
            })
    }
}

/// Bytes of a chunk's size.
const HEADER_BYTES: usize = 4;

/// Appends what `write` appends as a packet of one chunk. Nothing is appended if it fails.
pub(crate) fn chunked(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let body = start.saturating_add(HEADER_BYTES);
    out.resize(body, 0);
    let written = write(out).and_then(|()| {
        let len = out.len().saturating_sub(body);
        u32::try_from(len)
            .map_err(|_| EncodeError::too_long("chunk", u64::from(u32::MAX), to_u64(len)))
    });
    match written {
        Ok(len) => {
            if let Some(header) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
                *header = len.to_le_bytes();
            }
            out.extend_from_slice(&[0; HEADER_BYTES]);
            Ok(())
        }
        Err(e) => {
            out.truncate(start);
            Err(e)
        }
    }
}

/// Takes chunks off a stream of bytes.
#[derive(Debug, Default)]
pub(crate) struct Unchunk {
    /// Bytes of the open chunk that have not arrived.
    left: usize,
    /// Whether a chunk came since the last end.
    is_open: bool,
    /// What was in the chunks and is not used yet.
    pub(crate) data: RecvBuf,
}

/// What [`Unchunk::fill`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// More data.
    Data,
    /// The zero behind a packet.
    End,
    /// Nothing: more has to arrive.
    Nothing,
}

impl Unchunk {
    /// Uses input up to the end of a chunk or of a packet.
    pub(crate) fn fill(&mut self, input: &mut RecvBuf) -> Result<Filled, DecodeError> {
        if self.left == 0 {
            let mut r = Reader::new(input.filled());
            let Some(size) = whole(&mut r, |r| r.u32_le("chunk.size"))? else {
                return Ok(Filled::Nothing);
            };
            input.advance(HEADER_BYTES);
            if size == 0 {
                if !std::mem::take(&mut self.is_open) {
                    let what = "is 0, though no chunk came since the last end of a packet";
                    return Err(DecodeError::invalid("chunk.size", 0, what));
                }
                return Ok(Filled::End);
            }
            self.is_open = true;
            self.left = usize::try_from(size).unwrap_or(usize::MAX);
        }
        let n = self.left.min(input.len());
        let Some(bytes) = input.filled().get(..n).filter(|bytes| !bytes.is_empty()) else {
            return Ok(Filled::Nothing);
        };
        self.data.extend_from_slice(bytes);
        input.advance(n);
        self.left = self.left.saturating_sub(n);
        Ok(Filled::Data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of ClickHouse's client, worked out by hand for all sixteen pairs; rows are the client's words.
    #[test]
    fn both_sides_agree_or_insist() {
        use ChunkMode::{Chunked, ChunkedOptional, NotChunked, NotChunkedOptional};
        let modes = [Chunked, NotChunked, ChunkedOptional, NotChunkedOptional];
        let expected = [
            [Some(true), None, Some(true), Some(true)],
            [None, Some(false), Some(false), Some(false)],
            [Some(true), Some(false), Some(true), Some(true)],
            [Some(true), Some(false), Some(false), Some(false)],
        ];
        for (client, row) in modes.into_iter().zip(expected) {
            for (server, agreed) in modes.into_iter().zip(row) {
                assert_eq!(
                    ChunkMode::agree(client, server),
                    agreed,
                    "{client} {server}"
                );
            }
        }
    }

    #[test]
    fn words_are_read_back() {
        for word in [
            "chunked",
            "notchunked",
            "chunked_optional",
            "notchunked_optional",
        ] {
            assert_eq!(word.parse::<ChunkMode>().unwrap().to_string(), word);
        }
        let error = "chunky".parse::<ChunkMode>().unwrap_err();
        assert!(error.to_string().contains("notchunked_optional"), "{error}");
    }

    /// A Ping as the protocol's documents give it.
    #[test]
    fn a_ping_is_nine_bytes() {
        let mut out = vec![9];
        chunked(&mut out, |out| {
            out.push(4);
            Ok(())
        })
        .unwrap();
        assert_eq!(out, [9, 1, 0, 0, 0, 4, 0, 0, 0, 0]);
        let failed = chunked(&mut out, |out| {
            out.push(7);
            Err(EncodeError::invalid("x", "is wrong"))
        });
        assert!(failed.is_err());
        assert_eq!(out.len(), 10, "nothing of it stays");
    }

    #[test]
    fn chunks_come_apart_at_any_cut() {
        let stream = [
            2, 0, 0, 0, b'a', b'b', 1, 0, 0, 0, b'c', 0, 0, 0, 0, 1, 0, 0, 0, b'd',
        ];
        for cut in 0..stream.len() {
            let (mut chunks, mut input) = (Unchunk::default(), RecvBuf::new());
            let mut ends = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                input.extend_from_slice(part);
                loop {
                    match chunks.fill(&mut input).unwrap() {
                        Filled::Data => {}
                        Filled::End => ends.push(chunks.data.len()),
                        Filled::Nothing => break,
                    }
                }
            }
            assert_eq!(
                (chunks.data.filled(), ends),
                (&b"abcd"[..], vec![3]),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn an_end_without_a_packet_is_refused() {
        let mut input = RecvBuf::new();
        input.extend_from_slice(&[0; 4]);
        assert!(Unchunk::default().fill(&mut input).is_err());
    }
}
