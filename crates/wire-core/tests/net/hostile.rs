//! Peers, pipes and callers at their worst.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::toy::*;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use wire_core::RecvBuf;
use wire_core::machine::{Abandon, Cause, Handshake, Settings, Step};
use wire_core::net::{
    AskError, Connector, Handshaken, Link, LinkError, Live, LiveOf, Stage, handshake,
};
use wire_testkit::{ChoppedIo, Chops, Fault, block_on};

/// Bytes trickle in until tokio makes the driver yield, in the very turn in which the timer is armed first.
#[test]
fn a_deadline_holds_although_the_driver_used_up_its_turn() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let answer = frame(0, true, &[7; 1000]);
        theirs.write_all(&answer[..500]).await.unwrap();
        let io = ChoppedIo::new(ours, Chops::every(1), Chops::none());
        let handle = connect(io, Shape::ById);
        let exchange = begin(&handle, b"x").await.unwrap();
        let answered = tokio::time::timeout(TIMEOUT * 2, exchange.answer()).await;
        let failure = answered.expect("a hang").unwrap_err();
        assert!(matches!(failure.cause, Cause::Timeout(TIMEOUT)));
    });
}

/// A server that refuses a request often says why and hangs up while more is being written to it.
#[test]
fn what_came_before_writing_broke_is_delivered() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let one = frame(0, true, b"x").len() as u64;
        let breaks = Chops::none().then(one, Fault::Reset);
        let handle = connect(ChoppedIo::new(ours, Chops::none(), breaks), Shape::ById);
        let first = begin(&handle, b"x").await.unwrap();
        tokio::task::yield_now().await;
        let second = begin(&handle, b"y").await.unwrap();
        let refusal = frame(0, true, b"why not");
        theirs.write_all(&refusal).await.unwrap();
        assert_eq!(&first.answer().await.unwrap()[..], b"why not");
        let failure = second.answer().await.unwrap_err();
        assert!(matches!(failure.cause, Cause::Io(_)) && !failure.sent);
    });
}

/// Packets without end, each at once.
struct Flood(Arc<AtomicUsize>);

impl AsyncRead for Flood {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let packet = frame(0, false, &[7; 1000]);
        while to.remaining() > packet.len() {
            to.put_slice(&packet);
            self.0.fetch_add(packet.len(), Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A conversation was dropped, and its peer floods the connection with what is thrown away.
#[test]
fn a_flood_leaves_others_their_turn() {
    const TURNS: usize = 20;
    let received = Arc::new(AtomicUsize::new(0));
    block_on(async {
        let handle = connect(Flood(Arc::clone(&received)), Shape::Conversation);
        drop(begin(&handle, b"x").await.unwrap());
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        handle.close().await;
        let received = received.load(Ordering::Relaxed);
        assert!(received < TURNS * 2 * 1024 * 1024, "{received} bytes");
    });
}

/// A request given up is none of the business of the others, however many there are.
#[test]
fn unanswered_requests_do_not_fail_the_others() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let settings = Settings {
            max_orphans: 2,
            ..Settings::default()
        };
        let handle = connect_with(ours, Shape::ById, settings);
        let slow = begin(&handle, b"slow").await.unwrap();
        for _ in 0..3 {
            drop(begin(&handle, b"given up").await.unwrap());
        }
        tokio::time::sleep(TIMEOUT / 2).await;
        assert!(matches!(handle.closed(), Some(Cause::Orphans(3))));
        assert!(handle.is_closed());
        theirs.write_all(&frame(0, true, b"answer")).await.unwrap();
        assert_eq!(&slow.answer().await.unwrap()[..], b"answer");
        let mut rest = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut rest)
            .await
            .unwrap();
        assert!(matches!(handle.closed(), Some(Cause::Orphans(3))));
    });
}

/// Whoever holds an answer of many packets need not hold the connection too.
#[test]
fn a_conversation_outlives_the_last_handle() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let handle = connect(ours, Shape::Conversation);
        let mut answer = begin(&handle, b"all of it").await.unwrap();
        drop(handle);
        for _ in 0..5 {
            tokio::time::sleep(TIMEOUT * 2 / 3).await;
            theirs.write_all(&frame(0, false, b"1")).await.unwrap();
            assert_eq!(&answer.next().await.unwrap().unwrap()[..], b"1");
        }
        drop(answer);
        let mut rest = Vec::new();
        let end = tokio::io::AsyncReadExt::read_to_end(&mut theirs, &mut rest);
        tokio::time::timeout(TIMEOUT, end).await.unwrap().unwrap();
    });
}

