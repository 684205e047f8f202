//! Blocks made by other implementations, lies about size in both directions, damage, bombs, round trips.

use proptest::prelude::*;

use crate::{DecodeError, hex};

/// Fits everything here.
const MAX: usize = 1 << 20;

/// What the blocks below were made from: short matches, bytes that do not compress, and one long run.
fn sample() -> Vec<u8> {
    let mut out = b"wire protocol ".repeat(20);
    out.extend(0..64);
    out.extend([b'z'; 600]);
    out
}

fn from_hex(text: &str) -> Vec<u8> {
    hex::parse(text).unwrap()
}

/// Any damage must give an error or other contents of the right length, never a panic.
fn every_flip_is_survived(
    block: &[u8],
    decompress: impl Fn(&[u8]) -> Result<Vec<u8>, DecodeError>,
) {
    for at in 0..block.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut bad = block.to_vec();
            bad[at] ^= mask;
            if let Ok(out) = decompress(&bad) {
                assert!(out.len() <= MAX);
            }
        }
    }
}

fn every_prefix_fails(block: &[u8], decompress: impl Fn(&[u8]) -> Result<Vec<u8>, DecodeError>) {
    for cut in 0..block.len() {
        assert!(decompress(&block[..cut]).is_err(), "cut at {cut}");
    }
}

#[cfg(feature = "lz4")]
mod lz4 {
    use super::*;
    use crate::compress::lz4::{compress, decompress};

    /// liblz4 1.9.4 (C), through python-lz4 4.4.5: `lz4.block.compress(sample, store_size=False)`.
    const BLOCK: &str = "
        ef776972652070726f746f636f6c200e00f7ff32000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d
        1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f7a0100ffff41507a7a7a7a7a";

    #[test]
    fn reads_what_the_reference_library_writes() {
        let block = from_hex(BLOCK);
        assert_eq!(decompress(&block, 944, MAX).unwrap(), sample());
        assert_eq!(decompress(&block, 944_i32, 944).unwrap(), sample());
        every_prefix_fails(&block, |b| decompress(b, 944, MAX));
        every_flip_is_survived(&block, |b| decompress(b, 944, MAX));
    }

    /// An empty block is one token of no literals and no match.
    #[test]
    fn nothing_is_one_byte() {
        assert_eq!(decompress(&[0], 0, MAX).unwrap(), b"");
        assert!(decompress(&[], 0, MAX).is_err());
    }

    #[test]
    fn lies_about_the_length_are_found() {
        let block = from_hex(BLOCK);
        let text = |declared: i64, max| decompress(&block, declared, max).unwrap_err().to_string();
        assert_eq!(
            text(945, MAX),
            "lz4_block: holds 944 bytes, but 945 were declared (at byte 0)"
        );
        assert_eq!(
            text(943, MAX),
            "lz4_block: holds more than the 943 bytes that were declared (at byte 0)"
        );
        assert!(decompress(&block, 0, MAX).is_err());
        assert_eq!(
            text(-1, MAX),
            "uncompressed_length: is negative (at byte 0)"
        );
        assert_eq!(
            text(944, 943),
            "uncompressed_length: 944 is more than the limit uncompressed bytes of 943 (at byte 0)"
        );
        assert_eq!(
            text(96 * 255 + 1, MAX),
            "uncompressed_length: is 24481, but 96 compressed bytes can hold 24480 at most (at byte 0)"
        );
        assert!(decompress(&block, u64::MAX, usize::MAX).is_err());
    }

    /// One literal, then a match of 4 MiB from 1 byte back: the bomb ends at the declared length.
    #[test]
    fn a_bomb_ends_at_the_declared_length() {
        let mut bomb = vec![0x1f, b'A', 1, 0];
        bomb.extend([0xff; 16_448]);
        bomb.push(0);
        bomb.extend([0x50, b'A', b'A', b'A', b'A', b'A']);
        let len = 1 + 19 + 16_448 * 255 + 5;
        assert_eq!(decompress(&bomb, len, len).unwrap(), vec![b'A'; len]);
        assert!(decompress(&bomb, MAX, MAX).is_err());
        assert!(decompress(&bomb, 100, MAX).is_err());
    }

