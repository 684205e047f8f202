//! How to connect: a builder, or a URL.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use wire_core::config::{Common, Form, take_options};
use wire_core::url::{Url, UrlError};

use crate::codec::ChunkMode;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::proto::{Credentials, SshSigner};

/// Configuration of a [`Client`](crate::Client).
///
/// From code or from a URL:
///
/// ```
/// use std::time::Duration;
/// use ch_native::Config;
///
/// let config = Config::new("db1")
///     .with_host("db2:9001")
///     .with_credentials("reader", "secret")
///     .with_database("stats")
///     .with_request_timeout(Duration::from_secs(30));
///
/// let same: Config = "clickhouse://reader:secret@db1,db2:9001/stats?request_timeout=30s".parse()?;
/// assert_eq!(format!("{config:?}"), format!("{same:?}"));
/// assert!(!format!("{config:?}").contains("secret"));
/// # Ok::<(), ch_native::Error>(())
/// ```
///
/// `Display` writes the URL of a configuration, without the password and without what is at its default.
///
/// | URL part or option | builder | default |
/// | --- | --- | --- |
/// | `host:port,host:port` | [`new`](Self::new), [`with_host`](Self::with_host) | port 9000; 9440 with the scheme `clickhouses` |
/// | `user:password@` | [`with_credentials`](Self::with_credentials) | `default`, no password |
/// | `/database` | [`with_database`](Self::with_database) | the server's choice |
/// | `connect_timeout` | [`with_connect_timeout`](Self::with_connect_timeout) | 5 s |
/// | `request_timeout` | [`with_request_timeout`](Self::with_request_timeout) | 300 s |
/// | – | [`with_jwt`](Self::with_jwt), [`with_ssh_signer`](Self::with_ssh_signer) | login by password |
/// | `compression` (`none`, `checksum`, `lz4`, `zstd`) | [`with_compression`](Self::with_compression) | none |
/// | `zstd_level` (1 to 22) | [`with_zstd_level`](Self::with_zstd_level) | 1 |
/// | `chunked_send`, `chunked_receive` (`chunked`, `notchunked`, either with `_optional`) | [`with_chunked`](Self::with_chunked) | `notchunked_optional` |
/// | `max_revision` | [`with_max_revision`](Self::with_max_revision) | the newest known |
/// | `quota_key` | [`with_quota_key`](Self::with_quota_key) | none |
/// | `client_agent` | [`with_client_agent`](Self::with_client_agent) | none |
/// | – | [`with_setting`](Self::with_setting) | none |
/// | `max_block_bytes` | [`with_limits`](Self::with_limits) | 268,435,456 bytes |
/// | `max_rows_per_block` | [`with_limits`](Self::with_limits) | 1,000,000,000 rows |
/// | `max_columns` | [`with_limits`](Self::with_limits) | 100,000 columns |
/// | `max_name_bytes` | [`with_limits`](Self::with_limits) | 65,536 bytes |
/// | `max_type_bytes` | [`with_limits`](Self::with_limits) | 1,048,576 bytes |
/// | `max_type_depth` | [`with_limits`](Self::with_limits) | 64 levels |
/// | `max_text_bytes` | [`with_limits`](Self::with_limits) | 16,777,216 bytes |
/// | `max_frame_bytes` | [`with_limits`](Self::with_limits) | 134,217,728 bytes |
/// | `max_exception_chain` | [`with_limits`](Self::with_limits) | 32 exceptions |
/// | `allow_plaintext_password` | [`allow_plaintext_password`](Self::allow_plaintext_password) | false |
/// | `tls` (feature `rustls-023`) | [`with_tls`](Self::with_tls) | false; true with the scheme `clickhouses` |
/// | `tls_ca` (feature `rustls-023`) | [`with_tls_ca`](Self::with_tls_ca) | Mozilla's roots |
/// | `tls_server_name` (feature `rustls-023`) | [`with_tls_server_name`](Self::with_tls_server_name) | the host's own |
///
/// The request timeout is the wait for a turn on the connection, and then for each packet of the answer. Its default is
/// ClickHouse's own `receive_timeout`: queries may be silent while they sort or merge, though most servers report
/// progress every 100 ms.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) common: Common,
    pub(crate) database: String,
    pub(crate) quota_key: String,
    pub(crate) client_agent: String,
    /// How to log in instead of by password.
    key: Option<Credentials>,
    pub(crate) compression: Compression,
    pub(crate) zstd_level: i32,
    /// What is wanted of chunks in what is sent, and in what is received.
    pub(crate) chunked: (ChunkMode, ChunkMode),
    pub(crate) max_revision: Option<u64>,
    pub(crate) limits: Limits,
    pub(crate) settings: Vec<(String, String)>,
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
    /// Not compressed, but in frames with a checksum, which finds what was changed on the way.
    Checksum,
    /// LZ4 (feature `lz4`).
    Lz4,
    /// Zstandard (feature `zstd`).
    Zstd,
}

