//! Protocol versions, and what each of them has, as data.

use std::fmt;

/// A version of the native protocol that this crate speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// Version 3: Cassandra 2.1 and later.
    V3,
    /// Version 4: Cassandra 2.2 and later, ScyllaDB.
    V4,
    /// Version 5: Cassandra 4.0 and later. Frames travel in segments with checksums.
    V5,
}

/// What is not in every version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// A bound value may be "unset": the column is left as it is.
    Unset,
    /// PREPARED names the markers that form the partition key.
    PartitionKeyIndices,
    /// After the handshake, frames travel in segments.
    Segments,
    /// Flags of requests are four bytes, and PREPARE has some.
    IntFlags,
    /// PREPARED and changed results name the metadata of their result; EXECUTE says which it knows.
    ResultMetadataId,
    /// Errors say which replica failed why, and how many Paxos rounds were lost.
    FailureReasons,
    /// Requests may carry a custom payload.
    CustomPayload,
    /// A request may name its keyspace and its time.
    KeyspaceOfRequest,
}

impl Version {
    /// The newest.
    pub const NEWEST: Self = Self::V5;
    /// What a client asks for first unless told otherwise: spoken by every server in use, ScyllaDB included.
    pub const DEFAULT: Self = Self::V4;

    /// The number on the wire, without the direction bit.
    pub fn number(self) -> u8 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }

    /// The version with this number, if this crate speaks it.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::V3, Self::V4, Self::V5]
            .into_iter()
            .find(|v| v.number() == number)
    }

    /// The next older one, to fall back to.
    pub fn older(self) -> Option<Self> {
        Self::from_number(self.number().saturating_sub(1))
    }

    /// Whether this version has `feature`.
    pub(crate) fn has(self, feature: Feature) -> bool {
        self >= feature.since()
    }
}

impl Feature {
    /// Native protocol v4 §10 and v5 §10 list what came with these versions.
    fn since(self) -> Version {
        match self {
            Self::Unset | Self::PartitionKeyIndices | Self::CustomPayload => Version::V4,
            Self::Segments
            | Self::IntFlags
            | Self::ResultMetadataId
            | Self::FailureReasons
            | Self::KeyspaceOfRequest => Version::V5,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.number())
    }
}
