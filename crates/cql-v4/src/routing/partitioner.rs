//! From a partition key to its token.

use super::murmur3::Murmur3;
use super::token::{Token, bytes_from_hex};

/// The rule by which a cluster, or a table of its own rule, turns partition keys into tokens.
///
/// Source: `system.local.partitioner`, and for tables of ScyllaDB `system_schema.scylla_tables.partitioner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Partitioner {
    /// `Murmur3Partitioner`, the usual one.
    Murmur3,
    /// `RandomPartitioner`: MD5.
    Random,
    /// `ByteOrderedPartitioner`: the key is the token.
    ByteOrdered,
    /// `CDCPartitioner` of ScyllaDB's change logs: the first eight bytes of the key.
    Cdc,
    /// One that is not known here: statements go to any node.
    Other,
}

impl Partitioner {
    /// The partitioner of this class, with or without its package.
    pub fn from_class(class: &str) -> Self {
        match class.rsplit('.').next() {
            Some("Murmur3Partitioner") => Self::Murmur3,
            Some("RandomPartitioner") => Self::Random,
            Some("ByteOrderedPartitioner") => Self::ByteOrdered,
            Some("CDCPartitioner") => Self::Cdc,
            _ => Self::Other,
        }
    }

    /// The token of a routing key as the server forms it: the value of the only column of the partition key, or for
    /// several columns of each its length (two bytes, big-endian), its value and a zero byte.
    ///
    /// `None` for a partitioner that is not known, and for an empty key, which no partition has.
    pub fn token(self, key: &[u8]) -> Option<Token> {
        self.token_of([key])
    }

    /// The token of a partition key of these columns, in the order of the table. The routing key is hashed on the
    /// way and never put together.
    ///
    /// `None` for a partitioner that is not known, for an empty key, and if one of several columns is longer than
    /// 65,535 bytes; the server refuses such keys.
    #[inline]
    pub fn token_of<'a, I>(self, columns: I) -> Option<Token>
    where
        I: IntoIterator<Item = &'a [u8]>,
    {
        match self {
            Self::Murmur3 => {
                let mut hash = Murmur3::default();
                feed(columns, |part| hash.update(part))?;
                // The smallest number stands for "before the first token" in servers.
                let token = match hash.finish() {
                    i64::MIN => i64::MAX,
                    token => token,
                };
                Some(Token::Murmur3(token))
            }
            Self::Random => {
                let mut hash = md5::Context::new();
                feed(columns, |part| hash.consume(part))?;
                let number = i128::from_be_bytes(hash.finalize().0);
                Some(Token::Random(number.unsigned_abs()))
            }
            Self::ByteOrdered => key(columns).map(|key| Token::Bytes(key.into())),
            Self::Cdc => {
                let key = key(columns)?;
                let first = key.first_chunk::<8>().copied();
                Some(Token::Murmur3(first.map_or(i64::MIN, i64::from_be_bytes)))
            }
            Self::Other => None,
        }
    }

    /// Reads a token as the system tables have it; `None` if it is not one of this partitioner.
    pub fn parse(self, text: &str) -> Option<Token> {
        match self {
            Self::Murmur3 | Self::Cdc => text.parse().ok().map(Token::Murmur3),
            Self::Random => text.parse().ok().map(Token::Random),
            Self::ByteOrdered => bytes_from_hex(text).map(Token::Bytes),
            Self::Other => None,
        }
    }
}

/// The routing key in one piece, for partitioners that are rare enough.
fn key<'a>(columns: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    feed(columns, |part| key.extend_from_slice(part))?;
    Some(key)
}

/// Gives the bytes of the routing key to `sink`, part by part; `None` if these columns make none.
#[inline]
fn feed<'a>(
    columns: impl IntoIterator<Item = &'a [u8]>,
    mut sink: impl FnMut(&[u8]),
) -> Option<()> {
    let mut columns = columns.into_iter();
    let first = columns.next()?;
    let Some(second) = columns.next() else {
        sink(first);
        return (!first.is_empty()).then_some(());
    };
    for column in [first, second].into_iter().chain(columns) {
        let length = u16::try_from(column.len()).ok()?;
        sink(&length.to_be_bytes());
        sink(column);
        sink(&[0]);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn murmur3(key: &[u8]) -> i64 {
        match Partitioner::Murmur3.token(key) {
            Some(Token::Murmur3(token)) => token,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn classes_are_known_by_their_last_name() {
        for (class, partitioner) in [
            (
                "org.apache.cassandra.dht.Murmur3Partitioner",
                Partitioner::Murmur3,
            ),
            ("Murmur3Partitioner", Partitioner::Murmur3),
            (
                "org.apache.cassandra.dht.RandomPartitioner",
                Partitioner::Random,
            ),
            (
                "org.apache.cassandra.dht.ByteOrderedPartitioner",
                Partitioner::ByteOrdered,
            ),
            ("com.scylladb.dht.CDCPartitioner", Partitioner::Cdc),
            (
                "org.apache.cassandra.dht.LocalPartitioner",
                Partitioner::Other,
            ),
            ("", Partitioner::Other),
        ] {
            assert_eq!(Partitioner::from_class(class), partitioner, "{class}");
        }
    }

    #[test]
    fn a_key_of_one_byte() {
        assert_eq!(murmur3(b"a"), -8_839_064_797_231_613_815);
    }
}
