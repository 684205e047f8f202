//! A TCP server that is not what the client expects.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a web server says to something that is not HTTP (RFC 9110 §15.5.1).
const HTTP_400: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request";

/// What a TLS server says to something that is not TLS: a record of type alert (21), version 3.3, of two bytes: fatal
/// (2), `unexpected_message` (10) (RFC 8446 §5.1 and §6).
const TLS_ALERT: &[u8] = &[21, 3, 3, 0, 2, 2, 10];

/// What a [`Trap`] does with each connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TrapKind {
    /// Answers the first bytes as a web server, and closes.
    Http,
    /// Answers the first bytes with a TLS alert, and closes.
    TlsAlert,
    /// Answers the first bytes with these, and closes: a server of another protocol.
    Answer(Vec<u8>),
    /// Says these bytes without being asked, and closes: SSH, SMTP, MySQL.
    Greeting(Vec<u8>),
    /// Closes at once.
    Close,
    /// Resets the connection at once.
    Reset,
    /// Reads, and never says a word.
    Silent,
    /// Sends this byte for ever, and never reads.
    Flood(u8),
}

/// A TCP server on loopback that behaves as its [`TrapKind`] says, until it is dropped.
///
/// Real sockets need the clock of the machine: not for [`block_on`](crate::block_on), whose clock jumps to the next
/// deadline while the kernel is still at work.
#[derive(Debug)]
pub struct Trap {
    addr: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Trap {
    /// Starts a trap on a free port.
    ///
    /// # Panics
    /// If there is no free port.
    ///
    /// # Cancel safety
    /// Dropping the future starts nothing.
    pub async fn start(kind: TrapKind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port on loopback");
        let addr = listener
            .local_addr()
            .expect("a bound socket has an address");
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            // The connections end with this task.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let kind = kind.clone();
                connections.spawn(async move { serve(stream, &kind).await });
            }
        });
        Self {
            addr,
            accepted,
            task,
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Connections accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Errors are those of clients that left, which they may.
async fn serve(mut stream: TcpStream, kind: &TrapKind) -> io::Result<()> {
    let mut heard = [0; 1024];
    match kind {
        TrapKind::Http => answer(stream, HTTP_400).await,
        TrapKind::TlsAlert => answer(stream, TLS_ALERT).await,
        TrapKind::Answer(bytes) => answer(stream, bytes).await,
        TrapKind::Greeting(bytes) => say(stream, bytes).await,
        TrapKind::Close => say(stream, b"").await,
        TrapKind::Reset => stream.set_zero_linger(),
        TrapKind::Silent => {
            while stream.read(&mut heard).await? > 0 {}
            Ok(())
        }
        TrapKind::Flood(byte) => loop {
            stream.write_all(&[*byte; 4096]).await?;
        },
    }
}

async fn answer(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    match stream.read(&mut [0; 1024]).await? {
        0 => Ok(()),
        _ => say(stream, bytes).await,
    }
}

/// Says `bytes` and ends; what the client still sends is read, because a close with unread bytes would be a reset,
/// which may overtake what was said.
async fn say(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client hears that says hello, up to 10,000 bytes, and how it ends.
    async fn hears(kind: TrapKind) -> (Vec<u8>, io::Result<()>) {
        let trap = Trap::start(kind).await;
        let mut stream = TcpStream::connect(trap.addr()).await.unwrap();
        assert_eq!(trap.addr().ip(), std::net::Ipv4Addr::LOCALHOST);
        let mut heard = Vec::new();
        let end = async {
            stream.write_all(b"\x04\0\0\0\x05").await?;
            (&mut stream).take(10_000).read_to_end(&mut heard).await
        };
        let end = end.await.map(|_| ());
        assert_eq!(trap.accepted(), 1);
        (heard, end)
    }

    #[tokio::test]
    async fn each_kind_does_what_it_says() {
        assert!(hears(TrapKind::Http).await.0.starts_with(b"HTTP/1.1 400"));
        assert_eq!(hears(TrapKind::TlsAlert).await.0, [21, 3, 3, 0, 2, 2, 10]);
        assert_eq!(hears(TrapKind::Answer(b"abc".to_vec())).await.0, b"abc");
        assert_eq!(
            hears(TrapKind::Greeting(b"SSH-2.0-x\r\n".to_vec())).await.0,
            b"SSH-2.0-x\r\n"
        );
        assert!(matches!(hears(TrapKind::Close).await, (bytes, Ok(())) if bytes.is_empty()));
        assert_eq!(hears(TrapKind::Flood(7)).await.0, [7; 10_000]);
        let (heard, end) = hears(TrapKind::Reset).await;
        assert!(heard.is_empty());
        let kind = end.unwrap_err().kind();
        assert!(
            matches!(
                kind,
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
            ),
            "{kind:?}"
        );
    }

    /// The silent one is silent as long as it is there; its connections end with it.
    #[tokio::test]
    async fn connections_end_with_the_trap() {
        let trap = Trap::start(TrapKind::Silent).await;
        let mut stream = TcpStream::connect(trap.addr()).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        while trap.accepted() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            stream.try_read(&mut [0]).unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
        let addr = trap.addr();
        drop(trap);
        assert!(matches!(stream.read(&mut [0]).await, Ok(0) | Err(_)));
        assert!(TcpStream::connect(addr).await.is_err());
    }
}
