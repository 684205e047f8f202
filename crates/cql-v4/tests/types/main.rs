//! Values of every type: their bytes, and Rust types that they are read as and written from.

mod bytes;
mod ext;
mod hostile;
mod wrappers;

use ::bytes::Bytes;
use cql_v4::message::{Column, RawValue, RawValues, RowsMessage};
use cql_v4::types::{DataType, Decode, Encode};
use cql_v4::{Error, Rows, Version};

/// A value as it is bound to a marker of this type.
fn bound<T: Encode + ?Sized>(data_type: &DataType, value: &T) -> Result<Option<Bytes>, Error> {
    let marker = [Column::new("ks", "t", "c", data_type.clone())];
    let values = RawValues::encode(Version::V4, Some(&marker), &(value,))?;
    let copied = values.iter().next().and_then(RawValue::data);
    Ok(copied.map(Bytes::copy_from_slice))
}

/// A page of one cell.
fn page(data_type: &DataType, cell: Option<Bytes>) -> Rows {
    let column = Column::new("ks", "t", "c", data_type.clone());
    RowsMessage::new(vec![column], &[vec![cell]], None)
        .unwrap()
        .try_into()
        .unwrap()
}

/// A cell read as `T`.
fn read<T>(data_type: &DataType, cell: &[u8]) -> Result<T, Error>
where
    T: for<'a> Decode<'a>,
{
    let rows = page(data_type, Some(Bytes::copy_from_slice(cell)));
    Ok(rows.first::<(T,)>()?.expect("there is a row").0)
}

/// There and back again.
fn through<T>(data_type: &DataType, value: &T) -> Result<T, Error>
where
    T: Encode + for<'a> Decode<'a>,
{
    let cell = bound(data_type, value)?;
    let rows = page(data_type, cell);
    Ok(rows.first::<(T,)>()?.expect("there is a row").0)
}

fn list(element: DataType) -> DataType {
    DataType::List(Box::new(element))
}

fn vector(element: DataType, n: u32) -> DataType {
    DataType::Vector(Box::new(element), n)
}
