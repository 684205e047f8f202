//! `QBit`: vectors of numbers whose bits are stored apart.
//!
//! The numbers of a vector are split into groups of equal size. For each group, for each bit from the highest down, there
//! are all rows: a bit for each number of the group, padded to whole bytes. The number with index i of its group is bit
//! i % 8 of byte i / 8, counted from the last byte of its row.
//!
//! Source: ClickHouse, `src/DataTypes/DataTypeQBit.h`, and bytes of the engine 26.9.

use wire_core::{DecodeError, Reader};

use super::data::{ArrayColumn, ColumnData};
use super::fixed::{fill, first_reserve};
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use crate::codec::prim::{Step, to_u64};
use crate::types::DataType;

/// Sizes of a QBit.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Bits of a number.
    bits: usize,
    /// Numbers of a group.
    group: usize,
    groups: usize,
}

impl Shape {
    fn new(element: &DataType, dimension: usize, group: usize) -> Self {
        let bits = match element {
            DataType::BFloat16 => 16,
            DataType::Float32 => 32,
            _ => 64,
        };
        let groups = dimension.checked_div(group).unwrap_or(0);
        Self {
            bits,
            group,
            groups,
        }
    }

    /// Bytes of one bit of a group in one row.
    fn width(&self) -> usize {
        self.group.div_ceil(8)
    }

    fn dimension(&self) -> usize {
        self.group.saturating_mul(self.groups)
    }

    /// Calls `f` for each run of rows of one bit: with the number of the group and the value of the bit.
    fn planes(&self) -> impl Iterator<Item = (usize, u64)> + use<> {
        let bits = self.bits;
        let highest = u32::try_from(bits.saturating_sub(1)).unwrap_or(0);
        let bit = move |plane: usize| {
            let down = u32::try_from(plane).unwrap_or(0);
            1_u64.checked_shl(highest.saturating_sub(down)).unwrap_or(0)
        };
        (0..self.groups).flat_map(move |group| (0..bits).map(move |plane| (group, bit(plane))))
    }
}

/// Where the bit of number `i` is in a row of `width` bytes: its byte, and its value in there.
fn place(i: usize, width: usize) -> (usize, u8) {
    let byte = width.saturating_sub(i.wrapping_shr(3).saturating_add(1));
    let bit = 1_u8.wrapping_shl(u32::try_from(i & 7).unwrap_or(0));
    (byte, bit)
}

/// Reads vectors; the column is one of arrays.
#[derive(Debug)]
pub(super) struct ReadVectors {
    shape: Shape,
    rows: usize,
    total: usize,
    bytes: Vec<u8>,
}

impl ReadVectors {
    pub(super) fn new(element: &DataType, dimension: usize, group: usize) -> Self {
        Self {
            shape: Shape::new(element, dimension, group),
            rows: 0,
            total: 0,
            bytes: Vec::new(),
        }
    }

    /// The numbers of all rows, as their bits.
    fn numbers(&self) -> Vec<u64> {
        let shape = &self.shape;
        let (width, dimension) = (shape.width(), shape.dimension());
        let mut numbers = vec![0_u64; self.rows.saturating_mul(dimension)];
        let mut rest = self.bytes.as_slice();
        for (group, bit) in shape.planes() {
            let first = group.saturating_mul(shape.group);
            for row in numbers.chunks_mut(dimension.max(1)) {
                let (bytes, behind) = rest.split_at_checked(width).unwrap_or((rest, &[]));
                rest = behind;
                let numbers = row.iter_mut().skip(first).take(shape.group);
                for (i, number) in numbers.enumerate() {
                    let (byte, mask) = place(i, width);
                    if bytes.get(byte).is_some_and(|byte| byte & mask != 0) {
                        *number |= bit;
                    }
                }
            }
        }
        numbers
    }
}

impl ReadColumn for ReadVectors {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        let shape = &self.shape;
        self.rows = rows;
        let planes = to_u64(shape.bits).saturating_mul(to_u64(shape.groups));
        let row = planes.saturating_mul(to_u64(shape.width()));
        self.total = cx.size("QBit", row.saturating_mul(to_u64(rows)))?;
        // The numbers as they are put together and in the end, and where each vector ends.
        let row = to_u64(shape.dimension())
            .saturating_mul(16)
            .saturating_add(8);
        cx.spend("QBit", row.saturating_mul(to_u64(rows)))?;
        self.bytes.reserve(first_reserve(self.total, 1));
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        fill(r, &mut self.bytes, self.total)
    }

    fn finish(&mut self) -> ColumnData {
        let numbers = self.numbers().into_iter();
        let low16 = |n: u64| u16::try_from(n & 0xffff).unwrap_or(0);
        let low32 = |n: u64| u32::try_from(n & 0xffff_ffff).unwrap_or(0);
        let values = match self.shape.bits {
            16 => ColumnData::UInt16(numbers.map(low16).collect()),
            32 => ColumnData::Float32(numbers.map(|n| f32::from_bits(low32(n))).collect()),
            _ => ColumnData::Float64(numbers.map(f64::from_bits).collect()),
        };
        self.bytes = Vec::new();
        let dimension = to_u64(self.shape.dimension());
        let ends = (1..=to_u64(self.rows)).map(|row| row.saturating_mul(dimension));
        ColumnData::Array(Box::new(ArrayColumn {
            ends: ends.collect(),
            values,
        }))
    }
}

/// Whether the arrays of `c` are vectors of that type, and if not why.
pub(super) fn check(element: &DataType, dimension: usize, c: &ArrayColumn) -> Result<(), String> {
    let fits = matches!(
        (element, &c.values),
        (DataType::BFloat16, ColumnData::UInt16(_))
            | (DataType::Float32, ColumnData::Float32(_))
            | (DataType::Float64, ColumnData::Float64(_))
    );
    if !fits {
        let shape = c.values.shape();
        return Err(format!("vectors of {shape} cannot be written as {element}"));
    }
    match (0..c.ends.len()).find(|row| c.range(*row).len() != dimension) {
        None => Ok(()),
        Some(row) => Err(format!(
            "row {row} has {} numbers, but its vectors have {dimension}",
            c.range(row).len()
        )),
    }
}

/// Appends vectors; [`check`] has found that they fit.
pub(super) fn write(
    element: &DataType,
    dimension: usize,
    group: usize,
    c: &ArrayColumn,
    out: &mut Vec<u8>,
) {
    let numbers: Vec<u64> = match &c.values {
        ColumnData::UInt16(v) => v.iter().map(|n| u64::from(*n)).collect(),
        ColumnData::Float32(v) => v.iter().map(|n| u64::from(n.to_bits())).collect(),
        ColumnData::Float64(v) => v.iter().map(|n| n.to_bits()).collect(),
        _ => Vec::new(),
    };
    let shape = Shape::new(element, dimension, group);
    let width = shape.width();
    let mut one = Vec::new();
    for (group, bit) in shape.planes() {
        let first = group.saturating_mul(shape.group);
        for row in numbers.chunks(dimension.max(1)) {
            one.clear();
            one.resize(width, 0);
            for (i, number) in row.iter().skip(first).take(shape.group).enumerate() {
                let (byte, mask) = place(i, width);
                if let Some(byte) = one.get_mut(byte).filter(|_| number & bit != 0) {
                    *byte |= mask;
                }
            }
            u8::put(&one, out);
        }
    }
}
