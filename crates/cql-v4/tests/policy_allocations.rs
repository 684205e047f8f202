//! What is asked for each request asks the allocator for nothing.
#![cfg(feature = "client")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use cql_v4::policy::{
    ConstantSpeculation, DefaultRetry, DowngradingRetry, MonotonicTimestamps, NeverRetry,
    PercentileSpeculation, Profile, RetryInfo, RetryPolicy, SpeculativePolicy, TimestampGenerator,
};
use cql_v4::{Config, Consistency, Latency};
use wire_testkit::measure;

const REQUESTS: u64 = 1_000;

/// Allocations while `body` runs a thousand times.
fn allocations<T>(mut body: impl FnMut() -> T) -> u64 {
    let (memory, ()) = measure(|| {
        for _ in 0..REQUESTS {
            black_box(body());
        }
    });
    memory.allocations
}

#[test]
fn policies_allocate_nothing_for_a_request() {
    let latency = Latency::new();
    let record = || latency.record(black_box(Duration::from_micros(750)));
    assert_eq!(allocations(record), 0, "recording");

    let timestamps: Arc<dyn TimestampGenerator> = Arc::new(MonotonicTimestamps::new());
    let next = || timestamps.next();
    assert_eq!(allocations(next), 0, "timestamps");

    let profile = Profile::new().with_page_size(10);
    let clone = || profile.clone();
    assert_eq!(allocations(clone), 0, "profiles");

    let error = Config::from_url("wrong").unwrap_err();
    let info = RetryInfo::new(&error, Consistency::Quorum).with_idempotent(true);
    for policy in [
        &DefaultRetry as &dyn RetryPolicy,
        &DowngradingRetry,
        &NeverRetry,
    ] {
        let decide = || policy.decide(black_box(&info));
        assert_eq!(allocations(decide), 0, "{policy:?}");
    }

    let constant = ConstantSpeculation::new(1, Duration::from_millis(1));
    let delay = || constant.delay(0, &latency);
    assert_eq!(allocations(delay), 0, "constant speculation");

    // It looks at the histogram every 256 requests, and copies it into a list that grows.
    let percentile = PercentileSpeculation::new(1, 50.0).unwrap();
    let delay = || percentile.delay(0, &latency);
    let looks = REQUESTS.div_ceil(256);
    let counted = allocations(delay);
    assert!(
        counted <= 9 * looks,
        "{counted} for speculation by percentile"
    );
}
