//! Connection URLs: `scheme://user:password@host:port,host:port/path?option=value`.
//!
//! All protocol crates accept the same form. Options that nobody asked for are errors that list the known ones. Error
//! texts never contain the password.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::Secret;

/// A parsed connection URL. Options are taken out one by one; [`Self::finish`] refuses what is left.
#[derive(Debug)]
pub struct Url {
    /// The scheme, lower case.
    pub scheme: String,
    /// User name, if given.
    pub user: Option<String>,
    /// Password, if given.
    pub password: Option<Secret>,
    /// Hosts in the order given, each with its port or the default one.
    pub hosts: Vec<Host>,
    /// The path without its slash, if not empty: a keyspace, a database.
    pub path: Option<String>,
    options: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

/// A host to connect to, as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    /// Name or address; an IPv6 address stands here without brackets.
    pub name: String,
    /// TCP port.
    pub port: u16,
}

impl Host {
    /// From `name` or `name:port`, where an IPv6 address with a port stands in brackets. What is neither becomes a
    /// host with port 0, which [`Common::check`](crate::config::Common::check) refuses.
    pub fn from_text(text: &str, default_port: u16) -> Self {
        let bare_ipv6 = text.matches(':').count() > 1 && !text.starts_with('[');
        if bare_ipv6 {
            return Self {
                name: text.to_owned(),
                port: default_port,
            };
        }
        parse_host(text, default_port).unwrap_or_else(|_| Self {
            name: text.to_owned(),
            port: 0,
        })
    }

    /// Whether it is this machine by its spelling: `localhost` or a loopback address.
    pub fn is_loopback(&self) -> bool {
        let address = self.name.parse::<std::net::IpAddr>();
        address.map_or_else(
            |_| self.name.eq_ignore_ascii_case("localhost"),
            |address| address.is_loopback(),
        )
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

/// What is wrong with a URL. The text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("connection URL: {0}")]
pub struct UrlError(pub String);

impl Url {
    /// Parses `text`, which must have one of `schemes`; hosts without a port get `default_port`.
    ///
    /// # Errors
    /// [`UrlError`] names the part that is wrong.
    pub fn parse(text: &str, schemes: &[&str], default_port: u16) -> Result<Self, UrlError> {
        let expected = schemes.join(":// or ");
        let (scheme, rest) = text.split_once("://").ok_or_else(|| {
            UrlError(format!("has no scheme; it should begin with {expected}://"))
        })?;
        let scheme = scheme.to_ascii_lowercase();
        if !schemes.contains(&scheme.as_str()) {
            return Err(UrlError(format!(
                "has scheme {scheme}; it should begin with {expected}://"
            )));
        }
        let (rest, query) = rest
            .split_once('?')
            .map_or((rest, None), |(a, b)| (a, Some(b)));
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(a, b)| (a, b));
        let (user_info, hosts) = authority
            .rsplit_once('@')
            .map_or((None, authority), |(a, b)| (Some(a), b));
        let (user, password) = match user_info {
            None => (None, None),
            Some(info) => match info.split_once(':') {
                None => (Some(decode(info, "user")?), None),
                Some((user, password)) => (
                    Some(decode(user, "user")?),
                    Some(Secret::from(decode(password, "password")?)),
                ),
            },
        };
        let hosts = hosts
            .split(',')
            .map(|h| parse_host(h, default_port))
            .collect::<Result<Vec<_>, _>>();
        // An @ behind the hosts: what was taken for them may be a user and the beginning of a password.
        let behind =
            path.contains('@') || (hosts.is_err() && query.is_some_and(|q| q.contains('@')));
        if user_info.is_none() && behind {
            return Err(UrlError(
                "has an @ behind a / or ?: write / as %2F, ? as %3F and @ as %40 in user and password".into(),
            ));
        }
        let hosts = hosts?;
        let path = decode(path.trim_end_matches('/'), "path")?;
        let path = (!path.is_empty()).then_some(path);
        let options = parse_query(query.unwrap_or(""))?;
        Ok(Self {
            scheme,
            user,
            password,
            hosts,
            path,
            options,
            known: Vec::new(),
        })
    }

    /// Takes the option `name` as text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.options.remove(name)
    }

