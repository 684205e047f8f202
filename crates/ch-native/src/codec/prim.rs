//! This protocol's spelling of strings, and what "not all there yet" means for a field.

use wire_core::{DecodeError, DecodeErrorKind, Reader};

/// How far a resumable decoder came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// What was asked for is complete.
    Done,
    /// All input was used that can be used; more has to arrive.
    More,
}

/// Reads something small that is not taken apart: either all of it is there, or nothing is consumed and the result
/// is `None`. What `read` does before it runs out of bytes is done again, so it must cost little.
#[inline]
pub(crate) fn whole<'a, T>(
    r: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    let before = *r;
    match read(r) {
        Ok(value) => Ok(Some(value)),
        Err(e) if matches!(e.kind(), DecodeErrorKind::UnexpectedEnd { .. }) => {
            *r = before;
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// [`whole`] for what costs more to read: not tried again before as much has arrived as it lacked.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    enough: usize,
}

impl Patience {
    pub(crate) fn whole<'a, T>(
        &mut self,
        r: &mut Reader<'a>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        let there = r.left();
        if there < self.enough {
            return Ok(None);
        }
        let before = *r;
        let result = read(r);
        self.enough = 0;
        if let Err(e) = &result
            && let DecodeErrorKind::UnexpectedEnd { needed, left } = e.kind()
        {
            let lacking = usize::try_from(needed.saturating_sub(*left)).unwrap_or(usize::MAX);
            self.enough = there.saturating_add(lacking);
            *r = before;
            return Ok(None);
        }
        result.map(Some)
    }
}

/// Like [`whole`] for one varint, without building an error when it is cut.
#[inline]
pub(crate) fn varint(r: &mut Reader<'_>, field: &'static str) -> Result<Option<u64>, DecodeError> {
    let complete = r.rest().iter().take(10).any(|byte| *byte < 0x80) || r.left() >= 10;
    if complete {
        r.leb128(field).map(Some)
    } else {
        Ok(None)
    }
}

/// A count or length from the wire that must not pass a limit of ours.
pub(crate) fn limited(
    r: &Reader<'_>,
    field: &'static str,
    value: u64,
    name: &'static str,
    limit: u64,
) -> Result<usize, DecodeError> {
    match usize::try_from(value) {
        Ok(fits) if value <= limit => Ok(fits),
        _ => Err(DecodeError::limit(field, r.offset(), name, limit, value)),
    }
}

/// A `String`: its length as a varint, then that many bytes, which need not be UTF-8.
pub(crate) fn string<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
    limit: u64,
) -> Result<&'a [u8], DecodeError> {
    let len = r.leb128(field)?;
    let len = limited(r, field, len, "text bytes", limit)?;
    r.take(field, len)
}

/// A `String` of the server's own text, such as a message: bytes that are not UTF-8 are replaced.
pub(crate) fn text(
    r: &mut Reader<'_>,
    field: &'static str,
    limit: u64,
) -> Result<String, DecodeError> {
    Ok(lossy(string(r, field, limit)?))
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A flag: any byte but 0 is true.
pub(crate) fn flag(r: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
    Ok(r.u8(field)? != 0)
}

/// A list: how many as a varint, then each. Memory follows the items that arrived.
pub(crate) fn list<T>(
    r: &mut Reader<'_>,
    field: &'static str,
    limit: u64,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = r.leb128(field)?;
    let count = limited(r, field, count, "items", limit)?;
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(item(r)?);
    }
    Ok(items)
}

/// A list that arrives in pieces: no item is read twice, however it is cut.
#[derive(Debug)]
pub(crate) struct ListReader<T> {
    left: Option<usize>,
    items: Vec<T>,
}

impl<T> Default for ListReader<T> {
    fn default() -> Self {
        Self {
            left: None,
            items: Vec::new(),
        }
    }
}

impl<T> ListReader<T> {
    /// Reads on; the list, once all of it is there.
    pub(crate) fn read(
        &mut self,
        r: &mut Reader<'_>,
        field: &'static str,
        limit: u64,
        item: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> Result<Option<Vec<T>>, DecodeError> {
        let mut left = match self.left {
            Some(left) => left,
            None => match varint(r, field)? {
                Some(count) => limited(r, field, count, "items", limit)?,
                None => return Ok(None),
            },
        };
        while left > 0 {
            let Some(one) = whole(r, &item)? else {
                self.left = Some(left);
                return Ok(None);
            };
            self.items.push(one);
            left = left.saturating_sub(1);
        }
        self.left = None;
        Ok(Some(std::mem::take(&mut self.items)))
    }
}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, value: u64) {
    wire_core::Writer::new(out).leb128(value);
}

/// Appends a `String`.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, to_u64(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Lengths in memory always fit.
#[inline]
pub(crate) fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two strings, of which the second is long: tried when something new can be there, and no more often.
    #[test]
    fn what_lacks_bytes_is_not_tried_before_they_came() {
        let mut bytes = vec![3, b'a', b'b', b'c', 100];
        bytes.extend([b'x'; 100]);
        let mut patience = Patience::default();
        let mut tries = 0;
        for end in 0..=bytes.len() {
            let mut r = Reader::new(bytes.get(..end).unwrap());
            let read = patience.whole(&mut r, |r| {
                tries += 1;
                Ok((string(r, "a", 1000)?, string(r, "b", 1000)?))
            });
            match read.unwrap() {
                Some((a, b)) => {
                    assert_eq!((a, b.len(), end), (&b"abc"[..], 100, bytes.len()));
                    assert!(r.is_empty());
                }
                None => assert!(end < bytes.len() && r.left() == end),
            }
        }
        // With nothing, a length, a string, the next length, and all.
        assert_eq!(tries, 5);
    }
}
