//! What a handshake agrees on beside version and compression, and events on the connection that it opens.

mod support;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cql_v4::codec::{Dialect, FrameDecoder};
use cql_v4::message::{
    Event, Message, Opcode, Register, Request, Response, Startup, StatusChange, Supported,
};
use cql_v4::proto::{Connection, Credentials, EventSink, Handshake, Identity, Session, Wishes};
use cql_v4::{
    AuthFailure, AuthSession, Authenticator, Compression, Error, ErrorCode, ErrorKind, Limits,
    PlainAuthenticator, ServerError, Version,
};
use wire_core::RecvBuf;
use wire_core::machine::{Handshake as _, Protocol, Route, Step};
use wire_core::testing::fixture;

fn answer(message: Message, stream: i16, compression: Option<Compression>) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(message)
        .encode(Version::V4, compression, stream, &mut out)
        .unwrap();
    out
}

fn supported(options: &[(&str, &[&str])]) -> Vec<u8> {
    let options = options
        .iter()
        .map(|(key, values)| {
            let values = values.iter().map(|v| (*v).to_owned()).collect();
            ((*key).to_owned(), values)
        })
        .collect();
    answer(Message::Supported(Supported::new(options)), 1, None)
}

fn play(wishes: Wishes, answers: &[Vec<u8>]) -> (Result<Step<Handshake>, Error>, Vec<Request>) {
    let mut handshake = Handshake::new(Arc::new(wishes));
    let mut out = Vec::new();
    handshake.start(&mut out).unwrap();
    let mut input = RecvBuf::new();
    let mut last = Ok(Step::More);
    for byte in answers.concat() {
        assert!(matches!(last, Ok(Step::More)), "{last:?}");
        input.extend_from_slice(&[byte]);
        last = handshake.handle_bytes(&mut input, &mut out);
    }
    let mut decoder = FrameDecoder::new(Limits::DEFAULT);
    decoder.feed(&out);
    let requests = std::iter::from_fn(|| decoder.next_frame().unwrap())
        .map(|f| Request::decode(Version::V4, Opcode(f.header.opcode), &f.body).unwrap())
        .collect();
    (last, requests)
}

fn ready(ended: Result<Step<Handshake>, Error>) -> (Connection, Session) {
    match ended {
        Ok(Step::Ready(ready)) => ready,
        other => panic!("{other:?}"),
    }
}

/// STARTUP and what was agreed on with a server that offers this.
fn agreed(wishes: Wishes, options: &[(&str, &[&str])]) -> (Startup, Session) {
    let ready_v4 = fixture("ready_v4");
    let (ended, mut sent) = play(wishes, &[supported(options), ready_v4]);
    let Some(Request::Startup(startup)) = sent.pop() else {
        panic!("{sent:?}")
    };
    (startup, ready(ended).1)
}

/// The offer of a ScyllaDB node, as its description of the extensions has it.
const SCYLLA: &[(&str, &[&str])] = &[
    ("CQL_VERSION", &["3.3.1"]),
    ("COMPRESSION", &["lz4", "snappy"]),
    ("SCYLLA_SHARD", &["3"]),
    ("SCYLLA_NR_SHARDS", &["8"]),
    ("SCYLLA_SHARDING_ALGORITHM", &["biased-token-round-robin"]),
    ("SCYLLA_SHARDING_IGNORE_MSB", &["12"]),
    (
        "SCYLLA_PARTITIONER",
        &["org.apache.cassandra.dht.Murmur3Partitioner"],
    ),
    ("SCYLLA_SHARD_AWARE_PORT", &["19042"]),
    ("SCYLLA_SHARD_AWARE_PORT_SSL", &["19142"]),
    (
        "SCYLLA_LWT_ADD_METADATA_MARK",
        &["LWT_OPTIMIZATION_META_BIT_MASK=2147483648"],
    ),
    ("SCYLLA_RATE_LIMIT_ERROR", &["ERROR_CODE=61440"]),
    ("SCYLLA_USE_METADATA_ID", &[""]),
    ("TABLETS_ROUTING_V1", &[""]),
];

