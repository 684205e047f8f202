//! The client: the only room that waits.
//!
//! ```text
//! Client -> attempt (which node, how often) -> plan, speculate
//!              |-> cluster (nodes and their pools) <- control (finds nodes, hears of changes)
//!              '-> pool (connections to one node) -> exchange (one request, one answer)
//! ```

mod after;
mod apart;
mod attempt;
mod batch;
mod cache;
mod clock;
mod cluster;
mod conditional;
mod connect;
mod control;
mod events;
mod exchange;
mod group;
mod health;
mod hints;
mod metadata;
mod open;
mod plan;
mod pool;
mod prepared;
mod request;
mod schema;
mod shards;
mod speculate;
mod statement;
mod stream;
mod tablets;
mod throttle;
mod wanted;

use std::fmt;
use std::sync::Arc;

use tokio::task::AbortHandle;
use wire_core::net::HostPipe;

pub use batch::Batch;
pub use events::{NodeEvent, NodeEvents};
pub use prepared::Prepared;
pub use statement::Statement;
pub use stream::RowStream;

use self::cache::Cache;
use self::cluster::Cluster;
use self::exchange::result_of;
use self::request::{Body, Request};
use self::statement::about;
use self::stream::Source;
use crate::codec::Version;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{Bind, RawValues};
use crate::row::{FromRow, QueryResult};

