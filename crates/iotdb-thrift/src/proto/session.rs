//! An open session: what every request of a connection needs, and how requests are encoded.

use bytes::Bytes;

use super::{Expected, Server};
use crate::codec::Protocol;
use crate::codec::frame::PREFIX_LEN;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::message::{Request, append_call_head};

/// Requests from this length on are encoded outside of the connection's lock, and binaries from this length on are not
/// copied at all.
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
#[non_exhaustive]
pub enum Prepared<'a, R> {
    /// Encoded when it is queued.
    Small(&'a R),
    /// Encoded already, in parts, but for the envelope, which has the number that queuing gives.
    Large(Vec<Bytes>),
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

    /// What status codes mean on this connection.
    #[cfg(feature = "client")]
    pub(crate) fn numbering(&self) -> crate::error::Numbering {
        self.server.numbering()
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
        Ok(Prepared::Large(request.call_body(self.protocol, LARGE)?))
    }

    /// Appends a request with its number to the bytes that go out, and returns the parts that go out behind them
    /// uncopied. From then on the connection expects its answer.
    ///
    /// # Errors
    /// If it cannot be written: nothing is appended.
    pub fn encode<'p, R: Request>(
        &self,
        request: &'p Prepared<'_, R>,
        sequence: i32,
        out: &mut Vec<u8>,
    ) -> Result<&'p [Bytes], Error> {
        let behind: &[Bytes] = match request {
            Prepared::Small(request) => {
                request.append_call(sequence, self.protocol, out)?;
                &[]
            }
            Prepared::Large(parts) => {
                let len = parts.iter().map(Bytes::len).fold(0, usize::saturating_add);
                append_call_head(R::NAME, sequence, self.protocol, len, out)?;
                parts
            }
        };
        self.expected.push(R::NAME);
        Ok(behind)
    }
}
