//! Null bits, in the two forms that IoTDB has.
//!
//! | where | bit order | meaning of 1 | bytes |
//! | --- | --- | --- | --- |
//! | tablet (request) | least significant first | null | rows / 8 + 1, so 8 rows take 2 |
//! | TsBlock (answer) | most significant first | null | rows / 8, rounded up |
//! | legacy row set (answer) | most significant first | present | rows / 8, rounded up |

use bytes::Bytes;
use wire_core::{DecodeError, Reader};

/// Bits of a byte, least significant first.
const LOW_FIRST: [u8; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// Bits of a byte, most significant first.
const HIGH_FIRST: [u8; 8] = [128, 64, 32, 16, 8, 4, 2, 1];
/// All bits before the bit of a position, most significant first.
const BEFORE: [u8; 8] = [0, 0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe];

/// The null bits of a column of a tablet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NullBits {
    /// As on the wire, without the byte that the wire has too many.
    bits: Vec<u8>,
    rows: usize,
    nulls: usize,
}

impl NullBits {
    /// Appends one row.
    pub(crate) fn push(&mut self, null: bool) {
        if self.rows.is_multiple_of(8) {
            self.bits.push(0);
        }
        if null {
            if let Some(last) = self.bits.last_mut() {
                *last |= bit(&LOW_FIRST, self.rows);
            }
            self.nulls = self.nulls.saturating_add(1);
        }
        self.rows = self.rows.saturating_add(1);
    }

    /// Whether any row is null.
    pub(crate) fn any(&self) -> bool {
        self.nulls > 0
    }

    /// Whether `row` is null.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        is_set(&self.bits, &LOW_FIRST, row)
    }

    /// The form on the wire: one byte more than the rows need if they fill their last byte.
    pub(crate) fn write(&self, order: Option<&[usize]>, out: &mut Vec<u8>) {
        let bytes = (self.rows / 8).saturating_add(1);
        match order {
            None => {
                out.extend_from_slice(&self.bits);
                out.extend(std::iter::repeat_n(
                    0,
                    bytes.saturating_sub(self.bits.len()),
                ));
            }
            Some(order) => {
                let mut sorted = Self::default();
                order.iter().for_each(|row| sorted.push(self.is_null(*row)));
                sorted.write(None, out);
            }
        }
    }

    /// Reads the form on the wire.
    pub(crate) fn read(r: &mut Reader<'_>, rows: usize) -> Result<Self, DecodeError> {
        let bits = r.take("null bits", (rows / 8).saturating_add(1))?;
        let mut out = Self::default();
        (0..rows).for_each(|row| out.push(is_set(bits, &LOW_FIRST, row)));
        Ok(out)
    }

    /// The bits of `rows` rows of which none is null.
    pub(crate) fn none(rows: usize) -> Self {
        Self {
            bits: vec![0; rows.div_ceil(8)],
            rows,
            nulls: 0,
        }
    }
}

/// Which positions of a result column have a value, and how many have one before each.
///
/// Values of positions that are null are not on the wire, so the value of position `i` is the one with as many values
/// before it as positions before `i` are present. Counts are kept for every eighth position: four bytes for each byte
/// of bits.
#[derive(Debug, Clone)]
pub(crate) struct Presence {
    bits: Bytes,
    one_is_null: bool,
    before: Vec<u32>,
    present: usize,
}

impl Presence {
    /// Reads the bits of `rows` positions.
    pub(crate) fn read(
        r: &mut Reader<'_>,
        rows: usize,
        one_is_null: bool,
    ) -> Result<Self, DecodeError> {
        let bits = r.bytes("null bits", rows.div_ceil(8))?;
        let flip = if one_is_null { 0xff } else { 0 };
        let mut present = 0_u32;
        let before = bits.iter().map(|byte| {
            let before = present;
            present = present.saturating_add((byte ^ flip).count_ones());
            before
        });
        let before = before.collect();
        // Bits behind the last position mean nothing.
        let beyond = match (bits.last(), rows % 8) {
            (Some(last), used @ 1..) => {
                let mask = BEFORE.get(used).copied().unwrap_or(0);
                ((last ^ flip) & !mask).count_ones()
            }
            _ => 0,
        };
        Ok(Self {
            bits,
            one_is_null,
            before,
            // 32 bits count every position: their number came as an i32.
            present: usize::try_from(present.saturating_sub(beyond)).unwrap_or(usize::MAX),
        })
    }

