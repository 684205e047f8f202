//! Hello, [challenge and signature,] hello, addendum.

use std::sync::Arc;

use wire_core::RecvBuf;
use wire_core::machine::{self, Step};

use super::auth::Credentials;
use super::{Connection, Health};
use crate::codec::{ChunkMode, Feature, Method, Revision};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::message::{
    Addendum, ClientHello, ClientPacket, Form, ServerDecoder, ServerHello, ServerPacket,
};

/// What a connection logs in with.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) credentials: Credentials,
    pub(crate) database: String,
    pub(crate) quota_key: String,
    pub(crate) max_revision: Revision,
    pub(crate) compression: Option<Method>,
    pub(crate) zstd_level: i32,
    /// What is wanted of chunks in what is sent, and in what is received.
    pub(crate) chunked: (ChunkMode, ChunkMode),
    pub(crate) limits: Limits,
}

/// The opening of a connection.
#[derive(Debug)]
pub(crate) struct Handshake {
    login: Login,
    hello: ClientHello,
    decoder: ServerDecoder,
    /// Whether a challenge may still come.
    may_be_challenged: bool,
}

/// What was negotiated on a connection.
#[derive(Debug)]
pub(crate) struct Negotiated {
    pub(crate) hello: ServerHello,
    pub(crate) form: Form,
    pub(crate) health: Arc<Health>,
}

impl Handshake {
    pub(crate) fn new(login: Login) -> Self {
        let limits = Arc::new(login.limits.clone());
        let (revision, database) = (login.max_revision, &login.database);
        let hello = match &login.credentials {
            Credentials::Password(password) => {
                ClientHello::new(revision, database, &login.user, password.clone())
            }
            Credentials::Jwt(token) => ClientHello::with_jwt(revision, database, token.clone()),
            Credentials::Ssh(_) => ClientHello::with_ssh_key(revision, database, &login.user),
        };
        Self {
            decoder: ServerDecoder::new(revision, limits),
            may_be_challenged: matches!(login.credentials, Credentials::Ssh(_)),
            hello,
            login,
        }
    }

    fn sign(&mut self, challenge: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let Credentials::Ssh(signer) = &self.login.credentials else {
            return Err(not_native("it asks for a signature that nobody offered"));
        };
        if !std::mem::take(&mut self.may_be_challenged) {
            return Err(not_native("it asks for a signature twice"));
        }
        let data = self.hello.to_be_signed(challenge);
        let signature = signer.sign(&data).map_err(|e| {
            let text = format!("the SSH key of user {} did not sign", self.login.user);
            Error::new(ErrorKind::Auth, text).with_source(e)
        })?;
        let form = Form::new(self.login.max_revision, None);
        ClientPacket::SshChallengeResponse(signature).encode(form, out)
    }

    fn welcome(
        &mut self,
        hello: ServerHello,
        out: &mut Vec<u8>,
    ) -> Result<(Connection, Negotiated), Error> {
        if hello.revision < Revision::MIN {
            let text = format!(
                "{} speaks protocol revision {}; this client needs at least {}",
                hello.product(),
                hello.revision,
                Revision::MIN
            );
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        let revision = self.login.max_revision.min(hello.revision);
        let (sends, receives) = self.chunks(&hello, revision)?;
        let addendum = Addendum {
            quota_key: self.login.quota_key.clone(),
            chunked: (ChunkMode::chosen(sends), ChunkMode::chosen(receives)),
            ..Addendum::default()
        };
        addendum.write(revision, out);
        let health = Arc::new(Health::default());
        let limits = Arc::new(self.login.limits.clone());
        let empty = ServerDecoder::new(revision, limits);
        let mut decoder = std::mem::replace(&mut self.decoder, empty);
        decoder.set_compressed(self.login.compression.is_some());
        decoder.set_chunked(receives);
        let connection = Connection::new(decoder, Arc::clone(&health));
        let form = Form::new(revision, self.login.compression)
            .with_zstd_level(self.login.zstd_level)
            .with_chunked(sends);
        let negotiated = Negotiated {
            hello,
            form,
            health,
        };
        Ok((connection, negotiated))
    }

    /// Whether what is sent is chunked, and what is received.
    fn chunks(&self, hello: &ServerHello, revision: Revision) -> Result<(bool, bool), Error> {
        if !revision.has(Feature::ChunkedPackets) {
            return Ok((false, false));
        }
        let (sends, receives) = self.login.chunked;
        // What we send is what the server receives.
        let agree = |direction: &str, ours: ChunkMode, theirs: ChunkMode| {
            ChunkMode::agree(ours, theirs).ok_or_else(|| {
                let text = format!(
                    "the server wants packets that it {direction} {theirs}, this client {ours}: let one of them be \
                     optional, here with the option chunked, or there in proto_caps"
                );
                Error::new(ErrorKind::Unsupported, text)
            })
        };
        Ok((
            agree("receives", sends, hello.chunked.1)?,
            agree("sends", receives, hello.chunked.0)?,
        ))
    }
}

#[cold]
fn not_native(why: &str) -> Error {
    let text = format!("the server's greeting is not ClickHouse's native protocol: {why}");
    Error::new(ErrorKind::Decode, text)
}

impl machine::Handshake for Handshake {
    type Ready = (Connection, Negotiated);
    type Error = Error;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let hello = &self.hello;
        let texts = [
            ("user", hello.user.as_str()),
            ("password", hello.password.expose()),
            ("database", hello.database.as_str()),
        ];
        for (name, text) in texts {
            // ClickHouse's own client refuses these too: they end up in logs and, quoted, in SQL.
            if text.chars().any(|c| c.is_ascii_control()) {
                let text = format!("the {name} has a control character in it");
                return Err(Error::new(ErrorKind::Config, text));
            }
        }
        let form = Form::new(hello.revision, None);
        ClientPacket::Hello(hello.clone()).encode(form, out)?;
        if self.may_be_challenged {
            ClientPacket::SshChallengeRequest.encode(form, out)?;
        }
        Ok(())
    }

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Error> {
        let packet = self.decoder.poll(input).map_err(|e| {
            Error::decode(
                e,
                "the server's greeting is not ClickHouse's native protocol",
            )
        })?;
        match packet {
            None => Ok(Step::More),
            Some(ServerPacket::Hello(_)) if self.may_be_challenged => {
                Err(not_native("it lets a user in before his key has signed"))
            }
            Some(ServerPacket::Hello(hello)) => self.welcome(hello, out).map(Step::Ready),
            Some(ServerPacket::SshChallenge(challenge)) => {
                self.sign(&challenge, out).map(|()| Step::More)
            }
            Some(ServerPacket::Exception(exception)) => {
                let who = format!("the login of user {} was refused", self.login.user);
                Err(Error::server_refused(who, exception))
            }
            Some(_) => Err(not_native("it begins with another packet")),
        }
    }
}
