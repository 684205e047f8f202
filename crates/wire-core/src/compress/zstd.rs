//! Zstandard frames, one for each block: what ClickHouse sends.
//!
//! Format: RFC 8878.

use std::io;

use zstd::bulk::Compressor;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe;

use super::claim::{LENGTH, claimed};
use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// Windows up to 128 MiB are accepted, the most that the reference decoder accepts without being asked to.
const MAX_WINDOW_LOG: u32 = 27;
/// Windows up to 8 MiB are accepted for contents of any length: RFC 8878 §3.1.1.1.2 asks all decoders for that.
const MIN_WINDOW_LOG: u32 = 23;

/// The first allocation for contents of unknown truth: the usual block of ClickHouse in one piece.
const FIRST_ALLOCATION: usize = 1 << 20;

const FIELD: &str = "zstd_frame";

/// Appends one frame with the contents `input` to `out`.
///
/// `level` is 1 (fast) to 22 (small), or 0 for the default of 3; others are brought into that range.
///
/// # Errors
/// [`EncodeErrorKind::Invalid`](crate::EncodeErrorKind::Invalid) if the encoder cannot get memory; `out` is unchanged
/// then.
pub fn compress(input: &[u8], level: i32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let failed = |e: io::Error| EncodeError::invalid(FIELD, format!("cannot be compressed: {e}"));
    let start = out.len();
    out.resize(
        start.saturating_add(zstd_safe::compress_bound(input.len())),
        0,
    );
    let written = Compressor::new(level.clamp(0, 22)).and_then(|mut compressor| {
        out.get_mut(start..)
            .map_or(Ok(0), |room| compressor.compress_to_buffer(input, room))
    });
    out.truncate(start.saturating_add(*written.as_ref().unwrap_or(&0)));
    written.map(|_| ()).map_err(failed)
}

/// The contents of the frame `input`, which the peer says are `declared_len` bytes.
///
/// A frame of a few bytes can become gigabytes, so the claim proves nothing: the result grows as contents come, by
/// doubling, up to `declared_len`. A window of more than 8 MiB is accepted only for contents as long, and never above
/// 128 MiB.
///
/// # Errors
/// [`DecodeErrorKind::Limit`] if `declared_len` is above `max_len`; [`DecodeErrorKind::UnexpectedEnd`] if the frame is
/// cut off; [`DecodeErrorKind::TrailingBytes`] if something follows it; [`DecodeErrorKind::Invalid`] if `declared_len`
/// is negative or not what the frame holds, if its window is too large, or if it is damaged.
pub fn decompress(
    input: &[u8],
    declared_len: impl TryInto<u64>,
    max_len: usize,
) -> Result<Vec<u8>, DecodeError> {
    let declared = claimed(declared_len, max_len)?;
    agrees_with_frame(input, declared)?;
    let mut decoder = decoder(declared).map_err(|e| damaged(&e, 0))?;
    let mut source = InBuffer::around(input);
    let mut out = Vec::new();
    loop {
        grow(&mut out, declared);
        let before = (source.pos(), out.len());
        let mut room = OutBuffer::around_pos(&mut out, before.1);
        let wanted = decoder
            .run(&mut source, &mut room)
            .map_err(|e| damaged(&e, before.0))?;
        let at = source.pos();
        if wanted == 0 {
            return whole(out, declared, at, input.len());
        }
        let stuck = (at, out.len()) == before;
        if out.len() > declared || (stuck && at < input.len()) {
            let what = format!("holds more than the {declared} bytes that were declared");
            return Err(DecodeError::invalid(FIELD, at, what));
        }
        if stuck {
            let kind = DecodeErrorKind::UnexpectedEnd {
                needed: to_u64(wanted),
                left: 0,
            };
            return Err(DecodeError::new(kind, FIELD, at));
        }
    }
}

/// Makes room in a full `out`: a first piece, then as much again, never for more than `declared` in all.
fn grow(out: &mut Vec<u8>, declared: usize) {
    if out.len() == out.capacity() {
        let missing = declared.saturating_sub(out.len());
        out.reserve_exact(missing.min(out.len().max(FIRST_ALLOCATION)));
    }
}

/// Compares the claim with the frame's own, if it makes one, before memory is asked for.
fn agrees_with_frame(input: &[u8], declared: usize) -> Result<(), DecodeError> {
    match zstd_safe::get_frame_content_size(input) {
        Ok(Some(size)) if size != to_u64(declared) => {
            let what = format!("is {declared}, but the Zstandard frame says {size}");
            Err(DecodeError::invalid(LENGTH, 0, what))
        }
        // A damaged header is reported by the decoder, which knows more about it.
        _ => Ok(()),
    }
}

/// A decoder that refuses windows which contents of `declared` bytes have no use for.
fn decoder(declared: usize) -> io::Result<Decoder<'static>> {
    let bits = usize::BITS.saturating_sub(declared.leading_zeros());
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(
        bits.clamp(MIN_WINDOW_LOG, MAX_WINDOW_LOG),
    ))?;
    Ok(decoder)
}

/// The contents of a frame that ends `at` a byte, if they are as long as declared and the input ends there as well.
fn whole(out: Vec<u8>, declared: usize, at: usize, end: usize) -> Result<Vec<u8>, DecodeError> {
    if out.len() != declared {
        let what = format!("holds {} bytes, but {declared} were declared", out.len());
        return Err(DecodeError::invalid(FIELD, 0, what));
    }
    match end.saturating_sub(at) {
        0 => Ok(out),
        left => Err(DecodeError::new(
            DecodeErrorKind::TrailingBytes { left: to_u64(left) },
            FIELD,
            at,
        )),
    }
}

#[cold]
fn damaged(error: &io::Error, offset: usize) -> DecodeError {
    DecodeError::invalid(FIELD, offset, format!("cannot be decompressed: {error}"))
}

/// `usize` is at most 64 bits wide on every target of Rust.
fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
