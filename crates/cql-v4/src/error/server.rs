//! The server's refusal as data.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use super::Consistency;

/// The number of a server error (native protocol v4, §9). Unknown numbers are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a code is its number and nothing else"
)]
pub struct ErrorCode(pub i32);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The name that the specification gives it, or `unknown error`.
            pub fn name(self) -> &'static str {
                match self.0 {
                    $($code => $text,)*
                    _ => "unknown error",
                }
            }
        }
    };
}

codes! {
    /// Something unexpected happened inside the server.
    SERVER_ERROR = 0x0000, "server error";
    /// The client broke the protocol, or asked for a version that the server does not speak.
    PROTOCOL_ERROR = 0x000A, "protocol error";
    /// Wrong credentials.
    BAD_CREDENTIALS = 0x0100, "authentication error";
    /// Not enough replicas are alive for the consistency level.
    UNAVAILABLE = 0x1000, "unavailable";
    /// The coordinator is overloaded.
    OVERLOADED = 0x1001, "overloaded";
    /// The coordinator is still starting.
    IS_BOOTSTRAPPING = 0x1002, "is bootstrapping";
    /// TRUNCATE failed.
    TRUNCATE_ERROR = 0x1003, "truncate error";
    /// Replicas did not acknowledge a write in time.
    WRITE_TIMEOUT = 0x1100, "write timeout";
    /// Replicas did not answer a read in time.
    READ_TIMEOUT = 0x1200, "read timeout";
    /// Replicas failed while reading.
    READ_FAILURE = 0x1300, "read failure";
    /// A user-defined function failed.
    FUNCTION_FAILURE = 0x1400, "function failure";
    /// Replicas failed while writing.
    WRITE_FAILURE = 0x1500, "write failure";
    /// Writing to a table with change data capture failed (protocol v5).
    CDC_WRITE_FAILURE = 0x1600, "CDC write failure";
    /// Whether a conditional write was carried out is not known (protocol v5).
    CAS_WRITE_UNKNOWN = 0x1700, "CAS write unknown";
    /// The statement is not CQL.
    SYNTAX_ERROR = 0x2000, "syntax error";
    /// The user lacks a permission.
    UNAUTHORIZED = 0x2100, "unauthorized";
    /// The statement is CQL, but not valid here.
    INVALID = 0x2200, "invalid query";
    /// A configuration problem.
    CONFIG_ERROR = 0x2300, "configuration error";
    /// The keyspace or table exists already.
    ALREADY_EXISTS = 0x2400, "already exists";
    /// The prepared statement is not known (any more) by this node.
    UNPREPARED = 0x2500, "unprepared";
    /// The partition's rate limit was passed (ScyllaDB). The number is agreed on for each connection; this is the one in
    /// use.
    RATE_LIMIT = 0xF000, "rate limit";
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x} ({})", self.0, self.name())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#06x})", self.name(), self.0)
    }
}

/// The server's refusal: an ERROR message (native protocol v4, §9).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerError {
    /// The number; see the constants of [`ErrorCode`].
    pub code: ErrorCode,
    /// The server's words.
    pub message: String,
    /// The further fields that some codes have.
    pub detail: ErrorDetail,
}

/// The fields that some error codes have beyond their message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorDetail {
    /// This code has none, or is not known here.
    None,
    /// [`ErrorCode::UNAVAILABLE`].
    Unavailable {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that the level needs.
        required: i32,
        /// Replicas that were alive.
        alive: i32,
    },
    /// [`ErrorCode::WRITE_TIMEOUT`].
    WriteTimeout {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that acknowledged.
        received: i32,
        /// Acknowledgements that were needed.
        block_for: i32,
        /// `SIMPLE`, `BATCH`, `UNLOGGED_BATCH`, `COUNTER`, `BATCH_LOG`, `CAS`, `VIEW`, `CDC`, or what the server said.
        write_type: String,
        /// Paxos rounds that others won, for `CAS` on protocol v5.
        contentions: Option<u16>,
    },
    /// [`ErrorCode::READ_TIMEOUT`].
    ReadTimeout {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that answered.
        received: i32,
        /// Answers that were needed.
        block_for: i32,
        /// Whether the replica that was asked for the data itself answered.
        data_present: bool,
    },
    /// [`ErrorCode::READ_FAILURE`].
    ReadFailure {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that answered.
        received: i32,
        /// Answers that were needed.
        block_for: i32,
        /// Replicas that failed.
        failures: i32,
        /// Which replicas, and the server's number for why; none before protocol v5.
        reasons: Vec<(IpAddr, u16)>,
        /// Whether the replica that was asked for the data itself answered.
        data_present: bool,
    },
    /// [`ErrorCode::WRITE_FAILURE`].
    WriteFailure {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that acknowledged.
        received: i32,
        /// Acknowledgements that were needed.
        block_for: i32,
        /// Replicas that failed.
        failures: i32,
        /// Which replicas, and the server's number for why; none before protocol v5.
        reasons: Vec<(IpAddr, u16)>,
        /// As in a write timeout.
        write_type: String,
    },
    /// [`ErrorCode::CAS_WRITE_UNKNOWN`].
    CasWriteUnknown {
        /// Consistency level of the request.
        consistency: Consistency,
        /// Replicas that acknowledged.
        received: i32,
        /// Acknowledgements that were needed.
        block_for: i32,
    },
    /// [`ErrorCode::FUNCTION_FAILURE`].
    FunctionFailure {
        /// Keyspace of the function.
        keyspace: String,
        /// Its name.
        function: String,
        /// CQL types of its arguments.
        arg_types: Vec<String>,
    },
    /// [`ErrorCode::ALREADY_EXISTS`].
    AlreadyExists {
        /// The keyspace.
        keyspace: String,
        /// The table; empty when a keyspace was to be created.
        table: String,
    },
    /// [`ErrorCode::UNPREPARED`].
    Unprepared {
        /// Id of the statement that the node does not know.
        id: Bytes,
    },
    /// [`ErrorCode::RATE_LIMIT`], where that error was agreed on.
    RateLimit {
        /// Which operations are too many.
        operation: RateLimited,
        /// Whether the coordinator refused, so that no replica was asked.
        by_coordinator: bool,
    },
}

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimited {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// The server's number, where it is not known here.
    Other(u8),
}

impl ServerError {
    /// An error without further fields, for the server's role.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: ErrorDetail::None,
        }
    }

    /// The same with the fields that its code has.
    #[must_use]
    pub fn with_detail(mut self, detail: ErrorDetail) -> Self {
        self.detail = detail;
        self
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ServerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_like_a_sentence_and_keeps_unknown_codes() {
        let known = ServerError::new(ErrorCode::SYNTAX_ERROR, "line 1:0 no viable alternative");
        assert_eq!(
            known.to_string(),
            "syntax error (0x2000): line 1:0 no viable alternative"
        );
        let unknown = ServerError::new(ErrorCode(0xF001), "weather");
        assert_eq!(unknown.to_string(), "unknown error (0xf001): weather");
    }
}
