//! The same over sockets on loopback, with TLS. Time is real.

use std::sync::Arc;

use cql_v4::{Client, Compression, Config, ErrorKind, Sent, Version};
use wire_testkit::TestCa;

use crate::conversations::{
    a_node_is_killed, a_node_leaves, all_up, an_answer_is_late, columns_change, nodes_forget,
};
use crate::support::cluster::{Cluster, Secured};

/// Three nodes with one certificate for these names.
async fn secured(names: &[&str]) -> (Cluster, Config) {
    let ca = TestCa::new();
    let cluster = Cluster::of_three();
    let (identity, clients_of) = (ca.issue(names), None);
    let secured = Secured {
        identity,
        clients_of,
    };
    cluster.listen(Some(secured)).await;
    let first = cluster.state().nodes[0].address.clone();
    let config = Config::new(&first).with_tls_config(Arc::new(ca.client_config()));
    (cluster, config)
}

const ADDRESSES: [&str; 3] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

async fn with_tls(conversation: impl AsyncFn(&Cluster, &Client)) {
    let lz4 = Some(Compression::Lz4);
    for (version, compression) in [(Version::V4, None), (Version::V5, lz4)] {
        let (cluster, config) = secured(&ADDRESSES).await;
        let mut config = config.with_protocol(version);
        if let Some(compression) = compression {
            config = config.with_compression(compression);
        }
        let client = Client::connect(config).await.unwrap();
        all_up(&cluster, &client).await;
        conversation(&cluster, &client).await;
        client.close().await;
    }
}

#[tokio::test]
async fn what_nodes_forget_is_prepared_again_through_tls() {
    with_tls(nodes_forget).await;
}

#[tokio::test]
async fn a_killed_node_is_passed_over_until_it_is_back_through_tls() {
    with_tls(a_node_is_killed).await;
}

#[tokio::test]
async fn rows_are_read_by_the_columns_that_they_have_through_tls() {
    with_tls(columns_change).await;
}

#[tokio::test]
async fn late_answers_reach_nobody_through_tls() {
    with_tls(an_answer_is_late).await;
}

#[tokio::test]
async fn events_are_heard_through_tls() {
    with_tls(a_node_leaves).await;
}

/// All nodes have the same certificate, of a name that is nobody's address.
#[tokio::test]
async fn certificates_may_have_a_name_of_their_own() {
    let (cluster, config) = secured(&["cluster.example.com"]).await;
    let error = Client::connect(config.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    let wrong = config.clone().with_tls_server_name("other.example.com");
    let error = Client::connect(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(cluster.state().seen.is_empty(), "nothing was asked");
    let config = config.with_tls_server_name("cluster.example.com");
    let client = Client::connect(config).await.unwrap();
    all_up(&cluster, &client).await;
    client.close().await;
}

/// One node of three has a certificate that is not its own: it is not used, whatever its peers say of it.
#[tokio::test]
async fn a_node_with_a_wrong_certificate_is_not_used() {
    let (cluster, config) = secured(&ADDRESSES[..2]).await;
    let client = Client::connect(config).await.unwrap();
    let two = |_: &Cluster| {
        let topology = client.topology().unwrap();
        topology.nodes().iter().filter(|node| node.is_up()).count() == 2
    };
    cluster.until("two nodes are up", two).await;
    for key in 0..30 {
        client.query("SELECT ?", (key,)).await.unwrap();
    }
    assert!(cluster.state().seen.iter().all(|seen| seen.node != 2));
    client.close().await;
}

#[tokio::test]
async fn a_certificate_that_is_out_of_date_is_refused() {
    let ca = TestCa::new();
    let cluster = Cluster::of_three();
    let secured = Secured {
        identity: ca.issue_expired(&ADDRESSES),
        clients_of: None,
    };
    cluster.listen(Some(secured)).await;
    let first = cluster.state().nodes[0].address.clone();
    let config = Config::new(&first).with_tls_config(Arc::new(ca.client_config()));
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Tls, Sent::No),
        "{error}"
    );
    assert!(cluster.state().seen.is_empty(), "nothing was asked");
}

#[tokio::test]
async fn clients_show_their_certificate_to_every_node() {
    let ca = TestCa::new();
    let me = ca.issue(&["me"]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let with_certificate = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(ca.roots())
        .with_client_auth_cert(me.chain(), me.key())
        .unwrap();
    let without = ca.client_config();
    let cluster = Cluster::of_three();
    let secured = Secured {
        identity: ca.issue(&ADDRESSES),
        clients_of: Some(ca),
    };
    cluster.listen(Some(secured)).await;
    let first = cluster.state().nodes[0].address.clone();
    let config = Config::new(&first);
    let refused = config.clone().with_tls_config(Arc::new(without));
    let error = Client::connect(refused).await.unwrap_err();
    assert!(
        cluster.state().seen.is_empty(),
        "nothing was asked: {error}"
    );
    let config = config.with_tls_config(Arc::new(with_certificate));
    let client = Client::connect(config).await.unwrap();
    all_up(&cluster, &client).await;
    client.close().await;
}

/// A node that accepts connections and never says a word of TLS.
#[tokio::test]
async fn a_handshake_that_stalls_is_given_up_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let silent = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(accepted) = listener.accept().await {
            open.push(accepted);
        }
    });
    let ca = TestCa::new();
    let limit = std::time::Duration::from_millis(300);
    let config = Config::new(&address)
        .with_tls_config(Arc::new(ca.client_config()))
        .with_connect_timeout(limit);
    let began = tokio::time::Instant::now();
    let error = Client::connect(config).await.unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
    assert_eq!(error.sent(), Sent::No);
    assert!(began.elapsed() >= limit && began.elapsed() < limit * 20);
    silent.abort();
}
