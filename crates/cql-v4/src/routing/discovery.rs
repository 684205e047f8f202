//! From rows of system tables to what a [`Topology`](super::Topology) is made of.
//!
//! | table | rows | what for |
//! | --- | --- | --- |
//! | `system.local` | one: the node that is asked | itself, name of the cluster, partitioner |
//! | `system.peers_v2` | one per other node | addresses with ports; Cassandra from 4.0 on, others answer "invalid" |
//! | `system.peers` | one per other node | the same without ports |
//! | `system_schema.keyspaces` | one per keyspace | replication |
//! | `system_schema.scylla_keyspaces` | some keyspaces | whether they are divided into tablets; ScyllaDB alone |
//! | `system_schema.scylla_tables` | one per table | partitioners of their own; ScyllaDB alone |
//!
//! Columns are found by name: versions add some, and only a few are needed.

use std::iter;
use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxHashSet;

use super::{AddressTranslator, KeyspaceInfo, NodeInfo};
use crate::error::{Error, ErrorKind, Sent};
use crate::row::{Row, Rows};
use crate::types::{Uuid, Value};

/// The node that is asked. Without the condition ScyllaDB warns of a scan of the whole table.
pub(crate) const LOCAL: &str = "SELECT * FROM system.local WHERE key='local'";
/// All other nodes.
pub(crate) const PEERS_V2: &str = "SELECT * FROM system.peers_v2";
/// The same for servers without that table.
pub(crate) const PEERS: &str = "SELECT * FROM system.peers";
/// How keyspaces are replicated.
pub(crate) const KEYSPACES: &str = "SELECT keyspace_name, replication FROM system_schema.keyspaces";
/// Which keyspaces are divided into tablets.
pub(crate) const TABLETS: &str =
    "SELECT keyspace_name, initial_tablets FROM system_schema.scylla_keyspaces";
/// Which tables have a partitioner of their own.
pub(crate) const PARTITIONERS: &str =
    "SELECT keyspace_name, table_name, partitioner FROM system_schema.scylla_tables";

/// What `system.local` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Local {
    /// The node itself.
    pub(crate) node: NodeInfo,
    /// The name of the cluster.
    pub(crate) cluster_name: String,
    /// The class of the cluster's partitioner; empty if it has none.
    pub(crate) partitioner: String,
}

/// What `system.peers_v2` or `system.peers` says.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    /// The nodes.
    pub(crate) nodes: Vec<NodeInfo>,
    /// For each row that is of no use, why: a sentence for the log.
    pub(crate) skipped: Vec<String>,
}

/// Reads the answer to [`LOCAL`] of the node at `connected`, which is the address that works, whatever it says itself.
///
/// # Errors
/// [`ErrorKind::Decode`] if there is no row, or no host id in it.
pub(crate) fn read_local(rows: &Rows, connected: SocketAddr) -> Result<Local, Error> {
    let Some(row) = rows.iter().next() else {
        return Err(no_local(connected, "is empty"));
    };
    let row = row?;
    let Some(host_id) = uuid(&row, "host_id") else {
        return Err(no_local(connected, "has no host_id"));
    };
    Ok(Local {
        node: NodeInfo {
            host_id,
            address: connected,
            datacenter: text(&row, "data_center").unwrap_or_default(),
            rack: text(&row, "rack").unwrap_or_default(),
            release_version: text(&row, "release_version"),
            schema_version: uuid(&row, "schema_version"),
            // A node that is just joining has none yet.
            tokens: texts(&row, "tokens"),
        },
        cluster_name: text(&row, "cluster_name").unwrap_or_default(),
        partitioner: text(&row, "partitioner").unwrap_or_default(),
    })
}

fn no_local(connected: SocketAddr, what: &str) -> Error {
    let text = format!(
        "system.local of {connected} {what}: this is no node that the cluster could be discovered from"
    );
    Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes)
}

