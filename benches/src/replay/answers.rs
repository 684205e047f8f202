//! What the server answers, built once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::data::{self, DISTINCT};
use super::frame::{Fields, RESPONSE, append, opcode, put_bytes, put_short_bytes};
use super::record::{JSON, JSON_KEYSPACES};
use super::tables::{Table, prepared, recorded};
use crate::statements::{BATCH, INSERT, PAGE, SCAN, SELECT};

/// Rows that the SELECT of one row can give, by the lowest byte of its key.
const SINGLE_ROWS: i64 = 256;
/// Flag of EXECUTE: the client has the columns from PREPARED.
const SKIP_METADATA: u8 = 0x02;
/// Flag of a result's metadata: another page follows.
const HAS_MORE_PAGES: u8 = 0x02;
/// A result of no rows (kind Void).
pub(super) const VOID: [u8; 4] = [0, 0, 0, 1];
/// First byte of the ids that PREPARE gives.
const INSERT_ID: u8 = 1;
const SELECT_ID: u8 = 2;
const SCAN_ID: u8 = 3;
const SYSTEM_ID: u8 = 4;

/// What to send for a request.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    /// A RESULT with this body.
    Result(&'a [u8]),
    /// A frame with this opcode and body.
    Other(u8, Vec<u8>),
    /// A RESULT with this beginning of a body, and the rest of it.
    Page(Vec<u8>, &'a [u8]),
    /// An ERROR with this code and text.
    Error(u32, String),
}

/// Every answer.
#[derive(Debug)]
pub struct Answers {
    tables: HashMap<String, Table>,
    /// Bodies of PREPARED, by statement.
    prepared: [Vec<u8>; 2],
    scan_prepared: Vec<u8>,
    /// Bodies of results of one row, with and without metadata.
    rows: [Vec<Vec<u8>>; 2],
    /// Columns of the scan as they stand in metadata.
    columns: Vec<u8>,
    /// The rows of a page, with their count before them.
    pages: Vec<Vec<u8>>,
    /// Texts of the other statements that were prepared.
    texts: Mutex<HashMap<Vec<u8>, String>>,
}

impl Default for Answers {
    fn default() -> Self {
        Self::new()
    }
}

impl Answers {
    /// Builds all of them: some MiB.
    ///
    /// # Panics
    /// If the recording is not what it should be.
    #[must_use]
    pub fn new() -> Self {
        let columns = columns_of(&recorded("row-0"));
        let row = |skip: bool, id: i64| {
            let mut body = head(skip, None, &columns);
            body.extend_from_slice(&1_u32.to_be_bytes());
            data::append_row(id, &mut body);
            body
        };
        let page = |first: u32| {
            let mut rows = PAGE.to_be_bytes().to_vec();
            (first..first + PAGE).for_each(|id| data::append_row(i64::from(id), &mut rows));
            rows
        };
        let tables = [
            "system.local",
            "system.peers",
            "system.peers_v2",
            "system_schema.keyspaces",
            "system_schema.tables",
            "system_schema.columns",
            "system_schema.views",
            "system_schema.types",
            "system_schema.functions",
            "system_schema.aggregates",
            "system_schema.indexes",
            "system_schema.triggers",
            "system_schema.dropped_columns",
            "system_virtual_schema.keyspaces",
            "system_virtual_schema.tables",
            "system_virtual_schema.columns",
            JSON_KEYSPACES,
        ];
        Self {
            tables: tables
                .map(|name| (name.to_owned(), Table::recorded(name)))
                .into(),
            prepared: [
                with_id("prepare-insert", &id(INSERT_ID, 0)),
                with_id("prepare-select", &id(SELECT_ID, 0)),
            ],
            scan_prepared: recorded("prepare-scan"),
            rows: [false, true].map(|skip| (0..SINGLE_ROWS).map(|id| row(skip, id)).collect()),
            pages: (0..DISTINCT).step_by(PAGE as usize).map(page).collect(),
            texts: Mutex::default(),
            columns,
        }
    }

    /// The answer to a request; `None` if it ends too early.
    pub(super) fn to(&self, opcode: u8, body: &[u8]) -> Option<Answer<'_>> {
        let mut fields = Fields(body);
        Some(match opcode {
            opcode::OPTIONS => Answer::Other(opcode::SUPPORTED, supported()),
            opcode::STARTUP | opcode::REGISTER => Answer::Other(opcode::READY, Vec::new()),
            opcode::PREPARE => self.prepare(fields.long_string()?.trim()),
            opcode::EXECUTE => self.execute(fields)?,
            opcode::BATCH => batch(fields)?,
            opcode::QUERY => self.query(fields.long_string()?.trim()),
            other => Answer::Error(0x0a, format!("opcode {other} is not replayed")),
        })
    }

    fn prepare(&self, text: &str) -> Answer<'_> {
        match text {
            INSERT => return Answer::Result(&self.prepared[0]),
            SELECT => return Answer::Result(&self.prepared[1]),
            _ => {}
        }
        if let Some(rows) = text.strip_prefix(SCAN) {
            let Ok(rows) = rows.trim().parse() else {
                return invalid("the limit is no number");
            };
            let body = replace_id(&self.scan_prepared, &id(SCAN_ID, rows));
            return Answer::Other(opcode::RESULT, body);
        }
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let id = id(SYSTEM_ID, texts.len() as u32);
        let metadata = self
            .table(text)
            .and_then(|(table, columns)| table.metadata(columns));
        match metadata {
            Ok((metadata, _)) => {
                let body = prepared(&id, text.matches('?').count(), &metadata);
                texts.insert(id.to_vec(), text.to_owned());
                Answer::Other(opcode::RESULT, body)
            }
            Err(text) => invalid(&text),
        }
    }

    fn execute(&self, mut fields: Fields<'_>) -> Option<Answer<'_>> {
        let id = fields.short_bytes()?;
        Some(match *id.first()? {
            INSERT_ID => Answer::Result(&VOID),
            SELECT_ID => {
                let (skip, key) = (skips(fields)?, first_value(fields)?);
                Answer::Result(&self.rows[usize::from(skip)][usize::from(*key.last()?)])
            }
            SCAN_ID => self.page(u32::from_be_bytes(id[4..8].try_into().ok()?), fields)?,
            _ => {
                let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
                texts
                    .get(id)
                    .map_or_else(|| invalid("unknown id"), |text| self.query(text))
            }
        })
    }

    /// The page that the paging state names by its first row.
    fn page(&self, limit: u32, mut fields: Fields<'_>) -> Option<Answer<'_>> {
        let skip = skips(fields)?;
        let (size, state) = paging(&mut fields)?;
        if size != Some(PAGE as i32) {
            return Some(invalid("pages are of 5,000 rows"));
        }
        let first = match state {
            Some(state) => u32::from_be_bytes(state.try_into().ok()?),
            None => 0,
        };
        let next = first + PAGE;
        let state = (next < limit).then(|| next.to_be_bytes());
        let head = head(skip, state.as_ref().map(<[u8; 4]>::as_slice), &self.columns);
        let page = &self.pages[(first / PAGE) as usize % self.pages.len()];
        Some(Answer::Page(head, page))
    }

    fn query(&self, text: &str) -> Answer<'_> {
        if let Some(keyspace) = text.strip_prefix("USE ") {
            let mut body = vec![0, 0, 0, 3];
            put_short_bytes(&mut body, keyspace.trim_matches('"').as_bytes());
            return Answer::Other(opcode::RESULT, body);
        }
        let body = self
            .table(text)
            .and_then(|(table, columns)| table.select(columns));
        match body {
            Ok(body) => Answer::Other(opcode::RESULT, body),
            Err(text) => invalid(&text),
        }
    }

    /// The table that a SELECT is of, and its columns.
    fn table<'t>(&self, text: &'t str) -> Result<(&Table, &'t str), String> {
        let unknown = || format!("not in the recording: {text}");
        let lower = text.to_ascii_lowercase();
        let from = lower.find(" from ").ok_or_else(unknown)?;
        let columns = text[..from].get("select".len()..).ok_or_else(unknown)?;
        let name = lower[from + " from ".len()..].split_whitespace().next();
        let name = name.unwrap_or_default().trim_end_matches(';');
        // Of the columns only this one is more than a name.
        if columns.contains(JSON) {
            return Ok((&self.tables[JSON_KEYSPACES], "*"));
        }
        let table = self.tables.get(name).ok_or_else(unknown)?;
        Ok((table, columns))
    }
}

