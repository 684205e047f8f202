//! An open session: what every request of a connection needs, and how requests are encoded.

use bytes::Bytes;
use wire_core::machine::{Outgoing, Ticket};
use wire_core::{EncodeError, Prefix, Reader, Writer};

use super::{Expected, Server};
use crate::codec::envelope::{Envelope, MessageKind};
use crate::codec::frame::PREFIX_LEN;
use crate::codec::{Binary, Compact, Protocol, Wire};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::message::Request;

/// Requests from this length on are encoded outside of the connection's lock, and their bytes are not copied again.
const LARGE: usize = 64 * 1024;

/// What the server gave to a connection.
#[derive(Debug)]
pub struct Session {
    pub(super) session_id: i64,
    pub(super) statement_id: i64,
    pub(super) server: Server,
    pub(super) protocol: Protocol,
    pub(super) limits: Limits,
    pub(super) expected: Expected,
}

/// A request that is ready to be queued.
#[derive(Debug)]
pub enum Prepared<'a, R> {
    /// Encoded when it is queued.
    Small(&'a R),
    /// Encoded already, but for the envelope, which has the number that queuing gives.
    Large(Bytes),
}

impl Session {
    /// The id that requests carry.
    pub fn session_id(&self) -> i64 {
        self.session_id
    }

    /// The id that statements carry.
    pub fn statement_id(&self) -> i64 {
        self.statement_id
    }

    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The protocol of the connection.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Measures a request, and encodes it if it is large.
    ///
    /// # Errors
    /// `Limit` if the request is longer than the server or the limits allow; `Encode` if it cannot be written.
    pub fn prepare<'a, R: Request>(&self, request: &'a R) -> Result<Prepared<'a, R>, Error> {
        let len = request.call_len(0, self.protocol)?;
        let own = self.limits.max_request_bytes;
        let limit = self
            .server
            .max_frame_bytes()
            .map_or(own, |server| server.min(own));
        if len.saturating_sub(PREFIX_LEN) > limit {
            let whose = if limit < own {
                "the server accepts (thriftMaxFrameSize)"
            } else {
                "max_request_bytes allows"
            };
            let text = format!(
                "{}: the request has {len} bytes, but {whose} {limit}; split it into smaller ones",
                R::NAME
            );
            return Err(Error::new(ErrorKind::Limit, text));
        }
        if len < LARGE {
            return Ok(Prepared::Small(request));
        }
        let mut frame = Vec::with_capacity(len);
        request.append_call(0, self.protocol, &mut frame)?;
        let mut r = Reader::new(&frame);
        let skipped = r
            .skip("frame length", PREFIX_LEN)
            .and_then(|()| Envelope::read(&mut r, self.protocol));
        skipped.map_err(|e| Error::decode(&e))?;
        let body = r.offset();
        Ok(Prepared::Large(Bytes::from(frame).slice(body..)))
    }

    /// Appends a request to the connection's outgoing bytes, with the number that it got.
    ///
    /// # Errors
    /// If it cannot be written: nothing is appended.
    pub fn encode<R: Request>(
        &self,
        request: &Prepared<'_, R>,
        ticket: Ticket,
        out: &mut Outgoing,
    ) -> Result<(), Error> {
        // Tickets count in 31 bits.
        let sequence = i32::try_from(ticket.sequence()).unwrap_or(i32::MAX);
        match request {
            Prepared::Small(request) => {
                request.append_call(sequence, self.protocol, out.buffer())?
            }
            Prepared::Large(body) => {
                self.write_head(R::NAME, sequence, body.len(), out.buffer())
                    .map_err(|e| Error::encode(&e.within(R::NAME)))?;
                out.segment(body.clone());
            }
        }
        self.expected.push(R::NAME);
        Ok(())
    }

    /// Everything of a frame but its last `body` bytes.
    fn write_head(
        &self,
        method: &str,
        sequence: i32,
        body: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut envelope = Vec::new();
        let mut w = Writer::new(&mut envelope);
        match self.protocol {
            Protocol::Binary => Binary::put_envelope(&mut w, MessageKind::Call, method, sequence)?,
            Protocol::Compact => {
                Compact::put_envelope(&mut w, MessageKind::Call, method, sequence)?
            }
        }
        let mut w = Writer::new(out);
        w.length(
            Prefix::I32Be,
            "frame length",
            envelope.len().saturating_add(body),
        )?;
        w.put(&envelope);
        Ok(())
    }
}
