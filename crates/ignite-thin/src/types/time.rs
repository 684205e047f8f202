//! Points in time and UUIDs: plain numbers, as the wire has them, with fallible conversions.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Error, ErrorKind};

/// A moment as `java.util.Date` has it: milliseconds since 1970-01-01T00:00:00Z.
///
/// The SQL type DATE travels in this form too, as midnight **in the time zone of the server's JVM**.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date(i64);

/// A moment as `java.sql.Timestamp` has it, to the nanosecond.
///
/// The SQL type TIMESTAMP travels in this form, computed **in the time zone of the server's JVM**.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    millis: i64,
    nanos: u32,
}

/// A time of day as `java.sql.Time` has it: milliseconds since midnight **in the time zone of the server's JVM**.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

/// A UUID as a number, most significant byte first, as it is written: `0x00112233_4455_…` is `00112233-4455-…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid(u128);

/// Nanoseconds of a millisecond.
const NANOS_PER_MILLI: u32 = 1_000_000;

impl Date {
    /// The moment `millis` milliseconds after 1970; negative before.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl Time {
    /// The time `millis` milliseconds after midnight.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since midnight.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl Timestamp {
    /// The moment `millis` milliseconds after 1970 and `nanos` nanoseconds more; `None` if `nanos` is not below
    /// 1,000,000.
    pub const fn new(millis: i64, nanos: u32) -> Option<Self> {
        if nanos < NANOS_PER_MILLI {
            Some(Self { millis, nanos })
        } else {
            None
        }
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// Nanoseconds within the millisecond, 0 to 999,999.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The moment on the system's clock; `None` if that cannot say it.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let millis = Duration::from_millis(self.millis.unsigned_abs());
        let whole = if self.millis < 0 {
            UNIX_EPOCH.checked_sub(millis)?
        } else {
            UNIX_EPOCH.checked_add(millis)?
        };
        whole.checked_add(Duration::from_nanos(u64::from(self.nanos)))
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = Error;

    /// # Errors
    /// [`ErrorKind::Encode`] if the moment is more than 292 million years from 1970.
    fn try_from(time: SystemTime) -> Result<Self, Error> {
        let out_of_range = || {
            Error::new(
                ErrorKind::Encode,
                "the moment is out of the range of a Timestamp",
            )
        };
        let (nanos, sign) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (after.as_nanos(), 1),
            Err(error) => (error.duration().as_nanos(), -1),
        };
        let nanos = i128::try_from(nanos)
            .map_err(|_| out_of_range())?
            .saturating_mul(sign);
        let per_milli = i128::from(NANOS_PER_MILLI);
        let millis = i64::try_from(nanos.div_euclid(per_milli)).map_err(|_| out_of_range())?;
        let nanos = u32::try_from(nanos.rem_euclid(per_milli)).map_err(|_| out_of_range())?;
        Self::new(millis, nanos).ok_or_else(out_of_range)
    }
}

impl Uuid {
    /// The UUID of a number.
    pub const fn from_u128(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn as_u128(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            n >> 96,
            (n >> 80) & 0xffff,
            (n >> 64) & 0xffff,
            (n >> 48) & 0xffff,
            n & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uuid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_1970_round_down() {
        let time = UNIX_EPOCH - Duration::from_nanos(1_500_000);
        let stamp = Timestamp::try_from(time).unwrap();
        assert_eq!((stamp.millis(), stamp.nanos()), (-2, 500_000));
        assert_eq!(stamp.to_system_time(), Some(time));
        assert_eq!(Timestamp::new(0, NANOS_PER_MILLI), None);
        for millis in [i64::MIN, i64::MAX] {
            // Must not panic, whatever the platform's clock can say.
            let _ = Timestamp::new(millis, 1).unwrap().to_system_time();
        }
    }

    #[test]
    fn a_uuid_is_shown_in_the_usual_form() {
        let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        assert_eq!(uuid.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
    }
}
