//! Rows as tuples.

use crate::column::{Column, Decode, Values};
use crate::error::{Error, ErrorKind};

/// A Rust type that rows can be read as: tuples of up to twelve [`Decode`] types.
///
/// Columns are matched by position. A result of one column is read as `(T,)`.
pub trait FromRow<'a>: Sized {
    /// Where the values of the columns of a block are.
    type Sources: 'a;

    /// Whether `columns` can be read as this; asked once for a result.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that cannot, and why.
    fn check(columns: &[Column]) -> Result<(), Error>;

    /// Finds the values of columns that were checked; once for each block.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if they are other columns than those that were checked.
    fn sources(columns: &'a [Column]) -> Result<Self::Sources, Error>;

    /// The row at `row`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a text is not UTF-8 or an enum's value has no label.
    fn from_row(sources: &Self::Sources, columns: &'a [Column], row: usize) -> Result<Self, Error>;
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

/// The value of `column` at `row`, whose type was checked.
pub(super) fn decode<'a, T: Decode<'a>>(column: &'a Column, row: usize) -> Result<T, Error> {
    match column.cell(row).decode() {
        Some(value) => Ok(value),
        None => Err(bad_value(Some(column), row)),
    }
}

/// Where the values of column `index` are.
pub(super) fn source<'a, T: Decode<'a>>(
    columns: &'a [Column],
    index: usize,
) -> Result<T::Source, Error> {
    let column = columns.get(index);
    let source = column.and_then(|c| T::source(Values::all(c.data_type(), c.data())));
    source.ok_or_else(|| missing(columns, index))
}

#[cold]
pub(super) fn bad_value(column: Option<&Column>, row: usize) -> Error {
    let text = format!(
        "row {row} of column {} holds text that is not UTF-8, or an enum's value without a label; read it as &[u8] or \
         as a number",
        column.map_or("", Column::name)
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
                type Sources = ($($ty::Source,)+);

                fn check(columns: &[Column]) -> Result<(), Error> {
                    count(columns, $len)?;
                    $(
                        if let Some(column) = columns.get($i) {
                            accepts::<$ty>(column, $i)?;
                        }
                    )+
                    Ok(())
                }

                fn sources(columns: &'a [Column]) -> Result<Self::Sources, Error> {
                    Ok(($(source::<$ty>(columns, $i)?,)+))
                }

                #[inline]
                fn from_row(
                    sources: &Self::Sources,
                    columns: &'a [Column],
                    row: usize,
                ) -> Result<Self, Error> {
                    Ok(($(
                        match $ty::at(&sources.$i, row) {
                            Some(value) => value,
                            None => return Err(bad_value(columns.get($i), row)),
                        },
                    )+))
                }
            }
        )*
    };
}

#[cold]
fn missing(columns: &[Column], index: usize) -> Error {
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    let text = format!(
        "column {index} of the block ({}) is not what the result announced",
        names.join(", ")
    );
    Error::new(ErrorKind::Type, text)
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
