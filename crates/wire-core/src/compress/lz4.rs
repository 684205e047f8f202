//! Raw LZ4 blocks, without the LZ4 frame format around them: what CQL and ClickHouse send.
//!
//! Format: `lz4_Block_format.md` of the LZ4 project.

use lz4_flex::block::{self, DecompressError};

use super::claim::{claimed, possible};
use crate::{DecodeError, EncodeError};

/// Bytes that one compressed byte can become: each byte of a match length adds 255.
const MAX_RATIO: usize = 255;

/// Longest input of a block: `LZ4_MAX_INPUT_SIZE` of `lz4.h`.
pub const MAX_INPUT: usize = 0x7e00_0000;

const FIELD: &str = "lz4_block";

/// Appends the block of `input` to `out`. The length of `input` is not written.
///
/// # Errors
/// [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong) above [`MAX_INPUT`]; `out` is unchanged then.
pub fn compress(input: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if input.len() > MAX_INPUT {
        let len = u64::try_from(input.len()).unwrap_or(u64::MAX);
        return Err(EncodeError::too_long(FIELD, 0x7e00_0000, len));
    }
    // Into a buffer of the library's own: it need not be filled with zeros before.
    out.extend_from_slice(&block::compress(input));
    Ok(())
}

/// The contents of the block `input`, which the peer says are `declared_len` bytes.
///
/// At most `max_len` bytes, and at most 255 times `input`, are allocated.
///
/// # Errors
/// [`DecodeErrorKind::Limit`](crate::DecodeErrorKind::Limit) if `declared_len` is above `max_len`;
/// [`DecodeErrorKind::Invalid`](crate::DecodeErrorKind::Invalid) if it is negative, more than the block can hold or
/// not what the block holds, or if the block is damaged.
pub fn decompress(
    input: &[u8],
    declared_len: impl TryInto<u64>,
    max_len: usize,
) -> Result<Vec<u8>, DecodeError> {
    let declared = claimed(declared_len, max_len)?;
    possible(declared, input.len().saturating_mul(MAX_RATIO), input.len())?;
    let mut out = vec![0; declared];
    let what = match block::decompress_into(input, &mut out) {
        Ok(n) if n == declared => return Ok(out),
        Ok(n) => format!("holds {n} bytes, but {declared} were declared"),
        Err(DecompressError::OutputTooSmall { .. }) => {
            format!("holds more than the {declared} bytes that were declared")
        }
        Err(DecompressError::ExpectedAnotherByte | DecompressError::LiteralOutOfBounds) => {
            format!("ends inside a sequence after {} bytes", input.len())
        }
        Err(DecompressError::OffsetZero | DecompressError::OffsetOutOfBounds) => {
            "has a match that starts outside of it".to_owned()
        }
        Err(other) => format!("is damaged: {other}"),
    };
    Err(DecodeError::invalid(FIELD, 0, what))
}
