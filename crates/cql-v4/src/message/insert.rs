//! BATCH (native protocol v4, §4.1.7).
//!
//! ```text
//! [byte kind] [short n]
//! n x ( [byte 0] [long string text] | [byte 1] [short bytes id],  [short m] m x [value] )
//! [consistency] [byte flags, v5: int]
//!   0x10: [consistency serial]   0x20: [long timestamp, microseconds]
//!   0x80, v5: [string keyspace]  0x100, v5: [int seconds since the Unix epoch]
//! ```

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, Prefix, Reader, Writer};

use super::params;
#[cfg(feature = "client")]
use super::{Bind, Column, ParamsParts, bind::write_values};
use super::{Opcode, RawValues, RequestBody};
#[cfg(feature = "client")]
use crate::codec::Feature;
use crate::codec::{Dialect, Version, prim};
#[cfg(feature = "client")]
use crate::error::Error;
use crate::error::{Consistency, Fail};
#[cfg(feature = "client")]
use crate::types::unset_before_v4;

const SERIAL_CONSISTENCY: u32 = 0x10;
const TIMESTAMP: u32 = 0x20;

/// What a batch promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BatchKind {
    /// All statements are carried out, or none, even if the coordinator dies.
    #[default]
    Logged,
    /// No such promise, and cheaper; best when all go to one partition.
    Unlogged,
    /// Counter updates only.
    Counter,
}

const KINDS: [(u8, BatchKind); 3] = [
    (0, BatchKind::Logged),
    (1, BatchKind::Unlogged),
    (2, BatchKind::Counter),
];

/// Runs several statements at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct Batch {
    /// What it promises.
    pub kind: BatchKind,
    /// The statements; at most 65,535.
    pub statements: Vec<BatchStatement>,
    /// How many replicas must answer.
    pub consistency: Consistency,
    /// For the Paxos part of conditional statements.
    pub serial_consistency: Option<Consistency>,
    /// Timestamp of the writes, in microseconds since the Unix epoch.
    pub timestamp: Option<i64>,
    /// Keyspace of unqualified names, in place of the connection's; protocol v5.
    pub keyspace: Option<Arc<str>>,
    /// What time it is for this request, in seconds since the Unix epoch; protocol v5.
    pub now_in_seconds: Option<i32>,
}

/// A statement of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "built by those who bring their own transport"
)]
pub struct BatchStatement {
    /// Which.
    pub statement: StatementRef,
    /// Values of its markers.
    pub values: RawValues,
}

/// A statement by text or by id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol knows these two")]
pub enum StatementRef {
    /// Its text.
    Text(Arc<str>),
    /// The id that PREPARED gave.
    Prepared(Bytes),
}

impl Batch {
    pub(super) fn read(r: &mut Reader<'_>, dialect: Dialect) -> Result<Self, DecodeError> {
        let number = r.u8("kind")?;
        let Some((_, kind)) = KINDS.iter().find(|(n, _)| *n == number) else {
            return Err(r.invalid("kind", 1, format!("is {number}, not 0, 1 or 2")));
        };
        let n = r.u16_be("statements")?;
        // Kind, a length of two bytes and a count of two.
        let n = r.count("statements", n, 5)?;
        let statements = (0..n)
            .map(|i| BatchStatement::read(r).at("statements", i))
            .collect::<Result<_, _>>()?;
        let consistency = Consistency::from_number(r.u16_be("consistency")?);
        let flags = prim::flags(r, dialect.version())?;
        let has = |flag: u32| flags & flag != 0;
        let mut serial_consistency = None;
        if has(SERIAL_CONSISTENCY) {
            serial_consistency = Some(Consistency::from_number(r.u16_be("serial_consistency")?));
        }
        let mut timestamp = None;
        if has(TIMESTAMP) {
            timestamp = Some(r.i64_be("timestamp")?);
        }
        let (keyspace, now_in_seconds) = params::read_of_request(r, flags)?;
        Ok(Self {
            kind: *kind,
            statements,
            consistency,
            serial_consistency,
            timestamp,
            keyspace,
            now_in_seconds,
        })
    }
}

impl BatchStatement {
    fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let statement = match r.u8("kind")? {
            0 => StatementRef::Text(prim::long_string(r, "text")?.into()),
            1 => StatementRef::Prepared(prim::short_bytes(r, "id")?),
            other => return Err(r.invalid("kind", 1, format!("is {other}, not 0 or 1"))),
        };
        let values = RawValues::read(r, false)?;
        Ok(Self { statement, values })
    }
}

impl RequestBody for Batch {
    const OPCODE: Opcode = Opcode::BATCH;

    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        let version = dialect.version();
        let tail = Tail {
            consistency: self.consistency,
            serial_consistency: self.serial_consistency,
            timestamp: self.timestamp,
            keyspace: self.keyspace.as_deref(),
            now_in_seconds: self.now_in_seconds,
        };
        tail.check(version)?;
        w.u8(self.kind.number());
        w.length(Prefix::U16Be, "statements", self.statements.len())?;
        for BatchStatement { statement, values } in &self.statements {
            match statement {
                StatementRef::Text(text) => put_text(w, text)?,
                StatementRef::Prepared(id) => put_id(w, id)?,
            }
            values.write_in_batch(version, w)?;
        }
        tail.write(version, w)
    }
}

