//! What a server tells about a query besides its blocks.

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{flag, put_varint};
use crate::codec::{Feature, Revision};

/// How far a query came since the last such packet: every number is an increment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Rows read.
    pub read_rows: u64,
    /// Bytes read, uncompressed.
    pub read_bytes: u64,
    /// Rows that will be read in all, as far as known.
    pub total_rows: u64,
    /// Bytes that will be read in all, as far as known (since 54463).
    pub total_bytes: u64,
    /// Rows written (since 54420).
    pub written_rows: u64,
    /// Bytes written (since 54420).
    pub written_bytes: u64,
    /// Time that the server worked on it, in nanoseconds (since 54460).
    pub elapsed_ns: u64,
}

impl Progress {
    /// Adds a later increment.
    pub fn add(&mut self, later: &Self) {
        let sum = |a: &mut u64, b: u64| *a = a.saturating_add(b);
        sum(&mut self.read_rows, later.read_rows);
        sum(&mut self.read_bytes, later.read_bytes);
        sum(&mut self.total_rows, later.total_rows);
        sum(&mut self.total_bytes, later.total_bytes);
        sum(&mut self.written_rows, later.written_rows);
        sum(&mut self.written_bytes, later.written_bytes);
        sum(&mut self.elapsed_ns, later.elapsed_ns);
    }

    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) {
        put_varint(out, self.read_rows);
        put_varint(out, self.read_bytes);
        put_varint(out, self.total_rows);
        if form.has(Feature::TotalBytesInProgress) {
            put_varint(out, self.total_bytes);
        }
        if form.has(Feature::WriteInfo) {
            put_varint(out, self.written_rows);
            put_varint(out, self.written_bytes);
        }
        if form.has(Feature::ElapsedInProgress) {
            put_varint(out, self.elapsed_ns);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, form: Revision) -> Result<Self, DecodeError> {
        let mut progress = Self {
            read_rows: r.leb128("read_rows")?,
            read_bytes: r.leb128("read_bytes")?,
            total_rows: r.leb128("total_rows")?,
            ..Self::default()
        };
        if form.has(Feature::TotalBytesInProgress) {
            progress.total_bytes = r.leb128("total_bytes")?;
        }
        if form.has(Feature::WriteInfo) {
            progress.written_rows = r.leb128("written_rows")?;
            progress.written_bytes = r.leb128("written_bytes")?;
        }
        if form.has(Feature::ElapsedInProgress) {
            progress.elapsed_ns = r.leb128("elapsed_ns")?;
        }
        Ok(progress)
    }
}

/// What a result was, told near its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProfileInfo {
    /// Rows of the result.
    pub rows: u64,
    /// Blocks of the result.
    pub blocks: u64,
    /// Bytes of the result in the server's memory.
    pub bytes: u64,
    /// Whether a `LIMIT` cut something off.
    pub applied_limit: bool,
    /// Rows there would have been without `LIMIT`.
    pub rows_before_limit: u64,
    /// Whether an aggregation took place (since 54469).
    pub applied_aggregation: bool,
    /// Rows that went into the aggregation (since 54469).
    pub rows_before_aggregation: u64,
}

impl ProfileInfo {
    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) {
        put_varint(out, self.rows);
        put_varint(out, self.blocks);
        put_varint(out, self.bytes);
        out.push(u8::from(self.applied_limit));
        put_varint(out, self.rows_before_limit);
        out.push(1); // obsolete, always 1
        if form.has(Feature::RowsBeforeAggregation) {
            out.push(u8::from(self.applied_aggregation));
            put_varint(out, self.rows_before_aggregation);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, form: Revision) -> Result<Self, DecodeError> {
        let mut info = Self {
            rows: r.leb128("rows")?,
            blocks: r.leb128("blocks")?,
            bytes: r.leb128("bytes")?,
            applied_limit: flag(r, "applied_limit")?,
            rows_before_limit: r.leb128("rows_before_limit")?,
            ..Self::default()
        };
        r.u8("obsolete")?;
        if form.has(Feature::RowsBeforeAggregation) {
            info.applied_aggregation = flag(r, "applied_aggregation")?;
            info.rows_before_aggregation = r.leb128("rows_before_aggregation")?;
        }
        Ok(info)
    }
}
