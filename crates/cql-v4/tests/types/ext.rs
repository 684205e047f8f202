//! Types of other crates: the whole range of each, in both directions.

#![cfg(feature = "full-types")]

use bigdecimal::BigDecimal;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};
use cql_v4::ErrorKind;
use cql_v4::types::{DataType, Date, Decimal, Duration, Time, Timestamp, Value, Varint};
use jiff::Span;
use num_bigint::BigInt;
use proptest::prelude::*;
use time::OffsetDateTime;

use crate::{bound, read, through};

/// All numbers, the ends and the middle more often.
fn millis() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -100_000_000_000_000..100_000_000_000_000_i64,
        prop::sample::select(vec![i64::MIN, i64::MAX, 0, -1, 1]),
    ]
}

fn days() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        -3_000_000..3_000_000_i32,
        prop::sample::select(vec![i32::MIN, i32::MAX, 0, -1, 1]),
    ]
}

/// A value of ours is read as another type or refused as too far away; what was read is written as the same bytes.
macro_rules! both_ways {
    ($data_type:expr, $ours:expr, $theirs:ty) => {{
        let cell = bound(&$data_type, &$ours).unwrap().unwrap();
        match read::<$theirs>(&$data_type, &cell) {
            Ok(value) => prop_assert_eq!(bound(&$data_type, &value).unwrap().unwrap(), cell),
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::Type);
                prop_assert!(error.to_string().contains("cannot be a"), "{}", error);
            }
        }
    }};
}

proptest! {
    #[test]
    fn moments_and_days(millis in millis(), days in days(), nanos in 0..86_400_000_000_000_i64) {
        both_ways!(DataType::Timestamp, Timestamp(millis), OffsetDateTime);
        both_ways!(DataType::Timestamp, Timestamp(millis), DateTime<Utc>);
        both_ways!(DataType::Timestamp, Timestamp(millis), jiff::Timestamp);
        both_ways!(DataType::Date, Date(days), time::Date);
        both_ways!(DataType::Date, Date(days), NaiveDate);
        both_ways!(DataType::Date, Date(days), jiff::civil::Date);
        let time = Time::from_nanos(nanos).unwrap();
        both_ways!(DataType::Time, time, time::Time);
        both_ways!(DataType::Time, time, NaiveTime);
        both_ways!(DataType::Time, time, jiff::civil::Time);
        // The text form of ours is that of theirs.
        if let Ok(theirs) = DateTime::<Utc>::try_from(Timestamp(millis))
            && (0..=9_999).contains(&chrono::Datelike::year(&theirs))
        {
            let expected = theirs.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
            prop_assert_eq!(Timestamp(millis).to_string(), expected);
        }
        if let Ok(theirs) = NaiveDate::try_from(Date(days))
            && (0..=9_999).contains(&chrono::Datelike::year(&theirs))
        {
            prop_assert_eq!(Date(days).to_string(), theirs.to_string());
        }
        prop_assert_eq!(time.to_string(), NaiveTime::try_from(time).unwrap().format("%H:%M:%S%.9f").to_string());
    }

    #[test]
    fn spans(months in any::<i32>(), days in any::<i32>(), nanos in any::<i64>(), small in any::<bool>()) {
        let scale = if small { 100_000 } else { 1 };
        let sign = if months < 0 { -1_i64 } else { 1 };
        let duration = Duration {
            months: months / scale,
            days: i32::try_from(i64::from(days / scale).abs() * sign).unwrap_or(i32::MIN),
            nanos: (nanos / 2).abs() * sign,
        };
        both_ways!(DataType::Duration, duration, Span);
        // Mixed signs are neither.
        let mixed = Duration { months: 1, days: -1, nanos };
        prop_assert!(Span::try_from(mixed).is_err());
    }

    #[test]
    fn numbers(bytes in prop::collection::vec(any::<u8>(), 1..40), scale in any::<i32>()) {
        let ours = Varint::from_be_bytes(&bytes).unwrap();
        let theirs = BigInt::from_signed_bytes_be(&bytes);
        prop_assert_eq!(Varint::from(theirs.clone()), ours.clone());
        prop_assert_eq!(BigInt::from(ours.clone()), theirs.clone());
        prop_assert_eq!(ours.to_string(), theirs.to_string());
        prop_assert_eq!(through(&DataType::Varint, &theirs).unwrap(), theirs.clone());
        let ours = Decimal { unscaled: ours, scale };
        let decimal = BigDecimal::new(theirs, i64::from(scale));
        prop_assert_eq!(Decimal::try_from(decimal.clone()).unwrap(), ours.clone());
        let cell = bound(&DataType::Decimal, &ours).unwrap().unwrap();
        prop_assert_eq!(bound(&DataType::Decimal, &decimal).unwrap().unwrap(), cell.clone());
        let read = read::<BigDecimal>(&DataType::Decimal, &cell).unwrap();
        prop_assert_eq!(read.as_bigint_and_exponent(), decimal.as_bigint_and_exponent());
    }

    /// Their whole range: every value is written, or refused with a reason.
    #[test]
    fn theirs_never_panic(
        nanos in any::<i64>(),
        offset in -86_399..86_399_i32,
        years in -9_999..=9_999_i16,
        hours in -100_000_000..=100_000_000_i32,
    ) {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos.into()).unwrap();
        let moment = moment.to_offset(time::UtcOffset::from_whole_seconds(offset).unwrap());
        let floor = nanos.div_euclid(1_000_000);
        prop_assert_eq!(Timestamp::try_from(moment).unwrap(), Timestamp(floor));
        let moment = DateTime::from_timestamp_nanos(nanos).with_timezone(&FixedOffset::east_opt(offset).unwrap());
        prop_assert_eq!(Timestamp::from(moment), Timestamp(floor));
        prop_assert!(bound(&DataType::Timestamp, &moment).is_ok());
        let moment = jiff::Timestamp::from_nanosecond(nanos.into()).unwrap();
        prop_assert_eq!(Timestamp::try_from(moment).unwrap(), Timestamp(floor));
        let span = Span::new().years(years).weeks(3).hours(hours).milliseconds(5);
        if let Ok(duration) = Duration::try_from(span) {
            prop_assert_eq!(duration.months, i32::from(years.abs()) * 12 * i32::from(span.signum()));
            prop_assert_eq!(duration.days, 21 * i32::from(span.signum()));
        }
    }
}

