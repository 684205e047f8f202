//! Prepared statements.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use wire_core::machine::Outgoing;

use super::connect::Live;
use super::exchange::{Answered, Encode, append, encoder, result_of, unexpected};
use super::statement::{
    BoxedOptions, Options, Statement, about, paging_options, statement_options,
};
use super::{Client, broke_off};
use crate::codec::Flags;
use crate::error::{Error, ErrorCode, ErrorKind, Sent};
use crate::message::{
    Bind, Column, ExecuteParts, KnownColumns, Message, Prepare, PreparedMessage, Response,
    ResultMessage,
};
use crate::observe::TARGET;
use crate::proto::Session;
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
    /// Replaced as a whole when the statement is prepared again, or its result described anew.
    state: RwLock<Arc<State>>,
}

/// What the server said about the statement.
#[derive(Debug, Clone)]
struct State {
    id: Bytes,
    /// On protocol v5, the id of `known`.
    result_metadata_id: Bytes,
    markers: Arc<[Column]>,
    columns: Option<Arc<[Column]>>,
    key_markers: Arc<[u16]>,
    known: Option<KnownColumns>,
}

impl State {
    /// Whether the server may leave out the metadata of the result: it compares ids, and sends the metadata if they
    /// differ. Without ids it could not tell; and a result that was not described by PREPARED, such as that of a
    /// conditional statement, may have other columns each time.
    fn may_skip_metadata(&self) -> bool {
        self.columns.is_some() && self.known.is_some() && !self.result_metadata_id.is_empty()
    }
}

impl From<PreparedMessage> for State {
    fn from(message: PreparedMessage) -> Self {
        Self {
            // A copy of some bytes, so that the answer it came in is not kept for ever.
            id: Bytes::copy_from_slice(&message.id),
            result_metadata_id: Bytes::copy_from_slice(&message.result_metadata_id),
            markers: message.markers,
            columns: message.columns,
            key_markers: message.key_markers.into(),
            known: message.known,
        }
    }
}

