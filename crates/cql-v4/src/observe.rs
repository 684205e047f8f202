//! Names of spans and fields, in one place, so that they stay the same.
//!
//! Statements appear at level debug; bound values and secrets never do. Field names follow OpenTelemetry's
//! conventions for databases where those have a word.

/// Target of all events of this crate.
pub(crate) const TARGET: &str = "cql_v4";
