//! CityHash128 as of CityHash version 1.0.2, the checksum of compression frames.
//!
//! Later versions of CityHash give other values; ClickHouse stays with this one (`contrib/cityhash102`). The
//! algorithm is by Google, described in CityHash 1.0.2's `city.cc`.

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;
const K3: u64 = 0xc949_d7c7_509e_6557;
/// Multiplier of the final mixing, from Murmur.
const MIX: u64 = 0x9ddf_ea08_eb38_2d69;

/// The checksum in the order of a frame: low half little-endian, then high half.
pub fn checksum(data: &[u8]) -> [u8; 16] {
    let (low, high) = hash128(data);
    let mut out = [0; 16];
    let (first, second) = out.split_at_mut(8);
    first.copy_from_slice(&low.to_le_bytes());
    second.copy_from_slice(&high.to_le_bytes());
    out
}

/// The hash as (low half, high half).
pub fn hash128(data: &[u8]) -> (u64, u64) {
    let len = to_u64(data.len());
    if let Some((seed, rest)) = data.split_first_chunk::<16>() {
        hash_seeded(rest, word(seed, 0) ^ K3, word(seed, 8))
    } else if len >= 8 {
        let low = word(data, 0) ^ len.wrapping_mul(K0);
        let high = word(data, data.len().saturating_sub(8)) ^ K1;
        murmur(&[], low, high)
    } else {
        murmur(data, K0, K1)
    }
}

fn hash_seeded(data: &[u8], low: u64, high: u64) -> (u64, u64) {
    if data.len() < 128 {
        return murmur(data, low, high);
    }
    let mut state = State::new(data, low, high);
    let (halves, _) = data.as_chunks::<64>();
    // Two halves a round: an odd half at the end belongs to the tail.
    let rounds = data.len() / 128;
    for half in halves.iter().take(rounds.saturating_mul(2)) {
        state.round(half);
    }
    state.finish(data, data.len() % 128)
}

