//! Names of events, in one place, so that they stay the same. All are at level debug; values and secrets never appear.

/// `db.system.name` of metrics.
pub(crate) const SYSTEM: &str = "ignite";
/// Target of all events of this crate.
pub(crate) const TARGET: &str = "ignite_thin";
/// A statement is run.
pub(crate) const STATEMENT: &str = "statement";
/// A query that its caller gave up was answered, and its cursor is closed.
pub(crate) const CURSOR_REAPED: &str = "cursor of a given-up query closed";