fn invalid(text: &str) -> Answer<'static> {
    Answer::Error(0x2200, text.to_owned())
}

fn id(kind: u8, argument: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id[0] = kind;
    id[4..8].copy_from_slice(&argument.to_be_bytes());
    id
}

/// A recorded PREPARED with another id of the same length.
fn with_id(name: &str, id: &[u8; 16]) -> Vec<u8> {
    replace_id(&recorded(name), id)
}

fn replace_id(body: &[u8], id: &[u8; 16]) -> Vec<u8> {
    let mut body = body.to_vec();
    // Kind, length of the id.
    body[6..22].copy_from_slice(id);
    body
}

/// What stands between the count of columns and the count of rows.
fn columns_of(rows: &[u8]) -> Vec<u8> {
    let mut row = Vec::new();
    data::append_row(0, &mut row);
    rows[12..rows.len() - 4 - row.len()].to_vec()
}

/// Kind, flags, count of columns, and what follows it.
fn head(skip: bool, state: Option<&[u8]>, columns: &[u8]) -> Vec<u8> {
    let more = if state.is_some() { HAS_MORE_PAGES } else { 0 };
    let flags = more | if skip { 4 } else { 1 };
    let mut out = vec![0, 0, 0, 2, 0, 0, 0, flags, 0, 0, 0, 10];
    if let Some(state) = state {
        put_bytes(&mut out, state);
    }
    if !skip {
        out.extend_from_slice(columns);
    }
    out
}

