//! The driver against a scripted peer, with a paused clock: what four protocol crates lean on.

use std::time::Duration;

use crate::toy::*;
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use wire_core::machine::{Cause, Settings};
use wire_core::net::{Exchange, Handle, RequestError};
use wire_testkit::{
    ChoppedIo, Chops, Fault, Peer, block_on, converse, drop_at_each_await, drop_at_each_turn, spawn,
};

/// Lets the driver swallow what is owed, and checks that nothing is left behind.
async fn assert_base<T>(handle: &Handle<T>) {
    for _ in 0..1000 {
        if handle.stats().is_idle() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("not back to base: {:?}", handle.stats());
}

#[test]
fn answers_reach_their_requests_in_every_shape() {
    for shape in SHAPES {
        block_on(async {
            let handle = echoing(shape);
            let tasks: Vec<_> = (0..100_u32)
                .map(|i| {
                    let handle = handle.clone();
                    tokio::spawn(async move {
                        let body = i.to_be_bytes();
                        assert_eq!(exchange(&handle, &body).await, expected(shape, &body));
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_base(&handle).await;
        });
    }
}

#[test]
fn answers_may_come_in_any_order() {
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::ById);
            let (a, b) = tokio::join!(request(&handle, b"a"), request(&handle, b"b"));
            assert_eq!(
                (&a.unwrap()[..], &b.unwrap()[..]),
                (&b"for a"[..], &b"for b"[..])
            );
        },
        |mut peer| async move {
            let (a, _) = receive(&mut peer).await;
            let (b, _) = receive(&mut peer).await;
            peer.send(&frame(b, true, b"for b")).await;
            peer.send(&frame(a, true, b"for a")).await;
            peer.expect_end().await;
        },
    ));
}

/// A request is dropped wherever it can be; the next one on the same connection gets its own answer, and every
/// counter returns to zero.
#[test]
fn a_request_can_be_dropped_at_each_await() {
    for shape in SHAPES {
        for by_turn in [false, true] {
            let dropped = block_on(async {
                let handle = echoing(shape);
                let make = || exchange(&handle, b"a request that may be dropped");
                let check = |n: usize| {
                    let handle = handle.clone();
                    async move {
                        let canary = n.to_be_bytes();
                        assert_eq!(exchange(&handle, &canary).await, expected(shape, &canary));
                        assert_base(&handle).await;
                    }
                };
                match by_turn {
                    false => drop_at_each_await(make, check).await.0,
                    true => drop_at_each_turn(make, check).await.0,
                }
            });
            assert!(
                dropped >= if by_turn { 50 } else { 2 },
                "{shape:?}: only {dropped} drops"
            );
        }
    }
}

/// The same while all slots are taken, so that the drops hit a caller that waits for one.
#[test]
fn a_request_can_be_dropped_while_it_waits_for_a_slot() {
    block_on(async {
        let handle = echoing(Shape::Conversation);
        let make = || async {
            let (a, b) = tokio::join!(exchange(&handle, b"a"), exchange(&handle, b"b"));
            (a.len(), b.len())
        };
        let check = |_| async {
            assert_eq!(
                exchange(&handle, b"canary").await,
                expected(Shape::Conversation, b"canary")
            );
            assert_base(&handle).await;
        };
        let (dropped, lens) = drop_at_each_turn(make, check).await;
        assert!(dropped > 5 && lens == (3, 3));
    });
}

#[test]
fn reads_and_writes_may_be_cut_at_every_byte() {
    for shape in SHAPES {
        let total = frame(0, true, b"some body").len();
        for cut in 1..=total {
            for chops in [
                Chops::every(cut),
                Chops::cycle([cut, 1000]),
                Chops::every(cut).pending(),
            ] {
                block_on(async {
                    let (ours, theirs) = tokio::io::duplex(1024);
                    tokio::spawn(echo(theirs, shape));
                    let handle = connect(ChoppedIo::new(ours, chops.clone(), chops), shape);
                    for _ in 0..3 {
                        assert_eq!(
                            exchange(&handle, b"some body").await,
                            expected(shape, b"some body")
                        );
                    }
                    assert_base(&handle).await;
                });
            }
        }
    }
}

/// The peer ends the connection behind each byte of its answer.
#[test]
fn an_answer_that_is_cut_off_fails_its_request() {
    let answer = frame(0, true, b"answer");
    for cut in 0..answer.len() {
        for reset in [false, true] {
            block_on(async {
                let (ours, theirs) = tokio::io::duplex(1024);
                let fault = if reset { Fault::Reset } else { Fault::Zero };
                let io = ChoppedIo::new(ours, Chops::none().then(cut as u64, fault), Chops::none());
                tokio::spawn(echo(theirs, Shape::ById));
                let handle = connect(io, Shape::ById);
                let failure = request(&handle, b"answer").await.unwrap_err();
                match failure.cause {
                    Cause::PeerClosed(partial) => assert!(!reset && partial == cut),
                    Cause::Io(_) => assert!(reset),
                    other => panic!("{other}"),
                }
                assert!(failure.sent);
                assert!(handle.is_closed());
                let next = request(&handle, b"next").await.unwrap_err();
                assert!(!next.sent, "a dead connection sends nothing");
                assert_eq!(handle.stats().in_flight, 0);
            });
        }
    }
}

/// Writing breaks behind each byte: what left entirely or in part may have been carried out, the rest was not.
#[test]
fn a_broken_write_says_what_left() {
    let one = frame(0, true, b"x").len();
    for cut in 0..=2 * one {
        for fault in [Fault::Reset, Fault::Zero] {
            block_on(async {
                let (ours, _theirs) = tokio::io::duplex(1024);
                let io = ChoppedIo::new(ours, Chops::none(), Chops::none().then(cut as u64, fault));
                let handle = connect(io, Shape::ById);
                let (first, second, third) = tokio::join!(
                    request(&handle, b"x"),
                    request(&handle, b"y"),
                    request(&handle, b"z")
                );
                let sent = [first, second, third].map(|result| {
                    let failure = result.unwrap_err();
                    assert!(matches!(failure.cause, Cause::Io(_)), "{}", failure.cause);
                    failure.sent
                });
                assert_eq!(sent, [cut > 0, cut > one, cut > 2 * one], "cut at {cut}");
            });
        }
    }
}

#[test]
fn what_was_never_asked_closes_the_connection() {
    type Forge = fn(u64) -> Vec<u8>;
    let forgeries: [(&str, Forge); 4] = [
        ("twice", |id| {
            [frame(id, true, b"one"), frame(id, true, b"two")].concat()
        }),
        ("an id that was never given out", |_| {
            frame(77 << 32 | 77, true, b"")
        }),
        ("a later one first", |id| frame(id + (1 << 32), true, b"")),
        ("a frame above the limit", |_| vec![0xff; 13]),
    ];
    for (what, forge) in forgeries {
        for shape in [Shape::ById, Shape::InOrder] {
            block_on(async {
                let (ours, script) = spawn(move |mut peer: Peer| async move {
                    let (id, _) = receive(&mut peer).await;
                    peer.send(&forge(id)).await;
                    // Stays open: it is the client that closes.
                    let _second = receive(&mut peer).await;
                    peer.expect_end().await;
                });
                let handle = connect(ours, shape);
                let (first, second) = tokio::join!(request(&handle, b"1"), request(&handle, b"2"));
                if what == "twice" {
                    assert_eq!(&first.unwrap()[..], b"one");
                } else {
                    assert!(matches!(first.unwrap_err().cause, Cause::Protocol(_)));
                }
                let failure = second.unwrap_err();
                assert!(
                    matches!(failure.cause, Cause::Protocol(_)),
                    "{what}: {}",
                    failure.cause
                );
                assert!(failure.sent && handle.is_closed());
                script.done().await;
            });
        }
    }
}

#[test]
fn a_silent_peer_costs_a_request_its_deadline_and_no_more() {
    for shape in SHAPES {
        block_on(async {
            let (ours, _theirs) = tokio::io::duplex(1024);
            let handle = connect(ours, shape);
            let began = Instant::now();
            let failure = request(&handle, b"x").await.unwrap_err();
            assert!(matches!(failure.cause, Cause::Timeout(TIMEOUT)) && failure.sent);
            let late = began.elapsed() - TIMEOUT;
            assert!(late <= Duration::from_millis(100), "{late:?} late");
            tokio::time::sleep(Settings::default().max_orphan_age + Duration::from_secs(1)).await;
            assert!(
                handle.is_closed(),
                "{shape:?}: a peer that never answers is left"
            );
        });
    }
}

#[test]
fn a_late_answer_is_swallowed_and_the_connection_goes_on() {
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::ById);
            request(&handle, b"slow").await.unwrap_err();
            assert_eq!(handle.stats().orphans, 1);
            assert_eq!(&request(&handle, b"next").await.unwrap()[..], b"answer");
            assert_base(&handle).await;
        },
        |mut peer| async move {
            let (slow, _) = receive(&mut peer).await;
            let (next, _) = receive(&mut peer).await;
            peer.send(&frame(slow, true, b"late")).await;
            peer.send(&frame(next, true, b"answer")).await;
            peer.expect_end().await;
        },
    ));
}

