//! Rows of `system_schema` to a schema.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assemble::{Parts, RawAggregate, RawColumn, RawFunction, RawMask, RawScyllaTable};
use super::keyspace::Keyspace;
use super::queries::{SchemaFilter, SchemaQuery, SchemaTable, ServerKind};
use super::record::Record;
use super::resolve::RawType;
use super::snapshot::Schema;
use super::table::{Index, MaterializedView, Table};
use crate::error::{Error, ErrorCode};
use crate::row::Rows;
use crate::types::Value;

/// Makes a [`Schema`] of the rows that its queries give.
///
/// Every query of [`queries`](Self::queries) is sent to the same node, and each page of its rows is given to
/// [`rows`](Self::rows), in any order; then [`finish`](Self::finish) puts them together. Nulls, unknown columns, unknown
/// kinds and unknown types are tolerated, and rows that others do not fit to (a table that was dropped while the schema
/// was read) are left out.
#[derive(Debug)]
pub struct SchemaReader {
    filter: SchemaFilter,
    kind: ServerKind,
    keyspaces: BTreeMap<String, Parts>,
}

impl SchemaReader {
    /// A reader of what `filter` admits, from a server of this kind.
    pub fn new(filter: SchemaFilter, kind: ServerKind) -> Self {
        Self {
            filter,
            kind,
            keyspaces: BTreeMap::new(),
        }
    }

    /// The statements to send.
    pub fn queries(&self) -> Vec<SchemaQuery> {
        self.filter.queries(self.kind)
    }

    /// Whether the schema can be read without what the query of `table` was refused with: it is a table that not every
    /// server has, and the server says that it has none ([`ErrorCode::INVALID`]).
    pub fn tolerates(table: SchemaTable, error: &Error) -> bool {
        let code = error.server().map(|refusal| refusal.code);
        !table.is_required() && code == Some(ErrorCode::INVALID)
    }

    /// Takes a page of the rows of the query of `table`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the page cannot be read; what it had before that stays.
    pub fn rows(&mut self, table: SchemaTable, rows: &Rows) -> Result<(), Error> {
        Record::each(rows, |mut record| {
            let Some(keyspace) = record.text("keyspace_name") else {
                return;
            };
            if !self.filter.admits(&keyspace) {
                return;
            }
            let parts = self.keyspaces.entry(keyspace.clone()).or_default();
            // A row without the names that are its key is left out.
            let _ = parts.take(table, keyspace, record);
        })
    }

    /// The schema.
    pub fn finish(self) -> Schema {
        let kind = self.kind;
        let parts = self.keyspaces.into_values();
        Schema::new(parts.filter_map(|parts| parts.assemble(kind).map(Arc::new)))
    }
}

impl Parts {
    /// `None` if the row lacks what it cannot do without.
    fn take(&mut self, table: SchemaTable, keyspace: String, mut record: Record<'_>) -> Option<()> {
        match table {
            SchemaTable::Keyspaces => self.keyspace = Some(read_keyspace(keyspace, &mut record)),
            SchemaTable::VirtualKeyspaces => {
                self.keyspace = Some(Keyspace {
                    name: keyspace,
                    is_virtual: true,
                    ..Keyspace::default()
                });
            }
            SchemaTable::Tables | SchemaTable::VirtualTables => {
                let mut read = read_table(keyspace, record.text("table_name")?, record);
                read.is_virtual = table == SchemaTable::VirtualTables;
                self.tables.insert(read.name.clone(), read);
            }
            SchemaTable::Columns | SchemaTable::VirtualColumns => {
                let table = record.text("table_name")?;
                let column = read_column(&mut record)?;
                self.columns.entry(table).or_default().push(column);
            }
            SchemaTable::Types => self.types.push(read_type(&mut record)?),
            SchemaTable::Views => {
                let view = read_view(keyspace, record)?;
                self.views.insert(view.table.name.clone(), view);
            }
            SchemaTable::Indexes => self.indexes.push(read_index(keyspace, &mut record)?),
            SchemaTable::Functions => self.functions.push(read_function(&mut record)?),
            SchemaTable::Aggregates => self.aggregates.push(read_aggregate(&mut record)?),
            SchemaTable::ColumnMasks => self.masks.push(read_mask(&mut record)?),
            SchemaTable::ScyllaKeyspaces => {
                self.tablets = record
                    .int("initial_tablets")
                    .map(|n| u32::try_from(n).unwrap_or(0));
            }
            SchemaTable::ScyllaTables => {
                let table = record.text("table_name")?;
                let raw = RawScyllaTable {
                    partitioner: record.text("partitioner"),
                    cdc: record.map("cdc"),
                };
                self.scylla_tables.insert(table, raw);
            }
        }
        Some(())
    }
}

