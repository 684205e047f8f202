//! Typed columns to write.

use bytes::Bytes;
use wire_core::{EncodeError, Prefix, Writer};

use super::bitmap::{NullBits, pack_high_first};
use crate::error::{Error, ErrorKind};
use crate::types::{DataType, Date, Layout, Value, check_date};

/// One column of a [`Tablet`](super::Tablet): a measurement's name, its type and a value or null for each row.
#[derive(Debug, Clone, PartialEq)]
pub struct TabletColumn {
    name: String,
    data_type: DataType,
    values: Values,
    nulls: NullBits,
}

/// The values, each type in a vector of its own. A null takes a place, whose value means nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Binary(Vec<Bytes>),
}

/// What a column can be made of: a vector of values, or of options where `None` is null.
///
/// | element | type, unless changed by [`TabletColumn::with_type`] |
/// | --- | --- |
/// | `bool`, `i32`, `i64`, `f32`, `f64` | `BOOLEAN`, `INT32`, `INT64`, `FLOAT`, `DOUBLE` |
/// | `String`, `&str` | `TEXT` |
/// | [`Date`] | `DATE` |
/// | `Bytes`, `Vec<u8>` | `BLOB` |
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnValues {
    data_type: DataType,
    values: Values,
    nulls: NullBits,
}

macro_rules! from_vec {
    ($($ty:ty => $data_type:ident, $variant:ident, $convert:expr;)*) => {
        $(
            impl From<Vec<$ty>> for ColumnValues {
                fn from(values: Vec<$ty>) -> Self {
                    let nulls = NullBits::none(values.len());
                    let values = Values::$variant(values.into_iter().map($convert).collect());
                    Self { data_type: DataType::$data_type, values, nulls }
                }
            }

            impl From<Vec<Option<$ty>>> for ColumnValues {
                fn from(values: Vec<Option<$ty>>) -> Self {
                    let mut nulls = NullBits::default();
                    let values = values.into_iter().map(|value| {
                        nulls.push(value.is_none());
                        value.map($convert).unwrap_or_default()
                    });
                    let values = Values::$variant(values.collect());
                    Self { data_type: DataType::$data_type, values, nulls }
                }
            }
        )*
    };
}

from_vec! {
    bool => Boolean, Bool, |v| v;
    i32 => Int32, Int32, |v| v;
    i64 => Int64, Int64, |v| v;
    f32 => Float, Float, |v| v;
    f64 => Double, Double, |v| v;
    Date => Date, Int32, Date::raw;
    String => Text, Binary, Bytes::from;
    &str => Text, Binary, |v: &str| Bytes::copy_from_slice(v.as_bytes());
    Bytes => Blob, Binary, |v| v;
    Vec<u8> => Blob, Binary, Bytes::from;
}

impl TabletColumn {
    /// A column of the measurement `name` with a value for each row.
    ///
    /// ```
    /// use iotdb_thrift::{DataType, tablet::TabletColumn};
    ///
    /// let temperature = TabletColumn::new("temperature", vec![20.5, 21.0]);
    /// let status = TabletColumn::new("status", vec![Some("ok"), None]).with_type(DataType::String)?;
    /// assert_eq!(temperature.data_type(), DataType::Double);
    /// # Ok::<(), iotdb_thrift::Error>(())
    /// ```
    pub fn new(name: impl Into<String>, values: impl Into<ColumnValues>) -> Self {
        let ColumnValues {
            data_type,
            values,
            nulls,
        } = values.into();
        Self {
            name: name.into(),
            data_type,
            values,
            nulls,
        }
    }

    /// A column without rows.
    pub(crate) fn empty(name: String, data_type: DataType) -> Self {
        let values = match data_type.layout() {
            Layout::Bool => Values::Bool(Vec::new()),
            Layout::Int32 => Values::Int32(Vec::new()),
            Layout::Int64 => Values::Int64(Vec::new()),
            Layout::Float => Values::Float(Vec::new()),
            Layout::Double => Values::Double(Vec::new()),
            Layout::Binary => Values::Binary(Vec::new()),
        };
        Self {
            name,
            data_type,
            values,
            nulls: NullBits::default(),
        }
    }

