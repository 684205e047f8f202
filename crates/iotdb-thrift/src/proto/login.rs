//! From an open socket to a session.
//!
//! ```text
//! client                             server
//! getProperties            ------->  works without a login: says the version, and shows a wrong protocol
//!                          <-------  version, timestamp precision, longest frame
//! openSession              ------->  zone, user, password, {"version": by the server's version}
//!                          <-------  status, protocol version, session id
//! requestStatementId       ------->
//!                          <-------  statement id, which statements of this connection carry
//! ```
//!
//! Asking for the version first has three reasons: a server before 1.0 answers a configuration version that it does not
//! know with an internal error; status codes have other meanings before 1.0; and the password is not sent to something
//! that is no IoTDB. If the version stays unknown, the configuration versions are tried from the newest on, each on a
//! new connection.

use bytes::Bytes;
use wire_core::machine::{Handshake, Step};
use wire_core::{RecvBuf, Secret};

use super::{Connection, Expected, Generation, Server, Session, check, refused_call};
use crate::codec::{Protocol, frame};
use crate::error::{Error, ErrorKind, Numbering, Sent};
use crate::limits::Limits;
use crate::message::{
    GetPropertiesArgs, OpenSessionArgs, Request, RequestStatementIdArgs, ServerProperties,
    TSOpenSessionReq, TSOpenSessionResp, TSProtocolVersion,
};

/// Who logs in, and how.
#[derive(Debug, Clone)]
pub struct Credentials {
    user: String,
    password: Secret,
    time_zone: String,
    protocol: Protocol,
}

impl Credentials {
    /// A user with a password, the time zone in which the server reads literals (a name of the IANA list or an offset),
    /// and the spelling of messages.
    pub fn new(
        user: impl Into<String>,
        password: impl Into<String>,
        time_zone: impl Into<String>,
        protocol: Protocol,
    ) -> Self {
        Self {
            user: user.into(),
            password: Secret::from(password.into()),
            time_zone: time_zone.into(),
            protocol,
        }
    }
}

/// A login under way.
#[derive(Debug)]
pub struct Login {
    credentials: Credentials,
    limits: Limits,
    state: State,
    server: Option<Server>,
    /// The place in [`VERSIONS`] that is tried, if the server's version is not known.
    attempt: usize,
}

#[derive(Debug)]
enum State {
    Properties,
    Open,
    Statement { session_id: i64 },
}

/// What the client says of itself (`configuration["version"]`), newest first: it chooses the SQL rules. Servers answer
/// one that they do not know with an internal error.
const VERSIONS: [(&str, Generation); 3] = [
    ("V_1_0", Generation::V1),
    ("V_0_13", Generation::V0_13),
    ("V_0_12", Generation::V0_12),
];

/// Number of the requests of a login, which go one by one.
const SEQUENCE: i32 = 0;

impl Login {
    /// A login that has not begun.
    pub fn new(credentials: Credentials, limits: Limits) -> Self {
        Self {
            credentials,
            limits,
            state: State::Properties,
            server: None,
            attempt: 0,
        }
    }

    fn send<R: Request>(&self, request: &R, out: &mut Vec<u8>) -> Result<(), Error> {
        request.append_call(SEQUENCE, self.credentials.protocol, out)
    }

    fn receive<R: Request>(
        &self,
        message: &Bytes,
    ) -> Result<Result<R::Response, crate::message::TApplicationException>, Error> {
        let protocol = self.credentials.protocol;
        R::decode_reply(message, SEQUENCE, protocol, &self.limits)
            .map_err(|e| e.context("login").with_sent(Sent::Yes))
    }

    fn version(&self) -> (&'static str, Generation) {
        let [newest, ..] = VERSIONS;
        let known = self.server.as_ref().map(Server::generation);
        let found = match known {
            Some(generation) => VERSIONS.iter().find(|(_, since)| generation >= *since),
            None => VERSIONS.get(self.attempt),
        };
        found.copied().unwrap_or(newest)
    }

    fn numbering(&self) -> Numbering {
        match self.version().1 {
            Generation::V1 | Generation::V2 => Numbering::Modern,
            Generation::V0_12 | Generation::V0_13 => Numbering::Classic,
        }
    }