/// The native protocol's registered ports: plain, and with TLS.
const PORT: u16 = 9000;
const TLS_PORT: u16 = 9440;
const SCHEMES: [&str; 2] = ["clickhouse", "clickhouses"];

/// ClickHouse's own `receive_timeout`.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(300);

/// Plain packets, which cost nothing, unless the server wants chunks.
const EITHER: ChunkMode = ChunkMode::NotChunkedOptional;
/// What a URL may say of them.
const CHUNK_MODES: &str = "chunked, notchunked, chunked_optional or notchunked_optional";

impl Config {
    /// One host, `name` or `name:port`; an IPv6 address with a port stands in brackets.
    pub fn new(host: &str) -> Self {
        Self::with_common(Common::new(host, PORT, REQUEST_TIMEOUT))
    }

    fn with_common(common: Common) -> Self {
        Self {
            common,
            database: String::new(),
            quota_key: String::new(),
            client_agent: String::new(),
            key: None,
            compression: Compression::Off,
            zstd_level: crate::codec::compress::ZSTD_LEVEL,
            chunked: (EITHER, EITHER),
            max_revision: None,
            limits: Limits::default(),
            settings: Vec::new(),
        }
    }

    fn parse(text: &str) -> Result<Self, UrlError> {
        let secure = text
            .get(..14)
            .is_some_and(|s| s.eq_ignore_ascii_case("clickhouses://"));
        let port = if secure { TLS_PORT } else { PORT };
        let mut url = Url::parse(text, &SCHEMES, port)?;
        let mut config = Self::with_common(Common::take_from(&mut url, REQUEST_TIMEOUT)?);
        if secure {
            config.common.tls.require()?;
        }
        config.database = url.path.take().unwrap_or_default();
        take_options(&mut config, Self::OPTIONS, &mut url)?;
        url.finish()?;
        Ok(config)
    }

    fn path(&self) -> Option<&str> {
        (!self.database.is_empty()).then_some(self.database.as_str())
    }

    wire_core::common_config_methods!(PORT);

    wire_core::config_options! { config:
        /// Key that quotas may be counted by. Default: empty.
        with_quota_key(key: impl Into<String>) => config.quota_key, "quota_key" as Form::text();
        /// Compression of blocks. Default: off.
        with_compression(compression: Compression) => config.compression, "compression" as Form::<Compression>::parsed("none, checksum, lz4 or zstd");
        /// Level at which blocks are compressed by Zstandard, 1 (fast) to 22 (small). Default 1.
        with_zstd_level(level: i32) => config.zstd_level, "zstd_level" as Form::<i32>::parsed("a level from 1 to 22");
        => config.chunked.0, "chunked_send" as Form::<ChunkMode>::parsed(CHUNK_MODES);
        => config.chunked.1, "chunked_receive" as Form::<ChunkMode>::parsed(CHUNK_MODES);
        /// Name of the program on whose behalf the client asks, for the server's log (since revision 54485). Default: empty.
        with_client_agent(agent: impl Into<String>) => config.client_agent, "client_agent" as Form::text();
        /// Announces at most this protocol revision. Default: [`Revision::MAX`](crate::codec::Revision::MAX).
        with_max_revision(revision: u64) => config.max_revision, "max_revision" as Form::<u64>::parsed("a protocol revision, such as 54460");
        => config.limits.max_block_bytes, "max_block_bytes" as Form::<u64>::parsed("a number of bytes");
        => config.limits.max_rows_per_block, "max_rows_per_block" as Form::<u64>::parsed("a number of rows");
        => config.limits.max_columns, "max_columns" as Form::<u64>::parsed("a number of columns");
        => config.limits.max_name_bytes, "max_name_bytes" as Form::<u64>::parsed("a number of bytes");
        => config.limits.max_type_bytes, "max_type_bytes" as Form::<u64>::parsed("a number of bytes");
        => config.limits.max_type_depth, "max_type_depth" as Form::<u32>::parsed("a number of levels");
        => config.limits.max_text_bytes, "max_text_bytes" as Form::<u64>::parsed("a number of bytes");
        => config.limits.max_frame_bytes, "max_frame_bytes" as Form::<u64>::parsed("a number of bytes");
        => config.limits.max_exception_chain, "max_exception_chain" as Form::<usize>::parsed("a number of exceptions");
    }

