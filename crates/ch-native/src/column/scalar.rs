//! Numbers as they are stored and travel: little-endian, each of its width.

use super::ColumnData;

mod sealed {
    #[expect(
        unnameable_types,
        reason = "it keeps others from implementing `Scalar`"
    )]
    pub trait Sealed {}
}

/// A number that columns store as such: what [`ColumnData::values`] gives slices of.
pub trait Scalar: sealed::Sealed + bytemuck::Pod + Default + Send + Sync + std::fmt::Debug {
    /// Bytes that one takes on the wire.
    const WIDTH: usize;

    #[doc(hidden)]
    fn append(out: &mut Vec<Self>, wire: &[u8]);
    /// Puts bytes that were stored as they came into this machine's order.
    #[doc(hidden)]
    fn from_wire(values: &mut [Self]);
    #[doc(hidden)]
    fn put(values: &[Self], out: &mut Vec<u8>);
    #[doc(hidden)]
    fn slice(data: &ColumnData) -> Option<&[Self]>;
    #[doc(hidden)]
    fn column(values: Vec<Self>) -> ColumnData;
    #[doc(hidden)]
    fn vec(data: ColumnData) -> Option<Vec<Self>>;
}

macro_rules! scalars {
    ($($ty:ty, $width:literal, $variant:ident;)*) => {
        $(
            impl sealed::Sealed for $ty {}

            impl Scalar for $ty {
                const WIDTH: usize = $width;

                #[inline]
                fn append(out: &mut Vec<Self>, wire: &[u8]) {
                    let (whole, _) = wire.as_chunks::<$width>();
                    out.extend(whole.iter().map(|bytes| Self::from_le_bytes(*bytes)));
                }

                #[inline]
                fn from_wire(values: &mut [Self]) {
                    if cfg!(target_endian = "big") {
                        for value in values {
                            *value = Self::from_le_bytes(value.to_ne_bytes());
                        }
                    }
                }

                #[inline]
                fn put(values: &[Self], out: &mut Vec<u8>) {
                    if cfg!(target_endian = "little") {
                        out.extend_from_slice(bytemuck::cast_slice(values));
                    } else {
                        out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                    }
                }

                #[inline]
                fn slice(data: &ColumnData) -> Option<&[Self]> {
                    match data {
                        ColumnData::$variant(values) => Some(values),
                        _ => None,
                    }
                }

                fn column(values: Vec<Self>) -> ColumnData {
                    ColumnData::$variant(values)
                }

                fn vec(data: ColumnData) -> Option<Vec<Self>> {
                    match data {
                        ColumnData::$variant(values) => Some(values),
                        _ => None,
                    }
                }
            }
        )*
    };
}

scalars! {
    u8, 1, UInt8;
    u16, 2, UInt16;
    u32, 4, UInt32;
    u64, 8, UInt64;
    u128, 16, UInt128;
    i8, 1, Int8;
    i16, 2, Int16;
    i32, 4, Int32;
    i64, 8, Int64;
    i128, 16, Int128;
    f32, 4, Float32;
    f64, 8, Float64;
}

impl sealed::Sealed for [u8; 32] {}

impl Scalar for [u8; 32] {
    const WIDTH: usize = 32;

    fn append(out: &mut Vec<Self>, wire: &[u8]) {
        out.extend_from_slice(wire.as_chunks::<32>().0);
    }

    fn from_wire(_: &mut [Self]) {}

    fn put(values: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(values.as_flattened());
    }

    fn slice(data: &ColumnData) -> Option<&[Self]> {
        match data {
            ColumnData::Int256(values) => Some(values),
            _ => None,
        }
    }

    fn column(values: Vec<Self>) -> ColumnData {
        ColumnData::Int256(values)
    }

    fn vec(data: ColumnData) -> Option<Vec<Self>> {
        match data {
            ColumnData::Int256(values) => Some(values),
            _ => None,
        }
    }
}
