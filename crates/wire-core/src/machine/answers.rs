//! Answers on their way out: to the caller that waits, or to nobody.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::slots::{MAX_OLD_ORPHANS, State, StillOwed};
use super::{Cause, Failure, Inbound, Machine, Route, Ticket};
use crate::DecodeError;

/// Scans for passed deadlines are at least this far apart: ten of them are still shorter than the promised 100 ms.
const DEADLINE_GRAIN: Duration = Duration::from_millis(10);

impl<T> Machine<T> {
    /// The next item of a request. `Ready(Ok(None))` is the end: its slot is free again and the ticket is void. Until
    /// then nobody else gets the slot, so a caller can act on the last item first.
    ///
    /// While this returns `Pending`, the deadline runs; it does not run while an item waits to be taken. `now` is
    /// called only where the time matters. The second value is the driver's waker, to be woken after the lock is
    /// released.
    pub fn poll_item(
        &mut self,
        ticket: Ticket,
        now: impl FnOnce() -> Instant,
        cx: &mut Context<'_>,
    ) -> (Poll<Result<Option<T>, Failure>>, Option<Waker>) {
        let window = self.settings.stream_window;
        let Some(slot) = self.slot_of_mut(ticket) else {
            return (Poll::Ready(Ok(None)), None);
        };
        if let Some(item) = slot.items.pop_front() {
            // The driver stopped reading when the window was full; it goes on now.
            let resumed = slot.items.len().saturating_add(1) == window;
            let driver = if resumed { self.driver.take() } else { None };
            return (Poll::Ready(Ok(Some(item))), driver);
        }
        match &slot.state {
            State::Complete => (Poll::Ready(Ok(None)), self.release(ticket.index)),
            State::Failed(failure, owed) => {
                let (failure, owed) = (failure.clone(), *owed);
                if owed.0 {
                    self.orphan(ticket.index, now());
                    // It has an age to watch now.
                    return (Poll::Ready(Err(failure)), self.driver.take());
                }
                (Poll::Ready(Err(failure)), self.release(ticket.index))
            }
            State::Waiting => {
                if !slot
                    .waker
                    .as_ref()
                    .is_some_and(|waker| waker.will_wake(cx.waker()))
                {
                    slot.waker = Some(cx.waker().clone());
                }
                if slot.deadline.is_some() {
                    return (Poll::Pending, None);
                }
                let deadline = now().checked_add(slot.timeout);
                slot.deadline = deadline;
                let rearmed = self.arm(deadline);
                (
                    Poll::Pending,
                    if rearmed { self.driver.take() } else { None },
                )
            }
            State::Free | State::Orphan { .. } => (Poll::Ready(Ok(None)), None),
        }
    }

    /// [`Self::poll_item`] for a request that has exactly one item, which is the common case: frees the slot with it,
    /// and gives up what else might come.
    pub fn poll_answer(
        &mut self,
        ticket: Ticket,
        now: impl Fn() -> Instant,
        cx: &mut Context<'_>,
    ) -> (Poll<Result<Option<T>, Failure>>, Option<Waker>) {
        match self.slot_of_mut(ticket) {
            Some(slot) if matches!(slot.state, State::Complete) => {
                let item = slot.items.pop_front();
                (Poll::Ready(Ok(item)), self.release(ticket.index))
            }
            _ => {
                let (polled, driver) = self.poll_item(ticket, &now, cx);
                if matches!(polled, Poll::Ready(Ok(Some(_)))) {
                    // More is to come that nobody will take.
                    let driver = self.abandon(ticket, now()).or(driver);
                    return (polled, driver);
                }
                (polled, driver)
            }
        }
    }

    /// The caller of `ticket` went away. The returned waker is the driver's, as in [`Self::submit`].
    pub fn abandon(&mut self, ticket: Ticket, now: Instant) -> Option<Waker> {
        let owed = match self.slot_of(ticket).map(|slot| &slot.state) {
            None | Some(State::Free | State::Orphan { .. }) => return None,
            Some(State::Complete) => false,
            Some(State::Failed(_, owed)) => owed.0,
            Some(State::Waiting) => {
                let action = self.settings.on_drop.clone();
                self.give_up(&action);
                true
            }
        };
        if owed && self.dead.is_none() {
            self.orphan(ticket.index, now);
            return self.driver.take();
        }
        self.release(ticket.index).or_else(|| self.driver.take())
    }

