//! Decoding a column whose bytes arrive in pieces.
//!
//! A reader uses up whatever has arrived, down to the last whole value, and remembers where it is: no byte is looked
//! at twice. A column is read in two passes over its tree: all prefixes first, then all data.

use std::fmt::Debug;

use wire_core::{DecodeError, DecodeErrorKind, Reader};

use super::data::{ColumnData, TupleColumn};
use super::dynamic::ReadDynamic;
use super::fixed::{Fixed, Placeholders, numbers128, swap_bytes, swap_halves};
use super::kind::{Kind, Replicated, Sparse};
use super::layout::Layout;
use super::low_cardinality::ReadLowCardinality;
use super::nested::{ReadArray, ReadNullable, ReadTuple};
use super::read_json::ReadJson;
use super::read_string::{ClassicStrings, FixedStrings, OffsetStrings};
use super::state::ReadStates;
use super::variant::ReadVariant;
use super::vectors::ReadVectors;
use crate::codec::prim::Step;
use crate::types::{DataType, JsonType};

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
    /// Reads what goes before the data of all columns in the same tree: something only for `LowCardinality`, `Variant`,
    /// `Dynamic` and `JSON`.
    fn prefix(&mut self, _: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
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

/// What the revision and the limits of a connection say about a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Whether strings are all ends and then all bytes.
    pub(super) with_offsets: bool,
    /// Levels that types in the data may nest. Types that come with the data count with those around them, so that
    /// the data cannot nest readers without end.
    pub(super) depth: u32,
    pub(super) max_type_bytes: u64,
    pub(super) max_name_bytes: u64,
}

impl Terms {
    /// Those of what is inside.
    pub(super) fn deeper(self) -> Self {
        Self {
            depth: self.depth.saturating_sub(1),
            ..self
        }
    }
}

/// The reader of a column of type `ty` that was serialized as `kind` says.
pub(super) fn reader(
    ty: &DataType,
    kind: &Kind,
    terms: Terms,
) -> Result<Box<dyn ReadColumn>, DecodeError> {
    Ok(match kind {
        Kind::Default => plain(ty, &[], terms)?,
        Kind::Tuple(kinds) => plain(ty, kinds, terms)?,
        // NULL is the default of a sparse Nullable, whose explicit values come without a null map.
        Kind::Sparse => match Layout::of(ty) {
            Layout::Nullable(inner) => Box::new(Sparse::new(plain(inner, &[], terms)?, true)),
            _ => Box::new(Sparse::new(plain(ty, &[], terms)?, false)),
        },
        Kind::Replicated(inner) => Box::new(Replicated::new(reader(ty, inner, terms)?)),
    })
}

/// Calls itself for each level of the type, so what takes stack is elsewhere.
fn plain(ty: &DataType, kinds: &[Kind], terms: Terms) -> Result<Box<dyn ReadColumn>, DecodeError> {
    match Layout::of(ty) {
        Layout::Nullable(inner) => plain(inner, &[], terms.deeper()).map(ReadNullable::boxed),
        Layout::Array(inner) => plain(inner, &[], terms.deeper()).map(ReadArray::boxed),
        Layout::Tuple(elements) if !elements.is_empty() => tuple(&elements, kinds, terms),
        // Dictionaries keep the older layout of strings at every revision.
        Layout::LowCardinality(base, nullable) => {
            let with_offsets = false;
            let dictionary = plain(
                base,
                &[],
                Terms {
                    with_offsets,
                    ..terms
                },
            )?;
            Ok(ReadLowCardinality::boxed(dictionary, nullable))
        }
        Layout::Variant(types) => variant(types, terms.deeper()),
        Layout::Json(json) => objects(json, terms.deeper()),
        flat => leaf(&flat, terms),
    }
}

/// The reader of a layout that has no other inside.
fn leaf(layout: &Layout<'_>, terms: Terms) -> Result<Box<dyn ReadColumn>, DecodeError> {
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
        Layout::String if terms.with_offsets => Box::new(OffsetStrings::default()),
        Layout::String => Box::new(ClassicStrings::default()),
        Layout::FixedString(width) => Box::new(FixedStrings::new(*width)),
        Layout::Dynamic => Box::new(ReadDynamic::new(terms.deeper())),
        Layout::State(function) => Box::new(ReadStates::new(function)?),
        Layout::Vectors(element, dimension, group) => {
            Box::new(ReadVectors::new(element, *dimension, *group))
        }
        Layout::Unsupported(name) => {
            let what = format!("type {name}; select it as another type, for example with toString");
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
    terms: Terms,
) -> Result<Box<dyn ReadColumn>, DecodeError> {
    let mut readers = Vec::new();
    for (i, ty) in elements.iter().enumerate() {
        let kind = kinds.get(i).unwrap_or(&Kind::Default);
        readers.push(match kind {
            Kind::Default => plain(ty, &[], terms.deeper())?,
            kind => reader(ty, kind, terms.deeper())?,
        });
    }
    Ok(Box::new(ReadTuple::new(readers)))
}

fn variant(types: &[DataType], terms: Terms) -> Result<Box<dyn ReadColumn>, DecodeError> {
    let mut readers = Vec::new();
    for ty in types {
        readers.push(plain(ty, &[], terms)?);
    }
    Ok(ReadVariant::boxed(types, readers))
}

fn objects(json: &JsonType, terms: Terms) -> Result<Box<dyn ReadColumn>, DecodeError> {
    let mut typed = Vec::new();
    for (path, ty) in &json.typed {
        let reader = plain(ty, &[], terms)?;
        typed.push((path.clone(), ty.clone(), reader));
    }
    Ok(ReadJson::boxed(typed, terms))
}
