//! The compact protocol: variable-width numbers, field ids as differences (Thrift compact protocol specification).

use wire_core::{DecodeError, EncodeError, Reader, varint};

use super::envelope::{Envelope, MessageKind};
use super::kind::{Kind, MinLen};
use super::wire::{Field, STOP, Sink, Wire, wire_len};

/// See the module.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Compact {}

/// The first byte of a message.
const PROTOCOL_ID: u8 = 0x82;
/// The lower five bits of the second byte of a message; the upper three are its type.
const VERSION: u8 = 1;
/// The code of a boolean that is false; [`Kind::compact_code`] has the one of true.
const FALSE: u8 = 2;
/// The count that a list's header cannot say in its four bits; it stands for "a varint follows".
const LONG_LIST: u8 = 15;

impl Wire for Compact {
    #[inline]
    fn min_len(min: MinLen) -> usize {
        min.compact
    }

    fn put_envelope<S: Sink>(out: &mut S, envelope: &Envelope<'_>) -> Result<(), EncodeError> {
        let Envelope {
            kind,
            method,
            sequence_id,
        } = *envelope;
        out.put(&[PROTOCOL_ID, (kind.code() << 5) | VERSION]);
        out.leb128(u64::from(sequence_id.cast_unsigned()));
        Self::put_len(out, "method", method.len())?;
        out.put(method.as_bytes());
        Ok(())
    }

    #[inline]
    fn put_field<S: Sink>(out: &mut S, kind: Kind, id: i16, last: &mut i16) {
        put_field_code(out, kind.compact_code(), id, last);
    }

    #[inline]
    fn put_bool_field<S: Sink>(out: &mut S, value: bool, id: i16, last: &mut i16) {
        put_field_code(out, bool_code(value), id, last);
    }

    #[inline]
    fn put_bool<S: Sink>(out: &mut S, value: bool) {
        out.u8(bool_code(value));
    }

    #[inline]
    fn put_i16<S: Sink>(out: &mut S, value: i16) {
        out.leb128(varint::zigzag(i64::from(value)));
    }

    #[inline]
    fn put_i32<S: Sink>(out: &mut S, value: i32) {
        out.leb128(varint::zigzag(i64::from(value)));
    }

    #[inline]
    fn put_i64<S: Sink>(out: &mut S, value: i64) {
        out.leb128(varint::zigzag(value));
    }

    #[inline]
    fn put_len<S: Sink>(out: &mut S, field: &'static str, len: usize) -> Result<(), EncodeError> {
        out.leb128(u64::from(wire_len(field, len)?));
        Ok(())
    }

