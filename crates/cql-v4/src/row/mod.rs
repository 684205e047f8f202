//! Results to rows.
//!
//! A page keeps its cells as the bytes that came. [`Rows::typed`] compares the types of the columns with those of the
//! Rust row once, and then decodes row by row, as they are asked for; borrowed types (`&str`, `&[u8]`) point into the
//! page.

mod from_row;
mod query_result;

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeResultExt, Reader};

pub use from_row::{FromRow, RowCells};
pub use query_result::QueryResult;

use crate::error::{Error, ErrorKind, Sent};
use crate::message::{Column, RowsMessage};
use crate::types::Value;

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Rows {
    columns: Arc<[Column]>,
    row_count: usize,
    paging_state: Option<Bytes>,
    cells: Bytes,
}

impl TryFrom<RowsMessage> for Rows {
    type Error = Error;

    /// Fails if the server left out the metadata, without which cells cannot be read.
    fn try_from(message: RowsMessage) -> Result<Self, Error> {
        let Some(columns) = message.columns else {
            let text = "the server left out the column metadata although it was asked for";
            return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
        };
        Ok(Self {
            columns,
            row_count: message.row_count,
            paging_state: message.paging_state,
            cells: message.cells,
        })
    }
}

impl Rows {
    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Rows in this page.
    pub fn len(&self) -> usize {
        self.row_count
    }

    /// Whether this page has no rows; further pages may have some.
    pub fn is_empty(&self) -> bool {
        self.row_count == 0
    }

    /// Where the next page begins; `None` if this was the last. Opaque, and valid for the same statement, values and
    /// protocol version only.
    pub fn paging_state(&self) -> Option<&Bytes> {
        self.paging_state.as_ref()
    }

    /// The rows as `T`, usually a tuple with a type per column.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a column has a type that `T` cannot be read from.
    pub fn typed<'a, T: FromRow<'a>>(&'a self) -> Result<RowIter<'a, T>, Error> {
        T::check(&self.columns)?;
        Ok(RowIter {
            rows: self,
            r: Reader::over(&self.cells),
            next: 0,
            row: PhantomData,
        })
    }

    /// The rows as values whose types are known at run time.
    pub fn iter(&self) -> RowIter<'_, Row> {
        RowIter {
            rows: self,
            r: Reader::over(&self.cells),
            next: 0,
            row: PhantomData,
        }
    }

    /// All rows of this page as `T`.
    ///
    /// # Errors
    /// Those of [`Self::typed`] and of reading each row.
    pub fn to_vec<'a, T: FromRow<'a>>(&'a self) -> Result<Vec<T>, Error> {
        self.typed()?.collect()
    }

    /// The first row as `T`; `None` if there is none.
    ///
    /// # Errors
    /// Those of [`Self::typed`] and of reading the row.
    pub fn first<'a, T: FromRow<'a>>(&'a self) -> Result<Option<T>, Error> {
        self.typed()?.next().transpose()
    }

    /// Row `next`, whose cells begin `offset` bytes into the page; also where the next one begins. For readers that
    /// cannot keep an iterator.
    #[cfg(feature = "client")]
    pub(crate) fn read_at<'a, T: FromRow<'a>>(
        &'a self,
        next: usize,
        offset: usize,
    ) -> Result<(T, usize), Error> {
        let mut r = Reader::over(&self.cells);
        r.skip("rows", offset)
            .map_err(|e| Error::undecodable("the page", e))?;
        let mut iter: RowIter<'a, T> = RowIter {
            rows: self,
            r,
            next,
            row: PhantomData,
        };
        let row = iter.read()?;
        Ok((row, iter.r.offset()))
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Result<Row, Error>;
    type IntoIter = RowIter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Reads the rows of a page one by one. Ends after the first error.
#[derive(Debug)]
pub struct RowIter<'a, T> {
    rows: &'a Rows,
    r: Reader<'a>,
    next: usize,
    row: PhantomData<fn() -> T>,
}

impl<'a, T: FromRow<'a>> RowIter<'a, T> {
    #[inline]
    fn read(&mut self) -> Result<T, Error> {
        let mut cells = RowCells::new(self.r, &self.rows.columns, &self.rows.cells);
        let row =
            T::from_row(&mut cells).map_err(|e| e.context(format_args!("row {}", self.next)))?;
        self.r = cells
            .finish()
            .at("rows", self.next)
            .map_err(|e| Error::undecodable("the page", e))?;
        Ok(row)
    }
}

impl<'a, T: FromRow<'a>> Iterator for RowIter<'a, T> {
    type Item = Result<T, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.rows.row_count {
            return None;
        }
        let row = self.read();
        self.next = match row {
            Ok(_) => self.next.saturating_add(1),
            Err(_) => self.rows.row_count,
        };
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rows.row_count.saturating_sub(self.next);
        (0, Some(left))
    }
}

/// A row of values whose types are known at run time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    columns: Arc<[Column]>,
    values: Vec<Value>,
}

impl Row {
    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values, in the order of the columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value of the column of this name, if there is one; names are as the server has them, so usually lower case.
    pub fn value(&self, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|c| c.name() == column)?;
        self.values.get(index)
    }

    /// The values alone.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}
