//! How to connect, and how requests are made unless they say otherwise.

use std::time::Duration;

use wire_core::config::{Common, Form, take_options};
use wire_core::url::{Url, UrlError};

use crate::codec::Features;
use crate::limits::Limits;
use crate::{Error, ErrorKind};

/// Port of the thin client protocol where none is named.
const DEFAULT_PORT: u16 = 10_800;
const SCHEMES: [&str; 1] = ["ignite"];
/// What the official Java client waits since 2.18. Statements may take long, and no server-side limit ends them
/// earlier unless one is set.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Rows or entries in a page: the number that clients of Ignite agree on.
const PAGE_SIZE: u32 = 1_024;
/// Requests in flight on one connection: far more than the server's threads work on at once.
const MAX_IN_FLIGHT: u32 = 1_024;

/// Configuration of a [`Client`](crate::Client).
///
/// From code or from a URL:
///
/// ```
/// use std::time::Duration;
/// use ignite_thin::Config;
///
/// let config = Config::new("127.0.0.1")
///     .with_credentials("ignite", "secret")
///     .with_request_timeout(Duration::from_secs(10));
///
/// let same: Config = "ignite://ignite:secret@127.0.0.1:10800?request_timeout=10s".parse()?;
/// assert_eq!(format!("{config:?}"), format!("{same:?}"));
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), ignite_thin::Error>(())
/// ```
///
/// `Display` writes the URL of a configuration, without the password and without what is at its default.
///
/// | URL part or option | builder | default |
/// | --- | --- | --- |
/// | `host:port,host:port` | [`new`](Self::new), [`with_host`](Self::with_host) | port 10800 |
/// | `user:password@` | [`with_credentials`](Self::with_credentials) | none; see `allow_plaintext_password` |
/// | `/schema` | [`with_schema`](Self::with_schema) | `PUBLIC` |
/// | `connect_timeout` | [`with_connect_timeout`](Self::with_connect_timeout) | 5 s |
/// | `request_timeout` | [`with_request_timeout`](Self::with_request_timeout) | 60 s |
/// | `page_size` | [`with_page_size`](Self::with_page_size) | 1,024 rows or entries |
/// | `max_in_flight` | [`with_max_in_flight`](Self::with_max_in_flight) | 1,024 requests |
/// | `max_frame_bytes` | [`with_limits`](Self::with_limits) | 67,108,864 bytes |
/// | `max_depth` | [`with_limits`](Self::with_limits) | 64 levels of collections |
/// | `max_result_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 bytes collected by one query |
/// | `features` | [`with_features`](Self::with_features) | 2,048: bit 11, heartbeats |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots |
/// | `tls_server_name` (feature `rustls-023`) | [`with_tls_server_name`](Self::with_tls_server_name) | the host's own |
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) common: Common,
    pub(crate) schema: Option<String>,
    pub(crate) page_size: u32,
    pub(crate) max_in_flight: u32,
    pub(crate) features: Features,
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
            schema: None,
            page_size: PAGE_SIZE,
            max_in_flight: MAX_IN_FLIGHT,
            features: Features::SUPPORTED,
            limits: Limits::default(),
        }
    }

    wire_core::common_config_methods!(DEFAULT_PORT);

    wire_core::config_options! { config:
        /// Rows or entries in a page of a query's answer, at least 1. Default: 1,024. A query holds two pages at most.
        with_page_size(rows: u32) => config.page_size, "page_size" as Form::<u32>::parsed("a number of rows");
        /// Requests that may wait for their answers at once, at least 1; further ones wait for their turn. Default: 1,024.
        with_max_in_flight(requests: u32) => config.max_in_flight, "max_in_flight" as Form::<u32>::parsed("a number of requests");
        /// Feature bits to advertise. Default: [`Features::SUPPORTED`], and only bits of it are accepted, since a bit that
        /// is advertised changes messages. Fewer help with servers that use the bits for something else (GridGain).
        with_features(features: Features) => config.features, "features" as features();
        => config.limits.max_frame_bytes, "max_frame_bytes" as Form::<usize>::parsed("a number of bytes");
        => config.limits.max_depth, "max_depth" as Form::<u32>::parsed("a number of levels");
        => config.limits.max_result_bytes, "max_result_bytes" as Form::<usize>::parsed("a number of bytes");
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        let mut url = Url::parse(text, &SCHEMES, DEFAULT_PORT)?;
        let mut config = Self::with_common(Common::take_from(&mut url, REQUEST_TIMEOUT)?);
        config.schema = url.path.take();
        take_options(&mut config, Self::OPTIONS, &mut url)?;
        url.finish()?;
        Ok(config)
    }

    fn path(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The schema of names without one in statements. Default: `PUBLIC`.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// What can only be known when all is set.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::new(ErrorKind::Config, what));
        if let Err(what) = self.common.check() {
            return wrong(what);
        }
        if self.common.user.is_some()
            && let Err(what) = self.common.check_password()
        {
            return Err(Error::new(ErrorKind::Auth, what));
        }
        if !self.features.is_supported() {
            return wrong(format!(
                "features {:#x}: this crate honours bits of {:#x} only",
                self.features.bits(),
                Features::SUPPORTED.bits()
            ));
        }
        if self.page_size == 0 || i32::try_from(self.page_size).is_err() {
            return wrong(format!(
                "page_size is {}, expected 1 to 2147483647",
                self.page_size
            ));
        }
        if self.max_in_flight == 0 {
            return wrong("max_in_flight is 0, expected at least 1".into());
        }
        Ok(())
    }
}

