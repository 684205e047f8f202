//! Opening connections.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use wire_core::machine::Settings;
use wire_core::net::{self, ConnectError, ConnectOptions, Handshaken, Io, Stage};
use wire_core::url::Host;

use crate::codec::Frame;
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::observe::TARGET;
use crate::proto::{Credentials, Handshake, Ready, Session, Wishes};

/// An open connection and what was agreed on.
pub(super) type Live = net::Live<Frame, Session>;

/// Opens the client's connections.
pub(super) struct Connector {
    hosts: Vec<Host>,
    timeout: Duration,
    wishes: Arc<Wishes>,
    settings: Settings,
    #[cfg(feature = "rustls-023")]
    tls: crate::config::Tls,
    /// Instead of sockets, in tests.
    pipe: Option<Pipe>,
}

type Pipe = Box<dyn Fn() -> tokio::io::DuplexStream + Send + Sync>;

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let credentials = config.user.as_ref().map(|user| Credentials {
            user: user.clone(),
            password: config.password.clone().unwrap_or_default(),
            may_be_sent: config.allow_plaintext_password || config.is_private(),
        });
        let wishes = Wishes {
            newest: config.protocol,
            compression: config.compression,
            credentials,
            keyspace: config.keyspace.clone(),
            limits: config.limits,
        };
        Self {
            hosts: config.hosts.clone(),
            timeout: config.connect_timeout,
            wishes: Arc::new(wishes),
            settings: Settings {
                max_in_flight: config.max_in_flight,
                ..Settings::default()
            },
            #[cfg(feature = "rustls-023")]
            tls: config.tls.clone(),
            pipe: None,
        }
    }

    pub(super) fn over(config: &Config, pipe: Pipe) -> Self {
        Self {
            pipe: Some(pipe),
            ..Self::new(config)
        }
    }

    fn options(&self) -> Result<ConnectOptions, Error> {
        Ok(ConnectOptions {
            timeout: self.timeout,
            #[cfg(feature = "rustls-023")]
            tls: self.tls_options()?,
        })
    }

    #[cfg(feature = "rustls-023")]
    fn tls_options(&self) -> Result<Option<net::TlsOptions>, Error> {
        use crate::config::Tls;
        let made = match &self.tls {
            Tls::Off => return Ok(None),
            Tls::Custom(config) => Ok(net::TlsOptions::with_config(Arc::clone(config))),
            Tls::DefaultRoots => net::TlsOptions::with_default_roots(),
            Tls::Ca(path) => net::TlsOptions::with_root_file(path),
        };
        made.map(Some)
            .map_err(|e| Error::new(ErrorKind::Tls, format!("TLS cannot be set up: {e}")))
    }

    async fn over_pipe(&self, pipe: &Pipe) -> Result<Live, Error> {
        let deadline = Instant::now().checked_add(self.timeout);
        let mut machine = Handshake::new(Arc::clone(&self.wishes));
        loop {
            let mut io: Box<dyn Io> = Box::new(pipe());
            let shaking = net::handshake(&mut *io, machine);
            let done = match deadline {
                Some(deadline) => timeout_at(deadline, shaking)
                    .await
                    .unwrap_or(Err(Stage::Timeout("the handshake"))),
                None => shaking.await,
            };
            match done {
                Ok(Handshaken::Ready(ready, received)) => {
                    return Ok(self.spawn(io, ready, received));
                }
                Ok(Handshaken::Reconnect(next)) => machine = next,
                Err(stage) => {
                    let host = Host {
                        name: "pipe".to_owned(),
                        port: 0,
                    };
                    return Err(failed(ConnectError {
                        attempts: vec![(host, stage)],
                    }));
                }
            }
        }
    }

    fn spawn(&self, io: Box<dyn Io>, ready: Ready, received: wire_core::RecvBuf) -> Live {
        let handle = net::spawn(io, ready.connection, received, self.settings.clone());
        Live {
            handle,
            info: ready.session,
        }
    }
}

impl net::Connector for Connector {
    type Item = Frame;
    type Info = Session;
    type Error = Error;

    async fn connect(&self) -> Result<Live, Error> {
        if let Some(pipe) = &self.pipe {
            return self.over_pipe(pipe).await;
        }
        let options = self.options()?;
        let begin = || Handshake::new(Arc::clone(&self.wishes));
        let connected = net::connect(&self.hosts, &options, begin)
            .await
            .map_err(failed)?;
        tracing::debug!(
            target: TARGET,
            host = %connected.host,
            protocol = %connected.ready.session.version,
            "connected"
        );
        Ok(self.spawn(connected.io, connected.ready, connected.received))
    }
}

/// The error of a client that could connect nowhere.
#[cold]
fn failed(error: ConnectError<Error>) -> Error {
    let text = format!("no connection: {error}");
    let Some((host, stage)) = error.primary() else {
        return Error::new(ErrorKind::Connect, text);
    };
    let kind = match stage {
        Stage::Handshake(error, hint) => {
            // What answers in CQL needs no guess at what it is.
            let hint = hint.filter(|_| error.kind() == ErrorKind::Decode);
            let hint = hint.map_or(String::new(), |what| format!(" (this looks like {what})"));
            return error.context(format_args!("{host}{hint}"));
        }
        Stage::Timeout(_) => ErrorKind::Timeout,
        #[cfg(feature = "rustls-023")]
        Stage::Tls(_) => ErrorKind::Tls,
        Stage::Resolve(_) | Stage::Tcp(..) | Stage::Io(_) | Stage::PeerClosed(_) => {
            ErrorKind::Connect
        }
    };
    Error::new(kind, text)
}
