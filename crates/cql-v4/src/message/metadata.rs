//! Column metadata, of markers and of results (native protocol v4, §4.2.5.2 and §4.2.5.4).
//!
//! ```text
//! [int flags] [int columns]
//! {prepared, v4: [int n] n x [short index of a marker]}
//! {0x0002: [bytes paging state]} {0x0008, v5 or agreed on: [short bytes] id of the new metadata}
//! unless 0x0004:
//!   {0x0001: [string keyspace] [string table]}
//!   columns x ( {unless 0x0001: [string keyspace] [string table]} [string name] [option type] )
//! ```

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{Budget, DecodeError, DecodeResultExt, EncodeError, Prefix, Reader, Writer};

use crate::codec::prim;
use crate::limits::Limits;
use crate::types::DataType;

const GLOBAL_TABLE: u32 = 0x0001;
const HAS_MORE_PAGES: u32 = 0x0002;
const NO_METADATA: u32 = 0x0004;
const METADATA_CHANGED: u32 = 0x0008;

/// A column of a result, or a marker of a prepared statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    keyspace: Arc<str>,
    table: Arc<str>,
    name: Box<str>,
    data_type: DataType,
}

impl Column {
    /// A column of this table.
    pub fn new(
        keyspace: impl Into<Arc<str>>,
        table: impl Into<Arc<str>>,
        name: impl Into<Box<str>>,
        data_type: DataType,
    ) -> Self {
        Self {
            keyspace: keyspace.into(),
            table: table.into(),
            name: name.into(),
            data_type,
        }
    }

    /// Keyspace of its table.
    pub fn keyspace(&self) -> &str {
        &self.keyspace
    }

    /// Its table.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Its name, or what stands in its place: `count`, `[applied]`, `[limit]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    pub fn data_type(&self) -> &DataType {
        &self.data_type
    }
}

/// Columns of a result with the bytes that described them: when the next result of the same statement is described by
/// the same bytes, they are not parsed again ([`Response::decode_known`](super::Response::decode_known)).
#[derive(Debug, Clone)]
pub struct KnownColumns {
    flags: u32,
    specs: Box<[u8]>,
    columns: Arc<[Column]>,
}

/// Metadata as it was read.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) flags: u32,
    /// `None` if the server left them out.
    pub(super) columns: Option<Arc<[Column]>>,
    pub(super) column_count: usize,
    pub(super) paging_state: Option<Bytes>,
    /// Id of the metadata, if it is not what the client said it knew.
    pub(super) changed_id: Option<Bytes>,
    pub(super) key_markers: Vec<u16>,
    /// The same with its bytes, unless it is that which was known.
    pub(super) learned: Option<KnownColumns>,
}

/// Which layout it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Result,
    /// With the markers that form the partition key.
    Markers,
    /// Without them: protocol v3.
    MarkersWithoutKey,
}

impl Metadata {
    pub(super) fn read(
        r: &mut Reader<'_>,
        of: Of,
        known: Option<&KnownColumns>,
        limits: &Limits,
    ) -> Result<Self, DecodeError> {
        let flags = r.u32_be("flags")?;
        let columns = r.i32_be("columns")?;
        let mut metadata = Self {
            flags,
            columns: None,
            column_count: 0,
            paging_state: None,
            changed_id: None,
            key_markers: Vec::new(),
            learned: None,
        };
        if of == Of::Markers {
            let n = r.i32_be("key_markers")?;
            let n = r.count("key_markers", n, 2)?;
            metadata.key_markers = (0..n)
                .map(|_| r.u16_be("key_marker"))
                .collect::<Result<_, _>>()?;
        }
        if flags & HAS_MORE_PAGES != 0 {
            metadata.paging_state = prim::bytes(r, "paging_state")?;
        }
        if flags & METADATA_CHANGED != 0 {
            metadata.changed_id = Some(prim::short_bytes(r, "new_metadata_id")?);
        }
        if flags & NO_METADATA != 0 {
            metadata.column_count = usize::try_from(columns)
                .map_err(|_| r.invalid("columns", 4, "is a negative count"))?;
            return Ok(metadata);
        }
        // A name and a type take two bytes each at least.
        metadata.column_count = r.count("columns", columns, 4)?;
        if let Some(known) = known.filter(|k| k.is_at(flags, metadata.column_count, r)) {
            r.skip("columns", known.specs.len())?;
            metadata.columns = Some(Arc::clone(&known.columns));
            return Ok(metadata);
        }
        let before = *r;
        let list: Arc<[Column]> = read_columns(r, flags, metadata.column_count, limits)?.into();
        let len = before.left().saturating_sub(r.left());
        metadata.learned = Some(KnownColumns {
            flags: flags & GLOBAL_TABLE,
            specs: before.rest().get(..len).unwrap_or(&[]).into(),
            columns: Arc::clone(&list),
        });
        metadata.columns = Some(list);
        Ok(metadata)
    }
}

