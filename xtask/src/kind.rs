//! The four databases, and where a client finds one of them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};

/// One of the four databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Cassandra,
    Clickhouse,
    Ignite,
    Iotdb,
}

impl Kind {
    /// In the order in which they are shown and tested.
    pub(crate) const ALL: [Self; 4] =
        [Self::Cassandra, Self::Clickhouse, Self::Ignite, Self::Iotdb];

    /// The word used on the command line, in URLs and in file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cassandra => "cassandra",
            Self::Clickhouse => "clickhouse",
            Self::Ignite => "ignite",
            Self::Iotdb => "iotdb",
        }
    }

    /// The crate that speaks this database's protocol.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Cassandra => "cql-v4",
            Self::Clickhouse => "ch-native",
            Self::Ignite => "ignite-thin",
            Self::Iotdb => "iotdb-thrift",
        }
    }

    /// The port that the database listens on when nobody says otherwise.
    pub(crate) fn default_port(self) -> u16 {
        match self {
            Self::Cassandra => 9042,
            Self::Clickhouse => 9000,
            Self::Ignite => 10_800,
            Self::Iotdb => 6667,
        }
    }

    /// `WIRE_TEST_<NAME>_<suffix>`: how live tests learn about a server.
    pub(crate) fn env(self, suffix: &str) -> String {
        format!("WIRE_TEST_{}_{suffix}", self.name().to_uppercase())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text || kind.package() == text)
            .with_context(|| {
                format!("`{text}` is no server; choose from cassandra, clickhouse, ignite, iotdb")
            })
    }
}

/// Where one server answers, in the form that the crates' `Config::from_url` reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) kind: Kind,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// User and password.
    pub(crate) login: Option<(String, String)>,
    /// The certificate authority to trust; its presence means TLS.
    pub(crate) tls_ca: Option<PathBuf>,
}

impl Endpoint {
    /// An endpoint on loopback without TLS.
    pub(crate) fn local(kind: Kind, port: u16) -> Self {
        Self {
            kind,
            host: "127.0.0.1".to_owned(),
            port,
            login: None,
            tls_ca: None,
        }
    }

    /// The same endpoint for this user.
    pub(crate) fn with_login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// The same endpoint over TLS, trusting `ca`.
    pub(crate) fn with_tls(mut self, ca: &Path) -> Self {
        self.tls_ca = Some(ca.to_owned());
        self
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.kind)?;
        if let Some((user, password)) = &self.login {
            write!(f, "{}:{}@", escape(user), escape(password))?;
        }
        write!(f, "{}:{}", self.host, self.port)?;
        if let Some(ca) = &self.tls_ca {
            write!(f, "?tls=true&tls_ca={}", escape(&ca.to_string_lossy()))?;
        }
        Ok(())
    }
}

impl FromStr for Endpoint {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").with_context(|| {
            format!("`{url}` is no URL; write for example cassandra://127.0.0.1:9042")
        })?;
        let kind: Kind = scheme.parse()?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, address) = match authority.rsplit_once('@') {
            None => (None, authority),
            Some((login, address)) => {
                let (user, password) = login.split_once(':').unwrap_or((login, ""));
                (Some((unescape(user)?, unescape(password)?)), address)
            }
        };
        let address = address.trim_end_matches('/');
        let (host, port) = match address.rsplit_once(':') {
            None => (address, kind.default_port()),
            Some((host, port)) => (
                host,
                port.parse()
                    .with_context(|| format!("`{port}` is no port, in `{url}`"))?,
            ),
        };
        if host.is_empty() {
            bail!("`{url}` names no host");
        }
        let tls_ca = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("tls_ca="));
        let tls_ca = tls_ca.map(unescape).transpose()?.map(PathBuf::from);
        Ok(Self {
            kind,
            host: host.to_owned(),
            port,
            login,
            tls_ca,
        })
    }
}

/// Percent-encodes everything but what a URL takes as it is (RFC 3986 "unreserved") and `/`.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The reverse of [`escape`].
fn unescape(text: &str) -> Result<String> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = rest.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let value = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        out.push(value.with_context(|| format!("`%` without two hexadecimal digits in `{text}`"))?);
        rest = &rest[2..];
    }
    String::from_utf8(out).with_context(|| format!("`{text}` is not UTF-8 once decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_written_as_the_crates_read_them() {
        let plain = Endpoint::local(Kind::Cassandra, 9042);
        assert_eq!(plain.to_string(), "cassandra://127.0.0.1:9042");
        let iotdb = Endpoint::local(Kind::Iotdb, 6667).with_login("root", "root");
        assert_eq!(iotdb.to_string(), "iotdb://root:root@127.0.0.1:6667");
        let tls = Endpoint::local(Kind::Ignite, 10_800).with_tls(Path::new("/tmp/a b/ca.pem"));
        assert_eq!(
            tls.to_string(),
            "ignite://127.0.0.1:10800?tls=true&tls_ca=/tmp/a%20b/ca.pem"
        );
    }

    #[test]
    fn urls_are_read_back() {
        for text in [
            "cassandra://127.0.0.1:9042",
            "clickhouse://us%3Aer:p%40ss@10.0.0.7:9440",
            "ignite://ignite:ignite@localhost:10800?tls=true&tls_ca=/tmp/a%20b/ca.pem",
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), text);
        }
        let short: Endpoint = "iotdb://db.example".parse().unwrap();
        assert_eq!(short.port, 6667);
    }

    #[test]
    fn bad_urls_say_what_is_wrong() {
        for (text, part) in [
            ("127.0.0.1:9042", "is no URL"),
            ("mysql://h:1", "is no server"),
            ("cassandra://h:port", "is no port"),
            ("cassandra://:9042", "names no host"),
            ("cassandra://a%2:b@h", "hexadecimal"),
        ] {
            let error = format!("{:#}", text.parse::<Endpoint>().unwrap_err());
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn both_server_and_crate_name_a_kind() {
        assert_eq!("ch-native".parse::<Kind>().unwrap(), Kind::Clickhouse);
        assert_eq!("ignite".parse::<Kind>().unwrap(), Kind::Ignite);
        assert!("oracle".parse::<Kind>().is_err());
    }
}
