//! Just enough of Rust's grammar for the rules: code without comments, strings and tests.

/// The code of a file, line for line: comments and the insides of strings are blank, and unit tests are cut off.
pub(super) fn code(text: &str) -> Vec<String> {
    let stripped = strip(text);
    let lines: Vec<String> = stripped.lines().map(str::to_owned).collect();
    let end = tests_start(&lines).unwrap_or(lines.len());
    lines.into_iter().take(end).collect()
}

/// The first line of a file's unit tests: by the rules of the house they stand last.
fn tests_start(lines: &[String]) -> Option<usize> {
    lines.iter().enumerate().position(|(number, line)| {
        // `mod tests;` in a file of its own leaves the rest of this file to be checked.
        let next = lines[number + 1..]
            .iter()
            .find(|line| !line.trim().is_empty() && !line.trim().starts_with("#["));
        line.trim() == "#[cfg(test)]"
            && next.is_some_and(|next| {
                next.contains("mod ") && next.trim_end().ends_with('{') && !next.starts_with(' ')
            })
    })
}

/// Blanks comments and the contents of strings and character literals, keeping every line break.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest);
        if length == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            // An identifier is taken whole, so that the `r` that ends one does not start a raw string.
            if first.is_alphanumeric() || first == '_' {
                let end = rest
                    .find(|next: char| !next.is_alphanumeric() && next != '_')
                    .unwrap_or(rest.len());
                let whole = if matches!(first, 'r' | 'b' | 'c') {
                    0
                } else {
                    end
                };
                out.push_str(&rest[..whole]);
                rest = &rest[whole..];
            }
            continue;
        }
        out.extend(rest[..length].chars().filter(|letter| *letter == '\n'));
        out.push(' ');
        rest = &rest[length..];
    }
    out
}

/// The length of the comment or literal at the start, or 0.
fn skipped(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    for prefix in ["br", "cr", "r"] {
        let Some(rest) = text.strip_prefix(prefix) else {
            continue;
        };
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        if rest[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let start = prefix.len() + hashes + 1;
            return text[start..]
                .find(&close)
                .map_or(text.len(), |end| start + end + close.len());
        }
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    if text.starts_with('\'') {
        return character(text);
    }
    0
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// A literal up to its closing quote, with `\` escapes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if !escaped && letter == quote {
            return at + letter.len_utf8();
        }
        escaped = !escaped && letter == '\\';
    }
    text.len()
}

/// A character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut letters = text.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(text, '\''),
        _ => 0,
    }
}

/// Whether `word` stands in `line` as a word of its own.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_tests_are_left_out() {
        let text = "use a; // tokio\n/* x /* tokio */ y */ fn f() {\n  g(\"tokio \\\" \", r#\"tokio\"#, 'x', '\\'');\n}\n\
                    #[cfg(test)]\nmod tests {\n  use tokio;\n}\n";
        let code = code(text);
        assert_eq!(code.len(), 4);
        assert!(!code.join("\n").contains("tokio"), "{code:?}");
        assert!(code[1].contains("fn f() {") && code[3] == "}");
    }

    #[test]
    fn lifetimes_are_no_characters() {
        let code = code("fn f<'a>(x: &'a str) -> &'a str { x } // '\nfn for_r(\"x\");\n");
        assert!(code[0].contains("-> &'a str"), "{code:?}");
        assert!(code[1].starts_with("fn for_r( "), "{code:?}");
    }

    #[test]
    fn tests_in_a_file_of_their_own_do_not_hide_the_rest() {
        assert_eq!(code("#[cfg(test)]\nmod tests;\nuse tokio;\n").len(), 3);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use tokio::net;", "tokio"));
        assert!(!has_word("use tokio_rustls::x;", "tokio"));
        assert!(!has_word("my_tokio", "tokio"));
    }
}
