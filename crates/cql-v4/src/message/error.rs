//! ERROR (native protocol v4, §9, and v5, §9).
//!
//! ```text
//! [int code] [string message] fields by code
//! ```

use std::net::IpAddr;

use wire_core::{DecodeError, EncodeError, Prefix, Reader, Writer};

use crate::codec::{Dialect, Feature, prim};
use crate::error::{Consistency, ErrorCode, ErrorDetail, RateLimited, ServerError};

/// Reads the body; fields of codes that are not known here are left alone.
pub(super) fn read(r: &mut Reader<'_>, dialect: Dialect) -> Result<ServerError, DecodeError> {
    let code = ErrorCode(r.i32_be("code")?);
    let message = prim::string(r, "message")?.to_owned();
    let detail = read_detail(r, code, dialect)?;
    Ok(ServerError {
        code,
        message,
        detail,
    })
}

fn read_detail(
    r: &mut Reader<'_>,
    code: ErrorCode,
    dialect: Dialect,
) -> Result<ErrorDetail, DecodeError> {
    // Only where it was agreed on: another server may have another error by this number.
    if dialect.rate_limit_code() == Some(code.0) {
        return read_rate_limit(r);
    }
    Ok(match code {
        ErrorCode::UNAVAILABLE => ErrorDetail::Unavailable {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            required: r.i32_be("required")?,
            alive: r.i32_be("alive")?,
        },
        ErrorCode::WRITE_TIMEOUT => {
            let (consistency, received, block_for) = read_levels(r)?;
            let write_type = prim::string(r, "write_type")?.to_owned();
            let is_cas = write_type == "CAS" && dialect.has(Feature::FailureReasons);
            ErrorDetail::WriteTimeout {
                consistency,
                received,
                block_for,
                write_type,
                contentions: if is_cas {
                    Some(r.u16_be("contentions")?)
                } else {
                    None
                },
            }
        }
        ErrorCode::READ_TIMEOUT => ErrorDetail::ReadTimeout {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            received: r.i32_be("received")?,
            block_for: r.i32_be("block_for")?,
            data_present: r.u8("data_present")? != 0,
        },
        ErrorCode::READ_FAILURE => {
            let (consistency, received, block_for) = read_levels(r)?;
            let (failures, reasons) = read_failures(r, dialect)?;
            ErrorDetail::ReadFailure {
                consistency,
                received,
                block_for,
                failures,
                reasons,
                data_present: r.u8("data_present")? != 0,
            }
        }
        ErrorCode::WRITE_FAILURE => {
            let (consistency, received, block_for) = read_levels(r)?;
            let (failures, reasons) = read_failures(r, dialect)?;
            ErrorDetail::WriteFailure {
                consistency,
                received,
                block_for,
                failures,
                reasons,
                write_type: prim::string(r, "write_type")?.to_owned(),
            }
        }
        ErrorCode::CAS_WRITE_UNKNOWN => {
            let (consistency, received, block_for) = read_levels(r)?;
            ErrorDetail::CasWriteUnknown {
                consistency,
                received,
                block_for,
            }
        }
        ErrorCode::FUNCTION_FAILURE => ErrorDetail::FunctionFailure {
            keyspace: prim::string(r, "keyspace")?.to_owned(),
            function: prim::string(r, "function")?.to_owned(),
            arg_types: prim::string_list(r, "arg_types")?,
        },
        ErrorCode::ALREADY_EXISTS => ErrorDetail::AlreadyExists {
            keyspace: prim::string(r, "keyspace")?.to_owned(),
            table: prim::string(r, "table")?.to_owned(),
        },
        ErrorCode::UNPREPARED => ErrorDetail::Unprepared {
            id: prim::short_bytes(r, "id")?,
        },
        _ => ErrorDetail::None,
    })
}

/// Which operation, and who refused it (ScyllaDB, `docs/dev/protocol-extensions.md`, "Rate limit error").
fn read_rate_limit(r: &mut Reader<'_>) -> Result<ErrorDetail, DecodeError> {
    Ok(ErrorDetail::RateLimit {
        operation: match r.u8("operation")? {
            0 => RateLimited::Read,
            1 => RateLimited::Write,
            other => RateLimited::Other(other),
        },
        by_coordinator: r.u8("by_coordinator")? != 0,
    })
}

/// The consistency level, what was received and what was needed.
fn read_levels(r: &mut Reader<'_>) -> Result<(Consistency, i32, i32), DecodeError> {
    let consistency = Consistency::from_number(r.u16_be("consistency")?);
    Ok((consistency, r.i32_be("received")?, r.i32_be("block_for")?))
}

