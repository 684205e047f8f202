//! What holds for whatever cuts a stream into frames.

use std::fmt::{Debug, Display};

use super::SHOWN;
use crate::{RecvBuf, hex};

/// Most two-part splits that [`chunked_feed`] tries, evenly spread, so that its time does not grow with the square of
/// the stream.
const MAX_SPLITS: usize = 2048;

/// What a splitter makes of `stream` does not depend on how it arrives: whole, byte by byte, and in two parts cut
/// anywhere (at 2,048 places, evenly spread, in a longer stream). Returns the items.
///
/// `splitter` makes a new splitter for each feed. A splitter returns `None` when it needs more bytes; it is called
/// again until it does so.
///
/// # Panics
/// If the items differ, if the splitter fails, or if bytes are left that belong to no item.
#[track_caller]
pub fn chunked_feed<T: Debug + PartialEq, E: Display, S>(
    splitter: impl Fn() -> S,
    stream: &[u8],
) -> Vec<T>
where
    S: FnMut(&mut RecvBuf) -> Result<Option<T>, E>,
{
    let whole = feed(splitter(), [stream]);
    let bytewise = feed(splitter(), stream.chunks(1));
    assert_eq!(bytewise, whole, "byte by byte and whole");
    let step = stream.len().div_ceil(MAX_SPLITS).max(1);
    for at in (0..=stream.len()).step_by(step) {
        let (left, right) = stream.split_at_checked(at).unwrap_or((stream, &[]));
        assert_eq!(
            feed(splitter(), [left, right]),
            whole,
            "cut at {at} and whole"
        );
    }
    whole
}

#[track_caller]
fn feed<'a, T, E: Display>(
    mut split: impl FnMut(&mut RecvBuf) -> Result<Option<T>, E>,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<T> {
    let mut buf = RecvBuf::new();
    let mut items = Vec::new();
    for part in parts {
        buf.extend_from_slice(part);
        loop {
            match split(&mut buf) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(e) => panic!(
                    "after {} items and {} bytes: {e}",
                    items.len(),
                    buf.consumed()
                ),
            }
        }
    }
    assert!(
        buf.is_empty(),
        "{} bytes belong to no item:\n{}",
        buf.len(),
        hex::dump(buf.filled(), SHOWN)
    );
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DecodeError;

    /// Lines, as the simplest of frames.
    fn line(buf: &mut RecvBuf) -> Result<Option<Vec<u8>>, DecodeError> {
        let end = buf.filled().iter().position(|&byte| byte == b'\n');
        Ok(end
            .and_then(|end| buf.take(end + 1))
            .map(|line| line.to_vec()))
    }

    #[test]
    fn a_right_splitter_passes() {
        let lines = chunked_feed(|| line, b"one\n\nthree\n");
        assert_eq!(lines, [&b"one\n"[..], b"\n", b"three\n"]);
        let long = b"0123456\n".repeat(1000);
        assert_eq!(chunked_feed(|| line, &long).len(), 1000);
    }

    /// Takes what has arrived for the whole, which goes unnoticed as long as frames arrive in one piece.
    #[test]
    #[should_panic(expected = "byte by byte and whole")]
    fn a_splitter_that_takes_a_part_for_the_whole_is_found() {
        let greedy = |buf: &mut RecvBuf| Ok::<_, DecodeError>(buf.take(buf.len().max(1)));
        chunked_feed(|| greedy, b"one\n");
    }

    #[test]
    #[should_panic(expected = "2 bytes belong to no item")]
    fn what_is_left_is_found() {
        chunked_feed(|| line, b"one\ntw");
    }
}
