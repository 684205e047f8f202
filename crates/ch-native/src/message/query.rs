//! A query with its settings and the client's description of itself.

use wire_core::{DecodeError, EncodeError, Reader, varint};

use super::handshake::read_settings;
use crate::codec::prim::{put_string, put_varint, string, text};
use crate::codec::{Feature, Revision};

/// The name that hellos and queries give; servers may refuse when the two differ.
pub(crate) const CLIENT_NAME: &str = concat!("ch-native/", env!("CARGO_PKG_VERSION"));

/// Version of this crate, major and minor.
pub(crate) fn client_version() -> (u64, u64) {
    let part = |text: &str| text.parse().unwrap_or(0);
    (
        part(env!("CARGO_PKG_VERSION_MAJOR")),
        part(env!("CARGO_PKG_VERSION_MINOR")),
    )
}

/// A statement with what goes along with it.
///
/// ```
/// use ch_native::message::Query;
///
/// let query = Query::new("SELECT count() FROM events")
///     .setting("max_threads", 2_u64)
///     .setting("max_execution_time", 10_u64);
/// assert_eq!(query.text(), "SELECT count() FROM events");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    text: String,
    id: String,
    settings: Vec<(String, SettingValue)>,
}

/// The value of a setting.
///
/// Servers below revision 54429 (2020) want settings in a form that depends on their type: say `u64` for unsigned
/// numbers, bools and durations, `i64` for signed numbers, text for everything else. Later servers take text for all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingValue {
    /// An unsigned number, bool (0 or 1) or duration.
    UInt(u64),
    /// A signed number.
    Int(i64),
    /// Text, an enum's name, or the decimal text of a float.
    Text(String),
}

impl From<u64> for SettingValue {
    fn from(value: u64) -> Self {
        Self::UInt(value)
    }
}

impl From<bool> for SettingValue {
    fn from(value: bool) -> Self {
        Self::UInt(u64::from(value))
    }
}

