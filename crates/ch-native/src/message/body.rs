//! The bodies of packets that carry blocks, and the pieces that both directions share.

use std::sync::Arc;

use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::Form;
use crate::codec::chunk::{Filled, Unchunk};
use crate::codec::compress::{FrameReader, write_frames};
use crate::codec::prim::whole;
use crate::codec::{Feature, Revision};
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

/// Cuts packets off a stream of bytes.
pub(super) trait Decoder {
    /// What it cuts off.
    type Packet;

    /// Whether the last packet was read to its end.
    fn is_between_packets(&self) -> bool;

    /// The next packet, if all of it has arrived.
    fn poll(&mut self, input: &mut RecvBuf) -> Result<Option<Self::Packet>, DecodeError>;
}

/// The next packet of `input`, out of its chunks if there are chunks.
pub(super) fn next_packet<D: Decoder>(
    input: &mut RecvBuf,
    chunks: &mut Option<Unchunk>,
    decoder: &mut D,
) -> Result<Option<D::Packet>, DecodeError> {
    let Some(chunks) = chunks else {
        return decoder.poll(input);
    };
    loop {
        if let Some(packet) = decoder.poll(&mut chunks.data)? {
            return Ok(Some(packet));
        }
        match chunks.fill(input)? {
            Filled::Data => {}
            Filled::Nothing => return Ok(None),
            Filled::End if decoder.is_between_packets() && chunks.data.is_empty() => {}
            Filled::End => {
                let what = "ends the chunks in the middle of a packet";
                return Err(DecodeError::invalid("chunk.size", 0, what));
            }
        }
    }
}

/// The code of a packet, if packets of that code exist at this revision.
pub(super) fn known(
    code: u64,
    described: impl Fn(u8) -> Option<(&'static str, Option<Feature>)>,
    revision: Revision,
) -> Result<u8, DecodeError> {
    let small = u8::try_from(code).ok();
    let what = match small.and_then(&described) {
        Some((name, Some(since))) if !revision.has(since) => {
            let since = since.since();
            format!("is {name}, which exists since revision {since}, but {revision} was agreed on")
        }
        Some(_) => return Ok(small.unwrap_or_default()),
        None => format!("has code {code}, which is not known at revision {revision}"),
    };
    Err(DecodeError::invalid("packet", 0, what))
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

/// Appends something small, in a frame if the form says so.
pub(super) fn put_small(
    form: Form,
    framed: bool,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<(), EncodeError> {
    match form.compression.filter(|_| framed) {
        None => {
            write(out);
            Ok(())
        }
        Some(method) => {
            let mut plain = Vec::new();
            write(&mut plain);
            write_frames(method, form.zstd_level, &plain, out)
        }
    }
}

/// Appends a block, in frames if the form says so.
pub(super) fn put_block(
    block: &Block,
    form: Form,
    framed: bool,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let info = BlockInfo::default();
    let block = block.known_to(form.revision)?;
    put_small(form, framed, out, |out| {
        write_block(&block, &info, form.revision, out);
    })
}
