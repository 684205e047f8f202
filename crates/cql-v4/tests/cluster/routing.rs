//! Which node a request goes to.

use std::collections::BTreeSet;
use std::sync::Arc;

use cql_v4::policy::Profile;
use cql_v4::routing::{DefaultLoadBalancing, Node, Token};
use cql_v4::types::Uuid;
use cql_v4::{Client, Consistency, ErrorKind, Sent, Statement};

use crate::support::cluster::{Cluster, LWT_MARK, Reply, SECOND, pass, settle};
use crate::support::server::{ints, run, value};

/// Host ids of the nodes that have this key, the first of them first.
fn replicas(client: &Client, keyspace: &str, key: i32) -> Vec<usize> {
    let topology = client.topology().unwrap();
    let token: Token = topology.token(&key.to_be_bytes()).unwrap();
    let replicas = topology.replicas(keyspace, "t", &token);
    let ids = replicas.map(|replica| usize::from(replica.node.host_id().0[0]) - 1);
    ids.collect()
}

#[test]
fn each_execute_lands_on_a_replica() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        for keyspace in ["ks", "ks2"] {
            let text = format!("SELECT v FROM {keyspace}.t WHERE k = ?");
            let statement = client.prepare(text).await.unwrap();
            settle().await;
            let before = cluster.statements().len();
            for key in 0..100 {
                client.execute(&statement, (key,)).await.unwrap();
            }
            let asked = cluster.statements().split_off(before);
            assert_eq!(asked.len(), 100);
            for (node, key) in &asked {
                assert!(
                    replicas(&client, keyspace, *key).contains(node),
                    "{key} on {node}"
                );
            }
            let used: BTreeSet<_> = asked.iter().map(|(node, _)| *node).collect();
            assert_eq!(used.len(), 3);
        }
    });
}

/// By the murmur3 token of the key, from the server's own `token()`: of 1 it is -4069959284402364209, of 2
/// -3248873570005575792, of 7 1634052884888577606. The nodes own the ring up to -3074457345618258603,
/// 3074457345618258602 and the rest.
#[test]
fn the_token_of_a_key_decides() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let statement = client
            .prepare("SELECT v FROM ks.t WHERE k = ?")
            .await
            .unwrap();
        for (key, node) in [(1, 0), (2, 0), (7, 1)] {
            client.execute(&statement, (key,)).await.unwrap();
            assert_eq!(cluster.statements().last(), Some(&(node, key)));
        }
    });
}

#[test]
fn of_two_replicas_the_one_with_less_to_do_is_asked() {
    run(async {
        let cluster = Cluster::of_three();
        // The second node takes its time.
        cluster.on_statement(|ask| {
            let answer = ints(&[value(&ask.request)], None);
            (ask.node == 1).then_some(Reply::Later(SECOND * 5, answer))
        });
        let client = cluster.client().await;
        let statement = client
            .prepare("SELECT v FROM ks3.t WHERE k = ?")
            .await
            .unwrap();
        let mut tasks = Vec::new();
        for key in 0..90 {
            let (client, statement) = (client.clone(), statement.clone());
            tasks.push(tokio::spawn(async move {
                client.execute(&statement, (key,)).await
            }));
            settle().await;
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let slow = cluster
            .statements()
            .iter()
            .filter(|(node, _)| *node == 1)
            .count();
        assert!((1..=8).contains(&slow), "{slow} requests to the slow node");
    });
}

#[test]
fn serial_requests_go_to_the_first_replica() {
    run(async {
        let cluster = Cluster::of_three();
        let mark = (
            "SCYLLA_LWT_ADD_METADATA_MARK".to_owned(),
            vec![LWT_MARK.to_owned()],
        );
        cluster.state().options = vec![mark];
        let client = cluster.client().await;
        let update = client
            .prepare("UPDATE ks3.t SET v = 1 WHERE k = ? IF v = 0")
            .await
            .unwrap();
        let read = client
            .prepare("SELECT v FROM ks3.t WHERE k = ?")
            .await
            .unwrap();
        let read = read.with_consistency(Consistency::LocalSerial);
        for key in 0..60 {
            let statement = if key % 2 == 0 { &update } else { &read };
            client.execute(statement, (key,)).await.unwrap();
            let first = replicas(&client, "ks3", key)[0];
            assert_eq!(cluster.statements().last(), Some(&(first, key)));
        }
    });
}

fn profile(policy: DefaultLoadBalancing) -> Profile {
    Profile::new().with_load_balancing(Arc::new(policy))
}

fn nodes_used(cluster: &Cluster) -> BTreeSet<usize> {
    cluster.statements().iter().map(|(node, _)| *node).collect()
}

async fn ask_often(client: &Client) {
    for key in 0..60 {
        client.query("SELECT ?", (key,)).await.unwrap();
    }
}

#[test]
fn the_data_centre_of_the_contact_point_is_the_local_one() {
    run(async {
        let cluster = Cluster::new(&["dc1", "dc2", "dc1", "dc2"]);
        let client = cluster.client().await;
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [0, 2].into());
        // No connection to what is not used.
        assert_eq!((cluster.open_to(1), cluster.open_to(3)), (0, 0));
    });
}

