//! Frames: nine bytes of header and a body (native protocol v4, §2).

use bytes::{Buf, Bytes};
use wire_core::{DecodeError, Prefix, Reader, RecvBuf, Writer};

use super::segment::append_in_segments;
use super::{Compression, Dialect, Feature, Version};
use crate::error::{Error, ErrorKind, Fail};
use crate::limits::Limits;

/// Direction bit of the version byte: set in responses.
pub(crate) const RESPONSE: u8 = 0x80;

/// Bodies below this many bytes are sent as they are unless the connection says otherwise: compressing a small request
/// costs more than it saves.
pub(crate) const COMPRESS_FROM: usize = 1024;

/// The flags of a frame (native protocol v4, §2.2). Bits that are not known are kept and have no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "flags are these bits and nothing else"
)]
pub struct Flags(pub u8);

impl Flags {
    /// The body is compressed by the algorithm of the connection.
    pub const COMPRESSION: Self = Self(0x01);
    /// Request: trace this. Response: the body begins with a tracing id.
    pub const TRACING: Self = Self(0x02);
    /// The body has a custom payload.
    pub const CUSTOM_PAYLOAD: Self = Self(0x04);
    /// The body has warnings; responses only.
    pub const WARNING: Self = Self(0x08);

    /// Whether all bits of `other` are set.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Version number without the direction bit; not necessarily one that this crate speaks.
    pub version: u8,
    /// Whether this is a response.
    pub is_response: bool,
    /// Flags.
    pub flags: Flags,
    /// Id that pairs a response with its request; negative ones are the server's own.
    pub stream: i16,
    /// What the body is; see [`Opcode`](crate::message::Opcode).
    pub opcode: u8,
    /// Bytes of the body.
    pub body_bytes: u32,
}

impl Header {
    /// Bytes of a header.
    pub const BYTES: usize = 9;

    fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = r.u8("version")?;
        Ok(Self {
            version: version & !RESPONSE,
            is_response: version & RESPONSE != 0,
            flags: Flags(r.u8("flags")?),
            stream: r.i16_be("stream")?,
            opcode: r.u8("opcode")?,
            body_bytes: r.u32_be("body_bytes")?,
        })
    }

    /// The header that `bytes` begin with and the length of its body, if all of that is there.
    fn of_whole(bytes: &[u8], max_frame_bytes: u32) -> Result<Option<(Self, usize)>, DecodeError> {
        let mut r = Reader::new(bytes);
        if r.left() < Self::BYTES {
            return Ok(None);
        }
        let header = Self::read(&mut r)?;
        if header.body_bytes > max_frame_bytes {
            let (limit, actual) = (u64::from(max_frame_bytes), u64::from(header.body_bytes));
            let error = DecodeError::limit("body_bytes", 5, "max_frame_bytes", limit, actual);
            return Err(error.within("Header"));
        }
        let body_bytes = usize::try_from(header.body_bytes).ok();
        Ok(body_bytes.filter(|n| *n <= r.left()).map(|n| (header, n)))
    }
}

/// A complete frame. The body shares memory with the receive buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The header.
    pub header: Header,
    /// The body as it came, compressed if the header says so.
    pub body: Bytes,
}

/// Opcode of RESULT (native protocol v4, §2.4).
#[cfg(feature = "client")]
const RESULT: u8 = 0x08;
/// Body of a RESULT without rows (native protocol v4, §4.2.5.1).
#[cfg(feature = "client")]
const VOID: [u8; 4] = [0, 0, 0, 1];

impl Frame {
    /// The answer to a statement that has no rows, as if it had come.
    #[cfg(feature = "client")]
    pub(crate) fn void(version: Version) -> Self {
        Self {
            header: Header {
                version: version.number(),
                is_response: true,
                flags: Flags::default(),
                stream: 0,
                opcode: RESULT,
                body_bytes: 4,
            },
            body: Bytes::from_static(&VOID),
        }
    }