/// Reads the answer to [`PEERS_V2`] or [`PEERS`]. Where no port is told, it is `port`. Rows that lack something are of
/// nodes that are about to join or have left, and are passed over.
///
/// # Errors
/// [`ErrorKind::Decode`] if the rows cannot be read.
pub(crate) fn read_peers(
    rows: &Rows,
    port: u16,
    translator: Option<&dyn AddressTranslator>,
) -> Result<Peers, Error> {
    let mut peers = Peers::default();
    for row in rows {
        let row = row?;
        match read_peer(&row, port) {
            Ok(mut node) => {
                if let Some(translator) = translator {
                    node.address = translator.translate(node.address);
                }
                peers.nodes.push(node);
            }
            Err(why) => {
                let peer = inet(&row, "peer");
                let peer = peer.map_or_else(|| "without address".to_owned(), |ip| ip.to_string());
                let text = format!("the cluster's node {peer} is left out: {why}");
                peers.skipped.push(text);
            }
        }
    }
    Ok(peers)
}

fn read_peer(row: &Row, port: u16) -> Result<NodeInfo, String> {
    let null = |column: &str| format!("its {column} is null");
    let tokens = texts(row, "tokens");
    if tokens.is_empty() {
        return Err(null("set of tokens"));
    }
    Ok(NodeInfo {
        host_id: uuid(row, "host_id").ok_or_else(|| null("host_id"))?,
        address: peer_address(row, port)?,
        datacenter: text(row, "data_center").ok_or_else(|| null("data_center"))?,
        rack: text(row, "rack").ok_or_else(|| null("rack"))?,
        release_version: text(row, "release_version"),
        schema_version: uuid(row, "schema_version"),
        tokens,
    })
}

/// Where clients connect to a peer: `native_address` and `native_port`, or in older tables `rpc_address`.
fn peer_address(row: &Row, port: u16) -> Result<SocketAddr, String> {
    let announced = inet(row, "native_address").or_else(|| inet(row, "rpc_address"));
    let announced = announced.ok_or("its native_address or rpc_address is null")?;
    // Listens everywhere: then also where other nodes find it.
    let ip = if announced.is_unspecified() {
        inet(row, "peer").unwrap_or(announced)
    } else {
        announced
    };
    if ip.is_unspecified() || ip.is_multicast() {
        return Err(format!("nobody can connect to its address {ip}"));
    }
    let told = match row.value("native_port") {
        Some(Value::Int(told)) => u16::try_from(*told).ok().filter(|told| *told != 0),
        _ => None,
    };
    Ok(SocketAddr::new(ip, told.unwrap_or(port)))
}

/// All nodes once. The node that was asked stands for itself, though broken clusters have it among its peers, too.
pub(crate) fn all_nodes(local: NodeInfo, peers: Vec<NodeInfo>) -> Vec<NodeInfo> {
    let mut seen = FxHashSet::default();
    let all = iter::once(local).chain(peers);
    all.filter(|node| seen.insert(node.host_id)).collect()
}

/// Reads the answer to [`KEYSPACES`].
///
/// # Errors
/// [`ErrorKind::Decode`] if the rows cannot be read.
pub(crate) fn read_keyspaces(rows: &Rows) -> Result<Vec<KeyspaceInfo>, Error> {
    let mut keyspaces = Vec::new();
    for row in rows {
        let row = row?;
        let Some(name) = text(&row, "keyspace_name") else {
            continue;
        };
        let pairs = match row.value("replication") {
            Some(Value::Map(pairs)) => pairs.as_slice(),
            _ => &[],
        };
        let texts = pairs.iter().filter_map(|pair| match pair {
            (Value::Text(key), Value::Text(value)) => Some((key.clone(), value.clone())),
            _ => None,
        });
        keyspaces.push(KeyspaceInfo {
            name,
            replication: texts.collect(),
            ..KeyspaceInfo::default()
        });
    }
    Ok(keyspaces)
}

