//! What `Variant` and `Dynamic` have in common: the number of a type for each row, then the values of each type.

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::fixed::{arrived, first_reserve};
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use super::variant::{NULL, VariantColumn, slots};
use crate::codec::prim::{Step, to_u64, whole};
use crate::types::DataType;

/// NULL, where a number is one byte and the types are at most 255.
const NULL_BYTE: usize = 255;

/// Reads numbers of types and values.
#[derive(Debug)]
pub(super) struct ReadAlternatives {
    rows: usize,
    form: Tags,
    /// The number of NULL on the wire.
    null: usize,
    tags: Vec<u16>,
    /// Readers in the order of the numbers on the wire.
    readers: Vec<Box<dyn ReadColumn>>,
    /// For each of them the index of its column in the end; the same order if there is none.
    places: Option<Vec<u16>>,
    /// The reader whose prefix is next, and the one whose data is next.
    prefixes: usize,
    datas: usize,
    started: bool,
}

/// How the numbers travel.
#[derive(Debug, Clone, Copy)]
enum Tags {
    /// Each in so many bytes.
    Wide(u8),
    /// In runs; this is up to which row the current run goes.
    Runs(usize),
}

impl ReadAlternatives {
    pub(super) fn new(readers: Vec<Box<dyn ReadColumn>>, places: Option<Vec<u16>>) -> Self {
        Self {
            rows: 0,
            form: Tags::Wide(1),
            null: NULL_BYTE,
            tags: Vec::new(),
            readers,
            places,
            prefixes: 0,
            datas: 0,
            started: false,
        }
    }

    /// The form in which NULL has the number behind the last type, and numbers are as wide as that one needs.
    pub(super) fn flattened(readers: Vec<Box<dyn ReadColumn>>) -> Self {
        let null = readers.len();
        let width = match null {
            0..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 4,
        };
        Self {
            form: Tags::Wide(width),
            null,
            ..Self::new(readers, None)
        }
    }

    /// Reads the mode of a Variant.
    pub(super) fn mode(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        let Some(mode) = whole(r, |r| r.u64_le("variant.mode"))? else {
            return Ok(Step::More);
        };
        self.form = match mode {
            0 => Tags::Wide(1),
            1 => Tags::Runs(0),
            other => {
                let what = format!("is {other}; 0 (basic) and 1 (compact) are known");
                return Err(r.invalid("variant.mode", 8, what));
            }
        };
        Ok(Step::Done)
    }

    pub(super) fn prefix(
        &mut self,
        r: &mut Reader<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Step, DecodeError> {
        while let Some(reader) = self.readers.get_mut(self.prefixes) {
            if reader.prefix(r, cx)? == Step::More {
                return Ok(Step::More);
            }
            self.prefixes = self.prefixes.saturating_add(1);
        }
        Ok(Step::Done)
    }

    pub(super) fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        // A tag and a slot for each row, and slots are 32 bits wide.
        cx.spend("Variant", to_u64(rows).saturating_mul(6))?;
        if u32::try_from(rows).is_err() {
            let what = format!("{rows} in one column of several types; split the block");
            return Err(DecodeError::unsupported("rows", 0, what));
        }
        self.tags.reserve(first_reserve(rows, 2));
        Ok(())
    }

