//! Rows to Rust types.

use std::sync::Arc;

use super::plan::{described, type_error};
use super::{Row, RowCells, RowPlan};
use crate::error::{Error, ErrorKind, Sent};
use crate::message::Column;
use crate::types::{Decode, Value};

/// A Rust type that a row can be read as: tuples of up to 16 values, with as many columns, structs with
/// `#[derive(FromRow)]`, and [`Row`].
pub trait FromRow<'a>: Sized {
    /// Compares the columns with what this type needs, and says how they are read; called once per page.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that does not fit.
    fn check(columns: &[Column]) -> Result<RowPlan, Error>;

    /// Reads a row of columns that [`Self::check`] has seen.
    ///
    /// # Errors
    /// Those of [`RowCells::value`].
    fn from_row(cells: &mut RowCells<'a>) -> Result<Self, Error>;
}

#[cold]
fn wrong_type<'a, T: Decode<'a>>(index: usize, column: &Column) -> Error {
    let rust = std::any::type_name::<T>();
    let text = format!(
        "column {index} `{}` is of type {}, which cannot be read as {rust}",
        column.name(),
        column.data_type()
    );
    type_error(text, T::why_not(column.data_type()))
}

#[cold]
fn wrong_count(columns: &[Column], wanted: usize) -> Error {
    let text = format!(
        "the result has {} columns ({}), but the row type has {wanted}",
        columns.len(),
        described(columns)
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

impl<'a> FromRow<'a> for Row {
    fn check(_: &[Column]) -> Result<RowPlan, Error> {
        Ok(RowPlan::IN_ORDER)
    }

    fn from_row(cells: &mut RowCells<'a>) -> Result<Self, Error> {
        let values = (0..cells.columns().len())
            .map(|_| cells.value::<Value>())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            columns: Arc::clone(cells.columns()),
            values,
        })
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {
        $(
            impl<'a, $($name: Decode<'a>),+> FromRow<'a> for ($($name,)+) {
                fn check(columns: &[Column]) -> Result<RowPlan, Error> {
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
                    Ok(RowPlan::IN_ORDER)
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
