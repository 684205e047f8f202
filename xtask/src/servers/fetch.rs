//! Artifacts from ordinary packages: Maven for the Java servers, Debian for ClickHouse, pip for an old Java. Each is
//! fetched once.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cache::{Cache, make, size_of, write};
use crate::jdk::{Jdk, which};
use crate::process;
use crate::ui::Task;

/// Maven's own plug-in for copying artifacts, pinned so that the cache holds one version of it.
const MAVEN_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";

/// For zips an older one: from 3.0 on it reads the parents of the artifact's project, and one of IoTDB's is not published.
const MAVEN_PLUGIN_FOR_ZIPS: &str = "org.apache.maven.plugins:maven-dependency-plugin:2.8";

/// An artifact in Maven's spelling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coordinates {
    pub(crate) group: &'static str,
    pub(crate) artifact: &'static str,
    pub(crate) version: &'static str,
}

/// What is to be fetched and how much it is, for the progress bar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jars<'a> {
    /// Name of the folder in the cache.
    pub(crate) name: &'a str,
    pub(crate) roots: &'a [Coordinates],
    /// Bytes that the download brings into Maven's repository, as measured once; only the bar depends on it.
    pub(crate) expected: u64,
}

/// The jars of these artifacts and of all they need, in one folder.
pub(crate) fn jars(cache: &Cache, jdk: &Jdk, task: &Task, want: Jars<'_>) -> Result<PathBuf> {
    cache.fetch(want.name, |folder| {
        write(&folder.join("pom.xml"), &pom(want.name, want.roots))?;
        let mut command = maven(cache, jdk)?;
        command
            .current_dir(folder)
            .arg(format!("{MAVEN_PLUGIN}:copy-dependencies"));
        command.args(["-DincludeScope=runtime", "-DoutputDirectory=lib"]);
        run_maven(cache, task, want.name, want.expected, &mut command)
    })
}

/// The unpacked zip of this artifact.
pub(crate) fn zip(
    cache: &Cache,
    jdk: &Jdk,
    task: &Task,
    what: Coordinates,
    expected: u64,
) -> Result<PathBuf> {
    let name = format!("{}-{}", what.artifact, what.version);
    cache.fetch(&name, |folder| {
        let mut command = maven(cache, jdk)?;
        command
            .current_dir(folder)
            .arg(format!("{MAVEN_PLUGIN_FOR_ZIPS}:unpack"));
        command.arg(format!(
            "-Dartifact={}:{}:{}:zip",
            what.group, what.artifact, what.version
        ));
        command.arg(format!("-DoutputDirectory={}", folder.display()));
        run_maven(cache, task, &name, expected, &mut command)
    })
}

/// Maven, quiet, with its repository in the cache and on a JDK that is known to work.
fn maven(cache: &Cache, jdk: &Jdk) -> Result<Command> {
    let mut command = Command::new(maven_program()?);
    // -U: an artifact that could not be had last time is asked for again.
    command
        .args(["-q", "-B", "-U"])
        .arg(format!("-Dmaven.repo.local={}", cache.path("m2").display()));
    command.env("JAVA_HOME", jdk.home());
    Ok(command)
}

/// Where Maven is, or how to get it.
pub(crate) fn maven_program() -> Result<PathBuf> {
    which("mvn").context("Maven (mvn) is not in PATH; it fetches the Java servers. Install it, for example: apt-get install maven")
}

fn run_maven(
    cache: &Cache,
    task: &Task,
    name: &str,
    expected: u64,
    command: &mut Command,
) -> Result<()> {
    task.step(&format!("fetching {name} with Maven"));
    let repository = cache.path("m2");
    let before = size_of(&repository);
    let what = format!("fetching {name} with Maven (no network and nothing cached?)");
    process::run_logged(command, &cache.log(&format!("fetch-{name}")), &what, || {
        task.downloaded(size_of(&repository).saturating_sub(before), expected);
    })
}

/// A project that only has dependencies.
fn pom(name: &str, roots: &[Coordinates]) -> String {
    let mut text = format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>wire.test</groupId>\n  <artifactId>{name}</artifactId>\n  <version>1</version>\n  \
         <packaging>pom</packaging>\n  <dependencies>\n"
    );
    for Coordinates {
        group,
        artifact,
        version,
    } in roots
    {
        text.push_str(&format!(
            "    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>\n"
        ));
    }
    text.push_str("  </dependencies>\n</project>\n");
    text
}

/// A package for Python without what it depends on, unpacked into a folder of the cache.
pub(crate) fn wheel(cache: &Cache, task: &Task, name: &str, package: &str) -> Result<PathBuf> {
    cache.fetch(name, |folder| {
        task.step(&format!("fetching {package} with pip"));
        let mut command = Command::new(python_with_pip()?);
        command.args(["-m", "pip", "--disable-pip-version-check", "install"]);
        // Into this folder alone: nothing of the machine's own Python is changed.
        command.args(["--no-deps", "--no-compile", "--only-binary", ":all:"]);
        command.arg("--target").arg(folder).arg(package);
        let what = format!("fetching {package} with pip (no network, or not for this machine?)");
        process::run_logged(
            &mut command,
            &cache.log(&format!("fetch-{name}")),
            &what,
            || (),
        )
    })
}

