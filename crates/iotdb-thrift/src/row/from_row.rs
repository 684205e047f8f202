//! Rows as Rust types.

use super::{Column, Row, misfit};
use crate::error::{Error, ErrorKind, Sent};
use crate::types::{Decode, Value};

/// A type that rows can become: tuples of up to 16 elements, one for each column, and `Vec<Value>`.
///
/// ```
/// # fn example(rows: &iotdb_thrift::Rows) -> Result<(), iotdb_thrift::Error> {
/// // select temperature, status from root.plant.d1: the time comes first.
/// for row in rows.typed::<(i64, f64, Option<&str>)>()? {
///     let (time, temperature, status) = row?;
/// #   let _ = (time, temperature, status);
/// }
/// # Ok(())
/// # }
/// ```
pub trait FromRow<'r>: Sized {
    /// Whether rows with these columns can become this type. Asked once per result.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that does not fit.
    fn check(columns: &[Column]) -> Result<(), Error>;

    /// The row as this type; its columns passed [`Self::check`].
    ///
    /// # Errors
    /// [`ErrorKind::Type`] for a null where this type has none, [`ErrorKind::Decode`] for text that is not UTF-8.
    fn from_row(row: Row<'r>) -> Result<Self, Error>;
}

impl<'r> FromRow<'r> for Vec<Value> {
    fn check(_: &[Column]) -> Result<(), Error> {
        Ok(())
    }

    fn from_row(row: Row<'r>) -> Result<Self, Error> {
        Ok(row.values())
    }
}

macro_rules! tuples {
    ($(($count:literal: $($name:ident $index:tt),+))*) => {
        $(impl<'r, $($name: Decode<'r>),+> FromRow<'r> for ($($name,)+) {
            fn check(columns: &[Column]) -> Result<(), Error> {
                if columns.len() != $count {
                    return Err(wrong_count($count, columns));
                }
                $(if let Some(column) = columns.get($index) {
                    if !$name::accepts(column.data_type()) {
                        return Err(misfit(column, std::any::type_name::<$name>()));
                    }
                })+
                Ok(())
            }

            #[inline]
            fn from_row(row: Row<'r>) -> Result<Self, Error> {
                let columns = row.columns();
                Ok(($(match columns.get($index) {
                    Some(column) => row.decode::<$name>($index, column)?,
                    None => return Err(wrong_count($count, columns)),
                },)+))
            }
        })*
    };
}

tuples! {
    (1: A 0)
    (2: A 0, B 1)
    (3: A 0, B 1, C 2)
    (4: A 0, B 1, C 2, D 3)
    (5: A 0, B 1, C 2, D 3, E 4)
    (6: A 0, B 1, C 2, D 3, E 4, F 5)
    (7: A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
    (13: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12)
    (14: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13)
    (15: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14)
    (16: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15)
}

#[cold]
fn wrong_count(wanted: usize, columns: &[Column]) -> Error {
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    let text = format!(
        "the result has {} columns ({}), which does not become a tuple of {wanted}",
        columns.len(),
        names.join(", ")
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}
