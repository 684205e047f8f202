//! Which node is asked.

use std::collections::{BTreeMap, BTreeSet};

use cql_v4::Consistency;
use cql_v4::routing::{
    DefaultLoadBalancing, Distance, LoadBalancing, RoutingRequest, Sharding, Target, Token,
    Topology, TopologyBuilder,
};
use proptest::prelude::*;

use crate::placement::{address, host_id};

const NETWORK: [(&str, &str); 3] = [
    ("class", "NetworkTopologyStrategy"),
    ("dc1", "3"),
    ("dc2", "2"),
];

/// What a node is like: whether it is up, and its requests in flight.
type State = (bool, usize);

const IDLE: State = (true, 0);
const DOWN: State = (false, 0);

/// Nodes 0 to 5 in dc1, in racks a, b, c, a, b, c; nodes 6 to 9 in dc2, in racks a, b, a, b. Node n owns the tokens after
/// 100 (n - 1) up to 100 n.
fn cluster(state: impl Fn(usize) -> State) -> TopologyBuilder {
    let mut builder = TopologyBuilder::new("dc1").with_keyspace("k", NETWORK);
    for number in 0..10 {
        let (datacenter, racks) = if number < 6 { ("dc1", 3) } else { ("dc2", 2) };
        let rack = ["a", "b", "c"][if number < 6 {
            number % racks
        } else {
            (number - 6) % racks
        }];
        let tokens = [(number * 100).to_string()];
        let (up, in_flight) = state(number);
        builder = builder
            .with_node(host_id(number), address(number), datacenter, rack, tokens)
            .with_state(up, in_flight);
    }
    builder
}

