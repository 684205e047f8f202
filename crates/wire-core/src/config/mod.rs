//! What the configurations of all protocol crates have in common: hosts, credentials, timeouts, TLS.
//!
//! A protocol crate's `Config` holds a [`Common`] beside its own settings, and gets the builder methods for it from
//! [`common_config_methods!`](crate::common_config_methods), so that they are named and documented alike everywhere.
//! Its own settings are lines of [`config_options!`](crate::config_options).

mod options;

use std::fmt;
use std::time::Duration;

pub use options::{Form, Holds, UrlOption, Written, take_options};

use crate::Secret;
use crate::url::{Host, Url, UrlError};

/// Resolving, TCP, TLS and handshake over all hosts: a server that is up answers in milliseconds, and a user who waits
/// gives up about here.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(not(feature = "tls"))]
const WITHOUT_TLS: &str = "asks for TLS, but the feature rustls-023 is off";

/// Settings that every protocol has.
#[derive(Debug, Clone)]
pub struct Common {
    /// Tried in this order.
    pub hosts: Vec<Host>,
    /// User name.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// For connecting: resolving, TCP, TLS and handshake over all hosts.
    pub connect_timeout: Duration,
    /// For a request, unless it says otherwise.
    pub request_timeout: Duration,
    /// Whether and how TLS is used.
    pub tls: Tls,
    /// The name that the server's certificate must be for, if not that of the host: for hosts that are known by their
    /// addresses, and have certificates for names.
    pub tls_server_name: Option<String>,
    /// Whether the password may go over an unencrypted connection to another machine.
    pub allow_plaintext_password: bool,
}

/// Whether and how TLS is used.
#[derive(Clone, Default)]
pub enum Tls {
    /// Not at all.
    #[default]
    Off,
    /// Trusting Mozilla's roots.
    #[cfg(feature = "tls")]
    DefaultRoots,
    /// Trusting the certificates in this PEM file alone.
    #[cfg(feature = "tls")]
    Ca(std::path::PathBuf),
    /// As the caller says.
    #[cfg(feature = "tls")]
    Custom(std::sync::Arc<rustls::ClientConfig>),
}

impl Common {
    /// One host, `name` or `name:port`, without credentials and TLS.
    pub fn new(host: &str, default_port: u16, request_timeout: Duration) -> Self {
        Self {
            hosts: vec![Host::from_text(host, default_port)],
            user: None,
            password: None,
            connect_timeout: CONNECT_TIMEOUT,
            request_timeout,
            tls: Tls::Off,
            tls_server_name: None,
            allow_plaintext_password: false,
        }
    }

    /// The same hosts with everything else as it is by default.
    #[must_use]
    pub fn usual(&self, request_timeout: Duration) -> Self {
        Self {
            hosts: self.hosts.clone(),
            ..Self::new("", 0, request_timeout)
        }
    }

    crate::config_options! { common:
        => common.connect_timeout, "connect_timeout" as Form::duration();
        => common.request_timeout, "request_timeout" as Form::duration();
        => common.tls_server_name, "tls_server_name" as Form::text();
        => common.allow_plaintext_password, "allow_plaintext_password" as Form::flag();
    }

