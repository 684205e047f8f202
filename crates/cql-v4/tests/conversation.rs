//! The connection without a network: handshakes played from recorded and from written answers, and answers that find
//! their requests however they arrive.

mod support;

use std::sync::Arc;

use bytes::Bytes;
use cql_v4::codec::FrameDecoder;
use cql_v4::message::{Message, Opcode, Request, Response, ResultMessage, Supported};
use cql_v4::proto::{Connection, Credentials, Handshake, Session, Wishes};
use cql_v4::{Error, ErrorCode, ErrorKind, Limits, Sent, ServerError, Version};
use wire_core::RecvBuf;
use wire_core::machine::{Handshake as _, Protocol, Route, Step};
use wire_core::testing::{chunked_feed, fixture};

fn wishes() -> Wishes {
    Wishes {
        newest: Version::V4,
        ..Wishes::default()
    }
}

fn bytes(message: Message, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(message)
        .encode(version, None, 1, &mut out)
        .unwrap();
    out
}

fn v4(message: Message) -> Vec<u8> {
    bytes(message, Version::V4)
}

fn refusal(code: ErrorCode, text: &str) -> Message {
    Message::Error(Box::new(ServerError::new(code, text)))
}

/// The requests in `out`.
fn requests(out: &[u8]) -> Vec<Request> {
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(out);
    std::iter::from_fn(|| decoder.next_frame().unwrap())
        .map(|frame| {
            let version = Version::from_number(frame.header.version).unwrap();
            Request::decode(version, Opcode(frame.header.opcode), &frame.body).unwrap()
        })
        .collect()
}

/// Plays `answers`, one byte at a time, and returns how the handshake ended and what it sent.
fn play(
    mut handshake: Handshake,
    answers: &[Vec<u8>],
) -> (Result<Step<Handshake>, Error>, Vec<Request>) {
    let mut out = Vec::new();
    handshake.start(&mut out).unwrap();
    let mut input = RecvBuf::new();
    let mut last = Ok(Step::More);
    for answer in answers {
        for byte in answer {
            assert!(
                matches!(last, Ok(Step::More)),
                "it ended before {answer:02x?}"
            );
            input.extend_from_slice(&[*byte]);
            last = handshake.handle_bytes(&mut input, &mut out);
        }
    }
    (last, requests(&out))
}

fn ready(ended: Result<Step<Handshake>, Error>) -> Session {
    match ended {
        Ok(Step::Ready((_, session))) => session,
        other => panic!("{other:?}"),
    }
}

fn begin(wishes: Wishes) -> Handshake {
    Handshake::new(Arc::new(wishes))
}

#[test]
fn recorded_answers_lead_to_a_connection() {
    let (ended, sent) = play(
        begin(wishes()),
        &[fixture("supported_v4"), fixture("ready_v4")],
    );
    let ready = ready(ended);
    assert_eq!(ready.version, Version::V4);
    assert!(ready.supported.has("PROTOCOL_VERSIONS", "5/v5"));
    let [Request::Options, Request::Startup(startup)] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(startup.value("CQL_VERSION"), Some("3.0.0"));
    assert_eq!(startup.value("DRIVER_NAME"), Some("cql-v4"));
    assert_eq!(startup.value("COMPRESSION"), None);
}

#[cfg(feature = "lz4")]
#[test]
fn the_answer_to_startup_may_come_compressed() {
    let compression = Some(cql_v4::Compression::Lz4);
    let wishes = Wishes {
        compression,
        ..wishes()
    };
    let (ended, sent) = play(
        begin(wishes.clone()),
        &[fixture("supported_v4"), fixture("ready_lz4")],
    );
    assert_eq!(ready(ended).compression, compression);
    let Request::Startup(startup) = &sent[1] else {
        panic!("{sent:?}")
    };
    assert_eq!(startup.value("COMPRESSION"), Some("lz4"));
    let without = Supported::new(vec![("COMPRESSION".to_owned(), vec!["snappy".to_owned()])]);
    let (ended, _) = play(begin(wishes), &[v4(Message::Supported(without))]);
    let error = ended.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (
            ErrorKind::Unsupported,
            "the server has no compression lz4; it has: snappy"
        )
    );
}

