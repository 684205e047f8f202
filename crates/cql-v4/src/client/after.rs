//! What is to be done after a statement was answered, before the caller hears of it.

use std::sync::Arc;

use super::Client;
use super::exchange::{self, Answered};
use super::pool::NodePool;
use super::prepared::Prepared;
use crate::codec::Flags;
use crate::error::{Error, Sent};
use crate::message::Prepare;
use crate::observe::TARGET;
use crate::row::QueryResult;

/// Whether there is anything to do: nearly all statements need nothing.
#[inline]
pub(super) fn is_needed(result: &QueryResult) -> bool {
    result.keyspace().is_some() || result.schema_change().is_some()
}

impl Client {
    /// Waits for what the statement has set going: a keyspace that all connections have to change to, or a schema that
    /// the nodes have to agree on.
    pub(super) async fn after(
        &self,
        answered: Answered,
        result: QueryResult,
    ) -> Result<QueryResult, Error> {
        let cluster = &self.inner.cluster;
        if let Some(keyspace) = result.keyspace() {
            let changed = cluster.change_keyspace(keyspace).await;
            changed.map_err(|error| {
                let done = "the keyspace was changed, but no connection could be opened in it yet";
                error.context(done).with_sent(Sent::Yes)
            })?;
        }
        if result.schema_change().is_some() {
            if !cluster.agree(&answered.live).await {
                tracing::warn!(target: TARGET, "the nodes do not agree on the schema yet");
            }
            // What the next statement is routed by is to be right already; if that fails, events see to it.
            if cluster.config.cluster.discovery {
                let within = cluster.config.cluster.schema_agreement_timeout;
                let _ = cluster.wanted.all(within).await;
            }
        }
        Ok(result)
    }

    /// Has the other nodes prepare a statement as well, in the background: those that fail, or take long, do it when
    /// they are first asked to run it.
    pub(super) fn prepare_elsewhere(
        &self,
        prepared: &Prepared,
        keyspace: Option<&Arc<str>>,
        answered: &Answered,
    ) {
        let cluster = &self.inner.cluster;
        if !cluster.config.cluster.prepare_on_all_nodes {
            return;
        }
        let state = cluster.state.load_full();
        let knows_it = |pool: &&Arc<NodePool>| {
            pool.all_open()
                .any(|live| Arc::ptr_eq(&live, &answered.live))
        };
        let others = state.pools.iter().filter(|pool| !knows_it(pool));
        let others: Vec<_> = others.filter_map(|pool| pool.open(None)).collect();
        if others.is_empty() {
            return;
        }
        let mut request = Prepare::new(Arc::clone(prepared.shared_text()));
        request.keyspace = keyspace.cloned();
        let request = Arc::new(request);
        let (limits, timeout) = (cluster.config.limits, cluster.config.common.request_timeout);
        for live in others {
            let request = Arc::clone(&request);
            tokio::spawn(async move {
                let asked = exchange::ask(&live, limits, timeout, Flags::default(), &*request);
                if let Err(error) = asked.await {
                    tracing::debug!(target: TARGET, %error, "not prepared on a further node");
                }
            });
        }
    }
}
