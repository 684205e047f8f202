//! TsBlock: the unit of results since 1.0, a few columns of a few hundred or thousand positions.
//!
//! ```text
//! block := C(i32) type(1)*C N(i32) encoding(1)*(1+C) body*(1+C)     the time column first, then C value columns
//! ```
//!
//! All integers are big-endian. The types are physical: `STRING`, `BLOB` and `OBJECT` may come as `TEXT`, `DATE` as
//! `INT32`, `TIMESTAMP` as `INT64`; what they mean is said once per result, beside the blocks. The bodies are drawn in
//! the page of [`BlockColumn`]. Source: `TsBlockSerde` of the TsFile library.

use bytes::Bytes;
use wire_core::{Budget, DecodeError, DecodeResultExt, EncodeError, Prefix, Reader, Writer};

use super::column::{BlockColumn, MAX_NESTING};
use super::values::TabletColumn;
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::types::{DataType, Layout};

/// A block of a result: columns of the same length, and the time of each position.
#[derive(Debug, Clone)]
pub struct TsBlock {
    rows: usize,
    time: BlockColumn,
    columns: Vec<(u8, BlockColumn)>,
}

impl TsBlock {
    /// Reads a block. Nothing is copied: columns are slices of `data`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the bytes are not a block, [`ErrorKind::Limit`] if it has more rows or columns than
    /// `limits` allow.
    pub fn decode(data: &Bytes, limits: &Limits) -> Result<Self, Error> {
        let mut budget = row_budget(limits);
        Self::read(data, limits, &mut budget).map_err(|e| Error::decode(&e))
    }

