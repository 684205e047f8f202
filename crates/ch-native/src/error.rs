//! What can go wrong, sorted by who is to blame.

use std::fmt;

use wire_core::{DecodeError, DecodeErrorKind, EncodeError};

wire_core::define_error!();
#[cfg(feature = "client")]
wire_core::define_connection_errors!();

/// An exception of the server (`Exception` packet), outermost first.
///
/// Modern servers send exactly one; old ones may chain causes, see [`ServerError::causes`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// ClickHouse's error code, as in its `system.errors` table: 60 is an unknown table.
    pub code: i32,
    /// Name of the exception class, usually `DB::Exception`.
    pub name: String,
    /// What the server says happened.
    pub message: String,
    /// The server's stack trace; empty if the server hides it.
    pub stack_trace: String,
    /// The exceptions that led to this one, nearest first.
    pub causes: Vec<Self>,
}

impl ServerError {
    /// An exception without causes.
    pub fn new(code: i32, name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            name: name.into(),
            message: message.into(),
            stack_trace: String::new(),
            causes: Vec::new(),
        }
    }

    /// Whether the code means that the credentials or the address were refused.
    ///
    /// Codes 192 to 195 (old servers) and 516 (`AUTHENTICATION_FAILED`).
    pub fn is_authentication(&self) -> bool {
        matches!(self.code, 192..=195 | 516)
    }
}

/// Without the stack trace, which is long and of use to the server's developers alone.
impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerError")
            .field("code", &self.code)
            .field("name", &self.name)
            .field("message", &self.message)
            .field("causes", &self.causes)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}: {}", self.code, self.message)?;
        for cause in &self.causes {
            write!(f, "; caused by code {}: {}", cause.code, cause.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ServerError {}

impl Error {
    /// Bytes of the peer that do not decode.
    #[cold]
    pub(crate) fn decode(source: DecodeError, what: impl fmt::Display) -> Self {
        let kind = match source.kind() {
            DecodeErrorKind::Limit { .. } => ErrorKind::Limit,
            DecodeErrorKind::Unsupported(_) => ErrorKind::Unsupported,
            _ => ErrorKind::Decode,
        };
        Self::new(kind, what.to_string()).with_source(source)
    }

    /// A value that cannot be written.
    #[cold]
    pub(crate) fn encode(source: EncodeError, what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Encode, what.to_string()).with_source(source)
    }

    /// The server's exception; `what` says what it refused.
    #[cfg(feature = "client")]
    #[cold]
    pub(crate) fn server_refused(what: impl fmt::Display, server: ServerError) -> Self {
        let kind = if server.is_authentication() {
            ErrorKind::Auth
        } else {
            ErrorKind::Server
        };
        Self::refused(kind, format!("{what}: {server}"), server)
    }
}
