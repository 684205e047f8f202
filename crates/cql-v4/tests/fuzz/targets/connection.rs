//! A connection as a list of operations.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use cql_v4::codec::{Frame, append_segments};
use cql_v4::message::Request;
use cql_v4::proto::{
    Connection, Credentials, EventSink, Handshake, PlainAuthenticator, Session, Wishes, stream_of,
};
use cql_v4::{Compression, Error, Version};
use wire_core::machine::{
    Abandon, Cause, Handshake as _, Machine, Outgoing, Protocol as _, Settings, Step, SubmitError,
    Ticket,
};
use wire_core::{Reader, RecvBuf};

use super::split_first;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// `[wishes] operations`: handshake and connection, told what to do and fed by the input. An answer reaches the request
/// whose stream it names and no other, and when all is over, nothing is left behind.
///
/// The low three bits of an operation say what it is, the others are its argument.
///
/// | operation | what follows | |
/// | --- | --- | --- |
/// | 0 | `[u8 n]`, n bytes | arrive as they are |
/// | 1 | `[opcode] [u8 n]`, n bytes | arrive as the body of a frame whose stream is the argument, less 2 |
/// | 2 | | a request is sent |
/// | 3 | | the caller of the request of this number goes away |
/// | 4 | | that caller looks for its answer |
/// | 5 | | as many half seconds pass |
/// | 6 | | what is to be written is taken |
/// | 7 | | nothing; with the argument 31 the connection is closed |
pub(super) fn connection(data: &[u8]) {
    let (wishes, operations) = split_first(data);
    let mut peer = Peer::new(wishes, Instant::now());
    let mut r = Reader::new(operations);
    while let Ok(operation) = r.u8("operation") {
        if peer.step(operation, &mut r).is_none() {
            break;
        }
    }
    peer.end();
}

/// What is wanted of the connection, by the bits of `choice`.
fn wishes(choice: u8) -> Wishes {
    let set = |bit: u8| choice & bit != 0;
    Wishes {
        newest: match choice & 3 {
            0 => Version::V4,
            1 => Version::V3,
            _ => Version::V5,
        },
        compression: Compression::from_name("lz4").filter(|_| set(4)),
        credentials: set(8)
            .then(|| Credentials::new(Arc::new(PlainAuthenticator::new("user", "password")), true)),
        keyspace: set(16).then(|| "k".into()),
        events: set(32).then(|| EventSink::new(drop)),
        ..Wishes::default()
    }
}

enum Stage {
    Opening(Box<Handshake>),
    Open(Box<Connection>, Box<Session>),
    Over,
}

struct Peer {
    stage: Stage,
    version: Version,
    input: RecvBuf,
    machine: Machine<Frame>,
    tickets: Vec<Ticket>,
    wakers: Vec<Waker>,
    now: Instant,
}

impl Peer {
    fn new(choice: u8, now: Instant) -> Self {
        let wishes = wishes(choice);
        let version = wishes.newest;
        let mut handshake = Handshake::new(Arc::new(wishes));
        handshake.start(&mut Vec::new()).unwrap();
        let settings = Settings {
            // Few, so that short inputs fill it.
            max_in_flight: 8,
            max_orphans: 4,
            on_drop: if choice & 64 != 0 {
                Abandon::Close
            } else {
                Abandon::Swallow
            },
            ..Settings::default()
        };
        Self {
            stage: Stage::Opening(Box::new(handshake)),
            version,
            input: RecvBuf::new(),
            machine: Machine::new(settings),
            tickets: Vec::new(),
            wakers: Vec::new(),
            now,
        }
    }

    /// `None` when the input ends in the middle of it, or the connection is over.
    fn step(&mut self, operation: u8, r: &mut Reader<'_>) -> Option<()> {
        let argument = operation >> 3;
        match operation & 7 {
            0 => {
                let n = usize::from(r.u8("length").ok()?).min(r.left());
                let bytes = r.take("bytes", n).ok()?;
                self.arrive(bytes)?;
            }
            1 => {
                let opcode = r.u8("opcode").ok()?;
                let n = usize::from(r.u8("length").ok()?).min(r.left());
                let frame = self.frame(argument, opcode, r.take("body", n).ok()?);
                self.arrive(&frame)?;
            }
            2 => self.submit(),
            3 => {
                let ticket = self.tickets.get(usize::from(argument)).copied()?;
                self.machine.abandon(ticket, self.now);
                self.tickets.retain(|other| *other != ticket);
            }
            4 => self.look(usize::from(argument)),
            5 => {
                let passed = Duration::from_millis(500) * argument.into();
                self.now += passed;
                self.machine.handle_timeout(self.now, &mut self.wakers);
            }
            6 => {
                self.machine.poll_transmit(&mut Outgoing::default());
            }
            _ if argument == 31 => {
                self.machine.close();
            }
            _ => {}
        }
        let stats = self.machine.stats();
        assert!(stats.in_flight + stats.orphans <= 8, "{stats:?}");
        Some(())
    }

