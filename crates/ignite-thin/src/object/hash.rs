//! The hashes by which types, fields and caches are known on the wire.

/// `java.lang.String.hashCode`: 31-polynomial over the UTF-16 units, modulo 2³².
///
/// ```
/// assert_eq!(ignite_thin::object::java_hash("hello world"), 1_794_106_052);
/// ```
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16()
        .fold(0, |hash, unit| step(hash, i32::from(unit)))
}

/// Id of a cache: the hash of its name; 0 becomes 1 (server class `CU.cacheId`).
pub fn cache_id(name: &str) -> i32 {
    match java_hash(name) {
        0 => 1,
        id => id,
    }
}

/// Id of a type or a field: the hash of its name in lower case.
///
/// Java lowers each UTF-16 unit by itself; names outside ASCII may have another id in clients that do not.
pub fn type_id(name: &str) -> i32 {
    java_lower(name).fold(0, |hash, unit| step(hash, i32::from(unit)))
}

/// Hash code of an object's content, `java.util.Arrays.hashCode` over its bytes between header and footer.
pub fn content_hash(content: &[u8]) -> i32 {
    content
        .iter()
        .fold(1, |hash, byte| step(hash, i32::from(byte.cast_signed())))
}

/// `Character.toLowerCase` of each UTF-16 unit: halves of surrogate pairs stay as they are.
fn java_lower(name: &str) -> impl Iterator<Item = u16> + '_ {
    name.encode_utf16().map(|unit| {
        let lower = char::from_u32(u32::from(unit)).map(char::to_lowercase);
        // Java has no lower case of more than one character; it keeps such a letter's first.
        let first = lower.and_then(|mut all| all.next());
        first
            .and_then(|c| u16::try_from(u32::from(c)).ok())
            .unwrap_or(unit)
    })
}

#[inline]
fn step(hash: i32, next: i32) -> i32 {
    hash.wrapping_mul(31).wrapping_add(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_a_real_server() {
        // Cache ids seen in requests that Ignite 2.17 answered; type id of my.T from its metadata.
        assert_eq!(cache_id("kv"), 3435);
        assert_eq!(cache_id("nope"), 3_387_254);
        assert_eq!(type_id("my.T"), 3_365_042);
        assert_eq!(type_id("MY.t"), 3_365_042);
        assert_eq!(cache_id(""), 1);
        assert_eq!(content_hash(&[]), 1);
    }

    #[test]
    fn surrogates_count_one_by_one() {
        // "a😀b" is the units 61 d83d de00 62; the polynomial by hand.
        let by_hand = [0x61, 0xd83d, 0xde00, 0x62]
            .iter()
            .fold(0_i32, |h, u| h.wrapping_mul(31).wrapping_add(*u));
        assert_eq!(java_hash("a\u{1f600}b"), by_hand);
    }
}
