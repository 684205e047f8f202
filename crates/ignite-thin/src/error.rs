//! Errors: what happened, to what, whether the request was sent, and what the server said.

use std::fmt;

use wire_core::{DecodeErrorKind, EncodeErrorKind};

wire_core::define_error!();
#[cfg(feature = "client")]
wire_core::define_connection_errors!();

/// The server's refusal of a request: a status code, its text and, if the server is set up to send it, the Java
/// stack trace (`ThinClientConfiguration.sendServerExceptionStackTraceToClient`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError {
    status: Status,
    message: String,
    stack_trace: Option<String>,
}

impl ServerError {
    /// Takes the text of a response apart: a stack trace begins with the line `class …` above the first `at …`.
    pub(crate) fn new(status: Status, text: &str) -> Self {
        let (message, trace) = text
            .find("\n\tat ")
            .and_then(|frames| text.get(..frames)?.rfind("\nclass "))
            .and_then(|at| text.split_at_checked(at))
            .map_or((text, None), |(message, trace)| (message, Some(trace)));
        Self {
            status,
            message: message.trim_end().to_owned(),
            stack_trace: trace.map(|trace| trace.trim_start().to_owned()),
        }
    }

    /// The status code.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The server's text without a stack trace. Statements put a `SQLSTATE` in front of it, see [`Self::sql_state`].
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The Java stack trace, if the server sent one.
    pub fn stack_trace(&self) -> Option<&str> {
        self.stack_trace.as_deref()
    }

    /// The five characters of `SQLSTATE` that begin the text of a failed statement: `42000` for one that cannot be
    /// parsed, `23000` for a duplicate key.
    pub fn sql_state(&self) -> Option<&str> {
        let (state, _) = self.message.split_once(": ")?;
        let is_state = state.len() == 5
            && state
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        is_state.then_some(state)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (status {}, {:?})",
            self.message,
            self.status.code(),
            self.status
        )
    }
}

impl std::error::Error for ServerError {}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Status of a response (class `ClientStatus` of the server). Codes of newer servers survive as
        /// [`Status::Unknown`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Status {
            $($(#[$doc])* $name,)*
            /// A code that this version of the crate has no name for.
            Unknown(i32),
        }

        impl Status {
            /// The status of a code.
            pub fn from_code(code: i32) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self::Unknown(other),
                }
            }

            /// The code on the wire.
            pub fn code(self) -> i32 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Unknown(code) => code,
                }
            }
        }
    };
}

statuses! {
    /// Any failure without a code of its own; the text says which.
    Failed = 1,
    /// The server does not know the operation: it is older than the operation.
    InvalidOpCode = 2,
    /// The node is stopping, or the cluster is not active.
    InvalidNodeState = 10,
    /// The node is in recovery or warm-up mode and takes no clients yet.
    NodeInRecoveryMode = 11,
    /// Switched off on the server.
    FunctionalityDisabled = 100,
    /// No cache has this name.
    CacheDoesNotExist = 1000,
    /// A cache with this name is there already.
    CacheExists = 1001,
    /// The cache configuration is not valid.
    CacheConfigInvalid = 1002,
    /// The connection has its most cursors open (128 unless configured otherwise).
    TooManyCursors = 1010,
    /// The cursor or other resource is unknown: closed, exhausted, or of another connection.
    ResourceDoesNotExist = 1011,
    /// The user may not do this.
    SecurityViolation = 1012,
    /// The connection has its most transactions open.
    TxLimitExceeded = 1020,
    /// The transaction is unknown or has ended.
    TxNotFound = 1021,
    /// Too many compute tasks run for this connection.
    TooManyComputeTasks = 1030,
    /// An entry processor failed.
    EntryProcessorException = 1040,
    /// User name or password is wrong.
    AuthFailed = 2000,
}

/// An error of bytes from the peer, by what is wrong with them.
#[cold]
pub(crate) fn wire(error: wire_core::DecodeError) -> Error {
    let (kind, text) = match error.kind() {
        DecodeErrorKind::Limit { .. } => (ErrorKind::Limit, "the peer's message passes a limit"),
        DecodeErrorKind::Unsupported(_) => (
            ErrorKind::Unsupported,
            "the peer's message holds what this crate cannot read",
        ),
        _ => (
            ErrorKind::Decode,
            "the peer's bytes are not what the protocol says",
        ),
    };
    Error::new(kind, text).with_source(error)
}

/// An error of a value that cannot be written.
#[cold]
pub(crate) fn unwritable(error: wire_core::EncodeError) -> Error {
    let kind = match error.kind() {
        EncodeErrorKind::TooLong { .. } => ErrorKind::Limit,
        _ => ErrorKind::Encode,
    };
    Error::new(kind, "the value cannot be written").with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sqlstate_and_stack_trace_are_apart() {
        let error = ServerError::new(
            Status::from_code(1),
            "42000: Failed to parse query.\nSELEKT 1\nclass org.a.X: Failed\nSELEKT 1\n\tat org.a.B.c(B.java:1)\nCaused by: x",
        );
        assert_eq!(error.message(), "42000: Failed to parse query.\nSELEKT 1");
        assert_eq!(error.sql_state(), Some("42000"));
        assert_eq!(
            error.stack_trace(),
            Some("class org.a.X: Failed\nSELEKT 1\n\tat org.a.B.c(B.java:1)\nCaused by: x")
        );
        let error = ServerError::new(Status::from_code(1000), "Cache does not exist [cacheId= 5]");
        assert_eq!((error.sql_state(), error.stack_trace()), (None, None));
        assert_eq!(
            error.to_string(),
            "Cache does not exist [cacheId= 5] (status 1000, CacheDoesNotExist)"
        );
    }

    #[test]
    fn codes_of_newer_servers_survive() {
        assert_eq!(Status::from_code(4242).code(), 4242);
        assert_eq!(Status::from_code(2000), Status::AuthFailed);
    }
}
