//! The floor: bytes there and back with nothing but tokio.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server on loopback, in a thread of this process or of another one, that sends back what it gets.
///
/// # Panics
/// If no port can be opened.
#[must_use]
pub fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = listener.local_addr().expect("its address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.set_nodelay(true);
                let mut buf = vec![0; 256 * 1024];
                while let Ok(n @ 1..) = stream.read(&mut buf) {
                    if stream.write_all(&buf[..n]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// `total` round trips of `len` bytes, one after the other, on a bare socket.
///
/// # Panics
/// If the socket fails.
pub async fn ping_pong(address: SocketAddr, total: usize, len: usize) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let ping = vec![7; len];
    let mut pong = vec![0; len];
    for _ in 0..total {
        stream.write_all(&ping).await.expect("a write");
        stream.read_exact(&mut pong).await.expect("a read");
    }
    assert_eq!(ping, pong);
}
