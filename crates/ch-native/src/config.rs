//! How to connect: a builder, or a URL.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use wire_core::Secret;
use wire_core::url::{Host, Url, UrlError};

use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// How a [`Client`](crate::Client) connects and behaves.
///
/// ```
/// use ch_native::Config;
///
/// let config = Config::from_url("clickhouse://reader:secret@db1,db2:9001/stats?request_timeout=30s")?;
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), ch_native::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) database: String,
    pub(crate) quota_key: String,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) compression: Compression,
    pub(crate) max_revision: Option<u64>,
    pub(crate) limits: Limits,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) tls: Tls,
}

/// Compression of blocks, asked for with each query and used for what is inserted.
///
/// Which method the *server* compresses with is its own setting, `network_compression_method`; both methods are
/// understood whichever is chosen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Blocks travel as they are. Fastest on loopback and in a fast network.
    #[default]
    Off,
    /// LZ4 (feature `lz4`).
    Lz4,
    /// Zstandard (feature `zstd`).
    Zstd,
}

/// Whether and how connections are encrypted.
#[derive(Debug, Clone, Default)]
pub(crate) enum Tls {
    #[default]
    Off,
    /// Trusting Mozilla's root certificates, or those of a file.
    #[cfg(feature = "rustls-023")]
    Roots(Option<PathBuf>),
    #[cfg(feature = "rustls-023")]
    Custom(std::sync::Arc<rustls::ClientConfig>),
}

/// The native protocol's registered ports: plain, and with TLS.
const PORT: u16 = 9000;
const TLS_PORT: u16 = 9440;

impl Config {
    /// Connects to `host`, a name or an address, on `port` (9000 is usual, 9440 with TLS), as user `default`.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            hosts: vec![Host {
                name: host.into(),
                port,
            }],
            user: "default".to_owned(),
            password: Secret::default(),
            database: String::new(),
            quota_key: String::new(),
            // Covers a lost SYN and its retry.
            connect_timeout: Duration::from_secs(5),
            // ClickHouse's own `receive_timeout`: queries may be silent while they sort or merge.
            request_timeout: Duration::from_secs(300),
            compression: Compression::Off,
            max_revision: None,
            limits: Limits::default(),
            settings: Vec::new(),
            tls: Tls::Off,
        }
    }

    /// Reads `clickhouse://user:password@host:port,host:port/database?option=value`; `clickhouses://` means TLS and
    /// port 9440.
    ///
    /// | option | meaning | default |
    /// | --- | --- | --- |
    /// | `connect_timeout` | resolving, TCP, TLS and handshake over all hosts, as `5s` or `500ms` | `5s` |
    /// | `request_timeout` | wait for the next packet of an answer, as above | `300s` |
    /// | `compression` | `none`, `lz4` or `zstd` | `none` |
    /// | `max_revision` | newest protocol revision to announce | the newest known |
    /// | `tls` | `true` encrypts | `false` |
    /// | `tls_ca` | PEM file with the certificates to trust, implies `tls=true` | Mozilla's |
    ///
    /// # Errors
    /// [`ErrorKind::Config`] names the part or option that is wrong; unknown options are errors.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::parse(url)
            .map_err(|e| Error::new(ErrorKind::Config, e.to_string()))?
            .checked()
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        let secure = text
            .get(..14)
            .is_some_and(|s| s.eq_ignore_ascii_case("clickhouses://"));
        let port = if secure { TLS_PORT } else { PORT };
        let mut url = Url::parse(text, &["clickhouse", "clickhouses"], port)?;
        let mut config = Self::new("", port);
        config.hosts.clone_from(&url.hosts);
        if let Some(user) = url.user.take() {
            config.user = user;
        }
        config.password = url.password.take().unwrap_or_default();
        config.database = url.path.take().unwrap_or_default();
        if let Some(timeout) = url.duration("connect_timeout")? {
            config.connect_timeout = timeout;
        }
        if let Some(timeout) = url.duration("request_timeout")? {
            config.request_timeout = timeout;
        }
        if let Some(compression) = url.parsed("compression", "none, lz4 or zstd")? {
            config.compression = compression;
        }
        config.max_revision = url.parsed("max_revision", "a protocol revision, such as 54460")?;
        let tls = url.flag("tls")?.unwrap_or(secure);
        let ca = url.text("tls_ca").map(PathBuf::from);
        url.finish()?;
        config.tls = Self::tls_of(tls, ca)?;
        Ok(config)
    }

    #[cfg(feature = "rustls-023")]
    fn tls_of(tls: bool, ca: Option<PathBuf>) -> Result<Tls, UrlError> {
        Ok(match (tls, ca) {
            (_, Some(file)) => Tls::Roots(Some(file)),
            (true, None) => Tls::Roots(None),
            (false, None) => Tls::Off,
        })
    }

    #[cfg(not(feature = "rustls-023"))]
    fn tls_of(tls: bool, ca: Option<PathBuf>) -> Result<Tls, UrlError> {
        if tls || ca.is_some() {
            return Err(UrlError(
                "asks for TLS, which needs the feature rustls-023 of ch-native".to_owned(),
            ));
        }
        Ok(Tls::Off)
    }

    /// Refuses what this build cannot do.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let missing = match self.compression {
            Compression::Lz4 if !cfg!(feature = "lz4") => "lz4",
            Compression::Zstd if !cfg!(feature = "zstd") => "zstd",
            _ => return Ok(self),
        };
        let text = format!("compression={missing} needs the feature {missing} of ch-native");
        Err(Error::new(ErrorKind::Config, text))
    }

    /// How long to wait for a connection that is being opened: a little longer than opening may take, so that what it
    /// failed with is heard.
    pub(crate) fn patience(&self) -> Duration {
        self.connect_timeout
            .saturating_add(Duration::from_millis(50))
    }

    /// Adds a host to be tried after those before it.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>, port: u16) -> Self {
        self.hosts.push(Host {
            name: host.into(),
            port,
        });
        self
    }

    /// User name. Default `default`.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = user.into();
        self
    }

    /// Password. It travels in clear text unless TLS is on. Default: empty.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Secret::from(password.into());
        self
    }

    /// Database that unqualified tables are looked for in. Default: the server's choice.
    #[must_use]
    pub fn database(mut self, database: impl Into<String>) -> Self {
        self.database = database.into();
        self
    }

    /// Key that quotas may be counted by. Default: empty.
    #[must_use]
    pub fn quota_key(mut self, key: impl Into<String>) -> Self {
        self.quota_key = key.into();
        self
    }

    /// Time for resolving, TCP, TLS and handshake over all hosts. Default 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Time to wait for a turn on the connection, and then for each packet of the answer. Default 300 s, as
    /// ClickHouse's own `receive_timeout`: most servers report progress every 100 ms.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Compression of blocks. Default: off.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Announces at most this protocol revision. Default: [`Revision::MAX`](crate::codec::Revision::MAX).
    #[must_use]
    pub fn max_revision(mut self, revision: u64) -> Self {
        self.max_revision = Some(revision);
        self
    }

    /// Caps on what the server may send.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sends a setting with every query. A value that is a whole number is sent as one to servers from before 2020;
    /// use [`Query::setting`](crate::message::Query::setting) where that is not what the setting wants.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.settings.push((name.into(), value.to_string()));
        self
    }

    /// Encrypts, and trusts Mozilla's root certificates.
    #[cfg(feature = "rustls-023")]
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = Tls::Roots(None);
        self
    }

    /// Encrypts, and trusts the certificates in a PEM file, and no others.
    #[cfg(feature = "rustls-023")]
    #[must_use]
    pub fn tls_ca(mut self, file: impl Into<PathBuf>) -> Self {
        self.tls = Tls::Roots(Some(file.into()));
        self
    }

    /// Encrypts with a rustls configuration of the caller's.
    #[cfg(feature = "rustls-023")]
    #[must_use]
    pub fn tls_config(mut self, config: std::sync::Arc<rustls::ClientConfig>) -> Self {
        self.tls = Tls::Custom(config);
        self
    }
}