    fn open(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let version = self.version().0.to_owned();
        let req = TSOpenSessionReq {
            client_protocol: TSProtocolVersion::IotdbServiceProtocolV3,
            zone_id: self.credentials.time_zone.clone(),
            username: self.credentials.user.clone(),
            password: Some(self.credentials.password.expose().to_owned()),
            configuration: Some([("version".to_owned(), version)].into()),
        };
        self.state = State::Open;
        self.send(&OpenSessionArgs::from(req), out)
    }

    fn handle(&mut self, message: &Bytes, out: &mut Vec<u8>) -> Result<Outcome, Error> {
        match self.state {
            State::Properties => {
                if let Ok(properties) = self.receive::<GetPropertiesArgs>(message)? {
                    self.server = Some(server(&properties));
                }
                self.open(out)?;
                Ok(Outcome::More)
            }
            State::Open => self.opened(message, out),
            State::Statement { session_id } => {
                let statement_id = self
                    .receive::<RequestStatementIdArgs>(message)?
                    .map_err(|e| refused_call(&e, "login: requestStatementId"))?;
                let ready = self.ready(session_id, statement_id);
                Ok(Outcome::Ready(Box::new(ready)))
            }
        }
    }

    fn opened(&mut self, message: &Bytes, out: &mut Vec<u8>) -> Result<Outcome, Error> {
        let answer = match self.receive::<OpenSessionArgs>(message)? {
            Ok(answer) => answer,
            Err(_) if self.server.is_none() && self.attempt.saturating_add(1) < VERSIONS.len() => {
                return Ok(Outcome::Older);
            }
            Err(exception) => {
                let doing = format!(
                    "login as {}: the server could not open a session (is the time zone {} one that it knows?)",
                    self.credentials.user, self.credentials.time_zone
                );
                return Err(refused_call(&exception, &doing));
            }
        };
        let user = &self.credentials.user;
        check(&answer.status, self.numbering(), || {
            format!("login as {user}")
        })?;
        let session_id = session_id(&answer)?;
        self.state = State::Statement { session_id };
        let request = RequestStatementIdArgs { session_id };
        self.send(&request, out)?;
        Ok(Outcome::More)
    }

    fn ready(&self, session_id: i64, statement_id: i64) -> (Connection, Session) {
        let expected = Expected::default();
        let protocol = self.credentials.protocol;
        // A server that hides its version is as old as what it accepted.
        let server = self
            .server
            .clone()
            .unwrap_or_else(|| match self.version().1 {
                Generation::V0_12 => Server::new("0.12", "ms", None),
                Generation::V0_13 => Server::new("0.13", "ms", None),
                Generation::V1 | Generation::V2 => Server::new("1.0", "ms", None),
            });
        let connection = Connection::new(protocol, self.limits, expected.clone());
        let session = Session {
            session_id,
            statement_id,
            server,
            protocol,
            limits: self.limits,
            expected,
        };
        (connection, session)
    }
}

enum Outcome {
    More,
    Older,
    Ready(Box<(Connection, Session)>),
}

fn server(properties: &ServerProperties) -> Server {
    Server::new(
        &properties.version,
        &properties.timestamp_precision,
        properties.thrift_max_frame_size,
    )
}

fn session_id(answer: &TSOpenSessionResp) -> Result<i64, Error> {
    let version = answer.server_protocol_version;
    if version != TSProtocolVersion::IotdbServiceProtocolV3 {
        let text =
            format!("login: the server speaks {version:?}; this crate speaks protocol version 3");
        return Err(Error::new(ErrorKind::Unsupported, text).with_sent(Sent::Yes));
    }
    answer.session_id.ok_or_else(|| {
        let text = "login: the server accepted it, but gave no session id";
        Error::new(ErrorKind::Decode, text).with_sent(Sent::Yes)
    })
}

impl Handshake for Login {
    type Ready = (Connection, Session);
    type Error = Error;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.send(&GetPropertiesArgs::default(), out)
    }

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Error> {
        let frames = self.limits.max_frame_bytes;
        while let Some(message) =
            frame::split(input, frames).map_err(|e| Error::decode(&e).context("login"))?
        {
            match self.handle(&message, out)? {
                Outcome::More => {}
                Outcome::Ready(ready) => return Ok(Step::Ready(*ready)),
                Outcome::Older => {
                    let mut next = Self::new(self.credentials.clone(), self.limits);
                    next.attempt = self.attempt.saturating_add(1);
                    return Ok(Step::Reconnect(next));
                }
            }
        }
        Ok(Step::More)
    }
}
