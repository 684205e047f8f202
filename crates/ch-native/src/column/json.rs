//! `JSON`: a column for each path, and what is left over.
//!
//! ```text
//! prefix     version u64: 0 V1, 1 text, 2 V2, 3 flattened
//!   V1       most paths VarUInt (of no use here), then as V2
//!   V2, flat count of dynamic paths VarUInt and the paths, prefix of each typed path, prefix of each dynamic path
//! data
//!   text     a String a row, lengths before the strings at every revision
//!   V1, V2   typed paths, dynamic paths (each a Dynamic), left over: end offsets u64, paths and values as Strings of the
//!            older layout; a value is its type in binary form and then RowBinary
//!   flat     typed paths, dynamic paths
//! ```
//!
//! Source: ClickHouse, `src/DataTypes/Serializations/SerializationObject.cpp`.

use std::borrow::Cow;

use wire_core::DecodeError;

use super::cell::Cell;
use super::check::check;
use super::data::{ColumnData, range};
use super::dynamic::{DynamicColumn, SHARED_TYPE};
use super::gather::gather_strings;
use super::read::Context;
use super::row_binary;
use super::string::StringColumn;
use super::variant::{NULL, VariantColumn, slots};
use crate::codec::prim::{lossy, to_u64};
use crate::types::{DataType, JsonType, Value, parse_object};

/// Objects: as text, or as a column for each path.
///
/// ```
/// use ch_native::{ColumnData, DataType, Value};
///
/// # fn main() -> Result<(), ch_native::Error> {
/// let object = Value::Json(vec![("user.id".to_owned(), Value::UInt(7))]);
/// let data = ColumnData::from_values(&"JSON".parse::<DataType>()?, [object])?;
/// if let ColumnData::Json(objects) = &data {
///     let ids = objects.path("user.id").expect("the object has it");
///     assert_eq!(ids.cell(0).to_value(), Value::UInt(7));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct JsonColumn {
    pub(super) form: JsonForm,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum JsonForm {
    Text(StringColumn),
    Paths {
        rows: usize,
        /// Sorted by path.
        typed: Vec<JsonPath>,
        /// Sorted by path; each a Dynamic.
        dynamic: Vec<JsonPath>,
        shared: SharedPaths,
    },
}

/// The values of one path of a [`JsonColumn`].
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPath {
    pub(super) path: String,
    pub(super) ty: DataType,
    pub(super) data: ColumnData,
}

impl JsonPath {
    /// The path, its steps joined by dots.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The type that the column's type gives to the path, else `Dynamic`.
    pub fn data_type(&self) -> &DataType {
        &self.ty
    }

    /// A value for each row; NULL where the object has no such path.
    pub fn data(&self) -> &ColumnData {
        &self.data
    }

    /// The value of `row`.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        Cell::new(&self.ty, &self.data, row)
    }
}

/// Paths that have no column: for each row its paths, and the value of each with its type.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SharedPaths {
    pub(super) ends: Vec<u64>,
    pub(super) paths: StringColumn,
    pub(super) values: StringColumn,
}

impl SharedPaths {
    /// Paths and values of `row`.
    pub(super) fn of(&self, row: usize) -> impl Iterator<Item = (&[u8], &[u8])> {
        range(&self.ends, row).filter_map(|i| Some((self.paths.get(i)?, self.values.get(i)?)))
    }

    fn gather(&self, rows: &[usize], cx: &mut Context<'_>) -> Result<Self, DecodeError> {
        let mut ends = Vec::new();
        let mut entries = Vec::new();
        for row in rows {
            let range = range(&self.ends, *row);
            cx.spend("expanded paths", to_u64(range.len()).saturating_mul(24))?;
            entries.extend(range);
            ends.push(to_u64(entries.len()));
        }
        Ok(Self {
            ends,
            paths: gather_strings(&self.paths, &entries, cx)?,
            values: gather_strings(&self.values, &entries, cx)?,
        })
    }
}

