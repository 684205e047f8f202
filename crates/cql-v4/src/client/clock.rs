//! The machine's clock, which nothing below this room reads.

use std::time::SystemTime;

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
