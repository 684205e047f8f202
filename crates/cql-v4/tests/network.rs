//! The client over real sockets on loopback: what is not a CQL server, TLS, passwords that must not be seen.
#![cfg(all(feature = "client", feature = "rustls-023"))]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cql_v4::codec::FrameDecoder;
use cql_v4::message::{Message, Opcode, Request, Response};
use cql_v4::{Client, Config, Error, ErrorKind, Limits, Sent, Version};
use support::server::{supported, void};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use wire_testkit::{TestCa, Trap, TrapKind};

/// The servers here know no other nodes.
fn single(host: &str) -> Config {
    Config::new(host).with_discovery(false)
}

/// First answers of the other databases to a CQL request, or what they greet with.
fn traps() -> Vec<(TrapKind, &'static [&'static str])> {
    vec![
        (TrapKind::Http, &["an HTTP server"]),
        (
            TrapKind::TlsAlert,
            &["a TLS server; is the option tls=true missing?"],
        ),
        // ClickHouse: an exception packet about an unexpected packet.
        (
            TrapKind::Answer(b"\x02\x65\0\0\0\x0dDB::Exception".to_vec()),
            &["a ClickHouse server"],
        ),
        (
            TrapKind::Greeting(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            &["an SSH server"],
        ),
        (TrapKind::Answer(vec![0; 64]), &["does not speak CQL"]),
        (
            TrapKind::Flood(0x84),
            &["max_frame_bytes", "cannot be decoded"],
        ),
        (
            TrapKind::Close,
            &["closed the connection", "reset", "broke"],
        ),
        (
            TrapKind::Reset,
            &["closed the connection", "reset", "broke"],
        ),
        (
            TrapKind::Silent,
            &["no end of the handshake before the connect timeout"],
        ),
    ]
}

#[tokio::test]
async fn a_wrong_port_is_told_clearly_and_in_time() {
    for (kind, expected) in traps() {
        let trap = Trap::start(kind.clone()).await;
        let config =
            Config::new(&trap.addr().to_string()).with_connect_timeout(Duration::from_millis(700));
        let began = Instant::now();
        let error = Client::connect(config).await.unwrap_err();
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{kind:?} took {:?}",
            began.elapsed()
        );
        let text = error.to_string();
        assert!(
            expected.iter().any(|e| text.contains(e)),
            "{kind:?}: {text}"
        );
        assert!(
            matches!(error.kind(), ErrorKind::Connect | ErrorKind::Timeout),
            "{kind:?}: {error:?}"
        );
        assert_eq!(error.sent(), Sent::No, "{kind:?}");
        assert!(text.contains(&trap.addr().to_string()), "{kind:?}: {text}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = Client::connect(Config::new(&address)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("refused"), "{error}");
}

/// Answers the requests of one connection: OPTIONS, STARTUP (which asks for a password if `class` is given), and the
/// rest with nothing to report. Returns what it was asked.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut io: S,
    class: Option<&str>,
) -> Vec<Request> {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    let mut asked = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let n = io.read(&mut buffer).await.unwrap_or(0);
        if n == 0 {
            return asked;
        }
        decoder.feed(&buffer[..n]);
        while let Some(frame) = decoder.next_frame().unwrap() {
            let request =
                Request::decode(Version::V4, Opcode(frame.header.opcode), &frame.body).unwrap();
            let answer = match (&request, class) {
                (Request::Options, _) => supported(),
                (Request::Startup(_), Some(class)) => Message::Authenticate(class.to_owned()),
                (Request::Startup(_), None) => Message::Ready,
                (Request::AuthResponse(_), _) => Message::AuthSuccess(None),
                _ => void(),
            };
            asked.push(request);
            let mut out = Vec::new();
            Response::from(answer)
                .encode(Version::V4, None, frame.header.stream, &mut out)
                .unwrap();
            if io.write_all(&out).await.is_err() {
                return asked;
            }
        }
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("localhost:{port}"))
}

