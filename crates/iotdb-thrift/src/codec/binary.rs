//! The binary protocol, strict form: fixed-width numbers, big-endian (Thrift binary protocol specification). The older
//! form without a version in the header is not spoken by any server of IoTDB.

use wire_core::{DecodeError, EncodeError, Reader};

use super::envelope::{Envelope, MessageKind};
use super::kind::{Kind, MinLen};
use super::wire::{Field, STOP, Sink, Wire, wire_len};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binary {}

/// The upper half of the first word of a message: a sign bit, so that it is no length, and version 1.
const VERSION: u16 = 0x8001;

impl Wire for Binary {
    #[inline]
    fn min_len(min: MinLen) -> usize {
        min.binary
    }

    fn put_envelope<S: Sink>(out: &mut S, envelope: &Envelope<'_>) -> Result<(), EncodeError> {
        let Envelope {
            kind,
            method,
            sequence_id,
        } = *envelope;
        out.put(&VERSION.to_be_bytes());
        out.put(&[0, kind.code()]);
        Self::put_len(out, "method", method.len())?;
        out.put(method.as_bytes());
        Self::put_i32(out, sequence_id);
        Ok(())
    }

    #[inline]
    fn put_field<S: Sink>(out: &mut S, kind: Kind, id: i16, _: &mut i16) {
        let [high, low] = id.to_be_bytes();
        out.put(&[kind.binary_code(), high, low]);
    }

    #[inline]
    fn put_bool_field<S: Sink>(out: &mut S, value: bool, id: i16, last: &mut i16) {
        Self::put_field(out, Kind::Bool, id, last);
        Self::put_bool(out, value);
    }

    #[inline]
    fn put_bool<S: Sink>(out: &mut S, value: bool) {
        out.u8(u8::from(value));
    }

    #[inline]
    fn put_i16<S: Sink>(out: &mut S, value: i16) {
        out.put(&value.to_be_bytes());
    }

    #[inline]
    fn put_i32<S: Sink>(out: &mut S, value: i32) {
        out.put(&value.to_be_bytes());
    }

    #[inline]
    fn put_i64<S: Sink>(out: &mut S, value: i64) {
        out.put(&value.to_be_bytes());
    }

    #[inline]
    fn put_len<S: Sink>(out: &mut S, field: &'static str, len: usize) -> Result<(), EncodeError> {
        out.put(&wire_len(field, len)?.to_be_bytes());
        Ok(())
    }

    #[inline]
    fn put_list<S: Sink>(
        out: &mut S,
        field: &'static str,
        kind: Kind,
        len: usize,
    ) -> Result<(), EncodeError> {
        out.u8(kind.binary_code());
        Self::put_len(out, field, len)
    }

    #[inline]
    fn put_map<S: Sink>(
        out: &mut S,
        field: &'static str,
        (key, value): (Kind, Kind),
        len: usize,
    ) -> Result<(), EncodeError> {
        out.put(&[key.binary_code(), value.binary_code()]);
        Self::put_len(out, field, len)
    }

    fn envelope<'a>(r: &mut Reader<'a>) -> Result<Envelope<'a>, DecodeError> {
        let version = r.u16_be("version")?;
        if version != VERSION {
            let what = format!(
                "is {version:#06x}, not {VERSION:#06x} as in the strict binary protocol{}",
                super::envelope::hint(version)
            );
            return Err(r.invalid("version", 2, what));
        }
        r.u8("version")?;
        let kind = MessageKind::from_code(r.u8("type")?).ok_or_else(|| {
            r.invalid(
                "type",
                1,
                "is none of call (1), reply (2), exception (3) and one-way (4)",
            )
        })?;
        let len = Self::len(r, "method")?;
        let method = r.str("method", len)?;
        let sequence_id = r.i32_be("sequence_id")?;
        Ok(Envelope {
            kind,
            method,
            sequence_id,
        })
    }

    #[inline]
    fn field(r: &mut Reader<'_>, _: &mut i16) -> Result<Option<Field>, DecodeError> {
        let code = r.u8("field type")?;
        if code == STOP {
            return Ok(None);
        }
        let kind = kind(r, "field type", code)?;
        let id = r.i16_be("field id")?;
        Ok(Some(Field {
            id,
            kind,
            flag: None,
        }))
    }

    #[inline]
    fn bool(r: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
        match r.u8(field)? {
            0 => Ok(false),
            1 => Ok(true),
            n => Err(r.invalid(field, 1, format!("is {n}, not a boolean (0 or 1)"))),
        }
    }

    #[inline]
    fn i16(r: &mut Reader<'_>, field: &'static str) -> Result<i16, DecodeError> {
        r.i16_be(field)
    }

    #[inline]
    fn i32(r: &mut Reader<'_>, field: &'static str) -> Result<i32, DecodeError> {
        r.i32_be(field)
    }

    #[inline]
    fn i64(r: &mut Reader<'_>, field: &'static str) -> Result<i64, DecodeError> {
        r.i64_be(field)
    }

    #[inline]
    fn len(r: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
        let len = r.i32_be(field)?;
        r.length(field, len)
    }

    #[inline]
    fn list(r: &mut Reader<'_>, field: &'static str) -> Result<Option<(Kind, i64)>, DecodeError> {
        let code = r.u8(field)?;
        let count = r.i32_be(field)?;
        if count == 0 {
            return Ok(None);
        }
        Ok(Some((kind(r, field, code)?, i64::from(count))))
    }

    #[inline]
    fn map(
        r: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<Option<(Kind, Kind, i64)>, DecodeError> {
        let [key, value] = r.array(field)?;
        let count = r.i32_be(field)?;
        if count == 0 {
            return Ok(None);
        }
        Ok(Some((
            kind(r, field, key)?,
            kind(r, field, value)?,
            i64::from(count),
        )))
    }
}

#[inline]
fn kind(r: &Reader<'_>, field: &'static str, code: u8) -> Result<Kind, DecodeError> {
    Kind::from_binary(code).ok_or_else(|| {
        r.invalid(
            field,
            1,
            format!("names type {code}, which the binary protocol does not have"),
        )
    })
}
