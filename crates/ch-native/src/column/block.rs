//! Blocks: some rows of some columns, the unit of every result and insert.

use std::fmt;
use std::sync::Arc;

use super::build::Encode;
use super::cell::Cell;
use super::check::check;
use super::data::ColumnData;
use super::spares::Home;
use crate::error::{Error, ErrorKind};
use crate::types::{DataType, Value};

/// Some rows of some columns.
///
/// While the result that a block came from is being read, dropping the block lets the next one have its memory.
#[derive(Default)]
pub struct Block {
    pub(super) rows: usize,
    pub(super) columns: Vec<Column>,
    pub(super) home: Home,
}

/// A column of a block: name, type and values.
#[derive(Clone, PartialEq)]
pub struct Column {
    pub(super) head: Arc<Head>,
    pub(super) data: ColumnData,
}

/// What the blocks of a result share.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    pub(super) name: String,
    /// As it travels; kept to see quickly that a block has the columns of the one before.
    pub(super) type_name: String,
    pub(super) ty: DataType,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("rows", &self.rows)
            .field("columns", &self.columns)
            .finish()
    }
}

impl Clone for Block {
    fn clone(&self) -> Self {
        Self::of(self.rows, self.columns.clone())
    }
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.columns == other.columns
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.rows > 0 {
            self.home.give_back(std::mem::take(&mut self.columns));
        }
    }
}

/// Shows name and type, not the values.
impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.head.name, self.head.type_name)
    }
}

impl Column {
    /// The name; columns of one block may share a name.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// The type.
    pub fn data_type(&self) -> &DataType {
        &self.head.ty
    }

    /// The values.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// The value of `row`, for [`Decode`](super::Decode) and [`Value`].
    pub fn cell(&self, row: usize) -> Cell<'_> {
        Cell::new(&self.head.ty, &self.data, row)
    }
}

impl Block {
    /// A block without columns and rows: what is filled to be inserted, and what ends an insert on the wire.
    pub fn new() -> Self {
        Self::default()
    }

    fn of(rows: usize, columns: Vec<Column>) -> Self {
        Self {
            rows,
            columns,
            home: Home::default(),
        }
    }

    /// Adds a column of `values`.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] if the block has rows and `values` are not as many, or if it has a column of that name.
    pub fn with<T: Encode>(self, name: &str, values: Vec<T>) -> Result<Self, Error> {
        self.with_data(name, T::column(values))
    }

    /// Adds a column whose values are columnar already.
    ///
    /// # Errors
    /// As [`Self::with`], and [`ErrorKind::Type`] for states of aggregate functions, whose type must be given
    /// ([`Self::with_typed`]).
    pub fn with_data(self, name: &str, data: ColumnData) -> Result<Self, Error> {
        let ty = data.natural_type();
        self.with_typed(name, ty, data)
    }

    /// Adds a column of type `ty`.
    ///
    /// # Errors
    /// As [`Self::with`], and [`ErrorKind::Type`] if the values do not fit the type.
    pub fn with_typed(mut self, name: &str, ty: DataType, data: ColumnData) -> Result<Self, Error> {
        check(&ty, &data)
            .map_err(|e| Error::new(ErrorKind::Type, format!("column {name}: {e}")))?;
        self.push(name, ty, data)?;
        Ok(self)
    }

    fn push(&mut self, name: &str, ty: DataType, data: ColumnData) -> Result<(), Error> {
        if !self.columns.is_empty() && data.len() != self.rows {
            let text = format!(
                "column {name} has {} rows, but the block has {}",
                data.len(),
                self.rows
            );
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        if self.column(name).is_some() {
            let text = format!("the block has a column {name} already");
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        self.rows = data.len();
        self.columns.push(Column {
            head: Arc::new(Head {
                name: name.to_owned(),
                type_name: ty.to_string(),
                ty,
            }),
            data,
        });
        Ok(())
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns, in the order of the query.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The first column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name() == name)
    }

    /// The value at `row` and `column`, counted from 0; `None` if there is no such place.
    pub fn value(&self, row: usize, column: usize) -> Option<Value> {
        let column = self.columns.get(column)?;
        (row < self.rows).then(|| column.cell(row).to_value())
    }

    /// Whether it is the mark that ends external tables and inserts: no columns and no rows.
    pub fn is_end_mark(&self) -> bool {
        self.columns.is_empty() && self.rows == 0
    }

    /// This block's values in the columns of `header`: matched by name, each checked against its type. Servers do not
    /// all check what they are sent, so this does.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the column that is missing, unknown or of another type.
    pub fn fit(mut self, header: &Self) -> Result<Self, Error> {
        let wrong = |text: String| Error::new(ErrorKind::Type, text);
        let extra = |c: &&Column| header.column(c.name()).is_none();
        if let Some(extra) = self.columns.iter().find(extra) {
            let (extra, all) = (extra.name(), header.names());
            return Err(wrong(format!(
                "column {extra} is not one of the insert's columns: {all}"
            )));
        }
        let mut columns = Vec::new();
        for target in &header.columns {
            let name = target.name();
            let Some(at) = self.columns.iter().position(|c| c.name() == name) else {
                return Err(wrong(format!(
                    "column {name} of the insert is missing from the block"
                )));
            };
            let data = self.columns.swap_remove(at).data;
            check(target.data_type(), &data).map_err(|e| wrong(format!("column {name}: {e}")))?;
            columns.push(Column {
                head: Arc::clone(&target.head),
                data,
            });
        }
        Ok(Self::of(self.rows, columns))
    }

    /// The same columns without their values.
    #[must_use]
    pub fn without_rows(mut self) -> Self {
        for column in &mut self.columns {
            column.data = ColumnData::Nothing(0);
        }
        self.rows = 0;
        self
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(Column::name).collect();
        names.join(", ")
    }
}
