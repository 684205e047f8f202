//! How a client's connections are opened: all of it that is the same for every protocol.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::connect::{
    ConnectError, Connected, Dialer, HostPipe, Stage, connect, connect_by, connect_over,
};
use super::dial::SourcePorts;
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

    /// Changes how one connection behaves by what was negotiated on it, such as the form of a cancel message.
    fn adapt(&self, _: &Self::Info, _: &mut Settings) {}
}

/// Makes the streams that connections run over in tests, instead of sockets.
pub type Pipe = Arc<dyn Fn() -> io::Result<Box<dyn Io>> + Send + Sync>;

/// The [`Connector`] of every protocol crate.
pub struct Opener<O> {
    opening: O,
    common: Common,
    settings: Settings,
    over: Over,
    source_ports: Option<SourcePorts>,
}

/// What connections run over.
enum Over {
    Sockets,
    Pipe(Pipe),
    Hosts(HostPipe),
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
        let over = pipe.map_or(Over::Sockets, Over::Pipe);
        Self::with(opening, common, settings, over)
    }

    /// Opens connections over the streams that `pipe` makes for the hosts of `common`, which are tried in their order;
    /// for tests with several servers.
    pub fn over_hosts(opening: O, common: Common, settings: Settings, pipe: HostPipe) -> Self {
        Self::with(opening, common, settings, Over::Hosts(pipe))
    }

    /// Connects from these local ports only. Streams that are no sockets have none.
    #[must_use]
    pub fn with_source_ports(mut self, ports: SourcePorts) -> Self {
        self.source_ports = Some(ports);
        self
    }

    fn with(opening: O, common: Common, settings: Settings, over: Over) -> Self {
        Self {
            opening,
            common,
            settings,
            over,
            source_ports: None,
        }
    }

    async fn open(&self) -> Result<OpenedBy<O>, ConnectError<O::Error>> {
        let begin = || self.opening.begin();
        let timeout = self.common.connect_timeout;
        match &self.over {
            Over::Sockets => {}
            Over::Pipe(pipe) => return connect_over(&**pipe, timeout, begin).await,
            Over::Hosts(pipe) => {
                let dialer = Dialer::Pipes(pipe, timeout);
                return connect_by(&self.common.hosts, &dialer, begin).await;
            }
        }
        let mut options = self
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
        options.source_ports.clone_from(&self.source_ports);
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
        self.opening.adapt(&info, &mut settings);
        if !matches!(self.over, Over::Pipe(_)) {
            settings.peer = Some(connected.host.to_string().into());
        }
        let handle = spawn(connected.io, protocol, connected.received, settings);
        Ok(Live { handle, info })
    }
}
