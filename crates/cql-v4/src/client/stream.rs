//! All rows of a statement, page by page.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::statement::{Options, Statement};
use super::{Client, Prepared, prepared};
use crate::error::Error;
use crate::message::{Bind, RawValues};
use crate::row::{Cursor, FromRow, Rows};

/// What the pages come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Statement(Statement),
    /// With what was known of it when the values were encoded.
    Prepared(Prepared, Arc<prepared::State>),
}

type Fetch = Pin<Box<dyn Future<Output = Result<Rows, Error>> + Send>>;

/// The rows of a statement, page by page. While one page is read the next one is fetched; no more than these two are
/// kept, so a slow reader holds up nobody but itself. With a throttle, a page is fetched when it is needed.
///
/// Ends after the first error. Dropping it gives up the page that is being fetched; no further one is asked for.
pub struct RowStream<T> {
    client: Client,
    source: Source,
    values: RawValues,
    state: State,
    page: Option<Page>,
    row: PhantomData<fn() -> T>,
}

enum State {
    /// The next page begins here; `None` is the beginning.
    Next(Option<Bytes>),
    /// The next page is being fetched.
    Fetching(Fetch),
    /// The next page is there before it was asked for.
    Fetched(Result<Rows, Error>),
    /// There is no next page.
    Ended,
}

struct Page {
    rows: Rows,
    cursor: Cursor,
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl<T> RowStream<T>
where
    T: for<'a> FromRow<'a>,
{
    pub(super) fn new<V: Bind>(client: Client, source: Source, values: &V) -> Result<Self, Error> {
        let (options, markers) = match &source {
            Source::Statement(statement) => (statement.options(), None),
            Source::Prepared(prepared, state) => (prepared.options(), Some(&*state.markers)),
        };
        let start = options.paging_state.clone();
        let values = RawValues::encode(client.version(), markers, values)?;
        Ok(Self {
            client,
            source,
            values,
            state: State::Next(start),
            page: None,
            row: PhantomData,
        })
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Those of the request for the page, of [`Rows::typed`], or of reading the row.
    ///
    /// # Cancel safety
    /// Cancel safe: no row is lost.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx))
            .await
            .transpose()
    }

    fn fetch(&self, start: Option<Bytes>) -> Fetch {
        let client = self.client.clone();
        let values = self.values.clone();
        let at = |options: &mut Options| options.paging_state = start;
        match self.source.clone() {
            Source::Statement(mut statement) => {
                at(statement.options_mut());
                Box::pin(async move {
                    let asked = client.query_raw(&statement, Ok(values)).await;
                    asked?.into_rows()
                })
            }
            Source::Prepared(mut prepared, state) => {
                at(prepared.options_mut());
                Box::pin(async move {
                    let asked = client.execute_raw(&prepared, state, Ok(values)).await;
                    asked?.into_rows()
                })
            }
        }
    }

    /// The next row of the page at hand, if it has one left.
    fn next_of_page(&mut self) -> Option<Result<T, Error>> {
        let page = self.page.as_mut()?;
        let row = page.rows.next_at(&mut page.cursor);
        if row.is_none() {
            self.page = None;
        }
        row
    }

    /// Begins to fetch the page at `start`: a request is only sent once it is polled.
    fn begin(&mut self, start: Option<Bytes>, cx: &mut Context<'_>) {
        let mut fetch = self.fetch(start);
        self.state = match fetch.as_mut().poll(cx) {
            Poll::Ready(rows) => State::Fetched(rows),
            Poll::Pending => State::Fetching(fetch),
        };
    }

    /// Gets the next page. Ready with `false` at the end.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        if let State::Next(start) = &mut self.state {
            let start = start.take();
            self.begin(start, cx);
        }
        let rows = match std::mem::replace(&mut self.state, State::Ended) {
            State::Next(_) | State::Ended => return Poll::Ready(Ok(false)),
            State::Fetched(rows) => rows?,
            State::Fetching(mut fetch) => match fetch.as_mut().poll(cx) {
                Poll::Ready(rows) => rows?,
                Poll::Pending => {
                    self.state = State::Fetching(fetch);
                    return Poll::Pending;
                }
            },
        };
        let cursor = rows.cursor::<T>()?;
        match rows.paging_state().cloned() {
            // It would hold a place among the requests under way for as long as the page is read, against its reader.
            Some(next) if self.client.is_throttled() => self.state = State::Next(Some(next)),
            Some(next) => self.begin(Some(next), cx),
            None => {}
        }
        self.page = Some(Page { rows, cursor });
        Poll::Ready(Ok(true))
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, Error>> {
        loop {
            if let Some(row) = self.next_of_page() {
                return Poll::Ready(row.map(Some));
            }
            // A page may be empty although further ones follow.
            if !ready!(self.poll_page(cx))? {
                return Poll::Ready(Ok(None));
            }
        }
    }
}

impl<T> Unpin for RowStream<T> {}

impl<T> Stream for RowStream<T>
where
    T: for<'a> FromRow<'a>,
{
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = ready!(self.poll_row(cx)).transpose();
        if matches!(polled, None | Some(Err(_))) {
            self.state = State::Ended;
            self.page = None;
        }
        Poll::Ready(polled)
    }
}
