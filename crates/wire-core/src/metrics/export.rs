//! The numbers of a client for the recorder of the crate `metrics`.

use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

use super::{Gauges, Names};

/// The name of the conventions for the time of a request, the same for all databases.
const DURATION: &str = "db.client.operation.duration";

/// Handles of the recorder that was there when the client was made; without one, they do nothing.
#[derive(Debug)]
pub(super) struct Export {
    duration: Histogram,
    errors: Vec<Counter>,
    in_flight: Gauge,
    orphans: Gauge,
    connections: Gauge,
}

impl Export {
    pub(super) fn new(names: &Names) -> Self {
        let system = names.system;
        let named = |what: &str| format!("{}.{what}", names.prefix);
        let described = |what: &str, text: &'static str| {
            describe_gauge!(named(what), text);
            gauge!(named(what), "db.system.name" => system)
        };
        describe_histogram!(
            DURATION,
            Unit::Seconds,
            "Time of a request with all its attempts"
        );
        describe_counter!(named("errors"), "Requests that ended with an error");
        let error = |kind: &&'static str| counter!(named("errors"), "db.system.name" => system, "error.type" => *kind);
        Self {
            duration: histogram!(DURATION, "db.system.name" => system),
            errors: names.kinds.iter().map(error).collect(),
            in_flight: described("in_flight", "Requests that wait for their answers"),
            orphans: described("orphans", "Requests given up and not answered yet"),
            connections: described("connections", "Open connections"),
        }
    }

    pub(super) fn took(&self, elapsed: Duration) {
        self.duration.record(elapsed.as_secs_f64());
    }

    /// Counts an error of the kind at `index`.
    pub(super) fn failed(&self, index: usize) {
        if let Some(counter) = self.errors.get(index) {
            counter.increment(1);
        }
    }

    pub(super) fn set(&self, gauges: Gauges) {
        let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        self.in_flight.set(number(gauges.in_flight));
        self.orphans.set(number(gauges.orphans));
        self.connections.set(number(gauges.connections));
    }
}
