//! Child processes that never outlive the run that started them.
//!
//! Every child gets a process group of its own and a place in one registry. Whoever lets go of a [`Group`], an early
//! return and a panic included, kills the group; on Ctrl-C, SIGTERM and SIGHUP the handler kills all of them.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// The name of something that std does not know, and the function that removes it.
type Undo = (String, fn(&str));

/// What must be gone when this run ends.
struct Registry {
    /// Process groups, named by the id of their leader.
    groups: Vec<u32>,
    /// Files and folders that describe or belong to servers of this run.
    paths: Vec<PathBuf>,
    /// What else is to be undone: containers.
    others: Vec<Undo>,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    groups: Vec::new(),
    paths: Vec::new(),
    others: Vec::new(),
});

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills everything this run started when the user or the system asks it to stop.
pub(crate) fn handle_interrupts() -> Result<()> {
    ctrlc::set_handler(|| {
        // Held until the process is gone, so that nothing new is started meanwhile.
        let registry = registry();
        for &group in &registry.groups {
            kill_group(group);
        }
        for &group in &registry.groups {
            wait_until_gone(group, Duration::from_secs(5));
        }
        for (name, undo) in &registry.others {
            undo(name);
        }
        for path in &registry.paths {
            remove(path);
        }
        eprintln!(
            "interrupted: {} process group(s) stopped",
            registry.groups.len()
        );
        // 128 + SIGINT, as shells report it.
        std::process::exit(130);
    })
    .context("cannot install the handler for Ctrl-C")
}

/// Removes this file or folder if the run is interrupted.
pub(crate) fn remove_when_interrupted(path: &Path) {
    registry().paths.push(path.to_owned());
}

/// Calls `undo` with this name if the run is interrupted.
#[cfg(feature = "docker")]
pub(crate) fn undo_when_interrupted(name: &str, undo: fn(&str)) {
    registry().others.push((name.to_owned(), undo));
}

/// It is undone already.
#[cfg(feature = "docker")]
pub(crate) fn forget_undo(name: &str) {
    registry().others.retain(|(known, _)| known != name);
}

/// Leaves the path alone again: it is gone already or it shall stay.
pub(crate) fn forget_path(path: &Path) {
    registry().paths.retain(|known| known != path);
}

/// Removes a file or a folder with all it holds; one that is gone already is fine.
pub(crate) fn remove(path: &Path) {
    let _ = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}

/// A child process and everything that it starts.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    detached: bool,
}

impl Group {
    /// Starts the command in a process group of its own, with nothing on its stdin.
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).process_group(0);
        let mut registry = registry();
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        registry.groups.push(child.id());
        Ok(Self {
            child,
            detached: false,
        })
    }

    /// The process id of the leader, which is also the id of the group.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The pipe of a child that was started with one.
    pub(crate) fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// How the child ended, if it has.
    pub(crate) fn exited(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .context("cannot ask for the state of a child process")
    }

    /// Waits for the end of the child.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        self.child.wait().context("cannot wait for a child process")
    }

    /// Lets the process live on after this run.
    pub(crate) fn detach(mut self) {
        self.detached = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let pid = self.pid();
        if !self.detached && !matches!(self.child.try_wait(), Ok(Some(_))) {
            kill_group(pid);
            let _ = self.child.wait();
        }
        registry().groups.retain(|&group| group != pid);
    }
}

/// SIGKILL, since the data of these servers is thrown away anyway and each of them survives it.
fn kill_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader)
        && leader > 1
    {
        let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
    }
}

/// A process of some run, named so that a reused process id cannot be mistaken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessId {
    pub(crate) pid: u32,
    /// Clock ticks between the boot of the machine and the start of the process.
    pub(crate) started: u64,
}

impl ProcessId {
    /// Looks a running process up.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        match stat(pid) {
            Some((_, started)) => Ok(Self { pid, started }),
            None => bail!("process {pid} is gone (local servers need Linux, for /proc)"),
        }
    }

    /// Whether the very same process still runs.
    pub(crate) fn is_alive(self) -> bool {
        matches!(stat(self.pid), Some((state, started)) if started == self.started && state != 'Z')
    }

    /// Kills its group if it is still the same process, and waits until it is gone.
    pub(crate) fn kill(self) -> bool {
        if !self.is_alive() {
            return false;
        }
        kill_group(self.pid);
        wait_until_gone(self.pid, Duration::from_secs(10));
        true
    }
}

