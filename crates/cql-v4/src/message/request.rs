//! Any request: what a server, or a codec without a client, sees.

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, Reader, Writer};

use super::{AuthResponse, Batch, Execute, Opcode, Prepare, Query, Register, Startup};
use crate::codec::{
    BodyOptions, Compression, Dialect, Envelope, Feature, Flags, Header, Version, append_frame,
    prim,
};
use crate::error::{Error, ErrorKind, Fail};

/// What each request knows about its frame.
pub(crate) trait RequestBody {
    /// Opcode of the frame.
    const OPCODE: Opcode;

    /// Writes the body.
    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail>;
}

/// Appends the frame of a request, with this custom payload unless it is empty, to `out`; nothing is appended when that
/// fails.
#[inline]
pub(crate) fn append_request<R: RequestBody>(
    out: &mut Vec<u8>,
    options: BodyOptions,
    stream: i16,
    flags: Flags,
    payload: &[(String, Option<Bytes>)],
    request: &R,
) -> Result<(), Error> {
    let dialect = options.dialect;
    let payload_flag = if payload.is_empty() {
        Flags::default()
    } else {
        check_payload(dialect.version())?;
        Flags::CUSTOM_PAYLOAD
    };
    let envelope = Envelope {
        is_response: false,
        flags: flags.with(payload_flag),
        stream,
        opcode: R::OPCODE.0,
    };
    append_frame(out, options, envelope, |w| {
        if !payload.is_empty() {
            prim::put_bytes_map(w, "custom payload", payload)?;
        }
        request.write(dialect, w)
    })
}

/// Refuses a custom payload where the version has none.
fn check_payload(version: Version) -> Result<(), Error> {
    if version.has(Feature::CustomPayload) {
        return Ok(());
    }
    let text = format!(
        "a custom payload is set for the request, which takes protocol v4, but the connection speaks {version}; \
         nothing was sent"
    );
    Err(Error::new(ErrorKind::Unsupported, text))
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
    /// REGISTER
    Register(Register),
    /// BATCH
    Batch(Batch),
}

/// OPTIONS has no body.
#[derive(Debug)]
pub(crate) struct Options;

impl RequestBody for Options {
    const OPCODE: Opcode = Opcode::OPTIONS;

    fn write(&self, _: Dialect, _: &mut Writer<'_>) -> Result<(), Fail> {
        Ok(())
    }
}

/// A request with what its frame says beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Whether the server is asked to keep a trace of it.
    pub tracing: bool,
    /// Custom payload; from protocol v4 on.
    pub custom_payload: Vec<(String, Option<Bytes>)>,
    /// The request.
    pub request: Request,
}

impl From<Request> for Call {
    fn from(request: Request) -> Self {
        Self {
            tracing: false,
            custom_payload: Vec::new(),
            request,
        }
    }
}

impl Call {
    /// Appends the whole frame to `out`, without the segments of protocol v5. STARTUP and OPTIONS are never compressed,
    /// since they may come before a compression is agreed on.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] or [`ErrorKind::Limit`] if something is too long for its length field,
    /// [`ErrorKind::Unsupported`] if the version has no place for it; nothing is appended then.
    pub fn encode(
        &self,
        dialect: impl Into<Dialect>,
        compression: Option<Compression>,
        stream: i16,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let flags = if self.tracing {
            Flags::TRACING
        } else {
            Flags::default()
        };
        let options = BodyOptions::bare(dialect, compression);
        self.request
            .append(out, options, stream, flags, &self.custom_payload)
    }

    /// Reads the plain body of a frame with this header.
    ///
    /// # Errors
    /// As [`Request::decode`].
    pub fn decode(
        dialect: impl Into<Dialect>,
        header: &Header,
        body: &Bytes,
    ) -> Result<Self, Error> {
        let opcode = Opcode(header.opcode);
        let mut r = Reader::over(body);
        let custom_payload = if header.flags.has(Flags::CUSTOM_PAYLOAD) {
            prim::bytes_map(&mut r, "custom_payload")
                .within(opcode.name())
                .map_err(undecodable)?
        } else {
            Vec::new()
        };
        Ok(Self {
            tracing: header.flags.has(Flags::TRACING),
            custom_payload,
            request: Request::read(dialect.into(), opcode, &mut r)?,
        })
    }
}

fn undecodable(error: DecodeError) -> Error {
    Error::undecodable("a request", error)
}

impl Request {
    /// As [`Call::encode`], without tracing and custom payload.
    ///
    /// # Errors
    /// As [`Call::encode`].
    pub fn encode(
        &self,
        dialect: impl Into<Dialect>,
        compression: Option<Compression>,
        stream: i16,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let options = BodyOptions::bare(dialect, compression);
        self.append(out, options, stream, Flags::default(), &[])
    }

    fn append(
        &self,
        out: &mut Vec<u8>,
        options: BodyOptions,
        stream: i16,
        flags: Flags,
        payload: &[(String, Option<Bytes>)],
    ) -> Result<(), Error> {
        let plain = BodyOptions {
            compression: None,
            ..options
        };
        match self {
            Self::Startup(m) => append_request(out, plain, stream, flags, payload, m),
            Self::Options => append_request(out, plain, stream, flags, payload, &Options),
            Self::AuthResponse(m) => append_request(out, options, stream, flags, payload, m),
            Self::Query(m) => append_request(out, options, stream, flags, payload, m),
            Self::Prepare(m) => append_request(out, options, stream, flags, payload, m),
            Self::Execute(m) => append_request(out, options, stream, flags, payload, m),
            Self::Register(m) => append_request(out, options, stream, flags, payload, m),
            Self::Batch(m) => append_request(out, options, stream, flags, payload, m),
        }
    }

    /// Reads the plain body of a frame with this opcode that has no custom payload.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are not such a request; [`ErrorKind::Unsupported`] if the opcode is not
    /// that of a request known here, or it has something that its version does not.
    pub fn decode(
        dialect: impl Into<Dialect>,
        opcode: Opcode,
        body: &Bytes,
    ) -> Result<Self, Error> {
        Self::read(dialect.into(), opcode, &mut Reader::over(body))
    }

    fn read(dialect: Dialect, opcode: Opcode, r: &mut Reader<'_>) -> Result<Self, Error> {
        let request = match opcode {
            Opcode::STARTUP => Startup::read(r).map(Self::Startup),
            Opcode::OPTIONS => Ok(Self::Options),
            Opcode::AUTH_RESPONSE => AuthResponse::read(r).map(Self::AuthResponse),
            Opcode::QUERY => Query::read(r, dialect).map(Self::Query),
            Opcode::PREPARE => Prepare::read(r, dialect).map(Self::Prepare),
            Opcode::EXECUTE => Execute::read(r, dialect).map(Self::Execute),
            Opcode::REGISTER => Register::read(r).map(Self::Register),
            Opcode::BATCH => Batch::read(r, dialect).map(Self::Batch),
            other => {
                let text = format!("{other} is not a request known here");
                return Err(Error::new(ErrorKind::Unsupported, text));
            }
        };
        request.within(opcode.name()).map_err(undecodable)
    }
}
