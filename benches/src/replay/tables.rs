//! The tables that drivers read to learn of the cluster, out of recorded answers to `SELECT *`.

use super::frame::{Fields, put_short_bytes};

/// The answers of a real server; `record` in `replay.rs` writes the file.
const RECORDING: &str = include_str!("../../recordings/cassandra-5.0.9.txt");
/// Kind of a RESULT with rows, big-endian (native_protocol_v4.spec, 4.2.5.2).
const ROWS: [u8; 4] = [0, 0, 0, 2];
/// The keyspace and table stand once for all columns.
const GLOBAL_TABLE: i32 = 1;

/// The recorded body of this name.
///
/// # Panics
/// If the recording has it not.
#[must_use]
pub(super) fn recorded(name: &str) -> Vec<u8> {
    let line = RECORDING.lines().filter_map(|line| line.split_once(' '));
    let (_, hex) = line
        .into_iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("the recording has no {name}"));
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).expect("hex digits"))
        .collect()
}

/// A recorded result.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Its keyspace and name, as they stand in a result's metadata.
    place: Vec<u8>,
    /// Of each column, the name, and name and type as they stand there.
    columns: Vec<(String, Vec<u8>)>,
    /// Of each row, the cells with their lengths.
    rows: Vec<Vec<Vec<u8>>>,
}

impl Table {
    /// The result in a recorded body.
    ///
    /// # Panics
    /// If it is no result with rows of one table.
    #[must_use]
    pub(super) fn recorded(name: &str) -> Self {
        let body = recorded(name);
        Self::parse(&body).unwrap_or_else(|| panic!("{name} is no result of one table"))
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body.strip_prefix(&ROWS)?);
        if fields.int()? != GLOBAL_TABLE {
            return None;
        }
        let count = fields.int()?;
        let before = fields.0;
        fields.short_bytes()?;
        fields.short_bytes()?;
        let place = before[..before.len() - fields.0.len()].to_vec();
        let mut columns = Vec::new();
        for _ in 0..count {
            let before = fields.0;
            let name = String::from_utf8(fields.short_bytes()?.to_vec()).ok()?;
            skip_type(&mut fields)?;
            columns.push((name, before[..before.len() - fields.0.len()].to_vec()));
        }
        let mut rows = Vec::new();
        for _ in 0..fields.int()? {
            let mut cells = Vec::new();
            for _ in 0..count {
                let before = fields.0;
                fields.bytes()?;
                cells.push(before[..before.len() - fields.0.len()].to_vec());
            }
            rows.push(cells);
        }
        Some(Self {
            place,
            columns,
            rows,
        })
    }

    /// Flags, count and columns of a result with the columns that stand between SELECT and FROM, and their places.
    ///
    /// # Errors
    /// The name of a column that the table has not.
    pub(super) fn metadata(&self, selected: &str) -> Result<(Vec<u8>, Vec<usize>), String> {
        let places = if selected.trim() == "*" {
            (0..self.columns.len()).collect()
        } else {
            let place = |name: &str| {
                let name = name.trim().trim_matches('"');
                let mut columns = self.columns.iter();
                columns
                    .position(|(known, _)| known == name)
                    .ok_or_else(|| format!("Undefined column name {name}"))
            };
            selected.split(',').map(place).collect::<Result<_, _>>()?
        };
        let places: Vec<usize> = places;
        let mut out = GLOBAL_TABLE.to_be_bytes().to_vec();
        out.extend_from_slice(&(places.len() as u32).to_be_bytes());
        out.extend_from_slice(&self.place);
        for &place in &places {
            out.extend_from_slice(&self.columns[place].1);
        }
        Ok((out, places))
    }

    /// The body of a RESULT with these columns of all rows.
    ///
    /// # Errors
    /// The name of a column that the table has not.
    pub(super) fn select(&self, selected: &str) -> Result<Vec<u8>, String> {
        let (metadata, places) = self.metadata(selected)?;
        let mut out = ROWS.to_vec();
        out.extend_from_slice(&metadata);
        out.extend_from_slice(&(self.rows.len() as u32).to_be_bytes());
        for row in &self.rows {
            for &place in &places {
                out.extend_from_slice(&row[place]);
            }
        }
        Ok(out)
    }
}

/// Reads over an `[option]` that is a type (section 4.2.5.2).
fn skip_type(fields: &mut Fields<'_>) -> Option<()> {
    match fields.short()? {
        // A custom type and its class.
        0 => {
            fields.short_bytes()?;
        }
        // List and set.
        0x20 | 0x22 => skip_type(fields)?,
        0x21 => {
            skip_type(fields)?;
            skip_type(fields)?;
        }
        _ => {}
    }
    Some(())
}

/// The body of PREPARED for a statement about a table, `markers` of whose markers are texts.
#[must_use]
pub(super) fn prepared(id: &[u8], markers: usize, metadata: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 4];
    put_short_bytes(&mut out, id);
    out.extend_from_slice(&u32::from(markers > 0).to_be_bytes());
    out.extend_from_slice(&(markers as u32).to_be_bytes());
    // No marker is a partition key.
    out.extend_from_slice(&[0; 4]);
    if markers > 0 {
        put_short_bytes(&mut out, b"system");
        put_short_bytes(&mut out, b"local");
    }
    for _ in 0..markers {
        put_short_bytes(&mut out, b"key");
        out.extend_from_slice(&[0, 0x0d]);
    }
    out.extend_from_slice(metadata);
    out
}
