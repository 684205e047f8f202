//! How a client's connections are opened: all of it that is the same for every protocol.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::connect::{ConnectError, Connected, Stage, connect, connect_over};
use super::driver::{Io, spawn};
use super::link::{Connector, Live, LiveOf};
use crate::config::Common;
use crate::machine::{Handshake, Protocol, Settings};

/// What a protocol adds to opening a connection.
pub trait Opening: Send + Sync + 'static {
    /// The receiving half of an open connection.
    type Protocol: Protocol;
    /// What was negotiated.
    type Info: fmt::Debug + Send + Sync + 'static;
    /// Why there is no connection.
    type Error: fmt::Display + Send;
    /// The state machine that opens it.
    type Handshake: Handshake<Ready = (Self::Protocol, Self::Info), Error = Self::Error> + Send;

    /// A handshake that has not begun.
    fn begin(&self) -> Self::Handshake;

    /// Turns what happened at each host into the error of a client.
    fn failed(&self, error: ConnectError<Self::Error>) -> Self::Error;
}

/// Makes the streams that connections run over in tests, instead of sockets.
pub type Pipe = Arc<dyn Fn() -> io::Result<Box<dyn Io>> + Send + Sync>;

/// The [`Connector`] of every protocol crate.
pub struct Opener<O> {
    opening: O,
    common: Common,
    settings: Settings,
    pipe: Option<Pipe>,
}

impl<O> fmt::Debug for Opener<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener")
            .field("common", &self.common)
            .finish_non_exhaustive()
    }
}

impl<O: Opening> Opener<O> {
    /// Opens connections to the hosts of `common`, or over `pipe`, and drives them as `settings` say.
    pub fn new(opening: O, common: Common, settings: Settings, pipe: Option<Pipe>) -> Self {
        Self {
            opening,
            common,
            settings,
            pipe,
        }
    }

    async fn open(&self) -> Result<OpenedBy<O>, ConnectError<O::Error>> {
        let begin = || self.opening.begin();
        if let Some(pipe) = &self.pipe {
            return connect_over(&**pipe, self.common.connect_timeout, begin).await;
        }
        let options = self
            .common
            .connect_options()
            .map_err(|error| ConnectError {
                attempts: self
                    .common
                    .hosts
                    .first()
                    .cloned()
                    .map(|host| (host, tls_stage(error)))
                    .into_iter()
                    .collect(),
            })?;
        connect(&self.common.hosts, &options, begin).await
    }
}

type OpenedBy<O> = Connected<(<O as Opening>::Protocol, <O as Opening>::Info)>;

#[cfg(feature = "tls")]
fn tls_stage<E>(error: super::TlsError) -> Stage<E> {
    Stage::Tls(error)
}

#[cfg(not(feature = "tls"))]
fn tls_stage<E>(error: std::convert::Infallible) -> Stage<E> {
    match error {}
}

impl<O: Opening> Connector for Opener<O> {
    type Item = <O::Protocol as Protocol>::Item;
    type Info = O::Info;
    type Error = O::Error;

    async fn connect(&self) -> Result<LiveOf<Self>, O::Error> {
        let connected = self
            .open()
            .await
            .map_err(|error| self.opening.failed(error))?;
        let (protocol, info) = connected.ready;
        tracing::debug!(server.address = %connected.host, negotiated = ?info, "connected");
        let mut settings = self.settings.clone();
        if self.pipe.is_none() {
            settings.peer = Some(connected.host.to_string().into());
        }
        let handle = spawn(connected.io, protocol, connected.received, settings);
        Ok(Live { handle, info })
    }
}
