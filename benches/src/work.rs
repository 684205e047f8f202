//! What every Rust program of the comparison shares: its arguments, the statements, the sum over what was read, how
//! requests are spread over tasks, and what is counted. The rivals' programs include this file.

use std::alloc::System;
use std::fmt::Display;
use std::future::Future;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[expect(unreachable_pub, reason = "the library has it too")]
#[path = "statements.rs"]
mod statements;

pub(crate) use statements::{BATCH, INSERT, PAGE, SCAN, SELECT};

/// Keys that the workload `select` asks for, one after the other.
const KEYS: i64 = 256;
/// Requests that fill caches before counting begins, for each one in flight.
const WARM_UP: usize = 10;

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

    /// Runs `request` so many times, so many at a time, in tasks; counts and prints. `request` gets a number of its own
    /// and returns its part of the sum.
    ///
    /// # Panics
    /// If a task does.
    pub(crate) async fn run<F>(&self, request: impl Fn(i64) -> F + Clone + Send + 'static)
    where
        F: Future<Output = u64> + Send,
    {
        spread(self.in_flight * WARM_UP, self.in_flight, request.clone()).await;
        let region = Region::new(ALLOCATOR);
        let sum = spread(self.total, self.in_flight, request).await;
        self.report(sum, &region);
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

async fn spread<F>(
    total: usize,
    in_flight: usize,
    request: impl Fn(i64) -> F + Clone + Send + 'static,
) -> u64
where
    F: Future<Output = u64> + Send,
{
    let tasks: Vec<_> = (0..in_flight)
        .map(|task| {
            let request = request.clone();
            let share = total / in_flight + usize::from(task < total % in_flight);
            tokio::spawn(async move {
                let mut sum = 0_u64;
                for n in 0..share {
                    let number = (task + n * in_flight) as i64;
                    sum = sum.wrapping_add(request(number).await);
                }
                sum
            })
        })
        .collect();
    let mut sum = 0_u64;
    for task in tasks {
        sum = sum.wrapping_add(task.await.expect("a task"));
    }
    sum
}

/// The key that request `n` of the workload `select` asks for.
#[must_use]
pub(crate) fn key(n: i64) -> i64 {
    n % KEYS
}

/// A row of the table that is read, borrowed or owned; the uuid as its bytes, the timestamp in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wide<'a> {
    pub(crate) id: i64,
    pub(crate) name: &'a str,
    pub(crate) city: Option<&'a str>,
    pub(crate) age: i32,
    pub(crate) score: f64,
    pub(crate) active: bool,
    pub(crate) created: i64,
    pub(crate) reference: &'a [u8; 16],
    pub(crate) payload: &'a [u8],
    pub(crate) weight: f32,
}

impl Wide<'_> {
    /// Something of every column, so that each must have been decoded.
    #[must_use]
    pub(crate) fn sum(&self) -> u64 {
        [
            self.id,
            self.name.len() as i64,
            self.city.map_or(0, str::len) as i64,
            i64::from(self.age),
            self.score as i64,
            i64::from(self.active),
            self.created,
            i64::from(self.reference[15]),
            self.payload.len() as i64,
            self.weight as i64,
        ]
        .iter()
        .fold(0, |sum: u64, value| sum.wrapping_add(*value as u64))
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
