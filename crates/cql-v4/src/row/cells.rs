//! The cells of a row, and the plan by which they are read.

use std::sync::Arc;

use bytes::Bytes;
use wire_core::Reader;

use crate::codec::prim;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::Column;
use crate::types::fields::{AsRow, Cells, DecodeFields};
use crate::types::{Cell, Decode, decode_cell};

/// How the cells of a row become what they are read as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPlan {
    /// Which field each cell is; `None` if the cells are the fields, in their order, and perhaps more cells.
    fields: Option<Box<[u16]>>,
}

/// A cell that is not read.
pub(super) const PASS: u16 = u16::MAX;

impl RowPlan {
    /// The cells are read in their order.
    pub const IN_ORDER: Self = Self { fields: None };

    /// A field, or [`PASS`], for each cell; cells beyond are not read.
    pub(super) fn of(fields: Box<[u16]>) -> Self {
        Self {
            fields: Some(fields),
        }
    }
}

/// The cells of one row, in order.
#[derive(Debug)]
pub struct RowCells<'a> {
    /// The page from the next cell on.
    rest: &'a [u8],
    /// The columns from that of the next cell on.
    left: std::slice::Iter<'a, Column>,
    columns: &'a Arc<[Column]>,
    backing: &'a Bytes,
    plan: RowPlan,
}

impl<'a> RowCells<'a> {
    /// The cells from the beginning of a row, which is `offset` bytes into `backing`.
    #[inline]
    pub(super) fn new(
        columns: &'a Arc<[Column]>,
        backing: &'a Bytes,
        offset: usize,
        plan: RowPlan,
    ) -> Self {
        Self {
            // A row begins within its page.
            rest: backing.get(offset..).unwrap_or(&[]),
            left: columns.iter(),
            columns,
            backing,
            plan,
        }
    }

    /// The next cell as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if it is null and `T` has no place for that; [`ErrorKind::Decode`] if its bytes are not a
    /// value of its type; [`ErrorKind::Misuse`] if there are no more cells.
    #[inline]
    pub fn value<T: Decode<'a>>(&mut self) -> Result<T, Error> {
        let Some(column) = self.left.next() else {
            return Err(self.no_more());
        };
        let Some(data) = self.next_cell() else {
            return Err(in_column(self.damaged(), column));
        };
        let cell = data.map(|data| Cell::new(data, self.backing));
        match decode_cell(column.data_type(), cell) {
            Ok(value) => Ok(value),
            Err(error) => Err(in_column(error, column)),
        }
    }

    /// Passes over the next cell.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the page ends before it.
    pub fn skip(&mut self) -> Result<(), Error> {
        self.left.next();
        match self.next_cell() {
            Some(_) => Ok(()),
            None => Err(self.damaged()),
        }
    }

    /// Reads a `[bytes]`, of which any negative length is null. `None` if the page ends before its end; then nothing
    /// is read. This is [`prim::cell`] without the bookkeeping for errors, for the sake of speed.
    #[inline]
    fn next_cell(&mut self) -> Option<Option<&'a [u8]>> {
        let (n, rest) = self.rest.split_first_chunk()?;
        let (data, rest) = match usize::try_from(i32::from_be_bytes(*n)) {
            Ok(n) => {
                let (data, rest) = rest.split_at_checked(n)?;
                (Some(data), rest)
            }
            Err(_) => (None, rest),
        };
        self.rest = rest;
        Some(data)
    }

    /// Why the next cell cannot be read.
    #[cold]
    fn damaged(&self) -> Error {
        let mut r = Reader::over(self.backing);
        let cause = r
            .skip("rows", self.offset())
            .and_then(|()| prim::cell(&mut r, "cell"));
        match cause {
            Err(cause) => Error::undecodable("the page", cause),
            Ok(_) => self.no_more(),
        }
    }

    fn offset(&self) -> usize {
        self.backing.len().saturating_sub(self.rest.len())
    }

    pub(super) fn columns(&self) -> &'a Arc<[Column]> {
        self.columns
    }

    /// Reads a struct as the plan says: what `#[derive(FromRow)]` does.
    ///
    /// # Errors
    /// Those of [`Self::value`].
    #[doc(hidden)]
    #[inline]
    pub fn fields<T: DecodeFields<'a, AsRow>>(&mut self) -> Result<T, Error> {
        if self.plan.fields.is_none() {
            return T::read_in_order(self);
        }
        let mut slots = T::Slots::default();
        while let Some(field) = self.planned() {
            match field {
                PASS => self.skip()?,
                field => T::read(usize::from(field), &mut slots, self)?,
            }
        }
        T::finish(slots)
    }

    #[inline]
    fn planned(&self) -> Option<u16> {
        let index = self.columns.len().checked_sub(self.left.len())?;
        self.plan.fields.as_ref()?.get(index).copied()
    }

    #[cold]
    fn no_more(&self) -> Error {
        let text = format!(
            "the row has {} cells; more were asked for",
            self.columns.len()
        );
        Error::new(ErrorKind::Misuse, text)
    }

    /// Passes over the cells that nobody asked for, to the beginning of the next row.
    #[inline]
    pub(super) fn end_row(&mut self) -> Result<(), Error> {
        while !self.left.as_slice().is_empty() {
            self.skip()?;
        }
        self.left = self.columns.iter();
        Ok(())
    }

    /// Where it stands, and the plan.
    #[cfg(feature = "client")]
    pub(super) fn into_parts(self) -> (usize, RowPlan) {
        (self.offset(), self.plan)
    }
}

impl<'a> Cells<'a> for RowCells<'a> {
    #[inline]
    fn value<T: Decode<'a>>(&mut self) -> Result<T, Error> {
        RowCells::value(self)
    }
}

#[cold]
fn in_column(error: Error, column: &Column) -> Error {
    error
        .with_sent(Sent::Yes)
        .context(format_args!("column `{}`", column.name()))
}
