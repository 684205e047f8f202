//! What the callers and the driver of one connection share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::machine::{Cause, Machine, Outgoing, Settings, SubmitError, Ticket};

/// What the callers and the driver of one connection share.
pub(super) struct Shared<T> {
    machine: Mutex<Machine<T>>,
    /// One permit for each slot.
    pub(super) slots: Semaphore,
    /// How many slots there are.
    permits: usize,
    /// Told when queued bytes were taken to be written.
    pub(super) room: Notify,
    /// Whether the driver has ended, and the socket is closed.
    ended: AtomicBool,
    /// Told when no more requests are accepted, and when the driver has ended.
    end: Notify,
    /// When the connection began.
    began: Instant,
}

impl<T> Shared<T> {
    pub(super) fn new(settings: Settings) -> Self {
        let permits = usize::try_from(settings.max_in_flight)
            .map_or(Semaphore::MAX_PERMITS, |n| n.min(Semaphore::MAX_PERMITS));
        Self {
            slots: Semaphore::new(permits),
            permits,
            machine: Mutex::new(Machine::new(settings)),
            room: Notify::new(),
            ended: AtomicBool::new(false),
            end: Notify::new(),
            began: Instant::now(),
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

    /// Slots that are taken, by requests in flight and by those given up.
    pub(super) fn taken(&self) -> usize {
        self.permits.saturating_sub(self.slots.available_permits())
    }

    /// When the peer was last heard.
    pub(super) fn heard(&self) -> Instant {
        let heard = self.machine().heard();
        heard.map_or(self.began, Instant::from_std)
    }

    /// Tells callers that no more requests are accepted.
    pub(super) fn refuse(&self) {
        if !self.slots.is_closed() {
            self.slots.close();
            self.end.notify_waiters();
        }
    }

    /// Tells callers that the driver has ended, which is the last thing that it does.
    pub(super) fn end(&self) {
        self.refuse();
        self.ended.store(true, Ordering::Release);
        self.room.notify_waiters();
        self.end.notify_waiters();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Changes the machine so that it accepts no more requests, and lets the driver know.
    pub(super) fn finish(&self, change: impl FnOnce(&mut Machine<T>) -> Option<Waker>) {
        let driver = change(&mut self.machine());
        self.refuse();
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// Waits until `is`, which [`Self::refuse`] or [`Self::end`] made true.
    pub(super) async fn wait_until(&self, is: impl Fn(&Self) -> bool) {
        loop {
            let told = self.end.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if is(self) {
                return;
            }
            told.await;
        }
    }
}

/// A queued request, and the driver's waker if it is to be woken.
type Submitted<E> = Result<(Ticket, Option<Waker>), SubmitError<E>>;

impl<T> Shared<T> {
    /// Queues a request under one lock, or gives `encode` back if the queue is full.
    #[inline]
    pub(super) fn submit_if_room<E, F>(
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
    pub(super) async fn wait_for_slot(
        &self,
        began: Instant,
        timeout: Duration,
    ) -> Result<(), Cause> {
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
    pub(super) async fn wait_for_room(
        &self,
        began: Instant,
        timeout: Duration,
    ) -> Result<(), Cause> {
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
pub(super) struct Permit<'a, T> {
    pub(super) shared: &'a Shared<T>,
    pub(super) kept: bool,
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        if !self.kept {
            self.shared.freed(1);
        }
    }
}
