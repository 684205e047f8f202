//! The smallest protocol that the connection machinery can drive: what a request costs without any database's codec.
//!
//! A frame is a `u32` length of what follows, a `u64` id, and a body; all big-endian.

use std::time::Duration;

use bytes::Bytes;
use wire_core::machine::{Inbound, Protocol, Route, Settings};
use wire_core::net::{Handle, Io, spawn};
use wire_core::{DecodeError, Reader, RecvBuf};

/// Length and id.
pub const HEADER: usize = 12;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Cuts frames.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Toy;

impl Protocol for Toy {
    type Item = Bytes;

    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Bytes>>, DecodeError> {
        let Some(header) = input.filled().first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let mut r = Reader::new(header);
        let (len, id) = (r.u32_be("length")?, r.u64_be("id")?);
        let Some(mut frame) = input.take(4 + len as usize) else {
            return Ok(None);
        };
        let body = frame.split_off(HEADER);
        Ok(Some(Inbound {
            route: Route::Id(id),
            item: body,
            last: true,
        }))
    }
}

/// A connection over `io`.
#[must_use]
pub fn connect(io: Box<dyn Io>) -> Handle<Bytes> {
    spawn(io, Toy, RecvBuf::new(), Settings::default())
}

/// One request and its answer.
///
/// # Panics
/// If the connection fails.
pub async fn request(handle: &Handle<Bytes>, body: &[u8]) -> Bytes {
    let exchange = handle.request(TIMEOUT, |ticket, out| {
        let mut w = out.writer();
        w.u32_be(8 + body.len() as u32);
        w.u64_be(ticket.id());
        w.put(body);
        Ok::<(), ()>(())
    });
    exchange
        .await
        .expect("a slot")
        .answer()
        .await
        .expect("an answer")
}

/// `total` requests of `body_len` bytes over `handle`, `in_flight` at a time.
///
/// # Panics
/// If an answer is not the request's.
pub async fn run(handle: &Handle<Bytes>, total: usize, in_flight: usize, body_len: usize) {
    let tasks: Vec<_> = (0..in_flight)
        .map(|task| {
            let handle = handle.clone();
            tokio::spawn(async move {
                let body = vec![task as u8; body_len];
                for _ in 0..total / in_flight {
                    let answer = request(&handle, &body).await;
                    assert!(answer.len() == body_len && answer.first() == body.first());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task");
    }
}
