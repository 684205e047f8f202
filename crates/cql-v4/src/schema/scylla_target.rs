//! Targets of indexes as ScyllaDB keeps them (its `index/secondary_index.cc`), as CQL text.
//!
//! Unlike Cassandra it keeps the names of columns without quotes, those of an index over full collections without
//! `full()`, and those of an index within partitions as JSON: `{"pk":["p1","p2"],"ck":["v"]}`.

use super::quote::quote_identifier;
use super::table::Table;
use crate::types::DataType;

/// `target` as CQL text. What names no column of `table` stays as it is: then it has its quotes already.
pub(super) fn to_cql(target: &str, table: &Table) -> String {
    if let Some(columns) = local_target(target) {
        return columns;
    }
    if let Some((function, name)) = function_target(target) {
        return match table.column(name) {
            Some(_) => format!("{function}({})", quote_identifier(name)),
            None => target.to_owned(),
        };
    }
    match table.column(target) {
        Some(column) => {
            let name = quote_identifier(target);
            let is_collection = matches!(
                column.declared.data_type,
                DataType::List(_) | DataType::Set(_) | DataType::Map(_)
            );
            if is_collection && column.declared.is_frozen() {
                format!("full({name})")
            } else {
                name.into_owned()
            }
        }
        None => target.to_owned(),
    }
}

/// `keys(name)` and its like.
fn function_target(target: &str) -> Option<(&str, &str)> {
    let (function, name) = target.strip_suffix(')')?.split_once('(')?;
    ["keys", "values", "entries", "full"]
        .contains(&function)
        .then_some((function, name))
}

/// An index within partitions: `(partition key), column`.
fn local_target(target: &str) -> Option<String> {
    let mut json = Json { rest: target };
    json.eat('{')?;
    let (mut partition, mut others) = (None, None);
    loop {
        let key = json.string()?;
        json.eat(':')?;
        let names = json.strings()?;
        match key.as_str() {
            "pk" => partition = Some(names),
            "ck" => others = Some(names),
            _ => return None,
        }
        if json.eat(',').is_none() {
            break;
        }
    }
    json.eat('}')?;
    let quoted = |names: Vec<String>| {
        let names: Vec<_> = names
            .iter()
            .map(|name| quote_identifier(name).into_owned())
            .collect();
        names.join(", ")
    };
    Some(format!("({}), {}", quoted(partition?), quoted(others?)))
}

/// As much of JSON as such targets are made of.
struct Json<'a> {
    rest: &'a str,
}

impl Json<'_> {
    fn eat(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(c)?;
        Some(())
    }

    /// `["a", "b"]`, with at least one.
    fn strings(&mut self) -> Option<Vec<String>> {
        self.eat('[')?;
        let mut strings = vec![self.string()?];
        while self.eat(',').is_some() {
            strings.push(self.string()?);
        }
        self.eat(']')?;
        Some(strings)
    }

    fn string(&mut self) -> Option<String> {
        self.eat('"')?;
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let digits: String = chars.by_ref().take(4).collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                    }
                    // Quotes, slashes and backslashes stand for themselves.
                    other => other,
                }),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::keyspace::DeclaredType;
    use crate::schema::table::{Column, ColumnKind};

    fn table() -> Table {
        let column = |name: &str, cql: &str, data_type| Column {
            name: name.to_owned(),
            kind: ColumnKind::Regular,
            declared: DeclaredType {
                cql: cql.into(),
                data_type,
            },
            mask: None,
        };
        let set = || DataType::Set(Box::new(DataType::Int));
        Table {
            columns: vec![
                column("v", "int", DataType::Int),
                column("My v", "int", DataType::Int),
                column("frozen", "frozen<set<int>>", set()),
                column("S", "set<int>", set()),
                column("keys(x)", "int", DataType::Int),
            ],
            ..Table::default()
        }
    }

    /// What `target_parser::serialize_targets` of ScyllaDB writes for each kind of index.
    #[test]
    fn targets_become_cql() {
        for (target, cql) in [
            ("v", "v"),
            ("My v", "\"My v\""),
            ("frozen", "full(frozen)"),
            ("values(S)", "values(\"S\")"),
            ("keys(v)", "keys(v)"),
            // In quotes, since it could be taken for another kind of target.
            ("\"keys(x)\"", "\"keys(x)\""),
            (r#"{"pk":["p"],"ck":["v"]}"#, "(p), v"),
            (
                r#"{"pk":["p", "P 2"],"ck":["a\"\u00e9\n"]}"#,
                "(p, \"P 2\"), \"a\"\"é\n\"",
            ),
        ] {
            assert_eq!(to_cql(target, &table()), cql, "{target}");
        }
    }

    #[test]
    fn what_is_none_of_these_stays_as_it_is() {
        for target in [
            "",
            "{",
            "{}",
            "nope",
            "keys(nope)",
            r#"{"pk":["p"]}"#,
            r#"{"pk":[],"ck":["v"]}"#,
            r#"{"pk":["p"],"ck":["v"}"#,
            r#"{"pk":["p"],"x":["v"]}"#,
            r#"{"pk":["\u12"#,
            r#"{"pk":["\ud800"],"ck":["v"]}"#,
        ] {
            assert_eq!(to_cql(target, &table()), target);
        }
    }
}
