//! CQL types as column metadata describes them: `[option]` (native protocol v4, §4.2.5.2).

use std::fmt;
use std::sync::Arc;

use wire_core::{Budget, DecodeError, DecodeResultExt, EncodeError, Prefix, Reader, Writer};

use super::class;
use crate::codec::prim;

/// A CQL type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// 7-bit text.
    Ascii,
    /// 64-bit integer.
    BigInt,
    /// Any bytes.
    Blob,
    /// True or false.
    Boolean,
    /// 64-bit counter.
    Counter,
    /// Decimal number of any precision.
    Decimal,
    /// IEEE 754 binary64.
    Double,
    /// IEEE 754 binary32.
    Float,
    /// 32-bit integer.
    Int,
    /// UTF-8 text; also called varchar.
    Text,
    /// Milliseconds since the Unix epoch.
    Timestamp,
    /// UUID of any version.
    Uuid,
    /// Integer of any size.
    Varint,
    /// UUID of version 1.
    Timeuuid,
    /// IPv4 or IPv6 address.
    Inet,
    /// Day.
    Date,
    /// Time of day.
    Time,
    /// 16-bit integer.
    SmallInt,
    /// 8-bit integer.
    TinyInt,
    /// Months, days and nanoseconds.
    Duration,
    /// Values in order.
    List(Box<Self>),
    /// Distinct values.
    Set(Box<Self>),
    /// Keys with values.
    Map(Box<(Self, Self)>),
    /// A fixed number of values.
    Tuple(Vec<Self>),
    /// A user-defined type.
    Udt(Arc<UdtType>),
    /// A fixed number of values of one type, none of them null.
    Vector(Box<Self>, u32),
    /// A type of the server that has no CQL name, by its Java class; its values are opaque bytes.
    Custom(Box<str>),
}

/// A user-defined type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UdtType {
    /// Its keyspace.
    pub keyspace: String,
    /// Its name.
    pub name: String,
    /// Its fields, in order.
    pub fields: Vec<UdtField>,
}

/// A field of a user-defined type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UdtField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
}

impl UdtType {
    /// A type of these fields.
    pub fn new(
        keyspace: impl Into<String>,
        name: impl Into<String>,
        fields: impl IntoIterator<Item = (String, DataType)>,
    ) -> Self {
        let fields = fields
            .into_iter()
            .map(|(name, data_type)| UdtField { name, data_type })
            .collect();
        Self {
            keyspace: keyspace.into(),
            name: name.into(),
            fields,
        }
    }
}

/// Types without parameters: id on the wire, type, CQL name, Java class without its package.
pub(super) const SIMPLE: [(u16, DataType, &str, &str); 20] = [
    (0x01, DataType::Ascii, "ascii", "AsciiType"),
    (0x02, DataType::BigInt, "bigint", "LongType"),
    (0x03, DataType::Blob, "blob", "BytesType"),
    (0x04, DataType::Boolean, "boolean", "BooleanType"),
    (0x05, DataType::Counter, "counter", "CounterColumnType"),
    (0x06, DataType::Decimal, "decimal", "DecimalType"),
    (0x07, DataType::Double, "double", "DoubleType"),
    (0x08, DataType::Float, "float", "FloatType"),
    (0x09, DataType::Int, "int", "Int32Type"),
    (0x0B, DataType::Timestamp, "timestamp", "TimestampType"),
    (0x0C, DataType::Uuid, "uuid", "UUIDType"),
    (0x0D, DataType::Text, "text", "UTF8Type"),
    (0x0E, DataType::Varint, "varint", "IntegerType"),
    (0x0F, DataType::Timeuuid, "timeuuid", "TimeUUIDType"),
    (0x10, DataType::Inet, "inet", "InetAddressType"),
    (0x11, DataType::Date, "date", "SimpleDateType"),
    (0x12, DataType::Time, "time", "TimeType"),
    (0x13, DataType::SmallInt, "smallint", "ShortType"),
    (0x14, DataType::TinyInt, "tinyint", "ByteType"),
    (0x15, DataType::Duration, "duration", "DurationType"),
];

const CUSTOM: u16 = 0x00;
/// The name that versions 1 and 2 had for text; some servers still send it.
const TEXT_OF_V1: u16 = 0x0A;
const LIST: u16 = 0x20;
const MAP: u16 = 0x21;
const SET: u16 = 0x22;
const UDT: u16 = 0x30;
const TUPLE: u16 = 0x31;

