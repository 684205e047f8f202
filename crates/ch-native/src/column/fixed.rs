//! Columns of fixed width: numbers, dates, UUIDs, addresses.

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use crate::codec::prim::{Step, to_u64};

/// Most bytes set aside for a column before the first of them arrived. The column of a usual block (65,409 rows of 8
/// bytes) fits, so it is allocated once.
const FIRST_RESERVE_BYTES: usize = 1 << 20;

/// How many elements of `width` bytes to make room for at first, when `rows` are announced.
pub(super) fn first_reserve(rows: usize, width: usize) -> usize {
    rows.min(FIRST_RESERVE_BYTES.checked_div(width).unwrap_or(0))
}

/// Appends to `values` what has arrived of them, until there are `rows`.
#[inline]
pub(super) fn fill<T: Scalar>(
    r: &mut Reader<'_>,
    values: &mut Vec<T>,
    rows: usize,
) -> Result<Step, DecodeError> {
    let missing = rows.saturating_sub(values.len());
    let there = r.left().checked_div(T::WIDTH).unwrap_or(0).min(missing);
    let wire = r.take("values", there.saturating_mul(T::WIDTH))?;
    T::append(values, wire);
    Ok(if there == missing {
        Step::Done
    } else {
        Step::More
    })
}

/// The last of cumulative `ends`, if they never fall.
pub(super) fn ends_total(
    ends: &[u64],
    field: &'static str,
    offset: usize,
) -> Result<u64, DecodeError> {
    if ends.is_sorted() {
        Ok(ends.last().copied().unwrap_or(0))
    } else {
        let what = "fall from one row to the next; they are cumulative";
        Err(DecodeError::invalid(field, offset, what))
    }
}

/// Reads numbers.
#[derive(Debug)]
pub(super) struct Fixed<T> {
    rows: usize,
    values: Vec<T>,
    wrap: fn(Vec<T>) -> ColumnData,
}

impl<T: Scalar> Fixed<T> {
    pub(super) fn boxed() -> Box<dyn ReadColumn> {
        Self::wrapped(T::column)
    }

    pub(super) fn wrapped(wrap: fn(Vec<T>) -> ColumnData) -> Box<dyn ReadColumn> {
        Box::new(Self {
            rows: 0,
            values: Vec::new(),
            wrap,
        })
    }
}

impl<T: Scalar> ReadColumn for Fixed<T> {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        self.values.reserve(first_reserve(rows, T::WIDTH));
        cx.spend("values", to_u64(rows).saturating_mul(to_u64(T::WIDTH)))
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        fill(r, &mut self.values, self.rows)
    }

    fn finish(&mut self) -> ColumnData {
        (self.wrap)(std::mem::take(&mut self.values))
    }
}

/// A UUID travels as two little-endian halves, the high half first; read as one number the halves are swapped.
pub(super) fn swap_halves(values: Vec<u128>) -> Vec<u128> {
    values.into_iter().map(|v| v.rotate_left(64)).collect()
}

/// IPv6 addresses travel in network order.
pub(super) fn swap_bytes(values: Vec<u128>) -> Vec<u128> {
    values.into_iter().map(u128::swap_bytes).collect()
}

/// `Nothing` and the tuple without elements: one meaningless byte a row.
#[derive(Debug)]
pub(super) struct Placeholders {
    rows: usize,
    seen: usize,
    wrap: fn(usize) -> ColumnData,
}

impl Placeholders {
    pub(super) fn new(wrap: fn(usize) -> ColumnData) -> Self {
        Self {
            rows: 0,
            seen: 0,
            wrap,
        }
    }
}

impl ReadColumn for Placeholders {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        cx.spend("placeholders", to_u64(rows))
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        let there = r.left().min(self.rows.saturating_sub(self.seen));
        r.skip("placeholders", there)?;
        self.seen = self.seen.saturating_add(there);
        Ok(if self.seen == self.rows {
            Step::Done
        } else {
            Step::More
        })
    }

    fn finish(&mut self) -> ColumnData {
        (self.wrap)(self.rows)
    }
}
