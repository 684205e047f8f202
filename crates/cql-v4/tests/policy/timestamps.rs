//! Timestamps of writes, by a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cql_v4::policy::{MonotonicTimestamps, ServerTimestamps, TimestampGenerator};
use proptest::prelude::*;

use crate::logs::logged;

/// A clock that the test moves, and timestamps by it.
fn by_hand(start: i64) -> (Arc<AtomicI64>, MonotonicTimestamps) {
    let clock = Arc::new(AtomicI64::new(start));
    let hand = Arc::clone(&clock);
    let timestamps = MonotonicTimestamps::with_clock(move || clock.load(Ordering::Relaxed));
    (hand, timestamps)
}

#[test]
fn timestamps_follow_the_clock_and_never_go_back() {
    let (clock, timestamps) = by_hand(1_000_000);
    assert_eq!(timestamps.next(), Some(1_000_000));
    assert_eq!(timestamps.next(), Some(1_000_001));
    clock.store(2_000_000, Ordering::Relaxed);
    assert_eq!(timestamps.next(), Some(2_000_000));
    clock.store(5, Ordering::Relaxed);
    assert_eq!(timestamps.next(), Some(2_000_001));
    clock.store(3_000_000, Ordering::Relaxed);
    assert_eq!(timestamps.next(), Some(3_000_000));
    assert_eq!(ServerTimestamps.next(), None);
}

#[test]
fn timestamps_of_the_machine_are_of_this_century() {
    let timestamps = MonotonicTimestamps::new();
    let first = timestamps.next().unwrap();
    let second = timestamps.next().unwrap();
    // 2024 to 2100, in microseconds.
    assert!((1_704_067_200_000_000..4_102_444_800_000_000).contains(&first));
    assert!(second > first);
    assert!(format!("{timestamps:?}").contains(&second.to_string()));
}

#[test]
fn threads_never_get_the_same_timestamp() {
    let (_clock, timestamps) = by_hand(77);
    let mut all: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mine: Vec<_> = (0..5_000).filter_map(|_| timestamps.next()).collect();
                    assert!(mine.is_sorted_by(|a, b| a < b));
                    mine
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20_000);
    assert_eq!((all[0], all[19_999]), (77, 77 + 19_999));
}

#[test]
fn timestamps_ahead_of_the_clock_are_told_once_a_second() {
    let (clock, timestamps) = by_hand(10_000_000);
    let (said, ()) = logged(|| {
        timestamps.next();
        clock.store(9_000_001, Ordering::Relaxed);
        timestamps.next();
    });
    assert_eq!(said.len(), 0, "not more than a second: {said:?}");
    let (said, ()) = logged(|| {
        clock.store(8_000_000, Ordering::Relaxed);
        for _ in 0..100 {
            timestamps.next();
        }
        clock.store(8_999_999, Ordering::Relaxed);
        timestamps.next();
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("ahead of the clock") && said[0].contains("ahead_us=2000002"),
        "{said:?}"
    );
    // The clock goes on to lag, and is even set back once more.
    let (said, ()) = logged(|| {
        clock.store(9_000_000, Ordering::Relaxed);
        timestamps.next();
        timestamps.next();
        clock.store(1, Ordering::Relaxed);
        timestamps.next();
        timestamps.next();
    });
    assert_eq!(said.len(), 2, "{said:?}");
}

proptest! {
    /// Whatever the clock does, each timestamp is above the one before, and is the clock's where that allows it.
    #[test]
    fn timestamps_rise(times in prop::collection::vec(any::<i64>(), 1..100)) {
        let (clock, timestamps) = by_hand(0);
        let mut last = i64::MIN;
        for time in times {
            // At the very end of time no number is left.
            let time = time.min(i64::MAX - 200);
            clock.store(time, Ordering::Relaxed);
            let next = timestamps.next().unwrap();
            prop_assert!(next > last);
            prop_assert_eq!(next, time.max(last.saturating_add(1)));
            last = next;
        }
    }
}
