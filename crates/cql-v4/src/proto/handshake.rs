//! From an open socket to a connection that may be used.
//!
//! ```text
//! OPTIONS -> SUPPORTED -> STARTUP -> READY
//!    |                       |-----> AUTHENTICATE -> AUTH_RESPONSE -> (AUTH_CHALLENGE ->)* AUTH_SUCCESS
//!    |                       '-----> then, if a keyspace is wanted: USE -> RESULT
//!    |                               then, if events are wanted: REGISTER -> READY
//!    '-> ERROR "unsupported protocol version": again, on a new connection, with an older version
//! ```

use std::fmt;
use std::sync::Arc;

use wire_core::RecvBuf;
use wire_core::machine::{Handshake as Machine, Step};

use super::auth::{self, AuthFailure, AuthSession};
use super::extensions::Extensions;
use super::wishes::{Session, Wishes};
use super::{Connection, EVENT_STREAM, check_first_byte, refuses_version, tell};
use crate::codec::{BodyOptions, Feature, Flags, Frame, SegmentDecoder, Version};
use crate::error::{Consistency, Error, ErrorCode, ErrorKind, Sent, ServerError};
use crate::message::{
    AuthResponse, Message, Opcode, Options, Query, QueryParams, Register, RequestBody, Response,
    ResultMessage, Startup, append_request,
};
use crate::routing::Sharding;

/// Nothing else is in flight during the handshake.
const STREAM: i16 = 1;

/// The opening of a connection, as a state machine.
pub struct Handshake {
    wishes: Arc<Wishes>,
    session: Session,
    state: State,
    /// While authentication goes on.
    auth: Option<Box<dyn AuthSession>>,
    /// On protocol v5, once STARTUP is answered.
    segments: Option<SegmentDecoder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// OPTIONS was sent.
    Asked,
    /// STARTUP was sent.
    Started,
    /// This many AUTH_RESPONSE were sent.
    Authenticating(u32),
    /// USE was sent.
    ChangingKeyspace,
    /// REGISTER was sent.
    Registering,
}

impl Handshake {
    /// Begins with the newest version that is wanted.
    pub fn new(wishes: Arc<Wishes>) -> Self {
        let version = wishes.newest;
        Self::with_version(wishes, version)
    }

    fn with_version(wishes: Arc<Wishes>, version: Version) -> Self {
        let session = Session::new(version, wishes.compress_from);
        Self {
            wishes,
            session,
            state: State::Asked,
            auth: None,
            segments: None,
        }
    }

    fn send<R: RequestBody>(&self, request: &R, out: &mut Vec<u8>) -> Result<(), Error> {
        let session = &self.session;
        let options = if self.segments.is_some() {
            session.body_options()
        } else {
            BodyOptions::bare(session.dialect, session.compression)
                .compressing_from(session.compress_from)
        };
        append_request(out, options, STREAM, Flags::default(), &[], request)
    }

    fn handle_frame(&mut self, frame: &Frame, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        let header = &frame.header;
        if !header.is_response {
            return Err(unexpected("a request frame"));
        }
        if header.stream == EVENT_STREAM && self.state == State::Registering {
            let session = &self.session;
            let (events, limits) = (self.wishes.events.as_ref(), &self.wishes.limits);
            tell(events, frame, session.dialect, session.compression, limits);
            return Ok(Step::More);
        }
        let body = frame.plain_body(self.session.compression, &self.wishes.limits)?;
        // An error about the version may come in the server's own version; its layout is the same in all.
        let response = Response::decode(header, &body, self.session.dialect, &self.wishes.limits)?;
        if let Message::Error(error) = response.message {
            return self.refused(*error);
        }
        if header.version != self.session.version.number() {
            let text = format!(
                "an answer of v{} to {}",
                header.version, self.session.version
            );
            return Err(unexpected(&text));
        }
        if header.stream != STREAM {
            return Err(unexpected(&format!(
                "an answer on stream {}",
                header.stream
            )));
        }
        self.advance(response.message, out)
    }

