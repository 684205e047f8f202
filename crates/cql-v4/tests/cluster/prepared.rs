//! Prepared statements on several nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cql_v4::message::{BatchKind, Request};
use cql_v4::{Batch, Client, ErrorKind, Sent, Statement};
use tokio::time::Instant;

use crate::support::cluster::{Ask, Cluster, Reply, SECOND, Seen, pass, settle};
use crate::support::server::run;

const SELECT: &str = "SELECT v FROM ks.t WHERE k = ?";
const MILLISECOND: Duration = Duration::from_millis(1);

fn is_prepare(seen: &Seen) -> bool {
    matches!(seen.request, Request::Prepare(_))
}

fn prepares(cluster: &Cluster, node: usize) -> usize {
    cluster.count(|seen| seen.node == node && is_prepare(seen))
}

/// Answers take a millisecond, as they do where clocks go.
fn with_latency(cluster: &Cluster) {
    cluster.set_latency(MILLISECOND);
}

#[test]
fn a_hundred_who_prepare_at_once_prepare_once_on_each_node() {
    run(async {
        let cluster = Cluster::of_three();
        with_latency(&cluster);
        let client = cluster.client().await;
        let tasks = (0..100).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.prepare(SELECT).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap().unwrap();
        }
        settle().await;
        assert_eq!([0, 1, 2].map(|node| prepares(&cluster, node)), [1, 1, 1]);
        client.prepare(SELECT).await.unwrap();
        assert_eq!(cluster.count(is_prepare), 3);
    });
}

#[test]
fn a_statement_that_could_not_be_prepared_is_tried_anew_by_the_next() {
    run(async {
        let cluster = Cluster::of_three();
        let refused = Arc::new(AtomicBool::new(false));
        let once = Arc::clone(&refused);
        cluster.on(move |ask| {
            let refuse = ask.text() == SELECT && !once.swap(true, Ordering::Relaxed);
            if refuse {
                crate::support::cluster::refusal(cql_v4::ErrorCode::INVALID)
            } else {
                None
            }
        });
        let client = cluster.client().await;
        let error = client.prepare(SELECT).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server);
        client.prepare(SELECT).await.unwrap();
    });
}

#[test]
fn waiting_for_another_to_prepare_ends_in_time() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.on(|ask| (ask.text() == SELECT).then_some(Reply::Nothing));
        let client = cluster.client().await;
        let began = Instant::now();
        let tasks = (0..20).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { (client.prepare(SELECT).await, Instant::now()) })
        });
        for task in tasks.collect::<Vec<_>>() {
            let (outcome, at) = task.await.unwrap();
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
            assert!(at - began <= SECOND * 10 + SECOND / 10, "{:?}", at - began);
        }
    });
}

#[test]
fn the_cache_keeps_what_was_used_last() {
    run(async {
        let cluster = Cluster::of_three();
        let config = cluster.config().with_prepared_statements(10);
        let config = config.with_prepare_on_all_nodes(false);
        let client = cluster.connect(config).await.unwrap();
        let text = |n: usize| format!("SELECT v FROM ks.t{n} WHERE k = ?");
        for n in 0..11 {
            client.prepare(text(n)).await.unwrap();
        }
        assert_eq!(cluster.count(is_prepare), 11);
        client.prepare(text(10)).await.unwrap();
        client.prepare(text(1)).await.unwrap();
        assert_eq!(cluster.count(is_prepare), 11);
        client.prepare(text(0)).await.unwrap();
        assert_eq!(cluster.count(is_prepare), 12);
    });
}

/// The node that is stuck holds up neither the statement nor the other nodes.
#[test]
fn a_stuck_node_does_not_hold_up_preparing_on_the_others() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let elsewhere = |ask: &Ask| ask.node == 2 && matches!(ask.request, Request::Prepare(_));
        cluster.on(move |ask| elsewhere(ask).then_some(Reply::Nothing));
        // Prepared by the first or the second.
        let statement = loop {
            let text = format!("SELECT v{} FROM ks3.t WHERE k = ?", fastrand::u32(..));
            let early = Statement::from(text).with_timeout(SECOND);
            if let Ok(statement) = client.prepare(early).await {
                break statement;
            }
        };
        settle().await;
        let began = Instant::now();
        // Whoever asks the third node waits for it; nobody else does.
        cluster.forget(0);
        cluster.forget(1);
        let asked = (0..60).map(|key| {
            let (client, statement) = (client.clone(), statement.clone());
            tokio::spawn(async move {
                let answered = client.execute(&statement, (key,)).await;
                (answered.is_ok(), Instant::now())
            })
        });
        let mut late = 0;
        for task in asked.collect::<Vec<_>>() {
            let (ok, at) = task.await.unwrap();
            let third = at - began >= SECOND;
            assert!(ok != third, "an error at {:?}", at - began);
            late += usize::from(third);
        }
        let on_third = cluster
            .statements()
            .iter()
            .filter(|(node, _)| *node == 2)
            .count();
        assert!(
            late <= on_third && late < 60,
            "{late} late, {on_third} on the third"
        );
    });
}

