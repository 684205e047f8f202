//! What queries answer: a cursor and pages.
//!
//! ```text
//! scan   i64 cursor · page                      page = i32 rows · rows × values · bool more
//! SQL    i64 cursor · i32 columns · columns × text · page
//! ```
//!
//! A cursor is there even when its first page is its last; the server frees it when it sends the page without
//! `more`.

use bytes::Bytes;

use crate::Error;
use crate::codec::{Decoder, Encoder, prim};

/// A page of rows or entries, not decoded yet. Shares the memory of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// How many rows or entries.
    pub rows: usize,
    /// Their values, one after another.
    pub values: Bytes,
    /// Whether the cursor has more pages.
    pub more: bool,
}

impl Page {
    /// A page of `rows` rows whose values are written in `values`.
    pub const fn new(rows: usize, values: Bytes, more: bool) -> Self {
        Self { rows, values, more }
    }

    /// Reads a page of rows of `columns` values each, to the end of the message.
    pub(crate) fn decode(from: &mut Decoder<'_>, columns: usize) -> Result<Self, Error> {
        let rows = from.count("number of rows", columns)?;
        let Some(len) = from.left().checked_sub(1) else {
            return from
                .bool("more")
                .map(|more| Self::new(rows, Bytes::new(), more));
        };
        let values = from.bytes("rows", len)?;
        Ok(Self {
            rows,
            values,
            more: from.bool("more")?,
        })
    }

    pub(crate) fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.count("number of rows", self.rows)?;
        to.raw(&self.values);
        to.bool(self.more);
        Ok(())
    }
}

/// The answer to a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cursor {
    /// Id of the cursor on this connection.
    pub id: i64,
    /// The first page.
    pub page: Page,
}

impl Cursor {
    /// A cursor and its first page.
    pub const fn new(id: i64, page: Page) -> Self {
        Self { id, page }
    }
}

/// The answer to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlCursor {
    /// Id of the cursor on this connection.
    pub id: i64,
    /// Names of the columns. A statement that changes data has one, `UPDATED`, and one row: the count as a long.
    pub columns: Vec<String>,
    /// The first page.
    pub page: Page,
}

impl SqlCursor {
    /// A cursor, its columns and its first page.
    pub const fn new(id: i64, columns: Vec<String>, page: Page) -> Self {
        Self { id, columns, page }
    }

    pub(crate) fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let id = from.i64("cursor id")?;
        let n = from.count("number of columns", 1)?;
        let columns = (0..n)
            .map(|_| prim::read_opt_str(from, "column name").map(Option::unwrap_or_default))
            .collect::<Result<Vec<_>, _>>()?;
        let page = Page::decode(from, columns.len())?;
        Ok(Self { id, columns, page })
    }

    pub(crate) fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i64(self.id);
        to.count("number of columns", self.columns.len())?;
        self.columns
            .iter()
            .try_for_each(|name| prim::write_str(to, name))?;
        self.page.encode(to)
    }
}
