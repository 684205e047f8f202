//! LZ4, Snappy and Zstandard with bounded output, one module each behind the feature of its name.
//!
//! Compressed bytes say how long the result will be, and may lie. Here the claim is checked against the limit of the
//! caller and against what the format can expand to before memory is asked for, the result has exactly the length that
//! was claimed, and it is always a fresh buffer, so that nothing of an earlier message can show through.
//!
//! Offsets of errors count from the start of the compressed bytes.

#[cfg(any(feature = "lz4", feature = "snappy", feature = "zstd"))]
mod claim;
#[cfg(feature = "lz4")]
pub mod lz4;
#[cfg(feature = "snappy")]
pub mod snappy;
#[cfg(feature = "zstd")]
pub mod zstd;

#[cfg(all(test, any(feature = "lz4", feature = "snappy", feature = "zstd")))]
mod tests;
