//! What a connection holds while nothing happens. One test in a binary of its own: the counters are the process's.
#![cfg(feature = "net")]

use std::alloc::System;
use std::time::Duration;

use bytes::Bytes;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire_core::machine::{Inbound, Protocol, Route, Settings};
use wire_core::net::{Handle, spawn};
use wire_core::{DecodeError, RecvBuf};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// An idle connection, its task included.
const IDLE_BYTES: isize = 40 * 1024;
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
    wire_testkit::block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(256 * 1024);
        tokio::spawn(async move {
            while let Ok(len) = theirs.read_u32().await {
                theirs.write_u32(len).await.unwrap();
                theirs.write_all(&vec![0; len as usize]).await.unwrap();
            }
        });
        // The pipe's own buffers are not the connection's.
        tokio::task::yield_now().await;
        let region = Region::new(ALLOCATOR);
        let held = || {
            let change = region.change();
            change.bytes_allocated as isize - change.bytes_deallocated as isize
        };
        let handle = spawn(Box::new(ours), Lengths, RecvBuf::new(), Settings::default());
        ask(&handle, 100).await;
        assert!(held() < IDLE_BYTES, "{} bytes for a small answer", held());

        assert_eq!(ask(&handle, LARGE).await.len(), LARGE + 4);
        tokio::time::sleep(Duration::from_secs(61)).await;
        // What is left are the pipe's two buffers and the connection.
        let pipe = 2 * 256 * 1024;
        assert!(
            held() < IDLE_BYTES + pipe,
            "{} bytes after a large one",
            held()
        );
        ask(&handle, 100).await;

        // A large request waits to be written as it is, and is not copied.
        let body = Bytes::from(vec![0; LARGE]);
        let before = held();
        let exchange = handle.request(Duration::from_secs(10), |_, out| {
            out.segment(body.clone());
            Ok::<(), ()>(())
        });
        let exchange = exchange.await.unwrap();
        assert_eq!(handle.stats().queued_bytes, LARGE);
        assert!(held() - before < 1024, "{} bytes more", held() - before);
        drop(exchange);
    });
}
