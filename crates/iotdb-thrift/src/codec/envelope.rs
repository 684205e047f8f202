//! What stands before the body of a message: its type, the method it belongs to, its number.
//!
//! ```text
//! binary    80 01 00 type | i32 length, method | i32 number
//! compact   82 | type << 5 | 1 | varint number | varint length, method
//! ```

use wire_core::{DecodeError, EncodeError, Reader};

use super::Protocol;
use super::binary::Binary;
use super::compact::Compact;
use super::wire::{Sink, Wire};

/// The type of a message (Thrift RPC specification).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageKind {
    Call,
    Reply,
    /// The server could not carry out the call; the body says why.
    Exception,
    /// A call without a reply. IoTDB has none.
    OneWay,
}

impl MessageKind {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Call => 1,
            Self::Reply => 2,
            Self::Exception => 3,
            Self::OneWay => 4,
        }
    }

    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Call,
            2 => Self::Reply,
            3 => Self::Exception,
            4 => Self::OneWay,
            _ => return None,
        })
    }
}

/// The header of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    pub(crate) kind: MessageKind,
    pub(crate) method: &'a str,
    pub(crate) sequence_id: i32,
}

impl<'a> Envelope<'a> {
    /// Writes the header of a message.
    ///
    /// # Errors
    /// `TooLong` for the method.
    pub(crate) fn write<S: Sink>(
        &self,
        protocol: Protocol,
        out: &mut S,
    ) -> Result<(), EncodeError> {
        match protocol {
            Protocol::Binary => Binary::put_envelope(out, self),
            Protocol::Compact => Compact::put_envelope(out, self),
        }
    }

    /// Reads the header of a message; `r` is then at its body.
    ///
    /// # Errors
    /// `Invalid` with a hint if the message is in another protocol; `UnexpectedEnd`; `Utf8` for the method.
    pub(crate) fn read(r: &mut Reader<'a>, protocol: Protocol) -> Result<Self, DecodeError> {
        match protocol {
            Protocol::Binary => Binary::envelope(r),
            Protocol::Compact => Compact::envelope(r),
        }
    }
}

/// What the first bytes of a message in the wrong protocol may mean.
pub(crate) fn hint(first: u16) -> &'static str {
    match first.to_be_bytes() {
        [0x82, _] => {
            "; these are the first bytes of the compact protocol: use that, or set dn_rpc_thrift_compression_enable=false on the server"
        }
        [0x80, 1] => {
            "; these are the first bytes of the binary protocol: use that, or set dn_rpc_thrift_compression_enable=true on the server"
        }
        _ => "",
    }
}
