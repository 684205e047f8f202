//! What every Rust program of the comparison shares: its arguments, the statements, what is counted and printed.

use std::alloc::System;
use std::fmt::Display;
use std::future::Future;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[expect(unreachable_pub, reason = "the library has it too")]
#[path = "statements.rs"]
mod statements;

pub(crate) use statements::{BATCH, INSERT, PAGE, SCAN, SELECT};

/// Counts the allocations of a program. An allocator of our own would need unsafe code.
#[global_allocator]
pub(crate) static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What to do: `PROGRAM ADDRESS WORKLOAD TOTAL IN_FLIGHT`.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Host and port of the server.
    pub(crate) address: String,
    /// `insert`, `select`, `scan`, `scan-pages` or `batch`.
    pub(crate) workload: String,
    /// Requests, or rows of a scan.
    pub(crate) total: usize,
    /// Requests that are under way at a time.
    pub(crate) in_flight: usize,
}

impl Job {
    /// Out of the arguments of the process.
    ///
    /// # Panics
    /// If they are others.
    #[must_use]
    pub(crate) fn from_args() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let [address, workload, total, in_flight] = args.try_into().expect("four arguments");
        let number = |text: String| text.parse().expect("a number");
        Self {
            address,
            workload,
            total: number(total),
            in_flight: number(in_flight),
        }
    }

    /// Prints the sum, the allocations of one operation, and the most memory that the process had.
    pub(crate) fn report(&self, sum: u64, region: &Region<'_, System>) {
        let stats = region.change();
        let allocations = (stats.allocations + stats.reallocations) as f64 / self.total as f64;
        println!(
            "sum={sum} allocations={allocations:.4} peak_kib={}",
            peak_kib().unwrap_or_default()
        );
    }
}

/// Most memory that this process had at a time, in KiB; `None` where /proc is missing.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Runs a program on one thread, and ends it without waiting for what its driver keeps running.
///
/// # Panics
/// If it fails.
pub(crate) fn main<E: Display>(program: impl Future<Output = Result<(), E>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    if let Err(error) = runtime.block_on(program) {
        panic!("{error}");
    }
    std::process::exit(0);
}
