//! Errors: one opaque type, sorted by blame, and the server's refusal as data.

mod consistency;
mod server;

use wire_core::{DecodeError, DecodeErrorKind, EncodeError};

pub use consistency::Consistency;
pub use server::{ErrorCode, ErrorDetail, RateLimited, ServerError};

wire_core::define_error!();
#[cfg(feature = "client")]
wire_core::define_connection_errors!();

impl Error {
    /// Bytes of the server that `what` could not be read from.
    #[cold]
    pub(crate) fn undecodable(what: &str, cause: DecodeError) -> Self {
        let kind = match cause.kind() {
            DecodeErrorKind::Limit { .. } => ErrorKind::Limit,
            DecodeErrorKind::Unsupported(_) => ErrorKind::Unsupported,
            _ => ErrorKind::Decode,
        };
        Self::new(kind, format!("{what} cannot be decoded"))
            .with_sent(Sent::Yes)
            .with_source(cause)
    }

    /// A request that cannot be put into bytes.
    #[cold]
    pub(crate) fn unencodable(cause: EncodeError) -> Self {
        Self::new(
            ErrorKind::Encode,
            "the request cannot be encoded; nothing was sent",
        )
        .with_source(cause)
    }
}

/// Carries either kind of error through `?` inside the crate, so that no foreign error needs a public conversion.
#[derive(Debug)]
pub(crate) struct Fail(pub(crate) Error);

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<EncodeError> for Fail {
    fn from(error: EncodeError) -> Self {
        Self(Error::unencodable(error))
    }
}
