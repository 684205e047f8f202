//! The handshake and the routing of packets, without a socket.

use wire_core::RecvBuf;
use wire_core::machine::{Handshake as _, Protocol, Step};

use super::{Asked, Connection, Credentials, Handshake, Login, Negotiated, SshSigner};
use crate::codec::{ChunkMode, Feature, Revision};
use crate::error::{Error, ErrorKind, ServerError};
use crate::limits::Limits;
use crate::message::{
    Authentication, ClientPacket, ClientPackets, Form, ServerHello, ServerPacket,
};
use crate::{Block, message::Progress};

fn login() -> Login {
    Login {
        user: "me".to_owned(),
        credentials: Credentials::Password("secret".into()),
        database: "db".to_owned(),
        quota_key: "key".to_owned(),
        max_revision: Revision::MAX,
        compression: None,
        zstd_level: 1,
        chunked: (ChunkMode::NotChunked, ChunkMode::NotChunked),
        limits: Limits::default(),
    }
}

fn bytes(packet: &ServerPacket, revision: Revision) -> Vec<u8> {
    let mut out = Vec::new();
    packet.encode(Form::new(revision, None), &mut out).unwrap();
    out
}

/// Feeds a greeting byte by byte; returns what the handshake gives, and all that the client wrote.
fn shake(login: Login, greeting: &[u8]) -> Result<((Connection, Negotiated), Vec<u8>), Error> {
    let mut handshake = Handshake::new(login);
    let (mut out, mut input) = (Vec::new(), RecvBuf::new());
    handshake.start(&mut out)?;
    for (i, byte) in greeting.iter().enumerate() {
        input.extend_from_slice(&[*byte]);
        match handshake.handle_bytes(&mut input, &mut out)? {
            Step::More => assert!(
                i + 1 < greeting.len(),
                "it waits for more than the greeting"
            ),
            Step::Ready(ready) => {
                assert_eq!(i + 1, greeting.len(), "it is ready too early");
                return Ok((ready, out));
            }
            Step::Reconnect(_) => panic!("nobody asked for it"),
        }
    }
    panic!("it ended without an outcome")
}

fn hello(revision: u64) -> ServerHello {
    let mut hello = ServerHello::new("ClickHouse", (26, 9, 2), Revision::new(revision));
    hello.timezone = "Europe/Berlin".to_owned();
    hello.nonce = 7;
    hello
}

