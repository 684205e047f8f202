//! Opening a connection: name, socket, TLS, handshake, under one deadline.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout_at};

use super::dial::{SourcePorts, open, share};
use super::driver::Io;
use crate::RecvBuf;
use crate::machine::{Handshake, Step, recognise};
use crate::url::Host;

/// How to connect.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// For everything: resolving, TCP, TLS and handshake over all hosts.
    pub timeout: Duration,
    /// The local ports to connect from; `None` leaves the choice to the system.
    pub source_ports: Option<SourcePorts>,
    /// TLS, if wanted.
    #[cfg(feature = "tls")]
    pub tls: Option<super::TlsOptions>,
}

impl ConnectOptions {
    /// Without TLS, from any local port.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            source_ports: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// Makes the streams that connections to the hosts of a client run over in tests, instead of sockets: a scripted cluster.
pub type HostPipe = Arc<dyn Fn(&Host) -> io::Result<Box<dyn Io>> + Send + Sync>;

/// Where the streams to hosts come from.
pub(super) enum Dialer<'a> {
    Sockets(&'a ConnectOptions),
    Pipes(&'a HostPipe, Duration),
}

impl Dialer<'_> {
    fn timeout(&self) -> Duration {
        match self {
            Self::Sockets(options) => options.timeout,
            Self::Pipes(_, timeout) => *timeout,
        }
    }

    async fn open<E>(&self, host: &Host, deadline: Instant) -> Result<Box<dyn Io>, Stage<E>> {
        match self {
            Self::Sockets(options) => open(host, options, deadline).await,
            Self::Pipes(pipe, _) => pipe(host).map_err(Stage::Io),
        }
    }
}

/// A socket whose handshake is done.
pub struct Connected<R> {
    /// The socket.
    pub io: Box<dyn Io>,
    /// What arrived behind the handshake.
    pub received: RecvBuf,
    /// What the handshake gave.
    pub ready: R,
    /// The host that answered.
    pub host: Host,
}

impl<R: fmt::Debug> fmt::Debug for Connected<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected")
            .field("host", &self.host)
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}

/// No host could be connected to.
#[derive(Debug)]
pub struct ConnectError<E> {
    /// The failed attempts, in their order; never empty.
    pub attempts: Vec<(Host, Stage<E>)>,
}

/// At which stage an attempt failed, and why.
#[derive(Debug)]
pub enum Stage<E> {
    /// The deadline passed while the named thing was done.
    Timeout(&'static str),
    /// The name has no address.
    Resolve(io::Error),
    /// No TCP connection to this address, the last that was tried.
    Tcp(SocketAddr, io::Error),
    /// TLS failed.
    #[cfg(feature = "tls")]
    Tls(super::TlsError),
    /// Reading or writing failed during the handshake.
    Io(io::Error),
    /// The peer closed the connection during the handshake, after this hint at what it is.
    PeerClosed(Option<&'static str>),
    /// The handshake itself failed; the second value is a hint at what the peer is.
    Handshake(E, Option<&'static str>),
}

impl<E> ConnectError<E> {
    /// The failure that tells most: the first that came from a handshake, else the last.
    pub fn primary(self) -> Option<(Host, Stage<E>)> {
        let mut best = None;
        for attempt in self.attempts {
            if matches!(attempt.1, Stage::Handshake(..)) {
                return Some(attempt);
            }
            best = Some(attempt);
        }
        best
    }
}

impl<E: fmt::Display> fmt::Display for ConnectError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (host, stage)) in self.attempts.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{host}: {stage}")?;
        }
        Ok(())
    }
}

