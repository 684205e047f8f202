//! What follows an attempt that failed.
//!
//! The rules are those that the Java and the Rust driver agree on, made stricter where those would repeat a write
//! whose outcome is not known. They rest on three facts: a request of which not a byte had left has done nothing; a
//! coordinator that is bootstrapping, or that finds too few replicas alive, refuses before it does anything; and after
//! every other failure of a write, the write may have been carried out, or still be.

use std::fmt;

use crate::error::{Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError};

/// Decides what follows an attempt that failed.
///
/// One value serves all requests of a client, and attempts of one request that run at the same time. A policy is asked
/// for a decision and nothing more: the deadline of the request goes on through all its attempts, and a decision for
/// another node ends the request where there is none left.
///
/// ```
/// use cql_v4::policy::{DefaultRetry, RetryDecision, RetryInfo, RetryPolicy};
///
/// /// As the default, but no request is repeated more than twice.
/// #[derive(Debug)]
/// struct Patient;
///
/// impl RetryPolicy for Patient {
///     fn decide(&self, info: &RetryInfo<'_>) -> RetryDecision {
///         if info.attempt >= 2 {
///             return RetryDecision::Stop;
///         }
///         DefaultRetry.decide(info)
///     }
/// }
/// ```
pub trait RetryPolicy: fmt::Debug + Send + Sync {
    /// What to do about `info.error`.
    fn decide(&self, info: &RetryInfo<'_>) -> RetryDecision;
}

/// What is known about an attempt that failed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RetryInfo<'a> {
    /// How it failed: [`Error::kind`], [`Error::sent`], [`Error::server`].
    pub error: &'a Error,
    /// Retries of this request so far; 0 when its first attempt has failed.
    pub attempt: u32,
    /// Whether the statement may be carried out twice without harm, as its author says. Counters, additions to lists,
    /// conditional writes and statements with `now()` or `uuid()` may not.
    pub idempotent: bool,
    /// Consistency of the attempt.
    pub consistency: Consistency,
    /// Whether Paxos is part of it: a conditional write, or a read at SERIAL or LOCAL_SERIAL.
    pub serial: bool,
}

impl<'a> RetryInfo<'a> {
    /// The first attempt of a request that is not idempotent; serial if `consistency` is.
    pub fn new(error: &'a Error, consistency: Consistency) -> Self {
        Self {
            error,
            attempt: 0,
            idempotent: false,
            consistency,
            serial: consistency.is_serial(),
        }
    }

    /// Sets [`Self::attempt`].
    #[must_use]
    pub fn with_attempt(mut self, retries: u32) -> Self {
        self.attempt = retries;
        self
    }

    /// Sets [`Self::idempotent`].
    #[must_use]
    pub fn with_idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Sets [`Self::serial`].
    #[must_use]
    pub fn with_serial(mut self, serial: bool) -> Self {
        self.serial = serial;
        self
    }

    fn is_first(&self) -> bool {
        self.attempt == 0
    }

    /// A read at SERIAL or LOCAL_SERIAL. Writes cannot have such a consistency, only a serial consistency beside it.
    fn is_serial_read(&self) -> bool {
        self.consistency.is_serial()
    }

    /// Whether Paxos is part of it, as the caller says or as the error shows.
    fn is_paxos(&self) -> bool {
        let shown = match self.error.server().map(|refusal| &refusal.detail) {
            Some(ErrorDetail::CasWriteUnknown { .. }) => true,
            Some(ErrorDetail::Unavailable { consistency, .. }) => consistency.is_serial(),
            Some(ErrorDetail::WriteTimeout {
                consistency,
                write_type,
                ..
            }) => consistency.is_serial() || write_type == "CAS",
            _ => false,
        };
        shown || self.serial || self.is_serial_read()
    }
}

