//! Batches.

use std::sync::Arc;

use super::exchange::{encoder, result_of, unexpected};
use super::statement::{BoxedOptions, Options, Statement, about, statement_options};
use super::{Client, Prepared, broke_off};
use crate::codec::Version;
use crate::error::{Error, ErrorDetail, ErrorKind};
use crate::message::{self, BatchKind, BatchStatement, Bind, Message, RawValues, StatementRef};
use crate::observe::TARGET;
use crate::row::QueryResult;

/// Statements that are run at once.
///
/// ```no_run
/// # async fn example(client: cql_v4::Client) -> Result<(), cql_v4::Error> {
/// use cql_v4::{Batch, message::BatchKind};
///
/// let insert = client.prepare("INSERT INTO shop.items (id, name) VALUES (?, ?)").await?;
/// let mut batch = Batch::new(BatchKind::Unlogged);
/// batch.add(&insert, (1_i32, "tea"))?;
/// batch.add(&insert, (2_i32, "coffee"))?;
/// client.batch(&batch).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Batch {
    kind: BatchKind,
    statements: Vec<(Source, RawValues)>,
    options: BoxedOptions,
}

#[derive(Debug, Clone)]
enum Source {
    Text(Arc<str>),
    Prepared(Prepared),
}

statement_options!(Batch);

impl Batch {
    /// An empty batch.
    pub fn new(kind: BatchKind) -> Self {
        Self {
            kind,
            statements: Vec::new(),
            options: None,
        }
    }

    /// Adds a prepared statement with its values; its own options are not used.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the values are too few, too many, or of other types than the markers.
    pub fn add<V: Bind>(&mut self, statement: &Prepared, values: V) -> Result<(), Error> {
        let markers = statement.markers();
        let values = RawValues::encode(Version::NEWEST, Some(&markers), &values)
            .map_err(|e| about(e, "batch", statement.text()))?;
        self.statements
            .push((Source::Prepared(statement.clone()), values));
        Ok(())
    }

    /// Adds a statement by its text, with values in their natural types; its own options are not used.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if a value cannot be written.
    pub fn add_text<V: Bind>(
        &mut self,
        statement: impl Into<Statement>,
        values: V,
    ) -> Result<(), Error> {
        let (text, _) = statement.into().into_parts();
        let values = RawValues::encode(Version::NEWEST, None, &values)
            .map_err(|e| about(e, "batch", &text))?;
        self.statements.push((Source::Text(text), values));
        Ok(())
    }

    /// Statements in it; the protocol allows 65,535.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether it has no statements.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    fn find(&self, id: &[u8]) -> Option<&Prepared> {
        self.statements.iter().find_map(|(source, _)| match source {
            Source::Prepared(prepared) if prepared.id() == id => Some(prepared),
            _ => None,
        })
    }

    fn message(&self, client: &Client) -> message::Batch {
        let params = Options::of(&self.options).params(&client.inner.config);
        let statement = |(source, values): &(Source, RawValues)| BatchStatement {
            statement: match source {
                Source::Text(text) => StatementRef::Text(Arc::clone(text)),
                Source::Prepared(prepared) => StatementRef::Prepared(prepared.id()),
            },
            values: values.clone(),
        };
        message::Batch {
            kind: self.kind,
            statements: self.statements.iter().map(statement).collect(),
            consistency: params.consistency,
            serial_consistency: params.serial_consistency,
            timestamp: params.timestamp,
            keyspace: params.keyspace,
            now_in_seconds: params.now_in_seconds,
        }
    }
}

impl Client {
    pub(super) async fn run_batch(&self, batch: &Batch) -> Result<QueryResult, Error> {
        tracing::debug!(target: TARGET, statements = batch.len(), "batch");
        let timeout = self.timeout_of(Options::of(&batch.options));
        let about_batch = |e: Error| e.context(format_args!("batch of {} statements", batch.len()));
        // Each statement may turn out to be forgotten, one after the other, and no statement twice.
        for _ in 0..=batch.len() {
            let request = batch.message(self);
            let encode = encoder(&request, Options::of(&batch.options).flags());
            let answered = self.exchange(&encode, timeout).await.map_err(about_batch)?;
            let response = answered.decode(None).map_err(about_batch)?;
            let Message::Error(error) = &response.message else {
                return result_of(response).map_err(about_batch);
            };
            let forgotten = match &error.detail {
                ErrorDetail::Unprepared { id } => batch.find(id),
                _ => None,
            };
            let Some(prepared) = forgotten else {
                return Err(about_batch(unexpected(response.message)));
            };
            let again = self
                .prepare_text(prepared.shared_text(), Some(answered.live), timeout)
                .await;
            again
                .and_then(|message| prepared.prepared_again(message))
                .map_err(|e| about(about_batch(e), "prepare", prepared.text()))?;
        }
        let text = "the server keeps forgetting the prepared statements";
        Err(about_batch(broke_off(ErrorKind::Server, text)))
    }
}
