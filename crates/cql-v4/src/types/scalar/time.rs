//! Moments, days, times of day and spans.

use std::fmt;
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

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

    pub(in crate::types) fn from_wire(days: u32) -> Self {
        Self((days ^ Self::SHIFT).cast_signed())
    }

    pub(in crate::types) fn to_wire(self) -> u32 {
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

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar extended to all times.
///
/// Counts from March, so that the day that some years lack is the last of a year.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "days of a 64-bit number of milliseconds are far from the ends of i64"
)]
fn civil(days: i64) -> (i64, i64, i64) {
    /// Days from 0000-03-01 to 1970-01-01.
    const TO_1970: i64 = 719_468;
    /// Days of 400 years, after which the calendar repeats.
    const CYCLE: i64 = 146_097;
    let day = days + TO_1970;
    let (cycle, day) = (day.div_euclid(CYCLE), day.rem_euclid(CYCLE));
    // Without the leap days of every 4, 100 and 400 years.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // Months from March on have 153 days in each five.
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (year + cycle * 400 + next, month, day_of_month)
}

fn write_day(f: &mut fmt::Formatter<'_>, days: i64) -> fmt::Result {
    let (year, month, day) = civil(days);
    let sign = if year < 0 { "-" } else { "" };
    write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
}

fn write_time(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    write!(f, "{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

impl fmt::Display for Timestamp {
    /// `2024-02-29T13:30:54.234Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: i64 = 86_400_000;
        write_day(f, self.0.div_euclid(DAY))?;
        let millis = self.0.rem_euclid(DAY).unsigned_abs();
        f.write_str("T")?;
        write_time(f, millis / 1_000)?;
        write!(f, ".{:03}Z", millis % 1_000)
    }
}

impl fmt::Display for Date {
    /// `2024-02-29`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_day(f, i64::from(self.0))
    }
}

impl fmt::Display for Time {
    /// `13:30:54.234000000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        write_time(f, nanos / 1_000_000_000)?;
        write!(f, ".{:09}", nanos % 1_000_000_000)
    }
}

impl fmt::Display for Duration {
    /// `1mo2d3ns`, with the sign before all of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i64::from(self.months), "mo"),
            (i64::from(self.days), "d"),
            (self.nanos, "ns"),
        ];
        let is_negative = parts.iter().any(|(n, _)| *n < 0);
        // No server makes such a one; it is shown as it is.
        if is_negative && parts.iter().any(|(n, _)| *n > 0) {
            return parts
                .iter()
                .try_for_each(|(n, unit)| write!(f, "{n}{unit}"));
        }
        if *self == Self::default() {
            return f.write_str("0ns");
        }
        f.write_str(if is_negative { "-" } else { "" })?;
        let mut there = parts.iter().filter(|(n, _)| *n != 0);
        there.try_for_each(|(n, unit)| write!(f, "{}{unit}", n.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// Days of the fact sheets of the protocol, and the ends of the range as the server's documentation has them.
    #[test]
    fn days_and_moments_have_their_usual_text() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (-719_162, "0001-01-01"),
            (-719_163, "0000-12-31"),
            (i32::MIN, "-5877641-06-23"),
            (i32::MAX, "5881580-07-11"),
        ] {
            assert_eq!(Date(days).to_string(), text);
        }
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_709_213_454_234, "2024-02-29T13:30:54.234Z"),
            (i64::MIN, "-292275055-05-16T16:47:04.192Z"),
            (i64::MAX, "292278994-08-17T07:12:55.807Z"),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
        }
        let time = |nanos| Time::from_nanos(nanos).unwrap().to_string();
        assert_eq!(time(0), "00:00:00.000000000");
        assert_eq!(time(Time::MAX), "23:59:59.999999999");
        assert_eq!(time(48_654_234_000_000), "13:30:54.234000000");
    }

    #[test]
    fn spans_have_one_sign() {
        let text = |months, days, nanos| {
            Duration {
                months,
                days,
                nanos,
            }
            .to_string()
        };
        assert_eq!(text(1, 2, 3), "1mo2d3ns");
        assert_eq!(text(-1, -2, -3), "-1mo2d3ns");
        assert_eq!(text(0, 0, 0), "0ns");
        assert_eq!(text(0, 5, 0), "5d");
        assert_eq!(
            text(i32::MIN, 0, i64::MIN),
            "-2147483648mo9223372036854775808ns"
        );
        assert_eq!(text(1, -1, 0), "1mo-1d0ns");
    }
}
