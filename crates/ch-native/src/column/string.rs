//! `String` and `FixedString`.
//!
//! Below revision 54492 a string column is length, bytes, length, bytes …; from there on it is all end offsets as u64
//! and then all bytes. Dictionaries of `LowCardinality` keep the older layout.

use wire_core::{DecodeError, Reader};

use super::data::{ColumnData, range};
use super::fixed::{ends_total, first_reserve};
use super::read::{Context, ReadColumn};
use crate::codec::prim::{Step, put_varint, to_u64, varint};

/// Byte strings: all bytes one after another, and where each string ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StringColumn {
    pub(super) ends: Vec<u64>,
    pub(super) bytes: Vec<u8>,
}

impl StringColumn {
    /// How many strings it holds.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string of `row`; `None` if there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        if row >= self.ends.len() {
            return None;
        }
        self.bytes.get(range(&self.ends, row))
    }

    /// All strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map_while(|row| self.get(row))
    }

    /// For each string the offset behind its last byte; never falls.
    pub fn ends(&self) -> &[u64] {
        &self.ends
    }

    /// The bytes of all strings.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends a string.
    pub fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.ends.push(to_u64(self.bytes.len()));
    }

    /// Appends the column's wire form.
    pub(super) fn put(&self, with_offsets: bool, out: &mut Vec<u8>) {
        if with_offsets {
            super::Scalar::put(&self.ends, out);
            out.extend_from_slice(&self.bytes);
        } else {
            for value in self.iter() {
                put_varint(out, to_u64(value.len()));
                out.extend_from_slice(value);
            }
        }
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for StringColumn {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut column = Self::default();
        for value in values {
            column.push(value.as_ref());
        }
        column
    }
}

/// Byte strings of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedStringColumn {
    pub(super) width: usize,
    pub(super) bytes: Vec<u8>,
}

impl FixedStringColumn {
    /// Strings of `width` bytes each; shorter ones are padded with zeros, as the server does.
    ///
    /// `None` if one is longer, or if `width` is 0.
    pub fn new<T: AsRef<[u8]>>(width: usize, values: impl IntoIterator<Item = T>) -> Option<Self> {
        let mut bytes = Vec::new();
        for value in values {
            let value = value.as_ref();
            bytes.extend_from_slice(value);
            bytes.resize(
                bytes.len().saturating_add(width.checked_sub(value.len())?),
                0,
            );
        }
        (width > 0).then_some(Self { width, bytes })
    }

    /// How many strings it holds.
    pub fn len(&self) -> usize {
        self.bytes.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes of each string.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The string of `row`; `None` if there is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&[u8]> {
        let start = row.checked_mul(self.width)?;
        self.bytes.get(start..start.checked_add(self.width)?)
    }

    /// The bytes of all strings.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads length, bytes, length, bytes …
#[derive(Debug, Default)]
pub(super) struct ClassicStrings {
    rows: usize,
    column: StringColumn,
    /// Bytes that are missing of the string that is being read.
    open: Option<usize>,
}

impl ReadColumn for ClassicStrings {
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
    rows: usize,
    column: StringColumn,
    /// Length of all strings, once the ends are there.
    total: Option<usize>,
}

impl ReadColumn for OffsetStrings {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        self.column.ends.reserve(first_reserve(rows, 8));
        cx.spend("String", to_u64(rows).saturating_mul(8))
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        let column = &mut self.column;
        let total = match self.total {
            Some(total) => total,
            None => {
                if super::fixed::fill(r, &mut column.ends, self.rows)? == Step::More {
                    return Ok(Step::More);
                }
                let total = ends_total(&column.ends, "string.ends", r.offset())?;
                *self.total.insert(cx.size("string.ends", total)?)
            }
        };
        if super::fixed::fill(r, &mut column.bytes, total)? == Step::More {
            return Ok(Step::More);
        }
        Ok(Step::Done)
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::String(std::mem::take(&mut self.column))
    }
}

/// Reads strings of one length.
#[derive(Debug)]
pub(super) struct FixedStrings {
    width: usize,
    total: usize,
    bytes: Vec<u8>,
}

impl FixedStrings {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            total: 0,
            bytes: Vec::new(),
        }
    }
}

impl ReadColumn for FixedStrings {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        let total = to_u64(rows).saturating_mul(to_u64(self.width));
        self.total = cx.size("FixedString", total)?;
        self.bytes.reserve(first_reserve(self.total, 1));
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        super::fixed::fill(r, &mut self.bytes, self.total)
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::FixedString(FixedStringColumn {
            width: self.width,
            bytes: std::mem::take(&mut self.bytes),
        })
    }
}
