//! The columns of a result block, in every encoding, without a copy of the values.
//!
//! ```text
//! body 0 (bits)       := nulls  bit*                          one for every position, most significant first
//! body 1 (4 bytes)    := nulls  (4 bytes)*                    one for every position that is not null
//! body 2 (8 bytes)    := nulls  (8 bytes)*                    likewise
//! body 3 (binary)     := nulls  (i32 length, bytes)*          likewise
//! body 4 (run)        := encoding(1) body                     of one position, which stands for all
//! body 5 (dictionary) := encoding(1) D(i32) body N(i32) id(i32)*   body of D positions
//! nulls               := 0(1)  |  1(1) bit*                   1 = null
//! ```
//!
//! Source: `TsBlockSerde` and the column encoders of the TsFile library.

use bytes::Bytes;
use wire_core::{Budget, DecodeError, Reader, Writer};

use super::bitmap::{Presence, is_set_high_first, pack_high_first};
use crate::error::{Error, ErrorKind, Sent};
use crate::types::{Cell, DataType, Decode, Layout};

/// Runs and dictionaries inside of runs and dictionaries: servers make one level; two more are allowed.
pub(crate) const MAX_NESTING: u32 = 3;

/// One column of a [`TsBlock`](super::TsBlock): slices of the answer, decoded where they are read.
#[derive(Debug, Clone)]
pub struct BlockColumn {
    rows: usize,
    layout: Layout,
    presence: Option<Presence>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// A bit for every position.
    Bits(Bytes),
    /// A byte for every value: booleans of a legacy row set.
    Bools(Bytes),
    /// Four or eight bytes for every value.
    Fixed(Bytes),
    /// Lengths and bytes; where each value ends in `data`.
    Binary { data: Bytes, ends: Vec<u32> },
    /// One position that stands for all.
    Run(Box<BlockColumn>),
    /// Four bytes for every position: which of the values; checked to be one of them.
    Dictionary {
        values: Box<BlockColumn>,
        ids: Bytes,
    },
}

