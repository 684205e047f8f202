//! `String` and `FixedString`.
//!
//! Below revision 54492 a string column is length, bytes, length, bytes …; from there on it is all end offsets as u64
//! and then all bytes. Dictionaries of `LowCardinality` keep the older layout.

use super::data::range;
use crate::codec::prim::{put_varint, to_u64};

/// Byte strings: all bytes one after another, and where each string ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StringColumn {
    pub(super) ends: Vec<u64>,
    pub(super) bytes: Vec<u8>,
}

impl StringColumn {
    /// No strings.
    pub(super) const EMPTY: Self = Self {
        ends: Vec::new(),
        bytes: Vec::new(),
    };

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
        self.bytes.get(self.range(row)?)
    }

    /// Where the string of `row` is in all bytes.
    #[inline]
    pub(super) fn range(&self, row: usize) -> Option<std::ops::Range<usize>> {
        (row < self.ends.len()).then(|| range(&self.ends, row))
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
