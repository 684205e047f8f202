//! Decimal numbers of any precision, as `java.math.BigDecimal` has them.

use crate::Error;
use crate::codec::{Decoder, Encoder};

/// A decimal number: `unscaled × 10^-scale`, of any precision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    scale: i32,
    negative: bool,
    /// Big-endian, without leading zeros; empty for zero.
    magnitude: Vec<u8>,
}

impl Decimal {
    /// The number `unscaled × 10^-scale`: `new(1234, 2)` is 12.34.
    pub fn new(unscaled: i128, scale: i32) -> Self {
        Self::from_magnitude(unscaled < 0, &unscaled.unsigned_abs().to_be_bytes(), scale)
    }

    /// A number whose unscaled value has this sign and these big-endian bytes.
    pub fn from_magnitude(negative: bool, magnitude: &[u8], scale: i32) -> Self {
        let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
        let magnitude: Vec<u8> = magnitude.iter().skip(zeros).copied().collect();
        Self {
            scale,
            negative: negative && !magnitude.is_empty(),
            magnitude,
        }
    }

    /// Digits behind the point; negative for trailing zeros before it.
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The absolute unscaled value, big-endian without leading zeros; empty for zero.
    pub fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }

    /// The unscaled value; `None` if it does not fit.
    pub fn unscaled(&self) -> Option<i128> {
        if self.magnitude.len() > 16 {
            return None;
        }
        let all = self
            .magnitude
            .iter()
            .fold(0_u128, |n, byte| (n << 8) | u128::from(*byte));
        if self.negative {
            0_i128.checked_sub_unsigned(all)
        } else {
            i128::try_from(all).ok()
        }
    }

    /// Scale, length, and the magnitude with the sign as its top bit; a zero byte goes before a magnitude whose own
    /// top bit is set. Zero is one zero byte. Source: server class `BinaryWriterExImpl.doWriteDecimal`.
    pub(crate) fn write_body(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.i32(self.scale);
        let first = self.magnitude.first().copied().unwrap_or(0);
        let padded = first & 0x80 != 0 || self.magnitude.is_empty();
        to.count(
            "decimal",
            self.magnitude.len().saturating_add(usize::from(padded)),
        )?;
        let sign = if self.negative { 0x80 } else { 0 };
        if padded {
            to.u8(sign);
            to.raw(&self.magnitude);
        } else {
            to.u8(first | sign);
            to.raw(self.magnitude.get(1..).unwrap_or_default());
        }
        Ok(())
    }

    /// See [`Self::write_body`].
    pub(crate) fn read_body(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let scale = from.i32("decimal scale")?;
        let len = from.count("decimal length", 1)?;
        let raw = from.take("decimal", len)?;
        let Some((first, rest)) = raw.split_first() else {
            return Err(from.invalid("decimal length", 4, "is 0, expected at least 1".to_owned()));
        };
        let mut magnitude = vec![first & 0x7f];
        magnitude.extend_from_slice(rest);
        Ok(Self::from_magnitude(first & 0x80 != 0, &magnitude, scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_sign_and_size() {
        for n in [0, 1, -1, 127, 128, -128, 255, i128::MAX, i128::MIN] {
            assert_eq!(Decimal::new(n, 3).unscaled(), Some(n));
        }
        assert_eq!(
            Decimal::from_magnitude(true, &[0, 0], 1),
            Decimal::new(0, 1)
        );
        assert_eq!(
            Decimal::from_magnitude(false, &[0xff; 16], 0).unscaled(),
            None
        );
        assert_eq!(Decimal::from_magnitude(false, &[1; 17], 0).unscaled(), None);
    }
}
