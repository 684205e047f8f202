//! Who asks: a part of each query.
//!
//! ```text
//! kind u8                                                       0: nothing follows
//! user, query id, address String, [54449] start time i64, interface u8
//! TCP:  system user, host, client name String, major, minor, revision VarUInt
//! HTTP: method u8, agent String, [54443] forwarded for String, [54447] referer String
//! [54060] quota key String, [54448] depth VarUInt, TCP and [54401] patch VarUInt
//! [54442] has trace u8 and trace, [54453] 3 VarUInt, [54475] 2 VarUInt, [54476] has token u8 and String
//! [54485] agent String, [54486] internal u8, [54488] has roles u8, VarUInt n and n String
//! ```
//!
//! Source: ClickHouse, `src/Interpreters/ClientInfo.cpp`.

use wire_core::{DecodeError, EncodeError, Reader};

use super::handshake::{CLIENT_NAME, Password, client_version};
use super::trace::TraceContext;
use crate::codec::prim::{flag, list, put_string, put_varint, text, to_u64};
use crate::codec::{Feature, Revision};

/// Who asks: the client's description of itself, and what servers pass on about the query that another belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// 1 for a query of a user, 2 for one that a server makes for another query, 0 for nothing known.
    pub kind: u8,
    /// The user that asked first; filled in by the server for kind 1.
    pub initial_user: String,
    /// The query that this one belongs to; filled in by the server for kind 1.
    pub initial_query_id: String,
    /// Address and port of who asked first; the server takes the true one for kind 1.
    pub initial_address: String,
    /// When the initial query began, in microseconds since 1970-01-01 UTC; 0 if not known.
    pub initial_start_micros: i64,
    /// How the query came to the first server.
    pub interface: Interface,
    /// Key that quotas may be counted by.
    pub quota_key: String,
    /// How many servers the query went through.
    pub distributed_depth: u64,
    /// The span that the query belongs to.
    pub trace: Option<TraceContext>,
    /// Between servers that share out reading: whether they work together, how many there are (obsolete), and which
    /// one is asked.
    pub replicas: (u64, u64, u64),
    /// Number of the query and of its line in a script.
    pub script: (u64, u64),
    /// Token that servers pass on.
    pub jwt: Option<Password>,
    /// The program that asks, such as an editor or a tool, where that is known.
    pub client_agent: String,
    /// Whether the query is the server's own.
    pub is_internal: bool,
    /// Roles that servers pass on.
    pub roles: Option<Vec<String>>,
}

/// How a query came to the first server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interface {
    /// Over the native protocol.
    Tcp(TcpClient),
    /// Over HTTP.
    Http(HttpClient),
    /// By another way, of which only the number is told: 3 gRPC, 4 MySQL, 5 PostgreSQL, 6 in the same process.
    Other(u8),
}

/// A client of the native protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpClient {
    /// User of the client's operating system.
    pub os_user: String,
    /// Host that the client runs on.
    pub hostname: String,
    /// Name of the client; must be that of its hello.
    pub name: String,
    /// Version of the client: major, minor, patch.
    pub version: (u64, u64, u64),
    /// The newest revision of the client.
    pub revision: Revision,
}

/// A client of the HTTP interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HttpClient {
    /// 1 for GET, 2 for POST.
    pub method: u8,
    /// The header `User-Agent`.
    pub user_agent: String,
    /// The header `X-Forwarded-For`.
    pub forwarded_for: String,
    /// The header `Referer`.
    pub referer: String,
}

/// Numbers of interfaces.
const TCP: u8 = 1;
const HTTP: u8 = 2;
/// Most roles that one query may come with.
const MAX_ROLES: u64 = 10_000;

