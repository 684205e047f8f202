//! Any request: what a server, or a codec without a client, sees.

use bytes::Bytes;
use wire_core::{DecodeResultExt, Reader, Writer};

use super::{AuthResponse, Batch, Execute, Opcode, Prepare, Query, Startup};
use crate::codec::{BodyOptions, Compression, Envelope, Flags, Version, append_frame};
use crate::error::{Error, ErrorKind, Fail};

/// What each request knows about its frame.
pub(crate) trait RequestBody {
    /// Opcode of the frame.
    const OPCODE: Opcode;

    /// Writes the body.
    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail>;
}

/// Appends the frame of a request to `out`; nothing is appended when that fails.
#[inline]
pub(crate) fn append_request<R: RequestBody>(
    out: &mut Vec<u8>,
    options: BodyOptions,
    stream: i16,
    flags: Flags,
    request: &R,
) -> Result<(), Error> {
    let envelope = Envelope {
        is_response: false,
        flags,
        stream,
        opcode: R::OPCODE.0,
    };
    append_frame(out, options, envelope, |w| {
        request.write(options.version, w)
    })
}

/// A request of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// STARTUP
    Startup(Startup),
    /// OPTIONS
    Options,
    /// AUTH_RESPONSE
    AuthResponse(AuthResponse),
    /// QUERY
    Query(Query),
    /// PREPARE
    Prepare(Prepare),
    /// EXECUTE
    Execute(Execute),
    /// BATCH
    Batch(Batch),
}

/// OPTIONS has no body.
#[derive(Debug)]
pub(crate) struct Options;

impl RequestBody for Options {
    const OPCODE: Opcode = Opcode::OPTIONS;

    fn write(&self, _: Version, _: &mut Writer<'_>) -> Result<(), Fail> {
        Ok(())
    }
}

impl Request {
    /// Appends the whole frame to `out`, without the segments of protocol v5. STARTUP and OPTIONS are never compressed, since they may come before a
    /// compression is agreed on.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] or [`ErrorKind::Limit`] if something is too long for its length field; nothing is
    /// appended then.
    pub fn encode(
        &self,
        version: Version,
        compression: Option<Compression>,
        stream: i16,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let plain = BodyOptions::bare(version, None);
        let options = BodyOptions::bare(version, compression);
        let flags = Flags::default();
        match self {
            Self::Startup(m) => append_request(out, plain, stream, flags, m),
            Self::Options => append_request(out, plain, stream, flags, &Options),
            Self::AuthResponse(m) => append_request(out, options, stream, flags, m),
            Self::Query(m) => append_request(out, options, stream, flags, m),
            Self::Prepare(m) => append_request(out, options, stream, flags, m),
            Self::Execute(m) => append_request(out, options, stream, flags, m),
            Self::Batch(m) => append_request(out, options, stream, flags, m),
        }
    }

    /// Reads the plain body of a frame with this opcode.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are not such a request; [`ErrorKind::Unsupported`] if the opcode is not
    /// that of a request known here.
    pub fn decode(version: Version, opcode: Opcode, body: &Bytes) -> Result<Self, Error> {
        let mut r = Reader::over(body);
        let request = match opcode {
            Opcode::STARTUP => Startup::read(&mut r).map(Self::Startup),
            Opcode::OPTIONS => Ok(Self::Options),
            Opcode::AUTH_RESPONSE => AuthResponse::read(&mut r).map(Self::AuthResponse),
            Opcode::QUERY => Query::read(&mut r, version).map(Self::Query),
            Opcode::PREPARE => Prepare::read(&mut r, version).map(Self::Prepare),
            Opcode::EXECUTE => Execute::read(&mut r, version).map(Self::Execute),
            Opcode::BATCH => Batch::read(&mut r, version).map(Self::Batch),
            other => {
                let text = format!("{other} is not a request known here");
                return Err(Error::new(ErrorKind::Unsupported, text));
            }
        };
        request
            .within(opcode.name())
            .map_err(|e| Error::undecodable("a request", e))
    }
}
