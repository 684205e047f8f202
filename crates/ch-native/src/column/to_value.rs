//! Dynamic values out of columns.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::cell::Cell;
use super::data::{ArrayColumn, ColumnData, TupleColumn};
use super::row_binary;
use crate::types::{DataType, Value};

impl Cell<'_> {
    /// The value in a form that fits every type. [`Value::Null`] also stands for a row that does not exist.
    pub fn to_value(self) -> Value {
        let Some(cell) = self.present() else {
            return Value::Null;
        };
        // What calls this again for what is inside is called from here, so that little stack is taken at each level.
        let value = match cell.data {
            ColumnData::Array(c) => cell.array(c),
            ColumnData::Tuple(c) => cell.tuple(c).map(Value::Tuple),
            ColumnData::Json(c) => c.value(cell.row),
            _ => cell.known(),
        };
        value.unwrap_or(Value::Null)
    }

    fn known(self) -> Option<Value> {
        let row = self.row;
        Some(match self.data {
            ColumnData::UInt8(v) if *self.ty == DataType::Bool => Value::Bool(*v.get(row)? != 0),
            ColumnData::UInt8(v) => Value::UInt(u64::from(*v.get(row)?)),
            ColumnData::UInt16(v) => self.sixteen(*v.get(row)?),
            ColumnData::UInt32(v) => self.thirty_two(*v.get(row)?),
            ColumnData::UInt64(v) => Value::UInt(*v.get(row)?),
            ColumnData::UInt128(v) => Value::UInt128(*v.get(row)?),
            ColumnData::Int8(v) => self.small(i16::from(*v.get(row)?)),
            ColumnData::Int16(v) => self.small(*v.get(row)?),
            ColumnData::Int32(v) => self.medium(*v.get(row)?),
            ColumnData::Int64(v) => self.large(*v.get(row)?),
            ColumnData::Int128(v) => match self.ty {
                DataType::Decimal { scale, .. } => decimal(*v.get(row)?, *scale),
                _ => Value::Int128(*v.get(row)?),
            },
            ColumnData::Int256(v) => match self.ty {
                DataType::Decimal { scale, .. } => Value::Decimal256 {
                    mantissa: *v.get(row)?,
                    scale: *scale,
                },
                _ => Value::Int256(*v.get(row)?),
            },
            ColumnData::Float32(v) => Value::Float32(*v.get(row)?),
            ColumnData::Float64(v) => Value::Float64(*v.get(row)?),
            ColumnData::Uuid(v) => Value::Uuid(*v.get(row)?),
            ColumnData::Ipv6(v) => Value::Ipv6(Ipv6Addr::from(*v.get(row)?)),
            ColumnData::String(c) if matches!(self.ty, DataType::Dynamic { .. }) => {
                row_binary::shared(c.get(row)?)
            }
            ColumnData::String(c) => Value::String(c.get(row)?.to_vec()),
            ColumnData::State(c) => Value::Opaque(c.get(row)?.to_vec()),
            ColumnData::FixedString(c) => Value::String(c.get(row)?.to_vec()),
            // `present` has looked behind these, or `to_value` into them.
            ColumnData::Array(_)
            | ColumnData::Tuple(_)
            | ColumnData::Json(_)
            | ColumnData::Nothing(_)
            | ColumnData::Nullable(_)
            | ColumnData::LowCardinality(_)
            | ColumnData::Variant(_)
            | ColumnData::Dynamic(_) => Value::Null,
        })
    }

    fn sixteen(&self, v: u16) -> Value {
        match self.ty {
            DataType::Date => Value::Date(i32::from(v)),
            DataType::BFloat16 => Value::Float32(f32::from_bits(u32::from(v) << 16)),
            _ => Value::UInt(u64::from(v)),
        }
    }

    fn thirty_two(&self, v: u32) -> Value {
        match self.ty {
            DataType::DateTime(_) => Value::DateTime(v),
            DataType::Ipv4 => Value::Ipv4(Ipv4Addr::from(v)),
            _ => Value::UInt(u64::from(v)),
        }
    }

    fn small(&self, value: i16) -> Value {
        match self.ty {
            DataType::Enum8(_) | DataType::Enum16(_) => Value::Enum {
                label: self.label().map(str::to_owned),
                value,
            },
            _ => Value::Int(i64::from(value)),
        }
    }

    fn medium(&self, v: i32) -> Value {
        match self.ty {
            DataType::Date32 => Value::Date(v),
            DataType::Time => Value::Time {
                ticks: i64::from(v),
                precision: 0,
            },
            DataType::Decimal { scale, .. } => decimal(i128::from(v), *scale),
            _ => Value::Int(i64::from(v)),
        }
    }

    fn large(&self, ticks: i64) -> Value {
        match self.ty {
            DataType::DateTime64(precision, _) => Value::DateTime64 {
                ticks,
                precision: *precision,
            },
            DataType::Time64(precision) => Value::Time {
                ticks,
                precision: *precision,
            },
            DataType::Interval(_) => Value::Interval(ticks),
            DataType::Decimal { scale, .. } => decimal(i128::from(ticks), *scale),
            _ => Value::Int(ticks),
        }
    }

    fn array(self, c: &ArrayColumn) -> Option<Value> {
        if let DataType::Map(inner) = self.ty {
            return Some(Value::Map(self.map(inner, c)));
        }
        let (DataType::Array(inner)
        | DataType::Nested(inner)
        | DataType::QBit { element: inner, .. }) = self.ty
        else {
            return None;
        };
        let mut items = Vec::new();
        for row in c.range(self.row) {
            items.push(Cell::new(inner, &c.values, row).to_value());
        }
        Some(Value::Array(items))
    }

    fn map(self, inner: &DataType, c: &ArrayColumn) -> Vec<(Value, Value)> {
        let mut entries = Vec::new();
        if let ColumnData::Tuple(pairs) = &c.values {
            for row in c.range(self.row) {
                let entry = Cell::new(inner, &c.values, row).tuple(pairs);
                if let Some(Ok([key, value])) = entry.map(<[Value; 2]>::try_from) {
                    entries.push((key, value));
                }
            }
        }
        entries
    }

    fn tuple(self, c: &TupleColumn) -> Option<Vec<Value>> {
        let DataType::Tuple(types) = self.ty.resolve() else {
            return None;
        };
        let mut items = Vec::new();
        for ((_, ty), data) in types.iter().zip(&c.elements) {
            items.push(Cell::new(ty, data, self.row).to_value());
        }
        Some(items)
    }
}

fn decimal(mantissa: i128, scale: u8) -> Value {
    Value::Decimal { mantissa, scale }
}