type Stream = Box<dyn wire_core::net::Io>;
type Pipe = Box<dyn Fn(usize) -> Option<Stream> + Send + Sync>;

/// Opens connections as a function of the number of attempts before says; `None` never opens.
struct Scripted {
    attempts: Arc<AtomicUsize>,
    settings: Settings,
    pipe: Pipe,
}

impl Connector for Scripted {
    type Item = bytes::Bytes;
    type Info = ();
    type Error = &'static str;

    async fn connect(&self) -> Result<LiveOf<Self>, &'static str> {
        match (self.pipe)(self.attempts.fetch_add(1, Ordering::Relaxed)) {
            Some(io) => Ok(Live {
                handle: connect_with(io, Shape::ById, self.settings.clone()),
                info: (),
            }),
            None => std::future::pending().await,
        }
    }
}

fn scripted(
    settings: Settings,
    pipe: impl Fn(usize) -> Option<Stream> + Send + Sync + 'static,
) -> (Arc<Link<Scripted>>, Arc<AtomicUsize>) {
    let attempts = Arc::new(AtomicUsize::new(0));
    let link = Link::new(Scripted {
        attempts: Arc::clone(&attempts),
        settings,
        pipe: Box::new(pipe),
    });
    (Arc::new(link), attempts)
}

fn echoed() -> Option<Stream> {
    let (ours, theirs) = tokio::io::duplex(1024);
    tokio::spawn(echo(theirs, Shape::ById));
    Some(Box::new(ours))
}

async fn ask(
    link: &Link<Scripted>,
    timeout: Duration,
    body: &[u8],
) -> Result<bytes::Bytes, AskError<&'static str, ()>> {
    let asked = link.ask(timeout, |(), ticket, out| {
        out.buffer()
            .extend_from_slice(&frame(ticket.id(), true, body));
        Ok::<(), ()>(())
    });
    asked.await.map(|(_, answer)| answer)
}

/// The driver has had no turn yet to notice that its connection is done for.
#[test]
fn a_connection_that_was_just_given_up_is_replaced_at_once() {
    block_on(async {
        let settings = Settings {
            on_drop: Abandon::Close,
            ..Settings::default()
        };
        let (link, attempts) = scripted(settings, |_| echoed());
        let live = link.get(TIMEOUT).await.unwrap();
        drop(begin(&live.handle, b"x").await.unwrap());
        assert_eq!(&ask(&link, TIMEOUT, b"next").await.unwrap()[..], b"next");
        assert_eq!(attempts.load(Ordering::Relaxed), 2);
    });
}

