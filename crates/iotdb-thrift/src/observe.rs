//! Names of events and fields, in one place, so that they stay the same.
//!
//! Statements appear at level debug; values, tablets and secrets never do. Field names follow OpenTelemetry's
//! conventions for databases and RPC where those have a word.

/// Target of all events of this crate.
pub(crate) const TARGET: &str = "iotdb_thrift";

/// Longest part of a statement that an event or an error shows, in characters: enough to recognise it.
const SHOWN_CHARS: usize = 200;

/// A statement as events and errors show it: cut where it is long, and without what follows `CREATE USER` or
/// `ALTER USER`, which is where SQL has passwords.
pub(crate) fn shown(statement: &str) -> String {
    let mut words = statement.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let object = words.next().unwrap_or_default();
    let of_user = object.eq_ignore_ascii_case("user")
        && (verb.eq_ignore_ascii_case("create") || verb.eq_ignore_ascii_case("alter"));
    if of_user {
        return format!("{verb} {object} …");
    }
    let trimmed = statement.trim();
    match trimmed.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", trimmed.get(..end).unwrap_or_default()),
        None => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn long_statements_are_cut_and_passwords_left_out() {
        assert_eq!(shown(" select 1 "), "select 1");
        assert_eq!(shown("create\nuser bob 'hunter2'"), "create user …");
        assert_eq!(
            shown("ALTER USER bob SET PASSWORD 'hunter2'"),
            "ALTER USER …"
        );
        let long = shown(&"é".repeat(300));
        assert_eq!(long.chars().count(), 201);
    }
}
