//! What holds for the codec of each message.

use std::fmt::{Debug, Display};
use std::ops::Range;

use bytes::Bytes;

use super::SHOWN;
use crate::{Reader, hex};

/// Counts and lengths of a hostile peer in four bytes, big-endian: the largest number, and one that a limit of 100
/// million lets pass.
pub const BIG_I32_BE: &[&[u8]] = &[&[0x7f, 0xff, 0xff, 0xff], &[0x05, 0xf5, 0xe1, 0x00]];
/// [`BIG_I32_BE`] in little-endian.
pub const BIG_I32_LE: &[&[u8]] = &[&[0xff, 0xff, 0xff, 0x7f], &[0x00, 0xe1, 0xf5, 0x05]];
/// Counts and lengths of a hostile peer in two bytes of any order: the largest signed and unsigned numbers.
pub const BIG_U16: &[&[u8]] = &[&[0xff, 0xff], &[0x7f, 0xff], &[0xff, 0x7f]];
/// Counts and lengths of a hostile peer as LEB128: 100 million, 2³¹ - 1, 2³², 2⁶⁴ - 1.
pub const BIG_LEB128: &[&[u8]] = &[
    &[0x80, 0xc2, 0xd7, 0x2f],
    &[0xff, 0xff, 0xff, 0xff, 0x07],
    &[0x80, 0x80, 0x80, 0x80, 0x10],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/// Decodes `bytes`, all of them.
#[track_caller]
fn decode_all<T, E: Display>(decode: impl Fn(&mut Reader<'_>) -> Result<T, E>, bytes: &[u8]) -> T {
    let bytes = Bytes::copy_from_slice(bytes);
    let mut r = Reader::over(&bytes);
    match decode(&mut r) {
        Ok(value) if r.is_empty() => value,
        Ok(_) => panic!(
            "the decoder left {} of these bytes:\n{}",
            r.left(),
            hex::dump(&bytes, SHOWN)
        ),
        Err(e) => panic!("{e}\n{}", hex::dump(&bytes, SHOWN)),
    }
}

/// Whether `bytes` are refused, or not all read.
fn fails<T, E>(decode: impl Fn(&mut Reader<'_>) -> Result<T, E>, bytes: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(bytes);
    let mut r = Reader::over(&bytes);
    decode(&mut r).is_err() || !r.is_empty()
}

/// Demands that `value` becomes `bytes`.
#[track_caller]
fn encodes_to<T: Debug, E: Display>(
    encode: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    value: &T,
    bytes: &[u8],
) {
    let out = encoded(encode, value);
    if out == bytes {
        return;
    }
    let at = out.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    panic!(
        "{value:?}\nis written differently from byte {at} on:\n{}expected:\n{}",
        hex::dump(&out, SHOWN),
        hex::dump(bytes, SHOWN)
    );
}

/// The bytes of `value`, written behind others, which must stay.
#[track_caller]
fn encoded<T: Debug, E: Display>(
    encode: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    value: &T,
) -> Vec<u8> {
    const BEFORE: &[u8] = b"before";
    let mut out = BEFORE.to_vec();
    if let Err(e) = encode(value, &mut out) {
        panic!("{value:?} cannot be written: {e}");
    }
    match out.strip_prefix(BEFORE) {
        Some(bytes) => bytes.to_vec(),
        None => panic!("{value:?}: the encoder changed bytes that were there before it"),
    }
}

/// Bytes made by another implementation: they decode to `expected`, and `expected` becomes the same bytes.
///
/// # Panics
/// If not.
#[track_caller]
pub fn golden<T: Debug + PartialEq, D: Display, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, D>,
    encode: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    bytes: &[u8],
    expected: &T,
) {
    assert_eq!(
        &decode_all(decode, bytes),
        expected,
        "of\n{}",
        hex::dump(bytes, SHOWN)
    );
    encodes_to(encode, expected, bytes);
}

/// Each strict prefix of a message is refused, the empty one included.
///
/// # Panics
/// With the first prefix that is taken for a message.
#[track_caller]
pub fn every_prefix_fails<T: Debug, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, E>,
    bytes: &[u8],
) {
    decode_all(&decode, bytes);
    for (cut, _) in bytes.iter().enumerate() {
        let prefix = bytes.get(..cut).unwrap_or(bytes);
        assert!(
            fails(&decode, prefix),
            "cut to {cut} bytes, it still decodes:\n{}",
            hex::dump(bytes, SHOWN)
        );
    }
}

/// A message with a byte more than it needs is refused, or the byte is left in the reader.
///
/// # Panics
/// If the byte vanishes.
#[track_caller]
pub fn trailing_byte_fails<T: Debug, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, E>,
    bytes: &[u8],
) {
    for extra in [0, 1, 0xff] {
        let more = [bytes, &[extra]].concat();
        assert!(
            fails(&decode, &more),
            "a trailing {extra:#04x} vanishes behind\n{}",
            hex::dump(bytes, SHOWN)
        );
    }
}

