//! Words that may not stand in some place.

use super::source::{code, has_word};
use super::{Finding, PROTOCOL_CRATES, SourceFile};

/// Sockets, threads, clocks and the runtime. Addresses (`std::net::IpAddr`) are values and may go everywhere.
const INPUT_OUTPUT: [&str; 10] = [
    "tokio",
    "tokio_rustls",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::thread",
    "std::fs",
    "Instant::now",
    "SystemTime::now",
];

/// Everything below `client/` works on bytes and times that it is given.
pub(super) fn no_input_output_below_the_client(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let Some((package, path)) = file.in_crate() else {
            continue;
        };
        let Some(inside) = path
            .strip_prefix("src/")
            .filter(|inside| inside.ends_with(".rs"))
        else {
            continue;
        };
        let is_protocol = PROTOCOL_CRATES.iter().any(|(name, _)| *name == package);
        let allowed = match package {
            // Helpers for tests read fixtures.
            "wire-core" => inside.starts_with("net/") || inside.starts_with("testing"),
            _ if is_protocol => inside.starts_with("client/") || inside == "pool.rs",
            _ => true,
        };
        if allowed {
            continue;
        }
        for (number, line) in code(&file.text).iter().enumerate() {
            for word in INPUT_OUTPUT.iter().filter(|word| has_word(line, word)) {
                let message =
                    format!("`{word}` outside of client/ and pool.rs (in wire-core: net/)");
                findings.push(Finding::error(file, number + 1, message));
            }
        }
    }
    findings
}

/// A path that climbs twice says that something is in the wrong room.
pub(super) fn no_super_super(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs"))
    {
        for (number, line) in code(&file.text).iter().enumerate() {
            if line.contains("super::super") {
                findings.push(Finding::error(
                    file,
                    number + 1,
                    "`super::super`: name the room, `crate::room::…`",
                ));
            }
        }
    }
    findings
}

/// Spelled in halves, since this file is checked as well.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Unfinished work is not committed with a mark on it.
pub(super) fn no_marks_of_unfinished_work(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            for mark in MARKS.iter().filter(|mark| has_word(line, mark)) {
                findings.push(Finding::error(
                    file,
                    number + 1,
                    format!("`{mark}`: do it or write it down in docs/"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn only_the_client_touches_the_world() {
        let text = "use std::net::IpAddr;\nuse tokio::net::TcpStream;\n";
        for path in [
            "crates/cql-v4/src/client/mod.rs",
            "crates/cql-v4/src/pool.rs",
            "crates/wire-core/src/net/mod.rs",
        ] {
            assert_eq!(no_input_output_below_the_client(&[file(path, text)]), []);
        }
        for path in [
            "crates/cql-v4/src/proto/mod.rs",
            "crates/wire-core/src/reader.rs",
            "crates/cql-v4/src/lib.rs",
        ] {
            let found = no_input_output_below_the_client(&[file(path, text)]);
            assert_eq!(found.len(), 2, "{path}");
            assert!(found.iter().all(|finding| finding.line == 2));
        }
        let clock = "fn f() { let now = Instant::now(); } // SystemTime::now\n";
        assert_eq!(
            no_input_output_below_the_client(&[file("crates/cql-v4/src/proto/mod.rs", clock)])
                .len(),
            1
        );
        assert_eq!(
            no_input_output_below_the_client(&[file("crates/cql-v4/tests/client.rs", clock)]),
            []
        );
    }

    #[test]
    fn climbing_twice_is_found() {
        let climbs = file(
            "crates/cql-v4/src/codec/frame.rs",
            "use super::super::types;\n",
        );
        assert_eq!(no_super_super(&[climbs]).len(), 1);
        let once = file(
            "crates/cql-v4/src/codec/frame.rs",
            "use super::prim; // super::super\n",
        );
        assert_eq!(no_super_super(&[once]), []);
    }

    #[test]
    fn marks_are_found_in_any_file() {
        let mark = MARKS[0];
        let found =
            no_marks_of_unfinished_work(&[file("docs/a.md", &format!("fine\n{mark}: later\n"))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        assert_eq!(
            no_marks_of_unfinished_work(&[file("docs/a.md", "mastodons, XXXL\n")]),
            []
        );
    }
}
