//! The one list of checks: what a developer runs is what every CI runs.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::cache::workspace_root;
use crate::flags::Args;
use crate::process;
use crate::run_cargo::{cargo, lines};
use crate::{codegen, fuzz, integration, tidy};

/// Packages that are not published: checked once, with all their features.
const INTERNAL: [&str; 3] = ["xtask", "wire-benches", "wire-testkit"];

/// The feature sets that users of a published crate choose from.
const FEATURES: [&str; 3] = ["--no-default-features", "", "--all-features"];

/// What may be wrong with the code without running it.
pub(crate) fn lint() -> Result<()> {
    let mut checks = Checks::new();
    checks.command(cargo("fmt --all --check"));
    checks.run("tidy", tidy::run);
    checks.run("codegen --check", || codegen::run(true));
    let published = published()?;
    for package in &published {
        checks.run(&format!("no tokio in {package} without features"), || {
            no_tokio(package)
        });
    }
    // Each crate alone: in one call for all, a feature that one of them switches on would be on for the others too.
    for package in &published {
        for features in FEATURES {
            let words = format!(
                "clippy --quiet --package {package} {features} --all-targets -- -D warnings"
            );
            checks.command(cargo(&words));
        }
    }
    let fuzz = fuzz::packages()?
        .into_iter()
        .map(|package| format!("{package}-fuzz"));
    for package in INTERNAL.map(str::to_owned).into_iter().chain(fuzz) {
        checks.command(cargo(&format!(
            "clippy --quiet --package {package} --all-targets -- -D warnings"
        )));
    }
    checks.command(documentation(&published));
    checks.finish()
}

/// Every test that needs no server, then those that do.
pub(crate) fn test(args: &Args) -> Result<()> {
    let mut checks = Checks::new();
    let packages: String = published()?
        .iter()
        .map(|package| format!(" --package {package}"))
        .collect();
    // Unit, golden, property, scripted-peer and doc tests with everything on; then the codecs alone.
    checks.command(cargo(&format!(
        "test --quiet{packages} --package wire-testkit --all-features"
    )));
    checks.command(cargo(&format!(
        "test --quiet{packages} --no-default-features"
    )));
    checks.command(cargo("test --quiet --package xtask"));
    checks.run("integration-test", || integration::run(args));
    checks.finish()
}

/// The packages under crates/ that users can get, by name.
pub(crate) fn published() -> Result<Vec<String>> {
    let folder = workspace_root().join("crates");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap_or_default();
        if !manifest.is_empty()
            && !manifest
                .lines()
                .any(|line| line.trim() == "publish = false")
        {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Documentation without a warning, a broken link included.
fn documentation(published: &[String]) -> Command {
    let packages: String = published
        .iter()
        .map(|package| format!(" --package {package}"))
        .collect();
    let mut command = cargo(&format!(
        "doc --quiet --no-deps --all-features{packages} --package wire-testkit"
    ));
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// A codec brings no runtime along.
fn no_tokio(package: &str) -> Result<()> {
    let mut command = cargo(&format!(
        "tree --locked --edges normal --no-default-features --prefix none --package {package}"
    ));
    let mut found = None;
    let status = lines(&mut command, |line| {
        if line.starts_with("tokio") {
            found = Some(line.to_owned());
        }
    })?;
    if !status.success() {
        bail!("cargo tree failed ({status}); is Cargo.lock up to date?");
    }
    found.map_or(Ok(()), |line| {
        bail!("{package} --no-default-features depends on {line}")
    })
}

/// Runs checks one after the other, all of them, and says at the end which failed.
struct Checks {
    started: Instant,
    failed: Vec<String>,
}

impl Checks {
    fn new() -> Self {
        Self {
            started: Instant::now(),
            failed: Vec::new(),
        }
    }

    fn command(&mut self, mut command: Command) {
        // The program is cargo's full path, which says nothing.
        let words: Vec<String> = command
            .get_args()
            .map(OsStr::to_string_lossy)
            .map(Into::into)
            .collect();
        self.run(&format!("cargo {}", words.join(" ")), || {
            process::run(&mut command)
        });
    }

    fn run(&mut self, title: &str, check: impl FnOnce() -> Result<()>) {
        eprintln!("── {title}");
        let begun = Instant::now();
        let result = check();
        eprintln!(
            "   {} in {:.1} s",
            if result.is_ok() { "fine" } else { "FAILED" },
            begun.elapsed().as_secs_f32()
        );
        if let Err(error) = result {
            eprintln!("   {error:#}");
            self.failed.push(title.to_owned());
        }
    }

    fn finish(self) -> Result<()> {
        eprintln!("── all in {:.0} s", self.started.elapsed().as_secs_f32());
        if self.failed.is_empty() {
            return Ok(());
        }
        bail!(
            "{} check(s) failed:\n  {}",
            self.failed.len(),
            self.failed.join("\n  ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_crates_are_published_and_the_test_kit_is_not() {
        let published = published().unwrap();
        for name in [
            "wire-core",
            "cql-v4",
            "ch-native",
            "ignite-thin",
            "iotdb-thrift",
        ] {
            assert!(published.iter().any(|known| known == name), "{published:?}");
        }
        assert!(
            !published.iter().any(|known| known == "wire-testkit"),
            "{published:?}"
        );
    }

    #[test]
    fn one_failure_does_not_hide_the_next() {
        let mut checks = Checks::new();
        let mut ran = 0;
        checks.run("first", || bail!("no"));
        checks.run("second", || {
            ran += 1;
            Ok(())
        });
        checks.run("third", || bail!("no"));
        let error = checks.finish().unwrap_err().to_string();
        assert_eq!(ran, 1);
        assert!(
            error.contains("first") && error.contains("third") && !error.contains("second"),
            "{error}"
        );
    }
}
