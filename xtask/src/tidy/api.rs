//! No type of the private crate shows in the public interface of a protocol crate.

use super::source::{code, has_word};
use super::{Finding, PROTOCOL_CRATES, SourceFile};

/// What starts a public item.
const ITEMS: [&str; 9] = [
    "fn ",
    "async fn ",
    "const ",
    "static ",
    "type ",
    "struct ",
    "enum ",
    "trait ",
    "use ",
];

/// Reports public items and fields that name something of `wire_core`.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let Some((package, path)) = file.in_crate() else {
            continue;
        };
        let is_protocol = PROTOCOL_CRATES.iter().any(|(name, _)| *name == package);
        if !is_protocol || !path.starts_with("src/") || !path.ends_with(".rs") {
            continue;
        }
        let code = code(&file.text);
        let mut private = imported(&code);
        private.push("wire_core".to_owned());
        for (number, line) in code.iter().enumerate() {
            if !is_public(line) || is_hidden(&code[..number]) {
                continue;
            }
            let signature = signature(&code[number..]);
            if let Some(name) = private.iter().find(|name| has_word(&signature, name)) {
                findings.push(Finding::error(
                    file,
                    number + 1,
                    format!("`{name}` of wire-core in a public item"),
                ));
            }
        }
    }
    findings
}

/// `pub` items and fields; `pub(crate)` and its like are not public.
fn is_public(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub ") else {
        return false;
    };
    let is_field = || {
        let name: String = rest
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        rest[name.len()..].starts_with(": ")
    };
    ITEMS.iter().any(|item| rest.starts_with(item)) || is_field()
}

/// Whether `#[doc(hidden)]` stands directly above.
fn is_hidden(above: &[String]) -> bool {
    let attributes = above
        .iter()
        .rev()
        .map(|line| line.trim())
        .take_while(|line| line.is_empty() || line.starts_with("#["));
    attributes.into_iter().any(|line| line == "#[doc(hidden)]")
}

/// The item up to its body: `{` starts the body, but in `use` a group.
fn signature(lines: &[String]) -> String {
    let is_use = lines[0].trim_start().starts_with("pub use ");
    let mut text = String::new();
    for line in lines.iter().take(40) {
        text.push_str(line);
        text.push(' ');
        let trimmed = line.trim_end();
        if trimmed.ends_with(';')
            || trimmed.ends_with(',') && !text.contains('(')
            || !is_use && trimmed.ends_with('{')
        {
            break;
        }
    }
    text
}

/// The names that `use wire_core::…` brings into a file.
fn imported(code: &[String]) -> Vec<String> {
    let text = code.join(" ");
    let mut names = Vec::new();
    for (at, start) in text.match_indices("use wire_core::") {
        let rest = &text[at + start.len()..];
        let tree = rest.split(';').next().unwrap_or_default();
        for part in tree.split([',', '{', '}']) {
            let path = part.trim();
            let name = path.rsplit_once(" as ").map_or_else(
                || path.rsplit("::").next().unwrap_or_default(),
                |(_, name)| name,
            );
            if !name.is_empty() && name != "self" && name != "_" {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&[file("crates/cql-v4/src/types/value.rs", text)])
            .iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn public_items_of_the_private_crate_are_found() {
        assert_eq!(lines("pub use wire_core::Reader;\n"), [1]);
        assert_eq!(
            lines("use wire_core::{Reader, net::Driver as D};\npub fn f(r: &mut Reader<'_>) {}\n"),
            [2]
        );
        assert_eq!(
            lines("use wire_core::net::Driver as D;\npub fn f(\n    a: u8,\n    d: D,\n) {\n}\n"),
            [2]
        );
        assert_eq!(
            lines("pub struct S {\n    pub budget: wire_core::Budget,\n}\n"),
            [2]
        );
    }

    #[test]
    fn what_is_not_public_is_fine() {
        for text in [
            "use wire_core::Reader;\npub(crate) fn f(r: &mut Reader<'_>) {}\n",
            "use wire_core::Reader;\npub fn f(bytes: &[u8]) {\n    Reader::new(bytes);\n}\n",
            "use wire_core::Reader;\n#[doc(hidden)]\npub fn f(r: &mut Reader<'_>) {}\n",
            "/// Like wire_core::Reader.\npub fn f() {}\n",
            "use wire_core::Reader;\npub struct MyReader {\n    inner: Reader<'static>,\n}\n",
        ] {
            assert_eq!(lines(text), Vec::<usize>::new(), "{text}");
        }
        let inside = file(
            "crates/wire-testkit/src/lib.rs",
            "pub use wire_core::Reader;\n",
        );
        assert_eq!(check(&[inside]), []);
    }
}
