//! Cells to values and back, and the names of types.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use cql_v4::message::{Column, Message, RawValue, RawValues, Response, ResultMessage, RowsMessage};
use cql_v4::types::{
    DataType, Date, Decimal, Duration, Time, Timestamp, Timeuuid, UdtType, Uuid, Value, Varint,
};
use cql_v4::{FromRow, Rows, Version};

use super::{rows_of, split_first, whole_frame};

/// Bytes of the number of rows, the last of a page without any.
const COUNT: usize = 4;

/// The body of a RESULT of rows of these columns, without a row; `None` if a name is too long to be written.
fn no_rows(columns: Vec<Column>) -> Option<Vec<u8>> {
    let message = RowsMessage::new(columns, &[], None).unwrap();
    let message = Message::Result(ResultMessage::Rows(message));
    let mut written = Vec::new();
    let encoded = Response::from(message).encode(Version::V4, None, 1, &mut written);
    encoded.ok()?;
    Some(whole_frame(&written).body.to_vec())
}

/// Rows of these columns whose cells are these bytes.
fn page(columns: Vec<Column>, cells: &[u8], row_count: usize) -> Rows {
    let mut body = no_rows(columns).unwrap();
    body.truncate(body.len() - COUNT);
    body.extend_from_slice(&u32::try_from(row_count).unwrap().to_be_bytes());
    body.extend_from_slice(cells);
    rows_of(&body).expect("rows")
}

/// Reads all rows as [`Value`]s. Those that can be written come back the same.
pub(super) fn read_values(rows: &Rows) {
    for row in rows.iter().flatten() {
        for (column, value) in row.columns().iter().zip(row.values()) {
            round_trip(column, value);
        }
    }
}

/// The bytes of a value that is bound to a marker of this column, if it can be.
fn written(column: &Column, value: &Value) -> Option<Option<Bytes>> {
    let marker = [column.clone()];
    let values = RawValues::encode(Version::V4, Some(&marker), &(value,)).ok()?;
    let data = values.iter().next().and_then(RawValue::data);
    Some(data.map(Bytes::copy_from_slice))
}

fn round_trip(column: &Column, value: &Value) {
    let Some(first) = written(column, value) else {
        return;
    };
    let rows = RowsMessage::new(vec![column.clone()], &[vec![first.clone()]], None).unwrap();
    let row = Rows::try_from(rows).unwrap().iter().next();
    let row = row.expect("a row");
    assert!(row.is_ok(), "{value:?} comes back as {row:?}");
    // By its bytes: numbers that are none differ from themselves.
    let again = written(column, &row.unwrap().values()[0]);
    assert_eq!(again, Some(first), "{value:?}");
}

fn columns(types: impl IntoIterator<Item = DataType>) -> Vec<Column> {
    let column = |data_type| Column::new("k", "t", "c", data_type);
    types.into_iter().map(column).collect()
}

fn list(element: DataType) -> DataType {
    DataType::List(Box::new(element))
}

fn map(key: DataType, value: DataType) -> DataType {
    DataType::Map(Box::new((key, value)))
}

fn read<'a, T: FromRow<'a>>(rows: &'a Rows) {
    rows.typed::<T>().unwrap().for_each(drop);
}

