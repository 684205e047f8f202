//! The one shape that the errors of all protocol crates have.

/// Defines `Error`, `ErrorKind` and `Sent` in the calling crate.
///
/// The types belong to that crate (nothing of this crate shows), while their behaviour is written once: one word
/// wide, a kind to match on, whether the request was sent, the server's refusal if there is one, a source whose text
/// is not repeated. The calling crate has a type `ServerError` in scope that implements `Display`, `Debug`, `Send`
/// and `Sync`.
#[macro_export]
macro_rules! define_error {
    () => {
        /// What went wrong; see [`Error::kind`], [`Error::sent`] and [`Error::server`].
        ///
        /// One word wide. Its text says what happened and to what; the cause, if there is one, is its
        /// [`source`](std::error::Error::source), and is not repeated.
        pub struct Error(Box<ErrorInner>);

        struct ErrorInner {
            kind: ErrorKind,
            sent: Sent,
            text: std::borrow::Cow<'static, str>,
            node: Option<std::sync::Arc<str>>,
            server: Option<ServerError>,
            source: Option<Box<dyn std::error::Error + Send + Sync>>,
        }

        /// Who or what is to blame, for programs that decide by it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            /// The configuration or URL is wrong. Nothing was sent.
            Config,
            /// No endpoint could be connected to: name resolution, refusal, handshake.
            Connect,
            /// TLS could not be set up: certificate, host name, protocol.
            Tls,
            /// The server refused the credentials, or asked for something that is not allowed.
            Auth,
            /// Reading or writing the socket failed.
            Io,
            /// The connection or client was closed.
            Closed,
            /// The deadline passed.
            Timeout,
            /// The server answered with an error; see [`Error::server`].
            Server,
            /// Bytes from the server are not what the protocol says. The connection was closed, unless only the body of
            /// one answer is wrong.
            Decode,
            /// A value cannot be written in the protocol's form. Nothing was sent.
            Encode,
            /// A value has another type than the database's. Nothing was sent, or the answer stays readable.
            Type,
            /// A limit was passed; the text names it.
            Limit,
            /// The server, or this crate, does not support what was asked for.
            Unsupported,
            /// The API was used in a way that its documentation excludes. Nothing was sent.
            Misuse,
        }

        impl ErrorKind {
            /// A short name that stays the same: `error.type` of spans and metrics.
            pub fn name(self) -> &'static str {
                match self {
                    Self::Config => "config",
                    Self::Connect => "connect",
                    Self::Tls => "tls",
                    Self::Auth => "auth",
                    Self::Io => "io",
                    Self::Closed => "closed",
                    Self::Timeout => "timeout",
                    Self::Server => "server",
                    Self::Decode => "decode",
                    Self::Encode => "encode",
                    Self::Type => "type",
                    Self::Limit => "limit",
                    Self::Unsupported => "unsupported",
                    Self::Misuse => "misuse",
                }
            }
        }

        /// Whether the request reached the server, as far as can be known here: is a retry safe?
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Sent {
            /// Not a byte of it left: a retry is safe.
            No,
            /// All or part of it left, and no answer came: it may have been carried out.
            Maybe,
            /// The server answered it.
            Yes,
        }

        impl Error {
            /// An error of `kind` about a request that was not sent.
            #[cold]
            pub(crate) fn new(
                kind: ErrorKind,
                text: impl Into<std::borrow::Cow<'static, str>>,
            ) -> Self {
                Self(Box::new(ErrorInner {
                    kind,
                    sent: Sent::No,
                    text: text.into(),
                    node: None,
                    server: None,
                    source: None,
                }))
            }

            /// The server's refusal of a request.
            #[cold]
            #[allow(
                dead_code,
                reason = "not every feature set of every crate uses each constructor"
            )]
            pub(crate) fn refused(
                kind: ErrorKind,
                text: impl Into<std::borrow::Cow<'static, str>>,
                server: ServerError,
            ) -> Self {
                let mut error = Self::new(kind, text);
                error.0.sent = Sent::Yes;
                error.0.server = Some(server);
                error
            }

            /// Adds the cause.
            #[cold]
            #[must_use]
            #[allow(
                dead_code,
                reason = "not every feature set of every crate uses each constructor"
            )]
            pub(crate) fn with_source(
                mut self,
                source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
            ) -> Self {
                self.0.source = Some(source.into());
                self
            }

            /// Says whether the request was sent.
            #[cold]
            #[must_use]
            #[allow(
                dead_code,
                reason = "not every feature set of every crate uses each constructor"
            )]
            pub(crate) fn with_sent(mut self, sent: Sent) -> Self {
                self.0.sent = sent;
                self
            }

            /// Puts what was being done before the text: `"read row 3"`.
            #[cold]
            #[must_use]
            #[allow(
                dead_code,
                reason = "not every feature set of every crate uses each constructor"
            )]
            pub(crate) fn context(mut self, doing: impl std::fmt::Display) -> Self {
                self.0.text = format!("{doing}: {}", self.0.text).into();
                self
            }

            /// Says which host it is about, in the text too.
            #[cold]
            #[must_use]
            #[allow(
                dead_code,
                reason = "not every feature set of every crate uses each constructor"
            )]
            pub(crate) fn at_node(mut self, node: std::sync::Arc<str>) -> Self {
                self = self.context(&node);
                self.0.node = Some(node);
                self
            }

            /// Who or what is to blame.
            pub fn kind(&self) -> ErrorKind {
                self.0.kind
            }

            /// Whether the request reached the server; [`Sent::No`] makes a retry safe.
            pub fn sent(&self) -> Sent {
                self.0.sent
            }

            /// The server's own error, if it answered with one.
            pub fn server(&self) -> Option<&ServerError> {
                self.0.server.as_ref()
            }

            /// The host that it is about, as it was connected to: `name:port`. `None` where that is not one, or not known.
            pub fn node(&self) -> Option<&str> {
                self.0.node.as_deref()
            }

            /// Whether the deadline passed.
            pub fn is_timeout(&self) -> bool {
                self.0.kind == ErrorKind::Timeout
            }

            /// Whether the connection or the client is gone.
            pub fn is_closed(&self) -> bool {
                matches!(self.0.kind, ErrorKind::Closed | ErrorKind::Io)
            }
        }

        impl std::fmt::Debug for Error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut out = f.debug_struct("Error");
                out.field("kind", &self.0.kind)
                    .field("sent", &self.0.sent)
                    .field("text", &self.0.text);
                if let Some(node) = &self.0.node {
                    out.field("node", node);
                }
                if let Some(server) = &self.0.server {
                    out.field("server", server);
                }
                if let Some(source) = &self.0.source {
                    out.field("source", source);
                }
                out.finish()
            }
        }

        impl std::fmt::Display for Error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0.text)
            }
        }

        impl std::error::Error for Error {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                self.0.source.as_ref().map(|source| {
                    let source: &(dyn std::error::Error + 'static) = source.as_ref();
                    source
                })
            }
        }

        const _: () = assert!(size_of::<Error>() == size_of::<usize>());
    };
}

