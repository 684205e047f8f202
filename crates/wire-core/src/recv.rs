//! The receive buffer of a connection.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes that arrived and are not consumed yet. Complete frames are split off as [`Bytes`] without a copy.
///
/// It grows with what arrives, never with what a header announces.
#[derive(Debug)]
pub struct RecvBuf {
    data: BytesMut,
    next_read: usize,
    small_reads: u32,
    consumed: u64,
}

/// The size of the first chunk, and what an idle connection keeps: hundreds of idle connections stay cheap.
const MIN_READ: usize = 16 * 1024;
/// Most bytes asked from the socket at once: larger reads no longer save system calls that matter.
const MAX_READ: usize = 256 * 1024;
/// Reads in a row that fill less than a quarter before the next is made smaller.
const SMALL_READS_BEFORE_SHRINKING: u32 = 16;

impl RecvBuf {
    /// An empty buffer; allocates nothing.
    pub fn new() -> Self {
        Self {
            data: BytesMut::new(),
            next_read: MIN_READ,
            small_reads: 0,
            consumed: 0,
        }
    }

    /// What is there, not consumed.
    #[inline]
    pub fn filled(&self) -> &[u8] {
        &self.data
    }

    /// How many bytes are there.
    #[inline]
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether nothing is there.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Bytes consumed since the connection began: the offset of the first byte of [`Self::filled`] in the stream.
    #[inline]
    pub fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Consumes `n` bytes and returns them without a copy; `None` if fewer are there.
    ///
    /// They share their chunk, of 16 to 256 KiB, with what arrived beside them, and keep all of it alive. Who keeps a
    /// small answer for long keeps a copy of it: a copy of each answer would be an allocation for each.
    #[inline]
    pub fn take(&mut self, n: usize) -> Option<Bytes> {
        if n > self.data.len() {
            return None;
        }
        self.count(n);
        Some(self.data.split_to(n).freeze())
    }

    /// Consumes `n` bytes, or all if fewer are there.
    #[inline]
    pub fn advance(&mut self, n: usize) {
        let n = n.min(self.data.len());
        self.count(n);
        self.data.advance(n);
    }

    /// Appends bytes that arrived by other means than a socket: tests, and handshakes that read too far.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
    }

    /// Makes room for the next read and returns the buffer to read into. Call [`Self::read_done`] after it.
    ///
    /// A chunk is used until less than a quarter of a read fits: frames that were split off keep it alive, so a new
    /// one for each read would be an allocation for each answer.
    pub fn for_read(&mut self) -> &mut BytesMut {
        let spare = self.data.capacity().saturating_sub(self.data.len());
        if spare < self.next_read / 4 {
            self.data.reserve(self.next_read);
        }
        &mut self.data
    }

    /// Learns from a read of `n` bytes how large the next one should be.
    pub fn read_done(&mut self, n: usize) {
        if self.data.len() == self.data.capacity() {
            // The read filled all there was: more was probably waiting.
            self.next_read = self.next_read.saturating_mul(2).min(MAX_READ);
            self.small_reads = 0;
        } else if n < self.next_read / 4 {
            self.small_reads = self.small_reads.saturating_add(1);
            if self.small_reads >= SMALL_READS_BEFORE_SHRINKING {
                self.next_read = (self.next_read / 2).max(MIN_READ);
                self.small_reads = 0;
            }
        } else {
            self.small_reads = 0;
        }
    }

    /// Whether it holds, or is about to ask for, more memory than an idle connection needs.
    pub fn is_grown(&self) -> bool {
        self.next_read > MIN_READ || self.data.capacity() > MIN_READ
    }

    /// Gives back memory that an idle connection does not need.
    pub fn shrink(&mut self) {
        if self.data.is_empty() {
            self.data = BytesMut::new();
            self.next_read = MIN_READ;
            self.small_reads = 0;
        }
    }

    #[inline]
    fn count(&mut self, n: usize) {
        self.consumed = self.consumed.wrapping_add(u64::try_from(n).unwrap_or(0));
    }
}

impl Default for RecvBuf {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_split_off_without_a_copy() {
        let mut buf = RecvBuf::new();
        buf.extend_from_slice(b"abcdef");
        let at = buf.filled().as_ptr();
        assert_eq!(buf.take(7), None);
        let frame = buf.take(2).unwrap();
        assert_eq!(frame.as_ptr(), at);
        buf.advance(1);
        assert_eq!((buf.filled(), buf.consumed()), (&b"def"[..], 3));
        buf.advance(100);
        assert!(buf.is_empty());
    }

    #[test]
    fn reads_grow_with_what_arrives_and_shrink_again() {
        let mut buf = RecvBuf::new();
        for _ in 0..20 {
            let room = buf.for_read().capacity() - buf.len();
            buf.extend_from_slice(&vec![0; room]);
            buf.read_done(room);
            buf.advance(room);
        }
        assert_eq!(buf.next_read, MAX_READ);
        assert!(buf.is_grown());
        buf.for_read();
        for _ in 0..1000 {
            buf.read_done(10);
        }
        assert_eq!(buf.next_read, MIN_READ);
    }
}
