//! Finding the nodes.

use std::net::Ipv4Addr;

use cql_v4::{Client, Config, ErrorKind};

use crate::support::cluster::{Cluster, SECOND, pass};
use crate::support::server::run;

/// Addresses of the nodes that the client knows, in order.
pub(crate) fn addresses(client: &Client) -> Vec<String> {
    let topology = client.topology().unwrap();
    let mut all: Vec<_> = topology
        .nodes()
        .iter()
        .map(|n| n.address().to_string())
        .collect();
    all.sort();
    all
}

const ALL: [&str; 3] = ["127.0.0.1:9042", "127.0.0.2:9042", "127.0.0.3:9042"];

#[test]
fn all_nodes_are_found_and_connected() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL);
        let topology = client.topology().unwrap();
        assert_eq!(topology.cluster_name(), "test cluster");
        assert_eq!(topology.local_datacenter(), "dc1");
        assert!(topology.nodes().iter().all(|node| node.is_up()));
        assert_eq!(topology.nodes()[1].release_version(), Some("5.0.9"));
        assert_eq!(client.stats().connections, 3);
        // One for requests to each, and the control connection.
        let open: Vec<_> = (0..3).map(|node| cluster.open_to(node)).collect();
        assert_eq!(open, [2, 1, 1]);
        assert_eq!(cluster.control(), Some(0));
    });
}

#[test]
fn servers_without_the_newer_table_are_asked_for_the_older_one() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().has_peers_v2 = false;
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL);
        pass(SECOND * 100).await;
        assert_eq!(addresses(&client), ALL);
    });
}

#[test]
fn a_node_that_is_told_of_twice_is_one_node() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().doubled = true;
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL);
        assert_eq!(client.stats().connections, 3);
    });
}

#[test]
fn a_node_that_listens_everywhere_is_found_where_its_peers_see_it() {
    run(async {
        let cluster = Cluster::of_three();
        let any = crate::support::cluster::inet(Ipv4Addr::UNSPECIFIED.into());
        cluster.state().nodes[1].cells.insert("native_address", any);
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL);
    });
}

#[test]
fn a_peer_without_what_is_needed_is_left_out() {
    for column in ["host_id", "data_center", "rack", "tokens"] {
        run(async {
            let cluster = Cluster::of_three();
            cluster.state().nodes[2].cells.insert(column, None);
            let client = cluster.client().await;
            assert_eq!(addresses(&client), ALL[..2], "{column}");
        });
    }
}

#[test]
fn columns_that_are_of_no_need_may_be_missing() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().missing_columns = vec!["release_version", "schema_version", "peer_port"];
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL);
        assert_eq!(
            client.topology().unwrap().nodes()[1].release_version(),
            None
        );
    });
}

#[test]
fn a_node_that_does_not_say_who_it_is_cannot_be_used() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().missing_columns = vec!["host_id"];
        let error = cluster.connect(cluster.config()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("has no host_id"), "{error}");
    });
}

#[test]
fn nodes_that_join_and_leave_are_seen_at_the_next_refresh() {
    run(async {
        let cluster = Cluster::of_three();
        cluster.state().nodes[2].member = false;
        let client = cluster.client().await;
        assert_eq!(addresses(&client), ALL[..2]);
        cluster.state().nodes[2].member = true;
        // No event tells of it.
        pass(SECOND * 61).await;
        assert_eq!(addresses(&client), ALL);
        assert_eq!(client.stats().connections, 3);
        cluster.state().nodes[1].member = false;
        client.refresh().await.unwrap();
        pass(SECOND).await;
        assert_eq!(addresses(&client), [ALL[0], ALL[2]]);
        assert_eq!(cluster.open_to(1), 0);
    });
}

#[test]
fn a_contact_point_may_be_a_name() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.connect(Config::new("localhost")).await.unwrap();
        assert_eq!(addresses(&client), ALL);
    });
}

#[test]
fn a_name_that_is_unknown_is_an_error_unless_another_host_answers() {
    run(async {
        let cluster = Cluster::of_three();
        let error = cluster
            .connect(Config::new("nowhere.invalid"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.to_string().contains("nowhere.invalid"), "{error}");
        let config = Config::new("nowhere.invalid").with_host("127.0.0.2");
        let client = cluster.connect(config).await.unwrap();
        assert_eq!(addresses(&client), ALL);
    });
}
