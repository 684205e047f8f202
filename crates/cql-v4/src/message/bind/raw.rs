//! Values that are encoded already.

use wire_core::{DecodeError, Reader, Writer};

use super::{Bind, Binder, write_bound};
use crate::codec::{Version, prim};
use crate::error::{Error, ErrorKind, Fail};
use crate::message::Column;
use crate::types::{Place, unset_before_v4};

/// Room for the values of most statements, so that encoding them takes one allocation.
const USUAL_BYTES: usize = 256;

/// Values that are encoded already: what a request is written from once it is known where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawValues {
    count: usize,
    /// Each value with its length before it, and with its name before that if it has one.
    bytes: Vec<u8>,
    is_named: bool,
}

/// A value as it is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol knows these three")]
pub enum RawValue<'a> {
    /// The column stays as it is.
    Unset,
    /// No value.
    Null,
    /// The bytes of a value.
    Value(&'a [u8]),
}

impl<'a> RawValue<'a> {
    /// The bytes; `None` for null and for unset.
    #[inline]
    pub fn data(self) -> Option<&'a [u8]> {
        match self {
            Self::Value(data) => Some(data),
            Self::Null | Self::Unset => None,
        }
    }

    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match Self::split(r.rest()) {
            Some((value, rest)) => {
                r.skip("value", r.left().saturating_sub(rest.len()))?;
                Ok(value)
            }
            // The same once more, for the reason.
            None => {
                let n = r.i32_be("value")?;
                let n = usize::try_from(n)
                    .map_err(|_| r.invalid("value", 4, "has a length below -2"))?;
                r.take("value", n).map(Self::Value)
            }
        }
    }

    /// The value at the beginning of `bytes`, and what is behind it.
    #[inline]
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (n, rest) = bytes.split_first_chunk()?;
        match i32::from_be_bytes(*n) {
            -1 => Some((Self::Null, rest)),
            -2 => Some((Self::Unset, rest)),
            n => {
                let (data, rest) = rest.split_at_checked(usize::try_from(n).ok()?)?;
                Some((Self::Value(data), rest))
            }
        }
    }
}

impl RawValues {
    /// Encodes `values` for a statement with these markers, if it is prepared.
    ///
    /// # Errors
    /// As when a statement is run: wrong count, wrong type, values that cannot be written.
    pub fn encode<V: Bind + ?Sized>(
        version: Version,
        markers: Option<&[Column]>,
        values: &V,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        let mut w = Writer::new(&mut bytes);
        let count = write_bound(&mut w, version, markers, values)?;
        Ok(Self {
            count,
            bytes,
            is_named: markers.is_none() && values.is_named(),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes that they take in a request, lengths included.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// The values in their order. Those before a value are passed over to get to it, so for single ones ask
    /// [`Self::select`].
    pub fn iter(&self) -> impl Iterator<Item = RawValue<'_>> {
        let mut rest = self.bytes.as_slice();
        (0..self.count).map_while(move |_| self.next(&mut rest))
    }

    /// The values with these indexes, in the order of the indexes: the components of a routing key. `None` for an
    /// index beyond the last value.
    ///
    /// Costs a pass over the values up to the highest index while the indexes ascend, and a new one where they do not.
    #[inline]
    pub fn select<'a>(&'a self, indexes: &'a [u16]) -> impl Iterator<Item = Option<RawValue<'a>>> {
        let mut rest = self.bytes.as_slice();
        let mut at = 0_usize;
        indexes.iter().map(move |index| {
            let index = usize::from(*index);
            if index < at {
                rest = &self.bytes;
                at = 0;
            }
            while at < index {
                self.next(&mut rest)?;
                at = at.saturating_add(1);
            }
            at = at.saturating_add(1);
            self.next(&mut rest)
        })
    }

    pub(crate) fn has_unset(&self) -> bool {
        self.iter().any(|value| value == RawValue::Unset)
    }

    /// The names of the values, if they are bound by name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut r = Reader::new(&self.bytes);
        let named = if self.is_named { self.count } else { 0 };
        (0..named).map_while(move |_| {
            let name = prim::string(&mut r, "name").ok()?;
            RawValue::read(&mut r).ok()?;
            Some(name)
        })
    }

    /// The next of the values that `rest` begins with; `None` at the end, since nothing but values was put into the
    /// bytes, or they were checked when they were read.
    #[inline]
    fn next<'a>(&self, rest: &mut &'a [u8]) -> Option<RawValue<'a>> {
        if self.is_named {
            let (n, behind) = rest.split_first_chunk()?;
            *rest = behind.get(usize::from(u16::from_be_bytes(*n))..)?;
        }
        let (value, behind) = RawValue::split(rest)?;
        *rest = behind;
        Some(value)
    }

    /// Reads the count and the values, which have names if the flags of the request said so.
    pub(crate) fn read(r: &mut Reader<'_>, is_named: bool) -> Result<Self, DecodeError> {
        let count = r.u16_be("values")?;
        let count = r.count("values", count, 4)?;
        let mut ahead = *r;
        for _ in 0..count {
            if is_named {
                prim::string(&mut ahead, "name")?;
            }
            RawValue::read(&mut ahead)?;
        }
        let n = ahead.offset().saturating_sub(r.offset());
        Ok(Self {
            count,
            bytes: r.take("values", n)?.to_vec(),
            // No values have no names, whatever the flags say.
            is_named: is_named && count > 0,
        })
    }

    /// Writes the count and the values of a statement in a batch.
    pub(crate) fn write_in_batch(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        if self.is_named {
            // The flag that would say so stands in a place where no server can use it (CASSANDRA-10246).
            let text = "a batch cannot bind values by name, unless the statement is prepared; nothing was sent";
            return Err(Error::new(ErrorKind::Misuse, text).into());
        }
        super::write_values(w, version, None, self)
    }
}

impl Bind for RawValues {
    #[inline]
    fn count(&self) -> usize {
        self.count
    }

    fn is_named(&self) -> bool {
        self.is_named
    }

    #[inline]
    fn bind(&self, out: &mut Binder<'_>) -> Result<(), Error> {
        if self.is_named && out.markers.is_some() {
            let text = "values that were encoded without their statement cannot be bound to its markers by name; \
                        nothing was sent";
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        // It need not have been known what they are encoded for.
        if out.place == Place::BoundBeforeUnset && self.has_unset() {
            return Err(unset_before_v4());
        }
        out.w.put(&self.bytes);
        out.bound = out.bound.saturating_add(self.count);
        Ok(())
    }
}
