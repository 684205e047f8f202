//! Every code of the server's errors with its own fields, on each version, in both directions; and codes that are not
//! known.

mod support;

use std::net::IpAddr;

use bytes::Bytes;
use cql_v4::codec::Dialect;
use cql_v4::message::{Message, Response};
use cql_v4::{
    Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Limits, RateLimited, ServerError,
    Version,
};

const V3: Version = Version::V3;
const V4: Version = Version::V4;
const V5: Version = Version::V5;

fn hex(text: &str) -> Vec<u8> {
    wire_core::hex::parse(text).unwrap()
}

fn read(body: &[u8], dialect: Dialect) -> Result<ServerError, Error> {
    let header = [0x80 | dialect.version().number(), 0, 0, 1, 0x00];
    let frame = support::with_body(&header, body);
    match Response::decode(&frame.header, &frame.body, dialect, &Limits::DEFAULT)?.message {
        Message::Error(error) => Ok(*error),
        other => panic!("{other:?}"),
    }
}

fn written(error: &ServerError, dialect: Dialect) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(Message::Error(Box::new(error.clone())))
        .encode(dialect, None, 1, &mut out)
        .unwrap();
    out.split_off(9)
}

/// `fields`, which stand behind the code and the message `m`, are `detail`: read, written, and refused when cut short.
#[track_caller]
fn check<D: Into<Dialect> + Copy>(
    dialects: &[D],
    code: ErrorCode,
    fields: &str,
    detail: ErrorDetail,
) {
    let body = [&code.0.to_be_bytes()[..], &[0, 1, b'm'], &hex(fields)].concat();
    let expected = ServerError::new(code, "m").with_detail(detail);
    for dialect in dialects {
        let dialect: Dialect = (*dialect).into();
        assert_eq!(read(&body, dialect).unwrap(), expected, "{dialect:?}");
        assert_eq!(written(&expected, dialect), body, "{dialect:?}");
        for n in 0..body.len() {
            let error = read(&body[..n], dialect).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{dialect:?}, {n} bytes");
        }
        let longer = [&body[..], b"later"].concat();
        assert_eq!(read(&longer, dialect).unwrap(), expected, "{dialect:?}");
    }
}

const QUORUM: Consistency = Consistency::Quorum;

/// Native protocol v4, §9.
#[test]
fn timeouts_and_failures_of_replicas() {
    check(
        &[V3, V4, V5],
        ErrorCode::UNAVAILABLE,
        "0004 00000003 00000002",
        ErrorDetail::Unavailable {
            consistency: QUORUM,
            required: 3,
            alive: 2,
        },
    );
    let write_timeout = |write_type: &str, contentions| ErrorDetail::WriteTimeout {
        consistency: QUORUM,
        received: 1,
        block_for: 2,
        write_type: write_type.to_owned(),
        contentions,
    };
    let fields = "0004 00000001 00000002 0006 53494d504c45";
    let code = ErrorCode::WRITE_TIMEOUT;
    check(&[V3, V4, V5], code, fields, write_timeout("SIMPLE", None));
    let fields = "0004 00000001 00000002 0003 434153";
    check(&[V3, V4], code, fields, write_timeout("CAS", None));
    let fields = "0004 00000001 00000002 0003 434153 0007";
    check(&[V5], code, fields, write_timeout("CAS", Some(7)));
    // A type of write that came later.
    let fields = "0004 00000001 00000002 0003 4e4557";
    check(&[V3, V4, V5], code, fields, write_timeout("NEW", None));
    check(
        &[V3, V4, V5],
        ErrorCode::READ_TIMEOUT,
        "0004 00000001 00000002 01",
        ErrorDetail::ReadTimeout {
            consistency: QUORUM,
            received: 1,
            block_for: 2,
            data_present: true,
        },
    );
    check(
        &[V5],
        ErrorCode::CAS_WRITE_UNKNOWN,
        "0008 00000001 00000002",
        ErrorDetail::CasWriteUnknown {
            consistency: Consistency::Serial,
            received: 1,
            block_for: 2,
        },
    );
}