/// Defines how the calling crate's `Error` (made by [`define_error!`](crate::define_error)) tells what happened to a
/// connection: one place decides which [`Cause`](crate::machine::Cause) is which `ErrorKind` and `Sent`.
///
/// The calling crate's handshake has `Error` as its error type.
#[macro_export]
macro_rules! define_connection_errors {
    () => {
        impl Error {
            /// A request that ended without an answer.
            #[cold]
            pub(crate) fn from_failure(failure: $crate::machine::Failure) -> Self {
                let sent = if failure.sent { Sent::Maybe } else { Sent::No };
                let error = Self::from_cause(failure.cause).with_sent(sent);
                match failure.peer {
                    Some(peer) => error.at_node(peer),
                    None => error,
                }
            }

            /// A connection that cannot be used, before anything was sent.
            #[cold]
            pub(crate) fn from_cause(cause: $crate::machine::Cause) -> Self {
                use $crate::DecodeErrorKind;
                use $crate::machine::Cause;
                let kind = match &cause {
                    Cause::Timeout(_) | Cause::Overloaded(_) => ErrorKind::Timeout,
                    Cause::Closed | Cause::Abandoned | Cause::RuntimeGone => ErrorKind::Closed,
                    Cause::PeerClosed(_) | Cause::Io(_) | Cause::Heartbeat(_) => ErrorKind::Io,
                    Cause::Orphans(_) => ErrorKind::Limit,
                    Cause::Protocol(error) => match error.kind() {
                        DecodeErrorKind::Limit { .. } => ErrorKind::Limit,
                        DecodeErrorKind::Unsupported(_) => ErrorKind::Unsupported,
                        _ => ErrorKind::Decode,
                    },
                };
                let error = Self::new(kind, cause.to_string());
                match cause {
                    Cause::Io(source) => error.with_source(source),
                    Cause::Protocol(source) => error.with_source(source),
                    _ => error,
                }
            }

            /// A request that could not be queued; nothing of it was sent.
            #[cold]
            pub(crate) fn from_request<E: Into<Self>>(error: $crate::net::RequestError<E>) -> Self {
                match error {
                    $crate::net::RequestError::Connection(cause) => Self::from_cause(cause),
                    $crate::net::RequestError::Encode(error) => error.into(),
                }
            }

            /// No host could be connected to. No request was sent, so a retry is always safe.
            #[cold]
            pub(crate) fn from_connect(error: $crate::net::ConnectError<Self>) -> Self {
                use $crate::net::Stage;
                let several = if error.attempts.len() == 1 {
                    " to "
                } else {
                    ": "
                };
                let text = format!("cannot connect{several}{error}");
                let kind = match error.primary() {
                    Some((_, Stage::Handshake(mut error, _))) => {
                        if matches!(error.kind(), ErrorKind::Decode | ErrorKind::Limit) {
                            // Not a server of this database, or not as it was expected.
                            error.0.kind = ErrorKind::Connect;
                        }
                        error.0.text = text.into();
                        return error.with_sent(Sent::No);
                    }
                    Some((_, Stage::Timeout(_))) => ErrorKind::Timeout,
                    #[cfg(feature = "rustls-023")]
                    Some((_, Stage::Tls(_))) => ErrorKind::Tls,
                    _ => ErrorKind::Connect,
                };
                Self::new(kind, text)
            }

            /// A request that has no answer.
            #[cold]
            pub(crate) fn from_ask<E: Into<Self>>(error: $crate::net::AskError<Self, E>) -> Self {
                match error {
                    $crate::net::AskError::Link(error) => Self::from_link(error),
                    $crate::net::AskError::Request(error) => Self::from_request(error),
                    $crate::net::AskError::Failure(failure) => Self::from_failure(failure),
                }
            }

            /// There is no connection.
            #[cold]
            pub(crate) fn from_link(error: $crate::net::LinkError<Self>) -> Self {
                use $crate::net::LinkError;
                match error {
                    LinkError::Connect(error) => error,
                    LinkError::Closed => Self::new(ErrorKind::Closed, "the client was closed"),
                    LinkError::Timeout {
                        timeout,
                        last_error,
                    } => {
                        let last = last_error.map(|last| format!("; the last attempt: {last}"));
                        let text = format!(
                            "no connection within {} ms{}",
                            timeout.as_millis(),
                            last.unwrap_or_default()
                        );
                        Self::new(ErrorKind::Timeout, text)
                    }
                }
            }
        }
    };
}
