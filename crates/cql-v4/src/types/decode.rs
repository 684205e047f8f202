//! From the bytes of a cell to a Rust value.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use wire_core::{DecodeError, Reader, varint};

use super::{Counter, DataType, Date, Decimal, Duration, Time, Timestamp, Timeuuid, Uuid, Varint};
use crate::codec::prim;
use crate::error::{Error, ErrorKind};

/// The bytes of a value that is not null.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    data: &'a [u8],
    /// The body that `data` is a part of.
    backing: &'a Bytes,
}

impl<'a> Cell<'a> {
    /// `data` must be a part of `backing`.
    #[inline]
    pub(crate) fn new(data: &'a [u8], backing: &'a Bytes) -> Self {
        Self { data, backing }
    }

    /// The bytes, borrowed from the answer.
    #[inline]
    pub fn data(self) -> &'a [u8] {
        self.data
    }

    /// The bytes, sharing memory with the answer, which stays alive as long as they do.
    pub fn to_bytes(self) -> Bytes {
        self.backing.slice_ref(self.data)
    }

    /// A part of this cell.
    #[inline]
    pub(super) fn part(self, data: &'a [u8]) -> Self {
        Self { data, ..self }
    }
}

/// A Rust type that values of some CQL types can be read as.
///
/// [`Self::accepts`] is asked once per column of a result; [`Self::decode`] is called for each value and may rely on
/// it. Implement it for types of your own by way of one that is here already:
///
/// ```
/// use cql_v4::{Error, types::{Cell, DataType, Decode}};
///
/// struct Celsius(f32);
///
/// impl<'a> Decode<'a> for Celsius {
///     fn accepts(data_type: &DataType) -> bool {
///         f32::accepts(data_type)
///     }
///     fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
///         f32::decode(data_type, cell).map(Self)
///     }
/// }
/// ```
pub trait Decode<'a>: Sized {
    /// Whether values of `data_type` can be read as this.
    fn accepts(data_type: &DataType) -> bool;

    /// Why values of `data_type` cannot be read as this, where that is not plain from the names of the two types.
    fn why_not(_: &DataType) -> Option<String> {
        None
    }

    /// Reads a value.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are not a value of `data_type`.
    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error>;

    /// What a null is read as.
    ///
    /// # Errors
    /// [`ErrorKind::Type`], unless this type has a place for null, as `Option` has.
    fn null(data_type: &DataType) -> Result<Self, Error> {
        Err(Error::new(
            ErrorKind::Type,
            format!(
                "is null; read this {data_type} as Option<{}>",
                std::any::type_name::<Self>()
            ),
        ))
    }
}

/// Reads a cell that may be null.
#[inline]
pub(crate) fn decode_cell<'a, T: Decode<'a>>(
    data_type: &DataType,
    cell: Option<Cell<'a>>,
) -> Result<T, Error> {
    match cell {
        Some(cell) => T::decode(data_type, cell),
        None => T::null(data_type),
    }
}

/// The error of a value whose bytes are not what its type says.
#[cold]
pub(super) fn damaged(data_type: &DataType, cause: DecodeError) -> Error {
    Error::undecodable(&format!("a value of type {data_type}"), cause)
}

#[cold]
fn wrong_length(data_type: &DataType, actual: usize, expected: &str) -> Error {
    let text = format!("a value of type {data_type} has {actual} bytes; {expected} were expected");
    Error::new(ErrorKind::Decode, text).with_sent(crate::error::Sent::Yes)
}

#[cold]
fn not_of_length(data_type: &DataType, actual: usize, expected: usize) -> Error {
    wrong_length(data_type, actual, &expected.to_string())
}

#[cold]
fn out_of_range(data_type: &DataType, what: &str) -> Error {
    let text = format!("a value of type {data_type} {what}");
    Error::new(ErrorKind::Decode, text).with_sent(crate::error::Sent::Yes)
}

#[inline]
fn fixed<const N: usize>(data_type: &DataType, cell: Cell<'_>) -> Result<[u8; N], Error> {
    match <[u8; N]>::try_from(cell.data) {
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(not_of_length(data_type, cell.data.len(), N)),
    }
}

macro_rules! fixed_width {
    ($($ty:ty, $($accepted:ident)|+, $from:expr;)*) => {
        $(
            impl<'a> Decode<'a> for $ty {
                #[inline]
                fn accepts(data_type: &DataType) -> bool {
                    matches!(data_type, $(DataType::$accepted)|+)
                }

                #[inline]
                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    fixed(data_type, cell).map($from)
                }
            }
        )*
    };
}

fixed_width! {
    i8, TinyInt, Self::from_be_bytes;
    i16, SmallInt, Self::from_be_bytes;
    i32, Int, Self::from_be_bytes;
    i64, BigInt | Counter, Self::from_be_bytes;
    Counter, Counter, |b| Self(i64::from_be_bytes(b));
    f32, Float, Self::from_be_bytes;
    f64, Double, Self::from_be_bytes;
    Timestamp, Timestamp, |b| Self(i64::from_be_bytes(b));
    Date, Date, |b| Self::from_wire(u32::from_be_bytes(b));
    Uuid, Uuid | Timeuuid, Uuid;
    Timeuuid, Timeuuid, |b| Self(Uuid(b));
    // Any byte but 0 is true (native protocol v4, §6.5).
    bool, Boolean, |[b]: [u8; 1]| b != 0;
}

