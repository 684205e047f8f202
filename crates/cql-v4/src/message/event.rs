//! REGISTER and EVENT (native protocol v4, §4.1.8 and §4.2.6).
//!
//! ```text
//! REGISTER: [string list] types of events
//! EVENT:    [string type], then
//!   TOPOLOGY_CHANGE:      [string NEW_NODE | REMOVED_NODE, v3 also MOVED_NODE] [inet]
//!   STATUS_CHANGE:        [string UP | DOWN] [inet]
//!   SCHEMA_CHANGE:        as RESULT Schema_change
//!   CLIENT_ROUTES_CHANGE: [string UPDATE_NODES] [string list connections] [string list hosts]     (ScyllaDB)
//! ```
//!
//! What is not known is kept as it came: no event is a reason to give a connection up.

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use wire_core::{DecodeError, EncodeError, Reader, Writer};

use super::{Opcode, RequestBody, SchemaChange};
use crate::codec::{Dialect, prim};
use crate::error::Fail;

const TOPOLOGY_CHANGE: &str = "TOPOLOGY_CHANGE";
const STATUS_CHANGE: &str = "STATUS_CHANGE";
const SCHEMA_CHANGE: &str = "SCHEMA_CHANGE";
const CLIENT_ROUTES_CHANGE: &str = "CLIENT_ROUTES_CHANGE";

/// Asks for events on this connection. The server answers READY.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the message is its list and nothing else"
)]
pub struct Register {
    /// Types of events. Servers refuse a list with one that they do not know.
    pub events: Vec<String>,
}

impl Register {
    /// For the three types of events that every server has.
    pub fn for_all() -> Self {
        let all = [TOPOLOGY_CHANGE, STATUS_CHANGE, SCHEMA_CHANGE];
        Self {
            events: all.map(str::to_owned).into(),
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        prim::string_list(r, "events").map(|events| Self { events })
    }
}

impl RequestBody for Register {
    const OPCODE: Opcode = Opcode::REGISTER;

    fn write(&self, _: Dialect, w: &mut Writer<'_>) -> Result<(), Fail> {
        Ok(prim::put_string_list(w, "events", &self.events)?)
    }
}

/// What a server tells unasked, on stream -1, to those who registered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A node joined, left or moved.
    TopologyChange {
        /// What it did.
        change: TopologyChange,
        /// Where it accepts clients, as it is configured: `0.0.0.0` is seen in the field.
        address: SocketAddr,
    },
    /// A node came up or went down, as far as the sender knows: gossip runs ahead of the port of clients.
    StatusChange {
        /// What became of it.
        change: StatusChange,
        /// Where it accepts clients.
        address: SocketAddr,
    },
    /// The schema was changed.
    SchemaChange(Box<SchemaChange>),
    /// Nodes are to be reached by other ways (ScyllaDB).
    ClientRoutesChange {
        /// `UPDATE_NODES`, or what the server said.
        change: String,
        /// Ids of the connections.
        connection_ids: Vec<String>,
        /// Ids of the hosts.
        host_ids: Vec<String>,
    },
    /// An event of a type that is not known here, or one that cannot be read: something happened, and who keeps a copy
    /// of the cluster's state does well to read it anew.
    Other {
        /// Its type; empty if not even that can be read.
        kind: String,
        /// The bytes behind its type.
        body: Bytes,
    },
}

macro_rules! changes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $variant,)*
            /// What the server said, where it is not known here.
            Other(String),
        }

        impl $name {
            fn from_text(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// Its name on the wire.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

changes! {
    /// What a node did to the cluster.
    TopologyChange {
        /// It joined.
        NewNode = "NEW_NODE",
        /// It left.
        RemovedNode = "REMOVED_NODE",
        /// It has other tokens (protocol v3).
        MovedNode = "MOVED_NODE",
    }
}

changes! {
    /// What became of a node.
    StatusChange {
        /// It can be used.
        Up = "UP",
        /// It cannot be used.
        Down = "DOWN",
    }
}

impl Event {
    /// Its type.
    pub fn kind(&self) -> &str {
        match self {
            Self::TopologyChange { .. } => TOPOLOGY_CHANGE,
            Self::StatusChange { .. } => STATUS_CHANGE,
            Self::SchemaChange(_) => SCHEMA_CHANGE,
            Self::ClientRoutesChange { .. } => CLIENT_ROUTES_CHANGE,
            Self::Other { kind, .. } => kind,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = prim::string(r, "type")?;
        match kind {
            TOPOLOGY_CHANGE => Ok(Self::TopologyChange {
                change: TopologyChange::from_text(prim::string(r, "change")?),
                address: prim::inet(r, "address")?,
            }),
            STATUS_CHANGE => Ok(Self::StatusChange {
                change: StatusChange::from_text(prim::string(r, "change")?),
                address: prim::inet(r, "address")?,
            }),
            SCHEMA_CHANGE => SchemaChange::read(r).map(|c| Self::SchemaChange(Box::new(c))),
            CLIENT_ROUTES_CHANGE => Ok(Self::ClientRoutesChange {
                change: prim::string(r, "change")?.to_owned(),
                connection_ids: prim::string_list(r, "connection_ids")?,
                host_ids: prim::string_list(r, "host_ids")?,
            }),
            other => Ok(Self::Other {
                kind: other.to_owned(),
                body: r.bytes("body", r.left())?,
            }),
        }
    }

    pub(super) fn write(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        prim::put_string(w, "type", self.kind())?;
        match self {
            Self::TopologyChange { change, address } => {
                prim::put_string(w, "change", change.name())?;
                prim::put_inet(w, *address);
            }
            Self::StatusChange { change, address } => {
                prim::put_string(w, "change", change.name())?;
                prim::put_inet(w, *address);
            }
            Self::SchemaChange(change) => change.write(w)?,
            Self::ClientRoutesChange {
                change,
                connection_ids,
                host_ids,
            } => {
                prim::put_string(w, "change", change)?;
                prim::put_string_list(w, "connections", connection_ids)?;
                prim::put_string_list(w, "hosts", host_ids)?;
            }
            Self::Other { body, .. } => w.put(body),
        }
        Ok(())
    }
}