/// A Python that has pip, or how to get one.
pub(crate) fn python_with_pip() -> Result<PathBuf> {
    let python = which("python3");
    let has_pip = |python: &PathBuf| {
        let mut command = Command::new(python);
        let asked = command.args(["-m", "pip", "--version"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    python.filter(has_pip).context(
        "there is neither a Java 11 (set JAVA_HOME to one) nor a python3 with pip, which would fetch one: apt-get install python3-pip",
    )
}

/// Debian packages, unpacked into one tree without installing anything.
pub(crate) fn debs(
    cache: &Cache,
    task: &Task,
    name: &str,
    packages: &[&str],
    expected: u64,
) -> Result<PathBuf> {
    cache.fetch(name, |folder| {
        let (apt_get, dpkg) = apt_programs()?;
        let archives = folder.join("debs");
        make(&archives)?;
        let log = cache.log(&format!("fetch-{name}"));
        task.step(&format!("fetching {} Debian packages", packages.len()));
        let download = |options: &[String]| {
            let mut command = Command::new(&apt_get);
            command.current_dir(&archives).args(options).arg("download").args(packages);
            process::run_logged(&mut command, &log, "apt-get download", || {
                task.downloaded(size_of(&archives), expected);
            })
        };
        // The machine's own package lists may be missing or out of date; then private ones serve, which need no root.
        if download(&[]).is_err() {
            task.step("fetching package lists of our own");
            let options = private_lists(&cache.path("apt"))?;
            let mut update = Command::new(&apt_get);
            update.args(&options).arg("update");
            process::run_logged(&mut update, &log, "apt-get update", || ())?;
            task.step(&format!("fetching {} Debian packages", packages.len()));
            download(&options).context(
                "ClickHouse 18.16 comes from Debian 12 (bookworm) only; elsewhere use --backend docker or --endpoint clickhouse://HOST:PORT",
            )?;
        }
        task.step("unpacking");
        unpack(&dpkg, &archives, &folder.join("root"), &log)?;
        process::remove(&archives);
        Ok(())
    })
}

/// Where apt-get and dpkg are, or what to do without them.
pub(crate) fn apt_programs() -> Result<(PathBuf, PathBuf)> {
    match (which("apt-get"), which("dpkg")) {
        (Some(apt_get), Some(dpkg)) => Ok((apt_get, dpkg)),
        _ => bail!(
            "apt-get and dpkg are not in PATH; they fetch ClickHouse from Debian 12. Elsewhere use --backend docker or --endpoint clickhouse://HOST:PORT"
        ),
    }
}

/// Options that keep apt's package lists in a folder of ours.
fn private_lists(folder: &Path) -> Result<Vec<String>> {
    make(&folder.join("lists/partial"))?;
    make(&folder.join("cache/archives/partial"))?;
    write(&folder.join("status"), "")?;
    let folder = folder.display();
    let options = [
        format!("Dir::State::lists={folder}/lists"),
        format!("Dir::Cache={folder}/cache"),
        format!("Dir::State::status={folder}/status"),
    ];
    Ok(options
        .into_iter()
        .flat_map(|option| ["-o".to_owned(), option])
        .collect())
}

fn unpack(dpkg: &Path, archives: &Path, root: &Path, log: &Path) -> Result<()> {
    make(root)?;
    for entry in archives.read_dir()? {
        let archive = entry?.path();
        let mut command = Command::new(dpkg);
        command.arg("-x").arg(&archive).arg(root);
        process::run_logged(
            &mut command,
            log,
            &format!("unpacking {}", archive.display()),
            || (),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pom_names_each_root() {
        let roots = [
            Coordinates {
                group: "org.a",
                artifact: "one",
                version: "1.0",
            },
            Coordinates {
                group: "org.a",
                artifact: "two",
                version: "1.0",
            },
        ];
        let text = pom("x", &roots);
        assert!(
            text.contains(
                "<groupId>org.a</groupId><artifactId>two</artifactId><version>1.0</version>"
            ),
            "{text}"
        );
        assert_eq!(text.matches("<dependency>").count(), 2);
    }

    #[test]
    fn private_lists_leave_the_machine_alone() {
        let folder = std::env::temp_dir().join(format!("xtask-apt-{}", std::process::id()));
        let options = private_lists(&folder).unwrap();
        assert_eq!(options.len(), 6);
        assert!(
            options
                .iter()
                .skip(1)
                .step_by(2)
                .all(|option| option.contains(&folder.display().to_string()))
        );
        process::remove(&folder);
    }
}
