//! The requests in flight.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::{Abandon, Cause, Failure, Inbound, Outgoing, Route, Settings, Ticket};
use crate::DecodeError;

/// All that callers and the driver share about one connection. Lives under one lock, held for the time of encoding a
/// small request or handing over a batch of answers.
#[derive(Debug)]
pub struct Machine<T> {
    settings: Settings,
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    /// Slots in the order of their requests; empty unless [`Settings::in_order`].
    order: VecDeque<u32>,
    sequence: u32,
    out: Outgoing,
    /// Stream offset of the first byte of `out`: all before it was taken to be written.
    taken: u64,
    live: usize,
    orphans: usize,
    /// No deadline is earlier. May be too early, never too late.
    next_deadline: Option<Instant>,
    /// Slots that became free since [`Self::take_freed`].
    freed: usize,
    /// Callers that wait for [`Self::has_room`].
    room_waiters: usize,
    driver: Option<Waker>,
    closing: bool,
    dead: Option<Cause>,
}

#[derive(Debug)]
struct Slot<T> {
    sequence: u32,
    state: State,
    items: VecDeque<T>,
    waker: Option<Waker>,
    deadline: Option<Instant>,
    timeout: Duration,
    /// Stream offset of the request's first byte.
    start: u64,
}

#[derive(Debug)]
enum State {
    Free,
    /// Its caller waits, and more is to come.
    Waiting,
    /// All has come; the caller has not taken it yet.
    Complete,
    /// It failed; the caller has not noticed yet. Whether its id is still taken at the peer.
    Failed(Failure, StillOwed),
    /// Its caller went away; the answer is still owed.
    Orphan(Instant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StillOwed(bool);

/// What a connection holds at a moment. All zero when nothing is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests whose callers wait, or have not taken their answers.
    pub in_flight: usize,
    /// Requests given up and not answered yet.
    pub orphans: usize,
    /// Bytes waiting to be written.
    pub queued_bytes: usize,
    /// Items waiting to be taken.
    pub queued_items: usize,
}

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

/// Scans for passed deadlines are at least this far apart: ten of them are still shorter than the promised 100 ms.
const DEADLINE_GRAIN: Duration = Duration::from_millis(10);

impl<T> Machine<T> {
    /// An idle connection.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            slots: Vec::new(),
            free: Vec::new(),
            order: VecDeque::new(),
            sequence: 0,
            out: Outgoing::default(),
            taken: 0,
            live: 0,
            orphans: 0,
            next_deadline: None,
            freed: 0,
            room_waiters: 0,
            driver: None,
            closing: false,
            dead: None,
        }
    }

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

    /// The next item of a request. `Ready(Ok(None))` is the end: its slot is free again and the ticket is void.
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
            State::Free | State::Orphan(_) => (Poll::Ready(Ok(None)), None),
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
            None | Some(State::Free | State::Orphan(_)) => return None,
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
            State::Orphan(_) if last => {
                self.orphans = self.orphans.saturating_sub(1);
                self.free_slot(index);
            }
            State::Failed(..) | State::Orphan(_) => {}
            State::Free | State::Complete => return Err(unexpected(inbound.route)),
        }
        Ok(())
    }

    /// Whether an answer's reader is so far behind that the connection must stop reading.
    pub fn is_stalled(&self) -> bool {
        // Without an order every answer is one item, and has its slot to wait in.
        self.order
            .front()
            .and_then(|index| self.slot(*index))
            .is_some_and(|slot| {
                matches!(slot.state, State::Waiting)
                    && slot.items.len() >= self.settings.stream_window
            })
    }

    /// Ends what is overdue at `now`.
    pub fn handle_timeout(&mut self, now: Instant, wakers: &mut Vec<Waker>) {
        let mut next: Option<Instant> = None;
        let mut timed_out = false;
        let mut old_orphans = false;
        for slot in &mut self.slots {
            let due = match &slot.state {
                State::Waiting => slot.deadline,
                State::Orphan(since) => since.checked_add(self.settings.max_orphan_age),
                _ => None,
            };
            let Some(due) = due else { continue };
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
                continue;
            }
            if matches!(slot.state, State::Orphan(_)) {
                old_orphans = true;
                continue;
            }
            // In the outgoing buffer it goes out sooner or later, so it may be carried out.
            let failure = Failure {
                cause: Cause::Timeout(slot.timeout),
                sent: true,
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
        if old_orphans && self.dead.is_none() {
            self.dead = Some(Cause::Orphans(self.orphans));
        }
    }

    /// When [`Self::handle_timeout`] has to be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline
    }

    /// Swaps the bytes to be written into `out`, which must be empty. Returns whether callers wait for the room that
    /// this makes.
    pub fn poll_transmit(&mut self, out: &mut Outgoing) -> bool {
        if self.out.is_empty() {
            return false;
        }
        self.taken = self.position();
        std::mem::swap(&mut self.out, out);
        self.room_waiters > 0
    }

    /// Stores who is to be woken when there is something to write, to read again, or to wait for.
    pub fn register_driver(&mut self, waker: &Waker) {
        if !self
            .driver
            .as_ref()
            .is_some_and(|driver| driver.will_wake(waker))
        {
            self.driver = Some(waker.clone());
        }
    }

    /// The driver's waker, to be woken after the lock is released.
    pub fn take_driver(&mut self) -> Option<Waker> {
        self.driver.take()
    }

    /// Slots that became free since the last call.
    #[inline]
    pub fn take_freed(&mut self) -> usize {
        std::mem::take(&mut self.freed)
    }

    /// Whether another message may be queued.
    #[inline]
    pub fn has_room(&self) -> bool {
        self.out.len() < self.settings.max_queued_bytes || self.dead.is_some()
    }

    /// Counts a caller that begins (`true`) or ends (`false`) waiting for [`Self::has_room`].
    pub fn wait_for_room(&mut self, begins: bool) {
        self.room_waiters = if begins {
            self.room_waiters.saturating_add(1)
        } else {
            self.room_waiters.saturating_sub(1)
        };
    }

    /// Accepts no more requests; those in flight go on.
    pub fn close(&mut self) -> Option<Waker> {
        self.closing = true;
        self.driver.take()
    }

    /// Whether [`Self::close`] was called and nobody waits any more.
    pub fn is_drained(&self) -> bool {
        self.closing && self.live == 0 && self.out.is_empty()
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Why the connection is to be, or was, ended by the machine itself.
    pub fn dead(&self) -> Option<&Cause> {
        self.dead.as_ref()
    }

    /// The connection is gone: every request fails with `cause`. `written` is the number of bytes that the socket
    /// took: requests behind it were not sent.
    pub fn fail(&mut self, cause: Cause, written: u64, wakers: &mut Vec<Waker>) {
        for slot in &mut self.slots {
            match &mut slot.state {
                State::Waiting => {
                    let sent = slot.start < written;
                    slot.state = State::Failed(
                        Failure {
                            cause: cause.clone(),
                            sent,
                        },
                        StillOwed(false),
                    );
                    slot.deadline = None;
                    wakers.extend(slot.waker.take());
                }
                State::Failed(_, owed) => owed.0 = false,
                State::Orphan(_) => {
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

    /// Bytes that wait to be taken by [`Self::poll_transmit`].
    #[inline]
    pub fn queued_bytes(&self) -> usize {
        self.out.len()
    }

    /// What the connection holds now.
    pub fn stats(&self) -> Stats {
        Stats {
            in_flight: self.live,
            orphans: self.orphans,
            queued_bytes: self.out.len(),
            queued_items: self.slots.iter().map(|slot| slot.items.len()).sum(),
        }
    }

    /// Why no request is accepted, if so.
    pub fn refusal(&self) -> Option<Cause> {
        match &self.dead {
            Some(cause) => Some(cause.clone()),
            None => self.closing.then_some(Cause::Closed),
        }
    }

    #[inline]
    fn position(&self) -> u64 {
        self.taken
            .saturating_add(u64::try_from(self.out.len()).unwrap_or(u64::MAX))
    }

    fn reserve(&mut self) -> Option<u32> {
        if let Some(index) = self.free.pop() {
            return Some(index);
        }
        let index = u32::try_from(self.slots.len()).ok()?;
        if index >= self.settings.max_in_flight {
            return None;
        }
        self.slots.push(Slot {
            sequence: 0,
            state: State::Free,
            items: VecDeque::new(),
            waker: None,
            deadline: None,
            timeout: Duration::ZERO,
            start: 0,
        });
        Some(index)
    }

    /// Returns whether the driver has to look at the clock earlier than it knows.
    #[inline]
    fn arm(&mut self, deadline: Option<Instant>) -> bool {
        let Some(deadline) = deadline else {
            return false;
        };
        let earlier = self.next_deadline.is_none_or(|next| deadline < next);
        if earlier {
            self.next_deadline = Some(deadline);
        }
        earlier
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

    fn orphan(&mut self, index: u32, now: Instant) {
        if let Some(slot) = self.slot_mut(index) {
            slot.state = State::Orphan(now);
            slot.items.clear();
            slot.waker = None;
            slot.deadline = None;
        }
        self.live = self.live.saturating_sub(1);
        self.orphans = self.orphans.saturating_add(1);
        self.arm(now.checked_add(self.settings.max_orphan_age));
        if self.orphans > self.settings.max_orphans && self.dead.is_none() {
            self.dead = Some(Cause::Orphans(self.orphans));
        }
    }

    /// Returns the driver's waker if it waits for this to close the connection.
    #[must_use]
    fn release(&mut self, index: u32) -> Option<Waker> {
        self.live = self.live.saturating_sub(1);
        self.free_slot(index);
        if self.closing {
            self.driver.take()
        } else {
            None
        }
    }

    fn free_slot(&mut self, index: u32) {
        if let Some(slot) = self.slot_mut(index) {
            slot.state = State::Free;
            if !slot.items.is_empty() {
                slot.items.clear();
            }
            slot.waker = None;
            slot.deadline = None;
        }
        self.free.push(index);
        self.freed = self.freed.saturating_add(1);
    }

    fn give_up(&mut self, action: &Abandon) {
        match action {
            Abandon::Swallow => {}
            Abandon::Send(bytes) => self.out.buffer().extend_from_slice(bytes),
            Abandon::Close if self.dead.is_none() => self.dead = Some(Cause::Abandoned),
            Abandon::Close => {}
        }
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot<T>> {
        self.slots.get(usize::try_from(index).ok()?)
    }

    #[inline]
    fn slot_mut(&mut self, index: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(usize::try_from(index).ok()?)
    }

    #[inline]
    fn slot_of(&self, ticket: Ticket) -> Option<&Slot<T>> {
        self.slot(ticket.index)
            .filter(|slot| slot.sequence == ticket.sequence)
    }

    #[inline]
    fn slot_of_mut(&mut self, ticket: Ticket) -> Option<&mut Slot<T>> {
        self.slot_mut(ticket.index)
            .filter(|slot| slot.sequence == ticket.sequence)
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

/// A slot that is being filled; given back when encoding fails or panics.
struct Reservation<'a, T> {
    machine: &'a mut Machine<T>,
    index: u32,
    mark: super::outgoing::Mark,
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
    mark: super::outgoing::Mark,
    kept: bool,
}

impl Drop for Rewind<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.out.rewind(self.mark);
        }
    }
}
