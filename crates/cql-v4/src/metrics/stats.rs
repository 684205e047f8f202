//! What a client has counted, as its users see it.

use std::fmt;

use super::LatencySnapshot;
use crate::error::ErrorKind;

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

/// Errors by their kind.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrorCounts([u64; Self::KINDS.len()]);

impl ErrorCounts {
    /// All kinds, in the order in which they are kept.
    pub(super) const KINDS: [ErrorKind; 14] = [
        ErrorKind::Config,
        ErrorKind::Connect,
        ErrorKind::Tls,
        ErrorKind::Auth,
        ErrorKind::Io,
        ErrorKind::Closed,
        ErrorKind::Timeout,
        ErrorKind::Server,
        ErrorKind::Decode,
        ErrorKind::Encode,
        ErrorKind::Type,
        ErrorKind::Limit,
        ErrorKind::Unsupported,
        ErrorKind::Misuse,
    ];

    pub(super) fn new(counts: [u64; Self::KINDS.len()]) -> Self {
        Self(counts)
    }

    /// The place of a kind in [`Self::KINDS`]. A kind that is added there makes this fail to compile, and so to count.
    pub(super) fn index_of(kind: ErrorKind) -> usize {
        match kind {
            ErrorKind::Config => 0,
            ErrorKind::Connect => 1,
            ErrorKind::Tls => 2,
            ErrorKind::Auth => 3,
            ErrorKind::Io => 4,
            ErrorKind::Closed => 5,
            ErrorKind::Timeout => 6,
            ErrorKind::Server => 7,
            ErrorKind::Decode => 8,
            ErrorKind::Encode => 9,
            ErrorKind::Type => 10,
            ErrorKind::Limit => 11,
            ErrorKind::Unsupported => 12,
            ErrorKind::Misuse => 13,
        }
    }

    /// Errors of this kind.
    pub fn of(&self, kind: ErrorKind) -> u64 {
        self.0.get(Self::index_of(kind)).copied().unwrap_or(0)
    }

    /// Errors of all kinds.
    pub fn total(&self) -> u64 {
        self.iter()
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// The kinds that there were, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
        let all = Self::KINDS.into_iter().zip(self.0);
        all.filter(|(_, count)| *count > 0)
    }
}

impl fmt::Debug for ErrorCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_place() {
        for (index, kind) in ErrorCounts::KINDS.into_iter().enumerate() {
            assert_eq!(ErrorCounts::index_of(kind), index);
        }
    }
}
