//! A statement with everything that goes along with it.

use std::time::Duration;

use super::parameter::{IntoParameter, Parameter};
use super::setting::{Setting, SettingKind, SettingValue};
use super::trace::TraceContext;
use crate::column::Block;

/// A statement with what goes along with it.
///
/// ```
/// use std::time::Duration;
/// use ch_native::{Block, Query};
///
/// let query = Query::new("SELECT count() FROM events WHERE kind = {kind:String} AND id IN wanted")
///     .with_parameter("kind", "click")
///     .with_external_table("wanted", Block::new().with("id", vec![1_u64, 2, 3])?)
///     .with_setting("max_threads", 2)
///     .with_timeout(Duration::from_secs(10));
/// assert_eq!(query.settings().len(), 1);
/// # Ok::<(), ch_native::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    pub(super) text: String,
    pub(super) id: String,
    pub(super) stage: Stage,
    pub(super) settings: Vec<Setting>,
    pub(super) parameters: Vec<(String, Parameter)>,
    external: Vec<(String, Block)>,
    trace: Option<TraceContext>,
    timeout: Option<Duration>,
}

/// How far the server carries a query out. Clients want all of it; servers ask each other for less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Stage {
    /// Only as far as needed to know the columns.
    FetchColumns,
    /// Up to states of aggregate functions that others merge.
    WithMergeableState,
    /// To the end.
    #[default]
    Complete,
    /// As [`Self::WithMergeableState`], behind aggregation.
    WithMergeableStateAfterAggregation,
    /// As [`Self::WithMergeableState`], behind aggregation and limit.
    WithMergeableStateAfterAggregationAndLimit,
    /// As a plan of the query instead of text (since 54477).
    QueryPlan,
    /// Another one, by its number.
    Other(u64),
}

impl Stage {
    /// The number on the wire (ClickHouse, `src/Core/QueryProcessingStage.h`).
    pub const fn number(self) -> u64 {
        match self {
            Self::FetchColumns => 0,
            Self::WithMergeableState => 1,
            Self::Complete => 2,
            Self::WithMergeableStateAfterAggregation => 3,
            Self::WithMergeableStateAfterAggregationAndLimit => 4,
            Self::QueryPlan => 7,
            Self::Other(number) => number,
        }
    }

    pub(super) const fn from_number(number: u64) -> Self {
        match number {
            0 => Self::FetchColumns,
            1 => Self::WithMergeableState,
            2 => Self::Complete,
            3 => Self::WithMergeableStateAfterAggregation,
            4 => Self::WithMergeableStateAfterAggregationAndLimit,
            7 => Self::QueryPlan,
            other => Self::Other(other),
        }
    }
}

impl Query {
    /// A statement alone; the server makes up its id.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Gives the query an id, by which `system.processes` and `KILL QUERY` know it. Must not be running already.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets a setting for this query. A later one of the same name wins.
    ///
    /// Servers below revision 54429 (2020) want settings in a form that depends on their type. It is known of settings
    /// whose values do not show it, and told from the value for all others; [`Self::with_setting_kind`] says it
    /// outright.
    #[must_use]
    pub fn with_setting(self, name: impl Into<String>, value: impl Into<SettingValue>) -> Self {
        self.with_settings([Setting::new(name, value)])
    }

    /// As [`Self::with_setting`], with the kind that old servers read the value as.
    #[must_use]
    pub fn with_setting_kind(
        self,
        name: impl Into<String>,
        value: impl Into<SettingValue>,
        kind: SettingKind,
    ) -> Self {
        self.with_settings([Setting::new(name, value).with_kind(kind)])
    }

    /// Sets settings for this query, of which some may be the user's own or unimportant ones.
    #[must_use]
    pub fn with_settings(mut self, settings: impl IntoIterator<Item = Setting>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Gives `{name:Type}` in the statement its value (since revision 54459). The value is escaped here: it can hold
    /// whatever it likes.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl IntoParameter) -> Self {
        self.parameters.push((name.into(), value.into_parameter()));
        self
    }

    /// Sends a table along, which the statement can use by `name` as if it existed: for `IN` and `JOIN`. Blocks of one
    /// name are one table. A block without rows makes a table without rows.
    #[must_use]
    pub fn with_external_table(mut self, name: impl Into<String>, block: Block) -> Self {
        self.external.push((name.into(), block));
        self
    }

    /// How far the server carries the query out.
    #[must_use]
    pub fn with_stage(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// The span that the query belongs to: the server's spans become its children (since revision 54442).
    #[must_use]
    pub fn with_trace(mut self, trace: TraceContext) -> Self {
        self.trace = Some(trace);
        self
    }

    /// How long the client waits for this query instead of its configured request timeout.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The statement.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The id; empty if the server is to make one up.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The settings, in the order they are sent.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// The parameters, in the order they are sent.
    pub fn parameters(&self) -> &[(String, Parameter)] {
        &self.parameters
    }

    /// The blocks of external tables with the names of their tables, in the order they are sent.
    pub fn external_tables(&self) -> &[(String, Block)] {
        &self.external
    }

    /// How far the server carries the query out.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The span that the query belongs to.
    pub fn trace(&self) -> Option<&TraceContext> {
        self.trace.as_ref()
    }

    /// How long the client waits, if not as configured.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Puts settings before the query's own, which win.
    #[cfg(feature = "client")]
    pub(crate) fn with_defaults(mut self, defaults: &[Setting]) -> Self {
        if !defaults.is_empty() {
            self.settings = defaults.iter().cloned().chain(self.settings).collect();
        }
        self
    }
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Query {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Query {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}
