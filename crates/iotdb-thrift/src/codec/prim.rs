//! How Rust values are spelled: numbers, text, binaries, lists, maps, structs.

use std::collections::BTreeMap;

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, EncodeError};

use super::input::{Fields, Input};
use super::kind::{Kind, MinLen};
use super::output::{FieldsMut, Output};
use super::wire::{Field, Sink, Wire};

/// The name that elements of containers have in errors, after their index.
const ELEMENT: &str = "value";

/// A value that can be a field or an element.
pub(crate) trait Value: Sized {
    /// Its type on the wire.
    const KIND: Kind;
    /// The fewest bytes it takes.
    const MIN_LEN: MinLen = Self::KIND.min_len();

    /// Writes the value alone.
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError>;

    /// Reads the value alone.
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError>;

    /// Writes the value as a field.
    #[inline]
    fn write_field<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        id: i16,
        last: &mut i16,
        name: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_field(out.sink(), Self::KIND, id, last);
        self.write(out, name)
    }

    /// Reads the value of a field whose header was read.
    #[inline]
    fn read_field<W: Wire>(
        input: &mut Input<'_, W>,
        _: &Field,
        name: &'static str,
    ) -> Result<Self, DecodeError> {
        Self::read(input, name)
    }
}

/// A struct of the interface. Its fields name themselves in errors; whoever holds the struct adds the name it has there.
pub(crate) trait Struct: Sized {
    /// The fewest bytes it takes, with all required fields.
    const MIN_LEN: MinLen;

    /// Writes the fields in ascending order of their ids.
    fn write_fields<W: Wire, S: Sink>(
        &self,
        out: &mut FieldsMut<'_, W, S>,
    ) -> Result<(), EncodeError>;

    /// Reads fields until there are no more.
    fn read_fields<W: Wire>(fields: &mut Fields<'_, '_, W>) -> Result<Self, DecodeError>;
}

impl<T: Struct> Value for T {
    const KIND: Kind = Kind::Struct;
    const MIN_LEN: MinLen = T::MIN_LEN;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        out.fields(field, |fields| self.write_fields(fields))
    }

    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        input.nested(field, |input| T::read_fields(&mut Fields::new(input)))
    }
}

impl Value for bool {
    const KIND: Kind = Kind::Bool;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        _: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_bool(out.sink(), *self);
        Ok(())
    }

    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        W::bool(input.reader(), field)
    }

    #[inline]
    fn write_field<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        id: i16,
        last: &mut i16,
        _: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_bool_field(out.sink(), *self, id, last);
        Ok(())
    }

    #[inline]
    fn read_field<W: Wire>(
        input: &mut Input<'_, W>,
        field: &Field,
        name: &'static str,
    ) -> Result<Self, DecodeError> {
        match field.flag {
            Some(flag) => Ok(flag),
            None => Self::read(input, name),
        }
    }
}

impl Value for i8 {
    const KIND: Kind = Kind::I8;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        _: &'static str,
    ) -> Result<(), EncodeError> {
        out.sink().u8(self.cast_unsigned());
        Ok(())
    }

    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        input.reader().i8(field)
    }
}

macro_rules! number {
    ($ty:ty, $kind:ident, $put:ident, $get:ident) => {
        impl Value for $ty {
            const KIND: Kind = Kind::$kind;

            #[inline]
            fn write<W: Wire, S: Sink>(
                &self,
                out: &mut Output<W, S>,
                _: &'static str,
            ) -> Result<(), EncodeError> {
                W::$put(out.sink(), *self);
                Ok(())
            }

            #[inline]
            fn read<W: Wire>(
                input: &mut Input<'_, W>,
                field: &'static str,
            ) -> Result<Self, DecodeError> {
                W::$get(input.reader(), field)
            }
        }
    };
}

number!(i16, I16, put_i16, i16);
number!(i32, I32, put_i32, i32);
number!(i64, I64, put_i64, i64);

impl Value for String {
    const KIND: Kind = Kind::Binary;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_len(out.sink(), field, self.len())?;
        out.sink().put(self.as_bytes());
        Ok(())
    }

    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        let r = input.reader();
        let len = W::len(r, field)?;
        Ok(r.str(field, len)?.to_owned())
    }
}

impl Value for Bytes {
    const KIND: Kind = Kind::Binary;

    #[inline]
    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_len(out.sink(), field, self.len())?;
        out.sink().blob(self);
        Ok(())
    }

    /// Shares memory with the message.
    #[inline]
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        let r = input.reader();
        let len = W::len(r, field)?;
        r.bytes(field, len)
    }
}

impl<T: Value> Value for Vec<T> {
    const KIND: Kind = Kind::List;

    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_list(out.sink(), field, T::KIND, self.len())?;
        out.nested(field, |out| {
            self.iter().enumerate().try_for_each(|(i, element)| {
                element
                    .write(out, ELEMENT)
                    .map_err(|e| e.within(format_args!("{field}[{i}]")))
            })
        })
    }

    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        let Some((kind, count)) = W::list(input.reader(), field)? else {
            return Ok(Self::new());
        };
        if kind != T::KIND {
            let what = format!("is a list of {kind:?}, not of {:?}", T::KIND);
            return Err(DecodeError::invalid(field, input.reader().offset(), what));
        }
        let count = input.count(field, count, W::min_len(T::MIN_LEN), size_of::<T>())?;
        let mut list = Self::with_capacity(count);
        input.nested(field, |input| {
            for i in 0..count {
                list.push(T::read(input, ELEMENT).at(field, i)?);
            }
            Ok(())
        })?;
        Ok(list)
    }
}

impl<K: Value + Ord, V: Value> Value for BTreeMap<K, V> {
    const KIND: Kind = Kind::Map;

    fn write<W: Wire, S: Sink>(
        &self,
        out: &mut Output<W, S>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        W::put_map(out.sink(), field, (K::KIND, V::KIND), self.len())?;
        out.nested(field, |out| {
            self.iter().enumerate().try_for_each(|(i, (key, value))| {
                key.write(out, "key")
                    .and_then(|()| value.write(out, ELEMENT))
                    .map_err(|e| e.within(format_args!("{field}[{i}]")))
            })
        })
    }

    /// Of equal keys the last one holds.
    fn read<W: Wire>(input: &mut Input<'_, W>, field: &'static str) -> Result<Self, DecodeError> {
        let Some((key, value, count)) = W::map(input.reader(), field)? else {
            return Ok(Self::new());
        };
        if (key, value) != (K::KIND, V::KIND) {
            let what = format!(
                "is a map of {key:?} to {value:?}, not of {:?} to {:?}",
                K::KIND,
                V::KIND
            );
            return Err(DecodeError::invalid(field, input.reader().offset(), what));
        }
        let min_len = W::min_len(K::MIN_LEN).saturating_add(W::min_len(V::MIN_LEN));
        let count = input.count(field, count, min_len, size_of::<(K, V)>())?;
        let mut map = Self::new();
        input.nested(field, |input| {
            for i in 0..count {
                let key = K::read(input, "key").at(field, i)?;
                map.insert(key, V::read(input, ELEMENT).at(field, i)?);
            }
            Ok(())
        })?;
        Ok(map)
    }
}
