//! Readers of `String` and `FixedString`.

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::filling::Filling;
use super::fixed::{ends_total, first_reserve};
use super::read::{Context, ReadColumn};
use super::string::{FixedStringColumn, StringColumn};
use crate::codec::prim::{Step, to_u64, varint};

/// Reads length, bytes, length, bytes …
#[derive(Debug, Default)]
pub(super) struct ClassicStrings {
    rows: usize,
    column: StringColumn,
    /// Bytes that are missing of the string that is being read.
    open: Option<usize>,
}

impl ReadColumn for ClassicStrings {
    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::String(mut column) = data {
            column.ends.clear();
            column.bytes.clear();
            self.column = column;
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        self.column.ends.reserve(first_reserve(rows, 8));
        cx.spend("String", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        let column = &mut self.column;
        while column.ends.len() < self.rows {
            let missing = match self.open.take() {
                Some(missing) => missing,
                None => match varint(r, "string.length")? {
                    None => return Ok(Step::More),
                    Some(len) => cx.size("string.length", len)?,
                },
            };
            let there = missing.min(r.left());
            column.bytes.extend_from_slice(r.take("string", there)?);
            if there < missing {
                self.open = Some(missing.saturating_sub(there));
                return Ok(Step::More);
            }
            column.ends.push(to_u64(column.bytes.len()));
        }
        Ok(Step::Done)
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::String(std::mem::take(&mut self.column))
    }
}

/// Reads all ends, then all bytes.
#[derive(Debug, Default)]
pub(super) struct OffsetStrings {
    ends: Filling<u64>,
    bytes: Filling<u8>,
    /// Whether the ends are there, and with them the length of all strings.
    has_ends: bool,
}

impl ReadColumn for OffsetStrings {
    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::String(column) = data {
            self.ends.reuse(column.ends);
            self.bytes.reuse(column.bytes);
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.ends.start(rows);
        cx.spend("String", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.has_ends {
            if self.ends.fill(r)? == Step::More {
                return Ok(Step::More);
            }
            let total = ends_total(self.ends.values(), "string.ends", r.offset())?;
            self.bytes.start(cx.size("string.ends", total)?);
            self.has_ends = true;
        }
        self.bytes.fill(r)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        if self.has_ends {
            self.bytes.direct()
        } else {
            self.ends.direct()
        }
    }

    fn direct_done(&mut self, n: usize) {
        if self.has_ends {
            self.bytes.advance(n);
        } else {
            self.ends.advance(n);
        }
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::String(StringColumn {
            ends: self.ends.finish(),
            bytes: self.bytes.finish(),
        })
    }
}

/// Reads strings of one length.
#[derive(Debug)]
pub(super) struct FixedStrings {
    width: usize,
    bytes: Filling<u8>,
}

impl FixedStrings {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            bytes: Filling::default(),
        }
    }
}

impl ReadColumn for FixedStrings {
    fn reuse(&mut self, data: ColumnData) {
        if let ColumnData::FixedString(column) = data {
            self.bytes.reuse(column.bytes);
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        let total = to_u64(rows).saturating_mul(to_u64(self.width));
        self.bytes.start(cx.size("FixedString", total)?);
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.bytes.fill(r)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        self.bytes.direct()
    }

    fn direct_done(&mut self, n: usize) {
        self.bytes.advance(n);
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::FixedString(FixedStringColumn {
            width: self.width,
            bytes: self.bytes.finish(),
        })
    }
}
