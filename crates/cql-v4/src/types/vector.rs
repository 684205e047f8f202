//! `vector<T, n>`: elements without a count, since that is part of the type.
//!
//! Elements whose type has a fixed length stand side by side; others have their length before them as a vint. Which
//! types count as fixed is the server's own list, and lacks tinyint, smallint, date and time.

use wire_core::{DecodeError, Reader, varint};

use super::DataType;

/// Bytes of each element, for the types whose elements have no length before them.
pub(super) fn fixed_bytes(element: &DataType) -> Option<usize> {
    match element {
        DataType::Boolean => Some(1),
        DataType::Int | DataType::Float => Some(4),
        DataType::BigInt | DataType::Double | DataType::Timestamp => Some(8),
        DataType::Uuid | DataType::Timeuuid => Some(16),
        DataType::Vector(inner, n) => fixed_bytes(inner)?.checked_mul(usize::try_from(*n).ok()?),
        _ => None,
    }
}

/// The next element of a vector of `element`.
pub(super) fn next<'a>(r: &mut Reader<'a>, element: &DataType) -> Result<&'a [u8], DecodeError> {
    let n = match fixed_bytes(element) {
        Some(n) => n,
        None => {
            let n = varint::read_cql_vint(r, "element_bytes")?;
            r.length("element_bytes", n)?
        }
    };
    r.take("element", n)
}