#[test]
fn a_node_that_forgot_is_told_again_once_by_a_hundred() {
    run(async {
        let cluster = Cluster::of_three();
        with_latency(&cluster);
        let client = cluster.client().await;
        let statement = client.prepare(SELECT).await.unwrap();
        settle().await;
        // Its token is that of the second node; see the test of routing.
        let key = 7;
        let before = prepares(&cluster, 1);
        cluster.forget(1);
        let tasks = (0..100).map(|_| {
            let (client, statement) = (client.clone(), statement.clone());
            tokio::spawn(async move { client.execute(&statement, (key,)).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            let answer = task.await.unwrap().unwrap().first::<(i32,)>().unwrap();
            assert_eq!(answer, Some((key,)));
        }
        assert_eq!(prepares(&cluster, 1) - before, 1);
        assert_eq!([0, 2].map(|node| prepares(&cluster, node)), [1, 1]);
    });
}

#[test]
fn a_node_that_forgets_over_and_over_is_an_error() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let statement = client.prepare(SELECT).await.unwrap();
        settle().await;
        let forgetful = cluster.clone();
        cluster.on_statement(move |ask| {
            forgetful.forget(ask.node);
            None
        });
        let error = client.execute(&statement, (7,)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Server, Sent::Yes));
        assert_eq!(cluster.statements().len(), 2);
    });
}

async fn batch_of(client: &Client, n: i32) -> Batch {
    let mut batch = Batch::new(BatchKind::Unlogged);
    for i in 0..n {
        let text = format!("INSERT INTO ks.t{i} (k) VALUES (?)");
        let insert = client.prepare(text).await.unwrap();
        batch.add(&insert, (7,)).unwrap();
    }
    batch
}

#[test]
fn each_statement_of_a_batch_may_be_forgotten() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let batch = batch_of(&client, 5).await;
        settle().await;
        for node in 0..3 {
            cluster.forget(node);
        }
        let before = cluster.count(is_prepare);
        client.batch(&batch).await.unwrap();
        let sent = cluster.count(|seen| matches!(seen.request, Request::Batch(_)));
        assert_eq!((sent, cluster.count(is_prepare) - before), (6, 5));
        let node = |seen: &Seen| seen.node == 1;
        assert_eq!(
            cluster.count(|s| node(s) && matches!(s.request, Request::Batch(_))),
            6
        );
    });
}

#[test]
fn a_node_that_joins_later_is_told_when_it_is_first_asked() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().nodes[1].member = false;
        let client = cluster.client().await;
        let statement = client.prepare(SELECT).await.unwrap();
        cluster.state().nodes[1].member = true;
        client.refresh().await.unwrap();
        pass(SECOND).await;
        client.execute(&statement, (7,)).await.unwrap();
        assert_eq!(cluster.statements(), [(1, 7), (1, 7)]);
        assert_eq!(prepares(&cluster, 1), 1);
    });
}

/// What was sent is not denied, and the node is named; nothing was sent for those who waited for another.
#[test]
fn preparing_that_ends_in_time_says_what_was_sent() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.on(|ask| (ask.text() == SELECT).then_some(Reply::Nothing));
        let (first, second) = tokio::join!(client.prepare(SELECT), client.prepare(SELECT));
        let (first, second) = (first.unwrap_err(), second.unwrap_err());
        assert_eq!(
            (first.kind(), first.sent()),
            (ErrorKind::Timeout, Sent::Maybe)
        );
        assert!(first.node().is_some(), "{first}");
        assert_eq!(
            (second.kind(), second.sent()),
            (ErrorKind::Timeout, Sent::No)
        );
        assert_eq!(cluster.count(is_prepare), 1);
    });
}
