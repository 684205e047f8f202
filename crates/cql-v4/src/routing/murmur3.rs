//! The hash of `Murmur3Partitioner`: MurmurHash3 x64 128 with seed 0, of which the first half counts.
//!
//! Servers compute it with one deviation that is kept for ever, since rows lie where it says: the bytes behind the last
//! full block of 16 are extended with their sign (class `org.apache.cassandra.utils.MurmurHash`), so bytes from 0x80 on
//! give another hash than the published algorithm does.

/// Multipliers of the published algorithm.
const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// Bytes that are mixed in at once.
const BLOCK: usize = 16;

/// Takes bytes in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Murmur3 {
    h1: u64,
    h2: u64,
    /// Bytes of a block that is not full yet.
    pending: [u8; BLOCK],
    filled: usize,
    length: usize,
}

impl Murmur3 {
    /// Adds bytes.
    #[inline]
    pub(super) fn update(&mut self, mut data: &[u8]) {
        self.length = self.length.wrapping_add(data.len());
        if self.filled > 0 {
            let room = BLOCK.saturating_sub(self.filled).min(data.len());
            let (head, rest) = data.split_at(room);
            self.keep(head);
            data = rest;
            if self.filled < BLOCK {
                return;
            }
            self.filled = 0;
            let block = self.pending;
            self.mix(&block);
        }
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        blocks.iter().for_each(|block| self.mix(block));
        self.keep(rest);
    }

    /// The first half of the hash of all bytes.
    #[inline]
    pub(super) fn finish(self) -> i64 {
        let (mut k1, mut k2) = (0_u64, 0_u64);
        for (at, byte) in (0_u32..).zip(self.pending.iter().take(self.filled)) {
            let signed = i64::from(byte.cast_signed()).cast_unsigned();
            // Eight bytes each; a shift of more than 63 is that of the second half.
            let shift = at.wrapping_mul(8);
            if at < 8 {
                k1 ^= signed.wrapping_shl(shift);
            } else {
                k2 ^= signed.wrapping_shl(shift);
            }
        }
        let length = u64::try_from(self.length).unwrap_or(u64::MAX);
        let h2 = self.h2 ^ scramble_second(k2) ^ length;
        let h1 = (self.h1 ^ scramble_first(k1) ^ length).wrapping_add(h2);
        let h2 = h2.wrapping_add(h1);
        avalanche(h1).wrapping_add(avalanche(h2)).cast_signed()
    }

    /// Keeps bytes that do not fill a block; there is room for them.
    #[inline]
    fn keep(&mut self, data: &[u8]) {
        let end = self.filled.saturating_add(data.len());
        if let Some(place) = self.pending.get_mut(self.filled..end) {
            place.copy_from_slice(data);
            self.filled = end;
        }
    }

    #[inline]
    fn mix(&mut self, block: &[u8; BLOCK]) {
        let both = u128::from_le_bytes(*block);
        let low = both & u128::from(u64::MAX);
        let (k1, k2) = (
            u64::try_from(low).unwrap_or_default(),
            u64::try_from(both >> 64).unwrap_or_default(),
        );
        self.h1 = (self.h1 ^ scramble_first(k1))
            .rotate_left(27)
            .wrapping_add(self.h2)
            .wrapping_mul(5)
            .wrapping_add(0x52dc_e729);
        self.h2 = (self.h2 ^ scramble_second(k2))
            .rotate_left(31)
            .wrapping_add(self.h1)
            .wrapping_mul(5)
            .wrapping_add(0x3849_5ab5);
    }
}

#[inline]
fn scramble_first(k: u64) -> u64 {
    k.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

#[inline]
fn scramble_second(k: u64) -> u64 {
    k.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

#[inline]
fn avalanche(mut k: u64) -> u64 {
    k ^= k >> 33;
    k = k.wrapping_mul(0xff51_afd7_ed55_8ccd);
    k ^= k >> 33;
    k = k.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}