    /// A frame on the stream `stream - 2`, so that the streams of events and errors can be reached.
    fn frame(&self, stream: u8, opcode: u8, body: &[u8]) -> Vec<u8> {
        let stream = i16::from(stream) - 2;
        let [high, low] = stream.to_be_bytes();
        let mut frame = vec![self.version.number() | 0x80, 0, high, low, opcode];
        let length = u32::try_from(body.len()).unwrap();
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(body);
        match &self.stage {
            Stage::Open(_, session) if self.version == Version::V5 => {
                let mut out = Vec::new();
                append_segments(&frame, session.compression, &mut out).unwrap();
                out
            }
            _ => frame,
        }
    }

    fn arrive(&mut self, bytes: &[u8]) -> Option<()> {
        self.input.extend_from_slice(bytes);
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Opening(handshake) => self.open(handshake),
            Stage::Open(connection, session) => self.answers(connection, session),
            Stage::Over => None,
        }
    }

    fn open(&mut self, mut handshake: Box<Handshake>) -> Option<()> {
        let mut out = Vec::new();
        loop {
            let before = self.input.len();
            match handshake.handle_bytes(&mut self.input, &mut out).ok()? {
                Step::More if self.input.len() < before => {}
                Step::More => {
                    self.stage = Stage::Opening(handshake);
                    return Some(());
                }
                Step::Ready((connection, session)) => {
                    assert!(session.version <= self.version);
                    self.version = session.version;
                    return self.answers(Box::new(connection), Box::new(session));
                }
                Step::Reconnect(again) => {
                    // On a connection of its own.
                    self.version = self.version.older()?;
                    self.input = RecvBuf::new();
                    handshake = Box::new(again);
                    handshake.start(&mut out).ok()?;
                }
            }
        }
    }

    fn answers(&mut self, mut connection: Box<Connection>, session: Box<Session>) -> Option<()> {
        loop {
            let inbound = connection.handle_bytes(&mut self.input);
            let delivered = match inbound {
                Ok(Some(inbound)) => self.machine.deliver(inbound, &mut self.wakers),
                Ok(None) => {
                    self.stage = Stage::Open(connection, session);
                    return Some(());
                }
                Err(error) => Err(error),
            };
            if let Err(error) = delivered {
                let cause = Cause::Protocol(Arc::new(error));
                self.machine.fail(cause, u64::MAX, &mut self.wakers);
                return None;
            }
        }
    }

    fn submit(&mut self) {
        let Stage::Open(_, session) = &self.stage else {
            return;
        };
        let dialect = session.dialect;
        let submitted: Result<_, SubmitError<Error>> =
            self.machine.submit(self.now, TIMEOUT, |ticket, out| {
                let stream = stream_of(ticket.index());
                Request::Options.encode(dialect, None, stream, out.buffer())
            });
        if let Ok((ticket, _)) = submitted {
            self.tickets.push(ticket);
        }
    }

    /// Looks for the answer of the request of this number.
    fn look(&mut self, number: usize) {
        let Some(ticket) = self.tickets.get(number).copied() else {
            return;
        };
        let mut cx = Context::from_waker(Waker::noop());
        let now = self.now;
        let (answer, _) = self.machine.poll_answer(ticket, || now, &mut cx);
        if let Poll::Ready(answer) = answer {
            if let Ok(Some(frame)) = answer {
                assert_eq!(frame.header.stream, stream_of(ticket.index()));
            }
            self.tickets.retain(|other| *other != ticket);
        }
    }

    fn end(mut self) {
        self.machine
            .fail(Cause::PeerClosed(0), u64::MAX, &mut self.wakers);
        while !self.tickets.is_empty() {
            let before = self.tickets.len();
            self.look(0);
            assert!(self.tickets.len() < before, "a request that waits forever");
        }
        let stats = self.machine.stats();
        assert_eq!((stats.in_flight, stats.queued_items), (0, 0), "{stats:?}");
    }
}