impl TcpClient {
    fn new(revision: Revision) -> Self {
        let (major, minor) = client_version();
        let patch = env!("CARGO_PKG_VERSION_PATCH").parse().unwrap_or(0);
        Self {
            os_user: String::new(),
            hostname: String::new(),
            name: CLIENT_NAME.to_owned(),
            version: (major, minor, patch),
            revision,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_string(out, self.os_user.as_bytes());
        put_string(out, self.hostname.as_bytes());
        put_string(out, self.name.as_bytes());
        put_varint(out, self.version.0);
        put_varint(out, self.version.1);
        put_varint(out, self.revision.number());
    }

    fn read(r: &mut Reader<'_>, max: u64) -> Result<Self, DecodeError> {
        Ok(Self {
            os_user: text(r, "os_user", max)?,
            hostname: text(r, "client_hostname", max)?,
            name: text(r, "client_name", max)?,
            version: (r.leb128("version_major")?, r.leb128("version_minor")?, 0),
            revision: Revision::new(r.leb128("revision")?),
        })
    }
}

impl HttpClient {
    fn write(&self, form: Revision, out: &mut Vec<u8>) {
        out.push(self.method);
        put_string(out, self.user_agent.as_bytes());
        if form.has(Feature::ForwardedFor) {
            put_string(out, self.forwarded_for.as_bytes());
        }
        if form.has(Feature::Referer) {
            put_string(out, self.referer.as_bytes());
        }
    }

    fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        if form.has(Feature::HttpHandler) {
            let what = "a query that came to another server over HTTP, at this revision";
            return Err(DecodeError::unsupported("interface", r.offset(), what));
        }
        let mut client = Self {
            method: r.u8("http_method")?,
            user_agent: text(r, "user_agent", max)?,
            ..Self::default()
        };
        if form.has(Feature::ForwardedFor) {
            client.forwarded_for = text(r, "forwarded_for", max)?;
        }
        if form.has(Feature::Referer) {
            client.referer = text(r, "referer", max)?;
        }
        Ok(client)
    }
}

impl Interface {
    fn write(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Tcp(client) => {
                out.push(TCP);
                client.write(out);
            }
            Self::Http(_) if form.has(Feature::HttpHandler) => {
                let what = "of a query that came over HTTP cannot be written at this revision";
                return Err(EncodeError::invalid("interface", what));
            }
            Self::Http(client) => {
                out.push(HTTP);
                client.write(form, out);
            }
            Self::Other(number) => out.push(*number),
        }
        Ok(())
    }

    fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        Ok(match r.u8("interface")? {
            TCP => Self::Tcp(TcpClient::read(r, max)?),
            HTTP => Self::Http(HttpClient::read(r, form, max)?),
            other => Self::Other(other),
        })
    }
}

impl ClientInfo {
    /// This crate, asking for a user.
    pub fn new(revision: Revision) -> Self {
        Self {
            kind: 1,
            initial_user: String::new(),
            initial_query_id: String::new(),
            // The server knows the true address, and takes it for kind 1.
            initial_address: "0.0.0.0:0".to_owned(),
            initial_start_micros: 0,
            interface: Interface::Tcp(TcpClient::new(revision)),
            quota_key: String::new(),
            distributed_depth: 0,
            trace: None,
            replicas: (0, 0, 0),
            script: (0, 0),
            jwt: None,
            client_agent: String::new(),
            is_internal: false,
            roles: None,
        }
    }

    pub(super) fn write(&self, form: Revision, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.push(self.kind);
        if self.kind == 0 {
            return Ok(());
        }
        put_string(out, self.initial_user.as_bytes());
        put_string(out, self.initial_query_id.as_bytes());
        put_string(out, self.initial_address.as_bytes());
        if form.has(Feature::InitialQueryStartTime) {
            out.extend_from_slice(&self.initial_start_micros.to_le_bytes());
        }
        self.interface.write(form, out)?;
        if form.has(Feature::QuotaKeyInClientInfo) {
            put_string(out, self.quota_key.as_bytes());
        }
        if form.has(Feature::DistributedDepth) {
            put_varint(out, self.distributed_depth);
        }
        if let Interface::Tcp(client) = &self.interface
            && form.has(Feature::VersionPatch)
        {
            put_varint(out, client.version.2);
        }
        self.write_rest(form, out);
        Ok(())
    }

