//! What a table's columns are filled with when an insert leaves them out: told before the header of an insert.
//!
//! ```text
//! table String, description String            [54481] in a compression frame if the query's blocks are
//!
//! columns format version: 1
//! 2 columns:
//! `name` Type
//! `name` Type<tab>DEFAULT<tab>expression<tab>…
//! ```
//!
//! Source: ClickHouse, `src/Storages/ColumnsDescription.cpp` (`writeText`).

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{put_string, text};
use crate::codec::text::{split_quoted, unescape};
use crate::error::{Error, ErrorKind};

/// Columns of the table that is inserted into, with their defaults, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableColumns {
    /// The table.
    pub table: String,
    /// Names, types and default expressions, in ClickHouse's own text form.
    pub description: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnDescription {
    /// The name.
    pub name: String,
    /// The name of the type.
    pub type_name: String,
    /// What it is filled with when an insert leaves it out, if that is not the type's own default.
    pub default: Option<ColumnDefault>,
}

/// What a column is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnDefault {
    /// `DEFAULT`, `MATERIALIZED`, `ALIAS` or `EPHEMERAL`. Into columns of the middle two nothing can be inserted.
    pub kind: String,
    /// The expression, as SQL.
    pub expression: String,
}

/// The only version of the text so far.
const VERSION_LINE: &str = "columns format version: 1";
/// What may stand before an expression.
const KINDS: [&str; 5] = [
    "DEFAULT",
    "MATERIALIZED",
    "ALIAS",
    "EPHEMERAL",
    "AUTO_INCREMENT",
];

impl TableColumns {
    /// A description.
    pub fn new(table: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            description: description.into(),
        }
    }

    /// The columns that the text describes; comments, codecs and TTLs are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] with the line that does not read as it should.
    pub fn columns(&self) -> Result<Vec<ColumnDescription>, Error> {
        let mut lines = self.description.lines();
        if lines.next() != Some(VERSION_LINE) {
            return Err(wrong(
                "does not begin with its version, 1",
                &self.description,
            ));
        }
        let count = lines.next().and_then(|line| {
            let number = line.strip_suffix(" columns:")?;
            number.parse::<usize>().ok()
        });
        let columns: Vec<_> = lines
            .map(|line| column(line).ok_or_else(|| wrong("has a line that is no column", line)))
            .collect::<Result<_, _>>()?;
        if count == Some(columns.len()) {
            return Ok(columns);
        }
        Err(wrong(
            "has not as many columns as it says",
            &self.description,
        ))
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_string(out, self.table.as_bytes());
        put_string(out, self.description.as_bytes());
    }

    pub(super) fn read(r: &mut Reader<'_>, max: u64) -> Result<Self, DecodeError> {
        Ok(Self {
            table: text(r, "table", max)?,
            description: text(r, "description", max)?,
        })
    }
}

fn column(line: &str) -> Option<ColumnDescription> {
    let (name, rest) = split_quoted(line, '`')?;
    let mut fields = rest.strip_prefix(' ')?.split('\t');
    let type_name = unescape(fields.next()?);
    let kind = fields.next().filter(|kind| KINDS.contains(kind));
    let default = match kind {
        Some(kind) => Some(ColumnDefault {
            kind: kind.to_owned(),
            expression: unescape(fields.next()?),
        }),
        None => None,
    };
    Some(ColumnDescription {
        name,
        type_name,
        default,
    })
}

/// Bytes of the text that an error shows.
const SHOWN: usize = 200;

#[cold]
fn wrong(what: &str, shown: &str) -> Error {
    let shown: String = shown.chars().take(SHOWN).collect();
    let text = format!("the description of the table's columns {what}: {shown:?}");
    Error::new(ErrorKind::Decode, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(lines: &str) -> Result<Vec<ColumnDescription>, Error> {
        TableColumns::new("t", format!("columns format version: 1\n{lines}")).columns()
    }

    /// The form that ClickHouse 18.16.1 sends, with a default of each kind and what newer servers add.
    #[test]
    fn columns_are_told_with_their_defaults() {
        let text = "5 columns:\n`id` UInt64\n`at` DateTime\tDEFAULT\tnow()\n`d\\`x` Date\tMATERIALIZED\ttoDate(at)\tCOMMENT 'x'\n\
                    `e` Enum8(\\'a\\' = 1)\tCOMMENT \\'y\\'\n`s` String\tDEFAULT\t\\'a\\\\tb\\'\n";
        let found = columns(text).unwrap();
        let seen: Vec<_> = found
            .iter()
            .map(|c| {
                let default = c
                    .default
                    .as_ref()
                    .map(|d| (d.kind.as_str(), d.expression.as_str()));
                (c.name.as_str(), c.type_name.as_str(), default)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("id", "UInt64", None),
                ("at", "DateTime", Some(("DEFAULT", "now()"))),
                ("d`x", "Date", Some(("MATERIALIZED", "toDate(at)"))),
                ("e", "Enum8('a' = 1)", None),
                ("s", "String", Some(("DEFAULT", "'a\\tb'"))),
            ]
        );
    }

    #[test]
    fn another_text_is_refused_with_what_it_is() {
        for (text, shown) in [
            ("", "as it says"),
            ("1 columns:\n", "as it says"),
            ("1 columns:\nid UInt64\n", "id UInt64"),
            ("1 columns:\n`id UInt64\n", "`id UInt64"),
            ("1 columns:\n`id` UInt64\tDEFAULT\n", "DEFAULT"),
        ] {
            let error = columns(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.to_string().contains(shown), "{error}");
        }
        let error = TableColumns::new("t", "columns format version: 2\n0 columns:\n").columns();
        assert!(error.unwrap_err().to_string().contains("version"));
    }
}
