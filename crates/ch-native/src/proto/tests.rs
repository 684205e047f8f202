//! The handshake and the routing of packets, without a socket.

use wire_core::RecvBuf;
use wire_core::machine::{Handshake as _, Protocol, Step};

use super::{Connection, Handshake, Login, Negotiated};
use crate::codec::{Feature, Revision};
use crate::error::{Error, ErrorKind, ServerError};
use crate::limits::Limits;
use crate::message::{ClientPacket, ClientPackets, Form, ServerHello, ServerPacket};
use crate::{Block, message::Progress};

fn login() -> Login {
    Login {
        user: "me".to_owned(),
        password: "secret".into(),
        database: "db".to_owned(),
        quota_key: "key".to_owned(),
        max_revision: Revision::MAX,
        compression: None,
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
    chunked.chunked.0 = "chunked".to_owned();
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
            "proto_caps.send",
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
    let cases = [
        (ServerPacket::Data(Block::new()), false, false),
        (ServerPacket::Progress(Progress::default()), false, false),
        (exception.clone(), true, false),
        (ServerPacket::Pong, true, false),
        (ServerPacket::EndOfStream, true, false),
        // Nothing of this query's result came before.
        (exception, true, true),
    ];
    for (packet, last, is_suspect) in cases {
        let mut input = RecvBuf::new();
        input.extend_from_slice(&bytes(&packet, Revision::MAX));
        let inbound = connection.handle_bytes(&mut input).unwrap().unwrap();
        assert_eq!((&inbound.item, inbound.last), (&packet, last));
        assert_eq!(negotiated.health.is_suspect(), is_suspect, "{packet:?}");
    }
    let mut input = RecvBuf::new();
    input.extend_from_slice(&greeting);
    assert!(
        connection.handle_bytes(&mut input).is_err(),
        "a second hello"
    );
}
