//! Names of the interface to names of Rust.

/// `prefixPath` to `prefix_path`, and words that Rust reserves made usable.
pub(super) fn field(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1);
        let starts_word = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts_word {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    if out == "type" {
        "r#type".to_owned()
    } else {
        out
    }
}

/// `FIRST_VALUE` to `FirstValue`.
pub(super) fn variant(name: &str) -> String {
    let words = name
        .split('_')
        .map(|word| capitalized(&word.to_ascii_lowercase()));
    words.collect()
}

/// `insertTablet` to `InsertTablet`.
pub(super) fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(chars)
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn examples() {
        for (name, expected) in [
            ("sessionId", "session_id"),
            ("client_protocol", "client_protocol"),
            (
                "columnIndex2TsBlockColumnIndexList",
                "column_index2_ts_block_column_index_list",
            ),
            ("metadataInJSON", "metadata_in_json"),
            ("isAPIKey", "is_api_key"),
            ("type", "r#type"),
        ] {
            assert_eq!(super::field(name), expected);
        }
        assert_eq!(
            super::variant("IOTDB_SERVICE_PROTOCOL_V3"),
            "IotdbServiceProtocolV3"
        );
        assert_eq!(
            super::capitalized("testConnectionEmptyRPC"),
            "TestConnectionEmptyRPC"
        );
    }
}
