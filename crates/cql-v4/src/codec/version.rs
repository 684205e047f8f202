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
}

/// What is not in every version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// A bound value may be "unset": the column is left as it is.
    Unset,
    /// PREPARED names the markers that form the partition key.
    PartitionKeyIndices,
}

impl Version {
    /// The newest, which a client asks for first.
    pub const NEWEST: Self = Self::V4;

    /// The number on the wire, without the direction bit.
    pub fn number(self) -> u8 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    /// The version with this number, if this crate speaks it.
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::V3, Self::V4]
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
    /// Native protocol v4 §10 lists what came with version 4.
    fn since(self) -> Version {
        match self {
            Self::Unset | Self::PartitionKeyIndices => Version::V4,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.number())
    }
}
