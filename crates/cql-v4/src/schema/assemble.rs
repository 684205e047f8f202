//! What was read of a keyspace, put together.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::keyspace::{Aggregate, DeclaredType, Field, Function, Keyspace};
use super::queries::ServerKind;
use super::quote::{literal, quote_text};
use super::resolve::{RawType, Types};
use super::scylla_target;
use super::table::{ClusteringOrder, Column, ColumnKind, Index, Mask, MaterializedView, Table};
use crate::types::{Cell, DataType, Decode, Value};

/// The rows that name one keyspace. Types are still texts, since those of users may come last.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) keyspace: Option<Keyspace>,
    pub(super) tablets: Option<u32>,
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) views: BTreeMap<String, MaterializedView>,
    /// By table or view.
    pub(super) columns: BTreeMap<String, Vec<RawColumn>>,
    pub(super) types: Vec<RawType>,
    pub(super) indexes: Vec<Index>,
    pub(super) functions: Vec<RawFunction>,
    pub(super) aggregates: Vec<RawAggregate>,
    pub(super) masks: Vec<RawMask>,
    /// By table.
    pub(super) scylla_tables: BTreeMap<String, RawScyllaTable>,
}

#[derive(Debug)]
pub(super) struct RawColumn {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) position: i32,
    pub(super) order: String,
    pub(super) data_type: String,
}

#[derive(Debug)]
pub(super) struct RawScyllaTable {
    pub(super) partitioner: Option<String>,
    pub(super) cdc: Option<Value>,
}

#[derive(Debug)]
pub(super) struct RawFunction {
    pub(super) name: String,
    pub(super) argument_names: Vec<String>,
    pub(super) argument_types: Vec<String>,
    pub(super) return_type: String,
    pub(super) language: String,
    pub(super) body: String,
    pub(super) called_on_null_input: bool,
}

#[derive(Debug)]
pub(super) struct RawAggregate {
    pub(super) name: String,
    pub(super) argument_types: Vec<String>,
    pub(super) state_function: String,
    pub(super) state_type: String,
    pub(super) final_function: Option<String>,
    pub(super) initial_condition: Option<String>,
    pub(super) return_type: String,
}

#[derive(Debug)]
pub(super) struct RawMask {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) keyspace: String,
    pub(super) function: String,
    /// Type and value as text; `None` is null.
    pub(super) arguments: Vec<(String, Option<String>)>,
}

impl Parts {
    /// `None` if the keyspace itself is gone.
    pub(super) fn assemble(mut self, from: ServerKind) -> Option<Keyspace> {
        let mut keyspace = self.keyspace.take()?;
        let mut types = Types::default();
        let user_types = std::mem::take(&mut self.types);
        (keyspace.types, keyspace.type_order) = types.define(&keyspace.name, user_types);
        keyspace.tablets = self.tablets;
        keyspace.functions = functions(&keyspace.name, self.functions, &mut types);
        keyspace.aggregates = aggregates(&keyspace.name, self.aggregates, &mut types);
        for (name, raw) in self.columns {
            let columns = columns(raw, &mut types);
            if let Some(table) = self.tables.get_mut(&name) {
                table.columns = columns;
            } else if let Some(view) = self.views.get_mut(&name) {
                view.table.columns = columns;
            }
        }
        for raw in self.masks {
            put_mask(&mut self.tables, raw, &mut types);
        }
        for mut index in self.indexes {
            if let Some(table) = self.tables.get_mut(&index.table) {
                if from == ServerKind::Scylla {
                    index.target = scylla_target::to_cql(&index.target, table);
                }
                table.indexes.insert(index.name.clone(), index);
            }
        }
        for (name, raw) in self.scylla_tables {
            if let Some(table) = self.tables.get_mut(&name) {
                table.partitioner = raw.partitioner;
                table
                    .options
                    .extend(raw.cdc.map(|cdc| ("cdc".to_owned(), cdc)));
            }
        }
        // A table whose columns were not there any more was dropped while the schema was read.
        self.tables.retain(|_, table| !table.columns.is_empty());
        self.views.retain(|_, view| !view.table.columns.is_empty());
        keyspace.tables = shared(self.tables);
        keyspace.views = shared(self.views);
        Some(keyspace)
    }
}

fn shared<T>(by_name: BTreeMap<String, T>) -> BTreeMap<String, Arc<T>> {
    by_name
        .into_iter()
        .map(|(name, value)| (name, Arc::new(value)))
        .collect()
}

