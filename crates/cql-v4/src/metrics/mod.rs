//! What a client counts.
//!
//! What all clients count is in `wire-core`; here is what only clients of several nodes have besides.

#[cfg(feature = "metrics-024")]
mod export;
mod stats;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use stats::Stats;
pub(crate) use wire_core::metrics::Gauges;
use wire_core::metrics::{Counters, Latency as Histogram};

use crate::error::{Error, ErrorKind, Sent};
use crate::observe;

wire_core::define_metrics!();

/// How long requests took.
///
/// Times from 1 µs to 71 minutes, told apart with an error below 1.6 %, in 7 KiB. Recording takes no lock: one
/// counter is increased.
#[derive(Default)]
pub struct Latency {
    histogram: Histogram,
}

impl Latency {
    /// Nothing was measured yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a request that took so long.
    #[inline]
    pub fn record(&self, elapsed: Duration) {
        self.histogram.record(elapsed);
    }

    /// What was counted so far. Requests that end meanwhile may be in it or not.
    pub fn snapshot(&self) -> LatencySnapshot {
        LatencySnapshot(self.histogram.snapshot())
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.histogram, f)
    }
}

impl LatencySnapshot {
    /// Requests that are above this percentile.
    pub(crate) fn count_above(&self, percent: f64) -> u64 {
        self.0.count_above(percent)
    }

    /// A time that is not exceeded by what cannot be told apart from this percentile; within 3.2 %.
    pub(crate) fn percentile_or_above(&self, percent: f64) -> Option<Duration> {
        self.0.percentile_or_above(percent)
    }

    /// What was counted after `earlier`; `None` if that is of another [`Latency`], as far as can be seen.
    pub(crate) fn since(&self, earlier: &Self) -> Option<Self> {
        self.0.since(&earlier.0).map(Self)
    }
}

/// The counters of one client.
#[derive(Debug)]
pub(crate) struct Metrics {
    latency: Latency,
    counters: Counters,
    rare: Rare,
    #[cfg(feature = "metrics-024")]
    export: export::Export,
}

/// Apart from what every request reads: 128 bytes are the two cache lines that processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Rare {
    retries: AtomicU64,
    speculative_started: AtomicU64,
    speculative_won: AtomicU64,
    reconnects: AtomicU64,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            latency: Latency::new(),
            counters: Counters::new(&ErrorCounts::names(observe::SYSTEM, observe::TARGET)),
            rare: Rare::default(),
            #[cfg(feature = "metrics-024")]
            export: export::Export::new(),
        }
    }

    /// A request has ended, with all its attempts: after so long, and with an error or with an answer.
    #[inline]
    pub(crate) fn finished(&self, elapsed: Duration, error: Option<&Error>) {
        if let Some(error) = error
            && !self.counters.failed(ErrorCounts::failed(error))
        {
            return;
        }
        self.latency.record(elapsed);
        #[cfg(feature = "metrics-024")]
        self.counters.took(elapsed);
    }

    /// An attempt has failed and is repeated.
    #[cold]
    pub(crate) fn retried(&self) {
        increase(&self.rare.retries);
        #[cfg(feature = "metrics-024")]
        self.export.retries.increment(1);
    }

    /// Another node is asked before the first has answered.
    #[cold]
    pub(crate) fn speculation_started(&self) {
        increase(&self.rare.speculative_started);
        #[cfg(feature = "metrics-024")]
        self.export.speculative_started.increment(1);
    }

    /// An extra attempt was answered first.
    #[cold]
    pub(crate) fn speculation_won(&self) {
        increase(&self.rare.speculative_won);
        #[cfg(feature = "metrics-024")]
        self.export.speculative_won.increment(1);
    }

    /// A connection that had broken was opened again.
    #[cold]
    pub(crate) fn reconnected(&self) {
        increase(&self.rare.reconnects);
        #[cfg(feature = "metrics-024")]
        self.export.reconnects.increment(1);
    }

    /// What requests have taken, for policies.
    pub(crate) fn latency(&self) -> &Latency {
        &self.latency
    }

    /// Everything at this moment, with what connections know. Sets the exported gauges, too.
    pub(crate) fn stats(&self, gauges: Gauges) -> Stats {
        #[cfg(feature = "metrics-024")]
        self.counters.set(gauges);
        let latency = self.latency.snapshot();
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            requests: latency.count().saturating_add(self.counters.unsent()),
            errors: ErrorCounts::read(&self.counters),
            retries: of(&self.rare.retries),
            speculative_started: of(&self.rare.speculative_started),
            speculative_won: of(&self.rare.speculative_won),
            reconnects: of(&self.rare.reconnects),
            in_flight: gauges.in_flight,
            orphans: gauges.orphans,
            connections: gauges.connections,
            latency,
        }
    }
}

fn increase(counter: &AtomicU64) {
    // Each number stands alone, so no ordering is needed.
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn everything_is_counted_where_it_belongs() {
        let metrics = Metrics::new();
        let ms = Duration::from_millis;
        metrics.finished(ms(1), None);
        metrics.finished(ms(3), None);
        let timeout = Error::new(ErrorKind::Timeout, "late").with_sent(Sent::Maybe);
        metrics.finished(ms(10), Some(&timeout));
        let encode = Error::new(ErrorKind::Encode, "too long");
        metrics.finished(ms(0), Some(&encode));
        metrics.retried();
        metrics.speculation_started();
        metrics.speculation_started();
        metrics.speculation_won();
        metrics.reconnected();
        let stats = metrics.stats(Gauges {
            in_flight: 5,
            orphans: 6,
            connections: 7,
        });
        assert_eq!(stats.requests, 4);
        assert_eq!(stats.latency.count(), 3, "what was not sent took no time");
        assert_eq!(stats.latency.max(), ms(10));
        assert_eq!(stats.errors.total(), 2);
        assert_eq!(stats.errors.of(ErrorKind::Timeout), 1);
        assert_eq!(stats.errors.of(ErrorKind::Server), 0);
        assert_eq!(
            stats.errors.iter().collect::<Vec<_>>(),
            [(ErrorKind::Timeout, 1), (ErrorKind::Encode, 1)]
        );
        assert_eq!((stats.retries, stats.reconnects), (1, 1));
        assert_eq!((stats.speculative_started, stats.speculative_won), (2, 1));
        assert_eq!(
            (stats.in_flight, stats.orphans, stats.connections),
            (5, 6, 7)
        );
        assert_eq!(metrics.latency().snapshot().count(), 3);
        for (index, kind) in ErrorCounts::KINDS.into_iter().enumerate() {
            assert_eq!(ErrorCounts::index_of(kind), index);
        }
        assert!(format!("{stats:?}").contains("errors: {Timeout: 1, Encode: 1}"));
    }
}
