//! Every inbound limit, in one place.

/// Requests that can be in flight at once on a connection: positive streams but for stream 0, where servers report what
/// they cannot pair with a request (native protocol v4, §2.3).
#[cfg(feature = "client")]
pub(crate) const MAX_STREAMS: u32 = 32_767;

/// What a server may make this side spend. Each limit has the default below, which is the server's own where it has
/// one; passing a limit is an error of kind [`Limit`](crate::ErrorKind::Limit) that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest frame body in bytes, and longest body after decompression. Default 268,435,456 (256 MiB): the ceiling
    /// that the protocol names (native protocol v4, §2.4).
    pub max_frame_bytes: u32,
    /// Levels that types, and so values, may nest. Default 64: deeper than any schema in use, and safe on a stack
    /// of 128 KiB, or of 512 KiB where code is not optimised.
    pub max_depth: u32,
    /// Rounds of challenge and response before authentication is given up. Default 8: PLAIN takes one, the longest
    /// mechanism in use three.
    pub max_auth_rounds: u32,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Self = Self {
        max_frame_bytes: 268_435_456,
        max_depth: 64,
        max_auth_rounds: 8,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
