//! Decoding a JSON column whose bytes arrive in pieces; the layout is at [`json`](super::json).

use wire_core::{DecodeError, Reader};

use super::data::ColumnData;
use super::dynamic::ReadDynamic;
use super::fixed::{ends_total, fill, first_reserve};
use super::json::{JsonColumn, JsonForm, JsonPath, SharedPaths};
use super::read::{Context, ReadColumn, Terms};
use super::read_string::ClassicStrings;
use super::string::StringColumn;
use crate::codec::prim::{Step, string, to_u64, varint, whole};
use crate::types::DataType;

pub(super) const V1: u64 = 0;
pub(super) const TEXT: u64 = 1;
pub(super) const V2: u64 = 2;
pub(super) const FLATTENED: u64 = 3;

/// What a path and its reader take of memory beside its name, roughly.
const BYTES_OF_A_READER: u64 = 512;

#[derive(Debug)]
struct Path {
    path: String,
    ty: DataType,
    reader: Box<dyn ReadColumn>,
}

impl Path {
    #[cold]
    fn error(&self, e: DecodeError) -> DecodeError {
        e.within(format!("path {}", self.path))
    }
}

/// Reads a JSON.
#[derive(Debug)]
pub(super) struct ReadJson {
    terms: Terms,
    rows: usize,
    stage: Stage,
    version: u64,
    /// Paths whose names have not come.
    missing: u64,
    typed: usize,
    /// First those with a type, then the dynamic ones.
    paths: Vec<Path>,
    prefixes: usize,
    datas: usize,
    started: bool,
    text: ClassicStrings,
    shared: ReadShared,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Version,
    MaxPaths,
    Count,
    Names,
    Prefixes,
    Data,
}

impl ReadJson {
    /// `typed` are the paths with a type, sorted, with the reader of each.
    pub(super) fn boxed(
        typed: Vec<(String, DataType, Box<dyn ReadColumn>)>,
        terms: Terms,
    ) -> Box<dyn ReadColumn> {
        let paths = typed.into_iter();
        let paths: Vec<_> = paths
            .map(|(path, ty, reader)| Path { path, ty, reader })
            .collect();
        Box::new(Self {
            terms,
            rows: 0,
            stage: Stage::Version,
            version: V2,
            missing: 0,
            typed: paths.len(),
            paths,
            prefixes: 0,
            datas: 0,
            started: false,
            text: ClassicStrings::default(),
            shared: ReadShared::default(),
        })
    }

    fn read_version(&mut self, r: &mut Reader<'_>) -> Result<Option<Stage>, DecodeError> {
        let Some(version) = whole(r, |r| r.u64_le("json.version"))? else {
            return Ok(None);
        };
        self.version = version;
        match version {
            V1 => Ok(Some(Stage::MaxPaths)),
            TEXT => Ok(Some(Stage::Data)),
            V2 | FLATTENED => Ok(Some(Stage::Count)),
            other => {
                let what =
                    format!("version {other} of JSON; {V1} to {FLATTENED} are known on the wire");
                Err(DecodeError::unsupported("json.version", r.offset(), what))
            }
        }
    }

