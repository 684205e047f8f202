//! Opening connections.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use wire_core::machine::{Abandon, Settings};
use wire_core::net::{
    ConnectOptions, Connected, Connector, Handshaken, Io, Live, Stage, connect, handshake, spawn,
};
use wire_core::url::Host;

use super::failure;
use crate::codec::{Method, Revision};
use crate::config::{Compression, Config};
use crate::error::Error;
use crate::message::{Form, ServerHello, ServerPacket};
use crate::proto::{CANCEL, Handshake, Health, Login, Ready};

/// How long a cancelled query may go on before the connection is closed. Servers look for the cancel every 100 ms, and
/// what they have buffered has to be read; 18.16.1 took up to 1.2 s.
const CANCEL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// What was negotiated on a connection.
#[derive(Debug)]
pub(super) struct Negotiated {
    pub(super) hello: ServerHello,
    pub(super) form: Form,
    pub(super) health: Arc<Health>,
}

pub(super) type ChLive = Live<ServerPacket, Negotiated>;

/// Opens the connections of a client.
pub(super) struct ChConnector {
    config: Arc<Config>,
    way: Way,
}

enum Way {
    Hosts(ConnectOptions),
    /// Streams that the user opens.
    Opener(Opener),
}

/// Opens a stream.
pub(super) type Opener = Box<dyn Fn() -> Opening + Send + Sync>;
type Opening = Pin<Box<dyn Future<Output = io::Result<Box<dyn Io>>> + Send>>;

impl ChConnector {
    pub(super) fn to_hosts(config: Arc<Config>) -> Result<Self, Error> {
        let options = ConnectOptions {
            timeout: config.connect_timeout,
            #[cfg(feature = "rustls-023")]
            tls: tls_options(&config)?,
        };
        Ok(Self {
            config,
            way: Way::Hosts(options),
        })
    }

    pub(super) fn over(opener: Opener, config: Arc<Config>) -> Self {
        Self {
            config,
            way: Way::Opener(opener),
        }
    }

    fn begin(&self) -> Handshake {
        let config = &self.config;
        let max = config.max_revision.map_or(Revision::MAX, Revision::new);
        Handshake::new(Login {
            user: config.user.clone(),
            password: config.password.expose().into(),
            database: config.database.clone(),
            quota_key: config.quota_key.clone(),
            max_revision: max.min(Revision::MAX),
            compression: match config.compression {
                Compression::Off => None,
                Compression::Lz4 => Some(Method::Lz4),
                Compression::Zstd => Some(Method::Zstd),
            },
            limits: config.limits.clone(),
        })
    }

    async fn open(&self) -> Result<Connected<Ready>, Error> {
        match &self.way {
            Way::Hosts(options) => connect(&self.config.hosts, options, || self.begin())
                .await
                .map_err(failure::not_connected),
            Way::Opener(opener) => {
                let timeout = self.config.connect_timeout;
                match tokio::time::timeout(timeout, self.open_with(opener)).await {
                    Ok(result) => {
                        result.map_err(|reason| failure::stage("the given stream", reason))
                    }
                    Err(_) => {
                        let what = Stage::Timeout("opening it and the handshake");
                        Err(failure::stage("the given stream", what))
                    }
                }
            }
        }
    }

    async fn open_with(&self, opener: &Opener) -> Result<Connected<Ready>, Stage<Error>> {
        let mut io = opener().await.map_err(Stage::Io)?;
        match handshake(&mut *io, self.begin()).await? {
            Handshaken::Ready(ready, received) => Ok(Connected {
                io,
                received,
                ready,
                // Nobody asks for it: errors of opened connections do not name their host.
                host: Host {
                    name: "stream".to_owned(),
                    port: 0,
                },
            }),
            // A ClickHouse handshake never asks for another connection.
            Handshaken::Reconnect(_) => Err(Stage::PeerClosed(None)),
        }
    }
}

impl Connector for ChConnector {
    type Item = ServerPacket;
    type Info = Negotiated;
    type Error = Error;

    async fn connect(&self) -> Result<ChLive, Error> {
        let connected = self.open().await?;
        let Ready {
            connection,
            hello,
            form,
            health,
        } = connected.ready;
        let cancel = Abandon::Send(Bytes::from_static(CANCEL));
        let settings = Settings {
            // The protocol knows one query at a time.
            max_in_flight: 1,
            in_order: true,
            on_drop: cancel.clone(),
            on_timeout: cancel,
            max_orphan_age: CANCEL_PATIENCE,
            ..Settings::default()
        };
        let handle = spawn(connected.io, connection, connected.received, settings);
        Ok(Live {
            handle,
            info: Negotiated {
                hello,
                form,
                health,
            },
        })
    }
}

#[cfg(feature = "rustls-023")]
fn tls_options(config: &Config) -> Result<Option<wire_core::net::TlsOptions>, Error> {
    use crate::config::Tls;
    use crate::error::ErrorKind;
    use wire_core::net::TlsOptions;
    let options = match &config.tls {
        Tls::Off => return Ok(None),
        Tls::Roots(None) => TlsOptions::with_default_roots(),
        Tls::Roots(Some(file)) => TlsOptions::with_root_file(file),
        Tls::Custom(config) => Ok(TlsOptions::with_config(Arc::clone(config))),
    };
    options
        .map(Some)
        .map_err(|e| Error::new(ErrorKind::Tls, "TLS cannot be set up").with_source(e))
}
