//! Blocks as they travel.
//!
//! ```text
//! info     (field id VarUInt, value)*, 0      1 overflows u8, 2 bucket i32, 3 VarUInt n and n buckets i32
//! columns  VarUInt
//! rows     VarUInt
//! column   name String, type String, [kind], prefix, data      prefix and data only if there are rows
//! ```

use std::sync::Arc;

use wire_core::{DecodeError, Reader};

use super::block::{Block, Column, Head};
use super::kind::{Kind, read_kind};
use super::read::{Context, ReadColumn, Terms, reader};
use super::spares::{Home, Spares};
use super::write::write;
use crate::codec::prim::{Step, limited, lossy, put_string, put_varint, string, to_u64, whole};
use crate::codec::{Feature, Revision};
use crate::limits::Limits;
use crate::types;

/// What goes before the columns. Only servers among themselves give it a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockInfo {
    pub(crate) overflows: bool,
    pub(crate) bucket: i32,
}

impl Default for BlockInfo {
    fn default() -> Self {
        Self {
            overflows: false,
            bucket: -1,
        }
    }
}

/// Most buckets in a block's info; ClickHouse has 256.
const MAX_BUCKETS: u64 = 4096;

impl BlockInfo {
    fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut info = Self::default();
        // Three fields and the end; a field may not come twice, so four rounds are enough.
        for _ in 0..4 {
            match r.leb128("info.field")? {
                0 => return Ok(info),
                1 => info.overflows = r.u8("info.overflows")? != 0,
                2 => info.bucket = r.i32_le("info.bucket")?,
                3 => {
                    let n = r.leb128("info.buckets")?;
                    let n = limited(r, "info.buckets", n, "buckets", MAX_BUCKETS)?;
                    r.skip("info.buckets", n.saturating_mul(4))?;
                }
                other => {
                    let what = format!("is {other}, which is not known");
                    return Err(r.invalid("info.field", 1, what));
                }
            }
        }
        Err(r.invalid("info.field", 1, "comes twice"))
    }

    fn write(&self, revision: Revision, out: &mut Vec<u8>) {
        out.extend_from_slice(&[1, u8::from(self.overflows), 2]);
        out.extend_from_slice(&self.bucket.to_le_bytes());
        if revision.has(Feature::OutOfOrderBuckets) {
            out.extend_from_slice(&[3, 0]);
        }
        out.push(0);
    }
}

/// Appends a block in the form of `revision`.
pub(crate) fn write_block(block: &Block, info: &BlockInfo, revision: Revision, out: &mut Vec<u8>) {
    info.write(revision, out);
    put_varint(out, to_u64(block.columns.len()));
    put_varint(out, to_u64(block.rows));
    for column in &block.columns {
        put_string(out, column.name().as_bytes());
        put_string(out, column.head.type_name.as_bytes());
        if revision.has(Feature::CustomSerialization) {
            out.push(0);
        }
        write(column.data_type(), &column.data, revision, out);
    }
}

/// Decodes blocks whose bytes arrive in pieces, one block after another.
#[derive(Debug)]
pub(crate) struct BlockReader {
    revision: Revision,
    limits: Arc<Limits>,
    /// Columns of the last block: the next one of a result has the same.
    known: Vec<Arc<Head>>,
    open: Option<Open>,
    spares: Arc<Spares>,
}

/// A block that is being read.
#[derive(Debug)]
struct Open {
    columns: usize,
    rows: usize,
    bytes_left: u64,
    done: Vec<Column>,
    /// Columns of an earlier block, whose memory is used again. In the order of the columns to come, from the end.
    spare: Vec<Column>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Head,
    Kind(Arc<Head>),
    Values {
        head: Arc<Head>,
        reader: Box<dyn ReadColumn>,
        has_prefix: bool,
    },
}

impl BlockReader {
    pub(crate) fn new(revision: Revision, limits: Arc<Limits>) -> Self {
        Self {
            revision,
            limits,
            known: Vec::new(),
            open: None,
            spares: Arc::default(),
        }
    }

    /// Says that a result has ended: memory is not kept for the next one.
    pub(crate) fn end_result(&mut self) {
        self.spares = Arc::default();
    }

    /// Memory that the next bytes belong in; see [`ReadColumn::direct`].
    pub(crate) fn direct(&mut self) -> Option<&mut [u8]> {
        match &mut self.open.as_mut()?.stage {
            Stage::Values {
                reader,
                has_prefix: true,
                ..
            } => reader.direct(),
            _ => None,
        }
    }

    /// Says that `n` bytes were read into what [`Self::direct`] gave.
    pub(crate) fn direct_done(&mut self, n: usize) {
        if let Some(Open {
            stage: Stage::Values { reader, .. },
            ..
        }) = &mut self.open
        {
            reader.direct_done(n);
        }
    }

