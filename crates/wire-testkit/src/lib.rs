//! wire-testkit
