//! One request and its answer.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use wire_core::net::Exchange;

use super::{Connection, Inner};
use crate::error::{Error, Sent};
use crate::message::Request;
use crate::observe::{TARGET, shown};
use crate::proto::refused_call;
use crate::tablet::Record;

/// What a request does, for errors and events.
#[derive(Clone, Copy)]
pub(super) struct Doing<'a> {
    method: &'static str,
    subject: Subject<'a>,
}

/// What a request is about.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Nothing,
    Statement(&'a str),
    /// A device, and how many rows of it.
    Device(&'a str, usize),
    Records(&'a [Record]),
}

impl<'a> Doing<'a> {
    pub(super) fn new(method: &'static str, subject: Subject<'a>) -> Self {
        Self { method, subject }
    }
}

impl fmt::Display for Doing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method)?;
        match self.subject {
            Subject::Nothing => Ok(()),
            Subject::Statement(sql) => write!(f, " `{}`", shown(sql)),
            Subject::Device(device, 1) => write!(f, " of a row of {device}"),
            Subject::Device(device, rows) => write!(f, " of {rows} rows of {device}"),
            Subject::Records(records) => {
                write!(f, " of {} records", records.len())?;
                match records.first() {
                    Some(first) => write!(f, " (the first is of {})", first.device()),
                    None => Ok(()),
                }
            }
        }
    }
}

/// A request under way, with the number that its answer must have.
pub(super) struct Sending {
    pub(super) exchange: Exchange<Bytes>,
    pub(super) sequence: i32,
}

impl Inner {
    /// The connection, opened anew if need be.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub(super) async fn live(&self) -> Result<Arc<Connection>, Error> {
        self.link
            .get(self.request_timeout)
            .await
            .map_err(Error::from_link)
    }

    /// Runs `request`, and once more if its connection turns out to have broken before a byte of it left: nobody notices
    /// a connection that breaks between two requests.
    ///
    /// # Cancel safety
    /// That of `request`.
    pub(super) async fn unless_unsent<T, F>(&self, request: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match request().await {
            Err(error)
                if error.sent() == Sent::No && error.is_closed() && !self.link.is_closed() =>
            {
                request().await
            }
            done => done,
        }
    }

    /// Queues a request.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it is ready, nothing is sent.
    pub(super) async fn send<R: Request>(
        &self,
        live: &Connection,
        request: &R,
        doing: Doing<'_>,
    ) -> Result<Sending, Error> {
        tracing::debug!(target: TARGET, request = %doing, "sending");
        let prepared = live.info.prepare(request).map_err(|e| e.context(doing))?;
        let mut sequence = 0;
        let queued = live.handle.request(self.request_timeout, |ticket, out| {
            // Tickets count in 31 bits.
            sequence = i32::try_from(ticket.sequence()).unwrap_or(i32::MAX);
            for part in live.info.encode(&prepared, sequence, out.buffer())? {
                out.segment(part.clone());
            }
            Ok::<(), Error>(())
        });
        let exchange = queued
            .await
            .map_err(|e| Error::from_request(e).context(doing))?;
        Ok(Sending { exchange, sequence })
    }

    /// A request and its answer. What the answer's status says is left to the caller.
    ///
    /// # Cancel safety
    /// The request may or may not be carried out; the connection stays in step.
    pub(super) async fn call<R: Request>(
        &self,
        live: &Connection,
        request: &R,
        doing: Doing<'_>,
    ) -> Result<R::Response, Error> {
        let Sending { exchange, sequence } = self.send(live, request, doing).await?;
        let message = exchange
            .answer()
            .await
            .map_err(|e| Error::from_failure(e).context(doing))?;
        self.decode::<R>(live, &message, sequence, doing)
    }

    /// Reads an answer.
    pub(super) fn decode<R: Request>(
        &self,
        live: &Connection,
        message: &Bytes,
        sequence: i32,
        doing: Doing<'_>,
    ) -> Result<R::Response, Error> {
        R::decode_reply(message, sequence, live.info.protocol(), &self.limits)
            .map_err(|e| e.context(doing).with_sent(Sent::Yes))?
            .map_err(|exception| refused_call(&exception, &doing.to_string()))
    }
}
