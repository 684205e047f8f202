//! Retries end to end: how often, where, and what the caller is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use cql_v4::message::{Message, Request};
use cql_v4::policy::{DowngradingRetry, NeverRetry};
use cql_v4::{
    Client, Consistency, Error, ErrorCode, ErrorDetail, ErrorKind, Sent, ServerError, Statement,
};
use tokio::time::Instant;

use crate::support::cluster::{Cluster, Reply, SECOND, settle};
use crate::support::server::run;

const QUORUM: Consistency = Consistency::LocalQuorum;

fn statement(idempotent: bool) -> Statement {
    Statement::from("INSERT ?").with_idempotent(idempotent)
}

fn read_timeout(received: i32, data_present: bool) -> (ErrorCode, ErrorDetail) {
    let detail = ErrorDetail::ReadTimeout {
        consistency: QUORUM,
        received,
        block_for: 2,
        data_present,
    };
    (ErrorCode::READ_TIMEOUT, detail)
}

fn write_timeout(write_type: &str, received: i32) -> (ErrorCode, ErrorDetail) {
    let detail = ErrorDetail::WriteTimeout {
        consistency: QUORUM,
        received,
        block_for: 2,
        write_type: write_type.to_owned(),
        contentions: None,
    };
    (ErrorCode::WRITE_TIMEOUT, detail)
}

fn unavailable(alive: i32) -> (ErrorCode, ErrorDetail) {
    let detail = ErrorDetail::Unavailable {
        consistency: QUORUM,
        required: 2,
        alive,
    };
    (ErrorCode::UNAVAILABLE, detail)
}

fn plain(code: ErrorCode) -> (ErrorCode, ErrorDetail) {
    (code, ErrorDetail::None)
}

fn message((code, detail): (ErrorCode, ErrorDetail)) -> Message {
    Message::Error(Box::new(ServerError::new(code, "no").with_detail(detail)))
}

/// What a statement comes to that every node refuses so, and which nodes were asked, in their order.
async fn refused(
    with: (ErrorCode, ErrorDetail),
    statement: Statement,
) -> (Result<(), Error>, Vec<usize>, Vec<Consistency>) {
    let cluster = Cluster::of_three();
    let client = cluster.client().await;
    cluster.on_statement(move |_| Some(Reply::Send(message(with.clone()))));
    let outcome = client.query(statement, (1,)).await.map(drop);
    let nodes = cluster.statements().iter().map(|(node, _)| *node).collect();
    let state = cluster.state();
    let levels = state.seen.iter().filter_map(|seen| match &seen.request {
        Request::Query(query) if &*query.text == "INSERT ?" => Some(query.params.consistency),
        _ => None,
    });
    (outcome, nodes, levels.collect())
}

/// Each row of the table of [`cql_v4::policy::DefaultRetry`]: attempts, and on how many nodes.
#[test]
fn the_default_policy_row_by_row() {
    for (with, idempotent, attempts, nodes) in [
        (unavailable(1), false, 2, 2),
        (read_timeout(2, false), false, 2, 1),
        (read_timeout(2, true), true, 1, 1),
        (read_timeout(1, false), true, 1, 1),
        (write_timeout("BATCH_LOG", 0), true, 2, 1),
        (write_timeout("BATCH_LOG", 0), false, 1, 1),
        (write_timeout("SIMPLE", 1), true, 1, 1),
        (write_timeout("SIMPLE", 1), false, 1, 1),
        (write_timeout("CAS", 0), true, 1, 1),
        (plain(ErrorCode::IS_BOOTSTRAPPING), false, 3, 3),
        (plain(ErrorCode::OVERLOADED), true, 3, 3),
        (plain(ErrorCode::OVERLOADED), false, 1, 1),
        (plain(ErrorCode::SERVER_ERROR), true, 3, 3),
        (plain(ErrorCode::SERVER_ERROR), false, 1, 1),
        (plain(ErrorCode::TRUNCATE_ERROR), true, 3, 3),
        (plain(ErrorCode::SYNTAX_ERROR), true, 1, 1),
        (plain(ErrorCode::INVALID), true, 1, 1),
        (plain(ErrorCode::UNAUTHORIZED), true, 1, 1),
    ] {
        run(async {
            let what = format!("{with:?}, idempotent: {idempotent}");
            let (outcome, asked, _) = refused(with.clone(), statement(idempotent)).await;
            let error = outcome.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Server, Sent::Yes),
                "{what}"
            );
            assert_eq!(error.server().unwrap().code, with.0);
            let distinct: BTreeSet<_> = asked.iter().collect();
            assert_eq!((asked.len(), distinct.len()), (attempts, nodes), "{what}");
        });
    }
}

