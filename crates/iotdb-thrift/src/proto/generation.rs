//! What a server can do, by its version. The only place with version numbers.

#[cfg(feature = "client")]
use crate::error::Numbering;

/// A generation of servers: what they answer to, and what their status codes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// 0.12 and before: row sets, no nulls in tablets, no aligned devices.
    V0_12,
    /// 0.13: row sets.
    V0_13,
    /// 1.x: TsBlocks.
    V1,
    /// 2.x and later: TsBlocks.
    V2,
}

/// The server at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    version: String,
    parsed: (u16, u16, u16),
    timestamp_precision: String,
    max_frame_bytes: Option<usize>,
}

/// The first versions that can do something.
mod since {
    pub(super) const NULLS_IN_TABLETS: (u16, u16, u16) = (0, 13, 0);
    pub(super) const BLOCKS: (u16, u16, u16) = (1, 0, 0);
    pub(super) const TIMESTAMP_DATE_BLOB_STRING: (u16, u16, u16) = (1, 3, 3);
    pub(super) const SECOND: (u16, u16, u16) = (2, 0, 0);
}

impl Server {
    /// A server that says that it has this version (`2.0.10`, `1.3.4-SNAPSHOT`). One that is not understood counts as
    /// the newest.
    pub fn new(version: &str, precision: &str, max_frame_bytes: Option<i32>) -> Self {
        let mut numbers = version
            .split(['.', '-'])
            .map(|part| part.parse::<u16>().ok());
        let mut next = || numbers.next().flatten();
        let parsed = match next() {
            Some(major) => (major, next().unwrap_or(0), next().unwrap_or(0)),
            None => (u16::MAX, 0, 0),
        };
        Self {
            version: version.to_owned(),
            parsed,
            timestamp_precision: precision.to_owned(),
            // 0 stands for "by the size of the heap"; servers answer with the result.
            max_frame_bytes: max_frame_bytes
                .and_then(|n| usize::try_from(n).ok())
                .filter(|n| *n > 0),
        }
    }

    /// Its version, in its own words: `2.0.10`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The unit of its timestamps: `ms`, `us` or `ns`.
    pub fn timestamp_precision(&self) -> &str {
        &self.timestamp_precision
    }

    /// The longest request that it accepts, in bytes, if it says so.
    pub fn max_frame_bytes(&self) -> Option<usize> {
        self.max_frame_bytes
    }

    /// Its generation.
    pub fn generation(&self) -> Generation {
        if self.parsed >= since::SECOND {
            Generation::V2
        } else if self.has_blocks() {
            Generation::V1
        } else if self.parsed >= since::NULLS_IN_TABLETS {
            Generation::V0_13
        } else {
            Generation::V0_12
        }
    }

    /// Whether it answers queries with TsBlocks.
    pub fn has_blocks(&self) -> bool {
        self.parsed >= since::BLOCKS
    }

    /// Whether it reads nulls in tablets and knows aligned devices. 0.12 ignores both without a word.
    pub fn has_nulls_in_tablets(&self) -> bool {
        self.parsed >= since::NULLS_IN_TABLETS
    }

    /// Whether it knows the types `TIMESTAMP`, `DATE`, `BLOB` and `STRING`.
    pub fn has_new_types(&self) -> bool {
        self.parsed >= since::TIMESTAMP_DATE_BLOB_STRING
    }

    #[cfg(feature = "client")]
    pub(crate) fn numbering(&self) -> Numbering {
        if self.has_blocks() {
            Numbering::Modern
        } else {
            Numbering::Classic
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_spell_them() {
        for (version, generation, new_types) in [
            ("0.12.1", Generation::V0_12, false),
            ("0.13.5", Generation::V0_13, false),
            ("1.0.1", Generation::V1, false),
            ("1.3.2", Generation::V1, false),
            ("1.3.3", Generation::V1, true),
            ("2.0.10", Generation::V2, true),
            ("2.0.7-SNAPSHOT", Generation::V2, true),
            ("3", Generation::V2, true),
            ("UNKNOWN", Generation::V2, true),
        ] {
            let server = Server::new(version, "ms", None);
            assert_eq!(
                (server.generation(), server.has_new_types()),
                (generation, new_types),
                "{version}"
            );
        }
        assert_eq!(Server::new("1.3.3", "ms", Some(0)).max_frame_bytes(), None);
        assert_eq!(
            Server::new("1.3.3", "ms", Some(8)).max_frame_bytes(),
            Some(8)
        );
    }
}
