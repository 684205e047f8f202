//! What a connection holds while nothing happens.
#![cfg(feature = "net")]

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire_core::machine::{Inbound, Protocol, Route, Settings};
use wire_core::net::{Handle, spawn};
use wire_core::{DecodeError, RecvBuf};
use wire_testkit::measure;

/// An idle connection, its task included.
const IDLE_BYTES: i64 = 40 * 1024;
const LARGE: usize = 4 * 1024 * 1024;

/// An answer is a `u32` length and as many bytes.
struct Lengths;

impl Protocol for Lengths {
    type Item = Bytes;

    fn handle_bytes(&mut self, input: &mut RecvBuf) -> Result<Option<Inbound<Bytes>>, DecodeError> {
        let Some(len) = input.filled().first_chunk::<4>() else {
            return Ok(None);
        };
        let len = 4 + u32::from_be_bytes(*len) as usize;
        Ok(input.take(len).map(|item| Inbound {
            route: Route::Index(0),
            item,
            last: true,
        }))
    }
}

async fn ask(handle: &Handle<Bytes>, len: usize) -> Bytes {
    let exchange = handle.request(Duration::from_secs(10), |_, out| {
        out.buffer().extend_from_slice(&(len as u32).to_be_bytes());
        Ok::<(), ()>(())
    });
    exchange.await.unwrap().answer().await.unwrap()
}

#[test]
fn an_idle_connection_is_small_before_and_after_a_burst() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (ours, mut theirs) = tokio::io::duplex(256 * 1024);
    runtime.spawn(async move {
        while let Ok(len) = theirs.read_u32().await {
            theirs.write_u32(len).await.unwrap();
            theirs.write_all(&vec![0; len as usize]).await.unwrap();
        }
    });
    // The pipe's own buffers are not the connection's.
    runtime.block_on(tokio::task::yield_now());
    let small = || async {
        let handle = spawn(Box::new(ours), Lengths, RecvBuf::new(), Settings::default());
        ask(&handle, 100).await;
        handle
    };
    let (before, handle) = measure(|| runtime.block_on(small()));
    assert!(before.held < IDLE_BYTES, "{before:?} after a small answer");

    let large = || async {
        assert_eq!(ask(&handle, LARGE).await.len(), LARGE + 4);
        tokio::time::sleep(Duration::from_secs(61)).await;
    };
    let (burst, ()) = measure(|| runtime.block_on(large()));
    // What is left are the pipe's two buffers and the connection.
    let pipe = 2 * 256 * 1024;
    assert!(
        before.held + burst.held < IDLE_BYTES + pipe,
        "{before:?}, then {burst:?} after a large answer"
    );
    runtime.block_on(ask(&handle, 100));

    // A large request waits to be written as it is, and is not copied.
    let body = Bytes::from(vec![0; LARGE]);
    let request = || {
        handle.request(Duration::from_secs(10), |_, out| {
            out.segment(body.clone());
            Ok::<(), ()>(())
        })
    };
    let (memory, exchange) = measure(|| runtime.block_on(request()).unwrap());
    assert_eq!(handle.stats().queued_bytes, LARGE);
    assert!(memory.held < 1024, "{memory:?} for a large request");
    drop(exchange);
}
