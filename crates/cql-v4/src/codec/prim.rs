//! The protocol's spelling of strings, byte strings, lists and maps (native protocol v4, §3).

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Prefix, Reader, Writer};

use super::version::{Feature, Version};

/// `[string]`, borrowed.
pub(crate) fn string<'a>(r: &mut Reader<'a>, field: &'static str) -> Result<&'a str, DecodeError> {
    let n = r.u16_be(field)?;
    r.str(field, usize::from(n))
}

/// `[long string]`, borrowed.
pub(crate) fn long_string<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<&'a str, DecodeError> {
    let n = r.i32_be(field)?;
    let n = r.length(field, n)?;
    r.str(field, n)
}

/// `[short bytes]`, without a copy where the reader has its backing.
pub(crate) fn short_bytes(r: &mut Reader<'_>, field: &'static str) -> Result<Bytes, DecodeError> {
    let n = r.u16_be(field)?;
    r.bytes(field, usize::from(n))
}

/// `[bytes]`: any negative length is null.
pub(crate) fn bytes(r: &mut Reader<'_>, field: &'static str) -> Result<Option<Bytes>, DecodeError> {
    let n = r.i32_be(field)?;
    match usize::try_from(n) {
        Ok(n) => r.bytes(field, n).map(Some),
        Err(_) => Ok(None),
    }
}

/// `[bytes]`, borrowed: any negative length is null.
#[inline]
pub(crate) fn cell<'a>(
    r: &mut Reader<'a>,
    field: &'static str,
) -> Result<Option<&'a [u8]>, DecodeError> {
    let n = r.i32_be(field)?;
    match usize::try_from(n) {
        Ok(n) => r.take(field, n).map(Some),
        Err(_) => Ok(None),
    }
}

