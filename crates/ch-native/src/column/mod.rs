//! Columns: what a block is made of, held the way they travel.
//!
//! Fixed-width values are one `Vec` of numbers, strings are end offsets and one run of bytes, arrays are end offsets
//! and a column of elements. Nothing is boxed value by value.
//!
//! Source of the layouts: ClickHouse, `docs/en/interfaces/specs/NativeFormat.md` and `src/DataTypes/Serializations`.

mod alternatives;
mod block;
mod build;
mod cell;
mod check;
mod data;
mod decode;
mod dynamic;
mod filling;
mod fit;
mod fixed;
mod from_dynamic;
mod from_scalars;
mod from_values;
mod gather;
mod json;
mod kind;
mod layout;
mod low_cardinality;
mod nested;
mod older;
mod read;
mod read_json;
mod read_string;
mod row_binary;
mod scalar;
mod source;
mod spares;
mod state;
mod state_rule;
mod string;
mod to_value;
mod variant;
mod vectors;
mod wire_block;
mod write;
mod write_dynamic;

pub use block::{Block, Column};
pub use build::Encode;
pub use cell::Cell;
pub use data::{ArrayColumn, ColumnData, LowCardinalityColumn, NullableColumn, TupleColumn};
pub use decode::{Decode, Texts};
pub use dynamic::DynamicColumn;
pub use json::{JsonColumn, JsonPath};
pub use scalar::Scalar;
pub use source::{Keyed, Nulls, Strings, Values};
pub use string::{FixedStringColumn, StringColumn};
pub use variant::VariantColumn;

pub(crate) use wire_block::{BlockInfo, BlockReader, write_block};