#[test]
fn what_scylladb_offers_is_taken_up() {
    let (startup, session) = agreed(Wishes::default(), SCYLLA);
    let sharding = session.sharding.unwrap();
    assert_eq!(
        (sharding.shards, sharding.shard, sharding.ignore_msb),
        (8, 3, 12)
    );
    assert_eq!(
        (sharding.port, sharding.tls_port),
        (Some(19042), Some(19142))
    );
    assert_eq!(
        startup.value("SCYLLA_LWT_ADD_METADATA_MARK"),
        Some("LWT_OPTIMIZATION_META_BIT_MASK=2147483648")
    );
    for key in [
        "SCYLLA_RATE_LIMIT_ERROR",
        "SCYLLA_USE_METADATA_ID",
        "TABLETS_ROUTING_V1",
    ] {
        assert_eq!(startup.value(key), Some(""), "{key}");
    }
    // Told, not negotiated.
    assert_eq!(startup.value("SCYLLA_SHARD"), None);
    let dialect = Dialect::new(Version::V4)
        .with_lwt_mark(0x8000_0000)
        .with_rate_limit_code(0xF000)
        .with_result_metadata_ids();
    assert_eq!(session.dialect, dialect);
    assert!(session.extensions.tablets);
}

#[test]
fn nothing_is_taken_up_that_is_not_offered_or_not_understood() {
    for options in [
        &[][..],
        &[
            (
                "SCYLLA_LWT_ADD_METADATA_MARK",
                &["LWT_OPTIMIZATION_META_BIT_MASK=many"][..],
            ),
            ("SCYLLA_RATE_LIMIT_ERROR", &["CODE=61440"]),
            ("SCYLLA_OF_NEXT_YEAR", &["X=1"]),
            ("SCYLLA_SHARD", &["3"]),
            ("SCYLLA_NR_SHARDS", &["0"]),
            ("SCYLLA_SHARDING_IGNORE_MSB", &["12"]),
        ],
        &[("SCYLLA_SHARD", &["0"]), ("SCYLLA_NR_SHARDS", &["8"])],
    ] {
        let (startup, session) = agreed(Wishes::default(), options);
        assert_eq!(session.sharding, None);
        assert_eq!(session.extensions, Default::default());
        assert_eq!(session.dialect, Version::V4.into());
        let mut plain = Startup::new(None);
        plain.set("DRIVER_NAME", "cql-v4");
        plain.set("DRIVER_VERSION", env!("CARGO_PKG_VERSION"));
        assert_eq!(startup, plain);
    }
}

#[test]
fn a_client_says_who_it_is_and_how_it_wants_to_be_treated() {
    let wishes = Wishes {
        identity: Identity {
            application_name: Some("shop".to_owned()),
            application_version: Some("1.2".to_owned()),
            client_id: Some("7f".to_owned()),
            ..Identity::default()
        },
        no_compact: true,
        throw_on_overload: true,
        ..Wishes::default()
    };
    let (startup, _) = agreed(wishes, &[]);
    for (key, value) in [
        ("CQL_VERSION", "3.0.0"),
        ("DRIVER_NAME", "cql-v4"),
        ("APPLICATION_NAME", "shop"),
        ("APPLICATION_VERSION", "1.2"),
        ("CLIENT_ID", "7f"),
        ("NO_COMPACT", "true"),
        ("THROW_ON_OVERLOAD", "1"),
    ] {
        assert_eq!(startup.value(key), Some(value));
    }
}

/// A sink, and what came to it.
fn sink() -> (EventSink, Arc<Mutex<Vec<Event>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let of_sink = Arc::clone(&seen);
    let sink = EventSink::new(move |event| of_sink.lock().unwrap().push(event));
    (sink, seen)
}

fn other(kind: &str, body: &[u8]) -> Event {
    Event::Other {
        kind: kind.to_owned(),
        body: Bytes::copy_from_slice(body),
    }
}

fn up() -> Event {
    Event::StatusChange {
        change: StatusChange::Up,
        address: "127.0.0.2:9042".parse().unwrap(),
    }
}

#[test]
fn registering_for_events_is_the_last_step() {
    let (events, seen) = sink();
    let wishes = Wishes {
        events: Some(events),
        keyspace: Some("ks".into()),
        ..Wishes::default()
    };
    let used = Message::Result(cql_v4::message::ResultMessage::SetKeyspace("ks".to_owned()));
    let answers = [
        supported(&[]),
        fixture("ready_v4"),
        answer(used, 1, None),
        // An event can be faster than the answer.
        answer(Message::Event(up()), -1, None),
        answer(Message::Ready, 1, None),
    ];
    let (ended, sent) = play(wishes.clone(), &answers);
    let (mut connection, _) = ready(ended);
    assert_eq!(
        sent.last().unwrap(),
        &Request::Register(Register::for_all())
    );
    assert_eq!(*seen.lock().unwrap(), [up()]);
    let mut input = RecvBuf::new();
    input.extend_from_slice(&answer(Message::Event(up()), -1, None));
    assert!(connection.handle_bytes(&mut input).unwrap().is_none());
    assert_eq!(*seen.lock().unwrap(), [up(), up()]);

    let refusal = ServerError::new(ErrorCode::PROTOCOL_ERROR, "Invalid value 'X' for Type");
    let refused = [
        answers[..3].to_vec(),
        vec![answer(Message::Error(Box::new(refusal)), 1, None)],
    ];
    let (ended, _) = play(wishes, &refused.concat());
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(
        error.to_string(),
        "the server refused to send events: protocol error (0x000a): Invalid value 'X' for Type"
    );
}

