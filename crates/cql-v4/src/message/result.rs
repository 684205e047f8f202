//! RESULT (native protocol v4, §4.2.5).
//!
//! ```text
//! [int kind]
//! 1 Void:          empty
//! 2 Rows:          metadata, [int rows], rows x columns x [bytes]
//! 3 Set_keyspace:  [string]
//! 4 Prepared:      [short bytes id], {v5: [short bytes] id of the result's metadata}, metadata of the markers, metadata of the result
//! 5 Schema_change: [string change] [string target] [string keyspace] {[string name] {[string list] arguments}}
//! ```

use std::sync::Arc;

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Prefix, Reader, Writer};

use super::metadata::{self, Metadata, Of};
use super::{Column, KnownColumns};
use crate::codec::{Dialect, Feature, prim};
use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;

const VOID: i32 = 1;
const ROWS: i32 = 2;
const SET_KEYSPACE: i32 = 3;
const PREPARED: i32 = 4;
const SCHEMA_CHANGE: i32 = 5;

/// The outcome of a statement.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ResultMessage {
    /// Nothing to report.
    Void,
    /// Rows, perhaps none.
    Rows(RowsMessage),
    /// The connection's keyspace is this now.
    SetKeyspace(String),
    /// A statement is prepared.
    Prepared(Box<PreparedMessage>),
    /// The schema was changed.
    SchemaChange(Box<SchemaChange>),
}

/// A page of rows; the cells stay as they came until somebody reads them.
#[derive(Debug, Clone)]
pub struct RowsMessage {
    pub(crate) columns: Option<Arc<[Column]>>,
    pub(crate) column_count: usize,
    pub(crate) row_count: usize,
    pub(crate) paging_state: Option<Bytes>,
    pub(crate) cells: Bytes,
    pub(crate) changed_id: Option<Bytes>,
    /// Metadata that this message brought, to compare the next one with.
    learned: Option<Box<KnownColumns>>,
}

impl RowsMessage {
    /// A page, for the server's role. Each row has one cell per column; `None` is null.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] if a row has another number of cells than there are columns.
    pub fn new(
        columns: impl Into<Arc<[Column]>>,
        rows: &[Vec<Option<Bytes>>],
        paging_state: Option<Bytes>,
    ) -> Result<Self, Error> {
        let columns = columns.into();
        let mut cells = Vec::new();
        let mut w = Writer::new(&mut cells);
        for row in rows {
            if row.len() != columns.len() {
                let text = format!("a row of {} cells for {} columns", row.len(), columns.len());
                return Err(Error::new(ErrorKind::Misuse, text));
            }
            row.iter()
                .try_for_each(|cell| prim::put_bytes(&mut w, "cell", cell.as_deref()))
                .map_err(Error::unencodable)?;
        }
        Ok(Self {
            column_count: columns.len(),
            columns: Some(columns),
            row_count: rows.len(),
            paging_state,
            cells: cells.into(),
            changed_id: None,
            learned: None,
        })
    }

    /// The same without its columns, for the server's role: the client said that it knows them.
    #[must_use]
    pub fn without_columns(mut self) -> Self {
        self.columns = None;
        self
    }

    /// The same with the id of its columns, for the server's role: they are not those that the client said it knows.
    #[must_use]
    pub fn with_changed_id(mut self, id: impl Into<Bytes>) -> Self {
        self.changed_id = Some(id.into());
        self
    }

    /// Id of the columns, if they are not those that the request said it knew (protocol v5).
    pub fn changed_id(&self) -> Option<&Bytes> {
        self.changed_id.as_ref()
    }

    /// Reads the cells by columns that were known when the request was made, if the server left them out.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if there are not as many columns as cells in a row.
    pub fn fill_columns(&mut self, known: &KnownColumns) -> Result<(), Error> {
        if self.columns.is_some() {
            return Ok(());
        }
        if known.columns().len() != self.column_count {
            let text = format!(
                "the server sent rows of {} columns without their metadata, where {} are known",
                self.column_count,
                known.columns().len()
            );
            return Err(Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes));
        }
        self.columns = Some(Arc::clone(known.columns()));
        Ok(())
    }

    /// What this message says about its columns, unless it is what was known already.
    pub fn take_learned(&mut self) -> Option<KnownColumns> {
        self.learned.take().map(|learned| *learned)
    }

    fn read(
        r: &mut Reader<'_>,
        known: Option<&KnownColumns>,
        limits: &Limits,
    ) -> Result<Self, DecodeError> {
        let metadata = Metadata::read(r, Of::Result, known, limits)?;
        let rows = r.i32_be("rows")?;
        // Each cell has a length of four bytes; rows without columns would be rows without bytes.
        let row_count = r.count("rows", rows, metadata.column_count.saturating_mul(4))?;
        let cells = r.bytes("cells", r.left())?;
        Ok(Self {
            columns: metadata.columns,
            column_count: metadata.column_count,
            row_count,
            paging_state: metadata.paging_state,
            cells,
            changed_id: metadata.changed_id,
            learned: metadata.learned.map(Box::new),
        })
    }
}

