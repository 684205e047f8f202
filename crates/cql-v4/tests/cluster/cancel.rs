//! Each future of the client is dropped wherever it can be; a request right behind it gets its own answer, and nothing
//! stays behind.

use cql_v4::message::BatchKind;
use cql_v4::schema::SchemaFilter;
use cql_v4::{Batch, Client, Error};
use wire_testkit::{drop_at_each_await, drop_at_each_turn};

use crate::support::cluster::{Cluster, settle};
use crate::support::server::{assert_idle, run};

const SELECT: &str = "SELECT v FROM ks3.t WHERE k = ?";

/// Small pipes: reads and writes are cut, so that there are many places to drop a future at.
async fn client(cluster: &Cluster) -> Client {
    cluster.state().pipe = 24;
    let config = cluster.config().with_prepared_statements(0);
    cluster.connect(config).await.unwrap()
}

/// A request of its own, on each of the nodes more likely than not.
async fn canary(client: Client, n: usize) {
    for i in 0..6 {
        let n = i32::try_from(n).unwrap() * 10 + i;
        let answer = client.query("SELECT ?", (n,)).await.unwrap();
        assert_eq!(answer.first::<(i32,)>().unwrap(), Some((n,)));
    }
    settle().await;
    assert_idle(&client);
}

#[test]
fn requests_may_be_dropped_at_each_turn() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        let check = |n| canary(client.clone(), n);
        let (turns, answer) = drop_at_each_turn(|| client.query("SELECT ?", (7,)), check).await;
        assert_eq!(answer.unwrap().first::<(i32,)>().unwrap(), Some((7,)));
        assert!(turns > 5, "{turns}");
        let (_, statement) = drop_at_each_turn(|| client.prepare(SELECT), check).await;
        let statement = statement.unwrap();
        let (_, answer) = drop_at_each_turn(|| client.execute(&statement, (7,)), check).await;
        answer.unwrap();
        let (_, answer) = drop_at_each_turn(|| client.ping(), check).await;
        answer.unwrap();
        let all = || async {
            let mut rows = client.execute_stream::<(i32,), _>(&statement, (9,))?;
            let first = rows.try_next().await?;
            assert_eq!(rows.try_next().await?, None);
            Ok::<_, Error>(first)
        };
        let (_, rows) = drop_at_each_turn(all, check).await;
        assert_eq!(rows.unwrap(), Some((9,)));
    });
}

#[test]
fn preparing_again_may_be_dropped_at_each_turn() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        let statement = client.prepare(SELECT).await.unwrap();
        settle().await;
        let check = |n| canary(client.clone(), n);
        let forgotten = || {
            (0..3).for_each(|node| cluster.forget(node));
            client.execute(&statement, (7,))
        };
        let (turns, answer) = drop_at_each_turn(forgotten, check).await;
        answer.unwrap();
        assert!(turns > 10, "{turns}");
        let mut batch = Batch::new(BatchKind::Unlogged);
        for key in 0..3 {
            batch.add(&statement, (key,)).unwrap();
        }
        let forgotten = || {
            (0..3).for_each(|node| cluster.forget(node));
            client.batch(&batch)
        };
        let (_, answer) = drop_at_each_turn(forgotten, check).await;
        answer.unwrap();
    });
}

/// These wait for the control connection, which looks at the clock.
#[test]
fn what_concerns_the_whole_cluster_may_be_dropped_at_each_await() {
    run(async {
        let cluster = Cluster::of_three();
        let client = client(&cluster).await;
        let check = |n| canary(client.clone(), n);
        let (_, done) = drop_at_each_await(|| client.refresh(), check).await;
        done.unwrap();
        let filter = SchemaFilter::new();
        let (_, schema) = drop_at_each_await(|| client.read_schema(&filter), check).await;
        assert_eq!(schema.unwrap().keyspaces().count(), 3);
        let create = || client.query("CREATE TABLE ks.t (k int PRIMARY KEY)", ());
        let (_, done) = drop_at_each_await(create, check).await;
        done.unwrap();
        let (_, done) = drop_at_each_await(|| client.use_keyspace("ks2"), check).await;
        done.unwrap();
    });
}