    /// Takes hosts, credentials and the options that all configurations have out of `url`.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn take_from(url: &mut Url, request_timeout: Duration) -> Result<Self, UrlError> {
        let mut common = Self {
            hosts: std::mem::take(&mut url.hosts),
            user: url.user.take(),
            password: url.password.take(),
            tls: Tls::take_from(url)?,
            ..Self::new("", 0, request_timeout)
        };
        take_options(&mut common, Self::OPTIONS, url)?;
        Ok(common)
    }

    /// Refuses hosts that cannot be connected to, having none, and a name for certificates without TLS.
    ///
    /// # Errors
    /// Which host, and what it should be.
    pub fn check(&self) -> Result<(), String> {
        if self.hosts.is_empty() {
            return Err("there is no host to connect to; name at least one".to_owned());
        }
        let is_wrong = |host: &&Host| host.name.is_empty() || host.port == 0;
        if let Some(host) = self.hosts.iter().find(is_wrong) {
            return Err(format!(
                "host {host} should be name or name:port, with a port of 1 to 65535"
            ));
        }
        match &self.tls_server_name {
            Some(name) if matches!(self.tls, Tls::Off) => Err(format!(
                "tls_server_name is {name}, but TLS is off; turn it on with tls=true"
            )),
            _ => Ok(()),
        }
    }

    /// Whether what is sent can be read by nobody else: it is encrypted, or does not leave this machine.
    pub fn is_private(&self) -> bool {
        !matches!(self.tls, Tls::Off) || self.hosts.iter().all(Host::is_loopback)
    }

    /// Whether a password may be sent: nobody else can read it, or that is allowed.
    pub fn may_send_password(&self) -> bool {
        self.allow_plaintext_password || self.is_private()
    }

    /// Refuses to send a password that others could read, unless that is allowed.
    ///
    /// # Errors
    /// What to do about it.
    pub fn check_password(&self) -> Result<(), &'static str> {
        if self.may_send_password() {
            return Ok(());
        }
        Err(
            "the password would go over the network in clear text; use TLS (tls=true), or allow it with \
             allow_plaintext_password=true",
        )
    }

    /// How to connect.
    ///
    /// # Errors
    /// The root certificates cannot be used.
    #[cfg(feature = "tls")]
    pub fn connect_options(&self) -> Result<crate::net::ConnectOptions, crate::net::TlsError> {
        use crate::net::TlsOptions;
        let tls = match &self.tls {
            Tls::Off => None,
            Tls::DefaultRoots => Some(TlsOptions::with_default_roots()?),
            Tls::Ca(path) => Some(TlsOptions::with_root_file(path)?),
            Tls::Custom(config) => Some(TlsOptions::with_config(std::sync::Arc::clone(config))),
        };
        let tls = match &self.tls_server_name {
            Some(name) => tls.map(|tls| tls.with_server_name(name)),
            None => tls,
        };
        Ok(crate::net::ConnectOptions {
            tls,
            ..crate::net::ConnectOptions::new(self.connect_timeout)
        })
    }

    /// How to connect.
    ///
    /// # Errors
    /// None without TLS.
    #[cfg(all(feature = "net", not(feature = "tls")))]
    pub fn connect_options(&self) -> Result<crate::net::ConnectOptions, std::convert::Infallible> {
        Ok(crate::net::ConnectOptions::new(self.connect_timeout))
    }
}

impl Tls {
    /// Turns TLS on unless it is: for schemes that ask for it.
    ///
    /// # Errors
    /// If this build has no TLS.
    pub fn require(&mut self) -> Result<(), UrlError> {
        #[cfg(feature = "tls")]
        if matches!(self, Self::Off) {
            *self = Self::DefaultRoots;
        }
        #[cfg(not(feature = "tls"))]
        if matches!(self, Self::Off) {
            return Err(UrlError(WITHOUT_TLS.to_owned()));
        }
        Ok(())
    }

    /// The URL option that says it, where one does.
    fn option(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Off => None,
            #[cfg(feature = "tls")]
            Self::DefaultRoots => Some(("tls", true.to_string())),
            #[cfg(feature = "tls")]
            Self::Ca(path) => Some(("tls_ca", path.display().to_string())),
            #[cfg(feature = "tls")]
            Self::Custom(_) => None,
        }
    }

    #[cfg(feature = "tls")]
    fn take_from(url: &mut Url) -> Result<Self, UrlError> {
        match (options::take(url, "tls", Form::flag())?, url.text("tls_ca")) {
            (Some(false), Some(_)) => Err(UrlError(
                "has tls=false and tls_ca: which of the two?".to_owned(),
            )),
            (_, Some(path)) => Ok(Self::Ca(path.into())),
            (Some(true), None) => Ok(Self::DefaultRoots),
            (Some(false) | None, None) => Ok(Self::Off),
        }
    }

    #[cfg(not(feature = "tls"))]
    fn take_from(url: &mut Url) -> Result<Self, UrlError> {
        match (options::take(url, "tls", Form::flag())?, url.text("tls_ca")) {
            (Some(false) | None, None) => Ok(Self::Off),
            _ => Err(UrlError(WITHOUT_TLS.to_owned())),
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            #[cfg(feature = "tls")]
            Self::DefaultRoots => f.write_str("Mozilla's roots"),
            #[cfg(feature = "tls")]
            Self::Ca(path) => write!(f, "roots of {}", path.display()),
            #[cfg(feature = "tls")]
            Self::Custom(_) => f.write_str("custom"),
        }
    }
}

