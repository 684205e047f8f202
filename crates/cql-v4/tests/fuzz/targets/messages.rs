//! Messages, and the rows that describe a cluster and its schema.

use cql_v4::codec::Frame;
use cql_v4::message::{Call, Message, Opcode, Response, ResultMessage};
use cql_v4::routing::fuzz_discovery;
use cql_v4::schema::{SchemaFilter, SchemaReader, ServerKind};
use cql_v4::{Limits, Rows};
use wire_core::Reader;

use super::values::read_values;
use super::{dialect, frame, rows_of, split_first, whole_frame, without_compression};

/// `[dialect] [flags] [opcode] body`: what can be read can be written if its parts fit, and is read and written the same
/// from then on.
pub(super) fn response(data: &[u8]) {
    let (choice, data) = split_first(data);
    let (flags, data) = split_first(data);
    let flags = without_compression(flags);
    let (opcode, body) = split_first(data);
    let dialect = dialect(choice);
    let read =
        |frame: &Frame| Response::decode(&frame.header, &frame.body, dialect, &Limits::DEFAULT);
    let Ok(response) = read(&frame(dialect.version(), true, flags, opcode, body)) else {
        return;
    };
    let mut written = Vec::new();
    if response.encode(dialect, None, 1, &mut written).is_err() {
        return;
    }
    let again = read(&whole_frame(&written));
    assert!(again.is_ok(), "{again:?} of {response:?}");
    let mut rewritten = Vec::new();
    let again = again.unwrap().encode(dialect, None, 1, &mut rewritten);
    assert!(again.is_ok(), "{again:?} of {response:?}");
    assert_eq!(written, rewritten, "{response:?}");
}

/// The same of requests, which are equal when they are read again.
pub(super) fn request(data: &[u8]) {
    let (choice, data) = split_first(data);
    let (flags, data) = split_first(data);
    let flags = without_compression(flags);
    let (opcode, body) = split_first(data);
    let dialect = dialect(choice);
    let frame = frame(dialect.version(), false, flags, opcode, body);
    let Ok(call) = Call::decode(dialect, &frame.header, &frame.body) else {
        return;
    };
    let mut written = Vec::new();
    if call.encode(dialect, None, 1, &mut written).is_err() {
        return;
    }
    let frame = whole_frame(&written);
    let again = Call::decode(dialect, &frame.header, &frame.body);
    assert!(again.is_ok(), "{again:?} of {call:?}");
    assert_eq!(again.unwrap(), call);
}

/// `[dialect] [flags] body` of a RESULT: columns that are recognised are those that were read, and what cells can be read
/// can be written and read again.
pub(super) fn metadata(data: &[u8]) {
    let (choice, data) = split_first(data);
    let (flags, body) = split_first(data);
    let flags = without_compression(flags);
    let dialect = dialect(choice);
    let frame = frame(dialect.version(), true, flags, Opcode::RESULT.0, body);
    let read = |known: Option<&_>| {
        let (header, limits) = (&frame.header, &Limits::DEFAULT);
        let response = Response::decode_known(header, &frame.body, dialect, limits, known);
        match response.map(|response| response.message) {
            Ok(Message::Result(ResultMessage::Rows(rows))) => Some(rows),
            _ => None,
        }
    };
    let Some(mut rows) = read(None) else { return };
    let learned = rows.take_learned();
    let Ok(rows) = Rows::try_from(rows) else {
        return;
    };
    if let Some(known) = learned {
        let mut again = read(Some(&known)).expect("known columns are recognised");
        assert!(again.take_learned().is_none());
        let again = Rows::try_from(again).unwrap();
        assert_eq!(again.columns(), rows.columns());
        assert_eq!(again.len(), rows.len());
    }
    read_values(&rows);
}

/// `[table] body` of a RESULT, as the answer about one of the system tables that nodes and keyspaces are read from.
pub(super) fn discovery(data: &[u8]) {
    let (table, body) = split_first(data);
    if let Some(rows) = rows_of(body) {
        fuzz_discovery(table, &rows);
    }
}

/// `[server]`, then pages, each `[table] [u16 length] body` of a RESULT, of the tables that the schema is read from; what
/// is made of them can be written as CQL.
pub(super) fn schema(data: &[u8]) {
    let (choice, pages) = split_first(data);
    let kind = match choice & 1 {
        0 => ServerKind::Cassandra,
        _ => ServerKind::Scylla,
    };
    let mut reader = SchemaReader::new(SchemaFilter::new().with_virtual(true), kind);
    let queries = reader.queries();
    let mut r = Reader::new(pages);
    while let (Ok(table), Ok(len)) = (r.u8("table"), r.u16_be("length")) {
        let body = r.take("body", usize::from(len).min(r.left())).unwrap();
        if let Some(rows) = rows_of(body) {
            let table = queries[usize::from(table) % queries.len()].table;
            let _ = reader.rows(table, &rows);
        }
    }
    for keyspace in reader.finish().keyspaces() {
        assert!(!keyspace.describe().is_empty());
    }
}
