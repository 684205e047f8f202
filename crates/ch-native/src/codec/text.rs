//! Text inside of text: what ClickHouse escapes, and how.
//!
//! Source: ClickHouse, `src/IO/WriteHelpers.h` (`writeAnyEscapedString`) and `src/IO/ReadHelpers.cpp`
//! (`parseComplexEscapeSequence`).

/// Appends `text` with what would end or break it escaped by a backslash; `quote` as well, if there is one.
pub(crate) fn escape_into(text: &str, quote: Option<char>, out: &mut String) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c => {
                if quote == Some(c) {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
}

/// `text` as one field of tab-separated text.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    escape_into(text, None, &mut out);
    out
}

/// `text` as a string literal of SQL.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from('\'');
    escape_into(text, Some('\''), &mut out);
    out.push('\'');
    out
}

/// The text that was escaped. A backslash before anything that needs none stands for itself, as the server has it.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('0') => out.push('\0'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some(plain @ ('\\' | '\'' | '"' | '`')) => out.push(plain),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// The text between the quotes at the start of `text`, and what is behind them; `None` if they do not close.
pub(crate) fn split_quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let inner = text.strip_prefix(quote)?;
    let mut is_escaped = false;
    let end = inner.find(|c: char| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    let (inner, rest) = inner.split_at_checked(end)?;
    Some((unescape(inner), rest.strip_prefix(quote)?))
}

/// The text of a string literal that is all of `text`.
pub(crate) fn unquote(text: &str) -> Option<String> {
    split_quoted(text, '\'').and_then(|(inner, rest)| rest.is_empty().then_some(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that the server's own writer escapes.
    const HARD: &str = "a'b\\c\td\ne\rf\u{8}g\u{c}h\0i`ä";

    #[test]
    fn what_is_escaped_comes_back() {
        assert_eq!(escape(HARD), "a'b\\\\c\\td\\ne\\rf\\bg\\fh\\0i`ä");
        assert_eq!(unescape(&escape(HARD)), HARD);
        assert_eq!(quote("it's"), "'it\\'s'");
        assert_eq!(unquote(&quote(HARD)).as_deref(), Some(HARD));
    }

    #[test]
    fn what_is_no_literal_is_seen() {
        for text in ["", "'", "x", "'a", "a'", "'a\\'", "'a'b", "'a''"] {
            assert_eq!(unquote(text), None, "{text}");
        }
        assert_eq!(unquote("'\\\\'").as_deref(), Some("\\"));
        assert_eq!(unquote("''").as_deref(), Some(""));
    }

    #[test]
    fn a_name_ends_where_its_quotes_end() {
        assert_eq!(
            split_quoted("`a\\`b` UInt8", '`'),
            Some(("a`b".to_owned(), " UInt8"))
        );
        assert_eq!(unescape("\\N and \\"), "\\N and \\");
    }
}
