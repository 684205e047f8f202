//! How a statement gets onto the connection.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wire_core::EncodeError;
use wire_core::machine::Outgoing;
use wire_core::net::{Exchange, RequestError};

use super::connect::{ChLive, bare};
use super::stream::{RowStream, no_end};
use super::{Client, Insert, statement};
use crate::codec::Revision;
use crate::config::Compression;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{
    ClientInfo, ClientPacket, Query, QueryPacket, ServerPacket, Setting, TableStatus,
    TablesStatusRequest,
};
use crate::observe::TARGET;
use crate::proto::{Asked, Negotiated};

/// Why a request was not put onto a connection after all.
#[derive(Debug)]
enum NotNow {
    /// The connection must be replaced.
    Poisoned,
    /// A Ping has to find out first whether the connection is in step.
    Suspect,
}

/// How long a Ping may take that finds out whether a connection is in step. The server is idle then, so it answers at
/// once or never.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that are tried for one statement: the first may turn out unusable, and so may the one that another
/// clone has replaced it with.
const ATTEMPTS: u32 = 4;

/// Longer messages are handed over, not copied, under the connection's lock.
const SEGMENT_BYTES: usize = 64 << 10;

impl Client {
    /// Sends a statement and waits for the columns of its result.
    pub(super) async fn start(&self, query: Query) -> Result<RowStream, Error> {
        if statement::wants_rows(query.text()) {
            let text = "this INSERT has to be followed by rows, which only Client::insert and Client::inserter send: \
                        give them the text up to VALUES, and the rows as a block";
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        let (_, exchange) = self.send(query, Asked::Query).await?;
        RowStream::begin(exchange).await
    }

    /// Sends an insert and waits for its columns.
    pub(super) async fn start_insert(&self, query: Query) -> Result<Insert, Error> {
        if !statement::wants_rows(query.text()) {
            let text = "this statement takes no rows: use Client::query or Client::execute; an insert reads INSERT INTO \
                        table (columns) VALUES";
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        if statement::has_rows(query.text()) {
            let text = "this INSERT has rows in its text, which servers pass over when rows come as blocks: end it with \
                        VALUES";
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        let timeout = query.timeout();
        let timeout = timeout.unwrap_or(self.inner.config.common.request_timeout);
        let (live, exchange) = self.send(query, Asked::Insert).await?;
        let Negotiated { form, health, .. } = &live.info;
        Insert::begin(exchange, *form, Arc::clone(health), timeout).await
    }

    pub(super) async fn send_ping(&self) -> Result<(), Error> {
        let timeout = self.inner.config.common.request_timeout;
        let encode = |negotiated: &Negotiated| Ok(bare(&ClientPacket::Ping, negotiated.form));
        let (_, exchange) = self.submit(timeout, Asked::Ping, encode).await?;
        pong(exchange).await
    }

    /// Asks about tables.
    pub(super) async fn ask_tables(
        &self,
        request: TablesStatusRequest,
    ) -> Result<Vec<TableStatus>, Error> {
        let timeout = self.inner.config.common.request_timeout;
        let packet = ClientPacket::TablesStatus(request);
        let encode = |negotiated: &Negotiated| {
            let mut out = Vec::new();
            packet.encode(negotiated.form, &mut out)?;
            Ok(Bytes::from(out))
        };
        let submitted = self.submit(timeout, Asked::TablesStatus, encode).await;
        let (_, mut exchange) = submitted?;
        loop {
            match exchange.next().await.map_err(Error::from_failure)? {
                Some(ServerPacket::TablesStatus(tables)) => return Ok(tables),
                // The last progress of the query before may come late.
                Some(ServerPacket::Progress(_)) => {}
                Some(ServerPacket::Exception(exception)) => {
                    let what = "the server refused to tell about tables";
                    return Err(Error::server_refused(what, exception));
                }
                _ => return Err(no_end()),
            }
        }
    }

    async fn send(
        &self,
        query: Query,
        asked: Asked,
    ) -> Result<(Arc<ChLive>, Exchange<ServerPacket>), Error> {
        let config = &self.inner.config;
        tracing::debug!(target: TARGET, statement = query.text(), "query");
        let defaults: Vec<_> = config
            .settings
            .iter()
            .map(|(name, value)| Setting::new(name, value.as_str()))
            .collect();
        let query = query.with_defaults(&defaults);
        let revision = config.max_revision.map_or(Revision::MAX, Revision::new);
        let mut info = ClientInfo::new(revision.min(Revision::MAX));
        info.quota_key.clone_from(&config.quota_key);
        info.client_agent.clone_from(&config.client_agent);
        let timeout = query.timeout().unwrap_or(config.common.request_timeout);
        let packet = QueryPacket::new(query, info, config.compression != Compression::Off);
        self.submit(timeout, asked, |negotiated| {
            let mut out = Vec::new();
            packet.encode_all(negotiated.form, &mut out)?;
            Ok(Bytes::from(out))
        })
        .await
    }

    /// Puts a message onto a connection that is in step with its server.
    async fn submit(
        &self,
        timeout: Duration,
        asked: Asked,
        encode: impl Fn(&Negotiated) -> Result<Bytes, Error>,
    ) -> Result<(Arc<ChLive>, Exchange<ServerPacket>), Error> {
        let inner = &self.inner;
        for _ in 0..ATTEMPTS {
            let live = inner
                .link
                .get(inner.config.patience())
                .await
                .map_err(Error::from_link)?;
            let message = encode(&live.info)?;
            let health = &live.info.health;
            // Asked when it is this request's turn, so that no query before it can change the answer.
            let submitted = live.handle.request(timeout, |_, out| {
                if health.is_poisoned() {
                    return Err(NotNow::Poisoned);
                }
                if health.is_suspect() {
                    return Err(NotNow::Suspect);
                }
                health.begin(asked);
                append(message, out);
                Ok(())
            });
            match submitted.await {
                Ok(exchange) => return Ok((live, exchange)),
                Err(RequestError::Encode(NotNow::Poisoned)) => replace(&live).await,
                Err(RequestError::Encode(NotNow::Suspect)) => probe(&live).await,
                // It broke before anything of this request was sent: the next one may be better.
                Err(RequestError::Connection(_)) if live.handle.is_closed() => {
                    if inner.link.is_closed() {
                        break;
                    }
                }
                Err(RequestError::Connection(cause)) => return Err(Error::from_cause(cause)),
            }
        }
        Err(Error::new(
            ErrorKind::Closed,
            "no connection stayed open until it was this statement's turn",
        ))
    }
}

pub(super) fn append(message: Bytes, out: &mut Outgoing) {
    if message.len() < SEGMENT_BYTES {
        out.buffer().extend_from_slice(&message);
    } else {
        out.segment(message);
    }
}

/// Closes a connection, so that the next request opens another. What runs on it is given up already.
async fn replace(live: &ChLive) {
    // Polled once: closing begins at once, and nobody has to wait for its end.
    let closing = tokio::time::timeout(Duration::ZERO, live.handle.close());
    drop(closing.await);
}

/// Finds out by a Ping whether a connection is in step, and replaces it if not.
async fn probe(live: &ChLive) {
    let Negotiated { form, health, .. } = &live.info;
    let sent = live.handle.request(PROBE_TIMEOUT, |_, out| {
        health.begin(Asked::Ping);
        append(bare(&ClientPacket::Ping, *form), out);
        Ok::<(), EncodeError>(())
    });
    if let Ok(exchange) = sent.await
        && pong(exchange).await.is_ok()
    {
        health.trust();
    } else {
        tracing::debug!(target: TARGET, "connection out of step after a refused query: replaced");
        replace(live).await;
    }
}

async fn pong(mut exchange: Exchange<ServerPacket>) -> Result<(), Error> {
    loop {
        match exchange.next().await.map_err(Error::from_failure)? {
            Some(ServerPacket::Pong) => return Ok(()),
            // The last progress of the query before may come late.
            Some(ServerPacket::Progress(_)) => {}
            Some(ServerPacket::Exception(exception)) => {
                return Err(Error::server_refused(
                    "the server refused a Ping",
                    exception,
                ));
            }
            _ => {
                let text = "the server answered a Ping with something else";
                return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
            }
        }
    }
}
