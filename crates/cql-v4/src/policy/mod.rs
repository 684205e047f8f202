//! Decisions about requests: whether to repeat one, whether to start it twice, with which timestamp and which options.
//!
//! Everything here decides and nothing acts: a policy is given what is known and answers at once, without waiting,
//! and mostly without memory. [`Client`](crate::Client) does what it says.
//!
//! | policy | decides | built in |
//! | --- | --- | --- |
//! | [`RetryPolicy`] | what follows an attempt that failed | [`DefaultRetry`], [`DowngradingRetry`], [`NeverRetry`] |
//! | [`SpeculativePolicy`] | when another node is asked before the first has answered | [`ConstantSpeculation`], [`PercentileSpeculation`] |
//! | [`TimestampGenerator`] | the time that a write counts as written | [`MonotonicTimestamps`], [`ServerTimestamps`] |
//!
//! [`Throttle`] bounds the requests that a client has under way. A [`Profile`] puts policies and options together under a name, for statements that are run alike.

mod profile;
mod retry;
#[cfg(test)]
mod retry_tests;
mod speculative;
mod throttle;
mod timestamps;

pub use profile::Profile;
pub use retry::{
    DefaultRetry, DowngradingRetry, NeverRetry, RetryDecision, RetryInfo, RetryPolicy,
};
pub use speculative::{ConstantSpeculation, PercentileSpeculation, SpeculativePolicy};
pub use throttle::Throttle;
pub use timestamps::{MonotonicTimestamps, ServerTimestamps, TimestampGenerator};
