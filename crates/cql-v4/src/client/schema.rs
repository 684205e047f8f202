//! Reading the schema, and waiting until the nodes agree on it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::Client;
use super::attempt::no_answer;
use super::clock::later;
use super::cluster::Cluster;
use super::connect::Live;
use super::exchange::{is_unknown_table, pages};
use crate::codec::Version;
use crate::error::Error;
use crate::message::RawValues;
use crate::proto::Session;
use crate::row::Rows;
use crate::schema::{Schema, SchemaFilter, SchemaReader, SchemaVersions, ServerKind, Trace};
use crate::types::Uuid;

/// How long to wait before the nodes are asked again: they need about a second.
const AGREEMENT_PAUSE: Duration = Duration::from_millis(200);
/// How long to wait before a trace is looked for again: servers write it after they have answered.
const TRACE_PAUSE: Duration = Duration::from_millis(100);

/// What kind of server this is, by what it says it supports.
pub(super) fn kind_of(session: &Session) -> ServerKind {
    match session.sharding {
        Some(_) => ServerKind::Scylla,
        None => ServerKind::Cassandra,
    }
}

impl Cluster {
    /// A statement of the client's own, and all of its pages.
    pub(super) async fn own(
        &self,
        live: &Arc<Live>,
        text: &str,
        values: RawValues,
    ) -> Result<Vec<Rows>, Error> {
        let timeout = self.config.common.request_timeout;
        pages(live, self.config.limits, timeout, text, values).await
    }

    /// Reads as much of the schema as `filter` admits.
    pub(super) async fn read_schema(
        &self,
        live: &Arc<Live>,
        filter: &SchemaFilter,
    ) -> Result<Schema, Error> {
        let mut reader = SchemaReader::new(filter.clone(), kind_of(&live.info));
        for query in reader.queries() {
            let values = RawValues::encode(live.info.version, None, &query.values)?;
            match self.own(live, &query.text, values).await {
                Ok(pages) => {
                    for page in &pages {
                        reader.rows(query.table, page)?;
                    }
                }
                Err(error) if SchemaReader::tolerates(query.table, &error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(reader.finish())
    }

    /// Waits until all nodes that are up have the same schema, as this node sees it. `false` if they did not in time.
    pub(super) async fn agree(&self, live: &Arc<Live>) -> bool {
        let timeout = self.config.cluster.schema_agreement_timeout;
        if timeout.is_zero() {
            return true;
        }
        let agreed = async {
            // A node that cannot be asked now may be asked again.
            while !matches!(self.agrees(live).await, Ok(true)) {
                if live.handle.is_closed() {
                    return false;
                }
                sleep(AGREEMENT_PAUSE).await;
            }
            true
        };
        let deadline = later(Instant::now(), timeout);
        timeout_at(deadline, agreed).await.unwrap_or(false)
    }

    async fn agrees(&self, live: &Arc<Live>) -> Result<bool, Error> {
        let none = RawValues::default;
        let local = self.own(live, SchemaVersions::LOCAL, none()).await?;
        let peers = match self.own(live, SchemaVersions::PEERS, none()).await {
            Err(error) if is_unknown_table(&error) => {
                self.own(live, SchemaVersions::PEERS_BEFORE_V2, none())
                    .await?
            }
            peers => peers?,
        };
        let state = self.state.load();
        let is_up = |host_id: Uuid| {
            let topology = state.topology.as_ref();
            // A node that the client does not know, or may not use, cannot be told to be down.
            topology
                .and_then(|topology| topology.node(host_id))
                .is_none_or(|node| node.is_up())
        };
        let (Some(local), Some(peers)) = (local.first(), peers.first()) else {
            return Ok(true);
        };
        Ok(SchemaVersions::read(local, peers)?.agree(is_up))
    }
}

impl Client {
    /// The schema as it was read last; `None` if it is not kept, see [`Config::with_schema`](crate::Config::with_schema).
    pub fn schema(&self) -> Option<Arc<Schema>> {
        self.inner.cluster.schema.load_full()
    }

    /// Reads the schema, or the part of it that `filter` admits, without keeping it. The request timeout holds for each
    /// page of each of the server's tables.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn read_schema(&self, filter: &SchemaFilter) -> Result<Schema, Error> {
        Box::pin(async {
            let cluster = &self.inner.cluster;
            let live = cluster.any(cluster.config.common.request_timeout).await?;
            cluster.read_schema(&live, filter).await
        })
        .await
    }

    /// The trace of a statement that was run with tracing; see [`QueryResult::tracing_id`](crate::QueryResult::tracing_id).
    /// Waits until it is complete, for the request timeout at most; `None` if nothing of it was there by then.
    ///
    /// # Errors
    /// As [`Self::query`].
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn trace(&self, id: Uuid) -> Result<Option<Trace>, Error> {
        Box::pin(async {
            let cluster = &self.inner.cluster;
            let timeout = cluster.config.common.request_timeout;
            let deadline = later(Instant::now(), timeout);
            let live = cluster.any(timeout).await?;
            let mut seen = None;
            let complete = async {
                loop {
                    let trace = read_trace(cluster, &live, id).await?;
                    let is_complete = trace.as_ref().is_some_and(Trace::is_complete);
                    seen = Some(trace);
                    if is_complete {
                        return Ok(());
                    }
                    sleep(TRACE_PAUSE).await;
                }
            };
            match timeout_at(deadline, complete).await {
                Ok(Err(error)) => Err(error),
                Ok(Ok(())) | Err(_) => seen.ok_or_else(|| no_answer(timeout)),
            }
        })
        .await
    }
}

async fn read_trace(cluster: &Cluster, live: &Arc<Live>, id: Uuid) -> Result<Option<Trace>, Error> {
    let values = || RawValues::encode(Version::V4, None, &(id,));
    let session = cluster.own(live, Trace::SESSION, values()?).await?;
    let Some(session) = session.first() else {
        return Ok(None);
    };
    let Some(mut trace) = Trace::read(id, session)? else {
        return Ok(None);
    };
    if trace.is_complete() {
        for page in &cluster.own(live, Trace::EVENTS, values()?).await? {
            trace.add_events(page)?;
        }
    }
    Ok(Some(trace))
}
