//! Batches.

use std::sync::Arc;

use super::Prepared;
use super::prepared::State;
use super::statement::{BoxedOptions, Options, Statement, about, statement_options};
use crate::codec::Version;
use crate::error::{Error, ErrorKind};
use crate::message::{BatchKind, BatchParts, Bind, EncodedStatements, ParamsParts, RawValues};

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
    statements: EncodedStatements,
    /// The prepared ones among them, to be prepared again where they are forgotten. One that is added several times in
    /// a row stands here once.
    prepared: Vec<(Prepared, Arc<State>)>,
    /// What is known of the first prepared statement, and its values.
    leading: Option<(Arc<State>, RawValues)>,
    options: BoxedOptions,
}

/// Statements that the message has room for: their number has 16 bits (native protocol v4, §4.1.7).
const MAX_STATEMENTS: usize = 65_535;

statement_options!(Batch);

impl Batch {
    /// An empty batch.
    pub fn new(kind: BatchKind) -> Self {
        Self {
            kind,
            statements: EncodedStatements::default(),
            prepared: Vec::new(),
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
        self.statements
            .add_prepared(&state.id, &state.markers, &values)
            .map_err(|e| about(e, "batch", statement.text()))?;
        let is_last = |(last, known): &(Prepared, Arc<State>)| {
            last.is_same(statement) && Arc::ptr_eq(&known.markers, &state.markers)
        };
        if !self.prepared.last().is_some_and(is_last) {
            self.prepared.push((statement.clone(), Arc::clone(&state)));
        }
        if self.leading.is_none() {
            let values = RawValues::encode(Version::NEWEST, Some(&state.markers), &values)?;
            self.leading = Some((state, values));
        }
        Ok(())
    }

    /// Adds a statement by its text, with values in their natural types; its own options are not used.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if a value cannot be written; [`ErrorKind::Misuse`] if values are bound by name, which only
    /// prepared statements of a batch can have.
    pub fn add_text<V: Bind>(
        &mut self,
        statement: impl Into<Statement>,
        values: V,
    ) -> Result<(), Error> {
        let (text, _) = statement.into().into_parts();
        let values = RawValues::encode(Version::NEWEST, None, &values)
            .map_err(|e| about(e, "batch", &text))?;
        self.statements
            .add_text(&text, &values)
            .map_err(|e| about(e, "batch", &text))
    }

    /// Statements in it; the protocol allows 65,535.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether it has no statements.
    pub fn is_empty(&self) -> bool {
        self.statements.len() == 0
    }

    /// The prepared statement of this id.
    pub(super) fn find(&self, id: &[u8]) -> Option<&Prepared> {
        let mut prepared = self.prepared.iter().map(|(prepared, _)| prepared);
        prepared.find(|prepared| prepared.id() == id)
    }

    /// Whether all statements have the markers that their values were encoded for.
    pub(super) fn fits(&self) -> bool {
        let mut prepared = self.prepared.iter();
        prepared.all(|(prepared, known)| prepared.state().markers == known.markers)
    }

    /// The first statement that is prepared, and its values: they decide where the batch goes.
    pub(super) fn leading(&self) -> Option<(&State, &RawValues)> {
        let (state, values) = self.leading.as_ref()?;
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
    pub(super) fn message<'a>(&'a self, params: ParamsParts<'a>) -> BatchParts<'a> {
        BatchParts {
            kind: self.kind,
            statements: &self.statements,
            params,
        }
    }
}
