//! The connection without a socket: bytes in, answers out. Public for tests and fuzzing alone; no promise is made
//! about anything here.
//!
//! How to drive it: a [`Handshake`] writes its first message with `start` and is fed with `handle_bytes` until it
//! gives a [`Connection`], which cuts what arrives from then on into answers. Nothing here waits or looks at a clock.

mod auth;
mod extensions;
mod handshake;
mod wishes;

use wire_core::machine::{Inbound, Protocol, Route};
use wire_core::{DecodeError, RecvBuf};

pub use auth::{AuthFailure, AuthSession, Authenticator, Credentials, PlainAuthenticator};
pub use extensions::Extensions;
pub use handshake::Handshake;
pub use wishes::{EventSink, Identity, Session, Wishes};

use crate::codec::{Compression, Dialect, Frame, RESPONSE, SegmentDecoder, Version};
use crate::error::{Error, ErrorCode, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::{Event, Message, Opcode, Response};

/// Stream 0 is not used for requests: servers report there what they cannot pair with a request.
const FIRST_STREAM: u32 = 1;
/// Stream of events that the server sends unasked.
const EVENT_STREAM: i16 = -1;

/// The stream id of the request in slot `index`.
#[inline]
pub fn stream_of(index: u32) -> i16 {
    // Slots are fewer than streams: the configuration sees to it.
    i16::try_from(index.saturating_add(FIRST_STREAM)).unwrap_or(i16::MAX)
}

/// The receiving half of an open connection.
#[derive(Debug)]
pub struct Connection {
    dialect: Dialect,
    compression: Option<Compression>,
    events: Option<EventSink>,
    limits: Limits,
    /// On protocol v5.
    segments: Option<SegmentDecoder>,
}

impl Connection {
    /// A connection without compression.
    pub fn new(dialect: impl Into<Dialect>, limits: Limits) -> Self {
        Self {
            dialect: dialect.into(),
            compression: None,
            events: None,
            limits,
            segments: None,
        }
    }

    /// The same, whose bodies may be compressed by this.
    #[must_use]
    pub fn with_compression(mut self, compression: Option<Compression>) -> Self {
        self.compression = compression;
        self
    }

    /// The same, whose frames come in segments; some may have come already.
    #[must_use]
    pub fn with_segments(mut self, segments: SegmentDecoder) -> Self {
        self.segments = Some(segments);
        self
    }

    /// The same, with events going to `sink`; without one they are passed over.
    #[must_use]
    pub fn with_events(mut self, sink: EventSink) -> Self {
        self.events = Some(sink);
        self
    }

    /// The next frame, out of its segments.
    #[inline]
    fn next_frame(&mut self, input: &mut RecvBuf) -> Result<Option<Frame>, DecodeError> {
        if let Some(segments) = &mut self.segments {
            let frame = segments.next(input)?;
            if let Some(frame) = &frame {
                check_first(self.dialect.version(), frame.first_byte())?;
            }
            return Ok(frame);
        }
        match input.filled().first() {
            None => Ok(None),
            Some(first) => {
                check_first(self.dialect.version(), *first)?;
                Frame::split(input, self.limits.max_frame_bytes)
            }
        }
    }

    /// What the server says about the connection itself.
    #[cold]
    fn about_connection(&self, frame: &Frame) -> DecodeError {
        let opcode = Opcode(frame.header.opcode);
        let decoded = frame
            .plain_body(self.compression, &self.limits)
            .and_then(|body| Response::decode(&frame.header, &body, self.dialect, &self.limits));
        let what = match decoded.map(|response| response.message) {
            Ok(Message::Error(error)) => format!("the server refuses the connection: {error}"),
            _ => format!(
                "{opcode} came on stream {}, which no request uses",
                frame.header.stream
            ),
        };
        DecodeError::invalid("stream", 2, what)
    }
}

impl Protocol for Connection {
    type Item = Frame;

    #[inline]
    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Frame>>, DecodeError> {
        while let Some(frame) = self.next_frame(input)? {
            let stream = frame.header.stream;
            if stream == EVENT_STREAM {
                let (events, dialect) = (self.events.as_ref(), self.dialect);
                tell(events, &frame, dialect, self.compression, &self.limits);
                continue;
            }
            let index = u32::try_from(stream)
                .ok()
                .and_then(|s| s.checked_sub(FIRST_STREAM));
            let Some(index) = index else {
                return Err(self.about_connection(&frame));
            };
            return Ok(Some(Inbound {
                route: Route::Index(index),
                item: frame,
                last: true,
            }));
        }
        Ok(None)
    }
}

/// Hands the event that `frame` is to `sink`. Whatever it holds, the connection goes on: an event that cannot be read
/// still says that something happened.
#[cold]
fn tell(
    sink: Option<&EventSink>,
    frame: &Frame,
    dialect: Dialect,
    compression: Option<Compression>,
    limits: &Limits,
) {
    let Some(sink) = sink else { return };
    let response = frame
        .plain_body(compression, limits)
        .and_then(|body| Response::decode(&frame.header, &body, dialect, limits));
    sink.put(match response.map(|response| response.message) {
        Ok(Message::Event(event)) => event,
        _ => Event::Other {
            kind: String::new(),
            body: frame.body.clone(),
        },
    });
}

/// Refuses a frame of another version or direction at its first byte: its length means nothing then.
#[inline]
fn check_first(version: Version, first: u8) -> Result<(), DecodeError> {
    if first == version.number() | RESPONSE {
        return Ok(());
    }
    let kind = if first & RESPONSE == 0 {
        "request"
    } else {
        "response"
    };
    let number = first & !RESPONSE;
    let what = format!(
        "is that of a {kind} of v{number}, on a connection of {}",
        version
    );
    Err(DecodeError::invalid("version", 0, what).within("Header"))
}

/// Whoever took a wrong port is told at once, without waiting for as many bytes as a wrong header promises.
fn check_first_byte(first: u8) -> Result<(), Error> {
    let text = match first {
        0x81 | 0x82 => {
            "the server speaks protocol version 1 or 2 only (Cassandra before 2.1), which this crate does not".to_owned()
        }
        0x83..=0x8f => return Ok(()),
        other => format!("the server does not speak CQL: its answer begins with byte {other:#04x}"),
    };
    let kind = if matches!(first, 0x81 | 0x82) {
        ErrorKind::Unsupported
    } else {
        ErrorKind::Decode
    };
    Err(Error::new(kind, text).with_sent(Sent::Maybe))
}

/// Whether an error says that the server does not speak the version it was asked in.
fn refuses_version(code: ErrorCode, message: &str) -> bool {
    let code_fits = code == ErrorCode::PROTOCOL_ERROR || code == ErrorCode::SERVER_ERROR;
    code_fits && message.to_ascii_lowercase().contains("protocol version")
}
