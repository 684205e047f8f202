//! Decoding a column whose bytes arrive in pieces.
//!
//! A reader uses up whatever has arrived, down to the last whole value, and remembers where it is: no byte is looked
//! at twice. A column is read in two passes over its tree: all prefixes first, then all data.

use std::fmt::Debug;

use wire_core::{DecodeError, DecodeErrorKind, Reader};

use super::data::{ColumnData, TupleColumn};
use super::fixed::{Fixed, Placeholders, numbers128, swap_bytes, swap_halves};
use super::kind::{Kind, Replicated, Sparse};
use super::layout::Layout;
use super::low_cardinality::ReadLowCardinality;
use super::nested::{ReadArray, ReadNullable, ReadTuple};
use super::read_string::{ClassicStrings, FixedStrings, OffsetStrings};
use crate::codec::prim::Step;
use crate::types::DataType;

/// What decoding a block may still spend.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) left: &'a mut u64,
    pub(super) limit: u64,
}

impl Context<'_> {
    /// Charges `bytes` of memory for `field`.
    pub(super) fn spend(&mut self, field: &'static str, bytes: u64) -> Result<(), DecodeError> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                *self.left = left;
                Ok(())
            }
            None => {
                let used = self.limit.saturating_sub(*self.left);
                let kind = DecodeErrorKind::Limit {
                    name: "max_block_bytes",
                    limit: self.limit,
                    actual: used.saturating_add(bytes),
                };
                Err(DecodeError::new(kind, field, 0))
            }
        }
    }

    /// A size in bytes from the wire, charged.
    pub(super) fn size(&mut self, field: &'static str, bytes: u64) -> Result<usize, DecodeError> {
        self.spend(field, bytes)?;
        usize::try_from(bytes)
            .map_err(|_| DecodeError::invalid(field, 0, "does not fit into this machine's memory"))
    }
}

/// A resumable decoder of one column.
pub(super) trait ReadColumn: Send + Debug {
    /// Reads what goes before the data of all columns in the same tree. Only `LowCardinality` has something here.
    fn prefix(&mut self, _: &mut Reader<'_>) -> Result<Step, DecodeError> {
        Ok(Step::Done)
    }

    /// Offers the memory of the same column of an earlier block, before [`Self::start`].
    fn reuse(&mut self, _: ColumnData) {}

    /// Says how many rows will come.
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError>;

    /// Reads data. Called again after more has arrived, until it is done.
    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError>;

    /// Memory that the next bytes of the column belong in, when [`Self::data`] wants more and they are many: what is
    /// read into it is not copied.
    fn direct(&mut self) -> Option<&mut [u8]> {
        None
    }

    /// Says that `n` bytes were read into what [`Self::direct`] gave.
    fn direct_done(&mut self, _: usize) {}

    /// The column, once it is done.
    fn finish(&mut self) -> ColumnData;
}

/// The reader of a column of type `ty` that was serialized as `kind` says.
pub(super) fn reader(
    ty: &DataType,
    kind: &Kind,
    with_offsets: bool,
) -> Result<Box<dyn ReadColumn>, DecodeError> {
    Ok(match kind {
        Kind::Default => plain(ty, &[], with_offsets)?,
        Kind::Tuple(kinds) => plain(ty, kinds, with_offsets)?,
        // NULL is the default of a sparse Nullable, whose explicit values come without a null map.
        Kind::Sparse => match Layout::of(ty) {
            Layout::Nullable(inner) => {
                Box::new(Sparse::new(plain(inner, &[], with_offsets)?, true))
            }
            _ => Box::new(Sparse::new(plain(ty, &[], with_offsets)?, false)),
        },
        Kind::Replicated(inner) => Box::new(Replicated::new(reader(ty, inner, with_offsets)?)),
    })
}

/// Calls itself for each level of the type, so what takes stack is elsewhere.
fn plain(
    ty: &DataType,
    kinds: &[Kind],
    with_offsets: bool,
) -> Result<Box<dyn ReadColumn>, DecodeError> {
    match Layout::of(ty) {
        Layout::Nullable(inner) => plain(inner, &[], with_offsets).map(ReadNullable::boxed),
        Layout::Array(inner) => plain(inner, &[], with_offsets).map(ReadArray::boxed),
        Layout::Tuple(elements) if !elements.is_empty() => tuple(&elements, kinds, with_offsets),
        // Dictionaries keep the older layout of strings at every revision.
        Layout::LowCardinality(base, nullable) => {
            let dictionary = plain(base, &[], false)?;
            Ok(ReadLowCardinality::boxed(dictionary, nullable))
        }
        flat => leaf(&flat, with_offsets),
    }
}

/// The reader of a layout that has no other inside.
fn leaf(layout: &Layout<'_>, with_offsets: bool) -> Result<Box<dyn ReadColumn>, DecodeError> {
    Ok(match layout {
        Layout::UInt8 => Fixed::<u8>::boxed(),
        Layout::UInt16 => Fixed::<u16>::boxed(),
        Layout::UInt32 => Fixed::<u32>::boxed(),
        Layout::UInt64 => Fixed::<u64>::boxed(),
        Layout::UInt128 => Fixed::<u128>::boxed(),
        Layout::Int8 => Fixed::<i8>::boxed(),
        Layout::Int16 => Fixed::<i16>::boxed(),
        Layout::Int32 => Fixed::<i32>::boxed(),
        Layout::Int64 => Fixed::<i64>::boxed(),
        Layout::Int128 => Fixed::<i128>::boxed(),
        Layout::Int256 => Fixed::<[u8; 32]>::boxed(),
        Layout::Float32 => Fixed::<f32>::boxed(),
        Layout::Float64 => Fixed::<f64>::boxed(),
        Layout::Uuid => Fixed::wrapped(|v| ColumnData::Uuid(swap_halves(v)), numbers128),
        Layout::Ipv6 => Fixed::wrapped(|v| ColumnData::Ipv6(swap_bytes(v)), numbers128),
        Layout::String if with_offsets => Box::new(OffsetStrings::default()),
        Layout::String => Box::new(ClassicStrings::default()),
        Layout::FixedString(width) => Box::new(FixedStrings::new(*width)),
        Layout::Unsupported(name) => {
            let what = format!(
                "type {name}; select it as another type, for example with toString or finalizeAggregation"
            );
            return Err(DecodeError::unsupported("type", 0, what));
        }
        Layout::Tuple(_) => Box::new(Placeholders::new(|rows| {
            ColumnData::Tuple(TupleColumn {
                rows,
                elements: Vec::new(),
            })
        })),
        // The rest is Nothing: `plain` keeps what has others inside.
        _ => Box::new(Placeholders::new(ColumnData::Nothing)),
    })
}

fn tuple(
    elements: &[&DataType],
    kinds: &[Kind],
    with_offsets: bool,
) -> Result<Box<dyn ReadColumn>, DecodeError> {
    let mut readers = Vec::new();
    for (i, ty) in elements.iter().enumerate() {
        let kind = kinds.get(i).unwrap_or(&Kind::Default);
        readers.push(reader(ty, kind, with_offsets)?);
    }
    Ok(Box::new(ReadTuple::new(readers)))
}
