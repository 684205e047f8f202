//! The cursor that all decoders read with.

use bytes::Bytes;

use crate::{DecodeError, DecodeErrorKind, varint};

/// A checked cursor over the bytes of one message.
///
/// Every read names its field; the name appears in the error. Reads past the end are errors, never panics: whether
/// more bytes could still come is decided before, by whoever split off the message.
///
/// A reader made [over `Bytes`](Self::over) hands out parts of them without a copy ([`Self::bytes`]).
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes of the message before `rest`, for error offsets.
    offset: usize,
    backing: Option<&'a Bytes>,
}

macro_rules! ints {
    ($($(#[$doc:meta])* $name:ident, $ty:ty, $from:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`DecodeErrorKind::UnexpectedEnd`] if too few bytes are left.
            #[inline]
            pub fn $name(&mut self, field: &'static str) -> Result<$ty, DecodeError> {
                Ok(<$ty>::$from(self.array(field)?))
            }
        )*
    };
}

impl<'a> Reader<'a> {
    /// Reads from `data`.
    #[inline]
    pub fn new(data: &'a [u8]) -> Self {
        Self {
            rest: data,
            offset: 0,
            backing: None,
        }
    }

    /// Reads from `data`, and hands out parts of it without a copy.
    #[inline]
    pub fn over(data: &'a Bytes) -> Self {
        Self {
            rest: data,
            offset: 0,
            backing: Some(data),
        }
    }

    /// Bytes read so far.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes not read yet.
    #[inline]
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Whether all is read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet; nothing is consumed.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte without consuming it.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// `n` bytes, borrowed.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left.
    #[inline]
    pub fn take(&mut self, field: &'static str, n: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(n) {
            Some((taken, rest)) => {
                self.rest = rest;
                self.offset = self.offset.wrapping_add(n); // cannot wrap: never beyond the slice's length
                Ok(taken)
            }
            None => Err(self.short(field, n)),
        }
    }

    /// `N` bytes by value.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                self.offset = self.offset.wrapping_add(N); // cannot wrap: never beyond the slice's length
                Ok(*taken)
            }
            None => Err(self.short(field, N)),
        }
    }

    /// `n` bytes that share memory with the message when the reader was made [over `Bytes`](Self::over); otherwise
    /// a copy.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left.
    #[inline]
    pub fn bytes(&mut self, field: &'static str, n: usize) -> Result<Bytes, DecodeError> {
        let taken = self.take(field, n)?;
        Ok(match self.backing {
            Some(all) => all.slice_ref(taken),
            None => Bytes::copy_from_slice(taken),
        })
    }

    /// `n` bytes of UTF-8, borrowed.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left, [`DecodeErrorKind::Utf8`] if they are not UTF-8.
    #[inline]
    pub fn str(&mut self, field: &'static str, n: usize) -> Result<&'a str, DecodeError> {
        let start = self.offset;
        let raw = self.take(field, n)?;
        std::str::from_utf8(raw).map_err(|e| {
            DecodeError::new(
                DecodeErrorKind::Utf8 {
                    valid_up_to: e.valid_up_to(),
                },
                field,
                start,
            )
        })
    }

    /// A reader of the next `n` bytes alone; this one goes on behind them. Offsets go on from the parent's.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left.
    #[inline]
    pub fn child(&mut self, field: &'static str, n: usize) -> Result<Self, DecodeError> {
        let offset = self.offset;
        let rest = self.take(field, n)?;
        Ok(Self {
            rest,
            offset,
            backing: self.backing,
        })
    }

    /// Passes over `n` bytes.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if fewer are left.
    #[inline]
    pub fn skip(&mut self, field: &'static str, n: usize) -> Result<(), DecodeError> {
        self.take(field, n).map(|_| ())
    }

    /// Demands that everything of `message` was read.
    ///
    /// # Errors
    /// [`DecodeErrorKind::TrailingBytes`] if something is left.
    #[inline]
    pub fn finish(&self, message: &'static str) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let left = to_u64(self.rest.len());
        Err(DecodeError::new(
            DecodeErrorKind::TrailingBytes { left },
            message,
            self.offset,
        ))
    }

    /// Accepts a count from the wire only if that many elements of at least `min_bytes` each can still follow.
    ///
    /// The result may size an allocation of elements whose memory is in proportion to `min_bytes`. With `min_bytes`
    /// of 0 (elements without a byte of their own) the count must be charged to a [`Budget`](crate::Budget) instead,
    /// and this returns an error for any count above 0.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] if the bytes left cannot hold so many, [`DecodeErrorKind::Invalid`] if the
    /// count is negative.
    #[inline]
    pub fn count(
        &self,
        field: &'static str,
        count: impl TryInto<u64>,
        min_bytes: usize,
    ) -> Result<usize, DecodeError> {
        let Ok(count) = count.try_into() else {
            return Err(DecodeError::invalid(
                field,
                self.offset,
                "is a negative count",
            ));
        };
        let needed = count.saturating_mul(to_u64(min_bytes));
        let fits = needed <= to_u64(self.rest.len()) && (min_bytes > 0 || count == 0);
        match usize::try_from(count) {
            Ok(count) if fits => Ok(count),
            _ => {
                let kind = DecodeErrorKind::UnexpectedEnd {
                    needed: needed.max(count),
                    left: to_u64(self.rest.len()),
                };
                Err(DecodeError::new(kind, field, self.offset))
            }
        }
    }

    /// A length from the wire as `usize`; negative lengths are errors.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Invalid`] if negative, [`DecodeErrorKind::UnexpectedEnd`] if more than is left.
    #[inline]
    pub fn length(&self, field: &'static str, n: impl TryInto<u64>) -> Result<usize, DecodeError> {
        self.count(field, n, 1)
    }

    ints! {
        /// One byte.
        u8, u8, from_be_bytes;
        /// One signed byte.
        i8, i8, from_be_bytes;
        /// Two bytes, big-endian, unsigned.
        u16_be, u16, from_be_bytes;
        /// Two bytes, little-endian, unsigned.
        u16_le, u16, from_le_bytes;
        /// Two bytes, big-endian.
        i16_be, i16, from_be_bytes;
        /// Two bytes, little-endian.
        i16_le, i16, from_le_bytes;
        /// Four bytes, big-endian, unsigned.
        u32_be, u32, from_be_bytes;
        /// Four bytes, little-endian, unsigned.
        u32_le, u32, from_le_bytes;
        /// Four bytes, big-endian.
        i32_be, i32, from_be_bytes;
        /// Four bytes, little-endian.
        i32_le, i32, from_le_bytes;
        /// Eight bytes, big-endian, unsigned.
        u64_be, u64, from_be_bytes;
        /// Eight bytes, little-endian, unsigned.
        u64_le, u64, from_le_bytes;
        /// Eight bytes, big-endian.
        i64_be, i64, from_be_bytes;
        /// Eight bytes, little-endian.
        i64_le, i64, from_le_bytes;
        /// Sixteen bytes, big-endian, unsigned.
        u128_be, u128, from_be_bytes;
        /// Sixteen bytes, little-endian, unsigned.
        u128_le, u128, from_le_bytes;
        /// IEEE 754 single, big-endian.
        f32_be, f32, from_be_bytes;
        /// IEEE 754 single, little-endian.
        f32_le, f32, from_le_bytes;
        /// IEEE 754 double, big-endian.
        f64_be, f64, from_be_bytes;
        /// IEEE 754 double, little-endian.
        f64_le, f64, from_le_bytes;
    }

    /// An unsigned LEB128 number of at most 64 bits.
    ///
    /// # Errors
    /// [`DecodeErrorKind::UnexpectedEnd`] in the middle; [`DecodeErrorKind::Invalid`] if overlong or above 64 bits.
    #[inline]
    pub fn leb128(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        let before = *self;
        varint::read_leb128(self, field).inspect_err(|_| *self = before)
    }

    /// The error of a field of `needed` bytes that does not fit any more.
    #[cold]
    pub fn short(&self, field: &'static str, needed: usize) -> DecodeError {
        let kind = DecodeErrorKind::UnexpectedEnd {
            needed: to_u64(needed),
            left: to_u64(self.rest.len()),
        };
        DecodeError::new(kind, field, self.offset)
    }

    /// The error of a field that was just read, `width` bytes ago, and has a value that is not allowed.
    #[cold]
    pub fn invalid(
        &self,
        field: &'static str,
        width: usize,
        what: impl Into<std::borrow::Cow<'static, str>>,
    ) -> DecodeError {
        DecodeError::invalid(field, self.offset.saturating_sub(width), what)
    }
}

