//! The machine's clock, which nothing below this room reads.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::policy::MonotonicTimestamps;

impl MonotonicTimestamps {
    /// By this machine's clock.
    pub fn new() -> Self {
        Self::with_clock(unix_micros)
    }
}

impl Default for MonotonicTimestamps {
    fn default() -> Self {
        Self::new()
    }
}

/// Microseconds since the Unix epoch; 0 for a clock that is set before it.
fn unix_micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// `at + by`. A day stands for "no limit": a time beyond the clock's end must not panic.
pub(super) fn later(at: Instant, by: Duration) -> Instant {
    const DAY: Duration = Duration::from_secs(86_400);
    at.checked_add(by.min(DAY)).unwrap_or(at)
}
