//! The client: statements in, rows and blocks out.

mod connect;
mod insert;
mod run;
mod statement;
mod stream;

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use wire_core::net::{Link, Opener, Pipe};

use crate::column::Block;
use crate::config::Config;
use crate::error::Error;
use crate::message::{Query, ServerHello, TableStatus, TablesStatusRequest};
use crate::observe::TARGET;
use crate::row::{Rows, Summary};
use connect::ChOpening;

pub use insert::Insert;
pub use stream::RowStream;

/// A client of one ClickHouse server. Cheap to clone; all clones share one connection.
///
/// ClickHouse carries out one query at a time on a connection: queries of clones wait for their turn, as long as
/// [`Config::with_request_timeout`] allows. Make several clients for queries at the same time. A connection that breaks is
/// replaced by the next query; a query is never sent twice.
#[doc(alias = "Session")]
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    link: Link<Opener<ChOpening>>,
    config: Arc<Config>,
    first: ServerHello,
    revision: u64,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.inner.first.product())
            .field("revision", &self.inner.revision)
            .field("config", &self.inner.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), [`Connect`](crate::ErrorKind::Connect),
    /// [`Tls`](crate::ErrorKind::Tls), [`Auth`](crate::ErrorKind::Auth),
    /// [`Unsupported`](crate::ErrorKind::Unsupported), [`Decode`](crate::ErrorKind::Decode) if it is not a ClickHouse
    /// server, [`Timeout`](crate::ErrorKind::Timeout), or [`Server`](crate::ErrorKind::Server) for another refusal,
    /// such as an unknown database.
    ///
    /// # Cancel safety
    /// Cancel safe: the socket is closed.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        Box::pin(Self::open(config, None)).await
    }

    /// A client whose connections come from `open`, for tests.
    #[doc(hidden)]
    pub async fn connect_over<S>(
        config: Config,
        open: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let pipe: Pipe = Arc::new(move || Ok(Box::new(open())));
        Box::pin(Self::open(config, Some(pipe))).await
    }

    async fn open(config: Config, pipe: Option<Pipe>) -> Result<Self, Error> {
        let config = Arc::new(config.checked()?);
        let link = Link::new(ChOpening::opener(&config, pipe));
        let live = link
            .get(config.patience())
            .await
            .map_err(Error::from_link)?;
        let first = live.info.hello.clone();
        let revision = live.info.form.revision.number();
        tracing::debug!(target: TARGET, server = first.product(), revision, "connected");
        Ok(Self {
            inner: Arc::new(Inner {
                link,
                config,
                first,
                revision,
            }),
        })
    }

    /// Runs a statement and returns its whole result.
    ///
    /// # Errors
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) with the server's exception;
    /// [`Misuse`](crate::ErrorKind::Misuse) if it is an `INSERT` that would have to be followed by rows; the kinds of a
    /// connection that fails.
    ///
    /// # Cancel safety
    /// Dropping it cancels the query; the connection stays usable.
    pub async fn query(&self, query: impl Into<Query>) -> Result<Rows, Error> {
        let query = query.into();
        Box::pin(async {
            let mut stream = self.start(query).await?;
            let mut blocks = Vec::new();
            while let Some(block) = stream.next_block().await? {
                blocks.push(block);
            }
            Ok(stream.into_rows(blocks))
        })
        .await
    }

    /// Runs a statement and returns its result block by block. Ready when the columns are known.
    ///
    /// # Errors
    /// As [`Self::query`]; later exceptions come from the stream.
    ///
    /// # Cancel safety
    /// As [`Self::query`]. Dropping the stream does the same.
    pub async fn query_stream(&self, query: impl Into<Query>) -> Result<RowStream, Error> {
        Box::pin(self.start(query.into())).await
    }

    /// Runs a statement whose rows, if it has any, are not of interest: `CREATE`, `INSERT … SELECT`, `SET`.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping it cancels the statement, which may have been carried out; the connection stays usable.
    pub async fn execute(&self, query: impl Into<Query>) -> Result<Summary, Error> {
        let query = query.into();
        Box::pin(async {
            let mut stream = self.start(query).await?;
            while stream.next_block().await?.is_some() {}
            Ok(stream.into_rows(Vec::new()).summary)
        })
        .await
    }

    /// Inserts one block: `client.insert("INSERT INTO t (id, name) VALUES", block)`.
    ///
    /// The columns of the block are matched with those of the statement by name. It has succeeded only when this
    /// returns `Ok`; the server takes a block as a whole or not at all.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](crate::ErrorKind::Type) if a column is missing, unknown or of another type, and no row is
    /// inserted then; otherwise as [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping it closes the connection; the block may have been inserted.
    pub async fn insert(&self, query: impl Into<Query>, block: Block) -> Result<Summary, Error> {
        let query = query.into();
        Box::pin(async {
            let mut insert = self.start_insert(query).await?;
            insert.send(block).await?;
            insert.finish().await
        })
        .await
    }

    /// Begins an insert of many blocks. Ready when the server has told its columns.
    ///
    /// # Errors
    /// As [`Self::query`]; [`Misuse`](crate::ErrorKind::Misuse) if the statement is not an `INSERT` that rows follow.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection; nothing is inserted.
    pub async fn inserter(&self, query: impl Into<Query>) -> Result<Insert, Error> {
        Box::pin(self.start_insert(query.into())).await
    }

    /// Asks the server for a sign of life, once the connection is free.
    ///
    /// # Errors
    /// The kinds of a connection that fails.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn ping(&self) -> Result<(), Error> {
        Box::pin(self.send_ping()).await
    }

    /// Asks which of these tables (database and name) are there, and how far replicated ones are behind. Tables that are
    /// not there are left out of the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) with the server's exception;
    /// [`Encode`](crate::ErrorKind::Encode) if the server is older than revision 54226; the kinds of a connection that
    /// fails.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn tables_status(&self, tables: &[(&str, &str)]) -> Result<Vec<TableStatus>, Error> {
        let request = TablesStatusRequest::new(tables.iter().copied());
        Box::pin(self.ask_tables(request)).await
    }

    /// What the server said of itself when the client connected.
    pub fn server(&self) -> &ServerHello {
        &self.inner.first
    }

    /// The protocol revision that both sides spoke when the client connected.
    pub fn revision(&self) -> u64 {
        self.inner.revision
    }

    /// Closes the connection and opens no other; queries of all clones fail. Returns when running queries have ended,
    /// after 5 seconds at the latest.
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
}
