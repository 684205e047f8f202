//! Where files are and how large they may be.

use super::source::code;
use super::{Finding, SourceFile};

/// Lines of a file without its unit tests: the aim is 400; from here on there is a warning, and then a failure.
const WARN_LINES: usize = 600;
const FAIL_LINES: usize = 900;

/// No file is a hall.
pub(super) fn sizes(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.ends_with(".rs") && !file.is_generated())
    {
        let lines = code(&file.text).len();
        if lines > WARN_LINES {
            let message =
                format!("{lines} lines (aim 400, at most {FAIL_LINES}): make a folder of it");
            findings.push(Finding {
                fatal: lines > FAIL_LINES,
                ..Finding::error(file, 0, message)
            });
        }
    }
    findings
}

/// Every recorded byte says where it comes from, in the ORIGIN.md beside it or above it.
pub(super) fn fixtures_have_an_origin(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let Some((folder, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        let Some(start) = folder.find("/fixtures") else {
            continue;
        };
        let Some((stem, "bin" | "hex")) = name.rsplit_once('.') else {
            continue;
        };
        let top = &folder[..start + "/fixtures".len()];
        let origins = files.iter().filter(|other| {
            let place = other.path.strip_suffix("/ORIGIN.md");
            place.is_some_and(|place| {
                place.starts_with(top) && format!("{folder}/").starts_with(&format!("{place}/"))
            })
        });
        // One line may tell the origin of both NAME.bin and NAME.hex.
        if !origins.clone().any(|origin| origin.text.contains(stem)) {
            let message = match origins.count() {
                0 => format!("no ORIGIN.md in {folder} or above it, up to {top}"),
                _ => format!("ORIGIN.md does not name `{stem}`"),
            };
            findings.push(Finding::error(file, 0, message));
        }
    }
    findings
}

/// What one sees at the top, files that start with a dot aside.
const TOP_LEVEL: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "crates",
    "docs",
    "xtask",
];

/// The top level is small on purpose: it is the first thing that a newcomer sees.
pub(super) fn top_level(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let first = |file: &SourceFile| file.path.split('/').next().unwrap_or_default().to_owned();
    for file in files {
        let name = first(file);
        if !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) {
            findings.push(Finding::error(
                file,
                0,
                format!("`{name}` does not belong at the top level"),
            ));
        }
    }
    for name in TOP_LEVEL
        .iter()
        .filter(|name| !files.iter().any(|file| first(file) == **name))
    {
        let missing = SourceFile {
            path: (*name).to_owned(),
            text: String::new(),
        };
        findings.push(Finding::error(&missing, 0, "is missing at the top level"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn long_files_are_found_but_not_generated_ones() {
        let long = "x\n".repeat(700);
        let found = sizes(&[file("crates/a/src/b.rs", &long)]);
        assert_eq!(found.len(), 1);
        assert!(!found[0].fatal);
        assert!(sizes(&[file("crates/a/src/b.rs", &"x\n".repeat(1000))])[0].fatal);
        assert_eq!(
            sizes(&[file("crates/a/src/message/generated/b.rs", &long)]),
            []
        );
        let tested = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        assert_eq!(sizes(&[file("crates/a/src/b.rs", &tested)]), []);
    }

    #[test]
    fn fixtures_need_their_origin() {
        let bytes = file("crates/a/tests/fixtures/v5/hello.bin", "");
        let said = |path: &str, text: &str| {
            fixtures_have_an_origin(&[bytes.clone(), file(path, text)]).len()
        };
        assert_eq!(
            said(
                "crates/a/tests/fixtures/ORIGIN.md",
                "v5/hello.bin: server 5.0.9, 2026-11-22"
            ),
            0
        );
        assert_eq!(
            said(
                "crates/a/tests/fixtures/v5/ORIGIN.md",
                "hello: server 5.0.9"
            ),
            0
        );
        assert_eq!(said("crates/a/tests/fixtures/ORIGIN.md", "other.bin"), 1);
        assert_eq!(said("crates/a/tests/fixtures/v4/ORIGIN.md", "hello"), 1);
        assert_eq!(said("crates/b/tests/fixtures/ORIGIN.md", "hello"), 1);
    }

    #[test]
    fn the_top_level_is_as_planned() {
        let mut files: Vec<SourceFile> = TOP_LEVEL.iter().map(|name| file(name, "")).collect();
        files.push(file(".cargo/config.toml", ""));
        assert_eq!(top_level(&files), []);
        files.push(file("scripts/build.sh", ""));
        assert_eq!(top_level(&files).len(), 1);
        files.retain(|file| file.path != "README.md");
        assert_eq!(top_level(&files).len(), 2);
    }
}