#[test]
fn too_many_unanswered_requests_close_the_connection() {
    block_on(async {
        let (ours, _theirs) = tokio::io::duplex(1 << 20);
        let settings = Settings {
            max_orphans: 20,
            ..Settings::default()
        };
        let handle = connect_with(ours, Shape::ById, settings);
        for _ in 0..=20 {
            assert!(!handle.is_closed());
            drop(begin(&handle, b"x").await.unwrap());
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert!(matches!(handle.closed(), Some(Cause::Orphans(21))));
    });
}

#[test]
fn callers_wait_for_a_slot_and_then_are_told() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(1024);
        let settings = Settings {
            max_in_flight: 1,
            ..Settings::default()
        };
        let handle = connect_with(ours, Shape::ById, settings);
        let first = begin(&handle, b"1").await.unwrap();
        let began = Instant::now();
        let error = begin(&handle, b"2").await.unwrap_err();
        assert!(matches!(
            error,
            RequestError::Connection(Cause::Overloaded(TIMEOUT))
        ));
        assert_eq!(began.elapsed().as_secs(), TIMEOUT.as_secs());
        drop(first);
        tokio::spawn(echo(theirs, Shape::ById));
        assert_eq!(
            &request(&handle, b"3").await.unwrap()[..],
            b"3",
            "the first answer freed the slot"
        );
        assert_base(&handle).await;
    });
}

