//! How a statement is run: what QUERY and EXECUTE have behind it (native protocol v4, §4.1.4, and v5, §4.1.4).
//!
//! ```text
//! [consistency] [byte flags, v5: int]
//! 0x01: [short n] n x ({0x40: [string name]} [value])
//! 0x02: leave out the column metadata      0x04: [int page size]
//! 0x08: [bytes paging state]               0x10: [consistency serial]
//! 0x20: [long timestamp, microseconds]     0x80, v5: [string keyspace]
//! 0x100, v5: [int seconds since the Unix epoch]
//! ```

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, Reader, Writer};

use super::bind::write_values;
use super::{Bind, Column, RawValues};
use crate::codec::{Feature, Version, prim};
use crate::error::{Consistency, Error, ErrorKind, Fail};

const VALUES: u32 = 0x01;
const SKIP_METADATA: u32 = 0x02;
const PAGE_SIZE: u32 = 0x04;
const PAGING_STATE: u32 = 0x08;
const SERIAL_CONSISTENCY: u32 = 0x10;
const TIMESTAMP: u32 = 0x20;
const NAMES: u32 = 0x40;
const KEYSPACE: u32 = 0x80;
const NOW_IN_SECONDS: u32 = 0x100;
/// All that QUERY and EXECUTE may have before protocol v5, and from then on.
const KNOWN: u32 = 0x7f;
const KNOWN_V5: u32 = 0x1ff;

/// How a statement is run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryParams {
    /// How many replicas must answer.
    pub consistency: Consistency,
    /// `SERIAL` or `LOCAL_SERIAL`, for the Paxos part of conditional statements.
    pub serial_consistency: Option<Consistency>,
    /// Rows in a page; none for everything at once.
    pub page_size: Option<i32>,
    /// Where the previous page ended.
    pub paging_state: Option<Bytes>,
    /// Timestamp of the writes, in microseconds since the Unix epoch.
    pub timestamp: Option<i64>,
    /// Leave out the column metadata of the result.
    pub skip_metadata: bool,
    /// Keyspace of unqualified names in this request, in place of the connection's; protocol v5.
    pub keyspace: Option<Arc<str>>,
    /// What time it is for this request, in seconds since the Unix epoch: decides which cells have expired; protocol v5.
    pub now_in_seconds: Option<i32>,
}

impl QueryParams {
    /// At this consistency; everything else as the server likes it.
    pub fn new(consistency: Consistency) -> Self {
        Self {
            consistency,
            serial_consistency: None,
            page_size: None,
            paging_state: None,
            timestamp: None,
            skip_metadata: false,
            keyspace: None,
            now_in_seconds: None,
        }
    }

    /// The same, borrowed.
    #[inline]
    pub(super) fn parts(&self) -> ParamsParts<'_> {
        ParamsParts {
            consistency: self.consistency,
            serial_consistency: self.serial_consistency,
            page_size: self.page_size,
            paging_state: self.paging_state.as_deref(),
            timestamp: self.timestamp,
            skip_metadata: self.skip_metadata,
            keyspace: self.keyspace.as_deref(),
            now_in_seconds: self.now_in_seconds,
        }
    }

    pub(super) fn read(
        r: &mut Reader<'_>,
        version: Version,
    ) -> Result<(Self, RawValues), DecodeError> {
        let mut params = Self::new(Consistency::from_number(r.u16_be("consistency")?));
        let flags = prim::flags(r, version)?;
        let has = |flag: u32| flags & flag != 0;
        let known = if version.has(Feature::KeyspaceOfRequest) {
            KNOWN_V5
        } else {
            KNOWN
        };
        if flags & !known != 0 {
            let what = format!("flags {flags:#x} of {version}");
            return Err(DecodeError::unsupported("flags", r.offset(), what));
        }
        let mut values = RawValues::default();
        if has(VALUES) {
            values = RawValues::read(r, has(NAMES))?;
        }
        params.skip_metadata = has(SKIP_METADATA);
        if has(PAGE_SIZE) {
            params.page_size = Some(r.i32_be("page_size")?);
        }
        if has(PAGING_STATE) {
            params.paging_state = prim::bytes(r, "paging_state")?;
        }
        if has(SERIAL_CONSISTENCY) {
            let serial = r.u16_be("serial_consistency")?;
            params.serial_consistency = Some(Consistency::from_number(serial));
        }
        if has(TIMESTAMP) {
            params.timestamp = Some(r.i64_be("timestamp")?);
        }
        (params.keyspace, params.now_in_seconds) = read_of_request(r, flags)?;
        Ok((params, values))
    }
}

/// [`QueryParams`] from borrowed parts: what a client writes for each request, without a copy of any of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParamsParts<'a> {
    pub(crate) consistency: Consistency,
    pub(crate) serial_consistency: Option<Consistency>,
    pub(crate) page_size: Option<i32>,
    pub(crate) paging_state: Option<&'a [u8]>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) skip_metadata: bool,
    pub(crate) keyspace: Option<&'a str>,
    pub(crate) now_in_seconds: Option<i32>,
}