#[test]
fn both_sides_agree_at_every_revision_where_something_changed() {
    let changes = Feature::ALL.iter().map(|f| f.since());
    for revision in changes
        .flat_map(|since| [since - 1, since])
        .filter(|r| *r >= 54_058)
    {
        let greeting = bytes(&ServerPacket::Hello(hello(revision)), Revision::MAX);
        let ((_, negotiated), written) = shake(login(), &greeting).unwrap();
        assert_eq!(negotiated.form.revision.number(), revision);
        assert_eq!(negotiated.hello.timezone, "Europe/Berlin");
        let mut client = ClientPackets::new(Revision::new(revision), Limits::default());
        client.push(&written);
        let Ok(Some(ClientPacket::Hello(sent))) = client.next_packet() else {
            panic!("no hello");
        };
        assert_eq!(
            (sent.user.as_str(), sent.password.expose()),
            ("me", "secret")
        );
        assert_eq!(
            (sent.database.as_str(), sent.revision),
            ("db", Revision::MAX)
        );
        match client.next_packet().unwrap() {
            None => assert!(revision < Feature::Addendum.since()),
            Some(ClientPacket::Addendum(addendum)) => assert_eq!(addendum.quota_key, "key"),
            Some(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_login_can_fail_in_many_ways() {
    let refused = ServerError::new(516, "DB::Exception", "no");
    let missing = ServerError::new(81, "DB::Exception", "no such database");
    let mut chunked = hello(54_492);
    chunked.chunked.0 = ChunkMode::Chunked;
    let cases = [
        (ServerPacket::Exception(refused), ErrorKind::Auth, "user me"),
        (
            ServerPacket::Exception(missing),
            ErrorKind::Server,
            "no such database",
        ),
        (
            ServerPacket::Hello(hello(54_000)),
            ErrorKind::Unsupported,
            "at least 54058",
        ),
        (
            ServerPacket::Hello(chunked),
            ErrorKind::Unsupported,
            "the server wants packets that it sends chunked, this client notchunked",
        ),
        (
            ServerPacket::Pong,
            ErrorKind::Decode,
            "not ClickHouse's native protocol",
        ),
    ];
    for (packet, kind, text) in cases {
        let error = shake(login(), &bytes(&packet, Revision::MAX)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
    }
    let error = shake(login(), b"HTTP/1.1 400 Bad Request\r\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn control_characters_are_refused_before_anything_is_sent() {
    let mut login = login();
    login.user = "a\nb".to_owned();
    let error = shake(login, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn a_conversation_ends_where_it_ends() {
    let greeting = bytes(&ServerPacket::Hello(hello(54_492)), Revision::MAX);
    let ((mut connection, negotiated), _) = shake(login(), &greeting).unwrap();
    let exception = ServerPacket::Exception(ServerError::new(1, "", ""));
    let progress = ServerPacket::Progress(Progress::default());
    let data = ServerPacket::Data(Block::new());
    let cases = [
        (Asked::Query, data.clone(), false, false),
        (Asked::Query, progress.clone(), false, false),
        (Asked::Query, exception.clone(), true, false),
        (Asked::Ping, progress, false, false),
        (Asked::Ping, ServerPacket::Pong, true, false),
        (Asked::Insert, ServerPacket::Pong, false, false),
        (Asked::Insert, data, false, false),
        (Asked::Insert, ServerPacket::EndOfStream, true, false),
        (
            Asked::TablesStatus,
            ServerPacket::TablesStatus(Vec::new()),
            true,
            false,
        ),
        (Asked::Query, ServerPacket::EndOfStream, true, false),
        // Nothing of this query's result came before.
        (Asked::Query, exception, true, true),
    ];
    for (asked, packet, last, is_suspect) in cases {
        let mut input = RecvBuf::new();
        input.extend_from_slice(&bytes(&packet, Revision::MAX));
        negotiated.health.begin(asked);
        let inbound = connection.handle_bytes(&mut input).unwrap().unwrap();
        assert_eq!((&inbound.item, inbound.last), (&packet, last));
        assert_eq!(negotiated.health.is_suspect(), is_suspect, "{packet:?}");
    }
}

/// Also work that a server would like to have done by its client: nothing of it is answered.
#[test]
fn what_does_not_answer_the_question_is_refused() {
    let hello_again = ServerPacket::Hello(hello(54_492));
    let cases = [
        (Asked::Query, hello_again, "Hello"),
        (Asked::Query, ServerPacket::Pong, "Pong"),
        (
            Asked::Query,
            ServerPacket::ReadTaskRequest,
            "ReadTaskRequest",
        ),
        (
            Asked::Insert,
            ServerPacket::SshChallenge(Vec::new()),
            "SSHChallenge",
        ),
        (
            Asked::Insert,
            ServerPacket::TablesStatus(Vec::new()),
            "TablesStatusResponse",
        ),
        (Asked::Ping, ServerPacket::EndOfStream, "EndOfStream"),
        (Asked::Ping, ServerPacket::Data(Block::new()), "Data"),
        (Asked::TablesStatus, ServerPacket::Pong, "Pong"),
        (
            Asked::TablesStatus,
            ServerPacket::EndOfStream,
            "EndOfStream",
        ),
        (
            Asked::Nothing,
            ServerPacket::Progress(Progress::default()),
            "Progress",
        ),
    ];
    for (asked, packet, name) in cases {
        let greeting = bytes(&ServerPacket::Hello(hello(54_492)), Revision::MAX);
        let ((mut connection, negotiated), _) = shake(login(), &greeting).unwrap();
        negotiated.health.begin(asked);
        let mut input = RecvBuf::new();
        input.extend_from_slice(&bytes(&packet, Revision::MAX));
        let error = connection.handle_bytes(&mut input).unwrap_err().to_string();
        assert!(error.contains(&format!("is {name}, which")), "{error}");
    }
}

/// What the server says it receives is what the client sends.
#[test]
fn chunks_are_agreed_on_for_each_direction() {
    use ChunkMode::{Chunked, ChunkedOptional, NotChunked, NotChunkedOptional};
    // The client's wishes and the server's, each for what it sends and what it receives, and what comes of it.
    let cases = [
        (
            (NotChunkedOptional, NotChunkedOptional),
            (NotChunked, NotChunked),
            (false, false),
        ),
        (
            (NotChunkedOptional, NotChunkedOptional),
            (Chunked, NotChunked),
            (false, true),
        ),
        (
            (NotChunkedOptional, NotChunkedOptional),
            (NotChunked, Chunked),
            (true, false),
        ),
        (
            (Chunked, Chunked),
            (NotChunkedOptional, ChunkedOptional),
            (true, true),
        ),
        (
            (NotChunked, Chunked),
            (ChunkedOptional, ChunkedOptional),
            (false, true),
        ),
    ];
    for (ours, theirs, (sends, receives)) in cases {
        let mut hello = hello(54_492);
        hello.chunked = theirs;
        let greeting = bytes(&ServerPacket::Hello(hello), Revision::MAX);
        let login = Login {
            chunked: ours,
            ..login()
        };
        let ((mut connection, negotiated), written) = shake(login, &greeting).unwrap();
        assert_eq!(negotiated.form.chunked, sends);
        let mut client = ClientPackets::new(Revision::MAX, Limits::default());
        client.push(&written);
        client.next_packet().unwrap();
        let Some(ClientPacket::Addendum(addendum)) = client.next_packet().unwrap() else {
            panic!("no addendum");
        };
        let said = (ChunkMode::chosen(sends), ChunkMode::chosen(receives));
        assert_eq!(addendum.chunked, said);
        // The server now speaks as the client wants it to, and the client is understood.
        let mut ping = Vec::new();
        ClientPacket::Ping
            .encode(negotiated.form, &mut ping)
            .unwrap();
        client.push(&ping);
        assert_eq!(client.next_packet().unwrap(), Some(ClientPacket::Ping));
        let mut pong = Vec::new();
        let form = client.form(crate::codec::Method::None);
        assert_eq!(form.chunked, receives);
        ServerPacket::Pong.encode(form, &mut pong).unwrap();
        negotiated.health.begin(Asked::Ping);
        let mut input = RecvBuf::new();
        input.extend_from_slice(&pong);
        let inbound = connection.handle_bytes(&mut input).unwrap().unwrap();
        assert!(inbound.last);
    }
}

fn ssh(sign: impl SshSigner + 'static) -> Login {
    Login {
        credentials: Credentials::Ssh(std::sync::Arc::new(sign)),
        ..login()
    }
}

#[test]
fn a_key_signs_what_the_server_says() {
    let sign = |data: &[u8]| {
        assert_eq!(data, b"54492dbmesalt");
        Ok(b"signed".to_vec())
    };
    let challenge = bytes(&ServerPacket::SshChallenge(b"salt".to_vec()), Revision::MAX);
    let welcome = bytes(&ServerPacket::Hello(hello(54_492)), Revision::MAX);
    let (_, written) = shake(ssh(sign), &[challenge, welcome.clone()].concat()).unwrap();
    let mut client = ClientPackets::new(Revision::MAX, Limits::default());
    client.push(&written);
    let Ok(Some(ClientPacket::Hello(hello))) = client.next_packet() else {
        panic!("no hello");
    };
    assert_eq!(
        hello.authentication(),
        Authentication::SshKey { user: "me" }
    );
    assert_eq!(hello.password.expose(), "");
    let next = client.next_packet().unwrap();
    assert_eq!(next, Some(ClientPacket::SshChallengeRequest));
    let next = client.next_packet().unwrap();
    assert_eq!(
        next,
        Some(ClientPacket::SshChallengeResponse(b"signed".to_vec()))
    );
    let next = client.next_packet().unwrap();
    assert!(matches!(next, Some(ClientPacket::Addendum(_))));
    // A server that does not ask has not looked at the key: whoever it is, it is not to be trusted with queries.
    let error = shake(ssh(|_: &[u8]| Ok(Vec::new())), &welcome).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn a_key_that_does_not_sign_and_a_challenge_that_nobody_asked_for_fail() {
    let challenge = bytes(&ServerPacket::SshChallenge(b"salt".to_vec()), Revision::MAX);
    let error = shake(
        ssh(|_: &[u8]| Err("the agent is locked".into())),
        &challenge,
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the agent is locked");
    let error = shake(login(), &challenge).unwrap_err();
    assert!(error.to_string().contains("nobody offered"), "{error}");
    let twice = challenge.repeat(2);
    let error = shake(ssh(|_: &[u8]| Ok(Vec::new())), &twice).unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
}

#[test]
fn a_token_takes_the_place_of_user_and_password() {
    let login = Login {
        credentials: Credentials::Jwt("token".into()),
        ..login()
    };
    assert!(!format!("{login:?}").contains("token"));
    let greeting = bytes(&ServerPacket::Hello(hello(54_492)), Revision::MAX);
    let (_, written) = shake(login, &greeting).unwrap();
    let mut client = ClientPackets::new(Revision::MAX, Limits::default());
    client.push(&written);
    let Ok(Some(ClientPacket::Hello(hello))) = client.next_packet() else {
        panic!("no hello");
    };
    assert_eq!(hello.authentication(), Authentication::Jwt);
    assert_eq!(
        (hello.user.as_str(), hello.password.expose()),
        (" JWT AUTHENTICATION ", "token")
    );
}
