//! Finding a JDK that runs a server, which need not be the default `java`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// What a server runs on.
struct Wanted {
    oldest: u32,
    newest: u32,
    /// Whether a compiler is needed besides.
    javac: bool,
}

/// Cassandra 5.0, Ignite 2.17 and IoTDB 2.0 run on these. 17 comes first when there is a choice: it is what their
/// own builds are tested with.
const CURRENT: Wanted = Wanted {
    oldest: 17,
    newest: 21,
    javac: true,
};

/// Cassandra 4.1 starts on 11 and on none of those above.
const ELEVEN: Wanted = Wanted {
    oldest: 11,
    newest: 11,
    javac: false,
};

/// A Java Development Kit.
#[derive(Clone, Debug)]
pub(crate) struct Jdk {
    home: PathBuf,
}

impl Jdk {
    /// Looks in `JAVA_HOME`, `PATH` and the usual folders.
    pub(crate) fn find() -> Result<Self> {
        Self::search(&CURRENT, candidates())
    }

    /// A Java 11 of this machine, or the one that was fetched into this folder.
    pub(crate) fn eleven(fetched: &Path) -> Result<Self> {
        let mut homes = candidates();
        homes.push(fetched.to_owned());
        Self::search(&ELEVEN, homes)
    }

    fn search(wanted: &Wanted, homes: Vec<PathBuf>) -> Result<Self> {
        let mut best: Option<(u32, PathBuf)> = None;
        let mut seen = Vec::new();
        for home in homes {
            let Some(major) = version_of(&home) else {
                continue;
            };
            seen.push(format!("{major} in {}", home.display()));
            let fits = (wanted.oldest..=wanted.newest).contains(&major)
                && (!wanted.javac || home.join("bin/javac").is_file());
            if fits && best.as_ref().is_none_or(|(known, _)| major < *known) {
                best = Some((major, home));
            }
        }
        if let Some((_, home)) = best {
            return Ok(Self { home });
        }
        let seen = if seen.is_empty() {
            "none".to_owned()
        } else {
            seen.join(", ")
        };
        if wanted.newest < CURRENT.oldest {
            bail!(
                "no Java {} (found: {seen}); set JAVA_HOME to one",
                wanted.newest
            );
        }
        bail!(
            "no JDK {} to {} (found: {seen}). Install one, for example: apt-get install openjdk-17-jdk-headless, or set JAVA_HOME",
            wanted.oldest,
            wanted.newest
        )
    }

    /// A program of this JDK: `java`, `javac`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    /// For `JAVA_HOME` of other programs.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

/// Folders that may be a JDK, the likelier first.
fn candidates() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = std::env::var_os("JAVA_HOME")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    if let Some(java) = which("java")
        && let Ok(real) = java.canonicalize()
        && let Some(home) = real.parent().and_then(Path::parent)
    {
        homes.push(home.to_owned());
    }
    let user = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let folders = [
        PathBuf::from("/usr/lib/jvm"),
        PathBuf::from("/usr/java"),
        PathBuf::from("/opt"),
        PathBuf::from("/opt/java"),
        user.join(".sdkman/candidates/java"),
        user.join(".jdks"),
    ];
    for folder in folders {
        let Ok(entries) = folder.read_dir() else {
            continue;
        };
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        found.sort();
        homes.extend(found);
    }
    let mut seen = Vec::new();
    homes.retain(|home| {
        let real = home.canonicalize().unwrap_or_default();
        let fresh = home.join("bin/java").is_file() && !seen.contains(&real);
        seen.push(real);
        fresh
    });
    homes
}

/// The major version of the JDK in a folder: from its `release` file, else by asking it.
fn version_of(home: &Path) -> Option<u32> {
    if let Ok(text) = std::fs::read_to_string(home.join("release"))
        && let Some(line) = text
            .lines()
            .find_map(|line| line.strip_prefix("JAVA_VERSION="))
    {
        return parse_version(line);
    }
    let output = Command::new(home.join("bin/java"))
        .arg("-version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    parse_version(text.lines().next()?)
}

/// The major version in `"17.0.15"`, `openjdk version "21-ea"`, `"1.8.0_392"`.
fn parse_version(text: &str) -> Option<u32> {
    let quoted = text.split('"').nth(1).unwrap_or(text);
    let mut numbers = quoted.split(|letter: char| !letter.is_ascii_digit());
    match numbers.next()?.parse().ok()? {
        // Up to Java 8 the major version stands behind "1.".
        1 => numbers.next()?.parse().ok(),
        major => Some(major),
    }
}

/// A program in `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_known_spellings_are_read() {
        for (text, major) in [
            ("openjdk version \"17.0.15\" 2025-04-15", Some(17)),
            ("java version \"1.8.0_392\"", Some(8)),
            ("openjdk version \"25-ea\" 2025-09-16", Some(25)),
            ("\"21\"", Some(21)),
            ("\"11.0.13.1\"", Some(11)),
            ("Error: could not find java", None),
            ("", None),
        ] {
            assert_eq!(parse_version(text), major, "{text}");
        }
    }
}
