//! Rows of the server's own tables, read by the names of their columns: which columns there are, and which of them are
//! null, differs from version to version.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::error::Error;
use crate::message::Column;
use crate::row::Rows;
use crate::types::{Timestamp, Uuid, Value};

/// A row. A column that is missing, null, or of another type than expected is `None`; what was taken is gone.
#[derive(Debug)]
pub(super) struct Record<'a> {
    columns: &'a [Column],
    values: Vec<Value>,
}

impl<'a> Record<'a> {
    /// Calls `each` with every row of the page.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the page cannot be read.
    pub(super) fn each(rows: &'a Rows, mut each: impl FnMut(Self)) -> Result<(), Error> {
        for row in rows {
            each(Self {
                columns: rows.columns(),
                values: row?.into_values(),
            });
        }
        Ok(())
    }

    fn take(&mut self, name: &str) -> Value {
        let index = self.columns.iter().position(|c| c.name() == name);
        match index.and_then(|index| self.values.get_mut(index)) {
            Some(value) => std::mem::replace(value, Value::Null),
            None => Value::Null,
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        text(self.take(name))
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.take(name) {
            Value::Boolean(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn int(&mut self, name: &str) -> Option<i32> {
        match self.take(name) {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn uuid(&mut self, name: &str) -> Option<Uuid> {
        match self.take(name) {
            Value::Uuid(value) | Value::Timeuuid(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn inet(&mut self, name: &str) -> Option<IpAddr> {
        match self.take(name) {
            Value::Inet(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        match self.take(name) {
            Value::Timestamp(value) => Some(value),
            _ => None,
        }
    }

    /// The elements of a list or set; none if it is null.
    pub(super) fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            Value::List(values) | Value::Set(values) => values,
            _ => Vec::new(),
        }
    }

    /// The texts of a list or set.
    pub(super) fn texts<B: FromIterator<String>>(&mut self, name: &str) -> B {
        self.list(name).into_iter().filter_map(text).collect()
    }

    /// A map that is not empty.
    pub(super) fn map(&mut self, name: &str) -> Option<Value> {
        match self.take(name) {
            Value::Map(entries) if !entries.is_empty() => Some(Value::Map(entries)),
            _ => None,
        }
    }

    /// The texts of a map.
    pub(super) fn text_map(&mut self, name: &str) -> BTreeMap<String, String> {
        let entries = match self.take(name) {
            Value::Map(entries) => entries,
            _ => Vec::new(),
        };
        entries
            .into_iter()
            .filter_map(|(key, value)| Some((text(key)?, text(value)?)))
            .collect()
    }

    /// All columns that nobody took and that are not null, by name.
    pub(super) fn rest(self) -> BTreeMap<String, Value> {
        self.columns
            .iter()
            .map(|column| column.name().to_owned())
            .zip(self.values)
            .filter(|(_, value)| *value != Value::Null)
            .collect()
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
