//! A peer in memory, so that only the client's work is counted.

use std::cmp;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose other end is a function: it takes complete requests off the front of what was written, returns how
/// many bytes they were, and appends their answers.
#[derive(Debug)]
pub struct Memory<F> {
    answer: F,
    written: Vec<u8>,
    answers: Vec<u8>,
    read: usize,
    reader: Option<Waker>,
}

impl<F: FnMut(&[u8], &mut Vec<u8>) -> usize> Memory<F> {
    /// A stream that `answer` is behind.
    pub fn new(answer: F) -> Self {
        Self {
            answer,
            written: Vec::new(),
            answers: Vec::new(),
            read: 0,
            reader: None,
        }
    }
}

/// Sends back what comes.
#[must_use]
pub fn echo() -> Memory<impl FnMut(&[u8], &mut Vec<u8>) -> usize + Send + Unpin> {
    Memory::new(|requests: &[u8], answers: &mut Vec<u8>| {
        answers.extend_from_slice(requests);
        requests.len()
    })
}

impl<F: FnMut(&[u8], &mut Vec<u8>) -> usize + Unpin> AsyncWrite for Memory<F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.written.extend_from_slice(buf);
        let taken = (this.answer)(&this.written, &mut this.answers);
        this.written.drain(..taken);
        if let Some(reader) = this.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl<F: Unpin> AsyncRead for Memory<F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n = cmp::min(buf.remaining(), self.answers.len() - self.read);
        if n == 0 {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let start = self.read;
        buf.put_slice(&self.answers[start..start + n]);
        self.read += n;
        if self.read == self.answers.len() {
            self.answers.clear();
            self.read = 0;
        }
        Poll::Ready(Ok(()))
    }
}
