//! Row sets: the results of servers before 1.0, and of the methods of that time on any server.
//!
//! ```text
//! time      := i64*                one per row
//! values[i] := value*              those of column i that are not null, back to back, in the form of tablets
//! bits[i]   := bit*                most significant first, 1 = the row has a value
//! ```
//!
//! Columns are physical: columns of a result that name the same series share one. Source: `QueryDataSetUtils` of the
//! server.

use bytes::Bytes;
use wire_core::{Budget, DecodeError, DecodeResultExt, EncodeError, Prefix, Writer};

use super::bitmap::pack_high_first;
use super::column::BlockColumn;
use super::tsblock::{TsBlock, row_budget};
use crate::error::Error;
use crate::limits::Limits;
use crate::types::{Cell, DataType};

/// Reads a row set as a block; its rows are charged to `budget`.
///
/// # Errors
/// If there are not as many columns as types, or a column has fewer bytes than its bits say.
pub(crate) fn read_row_set(
    time: &Bytes,
    values: &[Bytes],
    bits: &[Bytes],
    types: &[DataType],
    budget: &mut Budget,
) -> Result<TsBlock, DecodeError> {
    if values.len() != types.len() || bits.len() != types.len() {
        let what = format!(
            "has {} value lists and {} bitmaps for {} columns",
            values.len(),
            bits.len(),
            types.len()
        );
        return Err(DecodeError::invalid("TSQueryDataSet", 0, what));
    }
    let times = BlockColumn::times(time).within("TSQueryDataSet")?;
    let rows = u64::try_from(times.len()).unwrap_or(u64::MAX);
    budget.elements("rows", 0, rows).within("TSQueryDataSet")?;
    let mut columns = Vec::with_capacity(types.len());
    for (i, (data_type, (values, bits))) in types.iter().zip(values.iter().zip(bits)).enumerate() {
        let column = BlockColumn::read_row_set(values, bits, data_type.layout(), times.len())
            .at("valueList", i)
            .within("TSQueryDataSet")?;
        columns.push((data_type.code(), column));
    }
    Ok(TsBlock::from_parts(times, columns))
}

/// A result in the form of servers before 1.0 (`TSQueryDataSet`): for servers, and for tests of programs that use this
/// crate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowSet {
    /// The time of each row.
    pub time: Bytes,
    /// For each column, the values that are not null.
    pub values: Vec<Bytes>,
    /// For each column, which rows have a value.
    pub bits: Vec<Bytes>,
}

impl RowSet {
    /// The rows of a block.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if a value is longer than 2³¹ - 1 bytes.
    pub fn from_block(block: &TsBlock) -> Result<Self, Error> {
        write_row_set(block).map_err(|e| Error::encode(&e.within("TSQueryDataSet")))
    }

    /// Reads the rows as a block whose columns have these types. Nothing is copied.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the lists do not agree;
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if there are more rows than `limits` allow.
    pub fn to_block(&self, types: &[DataType], limits: &Limits) -> Result<TsBlock, Error> {
        let mut budget = row_budget(limits);
        read_row_set(&self.time, &self.values, &self.bits, types, &mut budget)
            .map_err(|e| Error::decode(&e))
    }
}

fn write_row_set(block: &TsBlock) -> Result<RowSet, EncodeError> {
    let mut time = Vec::new();
    let (mut values, mut bits) = (Vec::new(), Vec::new());
    write_values(block.time(), &mut time)?;
    for index in 0..block.column_count() {
        let Some(column) = block.column(index) else {
            break;
        };
        let mut out = Vec::new();
        write_values(column, &mut out)?;
        values.push(Bytes::from(out));
        let mut out = Vec::new();
        let present = (0..column.len()).map(|row| column.cell(row) != Cell::Null);
        pack_high_first(present, &mut out);
        bits.push(Bytes::from(out));
    }
    let time = time.into();
    Ok(RowSet { time, values, bits })
}

fn write_values(column: &BlockColumn, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut w = Writer::new(out);
    for row in 0..column.len() {
        match column.cell(row) {
            Cell::Null => {}
            Cell::Bool(v) => w.u8(u8::from(v)),
            Cell::Int32(v) => w.i32_be(v),
            Cell::Int64(v) => w.i64_be(v),
            Cell::Float(v) => w.f32_be(v),
            Cell::Double(v) => w.f64_be(v),
            Cell::Binary(v) => w.prefixed_bytes(Prefix::I32Be, "value", v)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn hex(text: &str) -> Bytes {
        wire_core::hex::parse(text).unwrap().into()
    }

    fn row_set(time: &str, values: &[&str], bits: &[&str]) -> RowSet {
        RowSet {
            time: hex(time),
            values: values.iter().map(|v| hex(v)).collect(),
            bits: bits.iter().map(|v| hex(v)).collect(),
        }
    }

    /// By the drawing in the module page: BOOLEAN (true, null, false), TEXT (null, "ab", "").
    #[test]
    fn values_are_those_whose_bit_is_set() {
        let time = "0000000000000001 0000000000000002 0000000000000003";
        let types = [DataType::Boolean, DataType::Text];
        let rows = row_set(time, &["0100", "00000002 6162 00000000"], &["a0", "60"]);
        let block = rows.to_block(&types, &Limits::default()).unwrap();
        let cells = |i: usize| -> Vec<_> {
            (0..3)
                .map(|row| block.column(i).unwrap().cell(row))
                .collect()
        };
        assert_eq!(cells(0), [Cell::Bool(true), Cell::Null, Cell::Bool(false)]);
        assert_eq!(
            cells(1),
            [Cell::Null, Cell::Binary(b"ab"), Cell::Binary(b"")]
        );
        assert_eq!(block.time().cell(2), Cell::Int64(3));

        assert_eq!(RowSet::from_block(&block).unwrap(), rows);
        // The same positions as a block, and back.
        let again = TsBlock::decode(&block.encode().unwrap(), &Limits::default()).unwrap();
        assert_eq!(again.column(0).unwrap().cell(2), Cell::Bool(false));
        assert_eq!(again.column(1).unwrap().cell(0), Cell::Null);
    }

    #[test]
    fn lists_that_do_not_agree_are_errors() {
        let time = "0000000000000001";
        for (values, bits) in [
            (&["01", "01"][..], &["80"][..]),
            (&["01"], &[]),
            (&[""], &["80"]),
            (&["0101"], &["80"]),
            (&["01"], &[""]),
            (&["01"], &["8000"]),
        ] {
            let read =
                row_set(time, values, bits).to_block(&[DataType::Boolean], &Limits::default());
            assert_eq!(
                read.unwrap_err().kind(),
                ErrorKind::Decode,
                "{values:?} {bits:?}"
            );
        }
        let read = row_set("00000000000001", &[], &[]).to_block(&[], &Limits::default());
        assert!(read.is_err());
    }
}
