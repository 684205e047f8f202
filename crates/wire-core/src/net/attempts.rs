//! How a [`Link`] connects: one attempt at a time, with a pause after one that failed.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::Backoff;
use super::connect::later;
use super::link::{Connector, Link, LinkError, LiveOf};

/// Attempts are at least this far apart behind a failed one, whoever asks for them: a server that comes up is not overrun.
const PACE: Duration = Duration::from_millis(500);
/// A kept connection that ended earlier than this counts as a failed attempt: the server accepts connections only to
/// end them, and is left in peace for longer each time.
const SHORT_LIFE: Duration = Duration::from_millis(500);

/// The attempts to connect to one server, by all links that share it: one at a time, and one pause for all.
#[derive(Clone, Default)]
pub struct Pace(Arc<Turns>);

#[derive(Default)]
struct Turns {
    attempts: tokio::sync::Mutex<Attempts>,
    /// Whether a pause is to be cut short.
    hurried: AtomicBool,
    /// Told when that, or whether a link is closed, changed.
    changed: Notify,
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").finish_non_exhaustive()
    }
}

/// What the attempts so far came to.
#[derive(Default)]
struct Attempts {
    backoff: Backoff,
    pause: Option<Pause>,
    last_error: Option<String>,
}

/// What the back-off asks for, and what must be waited in any case.
struct Pause {
    until: Instant,
    at_least_until: Instant,
}

/// For whom a connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// For a caller that waits for it.
    Now,
    /// To be there when it is needed.
    Kept,
    /// As that, and the one before it lived for so long.
    KeptAfter(Duration),
}

impl Attempts {
    fn failed(&mut self, error: String) {
        let now = Instant::now();
        self.pause = Some(Pause {
            until: later(now, self.backoff.failed()),
            at_least_until: later(now, PACE),
        });
        self.last_error = Some(error);
    }

    fn succeeded(&mut self, wanted: Wanted) {
        self.pause = None;
        self.last_error = None;
        if wanted == Wanted::Now {
            self.backoff.succeeded();
        }
    }

    /// Judges a kept connection by how long it lived.
    fn judge(&mut self, wanted: Wanted) {
        match wanted {
            Wanted::KeptAfter(lived) if lived < SHORT_LIFE => {
                self.failed("the connection ended as soon as it was open".to_owned());
            }
            Wanted::KeptAfter(_) => self.backoff.succeeded(),
            Wanted::Now | Wanted::Kept => {}
        }
    }
}

impl Pace {
    /// Cuts the pause short that somebody waits out.
    pub(super) fn hurry(&self) {
        self.0.hurried.store(true, Ordering::Release);
        self.tell();
    }

    /// Has those who wait look again.
    pub(super) fn tell(&self) {
        self.0.changed.notify_waiters();
    }

    /// Waits until `is`, which is looked at whenever something changed.
    async fn until(&self, mut is: impl FnMut() -> bool) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            if is() {
                return;
            }
            changed.await;
        }
    }
}

/// Does `work` unless `stop` is ready before it.
///
/// # Cancel safety
/// As safe as `work`, which is dropped when `stop` is ready.
pub(super) async fn unless<T>(
    stop: impl Future<Output = ()>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let (mut stop, mut work) = (pin!(stop), pin!(work));
    poll_fn(|cx| match stop.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => work.as_mut().poll(cx).map(Some),
    })
    .await
}

impl<C: Connector> Link<C> {
    /// Waits until the link is closed.
    pub(super) async fn until_closed(&self) {
        self.pace.until(|| self.is_closed()).await;
    }

    /// Waits for the end of a pause, or until it makes no sense any more. A caller who waits does so for no longer than
    /// the pace asks for: when the server is back, it is to be served soon.
    async fn pause(&self, pause: &Pause, wanted: Wanted, deadline: Instant) {
        let hurried = || wanted == Wanted::Now || self.pace.0.hurried.load(Ordering::Acquire);
        let over = || self.is_closed() || hurried();
        let rest = sleep_until(pause.until.min(deadline));
        if unless(self.pace.until(over), rest).await.is_none() {
            let soon = pause.until.min(pause.at_least_until).min(deadline);
            unless(self.until_closed(), sleep_until(soon)).await;
        }
    }

    /// The connection that another caller opened meanwhile, or a new one.
    pub(super) async fn reconnect(
        &self,
        began: Instant,
        timeout: Duration,
        wanted: Wanted,
    ) -> Result<Arc<LiveOf<C>>, LinkError<C::Error>> {
        let deadline = later(began, timeout);
        let too_late = |last_error| LinkError::Timeout {
            timeout,
            last_error,
        };
        if wanted == Wanted::Now {
            self.pace.hurry();
        }
        let Ok(mut attempts) = timeout_at(deadline, self.pace.0.attempts.lock()).await else {
            return Err(too_late(None));
        };
        if self.is_closed() {
            return Err(LinkError::Closed);
        }
        // Another caller may have connected while this one waited.
        if let Some(live) = self.open() {
            return Ok(live);
        }
        attempts.judge(wanted);
        if let Some(pause) = &attempts.pause {
            self.pause(pause, wanted, deadline).await;
        }
        // All who waited for an attempt that took too long are woken at once: none of them makes another.
        if deadline <= Instant::now() {
            return Err(too_late(attempts.last_error.clone()));
        }
        self.pace.0.hurried.store(false, Ordering::Release);
        let attempt = timeout_at(deadline, self.connector.connect());
        match unless(self.until_closed(), attempt).await {
            None => Err(LinkError::Closed),
            Some(Ok(Ok(live))) => {
                attempts.succeeded(wanted);
                self.opened(live)
            }
            Some(Ok(Err(error))) => {
                attempts.failed(error.to_string());
                Err(LinkError::Connect(error))
            }
            Some(Err(_)) => {
                let last_error = attempts.last_error.clone();
                attempts.failed(format!("no connection within {} ms", timeout.as_millis()));
                Err(too_late(last_error))
            }
        }
    }

    fn opened(&self, live: LiveOf<C>) -> Result<Arc<LiveOf<C>>, LinkError<C::Error>> {
        let live = Arc::new(live);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // Checked under the lock that `stop` takes the connection out with.
        if self.is_closed() {
            return Err(LinkError::Closed);
        }
        *current = Some(Arc::clone(&live));
        Ok(live)
    }
}
