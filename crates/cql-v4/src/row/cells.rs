//! The cells of a row, and the plan by which they are read.

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, Reader};

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
    r: Reader<'a>,
    columns: &'a Arc<[Column]>,
    backing: &'a Bytes,
    index: usize,
    plan: RowPlan,
}

impl<'a> RowCells<'a> {
    #[inline]
    pub(super) fn new(
        r: Reader<'a>,
        columns: &'a Arc<[Column]>,
        backing: &'a Bytes,
        plan: RowPlan,
    ) -> Self {
        Self {
            r,
            columns,
            backing,
            index: 0,
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
        let Some(column) = self.columns.get(self.index) else {
            return Err(self.no_more());
        };
        self.index = self.index.saturating_add(1);
        let data = prim::cell(&mut self.r, "cell")
            .map_err(|e| in_column(Error::undecodable("the page", e), column))?;
        let cell = data.map(|data| Cell::new(data, self.backing));
        decode_cell(column.data_type(), cell).map_err(|e| in_column(e.with_sent(Sent::Yes), column))
    }

    pub(super) fn columns(&self) -> &'a Arc<[Column]> {
        self.columns
    }

    /// Passes over the next cell.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the page ends before it.
    pub fn skip(&mut self) -> Result<(), Error> {
        self.index = self.index.saturating_add(1);
        prim::cell(&mut self.r, "cell")
            .map(|_| ())
            .map_err(|e| Error::undecodable("the page", e))
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
        self.plan.fields.as_ref()?.get(self.index).copied()
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
    pub(super) fn end_row(&mut self) -> Result<(), DecodeError> {
        for _ in self.index..self.columns.len() {
            prim::cell(&mut self.r, "cell")?;
        }
        self.index = 0;
        Ok(())
    }

    /// Where it stands, and the plan.
    #[cfg(feature = "client")]
    pub(super) fn into_parts(self) -> (usize, RowPlan) {
        (self.r.offset(), self.plan)
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
    error.context(format_args!("column `{}`", column.name()))
}
