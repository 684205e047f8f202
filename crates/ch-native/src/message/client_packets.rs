//! What clients send, decoded as it arrives: the ear of a server, a proxy or a tool.

use std::collections::BTreeMap;
use std::sync::Arc;

use wire_core::{DecodeError, Reader, RecvBuf};

use super::body::{BlockBody, known, next_packet, partly};
use super::client::{ClientPacket, code, described};
use super::handshake::Authentication;
use super::internal::{ReadTask, read_uuids};
use super::setting::SettingKind;
use super::tables::TablesStatusRequest;
use super::{Addendum, ClientHello, Form, QueryPacket};
use crate::codec::chunk::Unchunk;
use crate::codec::prim::{Patience, string, text, varint, whole};
use crate::codec::{Feature, Method, Revision};
use crate::error::Error;
use crate::limits::Limits;

/// Decodes what a client sends, packet by packet, as bytes arrive: for servers, proxies and tools.
///
/// It knows from the packets before whether there is an addendum, whether packets are chunked, and whether blocks are
/// compressed. [`Self::form`] is the form that the client reads answers in.
#[derive(Debug)]
pub struct ClientPackets {
    input: RecvBuf,
    chunks: Option<Unchunk>,
    decoder: ClientDecoder,
}

/// What is known of the client, and how far its packet is read.
#[derive(Debug)]
struct ClientDecoder {
    revision: Revision,
    compressed: bool,
    /// Whether what the client receives is chunked.
    answers_chunked: bool,
    interserver: bool,
    kinds: BTreeMap<String, SettingKind>,
    limits: Arc<Limits>,
    blocks: BlockBody,
    patience: Patience,
    state: State,
}

#[derive(Debug)]
enum State {
    Code,
    Addendum,
    Body(u8),
    /// The block of a packet of this code, of a table or scalar of this name.
    Block(u8, String),
}

impl ClientPackets {
    /// A decoder for a server that speaks up to `revision`. The client's hello lowers it to what both speak.
    pub fn new(revision: Revision, limits: Limits) -> Self {
        let limits = Arc::new(limits);
        Self {
            input: RecvBuf::new(),
            chunks: None,
            decoder: ClientDecoder {
                revision,
                compressed: false,
                answers_chunked: false,
                interserver: false,
                kinds: BTreeMap::new(),
                blocks: BlockBody::new(revision, Arc::clone(&limits)),
                limits,
                patience: Patience::default(),
                state: State::Code,
            },
        }
    }

    /// Says how a setting travels that clients below revision 54429 send. They do not say it: it is known of a few names
    /// ([`SettingKind::of`]), and told from what stands behind the value for all others.
    #[must_use]
    pub fn with_setting_kind(mut self, name: impl Into<String>, kind: SettingKind) -> Self {
        self.decoder.kinds.insert(name.into(), kind);
        self
    }

    /// Adds bytes that arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    /// What both sides speak, once the client's hello was read.
    pub fn revision(&self) -> Revision {
        self.decoder.revision
    }

    /// The form that the client reads answers in, by what it has sent so far. Blocks are compressed by `method` if the
    /// last query asked for compression.
    pub fn form(&self, method: Method) -> Form {
        let decoder = &self.decoder;
        let compression = decoder.compressed.then_some(method);
        Form::new(decoder.revision, compression).with_chunked(decoder.answers_chunked)
    }

    /// The next packet; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode), [`Limit`](crate::ErrorKind::Limit) or
    /// [`Unsupported`](crate::ErrorKind::Unsupported). The bytes behind it cannot be decoded any more.
    pub fn next_packet(&mut self) -> Result<Option<ClientPacket>, Error> {
        let decoder = &mut self.decoder;
        let packet = next_packet(&mut self.input, &mut self.chunks, decoder)
            .map_err(|e| Error::decode(e, "the client sent something that cannot be decoded"))?;
        if let Some(ClientPacket::Addendum(addendum)) = &packet {
            let (sent, received) = addendum.chunked;
            self.chunks = sent.is_chunked().then(Unchunk::default);
            self.decoder.answers_chunked = received.is_chunked();
        }
        Ok(packet)
    }
}

impl super::body::Decoder for ClientDecoder {
    type Packet = ClientPacket;

