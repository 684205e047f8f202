//! Types of `time` for timestamp, date and time columns.

use time::{Date as TimeDate, OffsetDateTime, Time as TimeTime};

use super::{beyond, by_way_of};
use crate::error::Error;
use crate::types::{Date, Time, Timestamp};

/// The Julian day of 1970-01-01.
const JULIAN_1970: i32 = 2_440_588;
const NANOS_PER_MILLI: i128 = 1_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl TryFrom<Timestamp> for OffsetDateTime {
    type Error = Error;

    /// In UTC. Fails beyond the years that `time` knows.
    fn try_from(moment: Timestamp) -> Result<Self, Error> {
        let nanos = i128::from(moment.0).saturating_mul(NANOS_PER_MILLI);
        Self::from_unix_timestamp_nanos(nanos)
            .map_err(|_| beyond(format_args!("timestamp {moment}"), "time::OffsetDateTime"))
    }
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = Error;

    /// Rounds down to whole milliseconds.
    fn try_from(moment: OffsetDateTime) -> Result<Self, Error> {
        let millis = moment.unix_timestamp_nanos().div_euclid(NANOS_PER_MILLI);
        i64::try_from(millis)
            .map(Self)
            .map_err(|_| beyond(moment, "timestamp"))
    }
}

impl TryFrom<Date> for TimeDate {
    type Error = Error;

    /// Fails beyond the years that `time` knows.
    fn try_from(date: Date) -> Result<Self, Error> {
        let julian = date.0.checked_add(JULIAN_1970);
        julian
            .and_then(|day| Self::from_julian_day(day).ok())
            .ok_or_else(|| beyond(format_args!("date {date}"), "time::Date"))
    }
}

impl TryFrom<TimeDate> for Date {
    type Error = Error;

    /// Never fails for days that `time` knows.
    fn try_from(date: TimeDate) -> Result<Self, Error> {
        let days = date.to_julian_day().checked_sub(JULIAN_1970);
        days.map(Self).ok_or_else(|| beyond(date, "date"))
    }
}

impl TryFrom<Time> for TimeTime {
    type Error = Error;

    /// Never fails.
    fn try_from(time: Time) -> Result<Self, Error> {
        let nanos = time.nanos();
        let seconds = nanos.div_euclid(NANOS_PER_SECOND);
        let parts = (
            u8::try_from(seconds / 3_600),
            u8::try_from(seconds / 60 % 60),
            u8::try_from(seconds % 60),
            u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)),
        );
        match parts {
            (Ok(hour), Ok(minute), Ok(second), Ok(nanos)) => {
                Self::from_hms_nano(hour, minute, second, nanos).ok()
            }
            _ => None,
        }
        .ok_or_else(|| beyond(format_args!("time {time}"), "time::Time"))
    }
}

impl TryFrom<TimeTime> for Time {
    type Error = Error;

    /// Never fails.
    fn try_from(time: TimeTime) -> Result<Self, Error> {
        let (hour, minute, second, nanos) = time.as_hms_nano();
        let minutes = i64::from(hour).wrapping_mul(60).wrapping_add(minute.into());
        let seconds = minutes.wrapping_mul(60).wrapping_add(second.into());
        let nanos = seconds
            .wrapping_mul(NANOS_PER_SECOND)
            .wrapping_add(nanos.into());
        Self::from_nanos(nanos).ok_or_else(|| beyond(time, "time of day"))
    }
}

by_way_of! {
    OffsetDateTime, Timestamp;
    TimeDate, Date;
    TimeTime, Time;
}
