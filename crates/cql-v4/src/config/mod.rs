//! How to connect, and how statements are run unless they say otherwise.

mod cluster;

use std::str::FromStr;
use std::time::Duration;

use wire_core::config::Common;
use wire_core::url::{Url, UrlError};

use self::cluster::ClusterConfig;
use crate::codec::{Compression, Version};
use crate::error::{Consistency, Error, ErrorKind};
use crate::limits::{Limits, MAX_STREAMS};

/// Port of CQL where none is named.
const DEFAULT_PORT: u16 = 9042;
/// Schemes of a URL; `scylla` means the same as `cassandra`.
const SCHEMES: [&str; 2] = ["cassandra", "scylla"];
/// Above the server's own timeouts for reads (5 s) and writes (2 s), so that its answers arrive.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows in a page: the number that drivers of this database agree on; some hundred kilobytes of usual rows.
const PAGE_SIZE: u32 = 5_000;
/// Requests in flight on one connection: keeps a server busy without letting one client fill its queues.
const MAX_IN_FLIGHT: u32 = 1_024;

/// Configuration of a [`Client`](crate::Client).
///
/// From code or from a URL:
///
/// ```
/// use std::time::Duration;
/// use cql_v4::Config;
///
/// let config = Config::new("127.0.0.1")
///     .with_credentials("alice", "secret")
///     .with_keyspace("shop")
///     .with_request_timeout(Duration::from_secs(2));
///
/// let same: Config = "cassandra://alice:secret@127.0.0.1/shop?request_timeout=2s".parse()?;
/// assert_eq!(format!("{config:?}"), format!("{same:?}"));
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), cql_v4::Error>(())
/// ```
///
/// | URL part or option | builder | default |
/// | --- | --- | --- |
/// | `host:port,host:port` | [`new`](Self::new), [`with_host`](Self::with_host) | port 9042 |
/// | `user:password@` | [`with_credentials`](Self::with_credentials) | none; see `allow_plaintext_password` |
/// | `/keyspace` | [`with_keyspace`](Self::with_keyspace) | none |
/// | `connect_timeout` | [`with_connect_timeout`](Self::with_connect_timeout) | 5 s |
/// | `request_timeout` | [`with_request_timeout`](Self::with_request_timeout) | 10 s |
/// | `consistency` | [`with_consistency`](Self::with_consistency) | LOCAL_QUORUM |
/// | `serial_consistency` | [`with_serial_consistency`](Self::with_serial_consistency) | the server's: SERIAL |
/// | `page_size` | [`with_page_size`](Self::with_page_size) | 5,000 rows |
/// | `compression` (`lz4`, `snappy`, `none`) | [`with_compression`](Self::with_compression) | none |
/// | `protocol` (`v3`, `v4`, `v5`) | [`with_protocol`](Self::with_protocol) | v4, then what the server speaks |
/// | `max_in_flight` | [`with_max_in_flight`](Self::with_max_in_flight) | 1,024 requests |
/// | `max_frame_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 bytes |
/// | `discovery` | [`with_discovery`](Self::with_discovery) | true |
/// | `local_datacenter` | [`with_local_datacenter`](Self::with_local_datacenter) | that of the first host that answers |
/// | `local_rack` | [`with_local_rack`](Self::with_local_rack) | none |
/// | `connections_per_node` | [`with_connections_per_node`](Self::with_connections_per_node) | 1 |
/// | `heartbeat_interval`, `heartbeat_timeout` | [`with_heartbeat`](Self::with_heartbeat) | 30 s, 5 s |
/// | | [`with_profile`](Self::with_profile) and the other methods | see there |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots |
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) common: Common,
    pub(crate) keyspace: Option<String>,
    pub(crate) consistency: Consistency,
    pub(crate) serial_consistency: Option<Consistency>,
    pub(crate) page_size: u32,
    pub(crate) compression: Option<Compression>,
    pub(crate) protocol: Version,
    pub(crate) max_in_flight: u32,
    pub(crate) allow_plaintext_password: bool,
    pub(crate) limits: Limits,
    pub(crate) cluster: ClusterConfig,
}

impl Config {
    /// One host, `name` or `name:port`; an IPv6 address with a port stands in brackets.
    pub fn new(host: &str) -> Self {
        Self::with_common(Common::new(host, DEFAULT_PORT, REQUEST_TIMEOUT))
    }

    fn with_common(common: Common) -> Self {
        Self {
            common,
            keyspace: None,
            consistency: Consistency::LocalQuorum,
            serial_consistency: None,
            page_size: PAGE_SIZE,
            compression: None,
            protocol: Version::DEFAULT,
            max_in_flight: MAX_IN_FLIGHT,
            allow_plaintext_password: false,
            limits: Limits::DEFAULT,
            cluster: ClusterConfig::default(),
        }
    }

    wire_core::common_config_methods!(DEFAULT_PORT);