#[test]
fn the_data_centre_and_rack_of_the_configuration_are_preferred() {
    run(async {
        let cluster = Cluster::new(&["dc1", "dc2", "dc1", "dc2"]);
        let config = cluster
            .config()
            .with_local_datacenter("dc2")
            .with_local_rack("r2");
        let client = cluster.connect(config).await.unwrap();
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [1].into());
        cluster.take_down(1);
        settle().await;
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [1, 3].into());
    });
}

#[test]
fn other_data_centres_are_asked_only_if_that_is_allowed() {
    run(async {
        let cluster = Cluster::new(&["dc1", "dc2", "dc2"]);
        let client = cluster.client().await;
        cluster.take_down(0);
        settle().await;
        let error = client.query("SELECT ?", (1,)).await.unwrap_err();
        assert_eq!(error.sent(), Sent::No, "{error}");
        assert_eq!(nodes_used(&cluster), BTreeSet::new());

        let cluster = Cluster::new(&["dc1", "dc2", "dc2"]);
        let policy = DefaultLoadBalancing::new().with_remote_nodes(1);
        let config = cluster.config().with_profile(profile(policy));
        let client = cluster.connect(config).await.unwrap();
        assert_eq!(client.stats().connections, 2);
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [0].into());
        cluster.take_down(0);
        settle().await;
        // "Local" would mean another data centre there.
        client.query("SELECT ?", (1,)).await.unwrap_err();
        let quorum = Statement::from("SELECT ?").with_consistency(Consistency::Quorum);
        client.query(quorum, (1,)).await.unwrap();
        assert_eq!(nodes_used(&cluster).len(), 2);
    });
}

#[test]
fn a_host_filter_keeps_nodes_unused_even_when_all_others_are_down() {
    run(async {
        let cluster = Cluster::of_three();
        let filter = |node: &Node| node.host_id() != Uuid([2; 16]);
        let config = cluster.config().with_host_filter(Arc::new(filter));
        let config = config.with_request_timeout(SECOND * 3);
        let client = cluster.connect(config).await.unwrap();
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [0, 2].into());
        cluster.take_down(0);
        cluster.take_down(2);
        settle().await;
        client.query("SELECT ?", (1,)).await.unwrap_err();
        client.ping().await.unwrap_err();
        let here = Statement::from("SELECT ?").with_node(Uuid([2; 16]));
        let error = client.query(here, (1,)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        pass(SECOND * 100).await;
        let since = cluster.state().attempts[0].0;
        let there = cluster.attempts_at("127.0.0.2:9042", since);
        assert!(
            there.is_empty(),
            "connected to a node that the filter refuses"
        );
    });
}

#[test]
fn a_request_for_one_node_goes_there_and_nowhere_else() {
    run(async {
        let cluster = Cluster::of_three();
        let client = cluster.client().await;
        let there = |n: u8| {
            Statement::from("SELECT ?")
                .with_node(Uuid([n; 16]))
                .with_timeout(SECOND)
        };
        for _ in 0..10 {
            client.query(there(3), (1,)).await.unwrap();
        }
        assert_eq!(nodes_used(&cluster), [2].into());
        cluster.take_down(2);
        settle().await;
        let error = client.query(there(3), (1,)).await.unwrap_err();
        assert_eq!(error.sent(), Sent::No);
        let error = client.query(there(9), (1,)).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Connect, Sent::No));
        assert_eq!(nodes_used(&cluster), [2].into());
    });
}

#[test]
fn addresses_are_translated() {
    run(async {
        let cluster = Cluster::of_three();
        for (i, outside) in ["10.0.0.1:19042", "10.0.0.2:19042", "10.0.0.3:19042"]
            .iter()
            .enumerate()
        {
            let mut state = cluster.state();
            state.nodes[i].cells.insert(
                "native_address",
                crate::support::cluster::inet([127, 0, 0, u8::try_from(i).unwrap() + 1].into()),
            );
            state.nodes[i].cells.insert("native_port", None);
            (*outside).clone_into(&mut state.nodes[i].address);
        }
        let translate = |address: std::net::SocketAddr| match address.ip() {
            std::net::IpAddr::V4(ip) => ([10, 0, 0, ip.octets()[3]], 19042).into(),
            std::net::IpAddr::V6(_) => address,
        };
        let config =
            cql_v4::Config::new("10.0.0.1:19042").with_address_translator(Arc::new(translate));
        let client = cluster.connect(config).await.unwrap();
        ask_often(&client).await;
        assert_eq!(nodes_used(&cluster), [0, 1, 2].into());
    });
}
