//! The connection without a socket: bytes in, answers out. Public for tests and fuzzing alone; no promise is made about
//! anything here.
//!
//! How to drive it: a [`Login`] writes its first message with `start` and is fed with `handle_bytes` until it gives a
//! [`Connection`] and a [`Session`]. The session encodes requests; the connection cuts what arrives into answers and
//! checks that each belongs to the oldest request that has none. Nothing here waits or looks at a clock.
//!
//! An answer is the right one if its number, its method and its type are: servers answer in the order of requests, so
//! any difference means that the two ends are out of step, and the connection is closed.

mod generation;
mod login;
mod session;
mod status;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wire_core::machine::{Inbound, Protocol as WireProtocol, Route};
use wire_core::{DecodeError, Reader, RecvBuf};

pub use generation::{Generation, Server};
pub use login::{Credentials, Login};
pub use session::{Prepared, Session};
pub(crate) use status::{check, refused_call};

use crate::codec::Protocol;
use crate::codec::envelope::{Envelope, MessageKind};
use crate::codec::frame;
use crate::limits::Limits;

/// The methods of the requests that wait for their answers, oldest first.
///
/// A request is added while it is encoded, which happens under the lock that gives requests their order, and taken off
/// by its answer.
#[derive(Debug, Clone, Default)]
pub struct Expected(Arc<Mutex<VecDeque<&'static str>>>);

impl Expected {
    fn push(&self, method: &'static str) {
        self.with(|queue| queue.push_back(method));
    }

    fn pop(&self) -> Option<&'static str> {
        self.with(VecDeque::pop_front)
    }

    fn with<T>(&self, body: impl FnOnce(&mut VecDeque<&'static str>) -> T) -> T {
        // A queue is whole whatever its holder did.
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The receiving half of an open connection: its items are messages, frames without their length.
#[derive(Debug)]
pub struct Connection {
    protocol: Protocol,
    limits: Limits,
    expected: Expected,
}

impl Connection {
    fn new(protocol: Protocol, limits: Limits, expected: Expected) -> Self {
        Self {
            protocol,
            limits,
            expected,
        }
    }

    /// The number of a message that answers the oldest request.
    fn check(&self, message: &Bytes) -> Result<u32, DecodeError> {
        let envelope = Envelope::read(&mut Reader::new(message), self.protocol)
            .map_err(|e| e.within("answer"))?;
        let invalid = |field, what| Err(DecodeError::invalid(field, 0, what).within("answer"));
        if !matches!(envelope.kind, MessageKind::Reply | MessageKind::Exception) {
            return invalid("type", format!("is {:?}, not a reply", envelope.kind));
        }
        let expected = self.expected.pop();
        if expected != Some(envelope.method) {
            let asked = match expected {
                Some(method) => format!("the oldest request without an answer is {method}"),
                None => "no request waits for an answer".to_owned(),
            };
            return invalid("method", format!("is {}, but {asked}", envelope.method));
        }
        match u32::try_from(envelope.sequence_id) {
            Ok(sequence) => Ok(sequence),
            Err(_) => invalid("sequence_id", format!("is {}", envelope.sequence_id)),
        }
    }
}

impl WireProtocol for Connection {
    type Item = Bytes;

    #[inline]
    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Bytes>>, DecodeError> {
        let Some(message) = frame::split(input, self.limits.max_frame_bytes)? else {
            return Ok(None);
        };
        let sequence = self.check(&message)?;
        let route = Route::NextSequence(sequence);
        Ok(Some(Inbound {
            route,
            item: message,
            last: true,
        }))
    }
}
