//! A stream that is cut, delayed and broken by a plan.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What happens to the operations of one direction of a [`ChoppedIo`].
#[derive(Debug, Clone)]
pub struct Chops {
    /// Most bytes of successive operations, over and over; empty for no bound.
    sizes: Vec<usize>,
    pending: bool,
    fault: Option<(u64, Fault)>,
}

/// How a direction breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Operations succeed with 0 bytes for ever: the end of the stream when reading, `WriteZero` when writing.
    Zero,
    /// Operations fail with `ConnectionReset` for ever.
    Reset,
}

impl Chops {
    /// Nothing is cut.
    pub fn none() -> Self {
        Self::cycle([])
    }

    /// No operation moves more than `size` bytes.
    ///
    /// # Panics
    /// If `size` is 0.
    pub fn every(size: usize) -> Self {
        Self::cycle([size])
    }

    /// Successive operations move no more bytes than these numbers say, over and over.
    ///
    /// # Panics
    /// If one of them is 0: that is [`Fault::Zero`].
    pub fn cycle(sizes: impl IntoIterator<Item = usize>) -> Self {
        let sizes: Vec<_> = sizes.into_iter().collect();
        assert!(!sizes.contains(&0), "an operation of 0 bytes is a fault");
        Self {
            sizes,
            pending: false,
            fault: None,
        }
    }

    /// Before each operation, `Pending` is returned once, and the task is woken at once.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.pending = true;
        self
    }

    /// After `bytes` bytes in this direction comes `fault`.
    #[must_use]
    pub fn then(mut self, bytes: u64, fault: Fault) -> Self {
        self.fault = Some((bytes, fault));
        self
    }
}

/// A stream whose reads and writes are cut by [`Chops`].
#[derive(Debug)]
pub struct ChoppedIo<T> {
    inner: T,
    read: Direction,
    write: Direction,
}

#[derive(Debug)]
struct Direction {
    chops: Chops,
    operations: usize,
    moved: u64,
    /// Whether this operation had its `Pending`.
    delayed: bool,
}

impl<T> ChoppedIo<T> {
    /// Cuts what is read from `inner` and what is written to it.
    pub fn new(inner: T, read: Chops, write: Chops) -> Self {
        Self {
            inner,
            read: Direction::new(read),
            write: Direction::new(write),
        }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read.moved
    }

    /// Bytes written so far.
    pub fn bytes_written(&self) -> u64 {
        self.write.moved
    }
}

impl Direction {
    fn new(chops: Chops) -> Self {
        Self {
            chops,
            operations: 0,
            moved: 0,
            delayed: false,
        }
    }

    /// The most bytes that this operation may move; 0 is the end.
    fn room(&mut self, cx: &Context<'_>) -> Poll<io::Result<usize>> {
        if self.chops.pending && !self.delayed {
            self.delayed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let size = match self.chops.sizes.len() {
            0 => usize::MAX,
            n => self.chops.sizes[self.operations % n],
        };
        let Some((after, fault)) = self.chops.fault else {
            return Poll::Ready(Ok(size));
        };
        let left = after.saturating_sub(self.moved);
        if left == 0 && fault == Fault::Reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(size.min(usize::try_from(left).unwrap_or(usize::MAX))))
    }

    fn done(&mut self, n: usize) {
        self.operations += 1;
        self.moved += u64::try_from(n).unwrap_or(u64::MAX);
        self.delayed = false;
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ChoppedIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let n = ready!(this.read.room(cx))?.min(buf.remaining());
        if n > 0 {
            let mut part = ReadBuf::new(buf.initialize_unfilled_to(n));
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
            let n = part.filled().len();
            buf.advance(n);
            this.read.done(n);
        } else {
            this.read.done(0);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for ChoppedIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let n = ready!(this.write.room(cx))?.min(data.len());
        let n = match n {
            0 => 0,
            n => ready!(Pin::new(&mut this.inner).poll_write(cx, &data[..n]))?,
        };
        this.write.done(n);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::block_on;

    async fn reads(chops: Chops) -> (Vec<usize>, io::Result<usize>) {
        let mut io = ChoppedIo::new(&b"0123456789"[..], chops, Chops::none());
        let mut sizes = Vec::new();
        let mut buf = [0; 64];
        loop {
            match io.read(&mut buf).await {
                Ok(n) if n > 0 => sizes.push(n),
                end => return (sizes, end),
            }
        }
    }

    #[test]
    fn reads_are_cut_as_planned() {
        block_on(async {
            assert_eq!(reads(Chops::none()).await.0, [10]);
            assert_eq!(reads(Chops::every(1)).await.0, [1; 10]);
            assert_eq!(
                reads(Chops::cycle([3, 1]).pending()).await.0,
                [3, 1, 3, 1, 2]
            );
            let (sizes, end) = reads(Chops::every(3).then(5, Fault::Zero)).await;
            assert_eq!((sizes, end.unwrap()), (vec![3, 2], 0));
            let (sizes, end) = reads(Chops::none().then(0, Fault::Reset)).await;
            assert_eq!(
                (sizes, end.unwrap_err().kind()),
                (vec![], io::ErrorKind::ConnectionReset)
            );
        });
    }

    #[test]
    fn writes_are_cut_as_planned() {
        block_on(async {
            let write = |chops| async move {
                let mut io = ChoppedIo::new(Vec::new(), Chops::none(), chops);
                let end = io.write_all(b"0123456789").await.map_err(|e| e.kind());
                (io.write.operations, io.bytes_written(), io.inner, end)
            };
            let whole = b"0123456789".to_vec();
            assert_eq!(write(Chops::none()).await, (1, 10, whole.clone(), Ok(())));
            assert_eq!(
                write(Chops::every(4).pending()).await,
                (3, 10, whole, Ok(()))
            );
            let zero = write(Chops::every(2).then(3, Fault::Zero)).await;
            assert_eq!((zero.1, zero.3), (3, Err(io::ErrorKind::WriteZero)));
            let reset = write(Chops::none().then(9, Fault::Reset)).await;
            assert_eq!(
                (reset.2, reset.3),
                (b"012345678".to_vec(), Err(io::ErrorKind::ConnectionReset))
            );
        });
    }

    /// The `Pending` comes once for each operation, and the wait for the other side is not counted as one.
    #[test]
    fn a_delayed_operation_is_pending_once() {
        let (ours, theirs) = tokio::io::duplex(64);
        let mut io = ChoppedIo::new(ours, Chops::none().pending(), Chops::none().pending());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut io).poll_write(&mut cx, b"a").is_pending());
        assert!(Pin::new(&mut io).poll_write(&mut cx, b"a").is_ready());
        assert!(Pin::new(&mut io).poll_write(&mut cx, b"a").is_pending());
        drop(theirs);
    }
}
