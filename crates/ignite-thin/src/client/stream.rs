//! Streams of entries and rows.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::client::Client;
use crate::client::connect::Open;
use crate::client::cursor::Pages;
use crate::codec::Decoder;
use crate::limits::Limits;
use crate::message::{Cursor, Op, SqlCursor};
use crate::row::{Column, Cutter, Row, RowCutter, Rows};
use crate::types::Decode;
use crate::{Error, Sent};

/// Values of an entry: key and value.
const ENTRY_VALUES: usize = 2;

/// All entries of a cache, from [`Cache::scan`](crate::Cache::scan). Holds two pages at most.
///
/// Dropping it closes its cursor in the background. An entry that has another type is an error, and the next one
/// follows; any other error is the last item.
pub struct ScanStream<K, V> {
    pages: Pages,
    cutter: Cutter,
    limits: Limits,
    ended: bool,
    entry: PhantomData<fn() -> (K, V)>,
}

impl<K, V> fmt::Debug for ScanStream<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl<K: Decode, V: Decode> ScanStream<K, V> {
    pub(super) fn new(client: &Client, live: Arc<Open>, cursor: Cursor) -> Self {
        let Cursor { id, page } = cursor;
        let limits = client.config().limits;
        Self {
            pages: Pages::new(client, live, id, Op::QueryScanPage, ENTRY_VALUES, page.more),
            cutter: Cutter::new(page, ENTRY_VALUES, limits),
            limits,
            ended: false,
            entry: PhantomData,
        }
    }

    /// The next entry; `None` behind the last.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](crate::ErrorKind::Type) if key or value has another type, and the stream goes on;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), [`ErrorKind::Closed`](crate::ErrorKind::Closed),
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if the next page did not come, and the stream ends.
    ///
    /// # Cancel safety
    /// Cancel safe: no entry is lost.
    pub async fn try_next(&mut self) -> Result<Option<(K, V)>, Error> {
        poll_fn(|cx| self.poll_entry(cx)).await.transpose()
    }

    fn poll_entry(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(K, V), Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.pages.poll_ahead(cx);
        loop {
            match self.cutter.next() {
                Ok(Some(entry)) => return Poll::Ready(Some(self.decode(&entry))),
                Ok(None) => {}
                Err(error) => return self.end(Some(error)),
            }
            match ready!(self.pages.poll_page(cx)) {
                Some(Ok(page)) => self.cutter = Cutter::new(page, ENTRY_VALUES, self.limits),
                Some(Err(error)) => return self.end(Some(error)),
                None => return self.end(None),
            }
        }
    }

    fn decode(&self, entry: &Bytes) -> Result<(K, V), Error> {
        let mut from = Decoder::new(entry, &self.limits);
        let key = K::decode(&mut from).map_err(|e| e.context("key"));
        let decoded = key.and_then(|key| {
            V::decode(&mut from)
                .map_err(|e| e.context("value"))
                .map(|value| (key, value))
        });
        decoded.map_err(|e| e.with_sent(Sent::Yes))
    }

    fn end(&mut self, error: Option<Error>) -> Poll<Option<Result<(K, V), Error>>> {
        self.ended = true;
        Poll::Ready(error.map(Err))
    }
}

impl<K: Decode, V: Decode> Stream for ScanStream<K, V> {
    type Item = Result<(K, V), Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_entry(cx)
    }
}

/// The rows of a statement, from [`Client::query_stream`]. Holds two pages at most.
///
/// Dropping it closes its cursor in the background. An error is the last item.
pub struct RowStream {
    pages: Pages,
    cutter: RowCutter,
    columns: Arc<[Column]>,
    limits: Limits,
    ended: bool,
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("columns", &self.columns)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl RowStream {
    pub(super) fn new(client: &Client, live: Arc<Open>, cursor: SqlCursor) -> Self {
        let SqlCursor { id, columns, page } = cursor;
        let limits = client.config().limits;
        let columns: Arc<[Column]> = columns.into_iter().map(Column::new).collect();
        Self {
            pages: Pages::new(
                client,
                live,
                id,
                Op::QuerySqlFieldsPage,
                columns.len(),
                page.more,
            ),
            cutter: RowCutter::new(Arc::clone(&columns), page, limits),
            columns,
            limits,
            ended: false,
        }
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The next row; `None` behind the last.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), [`ErrorKind::Closed`](crate::ErrorKind::Closed),
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), [`ErrorKind::Server`](crate::ErrorKind::Server) if the next
    /// page did not come; [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not what the protocol says.
    ///
    /// # Cancel safety
    /// Cancel safe: no row is lost.
    pub async fn try_next(&mut self) -> Result<Option<Row>, Error> {
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.pages.poll_ahead(cx);
        loop {
            match self.cutter.next() {
                Ok(Some(row)) => return Poll::Ready(Some(Ok(row))),
                Ok(None) => {}
                Err(error) => return self.end(Some(error.with_sent(Sent::Yes))),
            }
            match ready!(self.pages.poll_page(cx)) {
                Some(Ok(page)) => {
                    self.cutter = RowCutter::new(Arc::clone(&self.columns), page, self.limits);
                }
                Some(Err(error)) => return self.end(Some(error)),
                None => return self.end(None),
            }
        }
    }

    fn end(&mut self, error: Option<Error>) -> Poll<Option<Result<Row, Error>>> {
        self.ended = true;
        Poll::Ready(error.map(Err))
    }

    pub(super) fn into_rows(self, rows: Vec<Row>) -> Rows {
        Rows::new(self.columns, rows)
    }
}

impl Stream for RowStream {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_row(cx)
    }
}
