//! Characters to words.

use anyhow::{Result, bail};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or keyword; names of other files' types have a dot.
    Word(String),
    Number(i64),
    /// A quoted text.
    Text(String),
    /// A `/** comment */`, as one line.
    Doc(String),
    Mark(char),
}

/// The words of `source`, each with its line, counted from 1.
pub(super) fn tokens(source: &str) -> Result<Vec<(usize, Token)>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    loop {
        let spaces = rest.len() - rest.trim_start().len();
        line += rest[..spaces].matches('\n').count();
        rest = &rest[spaces..];
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let (token, len) = if let Some(comment) = rest.strip_prefix("/**") {
            let Some(end) = comment.find("*/") else {
                bail!("line {line}: the comment has no end")
            };
            (Some(Token::Doc(one_line(&comment[..end]))), end + 5)
        } else if rest.starts_with("//") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if let Some(text) = rest.strip_prefix('"') {
            let Some(end) = text.find('"') else {
                bail!("line {line}: the text has no end")
            };
            (Some(Token::Text(text[..end].to_owned())), end + 2)
        } else if first.is_ascii_digit() || first == '-' {
            let len = prefix(rest, |c| c.is_ascii_digit() || c == '-');
            (Some(Token::Number(rest[..len].parse()?)), len)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let len = prefix(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            (Some(Token::Word(rest[..len].to_owned())), len)
        } else if "{}()<>:,;=".contains(first) {
            (Some(Token::Mark(first)), 1)
        } else {
            bail!("line {line}: {first:?} has no meaning in an interface file");
        };
        tokens.extend(token.map(|token| (line, token)));
        line += rest[..len].matches('\n').count();
        rest = &rest[len..];
    }
}

fn prefix(text: &str, mut belongs: impl FnMut(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn one_line(comment: &str) -> String {
    let words = comment.lines().flat_map(|line| {
        let line = line.trim();
        line.strip_prefix('*').unwrap_or(line).split_whitespace()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_comments_and_lines() {
        let got = tokens("// no\n/** Two\n * lines. */\n1: a.B c = -1, (x = \"y z\")").unwrap();
        let word = |s: &str| Token::Word(s.to_owned());
        let expected = [
            (2, Token::Doc("Two lines.".to_owned())),
            (4, Token::Number(1)),
            (4, Token::Mark(':')),
            (4, word("a.B")),
            (4, word("c")),
            (4, Token::Mark('=')),
            (4, Token::Number(-1)),
            (4, Token::Mark(',')),
            (4, Token::Mark('(')),
            (4, word("x")),
            (4, Token::Mark('=')),
            (4, Token::Text("y z".to_owned())),
            (4, Token::Mark(')')),
        ];
        assert_eq!(got, expected);
        assert!(
            tokens("struct ?")
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
        assert!(
            tokens("\n/** no end")
                .unwrap_err()
                .to_string()
                .contains("line 2")
        );
    }
}
