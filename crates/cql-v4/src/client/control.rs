//! The control connection: finds the nodes, hears of changes, and reads anew what has changed.
//!
//! One connection to one node, for nothing else. When it is lost, another node is asked, and everything is read anew,
//! since events may have been missed meanwhile.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use wire_core::net::{Backoff, LinkError, Pace};
use wire_core::url::Host;

use super::clock::later;
use super::cluster::{Cluster, Found};
use super::connect::Live;
use super::exchange::{self, is_unknown_table};
use super::open::prefer;
use super::pool::NodePool;
use super::schema::kind_of;
use super::wanted::Pass;
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{Event, RawValues, StatusChange};
use crate::observe::TARGET;
use crate::proto::EventSink;
use crate::routing::{KeyspaceInfo, Status, discovery};
use crate::row::Rows;
use crate::schema::ServerKind;

/// Events that may wait to be looked at. More than that are as good as one: everything is read anew.
const EVENTS: usize = 1_024;
/// Events of one cause come in bursts, from several nodes' gossip: what happens within this time is looked at once.
const EVENT_WINDOW: Duration = Duration::from_secs(1);

/// Nodes of a cluster that are read: ten times as many as the largest clusters have. What is kept of each, its connections
/// and its part of the ring, is of the client's making; a server that lists more is broken, or no server.
const MAX_NODES: usize = 10_000;

/// A control connection.
pub(super) struct Control {
    live: Arc<Live>,
    address: SocketAddr,
    events: mpsc::Receiver<Event>,
}

impl Control {
    /// Connects to the first address that answers, and reads everything there; one that cannot be read is of no more
    /// use than one that does not answer. `lost` is where the connection was before: there it is tried at last. Takes no
    /// longer than the connect timeout.
    async fn connect(cluster: &Cluster, lost: Option<SocketAddr>) -> Result<Self, Error> {
        let deadline = later(Instant::now(), cluster.config.common.connect_timeout);
        let mut last = None;
        let addresses = addresses(cluster, deadline, lost).await?;
        for (i, (address, tls_name)) in addresses.iter().enumerate() {
            // Each gets an equal share of the time, so that one that does not answer cannot use up all of it.
            let others = addresses.len().saturating_sub(i).saturating_sub(1);
            let share = share_of(deadline, others);
            let connected = Self::connect_to(cluster, *address, tls_name.as_deref(), share).await;
            let read = match connected {
                // One that does answer is likely to be the one, and there may be much to read.
                Ok(control) => {
                    let within = share_of(deadline, others.min(1));
                    control.read_all(cluster, within).await.map(|()| control)
                }
                Err(error) => Err(error),
            };
            match read {
                Ok(control) => return Ok(control),
                Err(error) => {
                    tracing::debug!(target: TARGET, { server.address = %address, %error }, "no control connection");
                    last = Some(prefer(last, error));
                }
            }
        }
        Err(last.unwrap_or_else(|| Error::new(ErrorKind::Connect, "no host has an address")))
    }

    async fn connect_to(
        cluster: &Cluster,
        address: SocketAddr,
        tls_name: Option<&str>,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let (sender, events) = mpsc::channel(EVENTS);
        let wanted = Arc::clone(&cluster.wanted);
        // Never waits: the connection's own answers come behind the event.
        let sink = EventSink::new(move |event| {
            if sender.try_send(event).is_err() {
                wanted.topology();
                wanted.schema();
            }
        });
        let host = Host {
            name: address.ip().to_string(),
            port: address.port(),
        };
        let link = cluster
            .wiring
            .link(&[host], tls_name, Some(sink), &Pace::default());
        let live = link.get(timeout).await.map_err(|error| match error {
            // Alone among them, this does not name the host.
            LinkError::Timeout { .. } => Error::from_link(error).context(address),
            error => Error::from_link(error),
        })?;
        Ok(Self {
            live,
            address,
            events,
        })
    }

    /// Reads everything, for all who have asked for it so far.
    async fn read_all(&self, cluster: &Cluster, within: Duration) -> Result<(), Error> {
        let mut pass = cluster.wanted.begin();
        (pass.topology, pass.schema) = (true, true);
        self.read(cluster, pass, within).await
    }

