//! A proxy that stands before a real server and does to its connections what networks do.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

mod forward;

/// What happens to the bytes that go one way. Offsets count from the beginning of each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "never published; tests write down the fields that they mean"
)]
pub struct Faults {
    /// Nothing is forwarded, not even the end of the stream, while the sockets stay: a cable that is unplugged.
    pub stalled: bool,
    /// Each chunk, of up to 16 KiB, waits for so long.
    pub delay: Duration,
    /// Most bytes in a second.
    pub bytes_per_second: Option<u32>,
    /// A read of the receiver ends at this offset: what follows comes some milliseconds later.
    pub split_at: Option<u64>,
    /// The byte at this offset arrives with all its bits inverted.
    pub corrupt_at: Option<u64>,
    /// The stream ends at this offset, as by [`Proxy::cut`].
    pub cut_at: Option<u64>,
    /// The connection is reset at this offset, as by [`Proxy::reset`].
    pub reset_at: Option<u64>,
}

/// How a connection is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Both sides read the end of the stream.
    Cut,
    /// Both sides are told that the connection was reset.
    Reset,
}

/// What the proxy does at the moment.
#[derive(Debug, Clone, Copy)]
struct Plan {
    to_server: Faults,
    to_client: Faults,
    refusing: bool,
    /// How often all connections were broken, and how they were last.
    breaks: u64,
    how: Break,
}

/// A TCP proxy on loopback that forwards to a server, until it is dropped; its faults are switched at run time.
///
/// Real sockets need the clock of the machine: not for [`block_on`](crate::block_on).
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    plan: watch::Sender<Plan>,
    /// What the listening task has come to: whether it refuses.
    listening: watch::Receiver<bool>,
    accepted: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts to forward from a free port to `target`, without faults.
    ///
    /// # Panics
    /// If there is no free port.
    ///
    /// # Cancel safety
    /// Dropping the future starts nothing.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let addr = listener
            .local_addr()
            .expect("a bound socket has an address");
        let (plan, watched) = watch::channel(Plan {
            to_server: Faults::default(),
            to_client: Faults::default(),
            refusing: false,
            breaks: 0,
            how: Break::Cut,
        });
        let (told, listening) = watch::channel(true);
        let accepted = Arc::<AtomicUsize>::default();
        let open = Arc::<AtomicUsize>::default();
        let door = Door {
            addr,
            target,
            plan: watched,
            told,
            accepted: Arc::clone(&accepted),
            open: Arc::clone(&open),
        };
        Self {
            addr,
            plan,
            listening,
            accepted,
            open,
            task: tokio::spawn(door.run(listener)),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Connections accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections that are being forwarded now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// What happens to bytes on their way to the server from now on.
    pub fn to_server(&self, faults: Faults) {
        self.plan.send_modify(|plan| plan.to_server = faults);
    }

    /// What happens to bytes on their way to the client from now on.
    pub fn to_client(&self, faults: Faults) {
        self.plan.send_modify(|plan| plan.to_client = faults);
    }

    /// Forwards nothing in either direction, and keeps all sockets, those of new connections too.
    pub fn stall(&self) {
        let stalled = Faults {
            stalled: true,
            ..Faults::default()
        };
        self.to_server(stalled);
        self.to_client(stalled);
    }

    /// Ends all connections in an orderly way (FIN).
    pub fn cut(&self) {
        self.break_all(Break::Cut);
    }

    /// Resets all connections (RST).
    pub fn reset(&self) {
        self.break_all(Break::Reset);
    }

    /// Refuses new connections; returns when it does. Those that are there stay.
    ///
    /// # Cancel safety
    /// Cancel safe: it refuses all the same.
    pub async fn refuse(&self) {
        self.plan.send_modify(|plan| plan.refusing = true);
        self.wait_for_listening(false).await;
    }

    /// Ends all faults; returns when connections are accepted. What was stalled goes on, what was broken stays broken.
    ///
    /// # Cancel safety
    /// Cancel safe: it heals all the same.
    pub async fn heal(&self) {
        self.plan.send_modify(|plan| {
            plan.to_server = Faults::default();
            plan.to_client = Faults::default();
            plan.refusing = false;
        });
        self.wait_for_listening(true).await;
    }

    fn break_all(&self, how: Break) {
        self.plan.send_modify(|plan| {
            plan.breaks += 1;
            plan.how = how;
        });
    }

    async fn wait_for_listening(&self, wanted: bool) {
        let mut listening = self.listening.clone();
        listening
            .wait_for(|listening| *listening == wanted)
            .await
            .expect("the port can be listened on again");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The listening side.
struct Door {
    addr: SocketAddr,
    target: SocketAddr,
    plan: watch::Receiver<Plan>,
    told: watch::Sender<bool>,
    accepted: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

impl Door {
    async fn run(mut self, listener: TcpListener) {
        // The connections end with this task.
        let mut connections = JoinSet::new();
        let mut listener = Some(listener);
        loop {
            let refusing = self.plan.borrow_and_update().refusing;
            if refusing {
                listener = None;
            } else if listener.is_none() {
                let bound = TcpListener::bind(self.addr).await;
                listener = Some(bound.expect("nobody else took the port meanwhile"));
            }
            self.told.send_replace(!refusing);
            tokio::select! {
                changed = self.plan.changed() => if changed.is_err() { return },
                Ok(stream) = accept(listener.as_ref()) => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    let (target, plan) = (self.target, self.plan.clone());
                    let open = Open::new(&self.open);
                    connections.spawn(async move {
                        let _open = open;
                        // Errors are those of sides that left, which they may.
                        let _ = forward::forward(stream, target, plan).await;
                    });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => Ok(listener.accept().await?.0),
        None => std::future::pending().await,
    }
}

/// Counts a connection while it is there.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
