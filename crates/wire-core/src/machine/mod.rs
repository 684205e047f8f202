//! The connection without a socket: which request waits for which answer, what is to be written, when to give up.
//!
//! A protocol crate supplies two state machines that know its bytes: a [`Handshake`] and, when that is done, a
//! [`Protocol`]. Everything between is here and is the same for all protocols: [`Machine`] holds the requests in
//! flight in slots, the bytes to be written, deadlines, and the requests whose caller went away (orphans). Nothing
//! here does I/O, looks at a clock, or waits; `net` has the one task that does.
//!
//! Three shapes of traffic are served:
//!
//! | shape | answers find their request by | used by |
//! | --- | --- | --- |
//! | many in flight by id | [`Route::Index`] or [`Route::Id`] | CQL, Ignite |
//! | many in flight in order | [`Route::NextSequence`] | Thrift |
//! | one conversation of many packets | [`Route::Next`] | ClickHouse |
//!
//! What never happens here: an id becomes free before its answer came (or the connection died); an answer reaches a
//! request that did not ask for it; a slow reader makes memory grow.

mod answers;
mod outgoing;
mod recognise;
mod slots;
mod submit;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::{DecodeError, RecvBuf};

#[cfg(feature = "net")]
pub(crate) use outgoing::Cursor;
pub use outgoing::Outgoing;
pub use recognise::recognise;
pub use slots::{Machine, Stats};
pub use submit::SubmitError;

/// The receiving half of a protocol, once the handshake is done: cuts the stream of bytes into items.
pub trait Protocol: Send + 'static {
    /// An answer, or one packet of an answer that has many.
    type Item: Send + 'static;

    /// Takes the next complete item off `input`. `Ok(None)` means that more bytes are needed; what is there may have
    /// been consumed, as long as it is remembered.
    ///
    /// Called again with the same `input` until it returns `Ok(None)`.
    ///
    /// # Errors
    /// The peer broke the protocol or passed a limit. The connection is closed.
    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
    ) -> Result<Option<Inbound<Self::Item>>, DecodeError>;

    /// Memory that the next bytes belong in and no others, if the protocol knows of some: they are read into it, and
    /// never are in the receive buffer. Asked for when that is empty and [`Self::handle_bytes`] wants more.
    fn direct(&mut self) -> Option<&mut [u8]> {
        None
    }

    /// Says that `n` bytes were read into what [`Self::direct`] gave.
    fn direct_done(&mut self, n: usize) {
        let _ = n;
    }
}

/// The opening of a connection: hello, authentication, settings.
///
/// The driver calls [`Self::start`] once, then [`Self::handle_bytes`] whenever bytes arrived and again as long as it
/// consumes some, and writes what they append to `out`.
pub trait Handshake: Sized {
    /// What a finished handshake gives: the [`Protocol`] and what was negotiated.
    type Ready;
    /// Why the peer, or we, refused.
    type Error;

    /// Writes the first message.
    ///
    /// # Errors
    /// The configuration cannot be written: nothing is sent.
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Self::Error>;

    /// Reads what arrived, and says how to go on.
    ///
    /// # Errors
    /// The handshake failed. The connection is closed.
    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Self::Error>;
}

/// How a handshake goes on.
#[derive(Debug)]
pub enum Step<H: Handshake> {
    /// More bytes are needed.
    More,
    /// It is done.
    Ready(H::Ready),
    /// The peer wants something older: close this connection, and begin again with this on a new one.
    Reconnect(H),
}

/// One item that arrived, and whose it is.
#[derive(Debug)]
pub struct Inbound<T> {
    /// Which request it answers.
    pub route: Route,
    /// The answer, or a part of it.
    pub item: T,
    /// Whether the request is answered with this.
    pub last: bool,
}

/// Which request an item answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The one in this slot: [`Ticket::index`].
    Index(u32),
    /// The one with this id: [`Ticket::id`].
    Id(u64),
    /// The oldest that is not answered, whatever it is.
    Next,
    /// The oldest that is not answered, which must have this [`Ticket::sequence`].
    NextSequence(u32),
}

/// The identity of a request on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    index: u32,
    sequence: u32,
}

impl Ticket {
    /// The slot: below [`Settings::max_in_flight`], and not used by another request before this one is answered.
    #[inline]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many requests this connection had before, modulo 2³¹: fits a positive `i32`.
    #[inline]
    pub fn sequence(self) -> u32 {
        self.sequence
    }

    /// Slot and sequence in one number that no two requests of a connection share within 2³¹ requests.
    #[inline]
    pub fn id(self) -> u64 {
        (u64::from(self.sequence) << 32) | u64::from(self.index)
    }