    /// Takes the next frame off `input`; `None` if it is not complete yet.
    pub(crate) fn split(
        input: &mut RecvBuf,
        max_frame_bytes: u32,
    ) -> Result<Option<Self>, DecodeError> {
        let Some((header, body_bytes)) = Header::of_whole(input.filled(), max_frame_bytes)? else {
            return Ok(None);
        };
        input.advance(Header::BYTES);
        Ok(input.take(body_bytes).map(|body| Self { header, body }))
    }

    /// The same of bytes that nothing is added to.
    pub(super) fn split_whole(
        input: &mut Bytes,
        max_frame_bytes: u32,
    ) -> Result<Option<Self>, DecodeError> {
        let Some((header, body_bytes)) = Header::of_whole(input, max_frame_bytes)? else {
            return Ok(None);
        };
        let mut body = input.split_to(Header::BYTES.saturating_add(body_bytes));
        body.advance(Header::BYTES);
        Ok(Some(Self { header, body }))
    }

    /// Bytes of the whole frame that `bytes` begin with, if they do.
    pub(super) fn whole_bytes(bytes: &[u8]) -> Option<usize> {
        let (_, body_bytes) = Header::of_whole(bytes, u32::MAX).ok()??;
        Some(Header::BYTES.saturating_add(body_bytes))
    }

    /// The first byte of its header: version and direction.
    pub(crate) fn first_byte(&self) -> u8 {
        let direction = if self.header.is_response { RESPONSE } else { 0 };
        self.header.version | direction
    }

    /// Whether the body came in plain.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        if !self.header.flags.has(Flags::COMPRESSION) {
            return true;
        }
        // In protocol v5 segments are compressed, not bodies, and the flag says nothing.
        let version = Version::from_number(self.header.version);
        version.is_some_and(|version| version.has(Feature::Segments))
    }

    /// The body in plain, whatever the header says about compression.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body is compressed and none was negotiated
    /// (`compression` is `None`), or it does not hold what it claims; [`ErrorKind::Limit`](crate::ErrorKind::Limit)
    /// if it claims more than `limits` allow.
    pub fn plain_body(
        &self,
        compression: Option<Compression>,
        limits: &Limits,
    ) -> Result<Bytes, Error> {
        if self.is_plain() {
            return Ok(self.body.clone());
        }
        let decompressed = match compression {
            Some(compression) => compression.decompress(&self.body, limits.max_frame_bytes),
            None => Err(DecodeError::invalid(
                "flags",
                1,
                "say that the body is compressed, but no compression was agreed on",
            )),
        };
        decompressed.map_err(|e| Error::undecodable("a frame", e.within("Frame")))
    }
}

/// Cuts a stream of bytes into frames, for those who bring their own transport.
///
/// ```
/// # use cql_v4::{Limits, codec::FrameDecoder};
/// let mut decoder = FrameDecoder::new(Limits::DEFAULT);
/// decoder.feed(&[0x84, 0, 0, 1, 0x02]);
/// assert!(decoder.next_frame()?.is_none());
/// decoder.feed(&[0, 0, 0, 0]);
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header.stream, frame.header.opcode), (1, 0x02));
/// # Ok::<(), cql_v4::Error>(())
/// ```
#[derive(Debug)]
pub struct FrameDecoder {
    input: RecvBuf,
    limits: Limits,
}

impl FrameDecoder {
    /// A decoder that has seen nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            input: RecvBuf::new(),
            limits,
        }
    }

    /// Takes in bytes as they arrive.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// The next complete frame, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if a frame is longer than the limit. The stream cannot go on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        Frame::split(&mut self.input, self.limits.max_frame_bytes)
            .map_err(|e| Error::undecodable("a frame", e))
    }
}

/// How bodies are written on a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyOptions {
    /// What was agreed on.
    pub(crate) dialect: Dialect,
    /// Algorithm of the connection; `None` before it is agreed on.
    pub(crate) compression: Option<Compression>,
    /// Bodies, and segments, of fewer bytes are sent as they are.
    pub(crate) compress_from: usize,
    /// Whether frames travel in segments: on protocol v5, after the handshake.
    pub(crate) in_segments: bool,
}