/// `[string list]`.
pub(crate) fn string_list(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<Vec<String>, DecodeError> {
    let n = r.u16_be(field)?;
    // A string takes two bytes at least.
    let n = r.count(field, n, 2)?;
    (0..n)
        .map(|_| string(r, field).map(str::to_owned))
        .collect()
}

/// `[string map]`, in the order of the wire.
pub(crate) fn string_map(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<Vec<(String, String)>, DecodeError> {
    let n = r.u16_be(field)?;
    let n = r.count(field, n, 4)?;
    (0..n)
        .map(|_| Ok((string(r, field)?.to_owned(), string(r, field)?.to_owned())))
        .collect()
}

/// `[string multimap]`, in the order of the wire.
pub(crate) fn string_multimap(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<Vec<(String, Vec<String>)>, DecodeError> {
    let n = r.u16_be(field)?;
    let n = r.count(field, n, 4)?;
    (0..n)
        .map(|_| Ok((string(r, field)?.to_owned(), string_list(r, field)?)))
        .collect()
}

/// `[bytes map]`, in the order of the wire.
pub(crate) fn bytes_map(
    r: &mut Reader<'_>,
    field: &'static str,
) -> Result<Vec<(String, Option<Bytes>)>, DecodeError> {
    let n = r.u16_be(field)?;
    let n = r.count(field, n, 6)?;
    (0..n)
        .map(|_| Ok((string(r, field)?.to_owned(), bytes(r, field)?)))
        .collect()
}

/// Flags of a request: `[byte]`, from protocol v5 on `[int]`.
pub(crate) fn flags(r: &mut Reader<'_>, version: Version) -> Result<u32, DecodeError> {
    if version.has(Feature::IntFlags) {
        r.u32_be("flags")
    } else {
        r.u8("flags").map(u32::from)
    }
}

/// Writes the flags of a request.
#[inline]
pub(crate) fn put_flags(w: &mut Writer<'_>, version: Version, flags: u32) {
    if version.has(Feature::IntFlags) {
        w.u32_be(flags);
    } else {
        // What needs a further bit is refused before.
        w.u8(u8::try_from(flags).unwrap_or(u8::MAX));
    }
}

/// `[inet]`: an address and a port.
pub(crate) fn inet(r: &mut Reader<'_>, field: &'static str) -> Result<SocketAddr, DecodeError> {
    let address = inet_addr(r, field)?;
    let port = r.i32_be(field)?;
    match u16::try_from(port) {
        Ok(port) => Ok(SocketAddr::new(address, port)),
        Err(_) => Err(r.invalid(field, 4, format!("has port {port}, not 0 to 65,535"))),
    }
}

/// Writes `[inet]`.
pub(crate) fn put_inet(w: &mut Writer<'_>, address: SocketAddr) {
    put_inet_addr(w, address.ip());
    w.i32_be(i32::from(address.port()));
}

/// `[inetaddr]`: an address without a port.
pub(crate) fn inet_addr(r: &mut Reader<'_>, field: &'static str) -> Result<IpAddr, DecodeError> {
    let n = r.u8(field)?;
    let data = r.take(field, usize::from(n))?;
    ip(data).ok_or_else(|| {
        r.invalid(
            field,
            data.len(),
            format!("is an address of {n} bytes, not 4 or 16"),
        )
    })
}

/// Writes `[inetaddr]`.
pub(crate) fn put_inet_addr(w: &mut Writer<'_>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            w.u8(4);
            w.put(&address.octets());
        }
        IpAddr::V6(address) => {
            w.u8(16);
            w.put(&address.octets());
        }
    }
}

/// The address of 4 or 16 bytes that `data` is, if it is one.
pub(crate) fn ip(data: &[u8]) -> Option<IpAddr> {
    match data.len() {
        4 => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
        _ => None,
    }
}

/// Writes `[string]`.
pub(crate) fn put_string(
    w: &mut Writer<'_>,
    field: &'static str,
    text: &str,
) -> Result<(), EncodeError> {
    w.prefixed_bytes(Prefix::U16Be, field, text.as_bytes())
}

/// Writes `[long string]`.
pub(crate) fn put_long_string(
    w: &mut Writer<'_>,
    field: &'static str,
    text: &str,
) -> Result<(), EncodeError> {
    w.prefixed_bytes(Prefix::I32Be, field, text.as_bytes())
}

/// Writes `[short bytes]`.
pub(crate) fn put_short_bytes(
    w: &mut Writer<'_>,
    field: &'static str,
    data: &[u8],
) -> Result<(), EncodeError> {
    w.prefixed_bytes(Prefix::U16Be, field, data)
}

/// Writes `[bytes]`; `None` is null.
pub(crate) fn put_bytes(
    w: &mut Writer<'_>,
    field: &'static str,
    data: Option<&[u8]>,
) -> Result<(), EncodeError> {
    match data {
        Some(data) => w.prefixed_bytes(Prefix::I32Be, field, data),
        None => {
            w.i32_be(-1);
            Ok(())
        }
    }
}

/// Writes `[string list]`.
pub(crate) fn put_string_list(
    w: &mut Writer<'_>,
    field: &'static str,
    list: &[String],
) -> Result<(), EncodeError> {
    w.length(Prefix::U16Be, field, list.len())?;
    list.iter().try_for_each(|item| put_string(w, field, item))
}

/// Writes `[string map]`.
pub(crate) fn put_string_map(
    w: &mut Writer<'_>,
    field: &'static str,
    map: &[(String, String)],
) -> Result<(), EncodeError> {
    w.length(Prefix::U16Be, field, map.len())?;
    map.iter().try_for_each(|(key, value)| {
        put_string(w, field, key)?;
        put_string(w, field, value)
    })
}

/// Writes `[string multimap]`.
pub(crate) fn put_string_multimap(
    w: &mut Writer<'_>,
    field: &'static str,
    map: &[(String, Vec<String>)],
) -> Result<(), EncodeError> {
    w.length(Prefix::U16Be, field, map.len())?;
    map.iter().try_for_each(|(key, values)| {
        put_string(w, field, key)?;
        put_string_list(w, field, values)
    })
}

/// Writes `[bytes map]`.
pub(crate) fn put_bytes_map(
    w: &mut Writer<'_>,
    field: &'static str,
    map: &[(String, Option<Bytes>)],
) -> Result<(), EncodeError> {
    w.length(Prefix::U16Be, field, map.len())?;
    map.iter().try_for_each(|(key, value)| {
        put_string(w, field, key)?;
        put_bytes(w, field, value.as_deref())
    })
}