    /// Reads a block and charges its rows to `budget`, made by [`row_budget`].
    pub(crate) fn read(
        data: &Bytes,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<Self, DecodeError> {
        let mut r = Reader::over(data);
        let block = Self::read_from(&mut r, limits, budget).within("TsBlock")?;
        r.finish("TsBlock")?;
        Ok(block)
    }

    fn read_from(
        r: &mut Reader<'_>,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<Self, DecodeError> {
        let count = r.i32_be("column count")?;
        let count = r.count("column count", count, 2)?;
        check_columns(count, limits, r.offset())?;
        let types = r.take("types", count)?;
        let rows = r.i32_be("position count")?;
        let rows = u32::try_from(rows)
            .map_err(|_| r.invalid("position count", 4, format!("{rows} is negative")))?;
        budget.elements("position count", r.offset(), u64::from(rows))?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let time_encoding = r.u8("time encoding")?;
        let encodings = r.take("encodings", count)?;
        let time =
            BlockColumn::read(r, Layout::Int64, time_encoding, rows, budget).within("time")?;
        let mut columns = Vec::with_capacity(count);
        for (i, (code, encoding)) in types.iter().zip(encodings).enumerate() {
            let data_type = DataType::from_code(*code).ok_or_else(|| {
                DecodeError::unsupported("type", i.saturating_add(4), format!("type code {code}"))
            })?;
            let column = BlockColumn::read(r, data_type.layout(), *encoding, rows, budget);
            columns.push((*code, column.at("columns", i)?));
        }
        Ok(Self {
            rows,
            time,
            columns,
        })
    }

    /// A block of the columns of a legacy row set.
    pub(crate) fn from_parts(time: BlockColumn, columns: Vec<(u8, BlockColumn)>) -> Self {
        let rows = time.len();
        Self {
            rows,
            time,
            columns,
        }
    }

    /// A block as a server makes it of typed columns: for tests of programs that use this crate, and for servers.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if a column is not as long as `times`, or a value cannot be carried.
    pub fn from_columns(times: &[i64], columns: &[TabletColumn]) -> Result<Self, Error> {
        let mut out = Vec::new();
        write_columns(times, columns, &mut out).map_err(|e| Error::encode(&e.within("TsBlock")))?;
        let limits = Limits {
            max_response_rows: times.len(),
            ..Limits::default()
        };
        Self::decode(&Bytes::from(out), &limits)
    }

    /// The block's form on the wire, each column in the encoding that it came in.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] if the block has more than 2³¹ - 1 columns or positions.
    pub fn encode(&self) -> Result<Bytes, Error> {
        let mut out = Vec::new();
        self.write(&mut out)
            .map_err(|e| Error::encode(&e.within("TsBlock")))?;
        Ok(out.into())
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut w = Writer::new(out);
        w.length(Prefix::I32Be, "column count", self.columns.len())?;
        self.columns.iter().for_each(|(code, _)| w.u8(*code));
        w.length(Prefix::I32Be, "position count", self.rows)?;
        w.u8(self.time.encoding());
        self.columns
            .iter()
            .for_each(|(_, column)| w.u8(column.encoding()));
        self.time.write(&mut w);
        self.columns
            .iter()
            .for_each(|(_, column)| column.write(&mut w));
        Ok(())
    }

    /// How many positions the block has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The time of each position, `INT64`.
    pub fn time(&self) -> &BlockColumn {
        &self.time
    }

    /// How many value columns the block has.
    pub fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// Value column `index`, counted from 0 without the time column.
    pub fn column(&self, index: usize) -> Option<&BlockColumn> {
        self.columns.get(index).map(|(_, column)| column)
    }

    /// The physical type code of value column `index`.
    pub fn column_code(&self, index: usize) -> Option<u8> {
        self.columns.get(index).map(|(code, _)| *code)
    }
}

/// What the blocks of one answer may have: rows, and levels of encodings.
pub(crate) fn row_budget(limits: &Limits) -> Budget {
    let rows = u64::try_from(limits.max_response_rows).unwrap_or(u64::MAX);
    Budget::new(0, rows, MAX_NESTING)
}

/// Checks a number of columns against the limit.
pub(crate) fn check_columns(
    count: usize,
    limits: &Limits,
    offset: usize,
) -> Result<(), DecodeError> {
    if count <= limits.max_columns {
        return Ok(());
    }
    let wide = |n| u64::try_from(n).unwrap_or(u64::MAX);
    let (limit, actual) = (wide(limits.max_columns), wide(count));
    Err(DecodeError::limit(
        "column count",
        offset,
        "max_columns",
        limit,
        actual,
    ))
}

fn write_columns(
    times: &[i64],
    columns: &[TabletColumn],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut w = Writer::new(out);
    w.length(Prefix::I32Be, "column count", columns.len())?;
    columns.iter().for_each(|c| w.u8(c.data_type().code()));
    w.length(Prefix::I32Be, "position count", times.len())?;
    w.u8(2);
    for column in columns {
        w.u8(match column.data_type().layout() {
            Layout::Bool => 0,
            Layout::Int32 | Layout::Float => 1,
            Layout::Int64 | Layout::Double => 2,
            Layout::Binary => 3,
        });
    }
    w.u8(0);
    times.iter().for_each(|time| w.i64_be(*time));
    for column in columns {
        if column.len() != times.len() {
            let what = format!("has {} values for {} times", column.len(), times.len());
            return Err(EncodeError::invalid(column.name().to_owned(), what));
        }
        column.write_block_body(&mut w)?;
    }
    Ok(())
}

impl TsBlock {
    /// Checks that the value columns are laid out as `data_types` say.
    pub(crate) fn check_type(
        &self,
        column: usize,
        name: &str,
        data_type: DataType,
    ) -> Result<(), Error> {
        let fits = self.column(column).is_some_and(|c| c.fits(data_type));
        if fits {
            return Ok(());
        }
        let text = match self.column_code(column) {
            Some(code) => format!(
                "column {name} was announced as {data_type}, but block column {column} has type code {code}"
            ),
            None => format!(
                "column {name} should be block column {column}, but the block has {} columns",
                self.column_count()
            ),
        };
        Err(Error::new(ErrorKind::Decode, text).with_sent(crate::error::Sent::Yes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Cell;

    fn block(hex: &str) -> Result<TsBlock, Error> {
        TsBlock::decode(
            &wire_core::hex::parse(hex).unwrap().into(),
            &Limits::default(),
        )
    }

    /// Checked with the decoder of the official Python client, but for the run of doubles, which that one gets wrong.
    #[test]
    fn every_plain_encoding_and_a_run() {
        let ints =
            "00000001 01 00000003 02 01 00 0000000000000001 0000000000000002 0000000000000003
                    01 40 00000007 00000009";
        let decoded = block(ints).unwrap();
        let cells = |block: &TsBlock, i: usize| -> Vec<String> {
            let column = block.column(i).unwrap();
            (0..3)
                .map(|row| format!("{:?}", column.cell(row)))
                .collect()
        };
        assert_eq!(cells(&decoded, 0), ["Int32(7)", "Null", "Int32(9)"]);
        let mixed = "00000003 000504 00000003 02 00 03 04
                     00 0000000000000001 0000000000000002 0000000000000003
                     01 20 80
                     00 00000001 61 00000000 00000003 78797a
                     02 00 3ff8000000000000";
        let decoded = block(mixed).unwrap();
        assert_eq!(cells(&decoded, 0), ["Bool(true)", "Bool(false)", "Null"]);
        assert_eq!(
            cells(&decoded, 1),
            ["Binary([97])", "Binary([])", "Binary([120, 121, 122])"]
        );
        assert_eq!(cells(&decoded, 2), ["Double(1.5)"; 3]);
        for text in [ints, mixed] {
            let bytes = wire_core::hex::parse(text).unwrap();
            assert_eq!(block(text).unwrap().encode().unwrap(), bytes);
        }
    }

    /// By the drawing in the page of the columns: entries "a", null, "bc"; ids 2, 0, 1, 2.
    #[test]
    fn a_dictionary_is_looked_up_and_its_ids_are_checked() {
        let with = |ids: &str, count: &str| {
            format!(
                "00000001 05 00000004 04 05 02 00 0000000000000001
                 03 00000003 01 40 00000001 61 00000002 6263 {count} {ids}"
            )
        };
        let good = with("00000002 00000000 00000001 00000002", "00000004");
        let decoded = block(&good).unwrap();
        let column = decoded.column(0).unwrap();
        let cells: Vec<_> = (0..4).map(|row| column.cell(row)).collect();
        assert_eq!(
            cells,
            [
                Cell::Binary(b"bc"),
                Cell::Binary(b"a"),
                Cell::Null,
                Cell::Binary(b"bc")
            ]
        );
        assert_eq!(decoded.time().cell(3), Cell::Int64(1));
        assert_eq!(
            decoded.encode().unwrap(),
            wire_core::hex::parse(&good).unwrap()
        );
        for bad in [
            with("00000003 00000000 00000001 00000002", "00000004"),
            with("ffffffff 00000000 00000001 00000002", "00000004"),
            with("00000002 00000000 00000001", "00000003"),
        ] {
            assert_eq!(block(&bad).unwrap_err().kind(), ErrorKind::Decode);
        }
    }

    /// Runs say how many rows they have in four bytes: the block costs 30 bytes and would be two billion rows.
    #[test]
    fn a_run_may_not_have_more_rows_than_the_limit() {
        let one_double = "02 00 3ff8000000000000";
        let bomb = format!("00000001 04 7fffffff 04 04 02 00 0000000000000001 {one_double}");
        let error = block(&bomb).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        let source = error.to_string();
        assert!(
            source.contains("2147483647 is more than the limit elements of 4194304"),
            "{source}"
        );

        let honest = format!("00000001 04 00000003 04 04 02 00 0000000000000001 {one_double}");
        let block = block(&honest).unwrap();
        assert_eq!(
            (block.rows(), block.column(0).unwrap().cell(2)),
            (3, Cell::Double(1.5))
        );
    }

    #[test]
    fn encodings_nest_only_so_deep() {
        let nested = |levels: usize| {
            let inner = "04".repeat(levels);
            format!("00000001 01 00000001 02 04 00 0000000000000001 {inner} 01 00 00000007")
        };
        assert!(block(&nested(2)).is_ok());
        let error = block(&nested(1000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    #[test]
    fn an_encoding_must_fit_its_type() {
        let error =
            block("00000001 05 00000001 02 01 00 0000000000000001 00 00000007").unwrap_err();
        let source = error.to_string();
        assert!(
            source.contains("1 is not an encoding of Binary columns"),
            "{source}"
        );
    }
}
