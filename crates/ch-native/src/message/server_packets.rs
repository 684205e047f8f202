//! What servers send, decoded as it arrives.

use std::sync::Arc;

use wire_core::{DecodeError, Reader, RecvBuf};

use super::body::{BlockBody, Decoder, known, next_packet, partly};
use super::error::ExceptionReader;
use super::internal::read_uuids;
use super::server::{ServerPacket, code, described};
use super::tables::{TableStatus, read_statuses};
use super::{ProfileInfo, Progress, ServerHello, TableColumns};
use crate::codec::chunk::Unchunk;
use crate::codec::prim::{ListReader, string, text, varint, whole};
use crate::codec::{Feature, Revision};
use crate::error::Error;
use crate::limits::Limits;

/// Decodes what a server sends, packet by packet, as bytes arrive.
#[derive(Debug)]
pub struct ServerPackets {
    input: RecvBuf,
    decoder: ServerDecoder,
}

impl ServerPackets {
    /// A decoder for a client that announced `revision`. The server's hello lowers it to what both speak.
    pub fn new(revision: Revision, limits: Limits) -> Self {
        Self {
            input: RecvBuf::new(),
            decoder: ServerDecoder::new(revision, Arc::new(limits)),
        }
    }

    /// Says whether blocks are compressed from here on: what the last query asked for.
    pub fn set_compressed(&mut self, compressed: bool) {
        self.decoder.set_compressed(compressed);
    }

    /// Says whether packets are chunked from here on: what the client's addendum said of what it receives.
    pub fn set_chunked(&mut self, chunked: bool) {
        self.decoder.set_chunked(chunked);
    }

    /// Adds bytes that arrived.
    pub fn push(&mut self, mut bytes: &[u8]) {
        // Where all that came before is used up, those of a long column go to where they stay.
        while self.input.is_empty()
            && !bytes.is_empty()
            && let Some(room) = self.decoder.direct()
        {
            let n = room.len().min(bytes.len());
            let (Some(room), Some((now, later))) = (room.get_mut(..n), bytes.split_at_checked(n))
            else {
                break;
            };
            room.copy_from_slice(now);
            self.decoder.direct_done(n);
            bytes = later;
        }
        self.input.extend_from_slice(bytes);
    }

    /// Bytes that arrived and are not decoded yet: at most one small field, unless packets wait to be taken.
    pub fn undecoded(&self) -> usize {
        let chunks = self.decoder.chunks.as_ref();
        let open = chunks.map_or(0, |chunks| chunks.data.len());
        self.input.len().saturating_add(open)
    }

    /// Memory of a column that the next bytes belong in, if nothing is [undecoded](Self::undecoded) and they are many: what
    /// is read into it need not be [pushed](Self::push), and is not copied. Ask for it when [`Self::next_packet`] wants
    /// more, and tell [`Self::direct_done`] how much was read.
    pub fn direct(&mut self) -> Option<&mut [u8]> {
        if self.input.is_empty() {
            self.decoder.direct()
        } else {
            None
        }
    }

    /// Says that the first `n` bytes of what [`Self::direct`] gave were filled.
    pub fn direct_done(&mut self, n: usize) {
        self.decoder.direct_done(n);
    }

    /// The next packet; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode), [`Limit`](crate::ErrorKind::Limit) or
    /// [`Unsupported`](crate::ErrorKind::Unsupported). The bytes behind it cannot be decoded any more.
    pub fn next_packet(&mut self) -> Result<Option<ServerPacket>, Error> {
        self.decoder
            .poll(&mut self.input)
            .map_err(|e| Error::decode(e, "the server sent something that cannot be decoded"))
    }
}

/// The decoder behind [`ServerPackets`], over a buffer of the caller's.
#[derive(Debug)]
pub(crate) struct ServerDecoder {
    chunks: Option<Unchunk>,
    packets: PacketDecoder,
}

impl ServerDecoder {
    pub(crate) fn new(revision: Revision, limits: Arc<Limits>) -> Self {
        Self {
            chunks: None,
            packets: PacketDecoder {
                revision,
                compressed: false,
                blocks: BlockBody::new(revision, Arc::clone(&limits)),
                exception: ExceptionReader::default(),
                tables: ListReader::default(),
                limits,
                state: State::Code,
            },
        }
    }

    pub(crate) fn set_compressed(&mut self, compressed: bool) {
        self.packets.compressed = compressed;
    }

    pub(crate) fn set_chunked(&mut self, chunked: bool) {
        self.chunks = chunked.then(Unchunk::default);
    }

    /// Memory that the next bytes belong in, if they are many of one column. Only when [`Self::poll`] wants more. None
    /// where packets are chunked: sizes of chunks stand between the bytes of a column.
    pub(crate) fn direct(&mut self) -> Option<&mut [u8]> {
        let packets = &mut self.packets;
        match packets.state {
            State::Block(code)
                if self.chunks.is_none() && !(packets.compressed && packets.is_framed(code)) =>
            {
                packets.blocks.direct()
            }
            _ => None,
        }
    }

    /// Says that `n` bytes were put into what [`Self::direct`] gave.
    pub(crate) fn direct_done(&mut self, n: usize) {
        self.packets.blocks.direct_done(n);
    }

    /// The next packet, if all of it has arrived.
    pub(crate) fn poll(
        &mut self,
        input: &mut RecvBuf,
    ) -> Result<Option<ServerPacket>, DecodeError> {
        let packet = next_packet(input, &mut self.chunks, &mut self.packets)?;
        if let Some(ServerPacket::EndOfStream | ServerPacket::Exception(_)) = packet {
            self.packets.blocks.end_result();
        }
        Ok(packet)
    }
}

