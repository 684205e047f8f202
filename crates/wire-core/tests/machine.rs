//! The connection machine without a socket: no clock but the one that the test holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use wire_core::machine::{
    Abandon, Cause, Failure, Inbound, Machine, Outgoing, Route, Settings, SubmitError, Ticket,
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Counts how often it is woken.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Rig {
    machine: Machine<&'static str>,
    now: Instant,
    woken: Arc<Counter>,
    wakers: Vec<Waker>,
}

impl Rig {
    fn new(settings: Settings) -> Self {
        Self {
            machine: Machine::new(settings),
            now: Instant::now(),
            woken: Arc::default(),
            wakers: Vec::new(),
        }
    }

    fn submit(&mut self) -> Ticket {
        let queued = self.machine.submit(self.now, TIMEOUT, |_, out| {
            out.buffer().extend_from_slice(b"request");
            Ok::<(), ()>(())
        });
        queued.unwrap().0
    }

    fn poll(&mut self, ticket: Ticket) -> Poll<Result<Option<&'static str>, Failure>> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.machine
            .poll_item(ticket, || self.now, &mut Context::from_waker(&waker))
            .0
    }

    fn answer(&mut self, ticket: Ticket) -> Option<&'static str> {
        match self.poll(ticket) {
            Poll::Ready(Ok(item)) => item,
            other => panic!("no answer: {other:?}"),
        }
    }

    fn failure(&mut self, ticket: Ticket) -> Failure {
        match self.poll(ticket) {
            Poll::Ready(Err(failure)) => failure,
            other => panic!("no failure: {other:?}"),
        }
    }

    fn deliver(&mut self, route: Route, item: &'static str, last: bool) -> Result<(), String> {
        self.machine
            .deliver(Inbound { route, item, last }, &mut self.wakers)
            .map_err(|error| error.to_string())
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.machine.handle_timeout(self.now, &mut self.wakers);
    }

    fn assert_idle(&mut self) {
        self.machine.poll_transmit(&mut Outgoing::default());
        let stats = self.machine.stats();
        assert!(stats.is_idle(), "{stats:?}");
    }
}

fn ordered() -> Settings {
    Settings {
        in_order: true,
        ..Settings::default()
    }
}

#[test]
fn answers_out_of_order_reach_their_requests() {
    let mut rig = Rig::new(Settings::default());
    let (a, b, c) = (rig.submit(), rig.submit(), rig.submit());
    assert!(rig.poll(b).is_pending());
    rig.deliver(Route::Id(c.id()), "c", true).unwrap();
    rig.deliver(Route::Index(b.index()), "b", true).unwrap();
    rig.deliver(Route::Id(a.id()), "a", true).unwrap();
    assert_eq!(rig.wakers.len(), 1, "only b had been polled");
    assert_eq!(
        (rig.answer(a), rig.answer(b), rig.answer(c)),
        (Some("a"), Some("b"), Some("c"))
    );
    assert_eq!(
        (rig.answer(a), rig.answer(b), rig.answer(c)),
        (None, None, None),
        "the end frees the slot"
    );
    rig.assert_idle();
}

#[test]
fn a_slot_is_not_given_out_again_before_its_answer_came() {
    let mut rig = Rig::new(Settings {
        max_in_flight: 1,
        ..Settings::default()
    });
    let first = rig.submit();
    rig.machine.abandon(first, rig.now);
    let full = rig
        .machine
        .submit(rig.now, TIMEOUT, |_, _| Ok::<(), ()>(()));
    assert!(matches!(full, Err(SubmitError::Full)));
    assert_eq!(rig.machine.stats().orphans, 1);
    rig.deliver(Route::Index(first.index()), "late", true)
        .unwrap();
    let second = rig.submit();
    assert_eq!(first.index(), second.index());
    assert_ne!(first.id(), second.id());
    assert!(
        rig.poll(second).is_pending(),
        "the late answer was thrown away"
    );
    assert!(
        matches!(rig.poll(first), Poll::Ready(Ok(None))),
        "the old ticket is void"
    );
}