/// The peer reads nothing: callers are held back before memory is filled.
#[test]
fn a_full_queue_holds_callers_back() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(16);
        let settings = Settings {
            max_queued_bytes: 1000,
            ..Settings::default()
        };
        let handle = connect_with(ours, Shape::ById, settings);
        let body = [7; 500];
        let mut waiting = Vec::new();
        let error = loop {
            match begin(&handle, &body).await {
                Ok(exchange) => waiting.push(exchange),
                Err(error) => break error,
            }
            tokio::task::yield_now().await;
        };
        assert!(matches!(
            error,
            RequestError::Connection(Cause::Overloaded(_))
        ));
        assert!((3..6).contains(&waiting.len()), "{}", waiting.len());
        drop(waiting);
        tokio::spawn(echo(theirs, Shape::ById));
        assert_eq!(request(&handle, &body).await.unwrap().len(), 500);
        assert_base(&handle).await;
    });
}

/// A reader that does not read stops its own connection, not the machine's memory.
#[test]
fn a_slow_reader_makes_the_connection_stop_reading() {
    const PACKETS: usize = 1000;
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::Conversation);
            let mut answer = begin(&handle, b"all of it").await.unwrap();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let queued = handle.stats().queued_items;
            assert!((1..=4).contains(&queued), "{queued} packets are queued");
            tokio::time::sleep(TIMEOUT * 3).await;
            let mut packets = 0;
            while answer.next().await.unwrap().is_some() {
                packets += 1;
                assert!(handle.stats().queued_items <= 4);
            }
            assert_eq!(packets, PACKETS);
        },
        |peer| async move {
            let mut peer = peer.patience(TIMEOUT * 10);
            receive(&mut peer).await;
            for i in 1..=PACKETS {
                peer.send(&frame(0, i == PACKETS, &[1; 100])).await;
            }
            peer.expect_end().await;
        },
    ));
}

/// A conversation in which the client goes on sending, as a bulk insert does.
#[test]
fn a_conversation_can_send_more_until_it_ends() {
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::Conversation);
            let mut insert = begin(&handle, b"insert").await.unwrap();
            assert_eq!(insert.next().await.unwrap().as_deref(), Some(&b"go"[..]));
            assert!(send(&mut insert, b"block").await);
            assert_eq!(insert.next().await.unwrap().as_deref(), Some(&b"done"[..]));
            assert!(
                !send(&mut insert, b"too late").await,
                "nothing is sent behind the end"
            );
            assert_eq!(insert.next().await.unwrap(), None);
        },
        |mut peer| async move {
            let (id, _) = receive(&mut peer).await;
            peer.send(&frame(id, false, b"go")).await;
            assert_eq!(receive(&mut peer).await.1, b"block");
            peer.send(&frame(id, true, b"done")).await;
            peer.expect_end().await;
        },
    ));

    async fn send(insert: &mut Exchange<bytes::Bytes>, block: &[u8]) -> bool {
        let sent = insert.send(TIMEOUT, |out| {
            out.segment(bytes::Bytes::from(frame(0, true, block)));
            Ok::<(), ()>(())
        });
        sent.await.unwrap()
    }
}

