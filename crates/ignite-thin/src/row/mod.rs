//! Rows of statements: found by skipping, decoded when asked for.

mod from_row;

pub use from_row::{FromRow, RowDecoder};

use std::sync::Arc;

use bytes::Bytes;

use crate::codec::Decoder;
use crate::limits::Limits;
use crate::message::Page;
use crate::types::{Decode, Value, skip};
use crate::{Error, ErrorKind};

/// A column of an answer. Each value carries its own type, so a column has a name only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Column {
    /// The name, as the server spells it: upper case unless it was quoted.
    pub name: String,
}

impl Column {
    /// A column of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// A row. Cheap to clone: it shares the memory of the page that brought it.
#[derive(Clone)]
pub struct Row {
    columns: Arc<[Column]>,
    values: Bytes,
    limits: Limits,
}

impl Row {
    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// About the memory that it takes: its part of the page and itself.
    #[cfg(feature = "client")]
    pub(crate) fn size(&self) -> usize {
        self.values.len().saturating_add(size_of::<Self>())
    }

    /// The whole row as `T`: a tuple with a type for each column, or a type of your own.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the number of columns or a type differs, naming the column; else as [`Decode::decode`].
    pub fn decode<T: FromRow>(&self) -> Result<T, Error> {
        T::from_row(&mut RowDecoder::new(
            &self.columns,
            Decoder::new(&self.values, &self.limits),
        ))
    }

    /// The value in column `index`, from 0.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] if there is no such column; else as [`Decode::decode`].
    pub fn value<T: Decode>(&self, index: usize) -> Result<T, Error> {
        let Some(column) = self.columns.get(index) else {
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("column {index} of a row of {} columns", self.columns.len()),
            ));
        };
        let mut from = Decoder::new(&self.values, &self.limits);
        (0..index).try_for_each(|_| skip(&mut from))?;
        T::decode(&mut from).map_err(|e| e.context(format_args!("column {}", column.name)))
    }

    /// The value in the column of this name; upper and lower case are the same, as in SQL.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] if there is no such column; else as [`Decode::decode`].
    pub fn value_of<T: Decode>(&self, column: &str) -> Result<T, Error> {
        let found = self
            .columns
            .iter()
            .position(|c| c.name.eq_ignore_ascii_case(column));
        match found {
            Some(index) => self.value(index),
            None => Err(Error::new(
                ErrorKind::Misuse,
                format!("no column {column}; there are {}", names(&self.columns)),
            )),
        }
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut from = Decoder::new(&self.values, &self.limits);
        let mut out = f.debug_map();
        for column in self.columns.iter() {
            match Value::decode(&mut from) {
                Ok(value) => out.entry(&column.name, &value),
                Err(error) => return out.entry(&column.name, &error).finish(),
            };
        }
        out.finish()
    }
}

fn names(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}

/// Cuts a page into rows of `width` values.
#[derive(Debug)]
pub(crate) struct Cutter {
    rest: Bytes,
    left: usize,
    width: usize,
    limits: Limits,
}

impl Cutter {
    pub(crate) fn new(page: Page, width: usize, limits: Limits) -> Self {
        Self {
            rest: page.values,
            left: page.rows,
            width,
            limits,
        }
    }

    /// The bytes of the next row. After an error no further row is found.
    ///
    /// # Errors
    /// The row is not what the protocol says, or bytes are left behind the last.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let mut from = Decoder::new(&self.rest, &self.limits);
        let Some(left) = self.left.checked_sub(1) else {
            let end = from.finish("page");
            self.rest = Bytes::new();
            return end.map(|()| None);
        };
        self.left = 0;
        (0..self.width).try_for_each(|_| skip(&mut from))?;
        let len = from.offset();
        self.left = left;
        Ok(Some(self.rest.split_to(len)))
    }
}

/// Rows of one statement, from pages.
#[derive(Debug)]
pub(crate) struct RowCutter {
    columns: Arc<[Column]>,
    cutter: Cutter,
    limits: Limits,
}

impl RowCutter {
    pub(crate) fn new(columns: Arc<[Column]>, page: Page, limits: Limits) -> Self {
        let cutter = Cutter::new(page, columns.len(), limits);
        Self {
            columns,
            cutter,
            limits,
        }
    }

