//! Errors: whose fault, what happened, whether the request was sent, and what the server said.
//!
//! [`Error`] is one word wide. [`ErrorKind`] sorts by blame, [`Sent`] says whether a retry is safe, and
//! [`ServerError`] carries the server's own code and words.

mod codes;

use std::fmt;

use wire_core::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};

pub(crate) use codes::{Numbering, status_name};

wire_core::define_error!();
#[cfg(feature = "client")]
wire_core::define_connection_errors!();

/// What the server answered instead of doing what it was asked.
///
/// Servers number their codes anew in 1.0: the name tells which table was used. Codes that this crate does not know
/// keep their number and are called `UNKNOWN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError {
    pub(crate) code: i32,
    pub(crate) name: &'static str,
    pub(crate) message: String,
    pub(crate) needs_retry: bool,
    pub(crate) exception: bool,
    pub(crate) parts: Vec<PartError>,
}

/// The failure of one part of a request: one device of a batch, one statement of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartError {
    pub(crate) index: Option<usize>,
    pub(crate) code: i32,
    pub(crate) name: &'static str,
    pub(crate) message: String,
}

impl ServerError {
    /// The code: a status code (`TSStatus.code`), or the type of a Thrift exception if [`Self::is_exception`].
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The code's symbolic name, for instance `SQL_PARSE_ERROR`; `UNKNOWN` if this crate does not know it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The server's own words; may be empty.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the server says that the same request may succeed later (`needRetry`, since 1.3).
    pub fn needs_retry(&self) -> bool {
        self.needs_retry
    }

    /// Whether this is a Thrift application exception: the server could not run the method at all, for instance
    /// because it does not have it.
    pub fn is_exception(&self) -> bool {
        self.exception
    }

    /// The parts of a batch that failed (code 302; 506 before 1.0). Parts that are not listed were carried out.
    pub fn parts(&self) -> &[PartError] {
        &self.parts
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.name)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        let mut parts = self.parts.iter();
        for part in parts.by_ref().take(SHOWN_PARTS) {
            write!(f, "; part {part}")?;
        }
        match parts.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more parts"),
        }
    }
}

/// Parts that the text of an error shows; the rest is in [`ServerError::parts`]. A batch can have thousands.
const SHOWN_PARTS: usize = 3;

impl PartError {
    /// Which part, counted from 0 in the order of the request; `None` from servers before 1.0, which do not say.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// The part's status code.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The code's symbolic name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The server's own words; may be empty.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "{index}: ")?;
        }
        write!(f, "{} {}", self.code, self.name)?;
        if self.message.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.message)
    }
}

impl Error {
    /// Adds what may be the reason.
    #[cfg(feature = "client")]
    #[cold]
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        self.0.text = format!("{} ({hint})", self.0.text).into();
        self
    }

    /// Bytes that could not be decoded, or pass a limit.
    #[cold]
    pub(crate) fn decode(error: &DecodeError) -> Self {
        let kind = match error.kind() {
            DecodeErrorKind::Limit { .. } => ErrorKind::Limit,
            DecodeErrorKind::Unsupported(_) => ErrorKind::Unsupported,
            _ => ErrorKind::Decode,
        };
        Self::new(kind, error.to_string())
    }

    /// A value that could not be encoded.
    #[cold]
    pub(crate) fn encode(error: &EncodeError) -> Self {
        let kind = match error.kind() {
            EncodeErrorKind::TooLong { .. } => ErrorKind::Limit,
            _ => ErrorKind::Encode,
        };
        Self::new(kind, error.to_string())
    }
}