impl DataType {
    /// Reads an `[option]`.
    pub(crate) fn read(r: &mut Reader<'_>, budget: &mut Budget) -> Result<Self, DecodeError> {
        let at = r.offset();
        let id = r.u16_be("type")?;
        if let Some((_, simple, ..)) = SIMPLE.iter().find(|(i, ..)| *i == id) {
            return Ok(simple.clone());
        }
        budget.nested("type", at, |budget| match id {
            CUSTOM => Ok(class::parse(prim::string(r, "class")?, budget)),
            TEXT_OF_V1 => Ok(Self::Text),
            LIST => Ok(Self::List(Box::new(
                Self::read(r, budget).within("element")?,
            ))),
            SET => Ok(Self::Set(Box::new(
                Self::read(r, budget).within("element")?,
            ))),
            MAP => {
                let key = Self::read(r, budget).within("key")?;
                Ok(Self::Map(Box::new((
                    key,
                    Self::read(r, budget).within("value")?,
                ))))
            }
            UDT => Self::read_udt(r, budget),
            TUPLE => {
                let n = r.u16_be("components")?;
                let n = r.count("components", n, 2)?;
                let components = (0..n)
                    .map(|i| Self::read(r, budget).at("components", i))
                    .collect::<Result<_, _>>()?;
                Ok(Self::Tuple(components))
            }
            other => Err(DecodeError::unsupported(
                "type",
                at,
                format!("type id {other:#06x} is not known to this version of the crate"),
            )),
        })
    }

    fn read_udt(r: &mut Reader<'_>, budget: &mut Budget) -> Result<Self, DecodeError> {
        let keyspace = prim::string(r, "keyspace")?.to_owned();
        let name = prim::string(r, "name")?.to_owned();
        let n = r.u16_be("fields")?;
        let n = r.count("fields", n, 4)?;
        let field = |i| {
            let name = prim::string(r, "name").at("fields", i)?.to_owned();
            let data_type = Self::read(r, budget).at("fields", i)?;
            Ok(UdtField { name, data_type })
        };
        let fields = (0..n).map(field).collect::<Result<_, _>>()?;
        Ok(Self::Udt(Arc::new(UdtType {
            keyspace,
            name,
            fields,
        })))
    }

    /// Writes an `[option]`, as a server does.
    pub(crate) fn write(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        // The id of duration came with version 5; older ones name it by its class.
        let simple = SIMPLE
            .iter()
            .find(|(_, t, ..)| t == self && t != &Self::Duration);
        if let Some((id, ..)) = simple {
            w.u16_be(*id);
            return Ok(());
        }
        match self {
            Self::List(element) => {
                w.u16_be(LIST);
                element.write(w)
            }
            Self::Set(element) => {
                w.u16_be(SET);
                element.write(w)
            }
            Self::Map(pair) => {
                w.u16_be(MAP);
                pair.0.write(w)?;
                pair.1.write(w)
            }
            Self::Tuple(components) => {
                w.u16_be(TUPLE);
                w.length(Prefix::U16Be, "components", components.len())?;
                components.iter().try_for_each(|t| t.write(w))
            }
            Self::Udt(udt) => {
                w.u16_be(UDT);
                prim::put_string(w, "keyspace", &udt.keyspace)?;
                prim::put_string(w, "name", &udt.name)?;
                w.length(Prefix::U16Be, "fields", udt.fields.len())?;
                udt.fields.iter().try_for_each(|field| {
                    prim::put_string(w, "name", &field.name)?;
                    field.data_type.write(w)
                })
            }
            custom => {
                w.u16_be(CUSTOM);
                prim::put_string(w, "class", &class::name_of(custom))
            }
        }
    }

    /// Whether this is text, of either kind.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Ascii)
    }
}

/// The type as CQL writes it: `map<text, frozen<list<int>>>` without `frozen`, which metadata does not tell.
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Set(element) => write!(f, "set<{element}>"),
            Self::Map(pair) => write!(f, "map<{}, {}>", pair.0, pair.1),
            Self::Vector(element, n) => write!(f, "vector<{element}, {n}>"),
            Self::Udt(udt) => write!(f, "{}.{}", udt.keyspace, udt.name),
            Self::Custom(class) => write!(f, "'{class}'"),
            Self::Tuple(components) => {
                f.write_str("tuple<")?;
                for (i, component) in components.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{component}")?;
                }
                f.write_str(">")
            }
            simple => {
                let name = SIMPLE
                    .iter()
                    .find(|(_, t, ..)| t == simple)
                    .map_or("?", |(_, _, name, _)| name);
                f.write_str(name)
            }
        }
    }
}
