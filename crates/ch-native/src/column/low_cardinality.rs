//! `LowCardinality`: a dictionary, and a key into it for each row.
//!
//! ```text
//! prefix  version u64 = 1
//! data    flags u64, dictionary size u64, dictionary, count of keys u64, keys      nothing at all for 0 rows
//! flags   bits 0-7 width of a key: 0 u8, 1 u16, 2 u32, 3 u64; 0x100 global dictionary; 0x200 has own keys
//! ```

use wire_core::{DecodeError, Reader};

use super::data::{ColumnData, LowCardinalityColumn};
use super::fixed::{arrived, first_reserve};
use super::read::{Context, ReadColumn};
use super::scalar::Scalar;
use crate::codec::prim::{Step, to_u64, whole};

/// The only version of the layout on the wire.
pub(super) const VERSION: u64 = 1;
/// What the server writes: own keys, and the dictionary is complete.
pub(super) const FLAGS: u64 = 0x600;
const GLOBAL_DICTIONARY: u64 = 0x100;
const OWN_KEYS: u64 = 0x200;

#[derive(Debug)]
pub(super) struct ReadLowCardinality {
    rows: usize,
    has_prefix: bool,
    stage: Stage,
    width: u8,
    dictionary: Box<dyn ReadColumn>,
    dictionary_len: usize,
    nullable: bool,
    keys: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    Dictionary,
    Count,
    Keys,
}

impl ReadLowCardinality {
    pub(super) fn boxed(dictionary: Box<dyn ReadColumn>, nullable: bool) -> Box<dyn ReadColumn> {
        Box::new(Self {
            rows: 0,
            has_prefix: false,
            stage: Stage::Head,
            width: 0,
            dictionary,
            dictionary_len: 0,
            nullable,
            keys: Vec::new(),
        })
    }

    fn head(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        let Some((flags, size)) = whole(r, |r| {
            Ok((r.u64_le("flags")?, r.u64_le("dictionary_size")?))
        })?
        else {
            return Ok(Step::More);
        };
        let [width, ..] = flags.to_le_bytes();
        if width > 3 || flags & GLOBAL_DICTIONARY != 0 || flags & OWN_KEYS == 0 {
            let what =
                format!("are 0x{flags:x}: no LowCardinality of the native protocol has these");
            return Err(r.invalid("flags", 16, what));
        }
        // Keys are kept as u32; larger dictionaries do not fit the budget of a block anyway.
        if size > u64::from(u32::MAX) || (size == 0 && self.rows > 0) {
            let what = format!("is {size} for {} rows", self.rows);
            return Err(r.invalid("dictionary_size", 8, what));
        }
        self.width = width;
        self.dictionary_len = cx.size("dictionary_size", size)?;
        self.dictionary.start(self.dictionary_len, cx)?;
        self.stage = Stage::Dictionary;
        Ok(Step::Done)
    }

    fn count(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        let Some(count) = whole(r, |r| r.u64_le("keys_count"))? else {
            return Ok(Step::More);
        };
        if count != to_u64(self.rows) {
            let what = format!("is {count}, but there are {} rows", self.rows);
            return Err(r.invalid("keys_count", 8, what));
        }
        self.stage = Stage::Keys;
        Ok(Step::Done)
    }

    fn keys(&mut self, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        match self.width {
            0 => self.keys_of::<u8>(r),
            1 => self.keys_of::<u16>(r),
            2 => self.keys_of::<u32>(r),
            _ => self.keys_of::<u64>(r),
        }
    }

    fn keys_of<T: Scalar + TryInto<u32>>(
        &mut self,
        r: &mut Reader<'_>,
    ) -> Result<Step, DecodeError> {
        let missing = self.rows.saturating_sub(self.keys.len());
        let (wide, step) = arrived::<T>(r, missing)?;
        for key in wide {
            let key = key
                .try_into()
                .ok()
                .filter(|key| usize::try_from(*key).is_ok_and(|key| key < self.dictionary_len));
            let Some(key) = key else {
                let what = format!("points behind the dictionary of {}", self.dictionary_len);
                let error = r.invalid("key", 0, what);
                return Err(error.at(to_u64(self.keys.len())).within("keys"));
            };
            self.keys.push(key);
        }
        Ok(step)
    }
}

impl ReadColumn for ReadLowCardinality {
    fn prefix(&mut self, r: &mut Reader<'_>, _: &mut Context<'_>) -> Result<Step, DecodeError> {
        if self.has_prefix {
            return Ok(Step::Done);
        }
        let Some(version) = whole(r, |r| r.u64_le("version"))? else {
            return Ok(Step::More);
        };
        if version != VERSION {
            let what = format!("is {version}; only {VERSION} is known");
            return Err(r.invalid("version", 8, what));
        }
        self.has_prefix = true;
        Ok(Step::Done)
    }

    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        cx.spend("LowCardinality", to_u64(rows).saturating_mul(4))?;
        self.keys.reserve(first_reserve(rows, 4));
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        if self.rows == 0 {
            return Ok(Step::Done);
        }
        loop {
            let step = match self.stage {
                Stage::Head => self.head(r, cx)?,
                Stage::Dictionary => {
                    let step = self.dictionary.data(r, cx)?;
                    if step == Step::Done {
                        self.stage = Stage::Count;
                    }
                    step
                }
                Stage::Count => self.count(r)?,
                Stage::Keys => return self.keys(r),
            };
            if step == Step::More {
                return Ok(Step::More);
            }
        }
    }

    fn finish(&mut self) -> ColumnData {
        ColumnData::LowCardinality(Box::new(LowCardinalityColumn {
            dictionary: self.dictionary.finish(),
            keys: std::mem::take(&mut self.keys),
            nullable: self.nullable,
        }))
    }
}
