//! `Nullable`, `Array` and `Tuple`, and with them `Map` and `Nested`.

use wire_core::{DecodeError, Reader};

use super::data::{ArrayColumn, ColumnData, NullableColumn, TupleColumn};
use super::filling::Filling;
use super::fixed::ends_total;
use super::read::{Context, ReadColumn};
use crate::codec::prim::{Step, to_u64};

/// A null map of one byte a row, then a value for each row.
#[derive(Debug)]
pub(super) struct ReadNullable {
    nulls: Filling<u8>,
    has_nulls: bool,
    values: Box<dyn ReadColumn>,
}

impl ReadNullable {
    pub(super) fn boxed(values: Box<dyn ReadColumn>) -> Box<dyn ReadColumn> {
        Box::new(Self {
            nulls: Filling::default(),
            has_nulls: false,
            values,
        })
    }
}

impl ReadColumn for ReadNullable {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.prefix(r, cx)
    }

    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::Nullable(column) = data {
            self.nulls.reuse(column.nulls);
            self.values.reuse(column.values);
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        cx.spend("Nullable", to_u64(rows))?;
        self.nulls.start(rows);
        self.values.start(rows, cx)
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.has_nulls {
            if self.nulls.fill(r)? == Step::More {
                return Ok(Step::More);
            }
            self.has_nulls = true;
        }
        self.values.data(r, cx)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        if self.has_nulls {
            self.values.direct()
        } else {
            self.nulls.direct()
        }
    }

    fn direct_done(&mut self, n: usize) {
        if self.has_nulls {
            self.values.direct_done(n);
        } else {
            self.nulls.advance(n);
        }
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::Nullable(Box::new(NullableColumn {
            nulls: self.nulls.finish(),
            values: self.values.finish(),
        }))
    }
}

/// Cumulative end offsets, then the elements of all rows.
#[derive(Debug)]
pub(super) struct ReadArray {
    ends: Filling<u64>,
    started: bool,
    values: Box<dyn ReadColumn>,
}

impl ReadArray {
    pub(super) fn boxed(values: Box<dyn ReadColumn>) -> Box<dyn ReadColumn> {
        Box::new(Self {
            ends: Filling::default(),
            started: false,
            values,
        })
    }
}

impl ReadColumn for ReadArray {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.prefix(r, cx)
    }

    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::Array(column) = data {
            self.ends.reuse(column.ends);
            self.values.reuse(column.values);
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.ends.start(rows);
        cx.spend("Array", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.started {
            if self.ends.fill(r)? == Step::More {
                return Ok(Step::More);
            }
            let total = ends_total(self.ends.values(), "array.ends", r.offset())?;
            // Every element takes at least a byte of the budget, so this bounds the count as well.
            let Ok(total) = usize::try_from(total) else {
                return Err(r.invalid("array.ends", 8, "do not fit into this machine's memory"));
            };
            self.values.start(total, cx)?;
            self.started = true;
        }
        self.values.data(r, cx)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        if self.started {
            self.values.direct()
        } else {
            self.ends.direct()
        }
    }

    fn direct_done(&mut self, n: usize) {
        if self.started {
            self.values.direct_done(n);
        } else {
            self.ends.advance(n);
        }
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::Array(Box::new(ArrayColumn {
            ends: self.ends.finish(),
            values: self.values.finish(),
        }))
    }
}

/// All rows of the first element, then all rows of the second …
#[derive(Debug)]
pub(super) struct ReadTuple {
    rows: usize,
    elements: Vec<Box<dyn ReadColumn>>,
    /// The element whose prefix is next, and the one whose data is next.
    prefixes: usize,
    datas: usize,
}

impl ReadTuple {
    pub(super) fn new(elements: Vec<Box<dyn ReadColumn>>) -> Self {
        Self {
            rows: 0,
            elements,
            prefixes: 0,
            datas: 0,
        }
    }
}

impl ReadColumn for ReadTuple {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        while let Some(element) = self.elements.get_mut(self.prefixes) {
            if element.prefix(r, cx)? == Step::More {
                return Ok(Step::More);
            }
            self.prefixes = self.prefixes.saturating_add(1);
        }
        Ok(Step::Done)
    }

    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::Tuple(column) = data {
            for (element, data) in self.elements.iter_mut().zip(column.elements) {
                element.reuse(data);
            }
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        // Here and in `finish` loops instead of adapters, whose closures take stack at each level.
        for element in &mut self.elements {
            element.start(rows, cx)?;
        }
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        while let Some(element) = self.elements.get_mut(self.datas) {
            if element.data(r, cx)? == Step::More {
                return Ok(Step::More);
            }
            self.datas = self.datas.saturating_add(1);
        }
        Ok(Step::Done)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        self.elements.get_mut(self.datas)?.direct()
    }

    fn direct_done(&mut self, n: usize) {
        if let Some(element) = self.elements.get_mut(self.datas) {
            element.direct_done(n);
        }
    }

    fn finish(&mut self) -> ColumnData {
        let mut elements = Vec::with_capacity(self.elements.len());
        for element in &mut self.elements {
            elements.push(element.finish());
        }
        ColumnData::Tuple(TupleColumn {
            rows: self.rows,
            elements,
        })
    }
}
