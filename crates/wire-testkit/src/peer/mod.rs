//! The other end of a connection, played by a script.

use std::panic::Location;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

/// Bytes in flight in each direction of [`converse`] and [`spawn`]: less than most messages, so that waiting for the
/// other side to read is part of every test.
const IN_FLIGHT: usize = 4096;

/// How long a [`Peer`] waits for the client: longer than any deadline in use, and short enough for a test that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most bytes in the text of a failure.
const SHOWN: usize = 256;

/// The other end of a connection. Each method is a step of a script, and panics, naming the line of the script, when
/// the client does something else.
///
/// Dropping it ends the connection: the client reads the end and cannot write.
#[derive(Debug)]
pub struct Peer<S = DuplexStream> {
    io: S,
    /// Received, and not taken by a step yet.
    received: Vec<u8>,
    patience: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// The peer at the other end of `io`: a duplex, a socket, a TLS stream.
    pub fn new(io: S) -> Self {
        Self {
            io,
            received: Vec::new(),
            patience: PATIENCE,
        }
    }

    /// How long each step waits for the client, of the runtime's clock; 60 seconds unless told.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Receives exactly `bytes`; what follows is left for the next step.
    ///
    /// # Panics
    /// At the end of the stream, or if other bytes come.
    #[track_caller]
    pub fn expect<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = ()> + 'a {
        let line = Location::caller();
        async move {
            loop {
                let n = self.received.len().min(bytes.len());
                let same = self
                    .received
                    .iter()
                    .zip(bytes)
                    .take_while(|(a, b)| a == b)
                    .count();
                if same < n {
                    let (got, want) = (show(&self.received), show(bytes));
                    panic!("{line}: byte {same} differs\n received {got}\n expected {want}");
                }
                if n == bytes.len() {
                    self.received.drain(..n);
                    return;
                }
                self.more(line, "the expected bytes").await;
            }
        }
    }

    /// Receives `n` bytes, whatever they are.
    ///
    /// # Panics
    /// At the end of the stream.
    #[track_caller]
    pub fn take(&mut self, n: usize) -> impl Future<Output = Vec<u8>> + '_ {
        let line = Location::caller();
        async move {
            while self.received.len() < n {
                self.more(line, "the expected number of bytes").await;
            }
            self.received.drain(..n).collect()
        }
    }

    /// Receives what `parse` recognises: it is called with all that is there, and returns a value and the bytes that
    /// it takes, or `None` to be called again with more.
    ///
    /// # Panics
    /// At the end of the stream.
    #[track_caller]
    pub fn parse<T>(
        &mut self,
        mut parse: impl FnMut(&[u8]) -> Option<(T, usize)>,
    ) -> impl Future<Output = T> {
        let line = Location::caller();
        async move {
            loop {
                if let Some((value, n)) = parse(&self.received) {
                    self.received.drain(..n);
                    return value;
                }
                self.more(line, "a whole message").await;
            }
        }
    }

    /// Waits until the client ends the stream.
    ///
    /// # Panics
    /// If bytes come before.
    #[track_caller]
    pub fn expect_end(&mut self) -> impl Future<Output = ()> + '_ {
        let line = Location::caller();
        async move {
            let ended = self.received.is_empty() && self.read(line, "the end").await == 0;
            assert!(
                ended,
                "{line}: instead of the end came {}",
                show(&self.received)
            );
        }
    }

    /// Sends `bytes`.
    ///
    /// # Panics
    /// If the client is gone, or reads nothing for the time of its patience.
    #[track_caller]
    pub fn send<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = ()> + 'a {
        self.send_in_pieces(bytes, bytes.len().max(1))
    }

    /// Sends `bytes` in pieces of `size`; all other tasks get a turn after each.
    ///
    /// # Panics
    /// As [`Self::send`], and if `size` is 0.
    #[track_caller]
    pub fn send_in_pieces<'a>(
        &'a mut self,
        bytes: &'a [u8],
        size: usize,
    ) -> impl Future<Output = ()> + 'a {
        let line = Location::caller();
        async move {
            for piece in bytes.chunks(size) {
                match tokio::time::timeout(self.patience, self.io.write_all(piece)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(e)) => panic!("{line}: the client cannot be sent to: {e}"),
                    Err(_) => panic!("{line}: the client reads nothing"),
                }
                if size < bytes.len() {
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Ends the direction to the client; the other stays open.
    ///
    /// # Panics
    /// If the stream cannot be shut down.
    pub async fn close(&mut self) {
        self.io
            .shutdown()
            .await
            .expect("the stream can be shut down");
    }

    /// Reads more, which must come.
    async fn more(&mut self, line: &Location<'_>, what: &str) {
        let n = self.read(line, what).await;
        assert!(
            n > 0,
            "{line}: the stream ended before {what}; last came {}",
            show(&self.received)
        );
    }

    async fn read(&mut self, line: &Location<'_>, what: &str) -> usize {
        match tokio::time::timeout(self.patience, self.io.read_buf(&mut self.received)).await {
            Ok(Ok(n)) => n,
            Ok(Err(e)) => panic!("{line}: reading failed before {what}: {e}"),
            Err(_) => panic!(
                "{line}: {what} did not come; last came {}",
                show(&self.received)
            ),
        }
    }
}

/// Runs a client and the script of its peer on the two ends of one connection, until both are done; what the script
/// returns is kept until then. So a script that returns its peer stalls, and one that does not ends the connection.
///
/// Both run in the task of the caller, so a panic of either fails the test at once.
///
/// # Cancel safety
/// Dropping the future drops both sides.
pub async fn converse<C: Future, P: Future>(
    client: impl FnOnce(DuplexStream) -> C,
    script: impl FnOnce(Peer) -> P,
) -> C::Output {
    let (ours, theirs) = tokio::io::duplex(IN_FLIGHT);
    let (output, _kept) = tokio::join!(client(ours), script(Peer::new(theirs)));
    output
}

/// Runs the script of a peer in a task, and returns the client's end of the connection.
pub fn spawn<P>(script: impl FnOnce(Peer) -> P) -> (DuplexStream, Script<P::Output>)
where
    P: Future<Output: Send> + Send + 'static,
{
    let (ours, theirs) = tokio::io::duplex(IN_FLIGHT);
    (
        ours,
        Script {
            task: Some(tokio::spawn(script(Peer::new(theirs)))),
        },
    )
}

/// The script of a peer that runs in a task. It must be waited for, by [`Script::done`].
#[derive(Debug)]
#[must_use = "a script that nobody waits for proves nothing"]
pub struct Script<T> {
    task: Option<JoinHandle<T>>,
}

impl<T> Script<T> {
    /// Waits until the script is done, and returns what it returns.
    ///
    /// # Panics
    /// With the panic of the script, if it had one.
    ///
    /// # Cancel safety
    /// Dropping the future ends the script.
    pub async fn done(mut self) -> T {
        let task = self.task.as_mut().expect("it is taken only below");
        let result = task.await;
        self.task = None;
        match result {
            Ok(output) => output,
            Err(e) => std::panic::resume_unwind(e.into_panic()),
        }
    }
}

/// Ends the script; panics if the test would pass without having waited for it.
impl<T> Drop for Script<T> {
    fn drop(&mut self) {
        let Some(task) = self.task.take() else { return };
        task.abort();
        assert!(
            std::thread::panicking(),
            "a peer's script was not waited for: call `done`"
        );
    }
}

fn show(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".to_owned(),
        n if n > SHOWN => format!("{:02x?} and {} bytes more", &bytes[..SHOWN], n - SHOWN),
        _ => format!("{bytes:02x?} {:?}", bytes.escape_ascii().to_string()),
    }
}

#[cfg(test)]
mod tests;