    /// What came later, in the order in which it came.
    fn write_rest(&self, form: Revision, out: &mut Vec<u8>) {
        if form.has(Feature::OpenTelemetry) {
            out.push(u8::from(self.trace.is_some()));
            if let Some(trace) = &self.trace {
                trace.write(out);
            }
        }
        if form.has(Feature::ParallelReplicas) {
            let (collaborate, replicas, replica) = self.replicas;
            [collaborate, replicas, replica]
                .into_iter()
                .for_each(|n| put_varint(out, n));
        }
        if form.has(Feature::ScriptNumbers) {
            put_varint(out, self.script.0);
            put_varint(out, self.script.1);
        }
        if form.has(Feature::JwtInClientInfo) {
            out.push(u8::from(self.jwt.is_some()));
            if let Some(jwt) = &self.jwt {
                put_string(out, jwt.expose().as_bytes());
            }
        }
        if form.has(Feature::ClientAgent) {
            put_string(out, self.client_agent.as_bytes());
        }
        if form.has(Feature::InternalQuery) {
            out.push(u8::from(self.is_internal));
        }
        if form.has(Feature::CurrentRoles) {
            out.push(u8::from(self.roles.is_some()));
            if let Some(roles) = &self.roles {
                put_varint(out, to_u64(roles.len()));
                roles
                    .iter()
                    .for_each(|role| put_string(out, role.as_bytes()));
            }
        }
    }

    pub(super) fn read(r: &mut Reader<'_>, form: Revision, max: u64) -> Result<Self, DecodeError> {
        let mut info = Self::new(form);
        info.kind = r.u8("query_kind")?;
        if info.kind == 0 {
            return Ok(info);
        }
        info.initial_user = text(r, "initial_user", max)?;
        info.initial_query_id = text(r, "initial_query_id", max)?;
        info.initial_address = text(r, "initial_address", max)?;
        if form.has(Feature::InitialQueryStartTime) {
            info.initial_start_micros = r.i64_le("initial_query_start_time")?;
        }
        info.interface = Interface::read(r, form, max)?;
        if form.has(Feature::QuotaKeyInClientInfo) {
            info.quota_key = text(r, "quota_key", max)?;
        }
        if form.has(Feature::DistributedDepth) {
            info.distributed_depth = r.leb128("distributed_depth")?;
        }
        if let Interface::Tcp(client) = &mut info.interface
            && form.has(Feature::VersionPatch)
        {
            client.version.2 = r.leb128("version_patch")?;
        }
        info.read_rest(r, form, max)?;
        Ok(info)
    }

    fn read_rest(
        &mut self,
        r: &mut Reader<'_>,
        form: Revision,
        max: u64,
    ) -> Result<(), DecodeError> {
        if form.has(Feature::OpenTelemetry) && flag(r, "has_trace")? {
            self.trace = Some(TraceContext::read(r, max)?);
        }
        if form.has(Feature::ParallelReplicas) {
            self.replicas = (
                r.leb128("collaborate")?,
                r.leb128("replicas")?,
                r.leb128("replica")?,
            );
        }
        if form.has(Feature::ScriptNumbers) {
            self.script = (r.leb128("script_query")?, r.leb128("script_line")?);
        }
        if form.has(Feature::JwtInClientInfo) && flag(r, "has_jwt")? {
            self.jwt = Some(text(r, "jwt", max)?.into());
        }
        if form.has(Feature::ClientAgent) {
            self.client_agent = text(r, "client_agent", max)?;
        }
        if form.has(Feature::InternalQuery) {
            self.is_internal = flag(r, "is_internal")?;
        }
        if form.has(Feature::CurrentRoles) && flag(r, "has_roles")? {
            self.roles = Some(list(r, "roles", MAX_ROLES, |r| text(r, "role", max))?);
        }
        Ok(())
    }
}
