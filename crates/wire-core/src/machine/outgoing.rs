//! Bytes on their way out.

#[cfg(any(feature = "net", test))]
use std::io::IoSlice;

use bytes::Bytes;

use crate::Writer;

/// Bytes to be written, in order: small ones gathered in one buffer, large ones as segments that are not copied.
#[derive(Debug, Default)]
pub struct Outgoing {
    buf: Vec<u8>,
    /// Segments, each with the length of `buf` when it was added: it goes out behind those bytes.
    segments: Vec<(usize, Bytes)>,
    segment_bytes: usize,
}

/// How far an [`Outgoing`] is written.
#[cfg(any(feature = "net", test))]
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    buf: usize,
    segment: usize,
    in_segment: usize,
}

/// Kept when a buffer is empty again; what a burst needed beyond it is given back.
const KEPT_CAPACITY: usize = 64 * 1024;

/// Where to go back to when encoding fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    buf: usize,
    segments: usize,
    segment_bytes: usize,
}

impl Outgoing {
    /// A writer that appends.
    #[inline]
    pub fn writer(&mut self) -> Writer<'_> {
        Writer::new(&mut self.buf)
    }

    /// The buffer that small messages are gathered in; append only.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buf
    }

    /// Appends `bytes` without copying them; worth it from some ten kilobytes.
    pub fn segment(&mut self, bytes: Bytes) {
        self.segment_bytes = self.segment_bytes.saturating_add(bytes.len());
        self.segments.push((self.buf.len(), bytes));
    }

    /// Bytes in it.
    #[inline]
    pub fn len(&self) -> usize {
        self.buf.len().saturating_add(self.segment_bytes)
    }

    /// Whether it holds nothing.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty() && self.segments.is_empty()
    }

    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            buf: self.buf.len(),
            segments: self.segments.len(),
            segment_bytes: self.segment_bytes,
        }
    }

    #[inline]
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.buf.truncate(mark.buf);
        self.segments.truncate(mark.segments);
        self.segment_bytes = mark.segment_bytes;
    }

    pub(crate) fn clear(&mut self) {
        self.buf.clear();
        self.buf.shrink_to(KEPT_CAPACITY);
        self.segments.clear();
        self.segment_bytes = 0;
    }

    /// Fills `slices` with what is not written yet and returns how many it filled.
    #[cfg(any(feature = "net", test))]
    pub(crate) fn unwritten<'a>(&'a self, cursor: &Cursor, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0_usize;
        let mut buf_at = cursor.buf;
        let mut in_segment = cursor.in_segment;
        let mut segments = self.segments.iter().skip(cursor.segment);
        let mut slots = slices.iter_mut();
        loop {
            let segment = segments.next();
            let buf_end = segment.map_or(self.buf.len(), |(at, _)| *at);
            let run = self.buf.get(buf_at..buf_end).unwrap_or(&[]);
            let tail = segment
                .and_then(|(_, bytes)| bytes.get(in_segment..))
                .unwrap_or(&[]);
            for part in [run, tail] {
                if part.is_empty() {
                    continue;
                }
                let Some(slot) = slots.next() else {
                    return filled;
                };
                *slot = IoSlice::new(part);
                filled = filled.saturating_add(1);
            }
            if segment.is_none() {
                return filled;
            }
            buf_at = buf_end;
            in_segment = 0;
        }
    }
}

#[cfg(any(feature = "net", test))]
impl Cursor {
    /// Goes `n` written bytes further.
    pub(crate) fn advance(&mut self, out: &Outgoing, mut n: usize) {
        while n > 0 {
            let segment = out.segments.get(self.segment);
            let buf_end = segment.map_or(out.buf.len(), |(at, _)| *at);
            let step = n.min(buf_end.saturating_sub(self.buf));
            self.buf = self.buf.saturating_add(step);
            n = n.saturating_sub(step);
            let Some((_, bytes)) = segment else { return };
            let step = n.min(bytes.len().saturating_sub(self.in_segment));
            self.in_segment = self.in_segment.saturating_add(step);
            n = n.saturating_sub(step);
            if self.in_segment == bytes.len() {
                self.segment = self.segment.saturating_add(1);
                self.in_segment = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Outgoing {
        let mut out = Outgoing::default();
        out.segment(Bytes::from_static(b"AB"));
        out.buffer().extend_from_slice(b"cde");
        out.segment(Bytes::from_static(b"FGH"));
        out.segment(Bytes::from_static(b"I"));
        out.buffer().extend_from_slice(b"j");
        out
    }

    /// Writes with every step size and every number of slices; the bytes come out in order each time.
    #[test]
    fn any_cut_writes_the_same_bytes() {
        for step in 1..=10 {
            for slots in 1..=6 {
                let out = sample();
                let (mut cursor, mut written) = (Cursor::default(), Vec::new());
                loop {
                    let mut slices = vec![IoSlice::new(&[]); slots];
                    let filled = out.unwritten(&cursor, &mut slices);
                    let flat: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
                    if flat.is_empty() {
                        break;
                    }
                    let n = flat.len().min(step);
                    written.extend_from_slice(&flat[..n]);
                    cursor.advance(&out, n);
                }
                assert_eq!(written, b"ABcdeFGHIj", "step {step}, {slots} slices");
            }
        }
    }

    #[test]
    fn rewinding_takes_everything_back() {
        let mut out = sample();
        let (mark, len) = (out.mark(), out.len());
        out.buffer().extend_from_slice(b"xyz");
        out.segment(Bytes::from_static(b"more"));
        out.rewind(mark);
        assert_eq!((out.len(), len), (10, 10));
        assert_eq!(out.segments.len(), 3);
    }
}
