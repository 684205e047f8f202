//! `Dynamic`: values of any type. The data names the types; values of types beyond the most that are kept apart travel
//! together, each with its type before it.
//!
//! ```text
//! prefix     version u64: 1 V1, 2 V2, 3 flattened
//!   V1       most types VarUInt (of no use here), then as V2
//!   V2       count of types VarUInt, their names, prefix of a Variant of these and `SharedVariant`, sorted by name
//!   flat     count of types VarUInt, their names, the prefix of each
//! data
//!   V1, V2   as that Variant; a value of `SharedVariant` is a String: the type in binary form and the value in RowBinary
//!   flat     a number a row (u8, u16, u32; NULL is the number behind the last), then the values of each type
//! ```
//!
//! Source: ClickHouse, `src/DataTypes/Serializations/SerializationDynamic.cpp`.

use wire_core::{DecodeError, Reader};

use super::alternatives::ReadAlternatives;
use super::cell::Cell;
use super::data::ColumnData;
use super::kind::Kind;
use super::read::{Context, ReadColumn, Terms, reader};
use super::string::StringColumn;
use super::variant::VariantColumn;
use crate::codec::prim::{Step, limited, string, to_u64, varint, whole};
use crate::types::{self, DataType};

pub(super) const V1: u64 = 1;
pub(super) const V2: u64 = 2;
pub(super) const FLATTENED: u64 = 3;

/// Most types that are kept apart in V1 and V2: with the shared ones they are told apart by a byte, and 255 is NULL.
pub(super) const MAX_OWN_TYPES: usize = 254;
/// Most types of the flattened form, so that a number of a type takes 16 bits in memory. Servers have at most some
/// hundred.
const MAX_FLAT_TYPES: usize = 0xfff0;
/// Name of the values that have their type with them.
pub(super) const SHARED: &str = "SharedVariant";
/// What a type and its reader take of memory beside its name, roughly.
const BYTES_OF_A_READER: u64 = 512;

/// The type of a cell whose value has its type with it.
pub(super) static SHARED_TYPE: DataType = DataType::Dynamic { max_types: None };

/// Values of any type: those of a [`VariantColumn`] whose types came with the data, and values that have their type
/// with them.
///
/// The type `Dynamic(max_types=n)` says how many types the server keeps apart; values of further types are the latter. In the
/// form that the setting `output_format_native_use_flattened_dynamic_and_json_serialization` asks for (servers from 25.6
/// on) there are none of these.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicColumn {
    /// With one column more than types: a String column of the shared values.
    pub(super) values: VariantColumn,
}

impl DynamicColumn {
    /// The values of `column`, which names their types.
    pub fn new(mut column: VariantColumn) -> Self {
        let shared = ColumnData::String(StringColumn::default());
        column.columns.push(shared);
        Self { values: column }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The types that values are kept apart by, as they came. [`Self::shared`] may hold values of others.
    pub fn types(&self) -> &[DataType] {
        &self.values.types
    }

    /// The index in [`Self::types`] of the type of `row`; `None` if it is NULL, has its type with it, or if there is
    /// no such row.
    pub fn alternative(&self, row: usize) -> Option<usize> {
        let index = self.values.alternative(row)?;
        (index < self.values.types.len()).then_some(index)
    }

    /// The values of type `index`, those of all rows of that type in their order.
    pub fn values(&self, index: usize) -> Option<&ColumnData> {
        self.values.values(index)
    }

    /// The values that have their type with them, in the order of their rows: the type in binary form and then the
    /// value in `RowBinary`.
    pub fn shared(&self) -> &StringColumn {
        static NONE: StringColumn = StringColumn::EMPTY;
        match self.values.columns.last() {
            Some(ColumnData::String(shared)) if self.values.columns.len() > self.types().len() => {
                shared
            }
            _ => &NONE,
        }
    }

    /// The values of `rows`, all of which exist.
    pub(super) fn gather(&self, rows: &[usize], cx: &mut Context<'_>) -> Result<Self, DecodeError> {
        let values = self.values.gather(rows, cx)?;
        Ok(Self { values })
    }

    /// The value of `row`; `None` if it is NULL or there is no such row. Its type is `Dynamic` if the value has its
    /// type with it, and its own otherwise.
    pub fn cell(&self, row: usize) -> Option<Cell<'_>> {
        let (column, slot) = self.values.place(row)?;
        let ty = self.values.types.get(column).unwrap_or(&SHARED_TYPE);
        Some(Cell::new(ty, self.values.columns.get(column)?, slot))
    }
}

/// Reads a Dynamic.
#[derive(Debug)]
pub(super) struct ReadDynamic {
    terms: Terms,
    rows: usize,
    stage: Stage,
    version: u64,
    missing: usize,
    names: Vec<String>,
    types: Vec<DataType>,
    values: ReadAlternatives,
    started: bool,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Version,
    MaxTypes,
    Count,
    Names,
    Mode,
    Prefixes,
    Data,
}

