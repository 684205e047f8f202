//! Running cargo for other packages of this workspace.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result};

use crate::cache::workspace_root;
use crate::process::Group;

/// The cargo that runs this xtask, in the root of the workspace.
pub(crate) fn cargo(words: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(workspace_root())
        .args(words.split_whitespace());
    // Set by `cargo run` for xtask itself; build scripts of other packages would be run again because of them.
    for (name, _) in std::env::vars_os() {
        let of_xtask = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if of_xtask {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end and hands over each line of its stdout.
pub(crate) fn lines(command: &mut Command, mut line: impl FnMut(&str)) -> Result<ExitStatus> {
    command.stdout(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let stdout = group.stdout().context("a child without stdout")?;
    for text in BufReader::new(stdout).split(b'\n') {
        let text = text.context("cannot read the output of a child")?;
        line(&String::from_utf8_lossy(&text));
    }
    group.wait()
}
