//! The opening of a connection.
//!
//! ```text
//! request   i8 1 · i16 major, minor, patch · i8 2 · [≥ 1.7 byte[] features] · [≥ 1.1 text user, text password]
//! accepted  bool 1 · [≥ 1.7 byte[] features] · [≥ 1.4 UUID node]
//! refused   bool 0 · i16 major, minor, patch · text · [≥ 1.1 i32 status]
//! ```
//!
//! The version that gates a part is the one that was asked for. Source: server classes
//! `ClientListenerNioListener.onHandshake` and `ClientConnectionContext.initializeFromHandshake`.

use wire_core::Secret;

use crate::Error;
use crate::codec::version::Gate;
use crate::codec::{Decoder, Encoder, Features, Version, prim};
use crate::error::Status;
use crate::types::{DataType, Uuid, skip};

/// Code of the handshake.
const HANDSHAKE: u8 = 1;
/// Client type: thin client (0 is ODBC, 1 is JDBC).
const THIN_CLIENT: u8 = 2;
/// Feature bit 0: user attributes follow the features.
const USER_ATTRIBUTES: u64 = 1;

/// The client's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandshakeRequest {
    /// The version asked for.
    pub version: Version,
    /// The features offered; sent from version 1.7 on.
    pub features: Features,
    credentials: Option<(String, Secret)>,
}

impl HandshakeRequest {
    /// Asks for `version` with `features`.
    pub const fn new(version: Version, features: Features) -> Self {
        Self {
            version,
            features,
            credentials: None,
        }
    }

    /// Adds user name and password.
    #[must_use]
    pub fn with_credentials(mut self, user: String, password: String) -> Self {
        self.credentials = Some((user, password.into()));
        self
    }

    /// User name and password.
    pub fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials
            .as_ref()
            .map(|(user, password)| (user.as_str(), password.expose()))
    }

    /// Appends the message without its length. Credentials are left out before version 1.1, which has none.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if user name or password is longer than 2 GiB.
    pub fn encode(&self, to: &mut Encoder<'_>) -> Result<(), Error> {
        to.u8(HANDSHAKE);
        write_version(to, self.version);
        to.u8(THIN_CLIENT);
        if self.version.has(Gate::FeatureBits) {
            to.u8(prim::BYTES);
            to.counted("features", &self.features.to_mask())?;
            if self.features.bits() & USER_ATTRIBUTES != 0 {
                to.u8(prim::NULL);
            }
        }
        if let Some((user, password)) = self.credentials()
            && self.version.has(Gate::Credentials)
        {
            prim::write_str(to, user)?;
            prim::write_str(to, password)?;
        }
        Ok(())
    }

    /// Reads the message.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is no handshake of a thin client.
    pub fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        expect_byte(from, "handshake code", HANDSHAKE)?;
        let version = read_version(from)?;
        expect_byte(from, "client type", THIN_CLIENT)?;
        let mut request = Self::new(version, Features::NONE);
        if version.has(Gate::FeatureBits) {
            request.features = read_features(from)?;
            if request.features.bits() & USER_ATTRIBUTES != 0 {
                skip(from)?;
            }
        }
        if version.has(Gate::Credentials) && !from.is_empty() {
            let user = prim::read_opt_str(from, "user")?.unwrap_or_default();
            let password = prim::read_opt_str(from, "password")?.unwrap_or_default();
            request = request.with_credentials(user, password);
        }
        from.finish("handshake")?;
        Ok(request)
    }
}

/// The server's answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeResponse {
    /// The connection is open.
    Accepted {
        /// Features that both sides have; none before version 1.7.
        features: Features,
        /// Id of the node; `None` before version 1.4.
        node_id: Option<Uuid>,
    },
    /// The server does not want this client, or not in this way.
    Refused {
        /// The server's newest version if the one asked for is the reason, else 0.0.0.
        version: Version,
        /// Why.
        message: String,
        /// Why, as a code; `None` if version 1.0 was asked for.
        status: Option<Status>,
    },
}

impl HandshakeResponse {
    /// Appends the message without its length, as answer to a request for version `asked`.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::ErrorKind::Limit) if the text is longer than 2 GiB.
    pub fn encode(&self, to: &mut Encoder<'_>, asked: Version) -> Result<(), Error> {
        match self {
            Self::Accepted { features, node_id } => {
                to.bool(true);
                if asked.has(Gate::FeatureBits) {
                    to.u8(prim::BYTES);
                    to.counted("features", &features.to_mask())?;
                }
                if asked.has(Gate::ResponseFlags) {
                    let node_id = node_id.unwrap_or_default();
                    to.u8(prim::UUID);
                    prim::write_uuid_body(to, node_id.as_u128());
                }
                Ok(())
            }
            Self::Refused {
                version,
                message,
                status,
            } => {
                to.bool(false);
                write_version(to, *version);
                prim::write_str(to, message)?;
                if asked.has(Gate::Credentials) {
                    to.i32(status.unwrap_or(Status::Failed).code());
                }
                Ok(())
            }
        }
    }

    /// Reads the answer to a request for version `asked`.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is none.
    pub fn decode(from: &mut Decoder<'_>, asked: Version) -> Result<Self, Error> {
        let response = if from.bool("handshake success")? {
            let features = if asked.has(Gate::FeatureBits) {
                read_features(from)?
            } else {
                Features::NONE
            };
            let node_id = match asked.has(Gate::ResponseFlags) {
                true => read_node_id(from)?,
                false => None,
            };
            Self::Accepted { features, node_id }
        } else {
            let version = read_version(from)?;
            let message = prim::read_opt_str(from, "refusal")?.unwrap_or_default();
            let status = match asked.has(Gate::Credentials) {
                true => Some(Status::from_code(from.i32("status")?)),
                false => None,
            };
            Self::Refused {
                version,
                message,
                status,
            }
        };
        from.finish("handshake answer")?;
        Ok(response)
    }
}

fn expect_byte(from: &mut Decoder<'_>, field: &'static str, expected: u8) -> Result<(), Error> {
    match from.u8(field)? {
        byte if byte == expected => Ok(()),
        other => Err(from.invalid(field, 1, format!("is {other}, expected {expected}"))),
    }
}

fn write_version(to: &mut Encoder<'_>, version: Version) {
    to.i16(version.major);
    to.i16(version.minor);
    to.i16(version.patch);
}

fn read_version(from: &mut Decoder<'_>) -> Result<Version, Error> {
    Ok(Version::new(
        from.i16("major version")?,
        from.i16("minor version")?,
        from.i16("patch version")?,
    ))
}

fn read_features(from: &mut Decoder<'_>) -> Result<Features, Error> {
    expect_byte(from, "features", DataType::ByteArray.code())?;
    let n = from.count("features", 1)?;
    from.take("features", n).map(Features::from_mask)
}

fn read_node_id(from: &mut Decoder<'_>) -> Result<Option<Uuid>, Error> {
    match from.u8("node id")? {
        prim::UUID => prim::read_uuid_body(from, "node id")
            .map(Uuid::from_u128)
            .map(Some),
        prim::NULL => Ok(None),
        other => Err(from.invalid(
            "node id",
            1,
            format!("has type code {other}, expected UUID (10)"),
        )),
    }
}