    pub(super) fn data(
        &mut self,
        r: &mut Reader<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Step, DecodeError> {
        if !self.started {
            if self.read_tags(r)? == Step::More {
                return Ok(Step::More);
            }
            self.start_values(cx)?;
            self.started = true;
        }
        while let Some(reader) = self.readers.get_mut(self.datas) {
            if reader.data(r, cx)? == Step::More {
                return Ok(Step::More);
            }
            self.datas = self.datas.saturating_add(1);
        }
        Ok(Step::Done)
    }

    fn read_tags(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        match self.form {
            Tags::Wide(1) => self.tags_of::<u8>(r, self.rows),
            Tags::Wide(2) => self.tags_of::<u16>(r, self.rows),
            Tags::Wide(_) => self.tags_of::<u32>(r, self.rows),
            Tags::Runs(end) => self.runs(r, end),
        }
    }

    /// Reads numbers until there are `end`.
    fn tags_of<T: Scalar + TryInto<usize>>(
        &mut self,
        r: &mut Reader<'_>,
        end: usize,
    ) -> Result<Step, DecodeError> {
        let (wide, step) = arrived::<T>(r, end.saturating_sub(self.tags.len()))?;
        for tag in wide {
            let tag = self.tag(r, tag.try_into().unwrap_or(usize::MAX))?;
            self.tags.push(tag);
        }
        Ok(step)
    }

    fn runs(&mut self, r: &mut Reader<'_>, mut end: usize) -> Result<Step, DecodeError> {
        loop {
            if self.tags_of::<u8>(r, end)? == Step::More {
                return Ok(Step::More);
            }
            let missing = self.rows.saturating_sub(self.tags.len());
            if missing == 0 {
                return Ok(Step::Done);
            }
            let run = whole(r, |r| {
                let rows = r.leb128("run.rows")?;
                let one = match r.u8("run.format")? {
                    0 => None,
                    1 => Some(r.u8("run.type")?),
                    other => {
                        let what = format!("is {other}; 0 (plain) and 1 (compact) are known");
                        return Err(r.invalid("run.format", 1, what));
                    }
                };
                Ok((rows, one))
            })?;
            let Some((rows, one)) = run else {
                return Ok(Step::More);
            };
            let Some(rows) = usize::try_from(rows)
                .ok()
                .filter(|n| (1..=missing).contains(n))
            else {
                let what = format!("are {rows}, but {missing} rows are missing");
                return Err(r.invalid("run.rows", 1, what));
            };
            end = self.tags.len().saturating_add(rows);
            if let Some(one) = one {
                let tag = self.tag(r, usize::from(one))?;
                self.tags.resize(end, tag);
            }
            self.form = Tags::Runs(end);
        }
    }

    /// The column of a number on the wire.
    fn tag(&self, r: &Reader<'_>, number: usize) -> Result<u16, DecodeError> {
        if number == self.null {
            return Ok(NULL);
        }
        let place = match &self.places {
            Some(places) => places.get(number).copied(),
            None if number < self.readers.len() => u16::try_from(number).ok(),
            None => None,
        };
        place.ok_or_else(|| {
            let what = format!("is {number}, but there are {} types", self.readers.len());
            r.invalid("type of a value", 1, what)
                .at(to_u64(self.tags.len()))
        })
    }

    fn start_values(&mut self, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        let (_, counts) = slots(&self.tags, self.readers.len());
        for (wire, reader) in self.readers.iter_mut().enumerate() {
            let place = match &self.places {
                Some(places) => places.get(wire).map_or(wire, |place| usize::from(*place)),
                None => wire,
            };
            reader.start(counts.get(place).copied().unwrap_or(0), cx)?;
        }
        Ok(())
    }

    /// The column. `types` has one type for each reader in the order of columns, or leaves out the last ones.
    pub(super) fn finish(&mut self, types: Vec<DataType>) -> VariantColumn {
        let tags = std::mem::take(&mut self.tags);
        let (slots, _) = slots(&tags, self.readers.len());
        // A loop instead of an adapter, whose closures take stack at each level.
        let mut columns = Vec::with_capacity(self.readers.len());
        for reader in &mut self.readers {
            columns.push(reader.finish());
        }
        let columns = match &self.places {
            None => columns,
            Some(places) => placed(places, columns),
        };
        VariantColumn {
            types,
            tags,
            slots,
            columns,
        }
    }
}

/// The columns in the order of their places.
fn placed(places: &[u16], columns: Vec<ColumnData>) -> Vec<ColumnData> {
    let mut placed: Vec<_> = places.iter().zip(columns).collect();
    placed.sort_by_key(|(place, _)| **place);
    placed.into_iter().map(|(_, column)| column).collect()
}
