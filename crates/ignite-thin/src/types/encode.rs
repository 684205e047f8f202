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
    str, String, |v, to| to.counted("text", v.as_bytes())?;
    [u8], ByteArray, |v, to| to.counted("byte[]", v)?;
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

impl Encode for String {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.as_str().encode(to)
    }
}

impl Encode for Bytes {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self[..].encode(to)
    }
}

impl Encode for Vec<u8> {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.as_slice().encode(to)
    }
}

impl<const N: usize> Encode for [u8; N] {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        self.as_slice().encode(to)
    }
}

impl<T: WriteArray> Encode for [T] {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        T::write_array(self, to)
    }
}

impl<T: WriteArray> Encode for Vec<T> {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        T::write_array(self, to)
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        (**self).encode(to)
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
}
