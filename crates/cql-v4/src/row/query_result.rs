//! The outcome of a statement, as users see it.

use bytes::Bytes;

use super::{FromRow, Rows};
use crate::error::{Error, ErrorKind, Sent};
use crate::message::{Extras, ResultMessage, SchemaChange};
use crate::types::Uuid;

/// The outcome of a statement: rows, or what else it did, and what the server had to say about it.
#[derive(Debug, Clone)]
pub struct QueryResult {
    outcome: Outcome,
    extras: Option<Box<Extras>>,
}

#[derive(Debug, Clone)]
enum Outcome {
    Void,
    Rows(Rows),
    SetKeyspace(String),
    SchemaChange(Box<SchemaChange>),
}

impl QueryResult {
    /// From the message and what stood before it.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is the answer to PREPARE, or rows without metadata.
    pub fn new(message: ResultMessage, extras: Option<Box<Extras>>) -> Result<Self, Error> {
        let outcome = match message {
            ResultMessage::Void => Outcome::Void,
            ResultMessage::Rows(rows) => Outcome::Rows(rows.try_into()?),
            ResultMessage::SetKeyspace(name) => Outcome::SetKeyspace(name),
            ResultMessage::SchemaChange(change) => Outcome::SchemaChange(change),
            ResultMessage::Prepared(_) => {
                let text = "the server answered a statement as if it had been prepared";
                return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
            }
        };
        Ok(Self { outcome, extras })
    }

    /// The rows.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the statement is not one that gives rows.
    pub fn rows(&self) -> Result<&Rows, Error> {
        match &self.outcome {
            Outcome::Rows(rows) => Ok(rows),
            _ => Err(no_rows()),
        }
    }

    /// The rows, by value.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the statement is not one that gives rows.
    pub fn into_rows(self) -> Result<Rows, Error> {
        match self.outcome {
            Outcome::Rows(rows) => Ok(rows),
            _ => Err(no_rows()),
        }
    }

    /// All rows of this page as `T`; short for [`rows`](Self::rows) and [`to_vec`](Rows::to_vec).
    ///
    /// # Errors
    /// Those of the two.
    pub fn to_vec<'a, T: FromRow<'a>>(&'a self) -> Result<Vec<T>, Error> {
        self.rows()?.to_vec()
    }

    /// The first row as `T`; `None` if there is none.
    ///
    /// # Errors
    /// Those of [`rows`](Self::rows) and of [`first`](Rows::first).
    pub fn first<'a, T: FromRow<'a>>(&'a self) -> Result<Option<T>, Error> {
        self.rows()?.first()
    }

    /// Whether a conditional statement was applied: the column `[applied]` of the first row. `None` if the statement
    /// had no condition.
    pub fn applied(&self) -> Option<bool> {
        let Outcome::Rows(rows) = &self.outcome else {
            return None;
        };
        let first = rows.columns().first()?;
        if first.name() != "[applied]" {
            return None;
        }
        let row = rows.iter().next()?.ok()?;
        match row.values().first()? {
            crate::types::Value::Boolean(applied) => Some(*applied),
            _ => None,
        }
    }

    /// Where the next page begins; `None` if this was the last, or no rows came.
    pub fn paging_state(&self) -> Option<&Bytes> {
        match &self.outcome {
            Outcome::Rows(rows) => rows.paging_state(),
            _ => None,
        }
    }

    /// The keyspace that USE changed to.
    pub fn keyspace(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::SetKeyspace(name) => Some(name),
            _ => None,
        }
    }

    /// What the statement changed in the schema.
    pub fn schema_change(&self) -> Option<&SchemaChange> {
        match &self.outcome {
            Outcome::SchemaChange(change) => Some(change),
            _ => None,
        }
    }

    /// Warnings of the server.
    pub fn warnings(&self) -> &[String] {
        self.extras.as_ref().map_or(&[], |extras| &extras.warnings)
    }

    /// Id of the trace, if one was asked for; the trace itself is in the keyspace `system_traces`.
    pub fn tracing_id(&self) -> Option<Uuid> {
        self.extras.as_ref().and_then(|extras| extras.tracing_id)
    }

    /// Custom payload of the server, in its order.
    pub fn custom_payload(&self) -> &[(String, Option<Bytes>)] {
        self.extras
            .as_ref()
            .map_or(&[], |extras| &extras.custom_payload)
    }
}

#[cold]
fn no_rows() -> Error {
    Error::new(ErrorKind::Type, "the statement gives no rows").with_sent(Sent::Yes)
}
