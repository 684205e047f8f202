//! What a result says about its columns, once.
//!
//! The columns that a statement asks for and those that are sent differ: columns that name the same series share one,
//! and the order of the physical columns is the server's. Servers since 2.0 list for each column its place
//! (`columnIndex2TsBlockColumnIndexList`), older ones give a map from name to place (`columnNameIndexMap`); without
//! either, places are positions. 1.3.3 and 2.0.10 both send places that are not positions.

use crate::error::{Error, ErrorKind, Sent};
use crate::limits::Limits;
use crate::message::TSExecuteStatementResp;
use crate::row::Column;
use crate::tablet::{BlockColumn, TsBlock, check_columns};
use crate::types::DataType;

/// The name of the time column, which the server does not send.
const TIME: &str = "Time";

/// The columns of a result, and where their values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) columns: Vec<Column>,
    sources: Vec<Source>,
}

/// Where the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The times of the block.
    Time,
    /// A value column of the block.
    Column(usize),
}

impl Header {
    /// The columns of an answer to a statement.
    ///
    /// # Errors
    /// If the lists of the answer do not agree, or a type is not known.
    pub(crate) fn new(answer: &TSExecuteStatementResp, limits: &Limits) -> Result<Self, Error> {
        let names = answer.columns.as_deref().unwrap_or_default();
        let types = answer.data_type_list.as_deref().unwrap_or_default();
        check_columns(names.len(), limits, 0).map_err(|e| Error::decode(&e))?;
        if names.len() != types.len() {
            let (names, types) = (names.len(), types.len());
            return Err(broken(format!(
                "the answer names {names} columns and {types} types"
            )));
        }
        let mut header = Self {
            columns: Vec::new(),
            sources: Vec::new(),
        };
        if answer.ignore_time_stamp != Some(true) {
            header.push(TIME.to_owned(), DataType::Timestamp, Source::Time);
        }
        let places = answer.column_index2_ts_block_column_index_list.as_deref();
        // A list of another length is that of a statement without result columns.
        let places = places.filter(|places| places.len() == names.len());
        for (i, (name, type_name)) in names.iter().zip(types).enumerate() {
            let data_type = DataType::from_name(type_name).ok_or_else(|| {
                let text = format!(
                    "column {name} has the type {type_name}, which this crate does not know"
                );
                Error::new(ErrorKind::Unsupported, text).with_sent(Sent::Yes)
            })?;
            let place = match (places, &answer.column_name_index_map) {
                (Some(places), _) => places.get(i).copied().unwrap_or(-1).into(),
                (None, Some(map)) => match map.get(name) {
                    Some(place) => i64::from(*place),
                    None => {
                        return Err(broken(format!("column {name} has no place in the answer")));
                    }
                },
                (None, None) => i64::try_from(i).unwrap_or(i64::MAX),
            };
            let source = match place {
                -1 => Source::Time,
                place => match usize::try_from(place) {
                    // Columns are shared, never spread: there are no more places than columns.
                    Ok(place) if place < names.len() => Source::Column(place),
                    _ => {
                        return Err(broken(format!(
                            "column {name} should be at place {place} of {}",
                            names.len()
                        )));
                    }
                },
            };
            header.push(name.clone(), data_type, source);
        }
        Ok(header)
    }

    fn push(&mut self, name: String, data_type: DataType, source: Source) {
        self.columns.push(Column { name, data_type });
        self.sources.push(source);
    }

    /// The values of column `index` in a block.
    #[inline]
    pub(crate) fn source<'b>(&self, index: usize, block: &'b TsBlock) -> Option<&'b BlockColumn> {
        match self.sources.get(index)? {
            Source::Time => Some(block.time()),
            Source::Column(place) => block.column(*place),
        }
    }

    /// Checks that a block has the columns that were announced.
    pub(crate) fn check(&self, block: &TsBlock) -> Result<(), Error> {
        for (column, source) in self.columns.iter().zip(&self.sources) {
            match source {
                Source::Column(place) => {
                    block.check_type(*place, &column.name, column.data_type)?
                }
                Source::Time if block.time().fits(column.data_type) => {}
                Source::Time => {
                    let text = format!(
                        "column {} is the time, but was announced as {}",
                        column.name, column.data_type
                    );
                    return Err(broken(text));
                }
            }
        }
        Ok(())
    }

    /// The types of the columns of a row set, which does not carry them.
    pub(crate) fn physical_types(&self) -> Result<Vec<DataType>, Error> {
        let mut types = Vec::new();
        for (column, source) in self.columns.iter().zip(&self.sources) {
            if let Source::Column(place) = source {
                // `new` has bounded the place by the number of columns.
                let known = types.len().max(place.saturating_add(1));
                types.resize(known, None);
                if let Some(slot) = types.get_mut(*place) {
                    *slot = Some(column.data_type);
                }
            }
        }
        let missing =
            || broken("a column of the row set belongs to no column of the result".to_owned());
        types.into_iter().map(|ty| ty.ok_or_else(missing)).collect()
    }
}

#[cold]
fn broken(text: String) -> Error {
    Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(columns: &[&str], types: &[&str]) -> TSExecuteStatementResp {
        let owned = |list: &[&str]| Some(list.iter().map(|s| (*s).to_owned()).collect());
        TSExecuteStatementResp {
            columns: owned(columns),
            data_type_list: owned(types),
            ignore_time_stamp: Some(true),
            ..TSExecuteStatementResp::default()
        }
    }

    fn places(header: &Header) -> Vec<Source> {
        header.sources.clone()
    }

    /// 1.3.3 and 2.0.10 answered `select c0,c1,c2` with this map.
    #[test]
    fn places_are_not_positions() {
        let mut answer = answer(&["c0", "c1", "c2"], &["INT32", "INT64", "TEXT"]);
        let map = [("c1", 0), ("c2", 1), ("c0", 2)];
        answer.column_name_index_map =
            Some(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
        let header = Header::new(&answer, &Limits::default()).unwrap();
        assert_eq!(
            places(&header),
            [Source::Column(2), Source::Column(0), Source::Column(1)]
        );
        let types = header.physical_types().unwrap();
        assert_eq!(types, [DataType::Int64, DataType::Text, DataType::Int32]);
        // The list of 2.x counts more than the map; -1 is the time.
        answer.column_index2_ts_block_column_index_list = Some(vec![0, -1, 0]);
        let header = Header::new(&answer, &Limits::default()).unwrap();
        assert_eq!(
            places(&header),
            [Source::Column(0), Source::Time, Source::Column(0)]
        );
    }

    #[test]
    fn a_header_that_does_not_agree_with_itself_is_an_error() {
        let limits = Limits::default();
        let error = Header::new(&answer(&["a", "b"], &["INT32"]), &limits).unwrap_err();
        assert_eq!(error.to_string(), "the answer names 2 columns and 1 types");
        let error = Header::new(&answer(&["a"], &["INT33"]), &limits).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        for place in [-2, 1, i32::MAX] {
            let mut bad = answer(&["a"], &["INT32"]);
            bad.column_index2_ts_block_column_index_list = Some(vec![place]);
            assert_eq!(
                Header::new(&bad, &limits).unwrap_err().kind(),
                ErrorKind::Decode
            );
        }
        let mut bad = answer(&["a"], &["INT32"]);
        bad.column_name_index_map = Some([("b".to_owned(), 0)].into());
        assert_eq!(
            Header::new(&bad, &limits).unwrap_err().kind(),
            ErrorKind::Decode
        );
    }
}
