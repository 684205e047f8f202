//! Numbers of varying width: LEB128, zig-zag and CQL's vint.
//!
//! One value has one spelling: overlong and overflowing forms are errors, so that a damaged stream is noticed where
//! it is damaged.

use crate::{DecodeError, Reader, Writer};

/// The most bytes a 64-bit LEB128 number takes: ⌈64 / 7⌉.
pub const MAX_LEB128_BYTES: usize = 10;

/// Reads an unsigned LEB128 number: seven bits a byte, low bits first, top bit set on all but the last byte.
///
/// # Errors
/// `UnexpectedEnd` in the middle of a number; `Invalid` if it has more than 64 bits or more bytes than it needs.
#[inline]
pub(crate) fn read_leb128(r: &mut Reader<'_>, field: &'static str) -> Result<u64, DecodeError> {
    let first = r.u8(field)?;
    if first < 0x80 {
        return Ok(u64::from(first));
    }
    read_leb128_tail(r, field, first)
}

fn read_leb128_tail(
    r: &mut Reader<'_>,
    field: &'static str,
    first: u8,
) -> Result<u64, DecodeError> {
    let start = r.offset().saturating_sub(1);
    let mut value = u64::from(first & 0x7f);
    for shift in (7_u32..=63).step_by(7) {
        let byte = r.u8(field)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && byte > 1 {
            return Err(DecodeError::invalid(
                field,
                start,
                "is a varint of more than 64 bits",
            ));
        }
        value |= bits << shift;
        if byte < 0x80 {
            if byte == 0 {
                return Err(DecodeError::invalid(field, start, "is an overlong varint"));
            }
            return Ok(value);
        }
    }
    Err(DecodeError::invalid(
        field,
        start,
        "is a varint of more than 64 bits",
    ))
}

/// Writes an unsigned LEB128 number in the fewest bytes.
#[inline]
pub fn write_leb128(w: &mut Writer<'_>, mut value: u64) {
    while value >= 0x80 {
        w.u8(low_byte(value) | 0x80);
        value >>= 7;
    }
    w.u8(low_byte(value));
}

/// Bytes that [`write_leb128`] takes for `value`.
#[inline]
pub const fn leb128_len(value: u64) -> usize {
    // Bits in sevens, rounded up; 0 takes one byte.
    let bits = 64_u32.saturating_sub((value | 1).leading_zeros());
    // At most 10, so no width is lost.
    #[expect(
        clippy::as_conversions,
        reason = "try_from is not const; the value is at most 10"
    )]
    let len = bits.div_ceil(7) as usize;
    len
}

/// Folds the sign into the lowest bit, so that small negative numbers stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
#[inline]
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The inverse of [`zigzag`].
#[inline]
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ (value & 1).cast_signed().wrapping_neg()
}

/// Reads CQL's unsigned vint: the number of leading one bits of the first byte is the number of bytes that follow, and
/// the value is big-endian (CQL protocol v5 §3, `[unsigned vint]`).
///
/// # Errors
/// `UnexpectedEnd` in the middle of a number; `Invalid` if it has more bytes than it needs.
pub fn read_cql_vint(r: &mut Reader<'_>, field: &'static str) -> Result<u64, DecodeError> {
    let start = r.offset();
    let first = r.u8(field)?;
    let extra = first.leading_ones();
    let mut value = u64::from(first & 0xff_u8.checked_shr(extra).unwrap_or(0));
    for _ in 0..extra {
        value = (value << 8) | u64::from(r.u8(field)?);
    }
    let expected = usize::try_from(extra)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    if cql_vint_len(value) == expected {
        Ok(value)
    } else {
        Err(DecodeError::invalid(field, start, "is an overlong vint"))
    }
}