    /// Reads what is wanted and hands it to the cluster.
    async fn read(&self, cluster: &Cluster, pass: Pass, within: Duration) -> Result<(), Error> {
        let reading = async {
            if pass.topology {
                cluster.apply(self.discover(cluster).await?)?;
            }
            if pass.schema {
                self.read_schema(cluster).await?;
            }
            Ok(())
        };
        // Whoever accepts connections only to say nothing, or little, must not hold up the rest.
        let Ok(read) = timeout(within, reading).await else {
            let text = format!(
                "{}: what there is to know of the cluster could not be read within {} ms",
                self.address,
                within.as_millis()
            );
            return Err(Error::new(ErrorKind::Timeout, text));
        };
        read?;
        cluster.wanted.end(pass);
        Ok(())
    }

    /// Reads the schema, if it is kept.
    async fn read_schema(&self, cluster: &Cluster) -> Result<(), Error> {
        if let Some(filter) = &cluster.config.cluster.schema {
            let schema = cluster.read_schema(&self.live, filter).await?;
            cluster.schema.store(Some(Arc::new(schema)));
        }
        Ok(())
    }

    async fn rows(&self, cluster: &Cluster, text: &str) -> Result<Vec<Rows>, Error> {
        cluster.own(&self.live, text, RawValues::default()).await
    }

    async fn discover(&self, cluster: &Cluster) -> Result<Found, Error> {
        let local = self.rows(cluster, discovery::LOCAL).await?;
        let peers = match self.rows(cluster, discovery::PEERS_V2).await {
            // Before Cassandra 4.0, and on ScyllaDB, there is the older table alone.
            Err(error) if is_unknown_table(&error) => self.rows(cluster, discovery::PEERS).await?,
            peers => peers?,
        };
        let Some(local) = local.first() else {
            let text = "system.local has no rows";
            return Err(Error::new(ErrorKind::Decode, text));
        };
        let local = discovery::read_local(local, self.address)?;
        let translator = cluster.config.cluster.translator.as_deref();
        let mut others = Vec::new();
        let listed = peers.iter().map(|page| page.len()).sum();
        if listed > MAX_NODES {
            return Err(too_many(listed));
        }
        for page in &peers {
            let peers = discovery::read_peers(page, self.address.port(), translator)?;
            for why in peers.skipped {
                tracing::debug!(target: TARGET, why, "peer passed over");
            }
            others.extend(peers.nodes);
        }
        Ok(Found {
            local_datacenter: local.node.datacenter.clone(),
            nodes: discovery::all_nodes(local.node, others),
            cluster_name: local.cluster_name,
            partitioner: local.partitioner,
            keyspaces: self.keyspaces(cluster).await?,
        })
    }

    /// How the keyspaces are replicated, and on ScyllaDB what else their routing depends on.
    async fn keyspaces(&self, cluster: &Cluster) -> Result<Vec<KeyspaceInfo>, Error> {
        let mut keyspaces = Vec::new();
        for page in &self.rows(cluster, discovery::KEYSPACES).await? {
            keyspaces.extend(discovery::read_keyspaces(page)?);
        }
        if kind_of(&self.live.info) == ServerKind::Scylla {
            type Add = fn(&mut [KeyspaceInfo], &Rows) -> Result<(), Error>;
            let more: [(&str, Add); 2] = [
                (discovery::TABLETS, discovery::add_tablets),
                (discovery::PARTITIONERS, discovery::add_partitioners),
            ];
            for (text, add) in more {
                let pages = match self.rows(cluster, text).await {
                    // Older versions have neither.
                    Err(error) if is_unknown_table(&error) => Vec::new(),
                    pages => pages?,
                };
                for page in &pages {
                    add(&mut keyspaces, page)?;
                }
            }
        }
        Ok(keyspaces)
    }

