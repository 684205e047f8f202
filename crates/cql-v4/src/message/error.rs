//! ERROR (native protocol v4, §9).
//!
//! ```text
//! [int code] [string message] fields by code
//! ```

use wire_core::{DecodeError, EncodeError, Reader, Writer};

use crate::codec::prim;
use crate::error::{Consistency, ErrorCode, ErrorDetail, ServerError};

/// Reads the body; fields of codes that are not known here are left alone.
pub(super) fn read(r: &mut Reader<'_>) -> Result<ServerError, DecodeError> {
    let code = ErrorCode(r.i32_be("code")?);
    let message = prim::string(r, "message")?.to_owned();
    let detail = read_detail(r, code)?;
    Ok(ServerError {
        code,
        message,
        detail,
    })
}

fn read_detail(r: &mut Reader<'_>, code: ErrorCode) -> Result<ErrorDetail, DecodeError> {
    Ok(match code {
        ErrorCode::UNAVAILABLE => ErrorDetail::Unavailable {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            required: r.i32_be("required")?,
            alive: r.i32_be("alive")?,
        },
        ErrorCode::WRITE_TIMEOUT => ErrorDetail::WriteTimeout {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            received: r.i32_be("received")?,
            block_for: r.i32_be("block_for")?,
            write_type: prim::string(r, "write_type")?.to_owned(),
        },
        ErrorCode::READ_TIMEOUT => ErrorDetail::ReadTimeout {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            received: r.i32_be("received")?,
            block_for: r.i32_be("block_for")?,
            data_present: r.u8("data_present")? != 0,
        },
        ErrorCode::READ_FAILURE => ErrorDetail::ReadFailure {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            received: r.i32_be("received")?,
            block_for: r.i32_be("block_for")?,
            failures: r.i32_be("failures")?,
            data_present: r.u8("data_present")? != 0,
        },
        ErrorCode::WRITE_FAILURE => ErrorDetail::WriteFailure {
            consistency: Consistency::from_number(r.u16_be("consistency")?),
            received: r.i32_be("received")?,
            block_for: r.i32_be("block_for")?,
            failures: r.i32_be("failures")?,
            write_type: prim::string(r, "write_type")?.to_owned(),
        },
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

/// Writes the body, as a server does.
pub(super) fn write(error: &ServerError, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.i32_be(error.code.0);
    prim::put_string(w, "message", &error.message)?;
    let levels = |w: &mut Writer<'_>, consistency: &Consistency, a: &i32, b: &i32| {
        w.u16_be(consistency.number());
        w.i32_be(*a);
        w.i32_be(*b);
    };
    match &error.detail {
        ErrorDetail::None => {}
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
        } => {
            levels(w, consistency, received, block_for);
            prim::put_string(w, "write type", write_type)?;
        }
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
            data_present,
        } => {
            levels(w, consistency, received, block_for);
            w.i32_be(*failures);
            w.u8(u8::from(*data_present));
        }
        ErrorDetail::WriteFailure {
            consistency,
            received,
            block_for,
            failures,
            write_type,
        } => {
            levels(w, consistency, received, block_for);
            w.i32_be(*failures);
            prim::put_string(w, "write type", write_type)?;
        }
        ErrorDetail::FunctionFailure {
            keyspace,
            function,
            arg_types,
        } => {
            prim::put_string(w, "keyspace", keyspace)?;
            prim::put_string(w, "function", function)?;
            prim::put_string_list(w, "arguments", arg_types)?;
        }
        ErrorDetail::AlreadyExists { keyspace, table } => {
            prim::put_string(w, "keyspace", keyspace)?;
            prim::put_string(w, "table", table)?;
        }
        ErrorDetail::Unprepared { id } => prim::put_short_bytes(w, "id", id)?,
    }
    Ok(())
}