    #[inline]
    fn from_id(id: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = id.to_be_bytes();
        Self {
            sequence: u32::from_be_bytes([a, b, c, d]),
            index: u32::from_be_bytes([e, f, g, h]),
        }
    }
}

impl Failure {
    /// A failure whose connection does not matter.
    pub fn new(cause: Cause, sent: bool) -> Self {
        Self {
            cause,
            sent,
            peer: None,
        }
    }
}

/// How a connection behaves. What has no reason to differ between protocols has a default.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who is at the other end, for the texts of errors; `None` where that says nothing.
    pub peer: Option<Arc<str>>,
    /// Requests that may wait for their answers at once. Further ones wait for a slot.
    pub max_in_flight: u32,
    /// Whether answers come in the order of their requests ([`Route::Next`], [`Route::NextSequence`]). Only then may
    /// an answer have more than one item.
    pub in_order: bool,
    /// What to do when a caller drops its request.
    pub on_drop: Abandon,
    /// What to do when a request's deadline passes.
    pub on_timeout: Abandon,
    /// Bytes that may wait to be written before callers have to wait.
    pub max_queued_bytes: usize,
    /// Items of one answer that may wait for a slow reader before the connection stops reading.
    pub stream_window: usize,
    /// Requests given up but not answered yet, before the connection accepts no more.
    pub max_orphans: usize,
    /// How long a given-up request may stay unanswered by a peer that answers nothing else either, before the connection
    /// accepts no more. Where answers come in order, or where there are more than 64 of that age, what else it answers
    /// does not count. A connection that accepts no more is closed when all in flight has ended.
    pub max_orphan_age: Duration,
}

/// What becomes of a request that its caller no longer waits for.
#[derive(Debug, Clone)]
pub enum Abandon {
    /// Its answer is read and thrown away; until then its id stays taken.
    Swallow,
    /// These bytes are sent (a cancel message), then as above.
    Send(Bytes),
    /// The connection is closed.
    Close,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            peer: None,
            // Enough to keep a server busy; fits every protocol's id.
            max_in_flight: 1024,
            in_order: false,
            on_drop: Abandon::Swallow,
            on_timeout: Abandon::Swallow,
            // Some hundred large requests; far above a socket's own buffer.
            max_queued_bytes: 8 * 1024 * 1024,
            // One being read, one ready.
            stream_window: 2,
            // The numbers of the Java driver for CQL: ids are lost to a server that does not answer.
            max_orphans: 256,
            max_orphan_age: Duration::from_secs(10),
        }
    }
}

/// Why a request ended without an answer, and whether it may have been carried out.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why.
    pub cause: Cause,
    /// Whether at least one byte of the request may have left.
    pub sent: bool,
    /// Who should have answered, if that is known.
    pub peer: Option<Arc<str>>,
}

/// Why a connection, or a request on it, ended. All requests of a dead connection get the same cause.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Cause {
    /// The request's deadline passed.
    #[error("no answer within {}", Millis(*.0))]
    Timeout(Duration),
    /// No slot became free, or the outgoing queue stayed full, until the deadline.
    #[error("the connection had no room for another request within {}", Millis(*.0))]
    Overloaded(Duration),
    /// We closed the connection.
    #[error("the connection was closed by this client")]
    Closed,
    /// The peer closed the connection.
    #[error("the server closed the connection{}", Partial(*.0))]
    PeerClosed(usize),
    /// Reading or writing failed.
    #[error("the connection broke")]
    Io(#[source] Arc<io::Error>),
    /// The peer sent something that the protocol excludes.
    #[error("the server broke the protocol; the connection was closed")]
    Protocol(#[source] Arc<DecodeError>),
    /// Too many requests were given up and never answered.
    #[error("the server left {0} given-up requests unanswered; the connection was closed")]
    Orphans(usize),
    /// The peer did not answer when it was asked whether it is still there; what was tried, and how it failed.
    #[error("the connection failed its heartbeat: {0}")]
    Heartbeat(Arc<str>),
    /// A request was given up in a way that leaves the connection unusable.
    #[error("a request on the same connection was given up, which closes it")]
    Abandoned,
    /// The driver task ended: the runtime was shut down.
    #[error("the runtime that drove the connection was shut down")]
    RuntimeGone,
}

struct Millis(Duration);

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ms", self.0.as_millis())
    }
}

struct Partial(usize);

impl std::fmt::Display for Partial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => Ok(()),
            n => write!(
                f,
                " in the middle of a message, {n} bytes of which had arrived"
            ),
        }
    }
}
