//! The frame around every message, and the headers of responses.

use crate::Error;
use crate::codec::version::Gate;
use crate::codec::{Decoder, Encoder, Negotiated, prim};
use crate::error::{ServerError, Status, unwritable, wire};
use crate::limits::Limits;
use wire_core::{DecodeError, Prefix, Writer};

/// Bytes of the length before each message.
pub const LENGTH_BYTES: usize = 4;

/// Length of the message that begins `data`, its length prefix included; `None` if too few bytes are there to tell.
///
/// # Errors
/// [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a length of 0 or less, with a hint if the bytes look like
/// another protocol; [`ErrorKind::Limit`](crate::ErrorKind::Limit) for one above [`Limits::max_frame_bytes`].
pub fn frame_len(data: &[u8], limits: &Limits) -> Result<Option<usize>, Error> {
    split_len(data, limits.max_frame_bytes).map_err(wire)
}

/// See [`frame_len`].
#[inline]
pub(crate) fn split_len(data: &[u8], max: usize) -> Result<Option<usize>, DecodeError> {
    let Some(head) = data.first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let len = i32::from_le_bytes(*head);
    match usize::try_from(len) {
        Ok(len) if len > 0 && len <= max => Ok(Some(len.saturating_add(LENGTH_BYTES))),
        _ => Err(bad_length(len, data, max)),
    }
}

#[cold]
fn bad_length(len: i32, data: &[u8], max: usize) -> DecodeError {
    if let Some(peer) = wire_core::machine::recognise(data) {
        return DecodeError::invalid(
            "message length",
            0,
            format!("is no length: this is not the thin client port of an Ignite node but {peer}"),
        );
    }
    match u64::try_from(len) {
        Ok(actual) if actual > 0 => {
            let max = u64::try_from(max).unwrap_or(u64::MAX);
            DecodeError::limit("message length", 0, "max_frame_bytes", max, actual)
        }
        _ => DecodeError::invalid(
            "message length",
            0,
            format!("is {len}, expected at least 1"),
        ),
    }
}

/// Writes a message: what `body` writes, with its length before it. If `body` fails, nothing is written.
///
/// # Errors
/// Those of `body`; [`ErrorKind::Limit`](crate::ErrorKind::Limit) if the message is longer than 2 GiB - 1.
pub fn write_frame(
    out: &mut Vec<u8>,
    body: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    // Two error types meet here: the body's and the prefix's. The first is carried out by hand.
    let mut failed = None;
    let framed = Writer::new(out).prefixed(Prefix::I32Le, "message", |w| {
        body(&mut Encoder::over(w.reborrow())).map_err(|error| {
            failed = Some(error);
            wire_core::EncodeError::invalid("message", "")
        })
    });
    match (failed, framed) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(unwritable(error)),
        (None, Ok(())) => Ok(()),
    }
}

/// Writes the length and the header of a request whose payload, of `payload` bytes, follows on its own.
#[cfg(feature = "client")]
pub(crate) fn write_large_frame(
    header: RequestHeader,
    payload: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut to = Encoder::new(out);
    to.count("message", payload.saturating_add(RequestHeader::BYTES))?;
    header.encode(&mut to);
    Ok(())
}

/// What stands before the payload of a request (server class `ClientMessageParser`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestHeader {
    /// The operation.
    pub op_code: i16,
    /// Chosen by the client, any value; the response carries it back.
    pub request_id: i64,
}

impl RequestHeader {
    /// Bytes of a header.
    pub const BYTES: usize = 10;

    /// A header.
    pub const fn new(op_code: i16, request_id: i64) -> Self {
        Self {
            op_code,
            request_id,
        }
    }

    /// Appends the header.
    #[inline]
    pub fn encode(&self, to: &mut Encoder<'_>) {
        to.i16(self.op_code);
        to.i64(self.request_id);
    }

    /// Reads a header.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes end inside.
    pub fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self {
            op_code: from.i16("op code")?,
            request_id: from.i64("request id")?,
        })
    }
}

/// What stands before the payload of a response (server class `ClientResponse`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHeader {
    /// Id of the request; in a notification, of the resource.
    pub id: i64,
    /// Whether this is a notification: no request waits for it.
    pub is_notification: bool,
    /// The cluster's new topology, if it changed since the connection's last response.
    pub topology: Option<Topology>,
    /// The server's refusal; nothing follows it.
    pub error: Option<ServerError>,
}

/// A version of the cluster's topology, as responses announce it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Topology {
    /// Counts nodes that join and leave.
    pub version: i64,
    /// Counts other changes within one version: caches made and dropped.
    pub minor: i32,
}

impl Topology {
    /// A version of the topology.
    pub const fn new(version: i64, minor: i32) -> Self {
        Self { version, minor }
    }
}

