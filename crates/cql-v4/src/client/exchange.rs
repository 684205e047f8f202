//! One request and its answer.

use std::sync::Arc;
use std::time::Duration;

use wire_core::machine::{Outgoing, Ticket};

use super::Client;
use super::connect::Live;
use crate::codec::{Flags, Frame};
use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{KnownColumns, Message, RequestBody, Response, append_request};
use crate::proto::{Session, stream_of};
use crate::row::QueryResult;

/// An answer, and the connection that it came on.
pub(super) struct Answered {
    pub(super) live: Arc<Live>,
    frame: Frame,
    limits: Limits,
}

/// Writes the frame of a request.
pub(super) trait Encode: Fn(&Session, Ticket, &mut Outgoing) -> Result<(), Error> {}
impl<F: Fn(&Session, Ticket, &mut Outgoing) -> Result<(), Error>> Encode for F {}

/// The encoder of a request that is there as a whole.
pub(super) fn encoder<R: RequestBody>(request: &R, flags: Flags) -> impl Encode {
    move |session: &Session, ticket, out: &mut Outgoing| {
        append(session, ticket, out, flags, request)
    }
}

/// Writes the frame of a request.
#[inline]
pub(super) fn append<R: RequestBody>(
    session: &Session,
    ticket: Ticket,
    out: &mut Outgoing,
    flags: Flags,
    request: &R,
) -> Result<(), Error> {
    append_request(
        out.buffer(),
        session.body_options(),
        stream_of(ticket.index()),
        flags,
        &[],
        request,
    )
}

impl Client {
    /// Sends a request and waits for its answer, on the current connection. A request of which not a byte had left
    /// when its connection broke is sent again, once, on another.
    // Not an `async fn`: those keep their arguments twice, and this is in the future of every statement.
    pub(super) fn exchange<'a>(
        &'a self,
        encode: &'a impl Encode,
        timeout: Duration,
    ) -> impl Future<Output = Result<Answered, Error>> + 'a {
        async move {
            let asked = self.inner.link.ask(timeout, encode).await;
            let (live, frame) = asked.map_err(Error::from_ask)?;
            Ok(self.answered(live, frame))
        }
    }

    /// The same on this connection and no other.
    pub(super) async fn exchange_on(
        &self,
        live: Arc<Live>,
        encode: &impl Encode,
        timeout: Duration,
    ) -> Result<Answered, Error> {
        let request = live
            .handle
            .request(timeout, |ticket, out| encode(&live.info, ticket, out));
        let exchange = request.await.map_err(Error::from_request)?;
        let frame = exchange.answer().await.map_err(Error::from_failure)?;
        Ok(self.answered(live, frame))
    }

    fn answered(&self, live: Arc<Live>, frame: Frame) -> Answered {
        Answered {
            live,
            frame,
            limits: self.inner.config.limits,
        }
    }
}

impl Answered {
    /// Reads the answer, on the caller's task.
    pub(super) fn decode(&self, known: Option<&KnownColumns>) -> Result<Response, Error> {
        let session = &self.live.info;
        let body = self.frame.plain_body(session.compression, &self.limits)?;
        Response::decode_known(
            &self.frame.header,
            &body,
            session.dialect,
            &self.limits,
            known,
        )
    }
}

/// The outcome of a statement from a response, or the server's refusal.
pub(super) fn result_of(response: Response) -> Result<QueryResult, Error> {
    match response.message {
        Message::Result(result) => QueryResult::new(result, response.extras),
        other => Err(unexpected(other)),
    }
}

/// The error of a message that is the server's refusal, or that does not answer the question.
#[cold]
pub(super) fn unexpected(message: Message) -> Error {
    match message {
        Message::Error(error) => Error::refused(ErrorKind::Server, error.to_string(), *error),
        other => {
            let text = format!(
                "the server answered with {}, which does not fit",
                other.opcode()
            );
            Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes)
        }
    }
}
