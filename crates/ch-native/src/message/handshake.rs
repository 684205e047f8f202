//! Hello of both sides, and the client's addendum.
//!
//! The server writes the fields of its hello that the client's revision knows. After it, from revision 54458 on, the
//! client sends the addendum, which has no packet code.

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{lossy, put_string, put_varint, string, text, to_u64};
use crate::codec::{Feature, Revision};

/// What the client says first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientHello {
    /// Name of the client, for the server's log.
    pub client_name: String,
    /// Version of the client: major and minor.
    pub version: (u64, u64),
    /// The newest revision that the client speaks.
    pub revision: Revision,
    /// The database that unqualified tables are looked for in; empty for the server's default.
    pub database: String,
    /// User name.
    pub user: String,
    /// The password, in clear text; use TLS.
    pub password: Password,
}

/// A password whose `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Password(String);

impl Password {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Longest string of a hello: the server's own limit (`DBMS_MAX_HELLO_STRING_SIZE`).
const MAX_HELLO_STRING: u64 = 4096;
/// Most password rules: the server's own limit (`DBMS_MAX_PASSWORD_COMPLEXITY_RULES`).
const MAX_RULES: u64 = 256;
/// Most settings in a hello: several times what ClickHouse has.
const MAX_SETTINGS: u64 = 10_000;

impl ClientHello {
    /// A hello of this crate.
    pub fn new(revision: Revision, database: &str, user: &str, password: Password) -> Self {
        Self {
            client_name: super::query::CLIENT_NAME.to_owned(),
            version: super::query::client_version(),
            revision,
            database: database.to_owned(),
            user: user.to_owned(),
            password,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_string(out, self.client_name.as_bytes());
        put_varint(out, self.version.0);
        put_varint(out, self.version.1);
        put_varint(out, self.revision.number());
        put_string(out, self.database.as_bytes());
        put_string(out, self.user.as_bytes());
        put_string(out, self.password.0.as_bytes());
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            client_name: text(r, "client_name", MAX_HELLO_STRING)?,
            version: (r.leb128("version_major")?, r.leb128("version_minor")?),
            revision: Revision::new(r.leb128("revision")?),
            database: text(r, "database", MAX_HELLO_STRING)?,
            user: text(r, "user", MAX_HELLO_STRING)?,
            password: Password(text(r, "password", MAX_HELLO_STRING)?),
        })
    }
}

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
    /// Chunked framing of what the server sends and receives (since 54470).
    pub chunked: (String, String),
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

/// Packets are not chunked; the only framing that this crate speaks.
pub(crate) const NOT_CHUNKED: &str = "notchunked";

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
            chunked: (NOT_CHUNKED.to_owned(), NOT_CHUNKED.to_owned()),
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
            put_string(out, self.chunked.0.as_bytes());
            put_string(out, self.chunked.1.as_bytes());
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
            hello.chunked = (
                hello_text(r, "chunked_send")?,
                hello_text(r, "chunked_recv")?,
            );
        }
        if form.has(Feature::PasswordRules) {
            let rules = r.leb128("password_rules")?;
            if rules > MAX_RULES {
                let at = r.offset();
                return Err(DecodeError::limit(
                    "password_rules",
                    at,
                    "rules",
                    MAX_RULES,
                    rules,
                ));
            }
            for _ in 0..rules {
                let rule = (hello_text(r, "pattern")?, hello_text(r, "message")?);
                hello.password_rules.push(rule);
            }
        }
        if form.has(Feature::Nonce) {
            hello.nonce = r.u64_le("nonce")?;
        }
        if form.has(Feature::ServerSettings) {
            hello.settings = read_settings(r, MAX_HELLO_STRING)?;
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

/// A list of settings in string form, up to the empty name that ends it.
pub(super) fn read_settings(
    r: &mut Reader<'_>,
    max_text: u64,
) -> Result<Vec<ServerSetting>, DecodeError> {
    let mut settings = Vec::new();
    for _ in 0..MAX_SETTINGS {
        let name = string(r, "setting.name", max_text)?;
        if name.is_empty() {
            return Ok(settings);
        }
        settings.push(ServerSetting {
            name: lossy(name),
            flags: r.leb128("setting.flags")?,
            value: text(r, "setting.value", max_text)?,
        });
    }
    let (at, more) = (r.offset(), MAX_SETTINGS.saturating_add(1));
    Err(DecodeError::limit(
        "settings",
        at,
        "settings",
        MAX_SETTINGS,
        more,
    ))
}

/// What the client adds once it knows the server's revision.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Addendum {
    /// Key that quotas may be counted by.
    pub quota_key: String,
    /// Chunked framing of what the client sends and receives (since 54470).
    pub chunked: (String, String),
    /// Version of the client's parallel replicas protocol (since 54471).
    pub parallel_replicas_version: u64,
}

impl Default for Addendum {
    fn default() -> Self {
        Self {
            quota_key: String::new(),
            chunked: (NOT_CHUNKED.to_owned(), NOT_CHUNKED.to_owned()),
            // What ClickHouse 26.9 announces; a client that is not a server never uses it.
            parallel_replicas_version: 8,
        }
    }
}

impl Addendum {
    pub(crate) fn write(&self, revision: Revision, out: &mut Vec<u8>) {
        if revision.has(Feature::Addendum) {
            put_string(out, self.quota_key.as_bytes());
        }
        if revision.has(Feature::ChunkedPackets) {
            put_string(out, self.chunked.0.as_bytes());
            put_string(out, self.chunked.1.as_bytes());
        }
        if revision.has(Feature::VersionedParallelReplicas) {
            put_varint(out, self.parallel_replicas_version);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, revision: Revision) -> Result<Self, DecodeError> {
        let mut addendum = Self {
            quota_key: text(r, "quota_key", MAX_HELLO_STRING)?,
            ..Self::default()
        };
        if revision.has(Feature::ChunkedPackets) {
            let send = text(r, "chunked_send", MAX_HELLO_STRING)?;
            addendum.chunked = (send, text(r, "chunked_recv", MAX_HELLO_STRING)?);
        }
        if revision.has(Feature::VersionedParallelReplicas) {
            addendum.parallel_replicas_version = r.leb128("parallel_replicas_version")?;
        }
        Ok(addendum)
    }
}
