//! What must be written down: cancel safety of async functions, and commands that exist.

use std::ffi::OsString;

use super::{Finding, SourceFile};
use crate::flags;

/// Every public async function says what happens when its future is dropped.
pub(super) fn cancel_safety(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let Some((package, path)) = file.in_crate() else {
            continue;
        };
        // The test kit has no users but our own tests.
        if package == "wire-testkit" || !path.starts_with("src/") || !path.ends_with(".rs") {
            continue;
        }
        let lines: Vec<&str> = file.text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if !line.trim_start().starts_with("pub async fn ") {
                continue;
            }
            // Upwards through the attributes and the doc comment. Hidden functions are for our own tests.
            let above = lines[..number].iter().rev().map(|line| line.trim());
            let mut above = above.take_while(|line| {
                line.starts_with("///") || line.starts_with("#[") || line.starts_with(')')
            });
            if !above.any(|line| line == "/// # Cancel safety" || line == "#[doc(hidden)]") {
                findings.push(Finding::error(
                    file,
                    number + 1,
                    "a public async function without `# Cancel safety`",
                ));
            }
        }
    }
    findings
}

/// Every `cargo xtask …` that a document names can be typed.
pub(super) fn commands_exist(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.ends_with(".md") || file.path == ".ci/run")
    {
        for (number, line) in file.text.lines().enumerate() {
            for command in commands(line) {
                let words = command.split_whitespace().map(OsString::from);
                if let Err(error) = flags::parse(words) {
                    findings.push(Finding::error(
                        file,
                        number + 1,
                        format!("`cargo xtask {command}`: {error:#}"),
                    ));
                }
            }
        }
    }
    findings
}

/// The commands in backquotes, or the one that a line of a code block starts with.
fn commands(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let whole = line.trim().trim_start_matches("$ ");
    if let Some(command) = whole.strip_prefix("cargo xtask ") {
        found.push(command);
    } else {
        found.extend(
            line.split('`')
                .skip(1)
                .step_by(2)
                .filter_map(|span| span.strip_prefix("cargo xtask ")),
        );
    }
    // What stands in brackets or behind a sign is for the reader: `demo [name…]`, `demo   # a comment`.
    let cut = |command: &str| {
        command
            .split(['[', '#', '<', '…', '|', ';', '&', '('])
            .next()
            .unwrap_or("")
            .trim()
            .to_owned()
    };
    found
        .into_iter()
        .map(cut)
        .filter(|command| !command.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn async_functions_say_what_cancelling_does() {
        let good = "/// Asks.\n///\n/// # Cancel safety\n///\n/// Yes.\n#[must_use]\npub async fn ask() {}\n";
        assert_eq!(
            cancel_safety(&[file("crates/a/src/client/mod.rs", good)]),
            []
        );
        let bad = "/// Asks.\npub async fn ask() {}\n\npub(crate) async fn own() {}\n";
        let found = cancel_safety(&[file("crates/a/src/client/mod.rs", bad)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn hidden_functions_owe_nothing() {
        let text = "/// For tests.\n#[doc(hidden)]\npub async fn ask() {}\n";
        assert_eq!(
            cancel_safety(&[file("crates/a/src/client/mod.rs", text)]),
            []
        );
    }

    #[test]
    fn a_neighbours_promise_does_not_count() {
        let text = "/// # Cancel safety\npub async fn a() {}\npub async fn b() {}\n";
        assert_eq!(
            cancel_safety(&[file("crates/a/src/client/mod.rs", text)]).len(),
            1
        );
    }

    #[test]
    fn documents_name_commands_that_exist() {
        let good = "Run `cargo xtask demo [name…]` or\n```sh\ncargo xtask servers up --nodes 3 ignite   # three nodes\n```\n";
        assert_eq!(commands_exist(&[file("README.md", good)]), []);
        let bad = "Run `cargo xtask dance`.\ncargo xtask servers up --fast\n";
        assert_eq!(commands_exist(&[file("README.md", bad)]).len(), 2);
        assert_eq!(commands_exist(&[file("xtask/src/main.rs", bad)]), []);
    }
}