    /// Refuses what no connection could be made with, and what this build cannot do.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        self.common
            .check()
            .map_err(|what| Error::new(ErrorKind::Config, what))?;
        let has_secret = match &self.key {
            // What is signed is of no use to who reads it.
            Some(Credentials::Ssh(_)) => false,
            Some(_) => true,
            None => (self.common.password.as_ref()).is_some_and(|p| !p.expose().is_empty()),
        };
        if has_secret && let Err(what) = self.common.check_password() {
            return Err(Error::new(ErrorKind::Auth, what));
        }
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
        self.common
            .connect_timeout
            .saturating_add(Duration::from_millis(50))
    }

    /// Database that unqualified tables are looked for in. Default: the server's choice.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        self.database = database.into();
        self
    }

    /// Whether packets are chunked (since revision 54470), in what this client sends and in what it receives. Chunks
    /// cost a copy and win nothing here, so the default is [`ChunkMode::NotChunkedOptional`] for both: only if the server
    /// insists.
    #[must_use]
    pub fn with_chunked(mut self, sends: ChunkMode, receives: ChunkMode) -> Self {
        self.chunked = (sends, receives);
        self
    }

    /// Logs in by a JSON Web Token, which names the user. Use TLS: who reads it can use it.
    #[must_use]
    pub fn with_jwt(mut self, token: impl Into<String>) -> Self {
        self.key = Some(Credentials::Jwt(token.into().into()));
        self
    }

    /// Logs in as `user` by an SSH key (since revision 54466), with which `signer` signs what the server says.
    #[must_use]
    pub fn with_ssh_signer(
        mut self,
        user: impl Into<String>,
        signer: impl SshSigner + 'static,
    ) -> Self {
        self.common.user = Some(user.into());
        self.key = Some(Credentials::Ssh(Arc::new(signer)));
        self
    }

    /// What the client shows to log in.
    pub(crate) fn credentials(&self) -> Credentials {
        self.key.clone().unwrap_or_else(|| {
            let password = self.common.password.as_ref().map_or("", |p| p.expose());
            Credentials::Password(password.into())
        })
    }

    /// Sends a setting with every query; see [`Query::with_setting`](crate::Query::with_setting) for servers from before
    /// 2020.
    #[must_use]
    pub fn with_setting(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.settings.push((name.into(), value.to_string()));
        self
    }
}

wire_core::config_as_text!(
    /// From a URL: `clickhouse://user:password@host:9000,host2/database?request_timeout=30s`; `clickhouses://` means TLS
    /// and port 9440.
    scheme = SCHEMES[0]
);

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "none",
            Self::Checksum => "checksum",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        })
    }
}

impl FromStr for Compression {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "none" => Ok(Self::Off),
            "checksum" => Ok(Self::Checksum),
            "lz4" => Ok(Self::Lz4),
            "zstd" => Ok(Self::Zstd),
            other => {
                let text = format!(
                    "compression {other} is not known; expected none, checksum, lz4 or zstd"
                );
                Err(Error::new(ErrorKind::Config, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wire_core::config::Tls;

    use super::*;

    #[test]
    fn a_url_says_everything() {
        let config = Config::from_url(
            "clickhouse://u%40x:p%3Aw@a,b:9001,[::1]/db?connect_timeout=500ms&request_timeout=1m&compression=lz4\
             &max_revision=54460&tls_ca=/x.pem",
        )
        .unwrap();
        let hosts: Vec<String> = config
            .common
            .hosts
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(hosts, ["a:9000", "b:9001", "[::1]:9000"]);
        assert_eq!(
            (
                config.common.user.as_deref(),
                config.common.password.as_ref().map(|p| p.expose())
            ),
            (Some("u@x"), Some("p:w"))
        );
        assert_eq!(config.database, "db");
        assert_eq!(config.common.connect_timeout, Duration::from_millis(500));
        assert_eq!(config.common.request_timeout, Duration::from_secs(60));
        assert_eq!(config.compression, Compression::Lz4);
        assert_eq!(config.max_revision, Some(54_460));
        assert!(matches!(config.common.tls, Tls::Ca(_)));
        let secure = Config::from_url("clickhouses://h").unwrap();
        assert_eq!(secure.common.hosts.first().unwrap().port, 9440);
        assert!(matches!(secure.common.tls, Tls::DefaultRoots));
    }

    #[test]
    fn every_option_is_read_and_written() {
        let values = [
            ("connect_timeout", "1s"),
            ("request_timeout", "250ms"),
            ("allow_plaintext_password", "true"),
            ("quota_key", "reports"),
            ("compression", "zstd"),
            ("zstd_level", "9"),
            ("chunked_send", "chunked"),
            ("chunked_receive", "notchunked"),
            ("client_agent", "editor"),
            ("max_revision", "54460"),
            ("max_block_bytes", "3"),
            ("max_rows_per_block", "4"),
            ("max_columns", "5"),
            ("max_name_bytes", "6"),
            ("max_type_bytes", "7"),
            ("max_type_depth", "8"),
            ("max_text_bytes", "9"),
            ("max_frame_bytes", "10"),
            ("max_exception_chain", "11"),
            ("tls_server_name", "db.example.com"),
        ];
        let parse = |url: &str| Config::from_url(url).map_err(|error| error.to_string());
        let docs = include_str!("config.rs");
        wire_core::testing::url_options(
            parse,
            "clickhouse://h:9000",
            Config::OPTIONS,
            &values,
            docs,
        );
    }

    #[test]
    fn a_wrong_url_is_explained_without_the_password() {
        for (url, text) in [
            ("clickhouse://h?timeout=5s", "unknown option timeout"),
            ("clickhouse://h?request_timeout=5", "with a unit"),
            (
                "clickhouse://h?compression=gzip",
                "none, checksum, lz4 or zstd",
            ),
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
