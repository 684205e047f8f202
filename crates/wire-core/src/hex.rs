//! Bytes as text: dumps for errors and traces, and the fixtures of tests.

use std::fmt::Write;

use crate::DecodeError;

/// Bytes a line of [`dump`].
const LINE: usize = 16;

/// The first `max` bytes of `bytes` with their offsets and, where they are printable ASCII, as text.
///
/// ```
/// let text = wire_core::hex::dump(b"\x04\x00GET /", 4);
/// assert_eq!(text, "00000000: 04 00 47 45                                       |..GE|\n# 3 more bytes\n");
/// ```
pub fn dump(bytes: &[u8], max: usize) -> String {
    let shown = bytes.get(..max).unwrap_or(bytes);
    let mut out = String::new();
    for (i, line) in shown.chunks(LINE).enumerate() {
        // Writing to a `String` cannot fail, so each result is dropped.
        let _ = write!(out, "{:08x}:", i.saturating_mul(LINE));
        for column in 0..LINE {
            if column == LINE / 2 {
                out.push(' ');
            }
            let _ = match line.get(column) {
                Some(byte) => write!(out, " {byte:02x}"),
                None => write!(out, "   "),
            };
        }
        out.push_str("  |");
        out.extend(line.iter().map(|&byte| printable(byte)));
        out.push_str("|\n");
    }
    let more = bytes.len().saturating_sub(shown.len());
    if more > 0 {
        let _ = writeln!(out, "# {more} more bytes");
    }
    out
}

/// Reads what [`dump`] writes, and hex written by hand.
///
/// On each line: an optional address before a colon, which is skipped; then bytes of two hex digits each, with blanks
/// wherever wanted between bytes; then, from `#` or `|` on, a comment.
///
/// # Errors
/// [`DecodeErrorKind::Invalid`](crate::DecodeErrorKind::Invalid) with the line, for anything else than hex digits and
/// for half a byte.
pub fn parse(text: &str) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let code = line.split(['#', '|']).next().unwrap_or_default();
        let code = code.split_once(':').map_or(code, |(_, code)| code);
        for word in code.split_whitespace() {
            for pair in word.as_bytes().chunks(2) {
                let Some(byte) = byte(pair) else {
                    let what = format!(
                        "line {}: `{word}` is not pairs of hex digits",
                        i.saturating_add(1)
                    );
                    return Err(DecodeError::invalid("hex", out.len(), what));
                };
                out.push(byte);
            }
        }
    }
    Ok(out)
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    let digit = |c: &u8| {
        char::from(*c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    Some(digit(high)? << 4 | digit(low)?)
}

fn printable(byte: u8) -> char {
    if byte == b' ' || byte.is_ascii_graphic() {
        char::from(byte)
    } else {
        '.'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns are those of `xxd -g1 -c16` and `hexdump -C`, so that eyes find them.
    #[test]
    fn a_dump_is_aligned_and_comes_back() {
        let bytes: Vec<u8> = (0..=255).chain(*b"#|:").collect();
        let text = dump(&bytes, usize::MAX);
        assert!(text.starts_with(
            "00000000: 00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n"
        ));
        assert!(text.contains(
            "00000040: 40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  |@ABCDEFGHIJKLMNO|\n"
        ));
        assert_eq!(parse(&text).unwrap(), bytes);
        assert_eq!(dump(b"", 10), "");
        assert_eq!(dump(b"ab", 0), "# 2 more bytes\n");
    }

    #[test]
    fn hex_is_written_by_hand() {
        let text = "# a greeting\n0001 02 # length\n  DEADbeef\n\n10: 0a | text\n";
        assert_eq!(
            parse(text).unwrap(),
            [0, 1, 2, 0xde, 0xad, 0xbe, 0xef, 0x0a]
        );
    }

    #[test]
    fn errors_name_the_line() {
        let error = parse("00 01\n0g").unwrap_err();
        assert_eq!(
            error.to_string(),
            "hex: line 2: `0g` is not pairs of hex digits (at byte 2)"
        );
        assert!(parse("123").is_err(), "half a byte");
        assert!(parse("é").is_err());
    }
}