impl BlockColumn {
    /// How many positions the column has.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether the column has no position.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The cell at `row`; null if the block is shorter.
    #[inline]
    pub fn cell(&self, row: usize) -> Cell<'_> {
        if row >= self.rows {
            return Cell::Null;
        }
        match &self.body {
            Body::Run(one) => return one.cell(0),
            Body::Dictionary { values, ids } => {
                let id = array::<4>(ids, row).map(u32::from_be_bytes);
                let id = id.and_then(|id| usize::try_from(id).ok());
                return id.map_or(Cell::Null, |id| values.cell(id));
            }
            _ => {}
        }
        let index = match &self.presence {
            None => Some(row),
            Some(presence) => presence.index(row),
        };
        index
            .and_then(|index| self.value(row, index))
            .unwrap_or(Cell::Null)
    }

    /// The value at position `row`, which is number `index` of the values.
    #[inline]
    fn value(&self, row: usize, index: usize) -> Option<Cell<'_>> {
        Some(match (&self.body, self.layout) {
            (Body::Bits(bits), _) => Cell::Bool(is_set_high_first(bits, row)),
            (Body::Bools(bytes), _) => Cell::Bool(*bytes.get(index)? != 0),
            (Body::Fixed(data), Layout::Int32) => {
                Cell::Int32(i32::from_be_bytes(array(data, index)?))
            }
            (Body::Fixed(data), Layout::Int64) => {
                Cell::Int64(i64::from_be_bytes(array(data, index)?))
            }
            (Body::Fixed(data), Layout::Float) => {
                Cell::Float(f32::from_be_bytes(array(data, index)?))
            }
            (Body::Fixed(data), _) => Cell::Double(f64::from_be_bytes(array(data, index)?)),
            (Body::Binary { data, ends }, _) => {
                let start = match index.checked_sub(1) {
                    None => 0,
                    Some(previous) => usize::try_from(*ends.get(previous)?).ok()?,
                };
                let end = usize::try_from(*ends.get(index)?).ok()?;
                Cell::Binary(data.get(start.checked_add(4)?..end)?)
            }
            // Not reached: `cell` has dealt with them.
            (Body::Run(_) | Body::Dictionary { .. }, _) => return None,
        })
    }

    /// The values from first to last, as `T`.
    ///
    /// ```
    /// # use iotdb_thrift::tablet::{TabletColumn, TsBlock};
    /// # let block = TsBlock::from_columns(&[1, 2], &[TabletColumn::new("s", vec![1.5, 2.5])])?;
    /// let sum: f64 = block.column(0).unwrap().iter::<f64>(iotdb_thrift::DataType::Double)?.sum::<Result<f64, _>>()?;
    /// # assert_eq!(sum, 4.0);
    /// # Ok::<(), iotdb_thrift::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if `data_type`, the column's type, does not become `T`. Each value is a result for the same
    /// reasons as in [`Decode::decode`].
    pub fn iter<'r, T: Decode<'r>>(
        &'r self,
        data_type: DataType,
    ) -> Result<impl Iterator<Item = Result<T, Error>> + 'r, Error> {
        if !T::accepts(data_type) {
            let text = format!(
                "the column has type {data_type}, which does not become {}",
                std::any::type_name::<T>()
            );
            return Err(Error::new(ErrorKind::Type, text).with_sent(Sent::Yes));
        }
        Ok((0..self.rows).map(move |row| T::decode(self.cell(row), data_type)))
    }

    /// Whether cells of this column are laid out as those of `data_type`. A column without a value fits any type.
    pub(crate) fn fits(&self, data_type: DataType) -> bool {
        self.layout == data_type.layout() || self.is_all_null()
    }

    fn is_all_null(&self) -> bool {
        match &self.body {
            Body::Run(one) => one.is_all_null(),
            _ => self.presence.as_ref().is_some_and(|p| p.present() == 0),
        }
    }

    /// Reads a column of `rows` positions.
    pub(crate) fn read(
        r: &mut Reader<'_>,
        layout: Layout,
        encoding: u8,
        rows: usize,
        budget: &mut Budget,
    ) -> Result<Self, DecodeError> {
        let plain = |presence, body| Self {
            rows,
            layout,
            presence,
            body,
        };
        match (encoding, layout) {
            (0, Layout::Bool) => {
                let presence = read_nulls(r, rows)?;
                Ok(plain(
                    presence,
                    Body::Bits(r.bytes("values", rows.div_ceil(8))?),
                ))
            }
            (1, Layout::Int32 | Layout::Float) => {
                let presence = read_nulls(r, rows)?;
                let data = read_fixed(r, count(presence.as_ref(), rows), 4)?;
                Ok(plain(presence, Body::Fixed(data)))
            }
            (2, Layout::Int64 | Layout::Double) => {
                let presence = read_nulls(r, rows)?;
                let data = read_fixed(r, count(presence.as_ref(), rows), 8)?;
                Ok(plain(presence, Body::Fixed(data)))
            }
            (3, Layout::Binary) => {
                let presence = read_nulls(r, rows)?;
                let body = read_binary(r, count(presence.as_ref(), rows))?;
                Ok(plain(presence, body))
            }
            (4, _) => {
                let inner = r.u8("run encoding")?;
                let at = r.offset();
                let one = budget.nested("run", at, |b| Self::read(r, layout, inner, 1, b))?;
                Ok(plain(None, Body::Run(Box::new(one))))
            }
            (5, _) => Ok(plain(None, read_dictionary(r, layout, rows, budget)?)),
            _ => {
                let what = format!("{encoding} is not an encoding of {layout:?} columns");
                Err(r.invalid("encoding", 0, what))
            }
        }
    }

    /// A column of a legacy row set: values without a null part, and bits where 1 means present.
    pub(crate) fn read_row_set(
        values: &Bytes,
        bits: &Bytes,
        layout: Layout,
        rows: usize,
    ) -> Result<Self, DecodeError> {
        let mut r = Reader::over(bits);
        let presence = Presence::read(&mut r, rows, false)?;
        r.finish("bitmap")?;
        let mut r = Reader::over(values);
        let present = presence.present();
        let body = match layout {
            Layout::Bool => Body::Bools(r.bytes("values", present)?),
            Layout::Int32 | Layout::Float => Body::Fixed(read_fixed(&mut r, present, 4)?),
            Layout::Int64 | Layout::Double => Body::Fixed(read_fixed(&mut r, present, 8)?),
            Layout::Binary => read_binary(&mut r, present)?,
        };
        r.finish("values")?;
        let presence = Some(presence).filter(|p| p.present() < rows);
        Ok(Self {
            rows,
            layout,
            presence,
            body,
        })
    }

    /// The time column of a legacy row set, which has no nulls.
    pub(crate) fn times(times: &Bytes) -> Result<Self, DecodeError> {
        let rows = times.len() / 8;
        let mut r = Reader::over(times);
        let data = read_fixed(&mut r, rows, 8)?;
        r.finish("time")?;
        let (layout, presence) = (Layout::Int64, None);
        Ok(Self {
            rows,
            layout,
            presence,
            body: Body::Fixed(data),
        })
    }

    /// The encoding that [`Self::write`] uses.
    pub(crate) fn encoding(&self) -> u8 {
        match (&self.body, self.layout) {
            (Body::Bits(_) | Body::Bools(_), _) => 0,
            (Body::Fixed(_), Layout::Int32 | Layout::Float) => 1,
            (Body::Fixed(_), _) => 2,
            (Body::Binary { .. }, _) => 3,
            (Body::Run(_), _) => 4,
            (Body::Dictionary { .. }, _) => 5,
        }
    }

    /// Writes the column in the encoding that it came in; one of a legacy row set in that of a block.
    pub(crate) fn write(&self, w: &mut Writer<'_>) {
        match &self.body {
            Body::Run(one) => {
                w.u8(one.encoding());
                one.write(w);
            }
            Body::Dictionary { values, ids } => {
                w.u8(values.encoding());
                w.i32_be(wire_count(values.rows));
                values.write(w);
                w.i32_be(wire_count(self.rows));
                w.put(ids);
            }
            body => {
                self.write_nulls(w);
                match body {
                    Body::Bools(_) => {
                        let set = (0..self.rows).map(|row| self.cell(row) == Cell::Bool(true));
                        pack_high_first(set, w.buffer());
                    }
                    Body::Bits(data) | Body::Fixed(data) | Body::Binary { data, .. } => w.put(data),
                    Body::Run(_) | Body::Dictionary { .. } => {}
                }
            }
        }
    }

    fn write_nulls(&self, w: &mut Writer<'_>) {
        let Some(presence) = &self.presence else {
            return w.u8(0);
        };
        w.u8(1);
        if !presence.one_is_null() {
            let nulls = (0..self.rows).map(|row| presence.index(row).is_none());
            pack_high_first(nulls, w.buffer());
        } else {
            w.put(presence.bits());
        }
    }
}