/// Partition key and clustering key by position, then all others by name.
fn columns(mut raw: Vec<RawColumn>, types: &mut Types) -> Vec<Column> {
    let rank = |column: &RawColumn| match &*column.kind {
        "partition_key" => 0,
        "clustering" => 1,
        _ => 2,
    };
    raw.sort_by(|a, b| match (rank(a).cmp(&rank(b)), rank(a)) {
        (Ordering::Equal, 0 | 1) => a.position.cmp(&b.position),
        (Ordering::Equal, _) => a.name.cmp(&b.name),
        (different, _) => different,
    });
    raw.into_iter()
        .map(|raw| Column {
            name: raw.name,
            kind: kind(&raw.kind, &raw.order),
            declared: types.declare(raw.data_type),
            mask: None,
        })
        .collect()
}

fn kind(kind: &str, order: &str) -> ColumnKind {
    match kind {
        "partition_key" => ColumnKind::PartitionKey,
        "clustering" if order.eq_ignore_ascii_case("desc") => {
            ColumnKind::Clustering(ClusteringOrder::Descending)
        }
        "clustering" => ColumnKind::Clustering(ClusteringOrder::Ascending),
        "static" => ColumnKind::Static,
        _ => ColumnKind::Regular,
    }
}

fn functions(keyspace: &str, mut raw: Vec<RawFunction>, types: &mut Types) -> Vec<Arc<Function>> {
    raw.sort_by(|a, b| (&a.name, &a.argument_types).cmp(&(&b.name, &b.argument_types)));
    raw.into_iter()
        .map(|raw| {
            let arguments = raw.argument_names.into_iter().zip(raw.argument_types);
            Arc::new(Function {
                keyspace: keyspace.to_owned(),
                name: raw.name,
                arguments: arguments
                    .map(|(name, text)| Field {
                        name,
                        declared: types.declare(text),
                    })
                    .collect(),
                return_type: types.declare(raw.return_type),
                language: raw.language,
                body: raw.body,
                called_on_null_input: raw.called_on_null_input,
            })
        })
        .collect()
}

fn aggregates(
    keyspace: &str,
    mut raw: Vec<RawAggregate>,
    types: &mut Types,
) -> Vec<Arc<Aggregate>> {
    raw.sort_by(|a, b| (&a.name, &a.argument_types).cmp(&(&b.name, &b.argument_types)));
    raw.into_iter()
        .map(|raw| {
            let arguments = raw.argument_types.into_iter();
            let arguments: Vec<DeclaredType> = arguments.map(|text| types.declare(text)).collect();
            Arc::new(Aggregate {
                keyspace: keyspace.to_owned(),
                name: raw.name,
                arguments,
                state_function: raw.state_function,
                state_type: types.declare(raw.state_type),
                final_function: raw.final_function,
                initial_condition: raw.initial_condition,
                return_type: types.declare(raw.return_type),
            })
        })
        .collect()
}

fn put_mask(tables: &mut BTreeMap<String, Table>, raw: RawMask, types: &mut Types) {
    let column = tables.get_mut(&raw.table).and_then(|table| {
        table
            .columns
            .iter_mut()
            .find(|column| column.name == raw.column)
    });
    let Some(column) = column else {
        return;
    };
    let arguments = raw.arguments.into_iter().map(|(text, value)| match value {
        Some(value) => mask_argument(&types.declare(text).data_type, &value),
        None => "null".to_owned(),
    });
    column.mask = Some(Mask {
        keyspace: raw.keyspace,
        function: raw.function,
        arguments: arguments.collect(),
    });
}

/// An argument of a mask as a CQL literal. Servers keep it in the form of `AbstractType.getString`: the words of a literal
/// without its quotes, and what is no single value as the hex digits of its bytes.
fn mask_argument(data_type: &DataType, value: &str) -> String {
    let numeric = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    match data_type {
        DataType::Ascii | DataType::Text | DataType::Inet => quote_text(value),
        DataType::Timestamp | DataType::Date | DataType::Time => quote_text(value),
        DataType::Blob if numeric(value) => format!("0x{value}"),
        DataType::List(_)
        | DataType::Set(_)
        | DataType::Map(_)
        | DataType::Tuple(_)
        | DataType::Vector(..) => {
            nested_literal(data_type, value).unwrap_or_else(|| quote_text(value))
        }
        _ if numeric(value) => value.to_owned(),
        _ => quote_text(value),
    }
}

fn nested_literal(data_type: &DataType, hex: &str) -> Option<String> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> = digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let bytes = Bytes::from(bytes?);
    literal(&Value::decode(data_type, Cell::new(&bytes, &bytes)).ok()?)
}