/// Builder methods for the settings of [`Common`](crate::config::Common), and for the crate's `Limits`. Called inside
/// `impl Config`, whose fields `common` and `limits` they are; `$port` is the default port.
#[macro_export]
macro_rules! common_config_methods {
    ($port:expr) => {
        /// A further host, `name` or `name:port`, tried when those before it do not answer. An IPv6 address with a
        /// port stands in brackets.
        #[must_use]
        pub fn with_host(mut self, host: &str) -> Self {
            self.common
                .hosts
                .push($crate::url::Host::from_text(host, $port));
            self
        }

        /// User and password.
        #[must_use]
        pub fn with_credentials(
            mut self,
            user: impl Into<String>,
            password: impl Into<String>,
        ) -> Self {
            self.common.user = Some(user.into());
            self.common.password = Some($crate::Secret::from(password.into()));
            self
        }

        /// How long connecting may take as a whole: names, TCP, TLS and handshakes over all hosts, and whatever the client
        /// has to read before it can be used. Default 5 s.
        #[must_use]
        pub fn with_connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.common.connect_timeout = timeout;
            self
        }

        /// How long a request may take unless it says otherwise. The table above has the default.
        #[must_use]
        pub fn with_request_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.common.request_timeout = timeout;
            self
        }

        /// Sends the password even over an unencrypted connection to another machine, where anybody on the way, or
        /// posing as the server, can read it. Default false: such a connection is refused.
        #[must_use]
        pub fn allow_plaintext_password(mut self, allowed: bool) -> Self {
            self.common.allow_plaintext_password = allowed;
            self
        }

        /// What the server may make this side spend.
        #[must_use]
        pub fn with_limits(mut self, limits: Limits) -> Self {
            self.limits = limits;
            self
        }

        /// TLS that trusts Mozilla's root certificates. The certificate must be for the host's name as it stands here.
        #[cfg(feature = "rustls-023")]
        #[must_use]
        pub fn with_tls(mut self) -> Self {
            self.common.tls = $crate::config::Tls::DefaultRoots;
            self
        }

        /// TLS that trusts the certificates in this PEM file, and no others.
        #[cfg(feature = "rustls-023")]
        #[must_use]
        pub fn with_tls_ca(mut self, pem_file: impl Into<std::path::PathBuf>) -> Self {
            self.common.tls = $crate::config::Tls::Ca(pem_file.into());
            self
        }

        /// TLS as `config` says: client certificates, a verifier of your own.
        #[cfg(feature = "rustls-023")]
        #[must_use]
        pub fn with_tls_config(mut self, config: std::sync::Arc<rustls::ClientConfig>) -> Self {
            self.common.tls = $crate::config::Tls::Custom(config);
            self
        }

        /// The name that the server's certificate must be for, instead of that of the host: for hosts that are known
        /// by their addresses. It needs TLS.
        #[cfg(feature = "rustls-023")]
        #[must_use]
        pub fn with_tls_server_name(mut self, name: impl Into<String>) -> Self {
            self.common.tls_server_name = Some(name.into());
            self
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Common, UrlError> {
        let mut url = Url::parse(text, &["db"], 7)?;
        let common = Common::take_from(&mut url, Duration::from_secs(30))?;
        url.finish()?;
        Ok(common)
    }

    #[test]
    fn a_url_gives_every_common_setting_and_shows_no_password() {
        let common = parse("db://u:hunter2@a,b:8?connect_timeout=1s&request_timeout=2m").unwrap();
        assert_eq!((common.hosts.len(), common.hosts[0].port), (2, 7));
        assert_eq!(common.request_timeout, Duration::from_secs(120));
        let shown = format!("{common:?}");
        assert!(
            shown.contains("<redacted>") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert_eq!(
            parse("db://a").unwrap().request_timeout,
            Duration::from_secs(30)
        );
    }

    #[test]
    fn passwords_stay_private_on_loopback_only() {
        assert!(
            parse("db://127.0.0.1,[::1],localhost")
                .unwrap()
                .is_private()
        );
        assert!(!parse("db://127.0.0.1,example.com").unwrap().is_private());
    }

    #[test]
    fn a_host_that_is_none_is_refused() {
        for text in ["", "a:x", "a:0", ":1"] {
            assert!(
                Common::new(text, 7, CONNECT_TIMEOUT).check().is_err(),
                "{text:?}"
            );
        }
        let mut none = Common::new("a", 7, CONNECT_TIMEOUT);
        none.hosts.clear();
        assert!(none.check().unwrap_err().contains("no host"));
        for (text, expected) in [
            ("a", "a:7"),
            ("a:8", "a:8"),
            ("::1", "[::1]:7"),
            ("[::1]:8", "[::1]:8"),
        ] {
            let common = Common::new(text, 7, CONNECT_TIMEOUT);
            common.check().unwrap();
            assert_eq!(common.hosts[0].to_string(), expected);
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn tls_is_chosen_by_two_options() {
        assert!(matches!(
            parse("db://a?tls=true").unwrap().tls,
            Tls::DefaultRoots
        ));
        assert!(matches!(
            parse("db://a?tls_ca=/x.pem").unwrap().tls,
            Tls::Ca(_)
        ));
        assert!(parse("db://a?tls=false&tls_ca=/x.pem").is_err());
        assert!(parse("db://a?tls=true").unwrap().is_private());
        assert!(
            parse("db://a?tls_ca=/nonexistent.pem")
                .unwrap()
                .connect_options()
                .is_err()
        );
    }
}
