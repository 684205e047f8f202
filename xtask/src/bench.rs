//! The benchmarks.

use anyhow::Result;

use crate::cache::workspace_root;
use crate::flags::Args;
use crate::process;
use crate::run_cargo::cargo;

/// Runs them and says where the report is.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut command = cargo("bench --package wire-benches");
    if !args.rest.is_empty() {
        command.arg("--").args(&args.rest);
    }
    process::run(&mut command)?;
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace_root().join("target"), Into::into);
    println!(
        "the numbers of every run: {}",
        target.join("criterion").display()
    );
    Ok(())
}
