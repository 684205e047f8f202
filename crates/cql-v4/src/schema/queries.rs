//! Which statements a schema is read with.

use crate::types::Value;

/// Which parts of the schema are read. By default all of it, without virtual tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaFilter {
    only: Option<Vec<String>>,
    except: Vec<String>,
    keyspaces_alone: bool,
    with_virtual: bool,
}

impl SchemaFilter {
    /// All of it, without virtual tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// These keyspaces only. The server sends no others.
    #[must_use]
    pub fn with_only<S: Into<String>>(mut self, keyspaces: impl IntoIterator<Item = S>) -> Self {
        self.only = Some(keyspaces.into_iter().map(Into::into).collect());
        self
    }

    /// Not these keyspaces. The server sends them unless [`with_only`](Self::with_only) is set too, since CQL has no way
    /// to say it; they are not kept.
    #[must_use]
    pub fn with_except<S: Into<String>>(mut self, keyspaces: impl IntoIterator<Item = S>) -> Self {
        self.except = keyspaces.into_iter().map(Into::into).collect();
        self
    }

    /// Only names and replication of keyspaces, which is what routing needs, and nothing of what is in them.
    #[must_use]
    pub fn with_keyspaces_alone(mut self, alone: bool) -> Self {
        self.keyspaces_alone = alone;
        self
    }

    /// Whether virtual keyspaces (`system_views`, Cassandra 4.0) are read too.
    #[must_use]
    pub fn with_virtual(mut self, with_virtual: bool) -> Self {
        self.with_virtual = with_virtual;
        self
    }

    /// Whether the keyspace of this name is wanted.
    pub fn admits(&self, keyspace: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|name| name == keyspace);
        self.only.as_deref().is_none_or(listed) && !listed(&self.except)
    }

    /// The keyspaces of [`Self::with_only`].
    #[cfg(feature = "client")]
    pub(crate) fn only(&self) -> Option<&[String]> {
        self.only.as_deref()
    }

    /// The statements to send to a server of this kind, in any order.
    pub(super) fn queries(&self, kind: ServerKind) -> Vec<SchemaQuery> {
        SchemaTable::ALL
            .iter()
            .filter(|table| self.wants(**table, kind))
            .map(|table| self.query(*table))
            .collect()
    }

    fn wants(&self, table: SchemaTable, kind: ServerKind) -> bool {
        use SchemaTable as T;
        let of_keyspaces = matches!(
            table,
            T::Keyspaces | T::ScyllaKeyspaces | T::VirtualKeyspaces
        );
        let there = match table {
            T::ScyllaKeyspaces | T::ScyllaTables => kind == ServerKind::Scylla,
            T::ColumnMasks => kind == ServerKind::Cassandra,
            T::VirtualKeyspaces | T::VirtualTables | T::VirtualColumns => {
                self.with_virtual && kind == ServerKind::Cassandra
            }
            _ => true,
        };
        there && (of_keyspaces || !self.keyspaces_alone)
    }

    fn query(&self, table: SchemaTable) -> SchemaQuery {
        // Most rows by far are those of columns; the rest of what the server has about them is of no use here.
        let columns = match table {
            SchemaTable::Columns | SchemaTable::VirtualColumns => {
                "keyspace_name, table_name, column_name, kind, position, clustering_order, type"
            }
            _ => "*",
        };
        let mut text = format!("SELECT {columns} FROM {}", table.name());
        let mut values = Vec::new();
        if let Some(only) = &self.only {
            text.push_str(" WHERE keyspace_name IN ?");
            let wanted = only.iter().filter(|name| self.admits(name));
            values.push(Value::List(
                wanted.map(|name| name.as_str().into()).collect(),
            ));
        }
        SchemaQuery {
            table,
            text,
            values,
        }
    }
}

/// Which server it is; they differ in the tables that they have besides those that both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ServerKind {
    /// Apache Cassandra, and whatever else is not ScyllaDB.
    #[default]
    Cassandra,
    /// ScyllaDB: a server that lists options in SUPPORTED that begin with `SCYLLA_`.
    Scylla,
}

/// A statement to send.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SchemaQuery {
    /// Which table its rows are of.
    pub table: SchemaTable,
    /// Its text.
    pub text: String,
    /// The values of its markers.
    pub values: Vec<Value>,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $table:literal, $required:literal;)*) => {
        /// A table that a schema is read from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum SchemaTable {
            $($(#[$doc])* $name,)*
        }

        impl SchemaTable {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, with its keyspace.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $table,)*
                }
            }

            /// Whether every server has it (Cassandra from 3.0 on). The others are read where they are there.
            pub fn is_required(self) -> bool {
                match self {
                    $(Self::$name => $required,)*
                }
            }
        }
    };
}

tables! {
    /// Keyspaces.
    Keyspaces = "system_schema.keyspaces", true;
    /// Tables.
    Tables = "system_schema.tables", true;
    /// Columns of tables and materialized views.
    Columns = "system_schema.columns", true;
    /// User-defined types.
    Types = "system_schema.types", true;
    /// Materialized views.
    Views = "system_schema.views", false;
    /// Indexes.
    Indexes = "system_schema.indexes", false;
    /// User-defined functions.
    Functions = "system_schema.functions", false;
    /// User-defined aggregates.
    Aggregates = "system_schema.aggregates", false;
    /// Masks of columns (Cassandra 5.0).
    ColumnMasks = "system_schema.column_masks", false;
    /// What ScyllaDB adds to keyspaces.
    ScyllaKeyspaces = "system_schema.scylla_keyspaces", false;
    /// What ScyllaDB adds to tables.
    ScyllaTables = "system_schema.scylla_tables", false;
    /// Keyspaces of virtual tables (Cassandra 4.0).
    VirtualKeyspaces = "system_virtual_schema.keyspaces", false;
    /// Virtual tables (Cassandra 4.0).
    VirtualTables = "system_virtual_schema.tables", false;
    /// Columns of virtual tables (Cassandra 4.0).
    VirtualColumns = "system_virtual_schema.columns", false;
}
