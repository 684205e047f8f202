//! Handshakes, headers and refusals of a real server: they are read, and written again they are the same.

mod support;

use ignite_thin::codec::frame::{RequestHeader, Topology, write_frame};
use ignite_thin::codec::{Features, Negotiated, Version};
use ignite_thin::message::{HandshakeRequest, HandshakeResponse, Heartbeat, Serve};
use ignite_thin::{Decoder, Encoder, Limits, Status};
use support::{LATEST, body, frames, request, response};

#[test]
fn refusals_have_status_text_and_sqlstate() {
    let java = frames("java");
    let refusal = |name: &str| {
        let (header, payload) = response(&java[name], LATEST);
        assert!(payload.is_empty());
        let mut again = Vec::new();
        write_frame(&mut again, |to| header.encode(to, LATEST)).unwrap();
        assert_eq!(again, java[name][..], "{name}");
        header.error.unwrap()
    };
    let error = refusal("get.nocache.response");
    assert_eq!(error.status(), Status::CacheDoesNotExist);
    assert_eq!(error.message(), "Cache does not exist [cacheId= 3387254]");
    assert_eq!(
        refusal("destroy_missing.response").status(),
        Status::CacheDoesNotExist
    );
    let error = refusal("sql_error.response");
    assert_eq!(
        (error.status(), error.sql_state()),
        (Status::Failed, Some("42000"))
    );
    assert_eq!(refusal("sql_duplicate.response").sql_state(), Some("23000"));
}

#[test]
fn stack_traces_are_apart_from_the_text() {
    let server = frames("server");
    for (name, message, exception) in [
        (
            "get_nocache",
            "Cache does not exist [cacheId= 3387254]",
            "class org.apache.ignite.internal.processors.platform.client.IgniteClientException: Cache",
        ),
        (
            "sql_error",
            "42000: Failed to parse query. Syntax error in SQL statement \"SELEKT[*] 1\"; expected \"SELECT, SET, \
             SAVEPOINT, SCRIPT, SHUTDOWN, SHOW, {\"; SQL statement:\nSELEKT 1 [42001-197]",
            "class org.apache.ignite.internal.processors.query.IgniteSQLException: Failed to parse",
        ),
    ] {
        let (header, _) = response(&server[&format!("stack.{name}.response")], LATEST);
        let error = header.error.unwrap();
        assert_eq!(error.message(), message);
        let trace = error.stack_trace().unwrap();
        assert!(trace.starts_with(exception), "{trace}");
        assert!(
            trace.lines().count() > 10 && trace.contains("\n\tat org.apache."),
            "{trace}"
        );
    }
}

#[test]
fn credentials_are_carried_and_refused() {
    let server = frames("server");
    let question = body(&server["auth.right.request"]);
    let request =
        HandshakeRequest::decode(&mut Decoder::new(&question, &Limits::default())).unwrap();
    assert_eq!(request.credentials(), Some(("ignite", "ignite")));
    let mut again = Vec::new();
    request.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(again, question[..]);
    for (name, asked, status) in [
        ("wrong", Version::LATEST, Some(Status::AuthFailed)),
        ("v1_0", Version::OLDEST, None),
    ] {
        let answer = body(&server[&format!("auth.{name}.response")]);
        let mut from = Decoder::new(&answer, &Limits::default());
        let refused = HandshakeResponse::decode(&mut from, asked).unwrap();
        let HandshakeResponse::Refused {
            version,
            message,
            status: found,
        } = refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!((version, found), (Version::new(0, 0, 0), status));
        assert!(
            message.starts_with("The user name or password is incorrect"),
            "{message}"
        );
    }
}

#[test]
fn handshakes_of_every_shape_are_read() {
    let java = frames("java");
    let mut from = body(&java["handshake.request"]);
    let request = HandshakeRequest::decode(&mut Decoder::new(&from, &Limits::default())).unwrap();
    // The Java client sets bits 0 to 19, this crate knows how to skip the attributes that bit 0 brings.
    assert_eq!(
        (request.version, request.features.bits()),
        (Version::LATEST, 0x0f_ffff)
    );
    let mut again = Vec::new();
    request.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(again, from[..]);

    let server = frames("server");
    for (name, version) in [
        ("1_0", 0),
        ("1_3", 3),
        ("1_4", 4),
        ("1_8", 8),
        ("bit11", 7),
        ("1_7_after_1_8", 7),
    ] {
        let asked = Version::new(1, version, 0);
        from = body(&server[&format!("handshake_{name}.request")]);
        let request = HandshakeRequest::decode(&mut Decoder::new(&from, &Limits::default()));
        assert_eq!(
            request.unwrap(),
            HandshakeRequest::new(
                asked,
                match version {
                    7 | 8 => Features::SUPPORTED,
                    _ => Features::NONE,
                }
            )
        );
        from = body(&server[&format!("handshake_{name}.response")]);
        let answer =
            HandshakeResponse::decode(&mut Decoder::new(&from, &Limits::default()), asked).unwrap();
        let mut again = Vec::new();
        answer.encode(&mut Encoder::new(&mut again), asked).unwrap();
        assert_eq!(again, from[..], "{name}");
        match answer {
            HandshakeResponse::Accepted { features, node_id } => {
                assert_eq!(node_id.is_some(), version >= 4, "{name}");
                assert_eq!(features == Features::SUPPORTED, version == 7, "{name}");
            }
            HandshakeResponse::Refused {
                version,
                message,
                status,
            } => {
                assert_eq!((name, version), ("1_8", Version::LATEST));
                assert_eq!(message, "Unsupported version: 1.8.0");
                assert_eq!(status, Some(Status::Failed));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn headers_differ_by_version() {
    let server = frames("server");
    let v1_3 = Negotiated::new(Version::new(1, 3, 0), Features::NONE);
    let v1_4 = Negotiated::new(Version::new(1, 4, 0), Features::NONE);
    for (name, negotiated, status, topology) in [
        ("v1_3.get_miss", v1_3, None, None),
        (
            "v1_3.get_nocache",
            v1_3,
            Some(Status::CacheDoesNotExist),
            None,
        ),
        (
            "v1_4.error_first",
            v1_4,
            Some(Status::CacheDoesNotExist),
            Some(Topology::new(1, 4)),
        ),
        ("heartbeat", LATEST, None, Some(Topology::new(1, 3))),
        ("unknown_op", LATEST, Some(Status::InvalidOpCode), None),
        (
            "close_unknown",
            LATEST,
            Some(Status::ResourceDoesNotExist),
            None,
        ),
    ] {
        let frame = &server[&format!("{name}.response")];
        let (header, payload) = response(frame, negotiated);
        assert_eq!(header.error.as_ref().map(|e| e.status()), status, "{name}");
        assert_eq!(header.topology, topology, "{name}");
        let mut again = Vec::new();
        write_frame(&mut again, |to| header.encode(to, negotiated)).unwrap();
        again.extend_from_slice(&payload);
        assert_eq!(again[4..], frame[4..], "{name}");
    }
    let (header, payload) = request(&server["heartbeat.request"]);
    assert_eq!(header, RequestHeader::new(1, 7));
    Heartbeat::decode(&mut Decoder::new(&payload, &Limits::default())).unwrap();
}