impl From<i64> for SettingValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for SettingValue {
    fn from(value: f64) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<&str> for SettingValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for SettingValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl SettingValue {
    fn to_text(&self) -> String {
        match self {
            Self::UInt(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Text(value) => value.clone(),
        }
    }
}

impl Query {
    /// A statement without settings; the server makes up its id.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Gives the query an id, by which `system.processes` and `KILL QUERY` know it. Must not be running already.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets a setting for this query. A later one of the same name wins.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<SettingValue>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The statement.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The settings, in the order they are sent.
    pub fn settings(&self) -> &[(String, SettingValue)] {
        &self.settings
    }

    /// Puts settings before the query's own, which win.
    #[cfg(feature = "client")]
    pub(crate) fn with_defaults(mut self, defaults: &[(String, SettingValue)]) -> Self {
        if !defaults.is_empty() {
            self.settings = defaults.iter().cloned().chain(self.settings).collect();
        }
        self
    }
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Query {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Query {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}

/// Who asks: the client's description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// 1 for a query of a user, 2 for one that a server makes for another query, 0 for nothing known.
    pub kind: u8,
    /// The user that asked first; filled in by the server for kind 1.
    pub initial_user: String,
    /// Name of the client.
    pub client_name: String,
    /// Version of the client: major, minor, patch.
    pub version: (u64, u64, u64),
    /// The newest revision of the client.
    pub revision: Revision,
    /// Key that quotas may be counted by.
    pub quota_key: String,
}

impl ClientInfo {
    /// This crate, asking for a user.
    pub fn new(revision: Revision) -> Self {
        let (major, minor) = client_version();
        Self {
            kind: 1,
            initial_user: String::new(),
            client_name: CLIENT_NAME.to_owned(),
            version: (
                major,
                minor,
                env!("CARGO_PKG_VERSION_PATCH").parse().unwrap_or(0),
            ),
            revision,
            quota_key: String::new(),
        }
    }

    /// The interface number of a TCP client.
    const TCP: u8 = 1;
    const HTTP: u8 = 2;

    fn write(&self, form: Revision, out: &mut Vec<u8>) {
        out.push(self.kind);
        if self.kind == 0 {
            return;
        }
        put_string(out, self.initial_user.as_bytes());
        put_string(out, b""); // initial query id
        // The server knows the true address, and takes it for kind 1.
        put_string(out, b"0.0.0.0:0");
        if form.has(Feature::InitialQueryStartTime) {
            out.extend_from_slice(&0_i64.to_le_bytes());
        }
        out.push(Self::TCP);
        put_string(out, b""); // user of the operating system
        put_string(out, b""); // host name
        put_string(out, self.client_name.as_bytes());
        put_varint(out, self.version.0);
        put_varint(out, self.version.1);
        put_varint(out, self.revision.number());
        if form.has(Feature::QuotaKeyInClientInfo) {
            put_string(out, self.quota_key.as_bytes());
        }
        if form.has(Feature::DistributedDepth) {
            put_varint(out, 0);
        }
        if form.has(Feature::VersionPatch) {
            put_varint(out, self.version.2);
        }
        if form.has(Feature::OpenTelemetry) {
            out.push(0);
        }
        if form.has(Feature::ParallelReplicas) {
            out.extend_from_slice(&[0, 0, 0]);
        }
        if form.has(Feature::ScriptNumbers) {
            out.extend_from_slice(&[0, 0]);
        }
        if form.has(Feature::JwtInClientInfo) {
            out.push(0);
        }
        if form.has(Feature::ClientAgent) {
            put_string(out, b"");
        }
        if form.has(Feature::InternalQuery) {
            out.push(0);
        }
        if form.has(Feature::CurrentRoles) {
            out.push(0);
        }
    }

    fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        let mut info = Self::new(form);
        info.kind = r.u8("query_kind")?;
        if info.kind == 0 {
            return Ok(info);
        }
        info.initial_user = text(r, "initial_user", max)?;
        string(r, "initial_query_id", max)?;
        string(r, "initial_address", max)?;
        if form.has(Feature::InitialQueryStartTime) {
            r.i64_le("initial_query_start_time")?;
        }
        let interface = r.u8("interface")?;
        if interface == Self::TCP {
            string(r, "os_user", max)?;
            string(r, "client_hostname", max)?;
            info.client_name = text(r, "client_name", max)?;
            info.version = (r.leb128("version_major")?, r.leb128("version_minor")?, 0);
            info.revision = Revision::new(r.leb128("revision")?);
        } else if interface == Self::HTTP {
            let what = "a query that came to another server over HTTP";
            return Err(DecodeError::unsupported("interface", r.offset(), what));
        }
        if form.has(Feature::QuotaKeyInClientInfo) {
            info.quota_key = text(r, "quota_key", max)?;
        }
        if form.has(Feature::DistributedDepth) {
            r.leb128("distributed_depth")?;
        }
        if form.has(Feature::VersionPatch) && interface == Self::TCP {
            info.version.2 = r.leb128("version_patch")?;
        }
        Self::read_rest(r, form, max)?;
        Ok(info)
    }

    /// What only servers use among themselves.
    fn read_rest(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<(), DecodeError> {
        if form.has(Feature::OpenTelemetry) && r.u8("has_trace")? != 0 {
            r.skip("trace_and_span", 24)?;
            string(r, "tracestate", max)?;
            r.u8("trace_flags")?;
        }
        if form.has(Feature::ParallelReplicas) {
            r.leb128("collaborate")?;
            r.leb128("replicas")?;
            r.leb128("replica")?;
        }
        if form.has(Feature::ScriptNumbers) {
            r.leb128("script_query")?;
            r.leb128("script_line")?;
        }
        if form.has(Feature::JwtInClientInfo) && r.u8("has_jwt")? != 0 {
            string(r, "jwt", max)?;
        }
        if form.has(Feature::ClientAgent) {
            string(r, "client_agent", max)?;
        }
        if form.has(Feature::InternalQuery) {
            r.u8("is_internal")?;
        }
        if form.has(Feature::CurrentRoles) && r.u8("has_roles")? != 0 {
            let roles = r.leb128("roles")?;
            let roles = r.count("roles", roles, 1)?;
            for _ in 0..roles {
                string(r, "role", max)?;
            }
        }
        Ok(())
    }
}

/// The packet that carries a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryPacket {
    /// The statement and its settings.
    pub query: Query,
    /// Who asks.
    pub info: ClientInfo,
    /// Whether blocks in both directions are compressed for this query.
    pub compressed: bool,
}

/// The stage to which the server carries a query out: to the end.
const STAGE_COMPLETE: u64 = 2;
/// Flag of a setting that the server must know.
const FLAG_IMPORTANT: u64 = 1;

impl QueryPacket {
    /// A query of this crate.
    pub fn new(query: Query, info: ClientInfo, compressed: bool) -> Self {
        Self {
            query,
            info,
            compressed,
        }
    }

    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        put_string(out, self.query.id.as_bytes());
        self.info.write(form, out);
        self.write_settings(form, out)?;
        if form.has(Feature::ExternalRoles) {
            // A string that holds an empty vector, as ClickHouse's own client sends it.
            put_string(out, &[0]);
        }
        if form.has(Feature::InterserverSecret) {
            put_string(out, b"");
        }
        put_varint(out, STAGE_COMPLETE);
        put_varint(out, u64::from(self.compressed));
        put_string(out, self.query.text.as_bytes());
        if form.has(Feature::Parameters) {
            put_string(out, b"");
        }
        Ok(())
    }

    fn write_settings(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        for (name, value) in &self.query.settings {
            if name.is_empty() {
                return Err(EncodeError::invalid("setting", "has no name"));
            }
            put_string(out, name.as_bytes());
            if form.has(Feature::SettingsAsStrings) {
                // A setting that the server does not know is an error, not something that silently does nothing.
                put_varint(out, FLAG_IMPORTANT);
                put_string(out, value.to_text().as_bytes());
                continue;
            }
            match value {
                SettingValue::UInt(value) => put_varint(out, *value),
                SettingValue::Int(value) => put_varint(out, varint::zigzag(*value)),
                SettingValue::Text(value) => put_string(out, value.as_bytes()),
            }
        }
        put_string(out, b"");
        Ok(())
    }

    pub(super) fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        let id = text(r, "query_id", max)?;
        let info = ClientInfo::read(r, form, max)?;
        let settings = if form.has(Feature::SettingsAsStrings) {
            read_settings(r, max)?
                .into_iter()
                .map(|s| (s.name, SettingValue::Text(s.value)))
                .collect()
        } else {
            match string(r, "setting.name", max)? {
                [] => Vec::new(),
                // Their width depends on the type of each, which only a server knows.
                _ => {
                    let what = "settings in the binary form from before revision 54429";
                    return Err(DecodeError::unsupported("settings", r.offset(), what));
                }
            }
        };
        if form.has(Feature::ExternalRoles) {
            string(r, "external_roles", max)?;
        }
        if form.has(Feature::InterserverSecret) {
            string(r, "auth_hash", max)?;
        }
        r.leb128("stage")?;
        let compressed = r.leb128("compression")? != 0;
        let statement = text(r, "query", max)?;
        if form.has(Feature::Parameters) {
            read_settings(r, max)?;
        }
        Ok(Self {
            query: Query {
                text: statement,
                id,
                settings,
            },
            info,
            compressed,
        })
    }
}
