//! Numbers without bounds, and counters.

use std::fmt;

/// What a counter column counts. It is read, and bound as what is added: `SET c = c + ?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a counter is this number and nothing else"
)]
pub struct Counter(pub i64);

/// An integer of any size, as big-endian two's complement of at least one byte.
///
/// Two are equal if their numbers are, whatever their length was on the wire.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Varint(Vec<u8>);

impl Varint {
    /// The number of these big-endian bytes in two's complement; `None` if there are none.
    pub fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = bytes;
        // A first byte that only repeats the sign of the second says nothing.
        while let [first, rest @ ..] = bytes
            && let [second, ..] = rest
        {
            let sign = if *second & 0x80 == 0 { 0 } else { 0xff };
            if *first != sign {
                break;
            }
            bytes = rest;
        }
        (!bytes.is_empty()).then(|| Self(bytes.to_vec()))
    }

    /// The fewest bytes that hold the number.
    pub fn as_be_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number, if it fits 128 bits.
    pub fn to_i128(&self) -> Option<i128> {
        let mut wide = [if self.is_negative() { 0xff } else { 0 }; 16];
        let room = wide.len().checked_sub(self.0.len())?;
        wide.get_mut(room..)?.copy_from_slice(&self.0);
        Some(i128::from_be_bytes(wide))
    }
}

/// Numbers of more bytes are not written in decimal, which takes time in proportion to the square of their length.
const DECIMAL_BYTES: usize = 4_096;

impl Varint {
    /// Divides by a billion until nothing is left; the remainders are groups of nine digits.
    fn write_decimal(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const GROUP: u64 = 1_000_000_000;
        let is_negative = self.is_negative();
        // Of a negative number -n, the bytes turned over are n - 1.
        let flip = if is_negative { 0xff } else { 0 };
        let mut carry = u64::from(is_negative);
        let mut words: Vec<u32> = Vec::new();
        for chunk in self.0.rchunks(4) {
            let word = chunk
                .iter()
                .fold(0, |word: u64, byte| word << 8 | u64::from(byte ^ flip));
            let (low, high) = halves(word.wrapping_add(carry));
            words.push(low);
            carry = high;
        }
        words.push(halves(carry).0);
        let mut groups = Vec::new();
        while words.last().is_some_and(|word| *word == 0) {
            words.pop();
        }
        while !words.is_empty() {
            let mut left = 0;
            for word in words.iter_mut().rev() {
                let n: u64 = left << 32 | u64::from(*word);
                *word = halves(n / GROUP).0;
                left = n % GROUP;
            }
            groups.push(left);
            while words.last().is_some_and(|word| *word == 0) {
                words.pop();
            }
        }
        f.write_str(if is_negative { "-" } else { "" })?;
        let mut groups = groups.iter().rev();
        write!(f, "{}", groups.next().unwrap_or(&0))?;
        groups.try_for_each(|group| write!(f, "{group:09}"))
    }

    fn is_negative(&self) -> bool {
        self.0.first().is_some_and(|byte| byte & 0x80 != 0)
    }
}

/// The lower 32 bits, and what is above them.
fn halves(n: u64) -> (u32, u64) {
    (u32::try_from(n & 0xffff_ffff).unwrap_or(u32::MAX), n >> 32)
}

impl From<i128> for Varint {
    fn from(number: i128) -> Self {
        // Sixteen bytes are never none.
        Self::from_be_bytes(&number.to_be_bytes()).unwrap_or_default()
    }
}

impl From<i64> for Varint {
    fn from(number: i64) -> Self {
        i128::from(number).into()
    }
}

impl Default for Varint {
    /// Zero.
    fn default() -> Self {
        Self(vec![0])
    }
}

impl fmt::Display for Varint {
    /// Decimal; above 4,096 bytes, where that takes too long, hexadecimal two's complement after `0x`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.to_i128() {
            return write!(f, "{number}");
        }
        if self.0.len() <= DECIMAL_BYTES {
            return self.write_decimal(f);
        }
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Varint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A decimal number: `unscaled × 10^-scale`.
///
/// Equality is of the two parts: 1.5 and 1.50 are different, as they are on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "these two are all that CQL's decimal has"
)]
pub struct Decimal {
    /// The digits as one integer.
    pub unscaled: Varint,
    /// Digits behind the point; negative means zeros before it.
    pub scale: i32,
}