/// What follows an attempt that failed.
///
/// The consistency is that of the next attempt; `None` leaves it as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// The request has failed, with this error.
    Stop,
    /// Again, on the same node.
    SameNode(Option<Consistency>),
    /// Again, on the next node of the plan.
    NextNode(Option<Consistency>),
    /// The request has succeeded after all, with an empty result.
    Ignore,
}

/// Repeats a request where that cannot do harm and is likely to help. The default.
///
/// | failure | decision |
/// | --- | --- |
/// | nothing was sent: no connection, no room on it, it broke before | next node |
/// | too few replicas alive (`Unavailable`) | next node, once |
/// | read timeout, with enough answers but not the one with the data | same node, once |
/// | write timeout of the batch log, idempotent | same node, once |
/// | the node is bootstrapping | next node |
/// | overloaded, server error, truncate error, connection lost; idempotent | next node |
/// | the request's deadline, and everything else | stop |
///
/// What was sent and is not idempotent is repeated in three cases alone: the coordinator said that it did nothing
/// (unavailable, bootstrapping), or the failure is that of a read. Conditional writes and reads at SERIAL are repeated
/// only if nothing was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to be set")]
pub struct DefaultRetry;

impl RetryPolicy for DefaultRetry {
    fn decide(&self, info: &RetryInfo<'_>) -> RetryDecision {
        match (info.error.sent(), info.error.server()) {
            (Sent::No, _) => not_sent(info.error),
            _ if info.is_paxos() => RetryDecision::Stop,
            (_, Some(refusal)) => refused(info, refusal),
            (Sent::Maybe, None) => lost(info),
            (Sent::Yes, None) => RetryDecision::Stop,
        }
    }
}

/// As [`DefaultRetry`], and where replicas are missing, repeats at a lower consistency that those left can satisfy.
///
/// **This trades consistency for availability without a word to the caller**: a read may miss what was written before,
/// a write may be lost with the few nodes that have it. Good for data whose loss does not matter.
///
/// | failure, the first time | decision |
/// | --- | --- |
/// | too few replicas alive | same node, lower consistency; a read at SERIAL: next node |
/// | read timeout, with too few answers | same node, lower consistency |
/// | write timeout, `SIMPLE` or `BATCH`, on one replica at least; idempotent | taken for a success |
/// | write timeout, `UNLOGGED_BATCH`; idempotent | same node, lower consistency |
/// | everything else | as [`DefaultRetry`] |
///
/// The lower consistency is THREE, TWO or ONE, by the number of replicas that are left, and always lower than it was;
/// LOCAL_ONE for LOCAL_QUORUM, so that no other data centre is asked. With none left, the request has failed;
/// except at EACH_QUORUM, where the number is that of one data centre: ONE.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to be set")]
pub struct DowngradingRetry;

impl RetryPolicy for DowngradingRetry {
    fn decide(&self, info: &RetryInfo<'_>) -> RetryDecision {
        let Some(refusal) = info.error.server() else {
            return DefaultRetry.decide(info);
        };
        if info.error.sent() == Sent::No || !info.is_first() {
            return DefaultRetry.decide(info);
        }
        if info.is_paxos() {
            let again = refusal.code == ErrorCode::UNAVAILABLE && info.is_serial_read();
            return if again {
                RetryDecision::NextNode(None)
            } else {
                RetryDecision::Stop
            };
        }
        downgraded(info, refusal).unwrap_or_else(|| DefaultRetry.decide(info))
    }
}

/// Repeats nothing, not even what was never sent: the first failure is the request's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to be set")]
pub struct NeverRetry;

impl RetryPolicy for NeverRetry {
    fn decide(&self, _: &RetryInfo<'_>) -> RetryDecision {
        RetryDecision::Stop
    }
}

/// Not a byte left. Another node can take it, unless the request itself is at fault.
fn not_sent(error: &Error) -> RetryDecision {
    match error.kind() {
        ErrorKind::Config
        | ErrorKind::Encode
        | ErrorKind::Type
        | ErrorKind::Misuse
        | ErrorKind::Unsupported => RetryDecision::Stop,
        _ => RetryDecision::NextNode(None),
    }
}