/// Adds the answer to [`TABLETS`]: a keyspace with a number of initial tablets is divided into tablets.
///
/// # Errors
/// [`ErrorKind::Decode`] if the rows cannot be read.
pub(crate) fn add_tablets(keyspaces: &mut [KeyspaceInfo], rows: &Rows) -> Result<(), Error> {
    for row in rows {
        let row = row?;
        if let Some(keyspace) = named(keyspaces, &row) {
            keyspace.tablets = matches!(row.value("initial_tablets"), Some(Value::Int(_)));
        }
    }
    Ok(())
}

/// Adds the answer to [`PARTITIONERS`].
///
/// # Errors
/// [`ErrorKind::Decode`] if the rows cannot be read.
pub(crate) fn add_partitioners(keyspaces: &mut [KeyspaceInfo], rows: &Rows) -> Result<(), Error> {
    for row in rows {
        let row = row?;
        let (table, class) = (text(&row, "table_name"), text(&row, "partitioner"));
        if let (Some(keyspace), Some(table), Some(class)) = (named(keyspaces, &row), table, class) {
            keyspace.partitioners.insert(table, class);
        }
    }
    Ok(())
}

fn named<'k>(keyspaces: &'k mut [KeyspaceInfo], row: &Row) -> Option<&'k mut KeyspaceInfo> {
    let name = text(row, "keyspace_name")?;
    keyspaces.iter_mut().find(|keyspace| keyspace.name == name)
}

