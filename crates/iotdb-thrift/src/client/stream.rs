//! Rows as they come.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::query::{Page, Query};
use crate::error::Error;
use crate::row::{Block, Column, FromRow, Header};
use crate::types::Value;

/// A result that is fetched page by page while it is read: one page is held at a time. Made by
/// [`Client::query_stream`](crate::Client::query_stream).
///
/// Rows come dynamically typed, or as tuples after [`typed`](Self::typed); [`next_block`](Self::next_block) gives whole
/// blocks for reading column by column.
///
/// Dropping it before its end closes the query at the server, in the background; it never blocks.
///
/// ```no_run
/// # async fn example(client: iotdb_thrift::Client) -> Result<(), iotdb_thrift::Error> {
/// let rows = client.query_stream("select temperature from root.plant.**").await?;
/// let mut rows = rows.typed::<(i64, Option<f64>)>()?;
/// while let Some((time, temperature)) = rows.try_next().await? {
///     println!("{time}: {temperature:?}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct RowStream<T = Vec<Value>> {
    header: Arc<Header>,
    ready: VecDeque<Block>,
    /// The block that rows are taken from, and the next row of it.
    current: Option<(Block, usize)>,
    source: Source,
    row: PhantomData<fn() -> T>,
}

type Fetching = Pin<Box<dyn Future<Output = (Query, Result<Page, Error>)> + Send>>;

enum Source {
    /// Nothing is asked for.
    Idle(Query),
    /// The next page is asked for.
    Fetching(Fetching),
    /// There is no more.
    End,
}

impl RowStream {
    pub(super) fn new(query: Query, page: Page) -> Self {
        Self {
            header: page.header,
            ready: page.blocks.into(),
            current: None,
            source: Source::Idle(query),
            row: PhantomData,
        }
    }
}

impl<T> RowStream<T> {
    /// The columns of the result.
    pub fn columns(&self) -> &[Column] {
        &self.header.columns
    }

    /// The same rows as `U`: a tuple with an element for each column, of types that own what they hold.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](crate::ErrorKind::Type) names the first column whose type does not become that of `U`; the
    /// query is closed.
    pub fn typed<U: for<'r> FromRow<'r>>(self) -> Result<RowStream<U>, Error> {
        U::check(self.columns())?;
        Ok(RowStream {
            header: self.header,
            ready: self.ready,
            current: self.current,
            source: self.source,
            row: PhantomData,
        })
    }

    /// The next block; `None` at the end. What is left of a block from which [`try_next`](Self::try_next) has taken rows is
    /// passed over.
    ///
    /// # Errors
    /// Why the next page could not be fetched or read. The stream ends.
    ///
    /// # Cancel safety
    /// Cancel safe: no block is lost.
    pub async fn next_block(&mut self) -> Result<Option<Block>, Error> {
        self.current = None;
        poll_fn(|cx| self.poll_block(cx)).await
    }

    fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Block>, Error>> {
        loop {
            if let Some(block) = self.ready.pop_front() {
                return Poll::Ready(Ok(Some(block)));
            }
            match std::mem::replace(&mut self.source, Source::End) {
                Source::End => return Poll::Ready(Ok(None)),
                Source::Idle(query) if query.has_more() => {
                    self.source = Source::Fetching(Box::pin(query.fetch()));
                }
                Source::Idle(_) => {}
                Source::Fetching(mut fetching) => match fetching.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.source = Source::Fetching(fetching);
                        return Poll::Pending;
                    }
                    Poll::Ready((query, page)) => {
                        self.ready.extend(page?.blocks);
                        self.source = Source::Idle(query);
                    }
                },
            }
        }
    }
}

impl<T: for<'r> FromRow<'r>> RowStream<T> {
    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Why the next page could not be fetched or read: the stream ends. For a value that `T` cannot hold (a null, text
    /// that is not UTF-8) the stream goes on with the next row.
    ///
    /// # Cancel safety
    /// Cancel safe: no row is lost.
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some((block, index)) = &mut self.current {
                if *index < block.len() {
                    let row = block.row(*index);
                    *index = index.saturating_add(1);
                    return Poll::Ready(Some(row.convert()));
                }
                self.current = None;
            }
            match ready!(self.poll_block(cx)) {
                Ok(Some(block)) => self.current = Some((block, 0)),
                Ok(None) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<T: for<'r> FromRow<'r>> Stream for RowStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(cx)
    }
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("columns", &self.columns())
            .finish_non_exhaustive()
    }
}
