//! Values whose type is only known at run time.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::encode::{CellWriter, Written};
use super::nested::{
    Components, Elements, Entries, encode_components, encode_elements, encode_entries,
};
use super::{
    Cell, Counter, DataType, Date, Decimal, Decode, Duration, Encode, Time, Timestamp, Timeuuid,
    UdtType, Uuid, Varint,
};
use crate::error::Error;

/// A value of any CQL type.
///
/// Reading a cell as `Value` works for every type: what this crate cannot take apart is [`Value::Custom`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// Zero bytes where the type has no such value: a relic that servers accept for most types, different from null.
    Empty,
    /// Text of either kind.
    Text(String),
    /// `bigint`
    BigInt(i64),
    /// `blob`
    Blob(Bytes),
    /// `boolean`
    Boolean(bool),
    /// `counter`
    Counter(i64),
    /// `decimal`
    Decimal(Decimal),
    /// `double`
    Double(f64),
    /// `float`
    Float(f32),
    /// `int`
    Int(i32),
    /// `timestamp`
    Timestamp(Timestamp),
    /// `uuid`
    Uuid(Uuid),
    /// `varint`
    Varint(Varint),
    /// `timeuuid`
    Timeuuid(Uuid),
    /// `inet`
    Inet(IpAddr),
    /// `date`
    Date(Date),
    /// `time`
    Time(Time),
    /// `smallint`
    SmallInt(i16),
    /// `tinyint`
    TinyInt(i8),
    /// `duration`
    Duration(Duration),
    /// `list`
    List(Vec<Self>),
    /// `set`
    Set(Vec<Self>),
    /// `map`
    Map(Vec<(Self, Self)>),
    /// `tuple`
    Tuple(Vec<Self>),
    /// A user-defined type with the values of its fields, in its order; fields missing at the end are null.
    Udt(Arc<UdtType>, Vec<Self>),
    /// `vector`
    Vector(Vec<Self>),
    /// The bytes of a type that has no CQL name.
    Custom(Bytes),
}

impl Value {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(v) => Some(v),
            _ => None,
        }
    }

    /// The bytes, if it is a blob or of a custom type.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Blob(v) | Self::Custom(v) => Some(v),
            _ => None,
        }
    }

    /// The number, if it is an integer of up to 64 bits or a counter.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::BigInt(v) | Self::Counter(v) => Some(*v),
            Self::Int(v) => Some((*v).into()),
            Self::SmallInt(v) => Some((*v).into()),
            Self::TinyInt(v) => Some((*v).into()),
            _ => None,
        }
    }

    /// The number, if it is a float or a double.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Double(v) => Some(*v),
            Self::Float(v) => Some((*v).into()),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(v) => Some(*v),
            _ => None,
        }
    }

    /// Elements of a list, set or vector, components of a tuple, or fields of a user-defined type.
    pub fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(v) | Self::Set(v) | Self::Vector(v) | Self::Tuple(v) | Self::Udt(_, v) => {
                Some(v)
            }
            _ => None,
        }
    }

    /// The field of a user-defined type by its name. Null if the value ends before it, `None` if there is no such field.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Udt(udt, values) = self else {
            return None;
        };
        let index = udt.fields.iter().position(|field| field.name == name)?;
        Some(values.get(index).unwrap_or(&Self::Null))
    }
}

impl<'a> Decode<'a> for Value {
    fn accepts(_: &DataType) -> bool {
        true
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        let may_be_empty = matches!(
            data_type,
            DataType::Text | DataType::Ascii | DataType::Blob | DataType::Custom(_)
        );
        if cell.data().is_empty() && !may_be_empty {
            return Ok(Self::Empty);
        }
        decode_scalar(data_type, cell)
            .or_else(|| decode_nested(data_type, cell))
            .unwrap_or_else(|| Ok(Self::Custom(cell.to_bytes())))
    }

    fn null(_: &DataType) -> Result<Self, Error> {
        Ok(Self::Null)
    }
}

/// The value of a type without parameters.
fn decode_scalar(t: &DataType, cell: Cell<'_>) -> Option<Result<Value, Error>> {
    Some(match t {
        DataType::Ascii | DataType::Text => String::decode(t, cell).map(Value::Text),
        DataType::BigInt => i64::decode(t, cell).map(Value::BigInt),
        DataType::Blob => Bytes::decode(t, cell).map(Value::Blob),
        DataType::Boolean => bool::decode(t, cell).map(Value::Boolean),
        DataType::Counter => i64::decode(t, cell).map(Value::Counter),
        DataType::Decimal => Decimal::decode(t, cell).map(Value::Decimal),
        DataType::Double => f64::decode(t, cell).map(Value::Double),
        DataType::Float => f32::decode(t, cell).map(Value::Float),
        DataType::Int => i32::decode(t, cell).map(Value::Int),
        DataType::Timestamp => Timestamp::decode(t, cell).map(Value::Timestamp),
        DataType::Uuid => Uuid::decode(t, cell).map(Value::Uuid),
        DataType::Varint => Varint::decode(t, cell).map(Value::Varint),
        DataType::Timeuuid => Uuid::decode(t, cell).map(Value::Timeuuid),
        DataType::Inet => IpAddr::decode(t, cell).map(Value::Inet),
        DataType::Date => Date::decode(t, cell).map(Value::Date),
        DataType::Time => Time::decode(t, cell).map(Value::Time),
        DataType::SmallInt => i16::decode(t, cell).map(Value::SmallInt),
        DataType::TinyInt => i8::decode(t, cell).map(Value::TinyInt),
        DataType::Duration => Duration::decode(t, cell).map(Value::Duration),
        _ => return None,
    })
}

