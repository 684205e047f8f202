//! Statements and how they are run.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::codec::Flags;
use crate::config::Config;
use crate::error::{Consistency, Error};
use crate::message::QueryParams;
use crate::observe::Redacted;

/// What a statement may say for itself; the configuration says the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) consistency: Option<Consistency>,
    pub(crate) serial_consistency: Option<Consistency>,
    pub(crate) page_size: Option<u32>,
    pub(crate) paging_state: Option<Bytes>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tracing: bool,
}

/// Boxed, since most statements say nothing for themselves and are carried in futures.
pub(crate) type BoxedOptions = Option<Box<Options>>;

/// A statement that says nothing for itself.
static NOTHING: Options = Options {
    consistency: None,
    serial_consistency: None,
    page_size: None,
    paging_state: None,
    timestamp: None,
    timeout: None,
    tracing: false,
};

impl Options {
    /// What `options` say, or nothing.
    pub(crate) fn of(options: &BoxedOptions) -> &Self {
        options.as_deref().unwrap_or(&NOTHING)
    }

    pub(crate) fn params(&self, config: &Config) -> QueryParams {
        let mut params = QueryParams::new(self.consistency.unwrap_or(config.consistency));
        params.serial_consistency = self.serial_consistency.or(config.serial_consistency);
        let rows = self.page_size.unwrap_or(config.page_size);
        params.page_size = Some(i32::try_from(rows).unwrap_or(i32::MAX));
        params.paging_state.clone_from(&self.paging_state);
        params.timestamp = self.timestamp;
        params
    }

    pub(crate) fn flags(&self) -> Flags {
        if self.tracing {
            Flags::TRACING
        } else {
            Flags::default()
        }
    }
}

/// The options that statements of all kinds have.
macro_rules! statement_options {
    ($ty:ty) => {
        impl $ty {
            /// How many replicas must answer, instead of what the configuration says.
            #[must_use]
            pub fn with_consistency(mut self, consistency: crate::error::Consistency) -> Self {
                self.options.get_or_insert_default().consistency = Some(consistency);
                self
            }

            /// SERIAL or LOCAL_SERIAL, for conditional statements, instead of what the configuration says.
            #[must_use]
            pub fn with_serial_consistency(
                mut self,
                consistency: crate::error::Consistency,
            ) -> Self {
                self.options.get_or_insert_default().serial_consistency = Some(consistency);
                self
            }

            /// Timestamp of the writes, in microseconds since the Unix epoch, instead of the server's clock.
            #[must_use]
            pub fn with_timestamp(mut self, micros: i64) -> Self {
                self.options.get_or_insert_default().timestamp = Some(micros);
                self
            }

            /// How long it may take, instead of what the configuration says.
            #[must_use]
            pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.options.get_or_insert_default().timeout = Some(timeout);
                self
            }

            /// Has the server keep a trace; see [`QueryResult::tracing_id`](crate::QueryResult::tracing_id).
            #[must_use]
            pub fn with_tracing(mut self) -> Self {
                self.options.get_or_insert_default().tracing = true;
                self
            }
        }
    };
}

/// The options of statements that may have rows.
macro_rules! paging_options {
    ($ty:ty) => {
        impl $ty {
            /// Rows in a page, at least 1, instead of what the configuration says.
            #[must_use]
            pub fn with_page_size(mut self, rows: u32) -> Self {
                self.options.get_or_insert_default().page_size = Some(rows);
                self
            }

            /// Goes on where the page ended that gave this state. Statement, values and protocol version must be the
            /// same. From an untrusted source it can make the server read other rows of the same statement.
            #[must_use]
            pub fn with_paging_state(mut self, state: impl Into<bytes::Bytes>) -> Self {
                self.options.get_or_insert_default().paging_state = Some(state.into());
                self
            }
        }
    };
}

pub(super) use {paging_options, statement_options};

/// The text of a statement, and how it is run.
///
/// ```
/// use cql_v4::{Consistency, Statement};
///
/// let statement = Statement::new("SELECT * FROM shop.items")
///     .with_consistency(Consistency::One)
///     .with_page_size(100);
/// assert_eq!(statement.text(), "SELECT * FROM shop.items");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    text: Arc<str>,
    options: BoxedOptions,
}

statement_options!(Statement);
paging_options!(Statement);

impl Statement {
    /// A statement that is run as the configuration says.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self {
            text: text.into(),
            options: None,
        }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn shared_text(&self) -> &Arc<str> {
        &self.text
    }

    pub(super) fn options(&self) -> &Options {
        Options::of(&self.options)
    }

    pub(super) fn options_mut(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }

    pub(super) fn into_parts(self) -> (Arc<str>, BoxedOptions) {
        (self.text, self.options)
    }
}

impl From<&str> for Statement {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Statement {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<Arc<str>> for Statement {
    fn from(text: Arc<str>) -> Self {
        Self::new(text)
    }
}

impl From<&Self> for Statement {
    fn from(statement: &Self) -> Self {
        statement.clone()
    }
}

/// Characters of a statement that an error shows: enough to find it.
const SHOWN: usize = 80;

/// Says which statement an error is about, without its literals: errors are logged, and passwords may be among them.
#[cold]
pub(super) fn about(error: Error, doing: &str, text: &str) -> Error {
    let text = Redacted(text).to_string();
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    error.context(format_args!("{doing} `{shown}`"))
}