impl<E: fmt::Display> fmt::Display for Stage<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = |f: &mut fmt::Formatter<'_>, hint: &Option<&str>| match hint {
            Some(hint) => write!(f, " (this looks like {hint})"),
            None => Ok(()),
        };
        match self {
            Self::Timeout(doing) => write!(f, "no end of {doing} before the connect timeout"),
            Self::Resolve(error) => write!(f, "the name cannot be resolved: {error}"),
            Self::Tcp(address, error) => write!(f, "no TCP connection to {address}: {error}"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "TLS failed: {error}"),
            Self::Io(error) => write!(f, "the connection broke during the handshake: {error}"),
            Self::PeerClosed(what) => {
                f.write_str("the server closed the connection during the handshake")?;
                hint(f, what)
            }
            Self::Handshake(error, what) => {
                write!(f, "{error}")?;
                hint(f, what)
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for ConnectError<E> {}

/// Times a handshake may ask for a new connection: each step down of a version is one.
const MAX_RECONNECTS: usize = 8;
/// Bytes that a peer may send in a handshake. Real ones stay below a few hundred kilobytes.
const MAX_HANDSHAKE_BYTES: usize = 16 * 1024 * 1024;

/// Connects to the first of `hosts` that answers. Each host gets an equal share of the time that is left, so that one
/// that does not answer cannot use up all of it.
///
/// # Errors
/// [`ConnectError`] lists what happened at each host.
///
/// # Cancel safety
/// Cancel safe: the socket is closed.
pub async fn connect<H: Handshake>(
    hosts: &[Host],
    options: &ConnectOptions,
    begin: impl Fn() -> H,
) -> Result<Connected<H::Ready>, ConnectError<H::Error>> {
    connect_by(hosts, &Dialer::Sockets(options), begin).await
}

/// [`connect()`] over the streams of `dialer`.
pub(super) async fn connect_by<H: Handshake>(
    hosts: &[Host],
    dialer: &Dialer<'_>,
    begin: impl Fn() -> H,
) -> Result<Connected<H::Ready>, ConnectError<H::Error>> {
    let started = Instant::now();
    let mut attempts = Vec::new();
    for (i, host) in hosts.iter().enumerate() {
        let left = dialer.timeout().saturating_sub(started.elapsed());
        let share = share(left, hosts.len().saturating_sub(i));
        let deadline = later(Instant::now(), share);
        let dial = || dialer.open(host, deadline);
        match shake_hands(host, dial, deadline, begin()).await {
            Ok(connected) => return Ok(connected),
            Err(stage) => attempts.push((host.clone(), stage)),
        }
    }
    Err(ConnectError { attempts })
}

/// `now + by`. A day stands for "no limit": a deadline beyond the clock's end must not panic.
pub(super) fn later(now: Instant, by: Duration) -> Instant {
    const DAY: Duration = Duration::from_secs(86_400);
    now.checked_add(by.min(DAY)).unwrap_or(now)
}

/// [`connect()`] over the streams that `pipe` makes instead of sockets; for tests.
///
/// # Errors
/// [`ConnectError`] with one attempt.
///
/// # Cancel safety
/// Cancel safe: the stream is dropped.
pub async fn connect_over<H: Handshake>(
    pipe: &(dyn Fn() -> io::Result<Box<dyn Io>> + Send + Sync),
    timeout: Duration,
    begin: impl FnOnce() -> H,
) -> Result<Connected<H::Ready>, ConnectError<H::Error>> {
    let host = Host {
        name: "pipe".to_owned(),
        port: 0,
    };
    let dial = || std::future::ready(pipe().map_err(Stage::Io));
    let deadline = later(Instant::now(), timeout);
    shake_hands(&host, dial, deadline, begin())
        .await
        .map_err(|stage| ConnectError {
            attempts: vec![(host.clone(), stage)],
        })
}

async fn shake_hands<H: Handshake, F>(
    host: &Host,
    dial: impl Fn() -> F,
    deadline: Instant,
    mut begin: H,
) -> Result<Connected<H::Ready>, Stage<H::Error>>
where
    F: Future<Output = Result<Box<dyn Io>, Stage<H::Error>>>,
{
    for _ in 0..MAX_RECONNECTS {
        let mut io = dial().await?;
        let done = timeout_at(deadline, handshake(&mut *io, begin)).await;
        match done.map_err(|_| Stage::Timeout("the handshake"))?? {
            Handshaken::Ready(ready, received) => {
                return Ok(Connected {
                    io,
                    received,
                    ready,
                    host: host.clone(),
                });
            }
            Handshaken::Reconnect(next) => begin = next,
        }
    }
    Err(Stage::PeerClosed(Some(
        "a server that accepts no version we speak",
    )))
}

/// How a handshake ended well.
#[derive(Debug)]
pub enum Handshaken<H: Handshake> {
    /// It is done; bytes from behind it may have arrived.
    Ready(H::Ready, RecvBuf),
    /// It wants to begin again on a new connection.
    Reconnect(H),
}

/// Runs a handshake on an open socket.
///
/// # Errors
/// [`Stage`] says how far it came. The socket is of no use then.
///
/// # Cancel safety
/// Not cancel safe: the socket is of no use when this is dropped before it is ready.
pub async fn handshake<H: Handshake>(
    io: &mut dyn Io,
    mut state: H,
) -> Result<Handshaken<H>, Stage<H::Error>> {
    let mut out = Vec::new();
    let mut received = RecvBuf::new();
    let mut total = 0_usize;
    let mut hint = None;
    state
        .start(&mut out)
        .map_err(|error| Stage::Handshake(error, None))?;
    loop {
        if !out.is_empty() {
            io.write_all(&out).await.map_err(Stage::Io)?;
            io.flush().await.map_err(Stage::Io)?;
            out.clear();
        }
        let n = std::future::poll_fn(|cx| {
            tokio_util::io::poll_read_buf(Pin::new(&mut *io), cx, received.for_read())
        })
        .await
        .map_err(Stage::Io)?;
        if n == 0 {
            return Err(Stage::PeerClosed(hint));
        }
        if received.consumed() == 0 {
            hint = recognise(received.filled());
        }
        total = total.saturating_add(n);
        if total > MAX_HANDSHAKE_BYTES {
            return Err(Stage::PeerClosed(Some("a server that sends without end")));
        }
        // Several messages may have come at once.
        let mut consumed = None;
        while consumed != Some(received.consumed()) {
            consumed = Some(received.consumed());
            match state.handle_bytes(&mut received, &mut out) {
                // Once it has said something that was understood, no guess at what it is helps.
                Ok(Step::More) if received.consumed() > 0 => hint = None,
                Ok(Step::More) => {}
                Ok(Step::Ready(ready)) => {
                    io.write_all(&out).await.map_err(Stage::Io)?;
                    io.flush().await.map_err(Stage::Io)?;
                    return Ok(Handshaken::Ready(ready, received));
                }
                Ok(Step::Reconnect(next)) => return Ok(Handshaken::Reconnect(next)),
                Err(error) => return Err(Stage::Handshake(error, hint)),
            }
        }
    }
}
