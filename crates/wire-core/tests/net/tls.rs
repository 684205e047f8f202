//! TLS: who is believed, and what is said of those who are not.

use std::io::Write;
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use wire_core::machine::Cause;
use wire_core::net::{ConnectError, ConnectOptions, Connected, TlsOptions, connect};
use wire_core::url::Host;
use wire_testkit::{Identity, Peer, TestCa, Trap, TrapKind};

use crate::connect::{Hello, runtime};
use crate::toy::{Shape, frame, receive, request};

const TIMEOUT: Duration = Duration::from_secs(10);

/// A TLS server that answers the first byte of each connection with the same byte.
async fn serve(identity: &Identity) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = identity.acceptor();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that refuses the certificate ends this connection only.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut first = [0];
            if tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first)
                .await
                .is_ok()
            {
                let _ = stream.write_all(&first).await;
                let _ = stream.flush().await;
            }
        }
    });
    port
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn try_connect(
    name: &str,
    port: u16,
    tls: TlsOptions,
) -> Result<Connected<u8>, ConnectError<String>> {
    let hosts = [Host {
        name: name.to_owned(),
        port,
    }];
    let options = ConnectOptions {
        tls: Some(tls),
        ..ConnectOptions::new(TIMEOUT)
    };
    connect(&hosts, &options, || Hello(5)).await
}

/// A node that is known by its address, with a certificate for a name.
#[test]
fn the_name_to_ask_for_can_be_another_than_the_hosts() {
    runtime().block_on(async {
        let ca = TestCa::new();
        let port = serve(&ca.issue(&["node.example"])).await;
        let path = file(&ca.pem());
        let tls = TlsOptions::with_root_file(path.path()).unwrap();
        let named = tls.clone().with_server_name("node.example");
        assert_eq!(
            try_connect("127.0.0.1", port, named).await.unwrap().ready,
            5
        );
        let other = tls.clone().with_server_name("other.example");
        for tls in [tls, other] {
            assert!(try_connect("127.0.0.1", port, tls).await.is_err());
        }
    });
}

#[test]
fn a_certificate_from_the_given_authority_is_believed() {
    runtime().block_on(async {
        let ca = TestCa::new();
        let port = serve(&ca.issue(&["localhost", "127.0.0.1"])).await;
        let path = file(&ca.pem());
        for name in ["localhost", "127.0.0.1"] {
            let tls = TlsOptions::with_root_file(path.path()).unwrap();
            assert_eq!(try_connect(name, port, tls).await.unwrap().ready, 5);
        }
    });
}

#[test]
fn others_are_refused_before_a_byte_of_the_protocol_is_sent() {
    runtime().block_on(async {
        let (ca, stranger) = (TestCa::new(), TestCa::new());
        let cases = [
            (
                serve(&stranger.issue(&["localhost"])).await,
                "UnknownIssuer",
            ),
            (
                serve(&ca.issue(&["other.example"])).await,
                "not valid for name",
            ),
            (serve(&ca.issue_expired(&["localhost"])).await, "expired"),
        ];
        let path = file(&ca.pem());
        for (port, expected) in cases {
            let tls = TlsOptions::with_root_file(path.path()).unwrap();
            let error = try_connect("localhost", port, tls)
                .await
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("TLS failed") && error.contains(expected),
                "{error}"
            );
        }
        let tls = TlsOptions::with_default_roots().unwrap();
        let port = serve(&ca.issue(&["localhost"])).await;
        let error = try_connect("localhost", port, tls)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("UnknownIssuer"), "{error}");
    });
}

/// A server that says hello and half an answer, and is gone: with a TLS goodbye or without one.
async fn serve_half(identity: &Identity, goodbye: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = identity.acceptor();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut peer = Peer::new(acceptor.accept(stream).await.unwrap());
        let hello = peer.take(1).await;
        peer.send(&hello).await;
        let (id, _) = receive(&mut peer).await;
        peer.send(&frame(id, true, b"answer")[..10]).await;
        if goodbye {
            peer.close().await;
        }
    });
    port
}

/// An end that the server did not sign may be an attacker's, and half a message is no message in any case.
#[test]
fn an_end_without_goodbye_or_in_the_middle_of_a_message_is_a_lost_connection() {
    runtime().block_on(async {
        let ca = TestCa::new();
        let identity = ca.issue(&["localhost"]);
        let path = file(&ca.pem());
        for goodbye in [false, true] {
            let port = serve_half(&identity, goodbye).await;
            let tls = TlsOptions::with_root_file(path.path()).unwrap();
            let connected = try_connect("localhost", port, tls).await.unwrap();
            let handle = crate::toy::connect(connected.io, Shape::ById);
            let failure = request(&handle, b"x").await.unwrap_err();
            assert!(failure.sent);
            match failure.cause {
                Cause::PeerClosed(10) if goodbye => {}
                Cause::Io(error) if !goodbye => {
                    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
                }
                other => panic!("goodbye {goodbye}: {other:?}"),
            }
        }
    });
}

#[test]
fn a_plaintext_server_is_told_apart() {
    runtime().block_on(async {
        let trap = Trap::start(TrapKind::Http).await;
        let tls = TlsOptions::with_default_roots().unwrap();
        let error = try_connect("localhost", trap.addr().port(), tls)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("TLS failed"), "{error}");
    });
}

#[test]
fn a_root_file_must_hold_a_certificate() {
    let missing = TlsOptions::with_root_file("/nonexistent/ca.pem".as_ref()).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("root certificates /nonexistent/ca.pem: "),
        "{missing}"
    );
    let path = file("no certificate here\n");
    let empty = TlsOptions::with_root_file(path.path()).unwrap_err();
    assert!(
        empty.to_string().contains("holds no certificate"),
        "{empty}"
    );
}
