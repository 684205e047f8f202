//! Columns made of rows of another column, in any order and number.

use wire_core::DecodeError;

use super::data::{
    ArrayColumn, ColumnData, LowCardinalityColumn, NullableColumn, TupleColumn, for_scalars,
};
use super::read::Context;
use super::string::{FixedStringColumn, StringColumn};
use crate::codec::prim::to_u64;

fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter()
        .filter_map(|row| values.get(*row).copied())
        .collect()
}

impl ColumnData {
    /// The values of `rows`, all of which exist. Memory is charged before it is taken.
    pub(super) fn gather(&self, rows: &[usize], cx: &mut Context<'_>) -> Result<Self, DecodeError> {
        // Two words a row cover every plain value and every offset; longer contents are charged where they are.
        cx.spend("expanded rows", to_u64(rows.len()).saturating_mul(16))?;
        Ok(match self {
            Self::UInt8(v) => Self::UInt8(pick(v, rows)),
            Self::UInt16(v) => Self::UInt16(pick(v, rows)),
            Self::UInt32(v) => Self::UInt32(pick(v, rows)),
            Self::UInt64(v) => Self::UInt64(pick(v, rows)),
            Self::UInt128(v) => Self::UInt128(pick(v, rows)),
            Self::Int8(v) => Self::Int8(pick(v, rows)),
            Self::Int16(v) => Self::Int16(pick(v, rows)),
            Self::Int32(v) => Self::Int32(pick(v, rows)),
            Self::Int64(v) => Self::Int64(pick(v, rows)),
            Self::Int128(v) => Self::Int128(pick(v, rows)),
            Self::Float32(v) => Self::Float32(pick(v, rows)),
            Self::Float64(v) => Self::Float64(pick(v, rows)),
            Self::Uuid(v) => Self::Uuid(pick(v, rows)),
            Self::Ipv6(v) => Self::Ipv6(pick(v, rows)),
            Self::Int256(v) => {
                cx.spend("expanded rows", to_u64(rows.len()).saturating_mul(16))?;
                Self::Int256(pick(v, rows))
            }
            Self::String(c) => Self::String(gather_strings(c, rows, cx)?),
            Self::FixedString(c) => {
                let total = to_u64(rows.len()).saturating_mul(to_u64(c.width));
                cx.spend("expanded strings", total)?;
                let mut bytes = Vec::new();
                for row in rows {
                    bytes.extend_from_slice(c.get(*row).unwrap_or_default());
                }
                Self::FixedString(FixedStringColumn {
                    width: c.width,
                    bytes,
                })
            }
            Self::Nothing(_) => Self::Nothing(rows.len()),
            Self::Nullable(c) => Self::Nullable(Box::new(NullableColumn {
                nulls: pick(&c.nulls, rows),
                values: c.values.gather(rows, cx)?,
            })),
            Self::Array(c) => Self::Array(Box::new(gather_array(c, rows, cx)?)),
            Self::Tuple(c) => {
                let elements: Result<_, _> =
                    c.elements.iter().map(|e| e.gather(rows, cx)).collect();
                Self::Tuple(TupleColumn {
                    rows: rows.len(),
                    elements: elements?,
                })
            }
            Self::Variant(c) => Self::Variant(Box::new(c.gather(rows, cx)?)),
            Self::Dynamic(c) => Self::Dynamic(Box::new(c.gather(rows, cx)?)),
            Self::Json(c) => Self::Json(Box::new(c.gather(rows, cx)?)),
            Self::State(c) => Self::State(gather_strings(c, rows, cx)?),
            Self::LowCardinality(c) => Self::LowCardinality(Box::new(LowCardinalityColumn {
                dictionary: c.dictionary.clone(),
                keys: pick(&c.keys, rows),
                nullable: c.nullable,
            })),
        })
    }

    /// Appends the value that sparse columns leave out. Only shapes that may be sparse have one.
    pub(super) fn push_default(&mut self) {
        for_scalars!(self, values => values.push(Default::default()),
            Self::String(c) => c.push(b""),
            Self::FixedString(c) => c.bytes.resize(c.bytes.len().saturating_add(c.width), 0),
            Self::Nothing(_)
            | Self::Nullable(_)
            | Self::Array(_)
            | Self::Tuple(_)
            | Self::LowCardinality(_)
            | Self::Variant(_)
            | Self::Dynamic(_)
            | Self::Json(_)
            | Self::State(_) => {}
        )
    }
}

/// The strings of `rows`, all of which exist.
pub(super) fn gather_strings(
    c: &StringColumn,
    rows: &[usize],
    cx: &mut Context<'_>,
) -> Result<StringColumn, DecodeError> {
    let mut out = StringColumn::default();
    for row in rows {
        let value = c.get(*row).unwrap_or_default();
        cx.spend("expanded strings", to_u64(value.len()))?;
        out.push(value);
    }
    Ok(out)
}

fn gather_array(
    c: &ArrayColumn,
    rows: &[usize],
    cx: &mut Context<'_>,
) -> Result<ArrayColumn, DecodeError> {
    let mut ends = Vec::new();
    let mut elements = Vec::new();
    for row in rows {
        let range = c.range(*row);
        cx.spend("expanded arrays", to_u64(range.len()).saturating_mul(8))?;
        elements.extend(range);
        ends.push(to_u64(elements.len()));
    }
    Ok(ArrayColumn {
        ends,
        values: c.values.gather(&elements, cx)?,
    })
}
