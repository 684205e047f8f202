//! The value of `DATE`.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// A day of the proleptic Gregorian calendar, as IoTDB keeps it: one number whose decimal digits are `yyyymmdd`.
///
/// Servers accept the years 1000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// A day by year (1000 to 9999), month (1 to 12) and day of the month.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let parts = (i32::from(year), i32::from(month), i32::from(day));
        // At most 65535 * 10000 + 255 * 100 + 255, far below 2³¹.
        let raw = parts
            .0
            .saturating_mul(10_000)
            .saturating_add(parts.1.saturating_mul(100))
            .saturating_add(parts.2);
        let date = Self(raw);
        if date.to_ymd() == Some((year, month, day)) {
            return Ok(date);
        }
        Err(Error::new(
            ErrorKind::Encode,
            format!("{year}-{month}-{day} is not a day of the years 1000 to 9999"),
        ))
    }

    /// The number as it is on the wire, unchecked.
    pub const fn from_raw(raw: i32) -> Self {
        Self(raw)
    }

    /// The number as it is on the wire: 20260131 for 31 January 2026.
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// Year, month and day; `None` if a server sent a number that is not a day.
    pub fn to_ymd(self) -> Option<(u16, u8, u8)> {
        let raw = u32::try_from(self.0).ok()?;
        let year = u16::try_from(raw / 10_000).ok()?;
        let month = u8::try_from(raw / 100 % 100).ok()?;
        let day = u8::try_from(raw % 100).ok()?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        let valid = (1000..=9999).contains(&year) && (1..=days).contains(&day);
        valid.then_some((year, month, day))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_ymd() {
            Some((year, month, day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            None => write!(f, "{} (not a date)", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_dates() {
        assert_eq!(Date::new(2026, 1, 31).unwrap().raw(), 20_260_131);
        assert_eq!(Date::new(2024, 2, 29).unwrap().to_string(), "2024-02-29");
        for (y, m, d) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (999, 1, 1),
            (2026, 13, 1),
            (2026, 4, 31),
            (2026, 1, 0),
        ] {
            let error = Date::new(y, m, d).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
        for raw in [i32::MIN, -1, 0, 99_999_999, i32::MAX] {
            assert_eq!(Date::from_raw(raw).to_ymd(), None);
        }
    }
}
