//! Binary objects: the form in which Ignite keeps instances of Java, C++ and .NET classes.
//!
//! This room reads the header of an object and has the hashes that name types, fields and caches. The fields
//! themselves need the schema of the type and are left as raw bytes.
//!
//! ```text
//!  0    1         2       4          8            12           16          20              24
//! ├────┼─────────┼───────┼──────────┼────────────┼────────────┼───────────┼───────────────┼────────┬────────┐
//! │ 103│ layout 1│ flags │ type id  │ hash code  │ total bytes│ schema id │ schema offset │ fields │ footer │
//! └────┴─────────┴───────┴──────────┴────────────┴────────────┴───────────┴───────────────┴────────┴────────┘
//! ```
//!
//! Source: server classes `BinaryUtils`, `BinaryObjectImpl`, `GridBinaryMarshaller`.

mod hash;

pub use hash::{cache_id, content_hash, java_hash, type_id};

use crate::codec::Decoder;
use crate::limits::Limits;
use crate::types::BinaryObject;
use crate::{Error, ErrorKind};

/// Bytes of the header: the fields begin behind it.
const HEADER_BYTES: i32 = 24;

/// What the header of a complex object says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Bits of [`Header::HAS_SCHEMA`] and others.
    pub flags: i16,
    /// Id of the type, see [`type_id`]; 0 if the class is not registered and its name follows the header.
    pub type_id: i32,
    /// Hash code of the content, see [`content_hash`]; the server trusts it when it looks for the partition of a key.
    pub hash_code: i32,
    /// Total length in bytes.
    pub length: i32,
    /// Id of the schema: which fields in which order.
    pub schema_id: i32,
    /// Where the footer begins: field ids and offsets. Without a schema, where the raw data begins.
    pub schema_offset: i32,
}

impl Header {
    /// Flag: the class is the user's own.
    pub const USER_TYPE: i16 = 0x01;
    /// Flag: there are fields and a footer.
    pub const HAS_SCHEMA: i16 = 0x02;
    /// Flag: there is raw data behind the fields.
    pub const HAS_RAW: i16 = 0x04;
    /// Flag: the footer has no field ids, only offsets.
    pub const COMPACT_FOOTER: i16 = 0x20;

    /// Reads the header of `object`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the schema offset is not inside the object.
    pub fn of(object: &BinaryObject) -> Result<Self, Error> {
        let mut from = Decoder::new(object.as_bytes(), &Limits::default());
        from.u8("type code")?;
        from.u8("layout version")?;
        let header = Self {
            flags: from.i16("flags")?,
            type_id: from.i32("type id")?,
            hash_code: from.i32("hash code")?,
            length: from.i32("length")?,
            schema_id: from.i32("schema id")?,
            schema_offset: from.i32("schema offset")?,
        };
        if (HEADER_BYTES..=header.length).contains(&header.schema_offset) {
            return Ok(header);
        }
        Err(Error::new(
            ErrorKind::Decode,
            format!(
                "the binary object's schema offset is {}, expected 24 to {}",
                header.schema_offset, header.length
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object of class my.T with a = 5 and b = "hi", made by the Java thin client of Ignite 2.17 with the mapper
    /// for full names and compact footers.
    const GOLDEN: &str =
        "67012b00b2583300eb4791cd26000000e605152224000000030500000009020000006869181d";

    #[test]
    fn the_header_of_a_java_object_is_read() {
        let bytes = wire_core::hex::parse(GOLDEN).unwrap();
        let object = BinaryObject::from_bytes(bytes.clone()).unwrap();
        let header = Header::of(&object).unwrap();
        assert_eq!(header.type_id, type_id("my.T"));
        assert_eq!(header.length, 38);
        assert_eq!(header.schema_id, 0x2215_05e6);
        assert_eq!(
            header.flags,
            Header::USER_TYPE | Header::HAS_SCHEMA | Header::COMPACT_FOOTER | 8
        );
        assert_eq!(content_hash(&bytes[24..36]), header.hash_code);
        assert_eq!(header.schema_offset, 36);
    }

    #[test]
    fn only_whole_objects_are_taken() {
        let bytes = wire_core::hex::parse(GOLDEN).unwrap();
        for end in 0..bytes.len() {
            assert!(
                BinaryObject::from_bytes(bytes[..end].to_vec()).is_err(),
                "{end}"
            );
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(BinaryObject::from_bytes(longer).is_err());
        let mut outside = bytes;
        outside[20] = 39;
        assert!(Header::of(&BinaryObject::from_bytes(outside).unwrap()).is_err());
    }
}