const FLAG_ERROR: i16 = 1;
const FLAG_TOPOLOGY: i16 = 2;
pub(crate) const FLAG_NOTIFICATION: i16 = 4;
const SUCCESS: i32 = 0;

impl ResponseHeader {
    /// The header of a successful answer to request `id`.
    pub const fn success(id: i64) -> Self {
        Self {
            id,
            is_notification: false,
            topology: None,
            error: None,
        }
    }

    /// The header of a refusal of request `id`.
    pub fn failure(id: i64, status: Status, text: &str) -> Self {
        Self {
            error: Some(ServerError::new(status, text)),
            ..Self::success(id)
        }
    }

    /// Appends the header in the form of the negotiated version.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if the error's text is too long.
    pub fn encode(&self, to: &mut Encoder<'_>, negotiated: Negotiated) -> Result<(), Error> {
        to.i64(self.id);
        if !negotiated.version.has(Gate::ResponseFlags) {
            let status = self.error.as_ref().map_or(SUCCESS, |e| e.status().code());
            to.i32(status);
            return match &self.error {
                Some(error) => prim::write_str(to, error.message()),
                None => Ok(()),
            };
        }
        let flag = |on: bool, flag: i16| if on { flag } else { 0 };
        to.i16(
            flag(self.error.is_some(), FLAG_ERROR)
                | flag(self.topology.is_some(), FLAG_TOPOLOGY)
                | flag(self.is_notification, FLAG_NOTIFICATION),
        );
        if let Some(topology) = self.topology {
            to.i64(topology.version);
            to.i32(topology.minor);
        }
        if let Some(error) = &self.error {
            to.i32(error.status().code());
            prim::write_str(to, error.message())?;
        }
        Ok(())
    }

    /// Reads a header in the form of the negotiated version.
    ///
    /// The operation code of a notification (`i16`, before its error) belongs to the payload of the subscription;
    /// for notifications only id and flag are read.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes end inside or a flag is unknown.
    #[inline]
    pub fn decode(from: &mut Decoder<'_>, negotiated: Negotiated) -> Result<Self, Error> {
        let mut header = Self::success(from.i64("request id")?);
        if !negotiated.version.has(Gate::ResponseFlags) {
            let status = from.i32("status")?;
            if status != SUCCESS {
                header.error = Some(read_error(from, status)?);
            }
            return Ok(header);
        }
        let flags = from.i16("flags")?;
        if flags == 0 {
            return Ok(header);
        }
        if flags & !(FLAG_ERROR | FLAG_TOPOLOGY | FLAG_NOTIFICATION) != 0 {
            return Err(from.invalid(
                "flags",
                2,
                format!("are {flags:#06x}, expected bits 0 to 2 only"),
            ));
        }
        if flags & FLAG_TOPOLOGY != 0 {
            header.topology = Some(Topology {
                version: from.i64("topology version")?,
                minor: from.i32("minor topology version")?,
            });
        }
        header.is_notification = flags & FLAG_NOTIFICATION != 0;
        if flags & FLAG_ERROR != 0 && !header.is_notification {
            let status = from.i32("status")?;
            header.error = Some(read_error(from, status)?);
        }
        Ok(header)
    }
}

#[cold]
fn read_error(from: &mut Decoder<'_>, status: i32) -> Result<ServerError, Error> {
    let text = prim::read_opt_str(from, "error text")?.unwrap_or_default();
    Ok(ServerError::new(Status::from_code(status), &text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_length_is_known_from_four_bytes_and_must_be_possible() {
        let limits = Limits {
            max_frame_bytes: 100,
            ..Limits::default()
        };
        assert_eq!(frame_len(&[1, 0, 0], &limits).unwrap(), None);
        assert_eq!(frame_len(&[100, 0, 0, 0], &limits).unwrap(), Some(104));
        let error = frame_len(&[101, 0, 0, 0], &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        for bad in [[0; 4], [0xff; 4]] {
            assert_eq!(
                frame_len(&bad, &limits).unwrap_err().kind(),
                ErrorKind::Decode
            );
        }
    }

    #[test]
    fn other_protocols_are_recognised() {
        let error = split_len(b"HTTP/1.1 400 Bad Request", 100).unwrap_err();
        assert!(error.to_string().contains("an HTTP server"), "{error}");
    }

    #[test]
    fn a_body_that_fails_leaves_no_trace() {
        let mut out = vec![7];
        let error = write_frame(&mut out, |to| {
            to.i64(1);
            Err(Error::new(ErrorKind::Encode, "no"))
        });
        assert_eq!(error.unwrap_err().to_string(), "no");
        assert_eq!(out, [7]);
    }
}
