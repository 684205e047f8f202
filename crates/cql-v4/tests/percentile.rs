//! Speculation by what the client's requests have taken, through the whole client with paused time.
#![cfg(feature = "client")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use cql_v4::policy::{PercentileSpeculation, Profile};
use cql_v4::{Client, Statement};
use support::cluster::{Cluster, Reply};
use support::server::{assert_idle, ints, run, value};
use tokio::time::Instant;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Nodes answer each in 10 ms, but for negative keys, which the first to be asked answers in a second.
fn answers(cluster: &Cluster) {
    let mut last = 0;
    cluster.on_statement(move |ask| {
        let key = value(&ask.request);
        let late = key < 0 && std::mem::replace(&mut last, key) != key;
        let delay = MILLISECOND * if late { 1_000 } else { 10 };
        Some(Reply::Later(delay, ints(&[key], None)))
    });
}

/// Runs it, and returns how long it took.
async fn ask(client: &Client, key: i32) -> Duration {
    let began = Instant::now();
    let statement = Statement::from("SELECT ?").with_idempotent(true);
    let answer = client.query(statement, (key,)).await.unwrap();
    assert_eq!(answer.first::<(i32,)>().unwrap(), Some((key,)));
    began.elapsed()
}

#[test]
fn a_request_that_takes_longer_than_most_is_asked_elsewhere_too() {
    run(async {
        let cluster = Cluster::of_three();
        answers(&cluster);
        let policy = Arc::new(PercentileSpeculation::new(1, 90.0).unwrap());
        let profile = Profile::new().with_speculation(policy);
        let config = cluster.config().with_profile(profile);
        let client = cluster.connect(config).await.unwrap();
        // Nothing is known yet of what is usual, so nothing takes long.
        assert_eq!(ask(&client, -1).await, MILLISECOND * 1_000);
        assert_eq!(client.stats().speculative_started, 0);
        for key in 0..600 {
            assert_eq!(ask(&client, key).await, MILLISECOND * 10, "key {key}");
        }
        assert_eq!(client.stats().speculative_started, 0);
        // Now it is: another node is asked after about 10 ms, and answers 10 ms later.
        let took = ask(&client, -2).await;
        assert!(
            took >= MILLISECOND * 19 && took <= MILLISECOND * 22,
            "{took:?}"
        );
        let stats = client.stats();
        assert_eq!((stats.speculative_started, stats.speculative_won), (1, 1));
        let asked = cluster.statements();
        let [.., first, second] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        assert_eq!((first.1, second.1), (-2, -2));
        assert_ne!(first.0, second.0);
        // What is slow for long becomes usual: nobody is asked twice for that.
        cluster.on_statement(|ask| {
            let answer = ints(&[value(&ask.request)], None);
            Some(Reply::Later(MILLISECOND * 100, answer))
        });
        for key in 0..2_000 {
            ask(&client, key).await;
        }
        let before = client.stats().speculative_started;
        for key in 0..200 {
            ask(&client, key).await;
        }
        let started = client.stats().speculative_started - before;
        assert!(started < 20, "{started} of 200");
        support::cluster::pass(support::cluster::SECOND * 2).await;
        assert_idle(&client);
    });
}

#[test]
fn what_is_not_idempotent_is_not_asked_elsewhere() {
    run(async {
        let cluster = Cluster::of_three();
        answers(&cluster);
        let policy = Arc::new(PercentileSpeculation::new(1, 90.0).unwrap());
        let profile = Profile::new().with_speculation(policy);
        let config = cluster.config().with_profile(profile);
        let client = cluster.connect(config).await.unwrap();
        for key in 0..600 {
            ask(&client, key).await;
        }
        client.query("SELECT ?", (-1,)).await.unwrap();
        assert_eq!(client.stats().speculative_started, 0);
    });
}