struct State {
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl State {
    fn new(data: &[u8], x: u64, y: u64) -> Self {
        let z = to_u64(data.len()).wrapping_mul(K1);
        let v0 = (y ^ K1)
            .rotate_right(49)
            .wrapping_mul(K1)
            .wrapping_add(word(data, 0));
        let v1 = v0
            .rotate_right(42)
            .wrapping_mul(K1)
            .wrapping_add(word(data, 8));
        let w0 = y
            .wrapping_add(z)
            .rotate_right(35)
            .wrapping_mul(K1)
            .wrapping_add(x);
        let w1 = x
            .wrapping_add(word(data, 88))
            .rotate_right(53)
            .wrapping_mul(K1);
        Self {
            x,
            y,
            z,
            v: (v0, v1),
            w: (w0, w1),
        }
    }

    #[inline]
    fn round(&mut self, half: &[u8; 64]) {
        let mut s = [0_u64; 8];
        for (slot, bytes) in s.iter_mut().zip(half.as_chunks::<8>().0) {
            *slot = u64::from_le_bytes(*bytes);
        }
        let [s0, s1, s2, s3, s4, s5, s6, s7] = s;
        let x = self
            .x
            .wrapping_add(self.y)
            .wrapping_add(self.v.0)
            .wrapping_add(s2);
        let y = self.y.wrapping_add(self.v.1).wrapping_add(s6);
        let x = x.rotate_right(37).wrapping_mul(K1) ^ self.w.1;
        let y = y.rotate_right(42).wrapping_mul(K1) ^ self.v.0;
        let z = (self.z ^ self.w.0).rotate_right(33);
        self.v = weak(
            [s0, s1, s2, s3],
            self.v.1.wrapping_mul(K1),
            x.wrapping_add(self.w.0),
        );
        self.w = weak([s4, s5, s6, s7], z.wrapping_add(self.w.1), y);
        (self.x, self.y, self.z) = (z, y, x);
    }

    fn finish(self, data: &[u8], tail: usize) -> (u64, u64) {
        let Self {
            mut x,
            mut y,
            z,
            mut v,
            mut w,
        } = self;
        y = y
            .wrapping_add(w.0.rotate_right(37).wrapping_mul(K0))
            .wrapping_add(z);
        x = x.wrapping_add(v.0.wrapping_add(z).rotate_right(49).wrapping_mul(K0));
        // The tail in pieces of 32 from the end; the last piece may begin in bytes that were hashed already.
        for done in (32..).step_by(32).take(tail.div_ceil(32)) {
            let at = data.len().saturating_sub(done);
            y = y
                .wrapping_sub(x)
                .rotate_right(42)
                .wrapping_mul(K0)
                .wrapping_add(v.1);
            w.0 = w.0.wrapping_add(word(data, at.saturating_add(16)));
            x = x.rotate_right(49).wrapping_mul(K0).wrapping_add(w.0);
            w.0 = w.0.wrapping_add(v.0);
            let piece = [0, 8, 16, 24].map(|i| word(data, at.saturating_add(i)));
            v = weak(piece, v.0, v.1);
        }
        x = mix(x, v.0);
        y = mix(y, w.0);
        (
            mix(x.wrapping_add(v.1), w.1).wrapping_add(y),
            mix(x.wrapping_add(w.1), y.wrapping_add(v.1)),
        )
    }
}

fn murmur(data: &[u8], low: u64, high: u64) -> (u64, u64) {
    let len = to_u64(data.len());
    let (mut a, mut b) = (low, high);
    let (mut c, mut d);
    if data.len() <= 16 {
        a = shift_mix(a.wrapping_mul(K1)).wrapping_mul(K1);
        c = b.wrapping_mul(K1).wrapping_add(short(data));
        d = shift_mix(a.wrapping_add(if data.len() >= 8 { word(data, 0) } else { c }));
    } else {
        c = mix(word(data, data.len().saturating_sub(8)).wrapping_add(K1), a);
        d = mix(
            b.wrapping_add(len),
            c.wrapping_add(word(data, data.len().saturating_sub(16))),
        );
        a = a.wrapping_add(d);
        let rounds = data.len().saturating_sub(1) / 16;
        for pair in data.as_chunks::<16>().0.iter().take(rounds) {
            a = (a ^ shift_mix(word(pair, 0).wrapping_mul(K1)).wrapping_mul(K1)).wrapping_mul(K1);
            b ^= a;
            c = (c ^ shift_mix(word(pair, 8).wrapping_mul(K1)).wrapping_mul(K1)).wrapping_mul(K1);
            d ^= c;
        }
    }
    a = mix(a, c);
    b = mix(d, b);
    (a ^ b, mix(b, a))
}

/// Up to 16 bytes.
fn short(data: &[u8]) -> u64 {
    let len = to_u64(data.len());
    match data {
        [] => K2,
        [a, ..] if data.len() < 4 => {
            let at = |i: usize| data.get(i).copied().map_or(0, u32::from);
            let y = u32::from(*a).wrapping_add(at(data.len() / 2) << 8);
            let z = at(data.len().saturating_sub(1)) << 2;
            let z = len.wrapping_add(u64::from(z));
            shift_mix(u64::from(y).wrapping_mul(K2) ^ z.wrapping_mul(K3)).wrapping_mul(K2)
        }
        _ if data.len() <= 8 => {
            let low = u64::from(half_word(data, 0)) << 3;
            let high = half_word(data, data.len().saturating_sub(4));
            mix(len.wrapping_add(low), u64::from(high))
        }
        _ => {
            let b = word(data, data.len().saturating_sub(8));
            let turn = u32::try_from(len).unwrap_or(0);
            mix(word(data, 0), b.wrapping_add(len).rotate_right(turn)) ^ b
        }
    }
}

fn weak([w, x, y, z]: [u64; 4], a: u64, b: u64) -> (u64, u64) {
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let sum = a.wrapping_add(x).wrapping_add(y);
    (
        sum.wrapping_add(z),
        b.wrapping_add(sum.rotate_right(44)).wrapping_add(a),
    )
}

fn mix(low: u64, high: u64) -> u64 {
    let a = shift_mix((low ^ high).wrapping_mul(MIX));
    shift_mix((high ^ a).wrapping_mul(MIX)).wrapping_mul(MIX)
}

fn shift_mix(value: u64) -> u64 {
    value ^ (value >> 47)
}

/// Eight bytes at `at`; the callers stay within `data`.
#[inline]
fn word(data: &[u8], at: usize) -> u64 {
    data.get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |b| u64::from_le_bytes(*b))
}

#[inline]
fn half_word(data: &[u8], at: usize) -> u32 {
    data.get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |b| u32::from_le_bytes(*b))
}

fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 88 checksums computed by the ClickHouse engine; see `tests/fixtures/ORIGIN.md`.
    #[test]
    fn agrees_with_the_engine() {
        let mut seen = 0;
        for line in include_str!("../../tests/fixtures/cityhash.tsv").lines() {
            let Some((len, hex)) = line.split_once('\t').filter(|_| !line.starts_with('#')) else {
                continue;
            };
            let input: Vec<u8> = (0..len.parse::<usize>().unwrap())
                .map(|i| u8::try_from(i * 7 % 256).unwrap())
                .collect();
            let got: String = checksum(&input)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            assert_eq!(got, hex, "{len} bytes");
            seen += 1;
        }
        assert_eq!(seen, 88);
    }
}
