//! One request on one connection, and its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wire_core::machine::{Outgoing, Ticket};

use super::connect::Live;
use super::prepared::State;
use crate::Consistency;
use crate::codec::{Flags, Frame};
use crate::error::{Error, ErrorCode, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{
    KnownColumns, Message, Opcode, Options, Query, QueryParams, RawValues, RequestBody, Response,
    append_request,
};
use crate::proto::{Session, stream_of};
use crate::row::{QueryResult, Rows};

/// An answer, and the connection that it came on.
pub(super) struct Answered {
    pub(super) live: Arc<Live>,
    frame: Frame,
    limits: Limits,
    /// What was known of the prepared statement when the request was written: the answer belongs to that.
    pub(super) state: Option<Arc<State>>,
}

impl Answered {
    #[inline]
    pub(super) fn new(
        live: Arc<Live>,
        frame: Frame,
        limits: Limits,
        state: Option<Arc<State>>,
    ) -> Self {
        Self {
            live,
            frame,
            limits,
            state,
        }
    }

    /// Whether this is the server's refusal.
    #[inline]
    pub(super) fn is_refusal(&self) -> bool {
        is_refusal(&self.frame)
    }

    /// Whether the server may say with it where a tablet is.
    #[inline]
    pub(super) fn may_tell_tablet(&self) -> bool {
        self.frame.header.flags.has(Flags::CUSTOM_PAYLOAD) && self.live.info.extensions.tablets
    }

    /// Reads the answer, on the caller's task.
    pub(super) fn decode(&self, known: Option<&KnownColumns>) -> Result<Response, Error> {
        let session = &self.live.info;
        let plain;
        let body = if self.frame.is_plain() {
            &self.frame.body
        } else {
            plain = self.frame.plain_body(session.compression, &self.limits)?;
            &plain
        };
        Response::decode_known(
            &self.frame.header,
            body,
            session.dialect,
            &self.limits,
            known,
        )
    }
}

#[inline]
pub(super) fn is_refusal(frame: &Frame) -> bool {
    frame.header.opcode == Opcode::ERROR.0
}

/// Writes the frame of a request.
#[inline]
pub(super) fn append<R: RequestBody>(
    session: &Session,
    ticket: Ticket,
    out: &mut Outgoing,
    flags: Flags,
    payload: &[(String, Option<Bytes>)],
    request: &R,
) -> Result<(), Error> {
    append_request(
        out.buffer(),
        session.body_options(),
        stream_of(ticket.index()),
        flags,
        payload,
        request,
    )
}

/// Sends a request on this connection and no other, and waits for its answer.
pub(super) async fn ask<R: RequestBody>(
    live: &Arc<Live>,
    limits: Limits,
    timeout: Duration,
    flags: Flags,
    request: &R,
) -> Result<Answered, Error> {
    let encode = |ticket, out: &mut Outgoing| append(&live.info, ticket, out, flags, &[], request);
    let exchange = live.handle.request(timeout, encode).await;
    let frame = exchange.map_err(Error::from_request)?.answer().await;
    let frame = frame.map_err(Error::from_failure)?;
    Ok(Answered::new(Arc::clone(live), frame, limits, None))
}

/// Asks for a sign of life.
pub(super) async fn ping(live: &Arc<Live>, limits: Limits, timeout: Duration) -> Result<(), Error> {
    let answered = ask(live, limits, timeout, Flags::default(), &Options).await?;
    match answered.decode(None)?.message {
        Message::Supported(_) => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// Consistency of what the client asks for itself: all of it is in tables of the node that is asked.
const OWN_CONSISTENCY: Consistency = Consistency::One;
/// Rows in a page of what the client asks for itself: some hundred kilobytes of metadata.
const OWN_PAGE_SIZE: i32 = 2_000;

/// Pages of what the client asks for itself: far more than there are tables. A server that always says that there are
/// more comes to an end here.
const OWN_PAGES: usize = 10_000;
/// Bytes of all these pages: 256 MiB, what the protocol allows a single one.
const OWN_BYTES: usize = 268_435_456;

/// Runs a statement of the client's own, and returns all of its pages. `timeout` holds for each.
pub(super) async fn pages(
    live: &Arc<Live>,
    limits: Limits,
    timeout: Duration,
    text: &str,
    values: RawValues,
) -> Result<Vec<Rows>, Error> {
    let mut params = QueryParams::new(OWN_CONSISTENCY);
    params.page_size = Some(OWN_PAGE_SIZE);
    let mut query = Query {
        text: text.into(),
        values,
        params,
    };
    let mut pages = Vec::new();
    let mut room = OWN_BYTES;
    loop {
        let answered = ask(live, limits, timeout, Flags::default(), &query).await?;
        let left = room.checked_sub(answered.frame.body.len());
        room = left
            .filter(|_| pages.len() < OWN_PAGES)
            .ok_or_else(|| endless(text))?;
        let rows = result_of(answered.decode(None)?)
            .and_then(QueryResult::into_rows)
            .map_err(|error| super::statement::about(error, "query", text))?;
        query.params.paging_state = rows.paging_state().cloned();
        pages.push(rows);
        if query.params.paging_state.is_none() {
            return Ok(pages);
        }
    }
}

#[cold]
fn endless(text: &str) -> Error {
    let error = Error::new(
        ErrorKind::Limit,
        "the answer has more pages, or bytes, than it can have",
    );
    super::statement::about(error.with_sent(Sent::Yes), "query", text)
}

/// Servers say "invalid" of a table that they do not have (native protocol v4, §9, 0x2200).
pub(super) fn is_unknown_table(error: &Error) -> bool {
    error
        .server()
        .is_some_and(|refusal| refusal.code == ErrorCode::INVALID)
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
