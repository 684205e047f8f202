//! How many requests a client may have under way.

use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// The most that the runtime's semaphore counts on machines whose words have 32 bits.
const MOST: u32 = u32::MAX >> 3;
/// A request that has waited so long is better refused than sent late: the server is behind already.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// A bound on the requests that a client has under way, over all its nodes. Without one, the bounds are those of its
/// connections alone.
///
/// A request beyond the bound waits for another to end, first come, first served; if too many wait already, or if it
/// waits for too long, it fails with [`ErrorKind::Timeout`] and a text that names the limit. Nothing of it was sent, so
/// it may be made again.
///
/// | setting | unit | default |
/// | --- | --- | --- |
/// | [`new`](Self::new): `max_concurrent` | requests, at least 1 | none |
/// | [`with_max_queued`](Self::with_max_queued) | requests | `max_concurrent` |
/// | [`with_max_wait`](Self::with_max_wait) | time; the request's own timeout ends it, too | 1 s |
///
/// ```
/// use std::time::Duration;
/// use cql_v4::policy::Throttle;
///
/// let throttle = Throttle::new(1_000)
///     .with_max_queued(200)
///     .with_max_wait(Duration::from_millis(50));
/// assert_eq!(throttle.max_concurrent(), 1_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    max_concurrent: u32,
    max_queued: u32,
    max_wait: Duration,
}

impl Throttle {
    /// At most so many requests under way at once; as many may wait, for one second.
    pub fn new(max_concurrent: u32) -> Self {
        Self {
            max_concurrent,
            max_queued: max_concurrent,
            max_wait: MAX_WAIT,
        }
    }

    /// Requests that may wait; 0 refuses at once what is beyond the bound.
    #[must_use]
    pub fn with_max_queued(mut self, requests: u32) -> Self {
        self.max_queued = requests;
        self
    }

    /// How long a request may wait.
    #[must_use]
    pub fn with_max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Requests under way at once.
    pub fn max_concurrent(&self) -> u32 {
        self.max_concurrent
    }

    /// See [`Self::with_max_queued`].
    pub fn max_queued(&self) -> u32 {
        self.max_queued
    }

    /// See [`Self::with_max_wait`].
    pub fn max_wait(&self) -> Duration {
        self.max_wait
    }

    /// Refuses a bound that nothing could pass. A client does this before it connects.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the setting and what it can be.
    pub fn check(&self) -> Result<(), Error> {
        if (1..=MOST).contains(&self.max_concurrent) {
            return Ok(());
        }
        let n = self.max_concurrent;
        let text = format!("throttle: max_concurrent is {n}; it can be 1 to {MOST}");
        Err(Error::new(ErrorKind::Config, text))
    }
}
