//! The benchmarks: criterion's and the counted ones, and `bench cql`, the comparison with other drivers.
//!
//! ```text
//! plan (workloads, targets) ──► build (programs) ──► cql (rounds) ──► measure (processes) ──► stats ──► report
//! ```

mod build;
pub(crate) mod cql;
mod measure;
mod plan;
mod report;
mod stats;

use anyhow::Result;

use crate::cache::workspace_root;
use crate::flags::Args;
use crate::process;
use crate::run_cargo::cargo;

/// Runs those by wall time, then those that docs/benchmarks.md publishes; says where the former's report is.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut command = cargo("bench --package wire-benches");
    if !args.rest.is_empty() {
        command.arg("--").args(&args.rest);
    }
    process::run(&mut command)?;
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace_root().join("target"), Into::into);
    process::run(&mut cargo(
        "build --release --package wire-benches --bin workload",
    ))?;
    process::run(&mut cargo(
        "run --release --package wire-benches --bin numbers",
    ))?;
    println!(
        "the wall times of every run: {}",
        target.join("criterion").display()
    );
    Ok(())
}
