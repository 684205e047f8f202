//! How callers use a connection.

use std::fmt;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::exchange::Exchange;
use super::shared::{Permit, Shared};
use crate::machine::{Cause, Outgoing, Stats, SubmitError, Ticket};
/// A connection, to make requests on. Cheap to clone; when the last clone and the last [`Exchange`] are gone, the
/// connection is closed.
pub struct Handle<T> {
    owner: Arc<Owner<T>>,
}

struct Owner<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        self.shared.finish(|machine| machine.retire(Cause::Closed));
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self {
            owner: Arc::clone(&self.owner),
        }
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("stats", &self.stats())
            .finish()
    }
}

/// Why a request could not be made. Nothing of it was, or will be, sent.
#[derive(Debug)]
pub enum RequestError<E> {
    /// The connection is gone, or had no room until the deadline.
    Connection(Cause),
    /// The request could not be encoded.
    Encode(E),
}

/// A request without any time is not sent: nobody would wait for its answer.
#[inline]
fn has_time<E>(timeout: Duration) -> Result<(), RequestError<E>> {
    if timeout.is_zero() {
        return Err(RequestError::Connection(Cause::Timeout(timeout)));
    }
    Ok(())
}

impl<T> Handle<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            owner: Arc::new(Owner { shared }),
        }
    }

    /// Makes a request: waits for a slot and for room in the outgoing queue, then lets `encode` append the message.
    ///
    /// `timeout` covers the wait and the time until the (first) answer. With a timeout of zero nothing is sent.
    /// `encode` runs under the connection's lock: it should only copy. Large bodies are made before and appended with
    /// [`Outgoing::segment`].
    ///
    /// # Errors
    /// [`RequestError`]: the connection is gone, no slot became free within `timeout`, or `encode` failed.
    ///
    /// # Cancel safety
    /// Cancel safe: dropped before it is ready, nothing is sent.
    pub async fn request<E>(
        &self,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<Exchange<T>, RequestError<E>> {
        self.request_since(Instant::now(), timeout, encode).await
    }

    /// [`Self::request`] whose `timeout` runs since `began`.
    pub(super) async fn request_since<E>(
        &self,
        began: Instant,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<Exchange<T>, RequestError<E>> {
        let shared = &*self.owner.shared;
        has_time(timeout)?;
        match shared.slots.try_acquire() {
            // The permit comes back when the slot becomes free.
            Ok(permit) => permit.forget(),
            // Boxed, so that the usual request stays small.
            Err(_) => Box::pin(shared.wait_for_slot(began, timeout))
                .await
                .map_err(RequestError::Connection)?,
        }
        let permit = Permit {
            shared,
            kept: false,
        };
        let submitted = match shared.submit_if_room(began, timeout, encode) {
            Ok(submitted) => submitted,
            Err(encode) => {
                Box::pin(shared.wait_for_room(began, timeout))
                    .await
                    .map_err(RequestError::Connection)?;
                shared.machine().submit(began.into_std(), timeout, encode)
            }
        };
        self.submitted(permit, timeout, submitted)
    }

    /// [`Self::request`] where that need not wait, which is the usual case and takes no future. `None` if it would
    /// have to; `encode` was not called then.
    ///
    /// # Errors
    /// As [`Self::request`].
    #[inline]
    pub fn try_request<E>(
        &self,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<Option<Exchange<T>>, RequestError<E>> {
        self.try_request_since(Instant::now(), timeout, encode)
    }

    /// [`Self::try_request`] whose `timeout` runs since `began`, for callers who have looked at the clock already.
    ///
    /// # Errors
    /// As [`Self::request`].
    #[inline]
    pub fn try_request_since<E>(
        &self,
        began: Instant,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<Option<Exchange<T>>, RequestError<E>> {
        let shared = &*self.owner.shared;
        has_time(timeout)?;
        let Ok(permit) = shared.slots.try_acquire() else {
            return Ok(None);
        };
        // The permit comes back when the slot becomes free.
        permit.forget();
        let permit = Permit {
            shared,
            kept: false,
        };
        match shared.submit_if_room(began, timeout, encode) {
            Ok(submitted) => self.submitted(permit, timeout, submitted).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn submitted<E>(
        &self,
        mut permit: Permit<'_, T>,
        timeout: Duration,
        submitted: Result<(Ticket, Option<Waker>), SubmitError<E>>,
    ) -> Result<Exchange<T>, RequestError<E>> {
        match submitted {
            Ok((ticket, driver)) => {
                permit.kept = true;
                if let Some(driver) = driver {
                    driver.wake();
                }
                Ok(Exchange::new(Arc::clone(&self.owner.shared), ticket))
            }
            Err(SubmitError::Dead(cause)) => {
                // The driver may not have noticed yet; the next caller need not find out for itself.
                permit.shared.refuse();
                Err(RequestError::Connection(cause))
            }
            Err(SubmitError::Full) => Err(RequestError::Connection(Cause::Overloaded(timeout))),
            Err(SubmitError::Encode(error)) => Err(RequestError::Encode(error)),
        }
    }

    /// Closes the connection: no further requests are accepted, those in flight may end, then the peer is told.
    /// Returns when the socket is closed, after 5 seconds at the latest.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection closes all the same.
    pub async fn close(&self) {
        self.retire();
        self.ended().await;
    }

    /// Begins to close the connection, and does not wait until that is done: no further requests are accepted from now
    /// on, those in flight may end.
    pub fn retire(&self) {
        self.owner.shared.finish(|machine| machine.close());
    }

    /// Ends the connection at once, because of `cause`: requests in flight fail with it, and nothing that was not
    /// written yet is. A connection that is dead already keeps the cause of its death.
    pub fn kill(&self, cause: Cause) {
        self.owner.shared.finish(|machine| machine.kill(cause));
    }

    /// Returns once the connection is dead, its socket closed and its requests failed; at once if it is.
    ///
    /// # Cancel safety
    /// Cancel safe: it only waits.
    pub async fn ended(&self) {
        self.owner.shared.wait_until(Shared::has_ended).await;
    }

    /// Returns once the connection accepts no more requests; at once if it does not. Those in flight may go on.
    ///
    /// # Cancel safety
    /// Cancel safe: it only waits.
    pub async fn retired(&self) {
        let is_closed = |shared: &Shared<T>| shared.slots.is_closed();
        self.owner.shared.wait_until(is_closed).await;
    }

    /// Requests that the server has not answered yet, given-up ones included; a moment's estimate, for choosing among
    /// connections. Takes no lock.
    #[inline]
    pub fn in_flight(&self) -> usize {
        self.owner.shared.taken()
    }

    /// When bytes last arrived; when the connection began, if none have.
    ///
    /// Bytes of an answer that is not complete may be told of only when the next ones come.
    pub fn heard(&self) -> Instant {
        self.owner.shared.heard()
    }

    /// Whether the connection accepts no more requests. Takes no lock.
    #[inline]
    pub fn is_closed(&self) -> bool {
        self.owner.shared.slots.is_closed()
    }

    /// Why the connection accepts no more requests, if so.
    pub fn closed(&self) -> Option<Cause> {
        self.owner.shared.machine().refusal()
    }

    /// What the connection holds at this moment.
    pub fn stats(&self) -> Stats {
        self.owner.shared.machine().stats()
    }
}
