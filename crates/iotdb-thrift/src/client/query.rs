//! A query at the server, from its beginning to its end, or to its being given up.
//!
//! ```text
//! executeQueryStatementV2 ──► first page ──► fetchResultsV2 ──► next page … moreData=false: the server has forgotten it
//!        │ dropped                 │ dropped        │ dropped
//!        ▼                         ▼                ▼
//!   a task waits for the answer    └── a task ──────┴──► closeOperation
//! ```
//!
//! Before 1.0 the methods have no `V2` and there is no `moreData`: pages are fetched until one has no rows.

use std::sync::Arc;

use bytes::Bytes;

use super::call::{Doing, Sending, Subject};
use super::{Connection, Inner};
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{
    CloseOperationArgs, ExecuteQueryStatementArgs, ExecuteQueryStatementV2Args,
    ExecuteStatementArgs, ExecuteStatementV2Args, FetchResultsArgs, FetchResultsV2Args, Request,
    TSCloseOperationReq, TSExecuteStatementReq, TSExecuteStatementResp, TSFetchResultsReq,
    TSFetchResultsResp, TSQueryDataSet,
};
use crate::proto::check;
use crate::row::{Block, Header, Rows, read_blocks};

/// A query that the server may hold.
pub(super) struct Query {
    inner: Arc<Inner>,
    /// A query lives and dies with its connection.
    live: Arc<Connection>,
    statement: String,
    id: i64,
    header: Option<Arc<Header>>,
    /// Whether the server may have more, and so holds the query.
    more: bool,
}

/// What one answer brought.
pub(super) struct Page {
    pub(super) header: Arc<Header>,
    pub(super) blocks: Vec<Block>,
    /// Bytes of values.
    bytes: usize,
}

/// A method that runs a statement.
pub(super) trait Execute:
    Request<Response = TSExecuteStatementResp> + From<TSExecuteStatementReq> + Sync
{
}
impl<R> Execute for R where
    R: Request<Response = TSExecuteStatementResp> + From<TSExecuteStatementReq> + Sync
{
}

impl Inner {
    /// A statement as a request of a connection.
    pub(super) fn statement<R: Execute>(&self, live: &Connection, statement: &str) -> R {
        R::from(TSExecuteStatementReq {
            session_id: live.info.session_id(),
            statement_id: live.info.statement_id(),
            statement: statement.to_owned(),
            fetch_size: Some(self.fetch_size),
            timeout: Some(self.timeout_ms()),
            ..TSExecuteStatementReq::default()
        })
    }

    /// The time that the server may take for a query, in milliseconds: a tenth less than this side waits, so that its
    /// refusal still arrives, and the connection stays.
    fn timeout_ms(&self) -> i64 {
        let millis = i64::try_from(self.request_timeout.as_millis()).unwrap_or(i64::MAX);
        millis.saturating_sub(millis / 10)
    }

    /// Runs a query to its end.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the query is closed at the server in the background.
    pub(super) async fn collect(self: &Arc<Self>, statement: &str) -> Result<Rows, Error> {
        let start = self.unless_unsent(|| Query::start(self, statement));
        let (mut query, first) = start.await?;
        let (header, mut blocks, mut bytes) = (first.header, first.blocks, first.bytes);
        while query.more {
            let limit = self.limits.max_result_bytes;
            if bytes > limit {
                let text = format!(
                    "{}: the result is larger than the limit max_result_bytes of {limit}; read it with query_stream",
                    query.doing("query")
                );
                return Err(Error::new(ErrorKind::Limit, text).with_sent(Sent::Yes));
            }
            let (next, page) = query.fetch().await;
            query = next;
            let page = page?;
            bytes = bytes.saturating_add(page.bytes);
            blocks.extend(page.blocks);
        }
        Ok(Rows::new(header, blocks))
    }
}