/// A client of one cluster: of all of its nodes, over connections that many requests share.
///
/// Cheap to clone; clones share everything. A statement goes to a node that has its rows, as far as that can be told,
/// and to another one when the first cannot be reached. It is never sent twice if it could do harm: only when no byte
/// of it had left, when the server said that it did nothing, or when it is marked as idempotent; see
/// [`RetryPolicy`](crate::policy::RetryPolicy). Errors say whether it may have been carried out ([`Error::sent`]).
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
    cluster: Arc<Cluster>,
    cache: Cache,
    /// The task of the control connection, if there is one.
    control: Option<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(control) = &self.control {
            control.abort();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.inner.cluster.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects to the first of the hosts that answers, finds the other nodes of the cluster, and connects to those.
    /// Returns when each node that is to be used has answered or failed, and one of them at least has answered; or at the
    /// end of the connect timeout, which holds for all of it: names, handshakes, reading the nodes, and the schema if it
    /// is kept.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what cannot be; [`ErrorKind::Connect`], [`ErrorKind::Tls`] or [`ErrorKind::Timeout`]
    /// if no host could be reached, and say what nodes there are, within the connect timeout; [`ErrorKind::Limit`] if
    /// they are more than there can be; [`ErrorKind::Auth`] if the credentials are refused, or
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
        // Encoded before the future, which need not carry what they were.
        let statement = statement.into();
        let values = RawValues::encode(self.version(), None, &values);
        async move { self.query_raw(&statement, values).await }
    }

    // Not an `async fn`: those keep their arguments twice.
    fn query_raw<'a>(
        &'a self,
        statement: &'a Statement,
        values: Result<RawValues, Error>,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        async move {
            let text = statement.shared_text();
            let what = |error| about(error, "query", text);
            let values = match values {
                Ok(ref values) => values,
                Err(error) => return Err(what(error)),
            };
            let body = Body::Query { text, values };
            let request = Request::new(body, statement.options(), &self.inner.cluster);
            let answered = self.inner.cluster.run(&request).await.map_err(what)?;
            let result = answered.decode(None).and_then(result_of).map_err(what)?;
            if !after::is_needed(&result) {
                return Ok(result);
            }
            Box::pin(self.after(answered, result)).await.map_err(what)
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
        RowStream::new(self.clone(), Source::Statement(statement.into()), &values)
    }

    /// Has the server parse a statement, to be run many times with [`Self::execute`]. Tasks that prepare the same one at
    /// the same time wait for the first of them, each for no longer than its own timeout.
    ///
    /// # Errors
    /// As [`Self::query`]. [`Error::sent`] is about the request to prepare: the statement itself is not run.
    ///
    /// # Cancel safety
    /// Cancel safe: preparing has no effect that shows.
    pub async fn prepare(&self, statement: impl Into<Statement>) -> Result<Prepared, Error> {
        let statement = statement.into();
        // Boxed: callers prepare seldom, and their futures stay small.
        Box::pin(self.prepare_statement(statement)).await
    }

    /// Runs a prepared statement, and returns the first page of its result; see [`Self::execute_stream`] for all of
    /// them.
    ///
    /// If a node does not know the statement, or has forgotten it, it is prepared there, once, and run.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the values are too few, too many, or of other types than the markers: nothing was sent.
    /// Otherwise as [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the request up: it may or may not be carried out. The client stays usable.
    pub fn execute<'a, V: Bind + 'a>(
        &'a self,
        statement: &'a Prepared,
        values: V,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        // Encoded before the future, which need not carry what they were.
        let state = statement.state();
        let values = RawValues::encode(self.version(), Some(&state.markers), &values);
        self.execute_raw(statement, state, values)
    }

    // Not an `async fn`: those keep their arguments twice.
    fn execute_raw<'a>(
        &'a self,
        statement: &'a Prepared,
        state: Arc<prepared::State>,
        values: Result<RawValues, Error>,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        async move {
            let what = |error| about(error, "execute", statement.text());
            let values = match values {
                Ok(ref values) => values,
                Err(error) => return Err(what(error)),
            };
            let body = Body::Execute {
                statement,
                state: &state,
                values,
            };
            let request = Request::new(body, statement.options(), &self.inner.cluster);
            let answered = self.inner.cluster.run(&request).await.map_err(what)?;
            let result = prepared::executed(statement, &answered).map_err(what)?;
            if !after::is_needed(&result) {
                return Ok(result);
            }
            Box::pin(self.after(answered, result)).await.map_err(what)
        }
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
        let source = Source::Prepared(statement.clone(), statement.state());
        RowStream::new(self.clone(), source, &values)
    }

    /// Runs the statements of a batch at once.
    ///
    /// Prepared statements that the node does not know, or has forgotten, are prepared there, and the batch is sent anew.
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

    /// Asks a node for a sign of life.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ping(&self) -> Result<(), Error> {
        // Boxed, so that its callers' futures stay small.
        Box::pin(async {
            let timeout = self.config().common.request_timeout;
            let live = self.inner.cluster.any(timeout).await?;
            exchange::ping(&live, self.config().limits, timeout).await
        })
        .await
    }

    /// The protocol version of the open connections; `None` while there is none.
    pub fn protocol(&self) -> Option<Version> {
        self.inner.cluster.version()
    }

    /// The version that values are encoded for.
    fn version(&self) -> Version {
        self.inner.cluster.negotiated()
    }

    /// Closes the connections: no further requests are accepted, those under way may end. Takes 5 seconds at most.
    /// Holds for all clones.
    ///
    /// # Cancel safety
    /// Cancel safe: the connections close all the same.
    pub async fn close(&self) {
        if let Some(control) = &self.inner.control {
            control.abort();
        }
        self.inner.cluster.close().await;
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.inner.cluster.is_closed()
    }

    /// What the connections hold at this moment: requests in flight, requests given up but not answered yet, bytes to
    /// be written. For tests.
    #[doc(hidden)]
    pub fn load(&self) -> (usize, usize, usize) {
        self.inner.cluster.load()
    }

    /// A client whose connections run over the streams that `open` makes, for tests. It looks for no other nodes.
    #[doc(hidden)]
    pub async fn connect_over<S>(
        config: Config,
        open: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: HostPipe = Arc::new(move |_| Ok(Box::new(open())));
        Self::open(config.with_discovery(false), Some(pipe)).await
    }

    /// A client whose connections run over the streams that `open` makes for the address of a node, for tests.
    #[doc(hidden)]
    pub async fn connect_cluster_over<S>(
        config: Config,
        open: impl Fn(&str) -> std::io::Result<S> + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: HostPipe = Arc::new(move |host| Ok(Box::new(open(&host.to_string())?)));
        Self::open(config, Some(pipe)).await
    }

    async fn open(config: Config, pipe: Option<HostPipe>) -> Result<Self, Error> {
        config.check()?;
        let config = config.settled();
        let cache = Cache::new(config.cluster.prepared_statements);
        let cluster = Arc::new(Cluster::new(config, pipe));
        let control = Box::pin(control::start(&cluster)).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                cluster,
                cache,
                control,
            }),
        })
    }

    fn is_throttled(&self) -> bool {
        self.inner.cluster.gate.is_some()
    }

    fn config(&self) -> &Config {
        &self.inner.cluster.config
    }

    async fn prepare_statement(&self, statement: Statement) -> Result<Prepared, Error> {
        let text = statement.shared_text();
        let keyspace = statement.options().keyspace.as_ref();
        let cluster = &self.inner.cluster;
        // What an unqualified name meant before the keyspace was changed, it means no longer.
        let changes = cluster.wiring.keyspace_changes();
        let key = (Arc::clone(text), keyspace.cloned(), changes);
        let prepare = async |left| {
            let mut options = statement.options().clone();
            options.timeout = Some(left);
            let body = Body::Prepare { text, keyspace };
            let request = Request::new(body, &options, cluster);
            let answered = cluster.run(&request).await?;
            let prepared = prepared::prepared_of(Statement::new(Arc::clone(text)), &answered)?;
            self.prepare_elsewhere(&prepared, keyspace, &answered);
            Ok(prepared)
        };
        let within = statement.options().timeout(self.config());
        let prepared = self.inner.cache.get(key, within, prepare).await;
        let prepared = prepared.map_err(|error| about(error, "prepare", text))?;
        Ok(prepared.with_options_of(statement))
    }

    async fn run_batch(&self, batch: &Batch) -> Result<QueryResult, Error> {
        let what = |e: Error| e.context(format_args!("batch of {} statements", batch.len()));
        batch.check().map_err(what)?;
        let request = Request::new(Body::Batch(batch), batch.options(), &self.inner.cluster);
        let answered = self.inner.cluster.run(&request).await.map_err(what)?;
        answered.decode(None).and_then(result_of).map_err(what)
    }
}

#[cold]
fn broke_off(kind: ErrorKind, text: &'static str) -> Error {
    Error::new(kind, text).with_sent(Sent::Yes)
}
