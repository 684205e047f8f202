//! What two peers agreed on that decides how bytes are laid out.

use super::version::{Feature, Version};

/// The version of a connection, and the extensions of it that change bytes.
///
/// A [`Version`] is one without extensions, and becomes a dialect by itself where one is asked for. The extensions are
/// ScyllaDB's (its `protocol-extensions.md`): a server offers them in SUPPORTED, a client takes them up in STARTUP.
///
/// ```
/// use cql_v4::codec::{Dialect, Version};
///
/// let of_scylla = Dialect::new(Version::V4)
///     .with_result_metadata_ids()
///     .with_lwt_mark(0x8000_0000)
///     .with_rate_limit_code(0xF000);
/// assert_eq!(of_scylla.version(), Version::V4);
/// assert_ne!(of_scylla, Dialect::from(Version::V4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    version: Version,
    result_metadata_ids: bool,
    /// Bits of the flags of a statement's metadata; 0 for none.
    lwt_mark: u32,
    rate_limit_code: Option<i32>,
}

impl Dialect {
    /// This version without extensions.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            result_metadata_ids: version.has(Feature::ResultMetadataId),
            lwt_mark: 0,
            rate_limit_code: None,
        }
    }

    /// With ids of result metadata in PREPARED and EXECUTE, which protocol v5 has of itself
    /// (`SCYLLA_USE_METADATA_ID`).
    #[must_use]
    pub fn with_result_metadata_ids(mut self) -> Self {
        self.result_metadata_ids = true;
        self
    }

    /// With these bits of a statement's metadata flags telling that it is conditional
    /// (`SCYLLA_LWT_ADD_METADATA_MARK`). Bits that the protocol uses itself, the low four, are left out.
    #[must_use]
    pub fn with_lwt_mark(mut self, mask: u32) -> Self {
        self.lwt_mark = mask & !0x000f;
        self
    }

    /// With this code for the error of a rate limit (`SCYLLA_RATE_LIMIT_ERROR`).
    #[must_use]
    pub fn with_rate_limit_code(mut self, code: i32) -> Self {
        self.rate_limit_code = Some(code);
        self
    }

    /// The version.
    #[inline]
    pub fn version(self) -> Version {
        self.version
    }

    /// Whether PREPARED and EXECUTE name the metadata of results.
    #[inline]
    pub fn has_result_metadata_ids(self) -> bool {
        self.result_metadata_ids
    }

    /// The bits that mark a conditional statement; 0 for none.
    #[inline]
    pub fn lwt_mark(self) -> u32 {
        self.lwt_mark
    }

    /// The code of the error of a rate limit.
    pub fn rate_limit_code(self) -> Option<i32> {
        self.rate_limit_code
    }

    #[inline]
    pub(crate) fn has(self, feature: Feature) -> bool {
        self.version.has(feature)
    }
}

impl From<Version> for Dialect {
    fn from(version: Version) -> Self {
        Self::new(version)
    }
}
