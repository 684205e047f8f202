//! Arrays: of plain numbers in one block, of everything else as whole values.

use crate::Error;
use crate::codec::{Decoder, Encoder};
use crate::types::{DataType, Date, Decimal, Decode, Encode, Time, Timestamp, Uuid, expect};

/// Element of an array that can be written. Each type has its own array type on the wire.
pub trait WriteArray: Sized {
    /// Appends `items` as one array.
    ///
    /// # Errors
    /// Those of the elements; [`ErrorKind::Limit`](crate::ErrorKind::Limit) for more than 2³¹ - 1 elements.
    fn write_array(items: &[Self], to: &mut Encoder<'_>) -> Result<(), Error>;
}

/// Element of an array that can be read.
pub trait ReadArray: Sized {
    /// Reads one array.
    ///
    /// # Errors
    /// As [`Decode::decode`].
    fn read_array(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error>;
}

/// Numbers, in one block.
macro_rules! plain {
    ($($ty:ty, $data_type:ident, $write:ident;)*) => {
        $(
            impl WriteArray for $ty {
                fn write_array(items: &[Self], to: &mut Encoder<'_>) -> Result<(), Error> {
                    to.u8(DataType::$data_type.code());
                    to.count("array length", items.len())?;
                    items.iter().for_each(|item| to.$write(*item));
                    Ok(())
                }
            }

            impl ReadArray for $ty {
                fn read_array(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
                    const WIDTH: usize = size_of::<$ty>();
                    expect(from, DataType::$data_type)?;
                    let n = from.count("array length", WIDTH)?;
                    let (items, _) = from.block("array", n, WIDTH)?.as_chunks::<WIDTH>();
                    Ok(items.iter().map(|item| Self::from_le_bytes(*item)).collect())
                }
            }
        )*
    };
}

plain! {
    i16, ShortArray, i16;
    u16, CharArray, u16;
    i32, IntArray, i32;
    i64, LongArray, i64;
    f32, FloatArray, f32;
    f64, DoubleArray, f64;
}

impl WriteArray for bool {
    fn write_array(items: &[Self], to: &mut Encoder<'_>) -> Result<(), Error> {
        to.u8(DataType::BoolArray.code());
        to.count("array length", items.len())?;
        items.iter().for_each(|item| to.bool(*item));
        Ok(())
    }
}

impl ReadArray for bool {
    fn read_array(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
        expect(from, DataType::BoolArray)?;
        let n = from.count("array length", 1)?;
        (0..n).map(|_| from.bool("boolean")).collect()
    }
}

/// Whole values, each with its type code; null is `None` of `Option<T>`.
macro_rules! whole {
    ($($data_type:ident: write $($write:ty),+; read $read:ty;)*) => {
        $(
            $(
                impl WriteArray for $write {
                    fn write_array(items: &[Self], to: &mut Encoder<'_>) -> Result<(), Error> {
                        write_whole(DataType::$data_type, items, to)
                    }
                }

                impl WriteArray for Option<$write> {
                    fn write_array(items: &[Self], to: &mut Encoder<'_>) -> Result<(), Error> {
                        write_whole(DataType::$data_type, items, to)
                    }
                }
            )+

            impl ReadArray for $read {
                fn read_array(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
                    read_whole(DataType::$data_type, from)
                }
            }

            impl ReadArray for Option<$read> {
                fn read_array(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
                    read_whole(DataType::$data_type, from)
                }
            }
        )*
    };
}

whole! {
    StringArray: write String, &str; read String;
    UuidArray: write Uuid; read Uuid;
    DateArray: write Date; read Date;
    TimestampArray: write Timestamp; read Timestamp;
    TimeArray: write Time; read Time;
    DecimalArray: write Decimal; read Decimal;
}

fn write_whole<T: Encode>(
    data_type: DataType,
    items: &[T],
    to: &mut Encoder<'_>,
) -> Result<(), Error> {
    to.u8(data_type.code());
    to.count("array length", items.len())?;
    items.iter().try_for_each(|item| item.encode(to))
}

fn read_whole<T: Decode>(data_type: DataType, from: &mut Decoder<'_>) -> Result<Vec<T>, Error> {
    expect(from, data_type)?;
    let n = from.count("array length", 1)?;
    (0..n)
        .map(|i| T::decode(from).map_err(|error| error.context(format_args!("element {i}"))))
        .collect()
}
