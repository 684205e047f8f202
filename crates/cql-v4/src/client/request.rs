//! A statement on its way: what any node can be asked, any number of times.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;
use wire_core::machine::{Outgoing, Ticket};

use super::batch::Batch;
use super::cluster::Cluster;
use super::exchange::append;
use super::prepared::{Prepared, State};
use super::statement::Options;
use crate::config::Config;
use crate::error::{Consistency, Error, ErrorDetail, ErrorKind};
use crate::message::{
    ExecuteParts, Message, ParamsParts, Prepare, QueryParts, RawValue, RawValues,
};
use crate::observe;
use crate::proto::Session;
use crate::routing::{RoutingRequest, Token, Topology};

/// What is asked.
#[derive(Clone)]
pub(super) enum Body<'a> {
    Query {
        text: &'a Arc<str>,
        values: &'a RawValues,
    },
    Execute {
        statement: &'a Prepared,
        /// Of the statement when `values` were encoded.
        state: &'a Arc<State>,
        values: &'a RawValues,
    },
    Batch(&'a Batch),
    Prepare {
        text: &'a Arc<str>,
        keyspace: Option<&'a Arc<str>>,
    },
}

/// What is asked, and how.
pub(super) struct Request<'a> {
    pub(super) body: Body<'a>,
    pub(super) options: &'a Options,
    cluster: &'a Cluster,
    /// The same in all attempts, so that the last of them does not win over what came between.
    timestamp: Option<i64>,
    pub(super) span: Span,
}

impl<'a> Request<'a> {
    #[inline]
    pub(super) fn new(body: Body<'a>, options: &'a Options, cluster: &'a Cluster) -> Self {
        let timestamp = match (&body, options.timestamp) {
            (Body::Prepare { .. }, _) => None,
            (_, Some(given)) => Some(given),
            (_, None) => cluster.config.cluster.timestamps.next(),
        };
        let mut request = Self {
            body,
            options,
            cluster,
            timestamp,
            span: Span::none(),
        };
        let changed = request.changed_keyspace();
        let keyspace = request.keyspace(changed.as_deref());
        request.span = match &request.body {
            Body::Query { text, .. } => observe::statement(text, keyspace),
            Body::Execute { statement, .. } => observe::statement(statement.text(), keyspace),
            Body::Batch(batch) => observe::batch(batch.len(), keyspace),
            Body::Prepare { text, .. } => observe::prepare(text, keyspace),
        };
        request
    }

