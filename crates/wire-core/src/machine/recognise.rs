//! Tells a person what they connected to instead.

/// Names the protocol that `first`, the first bytes from a peer, look like. For the text of an error when they are
/// not what was expected: a wrong port is the most common mistake.
pub fn recognise(first: &[u8]) -> Option<&'static str> {
    // An Ignite node refuses with a length, a zero byte and three little-endian version numbers.
    let is_ignite = |b: &[u8]| matches!(b, [len, 0, 0, 0, 0, 1 | 2, 0, minor, 0, _, 0, ..] if *len < 255 && *minor < 10);
    match first {
        [b'H', b'T', b'T', b'P', b'/', ..] | [b'<', b'h' | b'H' | b'!', ..] => {
            Some("an HTTP server")
        }
        // Record types alert (21) and handshake (22), version 3.x.
        [21 | 22, 3, 0..=4, ..] => Some("a TLS server; is the option tls=true missing?"),
        [b'S', b'S', b'H', b'-', ..] => Some("an SSH server"),
        // Response frames of v3 to v5, answers OPTIONS and errors alike.
        [0x83..=0x85, _, _, _, 0 | 2 | 3 | 6, ..] => Some("a CQL server (Cassandra or ScyllaDB)"),
        // Exception packet with code 101 or 102 (unexpected packet), or its bare text.
        [2, 0x65 | 0x66, 0, 0, 0, ..] => Some("a ClickHouse server"),
        _ if is_ignite(first) => Some("an Ignite node"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn common_neighbours_are_named() {
        assert_eq!(
            recognise(b"HTTP/1.1 400 Bad Request\r\n"),
            Some("an HTTP server")
        );
        assert!(recognise(&[21, 3, 3, 0, 2, 2, 70]).unwrap().contains("TLS"));
        assert!(
            recognise(&[0x84, 0, 0, 0, 0, 0, 0, 0, 10])
                .unwrap()
                .contains("CQL")
        );
        assert_eq!(recognise(b""), None);
        assert_eq!(recognise(&[0xff; 8]), None);
    }
}
