//! Raw Snappy blocks, without the framing format around them: what CQL sends. A block begins with its own
//! uncompressed length.
//!
//! Format: `format_description.txt` of the Snappy project.

use snap::{Error, raw};

use super::claim::{LENGTH, claimed, possible};
use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// Bytes that one compressed byte can become: a copy of 64 bytes takes three, which is 21⅓ each, rounded up.
const MAX_RATIO: usize = 22;
/// Allowed on top, so that the shortest blocks need no exact sums.
const MAX_EXTRA: usize = 64;

const FIELD: &str = "snappy_block";

/// Appends the block of `input` to `out`.
///
/// # Errors
/// [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong) from 4 GiB on, which the length before the block
/// cannot say; `out` is unchanged then.
pub fn compress(input: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    out.resize(start.saturating_add(raw::max_compress_len(input.len())), 0);
    let written = out
        .get_mut(start..)
        .map_or(Ok(0), |room| raw::Encoder::new().compress(input, room));
    out.truncate(start.saturating_add(*written.as_ref().unwrap_or(&0)));
    written.map(|_| ()).map_err(|e| match e {
        Error::TooBig { given, max } => EncodeError::too_long(FIELD, max, given),
        other => EncodeError::invalid(FIELD, format!("cannot be compressed: {other}")),
    })
}

/// The contents of the block `input`.
///
/// At most `max_len` bytes, and at most 22 times `input` and 64, are allocated.
///
/// # Errors
/// [`DecodeErrorKind::Limit`] if the block claims more than `max_len`; [`DecodeErrorKind::UnexpectedEnd`] if it is cut
/// off; [`DecodeErrorKind::Invalid`] if it claims more than it can hold or something else than it holds, or if it is
/// damaged.
pub fn decompress(input: &[u8], max_len: usize) -> Result<Vec<u8>, DecodeError> {
    if input.is_empty() {
        let kind = DecodeErrorKind::UnexpectedEnd { needed: 1, left: 0 };
        return Err(DecodeError::new(kind, LENGTH, 0));
    }
    let declared = raw::decompress_len(input)
        .map_err(|_| DecodeError::invalid(LENGTH, 0, "is not a varint of 32 bits"))?;
    let declared = claimed(u64::try_from(declared).unwrap_or(u64::MAX), max_len)?;
    let most = input
        .len()
        .saturating_mul(MAX_RATIO)
        .saturating_add(MAX_EXTRA);
    possible(declared, most, input.len())?;
    let mut out = vec![0; declared];
    raw::Decoder::new()
        .decompress(input, &mut out)
        .map_err(|e| damaged(&e, declared))?;
    Ok(out)
}

#[cold]
fn damaged(error: &Error, declared: usize) -> DecodeError {
    let what = match *error {
        Error::Literal { len, src_len, .. } | Error::CopyRead { len, src_len } if src_len < len => {
            let kind = DecodeErrorKind::UnexpectedEnd {
                needed: len,
                left: src_len,
            };
            return DecodeError::new(kind, FIELD, 0);
        }
        Error::Literal { .. } | Error::CopyWrite { .. } => {
            format!("holds more than the {declared} bytes that it claims")
        }
        Error::HeaderMismatch { got_len, .. } => {
            format!("holds {got_len} bytes, but claims {declared}")
        }
        Error::Offset { offset, dst_pos } => {
            format!("copies from {offset} bytes back where it has {dst_pos} bytes")
        }
        ref other => format!("is damaged: {other}"),
    };
    DecodeError::invalid(FIELD, 0, what)
}
