//! From the cells of a result to Rust values.

use bytes::Bytes;

use super::{DataType, Date, Value};
use crate::error::{Error, ErrorKind, Sent};

/// One value of a result in its physical form, borrowed from the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Cell<'r> {
    /// No value.
    Null,
    /// `BOOLEAN`
    Bool(bool),
    /// `INT32` and `DATE`
    Int32(i32),
    /// `INT64` and `TIMESTAMP`
    Int64(i64),
    /// `FLOAT`
    Float(f32),
    /// `DOUBLE`
    Double(f64),
    /// `TEXT`, `STRING`, `BLOB` and `OBJECT`
    Binary(&'r [u8]),
}

/// A Rust type that cells can become.
///
/// Whether a column fits is asked once per result ([`Self::accepts`]); after that, a cell of it is either null or
/// fits.
pub trait Decode<'r>: Sized {
    /// Whether columns of `data_type` can become this type.
    fn accepts(data_type: DataType) -> bool;

    /// The value of `cell`, of a column of `data_type` that [`Self::accepts`].
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if the cell is null and this type has no null; [`ErrorKind::Decode`] if text is not UTF-8.
    fn decode(cell: Cell<'r>, data_type: DataType) -> Result<Self, Error>;
}

/// The error of a cell that does not fit.
#[cold]
fn misfit(cell: Cell<'_>, data_type: DataType, wanted: &str) -> Error {
    let text = match cell {
        Cell::Null => format!("is null, which {wanted} cannot say; read it as Option<{wanted}>"),
        _ => format!("has type {data_type}, which does not become {wanted}"),
    };
    Error::new(ErrorKind::Type, text).with_sent(Sent::Yes)
}

macro_rules! scalars {
    ($($ty:ty: $($data_type:ident)|+, $cell:ident, $value:ident => $out:expr;)*) => {
        $(impl<'r> Decode<'r> for $ty {
            #[inline]
            fn accepts(data_type: DataType) -> bool {
                matches!(data_type, $(DataType::$data_type)|+)
            }

            #[inline]
            fn decode(cell: Cell<'r>, data_type: DataType) -> Result<Self, Error> {
                match cell {
                    Cell::$cell($value) => $out,
                    _ => Err(misfit(cell, data_type, stringify!($ty))),
                }
            }
        })*
    };
}

scalars! {
    bool: Boolean, Bool, v => Ok(v);
    i32: Int32, Int32, v => Ok(v);
    i64: Int64 | Timestamp, Int64, v => Ok(v);
    f32: Float, Float, v => Ok(v);
    f64: Double, Double, v => Ok(v);
    Date: Date, Int32, v => Ok(Self::from_raw(v));
    &'r str: Text | String, Binary, v => text(v);
    String: Text | String, Binary, v => text(v).map(str::to_owned);
    &'r [u8]: Text | String | Blob | Object, Binary, v => Ok(v);
    Vec<u8>: Text | String | Blob | Object, Binary, v => Ok(v.to_vec());
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|source| {
        Error::new(
            ErrorKind::Decode,
            "is text that is not UTF-8; read it as Vec<u8>",
        )
        .with_source(source)
        .with_sent(Sent::Yes)
    })
}

impl<'r, T: Decode<'r>> Decode<'r> for Option<T> {
    #[inline]
    fn accepts(data_type: DataType) -> bool {
        data_type == DataType::Unknown || T::accepts(data_type)
    }

    #[inline]
    fn decode(cell: Cell<'r>, data_type: DataType) -> Result<Self, Error> {
        match cell {
            Cell::Null => Ok(None),
            _ => T::decode(cell, data_type).map(Some),
        }
    }
}

impl<'r> Decode<'r> for Value {
    fn accepts(_: DataType) -> bool {
        true
    }

    fn decode(cell: Cell<'r>, data_type: DataType) -> Result<Self, Error> {
        Ok(Self::of(cell, data_type))
    }
}

impl Value {
    /// The value of a cell of a column of this type.
    pub(crate) fn of(cell: Cell<'_>, data_type: DataType) -> Self {
        match (cell, data_type) {
            (Cell::Null, _) => Self::Null,
            (Cell::Bool(v), _) => Self::Boolean(v),
            (Cell::Int32(v), DataType::Date) => Self::Date(Date::from_raw(v)),
            (Cell::Int32(v), _) => Self::Int32(v),
            (Cell::Int64(v), DataType::Timestamp) => Self::Timestamp(v),
            (Cell::Int64(v), _) => Self::Int64(v),
            (Cell::Float(v), _) => Self::Float(v),
            (Cell::Double(v), _) => Self::Double(v),
            (Cell::Binary(v), data_type) => {
                let bytes = Bytes::copy_from_slice(v);
                match data_type {
                    DataType::String => Self::String(bytes),
                    DataType::Blob => Self::Blob(bytes),
                    DataType::Object => Self::Object(bytes),
                    _ => Self::Text(bytes),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_needs_an_option_and_the_error_says_so() {
        let error = i32::decode(Cell::Null, DataType::Int32).unwrap_err();
        assert_eq!(
            error.to_string(),
            "is null, which i32 cannot say; read it as Option<i32>"
        );
        assert_eq!(
            Option::<i32>::decode(Cell::Null, DataType::Int32).unwrap(),
            None
        );
    }

    #[test]
    fn text_must_be_utf8_to_be_a_string_but_not_to_be_bytes() {
        let cell = Cell::Binary(b"a\xff");
        let error = String::decode(cell, DataType::Text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(Vec::<u8>::decode(cell, DataType::Text).unwrap(), b"a\xff");
    }

    #[test]
    fn a_timestamp_is_not_an_int64_to_a_dynamic_value() {
        let cell = Cell::Int64(5);
        assert_eq!(
            Value::decode(cell, DataType::Timestamp).unwrap(),
            Value::Timestamp(5)
        );
        assert_eq!(i64::decode(cell, DataType::Timestamp).unwrap(), 5);
        assert!(!i32::accepts(DataType::Timestamp));
    }
}
