//! One value of a column.

use super::data::ColumnData;
use super::decode::Decode;
use super::source::{Strings, Values};
#[cfg(doc)]
use super::{DynamicColumn, VariantColumn};
use crate::types::DataType;

/// One value of a column: the column, its type and a row.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    pub(super) ty: &'a DataType,
    pub(super) data: &'a ColumnData,
    pub(super) row: usize,
}

impl<'a> Cell<'a> {
    pub(crate) fn new(ty: &'a DataType, data: &'a ColumnData, row: usize) -> Self {
        Self { ty, data, row }
    }

    /// The value behind `Nullable`, `LowCardinality` and names for other types; `None` if it is NULL.
    pub(super) fn present(self) -> Option<Self> {
        let mut cell = self;
        loop {
            cell = match (cell.ty, cell.data) {
                (DataType::Alias { of, .. }, _) => Cell { ty: of, ..cell },
                (DataType::Nullable(inner), ColumnData::Nullable(c)) => {
                    if c.nulls.get(cell.row).is_none_or(|null| *null != 0) {
                        return None;
                    }
                    Cell {
                        ty: inner,
                        data: &c.values,
                        row: cell.row,
                    }
                }
                (DataType::LowCardinality(inner), ColumnData::LowCardinality(c)) => {
                    let key = *c.keys.get(cell.row)?;
                    if c.nullable && key == 0 {
                        return None;
                    }
                    let base = match inner.resolve() {
                        DataType::Nullable(base) => base,
                        _ => inner,
                    };
                    Cell {
                        ty: base,
                        data: &c.dictionary,
                        row: usize::try_from(key).ok()?,
                    }
                }
                (_, ColumnData::Variant(c)) => c.cell(cell.row)?,
                (_, ColumnData::Dynamic(c)) => c.cell(cell.row)?,
                (_, ColumnData::Nothing(_)) => return None,
                // Columns to be written may be plain where their type is not.
                (DataType::Nullable(inner) | DataType::LowCardinality(inner), _) => {
                    Cell { ty: inner, ..cell }
                }
                _ => return Some(cell),
            };
        }
    }

    /// The type of the value: of a Variant and a Dynamic that of the column, see [`VariantColumn::cell`] and
    /// [`DynamicColumn::cell`] for those of their values.
    pub fn data_type(self) -> &'a DataType {
        self.ty
    }

    /// The value as `T`; `None` if its type does not allow that, and where [`Decode::at`] has none.
    pub fn get<T: Decode<'a>>(self) -> Option<T> {
        T::accepts(self.ty).then(|| self.decode()).flatten()
    }

    /// The value of a type that was checked.
    pub(crate) fn decode<T: Decode<'a>>(self) -> Option<T> {
        let source = T::source(Values::one(self.ty, self.data))?;
        T::at(&source, self.row)
    }

    /// The label of an enum's value; `None` if it has none.
    pub(super) fn label(self) -> Option<&'a str> {
        let cell = self.present()?;
        Strings::labels(cell.ty, cell.data)?.text_at(cell.row)
    }
}
