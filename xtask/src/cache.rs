//! The one folder that holds what xtask fetches, starts and writes.
//!
//! ```text
//! target/xtask/ or $WIRE_CACHE
//! ├── artifacts/NAME/   fetched once; a folder is there only when it is complete
//! ├── fetch.lock        held while something is fetched; ports.lock: while ports are chosen
//! ├── logs/             output of the programs that fetch
//! ├── m2/               Maven's own repository, so that nothing outside is touched
//! ├── run/NAME-N/       configuration, data and logs of one started server
//! └── state/NAME-N      what runs there: process ids, URLs
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use nix::fcntl::{Flock, FlockArg};

use crate::process;

/// The root of this workspace.
pub(crate) fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The cache folder.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    /// `$WIRE_CACHE`, else `target/xtask`; made if missing.
    pub(crate) fn open() -> Result<Self> {
        let root = match std::env::var_os("WIRE_CACHE") {
            Some(folder) if !folder.is_empty() => PathBuf::from(folder),
            _ => workspace_root().join("target").join("xtask"),
        };
        Self::at(&root)
    }

    /// A cache in the given folder. Servers need absolute paths, so it is made absolute.
    pub(crate) fn at(root: &Path) -> Result<Self> {
        for folder in ["artifacts", "logs", "run", "state"] {
            make(&root.join(folder))?;
        }
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot use {} as a cache", root.display()))?;
        if root.to_string_lossy().contains([':', ' ']) {
            bail!(
                "the cache folder `{}` has a blank or a colon, which Java class paths cannot hold: set WIRE_CACHE",
                root.display()
            );
        }
        Ok(Self { root })
    }

    /// A folder or file of the cache.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A fresh log for a helper program.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        let log = self.root.join("logs").join(format!("{name}.log"));
        process::remove(&log);
        log
    }

    /// Where the artifact of this name is, once fetched.
    pub(crate) fn artifact(&self, name: &str) -> PathBuf {
        self.root.join("artifacts").join(name)
    }

    /// Whether the artifact of this name is complete.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.artifact(name).is_dir()
    }

    /// The folder of an artifact, filled by `fill` if it is not there.
    ///
    /// `fill` works in a folder beside it that gets its name when all went well: an interrupted download leaves
    /// nothing that looks complete. One run of xtask fetches at a time, also because two Mavens may not share a
    /// repository; another run waits and then finds the artifact there.
    pub(crate) fn fetch(
        &self,
        name: &str,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let target = self.artifact(name);
        if target.is_dir() {
            return Ok(target);
        }
        let _turn = self.lock("fetch")?;
        if target.is_dir() {
            return Ok(target);
        }
        let draft = self
            .root
            .join("artifacts")
            .join(format!(".{name}.{}", std::process::id()));
        process::remove(&draft);
        make(&draft)?;
        process::remove_when_interrupted(&draft);
        let filled = fill(&draft);
        let renamed = filled.and_then(|()| {
            let renamed = fs::rename(&draft, &target);
            renamed.with_context(|| format!("cannot make {}", target.display()))
        });
        process::forget_path(&draft);
        process::remove(&draft);
        renamed.map(|()| target)
    }

    /// Waits until no other run holds this lock. The system frees the lock when its holder ends, however it ends.
    pub(crate) fn lock(&self, name: &str) -> Result<Flock<File>> {
        let path = self.root.join(format!("{name}.lock"));
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Flock::lock(file, FlockArg::LockExclusive)
            .map_err(|(_, error)| anyhow::anyhow!("cannot lock {}: {error}", path.display()))
    }

    /// A new folder for one server: `run/NAME-1`, or the next number that is free.
    pub(crate) fn new_run(&self, name: &str) -> Result<(String, PathBuf)> {
        for number in 1..1000_u16 {
            let id = format!("{name}-{number}");
            let folder = self.root.join("run").join(&id);
            match fs::create_dir(&folder) {
                Ok(()) => return Ok((id, folder)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot make {}", folder.display()));
                }
            }
        }
        bail!(
            "a thousand folders under {}: run cargo xtask servers down",
            self.root.join("run").display()
        )
    }
}

/// Makes a folder and those above it.
pub(crate) fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Writes a file of ours.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// The bytes under a folder.
pub(crate) fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&entry.path()),
            Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |data| data.len()),
            _ => 0,
        })
        .sum()
}

/// Replaces `@NAME@` in a template; a name without a value, or a value without a name, is a mistake of ours.
pub(crate) fn render(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut text = template.to_owned();
    for (name, value) in values {
        let mark = format!("@{name}@");
        if !text.contains(&mark) {
            bail!("the template has no {mark}");
        }
        text = text.replace(&mark, value);
    }
    if let Some(line) = text.lines().find(|line| line.matches('@').count() >= 2) {
        bail!("the template has a name without a value: {line}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        process::remove(&folder);
        folder
    }

    #[test]
    fn an_artifact_is_fetched_once_and_only_whole() {
        let root = scratch("cache");
        let cache = Cache::at(&root).unwrap();
        cache.fetch("jars", |_| bail!("no network")).unwrap_err();
        assert!(!cache.has("jars"));
        cache
            .fetch("jars", |folder| write(&folder.join("a.jar"), "x"))
            .unwrap();
        assert!(cache.has("jars"));
        let again = cache
            .fetch("jars", |_| bail!("must not be fetched twice"))
            .unwrap();
        assert!(again.join("a.jar").is_file());
        assert_eq!(size_of(&root.join("artifacts/jars")), 1);
        process::remove(&root);
    }

    #[test]
    fn runs_get_folders_of_their_own() {
        let root = scratch("run");
        let cache = Cache::at(&root).unwrap();
        assert_eq!(cache.new_run("ignite").unwrap().0, "ignite-1");
        assert_eq!(cache.new_run("ignite").unwrap().0, "ignite-2");
        process::remove(&root);
    }

    #[test]
    fn templates_have_no_holes() {
        assert_eq!(render("a: @X@\n", &[("X", "1")]).unwrap(), "a: 1\n");
        render("a: @X@ @Y@\n", &[("X", "1")]).unwrap_err();
        render("a: 1\n", &[("X", "1")]).unwrap_err();
    }
}
