//! What a server may make this crate spend.

/// Every cap on what arrives. A packet that passes one ends in an error of kind
/// [`Limit`](crate::ErrorKind::Limit), and the connection is closed.
///
/// The defaults let everything through that servers send in their default configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Most bytes of one decoded block, all columns together. Default 256 MiB: servers read 65,409 rows at a time, which
    /// leaves 4 KiB a row, and keep at most 1,048,449 rows of an insert together, which leaves 256 bytes a row.
    pub max_block_bytes: u64,
    /// Most rows of one block. Default 1,000,000,000. Memory is bounded by [`Self::max_block_bytes`] before.
    pub max_rows_per_block: u64,
    /// Most columns of one block. Default 100,000; the server's own practical limit is far lower.
    pub max_columns: u64,
    /// Longest name of a column or table, in bytes. Default 64 KiB.
    pub max_name_bytes: u64,
    /// Longest name of a type, in bytes. Default 1 MiB: an Enum16 may list tens of thousands of labels.
    pub max_type_bytes: u64,
    /// Levels that a type may nest, with the types that come with the data of a Dynamic or JSON inside it. `Map`, `Nested`
    /// and `JSON` count two. Default 64.
    pub max_type_depth: u32,
    /// Longest other text of a packet, such as an exception's message, in bytes. Default 16 MiB.
    pub max_text_bytes: u64,
    /// Largest compression frame, packed or unpacked, in bytes. Default 128 MiB; servers write 1 MiB, some clients a
    /// whole block.
    pub max_frame_bytes: u64,
    /// Most exceptions in one chain. Default 32.
    pub max_exception_chain: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_block_bytes: 256 << 20,
            max_rows_per_block: 1_000_000_000,
            max_columns: 100_000,
            max_name_bytes: 64 << 10,
            max_type_bytes: 1 << 20,
            max_type_depth: 64,
            max_text_bytes: 16 << 20,
            max_frame_bytes: 128 << 20,
            max_exception_chain: 32,
        }
    }
}
