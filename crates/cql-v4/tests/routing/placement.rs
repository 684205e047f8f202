//! From tokens to replicas.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use cql_v4::routing::{
    AddressTranslator, HostFilter, Node, Partitioner, Sharding, Token, Topology, TopologyBuilder,
};
use cql_v4::types::Uuid;
use proptest::prelude::*;

pub(crate) fn host_id(number: usize) -> Uuid {
    Uuid(u128::try_from(number + 1).unwrap().to_be_bytes())
}

pub(crate) fn address(number: usize) -> SocketAddr {
    let [.., a, b] = number.to_be_bytes();
    SocketAddr::from(([10, 0, a, b], 9042))
}

fn replicas(topology: &Topology, keyspace: &str, token: &Token) -> Vec<usize> {
    topology
        .replicas(keyspace, "t", token)
        .map(|target| target.node.index())
        .collect()
}

/// A token and the nodes that have it.
type Replicas = (&'static str, Vec<usize>);

/// What stands between one `ring` line of the fixture and the next.
struct Case {
    builder: TopologyBuilder,
    partitioner: &'static str,
    nodes: usize,
    keyspaces: Vec<(&'static str, Vec<Replicas>)>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("../fixtures/routing_rings.txt").lines() {
        let (kind, rest) = line.split_once(' ').unwrap();
        let words: Vec<&str> = rest.split(' ').collect();
        if kind == "ring" {
            cases.push(Case {
                builder: TopologyBuilder::new("dc1").with_partitioner(rest),
                partitioner: rest,
                nodes: 0,
                keyspaces: Vec::new(),
            });
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match kind {
            "node" => {
                let [datacenter, rack, tokens] = words[..] else {
                    panic!("{line}")
                };
                let builder = case.builder.clone();
                case.builder = builder.with_node(
                    host_id(case.nodes),
                    address(case.nodes),
                    datacenter,
                    rack,
                    tokens.split(','),
                );
                case.nodes += 1;
            }
            "keyspace" => {
                let options = words[1..]
                    .iter()
                    .map(|option| option.split_once('=').unwrap());
                let replication = [("class", words[0])].into_iter().chain(options);
                case.builder = case.builder.clone().with_keyspace(rest, replication);
                case.keyspaces.push((rest, Vec::new()));
            }
            "token" => {
                let numbers = words[1].split(',').filter_map(|number| number.parse().ok());
                let (_, tokens) = case.keyspaces.last_mut().unwrap();
                tokens.push((words[0], numbers.collect()));
            }
            _ => {}
        }
    }
    cases
}

/// In each data centre the same nodes in the same order. Servers mix data centres; here one comes after the other.
#[test]
fn replicas_are_those_of_the_server() {
    let mut compared = 0;
    for case in cases() {
        let partitioner = Partitioner::from_class(case.partitioner);
        let topology = case.builder.build();
        for (keyspace, tokens) in case.keyspaces {
            for (token, expected) in tokens {
                let found = replicas(&topology, keyspace, &partitioner.parse(token).unwrap());
                if keyspace.contains("SimpleStrategy") {
                    assert_eq!(found, expected, "{keyspace}: {token}");
                }
                for datacenter in topology.datacenters() {
                    let within = |all: &[usize]| -> Vec<usize> {
                        let here =
                            |node: &&usize| topology.nodes()[**node].datacenter() == datacenter;
                        all.iter().filter(here).copied().collect()
                    };
                    assert_eq!(
                        within(&found),
                        within(&expected),
                        "{keyspace} in {datacenter}: {token}"
                    );
                }
                assert_eq!(found.len(), expected.len(), "{keyspace}: {token}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 308);
}

fn three_nodes() -> TopologyBuilder {
    (0..3).fold(TopologyBuilder::new("dc1"), |builder, number| {
        let tokens = [(number * 100).to_string()];
        builder.with_node(host_id(number), address(number), "dc1", "r", tokens)
    })
}

#[test]
fn the_ring_goes_round() {
    let topology = three_nodes()
        .with_keyspace(
            "k",
            [("class", "SimpleStrategy"), ("replication_factor", "1")],
        )
        .build();
    for (token, owner) in [
        (i64::MIN, 0),
        (-1, 0),
        (0, 0),
        (1, 1),
        (100, 1),
        (101, 2),
        (200, 2),
        (201, 0),
        (i64::MAX, 0),
    ] {
        assert_eq!(
            replicas(&topology, "k", &Token::Murmur3(token)),
            [owner],
            "{token}"
        );
    }
}

#[test]
fn strategies_without_a_ring_have_no_replicas() {
    let topology = three_nodes()
        .with_keyspace(
            "local",
            [("class", "org.apache.cassandra.locator.LocalStrategy")],
        )
        .with_keyspace(
            "own",
            [
                ("class", "com.example.OwnStrategy"),
                ("replication_factor", "3"),
            ],
        )
        .with_keyspace("none", [("class", "SimpleStrategy")])
        .with_keyspace(
            "zero",
            [("class", "SimpleStrategy"), ("replication_factor", "0")],
        )
        .with_keyspace(
            "odd",
            [("class", "SimpleStrategy"), ("replication_factor", "1/2")],
        )
        .with_keyspace("far", [("class", "NetworkTopologyStrategy"), ("dc9", "3")])
        .with_keyspace(
            "all",
            [("class", "org.apache.cassandra.locator.EverywhereStrategy")],
        )
        .build();
    let token = Token::Murmur3(150);
    for keyspace in ["local", "own", "none", "zero", "odd", "far", "absent"] {
        assert_eq!(replicas(&topology, keyspace, &token), [], "{keyspace}");
    }
    assert_eq!(replicas(&topology, "all", &token), [2, 0, 1]);
    // A token of another partitioner is on no node.
    assert_eq!(replicas(&topology, "all", &Token::Random(5)), []);
    let other = three_nodes()
        .with_partitioner("com.example.OwnPartitioner")
        .with_keyspace(
            "k",
            [("class", "SimpleStrategy"), ("replication_factor", "3")],
        )
        .build();
    assert_eq!(replicas(&other, "k", &token), []);
    assert_eq!(other.token(b"a"), None);
}

#[test]
fn a_cluster_without_nodes_or_tokens_is_no_trouble() {
    let simple = [("class", "SimpleStrategy"), ("replication_factor", "3")];
    let empty = TopologyBuilder::new("dc1")
        .with_keyspace("k", simple)
        .build();
    assert_eq!(replicas(&empty, "k", &Token::Murmur3(0)), []);
    let no_tokens: [&str; 0] = [];
    let topology = TopologyBuilder::new("dc1")
        .with_node(host_id(0), address(0), "dc1", "r", no_tokens)
        .with_node(host_id(1), address(1), "dc1", "r", ["x", ""])
        .with_keyspace("k", simple)
        .with_keyspace("n", [("class", "NetworkTopologyStrategy"), ("dc1", "3")])
        .build();
    assert_eq!(replicas(&topology, "k", &Token::Murmur3(0)), []);
    assert_eq!(replicas(&topology, "n", &Token::Murmur3(0)), []);
    assert_eq!(topology.node(host_id(1)).unwrap().address(), address(1));
    assert_eq!(topology.node_at(address(1)).unwrap().index(), 1);
    assert!(topology.node(host_id(2)).is_none());
}

#[test]
fn closures_will_do_as_translator_and_filter() {
    let filter: Box<dyn HostFilter> = Box::new(|node: &Node| node.rack() == "r");
    let translator: Box<dyn AddressTranslator> =
        Box::new(|address: SocketAddr| SocketAddr::new(address.ip(), 19042));
    let topology = three_nodes().build();
    assert!(topology.nodes().iter().all(|node| filter.accepts(node)));
    assert_eq!(
        translator.translate(address(7)),
        "10.0.0.7:19042".parse().unwrap()
    );
}

#[test]
fn shards_are_named_where_there_are_some() {
    let sharding = Sharding::new(8, 12, 0);
    let topology = three_nodes()
        .with_sharding(sharding)
        .with_keyspace(
            "k",
            [("class", "SimpleStrategy"), ("replication_factor", "2")],
        )
        .build();
    let token = Token::Murmur3(150);
    let shards: Vec<(usize, Option<u32>)> = topology
        .replicas("k", "t", &token)
        .map(|target| (target.node.index(), target.shard))
        .collect();
    assert_eq!(shards, [(2, Some(sharding.of_token(150))), (0, None)]);
    assert_eq!(topology.nodes()[2].shards(), Some(8));
}

/// 128,000 ranges, a rack with a single node, and more copies than nodes: walks along the ring would take billions of
/// steps.
#[test]
fn large_rings_are_no_trouble() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut builder = TopologyBuilder::new("dc1");
    for number in 0..500 {
        let rack = if number == 0 {
            "lonely".to_owned()
        } else {
            format!("r{}", number % 2)
        };
        let tokens: Vec<String> = (0..256).map(|_| random.i64(..).to_string()).collect();
        builder = builder.with_node(host_id(number), address(number), "dc1", rack, tokens);
    }
    let topology = builder
        .with_keyspace(
            "three",
            [("class", "NetworkTopologyStrategy"), ("dc1", "3")],
        )
        .with_keyspace(
            "many",
            [("class", "NetworkTopologyStrategy"), ("dc1", "1000")],
        )
        .with_keyspace(
            "simple",
            [("class", "SimpleStrategy"), ("replication_factor", "1000")],
        )
        .build();
    for _ in 0..100 {
        let token = Token::Murmur3(random.i64(..));
        let three = replicas(&topology, "three", &token);
        assert_eq!(three.len(), 3);
        // Each rack has one of three, so the only node of its rack has everything.
        assert!(three.contains(&0));
        for keyspace in ["many", "simple"] {
            let listed: BTreeSet<usize> =
                replicas(&topology, keyspace, &token).into_iter().collect();
            assert_eq!(listed.len(), 16, "{keyspace}");
        }
    }
}

proptest! {
    /// What must hold of every cluster, however odd.
    #[test]
    fn replicas_are_different_nodes_and_as_many_as_there_can_be(
        nodes in prop::collection::vec((0..3_usize, 0..4_usize, prop::collection::vec(any::<i64>(), 1..6)), 1..15),
        factor in 0..8_usize,
        token in any::<i64>(),
    ) {
        let mut builder = TopologyBuilder::new("dc0");
        for (number, (datacenter, rack, tokens)) in nodes.iter().enumerate() {
            let tokens = tokens.iter().map(i64::to_string);
            builder = builder.with_node(host_id(number), address(number), format!("dc{datacenter}"), format!("r{rack}"), tokens);
        }
        let text = factor.to_string();
        let topology = builder
            .with_keyspace("s", [("class", "SimpleStrategy"), ("replication_factor", text.as_str())])
            .with_keyspace("n", [("class", "NetworkTopologyStrategy"), ("dc0", text.as_str()), ("dc2", text.as_str())])
            .build();
        let token = Token::Murmur3(token);
        let simple = replicas(&topology, "s", &token);
        prop_assert_eq!(simple.len(), factor.min(nodes.len()));
        let network = replicas(&topology, "n", &token);
        for found in [&simple, &network] {
            let different: BTreeSet<&usize> = found.iter().collect();
            prop_assert_eq!(different.len(), found.len());
        }
        for datacenter in ["dc0", "dc1", "dc2"] {
            let here: Vec<_> = topology.nodes().iter().filter(|node| node.datacenter() == datacenter).collect();
            let racks: BTreeSet<&str> = here.iter().map(|node| node.rack()).collect();
            let copies: Vec<usize> = network.iter().copied().filter(|n| topology.nodes()[*n].datacenter() == datacenter).collect();
            let wanted = if datacenter == "dc1" { 0 } else { factor.min(here.len()) };
            prop_assert_eq!(copies.len(), wanted);
            let used: BTreeSet<&str> = copies.iter().map(|n| topology.nodes()[*n].rack()).collect();
            prop_assert_eq!(used.len(), racks.len().min(wanted));
        }
    }
}
