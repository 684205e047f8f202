//! Each row of the tables of the retry policies, and what holds for all errors.

use proptest::prelude::*;

use super::RetryDecision::{Ignore, NextNode, SameNode, Stop};
use super::*;
use crate::error::Consistency::{self, *};
use crate::error::{Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError};

fn refusal(code: ErrorCode, detail: ErrorDetail) -> Error {
    let server = ServerError::new(code, "said by the test").with_detail(detail);
    Error::refused(ErrorKind::Server, server.to_string(), server)
}

fn plain(code: ErrorCode) -> Error {
    refusal(code, ErrorDetail::None)
}

fn unavailable(consistency: Consistency, alive: i32) -> Error {
    refusal(
        ErrorCode::UNAVAILABLE,
        ErrorDetail::Unavailable {
            consistency,
            required: 4,
            alive,
        },
    )
}

fn read_timeout(received: i32, block_for: i32, data_present: bool) -> Error {
    refusal(
        ErrorCode::READ_TIMEOUT,
        ErrorDetail::ReadTimeout {
            consistency: Quorum,
            received,
            block_for,
            data_present,
        },
    )
}

fn write_timeout(write_type: &str, received: i32) -> Error {
    refusal(
        ErrorCode::WRITE_TIMEOUT,
        ErrorDetail::WriteTimeout {
            consistency: Quorum,
            received,
            block_for: 2,
            write_type: write_type.to_owned(),
            contentions: None,
        },
    )
}

fn local(kind: ErrorKind, sent: Sent) -> Error {
    Error::new(kind, "said by the test").with_sent(sent)
}

/// What a policy says to the first failure at QUORUM, to the same of an idempotent request, and to the second failure
/// of the latter.
fn say(policy: &dyn RetryPolicy, error: &Error) -> [RetryDecision; 3] {
    let info = RetryInfo::new(error, Quorum);
    let idempotent = info.with_idempotent(true);
    [
        policy.decide(&info),
        policy.decide(&idempotent),
        policy.decide(&idempotent.with_attempt(1)),
    ]
}

const NEXT: RetryDecision = NextNode(None);
const SAME: RetryDecision = SameNode(None);

#[test]
fn default_rows_of_refusals() {
    let rows = [
        (unavailable(Quorum, 1), [NEXT, NEXT, Stop]),
        (read_timeout(2, 2, false), [SAME, SAME, Stop]),
        (read_timeout(3, 2, false), [SAME, SAME, Stop]),
        (read_timeout(2, 2, true), [Stop, Stop, Stop]),
        (read_timeout(1, 2, false), [Stop, Stop, Stop]),
        (write_timeout("BATCH_LOG", 0), [Stop, SAME, Stop]),
        (write_timeout("SIMPLE", 1), [Stop, Stop, Stop]),
        (write_timeout("BATCH", 1), [Stop, Stop, Stop]),
        (write_timeout("UNLOGGED_BATCH", 1), [Stop, Stop, Stop]),
        (write_timeout("COUNTER", 1), [Stop, Stop, Stop]),
        (write_timeout("CAS", 1), [Stop, Stop, Stop]),
        (write_timeout("new in 2031", 1), [Stop, Stop, Stop]),
        (plain(ErrorCode::IS_BOOTSTRAPPING), [NEXT, NEXT, NEXT]),
        (plain(ErrorCode::OVERLOADED), [Stop, NEXT, NEXT]),
        (plain(ErrorCode::SERVER_ERROR), [Stop, NEXT, NEXT]),
        (plain(ErrorCode::TRUNCATE_ERROR), [Stop, NEXT, NEXT]),
    ];
    for (error, expected) in rows {
        assert_eq!(say(&DefaultRetry, &error), expected, "{error:?}");
        assert_eq!(say(&NeverRetry, &error), [Stop; 3], "{error:?}");
    }
}

