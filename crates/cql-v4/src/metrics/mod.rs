//! What a client counts.
//!
//! A request that ends costs one increase of a counter of the histogram, which is spread over 896 of them; everything
//! else is counted when something rare happens. Requests in flight, orphans and connections are not counted here:
//! connections know them, and are asked when somebody wants to see them.

#[cfg(feature = "metrics-024")]
mod export;
mod latency;
mod stats;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use latency::{Latency, LatencySnapshot};
pub use stats::{ErrorCounts, Stats};

use crate::error::{Error, Sent};

/// The counters of one client.
#[derive(Debug)]
pub(crate) struct Metrics {
    latency: Latency,
    rare: Rare,
    #[cfg(feature = "metrics-024")]
    export: export::Export,
}

/// Apart from what every request reads: 128 bytes are the two cache lines that processors fetch together.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Rare {
    errors: [AtomicU64; ErrorCounts::KINDS.len()],
    unsent: AtomicU64,
    retries: AtomicU64,
    speculative_started: AtomicU64,
    speculative_won: AtomicU64,
    reconnects: AtomicU64,
}

/// What connections know at some moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gauges {
    /// Requests that wait for their answers.
    pub(crate) in_flight: usize,
    /// Requests that were given up and are not answered yet.
    pub(crate) orphans: usize,
    /// Open connections.
    pub(crate) connections: usize,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            latency: Latency::new(),
            rare: Rare::default(),
            #[cfg(feature = "metrics-024")]
            export: export::Export::new(),
        }
    }

    /// A request has ended, with all its attempts: after so long, and with an error or with an answer.
    #[inline]
    pub(crate) fn finished(&self, elapsed: Duration, error: Option<&Error>) {
        if let Some(error) = error
            && self.failed(error)
        {
            return;
        }
        self.latency.record(elapsed);
        #[cfg(feature = "metrics-024")]
        self.export.duration.record(elapsed.as_secs_f64());
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
        self.export.set(gauges);
        let latency = self.latency.snapshot();
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            requests: latency.count().saturating_add(of(&self.rare.unsent)),
            errors: ErrorCounts::new(std::array::from_fn(|index| {
                self.rare.errors.get(index).map_or(0, of)
            })),
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

    /// Counts the error, and says whether its request has no place in the histogram, since it was never sent: an error
    /// of encoding takes no time, and one of a missing connection says nothing about a server.
    #[cold]
    fn failed(&self, error: &Error) -> bool {
        let index = ErrorCounts::index_of(error.kind());
        if let Some(counter) = self.rare.errors.get(index) {
            increase(counter);
        }
        #[cfg(feature = "metrics-024")]
        self.export.failed(index);
        let unsent = error.sent() == Sent::No;
        if unsent {
            increase(&self.rare.unsent);
        }
        unsent
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
        assert!(format!("{stats:?}").contains("errors: {Timeout: 1, Encode: 1}"));
    }
}
