//! Which statements are conditional.

/// Whether this is a write with a condition, `IF NOT EXISTS` or `IF v = ?`, by its text: Cassandra does not say so of the
/// statements that it prepares, and ScyllaDB only where that was agreed on.
///
/// `IF` is a reserved word of CQL, so that outside quotes it is nothing else. What a literal between `$$` hides from this
/// costs nothing but that the request goes to another replica.
pub(super) fn is_conditional(text: &str) -> bool {
    let mut quote = None;
    let bare: String = text
        .chars()
        .map(|character| match (quote, character) {
            (Some(open), _) => {
                if character == open {
                    quote = None;
                }
                '\''
            }
            (None, '\'' | '"') => {
                quote = Some(character);
                '\''
            }
            (None, _) => character,
        })
        .collect();
    let mut words = bare
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty());
    let is_write = words.next().is_some_and(|first| {
        ["INSERT", "UPDATE", "DELETE", "BEGIN"]
            .iter()
            .any(|write| first.eq_ignore_ascii_case(write))
    });
    is_write && words.any(|word| word.eq_ignore_ascii_case("IF"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_with_a_condition_are_told_by_their_text() {
        for text in [
            "INSERT INTO t (k) VALUES (?) IF NOT EXISTS",
            "update t SET v = ? WHERE k = ? if v=?",
            "\n DELETE FROM t WHERE k = 'it''s' IF EXISTS;",
            "BEGIN BATCH INSERT INTO t (k) VALUES (1) IF NOT EXISTS APPLY BATCH",
        ] {
            assert!(is_conditional(text), "{text}");
        }
        for text in [
            "",
            "INSERT INTO t (k, v) VALUES (?, 'as IF')",
            "INSERT INTO t (k, \"IF\") VALUES (?, ?)",
            "INSERT INTO t (k, gif, if_so) VALUES (?, ?, ?)",
            "CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY)",
            "SELECT k FROM t WHERE v = 'IF'",
        ] {
            assert!(!is_conditional(text), "{text}");
        }
    }
}