#[test]
fn what_nobody_asked_for_is_an_error() {
    let mut rig = Rig::new(Settings::default());
    let ticket = rig.submit();
    rig.deliver(Route::Id(ticket.id()), "answer", true).unwrap();
    let again = rig
        .deliver(Route::Id(ticket.id()), "again", true)
        .unwrap_err();
    assert!(again.contains("does not wait"), "{again}");
    assert_eq!(rig.answer(ticket), Some("answer"));
    for route in [
        Route::Index(0),
        Route::Index(99),
        Route::Id(7 << 32),
        Route::Next,
    ] {
        rig.deliver(route, "never", true).unwrap_err();
    }
}

#[test]
fn in_order_answers_must_carry_the_right_number() {
    let mut rig = Rig::new(ordered());
    let (a, b) = (rig.submit(), rig.submit());
    let error = rig
        .deliver(Route::NextSequence(b.sequence()), "b", true)
        .unwrap_err();
    assert!(error.contains("not the next one"), "{error}");
    rig.deliver(Route::NextSequence(a.sequence()), "a", true)
        .unwrap();
    rig.deliver(Route::NextSequence(b.sequence()), "b", true)
        .unwrap();
    assert_eq!((rig.answer(a), rig.answer(b)), (Some("a"), Some("b")));
}

#[test]
fn an_abandoned_request_keeps_its_place_in_the_order() {
    let mut rig = Rig::new(ordered());
    let (a, b) = (rig.submit(), rig.submit());
    rig.machine.abandon(a, rig.now);
    rig.deliver(Route::Next, "a", true).unwrap();
    rig.deliver(Route::Next, "b", true).unwrap();
    assert_eq!(rig.answer(b), Some("b"));
    assert_eq!(rig.answer(b), None);
    rig.assert_idle();
}

#[test]
fn a_conversation_stops_the_connection_when_its_reader_is_behind() {
    let mut rig = Rig::new(Settings {
        stream_window: 2,
        ..ordered()
    });
    let ticket = rig.submit();
    for packet in ["1", "2"] {
        assert!(!rig.machine.is_stalled());
        rig.deliver(Route::Next, packet, false).unwrap();
    }
    assert!(rig.machine.is_stalled());
    rig.machine
        .register_driver(&Waker::from(Arc::clone(&rig.woken)));
    let waker = Waker::noop();
    let (item, driver) = rig
        .machine
        .poll_item(ticket, || rig.now, &mut Context::from_waker(waker));
    assert!(matches!(item, Poll::Ready(Ok(Some("1")))));
    assert!(driver.is_some(), "the driver is told that there is room");
    assert!(!rig.machine.is_stalled());
    rig.deliver(Route::Next, "3", true).unwrap();
    assert_eq!(
        (rig.answer(ticket), rig.answer(ticket)),
        (Some("2"), Some("3"))
    );
    assert_eq!(rig.answer(ticket), None);
    rig.assert_idle();
}

#[test]
fn a_deadline_runs_only_while_somebody_waits() {
    let mut rig = Rig::new(ordered());
    let ticket = rig.submit();
    rig.deliver(Route::Next, "1", false).unwrap();
    rig.pass(TIMEOUT * 10);
    assert_eq!(
        rig.answer(ticket),
        Some("1"),
        "a slow reader is not a slow server"
    );
    assert!(rig.poll(ticket).is_pending());
    rig.pass(TIMEOUT - Duration::from_millis(1));
    assert!(rig.poll(ticket).is_pending());
    rig.pass(Duration::from_millis(1));
    let failure = rig.failure(ticket);
    assert!(matches!(failure.cause, Cause::Timeout(TIMEOUT)) && failure.sent);
    assert_eq!(rig.machine.stats().orphans, 1, "its answer is still owed");
    rig.deliver(Route::Next, "end", true).unwrap();
    rig.assert_idle();
}