#[test]
fn no_event_breaks_the_connection() {
    let (events, seen) = sink();
    let mut connection = Connection::new(Version::V4, Limits::DEFAULT).with_events(events);
    let good = answer(Message::Event(up()), -1, None);
    let mut stream = Vec::new();
    // Cut short, of no known type, not UTF-8, not an event, compressed without need, and one that is right.
    for body in [&good[9..20], b"\0\x07WEATHER!", b"\0\x01\xff", b""] {
        stream.extend_from_slice(&good[..5]);
        stream.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        stream.extend_from_slice(body);
    }
    stream.extend(answer(Message::Ready, -1, None));
    let mut compressed = good.clone();
    compressed[1] = 0x01;
    stream.extend(compressed);
    stream.extend(&good);
    stream.extend(answer(Message::Ready, 3, None));
    let mut input = RecvBuf::new();
    input.extend_from_slice(&stream);
    let inbound = connection.handle_bytes(&mut input).unwrap().unwrap();
    assert_eq!(inbound.route, Route::Index(2));
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], other("", &good[9..20]));
    assert_eq!(seen[1], other("WEATHER", b"!"));
    assert_eq!(seen[2], other("", b"\0\x01\xff"));
    assert_eq!(
        seen[3..6].iter().map(Event::kind).collect::<Vec<_>>(),
        ["", "", ""]
    );
    assert_eq!(seen[6..], [up()]);
    // Without a sink they are passed over.
    let mut connection = Connection::new(Version::V4, Limits::DEFAULT);
    let mut input = RecvBuf::new();
    input.extend_from_slice(&stream);
    assert!(connection.handle_bytes(&mut input).unwrap().is_some());
}

#[cfg(feature = "lz4")]
#[test]
fn events_may_come_compressed() {
    let (events, seen) = sink();
    let compression = Some(Compression::Lz4);
    let mut connection = Connection::new(Version::V4, Limits::DEFAULT)
        .with_compression(compression)
        .with_events(events);
    let event = other("WEATHER_CHANGE", &[7; 2_000]);
    let bytes = answer(Message::Event(event.clone()), -1, compression);
    assert_eq!(bytes[1], 0x01);
    let mut input = RecvBuf::new();
    input.extend_from_slice(&bytes);
    assert!(connection.handle_bytes(&mut input).unwrap().is_none());
    assert_eq!(*seen.lock().unwrap(), [event]);
}

/// Answers challenges with what it was asked, backwards, and wants to hear "bye" at the end.
#[derive(Debug)]
struct Backwards;

impl Authenticator for Backwards {
    fn begin(&self, class: &str) -> Result<Box<dyn AuthSession>, AuthFailure> {
        match class {
            "org.example.BackwardsAuthenticator" => Ok(Box::new(Self)),
            other => Err(format!("no idea what {other} wants").into()),
        }
    }

    fn user(&self) -> &str {
        "ann"
    }
}

impl AuthSession for Backwards {
    fn initial(&mut self) -> Result<Option<Bytes>, AuthFailure> {
        Ok(None)
    }

    fn challenge(&mut self, token: Option<&[u8]>) -> Result<Option<Bytes>, AuthFailure> {
        Ok(token.map(|token| token.iter().rev().copied().collect()))
    }

    fn success(&mut self, token: Option<&[u8]>) -> Result<(), AuthFailure> {
        match token {
            Some(b"bye") => Ok(()),
            _ => Err("the server does not say bye".into()),
        }
    }
}

fn wants(class: &str) -> Vec<u8> {
    answer(Message::Authenticate(class.to_owned()), 1, None)
}

fn challenge(token: Option<&'static [u8]>) -> Vec<u8> {
    answer(
        Message::AuthChallenge(token.map(Bytes::from_static)),
        1,
        None,
    )
}

fn success(token: Option<&'static [u8]>) -> Vec<u8> {
    answer(Message::AuthSuccess(token.map(Bytes::from_static)), 1, None)
}

