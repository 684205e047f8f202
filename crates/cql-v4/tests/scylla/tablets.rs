//! Where tablets are is learned from answers, followed when they move, and forgotten with their tables and nodes.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cql_v4::message::{Event, Request, SchemaChange, TopologyChange};
use cql_v4::routing::{Partitioner, Token};
use cql_v4::{Client, Prepared};

use crate::support::cluster::{Ask, Cluster, Reply, SECOND, Sharded, pass, settle};
use crate::support::server::{ints, run, value};

/// Tablets end with these tokens.
const ENDS: [i64; 4] = [
    -4_000_000_000_000_000_000,
    0,
    4_000_000_000_000_000_000,
    i64::MAX,
];

/// The node that has each tablet.
type Homes = Arc<Mutex<[usize; 4]>>;

fn token_of(key: i32) -> i64 {
    match Partitioner::Murmur3.token(&key.to_be_bytes()) {
        Some(Token::Murmur3(token)) => token,
        other => panic!("{other:?}"),
    }
}

fn tablet_of(key: i32) -> usize {
    ENDS.iter().position(|end| token_of(key) <= *end).unwrap()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = i32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[..], bytes].concat()
}

/// `tuple<bigint, bigint, list<tuple<uuid, int>>>`, by ScyllaDB's notes on its extensions.
fn payload(tablet: usize, host_id: u8) -> Bytes {
    let first = if tablet == 0 {
        i64::MIN
    } else {
        ENDS[tablet - 1]
    };
    let replica = [sized(&[host_id; 16]), sized(&0_i32.to_be_bytes())].concat();
    let replicas = [&1_i32.to_be_bytes()[..], &sized(&replica)].concat();
    [
        sized(&first.to_be_bytes()),
        sized(&ENDS[tablet].to_be_bytes()),
        sized(&replicas),
    ]
    .concat()
    .into()
}

/// A node that has not the tablet of a request tells where it is.
fn answer(ask: &Ask, homes: &Homes) -> Option<Reply> {
    if !matches!(ask.request, Request::Execute(_)) {
        return None;
    }
    let key = value(&ask.request);
    let tablet = tablet_of(key);
    let home = homes.lock().unwrap()[tablet];
    let rows = ints(&[key], None);
    if ask.node == home {
        return Some(Reply::Send(rows));
    }
    let told = payload(tablet, u8::try_from(home).unwrap() + 1);
    let told = ("tablets-routing-v1".to_owned(), Some(told));
    Some(Reply::WithPayload(vec![told], rows))
}

/// Three nodes; the tablets are on these of them.
async fn with_tablets(homes: [usize; 4]) -> (Cluster, Homes, Client, Prepared) {
    let cluster = Cluster::of_three();
    for node in &mut cluster.state().nodes {
        node.sharded = Some(Sharded {
            count: 1,
            port: None,
            is_reachable: false,
        });
    }
    let tablets = ("TABLETS_ROUTING_V1".to_owned(), vec![String::new()]);
    cluster.state().options.push(tablets);
    cluster.state().tablets = vec!["ks"];
    let homes = Arc::new(Mutex::new(homes));
    let at = Arc::clone(&homes);
    cluster.on_statement(move |ask| answer(ask, &at));
    let client = cluster.client().await;
    settle().await;
    let statement = client.prepare("SELECT v FROM ks.t WHERE k = ?").await;
    let statement = statement.unwrap();
    settle().await;
    (cluster, homes, client, statement)
}

/// Reads these keys, and returns those of the requests that came to a node that has not their tablet.
async fn astray(
    (cluster, homes, client, statement): &(Cluster, Homes, Client, Prepared),
    keys: std::ops::Range<i32>,
) -> usize {
    cluster.state().seen.clear();
    for key in keys.clone() {
        let answer = client.execute(statement, (key,)).await.unwrap();
        assert_eq!(answer.first::<(i32,)>().unwrap(), Some((key,)));
    }
    let homes = homes.lock().unwrap();
    let all = cluster.statements();
    assert_eq!(all.len(), keys.len(), "each was asked once");
    let strays = all
        .iter()
        .filter(|(node, key)| *node != homes[tablet_of(*key)]);
    strays.count()
}

#[test]
fn each_tablet_is_learned_from_one_answer() {
    run(async {
        let all = with_tablets([0, 1, 2, 0]).await;
        // Nothing is known of any tablet; each is told at most once.
        let strays = astray(&all, 0..200).await;
        assert!((1..=ENDS.len()).contains(&strays), "{strays} went astray");
        // A tablet that was asked for at its home by chance is not known yet.
        astray(&all, 200..2_000).await;
        assert_eq!(astray(&all, 0..200).await, 0);
    });
}