async fn connect_once(
    config: Config,
    listener: TcpListener,
    class: &'static str,
) -> (Result<Client, Error>, Vec<Request>) {
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        converse(stream, Some(class)).await
    });
    let client = Client::connect(config).await;
    if let Ok(client) = &client {
        client.close().await;
    }
    (client, server.await.unwrap())
}

const CLASS: &str = "org.apache.cassandra.auth.PasswordAuthenticator";

#[tokio::test]
async fn a_password_does_not_leave_this_machine_in_clear_text() {
    // To this machine it goes.
    let (listener, host) = listen().await;
    let config = single(&host).with_credentials("alice", "s3cret");
    let (client, asked) = connect_once(config, listener, CLASS).await;
    client.unwrap();
    assert!(matches!(asked[2], Request::AuthResponse(_)), "{asked:?}");
    // A list with one host elsewhere is one that could be elsewhere.
    let config = |host: &str| {
        single(host)
            .with_host("db.example.com")
            .with_credentials("alice", "s3cret")
    };
    let (listener, host) = listen().await;
    let (client, asked) = connect_once(config(&host), listener, CLASS).await;
    let error = client.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(
        error.to_string().contains("allow_plaintext_password=true"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    assert_eq!(
        asked.len(),
        2,
        "nothing was sent after the question: {asked:?}"
    );
    // Unless it is allowed.
    let (listener, host) = listen().await;
    let (client, _) = connect_once(
        config(&host).allow_plaintext_password(true),
        listener,
        CLASS,
    )
    .await;
    client.unwrap();
}

#[tokio::test]
async fn tls_hides_everything_and_names_are_checked() {
    let ca = TestCa::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path();
    std::fs::write(path, ca.pem()).unwrap();
    let serve = |names: &'static [&'static str]| {
        let acceptor = ca.issue(names).acceptor();
        async move {
            let (listener, host) = listen().await;
            let task = tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                match acceptor.accept(stream).await {
                    Ok(stream) => converse(stream, Some(CLASS)).await,
                    Err(_) => Vec::new(),
                }
            });
            (host, task)
        }
    };
    // Through TLS a password may go to any host of the list.
    let (host, task) = serve(&["localhost"]).await;
    let config = single(&host)
        .with_host("db.example.com")
        .with_tls_ca(path)
        .with_credentials("alice", "s3cret");
    let client = Client::connect(config).await.unwrap();
    client.query("SELECT 1", ()).await.unwrap();
    client.close().await;
    assert_eq!(task.await.unwrap().len(), 4);
    // The same by a configuration of the caller's.
    let (host, task) = serve(&["localhost"]).await;
    let config = single(&host)
        .with_tls_config(Arc::new(ca.client_config()))
        .with_credentials("a", "b");
    Client::connect(config).await.unwrap().close().await;
    assert_eq!(task.await.unwrap().len(), 3);
    // A certificate of another name, or of an authority that nobody trusts: not a byte of CQL is sent.
    for (names, trusted) in [(&["db.example.com"][..], true), (&["localhost"][..], false)] {
        let (host, task) = serve(names).await;
        let config = match trusted {
            true => single(&host).with_tls_ca(path),
            false => single(&host).with_tls(),
        };
        let error = Client::connect(config).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
        assert!(task.await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn tls_to_a_server_without_it_is_told() {
    let trap = Trap::start(TrapKind::Answer(b"\x84\0\0\0\0\0\0\0\x06".to_vec())).await;
    let config = Config::new(&trap.addr().to_string()).with_tls();
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    let missing = Config::new("localhost").with_tls_ca("/nonexistent/ca.pem");
    let error = Client::connect(missing).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}

#[tokio::test]
async fn hosts_are_tried_in_order() {
    let closed = Trap::start(TrapKind::Close).await;
    let (listener, host) = listen().await;
    let config = single(&closed.addr().to_string()).with_host(&host);
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        converse(stream, None).await
    });
    let client = Client::connect(config).await.unwrap();
    client.ping().await.unwrap();
    client.close().await;
    assert_eq!(closed.accepted(), 1);
    assert_eq!(server.await.unwrap().len(), 3);
}
