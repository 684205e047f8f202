//! Values: what a cache or a row holds, in Rust and on the wire.
//!
//! Every value on the wire begins with its type code, so a value is always readable without a schema. [`Value`] holds
//! any of them; [`Encode`] and [`Decode`] go straight between Rust types and bytes:
//!
//! | Ignite (Java) | code | Rust |
//! | --- | --- | --- |
//! | byte, short, int, long | 1 – 4 | `i8`, `i16`, `i32`, `i64` |
//! | float, double | 5, 6 | `f32`, `f64` |
//! | char | 7 | `char` (of the basic plane), [`Value::Char`] |
//! | boolean | 8 | `bool` |
//! | String | 9 | `str`, `String` |
//! | UUID | 10 | [`Uuid`]; `uuid::Uuid` (feature `uuid`) |
//! | java.util.Date, SQL DATE | 11; 254 from statements | [`Date`] |
//! | java.sql.Timestamp, java.sql.Time | 33, 36 | [`Timestamp`], [`Time`] |
//! | BigDecimal | 30 | [`Decimal`] |
//! | byte[] | 12 | `[u8]`, `Vec<u8>`, [`Bytes`](bytes::Bytes) |
//! | short[] … boolean[] | 13 – 19 | `Vec<i16>`, `Vec<i32>`, … |
//! | String[], UUID[], Date[], … | 20 – 22, 31, 34, 37 | `Vec<String>`, `Vec<Option<String>>`, … |
//! | Object[], collections, maps, enums | 23 – 25, 28, 29, 38 | [`Value`] |
//! | any other object | 103, 27 | [`BinaryObject`], raw bytes |
//! | null | 101 | `Option<T>`, [`Value::Null`] |
//!
//! Source: `BinaryWriterExImpl` and `BinaryUtils` of the server; the table of codes is `GridBinaryMarshaller`.

mod array;
mod decimal;
mod decode;
mod encode;
mod ext;
mod nested;
mod raw;
mod skip;
mod time;
mod value;

pub use array::{ReadArray, WriteArray};
pub use decimal::Decimal;
pub use decode::Decode;
pub use encode::Encode;
pub use nested::{CollectionKind, MapKind};
pub use raw::BinaryObject;
pub(crate) use skip::skip;
pub use time::{Date, Time, Timestamp, Uuid};
pub use value::Value;

use crate::codec::Decoder;
use crate::{Error, ErrorKind};

macro_rules! data_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// The type of a value, as its type code says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DataType {
            $($(#[$doc])* $name,)*
            /// A code without a name here.
            Unknown(u8),
        }

        impl DataType {
            /// The type of a code.
            #[inline]
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self::Unknown(other),
                }
            }

            /// The code on the wire.
            #[inline]
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Unknown(code) => code,
                }
            }

            /// The name that errors use.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Unknown(_) => "unknown type",
                }
            }
        }
    };
}

data_types! {
    /// 8-bit integer.
    Byte = 1, "byte";
    /// 16-bit integer.
    Short = 2, "short";
    /// 32-bit integer.
    Int = 3, "int";
    /// 64-bit integer.
    Long = 4, "long";
    /// IEEE 754 single.
    Float = 5, "float";
    /// IEEE 754 double.
    Double = 6, "double";
    /// One UTF-16 unit.
    Char = 7, "char";
    /// Truth value.
    Bool = 8, "boolean";
    /// Text.
    String = 9, "String";
    /// UUID.
    Uuid = 10, "UUID";
    /// Milliseconds since 1970.
    Date = 11, "Date";
    /// Bytes.
    ByteArray = 12, "byte[]";
    /// 16-bit integers.
    ShortArray = 13, "short[]";
    /// 32-bit integers.
    IntArray = 14, "int[]";
    /// 64-bit integers.
    LongArray = 15, "long[]";
    /// Singles.
    FloatArray = 16, "float[]";
    /// Doubles.
    DoubleArray = 17, "double[]";
    /// UTF-16 units.
    CharArray = 18, "char[]";
    /// Truth values.
    BoolArray = 19, "boolean[]";
    /// Texts, nullable.
    StringArray = 20, "String[]";
    /// UUIDs, nullable.
    UuidArray = 21, "UUID[]";
    /// Dates, nullable.
    DateArray = 22, "Date[]";
    /// Objects of any type.
    ObjectArray = 23, "Object[]";
    /// List or set.
    Collection = 24, "Collection";
    /// Map.
    Map = 25, "Map";
    /// A complex object in an envelope of its own.
    WrappedObject = 27, "wrapped binary object";
    /// Enum constant.
    Enum = 28, "enum";
    /// Enum constants.
    EnumArray = 29, "enum[]";
    /// Decimal number of any precision.
    Decimal = 30, "BigDecimal";
    /// Decimals, nullable.
    DecimalArray = 31, "BigDecimal[]";
    /// A Java class.
    Class = 32, "Class";
    /// Milliseconds since 1970 and nanoseconds.
    Timestamp = 33, "Timestamp";
    /// Timestamps, nullable.
    TimestampArray = 34, "Timestamp[]";
    /// A Java proxy.
    Proxy = 35, "Proxy";
    /// Milliseconds of the day.
    Time = 36, "Time";
    /// Times, nullable.
    TimeArray = 37, "Time[]";
    /// Enum constant in binary form.
    BinaryEnum = 38, "binary enum";
    /// No value.
    Null = 101, "null";
    /// Reference to an object earlier in the same value.
    Handle = 102, "handle";
    /// Complex object.
    Object = 103, "binary object";
    /// Object in Ignite's internal Java serialisation.
    Optimized = 254, "object of the optimized marshaller";
    /// Object transformed by a plug-in of the server.
    Transformed = 253, "transformed object";
}

impl std::fmt::Display for DataType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name(), self.code())
    }
}

/// Reads a type code that must be `expected`. Nothing is consumed if it is another.
#[inline]
pub(crate) fn expect(from: &mut Decoder<'_>, expected: DataType) -> Result<(), Error> {
    match from.peek() {
        Some(code) if code == expected.code() => from.u8("type code").map(|_| ()),
        Some(code) => Err(mismatch(from, expected, code)),
        None => from.u8("type code").map(|_| ()),
    }
}

#[cold]
fn mismatch(from: &Decoder<'_>, expected: DataType, code: u8) -> Error {
    let found = DataType::from_code(code);
    let advice = if found == DataType::Null {
        "; read it as an Option"
    } else {
        ""
    };
    Error::new(
        ErrorKind::Type,
        format!(
            "expected {expected}, found {found} at byte {}{advice}",
            from.offset()
        ),
    )
}

/// The error of a type that is known but not readable here, or not known at all.
#[cold]
pub(crate) fn unsupported(from: &Decoder<'_>, code: u8) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "a value of type {} at byte {} cannot be read by this crate",
            DataType::from_code(code),
            from.offset()
        ),
    )
}
