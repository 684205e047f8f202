//! Opening connections on loopback, and replacing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::toy::{Shape, connect as drive, echo, request};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wire_core::RecvBuf;
use wire_core::machine::{Handshake, Step};
use wire_core::net::{
    AskError, ConnectOptions, Connector, Link, LinkError, Live, LiveOf, Stage, connect,
};
use wire_core::url::Host;
use wire_testkit::{Trap, TrapKind, block_on};

/// Sends a version; the peer answers with the same byte, or with a lower one that it wants instead.
pub(crate) struct Hello(pub(crate) u8);

impl Handshake for Hello {
    type Ready = u8;
    type Error = String;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        out.push(self.0);
        Ok(())
    }

    fn handle_bytes(&mut self, input: &mut RecvBuf, _: &mut Vec<u8>) -> Result<Step<Self>, String> {
        let Some(answer) = input.take(1) else {
            return Ok(Step::More);
        };
        match answer[0] {
            0 => Err("the password is wrong".to_owned()),
            version if version == self.0 => Ok(Step::Ready(version)),
            version if version < self.0 => Ok(Step::Reconnect(Self(version))),
            other => Err(format!("answers with {other}")),
        }
    }
}

/// A server that answers the first byte of each connection with the lower of it and `version`, then one byte more.
async fn serve(version: u8) -> Host {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut first = [0];
            if tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first)
                .await
                .is_ok()
            {
                let _ = stream.write_all(&[first[0].min(version), b'+']).await;
            }
            tokio::spawn(async move {
                let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut Vec::new()).await;
            });
        }
    });
    host(port)
}

fn host(port: u16) -> Host {
    Host {
        name: "127.0.0.1".to_owned(),
        port,
    }
}

fn options(timeout: Duration) -> ConnectOptions {
    ConnectOptions::new(timeout)
}

const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A port that nothing listens on: it was free a moment ago.
async fn refused() -> Host {
    host(
        TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port(),
    )
}

#[test]
fn the_first_host_that_answers_is_taken() {
    runtime().block_on(async {
        let hosts = [refused().await, serve(9).await, serve(9).await];
        let connected = connect(&hosts, &options(10 * SECOND), || Hello(5))
            .await
            .unwrap();
        assert_eq!((connected.host, connected.ready), (hosts[1].clone(), 5));
        assert!(
            connected.received.filled().len() <= 1,
            "bytes behind the handshake are kept"
        );
    });
}

#[test]
fn an_older_version_is_tried_on_a_new_connection() {
    runtime().block_on(async {
        let hosts = [serve(3).await];
        let connected = connect(&hosts, &options(10 * SECOND), || Hello(5))
            .await
            .unwrap();
        assert_eq!(connected.ready, 3);
    });
}

#[test]
fn a_host_that_is_silent_uses_its_share_of_the_time_only() {
    runtime().block_on(async {
        let silent = Trap::start(TrapKind::Silent).await;
        let hosts = [host(silent.addr().port()), serve(9).await];
        let connected = connect(&hosts, &options(SECOND / 2), || Hello(5))
            .await
            .unwrap();
        assert_eq!(connected.host, hosts[1]);
        let hosts = [host(silent.addr().port())];
        let error = connect(&hosts, &options(SECOND / 10), || Hello(5))
            .await
            .unwrap_err();
        assert!(matches!(
            error.primary(),
            Some((_, Stage::Timeout("the handshake")))
        ));
    });
}

#[test]
fn a_refusal_by_the_peer_tells_more_than_a_dead_host() {
    runtime().block_on(async {
        let hosts = [serve(0).await, refused().await];
        let error = connect(&hosts, &options(10 * SECOND), || Hello(5))
            .await
            .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("the password is wrong; 127.0.0.1"), "{text}");
        assert!(text.contains("no TCP connection to 127.0.0.1"), "{text}");
        assert!(matches!(error.primary(), Some((_, Stage::Handshake(..)))));
    });
}

#[test]
fn strangers_are_named() {
    runtime().block_on(async {
        for (kind, hint) in [
            (TrapKind::Http, "an HTTP server"),
            (TrapKind::TlsAlert, "is the option tls=true missing?"),
        ] {
            let trap = Trap::start(kind).await;
            let hosts = [host(trap.addr().port())];
            let error = connect(&hosts, &options(10 * SECOND), || Hello(5))
                .await
                .unwrap_err();
            assert!(error.to_string().contains(hint), "{error}");
        }
        let trap = Trap::start(TrapKind::Close).await;
        let error = connect(&[host(trap.addr().port())], &options(10 * SECOND), || {
            Hello(5)
        })
        .await
        .unwrap_err();
        assert!(matches!(
            error.primary(),
            Some((_, Stage::PeerClosed(None) | Stage::Io(_)))
        ));
    });
}

