//! The client: cheap handles on one connection that many requests share.

mod cache;
mod connect;
mod cursor;
mod sql;
mod stream;

pub use cache::Cache;
pub use connect::ServerInfo;
pub use sql::Sql;
pub use stream::{RowStream, ScanStream};

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use wire_core::machine::{Outgoing, Ticket};
use wire_core::metrics::Gauges;
use wire_core::net::{AskError, Io, Link, Opener, Pipe, RequestError};

use crate::codec::frame::{RequestHeader, ResponseHeader, write_large_frame};
use crate::codec::{Decoder, Encoder, Feature};
use crate::config::Config;
use crate::error::{ServerError, Status};
use crate::message::{
    CacheInfo, CacheNames, DestroyCache, GetOrCreateCache, Heartbeat, Op, Request, read_response,
    write_request,
};
use crate::metrics::{Metrics, Stats};
use crate::proto::Session;
use crate::{Error, ErrorKind, Sent};
use connect::{Dialer, Open};

/// A client of an Ignite cluster. Cheap to clone; all clones share one connection, on which any number of requests
/// are under way at once. A connection that broke is replaced when it is next needed, by the first host that answers.
///
/// The server works on the requests of a connection in parallel: of two writes to one key that are under way at the
/// same time either may be the last. Await the first before the second where order matters.
///
/// Any future of this crate may be dropped at any time: the connection stays in step, and the request's answer, if it
/// was sent, is thrown away. A write that is dropped may or may not happen.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    link: Link<Opener<Dialer>>,
    config: Arc<Config>,
    metrics: Metrics,
}

