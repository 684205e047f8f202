//! Rows to Rust types.

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, Reader};

use super::Row;
use crate::codec::prim;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::Column;
use crate::types::{Cell, Decode, Value, decode_cell};

/// A Rust type that a row can be read as: tuples of up to 16 values, with as many columns, and [`Row`].
pub trait FromRow<'a>: Sized {
    /// Compares the columns with what this type needs; called once per page.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that does not fit.
    fn check(columns: &[Column]) -> Result<(), Error>;

    /// Reads a row of columns that [`Self::check`] has seen.
    ///
    /// # Errors
    /// Those of [`RowCells::value`].
    fn from_row(cells: &mut RowCells<'a>) -> Result<Self, Error>;
}

/// The cells of one row, in order.
#[derive(Debug)]
pub struct RowCells<'a> {
    r: Reader<'a>,
    columns: &'a Arc<[Column]>,
    backing: &'a Bytes,
    index: usize,
}

impl<'a> RowCells<'a> {
    #[inline]
    pub(super) fn new(r: Reader<'a>, columns: &'a Arc<[Column]>, backing: &'a Bytes) -> Self {
        Self {
            r,
            columns,
            backing,
            index: 0,
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

    #[cold]
    fn no_more(&self) -> Error {
        let text = format!(
            "the row has {} cells; more were asked for",
            self.columns.len()
        );
        Error::new(ErrorKind::Misuse, text)
    }

    /// Passes over the cells that nobody asked for.
    #[inline]
    pub(super) fn finish(mut self) -> Result<Reader<'a>, DecodeError> {
        for _ in self.index..self.columns.len() {
            prim::cell(&mut self.r, "cell")?;
        }
        Ok(self.r)
    }
}

#[cold]
fn in_column(error: Error, column: &Column) -> Error {
    error.context(format_args!("column `{}`", column.name()))
}

#[cold]
fn wrong_type<T>(index: usize, column: &Column) -> Error {
    let rust = std::any::type_name::<T>();
    Error::new(
        ErrorKind::Type,
        format!(
            "column {index} `{}` is of type {}, which cannot be read as {rust}",
            column.name(),
            column.data_type()
        ),
    )
    .with_sent(Sent::Yes)
}

#[cold]
fn wrong_count(columns: &[Column], wanted: usize) -> Error {
    let names: Vec<&str> = columns.iter().map(Column::name).collect();
    let text = format!(
        "the result has {} columns ({}), but the row type has {wanted}",
        columns.len(),
        names.join(", ")
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

impl<'a> FromRow<'a> for Row {
    fn check(_: &[Column]) -> Result<(), Error> {
        Ok(())
    }

    fn from_row(cells: &mut RowCells<'a>) -> Result<Self, Error> {
        let values = (0..cells.columns.len())
            .map(|_| cells.value::<Value>())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            columns: Arc::clone(cells.columns),
            values,
        })
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {
        $(
            impl<'a, $($name: Decode<'a>),+> FromRow<'a> for ($($name,)+) {
                fn check(columns: &[Column]) -> Result<(), Error> {
                    const ARITY: usize = [$($index),+].len();
                    if columns.len() != ARITY {
                        return Err(wrong_count(columns, ARITY));
                    }
                    $(
                        if let Some(column) = columns.get($index)
                            && !$name::accepts(column.data_type())
                        {
                            return Err(wrong_type::<$name>($index, column));
                        }
                    )+
                    Ok(())
                }

                #[inline]
                fn from_row(cells: &mut RowCells<'a>) -> Result<Self, Error> {
                    Ok(($(cells.value::<$name>()?,)+))
                }
            }
        )*
    };
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15;
}
