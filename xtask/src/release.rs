//! The rehearsal of a release.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cache::workspace_root;
use crate::ci::published;
use crate::process;
use crate::run_cargo::{cargo, lines};

/// What each published package carries.
const FILES: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// What it may have besides: code, examples, and what code is generated from.
const FOLDERS: [&str; 3] = ["src/", "examples/", "idl/"];

/// What cargo adds.
const BY_CARGO: [&str; 4] = [
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
];

/// Checks versions and change logs, then packs and builds every published crate as crates.io would.
pub(crate) fn run() -> Result<()> {
    let root = workspace_root();
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
    let mut problems = Vec::new();
    for package in published()? {
        match check(&root.join("crates").join(&package), &package, &workspace) {
            Ok(version) => {
                println!("{package} {version}: files, change log and required version agree")
            }
            Err(error) => problems.push(format!("{package}: {error:#}")),
        }
    }
    // Without --allow-dirty: only what is committed can be released.
    let rehearsal = process::run(&mut cargo("publish --workspace --dry-run --locked"));
    problems.extend(rehearsal.err().map(|error| format!("{error:#}")));
    ensure!(
        problems.is_empty(),
        "not ready for a release:\n  {}",
        problems.join("\n  ")
    );
    Ok(())
}

/// Checks what cargo does not look at, and gives the version that would be released.
fn check(folder: &Path, package: &str, workspace: &str) -> Result<String> {
    check_files(package)?;
    let version = version(package)?;
    let changes = fs::read_to_string(folder.join("CHANGELOG.md"))?;
    ensure!(
        names_version(&changes, &version),
        "CHANGELOG.md has no section for {version}"
    );
    let required = required_version(workspace, package);
    let required = required.context("the workspace requires no version of it")?;
    ensure!(
        required == version,
        "its version is {version}, but the workspace requires {required}"
    );
    Ok(version)
}

/// The package has what each package carries, and nothing besides that and what is compiled.
fn check_files(package: &str) -> Result<()> {
    let mut files = Vec::new();
    // What is not committed yet is judged as well; the rehearsal refuses it.
    let mut list = cargo(&format!("package --list --allow-dirty --package {package}"));
    let status = lines(&mut list, |line| files.push(line.to_owned()))?;
    ensure!(status.success(), "cargo package --list ended with {status}");
    for name in FILES {
        ensure!(
            files.iter().any(|file| file == name),
            "{name} is not in the package"
        );
    }
    let strange: Vec<&String> = files.iter().filter(|file| !belongs(file)).collect();
    ensure!(
        strange.is_empty(),
        "the package has what no user needs: {strange:?}"
    );
    Ok(())
}

fn belongs(file: &str) -> bool {
    let in_folder = FOLDERS.iter().any(|folder| file.starts_with(folder));
    in_folder || FILES.contains(&file) || BY_CARGO.contains(&file)
}

/// The version that cargo knows, from `path+file:///…#name@1.2.3`, or `…/name#1.2.3` when the folder has the same name.
fn version(package: &str) -> Result<String> {
    let mut id = String::new();
    let status = lines(&mut cargo(&format!("pkgid --package {package}")), |line| {
        id = line.to_owned()
    })?;
    if !status.success() {
        bail!("cargo pkgid failed for {package}");
    }
    version_in(&id).with_context(|| format!("no version in {id}"))
}

fn version_in(id: &str) -> Option<String> {
    let (_, fragment) = id.rsplit_once('#')?;
    let version = fragment
        .rsplit_once('@')
        .map_or(fragment, |(_, version)| version);
    version
        .starts_with(|letter: char| letter.is_ascii_digit())
        .then(|| version.to_owned())
}

/// `## [1.2.3]` or `## 1.2.3`, with a date or without.
fn names_version(changes: &str, version: &str) -> bool {
    changes
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .any(|title| {
            let first = title.split_whitespace().next().unwrap_or_default();
            first.trim_start_matches('[').trim_end_matches(']') == version
        })
}

/// The version in `name = { path = "…", version = "1.2.3" }` of the workspace's dependencies.
fn required_version(workspace: &str, package: &str) -> Option<String> {
    let line = workspace
        .lines()
        .find(|line| line.starts_with(&format!("{package} = {{ path")))?;
    let (_, rest) = line.split_once("version = \"")?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_where_they_stand() {
        assert_eq!(
            version_in("path+file:///w/crates/cql-v4#0.1.0").as_deref(),
            Some("0.1.0")
        );
        assert_eq!(
            version_in("path+file:///w/crates/other#cql-v4@1.2.3").as_deref(),
            Some("1.2.3")
        );
        assert_eq!(version_in("nothing"), None);
        let workspace = "cql-v4 = { path = \"crates/cql-v4\", version = \"0.1.0\" }\n";
        assert_eq!(
            required_version(workspace, "cql-v4").as_deref(),
            Some("0.1.0")
        );
        assert_eq!(required_version(workspace, "cql"), None);
    }

    #[test]
    fn tests_and_fixtures_do_not_belong_into_a_package() {
        for file in ["src/a/b.rs", "README.md", "Cargo.toml.orig", "idl/a.thrift"] {
            assert!(belongs(file), "{file}");
        }
        for file in [
            "tests/client.rs",
            "tests/fixtures/a.hex",
            "notes.md",
            "srcs",
        ] {
            assert!(!belongs(file), "{file}");
        }
    }

    #[test]
    fn a_change_log_names_its_version_as_a_title() {
        assert!(names_version(
            "# Changes\n\n## [0.1.0] - 2026-11-22\n",
            "0.1.0"
        ));
        assert!(names_version("## 0.1.0\n", "0.1.0"));
        assert!(!names_version(
            "## [Unreleased]\n\n0.1.0 is next\n",
            "0.1.0"
        ));
        assert!(!names_version("## [0.1.0-rc.1]\n", "0.1.0"));
    }
}
