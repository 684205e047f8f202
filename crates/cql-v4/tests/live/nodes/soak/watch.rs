//! What this process holds while it runs: memory, file descriptors, tasks.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// What memory may grow after the first half of a run, which has seen all there is to keep: allocators do not give
/// everything back.
const MEMORY_SLACK_KIB: u64 = 32 * 1024;

/// Connections that are being made and not counted yet, the control connections, and what a test opens to ask.
const DESCRIPTORS_SLACK: u64 = 32;

/// One look.
#[derive(Clone, Copy, Default)]
pub(super) struct Held {
    pub(super) memory_kib: u64,
    pub(super) descriptors: u64,
    pub(super) tasks: u64,
}

impl Held {
    pub(super) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        Self {
            memory_kib: memory.expect("Linux, for /proc"),
            descriptors: u64::try_from(descriptors).unwrap(),
            tasks: u64::try_from(Handle::current().metrics().num_alive_tasks()).unwrap(),
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            descriptors: self.descriptors.max(other.descriptors),
            tasks: self.tasks.max(other.tasks),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory_kib,
            descriptors,
            tasks,
        } = self;
        write!(
            f,
            "{} MiB, {descriptors} file descriptors, {tasks} tasks",
            memory_kib / 1024
        )
    }
}

/// The most that was held, in each half of the run.
pub(super) struct Watch {
    until_half: Instant,
    halves: Mutex<[Held; 2]>,
}

impl Watch {
    pub(super) fn new(whole: Duration) -> Self {
        Self {
            until_half: Instant::now() + whole / 2,
            halves: Mutex::default(),
        }
    }

    /// Looks until it is dropped.
    pub(super) async fn run(&self) {
        loop {
            self.look();
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn look(&self) {
        let half = usize::from(Instant::now() > self.until_half);
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        halves[half] = halves[half].max(Held::now());
    }

    pub(super) fn halves(&self) -> [Held; 2] {
        *self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong, compared with a moment when everything ran well.
    pub(super) fn breaches(&self, well: Held) -> Vec<String> {
        let [first, second] = self.halves();
        let most = first.max(second);
        let mut breaches = Vec::new();
        if second.memory_kib > first.memory_kib + MEMORY_SLACK_KIB {
            breaches.push(format!("memory grew: {first}, then {second}"));
        }
        if most.descriptors > 2 * well.descriptors + DESCRIPTORS_SLACK {
            breaches.push(format!(
                "file descriptors: {most}, but {well} when all was well"
            ));
        }
        if most.tasks > 2 * well.tasks + super::TASKS_SLACK {
            breaches.push(format!("tasks: {most}, but {well} when all was well"));
        }
        breaches
    }
}
