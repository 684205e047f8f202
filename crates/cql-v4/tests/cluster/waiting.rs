//! Requests while no node has an open connection: whichever comes back first has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cql_v4::policy::NeverRetry;
use cql_v4::{Client, ErrorCode, Sent, Statement};
use tokio::time::Instant;

use crate::support::cluster::{Cluster, Reply, SECOND, pass, settle};
use crate::support::server::{refuse, run};

/// Longer than the pause between two attempts to connect, and far below the request timeout.
const SOON: Duration = Duration::from_secs(2);

/// Three nodes that all were down for long, of which two accept connections again, and say nothing.
async fn one_of_three_comes_back(good: usize) -> (Cluster, Client) {
    let cluster = Cluster::of_three();
    let client = cluster.client().await;
    for node in 0..3 {
        cluster.take_down(node);
    }
    pass(SECOND * 200).await;
    for node in 0..3 {
        cluster.bring_up(node);
        cluster.silence(node, node != good);
    }
    (cluster, client)
}

#[test]
fn silent_nodes_do_not_use_up_the_time_of_those_that_answer() {
    for good in 0..3 {
        run(async {
            for what in 0..4 {
                let (_cluster, client) = one_of_three_comes_back(good).await;
                let began = Instant::now();
                match what {
                    0 => client.query("SELECT ?", (1,)).await.map(drop).unwrap(),
                    1 => client.ping().await.unwrap(),
                    2 => client
                        .prepare("SELECT v FROM ks.t WHERE k = ?")
                        .await
                        .map(drop)
                        .unwrap(),
                    _ => client
                        .read_schema(&cql_v4::schema::SchemaFilter::new())
                        .await
                        .map(drop)
                        .unwrap(),
                }
                assert!(
                    began.elapsed() <= SOON,
                    "{what} at {good}: {:?}",
                    began.elapsed()
                );
            }
        });
    }
}

/// Twenty nodes, of which the last one alone is there: those before it have their share of the time, and no more.
#[test]
fn of_many_nodes_the_last_one_is_found_in_time() {
    run(async {
        let cluster = Cluster::new(&["dc1"; 20]);
        let client = cluster.client().await;
        for node in 0..20 {
            cluster.take_down(node);
        }
        pass(SECOND * 200).await;
        for node in 0..20 {
            cluster.bring_up(node);
            cluster.silence(node, node != 19);
        }
        let began = Instant::now();
        client.query("SELECT ?", (1,)).await.unwrap();
        client.ping().await.unwrap();
        assert!(began.elapsed() <= SECOND * 10, "{:?}", began.elapsed());
        assert_eq!(cluster.statements(), [(19, 1)]);
    });
}

/// The node that came back first refuses: what follows is for the policy to say, as for any other attempt.
#[test]
fn the_retry_policy_decides_about_the_node_that_came_back_first() {
    run(async {
        for never in [false, true] {
            let cluster = Cluster::of_three();
            let client = cluster.client().await;
            for node in 0..3 {
                cluster.take_down(node);
            }
            settle().await;
            let asked = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&asked);
            cluster.on_statement(move |_| match count.fetch_add(1, Ordering::Relaxed) {
                // The other nodes have come back, too, by then.
                0 => Some(Reply::Later(
                    SECOND * 5,
                    refuse(ErrorCode::IS_BOOTSTRAPPING, "no"),
                )),
                _ => None,
            });
            for node in 0..3 {
                cluster.bring_up(node);
            }
            let mut statement = Statement::new("SELECT ?");
            if never {
                statement = statement.with_retry(Arc::new(NeverRetry));
            }
            let outcome = client.query(statement, (1,)).await;
            if never {
                assert_eq!(outcome.unwrap_err().sent(), Sent::Yes);
            } else {
                outcome.unwrap();
            }
            assert_eq!(asked.load(Ordering::Relaxed), if never { 1 } else { 2 });
        }
    });
}

/// It may have been carried out by the node that came back first and was lost again.
#[test]
fn what_was_sent_to_the_node_that_came_back_is_not_denied() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        for node in 0..3 {
            cluster.take_down(node);
        }
        settle().await;
        let all = cluster.clone();
        cluster.on_statement(move |_| {
            (0..3).for_each(|node| all.take_down(node));
            Some(Reply::Nothing)
        });
        cluster.bring_up(1);
        let statement = Statement::new("INSERT ?").with_idempotent(true);
        let error = client.query(statement, (1,)).await.unwrap_err();
        assert_eq!(error.sent(), Sent::Maybe, "{error}");
        assert_eq!(cluster.statements().len(), 1);
    });
}