fn skips(mut fields: Fields<'_>) -> Option<bool> {
    fields.short()?;
    Some(fields.byte()? & SKIP_METADATA != 0)
}

/// The first of the values of EXECUTE, which has them without names.
fn first_value(mut fields: Fields<'_>) -> Option<&[u8]> {
    // Consistency, flags, count of values.
    fields.take(5)?;
    fields.bytes()?
}

/// Size of a page and paging state, of a statement without markers.
fn paging<'a>(fields: &mut Fields<'a>) -> Option<(Option<i32>, Option<&'a [u8]>)> {
    fields.short()?;
    let flags = fields.byte()?;
    if flags & 0x01 != 0 {
        fields.short()?;
    }
    let size = if flags & 0x04 != 0 {
        Some(fields.int()?)
    } else {
        None
    };
    let state = if flags & 0x08 != 0 {
        fields.bytes()?
    } else {
        None
    };
    Some((size, state))
}

/// Checks that a batch holds so many inserts.
fn batch(mut fields: Fields<'_>) -> Option<Answer<'static>> {
    fields.byte()?;
    let count = fields.short()?;
    for _ in 0..count {
        let (prepared, id) = (fields.byte()?, fields.short_bytes()?);
        if prepared != 1 || id.first() != Some(&INSERT_ID) {
            return Some(invalid("not the insert"));
        }
        for _ in 0..fields.short()? {
            fields.bytes()?;
        }
    }
    Some(if usize::from(count) == BATCH {
        Answer::Result(&VOID)
    } else {
        invalid("a batch is of 64 statements")
    })
}

/// What OPTIONS is answered with: less than Cassandra can, since one version and one compression are compared.
fn supported() -> Vec<u8> {
    let options: [(&str, &[&str]); 3] = [
        ("COMPRESSION", &["lz4"]),
        ("CQL_VERSION", &["3.4.7"]),
        ("PROTOCOL_VERSIONS", &["3/v3", "4/v4"]),
    ];
    let mut body = vec![0, 3];
    for (name, values) in options {
        put_short_bytes(&mut body, name.as_bytes());
        body.extend_from_slice(&(values.len() as u16).to_be_bytes());
        for value in values {
            put_short_bytes(&mut body, value.as_bytes());
        }
    }
    body
}

/// Appends an ERROR.
pub(super) fn append_error(out: &mut Vec<u8>, stream: [u8; 2], code: u32, text: &str) {
    let mut body = code.to_be_bytes().to_vec();
    put_short_bytes(&mut body, text.as_bytes());
    append(out, RESPONSE, stream, opcode::ERROR, &body);
}

#[cfg(test)]
mod tests {
    use super::super::record::RECORDED_ROWS;
    use super::*;

    #[test]
    fn rows_are_what_cassandra_gives() {
        let answers = Answers::new();
        for id in RECORDED_ROWS {
            let recorded = recorded(&format!("row-{id}"));
            let mut row = Vec::new();
            data::append_row(id, &mut row);
            assert!(recorded.ends_with(&row), "row {id}");
        }
        assert_eq!(answers.rows[0][0], recorded("row-0"));
    }
}
