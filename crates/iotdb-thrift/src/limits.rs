//! Every cap on what a server may make the client hold or do, in one place.

/// Caps on requests and answers. A server that passes one gets [`ErrorKind::Limit`](crate::ErrorKind::Limit), which
/// names the limit.
///
/// ```
/// let mut limits = iotdb_thrift::Limits::default();
/// limits.max_frame_bytes = 128 * 1024 * 1024;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest answer, in bytes. Default 64 MiB: the frame limit of the official Java client, and the most that a
    /// 2.x server accepts by default in the other direction.
    pub max_frame_bytes: usize,
    /// The most memory that the lists and maps of one answer may take, in bytes, without the binaries, which share
    /// memory with the frame. Default 256 MiB: four times the longest frame, while usual answers take less than a
    /// twentieth of it.
    pub max_decoded_bytes: usize,
    /// Levels that structs, lists and maps of an answer may nest. Default 64, as in Apache's libraries; IoTDB uses at
    /// most 6.
    pub max_depth: u32,
    /// Longest request, in bytes. Default 64 MiB. A server that names a smaller limit (`thriftMaxFrameSize`, a 64th of
    /// its heap by default) lowers it for that connection: a longer frame would make it hang up.
    pub max_request_bytes: usize,
    /// Most rows in the blocks of one answer. Default 4,194,304.
    ///
    /// A run-length encoded column says how many rows it has in four bytes and needs no more, so the number of rows is
    /// not bounded by the number of bytes. Answers hold about as many rows as the fetch size asks for (5,000 by
    /// default).
    pub max_response_rows: usize,
    /// Most columns of one result. Default 65,536.
    pub max_columns: usize,
    /// Most bytes of answers that `Client::query` collects. Default 256 MiB; streams have no such limit, since they
    /// hold one answer at a time.
    pub max_result_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_bytes: 64 * 1024 * 1024,
            max_decoded_bytes: 256 * 1024 * 1024,
            max_depth: wire_core::Budget::DEFAULT_DEPTH,
            max_request_bytes: 64 * 1024 * 1024,
            max_response_rows: 4 * 1024 * 1024,
            max_columns: 65_536,
            max_result_bytes: 256 * 1024 * 1024,
        }
    }
}
