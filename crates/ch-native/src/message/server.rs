//! Packets from the server.

use std::sync::Arc;

use wire_core::{DecodeError, EncodeError, Reader, RecvBuf};

use super::body::{BlockBody, partly, put_block};
use super::error::{self, ExceptionReader};
use super::{Form, ProfileInfo, Progress, ServerHello, TableColumns};
use crate::codec::prim::{put_string, put_varint, string, text, varint, whole};
use crate::codec::{Feature, Revision};
use crate::column::Block;
use crate::error::{Error, ServerError};
use crate::limits::Limits;

/// A packet from the server.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ServerPacket {
    /// Code 0: the client is welcome.
    Hello(ServerHello),
    /// Code 1: a part of the result; without rows it announces the columns, without columns it means nothing.
    Data(Block),
    /// Code 2: the query failed.
    Exception(ServerError),
    /// Code 3: how far it came.
    Progress(Progress),
    /// Code 4: the answer to Ping.
    Pong,
    /// Code 5: the query succeeded, and this is all.
    EndOfStream,
    /// Code 6: what the result was.
    ProfileInfo(ProfileInfo),
    /// Code 7: totals of a `WITH TOTALS` query.
    Totals(Block),
    /// Code 8: two rows, minimum and maximum of each column, if the setting `extremes` is on.
    Extremes(Block),
    /// Code 10: lines of the server's log, if the setting `send_logs_level` is on.
    Log(Block),
    /// Code 11: columns of the table that is inserted into.
    TableColumns(TableColumns),
    /// Code 14: counters of the query.
    ProfileEvents(Block),
    /// Code 17: the time zone of bare `DateTime` columns from here on.
    TimezoneUpdate(String),
}

impl ServerPacket {
    const HELLO: u8 = 0;
    const DATA: u8 = 1;
    const EXCEPTION: u8 = 2;
    const PROGRESS: u8 = 3;
    const PONG: u8 = 4;
    const END_OF_STREAM: u8 = 5;
    const PROFILE_INFO: u8 = 6;
    const TOTALS: u8 = 7;
    const EXTREMES: u8 = 8;
    const LOG: u8 = 10;
    const TABLE_COLUMNS: u8 = 11;
    const PROFILE_EVENTS: u8 = 14;
    const TIMEZONE_UPDATE: u8 = 17;

    /// Appends the packet, as a server sends it. In a hello, `form` has the client's revision.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if a block cannot be compressed.
    pub fn encode(&self, form: Form, out: &mut Vec<u8>) -> Result<(), Error> {
        self.write(form, out)
            .map_err(|e| Error::encode(e, "a packet cannot be written"))
    }

    fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let logs_framed = form.revision.has(Feature::CompressedLogs);
        let mut block = |code: u8, block: &Block, framed: bool| {
            out.push(code);
            put_string(out, b"");
            put_block(block, form, framed, out)
        };
        match self {
            Self::Data(data) => return block(Self::DATA, data, true),
            Self::Totals(data) => return block(Self::TOTALS, data, true),
            Self::Extremes(data) => return block(Self::EXTREMES, data, true),
            Self::Log(data) => return block(Self::LOG, data, logs_framed),
            Self::ProfileEvents(data) => return block(Self::PROFILE_EVENTS, data, logs_framed),
            Self::Hello(hello) => {
                out.push(Self::HELLO);
                hello.write(form.revision, out);
            }
            Self::Exception(exception) => {
                out.push(Self::EXCEPTION);
                error::write(exception, out);
            }
            Self::Progress(progress) => {
                out.push(Self::PROGRESS);
                progress.write(form.revision, out);
            }
            Self::Pong => out.push(Self::PONG),
            Self::EndOfStream => out.push(Self::END_OF_STREAM),
            Self::ProfileInfo(info) => {
                out.push(Self::PROFILE_INFO);
                info.write(form.revision, out);
            }
            Self::TableColumns(columns) => {
                out.push(Self::TABLE_COLUMNS);
                match form.compression.filter(|_| logs_framed) {
                    None => columns.write(out),
                    Some(method) => {
                        let mut plain = Vec::new();
                        columns.write(&mut plain);
                        crate::codec::compress::write_frames(method, &plain, out)?;
                    }
                }
            }
            Self::TimezoneUpdate(timezone) => {
                put_varint(out, u64::from(Self::TIMEZONE_UPDATE));
                put_string(out, timezone.as_bytes());
            }
        }
        Ok(())
    }
}

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
        self.decoder.compressed = compressed;
    }

    /// Adds bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// Bytes that arrived and are not decoded yet: at most one small field, unless packets wait to be taken.
    pub fn undecoded(&self) -> usize {
        self.input.len()
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
    revision: Revision,
    pub(crate) compressed: bool,
    limits: Arc<Limits>,
    blocks: BlockBody,
    exception: ExceptionReader,
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

impl ServerDecoder {
    pub(crate) fn new(revision: Revision, limits: Arc<Limits>) -> Self {
        Self {
            revision,
            compressed: false,
            blocks: BlockBody::new(revision, Arc::clone(&limits)),
            exception: ExceptionReader::default(),
            limits,
            state: State::Code,
        }
    }

    /// The next packet, if all of it has arrived.
    pub(crate) fn poll(
        &mut self,
        input: &mut RecvBuf,
    ) -> Result<Option<ServerPacket>, DecodeError> {
        loop {
            match self.state {
                State::Code => {
                    let Some(code) = partly(input, |r| varint(r, "packet"))? else {
                        return Ok(None);
                    };
                    self.state = State::Body(self.known(code)?);
                }
                State::Body(code) => {
                    if is_block(code) {
                        let max = self.limits.max_name_bytes;
                        let read = |r: &mut Reader<'_>| string(r, "table", max).map(|_| ());
                        if partly(input, |r| whole(r, read))?.is_none() {
                            return Ok(None);
                        }
                        self.state = State::Block(code);
                        continue;
                    }
                    let packet = self
                        .body(code, input)
                        .map_err(|e| e.within(name_of(code)))?;
                    if packet.is_some() {
                        self.state = State::Code;
                    }
                    return Ok(packet);
                }
                State::Block(code) => {
                    let framed = self.compressed && self.is_framed(code);
                    let block = self
                        .blocks
                        .read(input, framed)
                        .map_err(|e| e.within(name_of(code)))?;
                    let Some(block) = block else {
                        return Ok(None);
                    };
                    self.state = State::Code;
                    return Ok(Some(match code {
                        ServerPacket::TOTALS => ServerPacket::Totals(block),
                        ServerPacket::EXTREMES => ServerPacket::Extremes(block),
                        ServerPacket::LOG => ServerPacket::Log(block),
                        ServerPacket::PROFILE_EVENTS => ServerPacket::ProfileEvents(block),
                        _ => ServerPacket::Data(block),
                    }));
                }
            }
        }
    }

    /// Says that a result has ended: memory of its blocks is not kept.
    pub(crate) fn end_result(&mut self) {
        self.blocks.end_result();
    }

    /// Memory that the next bytes belong in, if they are many of one column. Only when [`Self::poll`] wants more.
    pub(crate) fn direct(&mut self) -> Option<&mut [u8]> {
        match self.state {
            State::Block(code) if !(self.compressed && self.is_framed(code)) => {
                self.blocks.direct()
            }
            _ => None,
        }
    }

    /// Says that `n` bytes were put into what [`Self::direct`] gave.
    pub(crate) fn direct_done(&mut self, n: usize) {
        self.blocks.direct_done(n);
    }

    fn known(&self, code: u64) -> Result<u8, DecodeError> {
        match u8::try_from(code) {
            Ok(code) if name_of(code) != UNKNOWN => Ok(code),
            _ => {
                let what = format!(
                    "has code {code}, which is not known at revision {}",
                    self.revision
                );
                Err(DecodeError::invalid("packet", 0, what))
            }
        }
    }

    /// Data follows the query's compression; logs and counters do so only since they may be compressed at all.
    fn is_framed(&self, code: u8) -> bool {
        match code {
            ServerPacket::LOG | ServerPacket::PROFILE_EVENTS | ServerPacket::TABLE_COLUMNS => {
                self.revision.has(Feature::CompressedLogs)
            }
            _ => true,
        }
    }

    fn body(&mut self, code: u8, input: &mut RecvBuf) -> Result<Option<ServerPacket>, DecodeError> {
        let (revision, max) = (self.revision, self.limits.max_text_bytes);
        match code {
            ServerPacket::EXCEPTION => {
                let (exception, limits) = (&mut self.exception, &self.limits);
                let read = partly(input, |r| exception.read(r, limits))?;
                return Ok(read.map(ServerPacket::Exception));
            }
            ServerPacket::TABLE_COLUMNS if self.compressed && self.is_framed(code) => {
                let read = self
                    .blocks
                    .read_framed(input, |r| TableColumns::read(r, max))?;
                return Ok(read.map(ServerPacket::TableColumns));
            }
            _ => {}
        }
        let packet = partly(input, |r| {
            whole(r, |r| match code {
                ServerPacket::HELLO => ServerHello::read(r, revision).map(ServerPacket::Hello),
                ServerPacket::PROGRESS => Progress::read(r, revision).map(ServerPacket::Progress),
                ServerPacket::PONG => Ok(ServerPacket::Pong),
                ServerPacket::PROFILE_INFO => {
                    ProfileInfo::read(r, revision).map(ServerPacket::ProfileInfo)
                }
                ServerPacket::TABLE_COLUMNS => {
                    TableColumns::read(r, max).map(ServerPacket::TableColumns)
                }
                ServerPacket::TIMEZONE_UPDATE => {
                    text(r, "timezone", max).map(ServerPacket::TimezoneUpdate)
                }
                _ => Ok(ServerPacket::EndOfStream),
            })
        })?;
        if let Some(ServerPacket::Hello(hello)) = &packet {
            self.revision = revision.min(hello.revision);
            self.blocks = BlockBody::new(self.revision, Arc::clone(&self.limits));
        }
        Ok(packet)
    }
}

const UNKNOWN: &str = "unknown";

/// The name of a packet, for errors.
fn name_of(code: u8) -> &'static str {
    match code {
        ServerPacket::HELLO => "Hello",
        ServerPacket::DATA => "Data",
        ServerPacket::EXCEPTION => "Exception",
        ServerPacket::PROGRESS => "Progress",
        ServerPacket::PONG => "Pong",
        ServerPacket::END_OF_STREAM => "EndOfStream",
        ServerPacket::PROFILE_INFO => "ProfileInfo",
        ServerPacket::TOTALS => "Totals",
        ServerPacket::EXTREMES => "Extremes",
        ServerPacket::LOG => "Log",
        ServerPacket::TABLE_COLUMNS => "TableColumns",
        ServerPacket::PROFILE_EVENTS => "ProfileEvents",
        ServerPacket::TIMEZONE_UPDATE => "TimezoneUpdate",
        _ => UNKNOWN,
    }
}

fn is_block(code: u8) -> bool {
    matches!(
        code,
        ServerPacket::DATA
            | ServerPacket::TOTALS
            | ServerPacket::EXTREMES
            | ServerPacket::LOG
            | ServerPacket::PROFILE_EVENTS
    )
}