/// Writes CQL's unsigned vint in the fewest bytes.
pub fn write_cql_vint(w: &mut Writer<'_>, value: u64) {
    let len = cql_vint_len(value);
    let extra = len.saturating_sub(1);
    let bytes = value.to_be_bytes();
    if extra == 8 {
        w.u8(0xff);
        w.put(&bytes);
        return;
    }
    // `extra` leading ones over the top bits of the value, which `cql_vint_len` left free.
    let ones = !(0xff_u8
        .checked_shr(u32::try_from(extra).unwrap_or(8))
        .unwrap_or(0));
    if let Some((first, rest)) = bytes
        .get(8_usize.saturating_sub(len)..)
        .and_then(<[u8]>::split_first)
    {
        w.u8(first | ones);
        w.put(rest);
    }
}

/// Bytes that [`write_cql_vint`] takes for `value`.
pub const fn cql_vint_len(value: u64) -> usize {
    // Seven bits of value a byte, up to eight bytes; 57 bits and more take nine.
    let len = leb128_len(value);
    if len > 9 { 9 } else { len }
}

#[inline]
fn low_byte(value: u64) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leb(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_leb128(&mut Writer::new(&mut out), value);
        out
    }

    fn vint(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        write_cql_vint(&mut Writer::new(&mut out), value);
        out
    }

    /// Published examples: DWARF 4 §7.6 figure 22, and the edges of 64 bits.
    #[test]
    fn leb128_examples() {
        for (value, bytes) in [
            (2_u64, vec![2]),
            (127, vec![127]),
            (128, vec![0x80, 1]),
            (129, vec![0x81, 1]),
            (12857, vec![0xb9, 0x64]),
            (
                u64::MAX,
                vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            ),
        ] {
            assert_eq!(leb(value), bytes);
            assert_eq!(leb128_len(value), bytes.len());
            assert_eq!(Reader::new(&bytes).leb128("n").unwrap(), value);
            for cut in 0..bytes.len() {
                assert!(Reader::new(&bytes[..cut]).leb128("n").is_err());
            }
        }
    }

    #[test]
    fn leb128_has_one_spelling_of_each_number() {
        for bad in [
            &[0x80, 0][..],
            &[0xff, 0x80, 0],
            &[0xff; 11],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81],
        ] {
            let mut r = Reader::new(bad);
            assert!(r.leb128("n").is_err(), "{bad:02x?}");
            assert_eq!(r.offset(), 0, "a failed read consumes nothing");
        }
    }

    /// Protocol buffers' documentation of zig-zag.
    #[test]
    fn zigzag_examples() {
        for (signed, folded) in [
            (0, 0),
            (-1, 1),
            (1, 2),
            (-2, 3),
            (i64::MAX, u64::MAX - 1),
            (i64::MIN, u64::MAX),
        ] {
            assert_eq!(zigzag(signed), folded);
            assert_eq!(unzigzag(folded), signed);
        }
    }

    /// CQL: one byte below 128; each further byte adds seven bits; nine bytes from 2⁵⁶.
    #[test]
    fn cql_vint_examples() {
        for (value, bytes) in [
            (0_u64, vec![0]),
            (127, vec![0x7f]),
            (128, vec![0x80, 0x80]),
            (256_000, vec![0xc3, 0xe8, 0x00]),
            (
                (1 << 56) - 1,
                vec![0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            ),
            (1 << 56, vec![0xff, 1, 0, 0, 0, 0, 0, 0, 0]),
            (u64::MAX, vec![0xff; 9]),
        ] {
            assert_eq!(vint(value), bytes);
            assert_eq!(read_cql_vint(&mut Reader::new(&bytes), "n").unwrap(), value);
        }
        assert!(
            read_cql_vint(&mut Reader::new(&[0x80, 0x01]), "n").is_err(),
            "overlong"
        );
    }

    proptest! {
        #[test]
        fn every_number_comes_back(value: u64, signed: i64) {
            let bytes = leb(value);
            prop_assert_eq!(bytes.len(), leb128_len(value));
            let mut r = Reader::new(&bytes);
            prop_assert_eq!(r.leb128("n").unwrap(), value);
            prop_assert!(r.is_empty());
            let bytes = vint(value);
            prop_assert_eq!(bytes.len(), cql_vint_len(value));
            let mut r = Reader::new(&bytes);
            prop_assert_eq!(read_cql_vint(&mut r, "n").unwrap(), value);
            prop_assert!(r.is_empty());
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }
    }
}