    /// From a URL: `cassandra://user:password@host:9042,host2/keyspace?request_timeout=2s`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] says what is wrong and, for an unknown option, which ones there are.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Self::parse(url).map_err(|UrlError(what)| {
            Error::new(ErrorKind::Config, format!("connection URL: {what}"))
        })
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = Url::parse(text, &SCHEMES, DEFAULT_PORT)?;
        let mut config = Self::with_common(Common::take_from(&mut url, REQUEST_TIMEOUT)?);
        config.keyspace = url.path.take();
        if let Some(level) = consistency(&mut url, "consistency")? {
            config.consistency = level;
        }
        config.serial_consistency = consistency(&mut url, "serial_consistency")?;
        if let Some(n) = url.parsed("page_size", "a number of rows")? {
            config.page_size = n;
        }
        config.compression = compression(&mut url)?;
        config.protocol = protocol(&mut url)?;
        if let Some(n) = url.parsed("max_in_flight", "a number of requests")? {
            config.max_in_flight = n;
        }
        if let Some(n) = url.parsed("max_frame_bytes", "a number of bytes")? {
            config.limits.max_frame_bytes = n;
        }
        if let Some(allowed) = url.flag("allow_plaintext_password")? {
            config.allow_plaintext_password = allowed;
        }
        config.cluster.take_from(&mut url)?;
        url.finish()?;
        Ok(config)
    }

    /// Keyspace of unqualified table names, spelled as the server has it: usually lower case.
    #[must_use]
    pub fn with_keyspace(mut self, keyspace: impl Into<String>) -> Self {
        self.keyspace = Some(keyspace.into());
        self
    }

    /// Consistency of statements unless they say otherwise. Default LOCAL_QUORUM.
    #[must_use]
    pub fn with_consistency(mut self, consistency: Consistency) -> Self {
        self.consistency = consistency;
        self
    }

    /// Serial consistency of conditional statements unless they say otherwise. Default: the server's, SERIAL.
    #[must_use]
    pub fn with_serial_consistency(mut self, consistency: Consistency) -> Self {
        self.serial_consistency = Some(consistency);
        self
    }

    /// Rows in a page unless the statement says otherwise. Default 5,000; at least 1.
    #[must_use]
    pub fn with_page_size(mut self, rows: u32) -> Self {
        self.page_size = rows;
        self
    }

    /// Compresses bodies of 1,024 bytes and more, in both directions. Default: no compression.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// The newest protocol version to ask for; older ones follow when the server refuses. Default v4. Asked for v5, a server that lacks it gets v4.
    #[must_use]
    pub fn with_protocol(mut self, newest: Version) -> Self {
        self.protocol = newest;
        self
    }

    /// Requests in flight on a connection; further ones wait. Default 1,024; 1 to 32,767.
    #[must_use]
    pub fn with_max_in_flight(mut self, requests: u32) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// Sends the password even over an unencrypted connection to another machine, where anybody on the way, or
    /// posing as the server, can read it. Default false.
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

    /// Refuses what no connection could be made with.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::new(ErrorKind::Config, what));
        if let Err(what) = self.common.check() {
            return wrong(what);
        }
        if self.page_size == 0 || i32::try_from(self.page_size).is_err() {
            let n = self.page_size;
            return wrong(format!("page_size is {n}; it can be 1 to 2,147,483,647"));
        }
        if !(1..=MAX_STREAMS).contains(&self.max_in_flight) {
            let n = self.max_in_flight;
            return wrong(format!("max_in_flight is {n}; it can be 1 to 32,767"));
        }
        match self.serial_consistency {
            Some(level) if !level.is_serial() => wrong(format!(
                "serial_consistency is {level}; it can be SERIAL or LOCAL_SERIAL"
            )),
            _ => self.cluster.check(),
        }
    }
}

fn consistency(url: &mut Url, name: &'static str) -> Result<Option<Consistency>, UrlError> {
    let Some(text) = url.text(name) else {
        return Ok(None);
    };
    match Consistency::from_name(&text) {
        Some(level) => Ok(Some(level)),
        None => Err(UrlError(format!(
            "option {name}={text} should be a consistency level like local_quorum or one"
        ))),
    }
}

fn compression(url: &mut Url) -> Result<Option<Compression>, UrlError> {
    let Some(text) = url.text("compression") else {
        return Ok(None);
    };
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    if let Some(compression) = Compression::from_name(&text) {
        return Ok(Some(compression));
    }
    let known: Vec<&str> = Compression::ALL.iter().map(|c| c.name()).collect();
    let known = known.join(", ");
    Err(UrlError(format!(
        "option compression={text} should be none or, with the features that are on: {known}"
    )))
}

fn protocol(url: &mut Url) -> Result<Version, UrlError> {
    let Some(text) = url.text("protocol") else {
        return Ok(Version::DEFAULT);
    };
    let number = text.trim_start_matches('v').parse().ok();
    let version = number.and_then(Version::from_number);
    version.ok_or_else(|| UrlError(format!("option protocol={text} should be v3, v4 or v5")))
}

impl FromStr for Config {
    type Err = Error;

    /// As [`Config::from_url`].
    fn from_str(url: &str) -> Result<Self, Error> {
        Self::from_url(url)
    }
}
