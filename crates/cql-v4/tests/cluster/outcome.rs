//! What a request came to, as its caller is told: successes that are none, and errors that say whether it was sent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cql_v4::message::Request;
use cql_v4::policy::{RetryDecision, RetryInfo, RetryPolicy};
use cql_v4::types::Uuid;
use cql_v4::{ErrorKind, Sent, Statement};
use tokio::time::Instant;

use crate::support::cluster::{Ask, Cluster, Reply, SECOND, settle};
use crate::support::server::{ints, run, value};

#[derive(Debug)]
struct TakeItForASuccess;

impl RetryPolicy for TakeItForASuccess {
    fn decide(&self, _: &RetryInfo<'_>) -> RetryDecision {
        RetryDecision::Ignore
    }
}

#[test]
fn a_failure_that_is_to_be_ignored_is_a_success_although_the_connection_died() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let statement = client
            .prepare("DELETE FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        let statement = statement.with_retry(Arc::new(TakeItForASuccess));
        let all = cluster.clone();
        cluster.on_statement(move |_| {
            (0..3).for_each(|node| all.take_down(node));
            Some(Reply::Nothing)
        });
        let ignored = client.execute(&statement, (1,)).await.unwrap();
        assert!(ignored.into_rows().is_err(), "nothing has no rows");
    });
}

#[test]
fn a_use_that_was_carried_out_is_not_denied() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let all = cluster.clone();
        // It is answered, and no node accepts connections any more.
        cluster.on(move |ask| {
            if ask.text().starts_with("USE ") {
                let nodes = &mut all.state().nodes;
                nodes.iter_mut().for_each(|node| node.up = false);
            }
            None
        });
        let error = client.use_keyspace("ks2").await.unwrap_err();
        assert_eq!(error.sent(), Sent::Yes, "{error}");
        assert!(
            error.to_string().contains("keyspace was changed"),
            "{error}"
        );
        for node in 0..3 {
            cluster.bring_up(node);
        }
        client.query("SELECT ?", (1,)).await.unwrap();
        let state = cluster.state();
        assert_eq!(state.seen.last().unwrap().keyspace.as_deref(), Some("ks2"));
    });
}

fn is_prepare(ask: &Ask) -> bool {
    matches!(ask.request, Request::Prepare(_))
}

/// The server has said that it did nothing of the statement, and what was sent since is not the statement.
#[test]
fn a_statement_that_could_not_be_prepared_again_was_not_sent() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let statement = client
            .prepare("DELETE FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        settle().await;
        for node in 0..3 {
            cluster.forget(node);
        }
        cluster.on(|ask| is_prepare(ask).then_some(Reply::Nothing));
        let began = Instant::now();
        let error = client.execute(&statement, (1,)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Timeout, Sent::No),
            "{error}"
        );
        assert!(
            began.elapsed() <= SECOND * 10 + SECOND / 10,
            "{:?}",
            began.elapsed()
        );
        assert_eq!(
            cluster.statements().len(),
            1,
            "there was no time for another node"
        );
        // So it goes to another node where that is of use, idempotent or not.
        cluster.on(|ask| (is_prepare(ask) && ask.connection < 4).then_some(Reply::Cut));
        let error = client.execute(&statement, (2,)).await;
        error.unwrap();
    });
}

fn is_of_traces(ask: &Ask) -> bool {
    ask.text().contains("system_traces")
}

#[test]
fn a_trace_is_waited_for_no_longer_than_the_request_timeout() {
    run(async {
        for (delay, asked) in [(Duration::from_secs(9), 1), (Duration::from_secs(60), 0)] {
            let cluster = Cluster::of_three();
            let client = cluster.client().await;
            cluster.on(move |ask| is_of_traces(ask).then(|| Reply::Later(delay, ints(&[], None))));
            let began = Instant::now();
            let trace = client.trace(Uuid([1; 16])).await;
            assert!(
                began.elapsed() <= SECOND * 10 + SECOND / 10,
                "{:?}",
                began.elapsed()
            );
            match trace {
                Ok(trace) => assert!(asked == 1 && trace.is_none()),
                Err(error) => assert_eq!((asked, error.kind()), (0, ErrorKind::Timeout)),
            }
        }
    });
}

/// Two keyspaces with one replica and with two: where a request of a given key goes tells which of them was meant.
#[test]
fn after_use_requests_are_routed_by_the_new_keyspace() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster
            .connect(cluster.config().with_keyspace("ks"))
            .await
            .unwrap();
        let key =
            |key: i32| Statement::new("SELECT ?").with_routing_key(key.to_be_bytes().to_vec());
        // Of several replicas the one with less to do is asked, so that all of them are.
        cluster.on_statement(|ask| {
            let answer = ints(&[value(&ask.request)], None);
            Some(Reply::Later(SECOND, answer))
        });
        let nodes_of_seven = async || {
            cluster.state().seen.clear();
            let asked = (0..20).map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.query(key(7), (7,)).await })
            });
            for asked in asked.collect::<Vec<_>>() {
                asked.await.unwrap().unwrap();
            }
            let nodes = cluster.statements().into_iter().map(|(node, _)| node);
            nodes.collect::<BTreeSet<_>>()
        };
        assert_eq!(nodes_of_seven().await, [1].into());
        client.use_keyspace("ks2").await.unwrap();
        settle().await;
        assert_eq!(nodes_of_seven().await, [1, 2].into());
    });
}