impl BodyOptions {
    /// Frames without segments around them. Protocol v5 compresses segments, never bodies.
    pub(crate) fn bare(dialect: impl Into<Dialect>, compression: Option<Compression>) -> Self {
        let dialect = dialect.into();
        let compression = compression.filter(|_| !dialect.has(Feature::Segments));
        Self {
            dialect,
            compression,
            compress_from: COMPRESS_FROM,
            in_segments: false,
        }
    }

    /// Frames as they travel once the handshake has come to authentication.
    pub(crate) fn established(dialect: Dialect, compression: Option<Compression>) -> Self {
        Self {
            dialect,
            compression,
            compress_from: COMPRESS_FROM,
            in_segments: dialect.has(Feature::Segments),
        }
    }

    /// The same, with bodies of fewer bytes than this sent as they are.
    #[must_use]
    pub(crate) fn compressing_from(mut self, bytes: usize) -> Self {
        self.compress_from = bytes;
        self
    }
}

/// What a frame's header says apart from its length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Envelope {
    pub(crate) is_response: bool,
    pub(crate) flags: Flags,
    pub(crate) stream: i16,
    pub(crate) opcode: u8,
}

/// Appends a frame with the body that `body` writes, in segments where the connection has them; nothing is appended when
/// that fails.
#[inline]
pub(crate) fn append_frame(
    out: &mut Vec<u8>,
    options: BodyOptions,
    envelope: Envelope,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Fail>,
) -> Result<(), Error> {
    if !options.in_segments {
        return append_bare(out, options, envelope, body);
    }
    let bare = BodyOptions {
        compression: None,
        ..options
    };
    append_in_segments(out, options.compression, options.compress_from, |out| {
        append_bare(out, bare, envelope, body)
    })
}

#[inline]
fn append_bare(
    out: &mut Vec<u8>,
    options: BodyOptions,
    envelope: Envelope,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), Fail>,
) -> Result<(), Error> {
    let start = out.len();
    let mut w = Writer::new(out);
    let direction = if envelope.is_response { RESPONSE } else { 0 };
    let version = options.dialect.version().number() | direction;
    let [high, low] = envelope.stream.to_be_bytes();
    w.put(&[version, envelope.flags.0, high, low, envelope.opcode]);
    let result = w
        .prefixed(Prefix::I32Be, "frame body", body)
        .and_then(|()| finish_body(out, start, options));
    if result.is_err() {
        out.truncate(start);
    }
    result.map_err(|Fail(error)| error)
}

/// Checks the length of the body that begins after the header at `start`, and compresses it if that is worth it.
#[inline]
fn finish_body(out: &mut Vec<u8>, start: usize, options: BodyOptions) -> Result<(), Fail> {
    let body_start = start.saturating_add(Header::BYTES);
    let len = out.len().saturating_sub(body_start);
    let max = Limits::DEFAULT.max_frame_bytes;
    if u32::try_from(len).map_or(true, |len| len > max) {
        let text = format!(
            "the request is {len} bytes; the protocol allows {max} in a frame; nothing was sent"
        );
        return Err(Error::new(ErrorKind::Limit, text).into());
    }
    match options.compression {
        Some(compression) if len >= options.compress_from => {
            compress_body(out, body_start, compression)
        }
        _ => Ok(()),
    }
}

fn compress_body(
    out: &mut Vec<u8>,
    body_start: usize,
    compression: Compression,
) -> Result<(), Fail> {
    let Some(body) = out.get(body_start..) else {
        return Ok(());
    };
    let compressed = compression.compress(body)?;
    if compressed.len() >= body.len() {
        return Ok(());
    }
    let length_at = body_start.saturating_sub(4);
    let flags_at = body_start.saturating_sub(8);
    if let Some(flags) = out.get_mut(flags_at) {
        *flags |= Flags::COMPRESSION.0;
    }
    out.truncate(length_at);
    Writer::new(out).prefixed_bytes(Prefix::I32Be, "frame body", &compressed)?;
    Ok(())
}
