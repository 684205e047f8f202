//! The connection without a socket: bytes in, answers out. Public for tests and fuzzing alone; no promise is made
//! about anything here.
//!
//! How to drive it: a [`Handshake`] writes its first message with `start` and is fed with `handle_bytes` until it
//! gives a [`Connection`], which cuts what arrives from then on into answers. Nothing here waits or looks at a clock.

mod handshake;

pub use handshake::{Handshake, Session};

use bytes::Bytes;
use wire_core::machine::{Inbound, Protocol, Route};
use wire_core::{DecodeError, DecodeResultExt, Reader, RecvBuf};

use crate::codec::Negotiated;
use crate::codec::frame::{FLAG_NOTIFICATION, LENGTH_BYTES, split_len};
use crate::codec::version::Gate;

/// The receiving half of an open connection.
#[derive(Debug)]
pub struct Connection {
    negotiated: Negotiated,
    max_frame_bytes: usize,
}

impl Connection {
    /// A connection with this agreement.
    pub fn new(negotiated: Negotiated, max_frame_bytes: usize) -> Self {
        Self {
            negotiated,
            max_frame_bytes,
        }
    }

    /// The id of the request that `body` answers. No subscription is ever made, so nothing may come unasked.
    #[inline]
    fn request_id(&self, body: &Bytes) -> Result<i64, DecodeError> {
        let mut r = Reader::new(body);
        let id = r.i64_le("request id")?;
        if self.negotiated.version.has(Gate::ResponseFlags) {
            let flags = r.i16_le("flags")?;
            if flags & FLAG_NOTIFICATION != 0 {
                let what = format!(
                    "say that this is a notification of resource {id}, which nobody asked for"
                );
                return Err(r.invalid("flags", 2, what));
            }
        }
        Ok(id)
    }
}

impl Protocol for Connection {
    /// Header and payload of a response; the header is read by whoever waits for it.
    type Item = Bytes;

    #[inline]
    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Bytes>>, DecodeError> {
        let Some(body) = take_frame(input, self.max_frame_bytes).within("response")? else {
            return Ok(None);
        };
        let id = self.request_id(&body).within("response")?;
        Ok(Some(Inbound {
            route: Route::Id(id.cast_unsigned()),
            item: body,
            last: true,
        }))
    }
}

/// The body of the next message, once all of it is there.
#[inline]
fn take_frame(input: &mut RecvBuf, max: usize) -> Result<Option<Bytes>, DecodeError> {
    match split_len(input.filled(), max)? {
        Some(len) if len <= input.len() => {
            input.advance(LENGTH_BYTES);
            Ok(input.take(len.saturating_sub(LENGTH_BYTES)))
        }
        _ => Ok(None),
    }
}