#[test]
fn ends_of_their_ranges() {
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert_eq!(through(&DataType::Date, &date).unwrap(), date);
    }
    for date in [time::Date::MIN, time::Date::MAX] {
        assert_eq!(through(&DataType::Date, &date).unwrap(), date);
    }
    for date in [jiff::civil::Date::MIN, jiff::civil::Date::MAX] {
        assert_eq!(through(&DataType::Date, &date).unwrap(), date);
    }
    for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(
            Timestamp::from(through(&DataType::Timestamp, &moment).unwrap()),
            Timestamp::from(moment)
        );
    }
    for moment in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
        let written = bound(&DataType::Timestamp, &moment).unwrap().unwrap();
        assert_eq!(written.len(), 8);
    }
    // 23:59:60.5
    let leap = NaiveTime::from_hms_opt(23, 59, 59)
        .unwrap()
        .with_nanosecond(1_500_000_000)
        .unwrap();
    let error = bound(&DataType::Time, &leap).unwrap_err();
    assert!(error.to_string().contains("leap second"), "{error}");
    let scale = BigDecimal::new(1.into(), i64::from(i32::MAX) + 1);
    let error = bound(&DataType::Decimal, &scale).unwrap_err();
    assert!(error.to_string().contains("scale of 2147483648"), "{error}");
    assert_eq!(Value::from(BigInt::from(5)), Value::Varint(5_i64.into()));
    let uuid = uuid::Uuid::from_u128(7);
    assert_eq!(through(&DataType::Uuid, &uuid).unwrap(), uuid);
    assert_eq!(through(&DataType::Timeuuid, &uuid).unwrap(), uuid);
}
