//! Statements and how they are run.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::codec::Flags;
use crate::config::Config;
use crate::error::{Consistency, Error};
use crate::message::ParamsParts;
use crate::observe::Redacted;
use crate::policy::{DefaultRetry, Profile, RetryPolicy, SpeculativePolicy};
use crate::routing::LoadBalancing;
use crate::types::Uuid;

/// What a statement may say for itself; its profile, and then the configuration, say the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) consistency: Option<Consistency>,
    pub(crate) serial_consistency: Option<Consistency>,
    pub(crate) page_size: Option<u32>,
    pub(crate) paging_state: Option<Bytes>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tracing: bool,
    pub(crate) idempotent: Option<bool>,
    pub(crate) keyspace: Option<Arc<str>>,
    pub(crate) now_in_seconds: Option<i32>,
    pub(crate) routing_key: Option<Bytes>,
    pub(crate) payload: Vec<(String, Option<Bytes>)>,
    pub(crate) retry: Option<Arc<dyn RetryPolicy>>,
    pub(crate) profile: Option<Profile>,
    pub(crate) node: Option<Uuid>,
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
    idempotent: None,
    keyspace: None,
    now_in_seconds: None,
    routing_key: None,
    payload: Vec::new(),
    retry: None,
    profile: None,
    node: None,
};

impl Options {
    /// What `options` say, or nothing.
    pub(crate) fn of(options: &BoxedOptions) -> &Self {
        options.as_deref().unwrap_or(&NOTHING)
    }

    /// What the statement's profile says. What the client's own says is in the configuration already, but for policies.
    #[inline]
    fn own_profile<'a, T>(&'a self, said: impl Fn(&'a Profile) -> Option<T>) -> Option<T> {
        self.profile.as_ref().and_then(said)
    }

    /// The policy of the statement's profile, or else of the client's own.
    #[inline]
    fn policy<'a, T>(
        &'a self,
        config: &'a Config,
        said: impl Fn(&'a Profile) -> Option<T>,
    ) -> Option<T> {
        self.own_profile(&said)
            .or_else(|| said(&config.cluster.profile))
    }

    #[inline]
    pub(crate) fn consistency(&self, config: &Config) -> Consistency {
        self.consistency
            .or_else(|| self.own_profile(Profile::consistency))
            .unwrap_or(config.consistency)
    }

    #[inline]
    pub(crate) fn timeout(&self, config: &Config) -> Duration {
        self.timeout
            .or_else(|| self.own_profile(Profile::request_timeout))
            .unwrap_or(config.common.request_timeout)
    }

    pub(crate) fn retry<'a>(&'a self, config: &'a Config) -> &'a dyn RetryPolicy {
        let own = self.retry.as_ref();
        let policy = own.or_else(|| self.policy(config, Profile::retry));
        policy.map_or(&DefaultRetry, |policy| &**policy)
    }

    #[inline]
    pub(crate) fn speculation<'a>(
        &'a self,
        config: &'a Config,
    ) -> Option<&'a dyn SpeculativePolicy> {
        self.policy(config, Profile::speculation)
            .map(|policy| &**policy)
    }

    #[inline]
    pub(crate) fn load_balancing<'a>(&'a self, config: &'a Config) -> &'a dyn LoadBalancing {
        self.policy(config, Profile::load_balancing)
            .map_or_else(|| config.load_balancing(), |policy| &**policy)
    }

    /// The parameters of a request, but for its timestamp and for what is known of its result.
    #[inline]
    pub(crate) fn params(&self, config: &Config) -> ParamsParts<'_> {
        let rows = self
            .page_size
            .or_else(|| self.own_profile(Profile::page_size))
            .unwrap_or(config.page_size);
        ParamsParts {
            consistency: self.consistency(config),
            serial_consistency: self
                .serial_consistency
                .or_else(|| self.own_profile(Profile::serial_consistency))
                .or(config.serial_consistency),
            page_size: Some(i32::try_from(rows).unwrap_or(i32::MAX)),
            paging_state: self.paging_state.as_deref(),
            timestamp: None,
            skip_metadata: false,
            keyspace: self.keyspace.as_deref(),
            now_in_seconds: self.now_in_seconds,
        }
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

            /// How long all attempts together may take, instead of what the configuration says.
            #[must_use]
            pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.options.get_or_insert_default().timeout = Some(timeout);
                self
            }

            /// Whether it may be carried out twice without harm. Default false: then it is never repeated when its
            /// outcome is unknown. Increments of counters, appending to lists, conditional statements, and values made
            /// by the server (`now()`, `uuid()`) are not idempotent.
            #[must_use]
            pub fn with_idempotent(mut self, idempotent: bool) -> Self {
                self.options.get_or_insert_default().idempotent = Some(idempotent);
                self
            }

            /// When it may be tried again, instead of what the profile and the configuration say.
            #[must_use]
            pub fn with_retry(
                mut self,
                policy: std::sync::Arc<dyn crate::policy::RetryPolicy>,
            ) -> Self {
                self.options.get_or_insert_default().retry = Some(policy);
                self
            }

            /// Takes what it does not say itself from this profile, and only then from the configuration.
            #[must_use]
            pub fn with_profile(mut self, profile: &crate::policy::Profile) -> Self {
                self.options.get_or_insert_default().profile = Some(profile.clone());
                self
            }

            /// Sends it to the node of this id and no other.
            #[must_use]
            pub fn with_node(mut self, host_id: crate::types::Uuid) -> Self {
                self.options.get_or_insert_default().node = Some(host_id);
                self
            }

            /// The serialized partition key that it is about, where the client cannot tell: it goes to a replica of
            /// that then. One column's value as it is; of several columns, for each its length in two bytes, its
            /// value, and a zero byte.
            #[must_use]
            pub fn with_routing_key(mut self, key: impl Into<bytes::Bytes>) -> Self {
                self.options.get_or_insert_default().routing_key = Some(key.into());
                self
            }

            /// Keyspace of unqualified names, instead of the connection's. Needs protocol v5.
            #[must_use]
            pub fn with_keyspace(mut self, keyspace: impl Into<std::sync::Arc<str>>) -> Self {
                self.options.get_or_insert_default().keyspace = Some(keyspace.into());
                self
            }

            /// The time that the server takes for now, in seconds since the Unix epoch, when it decides what has
            /// expired. For tests. Needs protocol v5.
            #[must_use]
            pub fn with_now_in_seconds(mut self, seconds: i32) -> Self {
                self.options.get_or_insert_default().now_in_seconds = Some(seconds);
                self
            }

            /// Adds an entry to the custom payload, for servers that have a handler for it. Needs protocol v4.
            #[must_use]
            pub fn with_payload(
                mut self,
                key: impl Into<String>,
                value: Option<bytes::Bytes>,
            ) -> Self {
                let options = self.options.get_or_insert_default();
                options.payload.push((key.into(), value));
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
#[derive(Debug, Clone)]
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
