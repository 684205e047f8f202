//! The tablets of ScyllaDB that were learned from answers.

/// What is known about tablets.
#[derive(Debug, Default)]
pub(crate) struct Tablets {}
