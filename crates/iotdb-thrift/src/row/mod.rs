//! Results: columns as they came, and rows on top.
//!
//! A result is a list of [`Block`]s with a common list of [`Column`]s. A [`Row`] is a view into a block; nothing is
//! copied before a value is read. Whether a Rust type fits is checked once per result ([`FromRow::check`]), not once
//! per row.

mod from_row;
mod header;

use std::sync::Arc;

use bytes::Bytes;

pub use from_row::FromRow;
pub(crate) use header::Header;

use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{TSExecuteStatementResp, TSFetchResultsResp, TSQueryDataSet};
use crate::tablet::{BlockColumn, TsBlock, row_budget};
use crate::types::{Cell, DataType, Decode, Value};

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    name: String,
    data_type: DataType,
}

impl Column {
    /// The name, for instance the path of a series; `Time` for the time of a row.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type.
    pub fn data_type(&self) -> DataType {
        self.data_type
    }
}

/// Some rows of a result, column by column.
#[derive(Debug, Clone)]
pub struct Block {
    header: Arc<Header>,
    data: TsBlock,
}

impl Block {
    /// The columns of the result.
    pub fn columns(&self) -> &[Column] {
        &self.header.columns
    }

    /// How many rows the block has.
    pub fn len(&self) -> usize {
        self.data.rows()
    }

    /// Whether the block has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of column `index`, in the order of [`Self::columns`].
    pub fn column(&self, index: usize) -> Option<&BlockColumn> {
        self.header.source(index, &self.data)
    }

    /// The values of column `index` as `T`, from first to last.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the column's type does not become `T`, [`ErrorKind::Misuse`] if there is no such column.
    pub fn values<'r, T: Decode<'r>>(
        &'r self,
        index: usize,
    ) -> Result<impl Iterator<Item = Result<T, Error>> + 'r, Error> {
        let (Some(column), Some(data)) = (self.columns().get(index), self.column(index)) else {
            return Err(no_column(index, self.columns().len()));
        };
        data.iter(column.data_type)
            .map_err(|e| e.context(format_args!("column {}", column.name)))
    }

    /// The rows, dynamically typed.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    pub(crate) fn row(&self, index: usize) -> Row<'_> {
        Row {
            header: &self.header,
            data: &self.data,
            index,
        }
    }
}

/// The blocks of one answer.
pub(crate) fn read_blocks(
    header: &Arc<Header>,
    blocks: &[Bytes],
    row_set: Option<&TSQueryDataSet>,
    limits: &Limits,
) -> Result<Vec<Block>, Error> {
    let mut budget = row_budget(limits);
    let mut out = Vec::new();
    let mut push = |data: TsBlock| {
        header.check(&data)?;
        if data.rows() > 0 {
            out.push(Block {
                header: Arc::clone(header),
                data,
            });
        }
        Ok::<(), Error>(())
    };
    for block in blocks {
        push(TsBlock::read(block, limits, &mut budget).map_err(|e| Error::decode(&e))?)?;
    }
    if let Some(set) = row_set {
        let types = header.physical_types()?;
        let (values, bits) = (&set.value_list, &set.bitmap_list);
        let data = crate::tablet::read_row_set(&set.time, values, bits, &types, &mut budget);
        push(data.map_err(|e| Error::decode(&e))?)?;
    }
    Ok(out)
}

/// A whole result.
#[derive(Debug, Clone)]
pub struct Rows {
    header: Arc<Header>,
    blocks: Vec<Block>,
}

impl Rows {
    /// Appends the rows of a further page: the answer to a fetch of the same query. Its status is not looked at.
    ///
    /// # Errors
    /// As [`Self::decode`]; the rows are as they were then.
    pub fn append(&mut self, page: &TSFetchResultsResp, limits: &Limits) -> Result<(), Error> {
        let blocks = page.query_result.as_deref().unwrap_or_default();
        let set = page.query_data_set.as_ref();
        let blocks = read_blocks(&self.header, blocks, set, limits)?;
        self.blocks.extend(blocks);
        Ok(())
    }

    #[cfg(feature = "client")]
    pub(crate) fn new(header: Arc<Header>, blocks: Vec<Block>) -> Self {
        Self { header, blocks }
    }

