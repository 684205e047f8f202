//! The cursor that all encoders write with.

use crate::{EncodeError, varint};

/// Appends to a byte buffer. Length prefixes are filled in by [`Self::prefixed`] once the length is known; nothing
/// else writes them.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

/// The form of a length prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// Two bytes, big-endian, up to 65,535.
    U16Be,
    /// Four bytes, big-endian, signed: up to 2³¹ - 1.
    I32Be,
    /// Four bytes, little-endian, signed: up to 2³¹ - 1.
    I32Le,
}

macro_rules! ints {
    ($($(#[$doc:meta])* $name:ident, $ty:ty, $to:ident;)*) => {
        $(
            $(#[$doc])*
            #[inline]
            pub fn $name(&mut self, value: $ty) {
                self.out.extend_from_slice(&value.$to());
            }
        )*
    };
}

impl<'a> Writer<'a> {
    /// Appends to `out`; what is there already stays.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// The same buffer for a callee.
    #[inline]
    pub fn reborrow(&mut self) -> Writer<'_> {
        Writer { out: self.out }
    }

    /// Bytes in the buffer, including those from before this writer.
    #[inline]
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// The buffer itself, for callers that fill it in bulk. They may only append.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Appends raw bytes.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    ints! {
        /// One byte.
        u8, u8, to_be_bytes;
        /// One signed byte.
        i8, i8, to_be_bytes;
        /// Two bytes, big-endian, unsigned.
        u16_be, u16, to_be_bytes;
        /// Two bytes, little-endian, unsigned.
        u16_le, u16, to_le_bytes;
        /// Two bytes, big-endian.
        i16_be, i16, to_be_bytes;
        /// Two bytes, little-endian.
        i16_le, i16, to_le_bytes;
        /// Four bytes, big-endian, unsigned.
        u32_be, u32, to_be_bytes;
        /// Four bytes, little-endian, unsigned.
        u32_le, u32, to_le_bytes;
        /// Four bytes, big-endian.
        i32_be, i32, to_be_bytes;
        /// Four bytes, little-endian.
        i32_le, i32, to_le_bytes;
        /// Eight bytes, big-endian, unsigned.
        u64_be, u64, to_be_bytes;
        /// Eight bytes, little-endian, unsigned.
        u64_le, u64, to_le_bytes;
        /// Eight bytes, big-endian.
        i64_be, i64, to_be_bytes;
        /// Eight bytes, little-endian.
        i64_le, i64, to_le_bytes;
        /// Sixteen bytes, big-endian, unsigned.
        u128_be, u128, to_be_bytes;
        /// Sixteen bytes, little-endian, unsigned.
        u128_le, u128, to_le_bytes;
        /// IEEE 754 single, big-endian.
        f32_be, f32, to_be_bytes;
        /// IEEE 754 single, little-endian.
        f32_le, f32, to_le_bytes;
        /// IEEE 754 double, big-endian.
        f64_be, f64, to_be_bytes;
        /// IEEE 754 double, little-endian.
        f64_le, f64, to_le_bytes;
    }

    /// An unsigned LEB128 number.
    #[inline]
    pub fn leb128(&mut self, value: u64) {
        varint::write_leb128(self, value);
    }

    /// Writes what `body` writes, with its length in bytes before it. The prefix does not count itself.
    ///
    /// While `body` runs, the prefix holds all ones, which no peer takes for a length. If `body` fails, or the length
    /// does not fit, everything written here is taken back.
    ///
    /// # Errors
    /// The error of `body`, or [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong).
    #[inline]
    pub fn prefixed<E: From<EncodeError>>(
        &mut self,
        prefix: Prefix,
        field: &'static str,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.out.len();
        match prefix.width() {
            2 => self.put(&[0xff; 2]),
            _ => self.put(&[0xff; 4]),
        }
        let body_start = self.out.len();
        let result = body(&mut self.reborrow()).and_then(|()| {
            let len = self.out.len().saturating_sub(body_start);
            self.patch(prefix, field, start, len).map_err(E::from)
        });
        if result.is_err() {
            self.out.truncate(start);
        }
        result
    }

    #[inline]
    fn patch(
        &mut self,
        prefix: Prefix,
        field: &'static str,
        start: usize,
        len: usize,
    ) -> Result<(), EncodeError> {
        let bytes = prefix.bytes(field, len)?;
        let width = prefix.width();
        for (slot, byte) in self
            .out
            .iter_mut()
            .skip(start)
            .zip(bytes.into_iter().take(width))
        {
            *slot = byte;
        }
        Ok(())
    }

    /// Writes `bytes` with their length before them.
    ///
    /// # Errors
    /// [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong) if the prefix cannot say the length; nothing is
    /// written then.
    #[inline]
    pub fn prefixed_bytes(
        &mut self,
        prefix: Prefix,
        field: &'static str,
        bytes: &[u8],
    ) -> Result<(), EncodeError> {
        self.length(prefix, field, bytes.len())?;
        self.put(bytes);
        Ok(())
    }

    /// Writes a length or a count in the form of `prefix`.
    ///
    /// # Errors
    /// [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong) if the prefix cannot say it.
    #[inline]
    pub fn length(
        &mut self,
        prefix: Prefix,
        field: &'static str,
        len: usize,
    ) -> Result<(), EncodeError> {
        let bytes = prefix.bytes(field, len)?;
        match prefix.width() {
            2 => {
                let [a, b, ..] = bytes;
                self.put(&[a, b]);
            }
            _ => self.put(&bytes),
        }
        Ok(())
    }
}

impl Prefix {
    /// Bytes that the prefix takes.
    #[inline]
    pub const fn width(self) -> usize {
        match self {
            Self::U16Be => 2,
            Self::I32Be | Self::I32Le => 4,
        }
    }

    /// The prefix for `len`, left-aligned in four bytes.
    #[inline]
    fn bytes(self, field: &'static str, len: usize) -> Result<[u8; 4], EncodeError> {
        let too_long = |limit: u64| {
            EncodeError::too_long(field, limit, u64::try_from(len).unwrap_or(u64::MAX))
        };
        match self {
            Self::U16Be => {
                let [a, b] = u16::try_from(len)
                    .map_err(|_| too_long(65_535))?
                    .to_be_bytes();
                Ok([a, b, 0, 0])
            }
            Self::I32Be => Ok(i32::try_from(len)
                .map_err(|_| too_long(0x7fff_ffff))?
                .to_be_bytes()),
            Self::I32Le => Ok(i32::try_from(len)
                .map_err(|_| too_long(0x7fff_ffff))?
                .to_le_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_counts_what_follows() {
        let mut out = vec![7];
        let mut w = Writer::new(&mut out);
        w.prefixed::<EncodeError>(Prefix::I32Be, "body", |w| {
            w.u8(1);
            w.prefixed(Prefix::U16Be, "inner", |w| {
                w.put(b"ab");
                Ok(())
            })
        })
        .unwrap();
        w.prefixed_bytes(Prefix::I32Le, "tail", b"z").unwrap();
        assert_eq!(out, [7, 0, 0, 0, 5, 1, 0, 2, b'a', b'b', 1, 0, 0, 0, b'z']);
    }

    #[test]
    fn what_does_not_fit_leaves_no_trace() {
        let mut out = vec![7];
        let mut w = Writer::new(&mut out);
        let error = w
            .prefixed::<EncodeError>(Prefix::U16Be, "name", |w| {
                w.put(&[0; 65_536]);
                Ok(())
            })
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "name: 65536 is more than the 65535 that the protocol can say"
        );
        assert!(
            w.prefixed_bytes(Prefix::U16Be, "name", &[0; 65_536])
                .is_err()
        );
        assert_eq!(out, [7]);
    }
}