/// How a handshake with these credentials ends, and the tokens that it sent.
fn authenticate(
    wishes: Wishes,
    answers: &[Vec<u8>],
) -> (Result<Step<Handshake>, Error>, Vec<Option<Bytes>>) {
    let (ended, sent) = play(wishes, &[&[supported(&[])], answers].concat());
    let tokens = sent.into_iter().filter_map(|request| match request {
        Request::AuthResponse(response) => Some(response.token),
        _ => None,
    });
    (ended, tokens.collect())
}

fn with(credentials: Credentials) -> Wishes {
    Wishes {
        credentials: Some(credentials),
        ..Wishes::default()
    }
}

#[test]
fn an_authenticator_of_the_users_own_holds_a_conversation() {
    // It shows no secret, so an open connection is as good as any.
    let wishes = with(Credentials::new(Arc::new(Backwards), false));
    let class = wants("org.example.BackwardsAuthenticator");
    let rounds = [class.clone(), challenge(Some(b"abc")), challenge(None)];
    let (ended, tokens) = authenticate(
        wishes.clone(),
        &[&rounds[..], &[success(Some(b"bye"))]].concat(),
    );
    ready(ended);
    assert_eq!(tokens, [None, Some(Bytes::from("cba")), None]);

    let (ended, _) = authenticate(wishes.clone(), &[class, success(None)]);
    let error = ended.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(source, "the server does not say bye");

    let (ended, tokens) = authenticate(wishes, &[wants("org.example.Other")]);
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Auth);
    assert!(tokens.is_empty());
}

#[test]
fn dse_is_told_the_mechanism_first() {
    let wishes = with(Credentials::plain("u", "p"));
    let dse = wants("com.datastax.bdp.cassandra.auth.DseAuthenticator");
    let answers = [dse.clone(), challenge(Some(b"PLAIN-START")), success(None)];
    let (ended, tokens) = authenticate(wishes.clone(), &answers);
    ready(ended);
    let plain = Some(Bytes::from_static(b"\0u\0p"));
    assert_eq!(tokens, [Some(Bytes::from_static(b"PLAIN")), plain]);
    let (ended, tokens) = authenticate(wishes, &[dse, challenge(Some(b"GSSAPI-START"))]);
    assert_eq!(ended.unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(tokens.len(), 1);
}

#[test]
fn a_password_is_for_allowed_authenticators_alone() {
    let mut wishes = with(Credentials::plain("u", "p"));
    wishes.allowed_authenticators = Some(
        ["PasswordAuthenticator", "com.example.Strict"]
            .map(str::to_owned)
            .into(),
    );
    for (class, fine) in [
        ("org.apache.cassandra.auth.PasswordAuthenticator", true),
        ("PasswordAuthenticator", true),
        ("com.example.Strict", true),
        ("org.other.Strict", false),
        ("org.apache.cassandra.auth.MyPasswordAuthenticator", false),
        ("", false),
    ] {
        let (ended, tokens) = authenticate(wishes.clone(), &[wants(class)]);
        assert_eq!(tokens.len(), usize::from(fine), "{class}");
        if !fine {
            let text = ended.unwrap_err().to_string();
            let list =
                "not among the allowed authenticators: PasswordAuthenticator, com.example.Strict";
            assert!(text.contains(class) && text.contains(list), "{text}");
        }
    }
}

#[test]
fn a_password_does_not_go_over_an_open_connection() {
    let plain = Arc::new(PlainAuthenticator::new("u", "hunter2"));
    let wishes = with(Credentials::new(plain, false));
    assert!(!format!("{wishes:?}").contains("hunter2"));
    let (ended, tokens) = authenticate(wishes, &[wants("PasswordAuthenticator")]);
    let text = ended.unwrap_err().to_string();
    assert!(text.contains("in clear text"), "{text}");
    assert!(tokens.is_empty());
}

#[cfg(feature = "lz4")]
#[test]
fn small_bodies_are_not_worth_compressing() {
    let flags = |compress_from: usize| {
        let wishes = Wishes {
            compression: Some(Compression::Lz4),
            compress_from,
            keyspace: Some("k".repeat(500).into()),
            ..Wishes::default()
        };
        let mut handshake = Handshake::new(Arc::new(wishes));
        let mut input = RecvBuf::new();
        let mut out = Vec::new();
        for bytes in [supported(&[("COMPRESSION", &["lz4"])]), fixture("ready_v4")] {
            input.extend_from_slice(&bytes);
            out.clear();
            handshake.handle_bytes(&mut input, &mut out).unwrap();
        }
        // USE of the keyspace.
        assert_eq!(out[4], 0x07);
        out[1]
    };
    assert_eq!(flags(1_024), 0x00);
    assert_eq!(flags(400), 0x01);
}
