//! Types of `jiff` for timestamp, date, time and duration columns.

use jiff::civil::{Date as CivilDate, Time as CivilTime};
use jiff::{Span, Timestamp as JiffTimestamp};

use super::{beyond, by_way_of};
use crate::error::Error;
use crate::types::{Date, Duration, Time, Timestamp};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;

impl TryFrom<Timestamp> for JiffTimestamp {
    type Error = Error;

    /// Fails beyond the years that `jiff` knows.
    fn try_from(moment: Timestamp) -> Result<Self, Error> {
        Self::from_millisecond(moment.0)
            .map_err(|_| beyond(format_args!("timestamp {moment}"), "jiff::Timestamp"))
    }
}

impl TryFrom<JiffTimestamp> for Timestamp {
    type Error = Error;

    /// Rounds down to whole milliseconds.
    fn try_from(moment: JiffTimestamp) -> Result<Self, Error> {
        let millis = moment.as_nanosecond().div_euclid(NANOS_PER_MILLI);
        i64::try_from(millis)
            .map(Self)
            .map_err(|_| beyond(moment, "timestamp"))
    }
}

impl TryFrom<Date> for CivilDate {
    type Error = Error;

    /// Fails beyond the years that `jiff` knows.
    fn try_from(date: Date) -> Result<Self, Error> {
        let since_1970 = Span::new().try_days(date.0);
        since_1970
            .and_then(|days| Self::constant(1970, 1, 1).checked_add(days))
            .map_err(|_| beyond(format_args!("date {date}"), "jiff::civil::Date"))
    }
}

impl TryFrom<CivilDate> for Date {
    type Error = Error;

    /// Never fails for days that `jiff` knows.
    fn try_from(date: CivilDate) -> Result<Self, Error> {
        let since_1970 = date.since(CivilDate::constant(1970, 1, 1));
        since_1970
            .map(|span| Self(span.get_days()))
            .map_err(|_| beyond(date, "date"))
    }
}

impl TryFrom<Time> for CivilTime {
    type Error = Error;

    /// Never fails.
    fn try_from(time: Time) -> Result<Self, Error> {
        let nanos = time.nanos();
        let seconds = nanos.div_euclid(NANOS_PER_SECOND);
        let parts = (
            i8::try_from(seconds / 3_600),
            i8::try_from(seconds / 60 % 60),
            i8::try_from(seconds % 60),
            i32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)),
        );
        match parts {
            (Ok(hour), Ok(minute), Ok(second), Ok(nanos)) => {
                Self::new(hour, minute, second, nanos).ok()
            }
            _ => None,
        }
        .ok_or_else(|| beyond(format_args!("time {time}"), "jiff::civil::Time"))
    }
}

impl TryFrom<CivilTime> for Time {
    type Error = Error;

    /// Never fails.
    fn try_from(time: CivilTime) -> Result<Self, Error> {
        let minutes = i64::from(time.hour())
            .wrapping_mul(60)
            .wrapping_add(time.minute().into());
        let seconds = minutes.wrapping_mul(60).wrapping_add(time.second().into());
        let nanos = seconds
            .wrapping_mul(NANOS_PER_SECOND)
            .wrapping_add(time.subsec_nanosecond().into());
        Self::from_nanos(nanos).ok_or_else(|| beyond(time, "time of day"))
    }
}

impl TryFrom<Duration> for Span {
    type Error = Error;

    /// Months, days and nanoseconds. Fails beyond the spans that `jiff` knows, and if signs are mixed.
    fn try_from(duration: Duration) -> Result<Self, Error> {
        let parts = [
            i64::from(duration.months),
            i64::from(duration.days),
            duration.nanos,
        ];
        let is_mixed = parts.iter().any(|n| *n < 0) && parts.iter().any(|n| *n > 0);
        let span = Self::new()
            .try_months(duration.months)
            .and_then(|span| span.try_days(duration.days))
            .and_then(|span| span.try_nanoseconds(duration.nanos));
        match span {
            Ok(span) if !is_mixed => Ok(span),
            _ => Err(beyond(format_args!("duration {duration}"), "jiff::Span")),
        }
    }
}

impl TryFrom<Span> for Duration {
    type Error = Error;

    /// Years count as 12 months, weeks as 7 days, and hours and what is below as nanoseconds.
    fn try_from(span: Span) -> Result<Self, Error> {
        let months = i32::from(span.get_years())
            .checked_mul(12)
            .and_then(|months| months.checked_add(span.get_months()));
        let days = span
            .get_weeks()
            .checked_mul(7)
            .and_then(|days| days.checked_add(span.get_days()));
        // Below a day all have a fixed length: 60 · 60 · 10⁹, 60 · 10⁹, 10⁹, 10⁶, 10³ and 1 nanoseconds.
        let parts = [
            (i64::from(span.get_hours()), 3_600_000_000_000),
            (span.get_minutes(), 60_000_000_000),
            (span.get_seconds(), 1_000_000_000),
            (span.get_milliseconds(), 1_000_000),
            (span.get_microseconds(), 1_000),
            (span.get_nanoseconds(), 1),
        ];
        let nanos = parts.iter().try_fold(0_i64, |sum, (n, unit): &(i64, i64)| {
            sum.checked_add(n.checked_mul(*unit)?)
        });
        match (months, days, nanos) {
            (Some(months), Some(days), Some(nanos)) => Ok(Self {
                months,
                days,
                nanos,
            }),
            _ => Err(beyond(format_args!("the span {span}"), "duration")),
        }
    }
}

by_way_of! {
    JiffTimestamp, Timestamp;
    CivilDate, Date;
    CivilTime, Time;
    Span, Duration;
}