fn text(row: &Row, column: &str) -> Option<String> {
    match row.value(column)? {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

fn texts(row: &Row, column: &str) -> Vec<String> {
    let Some(Value::Set(values)) = row.value(column) else {
        return Vec::new();
    };
    let texts = values.iter().filter_map(|value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect()
}

fn uuid(row: &Row, column: &str) -> Option<Uuid> {
    match row.value(column)? {
        Value::Uuid(uuid) | Value::Timeuuid(uuid) => Some(*uuid),
        _ => None,
    }
}

fn inet(row: &Row, column: &str) -> Option<IpAddr> {
    match row.value(column)? {
        Value::Inet(address) => Some(*address),
        _ => None,
    }
}

/// Reads `rows` as those of one of the tables, and checks what is made of them. For fuzzing.
///
/// # Panics
/// If a row is neither taken nor passed over.
#[doc(hidden)]
pub fn fuzz_discovery(table: u8, rows: &Rows) {
    let connected = SocketAddr::from(([127, 0, 0, 1], 9042));
    match table & 3 {
        0 => drop(read_local(rows, connected)),
        1 => {
            if let Ok(peers) = read_peers(rows, 9042, None) {
                let seen = peers.nodes.len().saturating_add(peers.skipped.len());
                assert_eq!(rows.len(), seen);
            }
        }
        _ => {
            if let Ok(mut keyspaces) = read_keyspaces(rows) {
                let _ = add_tablets(&mut keyspaces, rows);
                let _ = add_partitioners(&mut keyspaces, rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::codec::{FrameDecoder, Version};
    use crate::limits::Limits;
    use crate::message::{Column, Message, Response, ResultMessage, RowsMessage};
    use crate::routing::{Partitioner, Topology};
    use crate::types::DataType;

    type Cells<'a> = [(&'a str, Option<Bytes>)];

    fn type_of(column: &str) -> DataType {
        match column {
            "host_id" | "schema_version" => DataType::Uuid,
            "peer" | "rpc_address" | "native_address" => DataType::Inet,
            "native_port" | "initial_tablets" => DataType::Int,
            "tokens" => DataType::Set(Box::new(DataType::Text)),
            "replication" => DataType::Map(Box::new((DataType::Text, DataType::Text))),
            _ => DataType::Text,
        }
    }

    fn rows(rows: &[&Cells<'_>]) -> Rows {
        let columns: Vec<Column> = rows[0]
            .iter()
            .map(|(name, _)| Column::new("system", "t", *name, type_of(name)))
            .collect();
        let cells: Vec<Vec<Option<Bytes>>> = rows
            .iter()
            .map(|row| row.iter().map(|(_, cell)| cell.clone()).collect())
            .collect();
        RowsMessage::new(columns, &cells, None)
            .unwrap()
            .try_into()
            .unwrap()
    }

    fn some(bytes: impl AsRef<[u8]>) -> Option<Bytes> {
        Some(Bytes::copy_from_slice(bytes.as_ref()))
    }

    /// A set, or with keys and values in turn a map: a count, then each with its length.
    fn collection(count: i32, texts: &[&str]) -> Option<Bytes> {
        let mut out = count.to_be_bytes().to_vec();
        for text in texts {
            out.extend_from_slice(&i32::try_from(text.len()).unwrap().to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        some(out)
    }

    fn peer(last: u8) -> Vec<(&'static str, Option<Bytes>)> {
        vec![
            ("peer", some([10, 0, 0, last])),
            ("host_id", some([last; 16])),
            ("native_address", some([192, 168, 0, last])),
            ("native_port", some(9142_i32.to_be_bytes())),
            ("rpc_address", some([172, 16, 0, last])),
            ("data_center", some("dc1")),
            ("rack", some("r1")),
            ("release_version", some("5.0.9")),
            ("schema_version", some([7; 16])),
            ("tokens", collection(2, &["-5", "100"])),
        ]
    }

    fn with(
        mut row: Vec<(&'static str, Option<Bytes>)>,
        changes: &Cells<'_>,
    ) -> Vec<(&'static str, Option<Bytes>)> {
        for (column, cell) in &mut row {
            if let Some((_, changed)) = changes.iter().find(|(name, _)| name == column) {
                cell.clone_from(changed);
            }
        }
        row
    }

    #[test]
    fn a_peer_has_the_address_that_it_announces_to_clients() {
        let any = some([0, 0, 0, 0]);
        let any_v6 = some([0; 16]);
        for (changes, address) in [
            (vec![], "192.168.0.3:9142"),
            (vec![("native_port", None)], "192.168.0.3:9042"),
            (vec![("native_port", some([0; 4]))], "192.168.0.3:9042"),
            (
                vec![("native_port", some((-1_i32).to_be_bytes()))],
                "192.168.0.3:9042",
            ),
            (
                vec![("native_address", None), ("native_port", None)],
                "172.16.0.3:9042",
            ),
            (vec![("native_address", any.clone())], "10.0.0.3:9142"),
            (vec![("native_address", any_v6)], "10.0.0.3:9142"),
            (
                vec![("native_address", None), ("rpc_address", any)],
                "10.0.0.3:9142",
            ),
        ] {
            let peers = read_peers(&rows(&[&with(peer(3), &changes)]), 9042, None).unwrap();
            assert_eq!(
                peers.nodes[0].address,
                address.parse().unwrap(),
                "{changes:?}"
            );
            assert!(peers.skipped.is_empty());
        }
        let peers = read_peers(&rows(&[&peer(3)]), 9042, None).unwrap();
        let expected = NodeInfo {
            host_id: Uuid([3; 16]),
            address: "192.168.0.3:9142".parse().unwrap(),
            datacenter: "dc1".to_owned(),
            rack: "r1".to_owned(),
            release_version: Some("5.0.9".to_owned()),
            schema_version: Some(Uuid([7; 16])),
            tokens: vec!["-5".to_owned(), "100".to_owned()],
        };
        assert_eq!(peers.nodes, [expected]);
        let shift = |address: SocketAddr| SocketAddr::new(address.ip(), address.port() + 1);
        let peers = read_peers(&rows(&[&peer(3)]), 9042, Some(&shift)).unwrap();
        assert_eq!(peers.nodes[0].address.port(), 9143);
    }

    #[test]
    fn rows_of_nodes_that_are_not_there_are_passed_over() {
        let nowhere = some([0, 0, 0, 0]);
        for (changes, why) in [
            (
                vec![("host_id", None)],
                "10.0.0.3 is left out: its host_id is null",
            ),
            (vec![("tokens", None)], "its set of tokens is null"),
            (vec![("tokens", some([0; 4]))], "its set of tokens is null"),
            (vec![("data_center", None)], "its data_center is null"),
            (vec![("rack", None)], "its rack is null"),
            (
                vec![("native_address", None), ("rpc_address", None)],
                "its native_address or rpc_address is null",
            ),
            (
                vec![("native_address", nowhere.clone()), ("peer", nowhere)],
                "nobody can connect to its address 0.0.0.0",
            ),
            (
                vec![("native_address", some([224, 0, 0, 1]))],
                "nobody can connect to its address 224.0.0.1",
            ),
        ] {
            let found =
                read_peers(&rows(&[&with(peer(3), &changes), &peer(4)]), 9042, None).unwrap();
            assert_eq!(found.nodes.len(), 1, "{why}");
            assert_eq!(found.nodes[0].host_id, Uuid([4; 16]));
            assert_eq!(found.skipped.len(), 1);
            assert!(found.skipped[0].ends_with(why), "{:?}", found.skipped);
        }
    }

    #[test]
    fn every_node_is_there_once() {
        let address: SocketAddr = "127.0.0.1:9042".parse().unwrap();
        let local = read_local(&rows(&[&peer(3)]), address).unwrap();
        assert_eq!(local.node.address, address);
        let mut moved = peer(4);
        moved[0].1 = some([10, 0, 0, 99]);
        let peers = read_peers(&rows(&[&peer(3), &peer(4), &moved]), 9042, None).unwrap();
        let nodes = all_nodes(local.node, peers.nodes);
        let ids: Vec<Uuid> = nodes.iter().map(|node| node.host_id).collect();
        assert_eq!(ids, [Uuid([3; 16]), Uuid([4; 16])]);
        assert_eq!(nodes[0].address, address);
    }

    #[test]
    fn a_node_that_is_no_cluster_member_is_refused() {
        let address = "127.0.0.1:9042".parse().unwrap();
        let nameless = with(peer(3), &[("host_id", None)]);
        let error = read_local(&rows(&[&nameless]), address).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(
            error
                .to_string()
                .contains("system.local of 127.0.0.1:9042 has no host_id"),
            "{error}"
        );
        let columns = vec![Column::new("system", "local", "host_id", DataType::Uuid)];
        let empty = RowsMessage::new(columns, &[], None)
            .unwrap()
            .try_into()
            .unwrap();
        assert!(read_local(&empty, address).is_err());
        // One that is just joining has no tokens, and is asked all the same.
        let joining = with(peer(3), &[("tokens", None), ("rack", None)]);
        assert!(
            read_local(&rows(&[&joining]), address)
                .unwrap()
                .node
                .tokens
                .is_empty()
        );
    }

    #[test]
    fn scylla_says_more_about_its_keyspaces() {
        let mut keyspaces = read_keyspaces(&rows(&[
            &[
                ("keyspace_name", some("a")),
                ("replication", collection(1, &["class", "LocalStrategy"])),
            ],
            &[("keyspace_name", some("b")), ("replication", None)],
        ]))
        .unwrap();
        assert_eq!(keyspaces[0].replication["class"], "LocalStrategy");
        add_tablets(
            &mut keyspaces,
            &rows(&[
                &[("keyspace_name", some("a")), ("initial_tablets", None)],
                &[
                    ("keyspace_name", some("b")),
                    ("initial_tablets", some([0, 0, 0, 0])),
                ],
                &[
                    ("keyspace_name", some("gone")),
                    ("initial_tablets", some([0, 0, 0, 8])),
                ],
            ]),
        )
        .unwrap();
        assert_eq!((keyspaces[0].tablets, keyspaces[1].tablets), (false, true));
        let class = "com.scylladb.dht.CDCPartitioner";
        add_partitioners(
            &mut keyspaces,
            &rows(&[
                &[
                    ("keyspace_name", some("a")),
                    ("table_name", some("t_scylla_cdc_log")),
                    ("partitioner", some(class)),
                ],
                &[
                    ("keyspace_name", some("a")),
                    ("table_name", some("t")),
                    ("partitioner", None),
                ],
            ]),
        )
        .unwrap();
        assert_eq!(keyspaces[0].partitioners.len(), 1);
        assert_eq!(keyspaces[0].partitioners["t_scylla_cdc_log"], class);

        let make = |keyspaces: &[KeyspaceInfo]| {
            Topology::new(
                "c",
                "Murmur3Partitioner",
                "dc1",
                Vec::new(),
                keyspaces,
                Arc::default(),
            )
        };
        let topology = make(&keyspaces);
        assert_eq!(
            topology.partitioner_of("a", "t_scylla_cdc_log"),
            Partitioner::Cdc
        );
        for (keyspace, table) in [("a", "t"), ("b", "t_scylla_cdc_log"), ("c", "t")] {
            assert_eq!(
                topology.partitioner_of(keyspace, table),
                Partitioner::Murmur3
            );
        }
        let without = make(&keyspaces[1..]);
        assert_eq!(
            without.partitioner_of("a", "t_scylla_cdc_log"),
            Partitioner::Murmur3
        );
    }

    /// The rows of a recorded answer; see `tests/fixtures/ORIGIN.md`.
    fn recorded(name: &str) -> Rows {
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
        decoder.feed(&wire_core::testing::fixture(name));
        let frame = decoder.next_frame().unwrap().unwrap();
        let body = frame.plain_body(None, &Limits::DEFAULT).unwrap();
        let response = Response::decode(&frame.header, &body, Version::V4, &Limits::DEFAULT);
        match response.unwrap().message {
            Message::Result(ResultMessage::Rows(rows)) => rows.try_into().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_cluster_of_three_is_found() {
        let connected: SocketAddr = "127.0.0.1:36017".parse().unwrap();
        let local = read_local(&recorded("rows_system_local"), connected).unwrap();
        assert_eq!(
            local.partitioner,
            "org.apache.cassandra.dht.Murmur3Partitioner"
        );
        let peers = read_peers(&recorded("rows_system_peers_v2"), 9042, None).unwrap();
        assert_eq!(peers.skipped, [""; 0]);
        let older = read_peers(&recorded("rows_system_peers"), 36017, None).unwrap();
        let sorted = |mut nodes: Vec<NodeInfo>| {
            nodes.sort_by_key(|node| node.address);
            for node in &mut nodes {
                node.tokens.sort();
            }
            nodes
        };
        assert_eq!(sorted(older.nodes), sorted(peers.nodes.clone()));

        let nodes = all_nodes(local.node, peers.nodes);
        let addresses: Vec<String> = nodes.iter().map(|node| node.address.to_string()).collect();
        assert_eq!(
            addresses,
            ["127.0.0.1:36017", "127.0.0.3:36017", "127.0.0.2:36017"]
        );
        for node in &nodes {
            assert_eq!(
                (node.datacenter.as_str(), node.rack.as_str()),
                ("datacenter1", "rack1")
            );
            assert_eq!(node.release_version.as_deref(), Some("5.0.9"));
            assert_eq!(node.tokens.len(), 4);
        }

        // Recorded right after the keyspace was created: the others do not have it yet.
        assert_ne!(nodes[0].schema_version, nodes[1].schema_version);
        assert!(nodes[1].schema_version.is_some());
        assert_eq!(nodes[1].schema_version, nodes[2].schema_version);

        let keyspaces = read_keyspaces(&recorded("rows_system_keyspaces")).unwrap();
        let shop = keyspaces
            .iter()
            .find(|keyspace| keyspace.name == "shop")
            .unwrap();
        assert_eq!(shop.replication["datacenter1"], "2");
        assert_eq!(
            shop.replication["class"],
            "org.apache.cassandra.locator.NetworkTopologyStrategy"
        );
        assert!(
            keyspaces
                .iter()
                .any(|keyspace| keyspace.name == "system_auth")
        );
    }
}