impl Copy for Reader<'_> {}

/// `usize` is at most 64 bits wide on every target of Rust.
#[inline]
fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_endians_and_names_what_is_missing() {
        let mut r = Reader::new(&[1, 0, 2, 2, 0, 0xff, 0xff, 0xff, 0xfe, 9]);
        assert_eq!(r.u8("a").unwrap(), 1);
        assert_eq!(r.u16_be("b").unwrap(), 2);
        assert_eq!(r.u16_le("c").unwrap(), 2);
        assert_eq!(r.i32_be("d").unwrap(), -2);
        let error = r.i64_be("e").unwrap_err();
        assert_eq!(
            error.to_string(),
            "e: needs 8 bytes but 1 is left (at byte 9)"
        );
        assert_eq!(r.left(), 1, "a failed read consumes nothing");
        assert!(r.finish("M").is_err());
    }

    #[test]
    fn a_child_ends_where_it_was_told_to_and_counts_offsets_from_the_parent() {
        let data = Bytes::from_static(b"\x01abcd");
        let mut r = Reader::over(&data);
        r.u8("a").unwrap();
        let mut child = r.child("part", 2).unwrap();
        let part = child.bytes("x", 2).unwrap();
        assert_eq!(part.as_ptr(), data[1..].as_ptr(), "no copy");
        let error = child.u8("y").unwrap_err();
        assert_eq!((error.offset(), r.left()), (3, 2));
    }

    #[test]
    fn a_count_must_be_possible() {
        let r = Reader::new(&[0; 12]);
        assert_eq!(r.count("n", 3_i32, 4).unwrap(), 3);
        assert!(r.count("n", 4_i32, 4).is_err());
        assert!(r.count("n", -1_i32, 4).is_err());
        assert!(r.count("n", u64::MAX, 8).is_err());
        assert!(r.count("n", 1_u64, 0).is_err());
        assert_eq!(r.count("n", 0_u64, 0).unwrap(), 0);
    }

    #[test]
    fn text_must_be_utf8() {
        let error = Reader::new(b"ok\xffno").str("name", 5).unwrap_err();
        assert_eq!(
            error.to_string(),
            "name: is not UTF-8 after 2 bytes (at byte 0)"
        );
    }
}