#[test]
fn an_older_server_is_asked_again_in_its_version() {
    // The server answers in the header of its own version.
    let text = "Invalid or unsupported protocol version (4); the lowest supported version is 3 and the greatest is 3";
    let refused = bytes(refusal(ErrorCode::PROTOCOL_ERROR, text), Version::V3);
    let (ended, _) = play(begin(wishes()), std::slice::from_ref(&refused));
    let Ok(Step::Reconnect(again)) = ended else {
        panic!("{ended:?}")
    };
    let supported = bytes(Message::Supported(Supported::default()), Version::V3);
    let (ended, sent) = play(again, &[supported, fixture("ready_v3")]);
    assert_eq!(ready(ended).version, Version::V3);
    assert_eq!(sent.len(), 2);
    // Nothing older is left.
    let (ended, _) = play(
        begin(Wishes {
            newest: Version::V3,
            ..wishes()
        }),
        &[refused],
    );
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.server().unwrap().code, ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_recorded_refusal_of_a_version_is_understood() {
    let (ended, _) = play(begin(wishes()), &[fixture("error_version")]);
    assert!(matches!(ended, Ok(Step::Reconnect(_))), "{ended:?}");
    let mut old = fixture("error_version_old");
    old.truncate(1);
    let (ended, _) = play(begin(wishes()), &[old]);
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("protocol version 1 or 2 only"),
        "{error}"
    );
}

fn supported() -> Vec<u8> {
    fixture("supported_v4")
}

fn authenticate() -> Vec<u8> {
    v4(Message::Authenticate(
        "org.apache.cassandra.auth.PasswordAuthenticator".to_owned(),
    ))
}

fn with_password() -> Wishes {
    Wishes {
        credentials: Some(Credentials::plain("alice", "hunter2")),
        ..wishes()
    }
}

#[test]
fn a_password_is_sent_when_it_is_asked_for() {
    let (ended, sent) = play(
        begin(with_password()),
        &[supported(), authenticate(), v4(Message::AuthSuccess(None))],
    );
    ready(ended);
    let Request::AuthResponse(response) = &sent[2] else {
        panic!("{sent:?}")
    };
    assert_eq!(response.token.as_deref(), Some(&b"\0alice\0hunter2"[..]));
    assert!(!format!("{sent:?}").contains("hunter2"));
    // Not asked for, not sent.
    let (ended, sent) = play(begin(with_password()), &[supported(), fixture("ready_v4")]);
    ready(ended);
    assert_eq!(sent.len(), 2);
}

#[test]
fn refused_credentials_are_an_error_of_their_own() {
    let text = "Provided username alice and/or password are incorrect";
    let answers = [
        supported(),
        authenticate(),
        v4(refusal(ErrorCode::BAD_CREDENTIALS, text)),
    ];
    let (ended, _) = play(begin(with_password()), &answers);
    let error = ended.unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Auth, Sent::Yes));
    assert!(
        error
            .to_string()
            .starts_with("the server refused user `alice`: "),
        "{error}"
    );
    assert!(!format!("{error:?} {error}").contains("hunter2"));

    let (ended, sent) = play(begin(wishes()), &[supported(), authenticate()]);
    assert!(
        ended
            .unwrap_err()
            .to_string()
            .contains("but none are configured")
    );
    assert_eq!(sent.len(), 2);
}

#[test]
fn challenges_have_an_end() {
    let challenge = v4(Message::AuthChallenge(Some(Bytes::from_static(
        b"PLAIN-START",
    ))));
    let mut answers = vec![supported(), authenticate()];
    answers.extend(std::iter::repeat_n(challenge, 8));
    let (ended, sent) = play(begin(with_password()), &answers);
    let error = ended.unwrap_err();
    assert!(
        error.to_string().contains("limit max_auth_rounds"),
        "{error}"
    );
    assert_eq!(sent.len(), 2 + 8);
}