    /// Hands `inbound` to its request. Wakers go to `wakers`, to be woken after the lock is released.
    ///
    /// # Errors
    /// No request waits for it: the peer answered twice, or something that was never asked.
    pub fn deliver(
        &mut self,
        inbound: Inbound<T>,
        wakers: &mut Vec<Waker>,
    ) -> Result<(), DecodeError> {
        let index = self.route(inbound.route)?;
        self.delivered = self.delivered.wrapping_add(1);
        let last = inbound.last;
        if last && self.settings.in_order {
            // `route` found it at the front.
            self.order.pop_front();
        }
        let Some(slot) = self.slot_mut(index) else {
            return Ok(());
        };
        match &mut slot.state {
            State::Waiting => {
                slot.items.push_back(inbound.item);
                slot.deadline = None;
                wakers.extend(slot.waker.take());
                if last {
                    slot.state = State::Complete;
                }
            }
            State::Failed(_, owed) if last => owed.0 = false,
            State::Orphan { .. } if last => {
                self.orphans = self.orphans.saturating_sub(1);
                self.free_slot(index);
            }
            State::Failed(..) | State::Orphan { .. } => {}
            State::Free | State::Complete => return Err(unexpected(inbound.route)),
        }
        Ok(())
    }

    fn route(&self, route: Route) -> Result<u32, DecodeError> {
        let found = match route {
            Route::Index(index) => self.slot(index).map(|_| index),
            Route::Id(id) => {
                let ticket = Ticket::from_id(id);
                self.slot_of(ticket).map(|_| ticket.index)
            }
            Route::Next => self.order.front().copied(),
            Route::NextSequence(sequence) => self.order.front().copied().filter(|index| {
                self.slot(*index)
                    .is_some_and(|slot| slot.sequence == sequence)
            }),
        };
        found.ok_or_else(|| unexpected(route))
    }

    /// Ends what is overdue at `now`.
    pub fn handle_timeout(&mut self, now: Instant, wakers: &mut Vec<Waker>) {
        let mut next: Option<Instant> = None;
        let mut timed_out = false;
        let mut old_orphans = 0_usize;
        // In order, an answer that does not come holds up all behind it.
        let mut silent = self.settings.in_order;
        for slot in &mut self.slots {
            let due = match &slot.state {
                State::Waiting => slot.deadline,
                State::Orphan { since, .. } => since.checked_add(self.settings.max_orphan_age),
                _ => None,
            };
            let Some(due) = due else { continue };
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
                continue;
            }
            if let State::Orphan { delivered, .. } = slot.state {
                old_orphans = old_orphans.saturating_add(1);
                silent |= delivered == self.delivered;
                continue;
            }
            // In the outgoing buffer it goes out sooner or later, so it may be carried out.
            let failure = Failure {
                cause: Cause::Timeout(slot.timeout),
                sent: true,
                peer: self.settings.peer.clone(),
            };
            slot.state = State::Failed(failure, StillOwed(true));
            slot.items.clear();
            slot.deadline = None;
            wakers.extend(slot.waker.take());
            timed_out = true;
        }
        let grain = now.checked_add(DEADLINE_GRAIN);
        self.next_deadline = next.map(|next| grain.map_or(next, |grain| next.max(grain)));
        if timed_out {
            let action = self.settings.on_timeout.clone();
            self.give_up(&action);
        }
        if (silent && old_orphans > 0) || old_orphans > MAX_OLD_ORPHANS {
            self.retired.get_or_insert(Cause::Orphans(self.orphans));
        }
    }

    /// The connection is gone: every request fails with `cause`, or with that of which it was dead already. `written` is
    /// the number of bytes that the socket took: requests behind it were not sent.
    pub fn fail(&mut self, cause: Cause, written: u64, wakers: &mut Vec<Waker>) {
        let cause = self.dead.take().unwrap_or(cause);
        for slot in &mut self.slots {
            match &mut slot.state {
                State::Waiting => {
                    let sent = slot.start < written;
                    slot.state = State::Failed(
                        Failure {
                            cause: cause.clone(),
                            sent,
                            peer: self.settings.peer.clone(),
                        },
                        StillOwed(false),
                    );
                    slot.deadline = None;
                    wakers.extend(slot.waker.take());
                }
                State::Failed(_, owed) => owed.0 = false,
                State::Orphan { .. } => {
                    slot.state = State::Free;
                    slot.items.clear();
                }
                State::Free | State::Complete => {}
            }
        }
        self.orphans = 0;
        self.order.clear();
        self.out.clear();
        self.next_deadline = None;
        self.dead = Some(cause);
    }
}

#[cold]
fn unexpected(route: Route) -> DecodeError {
    let what = match route {
        Route::Index(index) => format!("answers stream {index}, on which no request waits"),
        Route::Id(id) => format!("answers request {id}, which does not wait"),
        Route::Next => "came while no request waits".to_owned(),
        Route::NextSequence(sequence) => {
            format!("answers request {sequence}, which is not the next one")
        }
    };
    DecodeError::invalid("message", 0, what)
}
