//! Rust values → bytes.

use bytes::Bytes;

use crate::codec::{Encoder, prim};
use crate::types::{DataType, Date, Decimal, Time, Timestamp, Uuid, WriteArray};
use crate::{Error, ErrorKind};

/// A value that can be written as an Ignite value: its type code, then its bytes.
///
/// Other types implement it by handing their parts to an implementation here:
///
/// ```
/// use ignite_thin::{Encode, Encoder, Error};
///
/// struct CustomerId(u32);
///
/// impl Encode for CustomerId {
///     fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
///         i64::from(self.0).encode(to)
///     }
/// }
/// ```
pub trait Encode {
    /// Appends the value.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] or [`ErrorKind::Limit`](crate::ErrorKind::Limit) if the protocol cannot say it; what
    /// was appended is then taken back by the caller.
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error>;

    /// About how many bytes [`Self::encode`] appends; 0, the default, where that is not known or not much.
    ///
    /// Requests of 64 KiB and more are written aside and handed over without a copy, so that other requests on the
    /// connection need not wait meanwhile. A wrong number does no harm.
    #[inline]
    fn size_hint(&self) -> usize {
        0
    }
}

macro_rules! encode {
    ($($ty:ty, $data_type:ident, |$value:ident, $to:ident| $body:expr;)*) => {
        $(
            impl Encode for $ty {
                #[inline]
                fn encode(&self, $to: &mut Encoder<'_>) -> Result<(), Error> {
                    let $value = self;
                    $to.u8(DataType::$data_type.code());
                    $body;
                    Ok(())
                }
            }
        )*
    };
}

encode! {
    i8, Byte, |v, to| to.i8(*v);
    i16, Short, |v, to| to.i16(*v);
    i32, Int, |v, to| to.i32(*v);
    i64, Long, |v, to| to.i64(*v);
    f32, Float, |v, to| to.f32(*v);
    f64, Double, |v, to| to.f64(*v);
    bool, Bool, |v, to| to.bool(*v);
    char, Char, |v, to| to.u16(utf16_unit(*v)?);
    Uuid, Uuid, |v, to| prim::write_uuid_body(to, v.as_u128());
    Date, Date, |v, to| to.i64(v.millis());
    Time, Time, |v, to| to.i64(v.millis());
    Timestamp, Timestamp, |v, to| { to.i64(v.millis()); to.i32(v.nanos().cast_signed()) };
    Decimal, Decimal, |v, to| v.write_body(to)?;
}

fn utf16_unit(c: char) -> Result<u16, Error> {
    u16::try_from(u32::from(c)).map_err(|_| {
        Error::new(
            ErrorKind::Encode,
            format!(
                "the character U+{:X} does not fit in a Java char; write it as text",
                u32::from(c)
            ),
        )
    })
}

impl Encode for str {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.u8(DataType::String.code());
        to.counted("text", self.as_bytes())
    }

    #[inline]
    fn size_hint(&self) -> usize {
        self.len()
    }
}

impl Encode for [u8] {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.u8(DataType::ByteArray.code());
        to.counted("byte[]", self)
    }

    #[inline]
    fn size_hint(&self) -> usize {
        self.len()
    }
}

impl<T: WriteArray> Encode for [T] {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        T::write_array(self, to)
    }

    #[inline]
    fn size_hint(&self) -> usize {
        size_of_val(self)
    }
}

/// What is written as what it holds.
macro_rules! as_slice {
    ($([$($generics:tt)*] $ty:ty;)*) => {
        $(
            impl<$($generics)*> Encode for $ty {
                #[inline]
                fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
                    self[..].encode(to)
                }

                #[inline]
                fn size_hint(&self) -> usize {
                    self[..].size_hint()
                }
            }
        )*
    };
}

as_slice! {
    [] String;
    [] Bytes;
    [] Vec<u8>;
    [const N: usize] [u8; N];
    [T: WriteArray] Vec<T>;
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        (**self).encode(to)
    }

    #[inline]
    fn size_hint(&self) -> usize {
        (**self).size_hint()
    }
}

/// `None` is null.
impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Some(value) => value.encode(to),
            None => {
                to.u8(prim::NULL);
                Ok(())
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> usize {
        self.as_ref().map_or(0, T::size_hint)
    }
}
