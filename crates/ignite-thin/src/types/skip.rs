//! Passing over a value without decoding it: rows and entries are found by it before anything is decoded.

use crate::Error;
use crate::codec::{Decoder, prim};
use crate::types::raw::object_len;
use crate::types::{DataType, unsupported};

/// Passes over one value. Text is not checked; lengths, counts and depth are.
pub(crate) fn skip(from: &mut Decoder<'_>) -> Result<(), Error> {
    let Some(code) = from.peek() else {
        return from.u8("type code").map(|_| ());
    };
    let data_type = DataType::from_code(code);
    if let Some(width) = fixed_width(data_type) {
        return from.take("value", width.saturating_add(1)).map(|_| ());
    }
    match data_type {
        DataType::Object => {
            let len = match object_len(from.rest()) {
                Some(Ok(len)) => len,
                Some(Err(what)) => return Err(from.invalid("binary object", 0, what)),
                None => from.left().saturating_add(1), // more than there is: an error below
            };
            from.take("binary object", len).map(|_| ())
        }
        DataType::Unknown(_) | DataType::Proxy | DataType::Handle | DataType::Transformed => {
            Err(unsupported(from, code))
        }
        _ => {
            from.u8("type code")?;
            skip_body(from, data_type)
        }
    }
}

/// Bytes behind the type code, for types that always take the same.
fn fixed_width(data_type: DataType) -> Option<usize> {
    Some(match data_type {
        DataType::Null => 0,
        DataType::Byte | DataType::Bool => 1,
        DataType::Short | DataType::Char => 2,
        DataType::Int | DataType::Float => 4,
        DataType::Long | DataType::Double | DataType::Date | DataType::Time => 8,
        DataType::Timestamp => 12,
        DataType::Uuid => 16,
        _ => return None,
    })
}

/// Bytes of an element, for arrays of plain numbers, and text.
fn element_width(data_type: DataType) -> Option<usize> {
    Some(match data_type {
        DataType::String | DataType::ByteArray | DataType::BoolArray | DataType::Optimized => 1,
        DataType::ShortArray | DataType::CharArray => 2,
        DataType::IntArray | DataType::FloatArray => 4,
        DataType::LongArray | DataType::DoubleArray => 8,
        _ => return None,
    })
}

fn skip_body(from: &mut Decoder<'_>, data_type: DataType) -> Result<(), Error> {
    if let Some(width) = element_width(data_type) {
        let n = from.count("length", width)?;
        return from.block("elements", n, width).map(|_| ());
    }
    match data_type {
        DataType::Decimal => {
            from.i32("decimal scale")?;
            let len = from.count("decimal length", 1)?;
            from.take("decimal", len).map(|_| ())
        }
        DataType::WrappedObject => {
            let len = from.count("wrapped object length", 1)?;
            from.take("wrapped object", len)?;
            from.i32("offset of the object").map(|_| ())
        }
        DataType::Enum | DataType::BinaryEnum => {
            skip_type_id(from)?;
            from.i32("ordinal").map(|_| ())
        }
        DataType::Class => skip_type_id(from),
        DataType::ObjectArray | DataType::EnumArray => {
            skip_type_id(from)?;
            let n = from.count("count", 1)?;
            skip_all(from, n)
        }
        DataType::Collection => {
            let n = from.count("count", 1)?;
            from.i8("kind")?;
            skip_all(from, n)
        }
        DataType::Map => {
            let n = from.count("count", 2)?;
            from.i8("kind")?;
            skip_all(from, n.saturating_mul(2))
        }
        // String[], UUID[], Date[], BigDecimal[], Timestamp[], Time[]: whole values.
        _ => {
            let n = from.count("count", 1)?;
            skip_all(from, n)
        }
    }
}

/// A type id, and the class name behind it if the id is 0.
fn skip_type_id(from: &mut Decoder<'_>) -> Result<(), Error> {
    match from.i32("type id")? {
        0 => prim::skip_opt_str(from, "class name"),
        _ => Ok(()),
    }
}

fn skip_all(from: &mut Decoder<'_>, n: usize) -> Result<(), Error> {
    from.enter("value")?;
    for _ in 0..n {
        skip(from)?;
    }
    from.leave();
    Ok(())
}