#[test]
fn an_answer_between_timeout_and_notice_frees_the_slot() {
    let mut rig = Rig::new(Settings::default());
    let ticket = rig.submit();
    rig.pass(TIMEOUT);
    rig.deliver(Route::Id(ticket.id()), "late", true).unwrap();
    assert!(matches!(rig.failure(ticket).cause, Cause::Timeout(_)));
    rig.assert_idle();
}

#[test]
fn cancel_is_sent_once_and_the_rest_of_the_answer_is_swallowed() {
    let cancel = Abandon::Send(Bytes::from_static(b"CANCEL"));
    let settings = Settings {
        on_drop: cancel.clone(),
        on_timeout: cancel,
        ..ordered()
    };
    let mut rig = Rig::new(settings);
    let ticket = rig.submit();
    rig.pass(TIMEOUT);
    rig.machine.abandon(ticket, rig.now);
    let mut out = Outgoing::default();
    rig.machine.poll_transmit(&mut out);
    assert_eq!(out.buffer(), b"requestCANCEL");
    let more = rig
        .machine
        .submit_more(ticket, |_| Ok::<(), ()>(()))
        .unwrap();
    assert!(more.is_none(), "nothing follows a cancel");
    rig.deliver(Route::Next, "data", false).unwrap();
    rig.deliver(Route::Next, "end", true).unwrap();
    rig.assert_idle();
}

#[test]
fn giving_up_can_close_the_connection() {
    let mut rig = Rig::new(Settings {
        on_timeout: Abandon::Close,
        ..ordered()
    });
    let (a, b) = (rig.submit(), rig.submit());
    rig.deliver(Route::Next, "a", true).unwrap();
    rig.pass(TIMEOUT);
    let cause = rig.machine.dead().cloned().unwrap();
    rig.machine.fail(cause, 0, &mut rig.wakers);
    assert_eq!(rig.answer(a), Some("a"), "what was answered stays answered");
    assert!(
        matches!(rig.failure(b).cause, Cause::Timeout(_)),
        "it timed out itself"
    );
}

#[test]
fn orphans_are_counted_and_aged() {
    let mut rig = Rig::new(Settings {
        max_orphans: 2,
        ..Settings::default()
    });
    for _ in 0..2 {
        let ticket = rig.submit();
        rig.machine.abandon(ticket, rig.now);
    }
    assert!(rig.machine.refusal().is_none());
    let ticket = rig.submit();
    rig.machine.abandon(ticket, rig.now);
    assert!(matches!(rig.machine.refusal(), Some(Cause::Orphans(3))));

    let mut rig = Rig::new(Settings::default());
    let ticket = rig.submit();
    rig.machine.abandon(ticket, rig.now);
    let due = rig.machine.next_deadline().unwrap();
    rig.now = due;
    rig.pass(Duration::ZERO);
    assert!(matches!(rig.machine.refusal(), Some(Cause::Orphans(1))));
}

#[test]
fn old_orphans_are_borne_while_others_are_answered() {
    let mut rig = Rig::new(Settings::default());
    for tolerated in 1..=65 {
        let ticket = rig.submit();
        rig.machine.abandon(ticket, rig.now);
        let answered = rig.submit();
        rig.deliver(Route::Id(answered.id()), "answer", true)
            .unwrap();
        assert_eq!(rig.answer(answered), Some("answer"));
        assert_eq!(rig.answer(answered), None);
        rig.pass(TIMEOUT);
        assert_eq!(rig.machine.refusal().is_some(), tolerated > 64);
    }
}

