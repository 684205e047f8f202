//! CQL text of tables, indexes and materialized views.

use super::describe::{comment, map, qualified, type_text};
use super::quote::{literal, quote_identifier, quote_text};
use super::table::{ClusteringOrder, Column, ColumnKind, Index, Mask, MaterializedView, Table};
use crate::types::Value;

/// Options that are read but cannot be set. Extensions are the server's own; it ignores them in statements (seen with
/// Cassandra 5.0.9).
const NOT_SETTABLE: [&str; 1] = ["extensions"];
/// Options that Cassandra 4.0 replaced by `read_repair`; it still has them in its tables, and refuses them in statements.
const BEFORE_READ_REPAIR: [&str; 2] = ["read_repair_chance", "dclocal_read_repair_chance"];
/// Rows of a view live as long as those that they are made from.
const NOT_OF_VIEWS: [&str; 1] = ["default_time_to_live"];

impl Table {
    /// The statement that creates it, with all its options and without its indexes; a comment for what cannot be
    /// created.
    ///
    /// Not said are its id, columns that were dropped, triggers, and what servers keep in `extensions`.
    pub fn describe(&self) -> String {
        let text = self.statement();
        if self.can_be_created() {
            return text;
        }
        let name = qualified(&self.keyspace, &self.name);
        let why = if self.is_virtual {
            "is virtual"
        } else {
            "has super columns"
        };
        comment(&format!(
            "Table {name} {why}: it cannot be created. It looks like this:\n{text}\n"
        ))
    }

    pub(super) fn can_be_created(&self) -> bool {
        !self.is_virtual && !self.flags.contains("super")
    }

    /// Whether it is one of those that Thrift called static: as CQL shows it, its static columns are all that it has
    /// besides its key.
    fn is_static_compact(&self) -> bool {
        self.is_compact()
            && !["compound", "dense", "super"]
                .iter()
                .any(|flag| self.flags.contains(*flag))
    }

    fn statement(&self) -> String {
        let static_compact = self.is_static_compact();
        let shown = |column: &&Column| match column.kind {
            ColumnKind::Clustering(_) | ColumnKind::Regular => {
                // Stands for no column at all in a dense table.
                !static_compact && &*column.declared.cql != "empty"
            }
            ColumnKind::PartitionKey | ColumnKind::Static => true,
        };
        let columns = self.columns.iter().filter(shown).map(|column| {
            let is_static = column.kind == ColumnKind::Static && !static_compact;
            format!("\n    {},", column_text(column, is_static))
        });
        let columns: String = columns.collect();
        let clustering = if static_compact {
            &[]
        } else {
            self.clustering_key()
        };
        let mut properties = Vec::new();
        if self.is_compact() {
            properties.push("COMPACT STORAGE".to_owned());
        }
        properties.extend(order_text(clustering));
        properties.extend(self.option_texts(&[]));
        let key = key_text(self.partition_key(), clustering);
        let name = qualified(&self.keyspace, &self.name);
        format!(
            "CREATE TABLE {name} ({columns}\n    {key}\n){};",
            with(&properties)
        )
    }

    fn option_texts(&self, without: &[&str]) -> Vec<String> {
        let replaced = self.options.contains_key("read_repair");
        let left_out = |name: &str| {
            NOT_SETTABLE.contains(&name)
                || without.contains(&name)
                || (replaced && BEFORE_READ_REPAIR.contains(&name))
        };
        // As names of options are; others could be anything.
        let is_word = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let text = |(name, value): (&str, &Value)| Some(format!("{name} = {}", literal(value)?));
        self.options
            .iter()
            .map(|(name, value)| (&**name, value))
            .filter(|(name, _)| is_word(name) && !left_out(name))
            .filter_map(text)
            .collect()
    }
}

impl MaterializedView {
    /// The statement that creates it.
    pub fn describe(&self) -> String {
        let view = &self.table;
        let columns = if self.includes_all_columns {
            "*".to_owned()
        } else {
            names(&view.columns)
        };
        let mut properties: Vec<String> = order_text(view.clustering_key()).into_iter().collect();
        properties.extend(view.option_texts(&NOT_OF_VIEWS));
        format!(
            "CREATE MATERIALIZED VIEW {} AS\n    SELECT {columns}\n    FROM {}\n    WHERE {}\n    {}{};",
            qualified(&view.keyspace, &view.name),
            qualified(&view.keyspace, &self.base_table),
            self.where_clause,
            key_text(view.partition_key(), view.clustering_key()),
            with(&properties)
        )
    }
}

impl Index {
    /// The statement that creates it.
    pub fn describe(&self) -> String {
        let custom = if self.class_name.is_some() {
            "CUSTOM "
        } else {
            ""
        };
        let mut text = format!(
            "CREATE {custom}INDEX {} ON {} ({})",
            quote_identifier(&self.name),
            qualified(&self.keyspace, &self.table),
            self.target
        );
        if let Some(class) = &self.class_name {
            text.push_str(&format!(" USING {}", quote_text(class)));
            if !self.options.is_empty() {
                text.push_str(&format!(" WITH OPTIONS = {}", map(&self.options)));
            }
        }
        text.push(';');
        text
    }
}

fn column_text(column: &Column, is_static: bool) -> String {
    let mut text = format!(
        "{} {}",
        quote_identifier(&column.name),
        type_text(&column.declared)
    );
    if is_static {
        text.push_str(" static");
    }
    if let Some(mask) = &column.mask {
        text.push_str(&mask_text(mask));
    }
    text
}

fn mask_text(mask: &Mask) -> String {
    let function = qualified(&mask.keyspace, &mask.function);
    format!(" MASKED WITH {function}({})", mask.arguments.join(", "))
}

fn key_text(partition: &[Column], clustering: &[Column]) -> String {
    let comma = if clustering.is_empty() { "" } else { ", " };
    format!(
        "PRIMARY KEY (({}){comma}{})",
        names(partition),
        names(clustering)
    )
}

fn order_text(clustering: &[Column]) -> Option<String> {
    let order = |column: &Column| {
        let direction = match column.kind {
            ColumnKind::Clustering(ClusteringOrder::Descending) => "DESC",
            _ => "ASC",
        };
        format!("{} {direction}", quote_identifier(&column.name))
    };
    let orders: Vec<String> = clustering.iter().map(order).collect();
    (!orders.is_empty()).then(|| format!("CLUSTERING ORDER BY ({})", orders.join(", ")))
}

fn names(columns: &[Column]) -> String {
    let names: Vec<_> = columns
        .iter()
        .map(|column| quote_identifier(&column.name))
        .collect();
    names.join(", ")
}

fn with(properties: &[String]) -> String {
    if properties.is_empty() {
        return String::new();
    }
    format!("\n    WITH {}", properties.join("\n    AND "))
}
