//! Columns of fixed width: numbers, dates, UUIDs, addresses.

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::filling::Filling;
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use crate::codec::prim::{Step, to_u64};

/// Most bytes set aside for something before the first of them arrived. The column of a usual block (65,409 rows of
/// 8 bytes) fits, so it is allocated once.
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

/// What has arrived of numbers of which `missing` are wanted, and whether that is all of them.
pub(super) fn arrived<T: Scalar>(
    r: &mut Reader<'_>,
    missing: usize,
) -> Result<(Vec<T>, Step), DecodeError> {
    let mut values = Vec::new();
    let step = fill(r, &mut values, missing)?;
    Ok((values, step))
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
    values: Filling<T>,
    wrap: fn(Vec<T>) -> ColumnData,
    unwrap: fn(ColumnData) -> Option<Vec<T>>,
}

impl<T: Scalar> Fixed<T> {
    pub(super) fn boxed() -> Box<dyn ReadColumn> {
        Self::wrapped(T::column, T::vec)
    }

    pub(super) fn wrapped(
        wrap: fn(Vec<T>) -> ColumnData,
        unwrap: fn(ColumnData) -> Option<Vec<T>>,
    ) -> Box<dyn ReadColumn> {
        Box::new(Self {
            values: Filling::default(),
            wrap,
            unwrap,
        })
    }
}

impl<T: Scalar> ReadColumn for Fixed<T> {
    fn reuse(&mut self, data: ColumnData) {
        if let Some(values) = (self.unwrap)(data) {
            self.values.reuse(values);
        }
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.values.start(rows);
        cx.spend("values", to_u64(rows).saturating_mul(to_u64(T::WIDTH)))
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        self.values.fill(r)
    }

    fn direct(&mut self) -> Option<&mut [u8]> {
        self.values.direct()
    }

    fn direct_done(&mut self, n: usize) {
        self.values.advance(n);
    }

    fn finish(&mut self) -> ColumnData {
        (self.wrap)(self.values.finish())
    }
}

/// A UUID travels as two little-endian halves, the high half first; read as one number the halves are swapped.
pub(super) fn swap_halves(mut values: Vec<u128>) -> Vec<u128> {
    values.iter_mut().for_each(|v| *v = v.rotate_left(64));
    values
}

/// IPv6 addresses travel in network order.
pub(super) fn swap_bytes(mut values: Vec<u128>) -> Vec<u128> {
    values.iter_mut().for_each(|v| *v = v.swap_bytes());
    values
}

/// The memory of such a column.
pub(super) fn numbers128(data: ColumnData) -> Option<Vec<u128>> {
    match data {
        ColumnData::Uuid(values) | ColumnData::Ipv6(values) => Some(values),
        _ => None,
    }
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
