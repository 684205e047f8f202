//! Types of `chrono` for timestamp, date and time columns.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};

use super::{beyond, by_way_of};
use crate::error::Error;
use crate::types::{
    Cell, CellWriter, DataType, Date, Decode, Encode, Time, Timestamp, Value, Written,
};

/// Days from 0000-12-31 to 1970-01-01: `chrono` counts from the former.
const TO_1970: i32 = 719_163;
const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl TryFrom<Timestamp> for DateTime<Utc> {
    type Error = Error;

    /// Fails beyond the years that `chrono` knows.
    fn try_from(moment: Timestamp) -> Result<Self, Error> {
        Self::from_timestamp_millis(moment.0)
            .ok_or_else(|| beyond(format_args!("timestamp {moment}"), "chrono::DateTime"))
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
    /// Rounds down to whole milliseconds.
    fn from(moment: DateTime<Z>) -> Self {
        Self(moment.timestamp_millis())
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Value {
    fn from(moment: DateTime<Z>) -> Self {
        Self::Timestamp(moment.into())
    }
}

impl<'a> Decode<'a> for DateTime<Utc> {
    fn accepts(data_type: &DataType) -> bool {
        Timestamp::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Timestamp::decode(data_type, cell)?.try_into()
    }
}

/// Of any time zone, which is not kept.
impl<Z: TimeZone> Encode for DateTime<Z> {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        Timestamp(self.timestamp_millis()).encode(data_type, out)
    }
}

impl TryFrom<Date> for NaiveDate {
    type Error = Error;

    /// Fails beyond the years that `chrono` knows.
    fn try_from(date: Date) -> Result<Self, Error> {
        let days = date.0.checked_add(TO_1970);
        days.and_then(Self::from_num_days_from_ce_opt)
            .ok_or_else(|| beyond(format_args!("date {date}"), "chrono::NaiveDate"))
    }
}

impl TryFrom<NaiveDate> for Date {
    type Error = Error;

    /// Never fails for days that `chrono` knows.
    fn try_from(date: NaiveDate) -> Result<Self, Error> {
        let days = date.num_days_from_ce().checked_sub(TO_1970);
        days.map(Self).ok_or_else(|| beyond(date, "date"))
    }
}

impl TryFrom<Time> for NaiveTime {
    type Error = Error;

    /// Never fails.
    fn try_from(time: Time) -> Result<Self, Error> {
        let seconds = u32::try_from(time.nanos().div_euclid(NANOS_PER_SECOND));
        let nanos = u32::try_from(time.nanos().rem_euclid(NANOS_PER_SECOND));
        match (seconds, nanos) {
            (Ok(seconds), Ok(nanos)) => Self::from_num_seconds_from_midnight_opt(seconds, nanos),
            _ => None,
        }
        .ok_or_else(|| beyond(format_args!("time {time}"), "chrono::NaiveTime"))
    }
}

impl TryFrom<NaiveTime> for Time {
    type Error = Error;

    /// Fails in a leap second, which CQL has not.
    fn try_from(time: NaiveTime) -> Result<Self, Error> {
        let (seconds, nanos) = (
            time.num_seconds_from_midnight(),
            i64::from(time.nanosecond()),
        );
        let whole = i64::from(seconds).wrapping_mul(NANOS_PER_SECOND);
        let is_leap = nanos >= NANOS_PER_SECOND;
        (!is_leap)
            .then(|| Self::from_nanos(whole.wrapping_add(nanos)))
            .flatten()
            .ok_or_else(|| beyond(time, "time of day, for it is in a leap second"))
    }
}

by_way_of! {
    NaiveDate, Date;
    NaiveTime, Time;
}
