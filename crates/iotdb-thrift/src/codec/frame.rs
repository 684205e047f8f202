//! Frames: a length of four bytes, big-endian, and so many bytes of one message (Thrift framed transport). IoTDB speaks
//! nothing else since 0.11.

use bytes::Bytes;
use wire_core::{DecodeError, RecvBuf};

/// Bytes of the length before each message.
pub(crate) const PREFIX_LEN: usize = 4;

/// Splits the next message off what has arrived, without a copy and without its length prefix. `None` means that more
/// bytes must come; the buffer grows with them, whatever the prefix says.
///
/// # Errors
/// `Limit` if the message is longer than `max_frame_bytes`; `Invalid` if the length can be none, with a hint if the
/// bytes are known from another protocol. The connection cannot be used after either.
pub(crate) fn split(
    buf: &mut RecvBuf,
    max_frame_bytes: usize,
) -> Result<Option<Bytes>, DecodeError> {
    let Some(prefix) = buf.filled().first_chunk::<PREFIX_LEN>() else {
        return Ok(None);
    };
    let len = checked_len(*prefix, max_frame_bytes)?;
    if buf.len().saturating_sub(PREFIX_LEN) < len {
        return Ok(None);
    }
    buf.advance(PREFIX_LEN);
    Ok(buf.take(len))
}

fn checked_len(prefix: [u8; PREFIX_LEN], max_frame_bytes: usize) -> Result<usize, DecodeError> {
    const FIELD: &str = "frame length";
    let hint = match &prefix {
        b"HTTP" => "; the server speaks HTTP: is this the port of its REST service?",
        [0x15 | 0x16, 3, ..] => "; the server speaks TLS: turn TLS on",
        [0x80, 1, ..] | [0x82, ..] => {
            "; the server does not use frames, which IoTDB has used since 0.11"
        }
        _ => "",
    };
    let len = i32::from_be_bytes(prefix);
    if !hint.is_empty() || len < 0 {
        let what = format!("is {len} (bytes {prefix:02x?}), which is no length{hint}");
        return Err(DecodeError::invalid(FIELD, 0, what));
    }
    match usize::try_from(len) {
        Ok(len) if len <= max_frame_bytes => Ok(len),
        _ => {
            let limit = u64::try_from(max_frame_bytes).unwrap_or(u64::MAX);
            let actual = u64::from(len.unsigned_abs());
            Err(DecodeError::limit(
                FIELD,
                0,
                "max_frame_bytes",
                limit,
                actual,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_core::DecodeErrorKind;

    fn buffer(bytes: &[u8]) -> RecvBuf {
        let mut buf = RecvBuf::new();
        buf.extend_from_slice(bytes);
        buf
    }

    #[test]
    fn messages_are_split_off_once_they_are_whole_and_without_a_copy() {
        let stream = [0, 0, 0, 2, b'o', b'k', 0, 0, 0, 0, 0, 0, 0, 1, b'z'];
        let mut buf = RecvBuf::new();
        let mut messages = Vec::new();
        for byte in stream {
            buf.extend_from_slice(&[byte]);
            messages.extend(split(&mut buf, 2).unwrap());
        }
        assert_eq!(messages, [&b"ok"[..], b"", b"z"]);
        assert!(buf.is_empty());

        let mut buf = buffer(&stream);
        let at = buf.filled()[4..].as_ptr();
        assert_eq!(split(&mut buf, 2).unwrap().unwrap().as_ptr(), at);
    }

    #[test]
    fn a_frame_above_the_limit_is_refused_before_it_arrives() {
        let error = split(&mut buffer(&[0, 0, 4, 1]), 1024).unwrap_err();
        assert_eq!(
            *error.kind(),
            DecodeErrorKind::Limit {
                name: "max_frame_bytes",
                limit: 1024,
                actual: 1025
            }
        );
        assert_eq!(split(&mut buffer(&[0, 0, 4, 0]), 1024).unwrap(), None);
    }

    #[test]
    fn what_is_no_frame_says_what_it_may_be() {
        for (bytes, hint) in [
            (*b"HTTP", "HTTP"),
            ([0x15, 3, 3, 0], "TLS"),
            ([0x16, 3, 1, 2], "TLS"),
            ([0x80, 1, 0, 2], "does not use frames"),
            ([0x82, 0x41, 0, 3], "does not use frames"),
            ([0xff, 0xff, 0xff, 0xff], "is -1"),
        ] {
            let error = split(&mut buffer(&bytes), usize::MAX).unwrap_err();
            assert!(error.to_string().contains(hint), "{error}");
        }
    }
}
