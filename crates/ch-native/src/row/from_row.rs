//! Rows as tuples.

use crate::column::{Column, Decode};
use crate::error::{Error, ErrorKind};

/// A Rust type that rows can be read as: tuples of up to twelve [`Decode`] types.
///
/// Columns are matched by position. A result of one column is read as `(T,)`.
pub trait FromRow<'a>: Sized {
    /// Whether `columns` can be read as this; asked once for a result.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that cannot, and why.
    fn check(columns: &[Column]) -> Result<(), Error>;

    /// The row at `row` of columns that were checked.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a text is not UTF-8 or an enum's value has no label.
    fn from_row(columns: &'a [Column], row: usize) -> Result<Self, Error>;
}

/// Whether `column`, which stands at `index`, can be read as `T`.
pub(super) fn accepts<'a, T: Decode<'a>>(column: &Column, index: usize) -> Result<(), Error> {
    let ty = column.data_type();
    if T::accepts(ty) {
        return Ok(());
    }
    let hint = if ty.is_nullable() {
        "; use Option for values that may be NULL"
    } else {
        ""
    };
    let text = format!(
        "column {index} ({}) is {ty}, which cannot be read as {}{hint}",
        column.name(),
        std::any::type_name::<T>()
    );
    Err(Error::new(ErrorKind::Type, text))
}

#[inline]
pub(super) fn decode<'a, T: Decode<'a>>(column: &'a Column, row: usize) -> Result<T, Error> {
    match T::decode(column.cell(row)) {
        Some(value) => Ok(value),
        None => Err(bad_value(column, row)),
    }
}

#[cold]
fn bad_value(column: &Column, row: usize) -> Error {
    let text = format!(
        "row {row} of column {} holds text that is not UTF-8, or an enum's value without a label; read it as &[u8] or \
         as a number",
        column.name()
    );
    Error::new(ErrorKind::Type, text)
}

fn count(columns: &[Column], wanted: usize) -> Result<(), Error> {
    if columns.len() == wanted {
        return Ok(());
    }
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    let text = format!(
        "the result has {} columns ({}), but the row type has {wanted} members",
        columns.len(),
        names.join(", ")
    );
    Err(Error::new(ErrorKind::Type, text))
}

macro_rules! rows {
    ($($len:literal: $($ty:ident $i:tt),+;)*) => {
        $(
            impl<'a, $($ty: Decode<'a>),+> FromRow<'a> for ($($ty,)+) {
                fn check(columns: &[Column]) -> Result<(), Error> {
                    count(columns, $len)?;
                    $(
                        if let Some(column) = columns.get($i) {
                            accepts::<$ty>(column, $i)?;
                        }
                    )+
                    Ok(())
                }

                #[inline]
                fn from_row(columns: &'a [Column], row: usize) -> Result<Self, Error> {
                    Ok(($(
                        match columns.get($i) {
                            Some(column) => decode::<$ty>(column, row)?,
                            None => return Err(missing($i)),
                        },
                    )+))
                }
            }
        )*
    };
}

#[cold]
fn missing(index: usize) -> Error {
    Error::new(ErrorKind::Type, format!("the result has no column {index}"))
}

rows! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}
