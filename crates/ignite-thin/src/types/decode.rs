//! Bytes → Rust values.

use bytes::Bytes;

use crate::codec::{Decoder, prim};
use crate::types::{DataType, Date, Decimal, ReadArray, Time, Timestamp, Uuid, expect};
use crate::{Error, ErrorKind};

/// A value that can be read from an Ignite value.
///
/// The type must be the one that was written: an `int` is not read as `i64`, as it is not the same key either. Other
/// types implement it by reading their parts with an implementation here.
pub trait Decode: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if a value of another type is there (nothing is consumed then),
    /// [`ErrorKind::Unsupported`] for a type that this crate cannot read, [`ErrorKind::Decode`] if the bytes are not
    /// what the protocol says.
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error>;
}

macro_rules! decode {
    ($($ty:ty, $data_type:ident, |$from:ident| $body:expr;)*) => {
        $(
            impl Decode for $ty {
                #[inline]
                fn decode($from: &mut Decoder<'_>) -> Result<Self, Error> {
                    expect($from, DataType::$data_type)?;
                    $body
                }
            }
        )*
    };
}

decode! {
    i8, Byte, |from| from.i8("byte");
    i16, Short, |from| from.i16("short");
    i32, Int, |from| from.i32("int");
    i64, Long, |from| from.i64("long");
    f32, Float, |from| from.f32("float");
    f64, Double, |from| from.f64("double");
    bool, Bool, |from| from.bool("boolean");
    char, Char, |from| {
        let unit = from.u16("char")?;
        char::from_u32(u32::from(unit)).ok_or_else(|| half_a_character(from, unit))
    };
    String, String, |from| prim::read_str_body(from, "text");
    Vec<u8>, ByteArray, |from| byte_array(from).map(<[u8]>::to_vec);
    Bytes, ByteArray, |from| {
        let n = from.count("byte[] length", 1)?;
        from.bytes("byte[]", n)
    };
    Uuid, Uuid, |from| prim::read_uuid_body(from, "UUID").map(Self::from_u128);
    Time, Time, |from| from.i64("Time").map(Self::from_millis);
    Timestamp, Timestamp, |from| {
        let millis = from.i64("Timestamp milliseconds")?;
        let nanos = from.i32("Timestamp nanoseconds")?;
        u32::try_from(nanos).ok().and_then(|n| Self::new(millis, n)).ok_or_else(|| {
            from.invalid(
                "Timestamp nanoseconds",
                4,
                format!("are {nanos}, expected 0 to 999999"),
            )
        })
    };
    Decimal, Decimal, |from| Self::read_body(from);
}

fn byte_array<'a>(from: &mut Decoder<'a>) -> Result<&'a [u8], Error> {
    let n = from.count("byte[] length", 1)?;
    from.take("byte[]", n)
}

/// Takes both forms of a date: type code 11, and the form in which statements answer the SQL type DATE.
impl Decode for Date {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        if let Some(millis) = sql_date(from.rest()) {
            from.take("java.sql.Date", SQL_DATE.saturating_add(8))?;
            return Ok(Self::from_millis(millis));
        }
        expect(from, DataType::Date)?;
        from.i64("Date").map(Self::from_millis)
    }
}

/// Bytes before the milliseconds of a `java.sql.Date` in the form of [`sql_date`].
const SQL_DATE: usize = 12;

/// The milliseconds of the `java.sql.Date` that begins `data`, if it is one.
///
/// Statements answer the SQL type DATE in Java's own serialisation, as the "optimized marshaller" of the server writes
/// it: type code 254, `i32` 15 bytes, `i8` 102 (a serializable class), `i32` hash of the class name, `i16` checksum
/// of the class, `i64` milliseconds. Seen at Ignite 2.17 for every DATE, of columns and of expressions.
pub(crate) fn sql_date(data: &[u8]) -> Option<i64> {
    const PREFIX: [u8; 10] = [254, 15, 0, 0, 0, 102, 0x3a, 0xde, 0xd5, 0x40];
    let millis = data.strip_prefix(&PREFIX)?.get(2..10)?;
    Some(i64::from_le_bytes(*millis.first_chunk()?))
}

#[cold]
fn half_a_character(from: &Decoder<'_>, unit: u16) -> Error {
    Error::new(
        ErrorKind::Type,
        format!(
            "the Java char {unit:#06x} at byte {} is half a surrogate pair; read it as a Value",
            from.offset().saturating_sub(2)
        ),
    )
}

impl<T: ReadArray> Decode for Vec<T> {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        T::read_array(from)
    }
}

/// Null is `None`.
impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        if from.peek() == Some(prim::NULL) {
            from.u8("null")?;
            return Ok(None);
        }
        T::decode(from).map(Some)
    }
}