/// The connection broke after the request had gone out, or the deadline passed.
fn lost(info: &RetryInfo<'_>) -> RetryDecision {
    // A request whose deadline has passed has no time for another attempt.
    if info.idempotent && !info.error.is_timeout() {
        RetryDecision::NextNode(None)
    } else {
        RetryDecision::Stop
    }
}

/// The coordinator answered with an error.
fn refused(info: &RetryInfo<'_>, refusal: &ServerError) -> RetryDecision {
    let once = |decision| {
        if info.is_first() {
            decision
        } else {
            RetryDecision::Stop
        }
    };
    match refusal.code {
        ErrorCode::UNAVAILABLE => once(RetryDecision::NextNode(None)),
        ErrorCode::IS_BOOTSTRAPPING => RetryDecision::NextNode(None),
        ErrorCode::OVERLOADED | ErrorCode::SERVER_ERROR | ErrorCode::TRUNCATE_ERROR
            if info.idempotent =>
        {
            RetryDecision::NextNode(None)
        }
        ErrorCode::READ_TIMEOUT if only_data_is_missing(&refusal.detail) => {
            once(RetryDecision::SameNode(None))
        }
        ErrorCode::WRITE_TIMEOUT if info.idempotent && is_batch_log(&refusal.detail) => {
            once(RetryDecision::SameNode(None))
        }
        _ => RetryDecision::Stop,
    }
}

/// Enough replicas answered, but the one that was asked for the data and not for a digest did not: it is likely to be
/// known as dead by now, and another will be asked.
fn only_data_is_missing(detail: &ErrorDetail) -> bool {
    matches!(
        detail,
        ErrorDetail::ReadTimeout { received, block_for, data_present: false, .. } if received >= block_for
    )
}

/// The batch log was not written, so nothing of the batch was.
fn is_batch_log(detail: &ErrorDetail) -> bool {
    matches!(detail, ErrorDetail::WriteTimeout { write_type, .. } if write_type == "BATCH_LOG")
}

/// What a lower consistency can do about a refusal; `None` if nothing.
fn downgraded(info: &RetryInfo<'_>, refusal: &ServerError) -> Option<RetryDecision> {
    let lower = |replicas: i32| match lower(info.consistency, replicas) {
        Some(level) => RetryDecision::SameNode(Some(level)),
        None => RetryDecision::Stop,
    };
    match &refusal.detail {
        ErrorDetail::Unavailable { alive, .. } => Some(lower(*alive)),
        ErrorDetail::ReadTimeout {
            received,
            block_for,
            ..
        } if received < block_for => Some(lower(*received)),
        ErrorDetail::WriteTimeout {
            write_type,
            received,
            ..
        } if info.idempotent => match write_type.as_str() {
            "SIMPLE" | "BATCH" if *received > 0 => Some(RetryDecision::Ignore),
            "UNLOGGED_BATCH" => Some(lower(*received)),
            _ => None,
        },
        _ => None,
    }
}

/// The highest level below `level` that this many replicas can satisfy.
fn lower(level: Consistency, replicas: i32) -> Option<Consistency> {
    match level {
        // The replicas of one data centre were counted, and others may have more.
        Consistency::EachQuorum if replicas <= 0 => Some(Consistency::One),
        Consistency::LocalQuorum => (replicas > 0).then_some(Consistency::LocalOne),
        Consistency::Quorum | Consistency::All | Consistency::EachQuorum => numbered(replicas),
        Consistency::Three => numbered(replicas.min(2)),
        Consistency::Two => numbered(replicas.min(1)),
        _ => None,
    }
}

fn numbered(replicas: i32) -> Option<Consistency> {
    match replicas {
        ..=0 => None,
        1 => Some(Consistency::One),
        2 => Some(Consistency::Two),
        3.. => Some(Consistency::Three),
    }
}