    /// Reads on; the block, once all of it has been read.
    pub(crate) fn read(&mut self, r: &mut Reader<'_>) -> Result<Option<Block>, DecodeError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => match self.start(r)? {
                Some(mut open) => {
                    if open.rows > 0 {
                        open.spare = self.spares.take().unwrap_or_default();
                        open.spare.reverse();
                    }
                    open
                }
                None => return Ok(None),
            },
        };
        while open.done.len() < open.columns {
            let step = self.advance(&mut open, r).map_err(|e| match &open.stage {
                Stage::Head => e.within("block"),
                Stage::Kind(head) | Stage::Values { head, .. } => e
                    .within(format!("column {} {}", head.name, head.type_name))
                    .within("block"),
            })?;
            if step == Step::More {
                self.open = Some(open);
                return Ok(None);
            }
        }
        self.known.clear();
        self.known
            .extend(open.done.iter().map(|c| Arc::clone(&c.head)));
        Ok(Some(Block {
            rows: open.rows,
            columns: open.done,
            home: Home::of(&self.spares),
        }))
    }

    fn terms(&self) -> Terms {
        Terms {
            with_offsets: self.revision.has(Feature::StringsWithOffsets),
            depth: self.limits.max_type_depth,
            max_type_bytes: self.limits.max_type_bytes,
            max_name_bytes: self.limits.max_name_bytes,
        }
    }

    fn start(&self, r: &mut Reader<'_>) -> Result<Option<Open>, DecodeError> {
        let limits = &self.limits;
        whole(r, |r| {
            BlockInfo::read(r)?;
            let columns = r.leb128("columns")?;
            let columns = limited(r, "columns", columns, "max_columns", limits.max_columns)?;
            let rows = r.leb128("rows")?;
            let rows = limited(
                r,
                "rows",
                rows,
                "max_rows_per_block",
                limits.max_rows_per_block,
            )?;
            Ok(Open {
                columns,
                rows,
                bytes_left: limits.max_block_bytes,
                done: Vec::new(),
                spare: Vec::new(),
                stage: Stage::Head,
            })
        })
        .map_err(|e| e.within("block"))
    }

    /// One stage further.
    fn advance(&self, open: &mut Open, r: &mut Reader<'_>) -> Result<Step, DecodeError> {
        let mut cx = Context {
            left: &mut open.bytes_left,
            limit: self.limits.max_block_bytes,
        };
        match &mut open.stage {
            Stage::Head => match self.head(open.done.len(), r)? {
                None => return Ok(Step::More),
                Some(head) => open.stage = Stage::Kind(head),
            },
            Stage::Kind(head) => {
                let kind = if self.revision.has(Feature::CustomSerialization) {
                    let ty = &head.ty;
                    whole(r, |r| match r.u8("has_kind")? {
                        0 => Ok(Kind::Default),
                        _ => read_kind(r, ty),
                    })?
                } else {
                    Some(Kind::Default)
                };
                let Some(kind) = kind else {
                    return Ok(Step::More);
                };
                let head = Arc::clone(head);
                let mut values = reader(&head.ty, &kind, self.terms())?;
                if open.rows == 0 {
                    let data = values.finish();
                    open.done.push(Column { head, data });
                    open.stage = Stage::Head;
                } else {
                    let same = |c: &Column| Arc::ptr_eq(&c.head, &head);
                    if let Some(spare) = open.spare.pop().filter(same) {
                        values.reuse(spare.data);
                    }
                    values.start(open.rows, &mut cx)?;
                    open.stage = Stage::Values {
                        head,
                        reader: values,
                        has_prefix: false,
                    };
                }
            }
            Stage::Values {
                head,
                reader,
                has_prefix,
            } => {
                *has_prefix = *has_prefix || reader.prefix(r, &mut cx)? == Step::Done;
                if !*has_prefix || reader.data(r, &mut cx)? == Step::More {
                    return Ok(Step::More);
                }
                let (head, data) = (Arc::clone(head), reader.finish());
                open.done.push(Column { head, data });
                open.stage = Stage::Head;
            }
        }
        Ok(Step::Done)
    }

    /// Name and type of column `index`; those of the block before if they are the same.
    fn head(&self, index: usize, r: &mut Reader<'_>) -> Result<Option<Arc<Head>>, DecodeError> {
        let limits = &self.limits;
        let names = whole(r, |r| {
            let name = string(r, "name", limits.max_name_bytes)?;
            Ok((name, string(r, "type", limits.max_type_bytes)?))
        })?;
        let Some((name, type_name)) = names else {
            return Ok(None);
        };
        let same = |head: &&Arc<Head>| {
            head.name.as_bytes() == name && head.type_name.as_bytes() == type_name
        };
        if let Some(head) = self.known.get(index).filter(same) {
            return Ok(Some(Arc::clone(head)));
        }
        let invalid = |what: String| DecodeError::invalid("type", r.offset(), what);
        let text = std::str::from_utf8(type_name)
            .map_err(|_| invalid(format!("of column {} is not UTF-8", lossy(name))))?;
        let ty = types::parse(text, limits.max_type_depth)
            .map_err(|e| invalid(format!("of column {}: {e}", lossy(name))))?;
        Ok(Some(Arc::new(Head {
            name: lossy(name),
            type_name: text.to_owned(),
            ty,
        })))
    }
}
