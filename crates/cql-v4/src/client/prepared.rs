//! Prepared statements.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;

use super::connect::Live;
use super::exchange::{Answered, Unanswered, result_of, unexpected};
use super::statement::{Options, Statement, about, paging_options, statement_options};
use super::{Client, broke_off};
use crate::codec::Flags;
use crate::error::{Error, ErrorCode, ErrorKind, Sent};
use crate::message::{
    Bind, Column, ExecuteParts, KnownColumns, Message, Prepare, PreparedMessage, Response,
    ResultMessage,
};
use crate::observe::TARGET;
use crate::row::QueryResult;

/// A statement that the server has parsed. Cheap to clone, and good for the life of the client: when a server has
/// forgotten it, it is prepared again.
#[derive(Clone)]
pub struct Prepared {
    shared: Arc<Shared>,
    options: Options,
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
    markers: Arc<[Column]>,
    columns: Option<Arc<[Column]>>,
    key_markers: Arc<[u16]>,
    known: Option<KnownColumns>,
}

impl From<PreparedMessage> for State {
    fn from(message: PreparedMessage) -> Self {
        Self {
            // A copy of some bytes, so that the answer it came in is not kept for ever.
            id: Bytes::copy_from_slice(&message.id),
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
        &self.options
    }

    pub(super) fn options_mut(&mut self) -> &mut Options {
        &mut self.options
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
        let request = Prepare {
            text: Arc::clone(text),
        };
        let answered = match live {
            Some(live) => self
                .exchange_on(Some(live), &request, Flags::default(), timeout)
                .await
                .map_err(Unanswered::into_error),
            None => self.exchange(&request, Flags::default(), timeout).await,
        };
        match answered?.decode(None)?.message {
            Message::Result(ResultMessage::Prepared(message)) => Ok(*message),
            other => Err(unexpected(other)),
        }
    }

    pub(super) async fn execute_ref<V: Bind + ?Sized>(
        &self,
        statement: &Prepared,
        values: &V,
    ) -> Result<QueryResult, Error> {
        tracing::debug!(target: TARGET, statement = statement.text(), "execute");
        let executed = self.execute_once(statement, values, None).await;
        match executed {
            Ok(Executed::Result(result)) => Ok(result),
            Ok(Executed::Forgotten(live)) => {
                Box::pin(self.execute_again(statement, values, live)).await
            }
            Err(error) => Err(error),
        }
        .map_err(|e| about(e, "execute", statement.text()))
    }

    /// EXECUTE, on this connection or the current one.
    async fn execute_once<V: Bind + ?Sized>(
        &self,
        statement: &Prepared,
        values: &V,
        live: Option<Arc<Live>>,
    ) -> Result<Executed, Error> {
        let config = &self.inner.config;
        let state = statement.state();
        let params = statement.options.params(config);
        let request = ExecuteParts {
            id: &state.id,
            markers: Some(&state.markers),
            values,
            params: &params,
        };
        let timeout = statement
            .options
            .timeout
            .unwrap_or(config.common.request_timeout);
        let flags = statement.options.flags();
        let answered = match live {
            None => self.exchange(&request, flags, timeout).await?,
            Some(live) => Box::pin(self.exchange_on(Some(live), &request, flags, timeout))
                .await
                .map_err(Unanswered::into_error)?,
        };
        executed(statement, &state, answered)
    }

    /// Prepares the statement on the connection whose server forgot it, and runs it there. A second refusal is final.
    async fn execute_again<V: Bind + ?Sized>(
        &self,
        statement: &Prepared,
        values: &V,
        live: Arc<Live>,
    ) -> Result<QueryResult, Error> {
        tracing::debug!(target: TARGET, statement = statement.text(), "prepare again");
        let timeout = statement
            .options
            .timeout
            .unwrap_or(self.inner.config.common.request_timeout);
        let message = self
            .prepare_text(statement.shared_text(), Some(Arc::clone(&live)), timeout)
            .await?;
        statement.prepared_again(message)?;
        match self.execute_once(statement, values, Some(live)).await? {
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
            if let Some(learned) = rows.take_learned() {
                statement.replace(State {
                    known: Some(learned),
                    ..State::clone(&statement.state())
                });
            }
        }
        _ => {}
    }
    response_result(response).map(Executed::Result)
}

fn response_result(response: Response) -> Result<QueryResult, Error> {
    result_of(response).map_err(|e| e.with_sent(Sent::Yes))
}
