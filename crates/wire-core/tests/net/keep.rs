//! Ends of connections, and links that are kept open.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::toy::{Shape, begin, connect as drive, echo, frame, receive, request};
use bytes::Bytes;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use wire_core::machine::Cause;
use wire_core::net::{
    Connector, Exchange, Handle, Heartbeat, Link, LinkChange, Live, LiveOf, Pace,
};
use wire_testkit::{Peer, block_on};

const SECOND: Duration = Duration::from_secs(1);
const HEARTBEAT: Heartbeat = Heartbeat {
    interval: Duration::from_secs(30),
    timeout: Duration::from_secs(5),
};

fn heartbeat() -> Cause {
    Cause::Heartbeat("test".into())
}

/// A request that may take longer than any heartbeat.
async fn begin_long(handle: &Handle<Bytes>, body: &[u8]) -> Exchange<Bytes> {
    let begun = handle.request(600 * SECOND, |ticket, out| {
        out.buffer()
            .extend_from_slice(&frame(ticket.id(), true, body));
        Ok::<(), ()>(())
    });
    begun.await.unwrap()
}

/// What was written may have been carried out, what was not was not; and the socket is closed when the end is told.
#[test]
fn a_killed_connection_fails_all_at_once_and_tells_what_was_sent() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(64);
        let handle = drive(ours, Shape::ById);
        let mut peer = Peer::new(theirs);
        let sent = begin(&handle, b"sent").await.unwrap();
        receive(&mut peer).await;
        let unsent = begin(&handle, b"unsent").await.unwrap();
        assert_eq!(handle.in_flight(), 2);
        handle.kill(heartbeat());
        assert!(handle.is_closed());
        handle.ended().await;
        peer.expect_end().await;
        for (exchange, expected) in [(sent, true), (unsent, false)] {
            let failure = exchange.answer().await.unwrap_err();
            assert!(matches!(failure.cause, Cause::Heartbeat(_)) && failure.sent == expected);
        }
        let late = request(&handle, b"late").await.unwrap_err();
        assert!(matches!(late.cause, Cause::Heartbeat(_)) && !late.sent);
        handle.kill(Cause::Closed);
        assert!(
            matches!(handle.closed(), Some(Cause::Heartbeat(_))),
            "the first cause stays"
        );
        handle.close().await;
    });
}

#[test]
fn the_end_is_told_to_all_who_wait_for_it() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(64);
        let handle = drive(ours, Shape::ById);
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let handle = handle.clone();
                tokio::spawn(async move { handle.ended().await })
            })
            .collect();
        sleep(SECOND).await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        drop(theirs);
        for task in waiting {
            task.await.unwrap();
        }
        assert!(matches!(handle.closed(), Some(Cause::PeerClosed(0))));
        handle.ended().await;
        handle.retired().await;
    });
}

#[test]
fn what_is_in_flight_and_what_was_answered_is_counted() {
    block_on(async {
        let (ours, theirs) = tokio::io::duplex(1024);
        let handle = drive(ours, Shape::ById);
        let mut peer = Peer::new(theirs);
        let began = handle.heard();
        let (a, b) = (
            begin(&handle, b"a").await.unwrap(),
            begin(&handle, b"b").await.unwrap(),
        );
        assert_eq!((handle.in_flight(), handle.stats().answered), (2, 0));
        let ids = [receive(&mut peer).await.0, receive(&mut peer).await.0];
        drop(a);
        assert_eq!(
            handle.in_flight(),
            2,
            "the server still works on what was given up"
        );
        sleep(SECOND).await;
        peer.send(&[frame(ids[0], true, b""), frame(ids[1], true, b"")].concat())
            .await;
        b.answer().await.unwrap();
        assert_eq!((handle.in_flight(), handle.stats().answered), (0, 2));
        assert_eq!(handle.heard() - began, SECOND);
    });
}

/// Connections in memory, whose other ends the test gets; attempts fail while there is no end to give.
#[derive(Clone, Default)]
struct Doors {
    attempts: Arc<Mutex<Vec<Instant>>>,
    open: Arc<Mutex<Vec<DuplexStream>>>,
}

impl Doors {
    /// Lets one attempt succeed, over this stream.
    fn open(&self) -> Peer {
        let (ours, theirs) = tokio::io::duplex(4096);
        self.open.lock().unwrap().push(ours);
        Peer::new(theirs)
    }