/// A prepared statement, as the server describes it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreparedMessage {
    /// Its id on this server.
    pub id: Bytes,
    /// Id of its result's metadata, to be sent with EXECUTE; empty before protocol v5.
    pub result_metadata_id: Bytes,
    /// Its markers.
    pub markers: Arc<[Column]>,
    /// The markers that form the partition key, in the key's order; empty if they do not, and on protocol v3.
    pub key_markers: Vec<u16>,
    /// Whether the server marked it as conditional; always false where no such mark was agreed on
    /// ([`Dialect::with_lwt_mark`]).
    pub is_lwt: bool,
    /// The columns of its result; `None` if it has none, or if the server does not know them yet.
    pub columns: Option<Arc<[Column]>>,
    /// The same with its bytes, to recognise it in the results.
    pub known: Option<KnownColumns>,
}

impl PreparedMessage {
    /// A statement without key markers, for the server's role.
    pub fn new(
        id: impl Into<Bytes>,
        markers: impl Into<Arc<[Column]>>,
        columns: Option<Arc<[Column]>>,
    ) -> Self {
        Self {
            id: id.into(),
            result_metadata_id: Bytes::new(),
            markers: markers.into(),
            key_markers: Vec::new(),
            is_lwt: false,
            columns,
            known: None,
        }
    }

    fn read(r: &mut Reader<'_>, dialect: Dialect, limits: &Limits) -> Result<Self, DecodeError> {
        let id = prim::short_bytes(r, "id")?;
        let result_metadata_id = if dialect.has_result_metadata_ids() {
            prim::short_bytes(r, "result_metadata_id")?
        } else {
            Bytes::new()
        };
        let of = if dialect.has(Feature::PartitionKeyIndices) {
            Of::Markers
        } else {
            Of::MarkersWithoutKey
        };
        let markers = Metadata::read(r, of, None, limits)?;
        let result = Metadata::read(r, Of::Result, None, limits)?;
        // Those that are described: a number of markers without their description is none to point to.
        let described = markers.columns.as_ref().map_or(0, |markers| markers.len());
        if let Some(index) = markers
            .key_markers
            .iter()
            .find(|i| usize::from(**i) >= described)
        {
            let what = format!("is {index} of {described} markers");
            return Err(r.invalid("key_marker", 0, what));
        }
        Ok(Self {
            id,
            result_metadata_id,
            markers: markers.columns.unwrap_or_default(),
            key_markers: markers.key_markers,
            is_lwt: has_mark(markers.flags, dialect),
            columns: result.columns,
            known: result.learned,
        })
    }

    fn write(&self, w: &mut Writer<'_>, dialect: Dialect) -> Result<(), EncodeError> {
        prim::put_short_bytes(w, "id", &self.id)?;
        if dialect.has_result_metadata_ids() {
            prim::put_short_bytes(w, "result metadata id", &self.result_metadata_id)?;
        }
        let key_markers = dialect
            .has(Feature::PartitionKeyIndices)
            .then_some(self.key_markers.as_slice());
        let markers = &self.markers;
        let mark = if self.is_lwt { dialect.lwt_mark() } else { 0 };
        metadata::Written {
            columns: Some(markers),
            column_count: markers.len(),
            key_markers,
            mark,
            ..Default::default()
        }
        .write(w)?;
        let columns = self.columns.as_deref();
        metadata::Written {
            columns,
            column_count: columns.map_or(0, <[Column]>::len),
            ..Default::default()
        }
        .write(w)
    }
}

fn has_mark(flags: u32, dialect: Dialect) -> bool {
    let mark = dialect.lwt_mark();
    mark != 0 && flags & mark == mark
}

/// What was changed in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaChange {
    /// `CREATED`, `UPDATED`, `DROPPED`, or what the server said.
    pub change: String,
    /// `KEYSPACE`, `TABLE`, `TYPE`, `FUNCTION`, `AGGREGATE`, or what the server said.
    pub target: String,
    /// The keyspace.
    pub keyspace: String,
    /// The table, type, function or aggregate; empty for a keyspace.
    pub name: String,
    /// CQL types of the arguments of a function or aggregate.
    pub arguments: Vec<String>,
}

