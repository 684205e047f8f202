//! A place on the ring.

use std::fmt;

/// Where on the ring a partition lies, or where a node's range ends. Tokens of one cluster are of one kind and ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Token {
    /// Of `Murmur3Partitioner`, and of the partitioner of ScyllaDB's change logs. The server keeps [`i64::MIN`] for
    /// itself.
    Murmur3(i64),
    /// Of `RandomPartitioner`: from 0 to 2¹²⁷.
    Random(u128),
    /// Of `ByteOrderedPartitioner`: the key itself.
    Bytes(Box<[u8]>),
}

impl fmt::Display for Token {
    /// As the system tables have it: decimal, or hexadecimal for bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Murmur3(token) => write!(f, "{token}"),
            Self::Random(token) => write!(f, "{token}"),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// Hexadecimal digits to bytes.
pub(super) fn bytes_from_hex(text: &str) -> Option<Box<[u8]>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs.iter().map(byte_from_hex).collect()
}

fn byte_from_hex([high, low]: &[u8; 2]) -> Option<u8> {
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let number = digit(*high)?.checked_mul(16)?.checked_add(digit(*low)?)?;
    u8::try_from(number).ok()
}
