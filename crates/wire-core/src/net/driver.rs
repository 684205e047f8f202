//! The task that owns the socket.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};
use tokio_util::io::poll_read_buf;

use super::handle::Handle;
use super::shared::Shared;
use crate::RecvBuf;
use crate::machine::{Cause, Cursor, Inbound, Outgoing, Protocol, Settings};

/// Bytes read at once behind some that were read to where they stay: enough for what stands between two columns, and
/// little of the second, which is to go the same way.
const BETWEEN_DIRECT: usize = 4 * 1024;

/// What a connection runs over: a TCP or TLS stream, or a pipe in tests.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// How long a closing connection may take to finish what is in flight and to say goodbye. The promise of `close`.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Memory that a burst needed is given back when nothing came for so long.
const IDLE: Duration = Duration::from_secs(30);
/// Slices in one vectored write: the rest goes with the next. Linux takes up to 1,024, but few are ever there.
const MAX_SLICES: usize = 16;
/// Items handed over under one lock: keeps the lock short when a burst of answers came.
const BATCH: usize = 64;
/// Bytes read in one turn, before deadlines, writing and other tasks have theirs: some milliseconds of decoding.
const TURN_BYTES: usize = 1024 * 1024;

/// Starts the driver of a connection whose handshake is done. `received` may hold bytes from behind the handshake.
///
/// The driver ends when the connection breaks, when [`Handle::close`] was called, or when the last request is gone
/// and either the last [`Handle`] is or too many requests were given up and never answered.
///
/// # Panics
/// Outside a tokio runtime.
pub fn spawn<P: Protocol>(
    io: Box<dyn Io>,
    protocol: P,
    received: RecvBuf,
    settings: Settings,
) -> Handle<P::Item> {
    let in_order = settings.in_order;
    let shared = Arc::new(Shared::new(settings));
    let driver = Driver {
        io,
        protocol,
        received,
        shared: Arc::clone(&shared),
        out: Outgoing::default(),
        cursor: Cursor::default(),
        out_written: 0,
        written: 0,
        batch: Vec::new(),
        wakers: Vec::new(),
        in_order,
        sleep: None,
        armed: None,
        shrink_at: None,
        has_read: false,
        was_direct: false,
        heard: None,
        close_by: None,
        unflushed: false,
        ended: false,
    };
    tokio::spawn(driver);
    Handle::new(shared)
}

struct Driver<P: Protocol> {
    io: Box<dyn Io>,
    protocol: P,
    received: RecvBuf,
    shared: Arc<Shared<P::Item>>,
    /// What is being written, how far, and the bytes of it that the socket took.
    out: Outgoing,
    cursor: Cursor,
    out_written: usize,
    /// Bytes that the socket took since the connection began.
    written: u64,
    /// Reused from round to round.
    batch: Vec<Inbound<P::Item>>,
    wakers: Vec<Waker>,
    /// Only then can a reader be too far behind.
    in_order: bool,
    /// Made when the first deadline is armed, then reset.
    sleep: Option<Pin<Box<Sleep>>>,
    /// What it is set to, if it has not fired.
    armed: Option<Instant>,
    close_by: Option<Instant>,
    /// When to look whether the connection was idle, and whether something came since the last look.
    shrink_at: Option<Instant>,
    has_read: bool,
    /// Whether the last read went to where the bytes belong.
    was_direct: bool,
    /// When bytes last arrived.
    heard: Option<std::time::Instant>,
    unflushed: bool,
    ended: bool,
}

/// What the machine says at the beginning of a turn.
struct Turn {
    dead: Option<Cause>,
    /// Why it accepts no more requests, if so.
    refusal: Option<Cause>,
    closing: bool,
    drained: bool,
    left_behind: bool,
    next_deadline: Option<std::time::Instant>,
}

impl<P: Protocol> Unpin for Driver<P> {}

impl<P: Protocol> fmt::Debug for Driver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Future for Driver<P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        match this.drive(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(cause) => {
                tracing::debug!(cause = %cause, "connection ended");
                this.end(cause);
                Poll::Ready(())
            }
        }
    }
}

