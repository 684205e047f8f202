//! Prints the numbers of docs/benchmarks.md as tables: instructions and allocations of a request, and its CPU time
//! beside the bare round trip. Wall time is not among them: on a shared machine it says little.
//!
//! Instructions are counted by valgrind and repeat to a few in a thousand. CPU time is the user and system time of
//! whole processes, in interleaved pairs; the median of their ratios is printed with the middle half.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Counts of requests whose difference is the cost of a request, without start-up and connecting.
const FEW: usize = 4_000;
const MANY: usize = 20_000;
/// Pairs of processes whose CPU time is compared.
const PAIRS: usize = 30;
/// Round trips in one of them: some tenths of a second.
const ROUND_TRIPS: usize = 40_000;

/// What is counted in memory: the workload, requests in flight, and the most instructions and allocations it may take.
const COUNTED: [(&str, usize, u64, f64); 4] = [
    ("machinery", 64, 2_000, 0.05),
    ("machinery", 1, 4_000, 0.05),
    ("cql-execute", 64, 5_000, 2.0),
    ("ignite-get", 64, 5_000, 2.0),
];
/// The most CPU time of one request in flight, in bare round trips.
const MAX_RATIO: f64 = 1.25;

fn main() -> Result<()> {
    println!("| workload | in flight | instructions | target | allocations | target |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (workload, in_flight, max_instructions, max_allocations) in COUNTED {
        let instructions = match (
            collected(workload, FEW, in_flight)?,
            collected(workload, MANY, in_flight)?,
        ) {
            (Some(few), Some(many)) => ((many - few) / (MANY - FEW) as u64).to_string(),
            _ => "valgrind is missing".to_owned(),
        };
        let allocations = allocations(workload, in_flight)?;
        println!(
            "| {workload} | {in_flight} | {instructions} | {max_instructions} | {allocations:.3} | {max_allocations} |"
        );
    }
    println!();
    let ratios = cpu_ratios()?;
    let [low, median, high] = quartiles(ratios);
    println!(
        "CPU of one request in flight / bare round trip: {median:.2} ({low:.2} to {high:.2}); target {MAX_RATIO}"
    );
    Ok(())
}

fn workload() -> Result<Command> {
    let mut path: PathBuf = std::env::current_exe()?;
    path.set_file_name("workload");
    Ok(Command::new(path))
}

/// Instructions of a whole run, or `None` without valgrind.
fn collected(name: &str, total: usize, in_flight: usize) -> Result<Option<u64>> {
    let command = workload()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(command.get_program())
        .args([name, &total.to_string(), &in_flight.to_string()])
        .output();
    let Ok(output) = output else { return Ok(None) };
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "workload {name} failed under valgrind:\n{text}"
    );
    let count = text
        .lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count
        .map(Some)
        .with_context(|| format!("valgrind printed no count:\n{text}"))
}

fn allocations(name: &str, in_flight: usize) -> Result<f64> {
    let output = workload()?
        .args([name, &MANY.to_string(), &in_flight.to_string()])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    text.trim()
        .parse()
        .with_context(|| format!("workload {name} printed {text:?}"))
}

/// CPU time of the machinery with one request in flight, over that of the bare round trip, pair by pair.
fn cpu_ratios() -> Result<Vec<f64>> {
    let mut server = Server::start()?;
    let cpu = |kind: &str, in_flight: &[&str]| -> Result<f64> {
        let mut few = 0.0;
        for (total, sign) in [(ROUND_TRIPS / 5, -1.0), (ROUND_TRIPS, 1.0)] {
            let before = children_cpu()?;
            let mut command = workload()?;
            command
                .args([kind, &server.address, &total.to_string()])
                .args(in_flight);
            ensure!(command.status()?.success(), "workload {kind} failed");
            few += sign * (children_cpu()? - before);
        }
        Ok(few)
    };
    let ratios = (0..PAIRS)
        .map(|_| Ok(cpu("tcp", &["1"])? / cpu("ping-pong", &[])?))
        .collect();
    server.stop();
    ratios
}

/// Seconds of CPU that all finished children took.
fn children_cpu() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1e6)
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}

/// The echo server, in a process of its own, so that its CPU time is not counted.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Result<Self> {
        let mut child = workload()?
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let Some(stdout) = child.stdout.take() else {
            bail!("the echo server has no output")
        };
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self {
            child,
            address: address.trim().to_owned(),
        })
    }

    fn stop(&mut self) {
        // Its input closes, and it ends.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
