//! Ports where something else listens than the client expects: one clear error each, and nothing hangs.
#![cfg(feature = "client")]

mod support;

use std::time::Duration;

use ignite_thin::{Client, Config, Error, ErrorKind};
use tokio::net::TcpListener;
#[cfg(feature = "rustls-023")]
use wire_testkit::TestCa;
use wire_testkit::{Trap, TrapKind};

/// Far more than any of these servers takes to answer, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);

async fn connect(trap: &Trap, timeout: Duration) -> Error {
    let config = Config::new(&trap.addr().to_string()).with_connect_timeout(timeout);
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(error.sent(), ignite_thin::Sent::No);
    error
}

#[tokio::test]
async fn what_is_not_ignite_is_named_or_described() {
    // An answer of Cassandra to something that is not CQL: version 4, error, protocol error, a text.
    let cassandra = b"\x84\x00\x00\x00\x00\x00\x00\x00\x0d\x00\x00\x00\x0a\x00\x07Invalid".to_vec();
    // Exception 101 of ClickHouse.
    let clickhouse = b"\x02\x65\x00\x00\x00\x0dDB::Exception".to_vec();
    for (kind, expected, text) in [
        (TrapKind::Http, ErrorKind::Connect, "an HTTP server"),
        (TrapKind::TlsAlert, ErrorKind::Connect, "a TLS server"),
        (
            TrapKind::Answer(cassandra),
            ErrorKind::Connect,
            "a CQL server",
        ),
        (
            TrapKind::Answer(clickhouse),
            ErrorKind::Connect,
            "a ClickHouse server",
        ),
        (
            TrapKind::Greeting(b"SSH-2.0-x\r\n".to_vec()),
            ErrorKind::Connect,
            "an SSH server",
        ),
        (
            TrapKind::Close,
            ErrorKind::Connect,
            "closed the connection during the handshake",
        ),
        (TrapKind::Reset, ErrorKind::Connect, "during the handshake"),
        (
            TrapKind::Silent,
            ErrorKind::Timeout,
            "no end of the handshake",
        ),
        (
            TrapKind::Flood(0),
            ErrorKind::Connect,
            "what the protocol says",
        ),
        (TrapKind::Flood(0x7f), ErrorKind::Connect, "passes a limit"),
    ] {
        let what = format!("{kind:?}");
        let trap = Trap::start(kind).await;
        // Only the one that never says anything uses up its time.
        let timeout = if expected == ErrorKind::Timeout {
            Duration::from_millis(50)
        } else {
            PATIENCE
        };
        let error = connect(&trap, timeout).await;
        assert_eq!(error.kind(), expected, "{what}: {error}");
        assert!(error.to_string().contains(text), "{what}: {error}");
        assert!(
            error.to_string().contains(&trap.addr().to_string()),
            "{what}: {error}"
        );
    }
}

#[tokio::test]
async fn hosts_are_tried_in_their_order() {
    let closing = Trap::start(TrapKind::Close).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let node = support::server::Node::new();
    let serving = node.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serving.clone().serve(stream));
        }
    });
    let url = format!("ignite://{},{address}", closing.addr());
    let client = Client::connect(Config::from_url(&url).unwrap())
        .await
        .unwrap();
    client.ping().await.unwrap();
    assert_eq!((closing.accepted(), node.connections()), (1, 1));
}

#[cfg(feature = "rustls-023")]
#[tokio::test]
async fn tls_is_verified_against_the_name_that_was_written() {
    let ca = TestCa::new();
    let acceptor = ca.issue(&["localhost"]).acceptor();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let node = support::server::Node::new();
    let serving = node.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, node) = (acceptor.clone(), serving.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    node.serve(stream).await;
                }
            });
        }
    });
    let trusting = |host: &str, ca: &TestCa| {
        Config::new(&format!("{host}:{port}"))
            .with_tls_config(std::sync::Arc::new(ca.client_config()))
    };
    Client::connect(trusting("localhost", &ca))
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
    for config in [
        trusting("localhost", &TestCa::new()),
        trusting("127.0.0.1", &ca),
        Config::new(&format!("localhost:{port}")).with_tls(),
    ] {
        let error = Client::connect(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(error.to_string().contains("TLS failed"), "{error}");
    }
    let plain = Config::new(&format!("127.0.0.1:{port}"));
    let plain = plain.with_connect_timeout(PATIENCE);
    let error = Client::connect(plain).await.unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
}
