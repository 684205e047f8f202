//! Speculative execution, and the throttle.

use std::sync::Arc;
use std::time::Duration;

use cql_v4::policy::{ConstantSpeculation, Profile, Throttle};
use cql_v4::{Client, Consistency, ErrorCode, ErrorKind, Sent, Statement};
use tokio::time::Instant;

use crate::support::cluster::{Cluster, Reply, SECOND, pass, refusal, settle};
use crate::support::server::{assert_idle, ints, run, value};

const DELAY: Duration = Duration::from_millis(100);

async fn speculating(cluster: &Cluster) -> Client {
    let policy = Arc::new(ConstantSpeculation::new(2, DELAY));
    let profile = Profile::new().with_speculation(policy);
    let config = cluster.config().with_profile(profile);
    cluster.connect(config).await.unwrap()
}

fn idempotent() -> Statement {
    Statement::from("SELECT ?").with_idempotent(true)
}

/// The first to be asked answers late.
fn first_is_late(cluster: &Cluster, by: Duration) {
    let mut first = true;
    cluster.on_statement(move |ask| {
        let late = std::mem::replace(&mut first, false);
        late.then(|| Reply::Later(by, ints(&[value(&ask.request)], None)))
    });
}

#[test]
fn a_second_node_is_asked_when_the_first_takes_long() {
    run(async {
        let cluster = Cluster::of_three();
        let client = speculating(&cluster).await;
        first_is_late(&cluster, SECOND);
        let began = Instant::now();
        let answer = client.query(idempotent(), (5,)).await.unwrap();
        assert_eq!(answer.first::<(i32,)>().unwrap(), Some((5,)));
        assert!(began.elapsed() >= DELAY && began.elapsed() < DELAY * 2);
        let asked = cluster.statements();
        assert_eq!(asked.len(), 2);
        assert_ne!(asked[0].0, asked[1].0);
        let stats = client.stats();
        assert_eq!((stats.speculative_started, stats.speculative_won), (1, 1));
        // The answer of the first is still owed, and taken when it comes.
        assert_eq!((stats.orphans, stats.in_flight), (1, stats.in_flight));
        pass(SECOND * 2).await;
        assert_idle(&client);
    });
}

#[test]
fn the_first_may_still_win() {
    run(async {
        let cluster = Cluster::of_three();
        let client = speculating(&cluster).await;
        cluster.on_statement(|ask| {
            Some(Reply::Later(
                DELAY * 3 / 2,
                ints(&[value(&ask.request)], None),
            ))
        });
        client.query(idempotent(), (5,)).await.unwrap();
        let stats = client.stats();
        assert_eq!((stats.speculative_started, stats.speculative_won), (1, 0));
        pass(SECOND).await;
        assert_idle(&client);
    });
}

#[test]
fn what_may_do_harm_twice_is_asked_once() {
    run(async {
        let cluster = Cluster::of_three();
        let client = speculating(&cluster).await;
        let serial = idempotent().with_consistency(Consistency::Serial);
        for statement in [Statement::from("SELECT ?"), serial] {
            first_is_late(&cluster, SECOND);
            client.query(statement, (5,)).await.unwrap();
        }
        assert_eq!(cluster.statements().len(), 2);
        assert_eq!(client.stats().speculative_started, 0);
    });
}

#[test]
fn an_error_of_the_statement_ends_the_race() {
    run(async {
        let cluster = Cluster::of_three();
        let client = speculating(&cluster).await;
        let mut first = true;
        cluster.on_statement(move |_| {
            if std::mem::replace(&mut first, false) {
                return Some(Reply::Nothing);
            }
            refusal(ErrorCode::INVALID)
        });
        let began = Instant::now();
        let error = client.query(idempotent(), (5,)).await.unwrap_err();
        assert_eq!(error.server().unwrap().code, ErrorCode::INVALID);
        assert!(began.elapsed() < DELAY * 2);
        assert_eq!(cluster.statements().len(), 2);
    });
}

/// With nowhere else to go, what the first node says counts.
#[test]
fn one_node_alone_is_not_speculated_about() {
    run(async {
        let cluster = Cluster::new(&["dc1"]);
        let client = speculating(&cluster).await;
        cluster.on_statement(|_| {
            Some(Reply::Later(
                SECOND,
                crate::support::server::refuse(ErrorCode::OVERLOADED, "no"),
            ))
        });
        let error = client.query(idempotent(), (5,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Server, Sent::Yes),
            "{error}"
        );
        cluster.on_statement(|_| Some(Reply::Nothing));
        let error = client.query(idempotent(), (5,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe),
            "{error}"
        );
        assert_eq!(client.stats().speculative_started, 0);
        assert_eq!(cluster.statements().len(), 2);
    });
}

#[test]
fn the_deadline_holds_for_all_executions() {
    run(async {
        let cluster = Cluster::of_three();
        let client = speculating(&cluster).await;
        cluster.on_statement(|_| Some(Reply::Nothing));
        let began = Instant::now();
        let error = client.query(idempotent(), (5,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert!(began.elapsed() <= SECOND * 10 + SECOND / 10);
        assert_eq!(cluster.statements().len(), 3);
        assert_eq!(client.stats().orphans, 3);
    });
}

#[test]
fn the_throttle_lets_so_many_pass_and_refuses_what_it_has_no_room_for() {
    run(async {
        let cluster = Cluster::of_three();
        let throttle = Throttle::new(2).with_max_queued(3);
        let client = cluster
            .connect(cluster.config().with_throttle(throttle))
            .await
            .unwrap();
        cluster
            .on_statement(|ask| Some(Reply::Later(SECOND / 4, ints(&[value(&ask.request)], None))));
        let tasks = (0..8).map(|key| {
            let client = client.clone();
            tokio::spawn(async move { client.query("SELECT ?", (key,)).await })
        });
        let tasks: Vec<_> = tasks.collect();
        settle().await;
        assert_eq!(cluster.statements().len(), 2);
        let mut refused = 0;
        for task in tasks {
            if let Err(error) = task.await.unwrap() {
                assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout, Sent::No));
                refused += 1;
            }
        }
        assert_eq!((refused, cluster.statements().len()), (3, 5));
    });
}
