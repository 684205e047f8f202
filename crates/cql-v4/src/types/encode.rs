//! From a Rust value to the bytes of a bound value.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::SystemTime;

use bytes::Bytes;
use wire_core::{Prefix, Writer, varint};

use super::{
    Counter, DataType, Date, Decimal, Duration, Raw, Time, Timestamp, Timeuuid, Uuid, Varint,
};
use crate::error::{Error, ErrorKind, Fail};

/// Null on the wire.
const NULL: i32 = -1;
/// "Leave the column as it is" on the wire (native protocol v4, §3, `[value]`).
const UNSET: i32 = -2;

/// A Rust type whose values can be bound to markers.
///
/// With the type of the marker known (a prepared statement) a value of another type is refused before anything is
/// sent. Without it (a plain query) a value is written in its natural type: `i32` as int, `i64` as bigint, and so on;
/// the server compares the length only, so prepare statements whose columns have other types.
pub trait Encode {
    /// Writes this value, for a marker of `data_type` if that is known. [`Written`] comes from `out` alone, which
    /// makes sure that exactly one value is written.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the value is of another type; [`ErrorKind::Encode`] if it cannot be written. Nothing is
    /// sent then.
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error>;
}

/// Proof that a value was written.
#[derive(Debug)]
pub struct Written(());

/// Where a value stands, which decides whether it may be null or unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A bound value of a connection that knows "unset".
    Bound,
    /// A bound value of a connection that does not.
    BoundBeforeUnset,
    /// A part of a tuple or user-defined type.
    Component,
    /// An element of a collection.
    Element,
}

/// Servers of protocol v3 take "unset" for null, and delete what the column has.
#[cold]
pub(crate) fn unset_before_v4() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "unset values need protocol v4; this server speaks v3",
    )
}

/// Writes exactly one value.
#[derive(Debug)]
pub struct CellWriter<'a> {
    w: Writer<'a>,
    place: Place,
}

impl<'a> CellWriter<'a> {
    #[inline]
    pub(crate) fn new(w: Writer<'a>, place: Place) -> Self {
        Self { w, place }
    }

    /// Writes null.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] inside a collection, which cannot hold null.
    pub fn null(mut self) -> Result<Written, Error> {
        if self.place == Place::Element {
            return Err(Error::new(
                ErrorKind::Encode,
                "null cannot be an element of a collection",
            ));
        }
        self.w.i32_be(NULL);
        Ok(Written(()))
    }

    /// Leaves the column as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] inside another value; [`ErrorKind::Unsupported`] on protocol v3, which does not know it.
    pub fn unset(mut self) -> Result<Written, Error> {
        match self.place {
            Place::Bound => {
                self.w.i32_be(UNSET);
                Ok(Written(()))
            }
            Place::BoundBeforeUnset => Err(unset_before_v4()),
            Place::Component | Place::Element => Err(Error::new(
                ErrorKind::Encode,
                "unset cannot stand inside another value",
            )),
        }
    }

    /// Writes `data` as the value.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] above 2³¹ - 1 bytes.
    #[inline]
    pub fn bytes(mut self, data: &[u8]) -> Result<Written, Error> {
        self.w
            .prefixed_bytes(Prefix::I32Be, "value", data)
            .map(|()| Written(()))
            .map_err(Error::unencodable)
    }

    /// Writes a value that has further values inside.
    ///
    /// # Errors
    /// Those of `body`, and [`ErrorKind::Encode`] above 2³¹ - 1 bytes.
    pub fn nested(
        mut self,
        body: impl FnOnce(&mut NestedWriter<'_>) -> Result<(), Error>,
    ) -> Result<Written, Error> {
        self.w
            .prefixed(Prefix::I32Be, "value", |w| {
                body(&mut NestedWriter { w: w.reborrow() }).map_err(Fail)
            })
            .map(|()| Written(()))
            .map_err(|Fail(error)| error)
    }
}

/// Writes the inside of a value.
#[derive(Debug)]
pub struct NestedWriter<'a> {
    w: Writer<'a>,
}

impl NestedWriter<'_> {
    /// Writes how many elements a list, set or map has.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] above 2³¹ - 1.
    pub fn count(&mut self, n: usize) -> Result<(), Error> {
        self.w
            .length(Prefix::I32Be, "elements", n)
            .map_err(Error::unencodable)
    }

    /// The next element of a list or set, key or value of a map; not null.
    pub fn element(&mut self) -> CellWriter<'_> {
        CellWriter::new(self.w.reborrow(), Place::Element)
    }

    /// The next component of a tuple or field of a user-defined type; may be null.
    pub fn component(&mut self) -> CellWriter<'_> {
        CellWriter::new(self.w.reborrow(), Place::Component)
    }

    /// Appends raw bytes.
    pub fn put(&mut self, data: &[u8]) {
        self.w.put(data);
    }

    /// Appends a length as CQL's vint.
    pub(super) fn vint(&mut self, n: usize) {
        varint::write_cql_vint(&mut self.w, u64::try_from(n).unwrap_or(u64::MAX));
    }
}

