//! A value whose type is known only when it is there.

use bytes::Bytes;

use crate::Error;
use crate::codec::{Decoder, Encoder, prim};
use crate::types::{
    BinaryObject, CollectionKind, DataType, Date, Decimal, Decode, Encode, MapKind, Time,
    Timestamp, Uuid, decode::sql_date, unsupported,
};

/// Any value that this crate reads and writes.
///
/// Byte arrays and complex objects share the memory of the answer that brought them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// 8-bit integer.
    Byte(i8),
    /// 16-bit integer.
    Short(i16),
    /// 32-bit integer.
    Int(i32),
    /// 64-bit integer.
    Long(i64),
    /// IEEE 754 single.
    Float(f32),
    /// IEEE 754 double.
    Double(f64),
    /// One UTF-16 unit; a character outside the basic plane has two.
    Char(u16),
    /// Truth value.
    Bool(bool),
    /// Text.
    String(String),
    /// UUID.
    Uuid(Uuid),
    /// Moment to the millisecond.
    Date(Date),
    /// Time of day.
    Time(Time),
    /// Moment to the nanosecond.
    Timestamp(Timestamp),
    /// Decimal number.
    Decimal(Decimal),
    /// Bytes.
    Bytes(Bytes),
    /// 16-bit integers.
    ShortArray(Vec<i16>),
    /// 32-bit integers.
    IntArray(Vec<i32>),
    /// 64-bit integers.
    LongArray(Vec<i64>),
    /// Singles.
    FloatArray(Vec<f32>),
    /// Doubles.
    DoubleArray(Vec<f64>),
    /// UTF-16 units.
    CharArray(Vec<u16>),
    /// Truth values.
    BoolArray(Vec<bool>),
    /// Texts.
    StringArray(Vec<Option<String>>),
    /// UUIDs.
    UuidArray(Vec<Option<Uuid>>),
    /// Dates.
    DateArray(Vec<Option<Date>>),
    /// Times.
    TimeArray(Vec<Option<Time>>),
    /// Timestamps.
    TimestampArray(Vec<Option<Timestamp>>),
    /// Decimals.
    DecimalArray(Vec<Option<Decimal>>),
    /// Objects of any type.
    ObjectArray {
        /// Id of the declared element type; -1 for `java.lang.Object`.
        type_id: i32,
        /// Name of the class, if it has no id (`type_id` is 0).
        class_name: Option<String>,
        /// The elements.
        items: Vec<Self>,
    },
    /// List or set.
    Collection {
        /// Which class it is in Java.
        kind: CollectionKind,
        /// The elements.
        items: Vec<Self>,
    },
    /// Map.
    Map {
        /// Which class it is in Java.
        kind: MapKind,
        /// Keys and values, in the order of the wire.
        entries: Vec<(Self, Self)>,
    },
    /// Enum constant. The server turns the older form (code 28) into this (code 38); both are read.
    Enum {
        /// Id of the enum's type.
        type_id: i32,
        /// Name of the class, if it has no id (`type_id` is 0).
        class_name: Option<String>,
        /// Position of the constant.
        ordinal: i32,
    },
    /// Any other object, as raw bytes.
    Object(BinaryObject),
}

impl Value {
    /// A list that is an `ArrayList` in Java.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Collection {
            kind: CollectionKind::ArrayList,
            items: items.into_iter().collect(),
        }
    }

    /// The type.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Null => DataType::Null,
            Self::Byte(_) => DataType::Byte,
            Self::Short(_) => DataType::Short,
            Self::Int(_) => DataType::Int,
            Self::Long(_) => DataType::Long,
            Self::Float(_) => DataType::Float,
            Self::Double(_) => DataType::Double,
            Self::Char(_) => DataType::Char,
            Self::Bool(_) => DataType::Bool,
            Self::String(_) => DataType::String,
            Self::Uuid(_) => DataType::Uuid,
            Self::Date(_) => DataType::Date,
            Self::Time(_) => DataType::Time,
            Self::Timestamp(_) => DataType::Timestamp,
            Self::Decimal(_) => DataType::Decimal,
            Self::Bytes(_) => DataType::ByteArray,
            Self::ShortArray(_) => DataType::ShortArray,
            Self::IntArray(_) => DataType::IntArray,
            Self::LongArray(_) => DataType::LongArray,
            Self::FloatArray(_) => DataType::FloatArray,
            Self::DoubleArray(_) => DataType::DoubleArray,
            Self::CharArray(_) => DataType::CharArray,
            Self::BoolArray(_) => DataType::BoolArray,
            Self::StringArray(_) => DataType::StringArray,
            Self::UuidArray(_) => DataType::UuidArray,
            Self::DateArray(_) => DataType::DateArray,
            Self::TimeArray(_) => DataType::TimeArray,
            Self::TimestampArray(_) => DataType::TimestampArray,
            Self::DecimalArray(_) => DataType::DecimalArray,
            Self::ObjectArray { .. } => DataType::ObjectArray,
            Self::Collection { .. } => DataType::Collection,
            Self::Map { .. } => DataType::Map,
            Self::Enum { .. } => DataType::BinaryEnum,
            Self::Object(_) => DataType::Object,
        }
    }
}

