//! The wire form of a tablet.
//!
//! ```text
//! timestamps := i64*                          one per row, ascending
//! values     := column* nulls?                columns one after another, all rows of each
//! column     := value*                        BOOLEAN 1 byte; INT32, DATE, FLOAT 4; INT64, TIMESTAMP, DOUBLE 8;
//!                                             TEXT, STRING, BLOB, OBJECT i32 length and bytes
//! nulls      := (0 | 1 bits)*                 one per column; not there at all if no column has a null
//! bits       := rows / 8 + 1 bytes            least significant bit first, 1 = null
//! ```
//!
//! A null's place in a column is taken by a value that means nothing. Source: `SessionUtils` and `QueryDataSetUtils` of
//! the server. 0.12 does not read the null section.

use bytes::Bytes;
use wire_core::{DecodeError, DecodeResultExt, EncodeError, Reader};

use super::bitmap::NullBits;
use super::values::{TabletColumn, Values};
use super::{Tablet, check_device, check_names};
use crate::error::Error;
use crate::types::{DataType, Layout};

impl Tablet {
    /// The rows in the order of time, if they are not in it already. Rows of the same time keep their order.
    fn order(&self) -> Option<Vec<usize>> {
        if self.times.is_sorted() {
            return None;
        }
        let mut order: Vec<usize> = (0..self.times.len()).collect();
        order.sort_by_key(|row| self.times.get(*row));
        Some(order)
    }

    /// Bytes that the values and times take on the wire.
    pub fn encoded_len(&self) -> usize {
        let rows = self.rows();
        let nulls = if self.columns.iter().any(TabletColumn::has_nulls) {
            let bits = (rows / 8).saturating_add(1);
            let with = self.columns.iter().filter(|c| c.has_nulls()).count();
            self.columns.len().saturating_add(with.saturating_mul(bits))
        } else {
            0
        };
        self.columns
            .iter()
            .fold(rows.saturating_mul(8), |sum, c| {
                sum.saturating_add(c.encoded_len())
            })
            .saturating_add(nulls)
    }

    /// The timestamps and the values as they go into a request (`timestamps` and `values` of `insertTablet`).
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) names the measurement and row of a `DATE` that is not a day;
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if a value is longer than 2³¹ - 1 bytes.
    pub fn encode(&self) -> Result<(Bytes, Bytes), Error> {
        self.write()
            .map_err(|e| Error::encode(&e).context(format_args!("tablet of {}", self.device)))
    }

    fn write(&self) -> Result<(Bytes, Bytes), EncodeError> {
        let order = self.order();
        let order = order.as_deref();
        let mut times = Vec::with_capacity(self.times.len().saturating_mul(8));
        match order {
            None => self
                .times
                .iter()
                .for_each(|time| times.extend_from_slice(&time.to_be_bytes())),
            Some(order) => order
                .iter()
                .filter_map(|row| self.times.get(*row))
                .for_each(|time| times.extend_from_slice(&time.to_be_bytes())),
        }
        let mut values = Vec::with_capacity(self.encoded_len().saturating_sub(times.len()));
        for column in &self.columns {
            column
                .write(order, &mut values)
                .map_err(|e| e.within(format!("measurement {}", column.name())))?;
        }
        if self.columns.iter().any(TabletColumn::has_nulls) {
            for column in &self.columns {
                values.push(u8::from(column.has_nulls()));
                if column.has_nulls() {
                    column.nulls().write(order, &mut values);
                }
            }
        }
        Ok((times.into(), values.into()))
    }

    /// Reads a tablet from a request: what a server does with `insertTablet`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes are not so many rows of these measurements;
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) for names that no tablet has.
    pub fn decode(
        device: &str,
        measurements: &[(&str, DataType)],
        times: &Bytes,
        values: &Bytes,
    ) -> Result<Self, Error> {
        check_device(device)?;
        check_names(device, measurements.iter().map(|(name, _)| *name))?;
        let (times, columns) = read(measurements, times, values)
            .within("tablet")
            .map_err(|e| Error::decode(&e))?;
        Self::from_columns(device, times, columns)
    }
}

fn read(
    measurements: &[(&str, DataType)],
    times: &Bytes,
    values: &Bytes,
) -> Result<(Vec<i64>, Vec<TabletColumn>), DecodeError> {
    let (chunks, rest) = times.as_chunks::<8>();
    if !rest.is_empty() {
        let what = format!("has {} bytes, which is not eight for each row", times.len());
        return Err(DecodeError::invalid("timestamps", 0, what));
    }
    let times: Vec<i64> = chunks
        .iter()
        .map(|time| i64::from_be_bytes(*time))
        .collect();
    let mut r = Reader::over(values);
    let mut columns = Vec::new();
    for (i, (name, data_type)) in measurements.iter().enumerate() {
        let values = read_values(&mut r, data_type.layout(), times.len()).at("columns", i)?;
        columns.push(TabletColumn::from_wire(
            (*name).to_owned(),
            *data_type,
            values,
        ));
    }
    if r.is_empty() {
        return Ok((times, columns));
    }
    for column in &mut columns {
        if r.u8("has nulls")? != 0 {
            column.set_nulls(NullBits::read(&mut r, times.len())?);
        }
    }
    r.finish("null section")?;
    Ok((times, columns))
}

fn read_values(r: &mut Reader<'_>, layout: Layout, rows: usize) -> Result<Values, DecodeError> {
    Ok(match layout {
        Layout::Bool => Values::Bool(r.take("values", rows)?.iter().map(|v| *v != 0).collect()),
        Layout::Int32 => Values::Int32(fixed(r, rows, i32::from_be_bytes)?),
        Layout::Float => Values::Float(fixed(r, rows, f32::from_be_bytes)?),
        Layout::Int64 => Values::Int64(fixed(r, rows, i64::from_be_bytes)?),
        Layout::Double => Values::Double(fixed(r, rows, f64::from_be_bytes)?),
        Layout::Binary => {
            let rows = r.count("values", u64::try_from(rows).unwrap_or(u64::MAX), 4)?;
            let mut out = Vec::with_capacity(rows);
            for _ in 0..rows {
                let len = r.i32_be("length")?;
                let len = r.length("length", len)?;
                out.push(r.bytes("value", len)?);
            }
            Values::Binary(out)
        }
    })
}

fn fixed<T, const W: usize>(
    r: &mut Reader<'_>,
    rows: usize,
    from: fn([u8; W]) -> T,
) -> Result<Vec<T>, DecodeError> {
    let bytes = r.take("values", rows.saturating_mul(W))?;
    Ok(bytes
        .as_chunks::<W>()
        .0
        .iter()
        .map(|value| from(*value))
        .collect())
}
