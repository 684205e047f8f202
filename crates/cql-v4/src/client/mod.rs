//! The client: the only room that waits.

mod batch;
mod clock;
mod connect;
mod exchange;
mod prepared;
mod statement;
mod stream;
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "taken into use together with the pools")
)]
mod throttle;

use std::fmt;
use std::sync::Arc;

use wire_core::machine::Outgoing;
use wire_core::net::{Link, Opener, Pipe};

pub use batch::Batch;
use connect::CqlOpening;
pub use prepared::Prepared;
pub use statement::Statement;
pub use stream::RowStream;

use self::exchange::encoder;
use self::stream::Source;
use crate::codec::{Flags, Version};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{Bind, Message, Options, Query};
use crate::observe::TARGET;
use crate::proto::Session;
use crate::row::{FromRow, QueryResult};

/// A client of one cluster, over one connection that many requests share.
///
/// Cheap to clone; clones share the connection. When it breaks, the next request opens another one; requests that were
/// under way on it fail, and say whether they may have been carried out ([`Error::sent`]). Nothing is sent twice,
/// save a request of which not a byte had left, and one that the server refused because it had forgotten the prepared
/// statement.
///
/// ```no_run
/// # async fn example() -> Result<(), cql_v4::Error> {
/// use cql_v4::{Client, Config};
///
/// let client = Client::connect(Config::new("127.0.0.1")).await?;
/// let insert = client.prepare("INSERT INTO shop.items (id, name) VALUES (?, ?)").await?;
/// client.execute(&insert, (1_i32, "tea")).await?;
///
/// let result = client.query("SELECT id, name FROM shop.items", ()).await?;
/// for row in result.rows()?.typed::<(i32, &str)>()? {
///     let (id, name) = row?;
///     println!("{id}: {name}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[doc(alias = "Session")]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    link: Link<Opener<CqlOpening>>,
    config: Config,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects to the first of the hosts that answers.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what cannot be; [`ErrorKind::Connect`], [`ErrorKind::Tls`] or [`ErrorKind::Timeout`]
    /// if no host could be reached within the connect timeout; [`ErrorKind::Auth`] if the credentials are refused, or
    /// would have to go over the network in clear text; [`ErrorKind::Server`] if the keyspace does not exist;
    /// [`ErrorKind::Decode`] if what answers does not speak CQL.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection is closed.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        Self::open(config, None).await
    }

    /// Runs a statement by its text, and returns the first page of its result; see [`Self::query_stream`] for all of
    /// them.
    ///
    /// The server is not asked for the types of the markers: values are written in their natural types (`i32` as int,
    /// `i64` as bigint, and so on). [`Self::prepare`] statements that are run often, or whose markers have other types.
    ///
    /// # Errors
    /// [`ErrorKind::Server`] with the server's refusal; [`ErrorKind::Encode`] or [`ErrorKind::Type`] for values that
    /// cannot be written; [`ErrorKind::Timeout`], [`ErrorKind::Io`], [`ErrorKind::Closed`] for the connection, in which
    /// case [`Error::sent`] says whether the statement may have been carried out; [`ErrorKind::Decode`] or
    /// [`ErrorKind::Limit`] for an answer that cannot be read.
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up: it may or may not be carried out. The client stays usable.
    pub fn query<'a, V: Bind + 'a>(
        &'a self,
        statement: impl Into<Statement>,
        values: V,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        // Turned into a statement before the future, which need not carry both.
        let statement = statement.into();
        async move { self.query_ref(&statement, &values).await }
    }

    // Not an `async fn`: those keep their arguments twice.
    fn query_ref<'a, V: Bind + ?Sized>(
        &'a self,
        statement: &'a Statement,
        values: &'a V,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        async move {
            tracing::debug!(target: TARGET, statement = statement.text(), "query");
            // Put together when it is written, so that no future has to carry it.
            let encode = |session: &Session, ticket, out: &mut Outgoing| {
                let text = Arc::clone(statement.shared_text());
                let options = statement.options();
                let params = options.params(&self.inner.config);
                let request = Query {
                    text,
                    values,
                    params,
                };
                exchange::append(session, ticket, out, options.flags(), &request)
            };
            let answered = self
                .exchange(&encode, self.timeout_of(statement.options()))
                .await;
            answered
                .and_then(|answered| answered.decode(None))
                .and_then(exchange::result_of)
                .map_err(|e| statement::about(e, "query", statement.text()))
        }
    }

    /// Runs a statement by its text, and reads its rows page by page, the next page being fetched while one is read.
    ///
    /// Nothing is sent before the stream is polled first.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] or [`ErrorKind::Type`] for values that cannot be written. The stream's own errors are
    /// those of [`Self::query`]; it ends with the first.
    pub fn query_stream<T, V: Bind>(
        &self,
        statement: impl Into<Statement>,
        values: V,
    ) -> Result<RowStream<T>, Error>
    where
        T: for<'a> FromRow<'a>,
    {
        RowStream::new(
            self.clone(),
            Source::Statement(statement.into()),
            None,
            &values,
        )
    }

    /// Has the server parse a statement, to be run many times with [`Self::execute`].
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Cancel safe: preparing has no effect that shows.
    pub async fn prepare(&self, statement: impl Into<Statement>) -> Result<Prepared, Error> {
        let statement = statement.into();
        tracing::debug!(target: TARGET, statement = statement.text(), "prepare");
        let message = Box::pin(self.prepare_text(
            statement.shared_text(),
            None,
            self.inner.config.common.request_timeout,
        ))
        .await
        .map_err(|e| statement::about(e, "prepare", statement.text()))?;
        Ok(Prepared::new(statement, message))
    }

    /// Runs a prepared statement, and returns the first page of its result; see [`Self::execute_stream`] for all of
    /// them.
    ///
    /// If the server has forgotten the statement, it is prepared again, once, and run.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the values are too few, too many, or of other types than the markers: nothing was sent.
    /// Otherwise as [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up: it may or may not be carried out. The client stays usable.
    pub async fn execute<V: Bind>(
        &self,
        statement: &Prepared,
        values: V,
    ) -> Result<QueryResult, Error> {
        self.execute_ref(statement, &values).await
    }

    /// Runs a prepared statement, and reads its rows page by page, the next page being fetched while one is read.
    ///
    /// Nothing is sent before the stream is polled first.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the values do not fit the markers. The stream's own errors are those of
    /// [`Self::execute`]; it ends with the first.
    pub fn execute_stream<T, V: Bind>(
        &self,
        statement: &Prepared,
        values: V,
    ) -> Result<RowStream<T>, Error>
    where
        T: for<'a> FromRow<'a>,
    {
        let markers = statement.markers();
        RowStream::new(
            self.clone(),
            Source::Prepared(statement.clone()),
            Some(&markers),
            &values,
        )
    }

    /// Runs the statements of a batch at once.
    ///
    /// Prepared statements that the server has forgotten are prepared again, and the batch is sent anew.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up: it may or may not be carried out. The client stays usable.
    pub async fn batch(&self, batch: &Batch) -> Result<QueryResult, Error> {
        // Boxed: a batch is large anyway, and so its callers' futures stay small.
        Box::pin(self.run_batch(batch)).await
    }

    /// Asks the server for a sign of life.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ping(&self) -> Result<(), Error> {
        let encode = encoder(&Options, Flags::default());
        let timeout = self.inner.config.common.request_timeout;
        let answered = self.exchange(&encode, timeout).await?;
        match answered.decode(None)?.message {
            Message::Supported(_) => Ok(()),
            other => Err(exchange::unexpected(other)),
        }
    }

    /// The protocol version of the open connection; `None` while there is none.
    pub fn protocol(&self) -> Option<Version> {
        self.inner.link.open().map(|live| live.info.version)
    }

    /// Closes the connection: no further requests are accepted, those under way may end. Takes 5 seconds at most.
    /// Holds for all clones.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection closes all the same.
    pub async fn close(&self) {
        self.inner.link.close().await;
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.inner.link.is_closed()
    }

    /// What the connection holds at this moment: requests in flight, requests given up but not answered yet, bytes to
    /// be written. For tests.
    #[doc(hidden)]
    pub fn load(&self) -> (usize, usize, usize) {
        self.inner.link.open().map_or((0, 0, 0), |live| {
            let stats = live.handle.stats();
            (stats.in_flight, stats.orphans, stats.queued_bytes)
        })
    }

    /// A client whose connections run over the streams that `open` makes, for tests.
    #[doc(hidden)]
    pub async fn connect_over<S>(
        config: Config,
        open: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: Pipe = Arc::new(move || Ok(Box::new(open())));
        Self::open(config, Some(pipe)).await
    }

    async fn open(config: Config, pipe: Option<Pipe>) -> Result<Self, Error> {
        config.check()?;
        let connect_timeout = config.common.connect_timeout;
        let link = Link::new(CqlOpening::opener(&config, pipe));
        let client = Self {
            inner: Arc::new(Inner { link, config }),
        };
        client
            .inner
            .link
            .get(connect_timeout)
            .await
            .map_err(Error::from_link)?;
        Ok(client)
    }
}

#[cold]
fn broke_off(kind: ErrorKind, text: &'static str) -> Error {
    Error::new(kind, text).with_sent(Sent::Yes)
}