#[test]
fn a_name_without_an_address_is_said_to_be_one() {
    runtime().block_on(async {
        let hosts = [Host {
            name: "no.such.host.invalid".to_owned(),
            port: 1,
        }];
        let error = connect(&hosts, &options(10 * SECOND), || Hello(5))
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("the name cannot be resolved"),
            "{error}"
        );
    });
}

/// Opens echo connections in memory; the first `failures` attempts fail.
#[derive(Default)]
struct Echo {
    attempts: AtomicUsize,
    failures: usize,
}

struct Shared(Arc<Echo>);

impl Connector for Shared {
    type Item = Bytes;
    type Info = usize;
    type Error = &'static str;

    async fn connect(&self) -> Result<LiveOf<Self>, &'static str> {
        let attempt = self.0.attempts.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
        if attempt < self.0.failures {
            return Err("refused");
        }
        let (ours, theirs) = tokio::io::duplex(1024);
        tokio::spawn(echo(theirs, Shape::ById));
        Ok(Live {
            handle: drive(ours, Shape::ById),
            info: attempt,
        })
    }
}

#[test]
fn callers_share_one_attempt_and_a_broken_connection_is_replaced() {
    block_on(async {
        let echo = Arc::new(Echo::default());
        let link = Arc::new(Link::new(Shared(Arc::clone(&echo))));
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let link = Arc::clone(&link);
                tokio::spawn(async move { link.get(SECOND).await.unwrap().info })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 0);
        }
        link.open().unwrap().handle.close().await;
        assert!(link.open().is_none());
        let live = link.get(SECOND).await.unwrap();
        assert_eq!(live.info, 1);
        assert_eq!(&request(&live.handle, b"x").await.unwrap()[..], b"x");
        link.close().await;
        assert!(matches!(link.get(SECOND).await, Err(LinkError::Closed)));
        assert!(live.handle.is_closed());
    });
}

#[test]
fn failed_attempts_are_spaced_out() {
    block_on(async {
        let echo = Arc::new(Echo {
            failures: 3,
            ..Echo::default()
        });
        let link = Link::new(Shared(Arc::clone(&echo)));
        let began = Instant::now();
        assert!(matches!(
            link.get(SECOND).await,
            Err(LinkError::Connect("refused"))
        ));
        assert!(
            began.elapsed() < SECOND / 10,
            "the first failure is told at once"
        );
        let hurried = link.get(SECOND / 10).await.unwrap_err();
        let LinkError::Timeout {
            last_error: Some(last),
            ..
        } = hurried
        else {
            panic!("{hurried:?}")
        };
        assert_eq!(
            (last.as_str(), echo.attempts.load(Ordering::Relaxed)),
            ("refused", 1)
        );
        while link.get(60 * SECOND).await.is_err() {}
        assert_eq!(echo.attempts.load(Ordering::Relaxed), 4);
        assert!(
            began.elapsed() >= SECOND * 3 / 2,
            "three times half a second: {:?}",
            began.elapsed()
        );
    });
}

/// Opens two connections: the peer of the first is gone, or reads a request and goes then; the second is an echo.
struct GoneThenEcho {
    opened: AtomicUsize,
    reads: bool,
}

impl Connector for GoneThenEcho {
    type Item = Bytes;
    type Info = ();
    type Error = &'static str;

    async fn connect(&self) -> Result<LiveOf<Self>, &'static str> {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        if self.opened.fetch_add(1, Ordering::Relaxed) > 0 {
            tokio::spawn(echo(theirs, Shape::ById));
        } else if self.reads {
            tokio::spawn(async move { tokio::io::AsyncReadExt::read_u8(&mut theirs).await });
        }
        Ok(Live {
            handle: drive(ours, Shape::ById),
            info: (),
        })
    }
}

/// Nothing was sent: the request is made again. Something was: it is the caller who decides.
#[test]
fn a_request_is_repeated_only_if_nothing_of_it_left() {
    for reads in [false, true] {
        block_on(async {
            let link = Link::new(GoneThenEcho {
                opened: AtomicUsize::new(0),
                reads,
            });
            let asked = link.ask(10 * SECOND, |(), ticket, out| {
                out.buffer()
                    .extend_from_slice(&crate::toy::frame(ticket.id(), true, b"x"));
                Ok::<(), ()>(())
            });
            match (reads, asked.await) {
                (false, Ok((_, answer))) => assert_eq!(&answer[..], b"x"),
                (true, Err(AskError::Failure(failure))) => assert!(failure.sent),
                (_, other) => panic!("{:?}", other.map(|(_, answer)| answer)),
            }
            assert_eq!(link.open().is_some(), !reads);
        });
    }
}

/// A caller that gives up in the middle of an attempt leaves the link usable.
#[test]
fn an_attempt_can_be_dropped_at_each_await() {
    block_on(async {
        let link = Link::new(Shared(Arc::default()));
        let make = || link.get(SECOND);
        let check = |_| async { assert!(link.get(SECOND).await.is_ok()) };
        wire_testkit::drop_at_each_await(make, check)
            .await
            .1
            .unwrap();
    });
}
