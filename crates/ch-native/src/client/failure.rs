//! Failures of a connection, as errors of this crate.

use wire_core::DecodeErrorKind;
use wire_core::machine::{Cause, Failure};
use wire_core::net::{ConnectError, LinkError, Stage};

use crate::error::{Error, ErrorKind, Sent};

/// A request that got no, or only a part of, its answer.
#[cold]
pub(super) fn failed(failure: Failure) -> Error {
    let sent = if failure.sent { Sent::Maybe } else { Sent::No };
    ended(failure.cause).with_sent(sent)
}

/// A connection that ended, or had no room.
#[cold]
pub(super) fn ended(cause: Cause) -> Error {
    let kind = match &cause {
        Cause::Timeout(_) | Cause::Overloaded(_) => ErrorKind::Timeout,
        Cause::PeerClosed(_) | Cause::Io(_) => ErrorKind::Io,
        Cause::Protocol(error) => match error.kind() {
            DecodeErrorKind::Limit { .. } => ErrorKind::Limit,
            DecodeErrorKind::Unsupported(_) => ErrorKind::Unsupported,
            _ => ErrorKind::Decode,
        },
        Cause::Closed | Cause::Orphans(_) | Cause::Abandoned | Cause::RuntimeGone => {
            ErrorKind::Closed
        }
    };
    let error = Error::new(kind, cause.to_string());
    match cause {
        Cause::Protocol(source) => error.with_source(source),
        Cause::Io(source) => error.with_source(source),
        _ => error,
    }
}

/// No connection could be had for a request.
#[cold]
pub(super) fn no_connection(error: LinkError<Error>) -> Error {
    match error {
        LinkError::Connect(error) => error,
        LinkError::Timeout {
            timeout,
            last_error,
        } => {
            let after = match last_error {
                Some(last) => format!("; the last attempt: {last}"),
                None => String::new(),
            };
            let text = format!("no connection within {} ms{after}", timeout.as_millis());
            Error::new(ErrorKind::Timeout, text)
        }
        LinkError::Closed => Error::new(ErrorKind::Closed, "the client was closed"),
    }
}

/// None of the hosts could be connected to.
#[cold]
pub(super) fn not_connected(error: ConnectError<Error>) -> Error {
    let others = error.attempts.len().saturating_sub(1);
    match error.primary() {
        None => Error::new(ErrorKind::Config, "there is no host to connect to"),
        Some((host, reason)) => {
            let error = stage(&host.to_string(), reason);
            match others {
                0 => error,
                n => error.context(format!("{n} other hosts failed as well")),
            }
        }
    }
}

/// One attempt failed.
#[cold]
pub(super) fn stage(host: &str, stage: Stage<Error>) -> Error {
    let text = format!("{host}: {stage}");
    match stage {
        Stage::Handshake(error, hint) => {
            let error = error.context(host);
            match hint {
                Some(hint) => error.context(format!("this looks like {hint}")),
                None => error,
            }
        }
        #[cfg(feature = "rustls-023")]
        Stage::Tls(error) => {
            Error::new(ErrorKind::Tls, format!("{host}: TLS failed")).with_source(error)
        }
        Stage::Timeout(_) => Error::new(ErrorKind::Timeout, text),
        Stage::Resolve(_) | Stage::Tcp(..) | Stage::Io(_) | Stage::PeerClosed(_) => {
            Error::new(ErrorKind::Connect, text)
        }
    }
}