impl Prepared {
    pub(super) fn new(statement: Statement, message: PreparedMessage) -> Self {
        let (text, options) = statement.into_parts();
        let state = RwLock::new(Arc::new(message.into()));
        Self {
            shared: Arc::new(Shared { text, state }),
            options,
        }
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

    pub(super) fn id(&self) -> Bytes {
        self.state().id.clone()
    }

    fn state(&self) -> Arc<State> {
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
        let mut state = State::from(message);
        let before = self.state();
        if state.id != before.id {
            let text = "the server forgot the statement and gives it another id now, so it means something else: \
                        does it name its keyspace?";
            return Err(broke_off(ErrorKind::Misuse, text));
        }
        // Some statements are described by their results alone.
        if state.known.is_none() {
            state.known.clone_from(&before.known);
        }
        self.replace(state);
        Ok(())
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

impl Client {
    /// PREPARE, on this connection or the current one.
    pub(super) async fn prepare_text(
        &self,
        text: &Arc<str>,
        live: Option<Arc<Live>>,
        timeout: Duration,
    ) -> Result<PreparedMessage, Error> {
        let request = Prepare::new(Arc::clone(text));
        let encode = encoder(&request, Flags::default());
        let answered = match live {
            Some(live) => self.exchange_on(live, &encode, timeout).await,
            None => self.exchange(&encode, timeout).await,
        };
        match answered?.decode(None)?.message {
            Message::Result(ResultMessage::Prepared(message)) => Ok(*message),
            other => Err(unexpected(other)),
        }
    }

    // Not an `async fn`: those keep their arguments twice.
    pub(super) fn execute_ref<'a, V: Bind + ?Sized>(
        &'a self,
        statement: &'a Prepared,
        values: &'a V,
    ) -> impl Future<Output = Result<QueryResult, Error>> + 'a {
        async move {
            tracing::debug!(target: TARGET, statement = statement.text(), "execute");
            let state = statement.state();
            let encode = self.execute_encoder(statement, &state, values);
            let answered = match self
                .exchange(&encode, self.timeout_of(statement.options()))
                .await
            {
                Ok(answered) => answered,
                Err(error) => return Err(about(error, "execute", statement.text())),
            };
            let live = match executed(statement, &state, answered) {
                Ok(Executed::Result(result)) => return Ok(result),
                Ok(Executed::Forgotten(live)) => live,
                Err(error) => return Err(about(error, "execute", statement.text())),
            };
            // Boxed, so that the usual request stays small.
            Box::pin(self.execute_again(statement, values, live))
                .await
                .map_err(|e| about(e, "execute", statement.text()))
        }
    }

    /// The parameters are put together when they are written, so that no future has to carry them.
    fn execute_encoder<'a, V: Bind + ?Sized>(
        &'a self,
        statement: &'a Prepared,
        state: &'a State,
        values: &'a V,
    ) -> impl Encode + 'a {
        move |session: &Session, ticket, out: &mut Outgoing| {
            let mut params = statement.options().params(&self.inner.config);
            params.skip_metadata = state.may_skip_metadata();
            let request = ExecuteParts {
                id: &state.id,
                result_metadata_id: &state.result_metadata_id,
                markers: Some(&state.markers),
                values,
                params: &params,
            };
            append(session, ticket, out, statement.options().flags(), &request)
        }
    }

    pub(super) fn timeout_of(&self, options: &Options) -> Duration {
        options
            .timeout
            .unwrap_or(self.inner.config.common.request_timeout)
    }

    /// Prepares the statement on the connection whose server forgot it, and runs it there. A second refusal is final.
    async fn execute_again<V: Bind + ?Sized>(
        &self,
        statement: &Prepared,
        values: &V,
        live: Arc<Live>,
    ) -> Result<QueryResult, Error> {
        tracing::debug!(target: TARGET, statement = statement.text(), "prepare again");
        let timeout = self.timeout_of(statement.options());
        let message = self
            .prepare_text(statement.shared_text(), Some(Arc::clone(&live)), timeout)
            .await?;
        statement.prepared_again(message)?;
        let state = statement.state();
        let encode = self.execute_encoder(statement, &state, values);
        let answered = self.exchange_on(live, &encode, timeout).await?;
        match executed(statement, &state, answered)? {
            Executed::Result(result) => Ok(result),
            Executed::Forgotten(_) => {
                let text = "the server forgot the statement again right after preparing it";
                Err(broke_off(ErrorKind::Server, text))
            }
        }
    }
}

/// What became of an EXECUTE.
enum Executed {
    Result(QueryResult),
    /// The server on this connection does not know the statement.
    Forgotten(Arc<Live>),
}

fn executed(statement: &Prepared, state: &State, answered: Answered) -> Result<Executed, Error> {
    // Read with what was known when the request was written: the answer belongs to that.
    let mut response = answered.decode(state.known.as_ref())?;
    match &mut response.message {
        Message::Error(error) if error.code == ErrorCode::UNPREPARED => {
            return Ok(Executed::Forgotten(answered.live));
        }
        Message::Result(ResultMessage::Rows(rows)) => {
            let changed_id = rows.changed_id().map(|id| Bytes::copy_from_slice(id));
            if let Some(learned) = rows.take_learned() {
                let before = State::clone(&statement.state());
                statement.replace(State {
                    known: Some(learned),
                    result_metadata_id: changed_id.unwrap_or(before.result_metadata_id),
                    ..before
                });
            }
            if let Some(known) = &state.known {
                rows.fill_columns(known)?;
            }
        }
        _ => {}
    }
    response_result(response).map(Executed::Result)
}

fn response_result(response: Response) -> Result<QueryResult, Error> {
    result_of(response).map_err(|e| e.with_sent(Sent::Yes))
}
