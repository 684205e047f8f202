//! Cursors: opened, read page by page, and closed whatever happens.
//!
//! The server keeps a cursor until its last page was read or it is closed, and allows 128 on a connection. So a
//! cursor that nobody will read is closed in the background, also when its query was given up before it was answered.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use wire_core::machine::{Cause, Failure};
use wire_core::net::Exchange;

use crate::Error;
use crate::client::Client;
use crate::client::connect::Open;
use crate::codec::Decoder;
use crate::codec::frame::ResponseHeader;
use crate::limits::Limits;
use crate::message::{CloseResource, Op, Page, Request, ScanPage, SqlPage, write_request};
use crate::observe::{CURSOR_REAPED, TARGET};

/// How long the answer to a query that was given up is waited for, so that its cursor can be closed. After it the
/// connection counts the query as lost.
const LATE_ANSWER: Duration = Duration::from_secs(60);

/// Makes a request that opens a cursor.
///
/// # Cancel safety
/// The cursor is closed in the background if the request was sent.
pub(super) async fn open<R: Request>(
    client: &Client,
    request: &R,
) -> Result<(R::Response, Arc<Open>), Error> {
    let began = Instant::now();
    let done = open_since(began, client, request).await;
    client.counted(began, done)
}

async fn open_since<R: Request>(
    began: Instant,
    client: &Client,
    request: &R,
) -> Result<(R::Response, Arc<Open>), Error> {
    let timeout = client.config().common.request_timeout;
    let late = |sent| {
        let lost = Failure::new(Cause::Timeout(timeout), sent);
        Error::from_failure(lost).context(format_args!("{:?}", R::OP))
    };
    // A deadline beyond the clock's end is none; a year stands for it.
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let deadline = began.checked_add(timeout.min(YEAR)).unwrap_or(began);
    // The machinery waits longer than the caller: a late answer tells which cursor to close.
    let wait = timeout.saturating_add(LATE_ANSWER);
    let begun = client.shared.link.begin(wait, |_, ticket, out| {
        write_request(request, ticket.id().cast_signed(), out.buffer())
    });
    let begun = timeout_at(deadline, begun).await.map_err(|_| late(false))?;
    let (live, exchange) =
        begun.map_err(|error| Error::from_ask(error).context(format_args!("{:?}", R::OP)))?;
    let runtime = Handle::current();
    let mut opening = Opening {
        exchange: Some(exchange),
        live: Arc::clone(&live),
        runtime,
    };
    let answer = timeout_at(deadline, opening.answer())
        .await
        .map_err(|_| late(true))?;
    let body =
        answer.map_err(|lost| Error::from_failure(lost).context(format_args!("{:?}", R::OP)))?;
    let response = client.read(&live, request, &body)?;
    Ok((response, live))
}

/// A query that is not answered yet.
struct Opening {
    /// `None` once it is answered, or cannot be any more.
    exchange: Option<Exchange<Bytes>>,
    live: Arc<Open>,
    runtime: Handle,
}

impl Opening {
    async fn answer(&mut self) -> Result<Bytes, Failure> {
        let answer = match &mut self.exchange {
            Some(exchange) => exchange.next().await,
            None => Ok(None),
        };
        self.exchange = None;
        answer?.ok_or_else(|| Failure::new(Cause::Closed, true))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let Some(mut exchange) = self.exchange.take() else {
            return;
        };
        let live = Arc::clone(&self.live);
        self.runtime.spawn(async move {
            let Ok(Some(body)) = exchange.next().await else {
                return;
            };
            if let Some(cursor) = cursor_left_open(&body, &live) {
                close(&live, cursor).await;
                tracing::debug!(target: TARGET, { cursor }, "{CURSOR_REAPED}");
            }
        });
    }
}

/// The cursor that an answer opens, if it has more pages: its id comes first, whether there is more last.
fn cursor_left_open(body: &Bytes, live: &Open) -> Option<i64> {
    let mut from = Decoder::new(body, &Limits::default());
    let header = ResponseHeader::decode(&mut from, live.info.negotiated).ok()?;
    let cursor = from.i64("cursor id").ok()?;
    (header.error.is_none() && body.last() == Some(&1)).then_some(cursor)
}

async fn close(live: &Open, cursor: i64) {
    // Errors say that it is closed already, or that the connection is, which closes it as well.
    let request = CloseResource::new(cursor);
    let submitted = live.handle.request(LATE_ANSWER, |ticket, out| {
        write_request(&request, ticket.id().cast_signed(), out.buffer())
    });
    if let Ok(exchange) = submitted.await {
        let _ = exchange.answer().await;
    }
}

type NextPage = Pin<Box<dyn Future<Output = Result<Page, Error>> + Send>>;

/// The pages behind the first. The next is asked for when the one before it is being read, so two are held at most.
pub(super) struct Pages {
    client: Client,
    live: Arc<Open>,
    cursor: i64,
    op: Op,
    columns: usize,
    /// Whether the server holds the cursor.
    open: bool,
    next: Option<NextPage>,
    /// What `next` gave when it was only polled to be sent.
    early: Option<Result<Page, Error>>,
    runtime: Handle,
}

impl Pages {
    /// The pages of `cursor` after one with `more`; `op` reads them.
    pub(super) fn new(
        client: &Client,
        live: Arc<Open>,
        cursor: i64,
        op: Op,
        columns: usize,
        more: bool,
    ) -> Self {
        let runtime = Handle::current();
        let client = client.clone();
        let mut pages = Self {
            client,
            live,
            cursor,
            op,
            columns,
            open: more,
            next: None,
            early: None,
            runtime,
        };
        pages.ask();
        pages
    }

    /// Makes the request for the next page; it is sent when it is first polled.
    fn ask(&mut self) {
        if !self.open {
            return;
        }
        let (client, live) = (self.client.clone(), Arc::clone(&self.live));
        let (cursor, columns) = (self.cursor, self.columns);
        self.next = Some(match self.op {
            Op::QueryScanPage => {
                Box::pin(
                    async move { client.call_on(&live, &ScanPage::new(cursor, columns)).await },
                )
            }
            _ => {
                Box::pin(async move { client.call_on(&live, &SqlPage::new(cursor, columns)).await })
            }
        });
    }

    /// Sends the request for the next page, if there is one to send.
    pub(super) fn poll_ahead(&mut self, cx: &mut Context<'_>) {
        if self.early.is_none()
            && let Some(next) = &mut self.next
            && let Poll::Ready(page) = next.as_mut().poll(cx)
        {
            self.next = None;
            self.early = Some(page);
        }
    }

    /// The next page; `None` behind the last and behind an error.
    pub(super) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page, Error>>> {
        self.poll_ahead(cx);
        match self.early.take() {
            None if self.next.is_some() => Poll::Pending,
            None => Poll::Ready(None),
            Some(Ok(page)) => {
                self.open = page.more;
                self.ask();
                self.poll_ahead(cx);
                Poll::Ready(Some(Ok(page)))
            }
            Some(Err(error)) => {
                // The server drops a cursor that fails; one whose page did not come, or cannot be read, is still there.
                self.open = error.server().is_none();
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if self.open && !self.live.handle.is_closed() {
            let (live, cursor) = (Arc::clone(&self.live), self.cursor);
            self.runtime
                .spawn(async move { close(&live, cursor).await });
        }
    }
}
