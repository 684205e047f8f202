//! STARTUP and authentication (native protocol v4, §4.1.1, §4.1.2, §4.2.3).
//!
//! ```text
//! STARTUP:                      [string map]
//! READY:                        empty
//! AUTHENTICATE:                 [string] class of the authenticator
//! AUTH_RESPONSE, AUTH_CHALLENGE, AUTH_SUCCESS: [bytes] token
//! ```

use std::fmt;

use bytes::Bytes;
use wire_core::{DecodeError, Reader, Writer};

use super::{Opcode, RequestBody};
use crate::codec::{Compression, Dialect, prim};
use crate::error::Fail;

/// Begins a connection. Never compressed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Startup {
    options: Vec<(String, String)>,
}

impl Startup {
    /// The version of CQL that the protocol asks to name; servers accept it whatever they speak (§4.1.1).
    const CQL_VERSION: &'static str = "3.0.0";

    /// What servers demand: the version of CQL, and the compression if there is to be one.
    pub fn new(compression: Option<Compression>) -> Self {
        let mut startup = Self::default();
        startup.set("CQL_VERSION", Self::CQL_VERSION);
        if let Some(compression) = compression {
            startup.set("COMPRESSION", compression.name());
        }
        startup
    }

    /// Adds an option.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.options.push((key.into(), value.into()));
    }

    /// The value of an option.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        prim::string_map(r, "options").map(|options| Self { options })
    }
}

impl RequestBody for Startup {
    const OPCODE: Opcode = Opcode::STARTUP;

    fn write(&self, _: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        Ok(prim::put_string_map(w, "options", &self.options)?)
    }
}

/// An answer to the server's challenge. Its `Debug` does not show the token.
#[derive(Clone, PartialEq, Eq, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the message is its token and nothing else"
)]
pub struct AuthResponse {
    /// The token; `None` is null.
    pub token: Option<Bytes>,
}

impl AuthResponse {
    /// The token of SASL PLAIN (RFC 4616): an empty authorization identity, the user, the password.
    pub fn plain(user: &str, password: &str) -> Self {
        let token = ["", user, password].join("\0");
        Self {
            token: Some(token.into()),
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        prim::bytes(r, "token").map(|token| Self { token })
    }
}

impl fmt::Debug for AuthResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = if self.token.is_some() {
            "<redacted>"
        } else {
            "null"
        };
        f.debug_struct("AuthResponse")
            .field("token", &token)
            .finish()
    }
}

impl RequestBody for AuthResponse {
    const OPCODE: Opcode = Opcode::AUTH_RESPONSE;

    fn write(&self, _: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        Ok(prim::put_bytes(w, "token", self.token.as_deref())?)
    }
}
