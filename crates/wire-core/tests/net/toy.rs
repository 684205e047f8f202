//! A protocol of three shapes, for tests of the driver.
//!
//! A frame is a `u32` length of what follows, a `u64` id, a byte that is 1 if the answer ends with it, and a body.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use wire_core::machine::{Abandon, Failure, Inbound, Protocol, Route, Settings};
use wire_core::net::{Handle, Io, RequestError, spawn};
use wire_core::{DecodeError, Reader, RecvBuf};
use wire_testkit::{ChoppedIo, Chops, Peer};

pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const CANCEL: &[u8] = &[
    0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
];
/// A longer frame is one that the protocol excludes.
const MAX_FRAME: u32 = 1024 * 1024;

/// How answers find their requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    ById,
    InOrder,
    Conversation,
}

pub(crate) const SHAPES: [Shape; 3] = [Shape::ById, Shape::InOrder, Shape::Conversation];

impl Shape {
    pub(crate) fn settings(self) -> Settings {
        let cancel = Abandon::Send(Bytes::from_static(CANCEL));
        match self {
            Self::ById => Settings::default(),
            Self::InOrder => Settings {
                in_order: true,
                on_timeout: Abandon::Close,
                ..Settings::default()
            },
            Self::Conversation => Settings {
                in_order: true,
                max_in_flight: 1,
                on_drop: cancel.clone(),
                on_timeout: cancel,
                ..Settings::default()
            },
        }
    }
}

/// Cuts frames.
pub(crate) struct Toy(pub(crate) Shape);

impl Protocol for Toy {
    type Item = Bytes;

    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Bytes>>, DecodeError> {
        let Some(header) = input.filled().first_chunk::<13>() else {
            return Ok(None);
        };
        let mut r = Reader::new(header);
        let len = r.u32_be("length")?;
        if len > MAX_FRAME {
            return Err(DecodeError::limit(
                "length",
                0,
                "max_frame_bytes",
                MAX_FRAME.into(),
                len.into(),
            ));
        }
        let (id, last) = (r.u64_be("id")?, r.u8("last")? == 1);
        let Some(mut frame) = input.take(4 + len as usize) else {
            return Ok(None);
        };
        let route = match self.0 {
            Shape::ById => Route::Id(id),
            Shape::InOrder => Route::NextSequence((id >> 32) as u32),
            Shape::Conversation => Route::Next,
        };
        Ok(Some(Inbound {
            route,
            item: frame.split_off(13),
            last,
        }))
    }
}

pub(crate) fn connect(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    shape: Shape,
) -> Handle<Bytes> {
    connect_with(io, shape, shape.settings())
}

pub(crate) fn connect_with(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    shape: Shape,
    settings: Settings,
) -> Handle<Bytes> {
    let io: Box<dyn Io> = Box::new(io);
    spawn(io, Toy(shape), RecvBuf::new(), settings)
}

/// A frame.
pub(crate) fn frame(id: u64, last: bool, body: &[u8]) -> Vec<u8> {
    let mut out = (9 + body.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(&id.to_be_bytes());
    out.push(u8::from(last));
    out.extend_from_slice(body);
    out
}

/// Begins a request.
pub(crate) async fn begin(
    handle: &Handle<Bytes>,
    body: &[u8],
) -> Result<wire_core::net::Exchange<Bytes>, RequestError<()>> {
    handle
        .request(TIMEOUT, |ticket, out| {
            out.buffer()
                .extend_from_slice(&frame(ticket.id(), true, body));
            Ok(())
        })
        .await
}

/// One request and its answer.
pub(crate) async fn request(handle: &Handle<Bytes>, body: &[u8]) -> Result<Bytes, Failure> {
    match begin(handle, body).await {
        Ok(exchange) => exchange.answer().await,
        Err(RequestError::Connection(cause)) => Err(Failure::new(cause, false)),
        Err(RequestError::Encode(())) => unreachable!(),
    }
}

/// Receives one frame: its id and body.
pub(crate) async fn receive<S: AsyncRead + AsyncWrite + Unpin>(
    peer: &mut Peer<S>,
) -> (u64, Vec<u8>) {
    peer.parse(|bytes| {
        let len = u32::from_be_bytes(*bytes.first_chunk::<4>()?) as usize;
        let frame = bytes.get(4..4 + len)?;
        let id = u64::from_be_bytes(*frame.first_chunk::<8>()?);
        Some(((id, frame[9..].to_vec()), 4 + len))
    })
    .await
}

/// A peer that answers each request with its own body, until the connection ends. In a conversation the answer is
/// three packets, and a cancel is not answered.
pub(crate) async fn echo(mut io: impl AsyncRead + AsyncWrite + Unpin, shape: Shape) {
    let mut received = Vec::new();
    while matches!(io.read_buf(&mut received).await, Ok(1..)) {
        let mut answers = Vec::new();
        while let Some(len) = received.first_chunk::<4>() {
            let end = 4 + u32::from_be_bytes(*len) as usize;
            if received.len() < end {
                break;
            }
            let request: Vec<u8> = received.drain(..end).collect();
            if request == CANCEL {
                continue;
            }
            let id = u64::from_be_bytes(*request[4..].first_chunk().unwrap());
            if shape == Shape::Conversation {
                answers.extend(frame(id, false, b"1"));
                answers.extend(frame(id, false, b"2"));
            }
            answers.extend(frame(id, true, &request[13..]));
        }
        if io.write_all(&answers).await.is_err() {
            return;
        }
    }
}

/// A connection to [`echo`] that moves a byte at a time, with a pause before each.
pub(crate) fn echoing(shape: Shape) -> Handle<Bytes> {
    let (ours, theirs) = tokio::io::duplex(64);
    tokio::spawn(echo(theirs, shape));
    let chops = Chops::every(1).pending();
    connect(ChoppedIo::new(ours, chops.clone(), chops), shape)
}

/// A request of any shape: all that came back.
pub(crate) async fn exchange(handle: &Handle<Bytes>, body: &[u8]) -> Vec<Bytes> {
    let mut exchange = begin(handle, body).await.unwrap();
    let mut items = Vec::new();
    while let Some(item) = exchange.next().await.unwrap() {
        items.push(item);
    }
    items
}

/// What [`exchange`] gives for `body`.
pub(crate) fn expected(shape: Shape, body: &[u8]) -> Vec<Bytes> {
    let last = Bytes::copy_from_slice(body);
    match shape {
        Shape::Conversation => vec![Bytes::from_static(b"1"), Bytes::from_static(b"2"), last],
        _ => vec![last],
    }
}
