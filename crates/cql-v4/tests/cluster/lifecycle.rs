//! The end of a client, and of what it runs on.

use std::task::{Context, Waker};
use std::time::Duration;

use cql_v4::{Client, ErrorKind, Sent};
use tokio::time::Instant;

use crate::support::cluster::{Cluster, Reply, SECOND, pass, settle};
use crate::support::server::{ints, run, value};

fn answer_after(cluster: &Cluster, delay: Duration) {
    cluster.on_statement(move |ask| Some(Reply::Later(delay, ints(&[value(&ask.request)], None))));
}

fn open(cluster: &Cluster, nodes: usize) -> usize {
    (0..nodes).map(|node| cluster.open_to(node)).sum()
}

type Asked = tokio::task::JoinHandle<Result<i32, cql_v4::Error>>;

fn ask(client: &Client, n: i32) -> Vec<Asked> {
    let tasks = (0..n).map(|key| {
        let client = client.clone();
        tokio::spawn(async move {
            let result = client.query("SELECT ?", (key,)).await?;
            Ok(result.first::<(i32,)>()?.unwrap().0)
        })
    });
    tasks.collect()
}

/// Closes within the 5 seconds that it promises.
async fn close_in_time(client: &Client) {
    let began = Instant::now();
    client.close().await;
    let took = began.elapsed();
    assert!(took <= SECOND * 5 + SECOND / 10, "{took:?}");
}

/// All that was asked for has failed, and no connection is left.
async fn have_failed(cluster: &Cluster, tasks: Vec<Asked>) {
    for task in tasks {
        task.await.unwrap().unwrap_err();
    }
    settle().await;
    assert_eq!(open(cluster, 3), 0);
}

#[test]
fn closing_lets_end_what_is_in_flight_and_begins_nothing_else() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        answer_after(&cluster, SECOND);
        let tasks = ask(&client, 30);
        settle().await;
        let began = Instant::now();
        client.close().await;
        assert!(began.elapsed() <= SECOND * 2, "{:?}", began.elapsed());
        for (key, task) in (0..).zip(tasks) {
            assert_eq!(task.await.unwrap().unwrap(), key);
        }
        settle().await;
        assert_eq!(open(&cluster, 3), 0);
        assert!(client.is_closed());
        for error in [
            client.query("SELECT ?", (1,)).await.unwrap_err(),
            client.prepare("SELECT 1").await.unwrap_err(),
            client.ping().await.unwrap_err(),
            client.use_keyspace("ks").await.unwrap_err(),
        ] {
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Closed, Sent::No),
                "{error}"
            );
        }
        let began = Instant::now();
        let error = client.refresh().await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
        assert!(began.elapsed() < SECOND);
        pass(SECOND * 200).await;
        assert_eq!(open(&cluster, 3), 0);
        client.close().await;
    });
}

#[test]
fn closing_ends_in_time_whatever_the_nodes_do() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.take_down(2);
        cluster.silence(1, true);
        cluster.on_statement(|_| Some(Reply::Nothing));
        let tasks = ask(&client, 30);
        settle().await;
        close_in_time(&client).await;
        have_failed(&cluster, tasks).await;
    });
}

/// Whoever begins to close need not wait for the end of it.
#[test]
fn closing_may_be_dropped_as_soon_as_it_has_begun() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        answer_after(&cluster, SECOND);
        let tasks = ask(&client, 30);
        settle().await;
        {
            let mut closing = Box::pin(client.close());
            let mut context = Context::from_waker(Waker::noop());
            assert!(closing.as_mut().poll(&mut context).is_pending());
        }
        let error = client.query("SELECT ?", (1,)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, Sent::No));
        for (key, task) in (0..).zip(tasks) {
            assert_eq!(task.await.unwrap().unwrap(), key);
        }
        settle().await;
        assert_eq!(open(&cluster, 3), 0);
    });
}

/// Also while a USE is on its way, whose connection is another one.
#[test]
fn closing_ends_in_time_for_all_connections_together() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.on(|ask| {
            let silent = ask.is_statement() || ask.text().starts_with("USE ");
            silent.then_some(Reply::Nothing)
        });
        let tasks = ask(&client, 30);
        let change = {
            let client = client.clone();
            tokio::spawn(async move { client.use_keyspace("ks2").await })
        };
        settle().await;
        close_in_time(&client).await;
        change.await.unwrap().unwrap_err();
        have_failed(&cluster, tasks).await;
    });
}

#[test]
fn dropping_the_client_closes_its_connections() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        answer_after(&cluster, SECOND);
        let tasks = ask(&client, 30);
        settle().await;
        for task in &tasks {
            task.abort();
        }
        drop((client, tasks));
        pass(SECOND).await;
        assert_eq!(open(&cluster, 3), 0);
        let attempts = cluster.state().attempts.len();
        pass(SECOND * 300).await;
        assert_eq!(cluster.state().attempts.len(), attempts);
    });
}

#[test]
fn connecting_may_be_dropped_anywhere() {
    run(async {
        let cluster = Cluster::of_three();
        let (turns, client) = wire_testkit::drop_at_each_turn(
            || cluster.client(),
            |_| async {
                // The connected client is dropped at the end only.
                settle().await;
            },
        )
        .await;
        assert!(turns > 20, "{turns}");
        settle().await;
        assert_eq!(open(&cluster, 3), 4);
        client.query("SELECT ?", (1,)).await.unwrap();
        drop(client);
        pass(SECOND).await;
        assert_eq!(open(&cluster, 3), 0);
    });
}

#[test]
fn a_client_may_outlive_its_runtime() {
    let cluster = Cluster::of_three();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (client, statement) = runtime.block_on(async {
        let client = cluster.client().await;
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        (client, statement)
    });
    drop(runtime);
    run(async {
        let began = Instant::now();
        // The connections died with their runtime; new ones are of the runtime that asks.
        for _ in 0..3 {
            client.query("SELECT ?", (1,)).await.unwrap();
            client.execute(&statement, (1,)).await.unwrap();
            client.prepare("SELECT 1").await.unwrap();
            client.ping().await.unwrap();
        }
        assert!(began.elapsed() <= SECOND, "{:?}", began.elapsed());
        // The task of the control connection is gone for good.
        let error = client.refresh().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        client.close().await;
    });
}