    /// A column read from the wire.
    pub(crate) fn from_wire(name: String, data_type: DataType, values: Values) -> Self {
        let mut column = Self::empty(name, data_type);
        column.values = values;
        column.nulls = NullBits::none(column.len());
        column
    }

    pub(crate) fn set_nulls(&mut self, nulls: NullBits) {
        self.nulls = nulls;
    }

    /// The same values as another type with the same Rust type: `TIMESTAMP` instead of `INT64`, `STRING` or `BLOB`
    /// instead of `TEXT`.
    ///
    /// # Errors
    /// [`ErrorKind::Type`] if values of `data_type` have another Rust type.
    pub fn with_type(mut self, data_type: DataType) -> Result<Self, Error> {
        if data_type == DataType::Unknown || data_type.layout() != self.data_type.layout() {
            let text = format!(
                "column {}: values made for {} cannot be {data_type}",
                self.name, self.data_type
            );
            return Err(Error::new(ErrorKind::Type, text));
        }
        self.data_type = data_type;
        Ok(self)
    }

    /// The measurement's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The measurement's type.
    pub fn data_type(&self) -> DataType {
        self.data_type
    }

    /// How many rows the column has.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Bool(v) => v.len(),
            Values::Int32(v) => v.len(),
            Values::Int64(v) => v.len(),
            Values::Float(v) => v.len(),
            Values::Double(v) => v.len(),
            Values::Binary(v) => v.len(),
        }
    }

    /// Whether the column has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether any row is null.
    pub fn has_nulls(&self) -> bool {
        self.nulls.any()
    }

    pub(crate) fn nulls(&self) -> &NullBits {
        &self.nulls
    }

    /// The value at `row`; [`Value::Null`] if it is null or the column is shorter.
    pub fn value(&self, row: usize) -> Value {
        if self.nulls.is_null(row) {
            return Value::Null;
        }
        let value = match &self.values {
            Values::Bool(v) => v.get(row).map(|v| Value::Boolean(*v)),
            Values::Int32(v) => v.get(row).map(|v| match self.data_type {
                DataType::Date => Value::Date(Date::from_raw(*v)),
                _ => Value::Int32(*v),
            }),
            Values::Int64(v) => v.get(row).map(|v| match self.data_type {
                DataType::Timestamp => Value::Timestamp(*v),
                _ => Value::Int64(*v),
            }),
            Values::Float(v) => v.get(row).map(|v| Value::Float(*v)),
            Values::Double(v) => v.get(row).map(|v| Value::Double(*v)),
            Values::Binary(v) => v.get(row).cloned().map(|v| match self.data_type {
                DataType::String => Value::String(v),
                DataType::Blob => Value::Blob(v),
                DataType::Object => Value::Object(v),
                _ => Value::Text(v),
            }),
        };
        value.unwrap_or(Value::Null)
    }

    /// Whether [`Self::push`] takes `value`.
    pub(crate) fn check(&self, value: &Value) -> Result<(), Error> {
        match value.data_type() {
            None => Ok(()),
            Some(data_type) if data_type == self.data_type => Ok(()),
            Some(data_type) => Err(Error::new(
                ErrorKind::Type,
                format!(
                    "measurement {} has type {}, but the value has type {data_type}",
                    self.name, self.data_type
                ),
            )),
        }
    }

    /// Appends a row whose value [`Self::check`] has taken.
    pub(crate) fn push(&mut self, value: Value) {
        self.nulls.push(value.is_null());
        match (&mut self.values, value) {
            (Values::Bool(out), Value::Boolean(v)) => out.push(v),
            (Values::Bool(out), _) => out.push(false),
            (Values::Int32(out), Value::Int32(v)) => out.push(v),
            (Values::Int32(out), Value::Date(v)) => out.push(v.raw()),
            (Values::Int32(out), _) => out.push(0),
            (Values::Int64(out), Value::Int64(v) | Value::Timestamp(v)) => out.push(v),
            (Values::Int64(out), _) => out.push(0),
            (Values::Float(out), Value::Float(v)) => out.push(v),
            (Values::Float(out), _) => out.push(0.0),
            (Values::Double(out), Value::Double(v)) => out.push(v),
            (Values::Double(out), _) => out.push(0.0),
            (
                Values::Binary(out),
                Value::Text(v) | Value::String(v) | Value::Blob(v) | Value::Object(v),
            ) => out.push(v),
            (Values::Binary(out), _) => out.push(Bytes::new()),
        }
    }

    /// Bytes that [`Self::write`] takes.
    pub(crate) fn encoded_len(&self) -> usize {
        let rows = self.len();
        match &self.values {
            Values::Bool(_) => rows,
            Values::Int32(_) | Values::Float(_) => rows.saturating_mul(4),
            Values::Int64(_) | Values::Double(_) => rows.saturating_mul(8),
            Values::Binary(v) => v.iter().fold(rows.saturating_mul(4), |sum, bytes| {
                sum.saturating_add(bytes.len())
            }),
        }
    }

    /// Appends the values of all rows, a null's placeholder too, in `order` if there is one.
    pub(crate) fn write(
        &self,
        order: Option<&[usize]>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match &self.values {
            Values::Bool(v) => put(v, order, out, |v| [u8::from(*v)]),
            Values::Int32(v) if self.data_type == DataType::Date => {
                return self.write_dates(v, order, out);
            }
            Values::Int32(v) => put(v, order, out, |v| v.to_be_bytes()),
            Values::Int64(v) => put(v, order, out, |v| v.to_be_bytes()),
            Values::Float(v) => put(v, order, out, |v| v.to_be_bytes()),
            Values::Double(v) => put(v, order, out, |v| v.to_be_bytes()),
            Values::Binary(v) => {
                let mut w = Writer::new(out);
                return in_order(v, order, |_, v| w.prefixed_bytes(Prefix::I32Be, "value", v));
            }
        }
        Ok(())
    }

    /// Dates are checked: a server would store what is none.
    fn write_dates(
        &self,
        dates: &[i32],
        order: Option<&[usize]>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut w = Writer::new(out);
        in_order(dates, order, |row, raw| {
            if !self.nulls.is_null(row) {
                check_date(Date::from_raw(*raw)).map_err(|e| e.within(format!("row {row}")))?;
            }
            w.i32_be(*raw);
            Ok(())
        })
    }

    /// Appends the body of a plain TsBlock column.
    pub(crate) fn write_block_body(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u8(u8::from(self.has_nulls()));
        let rows = 0..self.len();
        if self.has_nulls() {
            let nulls = rows.clone().map(|row| self.nulls.is_null(row));
            pack_high_first(nulls, w.buffer());
        }
        if let Values::Bool(v) = &self.values {
            pack_high_first(v.iter().copied(), w.buffer());
            return Ok(());
        }
        let present: Vec<usize> = rows.filter(|row| !self.nulls.is_null(*row)).collect();
        self.write(Some(&present), w.buffer())
    }
}

/// Appends fixed-width values in bulk.
fn put<T, const W: usize>(
    values: &[T],
    order: Option<&[usize]>,
    out: &mut Vec<u8>,
    bytes: impl Fn(&T) -> [u8; W],
) {
    let Some(order) = order else {
        let start = out.len();
        out.resize(start.saturating_add(values.len().saturating_mul(W)), 0);
        let slots = out
            .get_mut(start..)
            .unwrap_or_default()
            .as_chunks_mut::<W>()
            .0;
        for (slot, value) in slots.iter_mut().zip(values) {
            *slot = bytes(value);
        }
        return;
    };
    for value in order.iter().filter_map(|row| values.get(*row)) {
        out.extend_from_slice(&bytes(value));
    }
}

fn in_order<T>(
    values: &[T],
    order: Option<&[usize]>,
    mut each: impl FnMut(usize, &T) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    match order {
        None => values
            .iter()
            .enumerate()
            .try_for_each(|(row, value)| each(row, value)),
        Some(order) => order
            .iter()
            .filter_map(|row| values.get(*row).map(|value| (*row, value)))
            .try_for_each(|(row, value)| each(row, value)),
    }
}
