//! One request and its answer.

use std::sync::Arc;
use std::time::Duration;

use wire_core::machine::{Cause, Failure};
use wire_core::net::RequestError;

use super::Client;
use super::connect::Live;
use crate::codec::{BodyOptions, Flags, Frame};
use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{KnownColumns, Message, RequestBody, Response, append_request};
use crate::proto::stream_of;
use crate::row::QueryResult;

/// An answer, and the connection that it came on.
pub(super) struct Answered {
    pub(super) live: Arc<Live>,
    frame: Frame,
    limits: Limits,
}

impl Client {
    /// Sends a request and waits for its answer. A request of which not a byte had left when its connection broke is
    /// sent again, once.
    pub(super) async fn exchange<R: RequestBody>(
        &self,
        request: &R,
        flags: Flags,
        timeout: Duration,
    ) -> Result<Answered, Error> {
        match self.exchange_on(None, request, flags, timeout).await {
            Err(Unanswered::NotSent(_)) => {}
            other => return other.map_err(Unanswered::into_error),
        }
        // Boxed, so that the usual request stays small.
        Box::pin(self.exchange_on(None, request, flags, timeout))
            .await
            .map_err(Unanswered::into_error)
    }

    /// The same on this connection, or on the current one.
    pub(super) async fn exchange_on<R: RequestBody>(
        &self,
        live: Option<Arc<Live>>,
        request: &R,
        flags: Flags,
        timeout: Duration,
    ) -> Result<Answered, Unanswered> {
        let live = match live {
            Some(live) => live,
            None => self.live(timeout).await.map_err(Unanswered::Failed)?,
        };
        let options = BodyOptions {
            version: live.info.version,
            compression: live.info.compression,
        };
        let exchange = live
            .handle
            .request(timeout, |ticket, out| {
                append_request(
                    out.buffer(),
                    options,
                    stream_of(ticket.index()),
                    flags,
                    request,
                )
            })
            .await
            .map_err(not_requested)?;
        let frame = exchange.answer().await.map_err(not_answered)?;
        Ok(Answered {
            live,
            frame,
            limits: self.inner.config.limits,
        })
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
            session.version,
            &self.limits,
            known,
        )
    }
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The connection broke before a byte of the request left.
    NotSent(Error),
    /// Anything else.
    Failed(Error),
}

impl Unanswered {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::NotSent(error) | Self::Failed(error) => error,
        }
    }
}

#[cold]
fn not_requested(error: RequestError<Error>) -> Unanswered {
    match error {
        RequestError::Encode(error) => Unanswered::Failed(error),
        RequestError::Connection(cause) => not_answered(Failure { cause, sent: false }),
    }
}

#[cold]
fn not_answered(failure: Failure) -> Unanswered {
    // Not what this side brought about: a deadline, a closed client, a runtime that ends.
    let broke = matches!(
        failure.cause,
        Cause::PeerClosed(_)
            | Cause::Io(_)
            | Cause::Orphans(_)
            | Cause::Protocol(_)
            | Cause::Abandoned
    );
    let sent = failure.sent;
    let error = Error::from_failure(failure);
    if broke && !sent {
        Unanswered::NotSent(error)
    } else {
        Unanswered::Failed(error)
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
