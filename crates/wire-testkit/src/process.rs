//! Processes of real servers: paused, let go on, killed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long the system may take to stop or end a process: it is a matter of milliseconds, but for a machine that has
/// much else to do.
const LIMIT: Duration = Duration::from_secs(60);

/// A process none of whose threads runs. It goes on when this is dropped, also by a test that fails.
#[derive(Debug)]
pub struct Paused(u32);

impl Paused {
    /// Pauses a process, and returns when all its threads stand still: until then one that runs may still answer.
    ///
    /// # Panics
    /// If there is no such process, or it does not stop within a minute.
    pub fn new(pid: u32) -> Self {
        signal("-STOP", pid);
        // Made first, so that it goes on after a panic.
        let paused = Self(pid);
        wait_until(&format!("process {pid} stands still"), || {
            states(pid).iter().all(|state| "TtZX".contains(*state))
        });
        paused
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.0
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // Asked for by name and not checked: a test that fails already must not panic once more.
        let _ = Command::new("kill")
            .args(["-CONT", &self.0.to_string()])
            .status();
    }
}

/// Kills a process (SIGKILL), and returns when it is gone.
///
/// # Panics
/// If there is no such process, or it does not end within a minute.
pub fn kill(pid: u32) {
    end("-KILL", pid);
}

/// Asks a process to end (SIGTERM), and returns when it is gone.
///
/// # Panics
/// If there is no such process, or it does not end within a minute.
pub fn terminate(pid: u32) {
    end("-TERM", pid);
}

fn end(name: &str, pid: u32) {
    signal(name, pid);
    wait_until(&format!("process {pid} is gone"), || {
        // One that its parent has not asked after yet stays as a zombie.
        states(pid).iter().all(|state| "ZX".contains(*state))
    });
}

fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([name, &pid.to_string()]).status();
    assert!(status.is_ok_and(|s| s.success()), "kill {name} {pid}");
}

/// The state letters of all threads: field 3 of `/proc/PID/task/TID/stat` (proc(5)), behind the name in parentheses.
/// None for a process that is gone.
fn states(pid: u32) -> Vec<char> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    // Threads that end meanwhile have no state any more.
    threads
        .flatten()
        .filter_map(|thread| state(&thread.path()))
        .collect()
}

fn state(thread: &Path) -> Option<char> {
    let stat = fs::read_to_string(thread.join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_paused_let_go_on_and_killed() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let pid = child.id();
        let paused = Paused::new(pid);
        assert_eq!((paused.pid(), states(pid)), (pid, vec!['T']));
        drop(paused);
        wait_until("it goes on", || states(pid) != ['T']);
        kill(pid);
        assert!(!child.wait().unwrap().success());
        assert!(states(pid).is_empty());
    }

    #[test]
    #[should_panic(expected = "kill -STOP")]
    fn a_process_that_is_not_there_cannot_be_paused() {
        // Above the largest process id of Linux, 2^22.
        Paused::new(4_999_999);
    }
}