/// How many replicas failed and, from protocol v5 on, which and why.
fn read_failures(
    r: &mut Reader<'_>,
    dialect: Dialect,
) -> Result<(i32, Vec<(IpAddr, u16)>), DecodeError> {
    let failures = r.i32_be("failures")?;
    if !dialect.has(Feature::FailureReasons) {
        return Ok((failures, Vec::new()));
    }
    // A length, an address of four bytes and a reason.
    let n = r.count("failures", failures, 7)?;
    let reasons = (0..n)
        .map(|_| Ok((prim::inet_addr(r, "replica")?, r.u16_be("reason")?)))
        .collect::<Result<_, _>>()?;
    Ok((failures, reasons))
}

fn write_failures(
    w: &mut Writer<'_>,
    dialect: Dialect,
    failures: i32,
    reasons: &[(IpAddr, u16)],
) -> Result<(), EncodeError> {
    if !dialect.has(Feature::FailureReasons) {
        w.i32_be(failures);
        return Ok(());
    }
    w.length(Prefix::I32Be, "failures", reasons.len())?;
    for (replica, reason) in reasons {
        prim::put_inet_addr(w, *replica);
        w.u16_be(*reason);
    }
    Ok(())
}

/// Writes the body, as a server does.
pub(super) fn write(
    error: &ServerError,
    w: &mut Writer<'_>,
    dialect: Dialect,
) -> Result<(), EncodeError> {
    w.i32_be(error.code.0);
    prim::put_string(w, "message", &error.message)?;
    match &error.detail {
        ErrorDetail::None => Ok(()),
        ErrorDetail::FunctionFailure {
            keyspace,
            function,
            arg_types,
        } => {
            prim::put_string(w, "keyspace", keyspace)?;
            prim::put_string(w, "function", function)?;
            prim::put_string_list(w, "arguments", arg_types)
        }
        ErrorDetail::AlreadyExists { keyspace, table } => {
            prim::put_string(w, "keyspace", keyspace)?;
            prim::put_string(w, "table", table)
        }
        ErrorDetail::Unprepared { id } => prim::put_short_bytes(w, "id", id),
        ErrorDetail::RateLimit {
            operation,
            by_coordinator,
        } => {
            w.u8(match operation {
                RateLimited::Read => 0,
                RateLimited::Write => 1,
                RateLimited::Other(number) => *number,
            });
            w.u8(u8::from(*by_coordinator));
            Ok(())
        }
        of_replicas => write_of_replicas(of_replicas, w, dialect),
    }
}

/// The details that begin with a consistency level and two numbers.
fn write_of_replicas(
    detail: &ErrorDetail,
    w: &mut Writer<'_>,
    dialect: Dialect,
) -> Result<(), EncodeError> {
    let levels = |w: &mut Writer<'_>, consistency: &Consistency, a: &i32, b: &i32| {
        w.u16_be(consistency.number());
        w.i32_be(*a);
        w.i32_be(*b);
    };
    match detail {
        ErrorDetail::Unavailable {
            consistency,
            required,
            alive,
        } => levels(w, consistency, required, alive),
        ErrorDetail::WriteTimeout {
            consistency,
            received,
            block_for,
            write_type,
            contentions,
        } => {
            levels(w, consistency, received, block_for);
            prim::put_string(w, "write type", write_type)?;
            if let Some(contentions) = contentions
                && dialect.has(Feature::FailureReasons)
            {
                w.u16_be(*contentions);
            }
        }
        ErrorDetail::CasWriteUnknown {
            consistency,
            received,
            block_for,
        } => levels(w, consistency, received, block_for),
        ErrorDetail::ReadTimeout {
            consistency,
            received,
            block_for,
            data_present,
        } => {
            levels(w, consistency, received, block_for);
            w.u8(u8::from(*data_present));
        }
        ErrorDetail::ReadFailure {
            consistency,
            received,
            block_for,
            failures,
            reasons,
            data_present,
        } => {
            levels(w, consistency, received, block_for);
            write_failures(w, dialect, *failures, reasons)?;
            w.u8(u8::from(*data_present));
        }
        ErrorDetail::WriteFailure {
            consistency,
            received,
            block_for,
            failures,
            reasons,
            write_type,
        } => {
            levels(w, consistency, received, block_for);
            write_failures(w, dialect, *failures, reasons)?;
            prim::put_string(w, "write type", write_type)?;
        }
        _ => {}
    }
    Ok(())
}
