//! The trace of a query: what its nodes wrote down about it in `system_traces` (class `TraceKeyspace` of Cassandra).
//!
//! A trace is written behind the query, in the background, and is whole when the session has its duration.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::record::Record;
use crate::error::Error;
use crate::row::Rows;
use crate::types::{Timestamp, Uuid};

/// What the server wrote down about a query that ran with tracing on; its id is
/// [`QueryResult::tracing_id`](crate::QueryResult::tracing_id).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// Its id.
    pub id: Uuid,
    /// What was asked for: `QUERY`, `NONE`, `REPAIR`.
    pub command: Option<String>,
    /// What the coordinator did, as text: `Execute CQL3 query`.
    pub request: Option<String>,
    /// Text, page size, consistency and bound values of the query.
    pub parameters: BTreeMap<String, String>,
    /// The node that took the query.
    pub coordinator: Option<IpAddr>,
    /// Its port for other nodes (Cassandra 4.0).
    pub coordinator_port: Option<u16>,
    /// Where the query came from.
    pub client: Option<IpAddr>,
    /// When it began, by the clock of the coordinator.
    pub started_at: Option<Timestamp>,
    /// How long it took; `None` while it runs, and until the trace is whole.
    pub duration: Option<Duration>,
    /// What happened, in order of time.
    pub events: Vec<TraceEvent>,
}

/// A line of a [`Trace`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceEvent {
    /// Its id, a UUID of version 1 and so with its time.
    pub id: Uuid,
    /// What was done.
    pub activity: Option<String>,
    /// The node that did it.
    pub source: Option<IpAddr>,
    /// Its port for other nodes (Cassandra 4.0).
    pub source_port: Option<u16>,
    /// Since that node began with the query.
    pub elapsed: Option<Duration>,
    /// The thread that did it.
    pub thread: Option<String>,
}

impl Trace {
    /// Asks for the session; the one marker is the id. To be asked with [`Consistency::One`](crate::Consistency::One):
    /// the keyspace has few replicas whatever the others have, and on a small cluster not even those.
    pub const SESSION: &str = "SELECT * FROM system_traces.sessions WHERE session_id = ?";
    /// Asks for the events, likewise.
    pub const EVENTS: &str = "SELECT * FROM system_traces.events WHERE session_id = ?";

    /// The trace without its events, from the answer to [`SESSION`](Self::SESSION). `None` if nothing was written yet, or
    /// nothing was traced.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the answer cannot be read.
    pub fn read(id: Uuid, session: &Rows) -> Result<Option<Self>, Error> {
        let mut trace = None;
        Record::each(session, |mut row| {
            trace = Some(Self {
                id,
                command: row.text("command"),
                request: row.text("request"),
                parameters: row.text_map("parameters"),
                coordinator: row.inet("coordinator"),
                coordinator_port: port(row.int("coordinator_port")),
                client: row.inet("client"),
                started_at: row.timestamp("started_at"),
                duration: micros(row.int("duration")),
                events: Vec::new(),
            });
        })?;
        Ok(trace)
    }

    /// Whether the query has ended and the trace says how long it took. Events of other nodes may still come.
    pub fn is_complete(&self) -> bool {
        self.duration.is_some()
    }

    /// Adds a page of the answer to [`EVENTS`](Self::EVENTS).
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the page cannot be read; what it had before that stays.
    pub fn add_events(&mut self, page: &Rows) -> Result<(), Error> {
        Record::each(page, |mut row| {
            let Some(id) = row.uuid("event_id") else {
                return;
            };
            self.events.push(TraceEvent {
                id,
                activity: row.text("activity"),
                source: row.inet("source"),
                source_port: port(row.int("source_port")),
                elapsed: micros(row.int("source_elapsed")),
                thread: row.text("thread"),
            });
        })
    }
}

fn port(port: Option<i32>) -> Option<u16> {
    port.and_then(|port| u16::try_from(port).ok())
}

/// A negative one is none: a clock was set back.
fn micros(micros: Option<i32>) -> Option<Duration> {
    micros
        .and_then(|micros| u64::try_from(micros).ok())
        .map(Duration::from_micros)
}