/// Native protocol v5, §9: from there on failures come with the replicas and their reasons.
#[test]
fn failures_name_replicas_from_protocol_v5_on() {
    let read_failure = |failures, reasons: &[(IpAddr, u16)]| ErrorDetail::ReadFailure {
        consistency: QUORUM,
        received: 0,
        block_for: 2,
        failures,
        reasons: reasons.to_vec(),
        data_present: false,
    };
    let write_failure = |failures, reasons: &[(IpAddr, u16)]| ErrorDetail::WriteFailure {
        consistency: QUORUM,
        received: 0,
        block_for: 2,
        failures,
        reasons: reasons.to_vec(),
        write_type: "VIEW".to_owned(),
    };
    let reasons = [
        ("10.0.0.1".parse().unwrap(), 1),
        ("::2".parse().unwrap(), 0x99),
    ];
    let levels = "0004 00000000 00000002";
    let map = "00000002 04 0a000001 0001 10 00000000000000000000000000000002 0099";
    let (read, write) = (ErrorCode::READ_FAILURE, ErrorCode::WRITE_FAILURE);
    let fields = format!("{levels} 00000002 00");
    check(&[V3, V4], read, &fields, read_failure(2, &[]));
    let fields = format!("{levels} {map} 00");
    check(&[V5], read, &fields, read_failure(2, &reasons));
    let fields = format!("{levels} 00000002 0004 56494557");
    check(&[V3, V4], write, &fields, write_failure(2, &[]));
    let fields = format!("{levels} {map} 0004 56494557");
    check(&[V5], write, &fields, write_failure(2, &reasons));
}

#[test]
fn errors_about_things_name_them() {
    check(
        &[V4, V5],
        ErrorCode::FUNCTION_FAILURE,
        "0002 6b73 0001 66 0002 0003 696e74 0004 74657874",
        ErrorDetail::FunctionFailure {
            keyspace: "ks".to_owned(),
            function: "f".to_owned(),
            arg_types: vec!["int".to_owned(), "text".to_owned()],
        },
    );
    check(
        &[V3, V4, V5],
        ErrorCode::ALREADY_EXISTS,
        "0002 6b73 0000",
        ErrorDetail::AlreadyExists {
            keyspace: "ks".to_owned(),
            table: String::new(),
        },
    );
    check(
        &[V3, V4, V5],
        ErrorCode::UNPREPARED,
        "0003 010203",
        ErrorDetail::Unprepared {
            id: Bytes::from_static(&[1, 2, 3]),
        },
    );
}

/// ScyllaDB, `docs/dev/protocol-extensions.md`, "Rate limit error".
#[test]
fn a_rate_limit_has_the_code_that_was_agreed_on() {
    let agreed = Dialect::new(V4).with_rate_limit_code(0xF123);
    let detail = |operation, by_coordinator| ErrorDetail::RateLimit {
        operation,
        by_coordinator,
    };
    let code = ErrorCode(0xF123);
    check(&[agreed], code, "01 00", detail(RateLimited::Write, false));
    check(&[agreed], code, "00 01", detail(RateLimited::Read, true));
    check(
        &[agreed],
        code,
        "07 01",
        detail(RateLimited::Other(7), true),
    );
    // Where it was not agreed on, the code has no meaning, and its fields have none.
    let body = [&0xF123_i32.to_be_bytes()[..], b"\0\x01m\x01\0"].concat();
    assert_eq!(read(&body, V4.into()).unwrap(), ServerError::new(code, "m"));
    assert_eq!(ErrorCode::RATE_LIMIT.0, 0xF000);
}

#[test]
fn codes_without_fields_and_unknown_codes_keep_their_message() {
    for code in [
        0x0000,
        0x000A,
        0x0100,
        0x1001,
        0x1002,
        0x1003,
        0x1600,
        0x2000,
        0x2100,
        0x2200,
        0x2300,
        0x1234,
        0x7fff_ffff,
        -1,
    ] {
        check(&[V3, V4, V5], ErrorCode(code), "", ErrorDetail::None);
    }
}
