//! Traces and versions.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cql_v4::Rows;
use cql_v4::message::{Column, Message, ResultMessage, RowsMessage};
use cql_v4::schema::{SchemaVersions, Trace};
use cql_v4::types::{DataType, Timestamp, Uuid};
use wire_core::testing::fixture;

use crate::{message, rows};

const SESSION: &str = "e70346e0-e6a5-11f1-8125-c3adc2bdfa8a";

#[test]
fn a_trace_of_the_server_is_read() {
    let id: Uuid = SESSION.parse().unwrap();
    let mut trace = Trace::read(id, &rows("trace_session")).unwrap().unwrap();
    assert!(trace.is_complete());
    trace.add_events(&rows("trace_events")).unwrap();
    let localhost = Some(IpAddr::from([127, 0, 0, 1]));
    assert_eq!(trace.id, id);
    assert_eq!((trace.coordinator, trace.client), (localhost, localhost));
    assert_eq!(trace.coordinator_port, Some(7000));
    assert_eq!(trace.duration, Some(Duration::from_micros(995)));
    assert_eq!(trace.command.as_deref(), Some("QUERY"));
    assert_eq!(trace.request.as_deref(), Some("Execute CQL3 query"));
    assert_eq!(trace.started_at, Some(Timestamp(0x01a2_049a_824e)));
    assert_eq!(
        trace.parameters["query"],
        "SELECT k FROM fxs.counts WHERE k = 'it''s'"
    );
    assert_eq!(trace.events.len(), 6);
    let third = &trace.events[2];
    assert_eq!(
        third.activity.as_deref(),
        Some("Executing single-partition query on counts")
    );
    assert_eq!(third.thread.as_deref(), Some("ReadStage-2"));
    assert_eq!((third.source, third.source_port), (localhost, Some(7000)));
    assert_eq!(third.elapsed, Some(Duration::from_micros(776)));
}

#[test]
fn a_trace_that_is_not_written_yet_is_none() {
    let id: Uuid = SESSION.parse().unwrap();
    assert_eq!(
        Trace::read(id, &rows("version_peers")).unwrap(),
        None,
        "no rows"
    );
    // A session without its duration, and with a null in every place.
    let begun = page(&["session_id", "duration"], &[vec![Some(id), None]]);
    let trace = Trace::read(id, &begun).unwrap().unwrap();
    assert!(!trace.is_complete() && trace.coordinator.is_none());
}

/// A page of UUIDs and nulls.
fn page(names: &[&str], rows: &[Vec<Option<Uuid>>]) -> Rows {
    let column = |name: &&str| Column::new("system", "peers", *name, DataType::Uuid);
    let columns: Vec<Column> = names.iter().map(column).collect();
    let cells = |row: &Vec<Option<Uuid>>| {
        row.iter()
            .map(|cell| cell.map(|id| Bytes::copy_from_slice(&id.0)))
            .collect()
    };
    let rows: Vec<Vec<Option<Bytes>>> = rows.iter().map(cells).collect();
    RowsMessage::new(columns, &rows, None)
        .unwrap()
        .try_into()
        .unwrap()
}

#[test]
fn one_node_agrees_with_itself() {
    let versions = SchemaVersions::read(&rows("version_local"), &rows("version_peers")).unwrap();
    assert!(versions.local().is_some());
    assert!(versions.agree(|_| true));
}

#[test]
fn nodes_that_are_up_must_agree_and_others_need_not() {
    let [one, two, a, b, c] = [1, 2, 11, 12, 13].map(|n| Uuid([n; 16]));
    let local = page(&["schema_version"], &[vec![Some(one)]]);
    let peers = |versions: [Option<Uuid>; 3]| {
        let rows: Vec<_> = [a, b, c]
            .into_iter()
            .zip(versions)
            .map(|(id, v)| vec![Some(id), v])
            .collect();
        let peers = page(&["host_id", "schema_version"], &rows);
        SchemaVersions::read(&local, &peers).unwrap()
    };
    assert!(peers([Some(one), Some(one), Some(one)]).agree(|_| true));
    let behind = peers([Some(one), Some(two), None]);
    assert!(!behind.agree(|_| true));
    assert!(!behind.agree(|id| id != b), "c has none yet");
    assert!(behind.agree(|id| id == a), "the others are down");
    assert_eq!(
        behind.differing(|_| true).collect::<Vec<_>>(),
        [(b, Some(two)), (c, None)]
    );
    // A peer that never joined has no id, and a node without a version agrees with nobody.
    let ghost = page(&["host_id", "schema_version"], &[vec![None, Some(two)]]);
    assert!(
        SchemaVersions::read(&local, &ghost)
            .unwrap()
            .agree(|_| true)
    );
    let nothing = page(&["schema_version"], &[vec![None]]);
    assert!(
        !SchemaVersions::read(&nothing, &ghost)
            .unwrap()
            .agree(|_| true)
    );
}

/// Cassandra writes names in schema changes as if they were ASCII.
#[test]
fn a_schema_change_with_a_name_beyond_ascii_is_read() {
    match message(&fixture("schema/schema_change_latin1")) {
        Some(Message::Result(ResultMessage::SchemaChange(change))) => {
            assert_eq!((&*change.keyspace, &*change.name), ("fxs", "é?x"));
        }
        other => panic!("{other:?}"),
    }
}
