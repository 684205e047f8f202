//! Every cap on what a server may make this crate spend.

/// Caps on inbound data. The defaults are generous for real use and small beside the memory of any host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest message accepted, in bytes without its length prefix. Default 64 MiB: what Ignite itself allows for
    /// a handshake, and far above a page of 1,024 entries of ordinary size. The protocol's own bound is 2 GiB.
    pub max_frame_bytes: usize,
    /// Deepest nesting of collections, maps and object arrays in one value. Default 64: more than any model in use,
    /// and shallow enough for the stack of a thread of 128 KiB.
    pub max_depth: u32,
    /// Bytes of memory that the rows take which `Client::query` collects, at most. Default 256 MiB: more is better read
    /// as a stream, which holds two pages and has no such limit.
    pub max_result_bytes: usize,
}

impl Limits {
    /// Default of [`Self::max_frame_bytes`].
    pub const MAX_FRAME_BYTES: usize = 64 * 1024 * 1024;
    /// Default of [`Self::max_depth`].
    pub const MAX_DEPTH: u32 = 64;
    /// Default of [`Self::max_result_bytes`].
    pub const MAX_RESULT_BYTES: usize = 256 * 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_bytes: Self::MAX_FRAME_BYTES,
            max_depth: Self::MAX_DEPTH,
            max_result_bytes: Self::MAX_RESULT_BYTES,
        }
    }
}