/// What is known of the server, and how far its packet is read.
#[derive(Debug)]
struct PacketDecoder {
    revision: Revision,
    compressed: bool,
    limits: Arc<Limits>,
    blocks: BlockBody,
    exception: ExceptionReader,
    tables: ListReader<TableStatus>,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Code,
    /// The body of a packet of this code, the table name of a block included.
    Body(u8),
    /// The block of a packet of this code.
    Block(u8),
}

impl Decoder for PacketDecoder {
    type Packet = ServerPacket;

    fn is_between_packets(&self) -> bool {
        matches!(self.state, State::Code)
    }

    fn poll(&mut self, input: &mut RecvBuf) -> Result<Option<ServerPacket>, DecodeError> {
        loop {
            match self.state {
                State::Code => {
                    let Some(code) = partly(input, |r| varint(r, "packet"))? else {
                        return Ok(None);
                    };
                    self.state = State::Body(known(code, described, self.revision)?);
                }
                State::Body(code) if is_block(code) => {
                    let max = self.limits.max_name_bytes;
                    let read = |r: &mut Reader<'_>| string(r, "table", max).map(|_| ());
                    if partly(input, |r| whole(r, read))?.is_none() {
                        return Ok(None);
                    }
                    self.state = State::Block(code);
                }
                State::Body(code) => {
                    let packet = self.body(code, input).map_err(|e| within(e, code))?;
                    if packet.is_some() {
                        self.state = State::Code;
                    }
                    if let Some(ServerPacket::EndOfStream | ServerPacket::Exception(_)) = packet {
                        // Memory of the result's blocks is not kept.
                        self.blocks.end_result();
                    }
                    return Ok(packet);
                }
                State::Block(code) => {
                    let framed = self.compressed && self.is_framed(code);
                    let block = self.blocks.read(input, framed);
                    let Some(block) = block.map_err(|e| within(e, code))? else {
                        return Ok(None);
                    };
                    self.state = State::Code;
                    return Ok(Some(match code {
                        code::TOTALS => ServerPacket::Totals(block),
                        code::EXTREMES => ServerPacket::Extremes(block),
                        code::LOG => ServerPacket::Log(block),
                        code::PROFILE_EVENTS => ServerPacket::ProfileEvents(block),
                        code::PREVIEW => ServerPacket::Preview(block),
                        _ => ServerPacket::Data(block),
                    }));
                }
            }
        }
    }
}

impl PacketDecoder {
    /// Data follows the query's compression; logs and counters do so only since they may be compressed at all.
    fn is_framed(&self, code: u8) -> bool {
        match code {
            code::LOG | code::PROFILE_EVENTS | code::TABLE_COLUMNS => {
                self.revision.has(Feature::CompressedLogs)
            }
            _ => true,
        }
    }

    fn body(&mut self, code: u8, input: &mut RecvBuf) -> Result<Option<ServerPacket>, DecodeError> {
        let (revision, max) = (self.revision, self.limits.max_text_bytes);
        match code {
            code::EXCEPTION => {
                let (exception, limits) = (&mut self.exception, &self.limits);
                let read = partly(input, |r| exception.read(r, limits))?;
                return Ok(read.map(ServerPacket::Exception));
            }
            code::TABLES_STATUS => {
                let tables = &mut self.tables;
                let read = partly(input, |r| read_statuses(r, tables, revision, max))?;
                return Ok(read.map(ServerPacket::TablesStatus));
            }
            code::TABLE_COLUMNS if self.compressed && self.is_framed(code) => {
                let read = self
                    .blocks
                    .read_framed(input, |r| TableColumns::read(r, max))?;
                return Ok(read.map(ServerPacket::TableColumns));
            }
            _ => {}
        }
        let packet = partly(input, |r| whole(r, |r| small(code, r, revision, max)))?;
        if let Some(ServerPacket::Hello(hello)) = &packet {
            self.revision = revision.min(hello.revision);
            self.blocks = BlockBody::new(self.revision, Arc::clone(&self.limits));
        }
        Ok(packet)
    }
}

/// The body of a packet that is read in one go.
fn small(
    code: u8,
    r: &mut Reader<'_>,
    revision: Revision,
    max: u64,
) -> Result<ServerPacket, DecodeError> {
    Ok(match code {
        code::HELLO => ServerPacket::Hello(ServerHello::read(r, revision)?),
        code::PROGRESS => ServerPacket::Progress(Progress::read(r, revision)?),
        code::PONG => ServerPacket::Pong,
        code::END_OF_STREAM => ServerPacket::EndOfStream,
        code::PROFILE_INFO => ServerPacket::ProfileInfo(ProfileInfo::read(r, revision)?),
        code::TABLE_COLUMNS => ServerPacket::TableColumns(TableColumns::read(r, max)?),
        code::PART_UUIDS => ServerPacket::PartUuids(read_uuids(r)?),
        code::READ_TASK_REQUEST => ServerPacket::ReadTaskRequest,
        code::TIMEZONE_UPDATE => ServerPacket::TimezoneUpdate(text(r, "timezone", max)?),
        code::SSH_CHALLENGE => ServerPacket::SshChallenge(string(r, "challenge", max)?.to_vec()),
        _ => {
            let what = "this packet, with which servers share out reading among each other";
            return Err(DecodeError::unsupported("packet", 0, what));
        }
    })
}

fn within(e: DecodeError, code: u8) -> DecodeError {
    e.within(described(code).map_or("packet", |(name, _)| name))
}

fn is_block(code: u8) -> bool {
    matches!(
        code,
        code::DATA
            | code::TOTALS
            | code::EXTREMES
            | code::LOG
            | code::PROFILE_EVENTS
            | code::PREVIEW
    )
}
