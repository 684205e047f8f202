//! `uuid::Uuid`, feature `uuid`.

use crate::Error;
use crate::codec::{Decoder, Encoder};
use crate::types::{Decode, Encode, Uuid};

impl From<uuid::Uuid> for Uuid {
    fn from(uuid: uuid::Uuid) -> Self {
        Self::from_u128(uuid.as_u128())
    }
}

impl From<Uuid> for uuid::Uuid {
    fn from(uuid: Uuid) -> Self {
        Self::from_u128(uuid.as_u128())
    }
}

impl Encode for uuid::Uuid {
    fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        Uuid::from(*self).encode(to)
    }
}

impl Decode for uuid::Uuid {
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Uuid::decode(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_uuid_are_the_same_bytes() {
        let uuid = uuid::Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        Uuid::from(uuid)
            .encode(&mut Encoder::new(&mut ours))
            .unwrap();
        uuid.encode(&mut Encoder::new(&mut theirs)).unwrap();
        assert_eq!(ours, theirs);
    }
}
