//! Reading structs field by field, within limits.

use std::marker::PhantomData;

use bytes::Bytes;
use wire_core::{Budget, DecodeError, DecodeResultExt, Reader};

use super::kind::Kind;
use super::prim::Value;
use super::wire::{Field, Wire};
use crate::limits::Limits;

/// A message being read.
#[derive(Debug)]
pub(crate) struct Input<'a, W> {
    r: Reader<'a>,
    budget: Budget,
    depth: u32,
    max_depth: u32,
    wire: PhantomData<W>,
}

impl<'a, W: Wire> Input<'a, W> {
    /// Reads the part of `message` that `r`, a reader over it, has not read yet.
    pub(crate) fn new(r: Reader<'a>, message: &Bytes, limits: &Limits) -> Self {
        // Each element takes a byte at least, so a message can hold no more of them than it has bytes.
        let elements = u64::try_from(message.len()).unwrap_or(u64::MAX);
        let bytes = u64::try_from(limits.max_decoded_bytes).unwrap_or(u64::MAX);
        Self {
            r,
            budget: Budget::new(bytes, elements, limits.max_depth),
            depth: 0,
            max_depth: limits.max_depth,
            wire: PhantomData,
        }
    }

    /// The cursor.
    #[inline]
    pub(crate) fn reader(&mut self) -> &mut Reader<'a> {
        &mut self.r
    }

    /// Runs `body` one level deeper. Structs and containers are a level each.
    #[inline]
    pub(crate) fn nested<T>(
        &mut self,
        field: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth >= self.max_depth {
            let max = u64::from(self.max_depth);
            return Err(DecodeError::limit(
                field,
                self.r.offset(),
                "depth",
                max,
                max.saturating_add(1),
            ));
        }
        self.depth = self.depth.saturating_add(1);
        let result = body(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Accepts a count if so many elements of `min_len` bytes can follow, and charges the `size` bytes that each
    /// takes in memory.
    #[inline]
    pub(crate) fn count(
        &mut self,
        field: &'static str,
        count: i64,
        min_len: usize,
        size: usize,
    ) -> Result<usize, DecodeError> {
        let n = self.r.count(field, count, min_len)?;
        let offset = self.r.offset();
        let elements = u64::try_from(n).unwrap_or(u64::MAX);
        self.budget.elements(field, offset, elements)?;
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        self.budget
            .bytes(field, offset, elements.saturating_mul(size))?;
        Ok(n)
    }

    /// Passes over a value whose header is read. Checks what it must to find the end: types, lengths, depth; not
    /// whether text is UTF-8, since a binary looks the same.
    pub(crate) fn skip(&mut self, kind: Kind) -> Result<(), DecodeError> {
        const FIELD: &str = "unknown field";
        match kind {
            Kind::Bool => W::bool(&mut self.r, FIELD).map(drop),
            Kind::I8 => self.r.skip(FIELD, 1),
            Kind::I16 => W::i16(&mut self.r, FIELD).map(drop),
            Kind::I32 => W::i32(&mut self.r, FIELD).map(drop),
            Kind::I64 => W::i64(&mut self.r, FIELD).map(drop),
            Kind::Double => self.r.skip(FIELD, 8),
            Kind::Binary => {
                let len = W::len(&mut self.r, FIELD)?;
                self.r.skip(FIELD, len)
            }
            Kind::Struct => self.nested(FIELD, |input| {
                let mut fields = Fields::new(input);
                while let Some(field) = fields.next()? {
                    fields.skip(&field)?;
                }
                Ok(())
            }),
            Kind::List | Kind::Set => self.nested(FIELD, |input| {
                let Some((kind, count)) = W::list(&mut input.r, FIELD)? else {
                    return Ok(());
                };
                let count = input.count(FIELD, count, W::min_len(kind.min_len()), 0)?;
                (0..count).try_for_each(|_| input.skip(kind))
            }),
            Kind::Map => self.nested(FIELD, |input| {
                let Some((key, value, count)) = W::map(&mut input.r, FIELD)? else {
                    return Ok(());
                };
                let entry = W::min_len(key.min_len()).saturating_add(W::min_len(value.min_len()));
                let count = input.count(FIELD, count, entry, 0)?;
                (0..count).try_for_each(|_| {
                    input.skip(key)?;
                    input.skip(value)
                })
            }),
        }
    }
}

/// The fields of a struct, in the order in which they stand there.
#[derive(Debug)]
pub(crate) struct Fields<'i, 'a, W> {
    input: &'i mut Input<'a, W>,
    /// The id of the field before: the compact protocol says only the difference.
    last: i16,
}

impl<'i, 'a, W: Wire> Fields<'i, 'a, W> {
    /// The fields of the struct that `input` is at.
    #[inline]
    pub(crate) fn new(input: &'i mut Input<'a, W>) -> Self {
        Self { input, last: 0 }
    }

    /// The header of the next field, or `None` at the end of the struct.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Field>, DecodeError> {
        W::field(&mut self.input.r, &mut self.last)
    }

    /// The value of the field whose header was read. Its type must have been compared.
    #[inline]
    pub(crate) fn value<T: Value>(
        &mut self,
        field: &Field,
        name: &'static str,
    ) -> Result<T, DecodeError> {
        let value = T::read_field(self.input, field, name);
        // Every other kind of value names itself in its errors.
        if matches!(T::KIND, Kind::Struct) {
            value.within(name)
        } else {
            value
        }
    }

    /// Passes over the field whose header was read.
    #[inline]
    pub(crate) fn skip(&mut self, field: &Field) -> Result<(), DecodeError> {
        // A boolean of the compact protocol ended with its header.
        if field.flag.is_some() {
            Ok(())
        } else {
            self.input.skip(field.kind)
        }
    }

    /// The value of a required field.
    #[inline]
    pub(crate) fn require<T>(
        &self,
        value: Option<T>,
        message: &'static str,
        name: &'static str,
    ) -> Result<T, DecodeError> {
        value.ok_or_else(|| {
            let what = format!("is missing, and {message} requires it");
            DecodeError::invalid(name, self.input.r.offset(), what)
        })
    }
}
