//! QUERY, PREPARE and EXECUTE (native protocol v4, §4.1.4 to §4.1.6).
//!
//! ```text
//! QUERY:   [long string] text, parameters
//! PREPARE: [long string] text {v5: [int flags]}
//! EXECUTE: [short bytes] id, {v5: [short bytes] id of the known result metadata}, parameters
//!
//! parameters:
//!   [consistency] [byte flags, v5: int]
//!   0x01: [short n] n x ({0x40: [string name]} [value])
//!   0x02: leave out the column metadata
//!   0x04: [int page size]            0x08: [bytes paging state]
//!   0x10: [consistency serial]       0x20: [long timestamp, microseconds]
//! ```

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, Prefix, Reader, Writer};

use super::bind::write_values;
use super::{Bind, Column, Opcode, RawValues, RequestBody};
use crate::codec::{Feature, Version, prim};
use crate::error::{Consistency, Error, ErrorKind, Fail};

const VALUES: u8 = 0x01;
const SKIP_METADATA: u8 = 0x02;
const PAGE_SIZE: u8 = 0x04;
const PAGING_STATE: u8 = 0x08;
const SERIAL_CONSISTENCY: u8 = 0x10;
const TIMESTAMP: u8 = 0x20;
const NAMES: u8 = 0x40;

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
        }
    }

    fn flags(&self, values: usize, are_named: bool) -> u8 {
        let flag = |bit: u8, is_set: bool| if is_set { bit } else { 0 };
        flag(VALUES, values > 0)
            | flag(NAMES, values > 0 && are_named)
            | flag(SKIP_METADATA, self.skip_metadata)
            | flag(PAGE_SIZE, self.page_size.is_some())
            | flag(PAGING_STATE, self.paging_state.is_some())
            | flag(SERIAL_CONSISTENCY, self.serial_consistency.is_some())
            | flag(TIMESTAMP, self.timestamp.is_some())
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(serial) = self.serial_consistency
            && !serial.is_serial()
        {
            let text = format!("{serial} is not a serial consistency; SERIAL and LOCAL_SERIAL are");
            return Err(Error::new(ErrorKind::Misuse, text));
        }
        match self.page_size {
            Some(n) if n <= 0 => {
                let text = format!("a page of {n} rows was asked for; nothing was sent");
                Err(Error::new(ErrorKind::Misuse, text))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn write<V: Bind + ?Sized>(
        &self,
        w: &mut Writer<'_>,
        version: Version,
        markers: Option<&[Column]>,
        values: &V,
    ) -> Result<(), Fail> {
        self.check()?;
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
        if let Some(state) = &self.paging_state {
            prim::put_bytes(w, "paging state", Some(state))?;
        }
        if let Some(serial) = self.serial_consistency {
            w.u16_be(serial.number());
        }
        if let Some(timestamp) = self.timestamp {
            w.i64_be(timestamp);
        }
        Ok(())
    }

    fn read(r: &mut Reader<'_>, version: Version) -> Result<(Self, RawValues), DecodeError> {
        let mut params = Self::new(Consistency::from_number(r.u16_be("consistency")?));
        let flags = prim::flags(r, version)?;
        let has = |flag: u8| flags & u32::from(flag) != 0;
        let mut values = RawValues::default();
        if flags > u32::from(NAMES | (NAMES - 1)) {
            let what = "a keyspace or a time of the request";
            return Err(DecodeError::unsupported("flags", r.offset(), what));
        }
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
        Ok((params, values))
    }
}

/// Runs a statement by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Query<V = RawValues> {
    /// The statement.
    pub text: Arc<str>,
    /// Values of its markers, in their natural types.
    pub values: V,
    /// How to run it.
    pub params: QueryParams,
}

impl Query {
    pub(super) fn read(r: &mut Reader<'_>, version: Version) -> Result<Self, DecodeError> {
        let text = prim::long_string(r, "text")?.into();
        let (params, values) = QueryParams::read(r, version)?;
        Ok(Self {
            text,
            values,
            params,
        })
    }
}

impl<V: Bind> RequestBody for Query<V> {
    const OPCODE: Opcode = Opcode::QUERY;

    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        prim::put_long_string(w, "statement", &self.text)?;
        self.params.write(w, version, None, &self.values)
    }
}

/// Has the server parse a statement once, to be run many times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Prepare {
    /// The statement.
    pub text: Arc<str>,
}

impl Prepare {
    pub(super) fn read(r: &mut Reader<'_>, version: Version) -> Result<Self, DecodeError> {
        let text = prim::long_string(r, "text")?.into();
        if version.has(Feature::IntFlags) && r.u32_be("flags")? != 0 {
            let what = "a keyspace of the statement";
            return Err(DecodeError::unsupported("flags", r.offset(), what));
        }
        Ok(Self { text })
    }
}

impl RequestBody for Prepare {
    const OPCODE: Opcode = Opcode::PREPARE;

    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        prim::put_long_string(w, "statement", &self.text)?;
        if version.has(Feature::IntFlags) {
            w.u32_be(0);
        }
        Ok(())
    }
}

/// Runs a prepared statement.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Execute<V = RawValues> {
    /// Id that PREPARED gave.
    pub id: Bytes,
    /// Which metadata of the result is known; empty for none. Protocol v5 only.
    pub result_metadata_id: Bytes,
    /// Values of its markers.
    pub values: V,
    /// How to run it.
    pub params: QueryParams,
}

impl Execute {
    pub(super) fn read(r: &mut Reader<'_>, version: Version) -> Result<Self, DecodeError> {
        let id = prim::short_bytes(r, "id")?;
        let result_metadata_id = if version.has(Feature::ResultMetadataId) {
            prim::short_bytes(r, "result_metadata_id")?
        } else {
            Bytes::new()
        };
        let (params, values) = QueryParams::read(r, version)?;
        Ok(Self {
            id,
            result_metadata_id,
            values,
            params,
        })
    }
}

impl<V: Bind> RequestBody for Execute<V> {
    const OPCODE: Opcode = Opcode::EXECUTE;

    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        ExecuteParts {
            id: &self.id,
            result_metadata_id: &self.result_metadata_id,
            markers: None,
            values: &self.values,
            params: &self.params,
        }
        .write(version, w)
    }
}

/// EXECUTE from borrowed parts: what a client writes for each request, without a copy of any of them.
#[derive(Debug)]
pub(crate) struct ExecuteParts<'a, V: ?Sized> {
    pub(crate) id: &'a [u8],
    pub(crate) result_metadata_id: &'a [u8],
    pub(crate) markers: Option<&'a [Column]>,
    pub(crate) values: &'a V,
    pub(crate) params: &'a QueryParams,
}

impl<V: Bind + ?Sized> RequestBody for ExecuteParts<'_, V> {
    const OPCODE: Opcode = Opcode::EXECUTE;

    #[inline]
    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        w.prefixed_bytes(Prefix::U16Be, "statement id", self.id)?;
        if version.has(Feature::ResultMetadataId) {
            prim::put_short_bytes(w, "result metadata id", self.result_metadata_id)?;
        }
        self.params.write(w, version, self.markers, self.values)
    }
}