    /// How far each attempt was from the one before it.
    fn gaps(&self) -> Vec<Duration> {
        let attempts = self.attempts.lock().unwrap();
        attempts.windows(2).map(|two| two[1] - two[0]).collect()
    }
}

impl Connector for Doors {
    type Item = Bytes;
    type Info = ();
    type Error = &'static str;

    async fn connect(&self) -> Result<LiveOf<Self>, &'static str> {
        self.attempts.lock().unwrap().push(Instant::now());
        match self.open.lock().unwrap().pop() {
            Some(io) => Ok(Live {
                handle: drive(io, Shape::ById),
                info: (),
            }),
            None => Err("refused"),
        }
    }
}

/// A link that is kept, what is told of it, and the probes that were made.
struct Kept {
    link: Arc<Link<Doors>>,
    told: Arc<Mutex<Vec<String>>>,
    probes: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

fn keep(doors: Doors, heartbeat: Option<Heartbeat>) -> Kept {
    keep_link(Link::new(doors), heartbeat)
}

fn keep_link(link: Link<Doors>, heartbeat: Option<Heartbeat>) -> Kept {
    let link = Arc::new(link);
    let (told, probes) = (
        Arc::<Mutex<Vec<String>>>::default(),
        Arc::<AtomicUsize>::default(),
    );
    let task = {
        let (link, told, probes) = (Arc::clone(&link), Arc::clone(&told), Arc::clone(&probes));
        tokio::spawn(async move {
            let probe = |live: Arc<LiveOf<Doors>>| {
                probes.fetch_add(1, Ordering::Relaxed);
                async move {
                    let answer = request(&live.handle, b"probe").await;
                    match answer.map_err(|failure| failure.cause.to_string())? {
                        answer if &answer[..] == b"bad" => Err("bad".to_owned()),
                        _ => Ok(()),
                    }
                }
            };
            let changed = |change| {
                told.lock().unwrap().push(match change {
                    LinkChange::Opened => "opened".to_owned(),
                    LinkChange::Lost(cause) => format!("lost: {cause}"),
                    LinkChange::Failed(error) => format!("failed: {error}"),
                });
            };
            link.keep(heartbeat, probe, changed).await;
        })
    };
    Kept {
        link,
        told,
        probes,
        task,
    }
}

impl Kept {
    /// What was told since the last call.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    async fn close(self) {
        self.link.close().await;
        self.task.await.unwrap();
    }
}

#[test]
fn a_kept_link_is_opened_before_it_is_needed_and_again_when_it_broke() {
    block_on(async {
        let doors = Doors::default();
        let (second, first) = (doors.open(), doors.open());
        let kept = keep(doors.clone(), None);
        sleep(SECOND).await;
        assert!(kept.link.open().is_some());
        assert_eq!(kept.told(), ["opened"]);
        drop(first);
        sleep(SECOND / 1000).await;
        assert_eq!(
            kept.told(),
            ["lost: the server closed the connection", "opened"]
        );
        let live = kept.link.open().expect("opened again at once");
        drop(second);
        live.handle.ended().await;
        sleep(300 * SECOND).await;
        let told = kept.told();
        assert_eq!(told[0], "lost: the server closed the connection");
        assert!(
            told.len() > 5 && told[1..].iter().all(|told| told == "failed: refused"),
            "{told:?}"
        );
        let gaps = doors.gaps();
        assert!(gaps.iter().all(|gap| *gap <= 31 * SECOND), "{gaps:?}");
        assert!(
            *gaps.last().unwrap() > 22 * SECOND,
            "the pause grows: {gaps:?}"
        );
        assert!(kept.link.open().is_none());
        let _third = doors.open();
        kept.link.nudge();
        sleep(SECOND / 1000).await;
        assert_eq!(kept.told(), ["opened"], "a nudge cuts the pause short");
        kept.close().await;
    });
}

