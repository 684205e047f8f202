//! The derive macros: structs as rows, as bound values and as user-defined types.
#![cfg(feature = "derive")]

mod bind;
mod positions;
mod rows;
mod udt;

use bytes::Bytes;
use cql_v4::message::{Bind, Column, RawValues, RowsMessage};
use cql_v4::types::{DataType, Value};
use cql_v4::{Error, Rows, Version};

fn column(name: &str, data_type: DataType) -> Column {
    Column::new("ks", "t", name, data_type)
}

fn columns(list: &[(&str, DataType)]) -> Vec<Column> {
    list.iter()
        .map(|(name, t)| column(name, t.clone()))
        .collect()
}

fn encode<V: Bind + ?Sized>(markers: Option<&[Column]>, values: &V) -> Result<RawValues, Error> {
    RawValues::encode(Version::V4, markers, values)
}

fn cells(values: &RawValues) -> Vec<Option<Bytes>> {
    let cell = |value: cql_v4::message::RawValue<'_>| value.data().map(Bytes::copy_from_slice);
    values.iter().map(cell).collect()
}

/// A page of one row.
fn page(columns: &[Column], values: &[Value]) -> Rows {
    let row = cells(&encode(Some(columns), values).unwrap());
    let message = RowsMessage::new(columns.to_vec(), &[row.clone(), row], None).unwrap();
    message.try_into().unwrap()
}
