//! The time that a write counts as written.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::observe::TARGET;

/// Microseconds that the timestamps may be ahead of the clock before that is worth a warning: one second.
const MAX_DRIFT: i64 = 1_000_000;
/// Microseconds of the clock between two warnings: one second.
const BETWEEN_WARNINGS: i64 = 1_000_000;

/// Gives writes their timestamps: of two writes of one cell, that with the higher one holds.
///
/// It is asked once for each request that has none of its own. All attempts of a request have the same timestamp, so
/// that a write that was carried out twice cannot hide one that came between.
pub trait TimestampGenerator: fmt::Debug + Send + Sync {
    /// Microseconds since the Unix epoch, or `None` to leave it to the coordinator that gets the request.
    fn next(&self) -> Option<i64>;
}

/// Timestamps of this machine's clock, each higher than the one before, so that the writes of one client count in the
/// order in which they were made. The default.
///
/// More than a million writes per second, or a clock that is set back, make them run ahead of the clock; from one
/// second on, that is told as a warning of `tracing`, once per second at most. Between clients, the order is that of
/// their clocks: they need to be kept in step, by NTP for instance.
pub struct MonotonicTimestamps {
    last: AtomicI64,
    warned: AtomicI64,
    clock: Clock,
}

/// Tells microseconds since the Unix epoch.
type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

impl MonotonicTimestamps {
    /// By another clock, in microseconds since the Unix epoch.
    pub fn with_clock(clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self {
            last: AtomicI64::new(i64::MIN),
            warned: AtomicI64::new(i64::MIN),
            clock: Box::new(clock),
        }
    }

    /// Says that the timestamps are ahead of the clock, unless that was said a short time ago.
    #[cold]
    fn warn(&self, now: i64, ahead: i64) {
        let warned = self.warned.load(Ordering::Relaxed);
        // A clock that was set back must not silence it.
        let recently = now >= warned && now.saturating_sub(warned) < BETWEEN_WARNINGS;
        if recently {
            return;
        }
        let mine = self
            .warned
            .compare_exchange(warned, now, Ordering::Relaxed, Ordering::Relaxed);
        if mine.is_ok() {
            tracing::warn!(
                target: TARGET,
                ahead_us = ahead,
                "timestamps of writes are ahead of the clock: it was set back, or there are more than a million writes per second"
            );
        }
    }
}

impl TimestampGenerator for MonotonicTimestamps {
    fn next(&self) -> Option<i64> {
        let now = (self.clock)();
        let after = |last: i64| now.max(last.saturating_add(1));
        // Nothing else is published with it, so no ordering beyond its own is needed.
        let last = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(after(last))
            })
            .unwrap_or_else(|last| last);
        let next = after(last);
        let ahead = next.saturating_sub(now);
        if ahead > MAX_DRIFT {
            self.warn(now, ahead);
        }
        Some(next)
    }
}

impl fmt::Debug for MonotonicTimestamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonotonicTimestamps")
            .field("last", &self.last.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

/// No timestamps: each write gets that of its coordinator's clock. Writes of one client may then overtake each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to be set")]
pub struct ServerTimestamps;

impl TimestampGenerator for ServerTimestamps {
    fn next(&self) -> Option<i64> {
        None
    }
}