/// The value of a type with parameters.
fn decode_nested(t: &DataType, cell: Cell<'_>) -> Option<Result<Value, Error>> {
    Some(match t {
        DataType::List(_) => elements(t, cell).map(Value::List),
        DataType::Set(_) => elements(t, cell).map(Value::Set),
        DataType::Vector(..) => elements(t, cell).map(Value::Vector),
        DataType::Map(_) => entries(t, cell).map(Value::Map),
        DataType::Tuple(types) => components(types.iter(), cell).map(Value::Tuple),
        DataType::Udt(udt) => {
            let types = udt.fields.iter().map(|field| &field.data_type);
            components(types, cell).map(|fields| Value::Udt(Arc::clone(udt), fields))
        }
        _ => return None,
    })
}

fn elements(t: &DataType, cell: Cell<'_>) -> Result<Vec<Value>, Error> {
    let mut elements = Elements::new(t, cell)?;
    // Grows with what is read: a value takes far more memory than its bytes on the wire.
    let mut out = Vec::new();
    while let Some(element) = elements.next()? {
        out.push(element);
    }
    Ok(out)
}

fn entries(t: &DataType, cell: Cell<'_>) -> Result<Vec<(Value, Value)>, Error> {
    let mut entries = Entries::new(t, cell)?;
    let mut out = Vec::new();
    while let Some(entry) = entries.next()? {
        out.push(entry);
    }
    Ok(out)
}

fn components<'t>(
    types: impl Iterator<Item = &'t DataType>,
    cell: Cell<'_>,
) -> Result<Vec<Value>, Error> {
    let mut components = Components::new(cell);
    types.map(|t| components.next(t)).collect()
}

impl Encode for Value {
    fn encode(&self, t: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        match self {
            Self::Null => out.null(),
            Self::Empty => out.bytes(&[]),
            Self::Text(v) => v.encode(t, out),
            Self::BigInt(v) | Self::Counter(v) => v.encode(t, out),
            Self::Blob(v) => v.encode(t, out),
            Self::Boolean(v) => v.encode(t, out),
            Self::Decimal(v) => v.encode(t, out),
            Self::Double(v) => v.encode(t, out),
            Self::Float(v) => v.encode(t, out),
            Self::Int(v) => v.encode(t, out),
            Self::Timestamp(v) => v.encode(t, out),
            Self::Uuid(v) | Self::Timeuuid(v) => v.encode(t, out),
            Self::Varint(v) => v.encode(t, out),
            Self::Inet(v) => v.encode(t, out),
            Self::Date(v) => v.encode(t, out),
            Self::Time(v) => v.encode(t, out),
            Self::SmallInt(v) => v.encode(t, out),
            Self::TinyInt(v) => v.encode(t, out),
            Self::Duration(v) => v.encode(t, out),
            Self::List(v) | Self::Set(v) | Self::Vector(v) => {
                encode_elements::<Self, Self>(v.iter(), t, out)
            }
            Self::Map(v) => {
                encode_entries::<Self, Self, Self>(v.iter().map(|(k, v)| (k, v)), t, out)
            }
            Self::Tuple(v) => encode_components::<Self, Self>(v, t, out),
            Self::Udt(udt, v) => {
                let natural = DataType::Udt(Arc::clone(udt));
                encode_components::<Self, Self>(v, t.or(Some(&natural)), out)
            }
            Self::Custom(v) => out.bytes(v),
        }
    }
}

macro_rules! from {
    ($($ty:ty, $variant:ident;)*) => {
        $(
            impl From<$ty> for Value {
                fn from(value: $ty) -> Self {
                    Self::$variant(value.into())
                }
            }
        )*
    };
}

from! {
    bool, Boolean;
    i8, TinyInt;
    i16, SmallInt;
    i32, Int;
    i64, BigInt;
    f32, Float;
    f64, Double;
    &str, Text;
    String, Text;
    Bytes, Blob;
    Vec<u8>, Blob;
    Timestamp, Timestamp;
    Date, Date;
    Time, Time;
    Duration, Duration;
    Uuid, Uuid;
    Varint, Varint;
    Decimal, Decimal;
    IpAddr, Inet;
}

impl From<Counter> for Value {
    fn from(value: Counter) -> Self {
        Self::Counter(value.0)
    }
}

impl From<Timeuuid> for Value {
    fn from(value: Timeuuid) -> Self {
        Self::Timeuuid(value.0)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
