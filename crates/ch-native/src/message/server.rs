//! Packets from the server.

use wire_core::EncodeError;

use super::body::{put_block, put_small};
use super::client::known_to;
use super::error;
use super::internal::write_uuids;
use super::tables::{TableStatus, write_statuses};
use super::{Form, ProfileInfo, Progress, ServerHello, TableColumns};
use crate::codec::Feature;
use crate::codec::chunk::chunked;
use crate::codec::prim::put_string;
use crate::column::Block;
use crate::error::{Error, ServerError};

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
    /// Code 9: the answer to a question about tables, since revision 54226.
    TablesStatus(Vec<TableStatus>),
    /// Code 10: lines of the server's log, if the setting `send_logs_level` is on; since revision 54406. See
    /// [`log_lines`](super::log_lines).
    Log(Block),
    /// Code 11: columns of the table that is inserted into, since revision 54410.
    TableColumns(TableColumns),
    /// Code 12: parts of tables that were read, as 128-bit UUIDs; obsolete.
    PartUuids(Vec<u128>),
    /// Code 13: which file next? Between servers.
    ReadTaskRequest,
    /// Code 14: counters of the query, since revision 54451. See [`profile_events`](super::profile_events).
    ProfileEvents(Block),
    /// Code 17: the time zone of bare `DateTime` columns from here on, since revision 54464.
    TimezoneUpdate(String),
    /// Code 18: what a client with an SSH key has to sign, since revision 54466.
    SshChallenge(Vec<u8>),
    /// Code 19: rows of a result that is not complete yet, to be shown until the true ones come.
    Preview(Block),
}

/// Codes of packets from the server (ClickHouse, `src/Core/Protocol.h`).
pub(super) mod code {
    pub(in crate::message) const HELLO: u8 = 0;
    pub(in crate::message) const DATA: u8 = 1;
    pub(in crate::message) const EXCEPTION: u8 = 2;
    pub(in crate::message) const PROGRESS: u8 = 3;
    pub(in crate::message) const PONG: u8 = 4;
    pub(in crate::message) const END_OF_STREAM: u8 = 5;
    pub(in crate::message) const PROFILE_INFO: u8 = 6;
    pub(in crate::message) const TOTALS: u8 = 7;
    pub(in crate::message) const EXTREMES: u8 = 8;
    pub(in crate::message) const TABLES_STATUS: u8 = 9;
    pub(in crate::message) const LOG: u8 = 10;
    pub(in crate::message) const TABLE_COLUMNS: u8 = 11;
    pub(in crate::message) const PART_UUIDS: u8 = 12;
    pub(in crate::message) const READ_TASK_REQUEST: u8 = 13;
    pub(in crate::message) const PROFILE_EVENTS: u8 = 14;
    pub(in crate::message) const MERGE_TREE_ANNOUNCEMENT: u8 = 15;
    pub(in crate::message) const MERGE_TREE_READ_TASK: u8 = 16;
    pub(in crate::message) const TIMEZONE_UPDATE: u8 = 17;
    pub(in crate::message) const SSH_CHALLENGE: u8 = 18;
    pub(in crate::message) const PREVIEW: u8 = 19;
}

/// A packet's name, and the feature that it came with if it was not always there. `None` for codes that are not known.
pub(super) fn described(code: u8) -> Option<(&'static str, Option<Feature>)> {
    Some(match code {
        code::HELLO => ("Hello", None),
        code::DATA => ("Data", None),
        code::EXCEPTION => ("Exception", None),
        code::PROGRESS => ("Progress", None),
        code::PONG => ("Pong", None),
        code::END_OF_STREAM => ("EndOfStream", None),
        code::PROFILE_INFO => ("ProfileInfo", None),
        code::TOTALS => ("Totals", None),
        code::EXTREMES => ("Extremes", None),
        code::TABLES_STATUS => ("TablesStatusResponse", Some(Feature::TablesStatus)),
        code::LOG => ("Log", Some(Feature::ServerLogs)),
        code::TABLE_COLUMNS => ("TableColumns", Some(Feature::TableColumns)),
        code::PART_UUIDS => ("PartUUIDs", None),
        code::READ_TASK_REQUEST => ("ReadTaskRequest", None),
        code::PROFILE_EVENTS => ("ProfileEvents", Some(Feature::ProfileEvents)),
        code::MERGE_TREE_ANNOUNCEMENT => (
            "MergeTreeAllRangesAnnouncement",
            Some(Feature::ParallelReplicas),
        ),
        code::MERGE_TREE_READ_TASK => ("MergeTreeReadTaskRequest", Some(Feature::ParallelReplicas)),
        code::TIMEZONE_UPDATE => ("TimezoneUpdate", Some(Feature::TimezoneUpdates)),
        code::SSH_CHALLENGE => ("SSHChallenge", Some(Feature::SshAuthentication)),
        code::PREVIEW => ("PreviewData", None),
        _ => return None,
    })
}