/// What any node would answer, what was carried out in part, and what nobody knows here.
#[test]
fn refusals_that_are_never_repeated() {
    for code in [
        ErrorCode::PROTOCOL_ERROR,
        ErrorCode::BAD_CREDENTIALS,
        ErrorCode::READ_FAILURE,
        ErrorCode::WRITE_FAILURE,
        ErrorCode::FUNCTION_FAILURE,
        ErrorCode::CDC_WRITE_FAILURE,
        ErrorCode::CAS_WRITE_UNKNOWN,
        ErrorCode::SYNTAX_ERROR,
        ErrorCode::UNAUTHORIZED,
        ErrorCode::INVALID,
        ErrorCode::CONFIG_ERROR,
        ErrorCode::ALREADY_EXISTS,
        ErrorCode::UNPREPARED,
        // ScyllaDB's rate limit, and what is not there yet.
        ErrorCode(0xF000),
        ErrorCode(0x7777),
    ] {
        for policy in [&DefaultRetry as &dyn RetryPolicy, &DowngradingRetry] {
            assert_eq!(say(policy, &plain(code)), [Stop; 3], "{code} {policy:?}");
        }
    }
}

#[test]
fn rows_of_the_connection() {
    let never_sent = [
        ErrorKind::Connect,
        ErrorKind::Tls,
        ErrorKind::Auth,
        ErrorKind::Io,
        ErrorKind::Closed,
        // No room on the connection, or none of that node in time.
        ErrorKind::Timeout,
        ErrorKind::Limit,
    ];
    let at_fault = [
        ErrorKind::Config,
        ErrorKind::Encode,
        ErrorKind::Type,
        ErrorKind::Misuse,
        ErrorKind::Unsupported,
    ];
    let connection_lost = [
        ErrorKind::Io,
        ErrorKind::Closed,
        ErrorKind::Decode,
        ErrorKind::Limit,
    ];
    for policy in [&DefaultRetry as &dyn RetryPolicy, &DowngradingRetry] {
        for kind in never_sent {
            let error = local(kind, Sent::No);
            assert_eq!(say(policy, &error), [NEXT; 3], "{kind:?}");
            let serial = RetryInfo::new(&error, Serial).with_serial(true);
            assert_eq!(policy.decide(&serial), NEXT, "{kind:?} with Paxos");
        }
        for kind in at_fault {
            assert_eq!(say(policy, &local(kind, Sent::No)), [Stop; 3], "{kind:?}");
        }
        for kind in connection_lost {
            let error = local(kind, Sent::Maybe);
            assert_eq!(say(policy, &error), [Stop, NEXT, NEXT], "{kind:?}");
        }
        // The deadline is that of all attempts: there is no time for another.
        let timeout = local(ErrorKind::Timeout, Sent::Maybe);
        assert_eq!(say(policy, &timeout), [Stop; 3]);
        // An answer that cannot be read: it would be the same from another node.
        let undecodable = local(ErrorKind::Decode, Sent::Yes);
        assert_eq!(say(policy, &undecodable), [Stop; 3]);
    }
    let refused = local(ErrorKind::Connect, Sent::No);
    assert_eq!(say(&NeverRetry, &refused), [Stop; 3]);
}

#[test]
fn paxos_is_not_repeated() {
    let errors = [
        unavailable(Quorum, 1),
        read_timeout(2, 2, false),
        write_timeout("BATCH_LOG", 0),
        plain(ErrorCode::IS_BOOTSTRAPPING),
        plain(ErrorCode::OVERLOADED),
        local(ErrorKind::Io, Sent::Maybe),
    ];
    for error in errors {
        // Conditional writes, even where their author says that they are idempotent.
        let info = RetryInfo::new(&error, Quorum)
            .with_serial(true)
            .with_idempotent(true);
        assert_eq!(DefaultRetry.decide(&info), Stop, "{error:?}");
        assert_eq!(DowngradingRetry.decide(&info), Stop, "{error:?}");
        // Reads.
        for level in [Serial, LocalSerial] {
            let read = RetryInfo::new(&error, level).with_idempotent(true);
            assert_eq!(DefaultRetry.decide(&read), Stop, "{error:?}");
            let unavailable = error
                .server()
                .is_some_and(|s| s.code == ErrorCode::UNAVAILABLE);
            let expected = if unavailable { NEXT } else { Stop };
            assert_eq!(DowngradingRetry.decide(&read), expected, "{error:?}");
        }
    }
}

/// A conditional write that was not known as one is recognised by what the server says.
#[test]
fn paxos_shows_in_the_error() {
    let errors = [
        unavailable(Serial, 1),
        unavailable(LocalSerial, 1),
        write_timeout("CAS", 1),
        refusal(
            ErrorCode::CAS_WRITE_UNKNOWN,
            ErrorDetail::CasWriteUnknown {
                consistency: Quorum,
                received: 1,
                block_for: 2,
            },
        ),
    ];
    for error in errors {
        for policy in [&DefaultRetry as &dyn RetryPolicy, &DowngradingRetry] {
            assert_eq!(say(policy, &error), [Stop; 3], "{error:?}");
        }
    }
}