    /// The rows in an answer to a statement: all, or the first page if its `more_data` is true. For programs that use
    /// the codec alone; its status is not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the blocks are not readable or do not have the columns that the answer announces,
    /// [`ErrorKind::Limit`] if one of `limits` is passed, [`ErrorKind::Unsupported`] for a type that this crate does
    /// not know.
    pub fn decode(answer: &TSExecuteStatementResp, limits: &Limits) -> Result<Self, Error> {
        let header = Arc::new(Header::new(answer, limits)?);
        let blocks = answer.query_result.as_deref().unwrap_or_default();
        let blocks = read_blocks(&header, blocks, answer.query_data_set.as_ref(), limits)?;
        Ok(Self { header, blocks })
    }

    /// The columns. Results in the tree model begin with `Time`, unless their rows have no time.
    pub fn columns(&self) -> &[Column] {
        &self.header.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.blocks
            .iter()
            .fold(0, |sum, block| sum.saturating_add(block.len()))
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The blocks, for reading column by column.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The rows, dynamically typed.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.blocks.iter().flat_map(Block::rows)
    }

    /// The rows as `T`: a tuple with an element for each column, or `Vec<Value>`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] names the first column whose type does not become that of `T`. Each row is a result, since a
    /// null or text that is not UTF-8 shows only when it is read.
    pub fn typed<'r, T: FromRow<'r>>(
        &'r self,
    ) -> Result<impl Iterator<Item = Result<T, Error>> + 'r, Error> {
        T::check(self.columns())?;
        Ok(self.iter().map(|row| row.convert()))
    }
}

/// One row of a result: a view, cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    header: &'r Header,
    data: &'r TsBlock,
    index: usize,
}

impl<'r> Row<'r> {
    /// The columns of the result.
    pub fn columns(&self) -> &'r [Column] {
        &self.header.columns
    }

    /// The cell of column `index`; null if there is no such column.
    #[inline]
    pub fn cell(&self, index: usize) -> Cell<'r> {
        match self.header.source(index, self.data) {
            Some(column) => column.cell(self.index),
            None => Cell::Null,
        }
    }

    /// The value of column `index` as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the column's type does not become `T`, or the value is null and `T` has no null;
    /// [`ErrorKind::Misuse`] if there is no such column.
    pub fn get<T: Decode<'r>>(&self, index: usize) -> Result<T, Error> {
        let Some(column) = self.columns().get(index) else {
            return Err(no_column(index, self.columns().len()));
        };
        if !T::accepts(column.data_type) {
            return Err(misfit(column, std::any::type_name::<T>()));
        }
        self.decode(index, column)
    }

    /// The value of the first column with this name as `T`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_by_name<T: Decode<'r>>(&self, name: &str) -> Result<T, Error> {
        match self.columns().iter().position(|column| column.name == name) {
            Some(index) => self.get(index),
            None => {
                let names: Vec<_> = self.columns().iter().map(Column::name).collect();
                let text = format!("there is no column {name}; there are {}", names.join(", "));
                Err(Error::new(ErrorKind::Misuse, text).with_sent(Sent::Yes))
            }
        }
    }

    /// All values, dynamically typed.
    pub fn values(&self) -> Vec<Value> {
        let columns = self.columns().iter().enumerate();
        columns
            .map(|(index, column)| Value::of(self.cell(index), column.data_type))
            .collect()
    }

    /// The value of column `index`, whose type was checked.
    #[inline]
    pub(crate) fn decode<T: Decode<'r>>(&self, index: usize, column: &Column) -> Result<T, Error> {
        T::decode(self.cell(index), column.data_type)
            .map_err(|e| e.context(format_args!("column {} of row {}", column.name, self.index)))
    }

    /// The row as `T`, whose types were checked.
    #[inline]
    pub(crate) fn convert<T: FromRow<'r>>(self) -> Result<T, Error> {
        T::from_row(self)
    }
}

#[cold]
fn no_column(index: usize, columns: usize) -> Error {
    let text = format!("there is no column {index}; the result has {columns}, counted from 0");
    Error::new(ErrorKind::Misuse, text).with_sent(Sent::Yes)
}

#[cold]
pub(crate) fn misfit(column: &Column, wanted: &str) -> Error {
    let text = format!(
        "column {} has type {}, which does not become {wanted}",
        column.name, column.data_type
    );
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}