#[test]
fn nudges_and_connections_that_do_not_last_make_at_most_two_attempts_a_second() {
    block_on(async {
        let doors = Doors::default();
        let nudged = keep(doors.clone(), None);
        for _ in 0..1000 {
            nudged.link.nudge();
            sleep(SECOND / 100).await;
        }
        let gaps = doors.gaps();
        assert!((15..=21).contains(&gaps.len()), "{gaps:?}");
        assert!(
            gaps.windows(2).all(|two| two[0] + two[1] >= SECOND),
            "{gaps:?}"
        );
        nudged.close().await;

        let doors = Doors::default();
        for _ in 0..200 {
            drop(doors.open());
        }
        let kept = keep(doors.clone(), None);
        sleep(10 * SECOND).await;
        let gaps = doors.gaps();
        assert!(
            (3..=6).contains(&gaps.len()),
            "they count as failures: {gaps:?}"
        );
        kept.close().await;
    });
}

/// Nobody waits out a pause that has grown long: when the server is back, who waits is served.
#[test]
fn a_caller_who_waits_has_attempts_made_twice_a_second() {
    block_on(async {
        let doors = Doors::default();
        let kept = keep(doors.clone(), None);
        sleep(120 * SECOND).await;
        let before = doors.gaps().len();
        let link = Arc::clone(&kept.link);
        let caller = tokio::spawn(async move {
            let until = Instant::now() + 10 * SECOND;
            while link.get(SECOND).await.is_err() && Instant::now() < until {}
            Instant::now()
        });
        sleep(5 * SECOND).await;
        let gaps = doors.gaps().split_off(before);
        assert!((8..=15).contains(&gaps.len()), "{gaps:?}");
        let _peer = doors.open();
        let began = Instant::now();
        assert!(caller.await.unwrap() - began <= SECOND);
        kept.close().await;
    });
}

/// Ten links to one server make no more attempts than one, and all come back with the first that succeeds.
#[test]
fn links_to_one_server_share_their_attempts() {
    block_on(async {
        let (doors, pace) = (Doors::default(), Pace::default());
        let kept: Vec<_> = (0..10)
            .map(|_| keep_link(Link::paced(doors.clone(), &pace), None))
            .collect();
        sleep(10 * SECOND).await;
        let gaps = doors.gaps();
        assert!((3..=6).contains(&gaps.len()), "{gaps:?}");
        let _peers: Vec<_> = kept.iter().map(|_| doors.open()).collect();
        for kept in &kept {
            kept.link.nudge();
        }
        sleep(SECOND / 1000).await;
        assert!(kept.iter().all(|kept| kept.link.open().is_some()));
        for kept in kept {
            kept.close().await;
        }
    });
}

#[test]
fn a_silent_peer_is_asked_and_one_that_answers_is_kept() {
    block_on(async {
        let doors = Doors::default();
        let (ours, theirs) = tokio::io::duplex(4096);
        doors.open.lock().unwrap().push(ours);
        tokio::spawn(echo(theirs, Shape::ById));
        let kept = keep(doors.clone(), Some(HEARTBEAT));
        sleep(301 * SECOND).await;
        assert_eq!(kept.probes.load(Ordering::Relaxed), 10);
        // Traffic is as good as an answer to a heartbeat.
        for _ in 0..30 {
            request(&kept.link.open().unwrap().handle, b"x")
                .await
                .unwrap();
            sleep(10 * SECOND).await;
        }
        assert_eq!(kept.probes.load(Ordering::Relaxed), 10);
        assert_eq!(kept.told(), ["opened"]);
        kept.close().await;
    });
}

/// It swallows what it is sent, whether or not a request waits: at 35 s the connection is given up, and those requests
/// are told why.
#[test]
fn a_peer_that_went_silent_is_found_out_within_interval_and_timeout() {
    for busy in [false, true] {
        block_on(async {
            let doors = Doors::default();
            let _silent = doors.open();
            let kept = keep(doors.clone(), Some(HEARTBEAT));
            sleep(SECOND / 1000).await;
            let live = kept.link.open().unwrap();
            let waiting = match busy {
                true => Some(begin_long(&live.handle, b"x").await),
                false => None,
            };
            let began = Instant::now();
            let _second = doors.open();
            live.handle.ended().await;
            let took = began.elapsed();
            assert!(took <= 35 * SECOND && took > 34 * SECOND, "{took:?}");
            let why = live.handle.closed().unwrap().to_string();
            assert!(
                why.contains("nothing arrived for 30000 ms, and no answer within 5000 ms"),
                "{why}"
            );
            if let Some(waiting) = waiting {
                let failure = waiting.answer().await.unwrap_err();
                assert!(matches!(failure.cause, Cause::Heartbeat(_)) && failure.sent);
            }
            sleep(SECOND / 1000).await;
            assert_eq!(kept.told().len(), 3, "opened, lost and opened again");
            kept.close().await;
        });
    }
}

