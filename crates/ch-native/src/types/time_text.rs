//! Dates and times as text.

/// A day counted from 1970-01-01, as `2024-01-02`: the calendar of the proleptic Gregorian kind, by eras of 400 years
/// that begin in March, so that the leap day is the last of its year.
pub(super) fn date(days: i64) -> String {
    // 0000-03-01 is 719,468 days before 1970-01-01.
    let days = days.saturating_add(719_468);
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    // Leap days that lie before `day`, by which years are longer than 365 days.
    let leaps = day.div_euclid(1_460).wrapping_add(day.div_euclid(146_096));
    let leaps = leaps.wrapping_sub(day.div_euclid(36_524));
    let year = day.wrapping_sub(leaps).div_euclid(365);
    let before = year
        .wrapping_mul(365)
        .wrapping_add(year.div_euclid(4))
        .wrapping_sub(year.div_euclid(100));
    let day = day.wrapping_sub(before);
    // Months from March on have 153 days in five.
    let month = day.wrapping_mul(5).wrapping_add(2).div_euclid(153);
    let before = month.wrapping_mul(153).wrapping_add(2).div_euclid(5);
    let day = day.wrapping_sub(before).wrapping_add(1);
    let (month, later) = match month {
        0..=9 => (month.wrapping_add(3), 0),
        _ => (month.wrapping_sub(9), 1),
    };
    let year = era.wrapping_mul(400).wrapping_add(year).wrapping_add(later);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Ticks of 10^-`precision` seconds since 1970-01-01 UTC, as `2024-01-02 03:04:05.678`.
pub(super) fn date_time(ticks: i64, precision: u8) -> String {
    let per_second = per_second(precision);
    let (seconds, part) = (ticks.div_euclid(per_second), ticks.rem_euclid(per_second));
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    format!(
        "{} {}{}",
        date(days),
        clock(seconds),
        fraction(part, precision)
    )
}

/// Ticks of 10^-`precision` seconds, as `-12:34:56.789`.
pub(super) fn time(ticks: i64, precision: u8) -> String {
    let per_second = per_second(precision);
    let all = ticks.saturating_abs();
    let (seconds, part) = (all.div_euclid(per_second), all.rem_euclid(per_second));
    let sign = if ticks < 0 { "-" } else { "" };
    format!("{sign}{}{}", clock(seconds), fraction(part, precision))
}

fn per_second(precision: u8) -> i64 {
    10_i64.checked_pow(u32::from(precision)).unwrap_or(i64::MAX)
}

fn clock(seconds: i64) -> String {
    let (minutes, second) = (seconds.div_euclid(60), seconds.rem_euclid(60));
    let (hour, minute) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn fraction(part: i64, precision: u8) -> String {
    match usize::from(precision) {
        0 => String::new(),
        digits => format!(".{part:0digits$}"),
    }
}
