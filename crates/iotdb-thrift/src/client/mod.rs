//! The async client: the only room with I/O.

mod call;
mod connect;
mod insert;
mod query;
mod stream;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wire_core::net::{Io, Link, Live, Pipe};

pub use stream::RowStream;

use crate::codec::Protocol;
use crate::config::Config;
use crate::error::Error;
use crate::limits::Limits;
use crate::message::{CloseSessionArgs, GetTimeZoneArgs, TSCloseSessionReq};
use crate::proto::{Server, Session, check};
use crate::row::Rows;
use call::{Doing, Subject};
use connect::{Opener, opener};
use query::Query;

/// A connection to IoTDB with a session, and what keeps it up: when the connection breaks, the next request opens
/// another one and logs in again.
///
/// Cheap to clone; clones share the connection. Requests of all clones go out at once and are answered by the server
/// one after another, in their order: a slow query delays what is behind it. For parallel work, connect several times.
///
/// A request that takes longer than the request timeout closes the connection, and with it fails what is behind: answers
/// come in order, and the late one would be in the way. Servers are told to give up queries shortly before.
///
/// When the last clone and the last [`RowStream`] are gone, the connection is closed, and the server forgets the
/// session.
///
/// Dropping the future of any method is safe: the connection stays in step, and a query that the server has begun is
/// closed there.
#[derive(Clone)]
#[doc(alias = "Session")]
pub struct Client {
    inner: Arc<Inner>,
}

type Connection = Live<Bytes, Session>;

struct Inner {
    link: Link<Opener>,
    request_timeout: Duration,
    fetch_size: i32,
    limits: Limits,
    protocol: Protocol,
    /// Where abandoned queries are closed.
    runtime: tokio::runtime::Handle,
}

/// How long [`Client::close`] waits for the server's answer to the logout.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(2);

impl Client {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the configuration cannot be used, `Connect`, `Tls` or
    /// `Timeout` if no host could be connected to, `Auth` if the server refuses the user.
    ///
    /// # Cancel safety
    /// Cancel safe: the socket is closed.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        Box::pin(Self::open(config, None)).await
    }

    /// Connects over streams that `open` makes: for tests.
    ///
    /// # Errors
    /// As [`Self::connect`].
    ///
    /// # Cancel safety
    /// Cancel safe: the stream is closed.
    #[doc(hidden)]
    pub async fn connect_over<S>(
        config: Config,
        open: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: Pipe = Arc::new(move || {
            let io: Box<dyn Io> = Box::new(open());
            Ok(io)
        });
        Box::pin(Self::open(config, Some(pipe))).await
    }

    async fn open(config: Config, pipe: Option<Pipe>) -> Result<Self, Error> {
        config.check()?;
        let inner = Inner {
            link: Link::new(opener(&config, pipe)),
            request_timeout: config.common.request_timeout,
            // `check` refuses sizes beyond this.
            fetch_size: i32::try_from(config.fetch_size).unwrap_or(i32::MAX),
            limits: config.limits,
            protocol: config.protocol,
            runtime: tokio::runtime::Handle::current(),
        };
        // Opening has this deadline too, and its error tells more; so this one is a little later.
        let timeout = config.common.connect_timeout.saturating_mul(2);
        inner.link.get(timeout).await.map_err(Error::from_link)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Runs a statement that returns no rows: `CREATE TIMESERIES`, `DELETE`, `INSERT`. Rows, if there are any, are
    /// dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) or `Auth` if the server refuses it; see
    /// [`Error::sent`] for whether it may have been carried out otherwise.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the statement may or may not be carried out.
    pub async fn execute(&self, statement: &str) -> Result<(), Error> {
        // Boxed, as for queries: the future of a statement with its answer is large.
        let inner = &self.inner;
        Box::pin(inner.unless_unsent(|| Query::run(inner, statement))).await
    }

    /// Runs a query and collects its rows, up to [`Limits::max_result_bytes`].
    ///
    /// ```no_run
    /// # async fn example(client: iotdb_thrift::Client) -> Result<(), iotdb_thrift::Error> {
    /// let rows = client.query("select temperature from root.plant.d1").await?;
    /// for row in rows.typed::<(i64, Option<f64>)>()? {
    ///     let (time, temperature) = row?;
    ///     println!("{time}: {temperature:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Self::execute`], and [`ErrorKind::Limit`](crate::ErrorKind::Limit) if the result is too large.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the query is closed at the server in the background.
    pub async fn query(&self, statement: &str) -> Result<Rows, Error> {
        Box::pin(self.inner.collect(statement)).await
    }

    /// Runs a query whose rows are fetched page by page, as they are read.
    ///
    /// # Errors
    /// As [`Self::execute`].
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the query is closed at the server in the background.
    pub async fn query_stream(&self, statement: &str) -> Result<RowStream, Error> {
        let inner = &self.inner;
        let start = inner.unless_unsent(|| Query::start(inner, statement));
        let (query, page) = Box::pin(start).await?;
        Ok(RowStream::new(query, page))
    }

    /// Asks the server for a sign of life; opens a new connection if there is none.
    ///
    /// # Errors
    /// Why there was none.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ping(&self) -> Result<(), Error> {
        let inner = &self.inner;
        Box::pin(inner.unless_unsent(|| inner.ping())).await
    }

    /// The server that the current connection leads to; `None` while there is no connection.
    pub fn server(&self) -> Option<Server> {
        self.inner
            .link
            .open()
            .map(|live| live.info.server().clone())
    }

    /// How messages are spelled: what the configuration says.
    pub fn protocol(&self) -> Protocol {
        self.inner.protocol
    }

    /// Logs out and closes the connection, for all clones. Requests under way may end before.
    ///
    /// # Cancel safety
    /// Cancel safe: once begun, no further request is made; the server may learn of the logout by the end of the
    /// connection only.
    pub async fn close(&self) {
        if let Some(live) = self.inner.link.open() {
            let request = CloseSessionArgs::from(TSCloseSessionReq {
                session_id: live.info.session_id(),
            });
            let doing = Doing::new("closeSession", Subject::Nothing);
            let logout = Box::pin(self.inner.call(&live, &request, doing));
            // Whatever the answer: the session ends with the connection.
            let _ = tokio::time::timeout(LOGOUT_TIMEOUT, logout).await;
        }
        self.inner.link.close().await;
    }

    /// Whether [`Self::close`] was called on any clone.
    pub fn is_closed(&self) -> bool {
        self.inner.link.is_closed()
    }

    /// Requests in flight, given up and not answered, and bytes waiting to be written: for tests.
    #[doc(hidden)]
    pub fn load(&self) -> Option<(usize, usize, usize)> {
        let stats = self.inner.link.open()?.handle.stats();
        Some((stats.in_flight, stats.orphans, stats.queued_bytes))
    }
}

impl Inner {
    async fn ping(&self) -> Result<(), Error> {
        let live = self.live().await?;
        let request = GetTimeZoneArgs {
            session_id: live.info.session_id(),
        };
        let doing = Doing::new("getTimeZone", Subject::Nothing);
        let answer = self.call(&live, &request, doing).await?;
        check(&answer.status, live.info.numbering(), || doing.to_string())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.server())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