#[test]
fn nothing_is_repeated_if_that_is_wanted() {
    run(async {
        let never = statement(true).with_retry(Arc::new(NeverRetry));
        let (outcome, asked, _) = refused(plain(ErrorCode::IS_BOOTSTRAPPING), never).await;
        assert_eq!(outcome.unwrap_err().sent(), Sent::Yes);
        assert_eq!(asked.len(), 1);
    });
}

#[test]
fn downgrading_repeats_at_a_lower_consistency_or_takes_it_for_a_success() {
    run(async {
        let downgrading = |idempotent| statement(idempotent).with_retry(Arc::new(DowngradingRetry));
        let (outcome, _, levels) = refused(unavailable(1), downgrading(false)).await;
        assert_eq!(
            outcome.unwrap_err().server().unwrap().code,
            ErrorCode::UNAVAILABLE
        );
        assert_eq!(
            levels[..2],
            [Consistency::LocalQuorum, Consistency::LocalOne]
        );
        let (outcome, asked, _) = refused(write_timeout("SIMPLE", 1), downgrading(true)).await;
        outcome.unwrap();
        assert_eq!(asked.len(), 1);
        let (outcome, asked, _) = refused(write_timeout("SIMPLE", 1), downgrading(false)).await;
        assert_eq!((outcome.unwrap_err().sent(), asked.len()), (Sent::Yes, 1));
    });
}

/// Each node cuts the connection once it has the request.
async fn cut_by(nodes: &'static [usize], idempotent: bool) -> (Result<(), Error>, usize) {
    let cluster = Cluster::of_three();
    let client = cluster.client().await;
    cluster.on_statement(|ask| nodes.contains(&ask.node).then_some(Reply::Cut));
    let outcome = client.query(statement(idempotent), (1,)).await;
    let asked = cluster.statements().len();
    // The client is as good as before.
    cluster.on(|_| None);
    client.query(statement(false), (1,)).await.unwrap();
    (outcome.map(drop), asked)
}

#[test]
fn what_may_have_been_carried_out_is_repeated_only_if_that_does_no_harm() {
    run(async {
        for _ in 0..10 {
            let (outcome, asked) = cut_by(&[0, 1, 2], false).await;
            assert_eq!((outcome.unwrap_err().sent(), asked), (Sent::Maybe, 1));
            let (outcome, asked) = cut_by(&[0, 1, 2], true).await;
            assert_eq!((outcome.unwrap_err().sent(), asked), (Sent::Maybe, 3));
            let (outcome, asked) = cut_by(&[0, 1], true).await;
            outcome.unwrap();
            assert!((1..=3).contains(&asked));
        }
    });
}

/// The first attempt went out and was lost, the others cannot begin: it may have been carried out.
#[test]
fn an_attempt_before_the_last_may_have_been_carried_out() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let all = cluster.clone();
        cluster.on_statement(move |_| {
            for node in 0..3 {
                all.take_down(node);
            }
            Some(Reply::Cut)
        });
        let began = Instant::now();
        let error = client.query(statement(true), (1,)).await.unwrap_err();
        assert_eq!(error.sent(), Sent::Maybe, "{error}");
        assert!(began.elapsed() <= SECOND * 10 + SECOND / 10);
        assert_eq!(cluster.statements().len(), 1);
    });
}

#[test]
fn all_attempts_together_have_one_deadline() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let slow = || message(plain(ErrorCode::OVERLOADED));
        cluster.on_statement(move |_| Some(Reply::Later(SECOND * 2, slow())));
        let began = Instant::now();
        let patient = statement(true).with_timeout(SECOND * 3);
        let error = client.query(patient, (1,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert!(
            began.elapsed() <= SECOND * 3 + SECOND / 10,
            "{:?}",
            began.elapsed()
        );
        assert_eq!(cluster.statements().len(), 2);
        assert_eq!(client.stats().retries, 1);
    });
}

#[test]
fn a_silent_node_is_a_timeout_and_nothing_is_repeated() {
    run(async {
        let cluster = Cluster::of_three();
        let client: Client = cluster.client().await;
        cluster.on_statement(|_| Some(Reply::Nothing));
        for idempotent in [false, true] {
            let began = Instant::now();
            let error = client.query(statement(idempotent), (1,)).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Timeout, Sent::Maybe)
            );
            assert!(began.elapsed() <= SECOND * 10 + SECOND / 10);
        }
        settle().await;
        assert_eq!(cluster.statements().len(), 2);
        // The answer of the last is still owed; a connection that is silent for longer was replaced.
        assert!((1..=2).contains(&client.stats().orphans));
    });
}
