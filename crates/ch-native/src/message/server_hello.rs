//! What the server answers to a hello that it accepts.
//!
//! ```text
//! name String, major, minor, revision VarUInt
//! [54471] parallel replicas version VarUInt, [54058] time zone String, [54372] display name String
//! [54401] patch VarUInt, [54470] chunked send, receive String
//! [54461] VarUInt n and n of (pattern, message String), [54462] nonce u64
//! [54474] (setting String, flags VarUInt, value String)*, "", [54477] [54479] version VarUInt each
//! ```
//!
//! Its fields are those that the client's revision has.
//!
//! Source: ClickHouse, `src/Server/TCPHandler.cpp` (`sendHello`), `src/Client/Connection.cpp` (`receiveHello`).

use wire_core::{DecodeError, Reader};

use super::handshake::{MAX_HELLO_STRING, read_mode};
use super::setting::{MAX_SETTINGS, too_many_settings};
use crate::codec::prim::{list, lossy, put_string, put_varint, string, text, to_u64};
use crate::codec::{ChunkMode, Feature, Revision};

/// Most password rules: the server's own limit (`DBMS_MAX_PASSWORD_COMPLEXITY_RULES`).
const MAX_RULES: u64 = 256;

/// What the server answers to a hello that it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerHello {
    /// Name of the server: `ClickHouse`.
    pub name: String,
    /// Version: major, minor, patch.
    pub version: (u64, u64, u64),
    /// The newest revision that the server speaks.
    pub revision: Revision,
    /// Version of its parallel replicas protocol (since 54471).
    pub parallel_replicas_version: u64,
    /// Its time zone, in which bare `DateTime` columns are meant.
    pub timezone: String,
    /// The name it gives itself (since 54372).
    pub display_name: String,
    /// Whether the server wants chunks in what it sends, and in what it receives (since 54470).
    pub chunked: (ChunkMode, ChunkMode),
    /// Rules for new passwords: pattern and message (since 54461).
    pub password_rules: Vec<(String, String)>,
    /// Number for hashes between servers (since 54462).
    pub nonce: u64,
    /// Settings that differ from the defaults (since 54474).
    pub settings: Vec<ServerSetting>,
    /// Version of its query plans (since 54477).
    pub query_plan_version: u64,
    /// Version of its cluster functions (since 54479).
    pub cluster_function_version: u64,
}

/// A setting of the server in its hello.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSetting {
    /// Its name.
    pub name: String,
    /// ClickHouse's flags: 1 important, 2 custom.
    pub flags: u64,
    /// Its value as text.
    pub value: String,
}

impl ServerHello {
    /// A hello with what every server says; the rest is empty.
    pub fn new(name: &str, version: (u64, u64, u64), revision: Revision) -> Self {
        Self {
            name: name.to_owned(),
            version,
            revision,
            parallel_replicas_version: 0,
            timezone: "UTC".to_owned(),
            display_name: name.to_owned(),
            chunked: (ChunkMode::NotChunked, ChunkMode::NotChunked),
            password_rules: Vec::new(),
            nonce: 0,
            settings: Vec::new(),
            query_plan_version: 0,
            cluster_function_version: 0,
        }
    }

    /// Name and version in one line: `ClickHouse 18.16.1`.
    pub fn product(&self) -> String {
        let (major, minor, patch) = self.version;
        format!("{} {major}.{minor}.{patch}", self.name)
    }

