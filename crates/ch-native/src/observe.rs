//! The names of spans and fields, in one place.
//!
//! Statements are recorded at level debug; values, settings and secrets never are.

/// Target of all events of this crate.
pub(crate) const TARGET: &str = "ch_native";
