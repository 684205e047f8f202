//! Messages in both roles: what is known goes there and back, what is not known survives, and what a version has no
//! place for is refused before anything is written.

mod support;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use cql_v4::codec::Dialect;
use cql_v4::message::{
    Batch, BatchKind, Call, Event, Execute, Message, Named, Opcode, Prepare, Query, QueryParams,
    RawValues, Register, Request, Response, ResultMessage, SchemaChange, StatusChange,
    TopologyChange,
};
use cql_v4::{Consistency, Error, ErrorKind, Limits, Rows, Sent, Version};

const ALL: [Version; 3] = [Version::V3, Version::V4, Version::V5];

fn written(message: Message, dialect: impl Into<Dialect>, stream: i16) -> Vec<u8> {
    let mut out = Vec::new();
    Response::from(message)
        .encode(dialect, None, stream, &mut out)
        .unwrap();
    out
}

fn read_event(body: &[u8]) -> Result<Event, Error> {
    let bytes = written(Message::Ready, Version::V4, -1);
    let frame = support::with_body(&[&bytes[..4], &[0x0c]].concat(), body);
    match Response::decode(&frame.header, &frame.body, Version::V4, &Limits::DEFAULT)?.message {
        Message::Event(event) => Ok(event),
        other => panic!("{other:?}"),
    }
}

fn hex(text: &str) -> Vec<u8> {
    wire_core::hex::parse(text).unwrap()
}

fn string(text: &str) -> Vec<u8> {
    let mut out = u16::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(text.as_bytes());
    out
}

fn strings(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| string(text)).collect()
}

