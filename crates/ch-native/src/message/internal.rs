//! Packets that servers send each other while they carry out a query together: the simple ones.
//!
//! ```text
//! part UUIDs          VarUInt n and n of 16 bytes
//! read task request   nothing
//! read task response  version VarUInt, path String; later versions add what is read beside the file
//! ```
//!
//! Source: ClickHouse, `src/Interpreters/ClusterFunctionReadTask.cpp`, `src/Server/TCPHandler.cpp`.

use wire_core::{DecodeError, EncodeError, Reader};

use crate::codec::prim::{limited, put_string, put_varint, text, to_u64};

/// A file for a server to read, of a function such as `s3Cluster`. The path is empty if there is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadTask {
    /// Version of the cluster function protocol: the lower of both sides'.
    pub version: u64,
    /// Path of the file.
    pub path: String,
}

/// The version whose tasks are a path alone. A server that announces it in its hello gets no other.
const PATHS_ONLY: u64 = 1;
/// Most parts in one list: more than any table has.
const MAX_PARTS: u64 = 1_000_000;
/// Bytes of a UUID.
const UUID_BYTES: usize = 16;

impl ReadTask {
    /// A task of version 1, the one that this crate speaks.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            version: PATHS_ONLY,
            path: path.into(),
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.version != PATHS_ONLY {
            let what = format!("is {}, of which only 1 can be written", self.version);
            return Err(EncodeError::invalid("read task version", what));
        }
        put_varint(out, self.version);
        put_string(out, self.path.as_bytes());
        Ok(())
    }

    pub(super) fn read(r: &mut Reader<'_>, max: u64) -> Result<Self, DecodeError> {
        let version = r.leb128("version")?;
        if version != PATHS_ONLY {
            let what = format!(
                "read tasks of version {version}: announce cluster function version {PATHS_ONLY} in the hello"
            );
            return Err(DecodeError::unsupported("version", r.offset(), what));
        }
        Ok(Self {
            version,
            path: text(r, "path", max)?,
        })
    }
}

pub(super) fn write_uuids(parts: &[u128], out: &mut Vec<u8>) {
    put_varint(out, to_u64(parts.len()));
    // Halves in their order, bytes of each reversed: as UUID columns travel.
    let bytes = |part: &u128| part.rotate_right(u64::BITS).to_le_bytes();
    out.extend(parts.iter().flat_map(bytes));
}

pub(super) fn read_uuids(r: &mut Reader<'_>) -> Result<Vec<u128>, DecodeError> {
    let count = r.leb128("parts")?;
    let count = limited(r, "parts", count, "parts", MAX_PARTS)?;
    let bytes = r.take("parts", count.saturating_mul(UUID_BYTES))?;
    let (parts, _) = bytes.as_chunks();
    let part = |part: &[u8; UUID_BYTES]| u128::from_le_bytes(*part).rotate_left(u64::BITS);
    Ok(parts.iter().map(part).collect())
}
