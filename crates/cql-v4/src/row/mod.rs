//! Results to rows.
//!
//! A page keeps its cells as the bytes that came. [`Rows::typed`] compares the types of the columns with those of the
//! Rust row once, and then decodes row by row, as they are asked for; borrowed types (`&str`, `&[u8]`) point into the
//! page.
//!
//! Structs are read by the names of their columns. Which column is which field is found out once per page, so that
//! rows are read without looking up names:
//!
#![cfg_attr(feature = "derive", doc = "```")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! use cql_v4::{Error, FromRow, Rows};
//!
//! #[derive(FromRow)]
//! struct User<'a> {
//!     id: i64,
//!     #[cql(rename = "fullName")]
//!     name: &'a str,
//!     #[cql(default)]
//!     logins: i32,
//! }
//!
//! fn longest(rows: &Rows) -> Result<Option<usize>, Error> {
//!     let mut longest = None;
//!     for user in rows.typed::<User<'_>>()? {
//!         longest = longest.max(Some(user?.name.len()));
//!     }
//!     Ok(longest)
//! }
//! ```

mod cells;
mod from_row;
mod plan;
mod query_result;

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;

pub use cells::{RowCells, RowPlan};
pub use from_row::FromRow;
#[doc(hidden)]
pub use plan::{check_names, check_positions};
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
        let plan = T::check(&self.columns)?;
        Ok(self.read(Cursor {
            next: 0,
            offset: 0,
            plan,
        }))
    }

    /// The rows as values whose types are known at run time.
    pub fn iter(&self) -> RowIter<'_, Row> {
        self.read(Cursor::default())
    }

    fn read<T>(&self, from: Cursor) -> RowIter<'_, T> {
        RowIter {
            cells: RowCells::new(&self.columns, &self.cells, from.offset, from.plan),
            next: from.next,
            row_count: self.row_count,
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

    /// Begins to read rows as `T`, for readers that cannot keep an iterator.
    ///
    /// # Errors
    /// Those of [`Self::typed`].
    #[cfg(feature = "client")]
    pub(crate) fn cursor<'a, T: FromRow<'a>>(&'a self) -> Result<Cursor, Error> {
        let plan = T::check(&self.columns)?;
        Ok(Cursor {
            plan,
            ..Cursor::default()
        })
    }

    /// The row at `cursor`, which is of this page; moves on to the next.
    #[cfg(feature = "client")]
    pub(crate) fn next_at<'a, T: FromRow<'a>>(
        &'a self,
        cursor: &mut Cursor,
    ) -> Option<Result<T, Error>> {
        let mut iter = self.read::<T>(std::mem::take(cursor));
        let row = iter.next();
        *cursor = iter.into_cursor();
        row
    }
}

/// Where in a page a reader is, and how it reads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    /// Index of the row that is next.
    next: usize,
    /// Where its cells begin.
    offset: usize,
    plan: RowPlan,
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
    cells: RowCells<'a>,
    next: usize,
    row_count: usize,
    row: PhantomData<fn() -> T>,
}

impl<T> RowIter<'_, T> {
    #[cfg(feature = "client")]
    fn into_cursor(self) -> Cursor {
        let (offset, plan) = self.cells.into_parts();
        Cursor {
            next: self.next,
            offset,
            plan,
        }
    }
}

impl<'a, T: FromRow<'a>> RowIter<'a, T> {
    #[inline]
    fn read(&mut self) -> Result<T, Error> {
        let row = T::from_row(&mut self.cells);
        match row.and_then(|row| self.cells.end_row().map(|()| row)) {
            Ok(row) => Ok(row),
            Err(error) => Err(in_row(error, self.next)),
        }
    }
}

#[cold]
fn in_row(error: Error, row: usize) -> Error {
    error.context(format_args!("row {row}"))
}

impl<'a, T: FromRow<'a>> Iterator for RowIter<'a, T> {
    type Item = Result<T, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.row_count {
            return None;
        }
        let row = self.read();
        self.next = match row {
            Ok(_) => self.next.saturating_add(1),
            Err(_) => self.row_count,
        };
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.row_count.saturating_sub(self.next);
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

    /// The value of a column, by its index or its name; `None` if there is no such column. Names are as the server has
    /// them, so usually lower case; of columns with the same name it is the first.
    pub fn value(&self, column: impl ColumnIndex) -> Option<&Value> {
        self.values.get(column.index_in(&self.columns)?)
    }

    /// The values alone.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// What a column is found by: its index, from 0, or its name.
pub trait ColumnIndex {
    /// The index among these columns.
    fn index_in(&self, columns: &[Column]) -> Option<usize>;
}

impl ColumnIndex for usize {
    fn index_in(&self, _: &[Column]) -> Option<usize> {
        Some(*self)
    }
}

impl ColumnIndex for &str {
    fn index_in(&self, columns: &[Column]) -> Option<usize> {
        columns.iter().position(|column| column.name() == *self)
    }
}

impl ColumnIndex for &String {
    fn index_in(&self, columns: &[Column]) -> Option<usize> {
        self.as_str().index_in(columns)
    }
}
