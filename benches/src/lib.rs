//! Workloads that the benchmarks share. `cargo xtask bench` runs them; docs/benchmarks.md has the numbers.

pub mod echo;
pub mod memory;
pub mod peers;
pub mod replay;
pub mod statements;
pub mod toy;
