//! Tests that documents name as proof: each exists, and what is promised has one.

use super::{Finding, SourceFile};

/// The header of the last column in tables of features.
const SHOWN_BY: &str = "shown by";

/// In the READMEs of crates: a row of a table with the column "shown by" names tests as ``file: `test`, `test` ``, where the
/// file is `tests/file.rs` or `tests/file/`, `unit` for the crate's unit tests, `live` for those that need a server. A
/// row that says yes names one.
pub(super) fn in_feature_tables(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let Some((package, "README.md")) = file.in_crate() else {
            continue;
        };
        let mut in_table = false;
        for (number, line) in file.text.lines().enumerate() {
            let cells = cells(line);
            let Some(last) = cells.last() else {
                in_table = false;
                continue;
            };
            if *last == SHOWN_BY {
                in_table = true;
                continue;
            }
            if !in_table {
                continue;
            }
            let named = named_tests(last);
            let mut fail = |text| findings.push(Finding::error(file, number + 1, text));
            if named.is_empty() && cells.get(1).is_some_and(|says| says.starts_with("yes")) {
                fail("a feature that no test shows: name one as file: `test`".to_owned());
            }
            for (place, test) in named {
                if !is_in_crate(files, package, place, test) {
                    fail(format!("there is no test `{test}` in `{place}`"));
                }
            }
        }
    }
    findings
}

/// In the list of mistakes of others: what looks like the name of a test is one.
pub(super) fn in_lessons(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lessons = files.iter().filter(|file| file.path == "docs/lessons.md");
    for file in lessons {
        for (number, line) in file.text.lines().enumerate() {
            // Names of tests are sentences; those of functions and settings are shorter.
            let sentences = quoted(line).filter(|name| name.matches('_').count() >= 4);
            for name in sentences {
                let mut sources = files.iter().filter(|file| file.path.ends_with(".rs"));
                if !sources.any(|source| has_test(&source.text, name)) {
                    let text = format!("there is no test `{name}`");
                    findings.push(Finding::error(file, number + 1, text));
                }
            }
        }
    }
    findings
}

/// The cells of a row; none if the line is not one.
fn cells(line: &str) -> Vec<&str> {
    let row = line.trim().strip_prefix('|');
    let row = row.and_then(|row| row.strip_suffix('|'));
    row.map_or_else(Vec::new, |row| row.split('|').map(str::trim).collect())
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Places and tests of ``place: `test`, `test`, place: `test` ``.
fn named_tests(cell: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut place = None;
    for (i, piece) in cell.split('`').enumerate() {
        if i % 2 == 0 {
            if let Some(before) = piece.trim_end().strip_suffix(':') {
                place = before.rsplit([' ', ',']).next();
            }
        } else if let Some(place) = place {
            found.push((place, piece));
        }
    }
    found
}

fn is_in_crate(files: &[SourceFile], package: &str, place: &str, test: &str) -> bool {
    let is_there = |path: &str| {
        if place == "unit" {
            return path.starts_with("src/");
        }
        let behind = path
            .strip_prefix("tests/")
            .and_then(|path| path.strip_prefix(place));
        behind.is_some_and(|behind| behind == ".rs" || behind.starts_with('/'))
    };
    files.iter().any(|file| {
        let there = file
            .in_crate()
            .is_some_and(|(of, path)| of == package && is_there(path));
        there && has_test(&file.text, test)
    })
}

/// Whether there is a function of this name with an attribute that makes it a test.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(number, line)| {
        let function = line.strip_prefix("async ").unwrap_or(line);
        let behind = function
            .strip_prefix("fn ")
            .and_then(|f| f.strip_prefix(name));
        let mut above = lines[..number].iter().rev();
        behind.is_some_and(|behind| behind.starts_with('('))
            && above
                .by_ref()
                .take_while(|line| line.starts_with(['#', '/', ')']) || line.contains("reason"))
                .any(|line| line.starts_with("#[") && line.contains("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::file;

    const TEST: &str = "#[test]\n/// Why.\nfn it_works() {}\n#[tokio::test]\nasync fn it_waits() {}\nfn helper() {}";

    fn findings(row: &str) -> Vec<String> {
        let table = format!("| feature | here | shown by |\n| --- | --- | --- |\n{row}\n");
        let files = [
            file("crates/a/README.md", &table),
            file("crates/a/tests/one.rs", TEST),
            file("crates/a/tests/two/deep/more.rs", TEST),
            file("crates/a/src/lib.rs", TEST),
            file("crates/b/tests/three.rs", TEST),
        ];
        let found = in_feature_tables(&files);
        found.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn tests_that_exist_are_fine() {
        for row in [
            "| x | yes | one: `it_works`, `it_waits`, two: `it_works` |",
            "| x | yes, often | unit: `it_works` |",
            "| x | no: why |  |",
            "| x | a trait | the documentation of `y` |",
            "no table any more",
        ] {
            assert!(findings(row).is_empty(), "{row}");
        }
    }

    #[test]
    fn tests_that_do_not_are_found() {
        for (row, expected) in [
            ("| x | yes |  |", "no test shows"),
            ("| x | yes | somewhere |", "no test shows"),
            ("| x | yes | one: `it_fails` |", "`it_fails` in `one`"),
            (
                "| x | yes | one: `it_works`, `helper` |",
                "`helper` in `one`",
            ),
            ("| x | no | three: `it_works` |", "`it_works` in `three`"),
            ("| x | yes | on: `it_works` |", "`it_works` in `on`"),
        ] {
            let found = findings(row);
            assert_eq!(found.len(), 1, "{row}: {found:?}");
            assert!(found[0].contains(expected), "{found:?}");
        }
    }

    #[test]
    fn lessons_name_tests_that_exist() {
        let source = "#[test]\nfn an_answer_that_is_late_is_swallowed() {}";
        let of = |lesson: &str| {
            let files = [file("docs/lessons.md", lesson), file("a.rs", source)];
            in_lessons(&files).len()
        };
        assert_eq!(
            of("`an_answer_that_is_late_is_swallowed`, `max_queued_bytes`"),
            0
        );
        assert_eq!(of("`an_answer_that_is_late_is_delivered`"), 1);
    }
}
