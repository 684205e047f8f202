//! Frame bodies to requests and responses, and back: both directions, so that the crate serves either role.
//!
//! | opcode | message | from | file |
//! | --- | --- | --- | --- |
//! | 0x00 | ERROR | server | error |
//! | 0x01 | STARTUP | client | handshake |
//! | 0x02 | READY | server | handshake |
//! | 0x03 | AUTHENTICATE | server | handshake |
//! | 0x05 | OPTIONS | client | control |
//! | 0x06 | SUPPORTED | server | control |
//! | 0x07 | QUERY | client | query |
//! | 0x08 | RESULT | server | result |
//! | 0x09 | PREPARE | client | query |
//! | 0x0A | EXECUTE | client | query |
//! | 0x0B | REGISTER | client | event |
//! | 0x0C | EVENT | server | event |
//! | 0x0D | BATCH | client | insert |
//! | 0x0E | AUTH_CHALLENGE | server | handshake |
//! | 0x0F | AUTH_RESPONSE | client | handshake |
//! | 0x10 | AUTH_SUCCESS | server | handshake |
//!
//! Native protocol v4, §2.4. Bytes behind the last field of a body are ignored, so that servers may add fields.

mod bind;
mod control;
mod error;
mod event;
mod handshake;
mod insert;
mod metadata;
mod params;
mod query;
mod request;
mod response;
mod result;

pub use bind::{Bind, Binder, Named, RawValue, RawValues};
pub use control::Supported;
pub use event::{Event, Register, StatusChange, TopologyChange};
pub use handshake::{AuthResponse, Startup};
pub use insert::{Batch, BatchKind, BatchStatement, StatementRef};
#[cfg(feature = "client")]
pub(crate) use insert::{BatchParts, EncodedStatements};
pub use metadata::{Column, KnownColumns};
#[cfg(feature = "client")]
pub(crate) use params::ParamsParts;
pub use params::QueryParams;
pub use query::{Execute, Prepare, Query};
#[cfg(feature = "client")]
pub(crate) use query::{ExecuteParts, QueryParts};
pub use request::{Call, Request};
pub(crate) use request::{Options, RequestBody, append_request};
pub use response::{Extras, Message, Response};
pub use result::{PreparedMessage, ResultMessage, RowsMessage, SchemaChange};

/// What a frame's body is. Unknown numbers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an opcode is its number and nothing else"
)]
pub struct Opcode(pub u8);

macro_rules! opcodes {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl Opcode {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// Its name in the specification, or `unknown opcode`.
            pub fn name(self) -> &'static str {
                match self.0 {
                    $($number => stringify!($name),)*
                    _ => "unknown opcode",
                }
            }
        }
    };
}

opcodes! {
    /// The server's refusal.
    ERROR = 0x00;
    /// Begins a connection.
    STARTUP = 0x01;
    /// The connection may be used.
    READY = 0x02;
    /// The server wants credentials.
    AUTHENTICATE = 0x03;
    /// Asks what the server supports.
    OPTIONS = 0x05;
    /// What the server supports.
    SUPPORTED = 0x06;
    /// Runs a statement.
    QUERY = 0x07;
    /// The outcome of a statement.
    RESULT = 0x08;
    /// Prepares a statement.
    PREPARE = 0x09;
    /// Runs a prepared statement.
    EXECUTE = 0x0A;
    /// Asks for events.
    REGISTER = 0x0B;
    /// What the server tells unasked.
    EVENT = 0x0C;
    /// Runs several statements.
    BATCH = 0x0D;
    /// The next question of an authentication.
    AUTH_CHALLENGE = 0x0E;
    /// The next answer of an authentication.
    AUTH_RESPONSE = 0x0F;
    /// The credentials are accepted.
    AUTH_SUCCESS = 0x10;
}

impl std::fmt::Display for Opcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:#04x})", self.name(), self.0)
    }
}
