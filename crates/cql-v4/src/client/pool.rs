//! The connections to one node.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};
use tracing::Span;
use wire_core::machine::Cause;
use wire_core::net::{Link, LinkChange, Opener, Pace};
use wire_core::url::Host;

use super::connect::{CqlOpening, Live, Wiring};
use super::exchange;
use crate::error::Error;
use crate::observe::{self, TARGET};
use crate::routing::{Sharding, Status};

/// A connection that is replaced when it breaks.
pub(super) type CqlLink = Link<Opener<CqlOpening>>;

/// The connections to one node, kept open by tasks of their own once [`Self::start`] was called.
pub(super) struct NodePool {
    label: String,
    /// Of a node that was found; a contact point has a name.
    address: Option<SocketAddr>,
    /// Where such a node is.
    datacenter: OnceLock<String>,
    links: Vec<Arc<CqlLink>>,
    next: AtomicUsize,
    started: AtomicBool,
    health: Arc<Health>,
    tasks: Mutex<Vec<AbortHandle>>,
    wiring: Arc<Wiring>,
    sharding: OnceLock<Sharding>,
}

/// What the tasks that keep connections open have seen.
#[derive(Debug, Default)]
struct Health {
    /// Whether an attempt to connect has ended, well or not.
    tried: AtomicBool,
    /// Whether a connection was lost and none was opened since.
    lost: AtomicBool,
    changed: Notify,
    last_error: Mutex<Option<String>>,
}

impl Health {
    fn saw(&self, change: LinkChange<Error>, label: &str, wiring: &Wiring) {
        match change {
            LinkChange::Opened => {
                tracing::debug!(target: TARGET, { server.address = label }, "connection opened");
                if self.lost.swap(false, Ordering::AcqRel) {
                    wiring.metrics.reconnected();
                }
            }
            LinkChange::Lost(cause) => {
                tracing::debug!(target: TARGET, { server.address = label, %cause }, "connection lost");
                self.lost.store(true, Ordering::Release);
            }
            LinkChange::Failed(error) => {
                tracing::warn!(target: TARGET, { server.address = label, %error }, "cannot connect");
                let mut last = self
                    .last_error
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *last = Some(error.to_string());
            }
        }
        self.tried.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }
}

impl fmt::Debug for NodePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodePool")
            .field("label", &self.label)
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}

impl NodePool {
    /// Connections to the first of `hosts` that answers; `tls_name` is the name that its certificate must have, if it
    /// is not the host's own. None is opened yet.
    pub(super) fn new(hosts: &[Host], tls_name: Option<&str>, wiring: &Arc<Wiring>) -> Arc<Self> {
        let label = hosts
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let pace = Pace::default();
        let links = (0..wiring.connections_per_node.get())
            .map(|_| Arc::new(wiring.link(hosts, tls_name, None, &pace)))
            .collect();
        let address = match hosts {
            [host] => host
                .name
                .parse()
                .ok()
                .map(|ip| SocketAddr::new(ip, host.port)),
            _ => None,
        };
        Arc::new(Self {
            label,
            address,
            datacenter: OnceLock::new(),
            links,
            next: AtomicUsize::new(0),
            started: AtomicBool::new(false),
            health: Arc::new(Health::default()),
            tasks: Mutex::new(Vec::new()),
            wiring: Arc::clone(wiring),
            sharding: OnceLock::new(),
        })
    }

    /// Adds the node to the span of a request.
    #[inline]
    pub(super) fn tell(&self, span: &Span) {
        if let Some(address) = self.address {
            observe::asked(span, address, self.datacenter.get().map(String::as_str));
        }
    }

    /// Says where the node is; it stays where it was found first.
    pub(super) fn is_in(&self, datacenter: &str) {
        self.datacenter.get_or_init(|| datacenter.to_owned());
    }

    /// Which node, for errors.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Opens the connections, and keeps them open from now on.
    pub(super) fn start(&self) {
        if self.started.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        for link in &self.links {
            let link = Arc::clone(link);
            let (health, wiring) = (Arc::clone(&self.health), Arc::clone(&self.wiring));
            let label = self.label.clone();
            let task = tokio::spawn(async move {
                let (limits, timeout) = (wiring.limits, wiring.heartbeat_timeout());
                let probe = |live: Arc<Live>| async move {
                    let asked = exchange::ping(&live, limits, timeout).await;
                    asked.map_err(|error| error.to_string())
                };
                let changed = |change| health.saw(change, &label, &wiring);
                link.keep(wiring.heartbeat, probe, changed).await;
            });
            tasks.push(task.abort_handle());
        }
    }