impl BatchKind {
    fn number(self) -> u8 {
        let found = KINDS.iter().find(|(_, kind)| *kind == self);
        found.map_or(0, |(number, _)| *number)
    }
}

fn put_text(w: &mut Writer<'_>, text: &str) -> Result<(), Fail> {
    w.u8(0);
    Ok(prim::put_long_string(w, "statement", text)?)
}

#[inline]
fn put_id(w: &mut Writer<'_>, id: &[u8]) -> Result<(), Fail> {
    w.u8(1);
    Ok(w.prefixed_bytes(Prefix::U16Be, "statement id", id)?)
}

/// What stands behind the statements.
struct Tail<'a> {
    consistency: Consistency,
    serial_consistency: Option<Consistency>,
    timestamp: Option<i64>,
    keyspace: Option<&'a str>,
    now_in_seconds: Option<i32>,
}

impl Tail<'_> {
    fn check(&self, version: Version) -> Result<(), Fail> {
        params::check_of_request(version, self.keyspace.is_some(), self.now_in_seconds)?;
        params::check_serial(self.serial_consistency)?;
        Ok(())
    }

    fn write(&self, version: Version, w: &mut Writer<'_>) -> Result<(), Fail> {
        w.u16_be(self.consistency.number());
        let serial = self.serial_consistency.map_or(0, |_| SERIAL_CONSISTENCY);
        let timestamp = self.timestamp.map_or(0, |_| TIMESTAMP);
        let of_request = params::flags_of_request(self.keyspace.is_some(), self.now_in_seconds);
        prim::put_flags(w, version, serial | timestamp | of_request);
        if let Some(serial) = self.serial_consistency {
            w.u16_be(serial.number());
        }
        if let Some(timestamp) = self.timestamp {
            w.i64_be(timestamp);
        }
        params::put_of_request(w, self.keyspace, self.now_in_seconds)
    }
}

/// Statements with their values as they stand in a BATCH, in one buffer: what a client gathers a batch in, so that a
/// statement costs no allocation of its own.
#[cfg(feature = "client")]
#[derive(Debug, Clone, Default)]
pub(crate) struct EncodedStatements {
    count: usize,
    bytes: Vec<u8>,
}

/// Room for the first statements of a batch: some dozen of them, so that the buffer need not grow with each of these.
#[cfg(feature = "client")]
const FIRST_BYTES: usize = 1024;

#[cfg(feature = "client")]
impl EncodedStatements {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Adds a prepared statement with its values. They are encoded for the newest version, as those of a batch always
    /// are: it is put together before it is known where it goes, and compared with the version when it is written.
    #[inline]
    pub(crate) fn add_prepared<V: Bind + ?Sized>(
        &mut self,
        id: &[u8],
        markers: &[Column],
        values: &V,
    ) -> Result<(), Error> {
        self.add(|w| {
            put_id(w, id)?;
            write_values(w, Version::NEWEST, Some(markers), values)
        })
    }

    /// Adds a statement by its text, with its values.
    pub(crate) fn add_text(&mut self, text: &str, values: &RawValues) -> Result<(), Error> {
        self.add(|w| {
            put_text(w, text)?;
            values.write_in_batch(Version::NEWEST, w)
        })
    }

    /// Refuses values that the version of the connection lacks, which was not known when they were encoded.
    fn check(&self, version: Version) -> Result<(), Fail> {
        if version.has(Feature::Unset) {
            return Ok(());
        }
        let mut r = Reader::new(&self.bytes);
        while !r.is_empty() {
            let read = BatchStatement::read(&mut r);
            let statement = read.map_err(|e| Error::undecodable("a batch", e))?;
            if statement.values.has_unset() {
                return Err(unset_before_v4().into());
            }
        }
        Ok(())
    }

    /// Keeps what is written, unless that fails.
    #[inline]
    fn add(
        &mut self,
        write: impl FnOnce(&mut Writer<'_>) -> Result<(), Fail>,
    ) -> Result<(), Error> {
        let before = self.bytes.len();
        if before == 0 {
            self.bytes.reserve(FIRST_BYTES);
        }
        let written = write(&mut Writer::new(&mut self.bytes));
        match written {
            Ok(()) => {
                self.count = self.count.saturating_add(1);
                Ok(())
            }
            Err(Fail(error)) => {
                self.bytes.truncate(before);
                Err(error)
            }
        }
    }
}

/// BATCH from borrowed parts: what a client writes, with one copy of all statements.
#[cfg(feature = "client")]
#[derive(Debug)]
pub(crate) struct BatchParts<'a> {
    pub(crate) kind: BatchKind,
    pub(crate) statements: &'a EncodedStatements,
    pub(crate) params: ParamsParts<'a>,
}

#[cfg(feature = "client")]
impl RequestBody for BatchParts<'_> {
    const OPCODE: Opcode = Opcode::BATCH;

    fn write(&self, dialect: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        let version = dialect.version();
        let tail = Tail {
            consistency: self.params.consistency,
            serial_consistency: self.params.serial_consistency,
            timestamp: self.params.timestamp,
            keyspace: self.params.keyspace,
            now_in_seconds: self.params.now_in_seconds,
        };
        tail.check(version)?;
        self.statements.check(version)?;
        w.u8(self.kind.number());
        w.length(Prefix::U16Be, "statements", self.statements.count)?;
        w.put(&self.statements.bytes);
        tail.write(version, w)
    }
}
