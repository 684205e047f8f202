//! `bigdecimal::BigDecimal` for decimal columns.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use super::{beyond, by_way_of};
use crate::error::Error;
use crate::types::{Decimal, Varint};

impl TryFrom<Decimal> for BigDecimal {
    type Error = Error;

    /// Never fails.
    fn try_from(number: Decimal) -> Result<Self, Error> {
        let unscaled = BigInt::from_signed_bytes_be(number.unscaled.as_be_bytes());
        Ok(Self::new(unscaled, i64::from(number.scale)))
    }
}

impl TryFrom<BigDecimal> for Decimal {
    type Error = Error;

    /// Keeps the digits behind the point, of which there can be 2³¹ - 1 at most.
    fn try_from(number: BigDecimal) -> Result<Self, Error> {
        let (unscaled, scale) = number.into_bigint_and_exponent();
        let Ok(scale) = i32::try_from(scale) else {
            let text = format!("a number with a scale of {scale}");
            return Err(beyond(text, "decimal, whose scale has 32 bits"));
        };
        // Zero has a byte too.
        let unscaled = Varint::from_be_bytes(&unscaled.to_signed_bytes_be()).unwrap_or_default();
        Ok(Self { unscaled, scale })
    }
}

by_way_of! {
    BigDecimal, Decimal;
}
