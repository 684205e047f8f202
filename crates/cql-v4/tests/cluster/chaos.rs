//! Half of the nodes fail at random while a thousand requests are made, and a history of what nodes did and callers
//! were told is compared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cql_v4::{Client, Error, ErrorCode, Sent, Statement};
use fastrand::Rng;
use tokio::time::Instant;

use crate::support::cluster::{Cluster, Reply, SECOND, pass, refusal};
use crate::support::server::{ints, run, value};

const REQUESTS: i32 = 1_000;
const TIMEOUT: Duration = Duration::from_secs(2);
/// What a call may take beyond its deadline.
const GRACE: Duration = Duration::from_millis(100);
const MILLISECOND: Duration = Duration::from_millis(1);

/// How often each write was carried out.
type Carried = Arc<Mutex<HashMap<i32, u32>>>;

/// The nodes with an odd number fail: they cut connections before or after they have carried out a write, refuse, are
/// late or say nothing.
fn misbehave(cluster: &Cluster, seed: u64) -> Carried {
    let carried = Carried::default();
    let (done, mut rng) = (Arc::clone(&carried), Rng::with_seed(seed));
    cluster.on_statement(move |ask| {
        let key = value(&ask.request);
        let fate = if ask.node % 2 == 1 { rng.u32(..12) } else { 6 };
        if fate == 0 {
            return Some(Reply::Cut);
        }
        if fate == 1 {
            return refusal(ErrorCode::IS_BOOTSTRAPPING);
        }
        if fate == 2 {
            return refusal(ErrorCode::OVERLOADED);
        }
        *done.lock().unwrap().entry(key).or_default() += 1;
        let answer = ints(&[key], None);
        Some(match fate {
            3 => Reply::Cut,
            4 => Reply::Nothing,
            5 => Reply::Later(TIMEOUT * 2, answer),
            _ => Reply::Later(MILLISECOND * rng.u32(1..50), answer),
        })
    });
    carried
}

async fn go_down_and_up(cluster: Cluster, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    loop {
        pass(MILLISECOND * rng.u32(50..500)).await;
        let node = rng.usize(..2) * 2 + 1;
        match rng.u32(..4) {
            0 => cluster.take_down(node),
            1 => cluster.cut(node),
            2 => {
                cluster.silence(node, true);
                pass(MILLISECOND * rng.u32(10..3_000)).await;
                cluster.silence(node, false);
            }
            _ => cluster.bring_up(node),
        }
    }
}

struct Outcome {
    key: i32,
    idempotent: bool,
    took: Duration,
    answer: Result<Option<(i32,)>, Error>,
}

async fn call(client: Client, key: i32) -> Outcome {
    let idempotent = key % 2 == 0;
    let statement = Statement::from("INSERT ?")
        .with_idempotent(idempotent)
        .with_timeout(TIMEOUT);
    let began = Instant::now();
    let answer = client.query(statement, (key,)).await;
    Outcome {
        key,
        idempotent,
        took: began.elapsed(),
        answer: answer.and_then(|result| result.first::<(i32,)>()),
    }
}

fn check(outcome: &Outcome, carried: u32) {
    let Outcome {
        key,
        idempotent,
        took,
        answer,
    } = outcome;
    assert!(*took <= TIMEOUT + GRACE, "{key} took {took:?}");
    match answer {
        Ok(row) => {
            assert_eq!(*row, Some((*key,)), "somebody else's answer");
            assert!(carried >= 1, "{key} was never carried out");
        }
        Err(error) if error.sent() == Sent::No => {
            assert_eq!(
                carried, 0,
                "{key} was carried out, though not sent: {error}"
            );
        }
        Err(_) => {}
    }
    assert!(
        *idempotent || carried <= 1,
        "{key} was carried out {carried} times"
    );
}

async fn thousand(seed: u64) {
    let cluster = Cluster::new(&["dc1"; 4]);
    let client = cluster.client().await;
    let carried = misbehave(&cluster, seed);
    let troubles = tokio::spawn(go_down_and_up(cluster.clone(), seed + 1));
    let mut rng = Rng::with_seed(seed + 2);
    let mut tasks = Vec::new();
    for key in 0..REQUESTS {
        tasks.push(tokio::spawn(call(client.clone(), key)));
        pass(MILLISECOND * rng.u32(..10)).await;
    }
    let mut good = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        let times = carried.lock().unwrap().get(&outcome.key).copied();
        check(&outcome, times.unwrap_or(0));
        good += i32::from(outcome.answer.is_ok());
    }
    troubles.abort();
    assert!(good >= REQUESTS / 2, "only {good} were answered");
    // Peace comes, and with it all nodes, and nothing is left of the war.
    cluster.on(|_| None);
    for node in 0..4 {
        cluster.silence(node, false);
        cluster.bring_up(node);
    }
    pass(SECOND * 120).await;
    for key in 0..100 {
        let outcome = call(client.clone(), key).await;
        assert_eq!(outcome.answer.unwrap(), Some((key,)));
    }
    assert!(
        client
            .topology()
            .unwrap()
            .nodes()
            .iter()
            .all(|node| node.is_up())
    );
    assert_eq!(client.load().0, 0);
}

#[test]
fn a_thousand_requests_while_half_of_the_nodes_fail() {
    for seed in 1..=6 {
        println!("seed {seed}");
        run(thousand(seed));
    }
}
