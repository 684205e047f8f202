//! Bytes to frames and back.
//!
//! ```text
//!  0        1        2        3        4        5                                   9
//!  +--------+--------+-----------------+--------+-----------------------------------+------ - -
//!  | version| flags  |    stream id    | opcode |  length of the body, big-endian   |  body
//!  +--------+--------+-----------------+--------+-----------------------------------+------ - -
//! ```
//!
//! The top bit of the version tells the direction (native protocol v4, §2). The body may begin with a tracing id,
//! warnings and a custom payload, and the whole of it may be compressed; the flags say which. In protocol v5 frames
//! travel in segments, which have checksums and are compressed instead.

mod compress;
mod dialect;
mod frame;
pub(crate) mod prim;
mod segment;
mod version;

pub use compress::Compression;
pub use dialect::Dialect;
pub(crate) use frame::{BodyOptions, COMPRESS_FROM, Envelope, RESPONSE, append_frame};
pub use frame::{Flags, Frame, FrameDecoder, Header};
pub use segment::{SegmentDecoder, append_segments};
pub(crate) use version::Feature;
pub use version::Version;
