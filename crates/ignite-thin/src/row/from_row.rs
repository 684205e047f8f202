//! Rows → Rust types.

use crate::codec::Decoder;
use crate::row::{Column, names};
use crate::types::{Decode, Value};
use crate::{Error, ErrorKind};

/// A type that a whole row is read as. Tuples of up to 12 are; types of your own read their columns one by one:
///
/// ```
/// use ignite_thin::{Error, FromRow, RowDecoder};
///
/// struct Person {
///     id: i32,
///     name: Option<String>,
/// }
///
/// impl FromRow for Person {
///     fn from_row(row: &mut RowDecoder<'_>) -> Result<Self, Error> {
///         let person = Self { id: row.next()?, name: row.next()? };
///         row.finish()?;
///         Ok(person)
///     }
/// }
/// ```
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// As [`RowDecoder::next`] and [`RowDecoder::finish`].
    fn from_row(row: &mut RowDecoder<'_>) -> Result<Self, Error>;
}

/// Reads the values of one row in the order of its columns.
#[derive(Debug)]
pub struct RowDecoder<'a> {
    columns: &'a [Column],
    from: Decoder<'a>,
    next: usize,
}

impl<'a> RowDecoder<'a> {
    pub(crate) fn new(columns: &'a [Column], from: Decoder<'a>) -> Self {
        Self {
            columns,
            from,
            next: 0,
        }
    }

    /// All columns of the row.
    pub fn columns(&self) -> &'a [Column] {
        self.columns
    }

    /// The next value.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if its type differs, or if no column is left; else as [`Decode::decode`].
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "each value has a type of its own, which an Iterator cannot say"
    )]
    pub fn next<T: Decode>(&mut self) -> Result<T, Error> {
        let Some(column) = self.columns.get(self.next) else {
            return Err(self.width(self.next.saturating_add(1)));
        };
        self.next = self.next.saturating_add(1);
        T::decode(&mut self.from).map_err(|e| e.context(format_args!("column {}", column.name)))
    }

    /// Demands that no column is left.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if one is.
    #[inline]
    pub fn finish(&self) -> Result<(), Error> {
        if self.next == self.columns.len() {
            Ok(())
        } else {
            Err(self.width(self.next))
        }
    }

    #[cold]
    fn width(&self, expected: usize) -> Error {
        Error::new(
            ErrorKind::Type,
            format!(
                "the row has {} columns ({}), expected {expected}",
                self.columns.len(),
                names(self.columns)
            ),
        )
    }
}

macro_rules! tuples {
    ($(($($name:ident),+) = $count:literal;)*) => {
        $(
            impl<$($name: Decode),+> FromRow for ($($name,)+) {
                fn from_row(row: &mut RowDecoder<'_>) -> Result<Self, Error> {
                    if row.columns.len() != $count {
                        return Err(row.width($count));
                    }
                    Ok(($(row.next::<$name>()?,)+))
                }
            }
        )*
    };
}

tuples! {
    (A) = 1;
    (A, B) = 2;
    (A, B, C) = 3;
    (A, B, C, D) = 4;
    (A, B, C, D, E) = 5;
    (A, B, C, D, E, F) = 6;
    (A, B, C, D, E, F, G) = 7;
    (A, B, C, D, E, F, G, H) = 8;
    (A, B, C, D, E, F, G, H, I) = 9;
    (A, B, C, D, E, F, G, H, I, J) = 10;
    (A, B, C, D, E, F, G, H, I, J, K) = 11;
    (A, B, C, D, E, F, G, H, I, J, K, L) = 12;
}

/// Whatever is there, in the order of the columns.
impl FromRow for Vec<Value> {
    fn from_row(row: &mut RowDecoder<'_>) -> Result<Self, Error> {
        (0..row.columns.len()).map(|_| row.next()).collect()
    }
}
