//! Connecting to what is not a ClickHouse server: one clear error each, in time.
#![cfg(feature = "client")]

use std::time::Duration;

use ch_native::{Client, Config, Error, ErrorKind, Sent};
use wire_testkit::{Trap, TrapKind};

async fn meet(kind: TrapKind) -> Error {
    let trap = Trap::start(kind).await;
    let config = Config::new(&trap.addr().to_string())
        .with_credentials("default", "sentinel")
        .with_connect_timeout(Duration::from_millis(500));
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(error.sent(), Sent::No, "{error:?}");
    assert!(!format!("{error:?}").contains("sentinel"));
    error
}

#[tokio::test]
async fn other_servers_are_recognised() {
    // A CQL server's answer to an unknown version: header of protocol 4, opcode ERROR.
    let cql = vec![
        0x84, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 3, b'b', b'a', b'd',
    ];
    for (kind, hint) in [
        (TrapKind::Http, "an HTTP server"),
        (TrapKind::TlsAlert, "tls=true"),
        (TrapKind::Answer(cql), "a CQL server"),
        (
            TrapKind::Greeting(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            "an SSH server",
        ),
    ] {
        let error = meet(kind).await;
        assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[tokio::test]
async fn closing_silence_and_floods_end_in_time() {
    let began = std::time::Instant::now();
    for (kind, expected) in [
        (TrapKind::Close, ErrorKind::Connect),
        (TrapKind::Reset, ErrorKind::Connect),
        (TrapKind::Silent, ErrorKind::Timeout),
        (TrapKind::Flood(0xff), ErrorKind::Connect),
        (TrapKind::Flood(0), ErrorKind::Unsupported),
    ] {
        let what = format!("{kind:?}");
        let error = meet(kind).await;
        assert_eq!(error.kind(), expected, "{what}: {error:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn hosts_are_tried_in_order_and_a_dead_one_is_named() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let address = closed.clone();
    let closed = Config::new(&closed);
    let error = Client::connect(closed.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains(&address), "{error}");
    let trap = Trap::start(TrapKind::Http).await;
    let config = closed.with_host(&trap.addr().to_string());
    let error = Client::connect(config).await.unwrap_err();
    assert!(
        error.to_string().contains("an HTTP server"),
        "the more telling one: {error}"
    );
    assert_eq!(trap.accepted(), 1);
}
