//! Builds the programs that are compared: ours by this workspace, the rivals' by their own tools.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::plan::{AGAIN, CDRS, FLOOR, GOCQL, JAVA, OURS, Program, SCYLLA};
use crate::cache::workspace_root;
use crate::process;
use crate::run_cargo::cargo;

/// Where cargo puts what it builds.
pub(super) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace_root().join("target"), PathBuf::from)
}

/// The replay server's program; it is built with ours.
pub(super) fn server() -> PathBuf {
    target().join("release").join("wire-replay")
}

/// All programs that can be built here. Those of the second column are left out, with a line, where Go or Maven is
/// missing.
pub(super) fn programs() -> Result<Vec<Program>> {
    let sources = workspace_root().join("benches").join("peers");
    process::run(&mut cargo(
        "build --release --package wire-benches --bin bench-cql-ours --bin bench-cql-floor --bin wire-replay",
    ))?;
    let rivals = target().join("peers");
    let manifest = sources.join("rust").join("Cargo.toml");
    let mut build = cargo("build --release --manifest-path");
    process::run(
        build
            .arg(manifest)
            .env("CARGO_TARGET_DIR", rivals.join("rust")),
    )?;
    let ours = target().join("release");
    let rust = rivals.join("rust").join("release");
    let mut programs = vec![
        rust_program(OURS, &ours.join("bench-cql-ours"), 1),
        rust_program(AGAIN, &ours.join("bench-cql-ours"), 1),
        rust_program(FLOOR, &ours.join("bench-cql-floor"), 1),
        rust_program(SCYLLA, &rust.join("scylla"), 2),
        rust_program(CDRS, &rust.join("cdrs"), 4),
    ];
    if is_there("go", "version") {
        programs.push(gocql(&sources.join("go"), &rivals.join("gocql"))?);
    }
    if is_there("mvn", "--version") && is_there("java", "--version") {
        programs.push(java(&sources.join("java"), &rivals.join("java"))?);
    }
    Ok(programs)
}

fn rust_program(name: &'static str, path: &Path, slower: usize) -> Program {
    Program {
        name,
        command: vec![path.into()],
        slower,
        every: 1,
        warm_up: false,
    }
}

fn gocql(sources: &Path, program: &Path) -> Result<Program> {
    let mut build = Command::new("go");
    build
        .current_dir(sources)
        .args(["build", "-o"])
        .arg(program)
        .arg(".");
    process::run(&mut build)?;
    Ok(Program {
        every: 3,
        ..rust_program(GOCQL, program, 5)
    })
}

fn java(sources: &Path, out: &Path) -> Result<Program> {
    let mut define = OsString::from("-Dout=");
    define.push(out);
    let mut build = Command::new("mvn");
    build
        .current_dir(sources)
        .args(["--quiet", "--batch-mode"])
        .arg(define)
        .arg("package");
    process::run(&mut build)?;
    let classes = out.join("classes");
    let libraries = out.join("lib").join("*");
    let path = std::env::join_paths([classes, libraries]).context("a folder with a colon")?;
    // A small heap and the collector with the least overhead on one core.
    let options = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-cp"];
    let mut command: Vec<OsString> = options.map(OsString::from).into();
    command.extend([path, "Bench".into()]);
    Ok(Program {
        name: JAVA,
        command,
        slower: 2,
        every: 10,
        warm_up: true,
    })
}

/// Whether a program can be started.
pub(super) fn is_there(program: &str, argument: &str) -> bool {
    let status = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if status.is_err() {
        eprintln!("{program} is missing: what needs it is left out");
    }
    status.is_ok()
}
