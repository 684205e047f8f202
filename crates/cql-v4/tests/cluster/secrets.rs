//! What is told to whom: a server may name any address as a node of its cluster.

use cql_v4::message::Request;
use cql_v4::{Config, ErrorKind, Sent};

use crate::discovery::addresses;
use crate::health::up;
use crate::support::cluster::{Cluster, SECOND, pass};
use crate::support::server::run;

const PASSWORD: &str = "correct horse";
const CLASS: &str = "org.apache.cassandra.auth.PasswordAuthenticator";

/// The first node is on this machine, and tells of two that are not.
fn cluster() -> Cluster {
    let cluster = Cluster::of_three();
    {
        let mut state = cluster.state();
        for (node, address) in state
            .nodes
            .iter_mut()
            .zip(["127.0.0.1", "10.0.0.2", "10.0.0.3"])
        {
            node.address = format!("{address}:9042");
            node.authenticator = Some(CLASS);
        }
    }
    cluster
}

/// Nodes that were told the password.
fn told(cluster: &Cluster) -> Vec<usize> {
    let state = cluster.state();
    let told = state
        .seen
        .iter()
        .filter(|seen| matches!(&seen.request, Request::AuthResponse(_)));
    let mut told: Vec<_> = told.map(|seen| seen.node).collect();
    told.sort_unstable();
    told.dedup();
    told
}

#[test]
fn nodes_elsewhere_are_not_told_the_password_in_clear_text() {
    run(async {
        let cluster = cluster();
        let config = cluster.config().with_credentials("alice", PASSWORD);
        let client = cluster.connect(config).await.unwrap();
        assert_eq!(addresses(&client).len(), 3);
        for key in 0..30 {
            client.query("SELECT ?", (key,)).await.unwrap();
        }
        pass(SECOND * 100).await;
        assert_eq!(up(&client), [true, false, false]);
        // Not even when the node that may be told is gone.
        cluster.take_down(0);
        pass(SECOND * 100).await;
        let error = client.query("SELECT ?", (1,)).await.unwrap_err();
        assert_eq!(error.sent(), Sent::No);
        for text in [
            error.to_string(),
            format!("{error:?}"),
            format!("{client:?}"),
        ] {
            assert!(!text.contains(PASSWORD), "{text}");
        }
        assert_eq!(told(&cluster), [0]);
    });
}

#[test]
fn nodes_elsewhere_are_told_if_that_is_allowed() {
    run(async {
        let cluster = cluster();
        let config = cluster.config().with_credentials("alice", PASSWORD);
        let client = cluster
            .connect(config.allow_plaintext_password(true))
            .await
            .unwrap();
        assert_eq!(up(&client), [true; 3]);
        assert_eq!(told(&cluster), [0, 1, 2]);
    });
}

#[test]
fn a_contact_point_elsewhere_is_not_told_either() {
    run(async {
        let cluster = cluster();
        let config = Config::new("10.0.0.2").with_credentials("alice", PASSWORD);
        let error = cluster.connect(config).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Auth, Sent::No),
            "{error}"
        );
        assert_eq!(told(&cluster), [0; 0]);
    });
}

#[test]
fn without_credentials_the_error_says_so() {
    run(async {
        let cluster = cluster();
        let error = cluster.connect(cluster.config()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
    });
}
