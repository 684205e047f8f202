//! Bytes ↔ frames, and the primitives that messages are made of.
//!
//! ```text
//!  0        4
//! ├────────┼───────────────────────────┤
//! │ i32 len│ body of len bytes         │   every message, both directions, little-endian
//! ├────────┼───────────────────────────┤
//!
//! request body            i16 op code · i64 request id · payload
//! response body (≥ 1.4)   i64 request id · i16 flags · [i64, i32 topology] · [i32 status, text] · payload
//! response body (< 1.4)   i64 request id · i32 status · [text] · payload
//! ```
//!
//! Source: server classes `ClientMessageParser`, `ClientListenerNioListener`, `ClientResponse`; the first version is
//! IDIEP-9.

mod cursor;
pub mod frame;
pub(crate) mod prim;
pub mod version;

pub use cursor::{Decoder, Encoder};
pub use version::{Feature, Features, Negotiated, Version};