#[test]
fn downgrading_rows() {
    let to = |level| SameNode(Some(level));
    let rows = [
        (unavailable(Quorum, 3), [to(Three), to(Three), Stop]),
        (unavailable(Quorum, 2), [to(Two), to(Two), Stop]),
        (unavailable(Quorum, 1), [to(One), to(One), Stop]),
        (unavailable(Quorum, 0), [Stop, Stop, Stop]),
        (read_timeout(1, 2, false), [to(One), to(One), Stop]),
        (read_timeout(1, 2, true), [to(One), to(One), Stop]),
        (read_timeout(0, 2, false), [Stop, Stop, Stop]),
        // As the default.
        (read_timeout(2, 2, false), [SAME, SAME, Stop]),
        (read_timeout(2, 2, true), [Stop, Stop, Stop]),
        (write_timeout("SIMPLE", 1), [Stop, Ignore, Stop]),
        (write_timeout("BATCH", 1), [Stop, Ignore, Stop]),
        (write_timeout("SIMPLE", 0), [Stop, Stop, Stop]),
        (write_timeout("UNLOGGED_BATCH", 1), [Stop, to(One), Stop]),
        (write_timeout("UNLOGGED_BATCH", 0), [Stop, Stop, Stop]),
        (write_timeout("BATCH_LOG", 0), [Stop, SAME, Stop]),
        (write_timeout("COUNTER", 1), [Stop, Stop, Stop]),
        (write_timeout("VIEW", 1), [Stop, Stop, Stop]),
        (plain(ErrorCode::IS_BOOTSTRAPPING), [NEXT, NEXT, NEXT]),
        (plain(ErrorCode::OVERLOADED), [Stop, NEXT, NEXT]),
    ];
    for (error, expected) in rows {
        assert_eq!(say(&DowngradingRetry, &error), expected, "{error:?}");
    }
}

#[test]
fn downgrading_lowers_and_stays_local() {
    let at = |level, alive| {
        let error = unavailable(level, alive);
        DowngradingRetry.decide(&RetryInfo::new(&error, level))
    };
    let to = |level| SameNode(Some(level));
    assert_eq!(at(All, 5), to(Three));
    assert_eq!(at(Three, 2), to(Two));
    assert_eq!(at(Two, 1), to(One));
    assert_eq!(at(One, 0), Stop);
    assert_eq!(at(Any, 0), Stop);
    assert_eq!(at(EachQuorum, 0), to(One));
    assert_eq!(at(EachQuorum, 2), to(Two));
    assert_eq!(at(LocalQuorum, 2), to(LocalOne));
    assert_eq!(at(LocalQuorum, 0), Stop);
    assert_eq!(at(LocalOne, 0), Stop);
    // Counts that no server should send.
    assert_eq!(at(Two, 9), to(One));
    assert_eq!(at(Three, 9), to(Two));
    assert_eq!(at(Quorum, -1), Stop);
}

/// Replicas that a level needs, of any data centre: for comparing.
fn rank(level: Consistency) -> u32 {
    match level {
        Any => 0,
        One | LocalOne => 1,
        Two => 2,
        Three => 3,
        LocalQuorum => 4,
        Quorum => 5,
        EachQuorum => 6,
        All => 7,
        _ => 9,
    }
}

fn level() -> impl Strategy<Value = Consistency> {
    (0_u16..=11).prop_map(Consistency::from_number)
}