impl<P: Protocol> Drop for Driver<P> {
    fn drop(&mut self) {
        self.end(Cause::RuntimeGone);
    }
}

impl<P: Protocol> Driver<P> {
    /// One turn: take what gathered and write it, read and hand over, set the clock. Ready when the connection is to
    /// end.
    ///
    /// The driver registers to be woken first, and is woken for whatever happens behind that; so one turn is enough,
    /// save when bytes were left in the machine because others were still being written.
    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<Cause> {
        loop {
            let now = Instant::now();
            let turn = self.begin_turn(cx, now);
            if let Some(cause) = turn.dead {
                return Poll::Ready(cause);
            }
            let written = match self.write(cx) {
                Poll::Ready(Ok(())) => true,
                Poll::Ready(Err(error)) => {
                    // A peer that hung up in the middle of a request may have said why, and answered others before.
                    let _ = self.read(cx, now);
                    return Poll::Ready(broken(error));
                }
                Poll::Pending => false,
            };
            let refusal = turn.refusal.unwrap_or(Cause::Closed);
            if turn.drained && written && Pin::new(&mut self.io).poll_shutdown(cx).is_ready() {
                // A peer that is gone already was said goodbye to.
                return Poll::Ready(refusal);
            }
            if let Err(cause) = self.read(cx, now) {
                return Poll::Ready(cause);
            }
            self.shrink_if_idle(now);
            if turn.closing && self.is_overdue(now) {
                return Poll::Ready(refusal);
            }
            if !(turn.left_behind && written) && self.set_clock(cx, turn.next_deadline) {
                return Poll::Pending;
            }
        }
    }

    /// All that needs the lock, in one go.
    fn begin_turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Turn {
        let mut machine = self.shared.machine();
        if machine
            .next_deadline()
            .is_some_and(|due| due <= now.into_std())
        {
            machine.handle_timeout(now.into_std(), &mut self.wakers);
        }
        machine.register_driver(cx.waker());
        if !self.received.is_empty() || self.was_direct {
            // A part of a message; `deliver` tells of whole ones.
            machine.set_heard(self.heard);
        }
        let room = self.out.is_empty() && machine.poll_transmit(&mut self.out);
        let turn = Turn {
            dead: machine.dead().cloned(),
            refusal: machine.refusal(),
            closing: machine.is_closing(),
            drained: machine.is_drained(),
            left_behind: machine.queued_bytes() > 0,
            next_deadline: machine.next_deadline(),
        };
        drop(machine);
        if room {
            self.shared.room.notify_waiters();
        }
        if turn.refusal.is_some() {
            self.shared.refuse();
        }
        self.wake_all();
        turn
    }

