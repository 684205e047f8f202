//! What a client counts.

mod latency;

pub use latency::{Latency, LatencySnapshot};