/// `[columns] cells`: rows as tuples, as tuples of options, and as values.
pub(super) fn rows(data: &[u8]) {
    let (choice, cells) = split_first(data);
    let columns = match choice & 7 {
        0 => columns([
            DataType::Int,
            DataType::Text,
            DataType::Boolean,
            DataType::Blob,
        ]),
        1 => columns([
            DataType::BigInt,
            DataType::Double,
            DataType::Float,
            DataType::SmallInt,
        ]),
        2 => columns([
            DataType::Uuid,
            DataType::Timeuuid,
            DataType::Timestamp,
            DataType::Date,
        ]),
        3 => columns([
            DataType::Time,
            DataType::Duration,
            DataType::Varint,
            DataType::Decimal,
        ]),
        4 => columns([
            DataType::Inet,
            list(DataType::Int),
            DataType::Set(Box::new(DataType::Text)),
            map(DataType::Text, list(DataType::Int)),
        ]),
        5 => columns([
            DataType::Tuple(vec![DataType::Int, DataType::Text]),
            DataType::Vector(Box::new(DataType::Float), 2),
            DataType::Vector(Box::new(DataType::Text), 3),
            udt(),
        ]),
        6 => columns([
            DataType::Ascii,
            DataType::TinyInt,
            DataType::Counter,
            nested(64),
        ]),
        _ => columns([
            DataType::Custom("a.b.C".into()),
            list(udt()),
            DataType::Int,
            nested(8),
        ]),
    };
    // As many as fit, if all were null.
    let row_count = cells.len() / (4 * columns.len());
    let rows = page(columns, cells, row_count);
    read_values(&rows);
    read::<(Value, Value, Value, Value)>(&rows);
    read_typed(choice & 7, &rows);
}

fn read_typed(choice: u8, rows: &Rows) {
    match choice {
        0 => {
            read::<(i32, &str, bool, &[u8])>(rows);
            read::<(Option<i32>, Option<String>, Option<bool>, Option<Bytes>)>(rows);
        }
        1 => {
            read::<(i64, f64, f32, i16)>(rows);
            read::<(Option<i64>, Option<f64>, Option<f32>, Option<i16>)>(rows);
        }
        2 => {
            read::<(Uuid, Timeuuid, Timestamp, Date)>(rows);
            read::<(Option<Uuid>, Option<Uuid>, Option<Timestamp>, Option<Date>)>(rows);
        }
        3 => {
            read::<(Time, Duration, Varint, Decimal)>(rows);
            read::<(
                Option<Time>,
                Option<Duration>,
                Option<Varint>,
                Option<Decimal>,
            )>(rows);
        }
        4 => read::<(
            Option<IpAddr>,
            Vec<i32>,
            HashSet<&str>,
            BTreeMap<String, Vec<i32>>,
        )>(rows),
        5 => {
            type Pair = (Option<i32>, Option<String>);
            read::<(Option<Pair>, Option<[f32; 2]>, Option<Vec<String>>, Value)>(rows);
        }
        6 => read::<(Option<&str>, Option<i8>, Option<i64>, Value)>(rows),
        _ => read::<(Value, Vec<Value>, Option<i32>, Value)>(rows),
    }
}

fn udt() -> DataType {
    let fields = [("a", DataType::Int), ("b", list(DataType::Text))];
    let fields = fields.map(|(name, data_type)| (name.to_owned(), data_type));
    DataType::Udt(Arc::new(UdtType::new("k", "u", fields)))
}

/// A list of lists, so many levels deep.
fn nested(levels: usize) -> DataType {
    (0..levels).fold(DataType::Int, |element, _| list(element))
}

/// The name of a type's class, as servers describe custom types: what it is taken for is written and read again the
/// same.
pub(super) fn class_name(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(len) = u16::try_from(text.len()) else {
        return;
    };
    // Behind the one column's name: its type, which is 0 and a text, instead of an int; and the number of rows.
    let mut body = no_rows(columns([DataType::Int])).unwrap();
    body.truncate(body.len() - COUNT - 2);
    body.extend_from_slice(&[0, 0]);
    body.extend_from_slice(&len.to_be_bytes());
    body.extend_from_slice(text.as_bytes());
    body.extend_from_slice(&[0; COUNT]);
    let first = rows_of(&body).expect("rows, whatever the class");
    let first = first.columns();
    if let Some(written) = no_rows(first.to_vec()) {
        let again = rows_of(&written).expect("rows");
        assert_eq!(again.columns(), first);
    }
}

/// A type as CQL writes it: printing and parsing it again gives the same.
pub(super) fn type_text(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        cql_v4::schema::fuzz_type_text(text);
    }
}