    /// How many positions have a value.
    pub(crate) fn present(&self) -> usize {
        self.present
    }

    /// The number of the value of position `row` among the values; `None` if it is null.
    #[inline]
    pub(crate) fn index(&self, row: usize) -> Option<usize> {
        let byte = self.bits.get(row / 8)?;
        let present = if self.one_is_null { !byte } else { *byte };
        if present & bit(&HIGH_FIRST, row) == 0 {
            return None;
        }
        let in_byte = (present & bit(&BEFORE, row)).count_ones();
        let before = self.before.get(row / 8)?.saturating_add(in_byte);
        usize::try_from(before).ok()
    }

    /// Whether a bit of 1 means null: so in blocks, and not in legacy row sets.
    pub(crate) fn one_is_null(&self) -> bool {
        self.one_is_null
    }

    /// The bits as they came.
    pub(crate) fn bits(&self) -> &Bytes {
        &self.bits
    }
}

/// Packs `bits` most significant first.
pub(crate) fn pack_high_first(bits: impl Iterator<Item = bool>, out: &mut Vec<u8>) {
    for (row, set) in bits.enumerate() {
        if row % 8 == 0 {
            out.push(0);
        }
        if let (true, Some(last)) = (set, out.last_mut()) {
            *last |= bit(&HIGH_FIRST, row);
        }
    }
}

/// Whether the bit of `row` is set, most significant first.
#[inline]
pub(crate) fn is_set_high_first(bits: &[u8], row: usize) -> bool {
    is_set(bits, &HIGH_FIRST, row)
}

#[inline]
fn is_set(bits: &[u8], order: &[u8; 8], row: usize) -> bool {
    bits.get(row / 8)
        .is_some_and(|byte| byte & bit(order, row) != 0)
}

#[inline]
fn bit(table: &[u8; 8], row: usize) -> u8 {
    table.get(row % 8).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tablet_bits_are_low_first_with_a_byte_too_many() {
        let mut bits = NullBits::none(0);
        for row in 0..8 {
            bits.push(row == 1 || row == 7);
        }
        let mut out = Vec::new();
        bits.write(None, &mut out);
        assert_eq!(out, [0b1000_0010, 0]);
        assert!(bits.any() && bits.is_null(7) && !bits.is_null(0));
        out.clear();
        bits.write(Some(&[7, 0, 1, 2, 3, 4, 5, 6]), &mut out);
        assert_eq!(out, [0b0000_0101, 0]);
        let again = NullBits::read(&mut Reader::new(&[0b1000_0010, 0]), 8).unwrap();
        assert_eq!(again, bits);
        assert!(NullBits::read(&mut Reader::new(&[0]), 8).is_err());
    }

    #[test]
    fn presence_counts_the_values_before_a_position() {
        // 11 positions; null are 1, 2 and 9; the bits behind them are noise.
        let data = Bytes::from_static(&[0b0110_0000, 0b0101_1111]);
        let nulls = Presence::read(&mut Reader::over(&data), 11, true).unwrap();
        assert_eq!(nulls.present(), 8);
        let indexes: Vec<_> = (0..11).map(|row| nulls.index(row)).collect();
        let expected = [
            Some(0),
            None,
            None,
            Some(1),
            Some(2),
            Some(3),
            Some(4),
            Some(5),
            Some(6),
            None,
            Some(7),
        ];
        assert_eq!(indexes, expected);

        // The same positions in the form of a row set, where 1 means present.
        let data = Bytes::from_static(&[0b1001_1111, 0b1010_0000]);
        let present = Presence::read(&mut Reader::over(&data), 11, false).unwrap();
        let indexes: Vec<_> = (0..11).map(|row| present.index(row)).collect();
        assert_eq!((indexes.as_slice(), present.present()), (&expected[..], 8));
    }
}
