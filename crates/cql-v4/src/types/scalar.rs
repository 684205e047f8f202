//! Values that Rust's standard library has no type for.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

/// A UUID, as its 16 bytes in the order of its text form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a UUID is its 16 bytes and nothing else"
)]
pub struct Uuid(pub [u8; 16]);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            let dash = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uuid {
    type Err = crate::Error;

    /// Reads the form with or without dashes, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let number = (digits.len() == 32)
            .then(|| u128::from_str_radix(&digits, 16).ok())
            .flatten();
        match number {
            Some(number) if !digits.starts_with('+') => Ok(Self(number.to_be_bytes())),
            _ => Err(crate::Error::new(
                crate::ErrorKind::Misuse,
                format!("{text:?} is not a UUID; it should have 32 hexadecimal digits"),
            )),
        }
    }
}

/// A moment: milliseconds since the Unix epoch, negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a timestamp is this number and nothing else"
)]
pub struct Timestamp(pub i64);

impl TryFrom<Timestamp> for SystemTime {
    type Error = crate::Error;

    fn try_from(timestamp: Timestamp) -> Result<Self, Self::Error> {
        let distance = StdDuration::from_millis(timestamp.0.unsigned_abs());
        let moment = if timestamp.0 < 0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        };
        moment.ok_or_else(|| {
            crate::Error::new(
                crate::ErrorKind::Type,
                format!("timestamp {} ms is beyond the system's clock", timestamp.0),
            )
        })
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = crate::Error;

    /// Rounds down to whole milliseconds.
    fn try_from(moment: SystemTime) -> Result<Self, Self::Error> {
        let millis = match moment.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).ok(),
            Err(before) => i64::try_from(before.duration().as_nanos().div_ceil(1_000_000))
                .ok()
                .and_then(i64::checked_neg),
        };
        millis.map(Self).ok_or_else(|| {
            crate::Error::new(
                crate::ErrorKind::Type,
                "a moment is further from 1970 than a timestamp can say",
            )
        })
    }
}

/// A day: days since 1970-01-01, negative before it.
///
/// On the wire it is unsigned, with 2³¹ as 1970-01-01 (native protocol v4, §6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a day is this number and nothing else"
)]
pub struct Date(pub i32);

impl Date {
    const SHIFT: u32 = 0x8000_0000;

    pub(super) fn from_wire(days: u32) -> Self {
        Self((days ^ Self::SHIFT).cast_signed())
    }

    pub(super) fn to_wire(self) -> u32 {
        self.0.cast_unsigned() ^ Self::SHIFT
    }
}

/// A time of day: nanoseconds since midnight, below 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

impl Time {
    /// The last nanosecond of a day.
    const MAX: i64 = 86_399_999_999_999;

    /// The time `nanos` nanoseconds after midnight; `None` from 24 hours on and below 0.
    pub fn from_nanos(nanos: i64) -> Option<Self> {
        (0..=Self::MAX).contains(&nanos).then_some(Self(nanos))
    }

    /// Nanoseconds since midnight.
    pub fn nanos(self) -> i64 {
        self.0
    }
}

/// A span of months, days and nanoseconds, which do not convert into each other. All are of one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "these three are all that CQL's duration has"
)]
pub struct Duration {
    /// Months.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Nanoseconds.
    pub nanos: i64,
}

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
        let negative = self.0.first().is_some_and(|b| b & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        let room = wide.len().checked_sub(self.0.len())?;
        wide.get_mut(room..)?.copy_from_slice(&self.0);
        Some(i128::from_be_bytes(wide))
    }
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
    /// Decimal up to 128 bits, hexadecimal two's complement above.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.to_i128() {
            return write!(f, "{number}");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_one_text_form() {
        let text = "01234567-89ab-cdef-0123-456789abcdef";
        let uuid: Uuid = text.parse().unwrap();
        assert_eq!(uuid.to_string(), text);
        assert_eq!(uuid.0[..3], [0x01, 0x23, 0x45]);
        for bad in ["", "0123", "+1234567-89ab-cdef-0123-456789abcdef", "zz"] {
            assert!(bad.parse::<Uuid>().is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_convert_in_both_directions() {
        for millis in [0, 1, -1, 1_700_000_000_123, -62_135_596_800_000] {
            let moment = SystemTime::try_from(Timestamp(millis)).unwrap();
            assert_eq!(Timestamp::try_from(moment).unwrap(), Timestamp(millis));
        }
        // Beyond what the system's clock can say, or not, but never a panic.
        for millis in [i64::MIN, i64::MAX] {
            let _ = SystemTime::try_from(Timestamp(millis));
        }
    }

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
        assert_eq!((wide.to_i128(), wide.to_string().len()), (None, 36));
    }
}