impl Query {
    /// Begins a query and takes its first page.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the query is closed at the server in the background.
    pub(super) async fn start(inner: &Arc<Inner>, statement: &str) -> Result<(Self, Page), Error> {
        let live = inner.live().await?;
        let (mut query, answer) = if live.info.server().has_blocks() {
            let request = inner.statement::<ExecuteQueryStatementV2Args>(&live, statement);
            Self::open(inner, live, statement, request).await?
        } else {
            let request = inner.statement::<ExecuteQueryStatementArgs>(&live, statement);
            Self::open(inner, live, statement, request).await?
        };
        let header = Header::new(&answer, &inner.limits).map_err(|e| query.unreadable(e))?;
        let header = Arc::new(header);
        query.header = Some(Arc::clone(&header));
        if answer.non_align_query_data_set.is_some() {
            let text = format!(
                "{}: results of `disable align` are not supported",
                query.doing("query")
            );
            return Err(Error::new(ErrorKind::Unsupported, text).with_sent(Sent::Yes));
        }
        let page = query.page(&header, answer.query_result, answer.query_data_set)?;
        Ok((query, page))
    }

    /// Runs a statement; its rows, if there are any, are dropped.
    ///
    /// # Cancel safety
    /// As [`Self::start`].
    pub(super) async fn run(inner: &Arc<Inner>, statement: &str) -> Result<(), Error> {
        let live = inner.live().await?;
        let opened = if live.info.server().has_blocks() {
            let request = inner.statement::<ExecuteStatementV2Args>(&live, statement);
            Self::open(inner, live, statement, request).await
        } else {
            let request = inner.statement::<ExecuteStatementArgs>(&live, statement);
            Self::open(inner, live, statement, request).await
        };
        opened.map(drop)
    }

    /// Sends a statement and takes the answer, whose status is good.
    ///
    /// # Cancel safety
    /// As [`Self::start`].
    pub(super) async fn open<R: Execute>(
        inner: &Arc<Inner>,
        live: Arc<Connection>,
        statement: &str,
        request: R,
    ) -> Result<(Self, TSExecuteStatementResp), Error> {
        let doing = Doing::new(R::NAME, Subject::Statement(statement));
        let sending = inner.send(&live, &request, doing).await?;
        let mut opening = Opening {
            inner: Arc::clone(inner),
            live,
            statement: statement.to_owned(),
            method: R::NAME,
            decode: Inner::decode::<R>,
            sending: Some(sending),
            abandoned: false,
        };
        opening.wait().await
    }

    /// The query of an answer to a statement.
    fn of(
        inner: Arc<Inner>,
        live: Arc<Connection>,
        statement: String,
        answer: &TSExecuteStatementResp,
    ) -> Self {
        let more = if live.info.server().has_blocks() {
            answer.more_data == Some(true)
        } else {
            answer.query_data_set.is_some()
        };
        Self {
            inner,
            live,
            statement,
            id: answer.query_id.unwrap_or_default(),
            header: None,
            more: more && answer.query_id.is_some(),
        }
    }

    /// Whether the server may have more pages.
    pub(super) fn has_more(&self) -> bool {
        self.more
    }

    /// Takes the next page. Gives the query back with it, so that whoever drops this while it waits drops the query.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the query is closed at the server in the background.
    pub(super) async fn fetch(mut self) -> (Self, Result<Page, Error>) {
        let answer = if self.live.info.server().has_blocks() {
            self.next_page::<FetchResultsV2Args>().await
        } else {
            self.next_page::<FetchResultsArgs>().await
        };
        let page = answer.and_then(|answer| self.fetched(answer));
        (self, page)
    }

    async fn next_page<R>(&self) -> Result<TSFetchResultsResp, Error>
    where
        R: Request<Response = TSFetchResultsResp> + From<TSFetchResultsReq> + Sync,
    {
        let request = R::from(TSFetchResultsReq {
            session_id: self.live.info.session_id(),
            statement_id: Some(self.live.info.statement_id()),
            statement: self.statement.clone(),
            fetch_size: self.inner.fetch_size,
            query_id: self.id,
            is_align: true,
            timeout: Some(self.inner.timeout_ms()),
        });
        self.inner
            .call(&self.live, &request, self.doing(R::NAME))
            .await
    }