/// The first connection takes nothing and breaks after most of the time; the second takes the request and is silent.
#[test]
fn a_repeated_request_has_the_time_that_is_left() {
    block_on(async {
        let settings = Settings {
            max_in_flight: 1,
            ..Settings::default()
        };
        let (link, attempts) = scripted(settings, |attempt| {
            let (ours, theirs) = tokio::io::duplex(1024);
            tokio::spawn(async move {
                let silence = if attempt == 0 {
                    TIMEOUT * 4 / 5
                } else {
                    TIMEOUT * 9
                };
                tokio::time::sleep(silence).await;
                drop(theirs);
            });
            Some(Box::new(ours))
        });
        let live = link.get(TIMEOUT).await.unwrap();
        let _slot = begin(&live.handle, b"takes the slot").await.unwrap();
        let began = tokio::time::Instant::now();
        let error = ask(&link, TIMEOUT, b"x").await.unwrap_err();
        let took = began.elapsed();
        assert!(
            took <= TIMEOUT + Duration::from_millis(100),
            "{took:?}: {error:?}"
        );
        assert_eq!(attempts.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn an_endless_timeout_connects() {
    block_on(async {
        let (link, _) = scripted(Settings::default(), |_| {
            let (ours, theirs) = tokio::io::duplex(1024);
            let io = ChoppedIo::new(ours, Chops::none().pending(), Chops::none().pending());
            tokio::spawn(echo(theirs, Shape::ById));
            Some(Box::new(io))
        });
        let other = scripted(Settings::default(), |_| None).0;
        assert_eq!(&ask(&link, Duration::MAX, b"x").await.unwrap()[..], b"x");
        let waiting = tokio::time::timeout(TIMEOUT, other.get(Duration::MAX)).await;
        assert!(waiting.is_err(), "an end without an end");
    });
}

/// A server that takes no connections is not stormed by all those whose time ran out while they waited for one.
#[test]
fn callers_whose_time_is_up_make_no_attempt() {
    block_on(async {
        let (link, attempts) = scripted(Settings::default(), |_| None);
        let callers = (0..100).map(|_| {
            let link = Arc::clone(&link);
            tokio::spawn(async move { link.get(TIMEOUT).await.map(drop) })
        });
        for caller in callers.collect::<Vec<_>>() {
            let error = caller.await.unwrap().unwrap_err();
            assert!(matches!(error, LinkError::Timeout { .. }), "{error:?}");
        }
        assert_eq!(attempts.load(Ordering::Relaxed), 1);
        let again = link.get(Duration::from_millis(100)).await.unwrap_err();
        let LinkError::Timeout {
            last_error: Some(last),
            ..
        } = again
        else {
            panic!("{again:?}")
        };
        assert!(last.contains("no connection"), "{last}");
        assert_eq!(
            attempts.load(Ordering::Relaxed),
            1,
            "it failed as any other does"
        );
    });
}

/// Room for one is not room for all who waited for it.
#[test]
fn callers_that_waited_for_room_do_not_overfill_the_queue() {
    const BODY: usize = 500;
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(16);
        let settings = Settings {
            max_queued_bytes: 1000,
            ..Settings::default()
        };
        let handle = connect_with(ours, Shape::ById, settings);
        let callers: Vec<_> = (0..50_u8)
            .map(|i| {
                let handle = handle.clone();
                tokio::spawn(async move { request(&handle, &[i; BODY]).await.unwrap()[0] == i })
            })
            .collect();
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        tokio::spawn(echo(theirs, Shape::ById));
        while handle.stats().in_flight > 0 {
            let queued = handle.stats().queued_bytes;
            assert!(queued < 1000 + 2 * BODY, "{queued} bytes are queued");
            tokio::task::yield_now().await;
        }
        for caller in callers {
            assert!(caller.await.unwrap());
        }
    });
}

/// Takes messages of six bytes, one each time it is called, until one says that it is the last.
struct OneByOne;

impl Handshake for OneByOne {
    type Ready = ();
    type Error = &'static str;

    fn start(&mut self, _: &mut Vec<u8>) -> Result<(), &'static str> {
        Ok(())
    }

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        _: &mut Vec<u8>,
    ) -> Result<Step<Self>, &'static str> {
        match input.take(6).as_deref() {
            None => Ok(Step::More),
            Some(b"more, ") => Ok(Step::More),
            Some(b"last, ") => Ok(Step::Ready(())),
            Some(_) => Err("not a greeting"),
        }
    }
}

#[test]
fn several_messages_of_a_handshake_may_come_in_one_read() {
    block_on(async {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(b"more, more, last, rest").await.unwrap();
        let done = tokio::time::timeout(TIMEOUT, handshake(&mut ours, OneByOne)).await;
        let Ok(Ok(Handshaken::Ready((), rest))) = done else {
            panic!("{:?}", done.map(|done| done.map(|_| ())))
        };
        assert_eq!(rest.filled(), b"rest");
    });
}

#[test]
fn a_stranger_is_recognised_however_slowly_it_speaks() {
    block_on(async {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(b"HTTP/1.1 400 Bad").await.unwrap();
        let mut io = ChoppedIo::new(ours, Chops::every(1), Chops::none());
        let refused = handshake(&mut io, OneByOne).await.map(|_| ());
        assert!(
            matches!(refused, Err(Stage::Handshake(_, Some("an HTTP server")))),
            "{refused:?}"
        );
    });
}
