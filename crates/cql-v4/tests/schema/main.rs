//! The schema, from rows that a real server sent, and from rows that no server should send.

mod describe;
mod read;
mod rows;
mod trace;

use cql_v4::codec::FrameDecoder;
use cql_v4::message::{Message, Response, ResultMessage};
use cql_v4::schema::{Keyspace, Schema, SchemaFilter, SchemaReader, SchemaTable, ServerKind};
use cql_v4::{Limits, Rows, Version};
use wire_core::testing::fixture;

/// The message in a frame; what is wrong with it does not matter to those who ask.
fn message(bytes: &[u8]) -> Option<Message> {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(bytes);
    let frame = decoder.next_frame().ok()??;
    let body = frame.plain_body(None, &Limits::DEFAULT).ok()?;
    let response = Response::decode(&frame.header, &body, Version::V4, &Limits::DEFAULT).ok()?;
    Some(response.message)
}

fn rows_of(bytes: &[u8]) -> Option<Rows> {
    match message(bytes)? {
        Message::Result(ResultMessage::Rows(rows)) => Rows::try_from(rows).ok(),
        _ => None,
    }
}

fn rows(name: &str) -> Rows {
    rows_of(&fixture(&format!("schema/{name}"))).unwrap()
}

/// Which fixture answers which query.
fn name(table: SchemaTable) -> &'static str {
    match table {
        SchemaTable::Keyspaces => "keyspaces",
        SchemaTable::Tables => "tables",
        SchemaTable::Columns => "columns",
        SchemaTable::Types => "types",
        SchemaTable::Views => "views",
        SchemaTable::Indexes => "indexes",
        SchemaTable::Functions => "functions",
        SchemaTable::Aggregates => "aggregates",
        SchemaTable::ColumnMasks => "column_masks",
        SchemaTable::VirtualKeyspaces => "virtual_keyspaces",
        SchemaTable::VirtualTables => "virtual_tables",
        SchemaTable::VirtualColumns => "virtual_columns",
        other => panic!("{other:?} was not recorded"),
    }
}

fn filter() -> SchemaFilter {
    SchemaFilter::new()
        .with_only(["fxs", "system_virtual_schema"])
        .with_virtual(true)
}

fn recorded() -> Schema {
    let mut reader = SchemaReader::new(filter(), ServerKind::Cassandra);
    for query in reader.queries() {
        reader.rows(query.table, &rows(name(query.table))).unwrap();
    }
    reader.finish()
}

fn keyspace() -> Keyspace {
    Keyspace::clone(recorded().keyspace("fxs").unwrap())
}
