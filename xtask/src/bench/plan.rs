//! What is compared: the workloads with what is to be reached, and the programs that run them.

use std::ffi::OsString;

/// How a number that is to be reached is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figure {
    /// CPU time of ours over that of this program.
    CpuTo(&'static str),
    /// CPU time of ours over that of the cheapest rival in Rust.
    CpuToBest,
    /// Wall time of ours over that of the fastest rival in Rust.
    WallToBest,
    /// Instructions of an operation.
    Instructions,
    /// Allocations of an operation.
    Allocations,
}

/// A workload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workload {
    /// In the tables and in the raw numbers.
    pub(super) title: &'static str,
    /// The argument of the programs.
    pub(super) name: &'static str,
    pub(super) in_flight: usize,
    /// Operations of the short run; the long one has five times as many.
    pub(super) few: usize,
    /// Operations of the short run under valgrind.
    pub(super) counted: usize,
    /// Figures and the most that they may be.
    pub(super) targets: &'static [(Figure, f64)],
}

pub(super) const OURS: &str = "cql-v4";
/// Ours once more: what it differs by from ours is noise.
pub(super) const AGAIN: &str = "cql-v4 again";
pub(super) const FLOOR: &str = "floor";
pub(super) const SCYLLA: &str = "scylla";
pub(super) const CDRS: &str = "cdrs-tokio";
pub(super) const GOCQL: &str = "gocql";
pub(super) const JAVA: &str = "java-driver";
/// The rivals in Rust, whose instructions are counted too.
pub(super) const RIVALS: [&str; 2] = [SCYLLA, CDRS];

pub(super) const WORKLOADS: [Workload; 7] = [
    Workload {
        title: "INSERT, 256 in flight",
        name: "insert",
        in_flight: 256,
        few: 60_000,
        counted: 4_000,
        targets: &[
            (Figure::CpuTo(SCYLLA), 0.5),
            (Figure::Instructions, 5_000.0),
            (Figure::Allocations, 2.0),
        ],
    },
    Workload {
        title: "INSERT, 64 in flight",
        name: "insert",
        in_flight: 64,
        few: 60_000,
        counted: 4_000,
        targets: &[(Figure::CpuTo(SCYLLA), 0.5)],
    },
    Workload {
        title: "INSERT, 1 in flight",
        name: "insert",
        in_flight: 1,
        few: 3_000,
        counted: 2_000,
        targets: &[(Figure::WallToBest, 1.0), (Figure::CpuTo(FLOOR), 1.25)],
    },
    Workload {
        title: "SELECT of 10 columns, 256 in flight",
        name: "select",
        in_flight: 256,
        few: 50_000,
        counted: 4_000,
        targets: &[(Figure::CpuToBest, 0.5), (Figure::Allocations, 2.0)],
    },
    Workload {
        title: "scan, a stream of owned rows",
        name: "scan",
        in_flight: 1,
        few: 200_000,
        counted: 20_000,
        targets: &[(Figure::CpuTo(SCYLLA), 0.6)],
    },
    Workload {
        title: "scan, rows borrowed from pages",
        name: "scan-pages",
        in_flight: 1,
        few: 200_000,
        counted: 20_000,
        targets: &[(Figure::CpuTo(SCYLLA), 0.6)],
    },
    Workload {
        title: "batch of 64, lz4, 64 in flight",
        name: "batch",
        in_flight: 64,
        few: 2_000,
        counted: 500,
        targets: &[(Figure::CpuTo(SCYLLA), 0.8)],
    },
];

/// A program that runs every workload.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// The program and the arguments before those of the job.
    pub(super) command: Vec<OsString>,
    /// How many times fewer operations it runs, since each takes so much longer.
    pub(super) slower: usize,
    /// Rounds of which it runs one: those of the second column need fewer, and take long.
    pub(super) every: usize,
    /// Operations before those that count, as a last argument; a just-in-time compiler needs them.
    pub(super) warm_up: bool,
}

impl Program {
    /// Whether it reads what it gets: the floor does not.
    pub(super) fn has_sum(&self) -> bool {
        self.name != FLOOR
    }
}
