//! Where the tablets of ScyllaDB are: taken from answers, and forgotten with their tables.

use super::cluster::Cluster;
use super::exchange::Answered;
use super::request::Request;
use crate::message::SchemaChange;
use crate::observe::TARGET;
use crate::routing::{Learned, TABLET_PAYLOAD};

impl Cluster {
    /// Learns from the answer to a request that went to the wrong place where its tablet is, so that the next one goes
    /// to the right one. Whatever is wrong with it, the answer is good.
    #[cold]
    pub(super) fn learn_tablet(&self, request: &Request<'_>, answered: &Answered) {
        let state = self.state.load();
        let changed = request.changed_keyspace();
        let routing = request.routing(None, changed.as_deref());
        let (Some(topology), Some(keyspace), Some(table)) =
            (&state.topology, routing.keyspace, routing.table)
        else {
            return;
        };
        let extras = answered
            .decode(None)
            .ok()
            .and_then(|response| response.extras);
        let payload = extras.into_iter().flat_map(|extras| extras.custom_payload);
        let tablet = payload
            .filter(|(key, _)| key == TABLET_PAYLOAD)
            .find_map(|(_, value)| value);
        let Some(tablet) = tablet else {
            return;
        };
        match topology.tablets().learn(topology, keyspace, table, &tablet) {
            Ok(Learned::Known) => {}
            Ok(Learned::UnknownNode) => self.wanted.topology(),
            Err(error) => {
                tracing::debug!(target: TARGET, { %error, keyspace, table }, "tablet passed over");
            }
        }
    }

    /// Forgets the tablets of what was dropped: what has its name later lies elsewhere.
    pub(super) fn forget_tablets(&self, change: &SchemaChange) {
        let table = match change.target.as_str() {
            "KEYSPACE" => None,
            "TABLE" => Some(change.name.as_str()),
            _ => return,
        };
        let state = self.state.load();
        if let (Some(topology), "DROPPED") = (&state.topology, change.change.as_str()) {
            topology.tablets().forget(&change.keyspace, table);
        }
    }
}
