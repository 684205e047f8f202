//! How callers use a connection.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::machine::{Cause, Failure, Machine, Outgoing, Settings, Stats, SubmitError, Ticket};

/// What the callers and the driver of one connection share.
pub(super) struct Shared<T> {
    machine: Mutex<Machine<T>>,
    /// One permit for each slot.
    slots: Semaphore,
    /// Told when queued bytes were taken to be written.
    pub(super) room: Notify,
    /// Told when the driver has ended.
    end: Notify,
}

impl<T> Shared<T> {
    pub(super) fn new(settings: Settings) -> Self {
        let permits = usize::try_from(settings.max_in_flight).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            slots: Semaphore::new(permits.min(Semaphore::MAX_PERMITS)),
            machine: Mutex::new(Machine::new(settings)),
            room: Notify::new(),
            end: Notify::new(),
        }
    }

    /// The machine keeps its promises when a caller's encoder panics, so a poisoned lock is as good as any.
    #[inline]
    pub(super) fn machine(&self) -> MutexGuard<'_, Machine<T>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(super) fn freed(&self, slots: usize) {
        if slots > 0 {
            self.slots.add_permits(slots);
        }
    }

    /// Tells callers that no more requests are accepted.
    pub(super) fn refuse(&self) {
        self.slots.close();
    }

    pub(super) fn ended(&self) {
        self.refuse();
        self.room.notify_waiters();
        self.end.notify_waiters();
    }

    fn close(&self) {
        let driver = self.machine().close();
        self.refuse();
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}

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
        let driver = self.shared.machine().retire(Cause::Closed);
        self.shared.refuse();
        if let Some(driver) = driver {
            driver.wake();
        }
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

/// A queued request, and the driver's waker if it is to be woken.
type Submitted<E> = Result<(Ticket, Option<Waker>), SubmitError<E>>;

/// Why a request could not be made. Nothing of it was, or will be, sent.
#[derive(Debug)]
pub enum RequestError<E> {
    /// The connection is gone, or had no room until the deadline.
    Connection(Cause),
    /// The request could not be encoded.
    Encode(E),
}

impl<T> Handle<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            owner: Arc::new(Owner { shared }),
        }
    }

    /// Makes a request: waits for a slot and for room in the outgoing queue, then lets `encode` append the message.
    ///
    /// `timeout` covers the wait and the time until the (first) answer.
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

    /// [`Self::try_request`] whose `timeout` runs since `began`.
    #[inline]
    pub(super) fn try_request_since<E>(
        &self,
        began: Instant,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<Option<Exchange<T>>, RequestError<E>> {
        let shared = &*self.owner.shared;
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
                Ok(Exchange {
                    shared: Arc::clone(&self.owner.shared),
                    ticket,
                    ended: false,
                })
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
    /// Returns when that is done, after 5 seconds at the latest.
    ///
    /// # Cancel safety
    /// Cancel safe: the connection closes all the same.
    pub async fn close(&self) {
        let shared = &self.owner.shared;
        let ended = shared.end.notified();
        tokio::pin!(ended);
        ended.as_mut().enable();
        shared.close();
        if shared.machine().dead().is_none() {
            ended.await;
        }
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

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

impl<T> Shared<T> {
    /// Queues a request under one lock, or gives `encode` back if the queue is full.
    #[inline]
    fn submit_if_room<E, F>(
        &self,
        began: Instant,
        timeout: Duration,
        encode: F,
    ) -> Result<Submitted<E>, F>
    where
        F: FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    {
        let mut machine = self.machine();
        if !machine.has_room() {
            return Err(encode);
        }
        Ok(machine.submit(began.into_std(), timeout, encode))
    }

    /// Takes a slot's permit, once there is one.
    async fn wait_for_slot(&self, began: Instant, timeout: Duration) -> Result<(), Cause> {
        let acquired = match began.checked_add(timeout) {
            Some(deadline) => timeout_at(deadline, self.slots.acquire()).await,
            // A timeout too long for the clock is none.
            None => Ok(self.slots.acquire().await),
        };
        match acquired {
            Ok(Ok(permit)) => {
                permit.forget();
                Ok(())
            }
            // The semaphore is closed when the connection is.
            Ok(Err(_)) => Err(self.machine().refusal().unwrap_or(Cause::Closed)),
            Err(_) => Err(Cause::Overloaded(timeout)),
        }
    }

    /// Waits until the outgoing queue has room.
    async fn wait_for_room(&self, began: Instant, timeout: Duration) -> Result<(), Cause> {
        let deadline = began.checked_add(timeout);
        let waiter = RoomWaiter::new(self);
        loop {
            let notified = self.room.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if self.machine().has_room() {
                drop(waiter);
                return Ok(());
            }
            match deadline {
                None => notified.await,
                Some(deadline) => {
                    if timeout_at(deadline, notified).await.is_err() {
                        return Err(Cause::Overloaded(timeout));
                    }
                }
            }
        }
    }
}

/// Counts a waiting caller, so that the driver tells of room only when somebody wants to know.
struct RoomWaiter<'a, T>(&'a Shared<T>);

impl<'a, T> RoomWaiter<'a, T> {
    fn new(shared: &'a Shared<T>) -> Self {
        shared.machine().wait_for_room(true);
        Self(shared)
    }
}

impl<T> Drop for RoomWaiter<'_, T> {
    fn drop(&mut self) {
        self.0.machine().wait_for_room(false);
    }
}

/// A reserved slot; given back if the request is not made after all.
struct Permit<'a, T> {
    shared: &'a Shared<T>,
    kept: bool,
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        if !self.kept {
            self.shared.freed(1);
        }
    }
}

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
    /// The only answer of the request.
    ///
    /// # Errors
    /// [`Failure`]: the deadline passed or the connection died.
    ///
    /// # Cancel safety
    /// Dropping this gives the request up; the connection stays usable.
    pub async fn answer(mut self) -> Result<T, Failure> {
        let item =
            poll_fn(|cx| self.poll(|machine, ticket| machine.poll_answer(ticket, now, cx))).await;
        self.ended = true;
        let item = item?;
        item.ok_or_else(|| Failure::new(Cause::Closed, true))
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
