//! Each fault before a server that echoes.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::*;

/// Longer than anything takes here, on a machine that is busy with other work.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long nothing must come to say that nothing comes.
const QUIET: Duration = Duration::from_millis(50);

/// A server that sends back what it gets, and a proxy before it.
async fn proxied() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
    Proxy::start(target).await
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.addr()).await.unwrap()
}

async fn read(stream: &mut TcpStream, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    let read = timeout(PATIENCE, stream.read_exact(&mut bytes));
    read.await.expect("an answer").unwrap();
    bytes
}

async fn echo(stream: &mut TcpStream, bytes: &[u8]) -> Vec<u8> {
    stream.write_all(bytes).await.unwrap();
    read(stream, bytes.len()).await
}

/// What comes to the end of the stream, and how it ends.
async fn rest(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    (bytes, end.expect("an end").err().map(|error| error.kind()))
}

#[tokio::test]
async fn without_faults_bytes_and_ends_arrive() {
    let proxy = proxied().await;
    let mut stream = connect(&proxy).await;
    let large: Vec<u8> = (0..200_000_u32).map(|i| i as u8).collect();
    let (mut read, mut write) = stream.split();
    let mut back = Vec::new();
    let send = async {
        write.write_all(&large).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let (received, ()) = tokio::join!(read.read_to_end(&mut back), send);
    assert_eq!(received.unwrap(), large.len());
    assert!(back == large);
    assert_eq!(proxy.accepted(), 1);
    while proxy.open() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn connections_can_be_cut_and_reset() {
    let proxy = proxied().await;
    for (reset, end) in [(false, None), (true, Some(ErrorKind::ConnectionReset))] {
        let mut stream = connect(&proxy).await;
        assert_eq!(echo(&mut stream, b"before").await, b"before");
        if reset {
            proxy.reset();
        } else {
            proxy.cut();
        }
        assert_eq!(rest(&mut stream).await, (vec![], end));
        assert_eq!(echo(&mut connect(&proxy).await, b"after").await, b"after");
    }
}

#[tokio::test]
async fn a_stalled_connection_goes_on_when_it_is_healed() {
    let proxy = proxied().await;
    let mut stream = connect(&proxy).await;
    assert_eq!(echo(&mut stream, b"before").await, b"before");
    proxy.stall();
    let mut new = connect(&proxy).await;
    for stream in [&mut stream, &mut new] {
        stream.write_all(b"late").await.unwrap();
        assert!(
            timeout(QUIET, stream.read(&mut [0])).await.is_err(),
            "nothing arrives"
        );
    }
    proxy.heal().await;
    for stream in [&mut stream, &mut new] {
        assert_eq!(read(stream, 4).await, b"late");
    }
    proxy.stall();
    proxy.reset();
    let (bytes, end) = rest(&mut stream).await;
    assert_eq!(
        (bytes.len(), end),
        (0, Some(ErrorKind::ConnectionReset)),
        "it can be broken as well"
    );
}

#[tokio::test]
async fn new_connections_can_be_refused() {
    let proxy = proxied().await;
    let mut old = connect(&proxy).await;
    assert_eq!(echo(&mut old, b"before").await, b"before");
    proxy.refuse().await;
    let refused = TcpStream::connect(proxy.addr()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(echo(&mut old, b"still").await, b"still");
    proxy.heal().await;
    assert_eq!(echo(&mut connect(&proxy).await, b"again").await, b"again");
    assert_eq!(proxy.accepted(), 2);
}

#[tokio::test]
async fn something_happens_at_an_offset_of_each_connection() {
    let proxy = proxied().await;
    for at in [0, 3, 5] {
        let none = Faults::default();
        proxy.to_client(Faults {
            corrupt_at: Some(at),
            ..none
        });
        let mut expected = *b"abcdef";
        expected[at as usize] = !expected[at as usize];
        assert_eq!(echo(&mut connect(&proxy).await, b"abcdef").await, expected);

        let until = b"abcdef"[..at as usize].to_vec();
        for (faults, end) in [
            (
                Faults {
                    cut_at: Some(at),
                    ..none
                },
                None,
            ),
            (
                Faults {
                    reset_at: Some(at),
                    ..none
                },
                Some(ErrorKind::ConnectionReset),
            ),
        ] {
            proxy.to_client(faults);
            let mut stream = connect(&proxy).await;
            let _ = stream.write_all(b"abcdef").await;
            let (bytes, ended) = rest(&mut stream).await;
            assert_eq!(ended, end);
            // What was not read yet may be lost with a reset.
            assert!(bytes == until || end.is_some(), "{bytes:?}");
        }
    }
    proxy.to_client(Faults {
        split_at: Some(2),
        ..Faults::default()
    });
    let mut stream = connect(&proxy).await;
    stream.write_all(b"abcdef").await.unwrap();
    let mut first = [0; 6];
    assert_eq!(stream.read(&mut first).await.unwrap(), 2);
    assert_eq!(read(&mut stream, 4).await, b"cdef");
}

#[tokio::test]
async fn bytes_can_be_slow() {
    let proxy = proxied().await;
    let slow = [
        Faults {
            delay: QUIET,
            ..Faults::default()
        },
        Faults {
            bytes_per_second: Some(100),
            ..Faults::default()
        },
    ];
    for faults in slow {
        proxy.to_server(faults);
        let mut stream = connect(&proxy).await;
        let began = Instant::now();
        assert_eq!(echo(&mut stream, &[7; 10]).await, [7; 10]);
        assert!(began.elapsed() >= QUIET, "{:?}", began.elapsed());
        proxy.heal().await;
    }
}

#[tokio::test]
async fn connections_end_with_the_proxy() {
    let proxy = proxied().await;
    let mut stream = connect(&proxy).await;
    assert_eq!(echo(&mut stream, b"x").await, b"x");
    let addr = proxy.addr();
    drop(proxy);
    rest(&mut stream).await;
    assert!(TcpStream::connect(addr).await.is_err());
}
