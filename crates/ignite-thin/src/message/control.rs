//! Requests about the connection itself.

use crate::Error;
use crate::codec::{Decoder, Encoder};
use crate::message::{Op, Request, Serve};

/// Closes a cursor that has more pages: `i64` id → nothing. Status 1011 if it is closed already; a cursor closes
/// itself with its last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseResource {
    /// The cursor's id.
    pub id: i64,
}

impl CloseResource {
    /// Closes the cursor with this id.
    pub const fn new(id: i64) -> Self {
        Self { id }
    }
}

impl Request for CloseResource {
    const OP: Op = Op::ResourceClose;
    type Response = ();

    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i64(self.id);
        Ok(())
    }

    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Serve for CloseResource {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.i64("resource id").map(Self::new)
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Asks for nothing but an answer. Needs [`Feature::Heartbeat`](crate::codec::Feature::Heartbeat).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Heartbeat;

impl Request for Heartbeat {
    const OP: Op = Op::Heartbeat;
    type Response = ();

    fn encode(&self, _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn decode_response(&self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Serve for Heartbeat {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn encode_response(&self, (): &(), _: &mut Encoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}
