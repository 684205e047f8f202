//! When another node is asked.

use std::time::Duration;

use cql_v4::policy::{ConstantSpeculation, PercentileSpeculation, SpeculativePolicy};
use cql_v4::{ErrorKind, Latency};

fn record(latency: &Latency, times: impl IntoIterator<Item = u64>) {
    for micros in times {
        latency.record(Duration::from_micros(micros));
    }
}

/// Asks until the policy has looked at the histogram again.
fn ask(policy: &PercentileSpeculation, latency: &Latency) -> Option<Duration> {
    for _ in 0..256 {
        policy.delay(0, latency);
    }
    policy.delay(0, latency)
}

fn near(measured: Option<Duration>, micros: u64) {
    let measured = measured.expect("a delay").as_micros() as f64;
    assert!(
        (measured / micros as f64 - 1.0).abs() < 0.025,
        "{measured} µs instead of {micros} µs"
    );
}

#[test]
fn constant_speculation_ends() {
    let latency = Latency::new();
    let delay = Duration::from_millis(20);
    let policy = ConstantSpeculation::new(2, delay);
    let asked: Vec<_> = (0..4).map(|n| policy.delay(n, &latency)).collect();
    assert_eq!(asked, [Some(delay), Some(delay), None, None]);
    assert_eq!(ConstantSpeculation::new(0, delay).delay(0, &latency), None);
}

#[test]
fn percentile_speculation_waits_for_enough_requests() {
    let latency = Latency::new();
    let policy = PercentileSpeculation::new(1, 99.0).unwrap();
    assert_eq!(ask(&policy, &latency), None);
    record(&latency, 1..=999);
    assert_eq!(ask(&policy, &latency), None, "nine above the percentile");
    record(&latency, [1_000]);
    near(ask(&policy, &latency), 990);
    assert_eq!(policy.delay(1, &latency), None, "one extra attempt at most");
}

#[test]
fn percentile_speculation_follows_the_latest_requests() {
    let latency = Latency::new();
    let policy = PercentileSpeculation::new(1, 90.0).unwrap();
    record(&latency, std::iter::repeat_n(1_000, 100_000));
    near(ask(&policy, &latency), 1_000);
    // Too few to believe them: the delay stays.
    record(&latency, std::iter::repeat_n(50_000, 50));
    near(ask(&policy, &latency), 1_000);
    record(&latency, std::iter::repeat_n(50_000, 50));
    near(ask(&policy, &latency), 50_000);
    // With another client's requests, it begins anew.
    let other = Latency::new();
    record(&other, std::iter::repeat_n(7, 200));
    near(ask(&policy, &other), 7);
}

#[test]
fn percentile_speculation_refuses_what_is_no_percentile() {
    for percentile in [0.0, 0.99, 100.0, -5.0, 1e9, f64::NAN, f64::INFINITY] {
        let error = PercentileSpeculation::new(1, percentile).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains("it can be 1 to 99.99"),
            "{error}"
        );
    }
    // Requests that took no time that can be measured still give a delay.
    let latency = Latency::new();
    record(&latency, std::iter::repeat_n(0, 1_000));
    let policy = PercentileSpeculation::new(1, 50.0).unwrap();
    assert_eq!(ask(&policy, &latency), Some(Duration::from_micros(1)));
    assert_eq!(
        format!("{policy:?}"),
        "PercentileSpeculation { max: 1, percentile: 50.0, .. }"
    );
}