impl JsonColumn {
    /// Objects as JSON text, one a row. The server takes them apart.
    pub fn from_text(texts: StringColumn) -> Self {
        Self {
            form: JsonForm::Text(texts),
        }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        match &self.form {
            JsonForm::Text(texts) => texts.len(),
            JsonForm::Paths { rows, .. } => *rows,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects as text, if they came as text: servers do so with the setting
    /// `output_format_native_write_json_as_string`.
    pub fn texts(&self) -> Option<&StringColumn> {
        match &self.form {
            JsonForm::Text(texts) => Some(texts),
            JsonForm::Paths { .. } => None,
        }
    }

    /// The paths that have a column: first those with a type of their own, then those of any type, each sorted. None
    /// if the objects came as text.
    pub fn paths(&self) -> impl Iterator<Item = &JsonPath> {
        let (typed, dynamic): (&[_], &[_]) = match &self.form {
            JsonForm::Text(_) => (&[], &[]),
            JsonForm::Paths { typed, dynamic, .. } => (typed, dynamic),
        };
        typed.iter().chain(dynamic)
    }

    /// The values of `path`, its steps joined by dots, in all rows. A path that has no column of its own is put together
    /// from what is left over. `None` if no object has it, and if the objects came as text.
    pub fn path(&self, path: &str) -> Option<Cow<'_, JsonPath>> {
        if let Some(found) = self.paths().find(|p| p.path == path) {
            return Some(Cow::Borrowed(found));
        }
        let JsonForm::Paths { rows, shared, .. } = &self.form else {
            return None;
        };
        let mut values = StringColumn::default();
        let of_row = |row| shared.of(row).find(|(p, _)| *p == path.as_bytes());
        let tags = (0..*rows).map(|row| match of_row(row) {
            None => NULL,
            Some((_, value)) => {
                values.push(value);
                0
            }
        });
        let tags: Vec<u16> = tags.collect();
        if values.is_empty() {
            return None;
        }
        let (slots, _) = slots(&tags, 1);
        let values = VariantColumn {
            types: Vec::new(),
            tags,
            slots,
            columns: vec![ColumnData::String(values)],
        };
        Some(Cow::Owned(JsonPath {
            path: path.to_owned(),
            ty: SHARED_TYPE.clone(),
            data: ColumnData::Dynamic(Box::new(DynamicColumn { values })),
        }))
    }

    /// The object of `row`; its text if that cannot be taken apart.
    pub(super) fn value(&self, row: usize) -> Option<Value> {
        let (typed, dynamic, shared) = match &self.form {
            JsonForm::Text(texts) => {
                let text = texts.get(row)?;
                return Some(parse_object(text).unwrap_or_else(|| Value::String(text.to_vec())));
            }
            JsonForm::Paths {
                typed,
                dynamic,
                shared,
                ..
            } => (typed, dynamic, shared),
        };
        let mut entries = Vec::new();
        for p in typed {
            entries.push((p.path.clone(), p.cell(row).to_value()));
        }
        for p in dynamic {
            let value = p.cell(row).to_value();
            // NULL where the object has no such path; a path with a type is always there.
            if value != Value::Null {
                entries.push((p.path.clone(), value));
            }
        }
        for (path, value) in shared.of(row) {
            entries.push((lossy(path), row_binary::shared(value)));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Some(Value::Json(entries))
    }

    /// Paths without a column that `row` has, each with its value: the type in binary form and then `RowBinary`.
    pub fn shared(&self, row: usize) -> impl Iterator<Item = (&[u8], &[u8])> {
        let shared = match &self.form {
            JsonForm::Text(_) => None,
            JsonForm::Paths { shared, .. } => Some(shared),
        };
        shared.into_iter().flat_map(move |shared| shared.of(row))
    }

    /// Says why these objects cannot be written as `json`, if they cannot.
    pub(super) fn check(&self, json: &JsonType) -> Result<(), String> {
        let JsonForm::Paths { typed, dynamic, .. } = &self.form else {
            return Ok(());
        };
        let same = |(own, given): (&JsonPath, &(String, DataType))| {
            own.path == given.0 && own.ty.resolve() == given.1.resolve()
        };
        if typed.len() != json.typed.len() || !typed.iter().zip(&json.typed).all(same) {
            let own = self.natural_type();
            return Err(format!(
                "objects with the typed paths of {own} cannot be written as {json}"
            ));
        }
        let clash = |p: &&JsonPath| json.typed.iter().any(|(path, _)| *path == p.path);
        if let Some(clash) = dynamic.iter().find(clash) {
            return Err(format!("path {} comes with and without a type", clash.path));
        }
        for p in typed.iter().chain(dynamic) {
            check(&p.ty, &p.data).map_err(|e| format!("path {}: {e}", p.path))?;
        }
        Ok(())
    }

    /// The type that says of these paths what the column knows.
    pub(super) fn natural_type(&self) -> DataType {
        let typed = match &self.form {
            JsonForm::Text(_) => Vec::new(),
            JsonForm::Paths { typed, .. } => {
                let typed = typed.iter().map(|p| (p.path.clone(), p.ty.clone()));
                typed.collect()
            }
        };
        DataType::Json(Box::new(JsonType {
            typed,
            ..JsonType::default()
        }))
    }

    /// The values of `rows`, all of which exist.
    pub(super) fn gather(&self, rows: &[usize], cx: &mut Context<'_>) -> Result<Self, DecodeError> {
        let form = match &self.form {
            JsonForm::Text(texts) => JsonForm::Text(gather_strings(texts, rows, cx)?),
            JsonForm::Paths {
                typed,
                dynamic,
                shared,
                ..
            } => {
                let mut all = |paths: &[JsonPath]| {
                    let one = |p: &JsonPath| {
                        Ok(JsonPath {
                            path: p.path.clone(),
                            ty: p.ty.clone(),
                            data: p.data.gather(rows, cx)?,
                        })
                    };
                    paths
                        .iter()
                        .map(one)
                        .collect::<Result<Vec<_>, DecodeError>>()
                };
                JsonForm::Paths {
                    rows: rows.len(),
                    typed: all(typed)?,
                    dynamic: all(dynamic)?,
                    shared: shared.gather(rows, cx)?,
                }
            }
        };
        Ok(Self { form })
    }
}