fn read_keyspace(name: String, record: &mut Record<'_>) -> Keyspace {
    Keyspace {
        name,
        replication: record.text_map("replication"),
        durable_writes: record.boolean("durable_writes").unwrap_or(true),
        ..Keyspace::default()
    }
}

fn read_table(keyspace: String, name: String, mut record: Record<'_>) -> Table {
    Table {
        keyspace,
        name,
        id: record.uuid("id"),
        flags: record.texts("flags"),
        options: record.rest(),
        ..Table::default()
    }
}

fn read_view(keyspace: String, mut record: Record<'_>) -> Option<MaterializedView> {
    let name = record.text("view_name")?;
    // Not an option of the view, and not the same when it is made again.
    record.uuid("base_table_id");
    Some(MaterializedView {
        base_table: record.text("base_table_name")?,
        where_clause: record.text("where_clause").unwrap_or_default(),
        includes_all_columns: record.boolean("include_all_columns").unwrap_or(false),
        table: read_table(keyspace, name, record),
    })
}

fn read_column(record: &mut Record<'_>) -> Option<RawColumn> {
    Some(RawColumn {
        name: record.text("column_name")?,
        kind: record.text("kind").unwrap_or_default(),
        position: record.int("position").unwrap_or(-1),
        order: record.text("clustering_order").unwrap_or_default(),
        data_type: record.text("type")?,
    })
}

fn read_type(record: &mut Record<'_>) -> Option<RawType> {
    let names: Vec<String> = record.texts("field_names");
    let types: Vec<String> = record.texts("field_types");
    Some(RawType {
        name: record.text("type_name")?,
        fields: names.into_iter().zip(types).collect(),
    })
}

fn read_index(keyspace: String, record: &mut Record<'_>) -> Option<Index> {
    let mut options = record.text_map("options");
    Some(Index {
        keyspace,
        table: record.text("table_name")?,
        name: record.text("index_name")?,
        kind: record.text("kind").unwrap_or_default(),
        target: options.remove("target").unwrap_or_default(),
        class_name: options.remove("class_name"),
        options,
    })
}

fn read_function(record: &mut Record<'_>) -> Option<RawFunction> {
    Some(RawFunction {
        name: record.text("function_name")?,
        argument_names: record.texts("argument_names"),
        argument_types: record.texts("argument_types"),
        return_type: record.text("return_type").unwrap_or_default(),
        language: record.text("language").unwrap_or_default(),
        body: record.text("body").unwrap_or_default(),
        called_on_null_input: record.boolean("called_on_null_input").unwrap_or(false),
    })
}

fn read_aggregate(record: &mut Record<'_>) -> Option<RawAggregate> {
    Some(RawAggregate {
        name: record.text("aggregate_name")?,
        argument_types: record.texts("argument_types"),
        state_function: record.text("state_func").unwrap_or_default(),
        state_type: record.text("state_type").unwrap_or_default(),
        final_function: record.text("final_func"),
        initial_condition: record.text("initcond"),
        return_type: record.text("return_type").unwrap_or_default(),
    })
}

fn read_mask(record: &mut Record<'_>) -> Option<RawMask> {
    let nulls = record.list("function_argument_nulls");
    let is_null = nulls.iter().map(|null| *null == Value::Boolean(true));
    let types: Vec<String> = record.texts("function_argument_types");
    let values: Vec<String> = record.texts("function_argument_values");
    let arguments = types.into_iter().zip(values).zip(is_null);
    Some(RawMask {
        table: record.text("table_name")?,
        column: record.text("column_name")?,
        keyspace: record.text("function_keyspace")?,
        function: record.text("function_name")?,
        arguments: arguments
            .map(|((data_type, value), null)| (data_type, (!null).then_some(value)))
            .collect(),
    })
}
