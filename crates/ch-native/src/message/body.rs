//! The bodies of packets that carry blocks, and the pieces that both directions share.

use std::sync::Arc;

use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::Form;
use crate::codec::Revision;
use crate::codec::compress::{FrameReader, write_frames};
use crate::codec::prim::whole;
use crate::column::{Block, BlockInfo, BlockReader, write_block};
use crate::limits::Limits;

/// Decodes the blocks of a connection, framed or plain, as their bytes arrive.
#[derive(Debug)]
pub(super) struct BlockBody {
    blocks: BlockReader,
    frames: FrameReader,
    limits: Arc<Limits>,
}

impl BlockBody {
    pub(super) fn new(revision: Revision, limits: Arc<Limits>) -> Self {
        Self {
            blocks: BlockReader::new(revision, Arc::clone(&limits)),
            frames: FrameReader::default(),
            limits,
        }
    }

    /// Reads on; the block, once it is complete.
    pub(super) fn read(
        &mut self,
        input: &mut RecvBuf,
        framed: bool,
    ) -> Result<Option<Block>, DecodeError> {
        if !framed {
            return partly(input, |r| self.blocks.read(r));
        }
        loop {
            let mut r = Reader::new(self.frames.filled());
            let block = self.blocks.read(&mut r)?;
            let used = r.offset();
            self.frames.advance(used);
            if let Some(block) = block {
                self.end_frames()?;
                return Ok(Some(block));
            }
            if !self.frames.fill(input, &self.limits)? {
                return Ok(None);
            }
        }
    }

    /// Says that a result has ended.
    pub(super) fn end_result(&mut self) {
        self.blocks.end_result();
    }

    /// Memory that the next bytes of a block that is not in frames belong in.
    pub(super) fn direct(&mut self) -> Option<&mut [u8]> {
        self.blocks.direct()
    }

    /// Says that `n` bytes were read into what [`Self::direct`] gave.
    pub(super) fn direct_done(&mut self, n: usize) {
        self.blocks.direct_done(n);
    }

    /// Reads something small that is inside frames of its own.
    pub(super) fn read_framed<T>(
        &mut self,
        input: &mut RecvBuf,
        read: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        loop {
            let mut r = Reader::new(self.frames.filled());
            if let Some(value) = whole(&mut r, &read)? {
                let used = r.offset();
                self.frames.advance(used);
                self.end_frames()?;
                return Ok(Some(value));
            }
            if !self.frames.fill(input, &self.limits)? {
                return Ok(None);
            }
        }
    }

    /// A block ends where a frame ends. The memory of frames is given back.
    fn end_frames(&mut self) -> Result<(), DecodeError> {
        let left = self.frames.filled().len();
        self.frames = FrameReader::default();
        if left == 0 {
            return Ok(());
        }
        let what = format!("goes on for {left} bytes after the end of its block");
        Err(DecodeError::invalid("frame", 0, what))
    }
}

/// Lets `read` use what it can of the input.
pub(super) fn partly<T>(
    input: &mut RecvBuf,
    read: impl FnOnce(&mut Reader<'_>) -> Result<Option<T>, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    let mut r = Reader::new(input.filled());
    let result = read(&mut r);
    let used = r.offset();
    input.advance(used);
    result
}

/// Appends a block, in frames if the form says so.
pub(super) fn put_block(
    block: &Block,
    form: Form,
    framed: bool,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let info = BlockInfo::default();
    match form.compression.filter(|_| framed) {
        None => {
            write_block(block, &info, form.revision, out);
            Ok(())
        }
        Some(method) => {
            let mut plain = Vec::new();
            write_block(block, &info, form.revision, &mut plain);
            write_frames(method, &plain, out)
        }
    }
}
