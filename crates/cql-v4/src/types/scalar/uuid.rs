//! UUIDs, and those that say when they were made.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::Timestamp;

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

/// 100-nanosecond ticks from the beginning of UUID time, 1582-10-15, to the Unix epoch (RFC 4122, §4.1.4).
const UNIX_EPOCH_TICKS: i64 = 0x01B2_1DD2_1381_4000;
/// Ticks in a millisecond.
const TICKS_PER_MILLI: i64 = 10_000;
/// Ticks take 60 bits.
const TICKS_END: i64 = 1 << 60;
/// What makes clock sequence and node the least, as signed bytes, which is how servers compare them.
const LEAST_NODE: [u8; 8] = [0x80; 8];
/// And the greatest.
const GREATEST_NODE: [u8; 8] = [0x7f; 8];

/// A UUID of version 1, which says when it was made: a value of the type `timeuuid`.
///
/// Ordered as servers order them, which is not the order of the text form: by time, then by the other bytes as signed
/// numbers (Cassandra's `TimeUUIDType`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is a UUID with another order and nothing else"
)]
pub struct Timeuuid(pub Uuid);

impl Timeuuid {
    /// The UUID of this many ticks of 100 nanoseconds since 1582-10-15, with these bytes for clock sequence and node;
    /// `None` from 2⁶⁰ ticks on.
    pub fn from_ticks(ticks: u64, clock_and_node: [u8; 8]) -> Option<Self> {
        let ticks = i64::try_from(ticks).ok().filter(|t| *t < TICKS_END)?;
        let ticks = u128::from(ticks.cast_unsigned());
        let (low, mid, high) = (ticks & 0xffff_ffff, ticks >> 32 & 0xffff, ticks >> 48);
        let version = 0x1000;
        let time = low << 96 | mid << 80 | (version | high) << 64;
        let rest = u128::from(u64::from_be_bytes(clock_and_node));
        Some(Self(Uuid((time | rest).to_be_bytes())))
    }

    /// The least UUID of this millisecond, as CQL's `min_timeuuid`; `None` before 1582 and after 5236.
    pub fn min_at(moment: Timestamp) -> Option<Self> {
        let ticks = moment
            .0
            .checked_mul(TICKS_PER_MILLI)?
            .checked_add(UNIX_EPOCH_TICKS)?;
        Self::from_ticks(u64::try_from(ticks).ok()?, LEAST_NODE)
    }

    /// The greatest UUID of this millisecond, as CQL's `max_timeuuid`; `None` before 1582 and after 5236.
    pub fn max_at(moment: Timestamp) -> Option<Self> {
        let next = moment.0.checked_add(1)?;
        let ticks = next
            .checked_mul(TICKS_PER_MILLI)?
            .checked_add(UNIX_EPOCH_TICKS)?
            .checked_sub(1)?;
        Self::from_ticks(u64::try_from(ticks).ok()?, GREATEST_NODE)
    }

    /// When it was made, in ticks of 100 nanoseconds since 1582-10-15.
    pub fn ticks(self) -> u64 {
        // The version is the upper half of the seventh byte.
        self.ordered_time() & 0x0fff_ffff_ffff_ffff
    }

    /// When it was made, rounded down to whole milliseconds.
    pub fn timestamp(self) -> Timestamp {
        // 60 bits fit, and so does the difference.
        let ticks = self.ticks().cast_signed().wrapping_sub(UNIX_EPOCH_TICKS);
        Timestamp(ticks.div_euclid(TICKS_PER_MILLI))
    }

    /// The first eight bytes with their parts in the order of their weight.
    fn ordered_time(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0.0;
        u64::from_be_bytes([g, h, e, f, a, b, c, d])
    }

    /// The last eight bytes, so that they compare as signed ones.
    fn ordered_rest(self) -> [u8; 8] {
        let [.., a, b, c, d, e, f, g, h] = self.0.0;
        [a, b, c, d, e, f, g, h].map(|byte| byte ^ 0x80)
    }
}

impl Ord for Timeuuid {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |uuid: Self| (uuid.ordered_time(), uuid.ordered_rest());
        key(*self).cmp(&key(*other))
    }
}

impl PartialOrd for Timeuuid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Timeuuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Timeuuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timeuuid {
    type Err = crate::Error;

    /// Reads what [`Uuid`] reads.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
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
    fn a_timeuuid_says_when_it_was_made() {
        let of = |text: &str| text.parse::<Timeuuid>().unwrap();
        // RFC 9562, appendix A.1: 2022-02-22T19:22:22.000000Z.
        let uuid = of("C232AB00-9414-11EC-B3C8-9F6BDECED846");
        assert_eq!(uuid.ticks(), 0x1EC_9414_C232_AB00);
        assert_eq!(uuid.timestamp(), Timestamp(1_645_557_742_000));
        let made = Timeuuid::from_ticks(uuid.ticks(), uuid.0.0[8..].try_into().unwrap());
        assert_eq!(made, Some(uuid));
        assert_eq!(Timeuuid::from_ticks(1 << 60, [0; 8]), None);
        let last = Timeuuid::from_ticks((1 << 60) - 1, [0; 8]).unwrap();
        assert_eq!(last.ticks(), (1 << 60) - 1);
        assert_eq!(of("00000000-0000-1000-8000-000000000000").ticks(), 0);
        assert_eq!(
            of("00000000-0000-1000-8000-000000000000").timestamp(),
            Timestamp(-12_219_292_800_000)
        );
    }

    #[test]
    fn timeuuids_are_ordered_as_servers_order_them() {
        let at = |ticks, node| Timeuuid::from_ticks(ticks, node).unwrap();
        let ordered = [
            at(5, [0x80; 8]),
            at(5, [0xff; 8]),
            at(5, [0; 8]),
            at(5, [0x7f; 8]),
            at(6, [0x80; 8]),
            at(1 << 32, [0; 8]),
            at(1 << 48, [0; 8]),
        ];
        assert!(ordered.is_sorted_by(|a, b| a < b), "{ordered:?}");
        assert!(
            at(5, [0; 8]).0 > at(1 << 32, [0; 8]).0,
            "text is ordered otherwise"
        );
        for millis in [
            -12_219_292_800_000,
            -1,
            0,
            1_645_557_742_000,
            103_072_857_660_683,
        ] {
            let moment = Timestamp(millis);
            let (min, max) = (
                Timeuuid::min_at(moment).unwrap(),
                Timeuuid::max_at(moment).unwrap(),
            );
            assert!(min < max);
            assert_eq!((min.timestamp(), max.timestamp()), (moment, moment));
            assert_eq!(max.ticks() - min.ticks(), 9_999);
        }
        for millis in [i64::MIN, -12_219_292_800_001, 103_072_857_660_685, i64::MAX] {
            assert_eq!(Timeuuid::min_at(Timestamp(millis)), None, "{millis}");
        }
        assert_eq!(Timeuuid::max_at(Timestamp(i64::MAX)), None);
    }
}
