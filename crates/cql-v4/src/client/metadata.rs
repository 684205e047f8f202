//! What a client knows of its cluster, and how it fares.

use std::sync::Arc;

use super::Client;
use crate::error::{Error, ErrorKind};
use crate::metrics::Stats;
use crate::policy::Profile;
use crate::routing::Topology;
use crate::schema::quote_identifier;

impl Client {
    /// The nodes of the cluster as they were found last; `None` if the client was told not to look for them.
    pub fn topology(&self) -> Option<Arc<Topology>> {
        self.inner.cluster.state.load().topology.clone()
    }

    /// What the client has done and does: requests, errors by kind, retries, latency. Sets the exported gauges, too, if
    /// the feature `metrics-024` is on.
    pub fn stats(&self) -> Stats {
        let cluster = &self.inner.cluster;
        cluster.metrics.stats(cluster.gauges())
    }

    /// The profile of this name; see [`Config::with_named_profile`](crate::Config::with_named_profile).
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.inner.cluster.config.cluster.profiles.get(name)
    }

    /// Has all connections use this keyspace for names without one, spelled as the server has it. Connections that are
    /// open are replaced; what is in flight on them ends as it would have.
    ///
    /// Names with their keyspace need none of this, and are prepared once instead of once per keyspace.
    ///
    /// # Errors
    /// [`ErrorKind::Server`] if there is no such keyspace; otherwise as [`Self::query`].
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the keyspace may or may not be changed.
    pub async fn use_keyspace(&self, keyspace: &str) -> Result<(), Error> {
        let text = format!("USE {}", quote_identifier(keyspace));
        self.query(text, ()).await.map(drop)
    }

    /// Reads the nodes, and the schema if it is kept, anew. Usually there is no need: the cluster's events see to it.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] if that is not done within the request timeout; [`ErrorKind::Closed`] after
    /// [`Self::close`]; [`ErrorKind::Misuse`] if the client was told not to look for nodes.
    ///
    /// # Cancel safety
    /// Cancel safe: they are read all the same.
    pub async fn refresh(&self) -> Result<(), Error> {
        let cluster = &self.inner.cluster;
        if !cluster.config.cluster.discovery {
            let text =
                "there is nothing to refresh: the client looks for no nodes (discovery=false)";
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        if cluster.is_closed() {
            return Err(Error::new(ErrorKind::Closed, "the client was closed"));
        }
        cluster
            .wanted
            .all(cluster.config.common.request_timeout)
            .await
    }
}
