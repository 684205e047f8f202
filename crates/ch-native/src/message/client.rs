//! Packets from the client.

use wire_core::EncodeError;

use super::body::put_block;
use super::internal::{ReadTask, write_uuids};
use super::tables::TablesStatusRequest;
use super::{Addendum, ClientHello, Form, QueryPacket};
use crate::codec::chunk::chunked;
use crate::codec::prim::put_string;
use crate::codec::{Feature, Revision};
use crate::column::Block;
use crate::error::Error;

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
    /// Code 5: are these tables there, and how far are they behind? Since revision 54226.
    TablesStatus(TablesStatusRequest),
    /// Code 6: keeps a connection open, it was once thought. Servers do not know it and close; send a Ping.
    KeepAlive,
    /// Code 7: a value that a server tells another beside a query, since revision 54429.
    Scalar {
        /// Its name.
        name: String,
        /// The value: one row of one column.
        block: Block,
    },
    /// Code 8: parts of tables to leave out, as 128-bit UUIDs; obsolete.
    IgnoredPartUuids(Vec<u128>),
    /// Code 9: the next file to read, between servers.
    ReadTask(ReadTask),
    /// Code 11: a login by SSH key asks for what to sign, since revision 54466.
    SshChallengeRequest,
    /// Code 12: the signature.
    SshChallengeResponse(Vec<u8>),
}

/// Codes of packets from the client (ClickHouse, `src/Core/Protocol.h`).
pub(super) mod code {
    pub(in crate::message) const HELLO: u8 = 0;
    pub(in crate::message) const QUERY: u8 = 1;
    pub(in crate::message) const DATA: u8 = 2;
    pub(in crate::message) const CANCEL: u8 = 3;
    pub(in crate::message) const PING: u8 = 4;
    pub(in crate::message) const TABLES_STATUS: u8 = 5;
    pub(in crate::message) const KEEP_ALIVE: u8 = 6;
    pub(in crate::message) const SCALAR: u8 = 7;
    pub(in crate::message) const IGNORED_PART_UUIDS: u8 = 8;
    pub(in crate::message) const READ_TASK: u8 = 9;
    pub(in crate::message) const MERGE_TREE_READ_TASK: u8 = 10;
    pub(in crate::message) const SSH_CHALLENGE_REQUEST: u8 = 11;
    pub(in crate::message) const SSH_CHALLENGE_RESPONSE: u8 = 12;
    pub(in crate::message) const QUERY_PLAN: u8 = 13;
    pub(in crate::message) const MERGE_TREE_ANNOUNCEMENT: u8 = 14;
}

/// A packet's name, and the feature that it came with if it was not always there. `None` for codes that are not known.
pub(super) fn described(code: u8) -> Option<(&'static str, Option<Feature>)> {
    Some(match code {
        code::HELLO => ("Hello", None),
        code::QUERY => ("Query", None),
        code::DATA => ("Data", None),
        code::CANCEL => ("Cancel", None),
        code::PING => ("Ping", None),
        code::TABLES_STATUS => ("TablesStatusRequest", Some(Feature::TablesStatus)),
        code::KEEP_ALIVE => ("KeepAlive", None),
        code::SCALAR => ("Scalar", Some(Feature::SettingsAsStrings)),
        code::IGNORED_PART_UUIDS => ("IgnoredPartUUIDs", None),
        code::READ_TASK => ("ReadTaskResponse", None),
        code::MERGE_TREE_READ_TASK => {
            ("MergeTreeReadTaskResponse", Some(Feature::ParallelReplicas))
        }
        code::SSH_CHALLENGE_REQUEST => ("SSHChallengeRequest", Some(Feature::SshAuthentication)),
        code::SSH_CHALLENGE_RESPONSE => ("SSHChallengeResponse", Some(Feature::SshAuthentication)),
        code::QUERY_PLAN => ("QueryPlan", Some(Feature::QueryPlan)),
        code::MERGE_TREE_ANNOUNCEMENT => {
            let since = Feature::VersionedParallelReplicas;
            ("MergeTreeAllRangesAnnouncementResponse", Some(since))
        }
        _ => return None,
    })
}

impl ClientPacket {
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
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if servers of this revision do not know the packet, a setting or
    /// parameter cannot be sent to them, or a block cannot be compressed. Nothing was appended then, unless to a buffer
    /// of packets that are not chunked.
    pub fn encode(&self, form: Form, out: &mut Vec<u8>) -> Result<(), Error> {
        let form = form.with_chunked(form.chunked && !self.is_before_chunks());
        put_packet(form, out, |out| self.write(form, out))
    }

    /// Whether the packet comes before the first that may be chunked.
    fn is_before_chunks(&self) -> bool {
        matches!(
            self,
            Self::Hello(_)
                | Self::Addendum(_)
                | Self::SshChallengeRequest
                | Self::SshChallengeResponse(_)
        )
    }

    fn code(&self) -> Option<u8> {
        Some(match self {
            Self::Hello(_) => code::HELLO,
            Self::Addendum(_) => return None,
            Self::Query(_) => code::QUERY,
            Self::Data { .. } => code::DATA,
            Self::Cancel => code::CANCEL,
            Self::Ping => code::PING,
            Self::TablesStatus(_) => code::TABLES_STATUS,
            Self::KeepAlive => code::KEEP_ALIVE,
            Self::Scalar { .. } => code::SCALAR,
            Self::IgnoredPartUuids(_) => code::IGNORED_PART_UUIDS,
            Self::ReadTask(_) => code::READ_TASK,
            Self::SshChallengeRequest => code::SSH_CHALLENGE_REQUEST,
            Self::SshChallengeResponse(_) => code::SSH_CHALLENGE_RESPONSE,
        })
    }

    fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if let Some(code) = self.code() {
            known_to("servers", described(code), form.revision)?;
            out.push(code);
        }
        match self {
            Self::Hello(hello) => hello.write(out),
            Self::Addendum(addendum) => addendum.write(form.revision, out),
            Self::Query(packet) => packet.write(form.revision, out)?,
            Self::Data { table: name, block } | Self::Scalar { name, block } => {
                put_string(out, name.as_bytes());
                put_block(block, form, true, out)?;
            }
            Self::Cancel | Self::Ping | Self::KeepAlive | Self::SshChallengeRequest => {}
            Self::TablesStatus(request) => request.write(form.revision, out),
            Self::IgnoredPartUuids(parts) => write_uuids(parts, out),
            Self::ReadTask(task) => task.write(out)?,
            Self::SshChallengeResponse(signature) => put_string(out, signature),
        }
        Ok(())
    }
}

/// Appends what `write` appends as a packet, in a chunk if the form says so.
pub(super) fn put_packet(
    form: Form,
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), Error> {
    let written = if form.chunked {
        chunked(out, write)
    } else {
        write(out)
    };
    written.map_err(|e| Error::encode(e, "the request cannot be written"))
}

/// Refuses to write a packet that the other side does not know.
pub(super) fn known_to(
    who: &str,
    packet: Option<(&'static str, Option<Feature>)>,
    revision: Revision,
) -> Result<(), EncodeError> {
    match packet {
        Some((name, Some(since))) if !revision.has(since) => {
            let what = format!(
                "is known to {who} since revision {}; this one speaks {revision}",
                since.since()
            );
            Err(EncodeError::invalid(format!("packet {name}"), what))
        }
        _ => Ok(()),
    }
}