impl Encode for Value {
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::ObjectArray { .. }
            | Self::Collection { .. }
            | Self::Map { .. }
            | Self::Enum { .. } => self.encode_composite(to),
            _ => self.encode_leaf(to),
        }
    }

    fn size_hint(&self) -> usize {
        match self {
            Self::String(v) => v.size_hint(),
            Self::Bytes(v) => v.size_hint(),
            Self::IntArray(v) => v.size_hint(),
            Self::LongArray(v) => v.size_hint(),
            Self::FloatArray(v) => v.size_hint(),
            Self::DoubleArray(v) => v.size_hint(),
            Self::Object(v) => v.size_hint(),
            // A value is ten bytes or so; what is in it is not looked through.
            Self::ObjectArray { items, .. } | Self::Collection { items, .. } => items.len() << 3,
            _ => 0,
        }
    }
}

/// Values nest by recursion through [`Encode::encode`] and [`Value::encode_composite`] only, so that what the many
/// simple types need on the stack is not there at each level.
impl Value {
    #[inline(never)]
    fn encode_leaf(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Null
            | Self::ObjectArray { .. }
            | Self::Collection { .. }
            | Self::Map { .. }
            | Self::Enum { .. } => None::<i8>.encode(to),
            Self::Char(v) => {
                to.u8(DataType::Char.code());
                to.u16(*v);
                Ok(())
            }
            Self::Byte(v) => v.encode(to),
            Self::Short(v) => v.encode(to),
            Self::Int(v) => v.encode(to),
            Self::Long(v) => v.encode(to),
            Self::Float(v) => v.encode(to),
            Self::Double(v) => v.encode(to),
            Self::Bool(v) => v.encode(to),
            Self::String(v) => v.encode(to),
            Self::Uuid(v) => v.encode(to),
            Self::Date(v) => v.encode(to),
            Self::Time(v) => v.encode(to),
            Self::Timestamp(v) => v.encode(to),
            Self::Decimal(v) => v.encode(to),
            Self::Bytes(v) => v.encode(to),
            Self::ShortArray(v) => v.encode(to),
            Self::IntArray(v) => v.encode(to),
            Self::LongArray(v) => v.encode(to),
            Self::FloatArray(v) => v.encode(to),
            Self::DoubleArray(v) => v.encode(to),
            Self::CharArray(v) => v.encode(to),
            Self::BoolArray(v) => v.encode(to),
            Self::StringArray(v) => v.encode(to),
            Self::UuidArray(v) => v.encode(to),
            Self::DateArray(v) => v.encode(to),
            Self::TimeArray(v) => v.encode(to),
            Self::TimestampArray(v) => v.encode(to),
            Self::DecimalArray(v) => v.encode(to),
            Self::Object(v) => v.encode(to),
        }
    }

    fn encode_composite(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.u8(self.data_type().code());
        let items = match self {
            Self::ObjectArray {
                type_id,
                class_name,
                items,
            } => {
                write_type_id(to, *type_id, class_name.as_deref())?;
                to.count("array length", items.len())?;
                items
            }
            Self::Collection { kind, items } => {
                to.count("collection length", items.len())?;
                to.i8(kind.code());
                items
            }
            Self::Map { kind, entries } => {
                to.count("map length", entries.len())?;
                to.i8(kind.code());
                to.enter()?;
                for (key, value) in entries {
                    key.encode(to)?;
                    value.encode(to)?;
                }
                to.leave();
                return Ok(());
            }
            Self::Enum {
                type_id,
                class_name,
                ordinal,
            } => {
                write_type_id(to, *type_id, class_name.as_deref())?;
                to.i32(*ordinal);
                return Ok(());
            }
            _ => return Ok(()), // only these four are composite
        };
        to.enter()?;
        for item in items {
            item.encode(to)?;
        }
        to.leave();
        Ok(())
    }
}

/// A type id; 0 stands for a class without one, whose name follows.
fn write_type_id(
    to: &mut Encoder<'_>,
    type_id: i32,
    class_name: Option<&str>,
) -> Result<(), Error> {
    to.i32(type_id);
    if type_id == 0 {
        prim::write_opt_str(to, class_name)
    } else {
        Ok(())
    }
}