impl FromStr for Config {
    type Err = Error;

    /// As [`Config::from_url`].
    fn from_str(url: &str) -> Result<Self, Error> {
        Self::from_url(url)
    }
}

impl FromStr for Compression {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "none" => Ok(Self::Off),
            "lz4" => Ok(Self::Lz4),
            "zstd" => Ok(Self::Zstd),
            other => {
                let text = format!("compression {other} is not known; expected none, lz4 or zstd");
                Err(Error::new(ErrorKind::Config, text))
            }
        }
    }
}

/// Shows everything but the password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        f.debug_struct("Config")
            .field("hosts", &hosts)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("database", &self.database)
            .field("quota_key", &self.quota_key)
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("compression", &self.compression)
            .field("max_revision", &self.max_revision)
            .field("limits", &self.limits)
            .field("settings", &self.settings)
            .field("tls", &self.tls)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_everything() {
        let config = Config::from_url(
            "clickhouse://u%40x:p%3Aw@a,b:9001,[::1]/db?connect_timeout=500ms&request_timeout=1m&compression=lz4\
             &max_revision=54460&tls_ca=/x.pem",
        )
        .unwrap();
        let hosts: Vec<String> = config.hosts.iter().map(Host::to_string).collect();
        assert_eq!(hosts, ["a:9000", "b:9001", "[::1]:9000"]);
        assert_eq!(
            (config.user.as_str(), config.password.expose()),
            ("u@x", "p:w")
        );
        assert_eq!(config.database, "db");
        assert_eq!(config.connect_timeout, Duration::from_millis(500));
        assert_eq!(config.request_timeout, Duration::from_secs(60));
        assert_eq!(config.compression, Compression::Lz4);
        assert_eq!(config.max_revision, Some(54_460));
        assert!(matches!(config.tls, Tls::Roots(Some(_))));
        let secure = Config::from_url("clickhouses://h").unwrap();
        assert_eq!(secure.hosts.first().unwrap().port, 9440);
        assert!(matches!(secure.tls, Tls::Roots(None)));
    }

    #[test]
    fn a_wrong_url_is_explained_without_the_password() {
        for (url, text) in [
            ("clickhouse://h?timeout=5s", "unknown option timeout"),
            ("clickhouse://h?request_timeout=5", "with a unit"),
            ("clickhouse://h?compression=gzip", "none, lz4 or zstd"),
            ("http://h", "clickhouse://"),
            ("clickhouse://u:sentinel@h:port", "port"),
        ] {
            let error = Config::from_url(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(text), "{error}");
            assert!(!format!("{error:?}").contains("sentinel"));
        }
    }
}