impl KnownColumns {
    /// The columns.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    fn is_at(&self, flags: u32, columns: usize, r: &Reader<'_>) -> bool {
        flags & GLOBAL_TABLE == self.flags
            && columns == self.columns.len()
            && r.rest().starts_with(&self.specs)
    }
}

fn read_columns(
    r: &mut Reader<'_>,
    flags: u32,
    n: usize,
    limits: &Limits,
) -> Result<Vec<Column>, DecodeError> {
    let global = if flags & GLOBAL_TABLE != 0 {
        Some(read_table(r)?)
    } else {
        None
    };
    let mut budget = Budget::new(0, 0, limits.max_depth);
    let column = |i| {
        let mut read = || {
            let (keyspace, table) = match &global {
                Some((keyspace, table)) => (Arc::clone(keyspace), Arc::clone(table)),
                None => read_table(r)?,
            };
            Ok(Column {
                keyspace,
                table,
                name: prim::string(r, "name")?.into(),
                data_type: DataType::read(r, &mut budget)?,
            })
        };
        read().at("columns", i)
    };
    (0..n).map(column).collect()
}

fn read_table(r: &mut Reader<'_>) -> Result<(Arc<str>, Arc<str>), DecodeError> {
    let keyspace = prim::string(r, "keyspace")?.into();
    Ok((keyspace, prim::string(r, "table")?.into()))
}

/// Metadata as a server writes it.
#[derive(Debug, Default)]
pub(super) struct Written<'a> {
    pub(super) columns: Option<&'a [Column]>,
    pub(super) column_count: usize,
    pub(super) paging_state: Option<&'a Bytes>,
    pub(super) changed_id: Option<&'a Bytes>,
    /// In PREPARED of v4 only.
    pub(super) key_markers: Option<&'a [u16]>,
    /// Further flags.
    pub(super) mark: u32,
}

impl Written<'_> {
    pub(super) fn write(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        let columns = self.columns.unwrap_or(&[]);
        // One table for all columns is named once.
        let global = columns.first().filter(|first| {
            columns
                .iter()
                .all(|c| c.keyspace == first.keyspace && c.table == first.table)
        });
        let flag = |bit: u32, is_set: bool| if is_set { bit } else { 0 };
        w.u32_be(
            flag(GLOBAL_TABLE, global.is_some())
                | flag(HAS_MORE_PAGES, self.paging_state.is_some())
                | flag(NO_METADATA, self.columns.is_none())
                | flag(METADATA_CHANGED, self.changed_id.is_some())
                | self.mark,
        );
        w.length(Prefix::I32Be, "columns", self.column_count)?;
        if let Some(key_markers) = self.key_markers {
            w.length(Prefix::I32Be, "key markers", key_markers.len())?;
            key_markers.iter().for_each(|index| w.u16_be(*index));
        }
        if let Some(state) = self.paging_state {
            prim::put_bytes(w, "paging state", Some(state))?;
        }
        if let Some(id) = self.changed_id {
            prim::put_short_bytes(w, "new metadata id", id)?;
        }
        if let Some(first) = global {
            write_table(w, first)?;
        }
        columns.iter().try_for_each(|column| {
            if global.is_none() {
                write_table(w, column)?;
            }
            prim::put_string(w, "column", &column.name)?;
            column.data_type.write(w)
        })
    }
}

fn write_table(w: &mut Writer<'_>, column: &Column) -> Result<(), EncodeError> {
    prim::put_string(w, "keyspace", &column.keyspace)?;
    prim::put_string(w, "table", &column.table)
}
