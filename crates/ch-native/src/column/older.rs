//! Columns for those who do not know their types: what servers make of them for old clients.
//!
//! | before | type | sent as |
//! | --- | --- | --- |
//! | 54337 | `DateTime('zone')` | `DateTime` |
//! | 54405 | `LowCardinality(T)` | `T` |
//!
//! Both also inside of `Array`, `Tuple`, `Map`, `Nested` and `Nullable`. Seen at ClickHouse 18.16.1, which announces 54412.

use std::borrow::Cow;
use std::sync::Arc;

use wire_core::EncodeError;

use super::block::{Block, Column, Head};
use super::data::{ArrayColumn, ColumnData, LowCardinalityColumn, NullableColumn, TupleColumn};
use super::read::Context;
use super::spares::Home;
use crate::codec::{Feature, Revision};
use crate::types::DataType;

impl Block {
    /// The block with those types alone that `revision` has.
    pub(crate) fn known_to(&self, revision: Revision) -> Result<Cow<'_, Self>, EncodeError> {
        if revision.has(Feature::LowCardinality) && revision.has(Feature::TimezoneInTypes) {
            return Ok(Cow::Borrowed(self));
        }
        let older = |column: &Column| {
            let ty = older_type(column.data_type(), revision);
            let data = older_data(column.data_type(), &column.data, revision)?;
            let (name, type_name) = (column.name().to_owned(), ty.to_string());
            let head = Arc::new(Head {
                name,
                type_name,
                ty,
            });
            Ok(Column { head, data })
        };
        Ok(Cow::Owned(Self {
            home: Home::default(),
            rows: self.rows,
            columns: self.columns.iter().map(older).collect::<Result<_, _>>()?,
        }))
    }
}

fn older_type(ty: &DataType, revision: Revision) -> DataType {
    let inner = |ty: &DataType| Box::new(older_type(ty, revision));
    match ty {
        DataType::DateTime(Some(_)) if !revision.has(Feature::TimezoneInTypes) => {
            DataType::DateTime(None)
        }
        DataType::LowCardinality(of) if !revision.has(Feature::LowCardinality) => {
            older_type(of, revision)
        }
        DataType::Nullable(of) => DataType::Nullable(inner(of)),
        DataType::Array(of) => DataType::Array(inner(of)),
        DataType::Map(of) => DataType::Map(inner(of)),
        DataType::Nested(of) => DataType::Nested(inner(of)),
        DataType::Tuple(elements) => {
            let element =
                |(name, ty): &(Option<String>, DataType)| (name.clone(), older_type(ty, revision));
            DataType::Tuple(elements.iter().map(element).collect())
        }
        other => other.clone(),
    }
}

fn older_data(
    ty: &DataType,
    data: &ColumnData,
    revision: Revision,
) -> Result<ColumnData, EncodeError> {
    if revision.has(Feature::LowCardinality) {
        return Ok(data.clone());
    }
    Ok(match (ty, data) {
        (DataType::LowCardinality(_), ColumnData::LowCardinality(c)) => expanded(c)?,
        (DataType::Nullable(of), ColumnData::Nullable(c)) => {
            ColumnData::Nullable(Box::new(NullableColumn {
                nulls: c.nulls.clone(),
                values: older_data(of, &c.values, revision)?,
            }))
        }
        (DataType::Array(of) | DataType::Map(of) | DataType::Nested(of), ColumnData::Array(c)) => {
            ColumnData::Array(Box::new(ArrayColumn {
                ends: c.ends.clone(),
                values: older_data(of, &c.values, revision)?,
            }))
        }
        (DataType::Tuple(types), ColumnData::Tuple(c)) => {
            let elements = types.iter().zip(&c.elements);
            let older = elements.map(|((_, ty), data)| older_data(ty, data, revision));
            ColumnData::Tuple(TupleColumn {
                rows: c.rows,
                elements: older.collect::<Result<_, _>>()?,
            })
        }
        (_, other) => other.clone(),
    })
}

/// The values that the keys stand for.
fn expanded(column: &LowCardinalityColumn) -> Result<ColumnData, EncodeError> {
    // The values are the caller's own, so nothing has to be bounded.
    let mut left = u64::MAX;
    let mut cx = Context {
        left: &mut left,
        limit: u64::MAX,
    };
    let keys = column.keys.iter();
    let rows: Vec<usize> = keys
        .map(|key| usize::try_from(*key).unwrap_or(usize::MAX))
        .collect();
    let values = column.dictionary.gather(&rows, &mut cx).map_err(|e| {
        EncodeError::invalid("LowCardinality", format!("cannot be written out: {e}"))
    })?;
    if !column.nullable {
        return Ok(values);
    }
    let nulls = column.keys.iter().map(|key| u8::from(*key == 0)).collect();
    Ok(ColumnData::Nullable(Box::new(NullableColumn {
        nulls,
        values,
    })))
}
