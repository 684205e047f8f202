//! Nodes that go down, come up, fall silent and move.

use std::num::NonZeroU32;
use std::time::Duration;

use cql_v4::message::{Request, StatusChange, TopologyChange};
use cql_v4::{Client, ErrorKind, Sent};
use tokio::time::Instant;

use crate::discovery::addresses;
use crate::support::cluster::{Cluster, Reply, SECOND, pass, settle};
use crate::support::server::run;

/// Which nodes the client takes for up.
pub(crate) fn up(client: &Client) -> Vec<bool> {
    let topology = client.topology().unwrap();
    let mut all: Vec<_> = topology
        .nodes()
        .iter()
        .map(|n| (n.host_id(), n.is_up()))
        .collect();
    all.sort();
    all.into_iter().map(|(_, up)| up).collect()
}

async fn ask_all(client: &Client) {
    for key in 0..30 {
        client.query("SELECT ?", (key,)).await.unwrap();
    }
}

#[test]
fn a_node_that_is_lost_is_passed_over_and_comes_back() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.take_down(1);
        settle().await;
        ask_all(&client).await;
        assert_eq!(up(&client), [true, false, true]);
        cluster.bring_up(1);
        pass(SECOND * 60).await;
        assert_eq!(up(&client), [true; 3]);
        assert_eq!(client.stats().reconnects, 1);
    });
}

#[test]
fn attempts_to_reconnect_back_off_for_all_connections_of_a_node_together() {
    run(async {
        let cluster = Cluster::of_three();
        let four = NonZeroU32::new(4).unwrap();
        let config = cluster.config().with_connections_per_node(four);
        let client = cluster.connect(config).await.unwrap();
        pass(SECOND * 10).await;
        assert_eq!(cluster.open_to(1), 4);
        let since = Instant::now();
        cluster.take_down(1);
        pass(SECOND * 300).await;
        let attempts = cluster.attempts_at("127.0.0.2:9042", since);
        for pair in attempts.windows(2).skip(4) {
            assert!(
                pair[1] - pair[0] >= Duration::from_millis(400),
                "{attempts:?}"
            );
        }
        assert!(
            (10..=30).contains(&attempts.len()),
            "{} attempts",
            attempts.len()
        );
        cluster.bring_up(1);
        pass(SECOND * 60).await;
        assert_eq!(cluster.open_to(1), 4);
        drop(client);
    });
}

#[test]
fn a_node_that_is_told_to_be_up_is_tried_after_a_second() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        cluster.take_down(1);
        // Attempts are far apart by now.
        pass(SECOND * 300).await;
        cluster.bring_up(1);
        let since = Instant::now();
        cluster.tell_status(1, StatusChange::Up);
        pass(SECOND * 2).await;
        assert_eq!(up(&client), [true; 3]);
        let first = cluster.attempts_at("127.0.0.2:9042", since)[0];
        assert!(first >= SECOND, "{first:?}");
    });
}

#[test]
fn a_node_that_is_told_to_be_down_is_asked_and_kept_if_it_answers() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let connections = cluster.state().wires.len();
        cluster.tell_status(1, StatusChange::Down);
        pass(SECOND * 10).await;
        assert_eq!(up(&client), [true; 3]);
        assert_eq!(cluster.state().wires.len(), connections);
        cluster.silence(1, true);
        cluster.tell_status(1, StatusChange::Down);
        pass(SECOND * 6).await;
        assert_eq!(up(&client), [true, false, true]);
    });
}

/// A server that tells the same over and over is not asked as often.
#[test]
fn a_burst_of_events_is_looked_at_once() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let before = cluster.refreshes();
        for _ in 0..200 {
            cluster.tell_topology(2, TopologyChange::NewNode);
        }
        pass(SECOND * 10).await;
        let refreshes = cluster.refreshes() - before;
        assert!((1..=2).contains(&refreshes), "{refreshes}");

        cluster.state().options_asked = 0;
        for _ in 0..200 {
            cluster.tell_status(1, StatusChange::Down);
        }
        pass(SECOND * 10).await;
        let probes = cluster.state().options_asked;
        assert!(
            (1..=5).contains(&probes),
            "{probes} signs of life asked for"
        );
        drop(client);
    });
}

/// More events than there is room for, while the client is busy reading.
#[test]
fn events_that_find_no_room_are_a_reason_to_read_anew() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().nodes[2].member = false;
        let client = cluster.client().await;
        cluster.on(|ask| match &ask.request {
            Request::Query(query) if query.text.contains("system_schema.keyspaces") => {
                Some(Reply::Nothing)
            }
            _ => None,
        });
        let refresh = client.clone();
        let refresh = tokio::spawn(async move { refresh.refresh().await });
        settle().await;
        for _ in 0..5_000 {
            cluster.tell_status(1, StatusChange::Up);
        }
        settle().await;
        cluster.state().nodes[2].member = true;
        cluster.on(|_| None);
        pass(SECOND * 30).await;
        assert_eq!(addresses(&client).len(), 3);
        let _ = refresh.await.unwrap();
        client.refresh().await.unwrap();
    });
}

#[test]
fn a_silent_node_is_found_out_by_heartbeats() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        pass(SECOND * 100).await;
        assert_eq!(up(&client), [true; 3]);
        cluster.silence(2, true);
        pass(SECOND * 36).await;
        assert_eq!(up(&client), [true, true, false]);
        ask_all(&client).await;
        cluster.silence(2, false);
        pass(SECOND * 60).await;
        assert_eq!(up(&client), [true; 3]);
    });
}

#[test]
fn a_node_may_change_its_address() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        "127.0.0.9:9042".clone_into(&mut cluster.state().nodes[2].address);
        cluster.cut(2);
        cluster.tell_topology(2, TopologyChange::NewNode);
        pass(SECOND * 5).await;
        assert!(addresses(&client).contains(&"127.0.0.9:9042".to_owned()));
        assert_eq!(up(&client), [true; 3]);
        assert_eq!(cluster.open_to(2), 1);
        let since = Instant::now();
        pass(SECOND * 100).await;
        assert!(cluster.attempts_at("127.0.0.3:9042", since).is_empty());
    });
}

#[test]
fn with_all_nodes_down_requests_end_in_time_and_nothing_was_sent() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        for node in 0..3 {
            cluster.take_down(node);
        }
        settle().await;
        let began = Instant::now();
        let error = client.query("SELECT ?", (1,)).await.unwrap_err();
        assert!(
            began.elapsed() <= SECOND * 10 + SECOND / 10,
            "{:?}",
            began.elapsed()
        );
        assert_eq!(error.sent(), Sent::No);
        assert!(
            matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout),
            "{error}"
        );
        cluster.bring_up(1);
        client.query("SELECT ?", (1,)).await.unwrap();
        assert_eq!(cluster.statements(), [(1, 1)]);
    });
}

/// Three connections, none of which says anything: they are asked at the same time.
#[test]
fn a_node_that_is_told_to_be_down_is_found_out_on_all_connections_at_once() {
    run(async {
        let cluster = Cluster::of_three();
        let three = NonZeroU32::new(3).unwrap();
        let config = cluster.config().with_connections_per_node(three);
        let client = cluster.connect(config).await.unwrap();
        settle().await;
        assert_eq!(cluster.open_to(2), 3);
        cluster.silence(2, true);
        cluster.tell_status(2, StatusChange::Down);
        // As long as one heartbeat may take.
        pass(SECOND * 5 + SECOND / 10).await;
        assert_eq!(up(&client), [true, true, false]);
    });
}