fn detail() -> impl Strategy<Value = (ErrorCode, ErrorDetail)> {
    let counts = (-1..6_i32, -1..6_i32);
    let types = prop::sample::select(vec![
        "SIMPLE",
        "BATCH",
        "UNLOGGED_BATCH",
        "COUNTER",
        "BATCH_LOG",
        "CAS",
        "VIEW",
        "CDC",
        "?",
    ]);
    (level(), counts, any::<bool>(), types, 0..6_u8).prop_map(
        |(consistency, (received, block_for), data_present, write_type, which)| match which {
            0 => (
                ErrorCode::UNAVAILABLE,
                ErrorDetail::Unavailable {
                    consistency,
                    required: block_for,
                    alive: received,
                },
            ),
            1 => (
                ErrorCode::READ_TIMEOUT,
                ErrorDetail::ReadTimeout {
                    consistency,
                    received,
                    block_for,
                    data_present,
                },
            ),
            2 => (
                ErrorCode::CAS_WRITE_UNKNOWN,
                ErrorDetail::CasWriteUnknown {
                    consistency,
                    received,
                    block_for,
                },
            ),
            _ => (
                ErrorCode::WRITE_TIMEOUT,
                ErrorDetail::WriteTimeout {
                    consistency,
                    received,
                    block_for,
                    write_type: write_type.to_owned(),
                    contentions: None,
                },
            ),
        },
    )
}

fn error() -> impl Strategy<Value = Error> {
    let codes = prop::sample::select(vec![
        0x0000, 0x000A, 0x0100, 0x1001, 0x1002, 0x1003, 0x1300, 0x1400, 0x1500, 0x1600, 0x1700,
        0x2000, 0x2100, 0x2200, 0x2300, 0x2400, 0x2500, 0xF000,
    ]);
    let kinds = prop::sample::select(vec![
        ErrorKind::Config,
        ErrorKind::Connect,
        ErrorKind::Tls,
        ErrorKind::Auth,
        ErrorKind::Io,
        ErrorKind::Closed,
        ErrorKind::Timeout,
        ErrorKind::Server,
        ErrorKind::Decode,
        ErrorKind::Encode,
        ErrorKind::Type,
        ErrorKind::Limit,
        ErrorKind::Unsupported,
        ErrorKind::Misuse,
    ]);
    let sent = prop::sample::select(vec![Sent::No, Sent::Maybe, Sent::Yes]);
    prop_oneof![
        detail().prop_map(|(code, detail)| refusal(code, detail)),
        codes.prop_map(|code| plain(ErrorCode(code))),
        (kinds, sent).prop_map(|(kind, sent)| local(kind, sent)),
    ]
}

fn policies() -> [&'static dyn RetryPolicy; 3] {
    [&DefaultRetry, &DowngradingRetry, &NeverRetry]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_write_of_unknown_outcome_is_not_repeated(
        error in error(), attempt in 0..3_u32, level in level(), serial in any::<bool>(),
    ) {
        let info = RetryInfo::new(&error, level).with_attempt(attempt).with_serial(serial);
        for policy in policies() {
            let decision = policy.decide(&info);
            match error.sent() {
                Sent::Maybe => prop_assert_eq!(decision, Stop),
                // What its coordinator did nothing of, or what is a read.
                Sent::Yes if decision != Stop => {
                    let harmless = [ErrorCode::UNAVAILABLE, ErrorCode::IS_BOOTSTRAPPING, ErrorCode::READ_TIMEOUT];
                    prop_assert!(harmless.contains(&error.server().unwrap().code), "{:?}: {:?}", error, decision);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_conditional_write_that_was_sent_is_not_repeated(
        error in error(), attempt in 0..3_u32, idempotent in any::<bool>(),
    ) {
        let info = RetryInfo::new(&error, LocalQuorum)
            .with_attempt(attempt)
            .with_serial(true)
            .with_idempotent(idempotent);
        for policy in policies() {
            if error.sent() != Sent::No {
                prop_assert_eq!(policy.decide(&info), Stop);
            }
        }
    }

    /// A policy cannot keep a request going on one node, and never asks for more than it was asked for.
    #[test]
    fn decisions_are_bounded(
        error in error(), attempt in 0..3_u32, level in level(), idempotent in any::<bool>(),
    ) {
        let info = RetryInfo::new(&error, level).with_attempt(attempt).with_idempotent(idempotent);
        for policy in policies() {
            match policy.decide(&info) {
                SameNode(_) | Ignore => prop_assert_eq!(attempt, 0),
                NextNode(Some(_)) => prop_assert!(false, "nobody changes both"),
                _ => {}
            }
            if let SameNode(Some(lower)) = policy.decide(&info) {
                prop_assert!(rank(lower) < rank(level), "{} for {}", lower, level);
                let is_local = |level| matches!(level, LocalOne | LocalQuorum | LocalSerial);
                prop_assert_eq!(is_local(lower), is_local(level));
            }
        }
    }
}
