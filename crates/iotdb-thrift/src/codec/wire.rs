//! What the two protocols have in common, and where encoders write to.

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Reader, Writer, varint};

use super::envelope::Envelope;
use super::kind::{Kind, MinLen};

/// How one Thrift protocol spells values. Code is generic over it, so each protocol gets code of its own with no
/// decision left at run time.
pub(crate) trait Wire: Sized {
    /// The minimum of this protocol.
    fn min_len(min: MinLen) -> usize;

    /// Writes what stands before the body of a message.
    fn put_envelope<S: Sink>(out: &mut S, envelope: &Envelope<'_>) -> Result<(), EncodeError>;
    /// Writes the header of a field. `last` is the id of the field before, 0 at first.
    fn put_field<S: Sink>(out: &mut S, kind: Kind, id: i16, last: &mut i16);
    /// Writes a whole boolean field, since the compact protocol has the value in the header.
    fn put_bool_field<S: Sink>(out: &mut S, value: bool, id: i16, last: &mut i16);
    /// Writes a boolean within a container.
    fn put_bool<S: Sink>(out: &mut S, value: bool);
    fn put_i16<S: Sink>(out: &mut S, value: i16);
    fn put_i32<S: Sink>(out: &mut S, value: i32);
    fn put_i64<S: Sink>(out: &mut S, value: i64);
    /// Writes the length of a string or binary.
    fn put_len<S: Sink>(out: &mut S, field: &'static str, len: usize) -> Result<(), EncodeError>;
    /// Writes the header of a list.
    fn put_list<S: Sink>(
        out: &mut S,
        field: &'static str,
        kind: Kind,
        len: usize,
    ) -> Result<(), EncodeError>;
    /// Writes the header of a map.
    fn put_map<S: Sink>(
        out: &mut S,
        field: &'static str,
        kinds: (Kind, Kind),
        len: usize,
    ) -> Result<(), EncodeError>;

    /// Reads what stands before the body of a message.
    fn envelope<'a>(r: &mut Reader<'a>) -> Result<Envelope<'a>, DecodeError>;
    /// Reads the header of a field; `None` is the end of the struct.
    fn field(r: &mut Reader<'_>, last: &mut i16) -> Result<Option<Field>, DecodeError>;
    /// Reads a boolean within a container.
    fn bool(r: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError>;
    fn i16(r: &mut Reader<'_>, field: &'static str) -> Result<i16, DecodeError>;
    fn i32(r: &mut Reader<'_>, field: &'static str) -> Result<i32, DecodeError>;
    fn i64(r: &mut Reader<'_>, field: &'static str) -> Result<i64, DecodeError>;
    /// Reads the length of a string or binary, which is at most what is left.
    fn len(r: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError>;
    /// Reads the header of a list or set: `None` if it is empty, else the type and number of elements as they stand
    /// there.
    fn list(r: &mut Reader<'_>, field: &'static str) -> Result<Option<(Kind, i64)>, DecodeError>;
    /// Reads the header of a map: `None` if it is empty, else the types and number of entries as they stand there.
    fn map(
        r: &mut Reader<'_>,
        field: &'static str,
    ) -> Result<Option<(Kind, Kind, i64)>, DecodeError>;
}

/// The header of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) id: i16,
    pub(crate) kind: Kind,
    /// The value of a boolean, if the header has it (compact protocol).
    pub(crate) flag: Option<bool>,
}

/// The byte that ends a struct in both protocols.
pub(crate) const STOP: u8 = 0;

/// The most that a length or count can say: they are signed 32-bit numbers in both protocols' libraries.
const MAX_LEN: u32 = i32::MAX.unsigned_abs();

/// A length or count as the wire carries it.
#[inline]
pub(crate) fn wire_len(field: &'static str, len: usize) -> Result<u32, EncodeError> {
    match u32::try_from(len) {
        Ok(n) if n <= MAX_LEN => Ok(n),
        _ => Err(EncodeError::too_long(
            field,
            u64::from(MAX_LEN),
            u64::try_from(len).unwrap_or(u64::MAX),
        )),
    }
}

/// Where encoders write to: a buffer, parts, or a count of what would be written.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
    fn u8(&mut self, byte: u8);
    fn leb128(&mut self, value: u64);

    /// Bytes that a sink may share instead of copying them.
    #[inline]
    fn blob(&mut self, bytes: &Bytes) {
        self.put(bytes);
    }
}

impl Sink for Writer<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        Writer::put(self, bytes);
    }

