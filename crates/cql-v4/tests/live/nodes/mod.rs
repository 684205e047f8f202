//! Three nodes that may be paused, killed and started again. All tests here begin with `nodes_`, and each of them first
//! makes the cluster whole, so that a test that fails does not take the next one along.

mod faults;
mod load;
mod restart;
mod routing;
mod schema;
mod soak;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cql_v4::routing::{Node, Topology};
use cql_v4::{Client, Config, Consistency, Statement};

use crate::{run, variable};

/// How long a node may take to start, on two cores that have much else to do.
const START: Duration = Duration::from_secs(180);
/// How long everything else may take that needs no start: other nodes notice the death of one after some 12 s.
const SOON: Duration = Duration::from_secs(60);

/// Longer than the servers' own limits of 10 s, whose errors say more.
fn config() -> Config {
    let config: Config = variable("WIRE_TEST_CASSANDRA_NODES_URL").parse().unwrap();
    config.with_request_timeout(Duration::from_secs(30))
}

/// The addresses of all nodes.
fn addresses() -> Vec<SocketAddr> {
    let url = variable("WIRE_TEST_CASSANDRA_NODES_URL");
    let (_, addresses) = url.split_once("://").expect("a URL");
    addresses.split(',').map(|a| a.parse().unwrap()).collect()
}

/// A client of one node alone, which is found also when others are not there.
fn config_of(address: SocketAddr) -> Config {
    Config::new(&address.to_string())
        .with_discovery(false)
        .with_request_timeout(Duration::from_secs(30))
}

/// Asks whoever has started the nodes: `pid` for the process of a node, `start` to start it again.
fn keeper(what: &str, node: IpAddr) -> u32 {
    let mut stream = TcpStream::connect(variable("WIRE_TEST_CASSANDRA_NODES_KEEPER")).unwrap();
    writeln!(stream, "{what} {node}").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
        .trim()
        .parse()
        .unwrap_or_else(|_| panic!("{what} {node}: {answer}"))
}

fn pid(node: IpAddr) -> u32 {
    keeper("pid", node)
}

/// Whether the process of a node has ended.
fn is_gone(node: IpAddr) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid(node)))
        .map_or(true, |stat| stat.contains(") Z "))
}

/// Asks until the answer is not an error, and gives what it is.
async fn eventually<T>(
    what: &str,
    within: Duration,
    mut ask: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let began = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(why) => assert!(
                began.elapsed() < within,
                "not within {} s: {what}: {why}",
                within.as_secs()
            ),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Starts the nodes that do not run, and waits until each takes all others for alive.
async fn whole() -> Config {
    for address in addresses() {
        if is_gone(address.ip()) {
            keeper("start", address.ip());
        }
    }
    for address in addresses() {
        takes_all_for_alive(address).await;
    }
    config()
}

/// Of this table each node has all rows, so that reading it at ALL needs them all.
async fn takes_all_for_alive(address: SocketAddr) {
    eventually(&format!("{address} sees all nodes"), START, async || {
        let client = Client::connect(config_of(address))
            .await
            .map_err(|error| error.to_string())?;
        let read =
            Statement::new("SELECT role FROM system_auth.roles").with_consistency(Consistency::All);
        let answered = client.query(read, ()).await;
        answered.map(drop).map_err(|error| error.to_string())
    })
    .await;
}

/// A keyspace of this many replicas with an empty table `t (k int PRIMARY KEY, v int)`, and a client that is in it.
async fn keyspace(config: Config, name: &str, replicas: u8) -> Client {
    let client = Client::connect(config.clone()).await.unwrap();
    run(&client, &format!("DROP KEYSPACE IF EXISTS {name}")).await;
    let replication = format!("{{'class': 'NetworkTopologyStrategy', 'datacenter1': {replicas}}}");
    run(
        &client,
        &format!("CREATE KEYSPACE {name} WITH replication = {replication}"),
    )
    .await;
    run(
        &client,
        &format!("CREATE TABLE {name}.t (k int PRIMARY KEY, v int)"),
    )
    .await;
    client.close().await;
    Client::connect(config.with_keyspace(name)).await.unwrap()
}

fn topology(client: &Client) -> Arc<Topology> {
    client.topology().expect("a client that looks for nodes")
}

fn node(client: &Client, address: SocketAddr) -> Arc<Node> {
    let topology = topology(client);
    let node = topology.node_at(address);
    Arc::clone(node.unwrap_or_else(|| panic!("{address} is not in {topology:?}")))
}

/// Until the client has a connection to the node, or has none.
async fn until_up(client: &Client, address: SocketAddr, up: bool, within: Duration) {
    let what = format!("{address} is {}", if up { "up" } else { "down" });
    eventually(&what, within, async || {
        let is_so = node(client, address).is_up() == up;
        is_so.then_some(()).ok_or_else(|| format!("{client:?}"))
    })
    .await;
}
