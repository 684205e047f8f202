//! `num_bigint::BigInt` for varint columns.

use num_bigint::BigInt;

use crate::error::Error;
use crate::types::{Cell, CellWriter, DataType, Decode, Encode, Value, Varint, Written};

impl From<Varint> for BigInt {
    fn from(number: Varint) -> Self {
        Self::from_signed_bytes_be(number.as_be_bytes())
    }
}

impl From<BigInt> for Varint {
    fn from(number: BigInt) -> Self {
        // Zero has a byte too.
        Self::from_be_bytes(&number.to_signed_bytes_be()).unwrap_or_default()
    }
}

impl From<BigInt> for Value {
    fn from(number: BigInt) -> Self {
        Self::Varint(number.into())
    }
}

impl<'a> Decode<'a> for BigInt {
    fn accepts(data_type: &DataType) -> bool {
        Varint::accepts(data_type)
    }

    fn decode(data_type: &DataType, cell: Cell<'a>) -> Result<Self, Error> {
        Varint::decode(data_type, cell).map(Self::from)
    }
}

impl Encode for BigInt {
    fn encode(&self, data_type: Option<&DataType>, out: CellWriter<'_>) -> Result<Written, Error> {
        Varint::from(self.clone()).encode(data_type, out)
    }
}
