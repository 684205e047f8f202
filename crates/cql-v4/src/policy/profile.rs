//! How statements of one kind are run.

use std::sync::Arc;
use std::time::Duration;

use super::{RetryPolicy, SpeculativePolicy};
use crate::error::{Consistency, Error, ErrorKind};
use crate::routing::LoadBalancing;

/// An execution profile: how statements of one kind are run, where they say nothing themselves.
///
/// What a profile leaves open is as the configuration says. Cheap to clone; clones share their contents, and changing
/// one leaves the others as they are.
///
/// | builder | unit | default |
/// | --- | --- | --- |
/// | [`with_consistency`](Self::with_consistency) | | the configuration's |
/// | [`with_serial_consistency`](Self::with_serial_consistency) | SERIAL or LOCAL_SERIAL | the configuration's |
/// | [`with_page_size`](Self::with_page_size) | rows, 1 to 2,147,483,647 | the configuration's |
/// | [`with_request_timeout`](Self::with_request_timeout) | time, over all attempts | the configuration's |
/// | [`with_retry`](Self::with_retry) | | the configuration's |
/// | [`with_speculation`](Self::with_speculation) | | the configuration's |
/// | [`with_load_balancing`](Self::with_load_balancing) | | the configuration's |
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use cql_v4::{Consistency, policy::{NeverRetry, Profile}};
///
/// let reports = Profile::new()
///     .with_consistency(Consistency::One)
///     .with_request_timeout(Duration::from_secs(60))
///     .with_retry(Arc::new(NeverRetry));
/// assert_eq!(reports.consistency(), Some(Consistency::One));
/// assert_eq!(reports.page_size(), None);
/// ```
#[derive(Debug, Clone, Default)]
#[doc(alias = "ExecutionProfile")]
pub struct Profile(Arc<Settings>);

#[derive(Debug, Clone, Default)]
struct Settings {
    consistency: Option<Consistency>,
    serial_consistency: Option<Consistency>,
    page_size: Option<u32>,
    request_timeout: Option<Duration>,
    retry: Option<Arc<dyn RetryPolicy>>,
    speculation: Option<Arc<dyn SpeculativePolicy>>,
    load_balancing: Option<Arc<dyn LoadBalancing>>,
}

impl Profile {
    /// A profile that leaves everything open.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many replicas must answer.
    #[must_use]
    pub fn with_consistency(mut self, consistency: Consistency) -> Self {
        self.settings().consistency = Some(consistency);
        self
    }

    /// SERIAL or LOCAL_SERIAL, for conditional statements.
    #[must_use]
    pub fn with_serial_consistency(mut self, consistency: Consistency) -> Self {
        self.settings().serial_consistency = Some(consistency);
        self
    }

    /// Rows in a page, at least 1.
    #[must_use]
    pub fn with_page_size(mut self, rows: u32) -> Self {
        self.settings().page_size = Some(rows);
        self
    }

    /// How long a statement may take, with all its attempts.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.settings().request_timeout = Some(timeout);
        self
    }

    /// What follows an attempt that failed.
    #[must_use]
    pub fn with_retry(mut self, policy: Arc<dyn RetryPolicy>) -> Self {
        self.settings().retry = Some(policy);
        self
    }

    /// When another node is asked before the first has answered; for statements that are idempotent only.
    #[must_use]
    pub fn with_speculation(mut self, policy: Arc<dyn SpeculativePolicy>) -> Self {
        self.settings().speculation = Some(policy);
        self
    }

    /// Which nodes are asked. To which nodes there are connections is decided by the configuration's alone, so a profile
    /// can prefer other nodes than that, but not reach those that it ignores.
    #[must_use]
    pub fn with_load_balancing(mut self, policy: Arc<dyn LoadBalancing>) -> Self {
        self.settings().load_balancing = Some(policy);
        self
    }

    /// See [`Self::with_consistency`].
    pub fn consistency(&self) -> Option<Consistency> {
        self.0.consistency
    }

    /// See [`Self::with_serial_consistency`].
    pub fn serial_consistency(&self) -> Option<Consistency> {
        self.0.serial_consistency
    }

    /// See [`Self::with_page_size`].
    pub fn page_size(&self) -> Option<u32> {
        self.0.page_size
    }

    /// See [`Self::with_request_timeout`].
    pub fn request_timeout(&self) -> Option<Duration> {
        self.0.request_timeout
    }

    /// See [`Self::with_retry`].
    pub fn retry(&self) -> Option<&Arc<dyn RetryPolicy>> {
        self.0.retry.as_ref()
    }

    /// See [`Self::with_speculation`].
    pub fn speculation(&self) -> Option<&Arc<dyn SpeculativePolicy>> {
        self.0.speculation.as_ref()
    }

    /// See [`Self::with_load_balancing`].
    pub fn load_balancing(&self) -> Option<&Arc<dyn LoadBalancing>> {
        self.0.load_balancing.as_ref()
    }

    fn settings(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.0)
    }

    /// Refuses what no statement could be run with; `name` is that of the profile.
    ///
    /// A client does this with all its profiles before it connects.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the setting, its value, and what it can be.
    pub fn check(&self, name: &str) -> Result<(), Error> {
        let wrong = |what: String| {
            let text = format!("profile {name}: {what}");
            Err(Error::new(ErrorKind::Config, text))
        };
        if let Some(rows) = self.page_size()
            && (rows == 0 || i32::try_from(rows).is_err())
        {
            return wrong(format!("page_size is {rows}; it can be 1 to 2,147,483,647"));
        }
        if self.request_timeout() == Some(Duration::ZERO) {
            return wrong("request_timeout is 0; it must be longer".to_owned());
        }
        match self.serial_consistency() {
            Some(level) if !level.is_serial() => wrong(format!(
                "serial_consistency is {level}; it can be SERIAL or LOCAL_SERIAL"
            )),
            _ => Ok(()),
        }
    }
}
