//! The dynamic value.

use std::fmt;

use bytes::Bytes;

use super::{DataType, Date};

/// A value of any type, owned.
///
/// For results whose columns are not known beforehand, and for the cells of records. Typed rows and typed tablet
/// columns are faster.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// `BOOLEAN`
    Boolean(bool),
    /// `INT32`
    Int32(i32),
    /// `INT64`
    Int64(i64),
    /// `FLOAT`
    Float(f32),
    /// `DOUBLE`
    Double(f64),
    /// `TEXT`; bytes, since servers do not check that it is UTF-8. See [`Self::as_str`].
    Text(Bytes),
    /// `TIMESTAMP`, in the server's precision since 1970-01-01T00:00Z
    Timestamp(i64),
    /// `DATE`
    Date(Date),
    /// `BLOB`
    Blob(Bytes),
    /// `STRING`; bytes, since servers do not check that it is UTF-8. See [`Self::as_str`].
    String(Bytes),
    /// `OBJECT`
    Object(Bytes),
}

impl Value {
    /// The value's type; `None` for null.
    pub fn data_type(&self) -> Option<DataType> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(_) => DataType::Boolean,
            Self::Int32(_) => DataType::Int32,
            Self::Int64(_) => DataType::Int64,
            Self::Float(_) => DataType::Float,
            Self::Double(_) => DataType::Double,
            Self::Text(_) => DataType::Text,
            Self::Timestamp(_) => DataType::Timestamp,
            Self::Date(_) => DataType::Date,
            Self::Blob(_) => DataType::Blob,
            Self::String(_) => DataType::String,
            Self::Object(_) => DataType::Object,
        })
    }

    /// The text of a `TEXT` or `STRING`, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(bytes) | Self::String(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(v) => v.fmt(f),
            Self::Int32(v) => v.fmt(f),
            Self::Int64(v) | Self::Timestamp(v) => v.fmt(f),
            Self::Float(v) => v.fmt(f),
            Self::Double(v) => v.fmt(f),
            Self::Date(v) => v.fmt(f),
            Self::Text(v) | Self::String(v) => f.write_str(&String::from_utf8_lossy(v)),
            Self::Blob(v) | Self::Object(v) => {
                f.write_str("0x")?;
                v.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident;)*) => {
        $(impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Boolean;
    i32 => Int32;
    i64 => Int64;
    f32 => Float;
    f64 => Double;
    Date => Date;
    String => Text;
    Vec<u8> => Blob;
    Bytes => Blob;
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Bytes::copy_from_slice(value.as_bytes()))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
