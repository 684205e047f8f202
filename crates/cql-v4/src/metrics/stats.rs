//! What a client has counted, as its users see it.

use super::{ErrorCounts, LatencySnapshot};

/// What a client has counted since it was made, at one moment.
///
/// Numbers are read one after the other while requests go on, so they may differ by those that end meanwhile. With the
/// feature `metrics-024`, the same numbers go to the recorder of the crate `metrics`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stats {
    /// Requests that have ended, with an answer or an error.
    pub requests: u64,
    /// Those of them that have ended with an error.
    pub errors: ErrorCounts,
    /// Attempts that failed and were repeated.
    pub retries: u64,
    /// Extra attempts of speculative execution.
    pub speculative_started: u64,
    /// Those of them that were answered first.
    pub speculative_won: u64,
    /// Connections that were opened anew after they had broken.
    pub reconnects: u64,
    /// Requests that wait for their answers at this moment.
    pub in_flight: usize,
    /// Requests that were given up, whose answers have not come yet.
    pub orphans: usize,
    /// Connections that are open at this moment.
    pub connections: usize,
    /// How long requests took, with all their attempts; those that were never sent are left out.
    pub latency: LatencySnapshot,
}
