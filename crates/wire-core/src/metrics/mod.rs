//! What clients count.
//!
//! A request that ends costs one increase of a counter of the histogram, which is spread over 896 of them; everything
//! else is counted when something rare happens. Requests in flight, orphans and connections are not counted here:
//! connections know them, and are asked when somebody wants to see them.
//!
//! A protocol crate has types of its own for what its users see, made by
//! [`define_metrics!`](crate::define_metrics), and counts with [`Counters`] beside them.

mod define;
#[cfg(feature = "metrics-024")]
mod export;
mod latency;

use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "metrics-024")]
use std::time::Duration;

pub use latency::{Latency, LatencySnapshot};

/// Where the numbers of a crate go in the facade `metrics`.
#[derive(Debug, Clone)]
pub struct Names {
    /// `db.system.name` of all numbers.
    pub system: &'static str,
    /// What names of numbers begin with: the crate.
    pub prefix: &'static str,
    /// `error.type` of each kind of error, in the order in which they are counted.
    pub kinds: Vec<&'static str>,
}

/// What connections know at some moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Requests that wait for their answers.
    pub in_flight: usize,
    /// Requests that were given up and are not answered yet.
    pub orphans: usize,
    /// Open connections.
    pub connections: usize,
}

/// A request that has ended with an error.
#[derive(Debug, Clone, Copy)]
pub struct Failed {
    /// Place of the error's kind in [`Names::kinds`].
    pub kind: usize,
    /// Not a byte of it was sent.
    pub unsent: bool,
}

/// Errors of requests, and, with the feature `metrics-024`, all numbers of a client for the recorder of the facade.
// 128 bytes are the two cache lines that processors fetch together: apart from what every request reads.
#[derive(Debug)]
#[repr(align(128))]
pub struct Counters {
    errors: Box<[AtomicU64]>,
    unsent: AtomicU64,
    #[cfg(feature = "metrics-024")]
    export: export::Export,
}

impl Counters {
    /// Nothing was counted yet.
    pub fn new(names: &Names) -> Self {
        Self {
            errors: names.kinds.iter().map(|_| AtomicU64::new(0)).collect(),
            unsent: AtomicU64::new(0),
            #[cfg(feature = "metrics-024")]
            export: export::Export::new(names),
        }
    }

    /// Counts the error, and says whether its request has a place in the histogram. One that was never sent has none:
    /// an error of encoding takes no time, and one of a missing connection says nothing about a server.
    #[cold]
    pub fn failed(&self, failed: Failed) -> bool {
        if let Some(counter) = self.errors.get(failed.kind) {
            increase(counter);
        }
        #[cfg(feature = "metrics-024")]
        self.export.failed(failed.kind);
        if failed.unsent {
            increase(&self.unsent);
        }
        !failed.unsent
    }

    /// Tells the recorder that a request took so long.
    #[cfg(feature = "metrics-024")]
    pub fn took(&self, elapsed: Duration) {
        self.export.took(elapsed);
    }

    /// Tells the recorder what connections know.
    #[cfg(feature = "metrics-024")]
    pub fn set(&self, gauges: Gauges) {
        self.export.set(gauges);
    }

    /// Errors of the kind at `index`.
    pub fn errors(&self, index: usize) -> u64 {
        self.errors.get(index).map_or(0, of)
    }

    /// Requests of which nothing was sent.
    pub fn unsent(&self) -> u64 {
        of(&self.unsent)
    }
}

fn of(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn increase(counter: &AtomicU64) {
    // Each number stands alone, so no ordering is needed.
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_kind_and_unsent_ones_apart() {
        let counters = Counters::new(&Names {
            system: "db",
            prefix: "db",
            kinds: vec!["config", "timeout"],
        });
        assert!(counters.failed(Failed {
            kind: 1,
            unsent: false
        }));
        assert!(!counters.failed(Failed {
            kind: 1,
            unsent: true
        }));
        assert!(
            counters.failed(Failed {
                kind: 7,
                unsent: false
            }),
            "no such kind"
        );
        assert_eq!(
            (counters.errors(0), counters.errors(1), counters.errors(7)),
            (0, 2, 0)
        );
        assert_eq!(counters.unsent(), 1);
    }
}
