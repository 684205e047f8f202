//! Writing structs field by field.

use std::marker::PhantomData;

use wire_core::EncodeError;

use super::kind::Kind;
use super::prim::Value;
use super::wire::{STOP, Sink, Wire};

/// A message being written, or measured.
#[derive(Debug)]
pub(crate) struct Output<W, S> {
    sink: S,
    depth: u32,
    wire: PhantomData<W>,
}

/// Levels that a message may nest: what readers accept by default, and shallow enough for any stack.
const MAX_DEPTH: u32 = 64;

impl<W: Wire, S: Sink> Output<W, S> {
    pub(crate) fn new(sink: S) -> Self {
        Self {
            sink,
            depth: 0,
            wire: PhantomData,
        }
    }

    /// Where the bytes go.
    #[inline]
    pub(crate) fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Where the bytes went.
    pub(crate) fn into_sink(self) -> S {
        self.sink
    }

    /// Runs `body` one level deeper. Structs and containers are a level each.
    #[inline]
    pub(crate) fn nested(
        &mut self,
        field: &'static str,
        body: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if self.depth >= MAX_DEPTH {
            return Err(EncodeError::invalid(
                field,
                format!("nests more than {MAX_DEPTH} levels deep"),
            ));
        }
        self.depth = self.depth.saturating_add(1);
        let result = body(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Writes the fields that `body` writes as a struct.
    #[inline]
    pub(crate) fn fields(
        &mut self,
        field: &'static str,
        body: impl FnOnce(&mut FieldsMut<'_, W, S>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.nested(field, |output| {
            body(&mut FieldsMut { output, last: 0 })?;
            output.sink.u8(STOP);
            Ok(())
        })
    }
}

/// The fields of a struct being written, in ascending order of their ids.
#[derive(Debug)]
pub(crate) struct FieldsMut<'o, W, S> {
    output: &'o mut Output<W, S>,
    /// The id of the field before: the compact protocol says only the difference.
    last: i16,
}

impl<W: Wire, S: Sink> FieldsMut<'_, W, S> {
    /// Writes a field.
    #[inline]
    pub(crate) fn required<T: Value>(
        &mut self,
        id: i16,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let result = value.write_field(self.output, id, &mut self.last, name);
        // Every other kind of value names itself in its errors.
        if matches!(T::KIND, Kind::Struct) {
            result.map_err(|e| e.within(name))
        } else {
            result
        }
    }

    /// Writes a field if there is a value.
    #[inline]
    pub(crate) fn optional<T: Value>(
        &mut self,
        id: i16,
        name: &'static str,
        value: &Option<T>,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.required(id, name, value),
            None => Ok(()),
        }
    }
}