/// The tests that each message has: [`golden`], [`every_prefix_fails`], [`trailing_byte_fails`].
///
/// # Panics
/// If one of them fails.
#[track_caller]
pub fn fixed_set<T: Debug + PartialEq, D: Display, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, D>,
    encode: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    bytes: &[u8],
    expected: &T,
) {
    golden(&decode, encode, bytes, expected);
    every_prefix_fails(&decode, bytes);
    trailing_byte_fails(&decode, bytes);
}

/// `value` comes back, and the reader ends where the bytes end.
///
/// # Panics
/// If not.
#[track_caller]
pub fn round_trip<T: Debug + PartialEq, D: Display, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, D>,
    encode: impl Fn(&T, &mut Vec<u8>) -> Result<(), E>,
    value: &T,
) {
    let bytes = encoded(encode, value);
    assert_eq!(
        &decode_all(decode, &bytes),
        value,
        "through\n{}",
        hex::dump(&bytes, SHOWN)
    );
}

/// A small message that claims to be large is refused: the bytes at `count` are replaced by each of `lies`, for
/// example [`BIG_I32_BE`].
///
/// # Panics
/// If the message as it is does not decode, or if one with a lie does.
#[track_caller]
pub fn lying_count_fails<T: Debug, E: Display>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, E>,
    bytes: &[u8],
    count: Range<usize>,
    lies: &[&[u8]],
) {
    decode_all(&decode, bytes);
    for lie in lies {
        let mut bad = bytes.to_vec();
        bad.splice(count.clone(), lie.iter().copied());
        assert!(
            fails(&decode, &bad),
            "the count {lie:02x?} is believed:\n{}",
            hex::dump(&bad, SHOWN)
        );
    }
}

/// Changes each byte of a message to each of a few others, and to none; the decoder may do as it likes with the
/// result, save panic.
pub fn every_change_is_survived<T, E>(
    decode: impl Fn(&mut Reader<'_>) -> Result<T, E>,
    bytes: &[u8],
) {
    for at in 0..bytes.len() {
        for mask in [0x01, 0x04, 0x20, 0x80, 0xff] {
            let mut bad = bytes.to_vec();
            if let Some(byte) = bad.get_mut(at) {
                *byte ^= mask;
            }
            let _ = fails(&decode, &bad);
        }
        let mut bad = bytes.to_vec();
        bad.remove(at);
        let _ = fails(&decode, &bad);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DecodeError, EncodeError, Prefix, Writer};

    type Words = Vec<u16>;

    fn decode(r: &mut Reader<'_>) -> Result<Words, DecodeError> {
        let n = r.u16_be("n")?;
        let n = r.count("n", n, 2)?;
        (0..n).map(|_| r.u16_be("word")).collect()
    }

    fn encode(words: &Words, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut w = Writer::new(out);
        w.length(Prefix::U16Be, "n", words.len())?;
        words.iter().for_each(|&word| w.u16_be(word));
        Ok(())
    }

    const BYTES: &[u8] = &[0, 2, 0, 7, 0, 9];

    fn panics(body: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let cause = std::panic::catch_unwind(body).expect_err("the helper let it pass");
        cause.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn a_right_codec_passes() {
        fixed_set(decode, encode, BYTES, &vec![7, 9]);
        round_trip(decode, encode, &vec![1, 2, 3]);
        lying_count_fails(decode, BYTES, 0..2, BIG_U16);
        every_change_is_survived(decode, BYTES);
    }

    #[test]
    fn a_wrong_value_or_spelling_is_found() {
        assert!(panics(|| golden(decode, encode, BYTES, &vec![7, 8])).contains("[7, 9]"));
        let zeros = |words: &Words, out: &mut Vec<u8>| {
            out.resize(out.len() + 2 + 2 * words.len(), 0);
            Ok::<_, EncodeError>(())
        };
        let text = panics(|| golden(decode, zeros, BYTES, &vec![7, 9]));
        assert!(
            text.contains("is written differently from byte 1 on"),
            "{text}"
        );
        let clearing = |words: &Words, out: &mut Vec<u8>| {
            out.clear();
            encode(words, out)
        };
        let text = panics(|| round_trip(decode, clearing, &vec![1]));
        assert!(
            text.contains("changed bytes that were there before it"),
            "{text}"
        );
    }

    #[test]
    fn a_lenient_decoder_is_found() {
        let lenient = |r: &mut Reader<'_>| {
            let words: Words = std::iter::from_fn(|| r.u16_be("word").ok())
                .skip(1)
                .collect();
            r.skip("rest", r.left())?;
            Ok::<_, DecodeError>(words)
        };
        assert!(panics(|| every_prefix_fails(lenient, BYTES)).contains("cut to 0 bytes"));
        assert!(
            panics(|| trailing_byte_fails(lenient, BYTES)).contains("a trailing 0x00 vanishes")
        );
        let text = panics(|| lying_count_fails(lenient, BYTES, 0..2, BIG_U16));
        assert!(text.contains("the count [ff, ff] is believed"), "{text}");
        let lazy = |r: &mut Reader<'_>| r.u16_be("n").map(|n| vec![n]);
        assert!(panics(|| golden(lazy, encode, BYTES, &vec![2])).contains("left 4 of these bytes"));
    }
}
