//! The control connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cql_v4::message::{Event, Request, SchemaChange, TopologyChange};
use cql_v4::schema::SchemaFilter;
use cql_v4::{Config, ErrorCode, ErrorKind, Sent};
use tokio::time::Instant;

use crate::discovery::addresses;
use crate::health::up;
use crate::support::cluster::{Ask, Cluster, Reply, SECOND, pass, refusal, settle};
use crate::support::server::run;

fn is_of_local(ask: &Ask) -> bool {
    ask.text().contains("* FROM system.local")
}

#[test]
fn a_lost_control_connection_goes_to_another_node_and_everything_is_read_anew() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().nodes[2].member = false;
        let client = cluster.client().await;
        assert_eq!(cluster.control(), Some(0));
        // Nobody can tell of this while the connection is away.
        cluster.take_down(0);
        cluster.state().nodes[2].member = true;
        pass(SECOND * 3).await;
        assert_eq!(cluster.control(), Some(1));
        assert_eq!(addresses(&client).len(), 3);
        assert_eq!(up(&client), [false, true, true]);
        // Events come over the new one.
        cluster.state().nodes[2].member = false;
        cluster.tell_topology(2, TopologyChange::RemovedNode);
        pass(SECOND * 3).await;
        assert_eq!(addresses(&client).len(), 2);
    });
}

#[test]
fn a_silent_control_connection_is_given_up_for_another_node() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.silence(0, true);
        pass(SECOND * 60).await;
        assert!(matches!(cluster.control(), Some(1 | 2)));
        let since = Instant::now();
        client.refresh().await.unwrap();
        assert!(since.elapsed() <= SECOND);
    });
}

#[test]
fn a_first_host_that_cannot_be_read_is_followed_by_the_next() {
    for silent in [false, true] {
        run(async {
            let cluster = Cluster::of_three();
            cluster.on(move |ask| {
                if ask.node != 0 || !is_of_local(ask) {
                    return None;
                }
                if silent {
                    Some(Reply::Nothing)
                } else {
                    refusal(ErrorCode::SERVER_ERROR)
                }
            });
            let config = Config::new("127.0.0.1").with_host("127.0.0.2");
            let client = cluster.connect(config).await.unwrap();
            assert_eq!(cluster.control(), Some(1));
            assert_eq!(addresses(&client).len(), 3);
        });
    }
}

/// The node answers the handshake and then nothing of use; the next one is asked, not the same one for ever.
#[test]
fn a_node_that_cannot_be_read_does_not_keep_the_control_connection() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.on(|ask| {
            if ask.node == 0 && is_of_local(ask) {
                refusal(ErrorCode::SERVER_ERROR)
            } else {
                None
            }
        });
        client.refresh().await.unwrap();
        pass(SECOND * 5).await;
        assert!(
            matches!(cluster.control(), Some(1 | 2)),
            "{:?}",
            cluster.control()
        );
        assert_eq!(up(&client), [true; 3]);
    });
}

#[test]
fn a_node_of_another_cluster_is_not_listened_to() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.state().name = "another";
        let error = client.refresh().await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout, Sent::No));
        assert_eq!(client.topology().unwrap().cluster_name(), "test cluster");
        cluster.state().name = "test cluster";
        pass(SECOND * 60).await;
        client.refresh().await.unwrap();
    });
}

/// Who waits for a refresh is served by the one behind a lost connection, too.
#[test]
fn a_refresh_survives_the_loss_of_the_control_connection() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        cluster.on(move |ask| {
            let first = is_of_local(ask) && count.fetch_add(1, Ordering::Relaxed) == 0;
            first.then_some(Reply::Cut)
        });
        let since = Instant::now();
        client.refresh().await.unwrap();
        assert!(since.elapsed() < SECOND * 5, "{:?}", since.elapsed());
        assert!(asked.load(Ordering::Relaxed) >= 2);
    });
}

#[test]
fn a_refresh_reads_at_once_and_ends_in_time() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let before = (Instant::now(), cluster.refreshes());
        let refreshes = (0..100).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.refresh().await })
        });
        for refresh in refreshes.collect::<Vec<_>>() {
            refresh.await.unwrap().unwrap();
        }
        assert!(before.0.elapsed() < SECOND / 10, "{:?}", before.0.elapsed());
        assert!(cluster.refreshes() - before.1 <= 3);
        for node in 0..3 {
            cluster.silence(node, true);
        }
        let since = Instant::now();
        let error = client.refresh().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(since.elapsed() <= SECOND * 10 + SECOND / 10);
    });
}

#[test]
fn the_schema_is_kept_and_read_anew_when_it_changes() {
    run(async {
        let cluster = Cluster::of_three();
        let config = cluster.config().with_schema(SchemaFilter::new());
        let client = cluster.connect(config).await.unwrap();
        let names = |client: &cql_v4::Client| {
            let schema = client.schema().unwrap();
            schema
                .keyspaces()
                .map(|k| k.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&client), ["ks", "ks2", "ks3"]);
        cluster.state().keyspaces.push(("new", Vec::new()));
        let change = SchemaChange::new("CREATED", "KEYSPACE", "new", "");
        cluster.tell(&Event::SchemaChange(Box::new(change)));
        pass(SECOND * 2).await;
        assert_eq!(names(&client), ["ks", "ks2", "ks3", "new"]);
        cluster.state().keyspaces.pop();
        client.refresh().await.unwrap();
        assert_eq!(names(&client), ["ks", "ks2", "ks3"]);
        assert!(cluster.client().await.schema().is_none());
        let read = client.read_schema(&SchemaFilter::new()).await.unwrap();
        assert_eq!(read.keyspaces().count(), 3);
    });
}

#[test]
fn schema_agreement_is_waited_for_and_ends() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.state().nodes[2].schema_version = 2;
        let late = cluster.clone();
        tokio::spawn(async move {
            pass(SECOND * 3).await;
            late.state().nodes[2].schema_version = 1;
        });
        let since = Instant::now();
        client
            .query("CREATE TABLE ks.t (k int PRIMARY KEY)", ())
            .await
            .unwrap();
        let took = since.elapsed();
        assert!(took >= SECOND * 3 && took < SECOND * 4, "{took:?}");
        // Who never agrees holds nobody up for ever, and who is down is not asked.
        cluster.state().nodes[2].schema_version = 2;
        let since = Instant::now();
        client
            .query("CREATE TABLE ks.t (k int PRIMARY KEY)", ())
            .await
            .unwrap();
        assert!(since.elapsed() <= SECOND * 11, "{:?}", since.elapsed());
        cluster.take_down(2);
        settle().await;
        let since = Instant::now();
        client
            .query("CREATE TABLE ks.t (k int PRIMARY KEY)", ())
            .await
            .unwrap();
        assert!(since.elapsed() <= SECOND, "{:?}", since.elapsed());
        let ddl = |seen: &crate::support::cluster::Seen| matches!(&seen.request, Request::Query(q) if q.text.starts_with("CREATE"));
        assert_eq!(cluster.count(ddl), 3);
    });
}