#[test]
fn a_heartbeat_that_is_answered_with_an_error_ends_the_connection() {
    block_on(async {
        let doors = Doors::default();
        let mut peer = doors.open();
        let kept = keep(doors.clone(), Some(HEARTBEAT));
        let (id, _) = receive(&mut peer).await;
        peer.send(&frame(id, true, b"bad")).await;
        peer.expect_end().await;
        sleep(SECOND / 1000).await;
        assert_eq!(
            kept.told()[..2],
            ["opened", "lost: the connection failed its heartbeat: bad"]
        );
        kept.close().await;
    });
}

/// An answer so large and slow that the heartbeat's waits behind it for longer than its timeout.
#[test]
fn a_peer_that_is_only_slow_is_not_given_up() {
    block_on(async {
        let doors = Doors::default();
        let mut peer = doors.open();
        let kept = keep(doors.clone(), Some(HEARTBEAT));
        sleep(SECOND).await;
        let live = kept.link.open().unwrap();
        let large = begin_long(&live.handle, b"large").await;
        let (id, _) = receive(&mut peer).await;
        sleep(31 * SECOND).await;
        for byte in frame(id, true, &[7; 100]) {
            peer.send(&[byte]).await;
            sleep(SECOND).await;
        }
        assert_eq!(&large.answer().await.unwrap()[..], [7; 100]);
        assert!(kept.probes.load(Ordering::Relaxed) > 0);
        let why = live.handle.closed();
        assert!(matches!(why, None | Some(Cause::Orphans(_))), "{why:?}");
        kept.close().await;
    });
}

/// Whatever it is doing: waiting in a pause, connecting, watching, or asking.
#[test]
fn a_closed_link_is_kept_no_longer() {
    for wait in [0, 100, 1100, 31_000] {
        for reachable in [false, true] {
            block_on(async {
                let doors = Doors::default();
                let _silent = reachable.then(|| doors.open());
                let kept = keep(doors.clone(), Some(HEARTBEAT));
                sleep(Duration::from_millis(wait)).await;
                let attempts = doors.gaps().len();
                let (task, began) = (kept.task, Instant::now());
                drop(kept.link.stop());
                task.await.unwrap();
                assert!(began.elapsed() < SECOND, "{:?}", began.elapsed());
                sleep(60 * SECOND).await;
                assert!(doors.gaps().len() <= attempts + 1);
            });
        }
    }
}

/// Dropped while it pauses, connects, watches or asks: the link stays usable.
#[test]
fn keeping_can_be_dropped_at_each_await() {
    block_on(async {
        let doors = Doors::default();
        let link = Link::new(doors.clone());
        let make = || async {
            doors.open.lock().unwrap().clear();
            let script = async {
                sleep(SECOND).await;
                let mut peer = doors.open();
                receive(&mut peer).await;
                sleep(SECOND).await;
            };
            let probe = |live: Arc<LiveOf<Doors>>| async move {
                let answer = request(&live.handle, b"probe").await;
                answer
                    .map_err(|failure| failure.cause.to_string())
                    .map(drop)
            };
            let kept = link.keep(Some(HEARTBEAT), probe, |_| ());
            tokio::select! {
                () = kept => panic!("it was not closed"),
                () = script => {}
            }
        };
        let check = |_| async {
            if let Some(live) = link.open() {
                live.handle.kill(heartbeat());
            }
            let (ours, theirs) = tokio::io::duplex(4096);
            *doors.open.lock().unwrap() = vec![ours];
            tokio::spawn(echo(theirs, Shape::ById));
            let live = link.get(60 * SECOND).await.unwrap();
            assert_eq!(&request(&live.handle, b"x").await.unwrap()[..], b"x");
            live.handle.kill(heartbeat());
        };
        let (dropped, ()) = wire_testkit::drop_at_each_await(make, check).await;
        assert!(dropped > 3, "{dropped}");
    });
}