    /// A match may not start before the block: with a reused buffer that would show older contents.
    #[test]
    fn a_match_from_outside_is_refused() {
        for offset in [0_u8, 2, 200] {
            let bad = [0x10, b'A', offset, 0, 0x50, 1, 2, 3, 4, 5];
            let error = decompress(&bad, 10, MAX).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("has a match that starts outside of it"),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn round_trip(input in input(), prefix in prop::collection::vec(any::<u8>(), 0..9)) {
            let mut out = prefix.clone();
            compress(&input, &mut out).unwrap();
            prop_assert_eq!(&out[..prefix.len()], &prefix[..]);
            let block = &out[prefix.len()..];
            prop_assert_eq!(decompress(block, input.len(), input.len()).unwrap(), input);
        }

        #[test]
        fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..300), declared in 0_u64..70_000) {
            let _ = decompress(&noise, declared, MAX);
        }
    }
}

#[cfg(feature = "snappy")]
mod snappy {
    use super::*;
    use crate::compress::snappy::{compress, decompress};

    /// libsnappy 1.1.9 (Google's C++), called through its C interface: `snappy_compress(sample)`.
    const BLOCK: &str = "
        b00734776972652070726f746f636f6c20fe0e00fe0e00fe0e00fe0e00190ef043000102030405060708090a0b0c0d0e0f10
        1112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f7a7a7a
        7afe0300fe0300fe0300fe0300fe0300fe0300fe0300fe0300fe03004e0300";

    #[test]
    fn reads_what_the_reference_library_writes() {
        let block = from_hex(BLOCK);
        assert_eq!(decompress(&block, 944).unwrap(), sample());
        assert_eq!(
            decompress(&[0], MAX).unwrap(),
            b"",
            "libsnappy's empty block"
        );
        every_prefix_fails(&block, |b| decompress(b, MAX));
        every_flip_is_survived(&block, |b| decompress(b, MAX));
    }

    /// The first two bytes are the length, as LEB128.
    #[test]
    fn lies_about_the_length_are_found() {
        let with = |length: &[u8]| {
            let mut block = length.to_vec();
            block.extend(&from_hex(BLOCK)[2..]);
            decompress(&block, MAX).unwrap_err().to_string()
        };
        assert_eq!(
            with(&[0xb1, 7]),
            "snappy_block: holds 944 bytes, but claims 945 (at byte 0)"
        );
        assert_eq!(
            with(&[0xaf, 7]),
            "snappy_block: holds more than the 943 bytes that it claims (at byte 0)"
        );
        assert!(with(&[0]).contains("holds more than the 0 bytes"));
        assert_eq!(
            with(&[0xff, 0xff, 0xff, 0xff, 0x0f]),
            "uncompressed_length: 4294967295 is more than the limit uncompressed bytes of 1048576 (at byte 0)"
        );
        assert_eq!(
            with(&[0xff, 0x7f]),
            "uncompressed_length: is 16383, but 131 compressed bytes can hold 2946 at most (at byte 0)"
        );
        assert!(with(&[0xff; 9]).contains("is not a varint of 32 bits"));
        let error = decompress(&from_hex(BLOCK), 943).unwrap_err();
        assert!(
            error.to_string().contains("944 is more than the limit"),
            "{error}"
        );
    }

    /// CVE-2024-36124 and its kind: five bytes that claim gigabytes.
    #[test]
    fn a_bomb_is_refused_before_memory_is_asked_for() {
        assert!(decompress(&[0xff, 0xff, 0xff, 0xff, 0x0f], usize::MAX).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(input in input(), prefix in prop::collection::vec(any::<u8>(), 0..9)) {
            let mut out = prefix.clone();
            compress(&input, &mut out).unwrap();
            prop_assert_eq!(&out[..prefix.len()], &prefix[..]);
            prop_assert_eq!(decompress(&out[prefix.len()..], input.len()).unwrap(), input);
        }

        #[test]
        fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decompress(&noise, MAX);
        }
    }
}

#[cfg(feature = "zstd")]
mod zstd {
    use super::*;
    use crate::compress::zstd::{compress, decompress};

    /// libzstd 1.5.7 (C), through python-zstandard 0.25.0: `ZstdCompressor(level=3).compress(sample)`.
    const FRAME: &str = "
        28b52ffd60b002dd0200f404776972652070726f746f636f6c20000102030405060708090a0b0c0d0e0f1011121314151617
        18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f7a020001155c151d843a
        95";
    /// The same with `write_checksum=True, write_content_size=False`.
    const CHECKED: &str = "
        28b52ffd0400dd0200f404776972652070726f746f636f6c20000102030405060708090a0b0c0d0e0f101112131415161718
        191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f7a020001155c151d843a95
        12583389";
    /// The same library: `compressobj` of `b"hello"` with `window_log=28` and with `window_log=27`, no content size.
    const WINDOW_28: &str = "28b52ffd009029000068656c6c6f";
    const WINDOW_27: &str = "28b52ffd008829000068656c6c6f";

