//! Runs programs and says what they cost.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use super::plan::{Program, Workload};
use crate::run_cargo::lines;

/// The long run has so many times the operations of the short one; the difference is what operations cost, without
/// start-up, connecting and reading the schema.
pub(super) const LONG: usize = 5;
/// The core of the client; the server has core 0.
const CLIENT_CORE: &str = "1";

/// One process.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// User and system time.
    pub(super) cpu: Duration,
    pub(super) wall: Duration,
    /// Over everything that was read.
    pub(super) sum: String,
    /// Of one operation.
    pub(super) allocations: f64,
    pub(super) peak_kib: u64,
}

/// A short and a long run of one program.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) operations: usize,
    pub(super) few: Run,
    pub(super) many: Run,
}

impl Sample {
    /// CPU time of an operation in nanoseconds.
    pub(super) fn cpu_ns(&self) -> f64 {
        self.slope(self.few.cpu, self.many.cpu)
    }

    /// Wall time of an operation in nanoseconds.
    pub(super) fn wall_ns(&self) -> f64 {
        self.slope(self.few.wall, self.many.wall)
    }

    fn slope(&self, few: Duration, many: Duration) -> f64 {
        let operations = (self.operations * (LONG - 1)) as f64;
        (many.as_secs_f64() - few.as_secs_f64()) * 1e9 / operations
    }
}

/// How to start clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) address: &'a str,
    /// Whether `taskset` is there and a second core.
    pub(super) pinned: bool,
}

impl Bench<'_> {
    /// A short and a long run; which is first is left to the caller's chance.
    pub(super) fn sample(
        &self,
        program: &Program,
        workload: &Workload,
        few: usize,
        long_first: bool,
    ) -> Result<Sample> {
        let operations = few / program.slower;
        let many = |_: &Self| self.run(program, workload, operations * LONG, operations * LONG);
        let short = |_: &Self| self.run(program, workload, operations, operations * LONG);
        let (few, many) = if long_first {
            let many = many(self)?;
            (short(self)?, many)
        } else {
            (short(self)?, many(self)?)
        };
        Ok(Sample {
            operations,
            few,
            many,
        })
    }

    /// One process with so many operations.
    pub(super) fn run(
        &self,
        program: &Program,
        workload: &Workload,
        total: usize,
        warm_up: usize,
    ) -> Result<Run> {
        let mut words: Vec<OsString> = Vec::new();
        if self.pinned {
            words.extend(["taskset", "-c", CLIENT_CORE].map(OsString::from));
        }
        words.extend(self.words(program, workload, total));
        if program.warm_up {
            words.push(warm_up.to_string().into());
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let mut last = String::new();
        let (before, started) = (children()?, Instant::now());
        let status = lines(&mut command, |line| line.clone_into(&mut last))?;
        let (cpu, wall) = (children()? - before, started.elapsed());
        ensure!(
            status.success(),
            "{} failed at `{}` ({status})",
            program.name,
            workload.title
        );
        let field = |name: &str| {
            let mut words = last.split(' ');
            words
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
                .with_context(|| format!("{} printed no {name} but `{last}`", program.name))
        };
        Ok(Run {
            cpu,
            wall,
            sum: field("sum")?.to_owned(),
            allocations: field("allocations")?.parse()?,
            peak_kib: field("peak_kib")?.parse()?,
        })
    }

    /// Instructions of an operation, or `None` without valgrind.
    pub(super) fn instructions(
        &self,
        program: &Program,
        workload: &Workload,
    ) -> Result<Option<f64>> {
        let few = workload.counted;
        let (Some(short), Some(long)) = (
            self.collected(program, workload, few)?,
            self.collected(program, workload, few * LONG)?,
        ) else {
            return Ok(None);
        };
        Ok(Some((long - short) / (few * (LONG - 1)) as f64))
    }

    /// Instructions of a whole process.
    fn collected(
        &self,
        program: &Program,
        workload: &Workload,
        total: usize,
    ) -> Result<Option<f64>> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(self.words(program, workload, total))
            .stdin(Stdio::null())
            .output();
        let Ok(output) = output else { return Ok(None) };
        let text = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("{} failed under valgrind:\n{text}", program.name);
        }
        let line = text
            .lines()
            .rev()
            .find_map(|line| line.split_once("Collected :"));
        let (_, count) = line.context("callgrind does not say what it collected")?;
        Ok(Some(count.trim().parse()?))
    }

    fn words(&self, program: &Program, workload: &Workload, total: usize) -> Vec<OsString> {
        let mut words = program.command.clone();
        words.push(self.address.into());
        words.push(workload.name.into());
        words.push(total.to_string().into());
        words.push(workload.in_flight.to_string().into());
        words
    }
}

/// CPU time of all children of this process that have ended.
fn children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}