    #[inline]
    fn config(&self) -> &'a Config {
        &self.cluster.config
    }

    /// The keyspace of the connections, if it was changed since the configuration named it. Not kept in the request, which
    /// is a part of the future of each statement.
    #[inline]
    pub(super) fn changed_keyspace(&self) -> Option<Arc<str>> {
        self.cluster.wiring.changed_keyspace()
    }

    /// What names without a keyspace are in; `changed` is [`Self::changed_keyspace`].
    #[inline]
    fn keyspace<'r>(&'r self, changed: Option<&'r str>) -> Option<&'r str> {
        let own = self.options.keyspace.as_deref();
        own.or(changed)
            .or_else(|| self.config().keyspace.as_deref())
    }

    /// How long all attempts together may take.
    #[inline]
    pub(super) fn timeout(&self) -> Duration {
        self.options.timeout(self.config())
    }

    /// How many replicas must answer.
    #[inline]
    pub(super) fn consistency(&self) -> Consistency {
        self.options.consistency(self.config())
    }

    /// Whether it may be carried out twice without harm.
    pub(super) fn is_idempotent(&self) -> bool {
        match self.body {
            Body::Prepare { .. } => true,
            _ => self.options.idempotent.unwrap_or(false),
        }
    }

    /// Whether replicas have to agree on an order by Paxos.
    #[inline]
    pub(super) fn is_serial(&self) -> bool {
        let conditional = match &self.body {
            Body::Execute { state, .. } => state.is_lwt,
            _ => false,
        };
        conditional || self.consistency().is_serial()
    }

    /// The prepared statement that decides where the request goes, and its values.
    #[inline]
    fn leading(&self) -> Option<(&State, &RawValues)> {
        match &self.body {
            Body::Execute { state, values, .. } => Some((state, values)),
            Body::Batch(batch) => batch.leading(),
            Body::Query { .. } | Body::Prepare { .. } => None,
        }
    }

    /// The token of the partition that the request is about, as far as that is known.
    #[inline]
    pub(super) fn token(&self, topology: &Topology) -> Option<Token> {
        if let Some(key) = &self.options.routing_key {
            return topology.token(key);
        }
        let (state, values) = self.leading()?;
        token_of(state, values, topology)
    }

    /// What load balancing decides by; `changed` is [`Self::changed_keyspace`].
    #[inline]
    pub(super) fn routing<'r>(
        &'r self,
        token: Option<&'r Token>,
        changed: Option<&'r str>,
    ) -> RoutingRequest<'r> {
        let table = self
            .leading()
            .and_then(|(state, _)| state.markers.first())
            .map(|marker| (marker.keyspace(), marker.table()));
        RoutingRequest {
            keyspace: match table {
                Some((keyspace, _)) => Some(keyspace),
                None => self.keyspace(changed),
            },
            table: table.map(|(_, table)| table),
            token,
            consistency: self.consistency(),
            serial: self.is_serial(),
        }
    }

    /// What was known of the prepared statement when its values were encoded.
    #[inline]
    pub(super) fn state(&self) -> Option<Arc<State>> {
        match &self.body {
            Body::Execute { state, .. } => Some(Arc::clone(state)),
            _ => None,
        }
    }

    /// What is known of it now, after it was prepared again.
    pub(super) fn state_now(&self) -> Result<Option<Arc<State>>, Error> {
        let (fits, now) = match &self.body {
            Body::Execute {
                statement, state, ..
            } => {
                let now = statement.state();
                (now.markers == state.markers, Some(now))
            }
            Body::Batch(batch) => (batch.fits(), None),
            Body::Query { .. } | Body::Prepare { .. } => (true, None),
        };
        if fits {
            return Ok(now);
        }
        let text = "the table was altered, so that the statement has other markers now; bind the values anew";
        Err(Error::new(ErrorKind::Type, text))
    }

    /// How many prepared statements are in it.
    pub(super) fn prepared_statements(&self) -> usize {
        match &self.body {
            Body::Execute { .. } => 1,
            Body::Batch(batch) => batch.len(),
            Body::Query { .. } | Body::Prepare { .. } => 0,
        }
    }

    /// The statement that the server says it does not know.
    pub(super) fn forgotten(&self, message: &Message) -> Option<&Prepared> {
        let Message::Error(refusal) = message else {
            return None;
        };
        match (&refusal.detail, &self.body) {
            (ErrorDetail::Unprepared { .. }, Body::Execute { statement, .. }) => Some(statement),
            (ErrorDetail::Unprepared { id }, Body::Batch(batch)) => batch.find(id),
            _ => None,
        }
    }

    #[inline]
    fn params(&self, consistency: Option<Consistency>) -> ParamsParts<'_> {
        let mut params = self.options.params(self.config());
        params.timestamp = self.timestamp;
        if let Some(consistency) = consistency {
            params.consistency = consistency;
        }
        params
    }

    /// Writes the frame for a connection, at another consistency if one is given.
    #[inline]
    pub(super) fn encode(
        &self,
        session: &Session,
        ticket: Ticket,
        out: &mut Outgoing,
        consistency: Option<Consistency>,
        state: Option<&State>,
    ) -> Result<(), Error> {
        let (flags, payload) = (self.options.flags(), &self.options.payload);
        match &self.body {
            Body::Query { text, values } => {
                let request = QueryParts {
                    text,
                    values: *values,
                    params: self.params(consistency),
                };
                append(session, ticket, out, flags, payload, &request)
            }
            Body::Execute {
                state: first,
                values,
                ..
            } => {
                let state = state.unwrap_or(first);
                let mut params = self.params(consistency);
                // The statement may have been prepared by a node of another version.
                params.skip_metadata =
                    session.dialect.has_result_metadata_ids() && state.may_skip_metadata();
                let request = ExecuteParts {
                    id: &state.id,
                    result_metadata_id: &state.result_metadata_id,
                    // The values are encoded, and were compared with the markers then.
                    markers: None,
                    values: *values,
                    params,
                };
                append(session, ticket, out, flags, payload, &request)
            }
            Body::Batch(batch) => {
                let request = batch.message(self.params(consistency));
                append(session, ticket, out, flags, payload, &request)
            }
            Body::Prepare { text, keyspace } => {
                let mut request = Prepare::new(Arc::clone(text));
                request.keyspace = keyspace.cloned();
                append(session, ticket, out, flags, payload, &request)
            }
        }
    }
}

/// The token of the partition that the values of a statement are about; `None` if its key is not among the markers, or a
/// part of it is null or unset, which the server refuses.
#[inline]
pub(super) fn token_of(state: &State, values: &RawValues, topology: &Topology) -> Option<Token> {
    if state.key_markers.is_empty() {
        return None;
    }
    // A component that is null or unset has no place: the server refuses the statement.
    let mut whole = true;
    let components = values.select(&state.key_markers).map_while(|value| {
        let data = value.and_then(RawValue::data);
        whole &= data.is_some();
        data
    });
    let partitioner = match state.markers.first() {
        Some(marker) => topology.partitioner_of(marker.keyspace(), marker.table()),
        None => topology.partitioner(),
    };
    let token = partitioner.token_of(components);
    token.filter(|_| whole)
}
