//! Opening connections.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use wire_core::config::Common;
use wire_core::machine::Settings;
use wire_core::net::{self, ConnectError, Handshaken, Io, Stage};
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
    common: Common,
    wishes: Arc<Wishes>,
    settings: Settings,
    /// Instead of sockets, in tests.
    pipe: Option<Pipe>,
}

type Pipe = Box<dyn Fn() -> tokio::io::DuplexStream + Send + Sync>;

impl Connector {
    pub(super) fn new(config: &Config) -> Self {
        let common = &config.common;
        let credentials = common.user.as_ref().map(|user| Credentials {
            user: user.clone(),
            password: common.password.clone().unwrap_or_default(),
            may_be_sent: config.allow_plaintext_password || common.is_private(),
        });
        let wishes = Wishes {
            newest: config.protocol,
            compression: config.compression,
            credentials,
            keyspace: config.keyspace.clone(),
            limits: config.limits,
        };
        Self {
            common: common.clone(),
            wishes: Arc::new(wishes),
            settings: Settings {
                max_in_flight: config.max_in_flight,
                ..Settings::default()
            },
            pipe: None,
        }
    }

    pub(super) fn over(config: &Config, pipe: Pipe) -> Self {
        Self {
            pipe: Some(pipe),
            ..Self::new(config)
        }
    }

    async fn over_pipe(&self, pipe: &Pipe) -> Result<Live, Error> {
        let deadline = Instant::now().checked_add(self.common.connect_timeout);
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
                    return Err(Error::from_connect(ConnectError {
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
        let options = self
            .common
            .connect_options()
            .map_err(|e| Error::new(ErrorKind::Tls, format!("TLS cannot be set up: {e}")))?;
        let begin = || Handshake::new(Arc::clone(&self.wishes));
        let connected = net::connect(&self.common.hosts, &options, begin)
            .await
            .map_err(Error::from_connect)?;
        tracing::debug!(
            target: TARGET,
            host = %connected.host,
            protocol = %connected.ready.session.version,
            "connected"
        );
        Ok(self.spawn(connected.io, connected.ready, connected.received))
    }
}
