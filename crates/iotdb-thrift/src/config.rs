//! How to connect, and how statements are run.

use std::str::FromStr;
use std::time::Duration;

use wire_core::config::Common;
use wire_core::url::{Url, UrlError};

use crate::codec::Protocol;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;

/// Port of IoTDB's client interface where none is named.
const DEFAULT_PORT: u16 = 6667;
const SCHEMES: [&str; 1] = ["iotdb"];
/// User, and password, of a server that nobody has configured.
#[cfg(feature = "client")]
pub(crate) const DEFAULT_USER: &str = "root";
/// The server's own limit for queries (`query_timeout_threshold`): a shorter one would hide its error. The first write
/// into a new database takes seconds as well.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Rows in a page: what the official clients ask for; a few hundred kilobytes of usual rows.
const FETCH_SIZE: u32 = 5_000;

/// Configuration of a [`Client`](crate::Client).
///
/// From code or from a URL:
///
/// ```
/// use std::time::Duration;
/// use iotdb_thrift::Config;
///
/// let config = Config::new("127.0.0.1")
///     .with_credentials("alice", "secret")
///     .with_request_timeout(Duration::from_secs(2));
///
/// let same: Config = "iotdb://alice:secret@127.0.0.1?request_timeout=2s".parse()?;
/// assert_eq!(format!("{config:?}"), format!("{same:?}"));
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), iotdb_thrift::Error>(())
/// ```
///
/// | URL part or option | builder | default |
/// | --- | --- | --- |
/// | `host:port,host:port` | [`new`](Self::new), [`with_host`](Self::with_host) | port 6667 |
/// | `user:password@` | [`with_credentials`](Self::with_credentials) | `root:root` |
/// | `connect_timeout` | [`with_connect_timeout`](Self::with_connect_timeout) | 5 s |
/// | `request_timeout`, for a request or a page of a result | [`with_request_timeout`](Self::with_request_timeout) | 60 s |
/// | `protocol` (`binary`, `compact`) | [`with_protocol`](Self::with_protocol) | binary |
/// | `fetch_size` | [`with_fetch_size`](Self::with_fetch_size) | 5,000 rows |
/// | `time_zone` | [`with_time_zone`](Self::with_time_zone) | UTC |
/// | `max_frame_bytes` | [`with_limits`](Self::with_limits) | 67,108,864 bytes |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots |
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) common: Common,
    pub(crate) protocol: Protocol,
    pub(crate) fetch_size: u32,
    pub(crate) time_zone: String,
    pub(crate) allow_plaintext_password: bool,
    pub(crate) limits: Limits,
}

impl Config {
    /// One host, `name` or `name:port`; an IPv6 address with a port stands in brackets.
    pub fn new(host: &str) -> Self {
        Self::with_common(Common::new(host, DEFAULT_PORT, REQUEST_TIMEOUT))
    }

    fn with_common(common: Common) -> Self {
        Self {
            common,
            protocol: Protocol::Binary,
            fetch_size: FETCH_SIZE,
            time_zone: "UTC".to_owned(),
            allow_plaintext_password: false,
            limits: Limits::default(),
        }
    }

    wire_core::common_config_methods!(DEFAULT_PORT);

