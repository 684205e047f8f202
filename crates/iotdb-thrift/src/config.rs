//! How to connect, and how statements are run.

use std::time::Duration;

use wire_core::config::{Common, Form, take_options};
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
/// `Display` writes the URL of a configuration, without the password and without what is at its default.
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
/// | `max_decoded_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 bytes |
/// | `max_depth` | [`with_limits`](Self::with_limits) | 64 levels |
/// | `max_request_bytes` | [`with_limits`](Self::with_limits) | 67,108,864 bytes |
/// | `max_response_rows` | [`with_limits`](Self::with_limits) | 4,194,304 rows |
/// | `max_columns` | [`with_limits`](Self::with_limits) | 65,536 columns |
/// | `max_result_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 bytes collected by one query |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots |
/// | `tls_server_name` (feature `rustls-023`) | [`with_tls_server_name`](Self::with_tls_server_name) | the host's own |
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) common: Common,
    pub(crate) protocol: Protocol,
    pub(crate) fetch_size: u32,
    pub(crate) time_zone: String,
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
            limits: Limits::default(),
        }
    }

    wire_core::common_config_methods!(DEFAULT_PORT);

    wire_core::config_options! { config:
        /// How messages are spelled. Default binary. It must be what the server is configured for
        /// (`dn_rpc_thrift_compression_enable=true` means compact): nothing is negotiated.
        with_protocol(protocol: Protocol) => config.protocol, "protocol" as protocol();
        /// Rows that a page of a result should have. Default 5,000; at least 1. Servers send whole blocks, so pages have
        /// some rows more.
        with_fetch_size(rows: u32) => config.fetch_size, "fetch_size" as Form::<u32>::parsed("a number of rows");
        /// The time zone in which the server reads times in SQL, a name of the IANA list or an offset like `+08:00`.
        /// Default UTC. Times in results and tablets are numbers and have no zone.
        with_time_zone(zone: impl Into<String>) => config.time_zone, "time_zone" as Form::text();
        => config.limits.max_frame_bytes, "max_frame_bytes" as Form::<usize>::parsed("a number of bytes");
        => config.limits.max_decoded_bytes, "max_decoded_bytes" as Form::<usize>::parsed("a number of bytes");
        => config.limits.max_depth, "max_depth" as Form::<u32>::parsed("a number of levels");
        => config.limits.max_request_bytes, "max_request_bytes" as Form::<usize>::parsed("a number of bytes");
        => config.limits.max_response_rows, "max_response_rows" as Form::<usize>::parsed("a number of rows");
        => config.limits.max_columns, "max_columns" as Form::<usize>::parsed("a number of columns");
        => config.limits.max_result_bytes, "max_result_bytes" as Form::<usize>::parsed("a number of bytes");
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
        take_options(&mut config, Self::OPTIONS, &mut url)?;
        url.finish()?;
        Ok(config)
    }

    /// Sessions have no database in their URL.
    fn path(&self) -> Option<&str> {
        None
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
        } else if let Err(problem) = self.common.check_password() {
            problem.to_owned()
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::Config, problem))
    }
}

fn protocol() -> Form<Protocol> {
    let read = |name: &str| match name {
        "binary" => Some(Protocol::Binary),
        "compact" => Some(Protocol::Compact),
        _ => None,
    };
    let show = |protocol: &Protocol| {
        let name = match protocol {
            Protocol::Binary => "binary",
            Protocol::Compact => "compact",
        };
        Some(name.to_owned())
    };
    Form::new("binary or compact", read, show)
}

wire_core::config_as_text!(
    /// From a URL: `iotdb://user:password@host:6667,host2?request_timeout=2s`.
    scheme = SCHEMES[0]
);

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
    fn every_option_is_read_and_written() {
        let values = [
            ("connect_timeout", "1s"),
            ("request_timeout", "250ms"),
            ("allow_plaintext_password", "true"),
            ("protocol", "compact"),
            ("fetch_size", "3"),
            ("time_zone", "%2B08:00"),
            ("max_frame_bytes", "4"),
            ("max_decoded_bytes", "5"),
            ("max_depth", "6"),
            ("max_request_bytes", "7"),
            ("max_response_rows", "8"),
            ("max_columns", "9"),
            ("max_result_bytes", "10"),
            ("tls_server_name", "db.example.com"),
        ];
        let parse = |url: &str| Config::from_url(url).map_err(|error| error.to_string());
        let docs = include_str!("config.rs");
        wire_core::testing::url_options(parse, "iotdb://h:6667", Config::OPTIONS, &values, docs);
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
        assert!(error.to_string().contains("in clear text"), "{error}");
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
