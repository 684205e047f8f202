//! When another node is asked before the first has answered.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, TryLockError};
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::metrics::{Latency, LatencySnapshot};

/// Decides when another node is asked before the first has answered.
///
/// Only statements that are marked as idempotent are started twice: both attempts may be carried out. The first answer
/// holds; the others are read and thrown away.
pub trait SpeculativePolicy: fmt::Debug + Send + Sync {
    /// How long after the last attempt was started the next is, if none has an answer by then; `None` for never.
    ///
    /// `attempt` is the number of extra attempts so far, 0 while there is only the first; `latency` is what the
    /// client's requests have taken. It is asked for each idempotent request, so it has to be fast.
    fn delay(&self, attempt: u32, latency: &Latency) -> Option<Duration>;
}

/// An extra attempt whenever a fixed time has passed.
///
/// With a maximum of 0 there are none, for a profile that is to differ from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstantSpeculation {
    max: u32,
    delay: Duration,
}

impl ConstantSpeculation {
    /// At most `max` extra attempts, each `delay` after the one before. A delay near the 99th percentile of the latency
    /// adds one request in a hundred.
    pub fn new(max: u32, delay: Duration) -> Self {
        Self { max, delay }
    }
}

impl SpeculativePolicy for ConstantSpeculation {
    fn delay(&self, attempt: u32, _: &Latency) -> Option<Duration> {
        (attempt < self.max).then_some(self.delay)
    }
}

/// An extra attempt when a request takes longer than most of those before.
///
/// The delay follows the client's latest requests: it is measured anew every 256 requests, over those since it was
/// measured last. There are no extra attempts before that many requests were measured that 10 of them are above the
/// percentile: a thousand for the 99th. Each client needs a policy of its own.
pub struct PercentileSpeculation {
    max: u32,
    percentile: f64,
    asked: AtomicU64,
    /// Microseconds; 0 while it is not known.
    delay: AtomicU64,
    /// What had been measured when the delay was.
    seen: Mutex<Option<LatencySnapshot>>,
}

/// Requests between two looks at the histogram. A look reads some hundred counters, so it costs less than a nanosecond
/// per request.
const BETWEEN_LOOKS: u64 = 256;
/// Requests above the percentile that make it believable.
const ABOVE: u64 = 10;

impl PercentileSpeculation {
    /// At most `max` extra attempts, each after as long as `percentile` per cent of the latest requests have taken.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a percentile that is not between 1 and 99.99.
    pub fn new(max: u32, percentile: f64) -> Result<Self, Error> {
        if !(1.0..=99.99).contains(&percentile) {
            let text = format!("speculation: the percentile is {percentile}; it can be 1 to 99.99");
            return Err(Error::new(ErrorKind::Config, text));
        }
        Ok(Self {
            max,
            percentile,
            asked: AtomicU64::new(0),
            delay: AtomicU64::new(0),
            seen: Mutex::new(None),
        })
    }

    #[cold]
    fn look(&self, latency: &Latency) {
        let mut seen = match self.seen.try_lock() {
            Ok(seen) => seen,
            Err(TryLockError::Poisoned(seen)) => seen.into_inner(),
            // Somebody else is looking.
            Err(TryLockError::WouldBlock) => return,
        };
        let now = latency.snapshot();
        let latest = seen.as_ref().and_then(|seen| now.since(seen));
        let latest = latest.as_ref().unwrap_or(&now);
        if latest.count_above(self.percentile) < ABOVE {
            return;
        }
        // Rather longer: of requests that take equally long, all or none would be started twice.
        let delay = latest.percentile_or_above(self.percentile);
        let delay = delay.unwrap_or_default();
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.delay.store(micros.max(1), Ordering::Relaxed);
        *seen = Some(now);
    }
}

impl SpeculativePolicy for PercentileSpeculation {
    fn delay(&self, attempt: u32, latency: &Latency) -> Option<Duration> {
        if attempt >= self.max {
            return None;
        }
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if asked.is_multiple_of(BETWEEN_LOOKS) {
            self.look(latency);
        }
        match self.delay.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }
}

impl fmt::Debug for PercentileSpeculation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PercentileSpeculation")
            .field("max", &self.max)
            .field("percentile", &self.percentile)
            .finish_non_exhaustive()
    }
}