impl ReadDynamic {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            terms,
            rows: 0,
            stage: Stage::Version,
            version: 0,
            missing: 0,
            names: Vec::new(),
            types: Vec::new(),
            values: ReadAlternatives::new(Vec::new(), None),
            started: false,
        }
    }

    /// The column, as itself.
    pub(super) fn take(&mut self) -> DynamicColumn {
        let types = std::mem::take(&mut self.types);
        let shared = self.version == V1 || self.version == V2;
        let column = self.values.finish(types);
        if shared {
            DynamicColumn { values: column }
        } else {
            DynamicColumn::new(column)
        }
    }

    fn read_version(&mut self, r: &mut Reader<'_>) -> Result<Option<Stage>, DecodeError> {
        let Some(version) = whole(r, |r| r.u64_le("dynamic.version"))? else {
            return Ok(None);
        };
        self.version = version;
        match version {
            V1 => Ok(Some(Stage::MaxTypes)),
            V2 | FLATTENED => Ok(Some(Stage::Count)),
            other => {
                let what = format!(
                    "version {other} of Dynamic; {V1}, {V2} and {FLATTENED} are known on the wire"
                );
                Err(DecodeError::unsupported(
                    "dynamic.version",
                    r.offset(),
                    what,
                ))
            }
        }
    }

    fn read_count(&mut self, r: &mut Reader<'_>) -> Result<Option<Stage>, DecodeError> {
        let Some(count) = varint(r, "dynamic.types")? else {
            return Ok(None);
        };
        let max = match self.version {
            FLATTENED => MAX_FLAT_TYPES,
            _ => MAX_OWN_TYPES,
        };
        self.missing = limited(r, "dynamic.types", count, "types of a Dynamic", to_u64(max))?;
        Ok(Some(Stage::Names))
    }

    fn read_names(
        &mut self,
        r: &mut Reader<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Stage>, DecodeError> {
        while self.missing > 0 {
            let limit = self.terms.max_type_bytes;
            let Some(name) = whole(r, |r| string(r, "dynamic.type", limit))? else {
                return Ok(None);
            };
            cx.spend(
                "dynamic.type",
                to_u64(name.len()).saturating_add(BYTES_OF_A_READER),
            )?;
            let invalid = |what| DecodeError::invalid("dynamic.type", r.offset(), what);
            let name = std::str::from_utf8(name).map_err(|_| invalid("is not UTF-8".to_owned()))?;
            let ty = types::parse(name, self.terms.depth)
                .map_err(|e| invalid(format!("{}: {e}", types::shorten(name))))?;
            self.names.push(name.to_owned());
            self.types.push(ty);
            self.missing = self.missing.saturating_sub(1);
        }
        self.build()?;
        Ok(Some(match self.version {
            FLATTENED => Stage::Prefixes,
            _ => Stage::Mode,
        }))
    }

    /// Makes the readers of the types.
    fn build(&mut self) -> Result<(), DecodeError> {
        let mut readers = Vec::new();
        if self.version == FLATTENED {
            for ty in &self.types {
                readers.push(reader(ty, &Kind::Default, self.terms)?);
            }
            self.values = ReadAlternatives::flattened(readers);
            return Ok(());
        }
        let mut places = Vec::new();
        for place in order(&self.names) {
            let ty = self.types.get(place).unwrap_or(&DataType::String);
            readers.push(reader(ty, &Kind::Default, self.terms)?);
            places.push(u16::try_from(place).unwrap_or(u16::MAX));
        }
        self.values = ReadAlternatives::new(readers, Some(places));
        Ok(())
    }
}

/// The order of V1 and V2: all types and the shared values, sorted by name. The index behind the last type is that of
/// the shared values.
pub(super) fn order(names: &[String]) -> Vec<usize> {
    let mut all: Vec<(&str, usize)> = names.iter().map(String::as_str).zip(0..).collect();
    all.push((SHARED, names.len()));
    all.sort();
    all.into_iter().map(|(_, index)| index).collect()
}

impl ReadColumn for ReadDynamic {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        loop {
            let next = match self.stage {
                Stage::Version => self.read_version(r)?,
                Stage::MaxTypes => varint(r, "dynamic.max_types")?.map(|_| Stage::Count),
                Stage::Count => self.read_count(r)?,
                Stage::Names => self.read_names(r, cx)?,
                Stage::Mode => match self.values.mode(r)? {
                    Step::More => None,
                    Step::Done => Some(Stage::Prefixes),
                },
                Stage::Prefixes => match self.values.prefix(r, cx)? {
                    Step::More => None,
                    Step::Done => Some(Stage::Data),
                },
                Stage::Data => return Ok(Step::Done),
            };
            match next {
                None => return Ok(Step::More),
                Some(stage) => self.stage = stage,
            }
        }
    }

    fn start(&mut self, rows: usize, _: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if !self.started {
            self.values.start(self.rows, cx)?;
            self.started = true;
        }
        self.values.data(r, cx)
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::Dynamic(Box::new(self.take()))
    }
}
