//! wire-core
