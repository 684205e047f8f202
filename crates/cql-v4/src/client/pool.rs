//! The connections to one node.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};
use tracing::Span;
use wire_core::net::{Link, LinkChange, Opener, Pace};
use wire_core::url::Host;

use super::apart::Apart;
use super::clock::later;
use super::connect::{CqlOpening, Live, Wiring};
use super::exchange;
use super::health::Health;
use super::hints::Hints;
use super::shards::{ShardLinks, Shards};
use crate::error::{Error, ErrorKind};
use crate::observe::{self, TARGET};
use crate::routing::{Sharding, Status};
use crate::types::Uuid;

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
    /// For statements that get a connection of their own.
    apart: CqlLink,
    /// Whose turn it is to have that connection.
    apart_turn: tokio::sync::Mutex<()>,
    next: AtomicUsize,
    started: AtomicBool,
    pub(super) health: Arc<Health>,
    /// `None` once the pool is stopped: nothing is kept open any more.
    tasks: Mutex<Option<Vec<AbortHandle>>>,
    pub(super) hints: Hints,
    pub(super) wiring: Arc<Wiring>,
    tls_name: Option<String>,
    shards: Shards,
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
            apart: wiring.link_apart(hosts, tls_name, &pace),
            apart_turn: tokio::sync::Mutex::default(),
            next: AtomicUsize::new(0),
            started: AtomicBool::new(false),
            health: Arc::new(Health::default()),
            tasks: Mutex::new(Some(Vec::new())),
            hints: Hints::default(),
            wiring: Arc::clone(wiring),
            tls_name: tls_name.map(ToOwned::to_owned),
            shards: Shards::default(),
        })
    }

    /// Adds the node to the span of a request.
    #[inline]
    pub(super) fn tell(&self, span: &Span) {
        if let Some(address) = self.address {
            observe::asked(span, address, self.datacenter.get().map(String::as_str));
        }
    }

    /// Says which node it is, and where; it stays where it was found first.
    pub(super) fn is_of(&self, host_id: Uuid, address: SocketAddr, datacenter: &str) {
        self.datacenter.get_or_init(|| datacenter.to_owned());
        self.health.node.get_or_init(|| (host_id, address));
    }

    /// The address of the one node that this is; `None` for several hosts of which one is asked.
    pub(super) fn node(&self) -> Option<&str> {
        self.address.is_some().then_some(&*self.label)
    }

    /// Which node, for errors.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Opens the connections, and keeps them open from now on.
    pub(super) fn start(self: &Arc<Self>) {
        if self.started.swap(true, Ordering::AcqRel) {
            return;
        }
        for link in &self.links {
            self.keep(link);
        }
    }

    /// Keeps a link open with a task of its own, which ends with the pool.
    fn keep(self: &Arc<Self>, link: &Arc<CqlLink>) {
        let (kept, pool) = (Arc::clone(link), Arc::downgrade(self));
        let (health, wiring) = (Arc::clone(&self.health), Arc::clone(&self.wiring));
        let label = self.label.clone();
        let task = tokio::spawn(async move {
            let (limits, timeout) = (wiring.limits, wiring.heartbeat_timeout());
            let probe = |live: Arc<Live>| async move {
                let asked = exchange::ping(&live, limits, timeout).await;
                asked.map_err(|error| error.to_string())
            };
            let mut is_open = false;
            let changed = |change: LinkChange<Error>| {
                is_open = matches!(change, LinkChange::Opened);
                health.saw(change, &label, &wiring);
                if is_open && let (Some(pool), Some(live)) = (pool.upgrade(), kept.open()) {
                    pool.learn_shards(&live);
                }
            };
            kept.keep(wiring.heartbeat, probe, changed).await;
            if is_open {
                health.saw_end(&wiring);
            }
        });
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        match tasks.as_mut() {
            Some(tasks) => tasks.push(task.abort_handle()),
            None => task.abort(),
        }
    }

    /// Opens a connection to each shard, if the node has just said that it has shards and how they are reached; and
    /// closes those to the shards that it had before, if it came back with others.
    fn learn_shards(self: &Arc<Self>, live: &Live) {
        let (Some(sharding), Some(address)) = (live.info.sharding, self.address) else {
            return;
        };
        let Some(port) = self.wiring.port_of_shards(&sharding) else {
            return;
        };
        let host = Host {
            name: address.ip().to_string(),
            port,
        };
        let tls_name = self.tls_name.as_deref();
        let link = |ports, pace: &Pace| self.wiring.link_from(&host, tls_name, ports, pace);
        let before = self.shards.learn(sharding, link, |link| self.keep(link));
        if let Some(before) = before {
            tracing::info!(target: TARGET, { server.address = self.label, shards = sharding.shards }, "node has other shards");
            for link in &before.links {
                stop(link);
            }
        }
    }

    fn all_links(&self) -> Vec<Arc<CqlLink>> {
        let shards = self.shards.now();
        let of_shards = shards.iter().flat_map(|shards| &shards.links);
        self.links.iter().chain(of_shards).cloned().collect()
    }

    /// Whether [`Self::start`] was called.
    pub(super) fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// An open connection, to the shard if the node has shards.
    #[inline]
    pub(super) fn open(&self, shard: Option<u32>) -> Option<Arc<Live>> {
        if let Some(shards) = self.shards.now()
            && let Some(live) = self.open_of(&shards, shard)
        {
            return Some(live);
        }
        match &self.links[..] {
            [only] => self.usable(only),
            links => self.less_busy(links),
        }
    }

    /// The connection to a shard, or to any if none is wanted.
    fn open_of(&self, shards: &ShardLinks, shard: Option<u32>) -> Option<Arc<Live>> {
        match shard.and_then(|shard| usize::try_from(shard).ok()) {
            Some(shard) => self.usable(shards.links.get(shard)?),
            None => self.less_busy(&shards.links),
        }
    }

    /// Of two open connections, the one with fewer requests in flight.
    fn less_busy(&self, links: &[Arc<CqlLink>]) -> Option<Arc<Live>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(links.len()).unwrap_or(0);
        let in_turn = links.iter().cycle().skip(first).take(links.len());
        in_turn
            .filter_map(|link| self.usable(link))
            .take(2)
            .min_by_key(|live| live.handle.in_flight())
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
        let began = Instant::now();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let link = self
            .links
            .iter()
            .cycle()
            .nth(turn.checked_rem(self.links.len()).unwrap_or(0));
        let Some(link) = link else {
            return Err(super::broke_off(
                ErrorKind::Closed,
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

    /// A connection in no keyspace, for one statement. There is one such at a time: who else wants one waits.
    pub(super) async fn apart(&self, timeout: Duration) -> Result<Apart<'_>, Error> {
        let deadline = later(Instant::now(), timeout);
        let Ok(turn) = timeout_at(deadline, self.apart_turn.lock()).await else {
            let text = format!(
                "{}: another USE has been under way for too long",
                self.label
            );
            return Err(Error::new(ErrorKind::Timeout, text));
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let live = self.apart.get(left).await.map_err(Error::from_link)?;
        Ok(Apart::new(live, turn))
    }

    /// Has the next attempt to connect happen now.
    pub(super) fn nudge(&self) {
        for link in self.all_links() {
            link.nudge();
        }
    }

    /// All open connections.
    pub(super) fn all_open(&self) -> impl Iterator<Item = Arc<Live>> + use<> {
        self.all_links().into_iter().filter_map(|link| link.open())
    }

    /// Has every connection replaced, so that it is opened as [`Wiring`] says now.
    pub(super) fn replace_all(&self) {
        for live in self.all_open() {
            live.handle.retire();
        }
    }

    /// Opens no further connections, and begins to close those that are open, which it returns: they are closed as soon as
    /// what is in flight has ended, and after 5 seconds at the latest.
    pub(super) fn stop(&self) -> Vec<Arc<Live>> {
        self.end_tasks();
        let links = self.all_links();
        let links = links.iter().map(|link| &**link).chain([&self.apart]);
        links.filter_map(stop).collect()
    }

    fn end_tasks(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        for task in tasks.take().into_iter().flatten() {
            task.abort();
        }
    }
}

/// Opens no further connection, and begins to close the one that is open.
fn stop(link: &CqlLink) -> Option<Arc<Live>> {
    let live = link.stop()?;
    live.handle.retire();
    Some(live)
}

impl Drop for NodePool {
    fn drop(&mut self) {
        self.end_tasks();
    }
}

impl Status for NodePool {
    fn is_up(&self) -> bool {
        self.health.is_up()
    }

    fn in_flight(&self) -> usize {
        let on = |links: &[Arc<CqlLink>]| -> usize {
            let open = links.iter().filter_map(|link| link.open());
            open.map(|live| live.handle.in_flight()).sum()
        };
        let on_shards = self.shards.now().map_or(0, |shards| on(&shards.links));
        on(&self.links).saturating_add(on_shards)
    }

    fn sharding(&self) -> Option<Sharding> {
        self.shards.now().map(|shards| shards.sharding)
    }
}
