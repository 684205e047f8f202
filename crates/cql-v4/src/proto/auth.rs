//! How a client proves who it is: SASL mechanisms (native protocol v4, §4.2.3).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use wire_core::Secret;

use crate::message::AuthResponse;

/// Why an [`Authenticator`] cannot go on: the source of an error of kind [`Auth`](crate::ErrorKind::Auth).
pub type AuthFailure = Box<dyn std::error::Error + Send + Sync>;

/// A way to prove who the client is, for servers whose authenticator is not one of user and password.
///
/// ```
/// use bytes::Bytes;
/// use cql_v4::{AuthFailure, AuthSession, Authenticator};
///
/// /// Sends a ticket, whatever the server is.
/// #[derive(Debug)]
/// struct Ticket(&'static [u8]);
///
/// impl Authenticator for Ticket {
///     fn begin(&self, _class: &str) -> Result<Box<dyn AuthSession>, AuthFailure> {
///         Ok(Box::new(Self(self.0)))
///     }
/// }
///
/// impl AuthSession for Ticket {
///     fn initial(&mut self) -> Result<Option<Bytes>, AuthFailure> {
///         Ok(Some(Bytes::from_static(self.0)))
///     }
///
///     fn challenge(&mut self, _: Option<&[u8]>) -> Result<Option<Bytes>, AuthFailure> {
///         Err("a ticket needs no challenge".into())
///     }
/// }
/// ```
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// Begins with a server whose authenticator is this Java class, for one connection.
    ///
    /// # Errors
    /// The mechanism does not fit this server, or its means are not at hand. The connection is closed.
    fn begin(&self, class: &str) -> Result<Box<dyn AuthSession>, AuthFailure>;

    /// Who is to be proved, for the texts of errors; empty if that has no name.
    fn user(&self) -> &str {
        ""
    }

    /// Whether somebody who reads what is sent could pose as the user afterwards, as with passwords in clear text. Then
    /// nothing is sent over an unencrypted connection to another machine, unless that is allowed.
    fn exposes_secret(&self) -> bool {
        false
    }
}

/// The authentication of one connection. It runs on the task that connects, so it must not block.
pub trait AuthSession: Send {
    /// The first token, before any challenge; `None` is the null token.
    ///
    /// # Errors
    /// There is none. The connection is closed.
    fn initial(&mut self) -> Result<Option<Bytes>, AuthFailure>;

    /// The answer to a challenge of the server; `None` is the null token on either side. How many challenges there may
    /// be is limited by [`Limits::max_auth_rounds`](crate::Limits::max_auth_rounds).
    ///
    /// # Errors
    /// The challenge has no answer. The connection is closed.
    fn challenge(&mut self, token: Option<&[u8]>) -> Result<Option<Bytes>, AuthFailure>;

    /// Looks at what the server says at the end, where that proves who the server is.
    ///
    /// # Errors
    /// The server did not prove who it is. The connection is closed.
    fn success(&mut self, token: Option<&[u8]>) -> Result<(), AuthFailure> {
        let _ = token;
        Ok(())
    }
}

/// User and password by SASL PLAIN (RFC 4616): what Cassandra, ScyllaDB and most others have built in. Servers of class
/// `DseAuthenticator` are told the name of the mechanism first.
#[derive(Debug, Clone)]
pub struct PlainAuthenticator {
    user: String,
    password: Secret,
}

impl PlainAuthenticator {
    /// What a `DseAuthenticator` is told first, and what it says to that.
    const MECHANISM: &'static [u8] = b"PLAIN";
    const START: &'static [u8] = b"PLAIN-START";

    /// This user with this password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: Secret::from(password.into()),
        }
    }
}

impl Authenticator for PlainAuthenticator {
    fn begin(&self, class: &str) -> Result<Box<dyn AuthSession>, AuthFailure> {
        Ok(Box::new(Plain {
            response: AuthResponse::plain(&self.user, self.password.expose()),
            names_mechanism: simple_name(class) == "DseAuthenticator",
        }))
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn exposes_secret(&self) -> bool {
        true
    }
}

struct Plain {
    response: AuthResponse,
    names_mechanism: bool,
}

impl AuthSession for Plain {
    fn initial(&mut self) -> Result<Option<Bytes>, AuthFailure> {
        if self.names_mechanism {
            return Ok(Some(Bytes::from_static(PlainAuthenticator::MECHANISM)));
        }
        Ok(self.response.token.clone())
    }

    fn challenge(&mut self, token: Option<&[u8]>) -> Result<Option<Bytes>, AuthFailure> {
        if token == Some(PlainAuthenticator::START) {
            return Ok(self.response.token.clone());
        }
        Err("the server sent a challenge, which the mechanism PLAIN does not have".into())
    }
}

/// A class name without its packages.
fn simple_name(class: &str) -> &str {
    class.rsplit('.').next().unwrap_or(class)
}

/// Whether `class` is one of `allowed`, whose items may be without packages.
pub(super) fn is_allowed(class: &str, allowed: &[String]) -> bool {
    allowed
        .iter()
        .any(|item| item == class || item == simple_name(class))
}

/// How to prove who the client is, and whether that may be done.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub(super) authenticator: Arc<dyn Authenticator>,
    /// Whether a secret may be sent at all: the connection is encrypted, does not leave this machine, or the user said
    /// so.
    pub(super) may_expose_secret: bool,
}

impl Credentials {
    /// By this authenticator. `may_expose_secret` says that nobody reads what is sent, or that it does not matter.
    pub fn new(authenticator: Arc<dyn Authenticator>, may_expose_secret: bool) -> Self {
        Self {
            authenticator,
            may_expose_secret,
        }
    }

    /// User and password, to be sent over any connection.
    pub fn plain(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self::new(Arc::new(PlainAuthenticator::new(user, password)), true)
    }
}