    #[test]
    fn reads_what_the_reference_library_writes() {
        for frame in [FRAME, CHECKED].map(from_hex) {
            assert_eq!(decompress(&frame, 944, 944).unwrap(), sample());
            every_prefix_fails(&frame, |b| decompress(b, 944, MAX));
            every_flip_is_survived(&frame, |b| decompress(b, 944, MAX));
        }
        let empty = from_hex("28b52ffd2000010000");
        assert_eq!(decompress(&empty, 0, 0).unwrap(), b"");
    }

    #[test]
    fn lies_about_the_length_are_found() {
        let text = |frame: &str, declared: i64, max| {
            decompress(&from_hex(frame), declared, max)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            text(FRAME, 945, MAX),
            "uncompressed_length: is 945, but the Zstandard frame says 944 (at byte 0)"
        );
        assert_eq!(
            text(CHECKED, 945, MAX),
            "zstd_frame: holds 944 bytes, but 945 were declared (at byte 0)"
        );
        assert!(
            text(CHECKED, 943, MAX).contains("holds more than the 943 bytes that were declared")
        );
        assert!(text(CHECKED, 0, MAX).contains("holds more than the 0 bytes that were declared"));
        assert!(
            text(FRAME, 944, 943).contains("944 is more than the limit uncompressed bytes of 943")
        );
        assert!(text(FRAME, -5, MAX).contains("is negative"));
    }

    #[test]
    fn one_frame_and_nothing_else() {
        let mut frame = from_hex(FRAME);
        frame.push(0);
        let error = decompress(&frame, 944, MAX).unwrap_err();
        assert_eq!(
            error.to_string(),
            "zstd_frame: 1 byte is left after the last field (at byte 101)"
        );
        let mut checked = from_hex(CHECKED);
        *checked.last_mut().unwrap() ^= 1;
        let error = decompress(&checked, 944, MAX).unwrap_err();
        assert!(error.to_string().contains("checksum"), "{error}");
    }

    /// 27 bits is the most, and only for contents of that size; 28 bits is refused whatever is declared.
    #[test]
    fn the_window_is_bounded() {
        for (frame, declared) in [(WINDOW_27, 5), (WINDOW_28, 5), (WINDOW_28, 1 << 30)] {
            let error = decompress(&from_hex(frame), declared, 1 << 30).unwrap_err();
            assert!(error.to_string().contains("memory"), "{error}");
        }
        let error = decompress(&from_hex(WINDOW_27), 1 << 27, 1 << 27).unwrap_err();
        assert!(error.to_string().contains("holds 5 bytes"), "{error}");
    }

    /// A header, then blocks of type RLE: each makes 128 KiB of four bytes (RFC 8878 §3.1.1.2). Half of the bomb is
    /// refused by the declared length long before the gigabyte that it could become.
    #[test]
    fn a_bomb_ends_at_the_declared_length() {
        let mut bomb = from_hex("28b52ffd 00 58");
        for i in 0..8192_u32 {
            let last = u32::from(i == 8191);
            let [a, b, c, _] = ((131_072 << 3) | (1 << 1) | last).to_le_bytes();
            bomb.extend([a, b, c, 0]);
        }
        let error = decompress(&bomb, 3_000_000, MAX * 4).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("holds more than the 3000000 bytes"),
            "{error}"
        );
        let short = &bomb[..6 + 4 * 16];
        let error = decompress(short, 1 << 30, 1 << 30).unwrap_err();
        assert!(error.to_string().contains("but 0 are left"), "{error}");
    }

    proptest! {
        #[test]
        fn round_trip(input in input(), level in -3..23_i32, prefix in prop::collection::vec(any::<u8>(), 0..9)) {
            let mut out = prefix.clone();
            compress(&input, level.min(9), &mut out).unwrap();
            prop_assert_eq!(&out[..prefix.len()], &prefix[..]);
            let frame = &out[prefix.len()..];
            prop_assert_eq!(decompress(frame, input.len(), input.len()).unwrap(), input);
        }

        #[test]
        fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..300), declared in 0_u64..70_000) {
            let mut frame = from_hex("28b52ffd");
            frame.extend(noise);
            let _ = decompress(&frame, declared, MAX);
        }
    }
}

/// Bytes of few values, some repeated often, so that all of literals, short and long matches appear.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = (prop::collection::vec(0_u8..6, 0..40), 1_usize..60);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| {
        pieces
            .into_iter()
            .flat_map(|(bytes, n)| bytes.repeat(n))
            .collect()
    })
}
