//! What decompression asks the allocator for, counted.
#![cfg(all(feature = "lz4", feature = "snappy", feature = "zstd"))]

use wire_core::compress::{lz4, snappy, zstd};
use wire_core::hex;
use wire_testkit::measure;

const GIB: usize = 1 << 30;

/// Bytes asked for while `body` runs, those given back included. The C library behind `zstd` has its own allocator,
/// which is not counted.
fn allocated<T>(body: impl FnOnce() -> T) -> (u64, T) {
    let (memory, output) = measure(body);
    (memory.total, output)
}

#[test]
fn a_lie_is_not_believed_with_memory() {
    // Room for the text of an error, and nothing near the claims.
    const TEXT: u64 = 1024;

    let block = [0x10, b'A', 1, 0, 0x50, 1, 2, 3, 4, 5];
    for declared in [1 << 40, u64::MAX, 10 * 255 + 1] {
        let (bytes, result) = allocated(|| lz4::decompress(&block, declared, GIB));
        assert!(result.is_err() && bytes < TEXT, "{declared}: {bytes}");
    }
    let (bytes, result) = allocated(|| lz4::decompress(&block, 2550, GIB));
    assert!(
        result.is_err() && (2550..2550 + TEXT).contains(&bytes),
        "255 times the input may be asked for: {bytes}"
    );

    let (bytes, result) =
        allocated(|| snappy::decompress(&[0xff, 0xff, 0xff, 0xff, 0x0f], usize::MAX));
    assert!(result.is_err() && bytes < TEXT, "{bytes}");

    // libzstd 1.5.7: `compressobj` of `b"hello"` with `window_log=27`, no content size.
    let frame = hex::parse("28b52ffd008829000068656c6c6f").unwrap();
    let (bytes, result) = allocated(|| zstd::decompress(&frame, GIB, GIB));
    assert!(
        result.is_err() && (1 << 20..(1 << 20) + TEXT).contains(&bytes),
        "one first piece: {bytes}"
    );
}
