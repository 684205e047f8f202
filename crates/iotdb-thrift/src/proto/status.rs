//! What a status means.
//!
//! | code since 1.0 | before | meaning |
//! | --- | --- | --- |
//! | 200 | 200 | done |
//! | 400 | 707 | done, and another node would have been nearer: no error |
//! | 401 | – | done, and the database of the session changed: no error |
//! | 302 | 506 | some parts of a batch failed; all of them done is no error |
//!
//! Anything else is an error. Before 1.0 the list of parts has only those that failed, so it does not say which.

use crate::error::{Error, ErrorKind, Numbering, PartError, Sent, ServerError, status_name};
use crate::message::{TApplicationException, TSStatus};

const SUCCESS: i32 = 200;

/// Checks how a request ended; `doing` says what it was, for the error.
///
/// # Errors
/// The server's refusal: `Auth` for what it says about the user, `Server` for the rest.
pub(crate) fn check(
    status: &TSStatus,
    numbering: Numbering,
    doing: impl FnOnce() -> String,
) -> Result<(), Error> {
    if status.code == SUCCESS || is_done(status, numbering) {
        return Ok(());
    }
    let server = server_error(status, numbering);
    Err(Error::refused(
        kind(status.code, numbering),
        format!("{}: {server}", doing()),
        server,
    ))
}

fn is_done(status: &TSStatus, numbering: Numbering) -> bool {
    let parts = status.sub_status.as_deref().unwrap_or_default();
    match (numbering, status.code) {
        (_, SUCCESS) | (Numbering::Modern, 400 | 401) | (Numbering::Classic, 707) => true,
        (Numbering::Modern, 302) | (Numbering::Classic, 506) => {
            !parts.is_empty() && parts.iter().all(|part| is_done(part, numbering))
        }
        _ => false,
    }
}

fn kind(code: i32, numbering: Numbering) -> ErrorKind {
    match (numbering, code) {
        // Login, permission, unknown user, locked; what is about other users is an ordinary error.
        (Numbering::Modern, 800..=804 | 822) | (Numbering::Classic, 600..=603) => ErrorKind::Auth,
        (Numbering::Modern, 201 | 205) | (Numbering::Classic, 203) => ErrorKind::Unsupported,
        _ => ErrorKind::Server,
    }
}

fn server_error(status: &TSStatus, numbering: Numbering) -> ServerError {
    let parts = status.sub_status.as_deref().unwrap_or_default();
    let parts = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| !is_done(part, numbering));
    let parts = parts.map(|(index, part)| PartError {
        index: (numbering == Numbering::Modern).then_some(index),
        code: part.code,
        name: status_name(part.code, numbering),
        message: part.message.clone().unwrap_or_default(),
    });
    ServerError {
        code: status.code,
        name: status_name(status.code, numbering),
        message: status.message.clone().unwrap_or_default(),
        needs_retry: status.need_retry == Some(true),
        exception: false,
        parts: parts.collect(),
    }
}

/// The error of a call that the server could not carry out at all.
#[cold]
pub(crate) fn refused_call(exception: &TApplicationException, doing: &str) -> Error {
    let kind = if exception.is_unknown_method() {
        ErrorKind::Unsupported
    } else {
        ErrorKind::Server
    };
    let server = ServerError {
        code: exception.r#type.map_or(0, |ty| ty.code()),
        name: if exception.is_unknown_method() {
            "UNKNOWN_METHOD"
        } else {
            "APPLICATION_EXCEPTION"
        },
        message: exception.message.clone().unwrap_or_default(),
        needs_retry: false,
        exception: true,
        parts: Vec::new(),
    };
    Error::refused(kind, format!("{doing}: {server}"), server).with_sent(Sent::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: i32, parts: &[i32]) -> TSStatus {
        let mut out = TSStatus {
            code,
            message: Some("why".to_owned()),
            ..TSStatus::default()
        };
        out.sub_status =
            (!parts.is_empty()).then(|| parts.iter().map(|code| status(*code, &[])).collect());
        out
    }

    fn run(code: i32, parts: &[i32], numbering: Numbering) -> Result<(), Error> {
        check(&status(code, parts), numbering, || {
            "insertTablet of root.d".to_owned()
        })
    }

    #[test]
    fn what_is_done_is_no_error() {
        for (code, parts) in [
            (200, &[][..]),
            (400, &[]),
            (400, &[200, 200]),
            (401, &[]),
            (302, &[200, 400]),
        ] {
            run(code, parts, Numbering::Modern).unwrap();
        }
        for (code, parts) in [(200, &[200][..]), (707, &[]), (506, &[200])] {
            run(code, parts, Numbering::Classic).unwrap();
        }
    }

    #[test]
    fn a_batch_names_the_parts_that_failed() {
        let error = run(302, &[200, 507, 400, 700], Numbering::Modern).unwrap_err();
        assert_eq!(
            error.to_string(),
            "insertTablet of root.d: 302 MULTIPLE_ERROR: why; part 1: 507 METADATA_ERROR: why; \
             part 3: 700 SQL_PARSE_ERROR: why"
        );
        let parts = error.server().unwrap().parts();
        assert_eq!(
            parts.iter().map(PartError::index).collect::<Vec<_>>(),
            [Some(1), Some(3)]
        );
        assert_eq!(error.sent(), Sent::Yes);
        let error = run(506, &[304], Numbering::Classic).unwrap_err();
        assert_eq!(error.server().unwrap().parts()[0].index(), None);
        assert!(
            run(302, &[], Numbering::Modern).is_err(),
            "no parts: nothing says that it was done"
        );
    }

    #[test]
    fn the_same_code_is_judged_by_generation() {
        assert_eq!(
            run(801, &[], Numbering::Modern).unwrap_err().kind(),
            ErrorKind::Auth
        );
        assert_eq!(
            run(600, &[], Numbering::Classic).unwrap_err().kind(),
            ErrorKind::Auth
        );
        assert_eq!(
            run(600, &[], Numbering::Modern).unwrap_err().kind(),
            ErrorKind::Server
        );
        let error = run(400, &[], Numbering::Classic).unwrap_err();
        assert_eq!(error.server().unwrap().name(), "EXECUTE_STATEMENT_ERROR");
    }
}