/// Refuses a value of Rust type `T` for a marker of another type.
#[inline]
pub(super) fn expect<T: ?Sized>(
    data_type: Option<&DataType>,
    accepts: impl FnOnce(&DataType) -> bool,
) -> Result<(), Error> {
    match data_type {
        Some(data_type) if !accepts(data_type) => Err(mismatch::<T>(data_type)),
        _ => Ok(()),
    }
}

#[cold]
pub(super) fn mismatch<T: ?Sized>(data_type: &DataType) -> Error {
    let rust = std::any::type_name::<T>();
    Error::new(
        ErrorKind::Type,
        format!("a {rust} cannot be bound to type {data_type}; nothing was sent"),
    )
}

macro_rules! scalars {
    ($($ty:ty, $($accepted:ident)|+, |$value:ident| $bytes:expr;)*) => {
        $(
            impl Encode for $ty {
                #[inline]
                fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
                    expect::<Self>(data_type, |t| matches!(t, $(DataType::$accepted)|+))?;
                    let $value = self;
                    out.bytes(&$bytes)
                }
            }
        )*
    };
}

scalars! {
    i8, TinyInt, |v| v.to_be_bytes();
    i16, SmallInt, |v| v.to_be_bytes();
    i32, Int, |v| v.to_be_bytes();
    i64, BigInt | Counter, |v| v.to_be_bytes();
    Counter, BigInt | Counter, |v| v.0.to_be_bytes();
    f32, Float, |v| v.to_be_bytes();
    f64, Double, |v| v.to_be_bytes();
    bool, Boolean, |v| [u8::from(*v)];
    Timestamp, Timestamp, |v| v.0.to_be_bytes();
    Date, Date, |v| v.to_wire().to_be_bytes();
    Time, Time, |v| v.nanos().to_be_bytes();
    Uuid, Uuid | Timeuuid, |v| v.0;
    Timeuuid, Uuid | Timeuuid, |v| v.0.0;
    Ipv4Addr, Inet, |v| v.octets();
    Ipv6Addr, Inet, |v| v.octets();
    str, Text | Ascii, |v| v.as_bytes();
    [u8], Blob, |v| v;
    Varint, Varint, |v| v.as_be_bytes();
}

macro_rules! same_as {
    ($($ty:ty, |$value:ident| $inner:expr;)*) => {
        $(
            impl Encode for $ty {
                #[inline]
                fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
                    let $value = self;
                    $inner.encode(data_type, out)
                }
            }
        )*
    };
}

same_as! {
    String, |v| v.as_str();
    Bytes, |v| v.as_ref();
    SystemTime, |v| Timestamp::try_from(*v)?;
}

impl Encode for IpAddr {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        match self {
            Self::V4(address) => address.encode(data_type, out),
            Self::V6(address) => address.encode(data_type, out),
        }
    }
}

impl Encode for Decimal {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        expect::<Self>(data_type, |t| matches!(t, DataType::Decimal))?;
        out.nested(|inner| {
            inner.put(&self.scale.to_be_bytes());
            inner.put(self.unscaled.as_be_bytes());
            Ok(())
        })
    }
}

impl Encode for Duration {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        expect::<Self>(data_type, |t| matches!(t, DataType::Duration))?;
        let parts = [i64::from(self.months), i64::from(self.days), self.nanos];
        if parts.iter().any(|p| *p < 0) && parts.iter().any(|p| *p > 0) {
            return Err(Error::new(
                ErrorKind::Encode,
                format!("{self:?} mixes signs; a duration has one; nothing was sent"),
            ));
        }
        out.nested(|inner| {
            for part in parts {
                varint::write_cql_vint(&mut inner.w, varint::zigzag(part));
            }
            Ok(())
        })
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        self.as_slice().encode(data_type, out)
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    #[inline]
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        (**self).encode(data_type, out)
    }
}

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        match self {
            Some(value) => value.encode(data_type, out),
            None => out.null(),
        }
    }
}

impl Encode for Raw {
    fn encode(&self, _: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        out.bytes(&self.0)
    }
}
