//! Which version of the schema each node has: after a change all nodes agree, or some do not know yet what was created.

use super::record::Record;
use crate::error::Error;
use crate::row::Rows;
use crate::types::Uuid;

/// The versions that one node knows of: its own, and those of its peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaVersions {
    local: Option<Uuid>,
    /// By host id.
    peers: Vec<(Uuid, Option<Uuid>)>,
}

impl SchemaVersions {
    /// Asks for the version of the node that is asked.
    pub const LOCAL: &str = "SELECT schema_version FROM system.local WHERE key = 'local'";
    /// Asks for the versions of its peers. Cassandra has this table from 4.0 on; where it is not there
    /// ([`ErrorCode::INVALID`](crate::ErrorCode::INVALID)), ask [`PEERS_BEFORE_V2`](Self::PEERS_BEFORE_V2).
    pub const PEERS: &str = "SELECT host_id, schema_version FROM system.peers_v2";
    /// The same for older servers and for ScyllaDB. Nodes that share an address stand in one row.
    pub const PEERS_BEFORE_V2: &str = "SELECT host_id, schema_version FROM system.peers";

    /// From the answers to the two questions.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if one of them cannot be read.
    pub fn read(local: &Rows, peers: &Rows) -> Result<Self, Error> {
        let mut versions = Self {
            local: None,
            peers: Vec::new(),
        };
        Record::each(local, |mut row| versions.local = row.uuid("schema_version"))?;
        Record::each(peers, |mut row| {
            // A peer without an id is one that has not joined, or left without being forgotten.
            if let Some(host_id) = row.uuid("host_id") {
                versions.peers.push((host_id, row.uuid("schema_version")));
            }
        })?;
        Ok(versions)
    }

    /// Whether the node that was asked and all of its peers for which `is_up` is true have the same version. A node that
    /// is up and has none is one that does not agree yet.
    pub fn agree(&self, is_up: impl Fn(Uuid) -> bool) -> bool {
        self.local.is_some() && self.differing(is_up).next().is_none()
    }

    /// The peers for which `is_up` is true that do not have the version of the node that was asked, each with its own.
    pub fn differing(
        &self,
        is_up: impl Fn(Uuid) -> bool,
    ) -> impl Iterator<Item = (Uuid, Option<Uuid>)> {
        let peers = self.peers.iter().copied();
        peers.filter(move |(host_id, version)| *version != self.local && is_up(*host_id))
    }

    /// The version of the node that was asked.
    pub fn local(&self) -> Option<Uuid> {
        self.local
    }
}
