//! Parameters of aggregate functions: text in names of types, tagged values in types of binary form.
//!
//! Source: ClickHouse, `src/Common/FieldBinaryEncoding.cpp`.

use wire_core::{DecodeError, Reader};

use super::display::Quoted;
use super::parse::quoted_text;
use crate::codec::prim::{lossy, put_string, put_varint, string, to_u64};

const UINT64: u8 = 0x01;
const INT64: u8 = 0x02;
const FLOAT64: u8 = 0x07;
const STRING: u8 = 0x0c;

/// Reads a value and gives its text.
pub(super) fn read(r: &mut Reader<'_>) -> Result<String, DecodeError> {
    Ok(match r.u8("parameter")? {
        UINT64 => r.leb128("parameter")?.to_string(),
        INT64 => {
            // Zigzag: the sign is the lowest bit.
            let n = r.leb128("parameter")?;
            let magnitude = i128::from(n.wrapping_shr(1));
            let signed = if n & 1 == 0 {
                magnitude
            } else {
                magnitude.wrapping_add(1).wrapping_neg()
            };
            signed.to_string()
        }
        FLOAT64 => r.f64_le("parameter")?.to_string(),
        STRING => {
            let text = string(r, "parameter", to_u64(r.left()))?;
            Quoted(&lossy(text)).to_string()
        }
        other => {
            let what = format!("a parameter with code 0x{other:02x}");
            return Err(DecodeError::unsupported("parameter", r.offset(), what));
        }
    })
}

/// Appends the value that `text` is; an error is the text itself if it is none that this crate knows.
pub(super) fn write(text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    if let Ok(n) = text.parse::<u64>() {
        out.push(UINT64);
        put_varint(out, n);
    } else if let Ok(n) = text.parse::<i64>() {
        out.push(INT64);
        let zigzag = n.wrapping_shl(1) ^ n.wrapping_shr(63);
        put_varint(out, u64::from_le_bytes(zigzag.to_le_bytes()));
    } else if let Ok(n) = text.parse::<f64>() {
        out.push(FLOAT64);
        out.extend_from_slice(&n.to_le_bytes());
    } else if let Some(text) = quoted_text(text) {
        out.push(STRING);
        put_string(out, text.as_bytes());
    } else {
        return Err(text.to_owned());
    }
    Ok(())
}
