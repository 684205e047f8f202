//! Any response, with what may stand before its message.
//!
//! ```text
//! {0x02: [uuid tracing id]} {0x08: [string list warnings]} {0x04: [bytes map custom payload]} message
//! ```
//!
//! Native protocol v4, §2.2. The same prefixes can stand before an ERROR.

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, Reader, Writer};

use super::{Event, KnownColumns, Opcode, ResultMessage, Supported, error};
use crate::codec::{
    BodyOptions, Compression, Dialect, Envelope, Flags, Header, append_frame, prim,
};
use crate::error::{Error, Fail, ServerError};
use crate::limits::Limits;
use crate::types::Uuid;

/// A response of any kind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response {
    /// What stands before the message; most responses have nothing there.
    pub extras: Option<Box<Extras>>,
    /// The message.
    pub message: Message,
}

/// What may stand before the message of a response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Extras {
    /// Id under which the server keeps the trace that was asked for.
    pub tracing_id: Option<Uuid>,
    /// Warnings of the server.
    pub warnings: Vec<String>,
    /// Custom payload.
    pub custom_payload: Vec<(String, Option<Bytes>)>,
}

/// The message of a response.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Message {
    /// ERROR
    Error(Box<ServerError>),
    /// READY
    Ready,
    /// AUTHENTICATE, with the class of the server's authenticator.
    Authenticate(String),
    /// SUPPORTED
    Supported(Supported),
    /// RESULT
    Result(ResultMessage),
    /// EVENT
    Event(Event),
    /// AUTH_CHALLENGE, with its token.
    AuthChallenge(Option<Bytes>),
    /// AUTH_SUCCESS, with its token.
    AuthSuccess(Option<Bytes>),
}

impl Message {
    /// What it is.
    pub fn opcode(&self) -> Opcode {
        match self {
            Self::Error(_) => Opcode::ERROR,
            Self::Ready => Opcode::READY,
            Self::Authenticate(_) => Opcode::AUTHENTICATE,
            Self::Supported(_) => Opcode::SUPPORTED,
            Self::Result(_) => Opcode::RESULT,
            Self::Event(_) => Opcode::EVENT,
            Self::AuthChallenge(_) => Opcode::AUTH_CHALLENGE,
            Self::AuthSuccess(_) => Opcode::AUTH_SUCCESS,
        }
    }
}

impl Extras {
    fn read(r: &mut Reader<'_>, flags: Flags) -> Result<Option<Box<Self>>, DecodeError> {
        const ANY: u8 = Flags::TRACING.0 | Flags::WARNING.0 | Flags::CUSTOM_PAYLOAD.0;
        if flags.0 & ANY == 0 {
            return Ok(None);
        }
        let mut extras = Box::<Self>::default();
        if flags.has(Flags::TRACING) {
            extras.tracing_id = Some(Uuid(r.array("tracing_id")?));
        }
        if flags.has(Flags::WARNING) {
            extras.warnings = prim::string_list(r, "warnings")?;
        }
        if flags.has(Flags::CUSTOM_PAYLOAD) {
            extras.custom_payload = prim::bytes_map(r, "custom_payload")?;
        }
        Ok(Some(extras))
    }

    fn flags(&self) -> Flags {
        let flag = |flag: Flags, is_set: bool| if is_set { flag } else { Flags::default() };
        flag(Flags::TRACING, self.tracing_id.is_some())
            .with(flag(Flags::WARNING, !self.warnings.is_empty()))
            .with(flag(Flags::CUSTOM_PAYLOAD, !self.custom_payload.is_empty()))
    }

    fn write(&self, w: &mut Writer<'_>) -> Result<(), Fail> {
        if let Some(id) = self.tracing_id {
            w.put(&id.0);
        }
        if !self.warnings.is_empty() {
            prim::put_string_list(w, "warnings", &self.warnings)?;
        }
        if !self.custom_payload.is_empty() {
            prim::put_bytes_map(w, "custom payload", &self.custom_payload)?;
        }
        Ok(())
    }
}

impl From<Message> for Response {
    fn from(message: Message) -> Self {
        Self {
            extras: None,
            message,
        }
    }
}

impl Response {
    /// Reads the plain body of a frame.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes are not what the header says;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the opcode, or a type in it, is not known here;
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if a limit is passed.
    pub fn decode(
        header: &Header,
        body: &Bytes,
        dialect: impl Into<Dialect>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        Self::decode_known(header, body, dialect, limits, None)
    }

    /// The same; columns that are described by the bytes of `known` are not parsed again.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_known(
        header: &Header,
        body: &Bytes,
        dialect: impl Into<Dialect>,
        limits: &Limits,
        known: Option<&KnownColumns>,
    ) -> Result<Self, Error> {
        let dialect = dialect.into();
        let mut r = Reader::over(body);
        let opcode = Opcode(header.opcode);
        let mut read = || {
            let extras = Extras::read(&mut r, header.flags)?;
            let message = match opcode {
                Opcode::ERROR => Message::Error(Box::new(error::read(&mut r, dialect)?)),
                Opcode::READY => Message::Ready,
                Opcode::AUTHENTICATE => {
                    Message::Authenticate(prim::string(&mut r, "authenticator")?.to_owned())
                }
                Opcode::SUPPORTED => Message::Supported(Supported::read(&mut r)?),
                Opcode::RESULT => {
                    Message::Result(ResultMessage::read(&mut r, dialect, known, limits)?)
                }
                Opcode::EVENT => Message::Event(Event::read(&mut r)?),
                Opcode::AUTH_CHALLENGE => Message::AuthChallenge(prim::bytes(&mut r, "token")?),
                Opcode::AUTH_SUCCESS => Message::AuthSuccess(prim::bytes(&mut r, "token")?),
                other => {
                    let what = format!("{other} is not a response known here");
                    return Err(DecodeError::unsupported("opcode", 4, what));
                }
            };
            Ok(Self { extras, message })
        };
        read()
            .within(opcode.name())
            .map_err(|e| Error::undecodable("the server's answer", e))
    }

    /// Appends the whole frame to `out`, as a server does, without the segments of protocol v5.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if something is too long for its length field; nothing is
    /// appended then.
    pub fn encode(
        &self,
        dialect: impl Into<Dialect>,
        compression: Option<Compression>,
        stream: i16,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let options = BodyOptions::bare(dialect, compression);
        let extras = self.extras.as_deref();
        let envelope = Envelope {
            is_response: true,
            flags: extras.map(Extras::flags).unwrap_or_default(),
            stream,
            opcode: self.message.opcode().0,
        };
        append_frame(out, options, envelope, |w| {
            extras.map_or(Ok(()), |extras| extras.write(w))?;
            self.write_message(w, options.dialect)
        })
    }

    fn write_message(&self, w: &mut Writer<'_>, dialect: Dialect) -> Result<(), Fail> {
        match &self.message {
            Message::Error(error) => error::write(error, w, dialect)?,
            Message::Ready => {}
            Message::Authenticate(class) => prim::put_string(w, "authenticator", class)?,
            Message::Supported(supported) => supported.write(w)?,
            Message::Result(result) => result.write(w, dialect)?,
            Message::Event(event) => event.write(w)?,
            Message::AuthChallenge(token) | Message::AuthSuccess(token) => {
                prim::put_bytes(w, "token", token.as_deref())?;
            }
        }
        Ok(())
    }
}
