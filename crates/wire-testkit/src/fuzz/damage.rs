//! What becomes of bytes on a bad day.

/// Most places of an input that are damaged, so that long recordings do not take all the time.
const MAX_PLACES: usize = 48;

/// Numbers that a length or a count is no more than on a good day, in both orders of bytes: 2³¹-1, -1, -2³¹, 256 MiB less
/// one, and the largest of 16 bits.
const LIES: [&[u8]; 8] = [
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0xff, 0xff, 0xff, 0xff],
    &[0x80, 0, 0, 0],
    &[0, 0, 0, 0x80],
    &[0x0f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff],
];

/// Calls `call` with what becomes of `input` when bytes change, are lost, end early, are lies about lengths, or go over
/// into those of `other`: at each place, or at 48 of them if it is longer. Always the same, in the same order.
pub fn damaged(input: &[u8], other: &[u8], mut call: impl FnMut(&[u8])) {
    for at in (0..input.len()).step_by(input.len().div_ceil(MAX_PLACES).max(1)) {
        let (before, behind) = input.split_at(at);
        call(before);
        call(&[before, &behind[1..]].concat());
        call(&[before, other.get(at..).unwrap_or(other)].concat());
        let mut changed = input.to_vec();
        for change in [0xff, 0x80, 0x01] {
            changed[at] = input[at] ^ change;
            call(&changed);
        }
        for lie in LIES.iter().filter(|lie| lie.len() <= behind.len()) {
            call(&[before, lie, &behind[lie.len()..]].concat());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_changed_cut_off_and_replaced_by_a_lie() {
        let mut seen = Vec::new();
        damaged(&[1, 2, 3, 4, 5], &[6, 7], |input| seen.push(input.to_vec()));
        for expected in [
            &[][..],
            &[1, 2, 3, 4],
            &[1, 3, 4, 5],
            &[1, 7],
            &[1, 2, 3, 4, 4],
            &[1, 2, 3, 4, 0x85],
            &[1, 0x7f, 0xff, 0xff, 0xff],
            &[1, 2, 3, 0xff, 0xff],
        ] {
            assert!(seen.iter().any(|input| input == expected), "{expected:?}");
        }
        let mut calls = 0;
        damaged(&[0; 100_000], &[], |_| calls += 1);
        assert!(calls <= MAX_PLACES * 14, "{calls}");
    }
}
