//! The cells of records: each with its type before it.
//!
//! ```text
//! record := cell*                       one per measurement, in the order of the request
//! cell   := type (1) value              value as in tablets; binary values with an i32 length before them
//!         | 0xfe                        null (-2)
//! ```
//!
//! Source: `InsertRowStatement` and `TypeInferenceUtils` of the server, the same since 0.13; 0.12.1 reads it too.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Prefix, Reader, Writer};

use super::{DataType, Date, Layout, Value};

/// The type byte of a null cell: -2.
const NULL: u8 = 0xfe;

/// Appends the cells of one row.
///
/// # Errors
/// If a value cannot be carried: bytes beyond 2 GiB, a `DATE` that is not a day.
pub(crate) fn encode_record<'v>(
    values: impl IntoIterator<Item = &'v Value>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut w = Writer::new(out);
    for value in values {
        w.u8(value.data_type().map_or(NULL, DataType::code));
        match value {
            Value::Null => {}
            Value::Boolean(v) => w.u8(u8::from(*v)),
            Value::Int32(v) => w.i32_be(*v),
            Value::Int64(v) | Value::Timestamp(v) => w.i64_be(*v),
            Value::Float(v) => w.f32_be(*v),
            Value::Double(v) => w.f64_be(*v),
            Value::Date(v) => w.i32_be(check_date(*v)?),
            Value::Text(v) | Value::String(v) | Value::Blob(v) | Value::Object(v) => {
                w.prefixed_bytes(Prefix::I32Be, "value", v)?;
            }
        }
    }
    Ok(())
}

/// The number of a date that is a day.
pub(crate) fn check_date(date: Date) -> Result<i32, EncodeError> {
    match date.to_ymd() {
        Some(_) => Ok(date.raw()),
        None => Err(EncodeError::invalid(
            "value",
            format!("{} is not a date of the form yyyymmdd", date.raw()),
        )),
    }
}

/// Reads the cells of one row: what a server does with a record.
///
/// # Errors
/// If a cell ends early, or has a type that no record has.
pub(crate) fn decode_record(values: &Bytes) -> Result<Vec<Value>, DecodeError> {
    let mut r = Reader::over(values);
    let mut out = Vec::new();
    while !r.is_empty() {
        out.push(decode_cell(&mut r)?);
    }
    Ok(out)
}

fn decode_cell(r: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let code = r.u8("type")?;
    if code == NULL {
        return Ok(Value::Null);
    }
    let data_type = DataType::from_code(code)
        .filter(|ty| *ty != DataType::Unknown)
        .ok_or_else(|| r.invalid("type", 1, format!("{code} is not the type of a cell")))?;
    Ok(match data_type.layout() {
        Layout::Bool => Value::Boolean(r.u8("value")? != 0),
        Layout::Int32 => match r.i32_be("value")? {
            raw if data_type == DataType::Date => Value::Date(Date::from_raw(raw)),
            raw => Value::Int32(raw),
        },
        Layout::Int64 => match r.i64_be("value")? {
            raw if data_type == DataType::Timestamp => Value::Timestamp(raw),
            raw => Value::Int64(raw),
        },
        Layout::Float => Value::Float(r.f32_be("value")?),
        Layout::Double => Value::Double(r.f64_be("value")?),
        Layout::Binary => {
            let len = r.i32_be("value length")?;
            let len = r.length("value length", len)?;
            let bytes = r.bytes("value", len)?;
            match data_type {
                DataType::Blob => Value::Blob(bytes),
                DataType::String => Value::String(bytes),
                DataType::Object => Value::Object(bytes),
                _ => Value::Text(bytes),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells by the layout in the module page: INT32 7, TEXT "ab", null, DATE 2026-01-31.
    #[test]
    fn a_record_is_laid_out_as_servers_read_it() {
        let values = [
            Value::Int32(7),
            Value::from("ab"),
            Value::Null,
            Value::Date(Date::new(2026, 1, 31).unwrap()),
        ];
        let mut out = Vec::new();
        encode_record(&values, &mut out).unwrap();
        let expected = [
            1, 0, 0, 0, 7, 5, 0, 0, 0, 2, b'a', b'b', 0xfe, 9, 1, 0x35, 0x25, 0x23,
        ];
        assert_eq!(out, expected);
        assert_eq!(decode_record(&Bytes::from(out)).unwrap(), values);
    }

    #[test]
    fn lengths_and_types_that_lie_are_errors() {
        for bad in [
            &[1, 0, 0, 0][..],
            &[5, 0, 0, 0, 9, b'a'],
            &[5, 0xff, 0xff, 0xff, 0xff],
            &[6],
            &[7],
        ] {
            assert!(
                decode_record(&Bytes::copy_from_slice(bad)).is_err(),
                "{bad:?}"
            );
        }
        let error = encode_record(&[Value::Date(Date::from_raw(5))], &mut Vec::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "value: 5 is not a date of the form yyyymmdd"
        );
    }
}