    /// Ends the parsing: options that nobody took are errors.
    ///
    /// # Errors
    /// Names the unknown option and lists the known ones.
    pub fn finish(mut self) -> Result<(), UrlError> {
        let Some((unknown, _)) = self.options.pop_first() else {
            return Ok(());
        };
        self.known.sort_unstable();
        Err(UrlError(format!(
            "has an unknown option {unknown}; known are {}",
            self.known.join(", ")
        )))
    }
}

fn parse_host(text: &str, default_port: u16) -> Result<Host, UrlError> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (name, after) = rest
                .split_once(']')
                .ok_or_else(|| UrlError(format!("host {text} has an opening bracket only")))?;
            (name, after.strip_prefix(':'))
        }
        None => text
            .split_once(':')
            .map_or((text, None), |(name, port)| (name, Some(port))),
    };
    if port.is_some_and(|p| p.contains(':')) {
        return Err(UrlError(format!(
            "host {text}: an IPv6 address must stand in brackets"
        )));
    }
    if name.is_empty() {
        return Err(UrlError("has an empty host".into()));
    }
    let port = match port {
        None => default_port,
        Some(port) => port
            .parse()
            .map_err(|_| UrlError(format!("port {port} of host {name} is not 1 to 65535")))?,
    };
    Ok(Host {
        name: decode(name, "host")?,
        port,
    })
}

fn parse_query(query: &str) -> Result<BTreeMap<String, String>, UrlError> {
    let mut options = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
        if options
            .insert(decode(name, "option")?, decode(value, "option")?)
            .is_some()
        {
            return Err(UrlError(format!("has the option {name} twice")));
        }
    }
    Ok(options)
}

fn decode(text: &str, part: &str) -> Result<String, UrlError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(UrlError(format!(
            "{part} is not UTF-8 after percent-decoding"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Url, UrlError> {
        Url::parse(text, &["cassandra"], 9042)
    }

    #[test]
    fn every_part_is_read() {
        let mut url =
            parse("cassandra://al%40ice:p%3Aw@a,b:19042,[::1]:7/shop?connect_timeout=5s&n=3&tls")
                .unwrap();
        assert_eq!(url.user.as_deref(), Some("al@ice"));
        assert_eq!(url.password.as_ref().unwrap().expose(), "p:w");
        let hosts: Vec<String> = url.hosts.iter().map(ToString::to_string).collect();
        assert_eq!(hosts, ["a:9042", "b:19042", "[::1]:7"]);
        assert_eq!(url.path.as_deref(), Some("shop"));
        assert_eq!(url.text("connect_timeout").as_deref(), Some("5s"));
        assert_eq!(url.text("n").as_deref(), Some("3"));
        assert_eq!(url.text("tls").as_deref(), Some("true"));
        assert_eq!(url.text("absent"), None);
        url.finish().unwrap();
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, expected) in [
            (
                "localhost:9042",
                "has no scheme; it should begin with cassandra://",
            ),
            (
                "http://a",
                "has scheme http; it should begin with cassandra://",
            ),
            ("cassandra://u:hunter2@:1", "has an empty host"),
            (
                "cassandra://u:hunter2@a:99999",
                "port 99999 of host a is not 1 to 65535",
            ),
            ("cassandra://u:hunter2@::1", "must stand in brackets"),
            ("cassandra://u:%ff@a", "password is not UTF-8"),
            ("cassandra://a?x=1&x=2", "has the option x twice"),
            (
                "cassandra://u:hunter2/b@a",
                "write / as %2F, ? as %3F and @ as %40 in user and password",
            ),
            (
                "cassandra://u:1/hunter2@a",
                "write / as %2F, ? as %3F and @ as %40 in user and password",
            ),
            (
                "cassandra://u:hunter2?b@a:1/k?x=1",
                "write / as %2F, ? as %3F and @ as %40 in user and password",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let mut url = parse("cassandra://a?tiemout=5s").unwrap();
        assert!(url.text("timeout").is_none());
        let error = url.finish().unwrap_err().to_string();
        assert_eq!(
            error,
            "connection URL: has an unknown option tiemout; known are timeout"
        );
    }
}
