//! Batches.

use std::sync::Arc;

use super::Prepared;
use super::prepared::State;
use super::statement::{BoxedOptions, Options, Statement, about, statement_options};
use crate::codec::Version;
use crate::error::{Error, ErrorKind};
use crate::message::{self, BatchKind, BatchStatement, Bind, QueryParams, RawValues, StatementRef};

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
    /// What is known of the first prepared statement, and which it is.
    leading: Option<(Arc<State>, usize)>,
    options: BoxedOptions,
}

/// Statements that the message has room for: their number has 16 bits (native protocol v4, §4.1.7).
const MAX_STATEMENTS: usize = 65_535;

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
            leading: None,
            options: None,
        }
    }

    /// Adds a prepared statement with its values; its own options are not used.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the values are too few, too many, or of other types than the markers.
    pub fn add<V: Bind>(&mut self, statement: &Prepared, values: V) -> Result<(), Error> {
        let state = statement.state();
        let values = RawValues::encode(Version::NEWEST, Some(&state.markers), &values)
            .map_err(|e| about(e, "batch", statement.text()))?;
        if self.leading.is_none() {
            self.leading = Some((state, self.statements.len()));
        }
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

    /// The prepared statement of this id.
    pub(super) fn find(&self, id: &[u8]) -> Option<&Prepared> {
        self.statements.iter().find_map(|(source, _)| match source {
            Source::Prepared(prepared) if prepared.id() == id => Some(prepared),
            _ => None,
        })
    }

    /// The first statement that is prepared, and its values: they decide where the batch goes.
    pub(super) fn leading(&self) -> Option<(&State, &RawValues)> {
        let (state, index) = self.leading.as_ref()?;
        let (_, values) = self.statements.get(*index)?;
        Some((state, values))
    }

    pub(super) fn options(&self) -> &Options {
        Options::of(&self.options)
    }

    /// Refuses what the protocol has no room for.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.len() <= MAX_STATEMENTS {
            return Ok(());
        }
        let text = format!(
            "a batch of {} statements; the protocol allows {MAX_STATEMENTS}, and servers far less; nothing was sent",
            self.len()
        );
        Err(Error::new(ErrorKind::Misuse, text))
    }

    /// The message, with these parameters.
    pub(super) fn message(&self, params: &QueryParams) -> message::Batch {
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
            keyspace: params.keyspace.clone(),
            now_in_seconds: params.now_in_seconds,
        }
    }
}
