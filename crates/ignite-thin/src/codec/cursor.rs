//! The two cursors that messages and values are written and read with.

use bytes::Bytes;
use wire_core::{Prefix, Reader, Writer};

use crate::Error;
use crate::error::{unwritable, wire};
use crate::limits::Limits;

/// Writes values and messages, little-endian, at the end of a buffer.
///
/// Types outside this crate implement [`Encode`](crate::Encode) by handing their parts to the implementations here.
#[derive(Debug)]
pub struct Encoder<'a> {
    out: Writer<'a>,
    depth_left: u32,
}

macro_rules! write_ints {
    ($($name:ident($ty:ty) = $to:ident;)*) => {
        $(
            #[inline]
            pub(crate) fn $name(&mut self, value: $ty) {
                self.out.$to(value);
            }
        )*
    };
}

impl<'a> Encoder<'a> {
    /// Appends to `out`; what is there already stays.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self::over(Writer::new(out))
    }

    pub(crate) fn over(out: Writer<'a>) -> Self {
        Self {
            out,
            depth_left: Limits::MAX_DEPTH,
        }
    }

    write_ints! {
        u8(u8) = u8;
        i8(i8) = i8;
        i16(i16) = i16_le;
        u16(u16) = u16_le;
        i32(i32) = i32_le;
        i64(i64) = i64_le;
        f32(f32) = f32_le;
        f64(f64) = f64_le;
    }

    #[inline]
    pub(crate) fn bool(&mut self, value: bool) {
        self.out.u8(u8::from(value));
    }

    /// Bytes as they are.
    #[inline]
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.put(bytes);
    }

    /// The number of elements or bytes that follow, as an `i32`.
    #[inline]
    pub(crate) fn count(&mut self, field: &'static str, n: usize) -> Result<(), Error> {
        self.out.length(Prefix::I32Le, field, n).map_err(unwritable)
    }

    /// Bytes with their number before them.
    #[inline]
    pub(crate) fn counted(&mut self, field: &'static str, bytes: &[u8]) -> Result<(), Error> {
        self.out
            .prefixed_bytes(Prefix::I32Le, field, bytes)
            .map_err(unwritable)
    }

    /// Goes one level deeper; [`Self::leave`] comes back. Not a closure: values nest by recursion, and each frame of
    /// the stack counts.
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        let Some(deeper) = self.depth_left.checked_sub(1) else {
            let max = u64::from(Limits::MAX_DEPTH);
            return Err(unwritable(wire_core::EncodeError::too_long(
                "nesting of collections",
                max,
                max.saturating_add(1),
            )));
        };
        self.depth_left = deeper;
        Ok(())
    }

    /// Comes back from [`Self::enter`].
    pub(crate) fn leave(&mut self) {
        self.depth_left = self.depth_left.saturating_add(1);
    }

    /// The byte that was written first since `start`, a former [`Self::position`].
    #[inline]
    pub(crate) fn first_since(&mut self, start: usize) -> Option<u8> {
        self.out.buffer().get(start).copied()
    }

    /// Bytes in the buffer.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.out.position()
    }
}

/// Reads values and messages, little-endian. Nothing it does can read past the end, allocate by a count that the
/// bytes do not bear out, or nest deeper than [`Limits::max_depth`].
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    r: Reader<'a>,
    depth_left: u32,
    max_depth: u32,
}

macro_rules! read_ints {
    ($($name:ident -> $ty:ty = $from:ident;)*) => {
        $(
            #[inline]
            pub(crate) fn $name(&mut self, field: &'static str) -> Result<$ty, Error> {
                self.r.$from(field).map_err(wire)
            }
        )*
    };
}

impl<'a> Decoder<'a> {
    /// Reads from `data`; binary values and objects share its memory.
    pub fn new(data: &'a Bytes, limits: &Limits) -> Self {
        Self {
            r: Reader::over(data),
            depth_left: limits.max_depth,
            max_depth: limits.max_depth,
        }
    }

    read_ints! {
        u8 -> u8 = u8;
        i8 -> i8 = i8;
        i16 -> i16 = i16_le;
        u16 -> u16 = u16_le;
        i32 -> i32 = i32_le;
        i64 -> i64 = i64_le;
        f32 -> f32 = f32_le;
        f64 -> f64 = f64_le;
    }

    /// A byte that must be 0 or 1.
    #[inline]
    pub(crate) fn bool(&mut self, field: &'static str) -> Result<bool, Error> {
        match self.u8(field)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.invalid(field, 1, format!("is {other}, expected 0 or 1"))),
        }
    }

    /// Bytes read so far.
    pub fn offset(&self) -> usize {
        self.r.offset()
    }

    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.r.is_empty()
    }

    /// Demands that everything of `message` was read.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if bytes are left.
    pub fn finish(&self, message: &'static str) -> Result<(), Error> {
        self.r.finish(message).map_err(wire)
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.r.peek()
    }

    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.r.left()
    }

    /// The bytes that are not read yet; nothing is consumed.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.r.rest()
    }

    #[inline]
    pub(crate) fn take(&mut self, field: &'static str, n: usize) -> Result<&'a [u8], Error> {
        self.r.take(field, n).map_err(wire)
    }

    #[inline]
    pub(crate) fn str(&mut self, field: &'static str, n: usize) -> Result<&'a str, Error> {
        self.r.str(field, n).map_err(wire)
    }

    /// `n` bytes that share memory with the message.
    #[inline]
    pub(crate) fn bytes(&mut self, field: &'static str, n: usize) -> Result<Bytes, Error> {
        self.r.bytes(field, n).map_err(wire)
    }

    /// An `i32` count of elements that take at least `min_bytes` each.
    #[inline]
    pub(crate) fn count(&mut self, field: &'static str, min_bytes: usize) -> Result<usize, Error> {
        let n = self.i32(field)?;
        self.r.count(field, n, min_bytes).map_err(wire)
    }

    /// `count` elements of `width` bytes each, as one slice.
    #[inline]
    pub(crate) fn block(
        &mut self,
        field: &'static str,
        count: usize,
        width: usize,
    ) -> Result<&'a [u8], Error> {
        // `count` came through `Self::count`, so the product is at most what is left; saturating keeps that honest.
        self.take(field, count.saturating_mul(width))
    }

    /// Goes one level deeper; [`Self::leave`] comes back, unless an error ends the reading.
    #[inline]
    pub(crate) fn enter(&mut self, field: &'static str) -> Result<(), Error> {
        match self.depth_left.checked_sub(1) {
            Some(deeper) => {
                self.depth_left = deeper;
                Ok(())
            }
            None => Err(self.too_deep(field)),
        }
    }

    /// Comes back from [`Self::enter`].
    #[inline]
    pub(crate) fn leave(&mut self) {
        self.depth_left = self.depth_left.saturating_add(1);
    }

    #[cold]
    fn too_deep(&self, field: &'static str) -> Error {
        let max = u64::from(self.max_depth);
        let actual = max.saturating_add(1);
        wire(wire_core::DecodeError::limit(
            field,
            self.r.offset(),
            "max_depth",
            max,
            actual,
        ))
    }

    /// The error of a field that was just read, `width` bytes ago.
    #[cold]
    pub(crate) fn invalid(&self, field: &'static str, width: usize, what: String) -> Error {
        wire(self.r.invalid(field, width, what))
    }
}
