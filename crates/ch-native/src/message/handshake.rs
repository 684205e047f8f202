//! What the client says before its first query: hello, signature, addendum.
//!
//! ```text
//! hello     client name String, major, minor, revision VarUInt, database, user, password String
//! marker of a server as user: then cluster, salt String
//! SSH key   packet 11; the server's packet 18 with a challenge String; packet 12 with a signature String
//! addendum  [54458] quota key String, [54470] chunked send, receive String, [54471] version VarUInt      no packet code
//! ```
//!
//! Other logins than by password are marked by a user name that nobody can have. The addendum follows the server's
//! hello; from then on packets may be chunked.
//!
//! Source: ClickHouse, `src/Client/Connection.cpp` (`sendHello`, `sendAddendum`), `src/Server/TCPHandler.cpp`
//! (`receiveHello`, `processSSHAuth`).

use wire_core::{DecodeError, Reader};

use crate::codec::prim::{put_string, put_varint, string, text};
use crate::codec::{ChunkMode, Feature, Revision};

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
    /// User name, or a mark: see [`Self::authentication`].
    pub user: String,
    /// The password or token, in clear text; use TLS.
    pub password: Password,
    /// What a server that logs in to another adds.
    pub interserver: Option<Interserver>,
}

/// How the server of a cluster says who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interserver {
    /// Name of the cluster.
    pub cluster: String,
    /// Random bytes that go into the hashes of its queries.
    pub salt: Vec<u8>,
}

/// How a client logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication<'a> {
    /// By the password in the hello.
    Password,
    /// By a token, in the place of the password: a JSON Web Token, which names the user.
    Jwt,
    /// By a signature, which is asked for next (since 54466).
    SshKey {
        /// The user.
        user: &'a str,
    },
    /// As a server of the same cluster, by hashes of a secret.
    Interserver,
}

/// Users that are marks (ClickHouse, `src/Core/Protocol.h`, `EncodedUserInfo`).
const SSH_MARK: &str = " SSH KEY AUTHENTICATION ";
const JWT_MARK: &str = " JWT AUTHENTICATION ";
const INTERSERVER_MARK: &str = " INTERSERVER SECRET ";

/// A password or token whose `Debug` does not show it.
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
pub(super) const MAX_HELLO_STRING: u64 = 4096;
/// Longest password or token. Tokens carry claims and a signature: some kilobytes at most.
const MAX_PASSWORD: u64 = 64 << 10;

impl ClientHello {
    /// A hello of this crate that logs in by password.
    pub fn new(revision: Revision, database: &str, user: &str, password: Password) -> Self {
        Self {
            client_name: CLIENT_NAME.to_owned(),
            version: client_version(),
            revision,
            database: database.to_owned(),
            user: user.to_owned(),
            password,
            interserver: None,
        }
    }

    /// A hello of this crate that logs in by a JSON Web Token.
    pub fn with_jwt(revision: Revision, database: &str, token: Password) -> Self {
        Self::new(revision, database, JWT_MARK, token)
    }

    /// A hello of this crate that logs in by a signature. Send [`SshChallengeRequest`] right after it, and sign what
    /// [`Self::to_be_signed`] says once the challenge has come.
    ///
    /// [`SshChallengeRequest`]: super::ClientPacket::SshChallengeRequest
    pub fn with_ssh_key(revision: Revision, database: &str, user: &str) -> Self {
        let user = format!("{SSH_MARK}{user}");
        Self::new(revision, database, &user, Password::default())
    }

    /// How the client logs in.
    pub fn authentication(&self) -> Authentication<'_> {
        if self.user == INTERSERVER_MARK {
            Authentication::Interserver
        } else if self.user == JWT_MARK {
            Authentication::Jwt
        } else if let Some(user) = self.user.strip_prefix(SSH_MARK) {
            Authentication::SshKey { user }
        } else {
            Authentication::Password
        }
    }

    /// What a client with an SSH key signs to log in: revision, database, user and the server's challenge, one behind
    /// the other.
    pub fn to_be_signed(&self, challenge: &[u8]) -> Vec<u8> {
        let user = match self.authentication() {
            Authentication::SshKey { user } => user,
            _ => &self.user,
        };
        let mut data = format!("{}{}{user}", self.revision, self.database).into_bytes();
        data.extend_from_slice(challenge);
        data
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put_string(out, self.client_name.as_bytes());
        put_varint(out, self.version.0);
        put_varint(out, self.version.1);
        put_varint(out, self.revision.number());
        put_string(out, self.database.as_bytes());
        put_string(out, self.user.as_bytes());
        put_string(out, self.password.0.as_bytes());
        if let Some(interserver) = &self.interserver {
            put_string(out, interserver.cluster.as_bytes());
            put_string(out, &interserver.salt);
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut hello = Self {
            client_name: text(r, "client_name", MAX_HELLO_STRING)?,
            version: (r.leb128("version_major")?, r.leb128("version_minor")?),
            revision: Revision::new(r.leb128("revision")?),
            database: text(r, "database", MAX_HELLO_STRING)?,
            user: text(r, "user", MAX_HELLO_STRING)?,
            password: Password(text(r, "password", MAX_PASSWORD)?),
            interserver: None,
        };
        if hello.authentication() == Authentication::Interserver {
            hello.interserver = Some(Interserver {
                cluster: text(r, "cluster", MAX_HELLO_STRING)?,
                salt: string(r, "salt", MAX_HELLO_STRING)?.to_vec(),
            });
        }
        Ok(hello)
    }
}

/// What the client adds once it knows the server's revision.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Addendum {
    /// Key that quotas may be counted by.
    pub quota_key: String,
    /// Whether what the client sends is chunked, and what it receives (since 54470): the outcome, so neither is
    /// optional.
    pub chunked: (ChunkMode, ChunkMode),
    /// Version of the client's parallel replicas protocol (since 54471).
    pub parallel_replicas_version: u64,
}

impl Default for Addendum {
    fn default() -> Self {
        Self {
            quota_key: String::new(),
            chunked: (ChunkMode::NotChunked, ChunkMode::NotChunked),
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
            put_string(out, self.chunked.0.name().as_bytes());
            put_string(out, self.chunked.1.name().as_bytes());
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
            addendum.chunked = (read_mode(r, "chunked_send")?, read_mode(r, "chunked_recv")?);
        }
        if revision.has(Feature::VersionedParallelReplicas) {
            addendum.parallel_replicas_version = r.leb128("parallel_replicas_version")?;
        }
        Ok(addendum)
    }
}

/// One of the four words about chunks.
pub(super) fn read_mode(r: &mut Reader<'_>, field: &'static str) -> Result<ChunkMode, DecodeError> {
    let word = text(r, field, MAX_HELLO_STRING)?;
    word.parse().map_err(|_| {
        let what = format!("is {word:?}, which is no way to frame packets");
        r.invalid(field, word.len(), what)
    })
}
