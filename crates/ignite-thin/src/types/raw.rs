//! Complex objects as raw bytes.

use bytes::Bytes;

use crate::codec::{Decoder, Encoder};
use crate::types::{DataType, Decode, Encode, mismatch};
use crate::{Error, ErrorKind};

/// Bytes of the header of a complex object.
pub(crate) const HEADER: usize = 24;

/// Where the total length stands in the header.
const LENGTH_AT: usize = 12;

/// A complex object (a Java, C++ or .NET object in Ignite's binary form) as its bytes, type code 103 first.
///
/// Read without a copy: it shares the memory of the answer that brought it. Equal bytes are, for a cache, equal keys.
/// The parts of the header are read by [`object::Header`](crate::object::Header).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BinaryObject(Bytes);

impl BinaryObject {
    /// Takes the bytes of an object, which must be one whole complex object.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if type code, layout version or length say otherwise.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let bad = |what: String| Err(Error::new(ErrorKind::Encode, what));
        match object_len(&bytes) {
            Some(Ok(len)) if len == bytes.len() => Ok(Self(bytes)),
            Some(Ok(len)) => bad(format!(
                "the object says a length of {len} bytes but {} are given",
                bytes.len()
            )),
            Some(Err(what)) => bad(format!("not a binary object: {what}")),
            None => bad(format!(
                "not a binary object: {} bytes are less than a header",
                bytes.len()
            )),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl std::fmt::Debug for BinaryObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BinaryObject({} bytes)", self.0.len())
    }
}

/// Total length of the complex object that begins `data`; `None` if its header is not all there.
pub(crate) fn object_len(data: &[u8]) -> Option<Result<usize, String>> {
    let header = data.first_chunk::<HEADER>()?;
    let [code, layout, ..] = *header;
    if code != DataType::Object.code() {
        return Some(Err(format!(
            "type code {code}, expected {}",
            DataType::Object
        )));
    }
    if layout != 1 {
        return Some(Err(format!("layout version {layout}, expected 1")));
    }
    let length = header.iter().skip(LENGTH_AT).take(4).rev();
    let len = length.fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    Some(match usize::try_from(len) {
        Ok(len) if len >= HEADER && i32::try_from(len).is_ok() => Ok(len),
        _ => Err(format!("total length {len}, expected 24 to 2147483647")),
    })
}

impl Encode for BinaryObject {
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.raw(&self.0);
        Ok(())
    }

    fn size_hint(&self) -> usize {
        self.0.len()
    }
}

/// Takes bare objects (code 103) and wrapped ones (27), of which the object at the given offset is taken.
impl Decode for BinaryObject {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        match from.peek().map(DataType::from_code) {
            Some(DataType::Object) => take_object(from).map(Self),
            Some(DataType::WrappedObject) => {
                from.u8("type code")?;
                let len = from.count("wrapped object length", 1)?;
                let envelope = from.bytes("wrapped object", len)?;
                let offset = from.i32("offset of the object")?;
                let at = usize::try_from(offset).ok().filter(|at| *at < len);
                let Some(at) = at else {
                    return Err(from.invalid(
                        "offset of the object",
                        4,
                        format!("is {offset} in an envelope of {len} bytes"),
                    ));
                };
                let whole = envelope.slice(at..);
                match object_len(&whole) {
                    Some(Ok(len)) if len <= whole.len() => Ok(Self(whole.slice(..len))),
                    Some(Err(what)) => Err(from.invalid("wrapped object", len, what)),
                    _ => Err(from.invalid("wrapped object", len, "ends inside the object".into())),
                }
            }
            Some(other) => Err(mismatch(from, DataType::Object, other.code())),
            None => from.bytes("type code", 1).map(Self),
        }
    }
}

/// The bytes of the complex object that comes next.
pub(crate) fn take_object(from: &mut Decoder<'_>) -> Result<Bytes, Error> {
    match object_len(from.rest()) {
        Some(Ok(len)) => from.bytes("binary object", len),
        Some(Err(what)) => Err(from.invalid("binary object", 0, what)),
        None => from.bytes("binary object header", HEADER),
    }
}