    #[inline]
    fn u8(&mut self, byte: u8) {
        Writer::u8(self, byte);
    }

    #[inline]
    fn leb128(&mut self, value: u64) {
        Writer::leb128(self, value);
    }
}

/// Counts bytes. The same code that writes a message measures it, so the two cannot disagree.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) len: usize,
    /// Binaries of this length and more do not count.
    shared_from: usize,
}

impl Count {
    /// Counts everything.
    pub(crate) fn all() -> Self {
        Self {
            len: 0,
            shared_from: usize::MAX,
        }
    }

    /// Counts what [`Parts`] would copy.
    pub(crate) fn copied(shared_from: usize) -> Self {
        Self {
            len: 0,
            shared_from,
        }
    }
}

impl Sink for Count {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.len = self.len.saturating_add(bytes.len());
    }

    #[inline]
    fn u8(&mut self, _: u8) {
        self.len = self.len.saturating_add(1);
    }

    #[inline]
    fn leb128(&mut self, value: u64) {
        self.len = self.len.saturating_add(varint::leb128_len(value));
    }

    #[inline]
    fn blob(&mut self, bytes: &Bytes) {
        if bytes.len() < self.shared_from {
            self.put(bytes);
        }
    }
}

/// Gathers small things in one buffer, and shares binaries from a certain length on.
#[derive(Debug)]
pub(crate) struct Parts {
    gathered: Vec<u8>,
    /// Each stands behind so many gathered bytes.
    shared: Vec<(usize, Bytes)>,
    shared_from: usize,
}

impl Parts {
    /// Shares binaries of at least `shared_from` bytes, and expects to copy as many bytes as `count` says.
    pub(crate) fn new(count: &Count) -> Self {
        let gathered = Vec::with_capacity(count.len);
        Self {
            gathered,
            shared: Vec::new(),
            shared_from: count.shared_from,
        }
    }

    /// What was written, in order.
    pub(crate) fn into_vec(self) -> Vec<Bytes> {
        let mut gathered = Bytes::from(self.gathered);
        let mut parts = Vec::new();
        let mut given = 0_usize;
        for (at, blob) in self.shared {
            // Never beyond the end: `at` is a length that the buffer had.
            let before = gathered.split_to(at.saturating_sub(given).min(gathered.len()));
            given = at;
            parts.extend([before, blob]);
        }
        parts.push(gathered);
        parts.retain(|part| !part.is_empty());
        parts
    }
}

impl Sink for Parts {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.gathered.extend_from_slice(bytes);
    }

    #[inline]
    fn u8(&mut self, byte: u8) {
        self.gathered.push(byte);
    }

    #[inline]
    fn leb128(&mut self, value: u64) {
        varint::write_leb128(&mut Writer::new(&mut self.gathered), value);
    }

    #[inline]
    fn blob(&mut self, bytes: &Bytes) {
        if bytes.len() >= self.shared_from {
            self.shared.push((self.gathered.len(), bytes.clone()));
        } else {
            self.put(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_signed_on_the_wire() {
        assert_eq!(wire_len("field", 0x7fff_ffff).unwrap(), 0x7fff_ffff);
        let error = wire_len("field", 0x8000_0000).unwrap_err();
        let text = "field: 2147483648 is more than the 2147483647 that the protocol can say";
        assert_eq!(error.to_string(), text);
    }
}
