//! Columns that are not serialized in the usual way: sparse and replicated.
//!
//! From revision 54454 on a byte before a column's data says that such a description follows: a code, and for a tuple
//! the descriptions of its elements. Sparse columns leave default values out, replicated ones repeat values by index.
//! Both are expanded here, so that nobody else knows of them.
//!
//! Source: ClickHouse, `src/DataTypes/Serializations/SerializationInfo.cpp`, `SerializationSparse.cpp`.

use wire_core::{DecodeError, Reader};

use super::data::{ColumnData, NullableColumn};
use super::fixed::arrived;
use super::layout::Layout;
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use crate::codec::prim::{Step, to_u64, varint};
use crate::types::DataType;

/// How a column is serialized.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// As its type says.
    Default,
    /// A tuple whose elements are serialized so.
    Tuple(Vec<Self>),
    /// Only values that are not the default.
    Sparse,
    /// Values and an index for each row.
    Replicated(Box<Self>),
}

/// Most layers of one column: no server writes more than default, sparse, replicated.
const MAX_LAYERS: u64 = 8;

/// Reads the description of a column of type `ty`.
pub(super) fn read_kind(r: &mut Reader<'_>, ty: &DataType) -> Result<Kind, DecodeError> {
    let mut layers = Vec::new();
    match r.u8("kind")? {
        0 => {}
        1 => layers.push(1),
        code @ (2 | 3) => return Err(detached(r, code)),
        4 => layers.push(3),
        5 => {
            let count = r.leb128("kind.layers")?;
            if count > MAX_LAYERS {
                let what = format!("is {count}, more than the {MAX_LAYERS} that make sense");
                return Err(r.invalid("kind.layers", 1, what));
            }
            for _ in 0..count {
                layers.push(r.u8("kind.layer")?);
            }
        }
        code => {
            let what = format!("is {code}, which is no serialization kind");
            return Err(r.invalid("kind", 1, what));
        }
    }
    let mut kind = match Layout::of(ty) {
        Layout::Tuple(elements) => {
            let elements: Result<_, _> = elements.iter().map(|ty| read_kind(r, ty)).collect();
            Kind::Tuple(elements?)
        }
        _ => Kind::Default,
    };
    for layer in layers {
        kind = match layer {
            0 => kind,
            1 if kind == Kind::Default && may_be_sparse(ty) => Kind::Sparse,
            1 => {
                let what = format!("is sparse, which a column of type {ty} cannot be");
                return Err(r.invalid("kind", 1, what));
            }
            2 => return Err(detached(r, 2)),
            3 => Kind::Replicated(Box::new(kind)),
            code => {
                let what = format!("is {code}, which is no serialization kind");
                return Err(r.invalid("kind.layer", 1, what));
            }
        };
    }
    Ok(kind)
}

fn detached(r: &Reader<'_>, code: u8) -> DecodeError {
    let what = format!("detached columns (kind {code}), which servers send only to each other");
    DecodeError::unsupported("kind", r.offset(), what)
}

fn may_be_sparse(ty: &DataType) -> bool {
    let ty = match Layout::of(ty) {
        Layout::Nullable(inner) => Layout::of(inner),
        other => other,
    };
    !matches!(
        ty,
        Layout::Array(_)
            | Layout::Tuple(_)
            | Layout::LowCardinality(..)
            | Layout::Nullable(_)
            | Layout::Nothing
            | Layout::Variant(_)
            | Layout::Dynamic
            | Layout::Json(_)
            | Layout::State(_)
            | Layout::Vectors(..)
            | Layout::Unsupported(_)
    )
}

/// Set in the last offset of a sparse column.
const LAST: u64 = 1 << 62;

/// Counts of default values before each explicit one, the last with a mark, then the explicit values.
#[derive(Debug)]
pub(super) struct Sparse {
    rows: usize,
    /// Rows with explicit values, ascending.
    explicit: Vec<usize>,
    /// The row after the last one that was described.
    next: u64,
    started: bool,
    values: Box<dyn ReadColumn>,
    /// Whether the default is NULL.
    nullable: bool,
    done: Option<ColumnData>,
}

impl Sparse {
    pub(super) fn new(values: Box<dyn ReadColumn>, nullable: bool) -> Self {
        Self {
            rows: 0,
            explicit: Vec::new(),
            next: 0,
            started: false,
            values,
            nullable,
            done: None,
        }
    }

    fn offsets(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        loop {
            let Some(group) = varint(r, "sparse.offset")? else {
                return Ok(Step::More);
            };
            let row = self.next.saturating_add(group & !LAST);
            let last = group & LAST != 0;
            let in_range = usize::try_from(row).ok().filter(|row| *row <= self.rows);
            match in_range {
                Some(row) if last && row == self.rows => return Ok(Step::Done),
                Some(row) if !last && row < self.rows => {
                    cx.spend("sparse.offset", 8)?;
                    self.explicit.push(row);
                    self.next = to_u64(row).saturating_add(1);
                }
                _ => {
                    let what = format!("leads to row {row} of {}", self.rows);
                    return Err(r.invalid("sparse.offset", 1, what));
                }
            }
        }
    }

