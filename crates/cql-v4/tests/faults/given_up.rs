//! Callers that go away, at any moment, while nodes come and go.

use std::time::Duration;

use cql_v4::{Client, Error, ErrorKind, Sent, Statement};
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::history::TIMEOUT;
use crate::support::server::run;

const SECOND: Duration = Duration::from_secs(1);

/// A request right behind a dropped one gets its own answer, and nothing stays behind.
async fn canary(cluster: &Cluster, client: &Client) {
    // It may be sent on a connection that just ended.
    let answer = cluster.history.call(client, true).await;
    answer.unwrap();
    // What was given up is answered, or was never sent.
    sleep(TIMEOUT).await;
    assert_eq!(client.load(), (0, 0, 0));
}

/// With all nodes there, with one that just broke off its connections, and with one that refuses.
#[test]
fn a_request_to_a_cluster_may_be_dropped_at_each_await() {
    type Before = fn(&Cluster);
    let states: [Before; 3] = [|_| (), |cluster| cluster.cut(0), |cluster| cluster.stop(1)];
    for before in states {
        run(async {
            let cluster = Cluster::new(3);
            let client = cluster.client().await;
            let make = || {
                before(&cluster);
                cluster.history.call(&client, true)
            };
            let (_, answer) =
                wire_testkit::drop_at_each_await(make, |_| canary(&cluster, &client)).await;
            answer.unwrap();
            let statement = "SELECT v FROM ks.t WHERE k = ?";
            let make = || {
                before(&cluster);
                client.prepare(statement)
            };
            // These nodes do not know how to prepare; they say so.
            let (_, refused) =
                wire_testkit::drop_at_each_await(make, |_| canary(&cluster, &client)).await;
            assert_ne!(refused.unwrap_err().kind(), ErrorKind::Closed);
            cluster.history.check();
        });
    }
}

#[test]
fn connecting_to_a_cluster_may_be_dropped_at_each_await() {
    run(async {
        let cluster = Cluster::new(3);
        cluster.stop(0);
        let make = || cluster.client();
        let (dropped, client) = wire_testkit::drop_at_each_await(make, |_| sleep(SECOND)).await;
        assert!(dropped > 5, "{dropped}");
        let open = || (0..3).map(|node| cluster.counts(node).open).sum::<usize>();
        assert_eq!(
            open(),
            3,
            "one connection to each of two nodes, and the control connection"
        );
        canary(&cluster, &client).await;
        drop(client);
        sleep(TIMEOUT).await;
        assert_eq!(open(), 0, "the last client closes all");
        cluster.history.check();
    });
}

/// Requests under way are told; nothing panics, and the nodes see all connections end.
#[test]
fn a_client_may_be_closed_or_dropped_with_requests_under_way() {
    for close in [false, true] {
        run(async {
            let cluster = Cluster::new(3);
            let client = cluster.client().await;
            cluster.freeze(0, true);
            let load = cluster.history.load(&client, 20, SECOND, 0);
            let end = async {
                sleep(SECOND / 2).await;
                if close {
                    client.close().await;
                }
            };
            tokio::join!(load, end);
            if close {
                let error = cluster.history.call(&client, false).await.unwrap_err();
                assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
            }
            drop(client);
            cluster.freeze(0, false);
            sleep(10 * SECOND).await;
            assert!((0..3).all(|node| cluster.counts(node).open == 0));
            cluster.history.check();
        });
    }
}

/// The runtime ends in the middle of everything. Nothing hangs or panics, and in another runtime the client connects
/// anew.
#[test]
fn a_runtime_may_be_shut_down_with_work_under_way() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let cluster = Cluster::new(3);
    let client = runtime.block_on(async {
        let client = cluster.client().await;
        let (history, busy) = (std::sync::Arc::clone(&cluster.history), client.clone());
        tokio::spawn(async move { history.load(&busy, 50, 60 * SECOND, 10).await });
        sleep(SECOND / 5).await;
        client
    });
    runtime.shutdown_timeout(SECOND);
    run(async {
        cluster.history.call(&client, false).await.unwrap();
        cluster.history.check();
    });
}

/// No time at all, and more than any clock has.
#[test]
fn timeouts_of_nothing_and_of_eternity_are_no_panic() {
    run(async {
        let cluster = Cluster::new(2);
        let client = cluster.client().await;
        let ask = |timeout| {
            let statement = Statement::new("SELECT v FROM ks.t").with_timeout(timeout);
            let client = client.clone();
            async move { client.query(statement, (0,)).await.map(drop) }
        };
        let none: Error = ask(Duration::ZERO).await.unwrap_err();
        assert_eq!((none.kind(), none.sent()), (ErrorKind::Timeout, Sent::No));
        cluster.history.call(&client, false).await.unwrap();
        ask(Duration::MAX).await.unwrap();
    });
}