    fn advance(&mut self, message: Message, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        match (self.state, message) {
            (State::Asked, Message::Supported(supported)) => {
                let first = |key: &str| supported.first(key);
                self.session.sharding = Sharding::from_supported(first);
                self.session.extensions = Extensions::of(&supported);
                self.session.supported = supported;
                self.start_up(out)
            }
            (State::Started, Message::Ready) => {
                self.begin_segments();
                self.authenticated(out)
            }
            (State::Started, Message::Authenticate(class)) => {
                self.begin_segments();
                self.authenticate(&class, out)
            }
            (State::Authenticating(_), Message::AuthSuccess(token)) => {
                if let Some(mut auth) = self.auth.take() {
                    auth.success(token.as_deref()).map_err(auth_failed)?;
                }
                self.authenticated(out)
            }
            (State::Authenticating(rounds), Message::AuthChallenge(token)) => {
                self.answer_challenge(rounds, token.as_deref(), out)
            }
            (State::ChangingKeyspace, Message::Result(ResultMessage::SetKeyspace(_))) => {
                self.register(out)
            }
            (State::Registering, Message::Ready) => Ok(self.ready()),
            (_, other) => Err(unexpected(other.opcode().name())),
        }
    }

    /// STARTUP is answered: on protocol v5 all that follows is in segments.
    fn begin_segments(&mut self) {
        let session = &self.session;
        self.segments = session
            .version
            .has(Feature::Segments)
            .then(|| SegmentDecoder::new(session.compression, self.wishes.limits));
    }