#[test]
fn a_keyspace_is_quoted_and_must_exist() {
    let wishes = Wishes {
        keyspace: Some("a\"b".into()),
        ..wishes()
    };
    let used = v4(Message::Result(ResultMessage::SetKeyspace(
        "a\"b".to_owned(),
    )));
    let (ended, sent) = play(
        begin(wishes.clone()),
        &[supported(), fixture("ready_v4"), used],
    );
    ready(ended);
    let Request::Query(query) = &sent[2] else {
        panic!("{sent:?}")
    };
    assert_eq!(&*query.text, r#"USE "a""b""#);
    let absent = v4(refusal(
        ErrorCode::INVALID,
        "Keyspace 'a\"b' does not exist",
    ));
    let (ended, _) = play(begin(wishes), &[supported(), fixture("ready_v4"), absent]);
    let error = ended.unwrap_err();
    assert_eq!(
        (error.kind(), error.server().unwrap().code),
        (ErrorKind::Server, ErrorCode::INVALID)
    );
}

#[test]
fn what_does_not_speak_cql_is_told_at_its_first_byte() {
    for answer in [&b"H"[..], &[0x15], &[0x00], &[0x04], b"S"] {
        let (ended, _) = play(begin(wishes()), &[answer.to_vec()]);
        let error = ended.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{answer:02x?}: {error}");
        assert!(error.to_string().contains("does not speak CQL"), "{error}");
    }
}

#[test]
fn messages_out_of_turn_end_the_handshake() {
    for answer in [
        fixture("ready_v4"),
        fixture("result_void"),
        v4(Message::AuthSuccess(None)),
    ] {
        let (ended, _) = play(begin(wishes()), &[answer]);
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Decode);
    }
    let (ended, _) = play(begin(wishes()), &[fixture("ready_v3")]);
    assert!(
        ended
            .unwrap_err()
            .to_string()
            .contains("an answer of v3 to v4")
    );
}

fn on_stream(stream: i16, version: Version) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(Message::Ready)
        .encode(version, None, stream, &mut out)
        .unwrap();
    out
}

#[test]
fn answers_find_their_requests_however_they_arrive() {
    let mut stream = Vec::new();
    for id in [3, 1, 32_767, -1, 2] {
        stream.extend(on_stream(id, Version::V4));
    }
    stream.extend(fixture("rows_all_types"));
    let splitter = || {
        let mut connection = Connection::new(Version::V4, Limits::DEFAULT);
        move |input: &mut RecvBuf| {
            let inbound = connection.handle_bytes(input)?;
            Ok::<_, wire_core::DecodeError>(inbound.map(|inbound| {
                assert!(inbound.last);
                (inbound.route, inbound.item)
            }))
        }
    };
    let items = chunked_feed(splitter, &stream);
    let routes: Vec<Route> = items.iter().map(|(route, _)| *route).collect();
    // The event, on stream -1, is passed over.
    assert_eq!(routes, [2, 0, 32_766, 1, 0].map(Route::Index));
    assert_eq!(items[4].1, support::frame(&fixture("rows_all_types")));
}

#[test]
fn what_no_request_can_own_ends_the_connection() {
    let failed = |bytes: &[u8]| {
        let mut input = RecvBuf::new();
        input.extend_from_slice(bytes);
        Connection::new(Version::V4, Limits::DEFAULT)
            .handle_bytes(&mut input)
            .unwrap_err()
            .to_string()
    };
    let mut error = Vec::new();
    Response::from(refusal(ErrorCode::PROTOCOL_ERROR, "bad header"))
        .encode(Version::V4, None, 0, &mut error)
        .unwrap();
    assert_eq!(
        failed(&error),
        "stream: the server refuses the connection: protocol error (0x000a): bad header (at byte 2)"
    );
    assert!(failed(&on_stream(-7, Version::V4)).contains("came on stream -7"));
    assert!(
        failed(&on_stream(1, Version::V3))
            .contains("is that of a response of v3, on a connection of v4")
    );
    assert!(failed(&fixture("startup_v4")).contains("is that of a request of v4"));
    let mut long = on_stream(1, Version::V4);
    long[5..9].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
    assert!(failed(&long).contains("more than the limit max_frame_bytes"));
}
