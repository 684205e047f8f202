//! Columns: what a block is made of, held the way they travel.
//!
//! Fixed-width values are one `Vec` of numbers, strings are end offsets and one run of bytes, arrays are end offsets
//! and a column of elements. Nothing is boxed value by value.
//!
//! Source of the layouts: ClickHouse, `docs/en/interfaces/specs/NativeFormat.md` and `src/DataTypes/Serializations`.

mod block;
mod build;
mod check;
mod data;
mod decode;
mod filling;
mod fixed;
mod gather;
mod kind;
mod layout;
mod low_cardinality;
mod nested;
mod read;
mod read_string;
mod scalar;
mod spares;
mod string;
mod to_value;
mod wire_block;
mod write;

pub use block::{Block, Column};
pub use build::Encode;
pub use data::{ArrayColumn, ColumnData, LowCardinalityColumn, NullableColumn, TupleColumn};
pub use decode::{Cell, Decode};
pub use scalar::Scalar;
pub use string::{FixedStringColumn, StringColumn};

pub(crate) use wire_block::{BlockInfo, BlockReader, write_block};
