//! A request under way, for the caller who waits for its answer.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::handle::RequestError;
use super::shared::Shared;
use crate::machine::{Cause, Failure, Machine, Outgoing, Ticket};

/// A request under way. Dropping it gives the request up: its answer, when it comes, is thrown away.
pub struct Exchange<T> {
    shared: Arc<Shared<T>>,
    ticket: Ticket,
    ended: bool,
}

impl<T> fmt::Debug for Exchange<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("ticket", &self.ticket)
            .finish_non_exhaustive()
    }
}

impl<T> Exchange<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, ticket: Ticket) -> Self {
        Self {
            shared,
            ticket,
            ended: false,
        }
    }

    /// The only answer of the request.
    ///
    /// # Errors
    /// [`Failure`]: the deadline passed or the connection died.
    ///
    /// # Cancel safety
    /// Dropping this gives the request up; the connection stays usable.
    // Not an `async fn`: this is in the future of every request, and is polled twice for each.
    pub fn answer(mut self) -> impl Future<Output = Result<T, Failure>> {
        poll_fn(move |cx| {
            let polled = self.poll(|machine, ticket| machine.poll_answer(ticket, now, cx));
            polled.map(|item| {
                self.ended = true;
                item?.ok_or_else(|| Failure::new(Cause::Closed, true))
            })
        })
    }

    /// The next item of an answer that has many; `Ready(None)` is its proper end.
    ///
    /// The timeout of the request runs anew for each item, and only while this returns `Pending`.
    ///
    /// # Errors
    /// [`Failure`]: the deadline passed or the connection died before the end. It comes once, then the end.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, Failure>> {
        if self.ended {
            return Poll::Ready(Ok(None));
        }
        let polled = self.poll(|machine, ticket| machine.poll_item(ticket, now, cx));
        if matches!(polled, Poll::Ready(Ok(None) | Err(_))) {
            self.ended = true;
        }
        polled
    }

    /// Polls the machine under its lock, and does what has to be done after it is released.
    #[inline]
    fn poll<R>(&self, poll: impl FnOnce(&mut Machine<T>, Ticket) -> (R, Option<Waker>)) -> R {
        let mut machine = self.shared.machine();
        let (polled, driver) = poll(&mut machine, self.ticket);
        let freed = machine.take_freed();
        drop(machine);
        self.shared.freed(freed);
        if let Some(driver) = driver {
            driver.wake();
        }
        polled
    }

    /// [`Self::poll_next`] as a future.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Cancel safe: no item is lost.
    pub async fn next(&mut self) -> Result<Option<T>, Failure> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Sends a further message of this request, once the outgoing queue has room. Returns `false`, and sends nothing,
    /// if the request has ended meanwhile: [`Self::next`] says how.
    ///
    /// # Errors
    /// The queue stayed full for `timeout`, or `encode` failed.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it is ready, nothing is sent.
    pub async fn send<E>(
        &mut self,
        timeout: Duration,
        encode: impl FnOnce(&mut Outgoing) -> Result<(), E>,
    ) -> Result<bool, RequestError<E>> {
        if !self.shared.machine().has_room() {
            Box::pin(self.shared.wait_for_room(Instant::now(), timeout))
                .await
                .map_err(RequestError::Connection)?;
        }
        let submitted = self.shared.machine().submit_more(self.ticket, encode);
        match submitted.map_err(RequestError::Encode)? {
            None => Ok(false),
            Some(driver) => {
                if let Some(driver) = driver {
                    driver.wake();
                }
                Ok(true)
            }
        }
    }
}

impl<T> Drop for Exchange<T> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.poll(|machine, ticket| ((), machine.abandon(ticket, now())));
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
