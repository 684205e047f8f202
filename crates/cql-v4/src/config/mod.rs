//! How to connect, and how statements are run unless they say otherwise.

mod cluster;
mod options;

use std::time::Duration;

use wire_core::config::{Common, take_options};
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
/// `Display` writes the URL of a configuration, without the password and without what is at its default.
///
/// # Settings with a textual form
///
/// Each can be set by a URL. Times are whole numbers with a unit, `ms`, `s` or `m`; flags are `true` or `false`.
///
/// | URL part or option | builder | default | values |
/// | --- | --- | --- | --- |
/// | `host:port,host:port` | [`new`](Self::new), [`with_host`](Self::with_host) | port 9042 | |
/// | `user:password@` | [`with_credentials`](Self::with_credentials) | none | see `allow_plaintext_password` |
/// | `/keyspace` | [`with_keyspace`](Self::with_keyspace) | none | as the server spells it |
/// | `connect_timeout` | [`with_connect_timeout`](Self::with_connect_timeout) | 5 s | time, over all hosts |
/// | `request_timeout` | [`with_request_timeout`](Self::with_request_timeout) | 10 s | time, over all attempts |
/// | `consistency` | [`with_consistency`](Self::with_consistency) | LOCAL_QUORUM | a level, in any case |
/// | `serial_consistency` | [`with_serial_consistency`](Self::with_serial_consistency) | the server's: SERIAL | SERIAL, LOCAL_SERIAL |
/// | `page_size` | [`with_page_size`](Self::with_page_size) | 5,000 | rows, 1 to 2,147,483,647 |
/// | `compression` | [`with_compression`](Self::with_compression) | none | `lz4`, `snappy`, `none` |
/// | `protocol` | [`with_protocol`](Self::with_protocol) | v4, then what the server speaks | `v3`, `v4`, `v5` |
/// | `max_in_flight` | [`with_max_in_flight`](Self::with_max_in_flight) | 1,024 | requests, 1 to 32,767 |
/// | `max_frame_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 | bytes |
/// | `max_depth` | [`with_limits`](Self::with_limits) | 64 | levels of types |
/// | `max_auth_rounds` | [`with_limits`](Self::with_limits) | 8 | rounds |
/// | `discovery` | [`with_discovery`](Self::with_discovery) | true | flag |
/// | `local_datacenter` | [`with_local_datacenter`](Self::with_local_datacenter) | that of the first host that answers | a name |
/// | `local_rack` | [`with_local_rack`](Self::with_local_rack) | none | a name |
/// | `connections_per_node` | [`with_connections_per_node`](Self::with_connections_per_node) | 1 | connections, 1 to 256 |
/// | `shard_awareness` | [`with_shard_awareness`](Self::with_shard_awareness) | true | flag |
/// | `heartbeat_interval` | [`with_heartbeat`](Self::with_heartbeat) | 30 s | time; zero for none |
/// | `heartbeat_timeout` | [`with_heartbeat`](Self::with_heartbeat) | 5 s | time above zero |
/// | `refresh_interval` | [`with_refresh_interval`](Self::with_refresh_interval) | 60 s | time, at least 1 s |
/// | `schema_agreement_timeout` | [`with_schema_agreement_timeout`](Self::with_schema_agreement_timeout) | 10 s | time; zero does not wait |
/// | `schema` | [`with_schema`](Self::with_schema) | not kept | `*`, or keyspaces with commas between them |
/// | `prepared_statements` | [`with_prepared_statements`](Self::with_prepared_statements) | 1,000 | statements; 0 keeps none |
/// | `prepare_on_all_nodes` | [`with_prepare_on_all_nodes`](Self::with_prepare_on_all_nodes) | true | flag |
/// | `max_concurrent` | [`with_throttle`](Self::with_throttle) | no limit | requests, 1 to 536,870,911 |
/// | `max_queued` | [`with_throttle`](Self::with_throttle) | `max_concurrent` | requests; needs `max_concurrent` |
/// | `max_wait` | [`with_throttle`](Self::with_throttle) | 1 s | time; needs `max_concurrent` |
/// | `application_name` | [`with_application`](Self::with_application) | none | a name |
/// | `application_version` | [`with_application`](Self::with_application) | none | a version |
/// | `allowed_authenticators` | [`with_allowed_authenticators`](Self::with_allowed_authenticators) | all | classes with commas between them |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false | flag |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false | flag |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots | path of a PEM file |
/// | `tls_server_name` (feature `rustls-023`) | [`with_tls_server_name`](Self::with_tls_server_name) | each node's own | a name; needs TLS |
///
/// # Settings of code alone
///
/// | builder | default |
/// | --- | --- |
/// | [`with_profile`](Self::with_profile) | retries and load balancing by default, no speculation |
/// | [`with_named_profile`](Self::with_named_profile) | none |
/// | [`with_timestamps`](Self::with_timestamps) | [`MonotonicTimestamps`](crate::policy::MonotonicTimestamps) |
/// | [`with_authenticator`](Self::with_authenticator) | user and password |
/// | [`with_address_translator`](Self::with_address_translator) | addresses as nodes give them |
/// | [`with_host_filter`](Self::with_host_filter) | all nodes |
/// | [`with_tls_config`](Self::with_tls_config) (feature `rustls-023`) | see `tls` |
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
            limits: Limits::DEFAULT,
            cluster: ClusterConfig::default(),
        }
    }

    wire_core::common_config_methods!(DEFAULT_PORT);

    fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = Url::parse(text, &SCHEMES, DEFAULT_PORT)?;
        let mut config = Self::with_common(Common::take_from(&mut url, REQUEST_TIMEOUT)?);
        config.keyspace = url.path.take();
        take_options(&mut config, Self::OPTIONS, &mut url)?;
        url.finish()?;
        Ok(config)
    }

    fn path(&self) -> Option<&str> {
        self.keyspace.as_deref()
    }

    /// Keyspace of unqualified table names, spelled as the server has it: usually lower case.
    #[must_use]
    pub fn with_keyspace(mut self, keyspace: impl Into<String>) -> Self {
        self.keyspace = Some(keyspace.into());
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

wire_core::config_as_text!(
    /// From a URL: `cassandra://user:password@host:9042,host2/keyspace?request_timeout=2s`.
    scheme = SCHEMES[0]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_read_and_written() {
        let values = [
            ("connect_timeout", "1s"),
            ("request_timeout", "250ms"),
            ("allow_plaintext_password", "true"),
            ("consistency", "EACH_QUORUM"),
            ("serial_consistency", "LOCAL_SERIAL"),
            ("page_size", "7"),
            #[cfg(feature = "lz4")]
            ("compression", "lz4"),
            ("protocol", "v5"),
            ("max_in_flight", "8"),
            ("max_frame_bytes", "9"),
            ("max_depth", "10"),
            ("max_auth_rounds", "11"),
            ("discovery", "false"),
            ("local_datacenter", "eu-west"),
            ("local_rack", "r%201"),
            ("connections_per_node", "12"),
            ("shard_awareness", "false"),
            ("heartbeat_interval", "0s"),
            ("heartbeat_timeout", "13s"),
            ("refresh_interval", "1500ms"),
            ("schema_agreement_timeout", "14s"),
            ("schema", "shop,stock"),
            ("prepared_statements", "0"),
            ("prepare_on_all_nodes", "false"),
            ("max_concurrent", "15"),
            ("max_queued", "16"),
            ("max_wait", "17ms"),
            ("application_name", "orders"),
            ("application_version", "1.2"),
            ("allowed_authenticators", "PasswordAuthenticator,Other"),
            ("tls_server_name", "db.example.com"),
        ];
        let parse = |url: &str| Config::from_url(url).map_err(|error| error.to_string());
        let docs = include_str!("mod.rs");
        wire_core::testing::url_options(
            parse,
            "cassandra://h:9042",
            Config::OPTIONS,
            &values,
            docs,
        );
    }
}
