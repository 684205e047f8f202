//! `Variant`: which of its types each row has, then the values of each type, closely packed.
//!
//! ```text
//! prefix   mode u64: 0 basic, 1 compact; then the prefix of each type
//! basic    a number u8 a row, 255 for NULL; then the values of each type
//! compact  runs until there are all rows: rows VarUInt, 1 and one number for all, or 0 and a number u8 a row; then
//!          the values of each type
//! ```
//!
//! Source: ClickHouse, `src/DataTypes/Serializations/SerializationVariant.cpp`.

use wire_core::{DecodeError, Reader};

use super::alternatives::ReadAlternatives;
use super::cell::Cell;
use super::data::ColumnData;
use super::read::{Context, ReadColumn};
use crate::codec::prim::{Step, to_u64};
use crate::error::{Error, ErrorKind};
use crate::types::DataType;

/// The number of NULL in [`VariantColumn::tags`].
pub(super) const NULL: u16 = u16::MAX;

/// Values of one of several types each: for each row the number of its type, and for each type its values, closely
/// packed.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantColumn {
    /// One for each of `columns`; those of a `Dynamic` have one column more.
    pub(super) types: Vec<DataType>,
    /// For each row the index of its column, or [`NULL`].
    pub(super) tags: Vec<u16>,
    /// For each row the index of its value in that column; rises by one from value to value.
    pub(super) slots: Vec<u32>,
    pub(super) columns: Vec<ColumnData>,
}

impl VariantColumn {
    /// A column of the `alternatives`, each a type with all its values in the order of their rows, where `rows` says
    /// for each row which of them has its next value; `None` is NULL.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if an alternative has not as many values as rows name it, or if a type comes twice.
    pub fn new(
        alternatives: Vec<(DataType, ColumnData)>,
        rows: impl IntoIterator<Item = Option<usize>>,
    ) -> Result<Self, Error> {
        let mut named: Vec<_> = alternatives.into_iter().enumerate().collect();
        named.sort_by_cached_key(|(_, (ty, _))| ty.to_string());
        let mut places = vec![NULL; named.len()];
        for (place, (given, _)) in named.iter().enumerate() {
            if let (Some(slot), Ok(place)) = (places.get_mut(*given), u16::try_from(place)) {
                *slot = place;
            }
        }
        let place = |row: Option<usize>| match row {
            None => Ok(NULL),
            Some(given) => places.get(given).copied().ok_or_else(|| {
                Error::new(ErrorKind::Type, format!("no alternative has index {given}"))
            }),
        };
        let tags: Vec<u16> = rows.into_iter().map(place).collect::<Result<_, _>>()?;
        let (types, columns): (Vec<_>, Vec<_>) = named.into_iter().map(|(_, pair)| pair).unzip();
        if let Some(twice) = types.windows(2).find(|pair| pair.first() == pair.last()) {
            let text = format!(
                "type {} is given twice",
                twice.first().map_or(String::new(), ToString::to_string)
            );
            return Err(Error::new(ErrorKind::Type, text));
        }
        let (slots, counts) = slots(&tags, columns.len());
        for ((ty, column), count) in types.iter().zip(&columns).zip(counts) {
            if column.len() != count {
                let text = format!(
                    "{count} rows are of type {ty}, but it has {} values",
                    column.len()
                );
                return Err(Error::new(ErrorKind::Type, text));
            }
        }
        Ok(Self {
            types,
            tags,
            slots,
            columns,
        })
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The types, sorted by name.
    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    /// The index in [`Self::types`] of the type of `row`; `None` if it is NULL or there is no such row.
    pub fn alternative(&self, row: usize) -> Option<usize> {
        let tag = *self.tags.get(row)?;
        (tag != NULL).then(|| usize::from(tag))
    }

    /// The values of type `index`, those of all rows of that type in their order.
    pub fn values(&self, index: usize) -> Option<&ColumnData> {
        self.types.get(index)?;
        self.columns.get(index)
    }

    /// The value of `row` with its own type; `None` if it is NULL or there is no such row.
    pub fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let (column, slot) = self.place(row)?;
        Some(Cell::new(
            self.types.get(column)?,
            self.columns.get(column)?,
            slot,
        ))
    }

    /// The column and the index in it of the value of `row`; `None` if it is NULL.
    pub(super) fn place(&self, row: usize) -> Option<(usize, usize)> {
        let column = self.alternative(row)?;
        let slot = usize::try_from(*self.slots.get(row)?).ok()?;
        Some((column, slot))
    }

    /// The values of `rows`, all of which exist.
    pub(super) fn gather(&self, rows: &[usize], cx: &mut Context<'_>) -> Result<Self, DecodeError> {
        let tag = |row: &usize| self.tags.get(*row).copied().unwrap_or(NULL);
        let tags: Vec<u16> = rows.iter().map(tag).collect();
        let mut wanted = vec![Vec::new(); self.columns.len()];
        cx.spend("expanded rows", to_u64(rows.len()).saturating_mul(8))?;
        for row in rows {
            if let Some((column, slot)) = self.place(*row)
                && let Some(wanted) = wanted.get_mut(column)
            {
                wanted.push(slot);
            }
        }
        let columns = self.columns.iter().zip(&wanted);
        let columns = columns.map(|(column, slots)| column.gather(slots, cx));
        let columns = columns.collect::<Result<_, _>>()?;
        let (slots, _) = slots(&tags, self.columns.len());
        Ok(Self {
            types: self.types.clone(),
            tags,
            slots,
            columns,
        })
    }
}

/// For each of `tags` how many of the same came before it, and how many there are of each.
pub(super) fn slots(tags: &[u16], columns: usize) -> (Vec<u32>, Vec<usize>) {
    let mut counts = vec![0_u32; columns];
    let slots = tags
        .iter()
        .map(|tag| match counts.get_mut(usize::from(*tag)) {
            None => 0,
            Some(count) => {
                let slot = *count;
                *count = count.saturating_add(1);
                slot
            }
        });
    let slots = slots.collect();
    let counts = counts
        .into_iter()
        .map(|c| usize::try_from(c).unwrap_or(usize::MAX));
    (slots, counts.collect())
}

/// Reads a Variant.
#[derive(Debug)]
pub(super) struct ReadVariant {
    types: Vec<DataType>,
    has_mode: bool,
    values: ReadAlternatives,
}

impl ReadVariant {
    /// `readers` are those of `types`, in the same order.
    pub(super) fn boxed(
        types: &[DataType],
        readers: Vec<Box<dyn ReadColumn>>,
    ) -> Box<dyn ReadColumn> {
        Box::new(Self {
            types: types.to_vec(),
            has_mode: false,
            values: ReadAlternatives::new(readers, None),
        })
    }
}

impl ReadColumn for ReadVariant {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.has_mode {
            if self.values.mode(r)? == Step::More {
                return Ok(Step::More);
            }
            self.has_mode = true;
        }
        self.values.prefix(r, cx)
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.values.start(rows, cx)
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.data(r, cx)
    }

    fn finish(&mut self) -> ColumnData {
        let types = std::mem::take(&mut self.types);
        ColumnData::Variant(Box::new(self.values.finish(types)))
    }
}
