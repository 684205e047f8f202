//! Prepared statements.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::broke_off;
use super::clock::later;
use super::conditional::is_conditional;
use super::connect::Live;
use super::exchange::{self, Answered, result_of, unexpected};
use super::statement::{
    BoxedOptions, Options, Statement, about, paging_options, statement_options,
};
use crate::codec::Flags;
use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{
    Column, KnownColumns, Message, Prepare, PreparedMessage, ResultMessage, RowsMessage,
};
use crate::row::QueryResult;

/// A statement that the server has parsed. Cheap to clone, and good for the life of the client: when a server has
/// forgotten it, it is prepared again.
#[derive(Clone)]
pub struct Prepared {
    shared: Arc<Shared>,
    options: BoxedOptions,
}

statement_options!(Prepared);
paging_options!(Prepared);

struct Shared {
    text: Arc<str>,
    /// Where it was prepared again, or is being. Each has a lock of its own, so that a node that says nothing holds up
    /// no other.
    again: Mutex<Vec<Again>>,
    /// Replaced as a whole when the statement is prepared again, or its result described anew.
    state: RwLock<Arc<State>>,
}

/// Preparing again on one connection.
struct Again {
    on: Weak<Live>,
    /// When that was done last. Held while it is done.
    at: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

/// What the server said about the statement.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) id: Bytes,
    /// With ids of metadata, that of `known`.
    pub(super) result_metadata_id: Bytes,
    pub(super) markers: Arc<[Column]>,
    columns: Option<Arc<[Column]>>,
    /// The markers that form the partition key.
    pub(super) key_markers: Arc<[u16]>,
    pub(super) known: Option<KnownColumns>,
    /// Whether it is a conditional statement.
    pub(super) is_lwt: bool,
}

impl State {
    /// Whether the server may leave out the metadata of the result: it compares ids, and sends the metadata if they
    /// differ. Without ids it could not tell; and a result that was not described by PREPARED, such as that of a
    /// conditional statement, may have other columns each time.
    pub(super) fn may_skip_metadata(&self) -> bool {
        self.columns.is_some() && self.known.is_some() && !self.result_metadata_id.is_empty()
    }

    /// What the server says about the statement of this text.
    fn new(message: PreparedMessage, text: &str) -> Self {
        Self {
            // A copy of some bytes, so that the answer it came in is not kept for ever.
            id: Bytes::copy_from_slice(&message.id),
            result_metadata_id: Bytes::copy_from_slice(&message.result_metadata_id),
            markers: message.markers,
            columns: message.columns,
            key_markers: message.key_markers.into(),
            known: message.known,
            is_lwt: message.is_lwt || is_conditional(text),
        }
    }
}

impl Prepared {
    pub(super) fn new(statement: Statement, message: PreparedMessage) -> Self {
        let (text, options) = statement.into_parts();
        let state = RwLock::new(Arc::new(State::new(message, &text)));
        Self {
            shared: Arc::new(Shared {
                text,
                again: Mutex::default(),
                state,
            }),
            options,
        }
    }

    /// The same, run as `statement` says.
    pub(super) fn with_options_of(mut self, statement: Statement) -> Self {
        (_, self.options) = statement.into_parts();
        self
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.shared.text
    }

    /// Its markers, in their order.
    pub fn markers(&self) -> Arc<[Column]> {
        Arc::clone(&self.state().markers)
    }

    /// The columns of its result; `None` if it has none, or if they depend on the outcome.
    pub fn columns(&self) -> Option<Arc<[Column]>> {
        self.state().columns.clone()
    }

    /// The markers that form the partition key, in the key's order; empty if they do not, and on protocol v3.
    pub fn key_markers(&self) -> Arc<[u16]> {
        Arc::clone(&self.state().key_markers)
    }

    pub(super) fn shared_text(&self) -> &Arc<str> {
        &self.shared.text
    }

    pub(super) fn options(&self) -> &Options {
        Options::of(&self.options)
    }

    pub(super) fn options_mut(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }

