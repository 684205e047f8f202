//! Bytes to frames, frames to values: framed Thrift in both of its protocols.
//!
//! ```text
//! connection   frame frame frame …
//! frame        i32 length | message                                  frame
//! message      envelope (type, method, number) | struct              envelope
//! struct       field header, value | … | 00                          input, output
//! value        number, text, binary, list, map, struct               prim
//!              as the binary or the compact protocol spells it       binary, compact (behind wire)
//! ```
//!
//! The structs themselves are in [`message`](crate::message). Reading is bounded by [`Limits`](crate::Limits): a count
//! must be possible with the bytes that are left, nesting has a limit, unknown fields are passed over at the price of
//! their bytes. Writing measures first, with the same code that writes.

mod binary;
mod compact;
pub(crate) mod envelope;
pub(crate) mod frame;
pub(crate) mod input;
mod kind;
pub(crate) mod output;
mod prim;
pub(crate) mod wire;

pub(crate) use binary::Binary;
pub(crate) use compact::Compact;
pub(crate) use input::Fields;
pub(crate) use kind::{Kind, MinLen};
pub(crate) use output::FieldsMut;
pub(crate) use prim::{Struct, Value};
pub(crate) use wire::{Count, Parts, Sink, Wire};

/// How messages are spelled. Servers speak one of the two, by their configuration, and do not negotiate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Protocol {
    /// Thrift's strict binary protocol: what servers speak unless told otherwise.
    #[default]
    Binary,
    /// Thrift's compact protocol: servers with `dn_rpc_thrift_compression_enable=true` (0.13:
    /// `rpc_thrift_compression_enable`). Smaller, and a little more work.
    Compact,
}

impl Protocol {
    /// The protocol that a message is in, by its first byte.
    pub fn detect(message: &[u8]) -> Option<Self> {
        match message.first() {
            Some(0x80) => Some(Self::Binary),
            Some(0x82) => Some(Self::Compact),
            _ => None,
        }
    }
}