    /// Reads until the socket is empty, a reader is too far behind, or the turn is used up.
    fn read(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), Cause> {
        let mut left = TURN_BYTES;
        loop {
            if self.decode()? {
                return Ok(());
            }
            match self.poll_read(cx) {
                Poll::Pending => return Ok(()),
                Poll::Ready(Err(error)) => return Err(broken(error)),
                Poll::Ready(Ok(0)) => return Err(Cause::PeerClosed(self.received.len())),
                Poll::Ready(Ok(n)) => {
                    self.has_read = true;
                    self.heard = Some(now.into_std());
                    left = left.saturating_sub(n);
                    if left == 0 {
                        cx.waker().wake_by_ref();
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reads once, to where the bytes belong.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let io = Pin::new(&mut self.io);
        if self.received.is_empty()
            && let Some(room) = self.protocol.direct()
        {
            let mut room = ReadBuf::new(room);
            ready!(io.poll_read(cx, &mut room))?;
            let n = room.filled().len();
            self.protocol.direct_done(n);
            self.was_direct = true;
            return Poll::Ready(Ok(n));
        }
        let room = self.received.for_read();
        let read = if self.was_direct {
            poll_read_buf(io, cx, &mut room.limit(BETWEEN_DIRECT))
        } else {
            poll_read_buf(io, cx, room)
        };
        let n = ready!(read)?;
        if !self.was_direct {
            self.received.read_done(n);
        }
        self.was_direct = false;
        Poll::Ready(Ok(n))
    }

    /// Takes all complete items out of what was received and hands them over, in batches. True if a reader is too
    /// far behind.
    fn decode(&mut self) -> Result<bool, Cause> {
        loop {
            if self.in_order && self.shared.machine().is_stalled() {
                return Ok(true);
            }
            let mut failed = None;
            while self.batch.len() < BATCH {
                match self.protocol.handle_bytes(&mut self.received) {
                    Ok(Some(inbound)) => {
                        let more = !inbound.last;
                        self.batch.push(inbound);
                        if more {
                            // A packet of a conversation: its window is checked packet by packet.
                            break;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
            if self.batch.is_empty() && failed.is_none() {
                return Ok(false);
            }
            let delivered = self.deliver();
            if let Some(error) = delivered.err().or(failed) {
                return Err(Cause::Protocol(Arc::new(error)));
            }
        }
    }

    fn deliver(&mut self) -> Result<(), crate::DecodeError> {
        let mut machine = self.shared.machine();
        let wakers = &mut self.wakers;
        let result = self
            .batch
            .drain(..)
            .try_for_each(|inbound| machine.deliver(inbound, wakers));
        machine.set_heard(self.heard);
        let freed = machine.take_freed();
        drop(machine);
        self.shared.freed(freed);
        self.wake_all();
        result
    }

    /// Writes what was taken. Pending if the socket takes no more.
    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let filled = self.out.unwritten(&self.cursor, &mut slices);
            let slices = slices.get(..filled).unwrap_or(&[]);
            let io = Pin::new(&mut self.io);
            let n = ready!(match slices {
                // The usual case, which the system is done with sooner than with a list of one piece.
                [only] => io.poll_write(cx, only),
                _ => io.poll_write_vectored(cx, slices),
            })?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            self.cursor.advance(&self.out, n);
            self.out_written = self.out_written.saturating_add(n);
            self.written = self.written.saturating_add(u64::try_from(n).unwrap_or(0));
            if self.out_written >= self.out.len() {
                self.out.clear();
                self.cursor = Cursor::default();
                self.out_written = 0;
            }
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Gives memory back after a burst. Looks every 30 seconds at most, and not at all where nothing grew.
    fn shrink_if_idle(&mut self, now: Instant) {
        match self.shrink_at {
            Some(at) if at > now => return,
            Some(_) if !self.has_read => self.received.shrink(),
            _ => {}
        }
        self.has_read = false;
        self.shrink_at = if self.received.is_grown() {
            now.checked_add(IDLE)
        } else {
            None
        };
    }

    /// Whether a closing connection took too long.
    fn is_overdue(&mut self, now: Instant) -> bool {
        let close_by = *self
            .close_by
            .get_or_insert_with(|| now.checked_add(CLOSE_TIMEOUT).unwrap_or(now));
        close_by <= now
    }

    /// Arms the timer for the next deadline. False if that has passed already.
    fn set_clock(&mut self, cx: &mut Context<'_>, next: Option<std::time::Instant>) -> bool {
        let ours = self.close_by.into_iter().chain(self.shrink_at);
        let Some(due) = next.map(Instant::from_std).into_iter().chain(ours).min() else {
            return true;
        };
        if self.armed == Some(due) {
            // The timer holds this task's waker since it was armed. When it fires, the deadline is due.
            return true;
        }
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        sleep.as_mut().reset(due);
        // Reading may have used up the task's budget: a timer polled then takes no waker, and would never fire.
        let pending = Pin::new(&mut unconstrained(sleep.as_mut()))
            .poll(cx)
            .is_pending();
        self.armed = pending.then_some(due);
        pending
    }

    fn wake_all(&mut self) {
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
    }

    fn end(&mut self, cause: Cause) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.shared
            .machine()
            .fail(cause, self.written, &mut self.wakers);
        // Who waits for the end may count on the socket being closed.
        self.io = Box::new(tokio::io::empty());
        self.shared.end();
        self.wake_all();
    }
}

fn broken(error: io::Error) -> Cause {
    Cause::Io(Arc::new(error))
}
