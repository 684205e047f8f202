//! Where the values of a column are: what lies around them is looked through once, not for each value.

use super::cell::Cell;
use super::data::ColumnData;
use super::string::{FixedStringColumn, StringColumn};
use crate::types::DataType;

/// The values of a column, for [`Decode::source`](super::Decode::source).
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    pub(super) ty: &'a DataType,
    pub(super) data: &'a ColumnData,
    /// The dictionary's key of each row, if there is a dictionary.
    keys: Option<&'a [u32]>,
    /// Whether many of them will be asked for, so that it pays to look at all at once.
    pub(super) all: bool,
}

impl<'a> Values<'a> {
    /// Values that are read one after another.
    pub(crate) fn all(ty: &'a DataType, data: &'a ColumnData) -> Self {
        Self {
            ty,
            data,
            keys: None,
            all: true,
        }
    }

    /// Values of which one is read.
    pub(super) fn one(ty: &'a DataType, data: &'a ColumnData) -> Self {
        Self {
            all: false,
            ..Self::all(ty, data)
        }
    }

    /// Another column that belongs to these: elements of arrays, members of tuples.
    pub(super) fn part(self, ty: &'a DataType, data: &'a ColumnData) -> Self {
        Self {
            ty,
            data,
            keys: None,
            ..self
        }
    }

    pub(super) fn cell(&self, row: usize) -> Cell<'a> {
        Cell::new(self.ty, self.data, row)
    }

    /// Behind `Nullable`, `LowCardinality` and names for other types.
    pub(super) fn present(mut self) -> Self {
        loop {
            match (self.ty, self.data) {
                (DataType::Alias { of, .. }, _) => self.ty = of,
                (DataType::Nullable(inner), ColumnData::Nullable(c)) => {
                    self.ty = inner;
                    self.data = &c.values;
                }
                (DataType::LowCardinality(inner), ColumnData::LowCardinality(c)) => {
                    self.ty = match inner.resolve() {
                        DataType::Nullable(base) => base,
                        _ => inner,
                    };
                    self.data = &c.dictionary;
                    self.keys = Some(&c.keys);
                }
                // Columns to be written may be plain where their type is not.
                (DataType::Nullable(inner) | DataType::LowCardinality(inner), _) => self.ty = inner,
                _ => return self,
            }
        }
    }

    /// Which of them are NULL.
    pub(super) fn nulls(self) -> Nulls<'a> {
        match (self.ty.resolve(), self.data) {
            (DataType::Nullable(inner), ColumnData::Nullable(c)) => match inner.resolve() {
                DataType::Nothing => Nulls::All,
                _ => Nulls::Map(&c.nulls),
            },
            (DataType::LowCardinality(_), ColumnData::LowCardinality(c)) if c.nullable => {
                Nulls::FirstKey(&c.keys)
            }
            (_, ColumnData::Variant(_) | ColumnData::Dynamic(_)) => Nulls::Cells(self),
            (_, ColumnData::Nothing(_)) => Nulls::All,
            _ => Nulls::None,
        }
    }

    /// What `take` finds, behind the dictionary if there is one.
    pub(super) fn keyed<S>(
        self,
        take: impl FnOnce(&'a DataType, &'a ColumnData) -> Option<S>,
    ) -> Option<Keyed<'a, S>> {
        Some(Keyed {
            keys: self.keys,
            values: take(self.ty, self.data)?,
        })
    }
}

/// Values, and the key of each row if they are a dictionary.
#[derive(Debug)]
pub struct Keyed<'a, S> {
    keys: Option<&'a [u32]>,
    pub(super) values: S,
}

impl<S> Keyed<'_, S> {
    /// Where the value of `row` is.
    #[inline]
    pub(super) fn index(&self, row: usize) -> Option<usize> {
        match self.keys {
            None => Some(row),
            Some(keys) => usize::try_from(*keys.get(row)?).ok(),
        }
    }
}

/// Which rows are NULL.
#[derive(Debug)]
#[doc(hidden)]
#[non_exhaustive]
pub enum Nulls<'a> {
    None,
    All,
    /// Where it is not 0.
    Map(&'a [u8]),
    /// Where it is 0.
    FirstKey(&'a [u32]),
    /// Each row has to be asked.
    Cells(Values<'a>),
}

impl Nulls<'_> {
    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Map(nulls) => nulls.get(row).is_none_or(|null| *null != 0),
            Self::FirstKey(keys) => keys.get(row).is_none_or(|key| *key == 0),
            Self::Cells(values) => values.cell(row).present().is_none(),
        }
    }
}

/// Where texts and byte strings are.
#[derive(Debug)]
#[doc(hidden)]
#[non_exhaustive]
pub enum Strings<'a> {
    /// With all of them as one text, if they are that and it was worth looking.
    Any(&'a StringColumn, Option<&'a str>),
    Fixed(&'a FixedStringColumn),
    Labels8(&'a [(String, i8)], &'a [i8]),
    Labels16(&'a [(String, i16)], &'a [i16]),
}

impl<'a> Strings<'a> {
    pub(super) fn bytes(data: &'a ColumnData) -> Option<Self> {
        match data {
            ColumnData::String(c) => Some(Self::Any(c, None)),
            ColumnData::FixedString(c) => Some(Self::Fixed(c)),
            _ => None,
        }
    }

    /// The labels of an enum's values.
    pub(super) fn labels(ty: &'a DataType, data: &'a ColumnData) -> Option<Self> {
        match (ty, data) {
            (DataType::Enum8(labels), ColumnData::Int8(v)) => Some(Self::Labels8(labels, v)),
            (DataType::Enum16(labels), ColumnData::Int16(v)) => Some(Self::Labels16(labels, v)),
            _ => None,
        }
    }

    pub(super) fn text(ty: &'a DataType, data: &'a ColumnData, all: bool) -> Option<Self> {
        match data {
            ColumnData::String(c) if all => {
                // One look at all of them is many times cheaper than one at each.
                Some(Self::Any(c, std::str::from_utf8(c.bytes()).ok()))
            }
            _ => Self::bytes(data).or_else(|| Self::labels(ty, data)),
        }
    }

    #[inline]
    pub(super) fn bytes_at(&self, row: usize) -> Option<&'a [u8]> {
        match self {
            Self::Any(c, _) => c.get(row),
            Self::Fixed(c) => c.get(row),
            Self::Labels8(..) | Self::Labels16(..) => None,
        }
    }

    #[inline]
    pub(super) fn text_at(&self, row: usize) -> Option<&'a str> {
        match self {
            // A string that ends within a character is none by itself.
            Self::Any(c, Some(text)) => text.get(c.range(row)?),
            Self::Labels8(labels, values) => label(labels, values.get(row)?),
            Self::Labels16(labels, values) => label(labels, values.get(row)?),
            _ => std::str::from_utf8(self.bytes_at(row)?).ok(),
        }
    }
}

fn label<'a, T: PartialEq>(labels: &'a [(String, T)], value: &T) -> Option<&'a str> {
    let mut labels = labels.iter();
    labels.find_map(|(label, v)| (v == value).then_some(label.as_str()))
}