    /// Serves until the connection is lost.
    async fn serve(&mut self, cluster: &Cluster) {
        let config = &cluster.config.cluster;
        let heartbeat = config.heartbeat();
        let mut refresh_at = later(Instant::now(), jittered(config.refresh_interval));
        // When what has piled up is looked at.
        let mut window: Option<Instant> = None;
        let live = Arc::clone(&self.live);
        loop {
            let now = Instant::now();
            let next_probe = heartbeat.map(|heartbeat| later(now, heartbeat.interval));
            let outcome = tokio::select! {
                () = live.handle.ended() => return,
                event = self.events.recv() => {
                    if let Some(event) = event {
                        heed(cluster, &event);
                    }
                    Ok(())
                }
                at_once = cluster.wanted.something() => {
                    let wait = if at_once { Duration::ZERO } else { EVENT_WINDOW };
                    let at = later(now, wait);
                    window = Some(window.map_or(at, |before| before.min(at)));
                    Ok(())
                }
                () = until(window) => {
                    window = None;
                    self.catch_up(cluster).await
                }
                () = sleep_until(refresh_at) => {
                    refresh_at = later(now, jittered(config.refresh_interval));
                    cluster.wanted.topology();
                    self.catch_up(cluster).await
                }
                () = until(next_probe) => {
                    let timeout = heartbeat.map_or(EVENT_WINDOW, |heartbeat| heartbeat.timeout);
                    exchange::ping(&live, cluster.config.limits, timeout).await
                }
            };
            if let Err(error) = outcome {
                tracing::warn!(target: TARGET, { server.address = %self.address, %error }, "control connection given up");
                return;
            }
        }
    }

    /// Reads anew what is wanted.
    async fn catch_up(&self, cluster: &Cluster) -> Result<(), Error> {
        let within = cluster.config.common.connect_timeout;
        self.read(cluster, cluster.wanted.begin(), within).await
    }
}

/// Opens the first connections, in the connect timeout at most. Returns the task that goes on with the control connection,
/// if there is one.
pub(super) async fn start(cluster: &Arc<Cluster>) -> Result<Option<AbortHandle>, Error> {
    let connect_timeout = cluster.config.common.connect_timeout;
    if !cluster.config.cluster.discovery {
        for pool in &cluster.state.load_full().pools {
            pool.get(connect_timeout).await?;
            pool.start();
        }
        return Ok(None);
    }
    let deadline = later(Instant::now(), connect_timeout);
    let control = Control::connect(cluster, None).await?;
    let state = cluster.state.load_full();
    if let Some(topology) = &state.topology {
        cluster.config.check_datacenter(topology)?;
    }
    let all_tried = async {
        for pool in state.pools.iter().filter(|pool| pool.is_started()) {
            pool.health.tried().await;
        }
    };
    // Whoever has not answered by now may do so later.
    let _ = timeout_at(deadline, all_tried).await;
    if !state.pools.iter().any(|pool| pool.is_up()) {
        return Err(unreachable(&state.pools));
    }
    let task = tokio::spawn(run(Arc::clone(cluster), control));
    Ok(Some(task.abort_handle()))
}

/// Nodes were found, and none of them can be reached.
#[cold]
fn unreachable(pools: &[Arc<NodePool>]) -> Error {
    let mut failed = Vec::new();
    for pool in pools {
        match pool.health.take_last_error() {
            // They were reached, and what is wrong has nothing to do with addresses.
            Some(error) if matches!(error.kind(), ErrorKind::Server | ErrorKind::Auth) => {
                return error;
            }
            Some(error) => failed.push(format!("{}: {error}", pool.label())),
            None => failed.push(format!("{}: not tried", pool.label())),
        }
    }
    let text = format!(
        "none of the nodes that were found can be reached at the address that it gives of itself: {}; an address \
         translator may help, or discovery=false",
        failed.join("; ")
    );
    Error::new(ErrorKind::Connect, text)
}

/// Keeps a control connection, until the task is ended.
async fn run(cluster: Arc<Cluster>, mut control: Control) {
    let mut backoff = Backoff::new();
    loop {
        let began = Instant::now();
        control.serve(&cluster).await;
        if began.elapsed() >= STABLE {
            backoff.succeeded();
        } else {
            // Nodes that end each control connection at once are not asked without a pause.
            sleep(backoff.failed()).await;
        }
        control = loop {
            if cluster.is_closed() {
                return;
            }
            // Everything is read anew: events may have been missed.
            match Control::connect(&cluster, Some(control.address)).await {
                Ok(next) => break next,
                Err(error) => tracing::warn!(target: TARGET, %error, "no control connection"),
            }
            sleep(backoff.failed()).await;
        };
    }
}