    /// Whether both were prepared at once, whatever their options.
    #[inline]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    pub(super) fn id(&self) -> Bytes {
        self.state().id.clone()
    }

    #[inline]
    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(
            &self
                .shared
                .state
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn replace(&self, state: State) {
        *self
            .shared
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// Takes over what the server says after preparing again.
    ///
    /// The id is a digest of keyspace and text, so that another one means that unqualified names point elsewhere now.
    pub(super) fn prepared_again(&self, message: PreparedMessage) -> Result<(), Error> {
        let mut state = State::new(message, self.text());
        let before = self.state();
        if state.id != before.id {
            let text = "the server forgot the statement and gives it another id now, so it means something else: \
                        does it name its keyspace?";
            return Err(broke_off(ErrorKind::Misuse, text));
        }
        // Some statements are described by their results alone, and an older node of a mixed cluster has no ids.
        let is_without_id = state.result_metadata_id.is_empty();
        if state.known.is_none() || (is_without_id && !before.result_metadata_id.is_empty()) {
            state.known.clone_from(&before.known);
        }
        // Nor does a node of v3 say which markers form the key.
        if state.key_markers.is_empty() && state.markers == before.markers {
            state.key_markers = Arc::clone(&before.key_markers);
        }
        if is_without_id {
            state
                .result_metadata_id
                .clone_from(&before.result_metadata_id);
        }
        self.replace(state);
        Ok(())
    }

    /// Takes over what an answer says about its columns, which was read with `known`.
    ///
    /// An id and the columns that it stands for go together: what comes without an id, from an older node of a mixed
    /// cluster, must not take the place of columns that a newer one will leave out.
    fn learn(&self, rows: &mut RowsMessage, known: Option<&KnownColumns>) {
        let learned = rows.take_learned();
        let changed_id = rows.changed_id().filter(|_| rows.columns.is_some());
        if learned.is_none() && changed_id.is_none() {
            return;
        }
        let before = self.state();
        let has_id = !before.result_metadata_id.is_empty() && before.columns.is_some();
        if changed_id.is_none() && has_id {
            return;
        }
        let mut state = State::clone(&before);
        state.known = learned.or_else(|| known.cloned());
        if let Some(id) = changed_id {
            state.result_metadata_id = Bytes::copy_from_slice(id);
        }
        self.replace(state);
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("text", &self.text())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Prepared {
    /// Prepares the statement on the connection whose server forgot it.
    ///
    /// Requests that are under way at the same time find out at the same time; the first prepares, the others wait.
    pub(super) async fn prepare_on(
        &self,
        live: &Arc<Live>,
        limits: Limits,
        timeout: Duration,
    ) -> Result<(), Error> {
        let found_out = Instant::now();
        let again = self.again_on(live);
        let Ok(mut at) = timeout_at(later(found_out, timeout), again.lock()).await else {
            let text = "the statement was not prepared again within the request timeout";
            return Err(Error::new(ErrorKind::Timeout, text));
        };
        if at.is_some_and(|at| at > found_out) {
            return Ok(());
        }
        let mut request = Prepare::new(Arc::clone(&self.shared.text));
        request.keyspace.clone_from(&self.options().keyspace);
        let left = timeout.saturating_sub(found_out.elapsed());
        let answered = exchange::ask(live, limits, left, Flags::default(), &request).await?;
        match answered.decode(None)?.message {
            Message::Result(ResultMessage::Prepared(message)) => self.prepared_again(*message)?,
            other => return Err(about(unexpected(other), "prepare", self.text())),
        }
        *at = Some(Instant::now());
        Ok(())
    }

    fn again_on(&self, live: &Arc<Live>) -> Arc<tokio::sync::Mutex<Option<Instant>>> {
        let mut all = self
            .shared
            .again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.retain(|again| again.on.strong_count() > 0);
        if let Some(again) = all
            .iter()
            .find(|again| again.on.as_ptr() == Arc::as_ptr(live))
        {
            return Arc::clone(&again.at);
        }
        let at = Arc::default();
        all.push(Again {
            on: Arc::downgrade(live),
            at: Arc::clone(&at),
        });
        at
    }
}

/// The statement from the answer to PREPARE.
pub(super) fn prepared_of(statement: Statement, answered: &Answered) -> Result<Prepared, Error> {
    match answered.decode(None)?.message {
        Message::Result(ResultMessage::Prepared(message)) => Ok(Prepared::new(statement, *message)),
        other => Err(unexpected(other)),
    }
}

/// The outcome of EXECUTE.
pub(super) fn executed(statement: &Prepared, answered: &Answered) -> Result<QueryResult, Error> {
    let state = answered.state.as_deref();
    // Read with what was known when the request was written: the answer belongs to that.
    let known = state.and_then(|state| state.known.as_ref());
    let mut response = answered.decode(known)?;
    if let Message::Result(ResultMessage::Rows(rows)) = &mut response.message {
        statement.learn(rows, known);
        if let Some(known) = known {
            rows.fill_columns(known)?;
        }
    }
    result_of(response).map_err(|e| e.with_sent(Sent::Yes))
}
