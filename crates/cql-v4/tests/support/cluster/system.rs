//! What a node says when the test does not say anything else.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use cql_v4::ErrorCode;
use cql_v4::message::{
    Batch, Bind, Column, Execute, Message, PreparedMessage, Request, ResultMessage, RowsMessage,
    SchemaChange, StatementRef,
};
use cql_v4::types::DataType;
use cql_v4::{ErrorDetail, ServerError};

use super::{Ask, Node, Reply, State};
use crate::support::server::{column, ints, refuse, value, void};

type Cell = (&'static str, DataType, Option<Bytes>);

pub(super) fn usual(state: &mut State, ask: &Ask) -> Reply {
    Reply::Send(match &ask.request {
        Request::Register(_) => Message::Ready,
        Request::AuthResponse(_) => Message::AuthSuccess(None),
        Request::Query(query) => of_query(state, ask, &query.text),
        Request::Prepare(prepare) => prepared(state, ask, &prepare.text),
        Request::Execute(execute) => {
            if state.prepared.contains(&(ask.node, execute.id.clone())) {
                executed(&state.nodes[ask.node], ask, execute)
            } else {
                unprepared(&execute.id)
            }
        }
        Request::Batch(batch) => of_batch(state, ask, batch),
        other => panic!("{other:?}"),
    })
}

/// One row. Its metadata is left out where the client has asked for that, and, if it can be told by an id, knows it.
fn executed(node: &Node, ask: &Ask, execute: &Execute) -> Message {
    let key = value(&ask.request);
    let cells = node
        .columns
        .iter()
        .map(|name| if *name == "v" { int(key) } else { int(0) });
    let page = RowsMessage::new(columns_of(node), &[cells.collect()], None).unwrap();
    let id = metadata_id(node);
    let knows = execute.result_metadata_id == id;
    let page = match (
        ask.dialect.has_result_metadata_ids(),
        execute.params.skip_metadata,
    ) {
        (true, _) if !knows => page.with_changed_id(id),
        (_, true) => page.without_columns(),
        (_, false) => page,
    };
    Message::Result(ResultMessage::Rows(page))
}

fn columns_of(node: &Node) -> Vec<Column> {
    let of_int = |name: &&'static str| column(name, DataType::Int);
    node.columns.iter().map(of_int).collect()
}

fn metadata_id(node: &Node) -> Bytes {
    node.columns.join(",").into()
}

fn unprepared(id: &Bytes) -> Message {
    let error = ServerError::new(ErrorCode::UNPREPARED, "never heard of it");
    let detail = ErrorDetail::Unprepared { id: id.clone() };
    Message::Error(Box::new(error.with_detail(detail)))
}

fn of_batch(state: &State, ask: &Ask, batch: &Batch) -> Message {
    let ids = batch.statements.iter().filter_map(|s| match &s.statement {
        StatementRef::Prepared(id) => Some(id),
        StatementRef::Text(_) => None,
    });
    let mut unknown = ids.filter(|id| !state.prepared.contains(&(ask.node, (*id).clone())));
    unknown.next().map_or_else(void, unprepared)
}

/// A digest of keyspace and text, as servers do it. The statement has one int marker, the partition key of `ks.t`, or
/// of the table of the keyspace that it names, and `SELECT`s have one int column.
fn prepared(state: &mut State, ask: &Ask, text: &str) -> Message {
    let mut named = state.keyspaces.iter().map(|(name, _)| *name);
    let named = named.rfind(|name| text.contains(&format!("{name}.")));
    let keyspace = named.or(ask.keyspace.as_deref()).unwrap_or("ks");
    let mut hasher = DefaultHasher::new();
    (keyspace, text).hash(&mut hasher);
    let id = Bytes::copy_from_slice(&hasher.finish().to_be_bytes());
    let columns = text.starts_with("SELECT");
    let columns = columns.then(|| columns_of(&state.nodes[ask.node]).into());
    let marker = Column::new(keyspace, "t", "k", DataType::Int);
    let mut message = PreparedMessage::new(id.clone(), vec![marker], columns);
    message.key_markers = vec![0];
    message.is_lwt = text.contains(" IF ");
    message.result_metadata_id = metadata_id(&state.nodes[ask.node]);
    state.prepared.insert((ask.node, id));
    Message::Result(ResultMessage::Prepared(Box::new(message)))
}

fn of_query(state: &State, ask: &Ask, text: &str) -> Message {
    if let Some(keyspace) = text.strip_prefix("USE ") {
        let keyspace = keyspace.trim_matches('"');
        return if state.keyspaces.iter().any(|(name, _)| *name == keyspace) {
            Message::Result(ResultMessage::SetKeyspace(keyspace.to_owned()))
        } else {
            let text = format!("Keyspace '{keyspace}' does not exist");
            refuse(ErrorCode::INVALID, &text)
        };
    }
    if text.starts_with("CREATE TABLE") {
        let change = SchemaChange::new("CREATED", "TABLE", "ks", "t");
        return Message::Result(ResultMessage::SchemaChange(Box::new(change)));
    }
    let Some((_, table)) = text.split_once(" FROM system") else {
        return match &ask.request {
            Request::Query(query) if query.values.count() == 1 => {
                ints(&[value(&ask.request)], None)
            }
            _ => void(),
        };
    };
    let table = table.split_whitespace().next().unwrap();
    let rows: Vec<Vec<Cell>> = match table {
        ".local" => vec![local(state, &state.nodes[ask.node])],
        ".peers_v2" if state.has_peers_v2 => peers(state, ask.node, true),
        ".peers" => peers(state, ask.node, false),
        "_schema.keyspaces" => keyspaces(state),
        "_schema.scylla_keyspaces" if !state.tablets.is_empty() => tablets(state),
        "_schema.tables" | "_schema.columns" | "_schema.types" => {
            let mut template = keyspaces(state);
            template.iter_mut().for_each(|row| row.truncate(1));
            return rows(&template[0], &[], text);
        }
        other => return refuse(ErrorCode::INVALID, &format!("unconfigured table {other}")),
    };
    let Some(first) = rows.first() else {
        // A table without rows still has columns.
        return self::rows(&peer_row(state, &state.nodes[ask.node], true), &[], text);
    };
    self::rows(first, &rows, text)
}

/// The columns that the statement asks for.
fn rows(template: &[Cell], rows: &[Vec<Cell>], text: &str) -> Message {
    let selected = text.trim_start_matches("SELECT ");
    let selected = selected.split(" FROM").next().unwrap();
    let is_wanted = |cell: &&Cell| selected == "*" || selected.split(", ").any(|s| s == cell.0);
    let columns: Vec<Column> = template
        .iter()
        .filter(is_wanted)
        .map(|(name, data_type, _)| Column::new("system", "t", *name, data_type.clone()))
        .collect();
    let cells: Vec<Vec<Option<Bytes>>> = rows
        .iter()
        .map(|row| row.iter().filter(is_wanted).map(|c| c.2.clone()).collect())
        .collect();
    let page = RowsMessage::new(columns, &cells, None).unwrap();
    Message::Result(ResultMessage::Rows(page))
}

fn local(state: &State, node: &Node) -> Vec<Cell> {
    let partitioner = "org.apache.cassandra.dht.Murmur3Partitioner";
    let mut row = vec![
        ("key", DataType::Text, text("local")),
        ("cluster_name", DataType::Text, text(state.name)),
        ("partitioner", DataType::Text, text(partitioner)),
    ];
    row.extend(common(node));
    row.retain(|cell| !state.missing_columns.contains(&cell.0));
    row
}

fn peers(state: &State, asked: usize, v2: bool) -> Vec<Vec<Cell>> {
    let others = state.nodes.iter().enumerate();
    let others = others.filter(|(i, node)| node.member && (state.doubled || *i != asked));
    let once = others.map(|(_, node)| peer_row(state, node, v2));
    if state.doubled {
        once.flat_map(|row| [row.clone(), row]).collect()
    } else {
        once.collect()
    }
}

fn peer_row(state: &State, node: &Node, v2: bool) -> Vec<Cell> {
    let address: SocketAddr = node.address.parse().unwrap();
    let mut row = vec![("peer", DataType::Inet, inet(address.ip()))];
    if v2 {
        row.extend([
            ("peer_port", DataType::Int, int(7000)),
            ("native_address", DataType::Inet, inet(address.ip())),
            ("native_port", DataType::Int, int(address.port().into())),
        ]);
    } else {
        row.push(("rpc_address", DataType::Inet, inet(address.ip())));
    }
    row.extend(common(node));
    for cell in &mut row {
        if let Some(other) = node.cells.get(cell.0) {
            cell.2.clone_from(other);
        }
    }
    row.retain(|cell| !state.missing_columns.contains(&cell.0));
    row
}

fn common(node: &Node) -> Vec<Cell> {
    let tokens = node.tokens.iter().map(ToString::to_string);
    let set = DataType::Set(Box::new(DataType::Text));
    vec![
        ("data_center", DataType::Text, text(node.datacenter)),
        ("rack", DataType::Text, text(node.rack)),
        (
            "host_id",
            DataType::Uuid,
            Some(vec![node.host_id; 16].into()),
        ),
        ("release_version", DataType::Text, text("5.0.9")),
        (
            "schema_version",
            DataType::Uuid,
            Some(vec![node.schema_version; 16].into()),
        ),
        ("tokens", set, counted(tokens.len(), tokens)),
    ]
}

fn keyspaces(state: &State) -> Vec<Vec<Cell>> {
    let map = || DataType::Map(Box::new((DataType::Text, DataType::Text)));
    let rows = state.keyspaces.iter().map(|(name, replication)| {
        let texts = replication
            .iter()
            .flat_map(|(key, value)| [(*key).to_owned(), (*value).to_owned()]);
        vec![
            ("keyspace_name", DataType::Text, text(name)),
            (
                "durable_writes",
                DataType::Boolean,
                Some(Bytes::from_static(&[1])),
            ),
            ("replication", map(), counted(replication.len(), texts)),
        ]
    });
    rows.collect()
}

fn tablets(state: &State) -> Vec<Vec<Cell>> {
    let rows = state.tablets.iter().map(|name| {
        vec![
            ("keyspace_name", DataType::Text, text(name)),
            ("initial_tablets", DataType::Int, int(0)),
        ]
    });
    rows.collect()
}

fn text(text: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(text.as_bytes()))
}

fn int(n: i32) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(&n.to_be_bytes()))
}

pub(crate) fn inet(ip: IpAddr) -> Option<Bytes> {
    Some(match ip {
        IpAddr::V4(ip) => Bytes::copy_from_slice(&ip.octets()),
        IpAddr::V6(ip) => Bytes::copy_from_slice(&ip.octets()),
    })
}

/// A count, then each text with its length: a set, or a map of keys and values in turn (native protocol v4, §6).
fn counted(count: usize, texts: impl Iterator<Item = String>) -> Option<Bytes> {
    let mut out = i32::try_from(count).unwrap().to_be_bytes().to_vec();
    for text in texts {
        out.extend_from_slice(&i32::try_from(text.len()).unwrap().to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    Some(out.into())
}
