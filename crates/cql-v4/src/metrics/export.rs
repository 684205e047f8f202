//! The numbers that only this crate has, for the recorder of the crate `metrics`.

use metrics::{Counter, counter, describe_counter};

use crate::observe::{self, metric};

/// Handles of the recorder that was there when the client was made; without one, they do nothing.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) retries: Counter,
    pub(super) speculative_started: Counter,
    pub(super) speculative_won: Counter,
    pub(super) reconnects: Counter,
}

impl Export {
    pub(super) fn new() -> Self {
        let described = |name: &'static str, text: &'static str| {
            describe_counter!(name, text);
            counter!(name, "db.system.name" => observe::SYSTEM)
        };
        Self {
            retries: described(metric::RETRIES, "Attempts that failed and were repeated"),
            speculative_started: described(
                metric::SPECULATIVE_STARTED,
                "Extra attempts of speculative execution",
            ),
            speculative_won: described(
                metric::SPECULATIVE_WON,
                "Extra attempts that were answered first",
            ),
            reconnects: described(
                metric::RECONNECTS,
                "Connections opened anew after they had broken",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use metrics::{
        Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
        with_local_recorder,
    };

    use super::super::{Gauges, Metrics};
    use super::*;
    use crate::error::{Error, ErrorKind};

    /// Keeps everything by its name and labels.
    #[derive(Default)]
    struct Kept {
        numbers: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
        times: Mutex<BTreeMap<String, Arc<Times>>>,
        described: Mutex<Vec<String>>,
    }

    #[derive(Default)]
    struct Times(Mutex<Vec<f64>>);

    impl HistogramFn for Times {
        fn record(&self, value: f64) {
            self.0.lock().unwrap().push(value);
        }
    }

    impl Kept {
        fn number(&self, key: &Key) -> Arc<AtomicU64> {
            let mut numbers = self.numbers.lock().unwrap();
            Arc::clone(numbers.entry(name(key)).or_default())
        }

        fn value(&self, name: &str) -> u64 {
            self.numbers.lock().unwrap()[name].load(Ordering::Relaxed)
        }
    }

    fn name(key: &Key) -> String {
        let labels: Vec<String> = key
            .labels()
            .filter(|label| label.key() != "db.system.name")
            .map(|label| format!("{{{}={}}}", label.key(), label.value()))
            .collect();
        assert!(key.labels().any(|label| label.value() == "cassandra"));
        format!("{}{}", key.name(), labels.concat())
    }

    impl Recorder for Kept {
        fn describe_counter(&self, key: KeyName, _: Option<Unit>, _: SharedString) {
            self.described.lock().unwrap().push(key.as_str().to_owned());
        }
        fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, text: SharedString) {
            self.describe_counter(key, unit, text);
        }
        fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, text: SharedString) {
            assert_eq!(unit, Some(Unit::Seconds));
            self.describe_counter(key, unit, text);
        }
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.number(key))
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.number(key))
        }
        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            let mut times = self.times.lock().unwrap();
            Histogram::from_arc(Arc::clone(times.entry(name(key)).or_default()))
        }
    }

    #[test]
    fn numbers_reach_the_recorder() {
        let kept = Kept::default();
        let metrics = with_local_recorder(&kept, Metrics::new);
        metrics.finished(Duration::from_millis(1_500), None);
        let closed = Error::new(ErrorKind::Closed, "the client was closed");
        metrics.finished(Duration::ZERO, Some(&closed));
        metrics.retried();
        metrics.speculation_started();
        metrics.speculation_won();
        metrics.reconnected();
        metrics.stats(Gauges {
            in_flight: 4,
            orphans: 0,
            connections: 2,
        });
        assert_eq!(kept.value("cql_v4.errors{error.type=closed}"), 1);
        assert_eq!(kept.value("cql_v4.errors{error.type=server}"), 0);
        assert_eq!(kept.value("cql_v4.retries"), 1);
        assert_eq!(kept.value("cql_v4.speculative.started"), 1);
        assert_eq!(kept.value("cql_v4.speculative.won"), 1);
        assert_eq!(kept.value("cql_v4.reconnects"), 1);
        assert_eq!(f64::from_bits(kept.value("cql_v4.in_flight")), 4.0);
        assert_eq!(f64::from_bits(kept.value("cql_v4.orphans")), 0.0);
        assert_eq!(f64::from_bits(kept.value("cql_v4.connections")), 2.0);
        let times = kept.times.lock().unwrap();
        assert_eq!(
            *times["db.client.operation.duration"].0.lock().unwrap(),
            [1.5]
        );
        assert_eq!(kept.described.lock().unwrap().len(), 9);
    }

    #[test]
    fn without_a_recorder_nothing_happens() {
        let metrics = Metrics::new();
        metrics.finished(Duration::from_millis(1), None);
        assert_eq!(metrics.stats(Gauges::default()).requests, 1);
    }
}