    fn start_up(&mut self, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        let compression = self.wishes.compression;
        if let Some(wanted) = compression
            && !self.session.supported.has("COMPRESSION", wanted.name())
        {
            let text = format!(
                "the server has no compression {}; it has: {}",
                wanted.name(),
                self.session.supported.values("COMPRESSION").join(", ")
            );
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        let version = self.session.version;
        if let Some(wanted) = compression
            && version.has(Feature::Segments)
            && !wanted.is_in_segments()
        {
            let text = format!(
                "protocol {version} has no compression {}; lz4 it has",
                wanted.name()
            );
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        let startup = self.startup();
        self.send(&startup, out)?;
        // From here on both sides may compress, the answer to STARTUP included.
        self.session.compression = compression;
        self.session.dialect = self.session.extensions.dialect(version);
        self.state = State::Started;
        Ok(Step::More)
    }

    fn startup(&self) -> Startup {
        let wishes = &self.wishes;
        let mut startup = Startup::new(wishes.compression);
        wishes.identity.put(&mut startup);
        self.session.extensions.put(&mut startup);
        // Servers of protocol v5 have no compact storage any more.
        if wishes.no_compact && self.session.version < Version::V5 {
            startup.set("NO_COMPACT", "true");
        }
        if wishes.throw_on_overload {
            startup.set("THROW_ON_OVERLOAD", "1");
        }
        startup
    }

    fn authenticate(&mut self, class: &str, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        let wishes = Arc::clone(&self.wishes);
        let refuse = |text: String| Err(Error::new(ErrorKind::Auth, text));
        let Some(credentials) = &wishes.credentials else {
            return refuse(format!(
                "the server wants credentials ({class}), but none are configured"
            ));
        };
        if let Some(allowed) = &wishes.allowed_authenticators
            && !auth::is_allowed(class, allowed)
        {
            return refuse(format!(
                "the server wants credentials for {class}, which is not among the allowed authenticators: {}",
                allowed.join(", ")
            ));
        }
        if credentials.authenticator.exposes_secret() && !credentials.may_expose_secret {
            return refuse(format!(
                "the server wants a password ({class}), which would go over the network in clear text; use TLS \
                 (tls=true), or allow it with allow_plaintext_password=true"
            ));
        }
        let mut auth = credentials
            .authenticator
            .begin(class)
            .map_err(auth_failed)?;
        let token = auth.initial().map_err(auth_failed)?;
        self.auth = Some(auth);
        self.state = State::Authenticating(1);
        self.send(&AuthResponse { token }, out)?;
        Ok(Step::More)
    }

    fn answer_challenge(
        &mut self,
        rounds: u32,
        challenge: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Error> {
        let Some(auth) = self.auth.as_mut() else {
            return Err(unexpected(Opcode::AUTH_CHALLENGE.name()));
        };
        if rounds >= self.wishes.limits.max_auth_rounds {
            let text = format!(
                "the server still asks for more after {rounds} rounds of authentication (limit max_auth_rounds)"
            );
            return Err(Error::new(ErrorKind::Auth, text).with_sent(Sent::Yes));
        }
        let token = auth.challenge(challenge).map_err(auth_failed)?;
        self.state = State::Authenticating(rounds.saturating_add(1));
        self.send(&AuthResponse { token }, out)?;
        Ok(Step::More)
    }

    fn authenticated(&mut self, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        let Some(keyspace) = &self.wishes.keyspace else {
            return self.register(out);
        };
        // Quoted, so that the name is taken as it is and cannot be anything but a name.
        let text = format!("USE \"{}\"", keyspace.replace('"', "\"\"")).into();
        let params = QueryParams::new(Consistency::One);
        self.send(
            &Query {
                text,
                values: (),
                params,
            },
            out,
        )?;
        self.state = State::ChangingKeyspace;
        Ok(Step::More)
    }

    fn register(&mut self, out: &mut Vec<u8>) -> Result<Step<Self>, Error> {
        if self.wishes.events.is_none() {
            return Ok(self.ready());
        }
        self.send(&Register::for_all(), out)?;
        self.state = State::Registering;
        Ok(Step::More)
    }

    fn ready(&mut self) -> Step<Self> {
        let mut session = self.session.clone();
        session.keyspace.clone_from(&self.wishes.keyspace);
        let mut connection = Connection::new(session.dialect, self.wishes.limits)
            .with_compression(session.compression);
        if let Some(segments) = self.segments.take() {
            connection = connection.with_segments(segments);
        }
        if let Some(events) = &self.wishes.events {
            connection = connection.with_events(events.clone());
        }
        Step::Ready((connection, session))
    }

    fn refused(&self, error: ServerError) -> Result<Step<Self>, Error> {
        let early = matches!(self.state, State::Asked | State::Started);
        if early && refuses_version(error.code, &error.message) {
            if let Some(older) = self.session.version.older() {
                let again = Self::with_version(Arc::clone(&self.wishes), older);
                return Ok(Step::Reconnect(again));
            }
            let text = "the server speaks no protocol version that this crate speaks (v3 to v5)";
            return Err(Error::refused(ErrorKind::Unsupported, text, error));
        }
        let user = self
            .wishes
            .credentials
            .as_ref()
            .map_or("", |c| c.authenticator.user());
        let (kind, text) = match self.state {
            _ if error.code == ErrorCode::BAD_CREDENTIALS => (
                ErrorKind::Auth,
                format!("the server refused user `{user}`: {error}"),
            ),
            State::ChangingKeyspace => {
                let keyspace = self.wishes.keyspace.as_deref().unwrap_or("");
                (
                    ErrorKind::Server,
                    format!("keyspace `{keyspace}` cannot be used: {error}"),
                )
            }
            State::Registering => (
                ErrorKind::Server,
                format!("the server refused to send events: {error}"),
            ),
            _ => (
                ErrorKind::Server,
                format!("the server refused the connection: {error}"),
            ),
        };
        Err(Error::refused(kind, text, error))
    }
}

impl Machine for Handshake {
    type Ready = (Connection, Session);
    type Error = Error;

    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.send(&Options, out)
    }

    fn handle_bytes(
        &mut self,
        input: &mut RecvBuf,
        out: &mut Vec<u8>,
    ) -> Result<Step<Self>, Error> {
        let split = match &mut self.segments {
            Some(segments) => segments.next(input),
            None => {
                if let Some(first) = input.filled().first() {
                    check_first_byte(*first)?;
                }
                Frame::split(input, self.wishes.limits.max_frame_bytes)
            }
        };
        let split = split
            .map_err(|e| Error::undecodable("the server's answer", e).with_sent(Sent::Maybe))?;
        match split {
            None => Ok(Step::More),
            Some(frame) => self.handle_frame(&frame, out),
        }
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What an authentication holds is nobody's business.
        f.debug_struct("Handshake")
            .field("state", &self.state)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// The client's own side of an authentication gave up.
#[cold]
fn auth_failed(cause: AuthFailure) -> Error {
    Error::new(ErrorKind::Auth, "the client's own authenticator gave up")
        .with_sent(Sent::Maybe)
        .with_source(cause)
}

#[cold]
fn unexpected(what: &str) -> Error {
    let text = format!("the server sent {what}, which has no place at this point of the handshake");
    Error::new(ErrorKind::Decode, text).with_sent(Sent::Maybe)
}
