//! How long requests took: a histogram of fixed size that many threads write at once.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Each power of two is divided into 2⁵ buckets: a bucket is 1/32 of its lower end wide at most, and its middle is less
/// than 1.6 % away from any value in it.
const DIVISION: u32 = 5;
/// Buckets up to the longest time that is told apart.
const BUCKETS: usize = 896;
/// The longest time that is told apart, in microseconds: 71 minutes, far above any timeout.
const LONGEST: u64 = (1 << 32) - 1;

/// How long requests took.
///
/// Times from 1 µs to 71 minutes, told apart with an error below 1.6 %, in 7 KiB. Recording takes no lock: one counter
/// is increased.
pub struct Latency {
    buckets: Box<[AtomicU64]>,
    /// Microseconds.
    max: AtomicU64,
}

impl Latency {
    /// Nothing was measured yet.
    pub fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            max: AtomicU64::new(0),
        }
    }

    /// Counts a request that took so long.
    #[inline]
    pub fn record(&self, elapsed: Duration) {
        let micros = micros_of(elapsed);
        if let Some(bucket) = self.buckets.get(index_of(micros)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        // Mostly the load alone, of a line that hardly changes.
        if micros > self.max.load(Ordering::Relaxed) {
            self.max.fetch_max(micros, Ordering::Relaxed);
        }
    }

    /// What was counted so far. Requests that end meanwhile may be in it or not.
    pub fn snapshot(&self) -> LatencySnapshot {
        let counts = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed));
        LatencySnapshot::new(counts.collect(), self.max.load(Ordering::Relaxed))
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.snapshot(), f)
    }
}

/// What a [`Latency`] had counted at some time.
#[derive(Clone)]
pub struct LatencySnapshot {
    counts: Box<[u64]>,
    count: u64,
    /// Microseconds.
    max: u64,
}

impl LatencySnapshot {
    fn new(counts: Box<[u64]>, max: u64) -> Self {
        let count = counts
            .iter()
            .fold(0, |sum: u64, count| sum.saturating_add(*count));
        Self { counts, count, max }
    }

    /// Requests counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest time, exactly; zero if nothing was counted. In a difference of two snapshots, the longest within the
    /// histogram's error.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.max)
    }

    /// The mean time, within 1.6 %; zero if nothing was counted.
    pub fn mean(&self) -> Duration {
        let sum = self.filled().fold(0, |sum: u128, (index, count)| {
            sum.saturating_add(u128::from(count).saturating_mul(u128::from(self.middle(index))))
        });
        let mean = sum.checked_div(u128::from(self.count)).unwrap_or(0);
        Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// The time within which this share of the requests ended, in per cent from 0 to 100 and within 1.6 %; `None` if
    /// nothing was counted.
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        let index = self.index_at(percent)?;
        Some(Duration::from_micros(self.middle(index)))
    }

    /// A time that is not exceeded by what cannot be told apart from this percentile; within 3.2 %.
    pub fn percentile_or_above(&self, percent: f64) -> Option<Duration> {
        self.index_at(percent)
            .map(end_of)
            .map(Duration::from_micros)
    }

    fn index_at(&self, percent: f64) -> Option<usize> {
        let rank = self.rank(percent);
        let mut seen: u64 = 0;
        let mut filled = self.filled();
        let found = filled.find(|(_, count)| {
            seen = seen.saturating_add(*count);
            seen >= rank
        });
        found.map(|(index, _)| index)
    }

    /// Requests that are above this percentile.
    pub fn count_above(&self, percent: f64) -> u64 {
        self.count.saturating_sub(self.rank(percent))
    }

    /// What was counted after `earlier`; `None` if that is of another [`Latency`], as far as can be seen.
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        let counts = self.counts.iter().zip(&earlier.counts);
        let counts: Option<Box<[u64]>> = counts.map(|(now, then)| now.checked_sub(*then)).collect();
        let mut latest = Self::new(counts?, self.max);
        latest.max = latest
            .filled()
            .last()
            .map_or(0, |(index, _)| latest.middle(index));
        Some(latest)
    }

    /// How many requests this percentile has below it, itself included; 1 at least.
    #[expect(
        clippy::as_conversions,
        reason = "no other conversion exists; counts above 2^53 lose digits that no percentile shows, and floats saturate"
    )]
    fn rank(&self, percent: f64) -> u64 {
        let share = percent.clamp(0.0, 100.0) / 100.0;
        ((self.count as f64 * share).ceil() as u64).clamp(1, self.count.max(1))
    }

    /// Indices and counts of the buckets that are not empty, shortest first.
    fn filled(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let all = self.counts.iter().copied().enumerate();
        all.filter(|(_, count)| *count > 0)
    }

    fn middle(&self, index: usize) -> u64 {
        middle_of(index).min(self.max)
    }
}

impl fmt::Debug for LatencySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |percent| self.percentile(percent).unwrap_or_default();
        f.debug_struct("LatencySnapshot")
            .field("count", &self.count)
            .field("mean", &self.mean())
            .field("p50", &at(50.0))
            .field("p99", &at(99.0))
            .field("p99.9", &at(99.9))
            .field("max", &self.max())
            .finish_non_exhaustive()
    }
}

fn micros_of(elapsed: Duration) -> u64 {
    let seconds = elapsed.as_secs().saturating_mul(1_000_000);
    seconds.saturating_add(u64::from(elapsed.subsec_micros()))
}

/// The bucket of a time. Below 64 µs each has its own; then, those of a power of two follow those of the one before.
#[inline]
fn index_of(micros: u64) -> usize {
    let micros = micros.min(LONGEST);
    // Bits that are dropped to have 6 left, of which the first is always set.
    let dropped = (u64::BITS - DIVISION - 1).saturating_sub((micros | 63).leading_zeros());
    let index = u64::from(dropped << DIVISION).saturating_add(micros.wrapping_shr(dropped));
    usize::try_from(index).unwrap_or(BUCKETS)
}

