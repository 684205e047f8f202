//! What holds for every URL option of every `Config`.

use std::fmt::{Debug, Display};

use crate::config::{Common, UrlOption};

/// Options that are not lines of a table.
const TLS: [&str; 2] = ["tls", "tls_ca"];

/// Checks all URL options of a `Config`, given one value that is not the default for each of them: it is read, written
/// again as it was, and read back as the same configuration; it is in the table of the documentation, and in the list
/// of an error. `docs` is the source file with the table.
///
/// # Panics
/// If one of it does not hold, or an option has no value here.
pub fn url_options<C: Debug + Display>(
    parse: impl Fn(&str) -> Result<C, String>,
    host: &str,
    options: &[UrlOption<C>],
    values: &[(&str, &str)],
    docs: &str,
) {
    let names = options.iter().map(|option| option.name);
    let names = names.chain(Common::OPTIONS.iter().map(|option| option.name));
    let unknown = match parse(&format!("{host}?no_such_option=1")) {
        Err(text) => text,
        Ok(config) => panic!("an unknown option is taken: {config}"),
    };
    let parse = |url: &str| parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    for name in names.clone().chain(TLS) {
        assert!(unknown.contains(name), "{name} is not in: {unknown}");
        assert!(
            docs.contains(&format!("`{name}`")),
            "{name} is not in the table"
        );
        assert!(
            TLS.contains(&name) || values.iter().any(|(known, _)| *known == name),
            "no value for {name}"
        );
    }
    let usual = parse(host);
    assert_eq!(usual.to_string(), host, "nothing but the host");
    for (name, value) in values {
        assert!(
            names.clone().any(|known| known == *name),
            "there is no option {name}"
        );
        let url = format!("{host}?{name}={value}");
        let config = parse(&url);
        assert_eq!(config.to_string(), url);
        assert_ne!(
            format!("{config:?}"),
            format!("{usual:?}"),
            "{name} does nothing, or `Debug` hides it"
        );
    }
    let all: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let config = parse(&format!("{host}?{}", all.join("&")));
    let again = parse(&config.to_string());
    assert_eq!(format!("{again:?}"), format!("{config:?}"));
}
