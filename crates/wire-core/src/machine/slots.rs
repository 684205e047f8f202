//! The requests in flight: what is known of each, and of the connection.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::{Abandon, Cause, Failure, Outgoing, Settings, Ticket};

/// All that callers and the driver share about one connection. Lives under one lock, held for the time of encoding a
/// small request or handing over a batch of answers.
#[derive(Debug)]
pub struct Machine<T> {
    pub(super) settings: Settings,
    pub(super) slots: Vec<Slot<T>>,
    pub(super) free: Vec<u32>,
    /// Slots in the order of their requests; empty unless [`Settings::in_order`].
    pub(super) order: VecDeque<u32>,
    pub(super) sequence: u32,
    pub(super) out: Outgoing,
    /// Stream offset of the first byte of `out`: all before it was taken to be written.
    pub(super) taken: u64,
    pub(super) live: usize,
    pub(super) orphans: usize,
    /// No deadline is earlier. May be too early, never too late.
    pub(super) next_deadline: Option<Instant>,
    /// Slots that became free since [`Self::take_freed`].
    pub(super) freed: usize,
    /// Callers that wait for [`Self::has_room`].
    pub(super) room_waiters: usize,
    pub(super) driver: Option<Waker>,
    /// Why no more requests are accepted, though those in flight go on.
    pub(super) retired: Option<Cause>,
    /// Whether even those in flight have only a short time left.
    pub(super) hurried: bool,
    pub(super) dead: Option<Cause>,
    /// Items that came since the connection began.
    pub(super) delivered: u64,
    /// When bytes last arrived.
    pub(super) heard: Option<Instant>,
}

/// Given-up requests that may be older than [`Settings::max_orphan_age`] while the peer answers others: a few slow
/// statements are no reason to part with a connection. The number of the Java driver for CQL.
pub(super) const MAX_OLD_ORPHANS: usize = 64;

#[derive(Debug)]
pub(super) struct Slot<T> {
    pub(super) sequence: u32,
    pub(super) state: State,
    pub(super) items: VecDeque<T>,
    pub(super) waker: Option<Waker>,
    pub(super) deadline: Option<Instant>,
    pub(super) timeout: Duration,
    /// Stream offset of the request's first byte.
    pub(super) start: u64,
}

#[derive(Debug)]
pub(super) enum State {
    Free,
    /// Its caller waits, and more is to come.
    Waiting,
    /// All has come; the caller has not taken it yet.
    Complete,
    /// It failed; the caller has not noticed yet. Whether its id is still taken at the peer.
    Failed(Failure, StillOwed),
    /// Its caller went away, when this much had been delivered; the answer is still owed.
    Orphan {
        since: Instant,
        delivered: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StillOwed(pub(super) bool);

/// What a connection holds at a moment, and what it did so far.
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
    /// Answers, or packets of answers, that ever arrived, given-up requests' included.
    pub answered: u64,
}

impl Stats {
    /// Whether nothing is going on.
    pub fn is_idle(&self) -> bool {
        let Self {
            in_flight,
            orphans,
            queued_bytes,
            queued_items,
            answered: _,
        } = *self;
        [in_flight, orphans, queued_bytes, queued_items] == [0; 4]
    }
}

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
            retired: None,
            hurried: false,
            dead: None,
            delivered: 0,
            heard: None,
        }
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

    /// Accepts no more requests, and gives those in flight a short time to end.
    pub fn close(&mut self) -> Option<Waker> {
        self.retired = Some(Cause::Closed);
        self.hurried = true;
        self.driver.take()
    }

    /// Accepts no more requests because of `cause`; those in flight take the time they need.
    pub fn retire(&mut self, cause: Cause) -> Option<Waker> {
        self.retired.get_or_insert(cause);
        self.driver.take()
    }

    /// Ends the connection because of `cause`, unless it is dead already; [`Self::fail`] is to follow.
    pub fn kill(&mut self, cause: Cause) -> Option<Waker> {
        self.dead.get_or_insert(cause);
        self.driver.take()
    }

    /// Whether no more requests are accepted and nobody waits any more.
    pub fn is_drained(&self) -> bool {
        self.retired.is_some() && self.live == 0 && self.out.is_empty()
    }

    /// Whether the time runs in which a connection that accepts no more requests has to come to its end.
    pub fn is_closing(&self) -> bool {
        self.hurried || (self.retired.is_some() && self.live == 0)
    }

    /// Why the connection is to be, or was, ended by the machine itself.
    pub fn dead(&self) -> Option<&Cause> {
        self.dead.as_ref()
    }

    /// When bytes last arrived, as told by [`Self::set_heard`].
    pub fn heard(&self) -> Option<Instant> {
        self.heard
    }

    /// Remembers when bytes last arrived.
    #[inline]
    pub fn set_heard(&mut self, at: Option<Instant>) {
        self.heard = at;
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
            answered: self.delivered,
        }
    }

    /// Why no request is accepted, if so.
    pub fn refusal(&self) -> Option<Cause> {
        self.dead.as_ref().or(self.retired.as_ref()).cloned()
    }

    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.taken
            .saturating_add(u64::try_from(self.out.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn reserve(&mut self) -> Option<u32> {
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
    pub(super) fn arm(&mut self, deadline: Option<Instant>) -> bool {
        let Some(deadline) = deadline else {
            return false;
        };
        let earlier = self.next_deadline.is_none_or(|next| deadline < next);
        if earlier {
            self.next_deadline = Some(deadline);
        }
        earlier
    }

    /// The driver is to be woken after this: there is an age to watch now, or an end.
    pub(super) fn orphan(&mut self, index: u32, now: Instant) {
        let delivered = self.delivered;
        if let Some(slot) = self.slot_mut(index) {
            slot.state = State::Orphan {
                since: now,
                delivered,
            };
            slot.items.clear();
            slot.waker = None;
            slot.deadline = None;
        }
        self.live = self.live.saturating_sub(1);
        self.orphans = self.orphans.saturating_add(1);
        self.arm(now.checked_add(self.settings.max_orphan_age));
        if self.orphans > self.settings.max_orphans {
            self.retired.get_or_insert(Cause::Orphans(self.orphans));
        }
    }

    /// Returns the driver's waker if it waits for this to close the connection.
    #[must_use]
    pub(super) fn release(&mut self, index: u32) -> Option<Waker> {
        self.live = self.live.saturating_sub(1);
        self.free_slot(index);
        if self.retired.is_some() {
            self.driver.take()
        } else {
            None
        }
    }

    pub(super) fn free_slot(&mut self, index: u32) {
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

    pub(super) fn give_up(&mut self, action: &Abandon) {
        match action {
            Abandon::Swallow => {}
            Abandon::Send(bytes) => self.out.buffer().extend_from_slice(bytes),
            Abandon::Close if self.dead.is_none() => self.dead = Some(Cause::Abandoned),
            Abandon::Close => {}
        }
    }

    #[inline]
    pub(super) fn slot(&self, index: u32) -> Option<&Slot<T>> {
        self.slots.get(usize::try_from(index).ok()?)
    }

    #[inline]
    pub(super) fn slot_mut(&mut self, index: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(usize::try_from(index).ok()?)
    }

    #[inline]
    pub(super) fn slot_of(&self, ticket: Ticket) -> Option<&Slot<T>> {
        self.slot(ticket.index)
            .filter(|slot| slot.sequence == ticket.sequence)
    }

    #[inline]
    pub(super) fn slot_of_mut(&mut self, ticket: Ticket) -> Option<&mut Slot<T>> {
        self.slot_mut(ticket.index)
            .filter(|slot| slot.sequence == ticket.sequence)
    }
}