impl ParamsParts<'_> {
    #[inline]
    fn flags(&self, values: usize, are_named: bool) -> u32 {
        let flag = |bit: u32, is_set: bool| if is_set { bit } else { 0 };
        flag(VALUES, values > 0)
            | flag(NAMES, values > 0 && are_named)
            | flag(SKIP_METADATA, self.skip_metadata)
            | flag(PAGE_SIZE, self.page_size.is_some())
            | flag(PAGING_STATE, self.paging_state.is_some())
            | flag(SERIAL_CONSISTENCY, self.serial_consistency.is_some())
            | flag(TIMESTAMP, self.timestamp.is_some())
            | flag(KEYSPACE, self.keyspace.is_some())
            | flag(NOW_IN_SECONDS, self.now_in_seconds.is_some())
    }

    #[inline]
    fn check(&self, version: Version) -> Result<(), Error> {
        check_serial(self.serial_consistency)?;
        check_of_request(version, self.keyspace.is_some(), self.now_in_seconds)?;
        match self.page_size {
            Some(n) if n <= 0 => {
                let text = format!("a page of {n} rows was asked for; nothing was sent");
                Err(Error::new(ErrorKind::Misuse, text))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    pub(super) fn write<V: Bind + ?Sized>(
        &self,
        w: &mut Writer<'_>,
        version: Version,
        markers: Option<&[Column]>,
        values: &V,
    ) -> Result<(), Fail> {
        self.check(version)?;
        let n = values.count();
        w.u16_be(self.consistency.number());
        // The values of a prepared statement are put in the order of its markers.
        let are_named = markers.is_none() && values.is_named();
        prim::put_flags(w, version, self.flags(n, are_named));
        if n > 0 || markers.is_some_and(|m| !m.is_empty()) {
            write_values(w, version, markers, values)?;
        }
        if let Some(page_size) = self.page_size {
            w.i32_be(page_size);
        }
        if let Some(state) = self.paging_state {
            prim::put_bytes(w, "paging state", Some(state))?;
        }
        if let Some(serial) = self.serial_consistency {
            w.u16_be(serial.number());
        }
        if let Some(timestamp) = self.timestamp {
            w.i64_be(timestamp);
        }
        put_of_request(w, self.keyspace, self.now_in_seconds)
    }
}

/// Refuses what is not a serial consistency.
#[inline]
pub(super) fn check_serial(serial: Option<Consistency>) -> Result<(), Error> {
    match serial {
        Some(serial) if !serial.is_serial() => {
            let text = format!("{serial} is not a serial consistency; SERIAL and LOCAL_SERIAL are");
            Err(Error::new(ErrorKind::Misuse, text))
        }
        _ => Ok(()),
    }
}

/// Refuses a keyspace and a time of the request where the version has none.
#[inline]
pub(super) fn check_of_request(
    version: Version,
    keyspace: bool,
    now_in_seconds: Option<i32>,
) -> Result<(), Error> {
    if version.has(Feature::KeyspaceOfRequest) || (!keyspace && now_in_seconds.is_none()) {
        return Ok(());
    }
    let what = if keyspace { "keyspace" } else { "time" };
    let text = format!(
        "a {what} of its own is set for the request, which takes protocol v5, but the connection speaks {version}; \
         nothing was sent"
    );
    Err(Error::new(ErrorKind::Unsupported, text))
}

/// The flags of a keyspace and a time of the request.
pub(super) fn flags_of_request(keyspace: bool, now_in_seconds: Option<i32>) -> u32 {
    let keyspace = if keyspace { KEYSPACE } else { 0 };
    keyspace | now_in_seconds.map_or(0, |_| NOW_IN_SECONDS)
}

/// Writes the keyspace and the time of the request, which are the last of the parameters.
#[inline]
pub(super) fn put_of_request(
    w: &mut Writer<'_>,
    keyspace: Option<&str>,
    now_in_seconds: Option<i32>,
) -> Result<(), Fail> {
    if let Some(keyspace) = keyspace {
        prim::put_string(w, "keyspace", keyspace)?;
    }
    if let Some(now) = now_in_seconds {
        w.i32_be(now);
    }
    Ok(())
}

/// Reads them.
pub(super) fn read_of_request(
    r: &mut Reader<'_>,
    flags: u32,
) -> Result<(Option<Arc<str>>, Option<i32>), DecodeError> {
    let mut keyspace = None;
    if flags & KEYSPACE != 0 {
        keyspace = Some(prim::string(r, "keyspace")?.into());
    }
    let mut now = None;
    if flags & NOW_IN_SECONDS != 0 {
        now = Some(r.i32_be("now_in_seconds")?);
    }
    Ok((keyspace, now))
}