/// Up to so many digits behind the point a decimal is written without an exponent.
const PLAIN_SCALE: usize = 64;

impl fmt::Display for Decimal {
    /// `-12.50`, with all digits that it has; with an exponent (`125E+7`, `1E-100`) where the point is far away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unscaled = self.unscaled.to_string();
        let (sign, digits) = match unscaled.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", unscaled.as_str()),
        };
        match usize::try_from(self.scale) {
            Ok(0) => write!(f, "{unscaled}"),
            Ok(scale) if scale <= PLAIN_SCALE => {
                let whole = digits.len().saturating_sub(scale);
                let (whole, part) = digits.split_at_checked(whole).unwrap_or(("", digits));
                let whole = if whole.is_empty() { "0" } else { whole };
                write!(f, "{sign}{whole}.{part:0>scale$}")
            }
            _ => write!(f, "{unscaled}E{:+}", i64::from(self.scale).wrapping_neg()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published vectors of java.math.BigInteger's byte form.
    #[test]
    fn varints_are_minimal_and_forgiving() {
        for (number, bytes) in [
            (0_i128, &[0x00][..]),
            (127, &[0x7f]),
            (128, &[0x00, 0x80]),
            (-1, &[0xff]),
            (-128, &[0x80]),
            (-129, &[0xff, 0x7f]),
            (255, &[0x00, 0xff]),
            (1 << 63, &[0, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(Varint::from(number).as_be_bytes(), bytes);
            assert_eq!(
                Varint::from_be_bytes(bytes).unwrap().to_i128(),
                Some(number)
            );
        }
        assert_eq!(
            Varint::from_be_bytes(&[0, 0, 0, 5]),
            Some(Varint::from(5_i64))
        );
        assert_eq!(Varint::from_be_bytes(&[]), None);
        let wide = Varint::from_be_bytes(&[0x7f; 17]).unwrap();
        assert_eq!((wide.to_i128(), wide.to_string().len()), (None, 41));
    }

    #[test]
    fn varints_of_any_size_are_shown_in_decimal() {
        let of = |bytes: &[u8]| Varint::from_be_bytes(bytes).unwrap().to_string();
        // Powers of two, from published tables.
        let mut power = [0; 18];
        power[1] = 1;
        assert_eq!(of(&power), "340282366920938463463374607431768211456");
        assert_eq!(of(&[0xff; 3]), "-1");
        let mut negative = [0xff; 18];
        negative[2..].fill(0);
        assert_eq!(of(&negative), "-340282366920938463463374607431768211456");
        let mut least = [0; 17];
        least[0] = 0x80;
        assert_eq!(of(&least), "-43556142965880123323311949751266331066368");
        let mut ten_to_40 = vec![0];
        ten_to_40.extend_from_slice(&0x1d63_29f1_c35c_a4bf_abb9_f561_0000_0000_u128.to_be_bytes());
        ten_to_40.push(0);
        assert_eq!(of(&ten_to_40), "10000000000000000000000000000000000000000");
        let huge = of(&[0x11; 5_000]);
        assert!(huge.starts_with("0x11"));
        assert_eq!(of(&[0x11; 4_096]).len(), 9_863);
    }

    #[test]
    fn decimals_keep_their_digits() {
        let text = |unscaled: i64, scale| {
            Decimal {
                unscaled: unscaled.into(),
                scale,
            }
            .to_string()
        };
        for (unscaled, scale, expected) in [
            (150, 2, "1.50"),
            (-1, 3, "-0.001"),
            (12, -3, "12E+3"),
            (0, 1, "0.0"),
            (5, 0, "5"),
            (-12_345, 5, "-0.12345"),
            (-12_345, 4, "-1.2345"),
            (1, 100, "1E-100"),
            (7, i32::MIN, "7E+2147483648"),
            (7, i32::MAX, "7E-2147483647"),
        ] {
            assert_eq!(text(unscaled, scale), expected);
        }
    }
}
