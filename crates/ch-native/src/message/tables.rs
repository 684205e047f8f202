//! Whether tables are there, and how far behind they are: one question, one answer, when no query runs.
//!
//! ```text
//! request   servers among themselves and [54487]: hash String; VarUInt n and n of (database, table String)
//! response  VarUInt n and n of (database, table String, is replicated u8,
//!                               replicated: delay VarUInt, [54467] read-only VarUInt)
//! ```
//!
//! Tables that are not there are left out of the answer.
//!
//! Source: ClickHouse, `src/Interpreters/TablesStatus.cpp`.

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{ListReader, flag, list, put_string, put_varint, string, text, to_u64};
use crate::codec::{Feature, Revision};

/// Asks about tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TablesStatusRequest {
    /// Databases and tables.
    pub tables: Vec<(String, String)>,
    /// Hash of the secret that servers of a cluster share; sent and read only if the hello was a server's.
    pub hash: Vec<u8>,
}

/// What a server knows about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableStatus {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// How a replicated table is; `None` if it is not replicated.
    pub replica: Option<ReplicaStatus>,
}

/// How a replica of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ReplicaStatus {
    /// How far it is behind, in seconds.
    pub absolute_delay: u64,
    /// Whether it takes no writes (since revision 54467; `false` before).
    pub is_readonly: bool,
}

/// Most tables in one question or answer.
const MAX_TABLES: u64 = 100_000;

impl TablesStatusRequest {
    /// A question about these databases and tables.
    pub fn new<D, T>(tables: impl IntoIterator<Item = (D, T)>) -> Self
    where
        D: Into<String>,
        T: Into<String>,
    {
        let tables = tables.into_iter().map(|(d, t)| (d.into(), t.into()));
        Self {
            tables: tables.collect(),
            hash: Vec::new(),
        }
    }

    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) {
        if !self.hash.is_empty() && form.has(Feature::InterserverTablesStatus) {
            put_string(out, &self.hash);
        }
        put_varint(out, to_u64(self.tables.len()));
        for (database, table) in &self.tables {
            put_string(out, database.as_bytes());
            put_string(out, table.as_bytes());
        }
    }

    /// Reads a question; `interserver` says whether the hello was a server's.
    pub(super) fn read(
        r: &mut Reader<'_>,
        form: Revision,
        interserver: bool,
        max: u64,
    ) -> Result<Self, DecodeError> {
        let hash = if interserver && form.has(Feature::InterserverTablesStatus) {
            string(r, "hash", max)?.to_vec()
        } else {
            Vec::new()
        };
        let tables = list(r, "tables", MAX_TABLES, |r| {
            Ok((text(r, "database", max)?, text(r, "table", max)?))
        })?;
        Ok(Self { tables, hash })
    }
}

impl ReplicaStatus {
    /// A replica that is that many seconds behind, and takes writes or does not.
    pub const fn new(absolute_delay: u64, is_readonly: bool) -> Self {
        Self {
            absolute_delay,
            is_readonly,
        }
    }
}

impl TableStatus {
    /// A table that is not replicated.
    pub fn new(database: impl Into<String>, table: impl Into<String>) -> Self {
        Self {
            database: database.into(),
            table: table.into(),
            replica: None,
        }
    }

    /// Says how the replica is.
    #[must_use]
    pub fn with_replica(mut self, replica: ReplicaStatus) -> Self {
        self.replica = Some(replica);
        self
    }

    fn write(&self, form: Revision, out: &mut Vec<u8>) {
        put_string(out, self.database.as_bytes());
        put_string(out, self.table.as_bytes());
        out.push(u8::from(self.replica.is_some()));
        if let Some(replica) = &self.replica {
            put_varint(out, replica.absolute_delay);
            if form.has(Feature::TableReadOnly) {
                put_varint(out, u64::from(replica.is_readonly));
            }
        }
    }

    fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        let mut status = Self::new(text(r, "database", max)?, text(r, "table", max)?);
        if flag(r, "is_replicated")? {
            let mut replica = ReplicaStatus::new(r.leb128("absolute_delay")?, false);
            if form.has(Feature::TableReadOnly) {
                replica.is_readonly = r.leb128("is_readonly")? != 0;
            }
            status.replica = Some(replica);
        }
        Ok(status)
    }
}

pub(super) fn write_statuses(tables: &[TableStatus], form: Revision, out: &mut Vec<u8>) {
    put_varint(out, to_u64(tables.len()));
    tables.iter().for_each(|table| table.write(form, out));
}

/// Reads an answer as it arrives.
pub(super) fn read_statuses(
    r: &mut Reader<'_>,
    so_far: &mut ListReader<TableStatus>,
    form: Revision,
    max: u64,
) -> Result<Option<Vec<TableStatus>>, DecodeError> {
    so_far.read(r, "tables", MAX_TABLES, |r| TableStatus::read(r, form, max))
}