fn numbers(targets: &[Target<'_>]) -> Vec<usize> {
    targets.iter().map(|target| target.node.index()).collect()
}

/// How often `pick` gives each node, of so many calls.
fn counts(
    policy: &dyn LoadBalancing,
    request: &RoutingRequest<'_>,
    topology: &Topology,
    calls: usize,
) -> BTreeMap<usize, usize> {
    // The same numbers in every run of the tests.
    fastrand::seed(7);
    let mut counts = BTreeMap::new();
    for target in (0..calls).filter_map(|_| policy.pick(request, topology)) {
        *counts.entry(target.node.index()).or_default() += 1;
    }
    counts
}

/// The nodes that `pick` gives in many calls.
fn picked(
    policy: &dyn LoadBalancing,
    request: &RoutingRequest<'_>,
    topology: &Topology,
) -> BTreeSet<usize> {
    counts(policy, request, topology, 400).into_keys().collect()
}

fn set<const N: usize>(numbers: [usize; N]) -> BTreeSet<usize> {
    numbers.into()
}

#[test]
fn replicas_of_the_own_datacenter_come_first() {
    let topology = cluster(|_| IDLE).build();
    let policy = DefaultLoadBalancing::new();
    let token = Token::Murmur3(150);
    let request = RoutingRequest::new(Consistency::LocalQuorum).with_partition("k", "t", &token);
    assert_eq!(picked(&policy, &request, &topology), set([2, 3, 4]));
    let plan = numbers(&policy.plan(&request, &topology));
    assert_eq!(
        plan[..3].iter().copied().collect::<BTreeSet<_>>(),
        set([2, 3, 4])
    );
    assert_eq!(
        plan[3..].iter().copied().collect::<BTreeSet<_>>(),
        set([0, 1, 5])
    );
}

#[test]
fn without_a_partition_all_nodes_of_the_datacenter_share() {
    let topology = cluster(|_| IDLE).build();
    let policy = DefaultLoadBalancing::new();
    let token = Token::Murmur3(150);
    let anywhere = RoutingRequest::new(Consistency::One);
    let here = set([0, 1, 2, 3, 4, 5]);
    assert_eq!(picked(&policy, &anywhere, &topology), here);
    let unknown = anywhere.with_partition("absent", "t", &token);
    assert_eq!(picked(&policy, &unknown, &topology), here);
    let indifferent = DefaultLoadBalancing::new().with_token_awareness(false);
    let known = anywhere.with_partition("k", "t", &token);
    assert_eq!(picked(&indifferent, &known, &topology), here);
}

#[test]
fn the_busiest_replica_is_never_taken() {
    let topology = cluster(|number| (true, number)).build();
    let token = Token::Murmur3(150);
    let request = RoutingRequest::new(Consistency::One).with_partition("k", "t", &token);
    let policy = DefaultLoadBalancing::new();
    // Of any two of 2, 3 and 4, the first is taken, so never the last.
    assert_eq!(picked(&policy, &request, &topology), set([2, 3]));
    assert_eq!(
        numbers(&policy.plan(&request, &topology)),
        [2, 3, 4, 0, 1, 5]
    );
}

/// Also where some are down, and those behind them could get the share of those.
#[test]
fn equally_good_nodes_get_equal_shares() {
    let policy = DefaultLoadBalancing::new();
    let token = Token::Murmur3(150);
    let replicas = RoutingRequest::new(Consistency::One).with_partition("k", "t", &token);
    let anywhere = RoutingRequest::new(Consistency::One);
    let all = cluster(|_| IDLE).build();
    let some = cluster(|number| if number == 3 { DOWN } else { IDLE }).build();
    for (topology, request, nodes) in [
        (&all, replicas, 3),
        (&all, anywhere, 6),
        (&some, replicas, 2),
        (&some, anywhere, 5),
    ] {
        let counts = counts(&policy, &request, topology, 6_000);
        assert_eq!(counts.len(), nodes);
        let (least, most) = (5_000 / nodes, 7_000 / nodes);
        assert!(
            counts.values().all(|count| (least..most).contains(count)),
            "{counts:?}"
        );
    }
}

#[test]
fn the_preferred_rack_comes_first() {
    let topology = cluster(|_| IDLE).build();
    let policy = DefaultLoadBalancing::new().with_rack("b");
    let token = Token::Murmur3(150);
    let request = RoutingRequest::new(Consistency::One).with_partition("k", "t", &token);
    assert_eq!(picked(&policy, &request, &topology), set([4]));
    let anywhere = RoutingRequest::new(Consistency::One);
    assert_eq!(picked(&policy, &anywhere, &topology), set([1, 4]));
    let plan = numbers(&policy.plan(&request, &topology));
    assert_eq!((plan[0], plan[3]), (4, 1), "{plan:?}");
    // Whole rack down: the rest of the data centre.
    let topology = cluster(|number| if number % 3 == 1 { DOWN } else { IDLE }).build();
    assert_eq!(picked(&policy, &request, &topology), set([2, 3]));
    assert_eq!(picked(&policy, &anywhere, &topology), set([0, 2, 3, 5]));
}

#[test]
fn serial_requests_follow_the_ring() {
    let topology = cluster(|number| (true, number * 10)).build();
    // Clients of all racks agree.
    for policy in [
        DefaultLoadBalancing::new(),
        DefaultLoadBalancing::new().with_rack("b"),
    ] {
        let token = Token::Murmur3(350);
        let request = RoutingRequest::new(Consistency::Quorum)
            .with_partition("k", "t", &token)
            .with_serial(true);
        assert_eq!(picked(&policy, &request, &topology), set([4]));
        assert_eq!(numbers(&policy.plan(&request, &topology))[..3], [4, 5, 0]);
        let without = cluster(|number| if number == 4 { DOWN } else { IDLE }).build();
        assert_eq!(picked(&policy, &request, &without), set([5]));
        let plan = numbers(&policy.plan(&request, &without));
        assert_eq!((plan[..2].to_vec(), plan[5]), (vec![5, 0], 4));
    }
}

#[test]
fn nodes_that_are_down_are_tried_last() {
    let token = Token::Murmur3(150);
    let request = RoutingRequest::new(Consistency::One).with_partition("k", "t", &token);
    let policy = DefaultLoadBalancing::new();
    let topology = cluster(|number| if (2..5).contains(&number) { DOWN } else { IDLE }).build();
    assert_eq!(picked(&policy, &request, &topology), set([0, 1, 5]));
    let plan = numbers(&policy.plan(&request, &topology));
    assert_eq!(
        plan[3..].iter().copied().collect::<BTreeSet<_>>(),
        set([2, 3, 4])
    );
    let topology = cluster(|_| DOWN).build();
    assert!(policy.pick(&request, &topology).is_none());
    assert_eq!(policy.plan(&request, &topology).len(), 6);
    // A single one that is up is found, however often others are drawn.
    let topology = cluster(|number| if number == 5 { IDLE } else { DOWN }).build();
    assert_eq!(picked(&policy, &request, &topology), set([5]));
}

#[test]
fn other_datacenters_are_asked_only_when_allowed() {
    let topology = cluster(|number| if number < 6 { DOWN } else { IDLE }).build();
    let token = Token::Murmur3(650);
    let global = RoutingRequest::new(Consistency::Quorum).with_partition("k", "t", &token);
    let local = RoutingRequest::new(Consistency::LocalQuorum).with_partition("k", "t", &token);

    let never = DefaultLoadBalancing::new();
    assert!(never.pick(&global, &topology).is_none());
    assert_eq!(never.plan(&global, &topology).len(), 6);

    let some = DefaultLoadBalancing::new().with_remote_nodes(3);
    let first = picked(&some, &global, &topology);
    let used: BTreeSet<usize> = topology
        .nodes()
        .iter()
        .filter(|node| some.distance(node, &topology) == Distance::Remote)
        .map(|node| node.index())
        .collect();
    assert_eq!(used.len(), 3);
    assert!(first.is_subset(&used), "{first:?} {used:?}");
    // Tokens up to 700 are with 7 and 8; of three nodes at least one is such a replica.
    assert!(first.is_subset(&set([7, 8])), "{first:?}");
    assert_eq!(some.plan(&global, &topology).len(), 9);
    assert!(some.pick(&local, &topology).is_none());
    assert_eq!(some.plan(&local, &topology).len(), 6);

    let always = some.clone().with_remote_for_local_consistency(true);
    assert!(picked(&always, &local, &topology).is_subset(&used));
    // As long as one is up at home, nothing leaves.
    let topology = cluster(|number| if number == 1 { (true, 1000) } else { IDLE }).build();
    assert!(
        picked(&always, &global, &topology)
            .iter()
            .all(|number| *number < 6)
    );
}

#[test]
fn distances_say_where_connections_are_kept() {
    let topology = cluster(|_| IDLE).build();
    let count = |policy: &DefaultLoadBalancing, wanted| {
        topology
            .nodes()
            .iter()
            .filter(|node| policy.distance(node, &topology) == wanted)
            .count()
    };
    let home = DefaultLoadBalancing::new();
    assert_eq!(
        (
            count(&home, Distance::Local),
            count(&home, Distance::Ignored)
        ),
        (6, 4)
    );
    let away = DefaultLoadBalancing::new()
        .with_datacenter("dc2")
        .with_remote_nodes(100);
    assert_eq!(
        (
            count(&away, Distance::Local),
            count(&away, Distance::Remote)
        ),
        (4, 6)
    );
    // A data centre that does not exist has no nodes, and nobody takes its place unasked.
    let nowhere = DefaultLoadBalancing::new().with_datacenter("dc9");
    assert_eq!(count(&nowhere, Distance::Ignored), 10);
    let request = RoutingRequest::new(Consistency::One);
    assert!(nowhere.pick(&request, &topology).is_none());
    assert!(nowhere.plan(&request, &topology).is_empty());
}

#[test]
fn the_shard_of_the_partition_is_named() {
    let sharding = Sharding::new(4, 12, 0);
    let topology = TopologyBuilder::new("dc1")
        .with_node(host_id(0), address(0), "dc1", "a", ["0"])
        .with_sharding(sharding)
        .with_keyspace(
            "k",
            [("class", "SimpleStrategy"), ("replication_factor", "1")],
        )
        .build();
    let policy = DefaultLoadBalancing::new();
    let token = Token::Murmur3(-77);
    let request = RoutingRequest::new(Consistency::One).with_partition("k", "t", &token);
    let shard = Some(sharding.of_token(-77));
    assert_eq!(policy.pick(&request, &topology).unwrap().shard, shard);
    assert_eq!(policy.plan(&request, &topology)[0].shard, shard);
    assert_eq!(
        policy
            .pick(&request.with_serial(true), &topology)
            .unwrap()
            .shard,
        shard
    );
    let anywhere = RoutingRequest::new(Consistency::One);
    assert_eq!(policy.pick(&anywhere, &topology).unwrap().shard, None);
}

#[test]
fn policies_and_what_they_see_can_be_shared() {
    fn is_send_sync<T: Send + Sync + 'static>() {}
    is_send_sync::<DefaultLoadBalancing>();
    is_send_sync::<Topology>();
    is_send_sync::<Token>();
    is_send_sync::<std::sync::Arc<dyn LoadBalancing>>();
}

/// A policy with its settings, among them whether it knows about tokens, and a request.
#[derive(Debug)]
struct Setting {
    policy: DefaultLoadBalancing,
    aware: bool,
    token: Option<Token>,
    serial: bool,
    consistency: Consistency,
}

fn settings() -> impl Strategy<Value = Setting> {
    let levels = vec![
        Consistency::One,
        Consistency::LocalOne,
        Consistency::LocalQuorum,
    ];
    let policies = (
        prop::sample::select(vec!["dc1", "dc2", "dc3"]),
        prop::option::of(prop::sample::select(vec!["a", "b", "x"])),
        0..5_usize,
        any::<bool>(),
    );
    let requests = (
        any::<bool>(),
        prop::option::of(-100..1100_i64),
        any::<bool>(),
        prop::sample::select(levels),
    );
    (policies, requests).prop_map(|((datacenter, rack, remote, always), request)| {
        let (aware, token, serial, consistency) = request;
        let mut policy = DefaultLoadBalancing::new()
            .with_datacenter(datacenter)
            .with_token_awareness(aware)
            .with_remote_nodes(remote)
            .with_remote_for_local_consistency(always);
        if let Some(name) = rack {
            policy = policy.with_rack(name);
        }
        Setting {
            policy,
            aware,
            token: token.map(Token::Murmur3),
            serial,
            consistency,
        }
    })
}

proptest! {
    #[test]
    fn plans_are_sound(
        Setting { policy, aware, token, serial, consistency } in settings(),
        states in prop::collection::vec((any::<bool>(), 0..3_usize), 10),
    ) {
        let topology = cluster(|number| states[number]).build();
        let mut request = RoutingRequest::new(consistency).with_serial(serial);
        if let Some(token) = &token {
            request = request.with_partition("k", "t", token);
        }
        let plan = policy.plan(&request, &topology);
        // Each node at most once, none that is ignored, all of the own data centre, those that are down last.
        let different: BTreeSet<usize> = numbers(&plan).into_iter().collect();
        prop_assert_eq!(different.len(), plan.len());
        for node in topology.nodes() {
            match policy.distance(node, &topology) {
                Distance::Local => prop_assert!(different.contains(&node.index())),
                Distance::Ignored => prop_assert!(!different.contains(&node.index())),
                _ => {}
            }
        }
        prop_assert!(plan.is_sorted_by_key(|target| !target.node.is_up()));
        // What is picked is up, and something is picked whenever something is.
        let picked = policy.pick(&request, &topology);
        prop_assert_eq!(picked.is_some(), plan.first().is_some_and(|target| target.node.is_up()));
        let Some(picked) = picked else {
            return Ok(());
        };
        prop_assert!(picked.node.is_up());
        prop_assert!(different.contains(&picked.node.index()));
        // Where order counts, the plan begins with what is picked.
        let leader = token.as_ref().and_then(|token| {
            topology.replicas("k", "t", token).find(|replica| {
                replica.node.is_up() && policy.distance(replica.node, &topology) == Distance::Local
            })
        });
        if let (Some(leader), true) = (leader, serial && aware) {
            prop_assert_eq!(picked.node.index(), leader.node.index());
            prop_assert_eq!(plan[0].node.index(), leader.node.index());
        }
    }
}