fn features() -> Form<Features> {
    Form::new(
        "a number whose bits are features",
        |bits| bits.parse().ok().map(Features::from_bits),
        |features| Some(features.bits().to_string()),
    )
}

wire_core::config_as_text!(
    /// From a URL: `ignite://user:password@host:10800,host2/schema?request_timeout=2s`.
    scheme = SCHEMES[0]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_read() {
        let config = Config::from_url(
            "ignite://al%40ice:p%3Aw@a,b:19/S?connect_timeout=1s&request_timeout=2s&page_size=3&max_in_flight=4\
             &max_frame_bytes=5&features=0",
        )
        .unwrap();
        let hosts: Vec<String> = config
            .common
            .hosts
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(hosts, ["a:10800", "b:19"]);
        assert_eq!(config.common.user.as_deref(), Some("al@ice"));
        assert_eq!(config.common.password.as_ref().unwrap().expose(), "p:w");
        assert_eq!(config.schema.as_deref(), Some("S"));
        assert_eq!(config.common.connect_timeout, Duration::from_secs(1));
        assert_eq!(config.common.request_timeout, Duration::from_secs(2));
        assert_eq!((config.page_size, config.max_in_flight), (3, 4));
        assert_eq!(config.limits.max_frame_bytes, 5);
        assert_eq!(config.features, Features::NONE);
        assert_eq!(
            config.check().unwrap_err().kind(),
            ErrorKind::Auth,
            "a password in clear text"
        );
        config.allow_plaintext_password(true).check().unwrap();
    }

    #[test]
    fn every_option_is_read_and_written() {
        let values = [
            ("connect_timeout", "1s"),
            ("request_timeout", "250ms"),
            ("allow_plaintext_password", "true"),
            ("page_size", "3"),
            ("max_in_flight", "4"),
            ("features", "0"),
            ("max_frame_bytes", "5"),
            ("max_depth", "6"),
            ("max_result_bytes", "7"),
            ("tls_server_name", "db.example.com"),
        ];
        let parse = |url: &str| Config::from_url(url).map_err(|error| error.to_string());
        let docs = include_str!("config.rs");
        wire_core::testing::url_options(parse, "ignite://h:10800", Config::OPTIONS, &values, docs);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, expected) in [
            (
                "ignite://u:hunter2@a?tiemout=5s",
                "unknown option tiemout; known are allow_plaintext_password, connect_timeout",
            ),
            ("cassandra://u:hunter2@a", "should begin with ignite://"),
            (
                "ignite://u:hunter2@a?page_size=x",
                "option page_size=x should be a number of rows",
            ),
        ] {
            let error = Config::from_url(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        for (config, expected) in [
            (
                Config::new("a").with_features(Features::from_bits(1 << 7)),
                "features 0x80",
            ),
            (Config::new("a").with_page_size(0), "page_size is 0"),
            (Config::new("a").with_max_in_flight(0), "max_in_flight is 0"),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