fn node(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn topology(change: TopologyChange, address: SocketAddr) -> Event {
    Event::TopologyChange { change, address }
}

fn status(change: StatusChange, address: SocketAddr) -> Event {
    Event::StatusChange { change, address }
}

fn routes(connections: &[&str], hosts: &[&str]) -> Event {
    Event::ClientRoutesChange {
        change: "UPDATE_NODES".to_owned(),
        connection_ids: owned(connections),
        host_ids: owned(hosts),
    }
}

/// Events of nodes, with bodies put together by the tables of the specification.
fn events_of_nodes() -> Vec<(Vec<u8>, Event)> {
    let inet = hex("04 7f000002 00002352");
    let inet6 = hex("10 00000000000000000000000000000001 00002352");
    let (at, at6) = (node("127.0.0.2:9042"), node("[::1]:9042"));
    let body = |kind, change, inet: &[u8]| [&strings(&[kind, change])[..], inet].concat();
    vec![
        (
            body("TOPOLOGY_CHANGE", "NEW_NODE", &inet),
            topology(TopologyChange::NewNode, at),
        ),
        (
            body("TOPOLOGY_CHANGE", "REMOVED_NODE", &inet),
            topology(TopologyChange::RemovedNode, at),
        ),
        (
            body("TOPOLOGY_CHANGE", "MOVED_NODE", &inet6),
            topology(TopologyChange::MovedNode, at6),
        ),
        (
            body("STATUS_CHANGE", "UP", &inet),
            status(StatusChange::Up, at),
        ),
        (
            body("STATUS_CHANGE", "DOWN", &inet6),
            status(StatusChange::Down, at6),
        ),
    ]
}

/// The same for all others.
fn events_of_schema_and_routes() -> Vec<(Vec<u8>, Event)> {
    let schema = |target: &str, name: &str, arguments: &[&str]| {
        let mut change = SchemaChange::new("UPDATED", target, "ks", name);
        change.arguments = owned(arguments);
        Event::SchemaChange(Box::new(change))
    };
    let body = |target, name| strings(&["SCHEMA_CHANGE", "UPDATED", target, "ks", name]);
    let list = |items: &[&str]| {
        let n = u16::try_from(items.len()).unwrap().to_be_bytes();
        [&n[..], &strings(items)].concat()
    };
    let arguments = ["int", "frozen<list<text>>"];
    let kind = strings(&["CLIENT_ROUTES_CHANGE", "UPDATE_NODES"]);
    vec![
        (
            strings(&["SCHEMA_CHANGE", "UPDATED", "KEYSPACE", "ks"]),
            schema("KEYSPACE", "", &[]),
        ),
        (body("TABLE", "t"), schema("TABLE", "t", &[])),
        (body("TYPE", "point"), schema("TYPE", "point", &[])),
        (
            [body("FUNCTION", "f"), list(&arguments)].concat(),
            schema("FUNCTION", "f", &arguments),
        ),
        (
            [body("AGGREGATE", "f"), list(&[])].concat(),
            schema("AGGREGATE", "f", &[]),
        ),
        (
            [kind, list(&["c1"]), list(&["h1", "h2"])].concat(),
            routes(&["c1"], &["h1", "h2"]),
        ),
    ]
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn events_of_every_type_are_read_and_written() {
    for (body, event) in [events_of_nodes(), events_of_schema_and_routes()].concat() {
        assert_eq!(read_event(&body).unwrap(), event);
        for version in ALL {
            let bytes = written(Message::Event(event.clone()), version, -1);
            assert_eq!(bytes[9..], body, "{event:?}");
            assert_eq!(bytes[2..5], [0xff, 0xff, 0x0c]);
        }
        for n in 0..body.len() {
            let error = read_event(&body[..n]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{event:?} of {n} bytes");
        }
    }
}

#[test]
fn events_that_are_not_known_survive() {
    let inet = [4, 10, 0, 0, 1, 0, 0, 0, 1];
    for body in [
        [&strings(&["TOPOLOGY_CHANGE", "SPLIT_NODE"])[..], &inet].concat(),
        [&strings(&["STATUS_CHANGE", "RESTING"])[..], &inet].concat(),
        strings(&["SCHEMA_CHANGE", "RENAMED", "TABLE", "ks", "t"]),
        strings(&["SCHEMA_CHANGE", "CREATED", "ROLE", "ks", "r"]),
        [&strings(&["CLIENT_ROUTES_CHANGE", "FORGET"])[..], &[0; 4]].concat(),
        [&string("WEATHER_CHANGE")[..], &[1, 2, 3]].concat(),
    ] {
        let event = read_event(&body).unwrap();
        let again = written(Message::Event(event.clone()), Version::V4, -1);
        assert_eq!(again[9..], body, "{event:?}");
    }
    let split = read_event(&[&strings(&["TOPOLOGY_CHANGE", "SPLIT_NODE"])[..], &inet].concat());
    let Event::TopologyChange {
        change, address, ..
    } = split.unwrap()
    else {
        panic!()
    };
    assert_eq!(change, TopologyChange::Other("SPLIT_NODE".to_owned()));
    assert_eq!(
        (change.to_string().as_str(), address),
        ("SPLIT_NODE", node("10.0.0.1:1"))
    );
    // A target that is not known and has no name.
    let role = read_event(&strings(&["SCHEMA_CHANGE", "CREATED", "ROLE", "ks"])).unwrap();
    let Event::SchemaChange(role) = role else {
        panic!()
    };
    assert_eq!((role.target.as_str(), role.name.as_str()), ("ROLE", ""));
}

/// The body that the fact sheet of the specification gives for three types.
#[test]
fn register_names_the_three_types() {
    let mut body = vec![0, 3];
    body.extend(strings(&[
        "TOPOLOGY_CHANGE",
        "STATUS_CHANGE",
        "SCHEMA_CHANGE",
    ]));
    let request = Request::Register(Register::for_all());
    for version in ALL {
        let mut out = Vec::new();
        request.encode(version, None, 1, &mut out).unwrap();
        assert_eq!((out[4], &out[9..]), (0x0b, &body[..]));
        let body = Bytes::copy_from_slice(&body);
        assert_eq!(
            Request::decode(version, Opcode::REGISTER, &body).unwrap(),
            request
        );
    }
}

fn query(params: QueryParams, values: RawValues) -> Request {
    Request::Query(Query {
        text: "SELECT v FROM t WHERE k = :k".into(),
        values,
        params,
    })
}

#[test]
fn a_keyspace_and_a_time_of_the_request_take_protocol_v5() {
    let one = || QueryParams::new(Consistency::One);
    let mut with_keyspace = one();
    with_keyspace.keyspace = Some("ks".into());
    let mut with_time = one();
    with_time.now_in_seconds = Some(7);
    let mut prepare = Prepare::new("SELECT v FROM t");
    prepare.keyspace = Some("ks".into());
    let batch = |keyspace: Option<Arc<str>>, now_in_seconds| {
        Request::Batch(Batch {
            kind: BatchKind::Logged,
            statements: Vec::new(),
            consistency: Consistency::One,
            serial_consistency: None,
            timestamp: None,
            keyspace,
            now_in_seconds,
        })
    };
    let requests = [
        (query(with_keyspace, RawValues::default()), "keyspace"),
        (query(with_time, RawValues::default()), "time"),
        (Request::Prepare(prepare), "keyspace"),
        (batch(Some("ks".into()), None), "keyspace"),
        (batch(None, Some(7)), "time"),
    ];
    for (request, what) in requests {
        for version in [Version::V3, Version::V4] {
            let mut out = b"before".to_vec();
            let error = request.encode(version, None, 1, &mut out).unwrap_err();
            assert_eq!(
                (error.kind(), error.sent()),
                (ErrorKind::Unsupported, Sent::No)
            );
            let text = format!(
                "a {what} of its own is set for the request, which takes protocol v5, but the connection speaks \
                 {version}; nothing was sent"
            );
            assert_eq!(error.to_string(), text);
            assert_eq!(out, b"before");
        }
        let mut out = Vec::new();
        request.encode(Version::V5, None, 1, &mut out).unwrap();
        let body = Bytes::copy_from_slice(&out[9..]);
        assert_eq!(
            Request::decode(Version::V5, Opcode(out[4]), &body).unwrap(),
            request
        );
    }
}

/// Native protocol v5, §4.1.4: both stand at the end, whatever else there is.
#[test]
fn parameters_of_protocol_v5_are_laid_out_as_specified() {
    let mut params = QueryParams::new(Consistency::Quorum);
    params.timestamp = Some(1);
    params.keyspace = Some("ks".into());
    params.now_in_seconds = Some(2);
    let mut out = Vec::new();
    query(params, RawValues::default())
        .encode(Version::V5, None, 1, &mut out)
        .unwrap();
    let at = 9 + 4 + "SELECT v FROM t WHERE k = :k".len();
    let expected = hex("0004 000001a0 0000000000000001 0002 6b73 00000002");
    assert_eq!(out[at..], expected);
}

#[test]
fn values_can_be_bound_by_name() {
    let params = QueryParams::new(Consistency::One);
    let values = RawValues::encode(Version::V4, None, &Named(&[("k", &5_i32)])).unwrap();
    let request = query(params, values);
    let mut out = Vec::new();
    request.encode(Version::V4, None, 1, &mut out).unwrap();
    let at = 9 + 4 + "SELECT v FROM t WHERE k = :k".len();
    assert_eq!(out[at..], hex("0001 41 0001 0001 6b 00000004 00000005"));
    let body = Bytes::copy_from_slice(&out[9..]);
    assert_eq!(
        Request::decode(Version::V4, Opcode::QUERY, &body).unwrap(),
        request
    );
}

#[test]
fn a_custom_payload_takes_protocol_v4() {
    let mut call = Call::from(Request::Prepare(Prepare::new("SELECT v FROM t")));
    call.custom_payload = vec![
        ("a".to_owned(), None),
        ("b".to_owned(), Some(Bytes::from("c"))),
    ];
    let mut out = Vec::new();
    call.encode(Version::V4, None, 1, &mut out).unwrap();
    assert_eq!(out[1], 0x04);
    assert_eq!(out[9..26], hex("0002 0001 61 ffffffff 0001 62 00000001 63"));
    let frame = support::frame(&out);
    assert_eq!(
        Call::decode(Version::V4, &frame.header, &frame.body).unwrap(),
        call
    );
    let error = call.encode(Version::V3, None, 1, &mut out).unwrap_err();
    assert_eq!(
        (error.kind(), error.sent()),
        (ErrorKind::Unsupported, Sent::No)
    );
    assert!(error.to_string().contains("takes protocol v4"), "{error}");
}

#[test]
fn flags_that_are_not_known_are_refused_by_a_server() {
    let body = |flags: &str| {
        let mut body = vec![0, 0, 0, 1, b'x'];
        body.extend(hex(&format!("0001{flags}")));
        Bytes::from(body)
    };
    for (version, flags) in [(Version::V4, "80"), (Version::V5, "00000200")] {
        let error = Request::decode(version, Opcode::QUERY, &body(flags)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
    }
    let prepare = hex("00000001 78 00000002");
    let error = Request::decode(Version::V5, Opcode::PREPARE, &prepare.into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// A statement with a mark of ScyllaDB's, by its description of the extension: the highest bit of the flags.
#[test]
fn the_mark_of_a_conditional_statement_is_read_where_it_was_agreed_on() {
    let scylla = Dialect::new(Version::V4).with_lwt_mark(0x8000_0000);
    let body = "00000004 0002 6964 80000000 00000000 00000000 00000004 00000000";
    let header = written(Message::Ready, Version::V4, 1);
    let mut header = header;
    header[4] = 0x08;
    let frame = support::with_body(&header, &hex(body));
    let is_lwt = |dialect: Dialect| {
        let response = Response::decode(&frame.header, &frame.body, dialect, &Limits::DEFAULT);
        let message = response.unwrap().message;
        let again = written(message.clone(), dialect, 1);
        match message {
            Message::Result(ResultMessage::Prepared(m)) => (m.is_lwt, again),
            other => panic!("{other:?}"),
        }
    };
    let (marked, again) = is_lwt(scylla);
    assert!(marked);
    assert_eq!(again[9..], hex(body));
    assert!(!is_lwt(Version::V4.into()).0);
}

/// ScyllaDB, `docs/dev/protocol-extensions.md`, "Sending metadata id": the layouts of protocol v5 on v4.
#[test]
fn ids_of_result_metadata_can_be_agreed_on_in_protocol_v4() {
    let agreed = Dialect::new(Version::V4).with_result_metadata_ids();
    let body = "00000004 0002 6964 0003 010203 00000000 00000000 00000000 00000004 00000000";
    let frame = support::with_body(&[0x84, 0, 0, 1, 0x08], &hex(body));
    let read = |dialect| {
        let limits = Limits::DEFAULT;
        let message = Response::decode(&frame.header, &frame.body, dialect, &limits)?.message;
        match message {
            Message::Result(ResultMessage::Prepared(message)) => Ok::<_, Error>(*message),
            other => panic!("{other:?}"),
        }
    };
    let prepared = read(agreed).unwrap();
    assert_eq!(prepared.result_metadata_id, [1, 2, 3][..]);
    let again = Message::Result(ResultMessage::Prepared(Box::new(prepared)));
    assert_eq!(written(again, agreed, 1)[9..], hex(body));
    assert!(read(Version::V4.into()).is_err());

    let execute = Request::Execute(Execute {
        id: Bytes::from_static(b"id"),
        result_metadata_id: Bytes::from_static(&[1, 2, 3]),
        values: RawValues::default(),
        params: QueryParams::new(Consistency::One),
    });
    for (dialect, body) in [
        (agreed, "0002 6964 0003 010203 0001 00"),
        (Version::V4.into(), "0002 6964 0001 00"),
    ] {
        let mut out = Vec::new();
        execute.encode(dialect, None, 1, &mut out).unwrap();
        assert_eq!(out[9..], hex(body));
        let body = Bytes::copy_from_slice(&out[9..]);
        let read = Request::decode(dialect, Opcode::EXECUTE, &body).unwrap();
        assert_eq!(read == execute, dialect == agreed);
    }
}

/// Rows whose columns are not those that the request said it knew.
#[test]
fn rows_tell_the_id_of_changed_metadata() {
    let body = "00000002 00000009 00000001 0002 aabb 0002 6b73 0001 74 0001 63 0009 00000001 00000004 00000007";
    let frame = support::with_body(&[0x84, 0, 0, 1, 0x08], &hex(body));
    let agreed = Dialect::new(Version::V4).with_result_metadata_ids();
    let message = Response::decode(&frame.header, &frame.body, agreed, &Limits::DEFAULT)
        .unwrap()
        .message;
    let again = written(message.clone(), agreed, 1);
    assert_eq!(again[9..], hex(body));
    let Message::Result(ResultMessage::Rows(mut rows)) = message else {
        panic!()
    };
    assert_eq!(rows.changed_id().unwrap(), &[0xaa, 0xbb][..]);
    let learned = rows.take_learned().unwrap();
    assert_eq!(learned.columns()[0].name(), "c");
    let rows = Rows::try_from(rows).unwrap();
    assert_eq!(rows.first::<(i32,)>().unwrap(), Some((7,)));
}
