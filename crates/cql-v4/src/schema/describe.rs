//! CQL text that creates again what a schema has, as DESCRIBE of `cqlsh` and of Cassandra 4.0 gives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keyspace::{Aggregate, DeclaredType, Function, Keyspace, UserType};
use super::parse_type::TypeExpr;
use super::quote::{quote_identifier, quote_text};
use super::table::Table;

impl Keyspace {
    /// The statement that creates the keyspace alone.
    ///
    /// That ScyllaDB places rows by tablets is said; that it does not is left to the default of the server.
    pub fn describe(&self) -> String {
        let name = quote_identifier(&self.name);
        if self.is_virtual {
            return comment(&format!(
                "Keyspace {name} is virtual: it cannot be created."
            ));
        }
        let mut text = format!(
            "CREATE KEYSPACE {name}\n    WITH replication = {}\n    AND durable_writes = {}",
            map(&self.replication),
            self.durable_writes
        );
        match self.tablets {
            None => {}
            Some(0) => text.push_str("\n    AND tablets = {'enabled': true}"),
            Some(n) => {
                text.push_str(&format!(
                    "\n    AND tablets = {{'enabled': true, 'initial': {n}}}"
                ));
            }
        }
        text.push(';');
        text
    }

    /// The statements that create the keyspace and all that is in it, in an order in which they can be run, one by one.
    /// What cannot be created by CQL (virtual tables, tables of Thrift with super columns) is left out, and so is what
    /// ScyllaDB makes by itself: the materialized views of its indexes, and the logs of tables with change data capture.
    pub fn statements(&self) -> Vec<String> {
        if self.is_virtual {
            return Vec::new();
        }
        let is_log = |name: &str| {
            let base = name.strip_suffix("_scylla_cdc_log");
            base.is_some_and(|base| self.tables.contains_key(base))
        };
        let wanted = |table: &&Arc<Table>| table.can_be_created() && !is_log(&table.name);
        let tables = || self.tables.values().filter(wanted);
        let mut all = vec![self.describe()];
        all.extend(self.types_in_order().map(|t| t.describe()));
        all.extend(self.functions.iter().map(|f| f.describe()));
        all.extend(self.aggregates.iter().map(|a| a.describe()));
        all.extend(tables().map(|t| t.describe()));
        all.extend(
            tables()
                .flat_map(|t| t.indexes.values())
                .map(|i| i.describe()),
        );
        let views = self.views.values().filter(|view| {
            let index = view.table.name.strip_suffix("_index");
            let table = self.tables.get(&view.base_table);
            !index.is_some_and(|index| table.is_some_and(|t| t.indexes.contains_key(index)))
        });
        all.extend(views.map(|v| v.describe()));
        all
    }
}

impl UserType {
    /// The statement that creates it.
    pub fn describe(&self) -> String {
        let fields = self.fields.iter().map(|field| {
            format!(
                "\n    {} {}",
                quote_identifier(&field.name),
                type_text(&field.declared)
            )
        });
        let fields: Vec<String> = fields.collect();
        format!(
            "CREATE TYPE {} ({}\n);",
            qualified(&self.keyspace, &self.name),
            fields.join(",")
        )
    }
}

impl Function {
    /// The statement that creates it.
    pub fn describe(&self) -> String {
        let arguments = self.arguments.iter().map(|argument| {
            format!(
                "{} {}",
                quote_identifier(&argument.name),
                argument_text(&argument.declared)
            )
        });
        let arguments: Vec<String> = arguments.collect();
        let null = if self.called_on_null_input {
            "CALLED"
        } else {
            "RETURNS NULL"
        };
        // A body with the sign in it might end the quotation early, at its end too.
        let body = if self.body.contains('$') {
            quote_text(&self.body)
        } else {
            format!("$${}$$", self.body)
        };
        format!(
            "CREATE FUNCTION {}({})\n    {null} ON NULL INPUT\n    RETURNS {}\n    LANGUAGE {}\n    AS {body};",
            qualified(&self.keyspace, &self.name),
            arguments.join(", "),
            argument_text(&self.return_type),
            quote_identifier(&self.language),
        )
    }
}

impl Aggregate {
    /// The statement that creates it, without what only ScyllaDB has (REDUCEFUNC).
    pub fn describe(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(argument_text).collect();
        let mut text = format!(
            "CREATE AGGREGATE {}({})\n    SFUNC {}\n    STYPE {}",
            qualified(&self.keyspace, &self.name),
            arguments.join(", "),
            quote_identifier(&self.state_function),
            argument_text(&self.state_type),
        );
        if let Some(name) = &self.final_function {
            text.push_str(&format!("\n    FINALFUNC {}", quote_identifier(name)));
        }
        if let Some(literal) = &self.initial_condition {
            text.push_str(&format!("\n    INITCOND {literal}"));
        }
        text.push(';');
        text
    }
}

/// A name behind that of its keyspace.
pub(super) fn qualified(keyspace: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier(keyspace), quote_identifier(name))
}

/// The type of a column or field. A text that is no type is put in quotes, so that it stays in its place.
pub(super) fn type_text(declared: &DeclaredType) -> String {
    TypeExpr::parse(&declared.cql).map_or_else(|| quote_text(&declared.cql), |t| t.to_string())
}

/// The type of an argument or result, where `frozen` must not stand at the beginning, although servers keep it there.
fn argument_text(declared: &DeclaredType) -> String {
    TypeExpr::parse(&declared.cql)
        .map_or_else(|| quote_text(&declared.cql), |t| t.thawed().to_string())
}

/// A map of texts, with the class first, as people expect it.
pub(super) fn map(entries: &BTreeMap<String, String>) -> String {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|(key, _)| *key != "class");
    let entries = sorted
        .into_iter()
        .map(|(key, value)| format!("{}: {}", quote_text(key), quote_text(value)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

/// A text that is no statement.
pub(super) fn comment(text: &str) -> String {
    // What comes from the server must not end the comment.
    format!("/* {} */", text.replace("*/", "* /"))
}
