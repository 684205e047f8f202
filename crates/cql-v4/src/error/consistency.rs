//! `[consistency]`.

use std::fmt;

/// How many replicas must answer (native protocol v4, §3, `[consistency]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Consistency {
    /// Any node, even a hint; writes only.
    Any,
    /// One replica.
    One,
    /// Two replicas.
    Two,
    /// Three replicas.
    Three,
    /// More than half of all replicas.
    Quorum,
    /// Every replica.
    All,
    /// More than half of the replicas of the coordinator's data centre.
    LocalQuorum,
    /// A quorum in each data centre; writes only.
    EachQuorum,
    /// Paxos over all data centres.
    Serial,
    /// Paxos within the coordinator's data centre.
    LocalSerial,
    /// One replica of the coordinator's data centre.
    LocalOne,
    /// A number that is not known here; only ever received.
    Other(u16),
}

/// Number, level and name.
const LEVELS: [(u16, Consistency, &str); 11] = [
    (0, Consistency::Any, "ANY"),
    (1, Consistency::One, "ONE"),
    (2, Consistency::Two, "TWO"),
    (3, Consistency::Three, "THREE"),
    (4, Consistency::Quorum, "QUORUM"),
    (5, Consistency::All, "ALL"),
    (6, Consistency::LocalQuorum, "LOCAL_QUORUM"),
    (7, Consistency::EachQuorum, "EACH_QUORUM"),
    (8, Consistency::Serial, "SERIAL"),
    (9, Consistency::LocalSerial, "LOCAL_SERIAL"),
    (10, Consistency::LocalOne, "LOCAL_ONE"),
];

impl Consistency {
    /// The number on the wire.
    pub fn number(self) -> u16 {
        match self {
            Self::Other(number) => number,
            known => LEVELS
                .iter()
                .find(|(_, level, _)| *level == known)
                .map_or(0, |(number, ..)| *number),
        }
    }

    /// The level with this number.
    pub fn from_number(number: u16) -> Self {
        LEVELS
            .iter()
            .find(|(n, ..)| *n == number)
            .map_or(Self::Other(number), |(_, level, _)| *level)
    }

    /// The level of this name, in any case: `local_quorum`, `LOCAL_QUORUM`.
    pub fn from_name(name: &str) -> Option<Self> {
        LEVELS
            .iter()
            .find(|(.., n)| n.eq_ignore_ascii_case(name))
            .map(|(_, level, _)| *level)
    }

    /// Whether it may stand as serial consistency.
    pub(crate) fn is_serial(self) -> bool {
        matches!(self, Self::Serial | Self::LocalSerial)
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match LEVELS.iter().find(|(_, level, _)| level == self) {
            Some((.., name)) => f.write_str(name),
            None => write!(f, "consistency {}", self.number()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_back() {
        for number in 0..=11 {
            assert_eq!(Consistency::from_number(number).number(), number);
        }
        assert_eq!(
            Consistency::from_name("local_quorum"),
            Some(Consistency::LocalQuorum)
        );
        assert_eq!(Consistency::LocalOne.number(), 10);
        assert_eq!(Consistency::Other(77).to_string(), "consistency 77");
    }
}
