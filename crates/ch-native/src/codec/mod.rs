//! Bytes ↔ packets.
//!
//! ```text
//! packet = code VarUInt, body          no length: where a packet ends is known when it is decoded
//! body   = fields, gated by revision | table name String, block
//! block  = plain bytes | frame*        when the query asked for compression
//! frame  = checksum 16, method u8, packed size u32, plain size u32, payload
//! chunk  = size u32, bytes of packets    when both sides agreed on it, see [`ChunkMode`]
//! ```
//!
//! All integers are little-endian. Source: ClickHouse, `docs/en/interfaces/specs/NativeProtocol.md`.

pub(crate) mod chunk;
pub mod cityhash;
pub mod compress;
pub(crate) mod prim;
pub(crate) mod text;
pub mod version;

pub use chunk::ChunkMode;
pub use compress::Method;
pub use version::{Feature, Revision};