    fn read_names(
        &mut self,
        r: &mut Reader<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Stage>, DecodeError> {
        while self.missing > 0 {
            let limit = self.terms.max_name_bytes;
            let Some(path) = whole(r, |r| string(r, "json.path", limit))? else {
                return Ok(None);
            };
            cx.spend(
                "json.path",
                to_u64(path.len()).saturating_add(BYTES_OF_A_READER),
            )?;
            let path = std::str::from_utf8(path)
                .map_err(|_| DecodeError::invalid("json.path", r.offset(), "is not UTF-8"))?;
            self.paths.push(Path {
                path: path.to_owned(),
                ty: DataType::Dynamic { max_types: None },
                reader: Box::new(ReadDynamic::new(self.terms.deeper())),
            });
            self.missing = self.missing.saturating_sub(1);
        }
        Ok(Some(Stage::Prefixes))
    }

    fn read_prefixes(
        &mut self,
        r: &mut Reader<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Stage>, DecodeError> {
        while let Some(path) = self.paths.get_mut(self.prefixes) {
            match path.reader.prefix(r, cx) {
                Ok(Step::Done) => {}
                Ok(Step::More) => return Ok(None),
                Err(e) => return Err(path.error(e)),
            }
            self.prefixes = self.prefixes.saturating_add(1);
        }
        Ok(Some(Stage::Data))
    }

    fn start_data(&mut self, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        let rows = self.rows;
        match self.version {
            TEXT => self.text.start(rows, cx),
            _ => {
                for path in &mut self.paths {
                    path.reader.start(rows, cx)?;
                }
                self.shared.start(rows, cx)?;
                if self.version == FLATTENED {
                    // Nothing is left over in this form.
                    self.shared.rows = 0;
                }
                Ok(())
            }
        }
    }
}

impl ReadColumn for ReadJson {
    fn prefix(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        loop {
            let next = match self.stage {
                Stage::Version => self.read_version(r)?,
                Stage::MaxPaths => varint(r, "json.max_paths")?.map(|_| Stage::Count),
                Stage::Count => varint(r, "json.paths")?.map(|count| {
                    self.missing = count;
                    Stage::Names
                }),
                Stage::Names => self.read_names(r, cx)?,
                Stage::Prefixes => self.read_prefixes(r, cx)?,
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
            self.start_data(cx)?;
            self.started = true;
        }
        if self.version == TEXT {
            return self.text.data(r, cx);
        }
        while let Some(path) = self.paths.get_mut(self.datas) {
            match path.reader.data(r, cx) {
                Ok(Step::Done) => {}
                Ok(Step::More) => return Ok(Step::More),
                Err(e) => return Err(path.error(e)),
            }
            self.datas = self.datas.saturating_add(1);
        }
        self.shared.data(r, cx)
    }

    fn finish(&mut self) -> ColumnData {
        if self.version == TEXT {
            return self.finish_text();
        }
        let mut datas = Vec::with_capacity(self.paths.len());
        for path in &mut self.paths {
            datas.push(path.reader.finish());
        }
        self.finish_paths(datas)
    }
}

impl ReadJson {
    fn finish_text(&mut self) -> ColumnData {
        let texts = match self.text.finish() {
            ColumnData::String(texts) => texts,
            _ => StringColumn::default(),
        };
        ColumnData::Json(Box::new(JsonColumn::from_text(texts)))
    }

    fn finish_paths(&mut self, datas: Vec<ColumnData>) -> ColumnData {
        let paths = std::mem::take(&mut self.paths).into_iter().zip(datas);
        let path = |(path, data): (Path, _)| JsonPath {
            path: path.path,
            ty: path.ty,
            data,
        };
        let mut typed: Vec<JsonPath> = paths.map(path).collect();
        let mut dynamic = typed.split_off(self.typed.min(typed.len()));
        dynamic.sort_by(|a, b| a.path.cmp(&b.path));
        let form = JsonForm::Paths {
            rows: self.rows,
            typed,
            dynamic,
            shared: self.shared.take(self.rows),
        };
        ColumnData::Json(Box::new(JsonColumn { form }))
    }
}

/// Reads what is left over.
#[derive(Debug, Default)]
struct ReadShared {
    rows: usize,
    ends: Vec<u64>,
    paths: ClassicStrings,
    values: ClassicStrings,
    stage: SharedStage,
}

#[derive(Debug, Default, Clone, Copy)]
enum SharedStage {
    #[default]
    Ends,
    Paths,
    Values,
}

impl ReadShared {
    fn start(&mut self, rows: usize, cx: &mut Context<'_>) -> Result<(), DecodeError> {
        self.rows = rows;
        cx.spend("json.shared", to_u64(rows).saturating_mul(8))?;
        self.ends.reserve(first_reserve(rows, 8));
        Ok(())
    }

    fn data(&mut self, r: &mut Reader<'_>, cx: &mut Context<'_>) -> Result<Step, DecodeError> {
        loop {
            match self.stage {
                SharedStage::Ends => {
                    if fill(r, &mut self.ends, self.rows)? == Step::More {
                        return Ok(Step::More);
                    }
                    let total = ends_total(&self.ends, "json.shared.ends", r.offset())?;
                    let Ok(total) = usize::try_from(total) else {
                        let what = "do not fit into this machine's memory";
                        return Err(r.invalid("json.shared.ends", 8, what));
                    };
                    self.paths.start(total, cx)?;
                    self.values.start(total, cx)?;
                    self.stage = SharedStage::Paths;
                }
                SharedStage::Paths => {
                    if self.paths.data(r, cx)? == Step::More {
                        return Ok(Step::More);
                    }
                    self.stage = SharedStage::Values;
                }
                SharedStage::Values => return self.values.data(r, cx),
            }
        }
    }

    /// What was read, for that many rows.
    fn take(&mut self, rows: usize) -> SharedPaths {
        let strings = |column| match column {
            ColumnData::String(strings) => strings,
            _ => StringColumn::default(),
        };
        let mut ends = std::mem::take(&mut self.ends);
        ends.resize(rows, ends.last().copied().unwrap_or(0));
        SharedPaths {
            ends,
            paths: strings(self.paths.finish()),
            values: strings(self.values.finish()),
        }
    }
}