    fn is_between_packets(&self) -> bool {
        matches!(self.state, State::Code)
    }

    fn poll(&mut self, input: &mut RecvBuf) -> Result<Option<ClientPacket>, DecodeError> {
        loop {
            let packet = match &mut self.state {
                State::Code => {
                    let Some(code) = partly(input, |r| varint(r, "packet"))? else {
                        return Ok(None);
                    };
                    self.state = State::Body(known(code, described, self.revision)?);
                    continue;
                }
                State::Addendum => {
                    let revision = self.revision;
                    partly(input, |r| whole(r, |r| Addendum::read(r, revision)))?
                        .map(ClientPacket::Addendum)
                }
                State::Body(code @ (code::DATA | code::SCALAR)) => {
                    let (code, max) = (*code, self.limits.max_name_bytes);
                    let Some(name) = partly(input, |r| whole(r, |r| text(r, "name", max)))? else {
                        return Ok(None);
                    };
                    self.state = State::Block(code, name);
                    continue;
                }
                State::Body(code) => {
                    let code = *code;
                    // A query may be long.
                    let mut patience = std::mem::take(&mut self.patience);
                    let packet = partly(input, |r| patience.whole(r, |r| self.body(code, r)));
                    self.patience = patience;
                    packet.map_err(|e| within(e, code))?
                }
                State::Block(code, name) => {
                    let code = *code;
                    let block = self.blocks.read(input, self.compressed);
                    block.map_err(|e| within(e, code))?.map(|block| {
                        let name = std::mem::take(name);
                        match code {
                            code::SCALAR => ClientPacket::Scalar { name, block },
                            _ => ClientPacket::Data { table: name, block },
                        }
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
}

impl ClientDecoder {
    /// The body of a packet that is no block.
    fn body(&self, code: u8, r: &mut Reader<'_>) -> Result<ClientPacket, DecodeError> {
        let (revision, max) = (self.revision, self.limits.max_text_bytes);
        Ok(match code {
            code::HELLO => ClientPacket::Hello(ClientHello::read(r)?),
            code::QUERY => {
                let packet = QueryPacket::read(r, revision, &self.kinds, max)?;
                ClientPacket::Query(Box::new(packet))
            }
            code::CANCEL => ClientPacket::Cancel,
            code::PING => ClientPacket::Ping,
            code::TABLES_STATUS => {
                let request = TablesStatusRequest::read(r, revision, self.interserver, max)?;
                ClientPacket::TablesStatus(request)
            }
            code::KEEP_ALIVE => ClientPacket::KeepAlive,
            code::IGNORED_PART_UUIDS => ClientPacket::IgnoredPartUuids(read_uuids(r)?),
            code::READ_TASK => ClientPacket::ReadTask(ReadTask::read(r, max)?),
            code::SSH_CHALLENGE_REQUEST => ClientPacket::SshChallengeRequest,
            code::SSH_CHALLENGE_RESPONSE => {
                ClientPacket::SshChallengeResponse(string(r, "signature", max)?.to_vec())
            }
            _ => {
                let what = "this packet, with which servers share out work among each other";
                return Err(DecodeError::unsupported("packet", 0, what));
            }
        })
    }

    /// What a packet changes for those behind it.
    fn learn(&mut self, packet: &ClientPacket) {
        match packet {
            ClientPacket::Hello(hello) => {
                self.revision = self.revision.min(hello.revision);
                self.interserver = hello.interserver.is_some();
                self.blocks = BlockBody::new(self.revision, Arc::clone(&self.limits));
                // Its addendum follows when it knows who we are, which takes a signature first.
                let is_welcome = !matches!(hello.authentication(), Authentication::SshKey { .. });
                self.expect_addendum(is_welcome);
            }
            ClientPacket::SshChallengeResponse(_) => self.expect_addendum(true),
            ClientPacket::Query(query) => self.compressed = query.compressed,
            _ => {}
        }
    }

    fn expect_addendum(&mut self, is_welcome: bool) {
        if is_welcome && self.revision.has(Feature::Addendum) {
            self.state = State::Addendum;
        }
    }
}

fn within(e: DecodeError, code: u8) -> DecodeError {
    e.within(described(code).map_or("packet", |(name, _)| name))
}