    /// The column with all its rows.
    fn expand(&mut self, cx: &mut Context<'_>) -> Result<ColumnData, DecodeError> {
        let mut values = self.values.finish();
        let default = values.len();
        values.push_default();
        cx.spend("sparse", to_u64(self.rows).saturating_mul(8))?;
        let mut rows = vec![default; self.rows];
        for (value, row) in self.explicit.iter().enumerate() {
            if let Some(slot) = rows.get_mut(*row) {
                *slot = value;
            }
        }
        let full = values.gather(&rows, cx)?;
        if !self.nullable {
            return Ok(full);
        }
        cx.spend("sparse", to_u64(self.rows))?;
        let nulls = rows.iter().map(|value| u8::from(*value == default));
        Ok(ColumnData::Nullable(Box::new(NullableColumn {
            nulls: nulls.collect(),
            values: full,
        })))
    }
}

impl ReadColumn for Sparse {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.prefix(r, cx)
    }

    fn start(&mut self, rows: usize, _: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.started {
            if self.offsets(r, cx)? == Step::More {
                return Ok(Step::More);
            }
            self.values.start(self.explicit.len(), cx)?;
            self.started = true;
        }
        if self.values.data(r, cx)? == Step::More {
            return Ok(Step::More);
        }
        self.done = Some(self.expand(cx)?);
        Ok(Step::Done)
    }

    fn finish(&mut self) -> ColumnData {
        self.done.take().unwrap_or(ColumnData::Nothing(0))
    }
}

/// An index for each row, then the values that they point to.
#[derive(Debug)]
pub(super) struct Replicated {
    rows: usize,
    stage: Stage,
    width: u8,
    indexes: Vec<usize>,
    values: Box<dyn ReadColumn>,
    done: Option<ColumnData>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Count,
    Width,
    Indexes,
    Values,
    Data,
}

impl Replicated {
    pub(super) fn new(values: Box<dyn ReadColumn>) -> Self {
        Self {
            rows: 0,
            stage: Stage::Count,
            width: 0,
            indexes: Vec::new(),
            values,
            done: None,
        }
    }

    fn index(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        match self.width {
            1 => self.indexes_of::<u8>(r),
            2 => self.indexes_of::<u16>(r),
            4 => self.indexes_of::<u32>(r),
            8 => self.indexes_of::<u64>(r),
            other => {
                let what = format!("is {other}; expected 1, 2, 4 or 8 bytes");
                Err(r.invalid("replicated.width", 1, what))
            }
        }
    }

    fn indexes_of<T: Scalar + TryInto<usize>>(
        &mut self,
        r: &mut Reader<'_>,
    ) -> Result<Step, DecodeError> {
        let missing = self.rows.saturating_sub(self.indexes.len());
        let (wide, step) = arrived::<T>(r, missing)?;
        // An index that does not fit is too large for any column, and found out as such.
        let indexes = wide.into_iter().map(|i| i.try_into().unwrap_or(usize::MAX));
        self.indexes.extend(indexes);
        Ok(step)
    }

    fn start_values(
        &mut self,
        r: &Reader<'_>,
        count: u64,
        cx: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let count = usize::try_from(count)
            .map_err(|_| r.invalid("replicated.values", 1, "does not fit into memory"))?;
        if let Some(bad) = self.indexes.iter().find(|index| **index >= count) {
            let what = format!("is {bad}, but there are {count} values");
            return Err(r.invalid("replicated.index", 1, what));
        }
        self.values.start(count, cx)
    }
}

impl ReadColumn for Replicated {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.prefix(r, cx)
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        cx.spend("replicated", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        loop {
            self.stage = match self.stage {
                Stage::Count => match varint(r, "replicated.rows")? {
                    None => return Ok(Step::More),
                    Some(rows) if rows == to_u64(self.rows) => Stage::Width,
                    Some(rows) => {
                        let what = format!("is {rows}, but the block has {} rows", self.rows);
                        return Err(r.invalid("replicated.rows", 1, what));
                    }
                },
                Stage::Width => match r.peek() {
                    None => return Ok(Step::More),
                    Some(_) => {
                        self.width = r.u8("replicated.width")?;
                        Stage::Indexes
                    }
                },
                Stage::Indexes => match self.index(r)? {
                    Step::More => return Ok(Step::More),
                    Step::Done => Stage::Values,
                },
                Stage::Values => match varint(r, "replicated.values")? {
                    None => return Ok(Step::More),
                    Some(count) => {
                        self.start_values(r, count, cx)?;
                        Stage::Data
                    }
                },
                Stage::Data => {
                    if self.values.data(r, cx)? == Step::More {
                        return Ok(Step::More);
                    }
                    self.done = Some(self.values.finish().gather(&self.indexes, cx)?);
                    return Ok(Step::Done);
                }
            };
        }
    }

    fn finish(&mut self) -> ColumnData {
        self.done.take().unwrap_or(ColumnData::Nothing(0))
    }
}