    /// From a URL: `iotdb://user:password@host:6667,host2?request_timeout=2s`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] says what is wrong and, for an unknown option, which ones there are.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::parse(url).map_err(|e| Error::new(ErrorKind::Config, e.to_string()))
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = Url::parse(text, &SCHEMES, DEFAULT_PORT)?;
        if let Some(path) = &url.path {
            let what = format!(
                "has the path /{path}, but sessions of the tree model have no database of their own"
            );
            return Err(UrlError(what));
        }
        let mut config = Self::with_common(Common::take_from(&mut url, REQUEST_TIMEOUT)?);
        if let Some(protocol) = url.text("protocol") {
            config.protocol = match protocol.as_str() {
                "binary" => Protocol::Binary,
                "compact" => Protocol::Compact,
                _ => {
                    return Err(UrlError(format!(
                        "option protocol={protocol} should be binary or compact"
                    )));
                }
            };
        }
        if let Some(rows) = url.parsed("fetch_size", "a number of rows")? {
            config.fetch_size = rows;
        }
        if let Some(zone) = url.text("time_zone") {
            config.time_zone = zone;
        }
        if let Some(bytes) = url.parsed("max_frame_bytes", "a number of bytes")? {
            config.limits.max_frame_bytes = bytes;
        }
        if let Some(allowed) = url.flag("allow_plaintext_password")? {
            config.allow_plaintext_password = allowed;
        }
        url.finish()?;
        Ok(config)
    }

    /// How messages are spelled. Default binary. It must be what the server is configured for
    /// (`dn_rpc_thrift_compression_enable=true` means compact): nothing is negotiated.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Rows that a page of a result should have. Default 5,000; at least 1. Servers send whole blocks, so pages have
    /// some rows more.
    #[must_use]
    pub fn with_fetch_size(mut self, rows: u32) -> Self {
        self.fetch_size = rows;
        self
    }

    /// The time zone in which the server reads times in SQL, a name of the IANA list or an offset like `+08:00`.
    /// Default UTC. Times in results and tablets are numbers and have no zone.
    #[must_use]
    pub fn with_time_zone(mut self, zone: impl Into<String>) -> Self {
        self.time_zone = zone.into();
        self
    }

    /// Sends the password, which IoTDB takes as plain text, even over an unencrypted connection to another machine, where anybody on the way, or posing
    /// as the server, can read it. Default false: such a connection is refused before anything is sent.
    #[must_use]
    pub fn allow_plaintext_password(mut self, allowed: bool) -> Self {
        self.allow_plaintext_password = allowed;
        self
    }

    /// What the server may make this side spend.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Refuses what no connection could, or should, be made with.
    #[cfg(feature = "client")]
    pub(crate) fn check(&self) -> Result<(), Error> {
        let problem = if self.fetch_size == 0 || i32::try_from(self.fetch_size).is_err() {
            format!(
                "fetch_size is {}; it can be 1 to 2,147,483,647",
                self.fetch_size
            )
        } else if let Err(problem) = self.common.check() {
            problem
        } else if !self.allow_plaintext_password && !self.common.is_private() {
            "the password would go over the network unencrypted; use TLS (tls=true), or accept it with \
             allow_plaintext_password=true"
                .to_owned()
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Config, problem))
    }
}

impl FromStr for Config {
    type Err = Error;

    /// As [`Config::from_url`].
    fn from_str(url: &str) -> Result<Self, Error> {
        Self::from_url(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_says_is_what_is_used() {
        let config = Config::from_url(
            "iotdb://al:s%3Aecret@a,b:7000?connect_timeout=1s&request_timeout=2s&protocol=compact&fetch_size=10\
             &time_zone=%2B08:00&max_frame_bytes=1000&allow_plaintext_password=true",
        )
        .unwrap();
        let text = format!("{config:?}");
        for part in [
            "6667",
            "7000",
            "Some(\"al\")",
            "connect_timeout: 1s",
            "request_timeout: 2s",
            "Compact",
            "fetch_size: 10",
            "+08:00",
            "max_frame_bytes: 1000",
            "allow_plaintext_password: true",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("ecret"), "{text}");
        assert_eq!(config.common.password.unwrap().expose(), "s:ecret");
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (url, expected) in [
            ("iotdb://a/db", "has the path /db"),
            (
                "iotdb://a?protocol=json",
                "protocol=json should be binary or compact",
            ),
            (
                "iotdb://a?fetch_size=many",
                "fetch_size=many should be a number of rows",
            ),
            (
                "iotdb://a?tiemout=5s",
                "unknown option tiemout; known are allow_plaintext_password, connect_timeout",
            ),
            ("cassandra://a", "should begin with iotdb://"),
        ] {
            let error = Config::from_url(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_password_does_not_go_over_the_network_by_default() {
        for private in ["localhost", "127.0.0.1:1", "[::1]:1", "::1"] {
            Config::new(private).check().unwrap();
        }
        let error = Config::new("db.example.com").check().unwrap_err();
        assert!(error.to_string().contains("unencrypted"), "{error}");
        Config::new("db.example.com")
            .allow_plaintext_password(true)
            .check()
            .unwrap();
        #[cfg(feature = "rustls-023")]
        Config::new("db.example.com").with_tls().check().unwrap();
        for wrong in [
            Config::new(":1"),
            Config::new(""),
            Config::new("localhost").with_fetch_size(0),
        ] {
            assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::Config);
        }
    }
}
