//! Packets from the client.

use std::sync::Arc;

use wire_core::{DecodeError, EncodeError, RecvBuf};

use super::body::{BlockBody, partly, put_block};
use super::{Addendum, ClientHello, Form, QueryPacket};
use crate::codec::prim::{put_string, text, varint, whole};
use crate::codec::{Feature, Revision};
use crate::column::Block;
use crate::error::Error;
use crate::limits::Limits;

/// A packet from the client.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ClientPacket {
    /// Code 0: who the client is.
    Hello(ClientHello),
    /// Without a code: follows the server's hello since revision 54458.
    Addendum(Addendum),
    /// Code 1: a query.
    Query(Box<QueryPacket>),
    /// Code 2: rows to insert, or of an external table if that has a name. An empty block ends them.
    Data {
        /// Name of the external table; empty for rows to insert.
        table: String,
        /// The rows.
        block: Block,
    },
    /// Code 3: stop the query.
    Cancel,
    /// Code 4: answer with Pong.
    Ping,
}

impl ClientPacket {
    const HELLO: u64 = 0;
    const QUERY: u64 = 1;
    const DATA: u64 = 2;
    const CANCEL: u64 = 3;
    const PING: u64 = 4;

    /// The block that ends external tables and inserts.
    pub fn end_mark() -> Self {
        Self::Data {
            table: String::new(),
            block: Block::new(),
        }
    }

    /// Appends the packet, as a client sends it.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if a setting has no name or a block cannot be compressed.
    pub fn encode(&self, form: Form, out: &mut Vec<u8>) -> Result<(), Error> {
        self.write(form, out)
            .map_err(|e| Error::encode(e, "the request cannot be written"))
    }

    pub(crate) fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Hello(hello) => {
                out.push(0);
                hello.write(out);
            }
            Self::Addendum(addendum) => addendum.write(form.revision, out),
            Self::Query(packet) => {
                out.push(1);
                packet.write(form.revision, out)?;
            }
            Self::Data { table, block } => {
                out.push(2);
                put_string(out, table.as_bytes());
                put_block(block, form, true, out)?;
            }
            Self::Cancel => out.push(3),
            Self::Ping => out.push(4),
        }
        Ok(())
    }
}

/// Decodes what a client sends, packet by packet, as bytes arrive: for proxies, test servers and tools.
#[derive(Debug)]
pub struct ClientPackets {
    input: RecvBuf,
    revision: Revision,
    compressed: bool,
    limits: Arc<Limits>,
    blocks: BlockBody,
    state: State,
}

#[derive(Debug)]
enum State {
    Code,
    Addendum,
    Body(u64),
    Block(String),
}

impl ClientPackets {
    /// A decoder for a server that speaks up to `revision`. The client's hello lowers it to what both speak.
    pub fn new(revision: Revision, limits: Limits) -> Self {
        let limits = Arc::new(limits);
        Self {
            input: RecvBuf::new(),
            revision,
            compressed: false,
            blocks: BlockBody::new(revision, Arc::clone(&limits)),
            limits,
            state: State::Code,
        }
    }

    /// Adds bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// What both sides speak, once the client's hello was read.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The next packet; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode), [`Limit`](crate::ErrorKind::Limit) or
    /// [`Unsupported`](crate::ErrorKind::Unsupported). The bytes behind it cannot be decoded any more.
    pub fn next_packet(&mut self) -> Result<Option<ClientPacket>, Error> {
        self.poll()
            .map_err(|e| Error::decode(e, "the client sent something that cannot be decoded"))
    }

    fn poll(&mut self) -> Result<Option<ClientPacket>, DecodeError> {
        loop {
            let input = &mut self.input;
            let (revision, max) = (self.revision, self.limits.max_text_bytes);
            let packet = match &mut self.state {
                State::Code => {
                    let Some(code) = partly(input, |r| varint(r, "packet"))? else {
                        return Ok(None);
                    };
                    if code > ClientPacket::PING {
                        let what = format!("has code {code}, which is not known here");
                        return Err(DecodeError::invalid("packet", 0, what));
                    }
                    self.state = State::Body(code);
                    continue;
                }
                State::Addendum => partly(input, |r| whole(r, |r| Addendum::read(r, revision)))?
                    .map(ClientPacket::Addendum),
                State::Body(ClientPacket::DATA) => {
                    let Some(table) = partly(input, |r| whole(r, |r| text(r, "table", max)))?
                    else {
                        return Ok(None);
                    };
                    self.state = State::Block(table);
                    continue;
                }
                State::Body(code) => {
                    let code = *code;
                    partly(input, |r| {
                        whole(r, |r| {
                            Ok(match code {
                                ClientPacket::HELLO => ClientPacket::Hello(ClientHello::read(r)?),
                                ClientPacket::QUERY => ClientPacket::Query(Box::new(
                                    QueryPacket::read(r, revision, max)?,
                                )),
                                ClientPacket::CANCEL => ClientPacket::Cancel,
                                _ => ClientPacket::Ping,
                            })
                        })
                    })?
                }
                State::Block(table) => {
                    let block = self.blocks.read(input, self.compressed)?;
                    block.map(|block| ClientPacket::Data {
                        table: std::mem::take(table),
                        block,
                    })
                }
            };
            if let Some(packet) = &packet {
                self.state = State::Code;
                self.learn(packet);
            }
            return Ok(packet);
        }
    }

    /// What a packet changes for those behind it.
    fn learn(&mut self, packet: &ClientPacket) {
        match packet {
            ClientPacket::Hello(hello) => {
                self.revision = self.revision.min(hello.revision);
                self.blocks = BlockBody::new(self.revision, Arc::clone(&self.limits));
                if self.revision.has(Feature::Addendum) {
                    self.state = State::Addendum;
                }
            }
            ClientPacket::Query(query) => self.compressed = query.compressed,
            _ => {}
        }
    }
}
