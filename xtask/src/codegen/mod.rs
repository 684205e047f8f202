//! `cargo xtask codegen`: the interface files of iotdb-thrift to Rust.
//!
//! ```text
//! crates/iotdb-thrift/idl/*.thrift → lexer → parser → schema → emit → rustfmt → src/message/generated/*.rs
//! ```

mod emit;
mod lexer;
mod model;
mod names;
mod parser;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use schema::Schema;

/// Writes the generated files; with `check`, compares them instead, and fails if they are not what they should be.
pub(crate) fn run(check: bool) -> Result<()> {
    let krate = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/iotdb-thrift");
    let target = krate.join("src/message/generated");
    let expected = generate(&krate.join("idl"))?;
    let present = files(&target, "rs")?;
    let mut wrong = Vec::new();
    for (name, text) in &expected {
        let path = target.join(name);
        if fs::read_to_string(&path).is_ok_and(|before| before == *text) {
            continue;
        }
        wrong.push(name.clone());
        if !check {
            fs::create_dir_all(&target)?;
            fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        }
    }
    for path in present {
        let name = file_name(&path);
        if !expected.contains_key(&name) {
            if !check {
                fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
            }
            wrong.push(name);
        }
    }
    ensure!(
        wrong.is_empty() || !check,
        "{} in {} differ from what the interface files say: run `cargo xtask codegen` and commit the result",
        wrong.join(", "),
        target.display()
    );
    Ok(())
}

/// The text of each generated file, by name.
fn generate(idl: &Path) -> Result<BTreeMap<String, String>> {
    let mut parsed = Vec::new();
    for path in files(idl, "thrift")? {
        let source = fs::read_to_string(&path)?;
        let name = file_name(&path).trim_end_matches(".thrift").to_owned();
        parsed.push(parser::parse(&name, &source).with_context(|| path.display().to_string())?);
    }
    ensure!(
        !parsed.is_empty(),
        "no interface files in {}",
        idl.display()
    );
    // A type is defined before it is used: what includes fewer files comes first.
    parsed.sort_by_key(|file| (file.includes.len(), file.name.clone()));
    let schema = Schema::new(parsed)?;
    let mut texts = BTreeMap::new();
    texts.insert("mod.rs".to_owned(), formatted(&emit::index(&schema))?);
    for file in &schema.files {
        let text = formatted(&emit::module(&schema, file)).with_context(|| file.name.clone())?;
        texts.insert(format!("{}.rs", file.name), text);
    }
    Ok(texts)
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(found);
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Formats with the workspace's settings, which rustfmt finds from its working directory.
fn formatted(text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start rustfmt (install it with `rustup component add rustfmt`)")?;
    let input = rustfmt.stdin.take().context("rustfmt takes no input")?;
    let output = std::thread::scope(|scope| {
        // From a thread of its own: rustfmt may fill its output before it has read everything.
        let writing = scope.spawn(move || { input }.write_all(text.as_bytes()));
        let output = rustfmt.wait_with_output();
        match writing.join() {
            Ok(written) => written.and(output).context("run rustfmt"),
            Err(_) => bail!("writing to rustfmt panicked"),
        }
    })?;
    ensure!(
        output.status.success(),
        "rustfmt refused the generated code"
    );
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_files_are_what_the_interface_files_say() {
        super::run(true).unwrap();
    }
}