fn read_type_id(from: &mut Decoder<'_>) -> Result<(i32, Option<String>), Error> {
    match from.i32("type id")? {
        0 => Ok((0, prim::read_opt_str(from, "class name")?)),
        type_id => Ok((type_id, None)),
    }
}

impl Decode for Value {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        match from.peek().map(DataType::from_code) {
            Some(DataType::ObjectArray | DataType::EnumArray) => Self::decode_array(from),
            Some(DataType::Collection) => Self::decode_collection(from),
            Some(DataType::Map) => Self::decode_map(from),
            Some(data_type) => Self::decode_leaf(from, data_type),
            None => from.u8("type code").map(|_| Self::Null),
        }
    }
}

impl Value {
    #[inline(never)]
    fn decode_leaf(from: &mut Decoder<'_>, data_type: DataType) -> Result<Self, Error> {
        Ok(match data_type {
            DataType::Null => from.u8("null").map(|_| Self::Null)?,
            DataType::Char => {
                from.u8("type code")?;
                Self::Char(from.u16("char")?)
            }
            DataType::Enum | DataType::BinaryEnum => {
                from.u8("type code")?;
                let (type_id, class_name) = read_type_id(from)?;
                let ordinal = from.i32("ordinal")?;
                Self::Enum {
                    type_id,
                    class_name,
                    ordinal,
                }
            }
            DataType::Optimized if sql_date(from.rest()).is_some() => {
                Self::Date(Decode::decode(from)?)
            }
            DataType::Byte => Self::Byte(Decode::decode(from)?),
            DataType::Short => Self::Short(Decode::decode(from)?),
            DataType::Int => Self::Int(Decode::decode(from)?),
            DataType::Long => Self::Long(Decode::decode(from)?),
            DataType::Float => Self::Float(Decode::decode(from)?),
            DataType::Double => Self::Double(Decode::decode(from)?),
            DataType::Bool => Self::Bool(Decode::decode(from)?),
            DataType::String => Self::String(Decode::decode(from)?),
            DataType::Uuid => Self::Uuid(Decode::decode(from)?),
            DataType::Date => Self::Date(Decode::decode(from)?),
            DataType::Time => Self::Time(Decode::decode(from)?),
            DataType::Timestamp => Self::Timestamp(Decode::decode(from)?),
            DataType::Decimal => Self::Decimal(Decode::decode(from)?),
            DataType::ByteArray => Self::Bytes(Decode::decode(from)?),
            DataType::ShortArray => Self::ShortArray(Decode::decode(from)?),
            DataType::IntArray => Self::IntArray(Decode::decode(from)?),
            DataType::LongArray => Self::LongArray(Decode::decode(from)?),
            DataType::FloatArray => Self::FloatArray(Decode::decode(from)?),
            DataType::DoubleArray => Self::DoubleArray(Decode::decode(from)?),
            DataType::CharArray => Self::CharArray(Decode::decode(from)?),
            DataType::BoolArray => Self::BoolArray(Decode::decode(from)?),
            DataType::StringArray => Self::StringArray(Decode::decode(from)?),
            DataType::UuidArray => Self::UuidArray(Decode::decode(from)?),
            DataType::DateArray => Self::DateArray(Decode::decode(from)?),
            DataType::TimeArray => Self::TimeArray(Decode::decode(from)?),
            DataType::TimestampArray => Self::TimestampArray(Decode::decode(from)?),
            DataType::DecimalArray => Self::DecimalArray(Decode::decode(from)?),
            DataType::Object | DataType::WrappedObject => Self::Object(Decode::decode(from)?),
            other => return Err(unsupported(from, other.code())),
        })
    }

    fn decode_array(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.u8("type code")?;
        let (type_id, class_name) = read_type_id(from)?;
        let n = from.count("array length", 1)?;
        let items = Self::decode_items(from, n)?;
        Ok(Self::ObjectArray {
            type_id,
            class_name,
            items,
        })
    }

    fn decode_collection(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.u8("type code")?;
        let n = from.count("collection length", 1)?;
        let kind = CollectionKind::from_code(from.i8("collection kind")?);
        let items = Self::decode_items(from, n)?;
        Ok(Self::Collection { kind, items })
    }

    fn decode_map(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.u8("type code")?;
        let n = from.count("map length", 2)?;
        let kind = MapKind::from_code(from.i8("map kind")?);
        from.enter("map")?;
        let mut entries = Vec::new();
        for _ in 0..n {
            entries.push((Self::decode(from)?, Self::decode(from)?));
        }
        from.leave();
        Ok(Self::Map { kind, entries })
    }

    fn decode_items(from: &mut Decoder<'_>, n: usize) -> Result<Vec<Self>, Error> {
        from.enter("collection")?;
        let mut items = Vec::new();
        for _ in 0..n {
            items.push(Self::decode(from)?);
        }
        from.leave();
        Ok(items)
    }
}