impl ServerPacket {
    /// Appends the packet, as a server sends it. In a hello, `form` has the client's revision.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`](crate::ErrorKind::Encode) if clients of this revision do not know the packet, or a block
    /// cannot be compressed. Nothing was appended then, unless to a buffer of packets that are not chunked.
    pub fn encode(&self, form: Form, out: &mut Vec<u8>) -> Result<(), Error> {
        let is_before_chunks = matches!(self, Self::Hello(_) | Self::SshChallenge(_));
        let written = if form.chunked && !is_before_chunks {
            chunked(out, |out| self.write(form, out))
        } else {
            self.write(form, out)
        };
        written.map_err(|e| Error::encode(e, "a packet cannot be written"))
    }

    fn code(&self) -> u8 {
        match self {
            Self::Hello(_) => code::HELLO,
            Self::Data(_) => code::DATA,
            Self::Exception(_) => code::EXCEPTION,
            Self::Progress(_) => code::PROGRESS,
            Self::Pong => code::PONG,
            Self::EndOfStream => code::END_OF_STREAM,
            Self::ProfileInfo(_) => code::PROFILE_INFO,
            Self::Totals(_) => code::TOTALS,
            Self::Extremes(_) => code::EXTREMES,
            Self::TablesStatus(_) => code::TABLES_STATUS,
            Self::Log(_) => code::LOG,
            Self::TableColumns(_) => code::TABLE_COLUMNS,
            Self::PartUuids(_) => code::PART_UUIDS,
            Self::ReadTaskRequest => code::READ_TASK_REQUEST,
            Self::ProfileEvents(_) => code::PROFILE_EVENTS,
            Self::TimezoneUpdate(_) => code::TIMEZONE_UPDATE,
            Self::SshChallenge(_) => code::SSH_CHALLENGE,
            Self::Preview(_) => code::PREVIEW,
        }
    }

    /// What it is called in ClickHouse, for errors and traces.
    pub fn name(&self) -> &'static str {
        described(self.code()).map_or("", |(name, _)| name)
    }

    fn write(&self, form: Form, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let revision = form.revision;
        known_to("clients", described(self.code()), revision)?;
        out.push(self.code());
        let logs_framed = revision.has(Feature::CompressedLogs);
        let mut put = |block: &Block, framed: bool| {
            put_string(out, b"");
            put_block(block, form, framed, out)
        };
        match self {
            Self::Data(block)
            | Self::Totals(block)
            | Self::Extremes(block)
            | Self::Preview(block) => return put(block, true),
            Self::Log(block) | Self::ProfileEvents(block) => return put(block, logs_framed),
            Self::Hello(hello) => hello.write(revision, out),
            Self::Exception(exception) => error::write(exception, out),
            Self::Progress(progress) => progress.write(revision, out),
            Self::Pong | Self::EndOfStream | Self::ReadTaskRequest => {}
            Self::ProfileInfo(info) => info.write(revision, out),
            Self::TablesStatus(tables) => write_statuses(tables, revision, out),
            Self::TableColumns(columns) => {
                return put_small(form, logs_framed, out, |out| columns.write(out));
            }
            Self::PartUuids(parts) => write_uuids(parts, out),
            Self::TimezoneUpdate(timezone) => put_string(out, timezone.as_bytes()),
            Self::SshChallenge(challenge) => put_string(out, challenge),
        }
        Ok(())
    }
}