/// The shortest time of a bucket in microseconds, and how many of those it has.
fn range_of(index: usize) -> (u64, u64) {
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    let dropped = u32::try_from((index >> DIVISION).saturating_sub(1)).unwrap_or(0);
    let first_bits = index.saturating_sub(u64::from(dropped << DIVISION));
    (
        first_bits.wrapping_shl(dropped),
        1_u64.wrapping_shl(dropped),
    )
}

/// The time in the middle of a bucket, in microseconds.
fn middle_of(index: usize) -> u64 {
    let (lowest, width) = range_of(index);
    lowest.saturating_add(width / 2)
}

/// The longest time of a bucket, in microseconds.
fn end_of(index: usize) -> u64 {
    let (lowest, width) = range_of(index);
    lowest.saturating_add(width.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(micros: &[u64]) -> LatencySnapshot {
        let latency = Latency::new();
        for value in micros {
            latency.record(Duration::from_micros(*value));
        }
        latency.snapshot()
    }

    /// Buckets follow each other without a gap, and the last holds the longest time.
    #[test]
    fn each_time_has_its_bucket() {
        let mut last = 0;
        for micros in 0..200_000 {
            let index = index_of(micros);
            assert!(
                index == last || index == last + 1,
                "{micros}: {index} after {last}"
            );
            last = index;
        }
        assert_eq!(index_of(63), 63);
        assert_eq!(index_of(64), 64);
        assert_eq!(index_of(65), 64);
        assert_eq!(index_of(LONGEST), BUCKETS - 1);
        assert_eq!(index_of(u64::MAX), BUCKETS - 1);
        assert_eq!(
            (0..BUCKETS)
                .map(middle_of)
                .map(index_of)
                .collect::<Vec<_>>(),
            (0..BUCKETS).collect::<Vec<_>>()
        );
    }

    #[test]
    fn nothing_was_measured() {
        let none = of(&[]);
        assert_eq!(
            (none.count(), none.mean(), none.max()),
            (0, Duration::ZERO, Duration::ZERO)
        );
        assert_eq!(none.percentile(99.0), None);
        assert_eq!(none.count_above(99.0), 0);
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let times: Vec<u64> = (1..=50).collect();
        let snapshot = of(&times);
        let at = |percent| snapshot.percentile(percent).unwrap().as_micros();
        assert_eq!(
            (at(0.0), at(50.0), at(90.0), at(98.0), at(100.0)),
            (1, 25, 45, 49, 50)
        );
        assert_eq!((at(-3.0), at(f64::NAN), at(1e9)), (1, 1, 50));
        assert_eq!(snapshot.mean().as_micros(), 25);
        assert_eq!(snapshot.count_above(90.0), 5);
        let above = |micros| {
            let above = of(&[micros, LONGEST]).percentile_or_above(50.0);
            u64::try_from(above.unwrap().as_micros()).unwrap()
        };
        assert_eq!((above(7), above(63), above(64), above(65)), (7, 63, 65, 65));
        assert_eq!((above(10_000), above(100_000)), (10_239, 100_351));
        assert!(format!("{snapshot:?}").contains("count: 50, mean: 25µs, p50: 25µs"));
    }

    #[test]
    fn a_time_without_end_is_counted() {
        let snapshot = of(&[u64::MAX, 5]);
        assert_eq!(snapshot.count(), 2);
        assert_eq!(snapshot.max(), Duration::from_micros(u64::MAX));
    }

    #[test]
    fn a_difference_has_the_latest_only() {
        let latency = Latency::new();
        latency.record(Duration::from_secs(1));
        let then = latency.snapshot();
        latency.record(Duration::from_micros(20));
        let latest = latency.snapshot().since(&then).unwrap();
        assert_eq!((latest.count(), latest.max().as_micros()), (1, 20));
        assert!(of(&[7]).since(&then).is_none(), "of another histogram");
    }

    #[test]
    fn threads_record_at_once() {
        let latency = Latency::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let latency = &latency;
                scope.spawn(move || {
                    for i in 0..10_000 {
                        latency.record(Duration::from_micros(i + thread));
                    }
                });
            }
        });
        let snapshot = latency.snapshot();
        assert_eq!(
            (snapshot.count(), snapshot.max().as_micros()),
            (40_000, 10_002)
        );
    }

    proptest! {
        /// Every percentile is within 2.5 % of that of the sorted list, and so is the mean.
        #[test]
        fn the_error_is_small(
            mut times in prop::collection::vec((0_u32..32).prop_flat_map(|bits| 0..=u64::from(u32::MAX >> bits)), 1..200),
            percent in 0.0..=100.0_f64,
        ) {
            let snapshot = of(&times);
            times.sort_unstable();
            let rank = ((percent / 100.0 * times.len() as f64).ceil() as usize).max(1);
            let near = |measured: Duration, exact: u64| {
                (measured.as_micros() as f64 - exact as f64).abs() <= 0.025 * exact as f64 + 1.0
            };
            let measured = snapshot.percentile(percent).unwrap();
            prop_assert!(near(measured, times[rank - 1]), "{measured:?} for {} µs", times[rank - 1]);
            let mean = times.iter().sum::<u64>() / times.len() as u64;
            prop_assert!(near(snapshot.mean(), mean), "{:?} for {mean} µs", snapshot.mean());
            prop_assert_eq!(snapshot.max().as_micros() as u64, *times.last().unwrap());
        }
    }
}