impl<'a> Decode<'a> for Time {
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Time)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let nanos = i64::from_be_bytes(fixed(data_type, cell)?);
        Self::from_nanos(nanos).ok_or_else(|| {
            out_of_range(
                data_type,
                &format!("is {nanos} nanoseconds after midnight, which is not within a day"),
            )
        })
    }
}

impl<'a> Decode<'a> for SystemTime {
    fn accepts(data_type: &DataType) -> bool {
        Timestamp::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Timestamp::decode(data_type, cell)?.try_into()
    }
}

impl<'a> Decode<'a> for &'a str {
    #[inline]
    fn accepts(data_type: &DataType) -> bool {
        data_type.is_text()
    }

    #[inline]
    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        std::str::from_utf8(cell.data).map_err(|e| {
            let at = e.valid_up_to();
            out_of_range(
                data_type,
                &format!("is not UTF-8 after {at} bytes; it can be read as Raw"),
            )
        })
    }
}

impl<'a> Decode<'a> for &'a [u8] {
    #[inline]
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Blob)
    }

    #[inline]
    fn decode(_: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Ok(cell.data)
    }
}

impl<'a> Decode<'a> for Bytes {
    fn accepts(data_type: &DataType) -> bool {
        <&[u8]>::accepts(data_type)
    }

    fn decode(_: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Ok(cell.to_bytes())
    }
}

macro_rules! owned_from_borrowed {
    ($($owned:ty, &$borrowed:ty;)*) => {
        $(
            impl<'a> Decode<'a> for $owned {
                #[inline]
                fn accepts(data_type: &DataType) -> bool {
                    <&'a $borrowed>::accepts(data_type)
                }

                #[inline]
                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    <&'a $borrowed>::decode(data_type, cell).map(<$owned>::from)
                }
            }
        )*
    };
}

owned_from_borrowed! {
    String, &str;
    Box<str>, &str;
    Arc<str>, &str;
    Vec<u8>, &[u8];
    Box<[u8]>, &[u8];
    Arc<[u8]>, &[u8];
    Cow<'a, str>, &str;
    Cow<'a, [u8]>, &[u8];
}

/// A blob of exactly this many bytes.
impl<'a, const N: usize> Decode<'a> for [u8; N] {
    fn accepts(data_type: &DataType) -> bool {
        <&[u8]>::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        fixed(data_type, cell)
    }
}

impl<'a> Decode<'a> for IpAddr {
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Inet)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        prim::ip(cell.data).ok_or_else(|| wrong_length(data_type, cell.data.len(), "4 or 16"))
    }
}

macro_rules! one_ip_version {
    ($($ty:ty, $variant:ident, $text:literal;)*) => {
        $(
            impl<'a> Decode<'a> for $ty {
                fn accepts(data_type: &DataType) -> bool {
                    IpAddr::accepts(data_type)
                }

                fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
                    match IpAddr::decode(data_type, cell)? {
                        IpAddr::$variant(address) => Ok(address),
                        other => Err(Error::new(ErrorKind::Type, format!("{other} is not an {} address", $text))),
                    }
                }
            }
        )*
    };
}

one_ip_version! {
    Ipv4Addr, V4, "IPv4";
    Ipv6Addr, V6, "IPv6";
}

impl<'a> Decode<'a> for Varint {
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Varint)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Self::from_be_bytes(cell.data)
            .ok_or_else(|| wrong_length(data_type, cell.data.len(), "1 or more"))
    }
}

impl<'a> Decode<'a> for Decimal {
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Decimal)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data);
        let scale = r.i32_be("scale").map_err(|e| damaged(data_type, e))?;
        let unscaled = Varint::from_be_bytes(r.rest())
            .ok_or_else(|| wrong_length(data_type, cell.data.len(), "5 or more"))?;
        Ok(Self { unscaled, scale })
    }
}

impl<'a> Decode<'a> for Duration {
    fn accepts(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Duration)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let mut r = Reader::new(cell.data);
        let mut parts = || {
            let mut part = |field| varint::read_cql_vint(&mut r, field).map(varint::unzigzag);
            let parts = (part("months")?, part("days")?, part("nanos")?);
            r.finish("Duration").map(|()| parts)
        };
        let (months, days, nanos) = parts().map_err(|e| damaged(data_type, e))?;
        match (i32::try_from(months), i32::try_from(days)) {
            (Ok(months), Ok(days)) => Ok(Self {
                months,
                days,
                nanos,
            }),
            _ => Err(out_of_range(
                data_type,
                "has more months or days than 32 bits hold",
            )),
        }
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Option<T> {
    #[inline]
    fn accepts(data_type: &DataType) -> bool {
        T::accepts(data_type)
    }

    fn why_not(data_type: &DataType) -> Option<String> {
        T::why_not(data_type)
    }

    #[inline]
    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        T::decode(data_type, cell).map(Some)
    }

    #[inline]
    fn null(_: &DataType) -> Result<Self, Error> {
        Ok(None)
    }
}

/// The bytes of a value of any type, as the server sent them, sharing memory with the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a raw value is its bytes and nothing else"
)]
pub struct Raw(pub Bytes);

impl<'a> Decode<'a> for Raw {
    fn accepts(_: &DataType) -> bool {
        true
    }

    fn decode(_: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Ok(Self(cell.to_bytes()))
    }
}
