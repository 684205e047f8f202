//! This protocol's spelling of text, byte arrays and UUIDs inside messages: typed, and null where it may be absent.

use crate::Error;
use crate::codec::{Decoder, Encoder};

/// Type code of text.
pub(crate) const STRING: u8 = 9;
/// Type code of a UUID.
pub(crate) const UUID: u8 = 10;
/// Type code of a byte array.
pub(crate) const BYTES: u8 = 12;
/// Type code of null.
pub(crate) const NULL: u8 = 101;

/// Text: type code, length in bytes, UTF-8.
#[inline]
pub(crate) fn write_str(to: &mut Encoder<'_>, text: &str) -> Result<(), Error> {
    to.u8(STRING);
    to.counted("text", text.as_bytes())
}

/// Text or null.
pub(crate) fn write_opt_str(to: &mut Encoder<'_>, text: Option<&str>) -> Result<(), Error> {
    match text {
        Some(text) => write_str(to, text),
        None => {
            to.u8(NULL);
            Ok(())
        }
    }
}

/// Text or null.
pub(crate) fn read_opt_str(
    from: &mut Decoder<'_>,
    field: &'static str,
) -> Result<Option<String>, Error> {
    match from.u8(field)? {
        STRING => read_str_body(from, field).map(Some),
        NULL => Ok(None),
        other => Err(not_text(from, field, other)),
    }
}

/// Passes over text or null.
pub(crate) fn skip_opt_str(from: &mut Decoder<'_>, field: &'static str) -> Result<(), Error> {
    match from.u8(field)? {
        STRING => {
            let len = from.count(field, 1)?;
            from.take(field, len).map(|_| ())
        }
        NULL => Ok(()),
        other => Err(not_text(from, field, other)),
    }
}

#[cold]
fn not_text(from: &Decoder<'_>, field: &'static str, code: u8) -> Error {
    from.invalid(
        field,
        1,
        format!("has type code {code}, expected text (9) or null (101)"),
    )
}

/// Text that may not be null.
pub(crate) fn read_str(from: &mut Decoder<'_>, field: &'static str) -> Result<String, Error> {
    match read_opt_str(from, field)? {
        Some(text) => Ok(text),
        None => Err(from.invalid(field, 1, "is null, expected text".to_owned())),
    }
}

/// Length and bytes of text.
///
/// Servers with `IGNITE_BINARY_MARSHALLER_USE_STRING_SERIALIZATION_VER_2`, and clients of theirs, write each UTF-16
/// unit for itself, so that a character outside the basic plane takes two three-byte sequences. Such text is read
/// too; a surrogate without its other half is an error.
pub(crate) fn read_str_body(from: &mut Decoder<'_>, field: &'static str) -> Result<String, Error> {
    let len = from.count(field, 1)?;
    let raw = from.clone().take(field, len)?;
    let text = match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => match join_surrogates(raw) {
            Some(text) => text,
            // Fails again, with the place.
            None => return from.str(field, len).map(str::to_owned),
        },
    };
    from.take(field, len)?;
    Ok(text)
}

/// UTF-8 in which surrogate pairs are encoded half by half (CESU-8), as text.
#[cold]
fn join_surrogates(raw: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        match rest {
            [
                0xed,
                a @ 0xa0..=0xaf,
                b @ 0x80..=0xbf,
                0xed,
                c @ 0xb0..=0xbf,
                d @ 0x80..=0xbf,
                after @ ..,
            ] => {
                let high = (u32::from(a & 0x0f) << 6) | u32::from(b & 0x3f);
                let low = (u32::from(c & 0x0f) << 6) | u32::from(d & 0x3f);
                let code = ((high << 10) | low).checked_add(0x1_0000)?;
                let text = char::from_u32(code)?;
                out.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            _ => {
                out.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// The bytes of a UUID: both halves little-endian, the most significant first.
pub(crate) fn write_uuid_body(to: &mut Encoder<'_>, uuid: u128) {
    let (high, low) = halves(uuid);
    to.raw(&high.to_le_bytes());
    to.raw(&low.to_le_bytes());
}

/// See [`write_uuid_body`].
pub(crate) fn read_uuid_body(from: &mut Decoder<'_>, field: &'static str) -> Result<u128, Error> {
    let high = from.i64(field)?.cast_unsigned();
    let low = from.i64(field)?.cast_unsigned();
    Ok((u128::from(high) << 64) | u128::from(low))
}

fn halves(uuid: u128) -> (u64, u64) {
    let bytes = uuid.to_be_bytes();
    let (high, low) = bytes.split_at(8);
    let word = |half: &[u8]| {
        half.iter()
            .fold(0_u64, |word, byte| (word << 8) | u64::from(*byte))
    };
    (word(high), word(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use bytes::Bytes;

    fn read(data: &'static [u8]) -> Result<String, Error> {
        read_str(
            &mut Decoder::new(&Bytes::from_static(data), &Limits::default()),
            "name",
        )
    }

    #[test]
    fn text_may_have_its_surrogates_apart() {
        // U+1F600 in UTF-8, and as its two UTF-16 units d83d de00 encoded one by one.
        assert_eq!(
            read(b"\x09\x04\0\0\0\xf0\x9f\x98\x80").unwrap(),
            "\u{1f600}"
        );
        assert_eq!(
            read(b"\x09\x07\0\0\0a\xed\xa0\xbd\xed\xb8\x80").unwrap(),
            "a\u{1f600}"
        );
        assert!(read(b"\x09\x03\0\0\0\xed\xa0\xbd").is_err(), "half a pair");
    }

    #[test]
    fn a_uuid_is_two_little_endian_halves() {
        let mut out = Vec::new();
        let uuid = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff;
        write_uuid_body(&mut Encoder::new(&mut out), uuid);
        assert_eq!(
            out,
            [
                0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa,
                0x99, 0x88
            ]
        );
        let bytes = Bytes::from(out);
        let mut from = Decoder::new(&bytes, &Limits::default());
        assert_eq!(read_uuid_body(&mut from, "id").unwrap(), uuid);
    }
}
