//! Many callers on real threads, some of which give up: every answer is the caller's own, and nothing is left behind.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::toy::*;
use wire_core::machine::Settings;
use wire_core::net::Handle;
use wire_testkit::{ChoppedIo, Chops};

const CALLERS: u64 = 16;
const REQUESTS: u64 = 300;
/// Far more than all of it takes: a hang, not a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// xorshift64: each caller does the same in each run; only the threads do not.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Polls `future` until it is ready, or drops it when it was pending `times` times.
async fn at_most<F: Future>(times: u64, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

/// Makes requests, of which some are given up; returns how many were answered.
async fn call(handle: Handle<bytes::Bytes>, shape: Shape, caller: u64) -> u64 {
    let mut random = Random(caller + 1);
    let mut answered = 0;
    for n in 0..REQUESTS {
        let mut body = [caller.to_be_bytes(), n.to_be_bytes()].concat();
        body.resize(16 + random.below(200) as usize, 7);
        match random.below(3) {
            0 => {
                let polls = random.below(8);
                if let Some(items) = at_most(polls, exchange(&handle, &body)).await {
                    assert_eq!(items, expected(shape, &body));
                }
            }
            1 => {
                // Takes the first item and leaves, or does not even begin to wait.
                let mut begun = begin(&handle, &body).await.unwrap();
                if random.below(2) == 0 {
                    let first = begun.next().await.unwrap().unwrap();
                    assert_eq!(first, expected(shape, &body)[0]);
                }
            }
            _ => {
                assert_eq!(exchange(&handle, &body).await, expected(shape, &body));
                answered += 1;
            }
        }
    }
    answered
}

#[test]
fn nothing_is_mixed_up_or_left_behind_by_callers_on_many_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .unwrap();
    for shape in SHAPES {
        runtime.block_on(async {
            let (ours, theirs) = tokio::io::duplex(700);
            tokio::spawn(echo(theirs, shape));
            let (reads, writes) = (Chops::cycle([1, 300, 17, 5000]), Chops::cycle([900, 3, 64]));
            let settings = Settings {
                // Callers have to wait for slots and for room.
                max_in_flight: shape.settings().max_in_flight.min(CALLERS as u32 / 2),
                max_queued_bytes: 600,
                ..shape.settings()
            };
            let handle = connect_with(ChoppedIo::new(ours, reads, writes), shape, settings);
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| tokio::spawn(call(handle.clone(), shape, caller)))
                .collect();
            let all = async {
                let mut answered = 0;
                for caller in callers {
                    answered += caller.await.unwrap();
                }
                while !handle.stats().is_idle() {
                    tokio::task::yield_now().await;
                }
                answered
            };
            let answered = tokio::time::timeout(PATIENCE, all).await.expect("a hang");
            assert!(answered > CALLERS * REQUESTS / 4);
            assert!(!handle.is_closed(), "{shape:?}: {:?}", handle.closed());
        });
    }
}
