//! Nodes that are used at one time and not at another, as the policy says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cql_v4::policy::Profile;
use cql_v4::routing::{
    DefaultLoadBalancing, Distance, LoadBalancing, Node, RoutingRequest, Target, Topology,
};
use cql_v4::types::Uuid;
use cql_v4::{Client, ErrorKind, Sent, Statement};
use tokio::time::Instant;

use crate::health::up;
use crate::support::cluster::{Cluster, Reply, SECOND, pass, settle};
use crate::support::server::{ints, run, value};

const THIRD: Uuid = Uuid([3; 16]);

/// The default policy, but for the third node.
#[derive(Debug, Default)]
struct Fickle {
    inner: DefaultLoadBalancing,
    ignores: AtomicBool,
}

impl LoadBalancing for Fickle {
    fn pick<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Option<Target<'a>> {
        self.inner.pick(request, topology)
    }

    fn plan<'a>(&self, request: &RoutingRequest<'_>, topology: &'a Topology) -> Vec<Target<'a>> {
        self.inner.plan(request, topology)
    }

    fn distance(&self, node: &Node, topology: &Topology) -> Distance {
        if self.ignores.load(Ordering::Relaxed) && node.host_id() == THIRD {
            return Distance::Ignored;
        }
        self.inner.distance(node, topology)
    }
}

async fn client(cluster: &Cluster) -> (Client, Arc<Fickle>) {
    let policy = Arc::new(Fickle::default());
    let balancing: Arc<dyn LoadBalancing> = Arc::clone(&policy) as _;
    let profile = Profile::new().with_load_balancing(balancing);
    let config = cluster.config().with_profile(profile);
    (cluster.connect(config).await.unwrap(), policy)
}

async fn used(cluster: &Cluster, client: &Client) -> BTreeSet<usize> {
    cluster.state().seen.clear();
    for key in 0..60 {
        client.query("SELECT ?", (key,)).await.unwrap();
    }
    cluster.statements().iter().map(|(node, _)| *node).collect()
}

#[test]
fn a_node_that_is_ignored_from_now_on_loses_its_connections_and_gets_them_back() {
    run(async {
        let cluster = Cluster::of_three();
        let (client, policy) = client(&cluster).await;
        assert_eq!(used(&cluster, &client).await, [0, 1, 2].into());
        for _ in 0..3 {
            policy.ignores.store(true, Ordering::Relaxed);
            client.refresh().await.unwrap();
            settle().await;
            assert_eq!(cluster.open_to(2), 0);
            assert_eq!(up(&client), [true, true, false]);
            assert_eq!(used(&cluster, &client).await, [0, 1].into());
            let here = Statement::new("SELECT ?").with_node(THIRD);
            let error = client.query(here, (1,)).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Connect, Sent::No));
            let since = Instant::now();
            pass(SECOND * 300).await;
            assert!(cluster.attempts_at("127.0.0.3:9042", since).is_empty());

            policy.ignores.store(false, Ordering::Relaxed);
            client.refresh().await.unwrap();
            settle().await;
            assert_eq!(cluster.open_to(2), 1);
            assert_eq!(used(&cluster, &client).await, [0, 1, 2].into());
        }
    });
}

#[test]
fn what_is_in_flight_to_a_node_that_is_ignored_from_now_on_may_end() {
    run(async {
        let cluster = Cluster::of_three();
        let (client, policy) = client(&cluster).await;
        cluster.on_statement(|ask| {
            let answer = ints(&[value(&ask.request)], None);
            Some(Reply::Later(SECOND, answer))
        });
        let asked = {
            let client = client.clone();
            let here = Statement::new("SELECT ?").with_node(THIRD);
            tokio::spawn(async move { client.query(here, (7,)).await })
        };
        settle().await;
        policy.ignores.store(true, Ordering::Relaxed);
        client.refresh().await.unwrap();
        let answer = asked.await.unwrap().unwrap();
        assert_eq!(answer.first::<(i32,)>().unwrap(), Some((7,)));
        settle().await;
        assert_eq!(
            (cluster.open_to(2), cluster.statements()),
            (0, vec![(2, 7)])
        );
    });
}
