//! Imports between the rooms of a protocol crate go one way: from the right of the flow to its left.

use std::collections::HashMap;

use super::source::code;
use super::{Finding, PROTOCOL_CRATES, SourceFile};

/// What each room may use, besides `error` and `limits`, which all may use. `own` is the room that only this crate has,
/// unless it has a line of its own: what finds a node stands behind the rows that it reads the cluster from.
const ROOMS: [(&str, &[&str]); 16] = [
    ("error", &[]),
    ("limits", &[]),
    ("observe", &[]),
    // Versions, compression, policies, authenticators and filters are chosen in the configuration.
    (
        "config",
        &["codec", "routing", "schema", "policy", "proto", "observe"],
    ),
    ("metrics", &["observe"]),
    (
        "policy",
        &["types", "message", "row", "routing", "metrics", "observe"],
    ),
    ("codec", &[]),
    ("types", &["codec"]),
    ("own", &["codec", "types"]),
    ("message", &["codec", "types", "own"]),
    ("row", &["codec", "types", "own", "message"]),
    ("routing", &["codec", "types", "message", "row"]),
    // What the server says of itself, in rows.
    ("schema", &["types", "message", "row"]),
    (
        "proto",
        &["codec", "types", "own", "message", "routing", "observe"],
    ),
    (
        "client",
        &[
            "codec", "types", "own", "message", "row", "routing", "schema", "proto", "config",
            "policy", "metrics", "observe",
        ],
    ),
    ("pool", &["client", "row", "config", "observe"]),
];

/// Reports every import that goes the wrong way, and every room that is not of the plan.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let exported = exports(files);
    let mut findings = Vec::new();
    for file in files {
        let Some((package, path)) = file.in_crate() else {
            continue;
        };
        let Some((_, own)) = PROTOCOL_CRATES.iter().find(|(name, _)| *name == package) else {
            continue;
        };
        let Some(inside) = path
            .strip_prefix("src/")
            .filter(|inside| inside.ends_with(".rs"))
        else {
            continue;
        };
        let first = inside
            .split('/')
            .next()
            .unwrap_or(inside)
            .trim_end_matches(".rs");
        if first == "lib" {
            continue;
        }
        let canonical = |room: &str| {
            if room == *own && ROOMS.iter().all(|(name, _)| *name != room) {
                "own".to_owned()
            } else {
                room.to_owned()
            }
        };
        let room = canonical(first);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            findings.push(Finding::error(
                file,
                0,
                format!("`{first}` is no room of a protocol crate"),
            ));
            continue;
        };
        for (line, used) in uses(&code(&file.text)) {
            // A name of the root stands for the room that it is re-exported from.
            let target = canonical(exported.get(&(package, used.clone())).unwrap_or(&used));
            if let Some(message) = verdict(&room, allowed, &target) {
                findings.push(Finding::error(
                    file,
                    line,
                    format!("`crate::{used}` in `{first}`: {message}"),
                ));
            }
        }
    }
    findings
}

/// What is wrong with a use of `target` in `room`.
fn verdict(room: &str, allowed: &[&str], target: &str) -> Option<String> {
    if !ROOMS.iter().any(|(name, _)| *name == target) {
        return Some("names no room; name the room it is in".to_owned());
    }
    let everywhere = match target {
        "error" => room != "limits",
        "limits" => room != "error",
        _ => false,
    };
    let fine = target == room || everywhere || allowed.contains(&target);
    (!fine).then(|| format!("imports go one way, and `{target}` is further on"))
}

/// The room that each name in a crate's root comes from, by its `pub use room::…;` lines.
fn exports(files: &[SourceFile]) -> HashMap<(&str, String), String> {
    let mut exported = HashMap::new();
    for file in files {
        let Some((package, "src/lib.rs")) = file.in_crate() else {
            continue;
        };
        let text = code(&file.text).join(" ");
        for (at, start) in text.match_indices("pub use ") {
            let tree = text[at + start.len()..]
                .split(';')
                .next()
                .unwrap_or_default();
            let Some((room, rest)) = tree.trim_start_matches("crate::").split_once("::") else {
                continue;
            };
            for name in rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
                exported.insert((package, name.to_owned()), room.to_owned());
            }
        }
    }
    exported
}

