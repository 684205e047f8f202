//! How long to wait between attempts.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Exponential back-off with jitter: each failure doubles the delay up to a cap, and a random quarter is taken off, so
/// that clients that failed together do not come back together.
#[derive(Debug)]
pub struct Backoff {
    failures: u32,
    random: u64,
}

/// The only source of randomness in std; no secrecy is needed, only difference between processes.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// The first delay: short enough not to be noticed, and at least half a second when the jitter is taken off: two
/// attempts a second are as many as a server in trouble should see.
const FIRST: Duration = Duration::from_millis(667);
/// The longest delay.
const CAP: Duration = Duration::from_secs(30);

impl Backoff {
    /// No failures yet.
    pub fn new() -> Self {
        Self {
            failures: 0,
            random: random() | 1,
        }
    }

    /// The delay after a further failure: between 0.5 and 30 s.
    pub fn failed(&mut self) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let delay = FIRST.saturating_mul(factor).min(CAP);
        // xorshift64: enough to spread clients.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let share = u32::try_from(self.random % 256).unwrap_or(0);
        let jitter = delay
            .checked_div(4 * 256)
            .unwrap_or_default()
            .saturating_mul(share);
        delay.saturating_sub(jitter)
    }

    /// It worked: the next failure waits shortly again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_the_cap_and_jitter_takes_at_most_a_quarter() {
        let mut backoff = Backoff::new();
        let mut expected = FIRST;
        for _ in 0..100 {
            let delay = backoff.failed();
            assert!(
                delay <= expected && delay >= expected * 3 / 4,
                "{delay:?} of {expected:?}"
            );
            expected = (expected * 2).min(CAP);
        }
        backoff.succeeded();
        assert!(backoff.failed() <= FIRST);
    }
}