    /// Whether [`Self::start`] was called.
    pub(super) fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// An open connection: of two, the one with fewer requests in flight.
    #[inline]
    pub(super) fn open(&self, _shard: Option<u32>) -> Option<Arc<Live>> {
        match &self.links[..] {
            [only] => self.usable(only),
            links => {
                let turn = self.next.fetch_add(1, Ordering::Relaxed);
                let pair = links
                    .iter()
                    .cycle()
                    .skip(turn.checked_rem(links.len()).unwrap_or(0));
                pair.take(links.len())
                    .filter_map(|link| self.usable(link))
                    .take(2)
                    .min_by_key(|live| live.handle.in_flight())
            }
        }
    }

    #[inline]
    fn usable(&self, link: &CqlLink) -> Option<Arc<Live>> {
        let live = link.open()?;
        if self.wiring.is_current(&live.info) {
            return Some(live);
        }
        // Opened before the keyspace was changed: no new request may use it, those in flight may end.
        live.handle.retire();
        None
    }

    /// An open connection, as soon as there is one.
    pub(super) async fn get(&self, timeout: Duration) -> Result<Arc<Live>, Error> {
        let began = tokio::time::Instant::now();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let link = self
            .links
            .iter()
            .cycle()
            .nth(turn.checked_rem(self.links.len()).unwrap_or(0));
        let Some(link) = link else {
            return Err(super::broke_off(
                crate::ErrorKind::Closed,
                "the node has no connections",
            ));
        };
        loop {
            let left = timeout.saturating_sub(began.elapsed());
            let live = link.get(left).await.map_err(Error::from_link)?;
            if self.wiring.is_current(&live.info) {
                return Ok(live);
            }
            live.handle.retire();
        }
    }

    /// Has the next attempt to connect happen now.
    pub(super) fn nudge(&self) {
        for link in &self.links {
            link.nudge();
        }
    }

    /// Asks each open connection for a sign of life; those that give none are closed.
    pub(super) async fn probe(&self) {
        for live in self.links.iter().filter_map(|link| link.open()) {
            let timeout = self.wiring.heartbeat_timeout();
            if let Err(error) = exchange::ping(&live, self.wiring.limits, timeout).await {
                live.handle.kill(Cause::Heartbeat(error.to_string().into()));
            }
        }
    }

    /// Returns when an attempt to connect has ended, well or not.
    pub(super) async fn tried(&self) {
        loop {
            let changed = self.health.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.health.tried.load(Ordering::Acquire) {
                return;
            }
            changed.await;
        }
    }

    /// What the last attempt to connect failed with.
    pub(super) fn last_error(&self) -> Option<String> {
        let error = self.health.last_error.lock();
        error.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All open connections.
    pub(super) fn all_open(&self) -> impl Iterator<Item = Arc<Live>> + '_ {
        self.links.iter().filter_map(|link| link.open())
    }

    /// Has every connection replaced, so that it is opened as [`Wiring`] says now.
    pub(super) fn replace_all(&self) {
        for live in self.all_open() {
            live.handle.retire();
        }
    }

    /// Closes the connections; requests in flight may end. Takes 5 seconds at most.
    pub(super) async fn close(&self) {
        let mut closing = JoinSet::new();
        for link in &self.links {
            let link = Arc::clone(link);
            closing.spawn(async move { link.close().await });
        }
        closing.join_all().await;
        self.stop();
    }

    fn stop(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        for task in tasks.drain(..) {
            task.abort();
        }
    }
}

impl Drop for NodePool {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Status for NodePool {
    fn is_up(&self) -> bool {
        self.links.iter().any(|link| link.open().is_some())
    }

    fn in_flight(&self) -> usize {
        self.all_open().map(|live| live.handle.in_flight()).sum()
    }

    fn sharding(&self) -> Option<Sharding> {
        self.sharding.get().cloned()
    }
}
