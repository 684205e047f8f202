//! Protocol versions and feature bits, as data.

use std::fmt;

/// A version of the protocol. The server's `ClientConnectionContext` accepts 1.0 to 1.7; newer functions are feature
/// bits of 1.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Version {
    /// Major number; 1 in every version there is.
    pub major: i16,
    /// Minor number, 0 to 7.
    pub minor: i16,
    /// Patch number; 0 in every version there is.
    pub patch: i16,
}

impl Version {
    /// The newest version, Ignite 2.9 and later.
    pub const LATEST: Self = Self::new(1, 7, 0);
    /// The oldest version, Ignite 2.4.
    pub const OLDEST: Self = Self::new(1, 0, 0);

    /// A version by its numbers.
    pub const fn new(major: i16, minor: i16, patch: i16) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Whether this crate speaks it.
    pub fn is_supported(self) -> bool {
        self >= Self::OLDEST && self <= Self::LATEST && self.patch == 0
    }

    /// Whether a part of the protocol exists in this version.
    pub fn has(self, gate: Gate) -> bool {
        self >= gate.since()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Parts of the protocol that came with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gate {
    /// User name and password in the handshake, and a status code in its refusal.
    Credentials,
    /// Flags and topology version in response headers, the node's id in the handshake.
    ResponseFlags,
    /// Feature bits in the handshake.
    FeatureBits,
}

impl Gate {
    /// The first version with it.
    pub const fn since(self) -> Version {
        match self {
            Self::Credentials => Version::new(1, 1, 0),
            Self::ResponseFlags => Version::new(1, 4, 0),
            Self::FeatureBits => Version::new(1, 7, 0),
        }
    }
}

/// Feature bits that this crate knows how to write and read (server class `ClientBitmaskFeature`).
///
/// A bit that is advertised must be honoured in every message it touches, so only these can be advertised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// Operation 1, `HEARTBEAT`; since Ignite 2.13.
    Heartbeat,
}

impl Feature {
    /// The number of the bit.
    pub const fn bit(self) -> u8 {
        match self {
            Self::Heartbeat => 11,
        }
    }
}

/// A set of feature bits, the first 64 of the mask in the handshake.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Features(u64);

impl Features {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// Every bit of [`Feature`]: what a client advertises unless told otherwise.
    pub const SUPPORTED: Self = Self(1 << Feature::Heartbeat.bit());

    /// The set with these bits; bit 0 is the least significant one.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits as a number.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether `feature` is in the set.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature.bit()) != 0
    }

    /// Whether this crate can honour every bit of the set.
    pub const fn is_supported(self) -> bool {
        self.0 & !Self::SUPPORTED.0 == 0
    }

    /// What both sides have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The mask as on the wire: bit n is bit n mod 8 of byte n / 8, trailing zero bytes are left out.
    pub(crate) fn to_mask(self) -> Vec<u8> {
        let mut mask = self.0.to_le_bytes().to_vec();
        while mask.last() == Some(&0) {
            mask.pop();
        }
        mask
    }

    /// The set of a mask from the wire. Bits above 63 are of no feature here and are left out.
    pub(crate) fn from_mask(mask: &[u8]) -> Self {
        let mut bits = [0; 8];
        for (bit, byte) in bits.iter_mut().zip(mask) {
            *bit = *byte;
        }
        Self(u64::from_le_bytes(bits))
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Features({:#x})", self.0)
    }
}

/// What both sides of a connection agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Negotiated {
    /// Version of the protocol.
    pub version: Version,
    /// Feature bits that both have; none before version 1.7.
    pub features: Features,
}

impl Negotiated {
    /// An agreement on `version` and `features`.
    pub const fn new(version: Version, features: Features) -> Self {
        Self { version, features }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_gate_what_they_brought() {
        assert!(Version::new(1, 3, 0) < Version::new(1, 4, 0));
        assert!(!Version::new(1, 3, 0).has(Gate::ResponseFlags));
        assert!(Version::new(1, 4, 0).has(Gate::ResponseFlags));
        assert!(!Version::OLDEST.has(Gate::Credentials));
        assert!(!Version::new(1, 7, 1).is_supported());
        assert!(!Version::new(2, 0, 0).is_supported());
        assert!(!Version::new(1, 8, 0).is_supported());
    }

    #[test]
    fn masks_have_the_bit_order_of_a_real_server() {
        // ffff0b is what Ignite 2.17.0 answers to a mask of all ones: bits 0 to 17 and 19.
        let features = Features::from_mask(&[0xff, 0xff, 0x0b]);
        assert_eq!(features.bits(), 0x0b_ffff);
        assert!(features.has(Feature::Heartbeat));
        assert_eq!(features.to_mask(), [0xff, 0xff, 0x0b]);
        assert_eq!(Features::SUPPORTED.to_mask(), [0, 8]);
        assert_eq!(Features::NONE.to_mask(), []);
        assert!(!features.is_supported());
    }
}
