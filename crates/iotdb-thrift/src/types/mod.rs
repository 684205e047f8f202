//! Values: the data types of IoTDB and the Rust types they become. The page of [`DataType`] has the table.

mod date;
mod decode;
mod encode;
mod value;

use std::fmt;

pub use date::Date;
pub use decode::{Cell, Decode};
pub(crate) use encode::{check_date, decode_record, encode_record};
pub use value::Value;

/// A data type, as series, columns and results have it.
///
/// | code | IoTDB | Rust | [`Value`] | since |
/// | --- | --- | --- | --- | --- |
/// | 0 | `BOOLEAN` | `bool` | `Boolean` | |
/// | 1 | `INT32` | `i32` | `Int32` | |
/// | 2 | `INT64` | `i64` | `Int64` | |
/// | 3 | `FLOAT` | `f32` | `Float` | |
/// | 4 | `DOUBLE` | `f64` | `Double` | |
/// | 5 | `TEXT` | `String`, `&str`, `Vec<u8>`, `&[u8]` | `Text` | |
/// | 8 | `TIMESTAMP` | `i64`, in the server's precision since 1970-01-01T00:00Z | `Timestamp` | 1.3.3 |
/// | 9 | `DATE` | [`Date`] | `Date` | 1.3.3 |
/// | 10 | `BLOB` | `Vec<u8>`, `&[u8]` | `Blob` | 1.3.3 |
/// | 11 | `STRING` | `String`, `&str`, `Vec<u8>`, `&[u8]` | `String` | 1.3.3 |
/// | 12 | `OBJECT` | `Vec<u8>`, `&[u8]` | `Object` | 2.0.8, table model |
///
/// A null becomes `None` of an `Option` or [`Value::Null`]. Source of the codes: `TSDataType` of the TsFile library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// True or false.
    Boolean,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// IEEE 754 single.
    Float,
    /// IEEE 754 double.
    Double,
    /// Text; servers do not check that it is UTF-8.
    Text,
    /// No type: a column in which everything is null.
    Unknown,
    /// Point in time, in the server's precision (milliseconds unless configured otherwise).
    Timestamp,
    /// Day of the calendar.
    Date,
    /// Bytes.
    Blob,
    /// Text that table and tree models can index.
    String,
    /// A large object in parts (table model).
    Object,
}

/// How a type is laid out in cells: several types share one layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Bool,
    Int32,
    Int64,
    Float,
    Double,
    Binary,
}

impl DataType {
    /// All types that a series can have.
    pub const ALL: [Self; 11] = [
        Self::Boolean,
        Self::Int32,
        Self::Int64,
        Self::Float,
        Self::Double,
        Self::Text,
        Self::Timestamp,
        Self::Date,
        Self::Blob,
        Self::String,
        Self::Object,
    ];

    /// The code on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Boolean => 0,
            Self::Int32 => 1,
            Self::Int64 => 2,
            Self::Float => 3,
            Self::Double => 4,
            Self::Text => 5,
            Self::Unknown => 7,
            Self::Timestamp => 8,
            Self::Date => 9,
            Self::Blob => 10,
            Self::String => 11,
            Self::Object => 12,
        }
    }

    /// The type of a code; `None` for codes that this crate does not know.
    pub fn from_code(code: u8) -> Option<Self> {
        if code == Self::Unknown.code() {
            return Some(Self::Unknown);
        }
        Self::ALL.into_iter().find(|ty| ty.code() == code)
    }

    /// The name in SQL and in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Text => "TEXT",
            Self::Unknown => "UNKNOWN",
            Self::Timestamp => "TIMESTAMP",
            Self::Date => "DATE",
            Self::Blob => "BLOB",
            Self::String => "STRING",
            Self::Object => "OBJECT",
        }
    }

    /// The type of a name; `None` for names that this crate does not know.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == Self::Unknown.name() {
            return Some(Self::Unknown);
        }
        Self::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// Whether servers before 1.3.3 know the type.
    pub fn is_classic(self) -> bool {
        self.code() <= Self::Text.code()
    }

    pub(crate) const fn layout(self) -> Layout {
        match self {
            // An all-null column has no values whose layout would matter.
            Self::Boolean | Self::Unknown => Layout::Bool,
            Self::Int32 | Self::Date => Layout::Int32,
            Self::Int64 | Self::Timestamp => Layout::Int64,
            Self::Float => Layout::Float,
            Self::Double => Layout::Double,
            Self::Text | Self::Blob | Self::String | Self::Object => Layout::Binary,
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_come_back_and_others_are_unknown() {
        for ty in DataType::ALL.into_iter().chain([DataType::Unknown]) {
            assert_eq!(DataType::from_code(ty.code()), Some(ty));
            assert_eq!(DataType::from_name(ty.name()), Some(ty));
        }
        // 6 is VECTOR, which servers use among themselves.
        for code in [6, 13, 255] {
            assert_eq!(DataType::from_code(code), None);
        }
        assert_eq!(DataType::from_name("int32"), None, "names are upper case");
    }
}
