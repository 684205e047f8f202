//! From an open socket to an agreed version.

use wire_core::machine::{self, Step};
use wire_core::{RecvBuf, Secret};

use crate::codec::frame::write_frame;
use crate::codec::version::Gate;
use crate::codec::{Decoder, Features, Negotiated, Version};
use crate::error::{ServerError, Status, wire};
use crate::limits::Limits;
use crate::message::{HandshakeRequest, HandshakeResponse};
use crate::proto::{Connection, take_frame};
use crate::types::Uuid;
use crate::{Error, ErrorKind};

/// Longest answer to a handshake: a UUID, some feature bits, or a text that may hold a stack trace. Low enough that the
/// first bytes of a TLS alert are no length of one.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The opening of a connection: asks for the newest version, and for an older one if the server wants that. The
/// server keeps the socket open for it (seen at Ignite 2.17; the Java client does the same).
#[derive(Debug)]
pub struct Handshake {
    asked: Version,
    features: Features,
    credentials: Option<(String, Secret)>,
    limits: Limits,
}

/// What was agreed on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Version and features.
    pub negotiated: Negotiated,
    /// Id of the node, from version 1.4 on.
    pub node_id: Option<Uuid>,
}

impl Handshake {
    /// Asks for [`Version::LATEST`] with `features`.
    pub fn new(features: Features, limits: Limits) -> Self {
        Self {
            asked: Version::LATEST,
            features,
            credentials: None,
            limits,
        }
    }

    /// Adds user name and password.
    #[must_use]
    pub fn with_credentials(mut self, user: String, password: String) -> Self {
        self.credentials = Some((user, password.into()));
        self
    }

    fn ask(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut request = HandshakeRequest::new(self.asked, self.features);
        if let Some((user, password)) = &self.credentials {
            if !self.asked.has(Gate::Credentials) {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!(
                        "the server speaks version {} of the protocol, which has no authentication, but a user is \
                         configured",
                        self.asked
                    ),
                ));
            }
            request = request.with_credentials(user.clone(), password.expose().to_owned());
        }
        write_frame(out, |to| request.encode(to))
    }

    fn accepted(&self, features: Features, node_id: Option<Uuid>) -> (Connection, Session) {
        let negotiated = Negotiated::new(self.asked, features.and(self.features));
        let connection = Connection::new(negotiated, self.limits.max_frame_bytes);
        (
            connection,
            Session {
                negotiated,
                node_id,
            },
        )
    }

    fn refusal(&self, version: Version, message: &str, status: Option<Status>) -> Error {
        let server = ServerError::new(status.unwrap_or(Status::Failed), message);
        // Version 1.0 has no status; a version that the server names is a refusal of ours, and other reasons have none.
        let (kind, what) = match status {
            Some(Status::AuthFailed) => {
                (ErrorKind::Auth, "the server refused user name or password")
            }
            _ if version != NO_VERSION => (
                ErrorKind::Unsupported,
                "the server speaks no version of the protocol that this client does",
            ),
            _ => (ErrorKind::Connect, "the server refused the connection"),
        };
        Error::refused(kind, format!("{what}: {}", server.message()), server)
    }
}

/// The version in a refusal for another reason than the version.
const NO_VERSION: Version = Version::new(0, 0, 0);

impl machine::Handshake for Handshake {
    type Ready = (Connection, Session);
    type Error = Error;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.ask(out)
    }

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Error> {
        let max = MAX_ANSWER_BYTES.min(self.limits.max_frame_bytes);
        let Some(body) = take_frame(input, max).map_err(wire)? else {
            return Ok(Step::More);
        };
        let mut from = Decoder::new(&body, &self.limits);
        match HandshakeResponse::decode(&mut from, self.asked)? {
            HandshakeResponse::Accepted { features, node_id } => {
                Ok(Step::Ready(self.accepted(features, node_id)))
            }
            HandshakeResponse::Refused { version, .. }
                if version.is_supported() && version < self.asked =>
            {
                self.asked = version;
                self.ask(out)?;
                Ok(Step::More)
            }
            HandshakeResponse::Refused {
                version,
                message,
                status,
            } => Err(self.refusal(version, &message, status)),
        }
    }
}
