//! The house rules that a program can check; each rule is a function from files to findings.

mod api;
mod docs;
mod edges;
mod layout;
mod source;
mod tests_named;
mod words;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cache::workspace_root;

/// A file of the workspace.
#[derive(Clone, Debug)]
struct SourceFile {
    /// From the root of the workspace, with `/`.
    path: String,
    /// Empty for files that are not text.
    text: String,
}

impl SourceFile {
    /// The package that the file belongs to and its path in there, for files under crates/.
    fn in_crate(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("crates/")?.split_once('/')
    }

    /// Whether a program has written it: rules of size do not hold for it.
    fn is_generated(&self) -> bool {
        self.path.contains("/generated/") || self.path.ends_with("_gen.rs")
    }
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    message: String,
    /// Whether tidy fails because of it.
    fatal: bool,
}

impl Finding {
    fn error(file: &SourceFile, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line,
            message: message.into(),
            fatal: true,
        }
    }
}

/// The four protocol crates, each with the room that only it has.
const PROTOCOL_CRATES: [(&str, &str); 4] = [
    ("cql-v4", "routing"),
    ("ch-native", "column"),
    ("ignite-thin", "object"),
    ("iotdb-thrift", "tablet"),
];

type Rule = fn(&[SourceFile]) -> Vec<Finding>;

/// Checks the whole workspace.
pub(crate) fn run() -> Result<()> {
    let root = workspace_root();
    let mut files = Vec::new();
    collect(&root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));

    let rules: [Rule; 12] = [
        edges::check,
        words::no_input_output_below_the_client,
        words::no_super_super,
        words::no_marks_of_unfinished_work,
        layout::sizes,
        layout::fixtures_have_an_origin,
        layout::top_level,
        docs::cancel_safety,
        docs::commands_exist,
        tests_named::in_feature_tables,
        tests_named::in_lessons,
        api::check,
    ];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(&files)).collect();
    findings.sort();
    let fatal = findings.iter().filter(|finding| finding.fatal).count();
    for Finding {
        path,
        line,
        message,
        fatal,
    } in &findings
    {
        let kind = if *fatal { "error" } else { "warning" };
        println!("{path}:{line}: {kind}: {message}");
    }
    if fatal > 0 {
        bail!("tidy: {fatal} broken rule(s)");
    }
    println!("tidy: {} files, no broken rule", files.len());
    Ok(())
}

/// Gathers all files but those of git and of builds.
fn collect(root: &Path, below: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    let folder = root.join(below);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        // Links are licences that point to the top; a build folder may be a link as well.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !matches!(
                name.as_str(),
                "target" | ".git" | "proptest-regressions" | "corpus"
            ) {
                collect(root, &path, files)?;
            }
        } else if kind.is_file() {
            let text = String::from_utf8(fs::read(entry.path())?).unwrap_or_default();
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
