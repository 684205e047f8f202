//! Words, numbers and quoted text of type names.

use super::{ParseError, Parser, Result};

/// Words that stand for something else where a name may stand, in small letters: those that the engine 26.9 quotes.
const RESERVED: [&str; 14] = [
    "all", "distinct", "false", "from", "inf", "infinity", "nan", "null", "select", "some",
    "table", "top", "true", "values",
];

/// Whether a name may stand without quotes (ClickHouse, `src/IO/WriteHelpers.h`, `writeProbablyBackQuotedString`).
pub(crate) fn is_plain_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
        && !RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// The text in single quotes that `literal` is, if it is that and nothing more.
pub(crate) fn quoted_text(literal: &str) -> Option<String> {
    let mut p = Parser {
        all: literal,
        rest: literal,
    };
    let text = p.quoted('\'').ok()?;
    p.rest.is_empty().then_some(text)
}

impl<'a> Parser<'a> {
    pub(super) fn error(&self, what: impl Into<String>) -> ParseError {
        ParseError {
            what: what.into(),
            at: self.all.len().saturating_sub(self.rest.len()),
        }
    }

    pub(super) fn space(&mut self) {
        self.rest = self
            .rest
            .trim_start_matches(|c: char| c.is_ascii_whitespace());
    }

    /// The next character that is not white space, without taking it.
    pub(super) fn next(&mut self) -> Option<char> {
        self.space();
        self.rest.chars().next()
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        self.space();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn expect(&mut self, c: char) -> Result<()> {
        if self.eat(c) {
            Ok(())
        } else {
            Err(self.error(format!("expected {c:?}")))
        }
    }

    pub(super) fn word(&mut self) -> &'a str {
        self.space();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    /// The text from `start` up to here.
    pub(super) fn since(&self, start: &str) -> String {
        let len = start.len().saturating_sub(self.rest.len());
        start.get(..len).unwrap_or_default().to_owned()
    }

    pub(super) fn in_parens<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.expect('(')?;
        let result = body(self)?;
        self.expect(')')?;
        Ok(result)
    }

    /// Items separated by commas, up to the closing parenthesis, which stays.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut items = Vec::new();
        if self.next() == Some(')') {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.eat(',') {
                return Ok(items);
            }
        }
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self) -> Result<T> {
        self.space();
        let start = self.rest;
        self.eat('-');
        self.word();
        self.since(start).parse().map_err(|_| {
            self.rest = start;
            self.error("expected a number that fits")
        })
    }

    /// Text in quotes, with the server's escapes undone (`src/IO/ReadHelpers.cpp`, `parseComplexEscapeSequence`).
    pub(super) fn quoted(&mut self, quote: char) -> Result<String> {
        self.expect(quote)?;
        let mut out = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next() {
                None => return Err(self.error(format!("text without its closing {quote}"))),
                Some('\\') => match chars.next() {
                    Some('x') => {
                        let digits = chars.as_str().get(..2).unwrap_or_default();
                        let code = u8::from_str_radix(digits, 16)
                            .map_err(|_| self.error("\\x without two hexadecimal digits"))?;
                        out.push(char::from(code));
                        chars = chars.as_str().get(2..).unwrap_or_default().chars();
                    }
                    Some(c) => out.push(unescape(c)),
                    None => return Err(self.error("text ends in an escape")),
                },
                Some(c) if c == quote => {
                    self.rest = chars.as_str();
                    // A doubled quote stands for itself.
                    match self.rest.strip_prefix(quote) {
                        Some(rest) => {
                            out.push(quote);
                            chars = rest.chars();
                        }
                        None => return Ok(out),
                    }
                }
                Some(c) => out.push(c),
            }
        }
    }

    /// Passes over `(…)`, if it is there, whatever is in it. Does not recurse.
    pub(super) fn skip_arguments(&mut self) -> Result<()> {
        if self.next() != Some('(') {
            return Ok(());
        }
        let mut open = 0_usize;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\'' | '`' => {
                    self.quoted(c)?;
                    continue;
                }
                '(' => open = open.saturating_add(1),
                ')' => open = open.saturating_sub(1),
                _ => {}
            }
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
            if open == 0 {
                return Ok(());
            }
        }
        Err(self.error("expected ')'"))
    }

    /// A literal, as it is written: everything up to the comma or parenthesis behind it.
    pub(super) fn literal(&mut self) -> Result<String> {
        self.space();
        let start = self.rest;
        let mut open = 0_usize;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\'' => {
                    self.quoted(c)?;
                    continue;
                }
                '(' | '[' => open = open.saturating_add(1),
                ',' | ')' if open == 0 => break,
                ')' | ']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        }
        let text = self.since(start);
        let text = text.trim_ascii_end();
        if text.is_empty() {
            return Err(self.error("expected a literal"));
        }
        Ok(text.to_owned())
    }
}

fn unescape(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'v' => '\u{b}',
        'e' => '\u{1b}',
        other => other,
    }
}
