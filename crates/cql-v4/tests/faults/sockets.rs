//! Real sockets, with a proxy before the server that does to them what networks do. Clocks are the machine's, so times
//! are bounds, not figures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cql_v4::{Client, Config, Error, ErrorKind, Sent, Statement};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::Instant;
use wire_testkit::{Faults, Proxy};

use crate::support::server::{PIPE, echo, serve};

/// Longer than anything takes here, on a machine that is busy with other work.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on loopback that answers each request with the value that was bound.
async fn listen() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let open = serve(64 * PIPE, echo);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut server = open();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

async fn proxied() -> (Arc<Proxy>, Client) {
    let proxy = Proxy::start(listen().await).await;
    let config = Config::new(&proxy.addr().to_string())
        .with_discovery(false)
        .with_heartbeat(Duration::from_millis(200), Duration::from_millis(200));
    let client = Client::connect(config).await.unwrap();
    (Arc::new(proxy), client)
}

async fn ask(client: &Client, value: i32, idempotent: bool) -> Result<i32, Error> {
    let statement = Statement::new("SELECT ?")
        .with_timeout(PATIENCE)
        .with_idempotent(idempotent);
    let answer = client.query(statement, (value,)).await?;
    Ok(answer.first::<(i32,)>()?.expect("a row").0)
}

/// The connection ends, or is reset, behind each byte of what the server says; what is idempotent is repeated.
#[tokio::test]
async fn a_stream_that_breaks_anywhere_loses_one_request() {
    let (proxy, client) = proxied().await;
    assert_eq!(ask(&client, 0, false).await.unwrap(), 0);
    // Behind a handshake of some 150 bytes stand answers of some 50.
    for (at, reset) in (0..300)
        .step_by(23)
        .flat_map(|at| [(at, false), (at, true)])
    {
        let (cut_at, reset_at) = if reset {
            (None, Some(at))
        } else {
            (Some(at), None)
        };
        proxy.to_client(Faults {
            cut_at,
            reset_at,
            ..Faults::default()
        });
        proxy.cut();
        for _ in 0..2 {
            match ask(&client, 1, false).await {
                Ok(value) => assert_eq!(value, 1),
                Err(error) if error.sent() == Sent::Maybe => {
                    assert_eq!(error.kind(), ErrorKind::Io, "{at}: {error}");
                }
                // Within the handshake.
                Err(error) => assert!(
                    error.is_closed() || error.kind() == ErrorKind::Connect,
                    "{error:?}"
                ),
            }
        }
        proxy.heal().await;
        assert_eq!(ask(&client, 2, true).await.unwrap(), 2, "{at}");
    }
}

/// Any cut of the bytes gives the same answers.
#[tokio::test]
async fn bytes_may_come_in_any_pieces() {
    let (proxy, client) = proxied().await;
    for at in (150..260).step_by(3) {
        let faults = Faults {
            split_at: Some(at),
            ..Faults::default()
        };
        proxy.to_client(faults);
        proxy.to_server(faults);
        let value = i32::try_from(at).unwrap();
        assert_eq!(ask(&client, value, false).await.unwrap(), value);
        if at % 4 == 0 {
            proxy.cut();
            // It may be lost with the connection.
            let _ = ask(&client, value, false).await;
        }
    }
}

/// The peer acknowledges and says nothing: the heartbeat finds out, and another connection is made.
#[tokio::test]
async fn a_half_open_connection_is_given_up() {
    let (proxy, client) = proxied().await;
    assert_eq!(ask(&client, 1, false).await.unwrap(), 1);
    proxy.stall();
    let began = Instant::now();
    let error = ask(&client, 2, false).await.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Io, Sent::Maybe));
    assert!(error.to_string().contains("heartbeat"), "{error}");
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    proxy.heal().await;
    proxy.cut();
    assert_eq!(ask(&client, 3, true).await.unwrap(), 3);
}

#[tokio::test]
async fn a_port_that_refuses_is_tried_until_it_does_not() {
    let (proxy, client) = proxied().await;
    proxy.refuse().await;
    proxy.reset();
    let healing = Arc::clone(&proxy);
    let healed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        healing.heal().await;
    });
    let began = Instant::now();
    while ask(&client, 4, false).await.is_err() {
        assert!(began.elapsed() < PATIENCE);
    }
    healed.await.unwrap();
}

/// A network that delivers a few bytes at a time is slow, and not broken.
#[tokio::test]
async fn a_slow_network_is_waited_for() {
    let (proxy, client) = proxied().await;
    proxy.to_client(Faults {
        bytes_per_second: Some(500),
        ..Faults::default()
    });
    for value in 0..5 {
        assert_eq!(ask(&client, value, false).await.unwrap(), value);
    }
    assert_eq!(proxy.accepted(), 1, "no heartbeat took it for dead");
}

/// Bytes that keep coming are no answer: the deadline of the request holds.
#[tokio::test]
async fn a_server_that_drips_is_given_up_at_the_deadline() {
    let (proxy, client) = proxied().await;
    proxy.to_client(Faults {
        bytes_per_second: Some(10),
        ..Faults::default()
    });
    let statement = Statement::new("SELECT ?").with_timeout(Duration::from_millis(300));
    let began = Instant::now();
    let error = client.query(statement, (1,)).await.unwrap_err();
    assert!(
        error.is_timeout() && error.sent() == Sent::Maybe,
        "{error:?}"
    );
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
}
