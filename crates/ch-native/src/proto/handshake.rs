//! Hello, hello, addendum.

use std::sync::Arc;

use wire_core::RecvBuf;
use wire_core::machine::{self, Step};

use super::{Connection, Health};
use crate::codec::{Method, Revision};
use crate::error::{Error, ErrorKind};
use crate::limits::Limits;
use crate::message::{
    Addendum, ClientHello, ClientPacket, Form, NOT_CHUNKED, Password, ServerDecoder, ServerHello,
    ServerPacket,
};

/// What a connection logs in with.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: Password,
    pub(crate) database: String,
    pub(crate) quota_key: String,
    pub(crate) max_revision: Revision,
    pub(crate) compression: Option<Method>,
    pub(crate) limits: Limits,
}

/// The opening of a connection.
#[derive(Debug)]
pub(crate) struct Handshake {
    login: Login,
    decoder: ServerDecoder,
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
        Self {
            decoder: ServerDecoder::new(login.max_revision, limits),
            login,
        }
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
        for (name, mode) in [("send", &hello.chunked.0), ("recv", &hello.chunked.1)] {
            if mode != NOT_CHUNKED && !mode.ends_with("_optional") {
                let text = format!(
                    "the server insists on chunked packets, which are not supported: set proto_caps.{name} to \
                     {NOT_CHUNKED}_optional in its configuration, or max_revision below 54470 here"
                );
                return Err(Error::new(ErrorKind::Unsupported, text));
            }
        }
        let revision = self.login.max_revision.min(hello.revision);
        let addendum = Addendum {
            quota_key: self.login.quota_key.clone(),
            ..Addendum::default()
        };
        addendum.write(revision, out);
        let health = Arc::new(Health::default());
        let limits = Arc::new(self.login.limits.clone());
        let empty = ServerDecoder::new(revision, limits);
        let mut decoder = std::mem::replace(&mut self.decoder, empty);
        decoder.compressed = self.login.compression.is_some();
        let connection = Connection::new(decoder, Arc::clone(&health));
        let form = Form::new(revision, self.login.compression);
        Ok((
            connection,
            Negotiated {
                hello,
                form,
                health,
            },
        ))
    }
}

impl machine::Handshake for Handshake {
    type Ready = (Connection, Negotiated);
    type Error = Error;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let login = &self.login;
        let texts = [
            ("user", login.user.as_str()),
            ("password", login.password.expose()),
            ("database", login.database.as_str()),
        ];
        for (name, text) in texts {
            // ClickHouse's own client refuses these too: they end up in logs and, quoted, in SQL.
            if text.chars().any(|c| c.is_ascii_control()) {
                let text = format!("the {name} has a control character in it");
                return Err(Error::new(ErrorKind::Config, text));
            }
        }
        let hello = ClientHello::new(
            login.max_revision,
            &login.database,
            &login.user,
            login.password.clone(),
        );
        let form = Form::new(login.max_revision, None);
        ClientPacket::Hello(hello).encode(form, out)
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
            Some(ServerPacket::Hello(hello)) => self.welcome(hello, out).map(Step::Ready),
            Some(ServerPacket::Exception(exception)) => {
                let who = format!("the login of user {} was refused", self.login.user);
                Err(Error::server_refused(who, exception))
            }
            Some(_) => Err(Error::new(
                ErrorKind::Decode,
                "the server's greeting is not ClickHouse's native protocol: it begins with another packet",
            )),
        }
    }
}
