//! What is done for each request asks for no memory.

use std::hint::black_box;

use cql_v4::Consistency;
use cql_v4::routing::{
    DefaultLoadBalancing, LoadBalancing, Partitioner, RoutingRequest, Topology, TopologyBuilder,
};
use cql_v4::types::Uuid;
use wire_testkit::measure;

#[test]
fn finding_the_node_of_a_request_allocates_nothing() {
    let mut builder = TopologyBuilder::new("dc1").with_keyspace(
        "k",
        [
            ("class", "NetworkTopologyStrategy"),
            ("dc1", "3"),
            ("dc2", "2"),
        ],
    );
    for number in 0..9_u8 {
        let address = format!("10.0.0.{number}:9042").parse().unwrap();
        let datacenter = if number < 6 { "dc1" } else { "dc2" };
        let rack = format!("r{}", number % 3);
        let token = (i64::from(number) * 1_000_000_000_000_000_000).to_string();
        builder = builder
            .with_node(Uuid([number; 16]), address, datacenter, rack, [token])
            // Some replicas down: then others are looked for.
            .with_state(number % 4 != 0, 0);
    }
    let topology = builder.build();
    let policies = [
        DefaultLoadBalancing::new(),
        DefaultLoadBalancing::new()
            .with_datacenter("dc2")
            .with_rack("r1"),
    ];
    // The generator of this thread is made by its first use.
    fastrand::u64(..);
    assert_eq!(allocations(|| look_up(&topology, &policies)), 0);
    // The counter counts.
    let request = RoutingRequest::new(Consistency::One);
    assert!(allocations(|| drop(black_box(policies[0].plan(&request, &topology)))) > 0);
}

fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).0.allocations
}

fn look_up(topology: &Topology, policies: &[DefaultLoadBalancing]) {
    for number in 0..1_000_i64 {
        let columns = [&number.to_be_bytes()[..], b"a second column of the key"];
        let token = Partitioner::Murmur3.token_of(black_box(columns)).unwrap();
        black_box(topology.replicas("k", "t", &token).count());
        let anywhere = RoutingRequest::new(Consistency::LocalQuorum);
        let known = anywhere.with_partition("k", "t", &token);
        for policy in policies {
            for request in [anywhere, known, known.with_serial(true)] {
                assert!(policy.pick(black_box(&request), topology).is_some());
            }
        }
    }
}