    /// The next row.
    ///
    /// # Errors
    /// As [`Cutter::next`].
    pub(crate) fn next(&mut self) -> Result<Option<Row>, Error> {
        let values = self.cutter.next()?;
        Ok(values.map(|values| Row {
            columns: Arc::clone(&self.columns),
            values,
            limits: self.limits,
        }))
    }
}

/// All rows of an answer.
#[derive(Debug, Clone)]
pub struct Rows {
    columns: Arc<[Column]>,
    rows: Vec<Row>,
}

impl Rows {
    #[cfg(feature = "client")]
    pub(crate) fn new(columns: Arc<[Column]>, rows: Vec<Row>) -> Self {
        Self { columns, rows }
    }

    /// Cuts the pages of an answer with these columns into rows.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if a page does not hold what it says.
    pub fn from_pages(
        columns: impl IntoIterator<Item = Column>,
        pages: impl IntoIterator<Item = Page>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let columns: Arc<[Column]> = columns.into_iter().collect();
        let mut rows = Vec::new();
        for page in pages {
            let mut cutter = RowCutter::new(Arc::clone(&columns), page, limits);
            while let Some(row) = cutter.next()? {
                rows.push(row);
            }
        }
        Ok(Self { columns, rows })
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.rows.iter()
    }

    /// All rows as `T`.
    ///
    /// # Errors
    /// As [`Row::decode`], naming the row; the first that fails.
    pub fn decode<T: FromRow>(&self) -> Result<Vec<T>, Error> {
        let row = |(i, row): (usize, &Row)| {
            row.decode()
                .map_err(|error| error.context(format_args!("row {i}")))
        };
        self.rows.iter().enumerate().map(row).collect()
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = std::vec::IntoIter<Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Encoder;
    use crate::types::Encode;

    fn cutter(rows: usize, values: &[&dyn Encode]) -> RowCutter {
        let mut out = Vec::new();
        values
            .iter()
            .for_each(|v| v.encode(&mut Encoder::new(&mut out)).unwrap());
        let columns = Arc::from([Column::new("ID"), Column::new("NAME")]);
        RowCutter::new(
            columns,
            Page::new(rows, out.into(), false),
            Limits::default(),
        )
    }

    #[test]
    fn rows_are_read_by_tuple_by_index_and_by_name() {
        let mut rows = cutter(2, &[&1_i32, &"one", &2_i32, &None::<i32>]);
        let row = rows.next().unwrap().unwrap();
        assert_eq!(
            row.decode::<(i32, String)>().unwrap(),
            (1, "one".to_owned())
        );
        assert_eq!(row.value::<String>(1).unwrap(), "one");
        assert_eq!(row.value_of::<i32>("id").unwrap(), 1);
        assert_eq!(
            format!("{row:?}"),
            r#"{"ID": Int(1), "NAME": String("one")}"#
        );
        assert!(
            row.value_of::<i32>("X")
                .unwrap_err()
                .to_string()
                .contains("there are ID, NAME")
        );
        assert_eq!(row.value::<i32>(2).unwrap_err().kind(), ErrorKind::Misuse);

        let row = rows.next().unwrap().unwrap();
        assert_eq!(row.decode::<(i32, Option<String>)>().unwrap(), (2, None));
        let error = row.decode::<(i32, String)>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(
            error
                .to_string()
                .starts_with("column NAME: expected String (9), found null"),
            "{error}"
        );
        let error = row.decode::<(i32,)>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the row has 2 columns (ID, NAME), expected 1"
        );
        assert!(rows.next().unwrap().is_none());
    }

    #[test]
    fn a_page_that_lies_about_its_rows_is_an_error() {
        let mut short = cutter(2, &[&1_i32, &"one", &2_i32]);
        short.next().unwrap().unwrap();
        assert_eq!(short.next().unwrap_err().kind(), ErrorKind::Decode);
        let mut long = cutter(1, &[&1_i32, &"one", &2_i32]);
        long.next().unwrap().unwrap();
        assert_eq!(long.next().unwrap_err().kind(), ErrorKind::Decode);
    }
}