    fn fetched(&mut self, answer: TSFetchResultsResp) -> Result<Page, Error> {
        check(&answer.status, self.live.info.numbering(), || {
            self.doing("fetchResults").to_string()
        })?;
        // 1.3 says that there is more even with its last answer, which has no result set.
        self.more = answer.has_result_set
            && (answer.more_data == Some(true) || !self.live.info.server().has_blocks());
        let header = self
            .header
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Misuse, "a page was fetched before the first"))?;
        self.page(&header, answer.query_result, answer.query_data_set)
    }

    fn page(
        &self,
        header: &Arc<Header>,
        blocks: Option<Vec<Bytes>>,
        row_set: Option<TSQueryDataSet>,
    ) -> Result<Page, Error> {
        let blocks = blocks.unwrap_or_default();
        let in_set = row_set.as_ref().map_or(0, |set| {
            set.value_list
                .iter()
                .fold(set.time.len(), |sum, v| sum.saturating_add(v.len()))
        });
        let bytes = blocks
            .iter()
            .fold(in_set, |sum, block| sum.saturating_add(block.len()));
        let blocks = read_blocks(header, &blocks, row_set.as_ref(), &self.inner.limits)
            .map_err(|e| self.unreadable(e))?;
        Ok(Page {
            header: Arc::clone(header),
            blocks,
            bytes,
        })
    }

    fn doing(&self, method: &'static str) -> Doing<'_> {
        Doing::new(method, Subject::Statement(&self.statement))
    }

    #[cold]
    fn unreadable(&self, error: Error) -> Error {
        error.context(self.doing("result of")).with_sent(Sent::Yes)
    }
}

impl Drop for Query {
    /// Has the server forget the query, in the background.
    fn drop(&mut self) {
        if !self.more || self.live.handle.is_closed() {
            return;
        }
        let (inner, live) = (Arc::clone(&self.inner), Arc::clone(&self.live));
        let request = CloseOperationArgs::from(TSCloseOperationReq {
            session_id: live.info.session_id(),
            statement_id: Some(live.info.statement_id()),
            query_id: Some(self.id),
            ..TSCloseOperationReq::default()
        });
        self.inner.runtime.spawn(async move {
            let doing = Doing::new("closeOperation", Subject::Nothing);
            // Nobody is there to be told; a query that stays open ends with the connection.
            if let Err(error) = inner.call(&live, &request, doing).await {
                tracing::debug!(target: crate::observe::TARGET, %error, "an abandoned query was not closed");
            }
        });
    }
}

type Decode =
    fn(&Inner, &Connection, &Bytes, i32, Doing<'_>) -> Result<TSExecuteStatementResp, Error>;

/// A statement whose answer has not come. Dropped, it leaves a task behind that waits for the answer, since that alone
/// says which query is to be closed.
struct Opening {
    inner: Arc<Inner>,
    live: Arc<Connection>,
    statement: String,
    method: &'static str,
    decode: Decode,
    sending: Option<Sending>,
    /// Whether this is in the task already.
    abandoned: bool,
}

impl Opening {
    async fn wait(&mut self) -> Result<(Query, TSExecuteStatementResp), Error> {
        let doing = Doing::new(self.method, Subject::Statement(&self.statement));
        let Some(sending) = &mut self.sending else {
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("{doing}: was waited for twice"),
            ));
        };
        let sequence = sending.sequence;
        let message = sending.exchange.next().await;
        self.sending = None;
        let message = message
            .map_err(|e| Error::from_failure(e).context(doing))?
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Closed,
                    format!("{doing}: the connection was closed"),
                )
                .with_sent(Sent::Maybe)
            })?;
        let answer = (self.decode)(&self.inner, &self.live, &message, sequence, doing)?;
        check(&answer.status, self.live.info.numbering(), || {
            doing.to_string()
        })?;
        let statement = self.statement.clone();
        let query = Query::of(
            Arc::clone(&self.inner),
            Arc::clone(&self.live),
            statement,
            &answer,
        );
        Ok((query, answer))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        // A task that is dropped, with its runtime, must not make another one.
        if self.abandoned || self.live.handle.is_closed() {
            return;
        }
        let Some(sending) = self.sending.take() else {
            return;
        };
        let mut rest = Self {
            inner: Arc::clone(&self.inner),
            live: Arc::clone(&self.live),
            statement: std::mem::take(&mut self.statement),
            method: self.method,
            decode: self.decode,
            sending: Some(sending),
            abandoned: true,
        };
        // Dropping the query that comes out of it closes it at the server.
        self.inner
            .runtime
            .spawn(async move { rest.wait().await.map(drop) });
    }
}