#[test]
fn a_tablet_that_moved_is_followed() {
    run(async {
        let all = with_tablets([0, 1, 2, 0]).await;
        astray(&all, 0..2_000).await;
        assert_eq!(astray(&all, 0..200).await, 0);
        *all.1.lock().unwrap() = [1, 2, 0, 0];
        assert_eq!(astray(&all, 0..200).await, 3, "one for each that moved");
        assert_eq!(astray(&all, 0..200).await, 0);
    });
}

#[test]
fn a_tablet_of_a_node_that_is_down_is_read_elsewhere() {
    run(async {
        let all = with_tablets([0, 1, 2, 1]).await;
        astray(&all, 0..2_000).await;
        let (cluster, homes, client, _) = &all;
        cluster.take_down(1);
        settle().await;
        // Its tablets are where they were, and nobody can tell of another place: any node answers.
        let of_it = (0..200).filter(|key| homes.lock().unwrap()[tablet_of(*key)] == 1);
        let of_it = of_it.count();
        assert_eq!(astray(&all, 0..200).await, of_it);
        cluster.bring_up(1);
        pass(SECOND * 60).await;
        assert!(client.topology().unwrap().nodes().iter().all(|n| n.is_up()));
        assert_eq!(astray(&all, 0..200).await, 0);
    });
}

#[test]
fn tablets_of_a_node_that_left_are_forgotten() {
    run(async {
        let all = with_tablets([0, 1, 2, 1]).await;
        astray(&all, 0..2_000).await;
        let (cluster, homes, client, _) = &all;
        *homes.lock().unwrap() = [0, 0, 2, 2];
        cluster.state().nodes[1].member = false;
        cluster.take_down(1);
        cluster.tell_topology(1, TopologyChange::RemovedNode);
        pass(SECOND * 3).await;
        assert_eq!(client.topology().unwrap().nodes().len(), 2);
        // Until each was asked for at the wrong node once.
        let strays = astray(&all, 0..2_000).await;
        assert!(strays <= 2, "{strays}");
        assert_eq!(astray(&all, 0..200).await, 0);
    });
}

/// A tablet on a node that is not known yet: the nodes are read anew, and the tablet is learned then.
#[test]
fn a_tablet_on_a_node_that_is_news_has_the_nodes_read_anew() {
    run(async {
        let all = with_tablets([0, 0, 0, 0]).await;
        let (cluster, homes, client, _) = &all;
        cluster.state().nodes[2].member = false;
        client.refresh().await.unwrap();
        assert_eq!(client.topology().unwrap().nodes().len(), 2);
        astray(&all, 0..100).await;
        // It joins, and no event says so.
        cluster.state().nodes[2].member = true;
        *homes.lock().unwrap() = [2, 2, 2, 2];
        astray(&all, 0..100).await;
        pass(SECOND * 3).await;
        assert_eq!(client.topology().unwrap().nodes().len(), 3);
        assert_eq!(
            astray(&all, 0..100).await,
            ENDS.len(),
            "one for each tablet"
        );
        assert_eq!(astray(&all, 0..100).await, 0);
    });
}

#[test]
fn tablets_of_a_dropped_table_are_forgotten() {
    run(async {
        let all = with_tablets([0, 1, 2, 0]).await;
        astray(&all, 0..2_000).await;
        assert_eq!(astray(&all, 0..200).await, 0);
        let (cluster, homes, _, _) = &all;
        let dropped = SchemaChange::new("DROPPED", "TABLE", "ks", "t");
        cluster.tell(&Event::SchemaChange(Box::new(dropped)));
        pass(SECOND * 3).await;
        // Made anew, with its tablets elsewhere; those that are asked for at home by chance tell nothing.
        *homes.lock().unwrap() = [2, 2, 1, 1];
        let strays = astray(&all, 0..2_000).await;
        assert!((1..=ENDS.len()).contains(&strays), "{strays}");
        assert_eq!(astray(&all, 0..200).await, 0);
    });
}

/// Whatever is wrong with what a server tells, its answer is good.
#[test]
fn tablets_that_make_no_sense_are_passed_over() {
    run(async {
        let all = with_tablets([0, 1, 2, 0]).await;
        let bad: Vec<Bytes> = vec![
            Bytes::new(),
            Bytes::from_static(&[0xff; 64]),
            payload(1, 9),
            payload(1, 2).slice(..20),
            Bytes::from_static(&[0; 12]),
        ];
        let mut turn = bad.into_iter().cycle();
        all.0.on_statement(move |ask| {
            let key = value(&ask.request);
            let told = ("tablets-routing-v1".to_owned(), turn.next());
            Some(Reply::WithPayload(vec![told], ints(&[key], None)))
        });
        for key in 0..100 {
            let answer = all.2.execute(&all.3, (key,)).await.unwrap();
            assert_eq!(answer.first::<(i32,)>().unwrap(), Some((key,)));
        }
        let nodes = all.0.statements();
        assert!((0..3).all(|node| nodes.iter().any(|(at, _)| *at == node)));
    });
}
