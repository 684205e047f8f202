//! Calls and replies: a method's arguments or result in an envelope, in a frame.

use bytes::Bytes;
use wire_core::{DecodeError, Reader};

use super::TApplicationException;
use super::frames::{append_frame, arguments, message_len, parts, reply};
use crate::codec::envelope::{Envelope, MessageKind};
use crate::codec::frame::PREFIX_LEN;
use crate::codec::{Binary, Compact, Protocol, Value};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// What is known of a method. Implemented by the arguments of each, and by nothing else.
pub trait Method {
    /// Its name on the wire.
    const NAME: &'static str;
    /// What it returns.
    type Response;
}

/// Calls and replies of a method, as frames. Implemented for the arguments of every [`Method`].
pub trait Request: Method + Sized {
    /// The length of the call as a frame, with its length prefix, in bytes: exactly what [`Self::append_call`] appends.
    ///
    /// # Errors
    /// `Limit` if a text, binary or list is longer than 2³¹ - 1; `Encode` if something nests more than 64 levels deep.
    fn call_len(&self, sequence_id: i32, protocol: Protocol) -> Result<usize, Error>;

    /// Appends the call as a frame. The answer carries the same `sequence_id`. On an error nothing is appended.
    ///
    /// # Errors
    /// As [`Self::call_len`]; `Limit` if the frame would be longer than 2³¹ - 1 bytes.
    fn append_call(
        &self,
        sequence_id: i32,
        protocol: Protocol,
        out: &mut Vec<u8>,
    ) -> Result<(), Error>;

    /// The arguments alone, as they stand in a call behind its envelope, in parts that are to be written one after the
    /// other. Binaries of at least `shared_from` bytes are parts of their own, and are not copied.
    ///
    /// # Errors
    /// As [`Self::call_len`].
    fn call_body(&self, protocol: Protocol, shared_from: usize) -> Result<Vec<Bytes>, Error>;

    /// Decodes the arguments of a call that arrived: for servers.
    ///
    /// # Errors
    /// `Misuse` if the call is of another method; `Decode` if the arguments are not what the method takes; `Limit` if
    /// one of `limits` is passed.
    fn decode_call(call: &Call, limits: &Limits) -> Result<Self, Error>;

    /// Decodes the reply to a call of this method with this `sequence_id` from a message (a frame without its length
    /// prefix). The inner error is the server's word that it could not carry out the call; the connection stays in
    /// step.
    ///
    /// # Errors
    /// `Decode` if the message is something else, or the reply to another call: the connection is out of step and must
    /// be closed. `Limit` if one of `limits` is passed.
    fn decode_reply(
        message: &Bytes,
        sequence_id: i32,
        protocol: Protocol,
        limits: &Limits,
    ) -> Result<Result<Self::Response, TApplicationException>, Error>;

    /// Appends the reply to a call as a frame: for servers. On an error nothing is appended.
    ///
    /// # Errors
    /// As [`Self::append_call`].
    fn append_reply(
        response: &Self::Response,
        sequence_id: i32,
        protocol: Protocol,
        out: &mut Vec<u8>,
    ) -> Result<(), Error>;
}

impl<T> Request for T
where
    T: Method + Value,
    T::Response: Value,
{
    fn call_len(&self, sequence_id: i32, protocol: Protocol) -> Result<usize, Error> {
        let envelope = Envelope {
            kind: MessageKind::Call,
            method: T::NAME,
            sequence_id,
        };
        message_len(envelope, self, protocol)
            .map(|len| len.saturating_add(PREFIX_LEN))
            .map_err(|e| Error::encode(&e.within(T::NAME)))
    }

    fn append_call(
        &self,
        sequence_id: i32,
        protocol: Protocol,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let envelope = Envelope {
            kind: MessageKind::Call,
            method: T::NAME,
            sequence_id,
        };
        append_frame(envelope, self, protocol, out)
    }

    fn call_body(&self, protocol: Protocol, shared_from: usize) -> Result<Vec<Bytes>, Error> {
        match protocol {
            Protocol::Binary => parts::<Binary, T>(self, shared_from),
            Protocol::Compact => parts::<Compact, T>(self, shared_from),
        }
        .map_err(|e| Error::encode(&e.within(T::NAME)))
    }

    fn decode_call(call: &Call, limits: &Limits) -> Result<Self, Error> {
        if call.method != T::NAME {
            let text = format!(
                "a call of {} was decoded as one of {}",
                call.method,
                T::NAME
            );
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        match call.protocol {
            Protocol::Binary => arguments::<Binary, T>(&call.message, call.body, limits),
            Protocol::Compact => arguments::<Compact, T>(&call.message, call.body, limits),
        }
        .map_err(|e| Error::decode(&e.within(T::NAME)))
    }

    fn decode_reply(
        message: &Bytes,
        sequence_id: i32,
        protocol: Protocol,
        limits: &Limits,
    ) -> Result<Result<T::Response, TApplicationException>, Error> {
        match protocol {
            Protocol::Binary => reply::<Binary, T>(message, sequence_id, limits),
            Protocol::Compact => reply::<Compact, T>(message, sequence_id, limits),
        }
        .map_err(|e| Error::decode(&e.within(T::NAME)))
    }

    fn append_reply(
        response: &T::Response,
        sequence_id: i32,
        protocol: Protocol,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let envelope = Envelope {
            kind: MessageKind::Reply,
            method: T::NAME,
            sequence_id,
        };
        append_frame(envelope, response, protocol, out)
    }
}

/// A call that arrived at a server. Its arguments are decoded by the [`Request`] that its method belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    message: Bytes,
    protocol: Protocol,
    method: String,
    sequence_id: i32,
    /// Where the arguments begin.
    body: usize,
}

impl Call {
    /// Reads the envelope of a message (a frame without its length prefix), in whichever protocol it is.
    ///
    /// # Errors
    /// `Decode` if it is no call.
    pub fn parse(message: Bytes) -> Result<Self, Error> {
        // Of a message in neither protocol, the error of the default one is as good as any.
        let protocol = Protocol::detect(&message).unwrap_or_default();
        let mut r = Reader::new(&message);
        let envelope = Envelope::read(&mut r, protocol)
            .and_then(|envelope| match envelope.kind {
                MessageKind::Call => Ok(envelope),
                other => Err(DecodeError::invalid(
                    "type",
                    0,
                    format!("is {other:?}, not a call"),
                )),
            })
            .map_err(|e| Error::decode(&e.within("call")))?;
        let (method, sequence_id) = (envelope.method.to_owned(), envelope.sequence_id);
        let body = r.offset();
        Ok(Self {
            message,
            protocol,
            method,
            sequence_id,
            body,
        })
    }

    /// The method that is called.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The number that the reply must carry.
    pub fn sequence_id(&self) -> i32 {
        self.sequence_id
    }

    /// The protocol of the call, which the reply must be in.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Appends an exception instead of a reply as a frame. On an error nothing is appended.
    ///
    /// # Errors
    /// As [`Request::append_call`].
    pub fn append_exception(
        &self,
        exception: &TApplicationException,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let kind = MessageKind::Exception;
        let envelope = Envelope {
            kind,
            method: &self.method,
            sequence_id: self.sequence_id,
        };
        append_frame(envelope, exception, self.protocol, out)
    }
}