    #[inline]
    fn put_list<S: Sink>(
        out: &mut S,
        field: &'static str,
        kind: Kind,
        len: usize,
    ) -> Result<(), EncodeError> {
        match u8::try_from(len) {
            Ok(n) if n < LONG_LIST => out.u8((n << 4) | kind.compact_code()),
            _ => {
                out.u8((LONG_LIST << 4) | kind.compact_code());
                Self::put_len(out, field, len)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn put_map<S: Sink>(
        out: &mut S,
        field: &'static str,
        (key, value): (Kind, Kind),
        len: usize,
    ) -> Result<(), EncodeError> {
        Self::put_len(out, field, len)?;
        if len > 0 {
            out.u8((key.compact_code() << 4) | value.compact_code());
        }
        Ok(())
    }

    fn envelope<'a>(r: &mut Reader<'a>) -> Result<Envelope<'a>, DecodeError> {
        let [protocol, version] = r.array("version")?;
        if protocol != PROTOCOL_ID || version & 0x1f != VERSION {
            let first = u16::from_be_bytes([protocol, version]);
            let what = format!(
                "is {first:#06x}, not {PROTOCOL_ID:#04x} and version {VERSION} as in the compact protocol{}",
                super::envelope::hint(first)
            );
            return Err(r.invalid("version", 2, what));
        }
        let kind = MessageKind::from_code(version >> 5).ok_or_else(|| {
            r.invalid(
                "type",
                1,
                "is none of call (1), reply (2), exception (3) and one-way (4)",
            )
        })?;
        let start = r.offset();
        let number = r.leb128("sequence_id")?;
        let sequence_id = u32::try_from(number)
            .map_err(|_| DecodeError::invalid("sequence_id", start, "has more than 32 bits"))?
            .cast_signed();
        let len = Self::len(r, "method")?;
        let method = r.str("method", len)?;
        Ok(Envelope {
            kind,
            method,
            sequence_id,
        })
    }

    #[inline]
    fn field(r: &mut Reader<'_>, last: &mut i16) -> Result<Option<Field>, DecodeError> {
        let header = r.u8("field type")?;
        if header == STOP {
            return Ok(None);
        }
        let code = header & 0x0f;
        let kind = kind(r, "field type", code)?;
        let id = match i16::from(header >> 4) {
            0 => Self::i16(r, "field id")?,
            delta => last
                .checked_add(delta)
                .ok_or_else(|| r.invalid("field id", 1, "is more than 16 bits can say"))?,
        };
        *last = id;
        let flag = (kind == Kind::Bool).then_some(code != FALSE);
        Ok(Some(Field { id, kind, flag }))
    }

    /// Specification and libraries once disagreed on false within containers: 0 and 2 are both in use.
    #[inline]
    fn bool(r: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
        match r.u8(field)? {
            0 | FALSE => Ok(false),
            1 => Ok(true),
            n => Err(r.invalid(field, 1, format!("is {n}, not a boolean (1 or 2)"))),
        }
    }

    #[inline]
    fn i16(r: &mut Reader<'_>, field: &'static str) -> Result<i16, DecodeError> {
        narrow(r, field, 16)
    }

    #[inline]
    fn i32(r: &mut Reader<'_>, field: &'static str) -> Result<i32, DecodeError> {
        narrow(r, field, 32)
    }

    #[inline]
    fn i64(r: &mut Reader<'_>, field: &'static str) -> Result<i64, DecodeError> {
        Ok(varint::unzigzag(r.leb128(field)?))
    }

    #[inline]
    fn len(r: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
        let len = r.leb128(field)?;
        r.length(field, len)
    }

    #[inline]
    fn list(r: &mut Reader<'_>, field: &'static str) -> Result<Option<(Kind, i64)>, DecodeError> {
        let header = r.u8(field)?;
        let count = match header >> 4 {
            LONG_LIST => count(r, field)?,
            short => i64::from(short),
        };
        if count == 0 {
            return Ok(None);
        }
        Ok(Some((kind(r, field, header & 0x0f)?, count)))
    }

    #[inline]
    fn map(
        r: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<Option<(Kind, Kind, i64)>, DecodeError> {
        let count = count(r, field)?;
        if count == 0 {
            return Ok(None);
        }
        let kinds = r.u8(field)?;
        Ok(Some((
            kind(r, field, kinds >> 4)?,
            kind(r, field, kinds & 0x0f)?,
            count,
        )))
    }
}

#[inline]
fn bool_code(value: bool) -> u8 {
    if value {
        Kind::Bool.compact_code()
    } else {
        FALSE
    }
}

#[inline]
fn put_field_code<S: Sink>(out: &mut S, code: u8, id: i16, last: &mut i16) {
    match id
        .checked_sub(*last)
        .and_then(|delta| u8::try_from(delta).ok())
    {
        Some(delta @ 1..=15) => out.u8((delta << 4) | code),
        _ => {
            out.u8(code);
            out.leb128(varint::zigzag(i64::from(id)));
        }
    }
    *last = id;
}

#[inline]
fn narrow<T: TryFrom<i64>>(
    r: &mut Reader<'_>,
    field: &'static str,
    bits: u8,
) -> Result<T, DecodeError> {
    let start = r.offset();
    let value = varint::unzigzag(r.leb128(field)?);
    T::try_from(value).map_err(|_| {
        DecodeError::invalid(
            field,
            start,
            format!("is {value}, which {bits} bits cannot hold"),
        )
    })
}

#[inline]
fn count(r: &mut Reader<'_>, field: &'static str) -> Result<i64, DecodeError> {
    let start = r.offset();
    let count = r.leb128(field)?;
    i64::try_from(count)
        .map_err(|_| DecodeError::invalid(field, start, "is a count of more than 63 bits"))
}

#[inline]
fn kind(r: &Reader<'_>, field: &'static str, code: u8) -> Result<Kind, DecodeError> {
    Kind::from_compact(code).ok_or_else(|| {
        r.invalid(
            field,
            1,
            format!("names type {code}, which the compact protocol does not have"),
        )
    })
}