#[test]
fn a_dead_connection_says_which_requests_left() {
    let mut rig = Rig::new(Settings {
        peer: Some("db1:9042".into()),
        ..Settings::default()
    });
    let (a, b, c) = (rig.submit(), rig.submit(), rig.submit());
    // All of the first request and one byte of the second were taken by the socket.
    rig.machine.fail(Cause::PeerClosed(0), 8, &mut rig.wakers);
    let first = rig.failure(a);
    assert!(first.sent);
    assert_eq!(
        first.peer.as_deref(),
        Some("db1:9042"),
        "and names the host"
    );
    assert!(rig.failure(b).sent);
    assert!(!rig.failure(c).sent, "safe to repeat");
    let refused = rig
        .machine
        .submit(rig.now, TIMEOUT, |_, _| Ok::<(), ()>(()));
    assert!(matches!(
        refused,
        Err(SubmitError::Dead(Cause::PeerClosed(0)))
    ));
    rig.assert_idle();
}

#[test]
fn items_before_the_failure_are_delivered_then_the_failure_once() {
    let mut rig = Rig::new(ordered());
    let ticket = rig.submit();
    rig.deliver(Route::Next, "1", false).unwrap();
    rig.machine.fail(Cause::PeerClosed(3), 7, &mut rig.wakers);
    assert_eq!(rig.answer(ticket), Some("1"));
    let failure = rig.failure(ticket);
    assert_eq!(
        failure.cause.to_string(),
        "the server closed the connection in the middle of a message, 3 bytes of which had arrived"
    );
    assert_eq!(rig.answer(ticket), None);
}

#[test]
fn a_failed_or_panicking_encoder_leaves_no_trace() {
    let mut rig = Rig::new(Settings {
        max_in_flight: 1,
        ..Settings::default()
    });
    let failed = rig.machine.submit(rig.now, TIMEOUT, |_, out| {
        out.buffer().extend_from_slice(b"half");
        out.segment(Bytes::from_static(b"more"));
        Err("no")
    });
    assert!(matches!(failed, Err(SubmitError::Encode("no"))));
    let now = rig.now;
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        rig.machine
            .submit(now, TIMEOUT, |_, out| -> Result<(), ()> {
                out.buffer().extend_from_slice(b"half");
                panic!("a value's encoder")
            })
    }));
    assert!(panicked.is_err());
    assert_eq!(rig.machine.queued_bytes(), 0);
    rig.submit();
}

#[test]
fn closing_waits_for_what_is_in_flight() {
    let mut rig = Rig::new(Settings::default());
    let ticket = rig.submit();
    rig.machine.close();
    assert!(matches!(
        rig.machine
            .submit(rig.now, TIMEOUT, |_, _| Ok::<(), ()>(())),
        Err(SubmitError::Dead(Cause::Closed))
    ));
    rig.machine.poll_transmit(&mut Outgoing::default());
    assert!(!rig.machine.is_drained());
    rig.deliver(Route::Id(ticket.id()), "answer", true).unwrap();
    assert_eq!(rig.answer(ticket), Some("answer"));
    assert_eq!(rig.answer(ticket), None);
    assert!(rig.machine.is_drained());
}

#[test]
fn only_the_first_request_of_a_burst_wakes_the_driver() {
    let mut rig = Rig::new(Settings::default());
    rig.machine
        .register_driver(&Waker::from(Arc::clone(&rig.woken)));
    let mut wakes = 0;
    for _ in 0..5 {
        let queued = rig
            .machine
            .submit(rig.now, TIMEOUT, |_, _| Ok::<(), ()>(()));
        wakes += usize::from(queued.unwrap().1.is_some());
    }
    assert_eq!(wakes, 1);
}

/// Its answer may be on its way through another thread when a request closes the connection.
#[test]
fn the_first_cause_is_the_cause() {
    let mut rig = Rig::new(Settings {
        on_drop: Abandon::Close,
        ..Settings::default()
    });
    let (dropped, other) = (rig.submit(), rig.submit());
    rig.machine.abandon(dropped, rig.now);
    rig.deliver(Route::Id(dropped.id()), "late", true)
        .unwrap_err();
    let written = u64::MAX;
    rig.machine
        .fail(Cause::PeerClosed(0), written, &mut rig.wakers);
    assert!(matches!(rig.failure(other).cause, Cause::Abandoned));
    assert!(matches!(rig.machine.dead(), Some(Cause::Abandoned)));
}
