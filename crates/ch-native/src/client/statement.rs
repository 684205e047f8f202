//! What kind of statement a text is: only whether rows have to follow it.

/// Whether a statement is an `INSERT` that is followed by rows, as opposed to one that selects them.
///
/// Such a statement waits for blocks; rows written into the text itself would be lost without a word by old servers.
pub(super) fn wants_rows(text: &str) -> bool {
    let mut words = Words { rest: text };
    if !words
        .next()
        .is_some_and(|w| w.eq_ignore_ascii_case("INSERT"))
    {
        return false;
    }
    !words.any(|w| {
        ["SELECT", "WATCH", "INFILE"]
            .iter()
            .any(|s| w.eq_ignore_ascii_case(s))
    })
}

/// Whether rows follow `VALUES` in the text of an insert itself: servers that wait for blocks pass over them in silence.
pub(super) fn has_rows(text: &str) -> bool {
    let mut words = Words { rest: text };
    let mut behind = None;
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("VALUES") {
            behind = Some(words.rest);
        }
    }
    behind.is_some_and(|rest| rest.trim_start().starts_with(['(', '\'']))
}

/// The words of a statement, without comments and without what is quoted.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    /// Passes over `open`, and everything up to and with `close`.
    fn skip(&mut self, open: usize, close: &str) {
        let rest = self.rest.get(open..).unwrap_or_default();
        let end = rest
            .find(close)
            .map_or(rest.len(), |at| at.saturating_add(close.len()));
        self.rest = rest.get(end..).unwrap_or_default();
    }

    /// Passes over quoted text; a backslash or a doubled quote does not end it.
    fn skip_quoted(&mut self, quote: char) {
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                chars.next();
            } else if c == quote {
                self.rest = self.rest.get(at.saturating_add(1)..).unwrap_or_default();
                return;
            }
        }
        self.rest = "";
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let first = self.rest.chars().next()?;
            if self.rest.starts_with("--") || first == '#' {
                self.skip(1, "\n");
            } else if self.rest.starts_with("/*") {
                self.skip(2, "*/");
            } else if matches!(first, '\'' | '`' | '"') {
                self.skip_quoted(first);
            } else if first.is_ascii_alphabetic() || first == '_' {
                let end = self
                    .rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                return Some(word);
            } else {
                self.rest = self.rest.get(first.len_utf8()..)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{has_rows, wants_rows};

    #[test]
    fn rows_in_the_text_are_seen() {
        assert!(has_rows("INSERT INTO t VALUES (1), (2)"));
        assert!(has_rows("insert into t (a) values('x')"));
        assert!(!has_rows("INSERT INTO t (a, values) VALUES"));
        assert!(!has_rows("INSERT INTO t (values) VALUES -- no more"));
        assert!(!has_rows("INSERT INTO t FORMAT Native"));
    }

    #[test]
    fn inserts_with_rows_are_told_from_those_that_select() {
        for yes in [
            "INSERT INTO t VALUES (1), (2)",
            "insert into t (a, b) values",
            "INSERT INTO t FORMAT Native",
            "-- SELECT\n /* SELECT */ INSERT INTO t (`SELECT`) VALUES ('SELECT \\' SELECT')",
            "INSERT INTO \"select\" VALUES",
        ] {
            assert!(wants_rows(yes), "{yes}");
        }
        for no in [
            "SELECT 1",
            "INSERT INTO t SELECT 1",
            "INSERT INTO t (a) WITH 1 AS x SELECT x",
            "CREATE TABLE INSERT (a UInt8)",
            "INSERT INTO t FROM INFILE 'x'",
            "",
            "'unclosed",
        ] {
            assert!(!wants_rows(no), "{no}");
        }
    }
}