#[test]
fn a_burst_goes_out_in_one_write() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let handle = connect(ours, Shape::ById);
        // The driver sleeps; sixty-four callers come before it gets its turn.
        tokio::task::yield_now().await;
        let mut exchanges = Vec::new();
        for _ in 0..64 {
            exchanges.push(begin(&handle, b"burst").await.unwrap());
        }
        let queued = handle.stats().queued_bytes;
        assert_eq!(queued, 64 * frame(0, true, b"burst").len());
        let mut received = Vec::with_capacity(queued);
        let n = tokio::io::AsyncReadExt::read_buf(&mut theirs, &mut received)
            .await
            .unwrap();
        assert_eq!(n, queued, "one write");
    });
}

#[test]
fn closing_lets_requests_end_and_refuses_new_ones() {
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::ById);
            let exchange = begin(&handle, b"last").await.unwrap();
            let closer = handle.clone();
            let began = Instant::now();
            let ((), answer) = tokio::join!(closer.close(), exchange.answer());
            assert_eq!(&answer.unwrap()[..], b"bye");
            assert_eq!(
                began.elapsed().as_secs(),
                1,
                "it ends with its last request"
            );
            let failure = request(&handle, b"more").await.unwrap_err();
            assert!(matches!(failure.cause, Cause::Closed) && !failure.sent);
        },
        |mut peer| async move {
            let (id, _) = receive(&mut peer).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            peer.send(&frame(id, true, b"bye")).await;
            peer.expect_end().await;
        },
    ));
}

#[test]
fn closing_does_not_wait_for_a_silent_peer_for_long() {
    block_on(async {
        let (ours, _theirs) = tokio::io::duplex(1024);
        let handle = connect(ours, Shape::ById);
        let exchange = begin(&handle, b"x").await.unwrap();
        let began = Instant::now();
        handle.close().await;
        assert_eq!(began.elapsed().as_secs(), 5);
        assert!(matches!(
            exchange.answer().await.unwrap_err().cause,
            Cause::Closed
        ));
    });
}

#[test]
fn the_last_handle_closes_the_connection_once_its_requests_are_done() {
    block_on(converse(
        |io| async move {
            let handle = connect(io, Shape::ById);
            let exchange = begin(&handle, b"x").await.unwrap();
            drop(handle);
            assert_eq!(&exchange.answer().await.unwrap()[..], b"answer");
        },
        |mut peer| async move {
            let (id, _) = receive(&mut peer).await;
            peer.send(&frame(id, true, b"answer")).await;
            peer.expect_end().await;
        },
    ));
}

#[test]
fn a_runtime_that_is_shut_down_fails_the_requests() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (ours, _theirs) = tokio::io::duplex(1024);
    let handle = {
        let _guard = runtime.enter();
        connect(ours, Shape::ById)
    };
    block_on(async {
        let exchange = begin(&handle, b"x").await.unwrap();
        runtime.shutdown_background();
        let failure = exchange.answer().await.unwrap_err();
        assert!(matches!(failure.cause, Cause::RuntimeGone));
        let failure = request(&handle, b"y").await.unwrap_err();
        assert!(matches!(failure.cause, Cause::RuntimeGone) && !failure.sent);
        handle.close().await;
    });
}

#[test]
fn a_panicking_encoder_hurts_nobody_else() {
    block_on(async {
        let handle = echoing(Shape::ById);
        let panicking = handle.clone();
        let task = tokio::spawn(async move {
            let request = panicking.request(TIMEOUT, |_, out| -> Result<(), ()> {
                out.buffer().extend_from_slice(b"half a mess");
                panic!("a value that cannot be encoded")
            });
            request.await.map(|_| ())
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(&request(&handle, b"canary").await.unwrap()[..], b"canary");
        assert_base(&handle).await;
    });
}

#[test]
fn zero_and_endless_timeouts_are_no_panic() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let handle = connect(ours, Shape::ById);
        let encode = |_, _: &mut _| Ok::<(), ()>(());
        let none = |_, _: &mut _| -> Result<(), ()> { panic!("nothing is to be sent") };
        for refused in [
            handle.request(Duration::ZERO, none).await.map(drop),
            handle.try_request(Duration::ZERO, none).map(drop),
        ] {
            assert!(matches!(
                refused,
                Err(RequestError::Connection(Cause::Timeout(Duration::ZERO)))
            ));
        }
        let endless = handle.request(Duration::MAX, encode).await.unwrap();
        theirs.shutdown().await.unwrap();
        assert!(matches!(
            endless.answer().await.unwrap_err().cause,
            Cause::PeerClosed(0)
        ));
    });
}
