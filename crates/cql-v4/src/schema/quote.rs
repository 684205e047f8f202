//! Names and literals in CQL text.
//!
//! CQL text is put together from pieces in one place only, the descriptions of this module; values of statements are
//! bound, never quoted. Who must put a name into a text (a table that is chosen at run time) quotes it with
//! [`quote_identifier`].

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::types::Value;

/// Words that cannot be names unless they are quoted: those that Cassandra's grammar (`Parser.g`, rule
/// `unreserved_keyword` and its parts) does not allow back, of all versions from 3.0 to 5.0, and those of ScyllaDB.
/// Sorted. A word too many does no harm: a quoted name is the same name.
const RESERVED: [&str; 63] = [
    "add",
    "allow",
    "alter",
    "and",
    "apply",
    "asc",
    "authorize",
    "batch",
    "begin",
    "between",
    "by",
    "columnfamily",
    "create",
    "default",
    "delete",
    "desc",
    "describe",
    "drop",
    "entries",
    "execute",
    "from",
    "full",
    "grant",
    "if",
    "in",
    "index",
    "infinity",
    "insert",
    "into",
    "is",
    "keyspace",
    "limit",
    "materialized",
    "mbean",
    "mbeans",
    "modify",
    "nan",
    "norecursive",
    "not",
    "null",
    "of",
    "on",
    "or",
    "order",
    "primary",
    "rename",
    "replace",
    "revoke",
    "schema",
    "select",
    "set",
    "table",
    "to",
    "token",
    "truncate",
    "unlogged",
    "unset",
    "update",
    "use",
    "using",
    "view",
    "where",
    "with",
];

/// A name as it has to stand in CQL text: as it is if it is lower case and no reserved word, else in double quotes with
/// the quotes inside doubled.
///
/// Works for every kind of name: keyspaces, tables, columns, types, fields, functions, indexes. What a server accepts
/// as a name is its own matter: Cassandra wants word characters alone for keyspaces, tables and indexes, and no empty
/// name anywhere.
///
/// ```
/// use cql_v4::schema::quote_identifier;
///
/// assert_eq!(quote_identifier("users"), "users");
/// assert_eq!(quote_identifier("Users"), "\"Users\"");
/// assert_eq!(quote_identifier("order"), "\"order\"");
/// assert_eq!(quote_identifier("a\"b; c"), "\"a\"\"b; c\"");
/// ```
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain && RESERVED.binary_search(&name).is_err() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// A text literal: in single quotes, with those inside doubled. CQL has no other escapes.
pub(super) fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A constant or collection of constants as CQL text; `None` for what CQL has no literal for.
pub(super) fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Text(v) => quote_text(v),
        Value::BigInt(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::SmallInt(v) => v.to_string(),
        Value::TinyInt(v) => v.to_string(),
        Value::Varint(v) => v.to_string(),
        Value::Boolean(v) => v.to_string(),
        // Of Rust's two ways to print numbers the one that always has a point or an exponent.
        Value::Double(v) => number(format!("{v:?}")),
        Value::Float(v) => number(format!("{v:?}")),
        Value::Uuid(v) | Value::Timeuuid(v) => v.to_string(),
        Value::Blob(v) => hex(v),
        Value::Inet(v) => quote_text(&v.to_string()),
        Value::Timestamp(v) => v.0.to_string(),
        // Days are counted from the middle of an unsigned number in the literal, as they are on the wire.
        Value::Date(v) => i64::from(v.0).saturating_add(1 << 31).to_string(),
        Value::Time(v) => v.nanos().to_string(),
        Value::List(v) | Value::Vector(v) => format!("[{}]", join(v)?),
        Value::Set(v) => format!("{{{}}}", join(v)?),
        Value::Tuple(v) => format!("({})", join(v)?),
        Value::Map(entries) => format!("{{{}}}", join_entries(entries)?),
        _ => return None,
    })
}

fn join(values: &[Value]) -> Option<String> {
    let literals = values.iter().map(literal).collect::<Option<Vec<_>>>()?;
    Some(literals.join(", "))
}

fn join_entries(entries: &[(Value, Value)]) -> Option<String> {
    let entry =
        |(key, value): &(Value, Value)| Some(format!("{}: {}", literal(key)?, literal(value)?));
    let literals = entries.iter().map(entry).collect::<Option<Vec<_>>>()?;
    Some(literals.join(", "))
}

/// CQL spells what is no number in its own way.
fn number(text: String) -> String {
    match text.as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        _ => text,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = "0x".to_owned();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_sorted_and_quoted() {
        assert!(RESERVED.is_sorted());
        for word in RESERVED {
            assert_eq!(quote_identifier(word), format!("\"{word}\""));
        }
    }

    #[test]
    fn only_what_would_be_read_otherwise_is_quoted() {
        for plain in ["a", "a1_", "selected", "key", "ttl", "type", "values"] {
            assert_eq!(quote_identifier(plain), plain);
        }
        for (name, quoted) in [
            ("", "\"\""),
            ("A", "\"A\""),
            ("1a", "\"1a\""),
            ("_a", "\"_a\""),
            ("é", "\"é\""),
            ("\"", "\"\"\"\""),
            ("a'b", "\"a'b\""),
            ("a b", "\"a b\""),
        ] {
            assert_eq!(quote_identifier(name), quoted);
        }
    }

    #[test]
    fn literals() {
        for (value, text) in [
            (Value::Null, "null"),
            (Value::from("it's"), "'it''s'"),
            (Value::Double(1.0), "1.0"),
            (Value::Double(1e-7), "1e-7"),
            (Value::Double(f64::NEG_INFINITY), "-Infinity"),
            (Value::Double(f64::NAN), "NaN"),
            (Value::Boolean(true), "true"),
            (Value::from(vec![0_u8, 255]), "0x00ff"),
            (
                Value::Map(vec![(Value::from("a"), Value::Int(-1))]),
                "{'a': -1}",
            ),
            (Value::Tuple(vec![Value::Int(1), Value::Null]), "(1, null)"),
        ] {
            assert_eq!(literal(&value).unwrap(), text);
        }
        assert_eq!(literal(&Value::List(vec![Value::Empty])), None);
    }
}
