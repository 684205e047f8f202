//! Checks of the uncompressed length that a peer claims.

use crate::DecodeError;

/// The field that all errors about a claimed length name.
pub(super) const LENGTH: &str = "uncompressed_length";

/// A length that the peer claims, if it is not negative and not above `max_len`.
pub(super) fn claimed(length: impl TryInto<u64>, max_len: usize) -> Result<usize, DecodeError> {
    let length = length
        .try_into()
        .map_err(|_| DecodeError::invalid(LENGTH, 0, "is negative"))?;
    match usize::try_from(length) {
        Ok(fits) if fits <= max_len => Ok(fits),
        _ => {
            let limit = u64::try_from(max_len).unwrap_or(u64::MAX);
            Err(DecodeError::limit(
                LENGTH,
                0,
                "uncompressed bytes",
                limit,
                length,
            ))
        }
    }
}

/// Refuses a claim of more than `most` bytes, which is what the format can make of the compressed bytes there are.
#[cfg(any(feature = "lz4", feature = "snappy"))]
pub(super) fn possible(length: usize, most: usize, compressed: usize) -> Result<(), DecodeError> {
    if length <= most {
        return Ok(());
    }
    let what = format!("is {length}, but {compressed} compressed bytes can hold {most} at most");
    Err(DecodeError::invalid(LENGTH, 0, what))
}
