//! Keyspaces and what is in them besides tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parse_type::TypeExpr;
use super::table::{MaterializedView, Table};
use crate::types::{DataType, UdtType};

/// A keyspace with all that is in it: a row of `system_schema.keyspaces`, and the rows of the other tables that name it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Keyspace {
    /// Its name, as the server has it: case matters.
    pub name: String,
    /// How rows are replicated: `class`, and the options of that strategy. Empty for virtual keyspaces.
    pub replication: BTreeMap<String, String>,
    /// Whether writes go through the commit log.
    pub durable_writes: bool,
    /// ScyllaDB: tables are split into tablets, at first at least this many (0: the server decides). `None` if rows are
    /// placed by the token ring.
    pub tablets: Option<u32>,
    /// Whether it is a keyspace of the server's memory (`system_views`), which cannot be created.
    pub is_virtual: bool,
    /// Its tables by name.
    pub tables: BTreeMap<String, Arc<Table>>,
    /// Its materialized views by name.
    pub views: BTreeMap<String, Arc<MaterializedView>>,
    /// Its user-defined types by name.
    pub types: BTreeMap<String, Arc<UserType>>,
    /// Its functions, by name and then by the types of their arguments.
    pub functions: Vec<Arc<Function>>,
    /// Its aggregates, likewise.
    pub aggregates: Vec<Arc<Aggregate>>,
    /// Names of the types, each behind those that it refers to.
    pub(super) type_order: Vec<String>,
}

impl Keyspace {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(name)
    }

    /// The materialized view of this name.
    pub fn view(&self, name: &str) -> Option<&Arc<MaterializedView>> {
        self.views.get(name)
    }

    /// The user-defined type of this name.
    pub fn user_type(&self, name: &str) -> Option<&Arc<UserType>> {
        self.types.get(name)
    }

    /// The functions of this name, which differ in the types of their arguments.
    pub fn functions_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Function>> {
        self.functions.iter().filter(move |f| f.name == name)
    }

    /// The aggregates of this name, which differ in the types of their arguments.
    pub fn aggregates_named<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Aggregate>> {
        self.aggregates.iter().filter(move |a| a.name == name)
    }

    /// The user-defined types in an order in which they can be created: each behind those that it refers to.
    pub fn types_in_order(&self) -> impl Iterator<Item = &Arc<UserType>> {
        self.type_order
            .iter()
            .filter_map(|name| self.types.get(name))
    }
}

/// A type as a schema has it: its text, and what that means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeclaredType {
    /// The text as the server wrote it, the only place where `frozen` is told.
    pub cql: Box<str>,
    /// The type. [`DataType::Custom`] with the whole text if this crate does not know it.
    pub data_type: DataType,
}

impl DeclaredType {
    /// Whether the value is written as a whole: `frozen<…>`, and what is so by nature.
    pub fn is_frozen(&self) -> bool {
        match TypeExpr::parse(&self.cql) {
            Some(TypeExpr::Frozen(_)) => true,
            _ => !matches!(
                self.data_type,
                DataType::List(_) | DataType::Set(_) | DataType::Map(_) | DataType::Udt(_)
            ),
        }
    }
}

/// A user-defined type: a row of `system_schema.types`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserType {
    /// Its keyspace.
    pub keyspace: String,
    /// Its name.
    pub name: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// The same as values are encoded and decoded with.
    pub data_type: Arc<UdtType>,
}

/// A field of a user-defined type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub declared: DeclaredType,
}

/// A user-defined function: a row of `system_schema.functions`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// Its keyspace.
    pub keyspace: String,
    /// Its name.
    pub name: String,
    /// Names and types of its arguments, in order.
    pub arguments: Vec<Field>,
    /// The type of its result.
    pub return_type: DeclaredType,
    /// The language of its body: `java`, `lua`, `wasm`.
    pub language: String,
    /// Its source.
    pub body: String,
    /// Whether it is called when an argument is null; if not, its result is null then.
    pub called_on_null_input: bool,
}

/// A user-defined aggregate: a row of `system_schema.aggregates`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aggregate {
    /// Its keyspace.
    pub keyspace: String,
    /// Its name.
    pub name: String,
    /// The types of its arguments, in order.
    pub arguments: Vec<DeclaredType>,
    /// Name of the function that takes the state and the arguments, and gives the next state.
    pub state_function: String,
    /// The type of the state.
    pub state_type: DeclaredType,
    /// Name of the function that turns the last state into the result, if there is one.
    pub final_function: Option<String>,
    /// The first state as a CQL literal; `None` is null.
    pub initial_condition: Option<String>,
    /// The type of its result.
    pub return_type: DeclaredType,
}
