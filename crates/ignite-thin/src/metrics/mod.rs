//! What a client counts.

use std::time::Duration;

use wire_core::metrics::{Counters, Gauges, Latency};

use crate::error::{Error, ErrorKind, Sent};
use crate::observe;

wire_core::define_metrics!();

/// What a client has counted since it was made, at one moment.
///
/// Numbers are read one after the other while requests go on, so they may differ by those that end meanwhile. With the
/// feature `metrics-024`, the same numbers go to the recorder of the crate `metrics`, which has to be installed before
/// the client is made: `db.client.operation.duration` (seconds), `ignite_thin.errors` (by `error.type`),
/// `ignite_thin.in_flight`, `ignite_thin.orphans` and `ignite_thin.connections`, all with `db.system.name` = `ignite`.
/// Those of the present moment are set whenever [`Client::stats`](crate::Client::stats) is called.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stats {
    /// Requests that have ended, with an answer or an error. Each page of a result is one.
    pub requests: u64,
    /// Those of them that have ended with an error.
    pub errors: ErrorCounts,
    /// Requests that wait for their answers at this moment.
    pub in_flight: usize,
    /// Requests that were given up, whose answers have not come yet.
    pub orphans: usize,
    /// Connections that are open at this moment: one, or none.
    pub connections: usize,
    /// How long requests took; those that were never sent are left out.
    pub latency: LatencySnapshot,
}

/// The counters of one client.
#[derive(Debug)]
pub(crate) struct Metrics {
    latency: Latency,
    counters: Counters,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            latency: Latency::new(),
            counters: Counters::new(&ErrorCounts::names(observe::SYSTEM, observe::TARGET)),
        }
    }

    /// A request has ended: after so long, and with an error or with an answer.
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

    /// Everything at this moment, with what the connection knows. Sets the exported gauges, too.
    pub(crate) fn stats(&self, gauges: Gauges) -> Stats {
        #[cfg(feature = "metrics-024")]
        self.counters.set(gauges);
        let latency = self.latency.snapshot();
        Stats {
            requests: latency.count().saturating_add(self.counters.unsent()),
            errors: ErrorCounts::read(&self.counters),
            in_flight: gauges.in_flight,
            orphans: gauges.orphans,
            connections: gauges.connections,
            latency: LatencySnapshot(latency),
        }
    }
}
