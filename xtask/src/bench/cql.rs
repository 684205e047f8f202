//! `cql-v4` beside the other drivers: CPU time in interleaved rounds, instructions, allocations.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};

use super::build::{self, is_there};
use super::measure::{Bench, Sample};
use super::plan::{FLOOR, OURS, Program, RIVALS, WORKLOADS, Workload};
use super::report::{self, Column, Measured};
use super::stats::Random;
use crate::flags::Args;
use crate::process::{self, Group};

/// Rounds, each with every program once.
const ROUNDS: usize = 30;
/// In a run that only tries whether everything works.
const SHORT_ROUNDS: usize = 3;
/// How many times fewer operations such a run has, and one against a real server, which shares the cores.
const LESS: usize = 10;
/// Operations of the run that compares what the programs read.
const CHECKED: usize = 10_000;
/// Rows that are written to a real server before it is asked for them: those of the longest run.
const REAL_ROWS: usize = 100_000;
/// The core of the replay server.
const SERVER_CORE: &str = "0";

/// Builds, measures, prints the tables, and leaves the raw numbers in a file.
pub(crate) fn run(args: &Args) -> Result<()> {
    let programs = build::programs()?;
    let pinned = is_there("taskset", "--version")
        && std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    let (_server, address) = start_server(pinned)?;
    let bench = Bench {
        address: &address,
        pinned,
    };
    let mut columns = vec![column(args, &bench, &programs, "replay")?];
    if let Some(address) = &args.real {
        let bench = Bench { address, pinned };
        load(address)?;
        let programs: Vec<Program> = programs
            .into_iter()
            .filter(|program| program.name != FLOOR)
            .collect();
        columns.push(column(args, &bench, &programs, "real")?);
    }
    let csv = build::target().join("bench-cql.csv");
    fs::write(&csv, report::csv(&columns))
        .with_context(|| format!("cannot write {}", csv.display()))?;
    print!("{}", report::markdown(&columns));
    println!("\nraw numbers: {}", csv.display());
    Ok(())
}

/// The replay server in a process of its own, which ends when it is let go, and its address.
fn start_server(pinned: bool) -> Result<(Group, String)> {
    let mut command = if pinned {
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).arg(build::server());
        command
    } else {
        Command::new(build::server())
    };
    command.arg("serve").stdout(Stdio::piped());
    let mut group = Group::spawn(&mut command)?;
    let stdout = group.stdout().context("a child without stdout")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().to_owned();
    ensure!(!address.is_empty(), "the replay server did not start");
    Ok((group, address))
}

/// Fills the tables of a real server.
fn load(address: &str) -> Result<()> {
    let mut command = Command::new(build::server());
    process::run(command.args(["load", address, &REAL_ROWS.to_string()]))
}

/// Everything that is measured against one server.
fn column(
    args: &Args,
    bench: &Bench<'_>,
    programs: &[Program],
    server: &'static str,
) -> Result<Column> {
    let mut workloads = Vec::new();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let mut random = Random::new(u64::try_from(clock.as_nanos() & u128::from(u64::MAX))?);
    for workload in &WORKLOADS {
        eprintln!("── {server}: {}", workload.title);
        same_work(bench, programs, workload)?;
        let mut measured: Vec<Measured> = programs.iter().map(Measured::new).collect();
        let less = if args.short || server == "real" {
            LESS
        } else {
            1
        };
        let rounds = match args.rounds {
            Some(rounds) => rounds,
            None if args.short => SHORT_ROUNDS,
            None => ROUNDS,
        };
        for round in 0..rounds {
            let few = workload.few / less;
            let samples = one_round(bench, programs, workload, few, round, &mut random)?;
            for (place, sample) in samples {
                measured[place].samples.push((round, sample));
            }
        }
        if !args.short && server != "real" {
            count(bench, programs, workload, &mut measured)?;
        }
        workloads.push((*workload, measured));
    }
    Ok(Column { server, workloads })
}

/// All programs must read the same.
fn same_work(bench: &Bench<'_>, programs: &[Program], workload: &Workload) -> Result<()> {
    let mut sums = Vec::new();
    for program in programs.iter().filter(|program| program.has_sum()) {
        let run = bench.run(program, workload, CHECKED, 1)?;
        sums.push((program.name, run.sum));
    }
    let same = sums.windows(2).all(|pair| pair[0].1 == pair[1].1);
    if !same {
        bail!("not the same work at `{}`: {sums:?}", workload.title);
    }
    Ok(())
}

/// Every program once, in a new order; each sample with the place of its program.
fn one_round(
    bench: &Bench<'_>,
    programs: &[Program],
    workload: &Workload,
    few: usize,
    round: usize,
    random: &mut Random,
) -> Result<Vec<(usize, Sample)>> {
    let due = |place: &usize| round.is_multiple_of(programs[*place].every);
    let mut order: Vec<usize> = (0..programs.len()).filter(due).collect();
    random.shuffle(&mut order);
    order
        .into_iter()
        .map(|place| {
            let long_first = random.below(2) == 0;
            let sample = bench.sample(&programs[place], workload, few, long_first)?;
            Ok((place, sample))
        })
        .collect()
}

/// Counts the instructions of the programs in Rust.
fn count(
    bench: &Bench<'_>,
    programs: &[Program],
    workload: &Workload,
    measured: &mut [Measured],
) -> Result<()> {
    for (program, measured) in programs.iter().zip(measured) {
        if program.name == OURS || RIVALS.contains(&program.name) {
            measured.instructions = bench.instructions(program, workload)?;
        }
    }
    Ok(())
}
