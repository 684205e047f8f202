//! Fuzzing: each crate that has targets has a package `fuzz/` beside its sources, which is one program for all of them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cache::workspace_root;
use crate::flags::Args;
use crate::process;
use crate::run_cargo::{cargo, lines};

/// How long one target runs unless the command says otherwise.
const SECONDS: u64 = 60;

/// Runs the targets that are named, `cql-v4` or `cql-v4/rows`, one after the other, or all; or lists them.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut failed = Vec::new();
    for (package, target) in chosen(&args.words)? {
        if args.list {
            println!("{package}/{target}");
            continue;
        }
        println!("── {package}/{target}");
        if let Err(error) = run_one(&package, &target, args) {
            eprintln!("   {error:#}");
            failed.push(format!("{package}/{target}"));
        }
    }
    ensure!(
        failed.is_empty(),
        "{} target(s) failed: {}. Make what was found smaller, and add it as \
         tests/fixtures/fuzz/TARGET-what.hex with a line in the ORIGIN.md there",
        failed.len(),
        failed.join(", ")
    );
    Ok(())
}

/// The crates that have targets, by name.
pub(crate) fn packages() -> Result<Vec<String>> {
    let folder = workspace_root().join("crates");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.path().join("fuzz/Cargo.toml").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The targets that `words` name, with the crates that they are of; all if there are no words.
fn chosen(words: &[String]) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for package in packages()? {
        for target in targets(&package)? {
            all.push((package.clone(), target));
        }
    }
    let mut chosen = Vec::new();
    for word in words {
        let before = chosen.len();
        chosen.extend(all.iter().filter(|known| is_named(known, word)).cloned());
        ensure!(
            chosen.len() > before,
            "there is no fuzz target `{word}`; `cargo xtask fuzz --list` shows them"
        );
    }
    Ok(if words.is_empty() { all } else { chosen })
}

fn is_named((package, target): &(String, String), word: &str) -> bool {
    word == package || word.split_once('/') == Some((package, target))
}

/// What the package's program, built without libFuzzer, says.
fn targets(package: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let words = format!("run --quiet --package {package}-fuzz");
    let status = lines(&mut cargo(&words), |line| names.push(line.to_owned()))?;
    ensure!(status.success(), "`cargo {words}` failed ({status})");
    Ok(names)
}

/// Runs one target under libFuzzer. What it learned is kept for the next run.
fn run_one(package: &str, target: &str, args: &Args) -> Result<()> {
    let home = workspace_root().join("target/fuzz");
    let folder = |what: &str| -> Result<PathBuf> {
        let path = home.join(what).join(package).join(target);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    };
    let (corpus, seeds, found) = (folder("corpus")?, folder("seeds")?, folder("found")?);
    // No sanitizer: the crates have no unsafe code, and without one the stable toolchain will do.
    let mut command = cargo("fuzz run --sanitizer none --target-dir");
    command
        .arg(home.join("build"))
        .arg(format!("{package}-fuzz"))
        .args([&corpus, &seeds])
        .arg("--")
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg(format!(
            "-max_total_time={}",
            args.seconds.unwrap_or(SECONDS)
        ))
        .arg("-print_final_stats=1")
        .args(&args.rest)
        // Where the seeds are made of fixtures.
        .current_dir(workspace_root().join("crates").join(package))
        .env("FUZZ_TARGET", target)
        .env("FUZZ_SEEDS", &seeds);
    if process::run(&mut command).is_err() {
        let tool = cargo("fuzz --version").output();
        if !tool.is_ok_and(|output| output.status.success()) {
            bail!("cargo-fuzz is missing: `cargo install --locked cargo-fuzz`");
        }
        bail!("it failed; what libFuzzer wrote is in {}", found.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_a_crate_or_one_of_its_targets() {
        let known = ("cql-v4".to_owned(), "rows".to_owned());
        assert!(is_named(&known, "cql-v4"));
        assert!(is_named(&known, "cql-v4/rows"));
        for word in ["rows", "cql-v4/row", "cql-v4/", "ch-native/rows", ""] {
            assert!(!is_named(&known, word), "{word}");
        }
    }

    #[test]
    fn cql_has_targets() {
        assert!(packages().unwrap().contains(&"cql-v4".to_owned()));
    }
}