    /// Writes what a client of revision `client` knows.
    pub(super) fn write(&self, client: Revision, out: &mut Vec<u8>) {
        let form = client.min(self.revision);
        put_string(out, self.name.as_bytes());
        put_varint(out, self.version.0);
        put_varint(out, self.version.1);
        put_varint(out, self.revision.number());
        if form.has(Feature::VersionedParallelReplicas) {
            put_varint(out, self.parallel_replicas_version);
        }
        if form.has(Feature::ServerTimezone) {
            put_string(out, self.timezone.as_bytes());
        }
        if form.has(Feature::DisplayName) {
            put_string(out, self.display_name.as_bytes());
        }
        if form.has(Feature::VersionPatch) {
            put_varint(out, self.version.2);
        }
        if form.has(Feature::ChunkedPackets) {
            put_string(out, self.chunked.0.name().as_bytes());
            put_string(out, self.chunked.1.name().as_bytes());
        }
        if form.has(Feature::PasswordRules) {
            put_varint(out, to_u64(self.password_rules.len()));
            for (pattern, message) in &self.password_rules {
                put_string(out, pattern.as_bytes());
                put_string(out, message.as_bytes());
            }
        }
        if form.has(Feature::Nonce) {
            out.extend_from_slice(&self.nonce.to_le_bytes());
        }
        if form.has(Feature::ServerSettings) {
            for setting in &self.settings {
                put_string(out, setting.name.as_bytes());
                put_varint(out, setting.flags);
                put_string(out, setting.value.as_bytes());
            }
            put_string(out, b"");
        }
        if form.has(Feature::QueryPlan) {
            put_varint(out, self.query_plan_version);
        }
        if form.has(Feature::VersionedClusterFunction) {
            put_varint(out, self.cluster_function_version);
        }
    }

    /// Reads a hello to a client of revision `client`.
    pub(super) fn read(r: &mut Reader<'_>, client: Revision) -> Result<Self, DecodeError> {
        let name = text(r, "name", MAX_HELLO_STRING)?;
        let (major, minor) = (r.leb128("version_major")?, r.leb128("version_minor")?);
        let mut hello = Self::new(
            &name,
            (major, minor, 0),
            Revision::new(r.leb128("revision")?),
        );
        let form = client.min(hello.revision);
        let hello_text = |r: &mut Reader<'_>, field| text(r, field, MAX_HELLO_STRING);
        if form.has(Feature::VersionedParallelReplicas) {
            hello.parallel_replicas_version = r.leb128("parallel_replicas_version")?;
        }
        if form.has(Feature::ServerTimezone) {
            hello.timezone = hello_text(r, "timezone")?;
        }
        if form.has(Feature::DisplayName) {
            hello.display_name = hello_text(r, "display_name")?;
        }
        if form.has(Feature::VersionPatch) {
            hello.version.2 = r.leb128("version_patch")?;
        }
        if form.has(Feature::ChunkedPackets) {
            hello.chunked = (read_mode(r, "chunked_send")?, read_mode(r, "chunked_recv")?);
        }
        if form.has(Feature::PasswordRules) {
            hello.password_rules = list(r, "password_rules", MAX_RULES, |r| {
                Ok((hello_text(r, "pattern")?, hello_text(r, "message")?))
            })?;
        }
        if form.has(Feature::Nonce) {
            hello.nonce = r.u64_le("nonce")?;
        }
        if form.has(Feature::ServerSettings) {
            hello.settings = read_server_settings(r)?;
        }
        if form.has(Feature::QueryPlan) {
            hello.query_plan_version = r.leb128("query_plan_version")?;
        }
        if form.has(Feature::VersionedClusterFunction) {
            hello.cluster_function_version = r.leb128("cluster_function_version")?;
        }
        Ok(hello)
    }
}

/// A list of settings, up to the empty name that ends it.
fn read_server_settings(r: &mut Reader<'_>) -> Result<Vec<ServerSetting>, DecodeError> {
    let mut settings = Vec::new();
    for _ in 0..MAX_SETTINGS {
        let name = string(r, "setting.name", MAX_HELLO_STRING)?;
        if name.is_empty() {
            return Ok(settings);
        }
        settings.push(ServerSetting {
            name: lossy(name),
            flags: r.leb128("setting.flags")?,
            value: text(r, "setting.value", MAX_HELLO_STRING)?,
        });
    }
    Err(too_many_settings(r))
}
