//! Nodes that come and go, as a program is told.

use std::time::Duration;

use cql_v4::message::TopologyChange;
use cql_v4::types::Uuid;
use cql_v4::{Client, NodeEvent, NodeEvents};
use tokio::time::timeout;

use crate::support::cluster::{Cluster, SECOND, pass, settle};
use crate::support::server::run;

/// The events so far: of which node each is, by its number from 1, and which.
async fn so_far(events: &mut NodeEvents) -> Vec<(u8, &'static str)> {
    let mut all = Vec::new();
    while let Ok(Some(event)) = timeout(Duration::from_millis(1), events.next()).await {
        let (host_id, address, what) = match event {
            NodeEvent::Added {
                host_id, address, ..
            } => (host_id, address, "added"),
            NodeEvent::Removed {
                host_id, address, ..
            } => (host_id, address, "removed"),
            NodeEvent::Up {
                host_id, address, ..
            } => (host_id, address, "up"),
            NodeEvent::Down {
                host_id, address, ..
            } => (host_id, address, "down"),
            other => panic!("{other:?}"),
        };
        let node = host_id.0[0];
        assert_eq!(host_id, Uuid([node; 16]));
        assert_eq!(address.to_string(), format!("127.0.0.{node}:9042"));
        all.push((node, what));
    }
    all
}

async fn of_two(cluster: &Cluster) -> (Client, NodeEvents) {
    cluster.state().nodes[2].member = false;
    let client = cluster.client().await;
    let events = client.node_events();
    (client, events)
}

#[test]
fn nodes_that_come_and_go_are_told_of_in_their_order() {
    run(async {
        let cluster = Cluster::of_three();
        let (client, mut events) = of_two(&cluster).await;
        assert_eq!(so_far(&mut events).await, [], "nothing of what was before");
        cluster.state().nodes[2].member = true;
        client.refresh().await.unwrap();
        settle().await;
        assert_eq!(so_far(&mut events).await, [(3, "added"), (3, "up")]);
        cluster.take_down(2);
        settle().await;
        assert_eq!(so_far(&mut events).await, [(3, "down")]);
        pass(SECOND * 100).await;
        assert_eq!(
            so_far(&mut events).await,
            [],
            "attempts that fail are no news"
        );
        cluster.bring_up(2);
        pass(SECOND * 40).await;
        assert_eq!(so_far(&mut events).await, [(3, "up")]);
        cluster.state().nodes[2].member = false;
        cluster.tell_topology(2, TopologyChange::RemovedNode);
        pass(SECOND * 2).await;
        assert_eq!(so_far(&mut events).await, [(3, "removed")]);
    });
}

/// A listener that takes none holds up nobody, and hears how many there were.
#[test]
fn events_are_lost_rather_than_kept_for_ever_and_that_is_told() {
    run(async {
        let cluster = Cluster::of_three();
        let (client, mut events) = of_two(&cluster).await;
        for n in 0..200 {
            cluster.state().nodes[2].member = n % 2 == 0;
            client.refresh().await.unwrap();
            settle().await;
        }
        // Added, up, removed: 300 of which 256 are kept.
        assert_eq!(events.next().await, Some(NodeEvent::Missed(44)));
        assert_eq!(so_far(&mut events).await.len(), 256);
        client.close().await;
        assert_eq!(events.next().await, None);
        assert_eq!(client.node_events().next().await, None);
    });
}

#[test]
fn events_end_with_the_client() {
    run(async {
        let cluster = Cluster::of_three();
        let (client, mut events) = of_two(&cluster).await;
        drop(client);
        assert_eq!(timeout(SECOND, events.next()).await.unwrap(), None);
    });
}