/// State letter and start time of a process.
fn stat(pid: u32) -> Option<(char, u64)> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `/proc/PID/stat` (proc(5)): the name, field 2, stands in parentheses and may itself hold blanks and parentheses.
fn parse_stat(line: &str) -> Option<(char, u64)> {
    let (_, rest) = line.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    // Field 3 is the state, field 22 the start time.
    let state = fields.next()?.chars().next()?;
    let started = fields.nth(18)?.parse().ok()?;
    Some((state, started))
}

fn wait_until_gone(pid: u32, limit: Duration) {
    let end = Instant::now() + limit;
    while matches!(stat(pid), Some((state, _)) if state != 'Z') && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a helper program to its end with its output in `log`; a failure shows the end of that log.
pub(crate) fn run_logged(
    command: &mut Command,
    log: &Path,
    what: &str,
    mut tick: impl FnMut(),
) -> Result<()> {
    command.stdout(append(log)?).stderr(append(log)?);
    let mut group = Group::spawn(command)?;
    let mut last_tick = Instant::now();
    let status = loop {
        if let Some(status) = group.exited()? {
            break status;
        }
        // A tick may walk a folder of thousands of files.
        if last_tick.elapsed() > Duration::from_millis(500) {
            tick();
            last_tick = Instant::now();
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if status.success() {
        return Ok(());
    }
    Err(failure(&format!("{what} failed ({status})"), log))
}

/// Runs a program to its end with the user's own stdout and stderr.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = Group::spawn(command)?.wait()?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// Opens a log for appending.
pub(crate) fn append(log: &Path) -> Result<File> {
    let opened = File::options().create(true).append(true).open(log);
    opened.with_context(|| format!("cannot write {}", log.display()))
}

/// One line what failed, the last lines of the log, and where the whole of it is.
pub(crate) fn failure(what: &str, log: &Path) -> anyhow::Error {
    let tail = tail(log, 15).unwrap_or_else(|error| format!("    (no log: {error})\n"));
    anyhow::anyhow!(
        "{what}\n  the log ends with:\n{tail}  the whole log: {}",
        log.display()
    )
}

/// The last lines of a file, indented.
pub(crate) fn tail(log: &Path, lines: usize) -> io::Result<String> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let all: Vec<&str> = text.lines().collect();
    let start = all.len().saturating_sub(lines);
    Ok(all[start..]
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        // Recorded from /proc on Linux 6.18; the name is replaced by one that tries to confuse.
        let line = "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10 18446744073709551615";
        assert_eq!(parse_stat(line), Some(('S', 987_654)));
        assert_eq!(parse_stat("4711 (short) S 1"), None);
        assert_eq!(parse_stat(""), None);
    }

    #[test]
    fn this_process_is_alive_and_a_reused_id_is_not_it() {
        let me = ProcessId::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        let reused = ProcessId {
            started: me.started + 1,
            ..me
        };
        assert!(!reused.is_alive());
        assert!(
            !reused.kill(),
            "a process that is not ours must not be killed"
        );
    }

    #[test]
    fn dropping_a_group_kills_it_and_its_children() {
        // The shell starts a child of its own and tells its id.
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 600 & echo $!; wait"])
            .stdout(Stdio::piped());
        let mut group = Group::spawn(&mut command).unwrap();
        let mut line = String::new();
        io::BufRead::read_line(&mut io::BufReader::new(group.stdout().unwrap()), &mut line)
            .unwrap();
        let grandchild = ProcessId::of(line.trim().parse().unwrap()).unwrap();
        let leader = ProcessId::of(group.pid()).unwrap();
        assert!(leader.is_alive() && grandchild.is_alive());
        drop(group);
        wait_until_gone(grandchild.pid, Duration::from_secs(5));
        assert!(!leader.is_alive() && !grandchild.is_alive());
    }

    #[test]
    fn a_failed_helper_shows_the_end_of_its_log() {
        let log = std::env::temp_dir().join(format!("xtask-log-{}", std::process::id()));
        remove(&log);
        let mut command = Command::new("sh");
        command.args(["-c", "for i in 1 2 3; do echo line $i; done; exit 3"]);
        let error = run_logged(&mut command, &log, "fetching", || ())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("fetching failed") && error.contains("    line 3"),
            "{error}"
        );
        assert!(error.contains(&log.display().to_string()), "{error}");
        remove(&log);
    }
}
