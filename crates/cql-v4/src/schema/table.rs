//! Tables, their columns, indexes, and materialized views.

use std::collections::{BTreeMap, BTreeSet};

use super::keyspace::DeclaredType;
use crate::types::{Uuid, Value};

/// A table: a row of `system_schema.tables`, with those of `columns`, `indexes` and `column_masks` that name it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Table {
    /// Its keyspace.
    pub keyspace: String,
    /// Its name, as the server has it: case matters.
    pub name: String,
    /// Its id; a table that is created again has another one. `None` for virtual tables.
    pub id: Option<Uuid>,
    /// Its columns: partition key, clustering key, then all others by name. This is the order of `SELECT *`, save that
    /// static columns stand among the others.
    pub columns: Vec<Column>,
    /// What kind of table it is: `compound`, and `dense`, `super`, `counter`.
    pub flags: BTreeSet<String>,
    /// Its options, as `system_schema.tables` has them, under the names that they have in CQL too. Those that are null
    /// there, which stands for the default of the node, are left out. ScyllaDB has `cdc` in a table of its own; it is here
    /// too.
    pub options: BTreeMap<String, Value>,
    /// Its indexes by name.
    pub indexes: BTreeMap<String, Index>,
    /// ScyllaDB: class of its partitioner, if it is not that of the cluster.
    pub partitioner: Option<String>,
    /// Whether it is a view into the server's memory, which cannot be created.
    pub is_virtual: bool,
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of the partition key, in order.
    pub fn partition_key(&self) -> &[Column] {
        self.columns.get(..self.key_ends().0).unwrap_or_default()
    }

    /// The columns of the clustering key, in order.
    pub fn clustering_key(&self) -> &[Column] {
        let (start, end) = self.key_ends();
        self.columns.get(start..end).unwrap_or_default()
    }

    /// The columns that are in neither key.
    pub fn other_columns(&self) -> &[Column] {
        self.columns.get(self.key_ends().1..).unwrap_or_default()
    }

    /// Whether it was made with COMPACT STORAGE, in the way of versions before 3.0.
    pub fn is_compact(&self) -> bool {
        !self.is_virtual
            && (!self.flags.contains("compound")
                || self.flags.contains("dense")
                || self.flags.contains("super"))
    }

    /// Where each key ends among the columns, which are sorted by kind.
    fn key_ends(&self) -> (usize, usize) {
        let partition = self
            .columns
            .partition_point(|c| c.kind == ColumnKind::PartitionKey);
        let clustering = self.columns.partition_point(|c| {
            matches!(c.kind, ColumnKind::PartitionKey | ColumnKind::Clustering(_))
        });
        (partition, clustering)
    }
}

/// A column of a table or materialized view: a row of `system_schema.columns`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name, as the server has it: case matters.
    pub name: String,
    /// Its place in the table.
    pub kind: ColumnKind,
    /// Its type.
    pub declared: DeclaredType,
    /// What those see who may not see its values (Cassandra 5.0).
    pub mask: Option<Mask>,
}

/// The place of a column in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// A part of the key by which rows are spread over the nodes.
    PartitionKey,
    /// A part of the key by which rows of a partition are sorted.
    Clustering(ClusteringOrder),
    /// One value for the whole partition.
    Static,
    /// One value for each row; also what a kind that this crate does not know is taken for.
    Regular,
}

/// How a clustering column sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two directions")]
pub enum ClusteringOrder {
    /// Lowest first.
    Ascending,
    /// Highest first.
    Descending,
}

/// The function that masks a column: a row of `system_schema.column_masks`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mask {
    /// Keyspace of the function, `system` for those that are built in.
    pub keyspace: String,
    /// Name of the function.
    pub function: String,
    /// Its arguments behind the value of the column, as CQL literals.
    pub arguments: Vec<String>,
}

/// An index: a row of `system_schema.indexes`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Index {
    /// Its keyspace.
    pub keyspace: String,
    /// The table that it is on.
    pub table: String,
    /// Its name.
    pub name: String,
    /// `COMPOSITES`, `KEYS` or `CUSTOM`.
    pub kind: String,
    /// What is indexed, as CQL text: a column, or `keys(…)`, `values(…)`, `entries(…)`, `full(…)` of one.
    pub target: String,
    /// The class of a custom index, perhaps a short name such as `sai`.
    pub class_name: Option<String>,
    /// Its other options.
    pub options: BTreeMap<String, String>,
}

/// A materialized view: a row of `system_schema.views`, with those of `columns` that name it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct MaterializedView {
    /// Name of the table that it is made from.
    pub base_table: String,
    /// Which rows are in it, as the server writes it. Cassandra (seen with 5.0.9) does not double the quotes inside of
    /// texts there, so that a view with such a text cannot be created again from its description, nor from the server's
    /// own.
    pub where_clause: String,
    /// Whether it was made by `SELECT *`.
    pub includes_all_columns: bool,
    /// All that it has in common with a table, its name among it.
    pub table: Table,
}