/// Counts came from an i32 and go back into one.
fn wire_count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn count(presence: Option<&Presence>, rows: usize) -> usize {
    presence.map_or(rows, Presence::present)
}

/// Number `index` of the values of `N` bytes each.
#[inline]
fn array<const N: usize>(data: &[u8], index: usize) -> Option<[u8; N]> {
    let start = index.checked_mul(N)?;
    data.get(start..)?.first_chunk::<N>().copied()
}

fn read_nulls(r: &mut Reader<'_>, rows: usize) -> Result<Option<Presence>, DecodeError> {
    if r.u8("may have nulls")? == 0 {
        return Ok(None);
    }
    Presence::read(r, rows, true).map(Some)
}

fn read_fixed(r: &mut Reader<'_>, values: usize, width: usize) -> Result<Bytes, DecodeError> {
    // Cannot pass the address space without passing the bytes that are left.
    r.bytes("values", values.saturating_mul(width))
}

fn read_binary(r: &mut Reader<'_>, values: usize) -> Result<Body, DecodeError> {
    let mut start = *r;
    let values = r.count("values", to_u64(values), 4)?;
    let mut ends = Vec::with_capacity(values);
    for _ in 0..values {
        let len = r.i32_be("length")?;
        let len = r.length("length", len)?;
        r.skip("value", len)?;
        let end = r.offset().saturating_sub(start.offset());
        // A frame's length is an i32, so 32 bits suffice for any offset in it.
        ends.push(u32::try_from(end).unwrap_or(u32::MAX));
    }
    let data = start.bytes("values", r.offset().saturating_sub(start.offset()))?;
    Ok(Body::Binary { data, ends })
}

fn read_dictionary(
    r: &mut Reader<'_>,
    layout: Layout,
    rows: usize,
    budget: &mut Budget,
) -> Result<Body, DecodeError> {
    let encoding = r.u8("dictionary encoding")?;
    let size = r.i32_be("dictionary size")?;
    let size = u32::try_from(size).map_err(|_| r.invalid("dictionary size", 4, "is negative"))?;
    budget.elements("dictionary size", r.offset(), u64::from(size))?;
    let entries = usize::try_from(size).unwrap_or(usize::MAX);
    let at = r.offset();
    let values = budget.nested("dictionary", at, |b| {
        BlockColumn::read(r, layout, encoding, entries, b)
    })?;
    let ids = r.i32_be("id count")?;
    if usize::try_from(ids).ok() != Some(rows) {
        let what = format!("is {ids}, but the block has {rows} positions");
        return Err(r.invalid("id count", 4, what));
    }
    let start = r.offset();
    let ids = read_fixed(r, rows, 4)?;
    for (row, id) in ids.as_chunks::<4>().0.iter().enumerate() {
        let id = u32::from_be_bytes(*id);
        if id >= size {
            let at = start.saturating_add(row.saturating_mul(4));
            let what = format!("position {row} is {id}, but the dictionary has {size} entries");
            return Err(DecodeError::invalid("ids", at, what));
        }
    }
    let values = Box::new(values);
    Ok(Body::Dictionary { values, ids })
}

fn to_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
