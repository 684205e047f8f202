//! What may be said in answer to what was asked, and which packet ends it.
//!
//! | asked | answered with | ends with |
//! | --- | --- | --- |
//! | query | Data, Totals, Extremes, Progress, ProfileInfo, ProfileEvents, Log, TableColumns, TimezoneUpdate, PartUUIDs, PreviewData | EndOfStream, Exception |
//! | insert | the same; Pong, if the client asked for a sign of life between its blocks | EndOfStream, Exception |
//! | Ping | Progress, late from the query before | Pong, Exception |
//! | TablesStatusRequest | Progress, likewise | TablesStatusResponse, Exception |
//!
//! Everything else means that the two are out of step, or that a server asks this client to work for it, which it
//! never does.

use wire_core::DecodeError;

use crate::message::ServerPacket;

/// What was asked last on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Asked {
    /// Nothing: not a single packet may come.
    #[default]
    Nothing,
    /// A statement whose result follows.
    Query,
    /// A statement that is followed by rows.
    Insert,
    /// For a sign of life.
    Ping,
    /// About tables.
    TablesStatus,
}

impl Asked {
    /// Whether `packet` ends the answer.
    ///
    /// # Errors
    /// It is no answer to this.
    pub(super) fn ends_with(self, packet: &ServerPacket) -> Result<bool, DecodeError> {
        let is_query = matches!(self, Self::Query | Self::Insert);
        match packet {
            // Also before anything was asked: a server that closes may say why.
            ServerPacket::Exception(_) => Ok(true),
            ServerPacket::Progress(_) if self != Self::Nothing => Ok(false),
            ServerPacket::Data(_)
            | ServerPacket::Totals(_)
            | ServerPacket::Extremes(_)
            | ServerPacket::ProfileInfo(_)
            | ServerPacket::ProfileEvents(_)
            | ServerPacket::Log(_)
            | ServerPacket::TableColumns(_)
            | ServerPacket::TimezoneUpdate(_)
            | ServerPacket::PartUuids(_)
            | ServerPacket::Preview(_)
                if is_query =>
            {
                Ok(false)
            }
            ServerPacket::EndOfStream if is_query => Ok(true),
            ServerPacket::Pong if self == Self::Insert => Ok(false),
            ServerPacket::Pong if self == Self::Ping => Ok(true),
            ServerPacket::TablesStatus(_) if self == Self::TablesStatus => Ok(true),
            other => {
                let what = format!("is {}, which does not answer {}", other.name(), self.name());
                Err(DecodeError::invalid("packet", 0, what))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "anything",
            Self::Query => "a query",
            Self::Insert => "an insert",
            Self::Ping => "a Ping",
            Self::TablesStatus => "a question about tables",
        }
    }
}
