//! The connection without a socket: a conversation fed in any pieces gives the same answers.

mod support;

use bytes::Bytes;
use ignite_thin::codec::{Features, Negotiated, Version};
use ignite_thin::proto::{Connection, Handshake, Session};
use ignite_thin::{ErrorKind, Limits, Status};
use support::{LATEST, frames};
use wire_core::RecvBuf;
use wire_core::machine::{Handshake as _, Protocol, Route, Step};
use wire_core::testing::chunked_feed;

fn handshake() -> Handshake {
    Handshake::new(Features::SUPPORTED, Limits::default())
}

/// Feeds `answers` one byte at a time; what was agreed, and what was written.
fn shake_hands(
    mut machine: Handshake,
    answers: &[&Bytes],
) -> Result<(Session, Vec<u8>), ignite_thin::Error> {
    let mut out = Vec::new();
    machine.start(&mut out)?;
    let mut input = RecvBuf::new();
    for byte in answers.iter().flat_map(|answer| answer.iter()) {
        input.extend_from_slice(&[*byte]);
        match machine.handle_bytes(&mut input, &mut out)? {
            Step::More => {}
            Step::Ready((_, session)) => return Ok((session, out)),
            Step::Reconnect(_) => panic!("versions are tried on one connection"),
        }
    }
    panic!("more answers are wanted");
}

#[test]
fn the_newest_version_is_agreed_on() {
    let server = frames("server");
    let answer = &server["handshake_bit11.response"];
    let (session, written) = shake_hands(handshake(), &[answer]).unwrap();
    assert_eq!(
        session.negotiated,
        Negotiated::new(Version::LATEST, Features::SUPPORTED)
    );
    assert!(session.node_id.is_some());
    assert_eq!(written, server["handshake_bit11.request"][..]);
    // A server that claims more than it was offered is not believed.
    let claims = &frames("java")["handshake.response"];
    let (session, _) = shake_hands(handshake(), &[claims]).unwrap();
    assert_eq!(session.negotiated.features, Features::SUPPORTED);
    let none = Handshake::new(Features::NONE, Limits::default());
    assert_eq!(
        shake_hands(none, &[claims]).unwrap().0.negotiated.features,
        Features::NONE
    );
}

#[test]
fn an_older_version_is_asked_for_when_the_server_wants_it() {
    let server = frames("server");
    // The refusal of 1.8 by a real server, with the version that it names changed to an older one.
    for (minor, answer) in [
        (4, "handshake_1_4"),
        (3, "handshake_1_3"),
        (0, "handshake_1_0"),
    ] {
        let mut refusal = server["handshake_1_8.response"].to_vec();
        refusal[7] = minor;
        let refusal = Bytes::from(refusal);
        let answer = &server[&format!("{answer}.response")];
        let (session, written) = shake_hands(handshake(), &[&refusal, answer]).unwrap();
        assert_eq!(session.negotiated.version, Version::new(1, minor.into(), 0));
        assert_eq!(session.negotiated.features, Features::NONE);
        let again = &server[&format!("handshake_1_{minor}.request")];
        assert!(written.ends_with(again), "{minor}");
    }
}

#[test]
fn refusals_end_the_handshake() {
    let server = frames("server");
    // Names 1.7, which was asked for: the server cannot be satisfied.
    let error = shake_hands(handshake(), &[&server["handshake_1_8.response"]]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().ends_with("Unsupported version: 1.8.0"),
        "{error}"
    );
    // Endless refusals end, since each must name an older version.
    let mut older = server["handshake_1_8.response"].to_vec();
    older[7] = 3;
    let older = Bytes::from(older);
    assert!(shake_hands(handshake(), &[&older, &older]).is_err());

    let mut denied = server["handshake_1_8.response"].to_vec();
    denied[5..11].fill(0);
    let at = denied.len() - 4;
    denied[at..].copy_from_slice(&2000_i32.to_le_bytes());
    let with_user = handshake().with_credentials("u".into(), "p".into());
    let error = shake_hands(with_user, &[&Bytes::from(denied.clone())]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(error.server().unwrap().status(), Status::AuthFailed);
    denied[at..].copy_from_slice(&11_i32.to_le_bytes());
    let error = shake_hands(handshake(), &[&Bytes::from(denied)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.server().unwrap().status(), Status::NodeInRecoveryMode);
}

#[test]
fn nonsense_ends_the_handshake() {
    for (bytes, text) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "an HTTP server"),
        (&[21, 3, 3, 0, 2, 2, 70], "TLS"),
        (&[0, 0, 0, 0], "is 0"),
        (&[0, 0, 0, 8], "max_frame_bytes of 65536"),
        (&[1, 0, 0, 0, 2], "handshake success: is 2"),
    ] {
        let (mut input, mut out) = (RecvBuf::new(), Vec::new());
        input.extend_from_slice(bytes);
        let error = handshake().handle_bytes(&mut input, &mut out).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(text), "{cause}");
    }
}

#[test]
fn answers_are_cut_off_however_they_arrive() {
    let java = frames("java");
    let answers: Vec<&Bytes> = java
        .iter()
        .filter(|(name, _)| name.ends_with(".response") && *name != "handshake.response")
        .map(|(_, frame)| frame)
        .collect();
    assert!(answers.len() > 90);
    let splitter = || {
        let mut connection = Connection::new(LATEST, Limits::MAX_FRAME_BYTES);
        move |input: &mut RecvBuf| {
            let inbound = connection.handle_bytes(input)?;
            Ok::<_, wire_core::DecodeError>(inbound.map(|inbound| {
                assert!(inbound.last);
                let Route::Id(id) = inbound.route else {
                    panic!("{:?}", inbound.route)
                };
                (id, inbound.item)
            }))
        }
    };
    let stream: Vec<u8> = answers.iter().flat_map(|answer| answer.to_vec()).collect();
    let items = chunked_feed(splitter, &stream);
    assert_eq!(items.len(), answers.len());
    for ((id, body), frame) in items.iter().zip(answers) {
        assert_eq!(body[..], frame[4..]);
        assert_eq!(id.to_le_bytes(), frame[4..12]);
    }
}
