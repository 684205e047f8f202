//! `uuid::Uuid` for uuid and timeuuid columns.

use crate::error::Error;
use crate::types::{Cell, CellWriter, DataType, Decode, Encode, Uuid, Value, Written};

impl<'a> Decode<'a> for uuid::Uuid {
    fn accepts(data_type: &DataType) -> bool {
        Uuid::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Uuid::decode(data_type, cell).map(Self::from)
    }
}

impl Encode for uuid::Uuid {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        Uuid::from(*self).encode(data_type, out)
    }
}

impl From<Uuid> for uuid::Uuid {
    fn from(uuid: Uuid) -> Self {
        Self::from_bytes(uuid.0)
    }
}

impl From<uuid::Uuid> for Uuid {
    fn from(uuid: uuid::Uuid) -> Self {
        Self(uuid.into_bytes())
    }
}

impl From<uuid::Uuid> for Value {
    fn from(uuid: uuid::Uuid) -> Self {
        Self::Uuid(uuid.into())
    }
}
