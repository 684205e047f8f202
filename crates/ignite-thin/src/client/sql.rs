//! Statements.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::client::connect::Open;
use crate::client::{Client, RowStream, cursor};
use crate::message::{Args, SqlCursor, SqlQuery, StatementKind};
use crate::observe::{STATEMENT, TARGET};
use crate::row::{FromRow, RowDecoder};
use crate::{Error, ErrorKind, Rows, Sent};

/// A statement and how to run it; a `&str` or `String` is one, too.
///
/// ```
/// use ignite_thin::Sql;
///
/// let sql = Sql::new("SELECT NAME FROM PERSON WHERE ID = ?").with_schema("SHOP").with_page_size(100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql<'a> {
    text: Cow<'a, str>,
    schema: Option<Cow<'a, str>>,
    page_size: Option<u32>,
    timeout: Option<Duration>,
    distributed_joins: bool,
    enforce_join_order: bool,
    collocated: bool,
}

impl<'a> Sql<'a> {
    /// One statement, with `?` where its arguments go.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            schema: None,
            page_size: None,
            timeout: None,
            distributed_joins: false,
            enforce_join_order: false,
            collocated: false,
        }
    }

    /// The schema of names without one. Default: that of the configuration.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<Cow<'a, str>>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Rows in a page, at least 1. Default: that of the configuration.
    #[must_use]
    pub fn with_page_size(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }

    /// After how long **the server** gives the statement up. Default: the server's, which is never. The client waits
    /// for its request timeout in any case.
    #[must_use]
    pub fn with_server_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether tables that are not collocated are joined. Default: no.
    #[must_use]
    pub fn with_distributed_joins(mut self, on: bool) -> Self {
        self.distributed_joins = on;
        self
    }

    /// Whether tables are joined in the order of the statement. Default: no.
    #[must_use]
    pub fn with_enforced_join_order(mut self, on: bool) -> Self {
        self.enforce_join_order = on;
        self
    }

    /// Whether the rows of each group are on one node, which makes grouping cheaper. Default: no.
    #[must_use]
    pub fn with_collocated(mut self, on: bool) -> Self {
        self.collocated = on;
        self
    }

    fn query<A>(&'a self, client: &'a Client, args: A, kind: StatementKind) -> SqlQuery<'a, A> {
        let config = client.config();
        let page_size = self.page_size.unwrap_or(config.page_size);
        let mut query = SqlQuery::new(&*self.text, args, page_size);
        let schema = self.schema.as_deref().or(config.schema.as_deref());
        query.schema = schema.map(Cow::Borrowed);
        query.kind = kind;
        query.distributed_joins = self.distributed_joins;
        query.enforce_join_order = self.enforce_join_order;
        query.collocated = self.collocated;
        query.timeout = self.timeout;
        query
    }
}

impl<'a> From<&'a str> for Sql<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Sql<'_> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Client {
    /// Runs a statement and collects all its rows. For large answers see [`Self::query_stream`].
    ///
    /// # Errors
    /// [`ErrorKind::Server`] if the server refused, with its `SQLSTATE`
    /// ([`ServerError::sql_state`](crate::ServerError::sql_state)); [`ErrorKind::Encode`] if an argument cannot be
    /// written: nothing was sent then; [`ErrorKind::Limit`] for more rows than
    /// [`Limits::max_result_bytes`](crate::Limits::max_result_bytes); else [`ErrorKind::Timeout`], [`ErrorKind::Io`],
    /// [`ErrorKind::Closed`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not carry the statement out; its cursor is closed in the background.
    pub async fn query(&self, sql: impl Into<Sql<'_>>, args: impl Args) -> Result<Rows, Error> {
        let mut stream = self.query_stream(sql, args).await?;
        let mut rows = Vec::new();
        let max = self.config().limits.max_result_bytes;
        let mut size = 0_usize;
        while let Some(row) = stream.try_next().await? {
            size = size.saturating_add(row.size());
            if size > max {
                return Err(too_large(max));
            }
            rows.push(row);
        }
        Ok(stream.into_rows(rows))
    }

    /// Runs a statement and gives its rows as they come, a page ahead of the reader.
    ///
    /// # Errors
    /// As [`Self::query`]; the stream has errors of its own.
    ///
    /// # Cancel safety
    /// As [`Self::query`].
    pub async fn query_stream(
        &self,
        sql: impl Into<Sql<'_>>,
        args: impl Args,
    ) -> Result<RowStream, Error> {
        let (cursor, live) = self.run(&sql.into(), args, StatementKind::Any).await?;
        Ok(RowStream::new(self, live, cursor))
    }

    /// Runs a statement that changes data or schema; how many rows it changed, 0 for a change of schema. A statement
    /// that answers rows is refused by the server (`SQLSTATE` 42000).
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropping the future may or may not carry the statement out.
    pub async fn execute(&self, sql: impl Into<Sql<'_>>, args: impl Args) -> Result<u64, Error> {
        let (cursor, live) = self.run(&sql.into(), args, StatementKind::Update).await?;
        let mut stream = RowStream::new(self, live, cursor);
        match stream.try_next().await? {
            Some(row) => row.decode::<UpdateCount>().map(|UpdateCount(rows)| rows),
            None => Err(no_count()),
        }
        .map_err(|error| error.with_sent(Sent::Yes))
    }

    async fn run(
        &self,
        sql: &Sql<'_>,
        args: impl Args,
        kind: StatementKind,
    ) -> Result<(SqlCursor, Arc<Open>), Error> {
        tracing::debug!(target: TARGET, statement = %sql.text, "{STATEMENT}");
        let query = sql.query(self, args, kind);
        cursor::open(self, &query).await
    }
}

/// The row that a statement without rows of its own answers: one column, `UPDATED`, a long.
struct UpdateCount(u64);

impl FromRow for UpdateCount {
    fn from_row(row: &mut RowDecoder<'_>) -> Result<Self, Error> {
        let count = row.next::<i64>()?;
        row.finish()?;
        u64::try_from(count).map(Self).map_err(|_| no_count())
    }
}

#[cold]
fn too_large(max: usize) -> Error {
    let text =
        format!("the rows pass the limit max_result_bytes of {max}; read them with query_stream");
    Error::new(ErrorKind::Limit, text).with_sent(Sent::Yes)
}

#[cold]
fn no_count() -> Error {
    Error::new(
        ErrorKind::Decode,
        "the server answered no count of changed rows",
    )
}
