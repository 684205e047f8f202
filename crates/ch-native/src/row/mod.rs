//! Rows, made on top of columns: typed by tuple, or dynamic.

mod from_row;

pub use from_row::FromRow;

use crate::column::{Block, Column, Decode};
use crate::error::{Error, ErrorKind};
use crate::message::{ProfileInfo, Progress};
use crate::types::Value;

/// One row of a block.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    block: &'a Block,
    index: usize,
}

impl<'a> Row<'a> {
    /// The columns of the block that the row is in.
    pub fn columns(&self) -> &'a [Column] {
        self.block.columns()
    }

    /// The value in column `column`, counted from 0, as `T`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if there is no such column, or its type or this value cannot be read as `T`.
    pub fn get<T: Decode<'a>>(&self, column: usize) -> Result<T, Error> {
        let Some(found) = self.columns().get(column) else {
            let text = format!(
                "the result has {} columns, none at {column}",
                self.columns().len()
            );
            return Err(Error::new(ErrorKind::Type, text));
        };
        from_row::accepts::<T>(found, column)?;
        from_row::decode(found, self.index)
    }

    /// The value in column `column`, counted from 0, in a form that fits every type; `None` if there is no such
    /// column.
    pub fn value(&self, column: usize) -> Option<Value> {
        self.block.value(self.index, column)
    }
}

impl Block {
    /// The rows, dynamic.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows()).map(|index| Row { block: self, index })
    }

    /// The rows as `T`, a tuple with a member for each column. Types are checked here, once.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the columns are not as many as the members, or one cannot be read as its member. Rows
    /// are errors by themselves if they hold text that is not UTF-8 and `T` wants text.
    pub fn typed<'a, T: FromRow<'a>>(
        &'a self,
    ) -> Result<impl Iterator<Item = Result<T, Error>> + use<'a, T>, Error> {
        T::check(self.columns())?;
        Ok(Typed::new(self))
    }
}

/// The rows of a block as `T`.
struct Typed<'a, T: FromRow<'a>> {
    columns: &'a [Column],
    /// The error is the last item.
    sources: Result<T::Sources, Option<Error>>,
    rows: std::ops::Range<usize>,
}

impl<'a, T: FromRow<'a>> Typed<'a, T> {
    fn new(block: &'a Block) -> Self {
        Self {
            columns: block.columns(),
            sources: T::sources(block.columns()).map_err(Some),
            rows: 0..block.rows(),
        }
    }
}

impl<'a, T: FromRow<'a>> Iterator for Typed<'a, T> {
    type Item = Result<T, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        match &mut self.sources {
            Ok(sources) => Some(T::from_row(sources, self.columns, row)),
            Err(error) => {
                self.rows = 0..0;
                error.take().map(Err)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

/// A whole result in memory.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub(crate) header: Block,
    pub(crate) blocks: Vec<Block>,
    pub(crate) summary: Summary,
}

impl Rows {
    /// The columns of the result; they hold no values.
    pub fn columns(&self) -> &[Column] {
        self.header.columns()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.blocks
            .iter()
            .map(Block::rows)
            .fold(0, usize::saturating_add)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The blocks that the result came in, each with at least one row.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The rows, dynamic.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.blocks.iter().flat_map(Block::iter)
    }

    /// The rows as `T`, a tuple with a member for each column. Types are checked here, once.
    ///
    /// # Errors
    /// As [`Block::typed`].
    pub fn typed<'a, T: FromRow<'a>>(
        &'a self,
    ) -> Result<impl Iterator<Item = Result<T, Error>> + use<'a, T>, Error> {
        T::check(self.columns())?;
        Ok(self.blocks.iter().flat_map(Typed::new))
    }

    /// What the server told besides the rows.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }
}

/// What the server told about a statement besides its rows.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// All progress, added up.
    pub progress: Progress,
    /// What the result was, if the server told.
    pub profile: Option<ProfileInfo>,
    /// The row of totals of a `WITH TOTALS` query.
    pub totals: Option<Block>,
    /// Two rows, minimum and maximum of each column, if the setting `extremes` is on.
    pub extremes: Option<Block>,
    /// The time zone that the server switched to for this statement, if it did (since revision 54464).
    pub timezone: Option<String>,
}