impl SchemaChange {
    /// A change without arguments, for the server's role.
    pub fn new(change: &str, target: &str, keyspace: &str, name: &str) -> Self {
        Self {
            change: change.to_owned(),
            target: target.to_owned(),
            keyspace: keyspace.to_owned(),
            name: name.to_owned(),
            arguments: Vec::new(),
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let change = prim::string(r, "change")?;
        let target = prim::string(r, "target")?;
        let keyspace = prim::string(r, "keyspace")?;
        let mut out = Self::new(change, target, keyspace, "");
        if !out.is_known() {
            // Whatever is changed, its name comes next in all targets so far.
            let mut ahead = *r;
            if let Ok(name) = prim::string(&mut ahead, "name") {
                out.name = name.to_owned();
            }
            return Ok(out);
        }
        if !out.is_keyspace() {
            out.name = changed_name(r)?;
        }
        if out.has_arguments() {
            out.arguments = prim::string_list(r, "arguments")?;
        }
        Ok(out)
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        prim::put_string(w, "change", &self.change)?;
        prim::put_string(w, "target", &self.target)?;
        prim::put_string(w, "keyspace", &self.keyspace)?;
        if !self.is_keyspace() {
            prim::put_string(w, "name", &self.name)?;
        }
        if self.has_arguments() {
            prim::put_string_list(w, "arguments", &self.arguments)?;
        }
        Ok(())
    }

    fn is_keyspace(&self) -> bool {
        self.target == "KEYSPACE"
    }

    /// Whether it is known here what comes behind the keyspace.
    fn is_known(&self) -> bool {
        const TARGETS: [&str; 5] = ["KEYSPACE", "TABLE", "TYPE", "FUNCTION", "AGGREGATE"];
        TARGETS.contains(&self.target.as_str())
    }

    fn has_arguments(&self) -> bool {
        self.target == "FUNCTION" || self.target == "AGGREGATE"
    }
}

/// The name of what was changed: UTF-8, or, since Cassandra writes it as if it were ASCII (`CBUtil.writeAsciiString`; seen
/// with 5.0.9), a byte for each character, `?` for those above U+00FF. A name that cannot be told must not spoil the news.
fn changed_name(r: &mut Reader<'_>) -> Result<String, DecodeError> {
    let bytes = prim::short_bytes(r, "name")?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(name) => name.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    })
}

impl ResultMessage {
    pub(super) fn read(
        r: &mut Reader<'_>,
        dialect: Dialect,
        known: Option<&KnownColumns>,
        limits: &Limits,
    ) -> Result<Self, DecodeError> {
        match r.i32_be("kind")? {
            VOID => Ok(Self::Void),
            ROWS => RowsMessage::read(r, known, limits).map(Self::Rows),
            SET_KEYSPACE => {
                prim::string(r, "keyspace").map(|name| Self::SetKeyspace(name.to_owned()))
            }
            PREPARED => {
                PreparedMessage::read(r, dialect, limits).map(|m| Self::Prepared(Box::new(m)))
            }
            SCHEMA_CHANGE => SchemaChange::read(r).map(|m| Self::SchemaChange(Box::new(m))),
            other => {
                let at = r.offset().saturating_sub(4);
                Err(DecodeError::unsupported(
                    "kind",
                    at,
                    format!("result kind {other}"),
                ))
            }
        }
    }

    pub(super) fn write(&self, w: &mut Writer<'_>, dialect: Dialect) -> Result<(), EncodeError> {
        match self {
            Self::Void => w.i32_be(VOID),
            Self::Rows(rows) => {
                w.i32_be(ROWS);
                metadata::Written {
                    columns: rows.columns.as_deref(),
                    column_count: rows.column_count,
                    paging_state: rows.paging_state.as_ref(),
                    changed_id: rows.changed_id.as_ref(),
                    ..Default::default()
                }
                .write(w)?;
                w.length(Prefix::I32Be, "rows", rows.row_count)?;
                w.put(&rows.cells);
            }
            Self::SetKeyspace(name) => {
                w.i32_be(SET_KEYSPACE);
                prim::put_string(w, "keyspace", name)?;
            }
            Self::Prepared(prepared) => {
                w.i32_be(PREPARED);
                prepared.write(w, dialect)?;
            }
            Self::SchemaChange(change) => {
                w.i32_be(SCHEMA_CHANGE);
                change.write(w)?;
            }
        }
        Ok(())
    }
}
