//! Requests on their way in.

use std::task::Waker;
use std::time::{Duration, Instant};

use super::outgoing::Mark;
use super::slots::State;
use super::{Cause, Machine, Outgoing, Ticket};

/// Why a request could not be queued. Nothing of it will be sent.
#[derive(Debug)]
pub enum SubmitError<E> {
    /// The connection is closed or closing.
    Dead(Cause),
    /// All slots are taken.
    Full,
    /// Encoding failed.
    Encode(E),
}

impl<T> Machine<T> {
    /// Queues a request: reserves a slot, lets `encode` append the message, and arms the deadline `now + timeout`.
    ///
    /// The returned waker, if any, is the driver's: wake it after the lock is released.
    ///
    /// # Errors
    /// [`SubmitError`]; then nothing was queued.
    pub fn submit<E>(
        &mut self,
        now: Instant,
        timeout: Duration,
        encode: impl FnOnce(Ticket, &mut Outgoing) -> Result<(), E>,
    ) -> Result<(Ticket, Option<Waker>), SubmitError<E>> {
        if let Some(cause) = self.refusal() {
            return Err(SubmitError::Dead(cause));
        }
        let index = self.reserve().ok_or(SubmitError::Full)?;
        let ticket = Ticket {
            index,
            sequence: self.sequence,
        };
        let start = self.position();
        // A panic in `encode` (users' code) must leave neither a reserved slot nor half a message.
        let mut guard = Reservation {
            mark: self.out.mark(),
            machine: self,
            index,
            kept: false,
        };
        encode(ticket, &mut guard.machine.out).map_err(SubmitError::Encode)?;
        guard.kept = true;
        drop(guard);
        self.sequence = self.sequence.wrapping_add(1) & 0x7fff_ffff;
        let deadline = now.checked_add(timeout);
        if let Some(slot) = self.slot_mut(index) {
            slot.sequence = ticket.sequence;
            slot.state = State::Waiting;
            slot.deadline = deadline;
            slot.timeout = timeout;
            slot.start = start;
        }
        self.live = self.live.saturating_add(1);
        if self.settings.in_order {
            self.order.push_back(index);
        }
        self.arm(deadline);
        Ok((ticket, self.driver.take()))
    }

    /// Queues a further message of a request that is under way.
    ///
    /// # Errors
    /// `Ok(None)` in the inner place if the request has ended meanwhile: nothing was queued, and
    /// [`Self::poll_item`] says how it ended. The error of `encode` otherwise.
    pub fn submit_more<E>(
        &mut self,
        ticket: Ticket,
        encode: impl FnOnce(&mut Outgoing) -> Result<(), E>,
    ) -> Result<Option<Option<Waker>>, E> {
        let waiting = self
            .slot_of(ticket)
            .is_some_and(|slot| matches!(slot.state, State::Waiting));
        if !waiting || self.dead.is_some() {
            return Ok(None);
        }
        let mark = self.out.mark();
        let mut guard = Rewind {
            mark,
            out: &mut self.out,
            kept: false,
        };
        encode(guard.out)?;
        guard.kept = true;
        drop(guard);
        Ok(Some(self.driver.take()))
    }
}

/// A slot that is being filled; given back when encoding fails or panics.
struct Reservation<'a, T> {
    machine: &'a mut Machine<T>,
    index: u32,
    mark: Mark,
    kept: bool,
}

impl<T> Drop for Reservation<'_, T> {
    fn drop(&mut self) {
        if !self.kept {
            self.machine.out.rewind(self.mark);
            // Not counted as freed: to others it was never taken.
            self.machine.free.push(self.index);
        }
    }
}

/// A message that is being appended; taken back when encoding fails or panics.
struct Rewind<'a> {
    out: &'a mut Outgoing,
    mark: Mark,
    kept: bool,
}

impl Drop for Rewind<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.out.rewind(self.mark);
        }
    }
}