#[cold]
fn too_many(listed: usize) -> Error {
    let text = format!(
        "the table of peers lists {listed} nodes; a client works with clusters of up to {MAX_NODES}"
    );
    Error::new(ErrorKind::Limit, text).with_sent(Sent::Yes)
}

/// How long a control connection has to last before the next one is opened without a pause: longer than the longest.
const STABLE: Duration = Duration::from_secs(60);

/// Where a control connection may be opened, with the name that the certificate must have if it is not the address: the
/// nodes that are up, in any order, so that not all clients lean on the same one; then the contact points, whose names
/// are looked up anew. `lost` comes last.
async fn addresses(
    cluster: &Cluster,
    deadline: Instant,
    lost: Option<SocketAddr>,
) -> Result<Vec<(SocketAddr, Option<String>)>, Error> {
    let mut found = Vec::new();
    if let Some(topology) = &cluster.state.load().topology {
        let up = topology.nodes().iter().filter(|node| node.is_up());
        found.extend(up.map(|node| (node.address(), cluster.name_of(node.address().ip()))));
        fastrand::shuffle(&mut found);
    }
    let hosts = &cluster.config.common.hosts;
    let mut failed = None;
    for (i, host) in hosts.iter().enumerate() {
        // Of the time that is left, connecting has a share, too.
        let share = share_of(deadline, hosts.len().saturating_sub(i));
        match resolve(host, share).await {
            Ok(addresses) => {
                let name = host
                    .name
                    .parse::<IpAddr>()
                    .is_err()
                    .then(|| host.name.clone());
                for address in addresses {
                    if let Some(name) = &name {
                        cluster.is_named(address.ip(), name);
                    }
                    found.push((address, name.clone()));
                }
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if found.is_empty() => Err(error),
        _ => {
            let mut seen = HashSet::new();
            found.retain(|(address, _)| seen.insert(*address));
            found.sort_by_key(|(address, _)| Some(*address) == lost);
            Ok(found)
        }
    }
}

/// An equal share of the time that is left, if so many others are to have one, too.
fn share_of(deadline: Instant, others: usize) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    let among = u32::try_from(others.saturating_add(1)).unwrap_or(u32::MAX);
    left.checked_div(among).unwrap_or(left)
}

async fn resolve(host: &Host, within: Duration) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.name.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, host.port)]);
    }
    let looked_up = timeout(within, lookup_host((host.name.as_str(), host.port))).await;
    match looked_up {
        Ok(Ok(addresses)) => Ok(addresses.collect()),
        Ok(Err(error)) => {
            let text = format!("cannot connect to {host}: the name cannot be resolved: {error}");
            Err(Error::new(ErrorKind::Connect, text))
        }
        Err(_) => {
            let text = format!(
                "cannot connect to {host}: no end of name resolution before the connect timeout"
            );
            Err(Error::new(ErrorKind::Timeout, text))
        }
    }
}

/// What an event is a reason for. It is a hint only: no connection is closed because of one.
fn heed(cluster: &Cluster, event: &Event) {
    tracing::debug!(target: TARGET, ?event, "event");
    match event {
        Event::StatusChange {
            change, address, ..
        } => {
            let address = cluster.translate(*address);
            let Some(pool) = cluster.state.load().pool_at(address) else {
                return cluster.wanted.topology();
            };
            match change {
                StatusChange::Up => pool.told_up(),
                _ => pool.told_down(),
            }
        }
        Event::SchemaChange(change) => {
            cluster.forget_tablets(change);
            cluster.wanted.topology();
            cluster.wanted.schema();
        }
        _ => cluster.wanted.topology(),
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Up to a quarter less, so that many clients do not ask at the same time.
fn jittered(interval: Duration) -> Duration {
    let quarter = interval.checked_div(4).unwrap_or(interval);
    interval.saturating_sub(quarter.mul_f64(fastrand::f64()))
}