impl Client {
    /// Connects to the first host that answers.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a configuration that cannot be; [`ErrorKind::Connect`], [`ErrorKind::Tls`],
    /// [`ErrorKind::Auth`] or [`ErrorKind::Unsupported`] if no host could be connected to, with what happened at each.
    ///
    /// # Cancel safety
    /// Dropping the future closes what was opened.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        Self::open(config, None).await
    }

    /// Connects over streams that `dial` makes instead of sockets; for tests.
    ///
    /// # Errors
    /// As [`Self::connect`].
    ///
    /// # Cancel safety
    /// As [`Self::connect`].
    #[doc(hidden)]
    pub async fn connect_over<S>(
        config: Config,
        dial: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: Pipe = Arc::new(move || {
            let stream: Box<dyn Io> = Box::new(dial());
            Ok(stream)
        });
        Self::open(config, Some(pipe)).await
    }

    async fn open(config: Config, pipe: Option<Pipe>) -> Result<Self, Error> {
        config.check()?;
        let config = Arc::new(config);
        let link = Link::new(Dialer::opener(&config, pipe));
        let client = Self {
            shared: Arc::new(Shared {
                link,
                config,
                metrics: Metrics::new(),
            }),
        };
        client.live().await?;
        Ok(client)
    }

    /// A handle on the cache of this name. Nothing is sent: whether it exists shows with the first request.
    pub fn cache(&self, name: impl Into<Arc<str>>) -> Cache {
        Cache::new(self.clone(), name.into())
    }

    /// Makes the cache of this name unless it is there, with the default configuration of the cluster. A name with
    /// `*` takes the configuration of the template of that name.
    ///
    /// # Errors
    /// As every request: [`ErrorKind::Server`] if the server refused, [`ErrorKind::Timeout`], [`ErrorKind::Io`],
    /// [`ErrorKind::Closed`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not make the cache.
    pub async fn get_or_create_cache(&self, name: &str) -> Result<Cache, Error> {
        let made = self.call(GetOrCreateCache::new(name)).await;
        made.map_err(|e| e.context(format_args!("cache {name}")))?;
        Ok(self.cache(name))
    }

    /// Drops the cache of this name with all its entries.
    ///
    /// # Errors
    /// [`ErrorKind::Server`] with [`Status::CacheDoesNotExist`](crate::Status::CacheDoesNotExist) if there is none;
    /// else as [`Self::get_or_create_cache`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not drop the cache.
    pub async fn destroy_cache(&self, name: &str) -> Result<(), Error> {
        let dropped = self.call(DestroyCache::new(CacheInfo::named(name))).await;
        dropped.map_err(|e| e.context(format_args!("cache {name}")))
    }

    /// The names of all caches. Tables of SQL appear as `SQL_<SCHEMA>_<TABLE>`.
    ///
    /// # Errors
    /// As [`Self::get_or_create_cache`].
    ///
    /// # Cancel safety
    /// Cancel safe: nothing changes.
    pub async fn cache_names(&self) -> Result<Vec<String>, Error> {
        self.call(CacheNames::default()).await
    }

    /// Asks the server for a sign of life: a heartbeat, or the names of the caches where the server is older than
    /// heartbeats (Ignite 2.13).
    ///
    /// # Errors
    /// As [`Self::get_or_create_cache`].
    ///
    /// # Cancel safety
    /// Cancel safe: nothing changes.
    pub async fn ping(&self) -> Result<(), Error> {
        let live = self.live().await?;
        if live.info.negotiated.features.has(Feature::Heartbeat) {
            self.call(Heartbeat::default()).await
        } else {
            self.cache_names().await.map(|_| ())
        }
    }

    /// What was agreed with the node that the client is connected to; `None` while it is not connected.
    pub fn server(&self) -> Option<ServerInfo> {
        self.shared
            .link
            .open()
            .map(|live| ServerInfo::from(&live.info))
    }

    /// Closes the connection, for all clones: requests under way may end, further ones fail. Returns after 5 seconds
    /// at the latest.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection closes all the same.
    pub async fn close(&self) {
        self.shared.link.close().await;
    }

    /// Whether [`Self::close`] was called on any clone.
    pub fn is_closed(&self) -> bool {
        self.shared.link.is_closed()
    }

    /// What the client has counted since it was made, and what its connection holds at this moment. All clones of a
    /// client count together. Takes some microseconds, since it reads a histogram.
    pub fn stats(&self) -> Stats {
        let open = self.shared.link.open();
        let held = open.as_ref().map(|live| live.handle.stats());
        self.shared.metrics.stats(Gauges {
            in_flight: held.as_ref().map_or(0, |held| held.in_flight),
            orphans: held.as_ref().map_or(0, |held| held.orphans),
            connections: usize::from(open.is_some()),
        })
    }

    /// What the connection holds at this moment: requests in flight, requests given up but not answered yet, bytes to
    /// be written. For tests.
    #[doc(hidden)]
    pub fn load(&self) -> (usize, usize, usize) {
        self.shared.link.open().map_or((0, 0, 0), |live| {
            let stats = live.handle.stats();
            (stats.in_flight, stats.orphans, stats.queued_bytes)
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The open connection, or a new one.
    async fn live(&self) -> Result<Arc<Open>, Error> {
        let timeout = self.config().common.connect_timeout;
        self.shared
            .link
            .get(timeout)
            .await
            .map_err(Error::from_link)
    }

    /// Makes a request that has one answer. If it could not be sent because the connection had broken before, it is
    /// made again on a new one.
    async fn call<R: Request>(&self, request: R) -> Result<R::Response, Error> {
        let began = Instant::now();
        let timeout = self.config().common.request_timeout;
        let asked = if request.size_hint() < LARGE_BYTES {
            let encode = |_: &Session, ticket: Ticket, out: &mut Outgoing| {
                write_request(&request, ticket.id().cast_signed(), out.buffer())
            };
            self.shared.link.ask(timeout, encode).await
        } else {
            // Boxed, so that the usual request stays small.
            Box::pin(async {
                let payload =
                    payload_of(&request).map_err(|e| AskError::Request(RequestError::Encode(e)))?;
                let encode = |_: &Session, ticket: Ticket, out: &mut Outgoing| {
                    write_large(R::OP, ticket.id().cast_signed(), &payload, out)
                };
                self.shared.link.ask(timeout, encode).await
            })
            .await
        };
        let done = match asked {
            Ok((live, body)) => self.read(&live, &request, &body),
            Err(error) => Err(Error::from_ask(error).context(format_args!("{:?}", R::OP))),
        };
        self.counted(began, done)
    }

    /// Makes a request on this connection and no other: cursors belong to theirs.
    async fn call_on<R: Request>(
        &self,
        live: &Arc<Open>,
        request: &R,
    ) -> Result<R::Response, Error> {
        let began = Instant::now();
        let timeout = self.config().common.request_timeout;
        let submitted = live.handle.request(timeout, |ticket, out| {
            write_request(request, ticket.id().cast_signed(), out.buffer())
        });
        let answer = match submitted.await.map_err(Error::from_request) {
            Ok(exchange) => exchange.answer().await.map_err(Error::from_failure),
            Err(error) => Err(error),
        };
        let done = match answer {
            Ok(body) => self.read(live, request, &body),
            Err(error) => Err(error.context(format_args!("{:?}", R::OP))),
        };
        self.counted(began, done)
    }

    /// Counts a request that has ended.
    fn counted<T>(&self, began: Instant, done: Result<T, Error>) -> Result<T, Error> {
        let metrics = &self.shared.metrics;
        metrics.finished(began.elapsed(), done.as_ref().err());
        done
    }

    /// Reads an answer, header and all.
    fn read<R: Request>(
        &self,
        live: &Arc<Open>,
        request: &R,
        body: &Bytes,
    ) -> Result<R::Response, Error> {
        let limits = &self.config().limits;
        let mut from = Decoder::new(body, limits);
        let decoded =
            ResponseHeader::decode(&mut from, live.info.negotiated).and_then(|header| match header
                .error
            {
                None => read_response(request, &body.slice(from.offset()..), limits),
                Some(server) => Err(refusal(server, R::OP)),
            });
        decoded.map_err(|error| {
            let error = error.with_sent(Sent::Yes);
            if error.server().is_some() {
                return error;
            }
            if error.kind() == ErrorKind::Decode {
                // A server that sends nonsense once is not trusted further. Closing waits, so it is done aside.
                let live = Arc::clone(live);
                tokio::spawn(async move { live.handle.close().await });
            }
            error.context(format_args!("{:?}", R::OP))
        })
    }
}

/// Requests from this size on are written aside, not under the connection's lock.
const LARGE_BYTES: usize = 64 * 1024;

/// The payload of a large request.
fn payload_of<R: Request>(request: &R) -> Result<Bytes, Error> {
    let mut payload = Vec::with_capacity(request.size_hint());
    request.encode(&mut Encoder::new(&mut payload))?;
    Ok(payload.into())
}

/// Appends a message with this payload, which is not copied.
fn write_large(op: Op, id: i64, payload: &Bytes, out: &mut Outgoing) -> Result<(), Error> {
    write_large_frame(
        RequestHeader::new(op.code(), id),
        payload.len(),
        out.buffer(),
    )?;
    out.segment(payload.clone());
    Ok(())
}

/// The server's refusal.
#[cold]
fn refusal(server: ServerError, op: Op) -> Error {
    let kind = match server.status() {
        Status::AuthFailed | Status::SecurityViolation => ErrorKind::Auth,
        _ => ErrorKind::Server,
    };
    let text = format!("the server refused {op:?}: {}", server.message());
    Error::refused(kind, text, server)
}