/// The first names behind each `crate::`, with their lines.
fn uses(code: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let text = code.join("\n");
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$') {
            continue;
        }
        // `pub(in crate::…)` limits who may see an item; it uses nothing.
        if text[..at].ends_with("pub(in ") {
            continue;
        }
        let line = 1 + text[..at].matches('\n').count();
        let rest = &text[at + "crate::".len()..];
        for name in names(rest) {
            found.push((line, name));
        }
    }
    found
}

/// The name at the start, or those directly inside a group in braces.
fn names(text: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = text.strip_prefix('{') else {
        return vec![word(text)];
    };
    let (mut depth, mut start, mut names) = (0_usize, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(word(group[start..at].trim_start()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)])
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.message))
            .collect()
    }

    #[test]
    fn imports_to_the_left_are_fine() {
        for (path, text) in [
            (
                "crates/cql-v4/src/row/mod.rs",
                "use crate::types::Value;\nuse crate::message::{self, result::X};\n",
            ),
            (
                "crates/cql-v4/src/client/mod.rs",
                "use crate::{config::Config, proto, routing::{Ring, Token}};\n",
            ),
            (
                "crates/iotdb-thrift/src/message/insert.rs",
                "use crate::tablet::Tablet;\n",
            ),
            (
                "crates/ch-native/src/codec/frame.rs",
                "use crate::error::Error;\nuse crate::limits::Limits;\n",
            ),
            (
                "crates/ch-native/src/lib.rs",
                "pub use crate::client::Client;\n",
            ),
            ("crates/wire-core/src/reader.rs", "use crate::net::X;\n"),
            (
                "crates/ch-native/src/codec/a.rs",
                "// crate::client\nmacro_rules! m { () => { $crate::client::x() } }\n",
            ),
        ] {
            assert_eq!(messages(path, text), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn imports_to_the_right_are_found() {
        let found = messages(
            "crates/cql-v4/src/codec/frame.rs",
            "use crate::error::Error;\nuse crate::{types::Value, row};\n",
        );
        assert_eq!(found.len(), 2);
        assert!(
            found[0].starts_with("2: `crate::types` in `codec`"),
            "{found:?}"
        );
        let found = messages(
            "crates/cql-v4/src/message/query.rs",
            "fn f() { crate::client::g() }\n",
        );
        assert!(
            found[0].starts_with("1: `crate::client` in `message`"),
            "{found:?}"
        );
        // Another crate's own room is none of this one's.
        assert_eq!(
            messages("crates/cql-v4/src/client/mod.rs", "use crate::tablet::T;\n").len(),
            1
        );
        assert_eq!(
            messages("crates/cql-v4/src/error.rs", "use crate::limits::L;\n").len(),
            1
        );
    }

    #[test]
    fn names_of_the_root_stand_for_their_rooms() {
        let files = |text| {
            [
                file(
                    "crates/cql-v4/src/lib.rs",
                    "pub use error::{Error, ErrorKind};\npub use client::Client;\n",
                ),
                file("crates/cql-v4/src/codec/frame.rs", text),
            ]
        };
        assert_eq!(check(&files("use crate::{Error, ErrorKind};\n")), []);
        assert_eq!(check(&files("use crate::Client;\n")).len(), 1);
        assert_eq!(check(&files("use crate::Unknown;\n")).len(), 1);
    }

    #[test]
    fn routing_is_not_for_messages() {
        assert_eq!(
            messages(
                "crates/cql-v4/src/message/query.rs",
                "use crate::routing::Token;\n"
            )
            .len(),
            1
        );
        assert_eq!(
            messages(
                "crates/ch-native/src/message/query.rs",
                "use crate::column::Block;\n"
            )
            .len(),
            0
        );
    }

    #[test]
    fn unknown_rooms_are_found() {
        assert_eq!(messages("crates/cql-v4/src/utils.rs", "").len(), 1);
    }

    #[test]
    fn tests_may_use_everything() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::client::Client;\n}\n";
        assert_eq!(
            messages("crates/cql-v4/src/codec/frame.rs", text),
            Vec::<String>::new()
        );
    }
}
