//! Bytes recorded from real servers, and vectors of the specification: what they mean, and that the same bytes come out
//! again.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use bytes::Bytes;
use cql_v4::codec::Flags;
use cql_v4::message::{
    Batch, BatchKind, BatchStatement, Message, PreparedMessage, RawValues, Request, Response,
    ResultMessage, RowsMessage, Startup, StatementRef,
};
use cql_v4::types::{Date, Decimal, Duration, Raw, Time, Timestamp, Uuid, Value, Varint};
use cql_v4::{Consistency, ErrorCode, ErrorDetail, QueryResult, Row, Rows, ServerError, Version};
use support::{decode, frame, version_of};
use wire_core::testing::{fixture, fixtures};

fn response(name: &str) -> (Response, Vec<Row>) {
    decode(&frame(&fixture(name)), None).unwrap()
}

fn message(name: &str) -> Message {
    response(name).0.message
}

fn rows_message(name: &str) -> RowsMessage {
    match message(name) {
        Message::Result(ResultMessage::Rows(rows)) => rows,
        other => panic!("{other:?}"),
    }
}

fn rows(name: &str) -> Rows {
    rows_message(name).try_into().unwrap()
}

fn prepared(name: &str) -> PreparedMessage {
    match message(name) {
        Message::Result(ResultMessage::Prepared(prepared)) => *prepared,
        other => panic!("{other:?}"),
    }
}

fn error(name: &str) -> ServerError {
    match message(name) {
        Message::Error(error) => *error,
        other => panic!("{other:?}"),
    }
}

/// What the server sent is what this crate would send in its place.
#[test]
fn every_response_is_written_as_the_server_wrote_it() {
    let mut seen = 0;
    for (name, bytes) in fixtures("") {
        // Requests, a header of another protocol version, compressed bodies, and a flag that stands for nothing.
        let skipped = [
            "startup_v4",
            "batch_request",
            "error_version",
            "error_version_old",
        ];
        let compressed = ["rows_lz4", "rows_snappy", "ready_lz4", "ready_snappy"];
        let name = name.as_str();
        // In segments; see segments.rs.
        if name.starts_with("v5_") {
            continue;
        }
        if skipped.contains(&name)
            || compressed.contains(&name)
            || name == "rows_execute_skip_metadata"
        {
            continue;
        }
        let frame = frame(&bytes);
        let (response, _) = decode(&frame, None).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let mut out = Vec::new();
        response
            .encode(version_of(&frame), None, frame.header.stream, &mut out)
            .unwrap();
        assert_eq!(
            wire_core::hex::dump(&out, 9999),
            wire_core::hex::dump(&bytes, 9999),
            "{name}"
        );
        seen += 1;
    }
    assert!(seen >= 28, "{seen} fixtures");
}

#[test]
fn requests_are_written_as_the_recorder_wrote_them() {
    let mut startup = Startup::default();
    startup.set("CQL_VERSION", "3.0.0");
    let values = |values: (i32, i32)| RawValues::encode(Version::V4, None, &values).unwrap();
    let batch = Batch {
        kind: BatchKind::Unlogged,
        statements: vec![
            BatchStatement {
                statement: StatementRef::Text("INSERT INTO fx.pg (p,c) VALUES (?,?)".into()),
                values: values((5, 6)),
            },
            BatchStatement {
                statement: StatementRef::Text("INSERT INTO fx.pg (p,c) VALUES (5,7)".into()),
                values: RawValues::default(),
            },
        ],
        consistency: Consistency::One,
        serial_consistency: None,
        timestamp: None,
        keyspace: None,
        now_in_seconds: None,
    };
    for (name, request) in [
        ("startup_v4", Request::Startup(startup)),
        ("batch_request", Request::Batch(batch)),
    ] {
        let bytes = fixture(name);
        let mut out = Vec::new();
        request.encode(Version::V4, None, 1, &mut out).unwrap();
        assert_eq!(out, bytes, "{name}");
        let frame = frame(&bytes);
        let opcode = cql_v4::message::Opcode(frame.header.opcode);
        assert_eq!(
            Request::decode(Version::V4, opcode, &frame.body).unwrap(),
            request,
            "{name}"
        );
    }
}

#[test]
fn a_row_of_every_type_is_read() {
    let rows = rows("rows_all_types");
    let row = rows.first::<Row>().unwrap().unwrap();
    let shown: Vec<String> = rows
        .columns()
        .iter()
        .map(|c| format!("{} {}", c.name(), c.data_type()))
        .collect();
    assert_eq!(
        shown.join(", "),
        "k int, a ascii, b bigint, c blob, d boolean, e decimal, f double, g float, h inet, i smallint, j text, \
         l time, m timestamp, n timeuuid, o tinyint, p uuid, q varint, r date, s duration, t list<int>, \
         u set<text>, v map<text, bigint>, w tuple<int, text>, x fx.point, y vector<float, 3>, \
         z map<int, list<text>>, vt vector<text, 2>"
    );
    let value = |name: &str| row.value(name).unwrap().clone();
    let text = |s: &str| Value::from(s);
    assert_eq!(value("k"), Value::Int(1));
    assert_eq!(value("a"), text("ascii"));
    assert_eq!(value("b"), Value::BigInt(-9_000_000_000));
    assert_eq!(value("c"), Value::Blob(Bytes::from_static(&[0xca, 0xfe])));
    assert_eq!(value("d"), Value::Boolean(true));
    let decimal = Decimal {
        unscaled: Varint::from(-12_345_i64),
        scale: 3,
    };
    assert_eq!(value("e"), Value::Decimal(decimal));
    assert_eq!(value("f"), Value::Double(2.5));
    assert_eq!(value("g"), Value::Float(-1.5));
    assert_eq!(value("h"), Value::Inet("2001:db8::1".parse().unwrap()));
    assert_eq!(value("i"), Value::SmallInt(-300));
    assert_eq!(value("j"), text("grüße"));
    assert_eq!(
        value("l"),
        Value::Time(Time::from_nanos(48_654_123_456_789).unwrap())
    );
    assert_eq!(value("m"), Value::Timestamp(Timestamp(1_709_208_000_123)));
    let uuid: Uuid = "50554d6e-29bb-11e5-b345-feff819cdc9f".parse().unwrap();
    assert_eq!(value("n"), Value::Timeuuid(uuid));
    assert_eq!(value("o"), Value::TinyInt(-7));
    let uuid: Uuid = "01234567-89ab-cdef-0123-456789abcdef".parse().unwrap();
    assert_eq!(value("p"), Value::Uuid(uuid));
    // 2^127 does not fit 128 bits with a sign.
    let mut wide = vec![0, 0x80];
    wide.resize(17, 0);
    assert_eq!(
        value("q"),
        Value::Varint(Varint::from_be_bytes(&wide).unwrap())
    );
    assert_eq!(value("r"), Value::Date(Date(19_782)));
    let duration = Duration {
        months: 1,
        days: 2,
        nanos: 3,
    };
    assert_eq!(value("s"), Value::Duration(duration));
    assert_eq!(
        value("t"),
        Value::List(vec![Value::Int(1), Value::Int(2), Value::Int(3)])
    );
    assert_eq!(value("u"), Value::Set(vec![text("a"), text("b")]));
    let pairs = vec![
        (text("x"), Value::BigInt(1)),
        (text("y"), Value::BigInt(-1)),
    ];
    assert_eq!(value("v"), Value::Map(pairs));
    assert_eq!(value("w"), Value::Tuple(vec![Value::Int(5), text("five")]));
    let Value::Udt(udt, fields) = value("x") else {
        panic!("{:?}", value("x"))
    };
    assert_eq!((udt.keyspace.as_str(), udt.name.as_str()), ("fx", "point"));
    assert_eq!(fields, [Value::Int(3), Value::Double(0.25)]);
    let floats = [1.0, 2.0, 3.0].map(Value::Float).to_vec();
    assert_eq!(value("y"), Value::Vector(floats));
    let lists = vec![
        (Value::Int(1), Value::List(vec![text("a"), text("b")])),
        (Value::Int(2), Value::List(vec![])),
    ];
    assert_eq!(value("z"), Value::Map(lists));
    assert_eq!(value("vt"), Value::Vector(vec![text("a"), text("bc")]));
    assert_eq!(row.value("nope"), None);
}

/// The same cells as Rust types; too many columns for one tuple, so each is read on its own.
#[test]
fn typed_values_are_read_too() {
    let frame = frame(&fixture("rows_all_types"));
    let (_, rows) = decode(&frame, None).unwrap();
    let names: Vec<&str> = rows[0].columns().iter().map(|c| c.name()).collect();

    macro_rules! read {
        ($column:literal as $ty:ty) => {{
            let index = names.iter().position(|name| *name == $column).unwrap();
            one_column(&rows[0], index)
                .first::<($ty,)>()
                .unwrap()
                .unwrap()
                .0
        }};
    }
    assert_eq!(read!("b" as i64), -9_000_000_000);
    assert_eq!(read!("c" as Vec<u8>), [0xca, 0xfe]);
    assert_eq!(read!("c" as Bytes), Bytes::from_static(&[0xca, 0xfe]));
    assert!(read!("d" as bool));
    assert_eq!(
        read!("h" as IpAddr),
        "2001:db8::1".parse::<IpAddr>().unwrap()
    );
    assert_eq!(read!("j" as String), "grüße");
    assert_eq!(read!("t" as Vec<i32>), [1, 2, 3]);
    assert_eq!(read!("t" as Raw).0.len(), 28);
    assert_eq!(
        read!("u" as BTreeSet<String>),
        BTreeSet::from(["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(
        read!("v" as HashMap<String, i64>),
        HashMap::from([("x".to_owned(), 1), ("y".to_owned(), -1)])
    );
    assert_eq!(read!("w" as (i32, String)), (5, "five".to_owned()));
    assert_eq!(read!("y" as Vec<f32>), [1.0, 2.0, 3.0]);
    assert_eq!(
        read!("z" as BTreeMap<i32, Vec<String>>),
        BTreeMap::from([(1, vec!["a".to_owned(), "b".to_owned()]), (2, vec![])])
    );
    assert_eq!(read!("vt" as Vec<String>), ["a", "bc"]);
}

/// A page of one column of `row`, written anew.
fn one_column(row: &Row, index: usize) -> Rows {
    let column = row.columns()[index].clone();
    let values = RawValues::encode(
        Version::V4,
        Some(std::slice::from_ref(&column)),
        &[row.values()[index].clone()],
    );
    let values = values.unwrap();
    let cell: Vec<_> = values
        .iter()
        .map(|v| v.data().map(Bytes::copy_from_slice))
        .collect();
    RowsMessage::new(vec![column], &[cell], None)
        .unwrap()
        .try_into()
        .unwrap()
}

#[test]
fn nulls_are_read_as_options_and_empty_collections() {
    let rows = rows("rows_all_null");
    let row = rows.first::<Row>().unwrap().unwrap();
    assert!(
        row.values()[1..].iter().all(|value| *value == Value::Null),
        "{row:?}"
    );
    let list = row.columns().iter().position(|c| c.name() == "t").unwrap();
    let list = one_column(&row, list);
    assert_eq!(list.first::<(Option<Vec<i32>>,)>().unwrap(), Some((None,)));
    assert_eq!(list.first::<(Vec<i32>,)>().unwrap(), Some((vec![],)));
    let text = one_column(
        &row,
        row.columns().iter().position(|c| c.name() == "j").unwrap(),
    );
    let error = text.first::<(String,)>().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("row 0: column `j`: is null; read this text as Option<"),
        "{error}"
    );
}

#[test]
fn pages_prepared_statements_and_the_rest() {
    let page = rows("rows_page");
    assert_eq!(page.to_vec::<(i32,)>().unwrap(), [(0,), (1,), (2,)]);
    assert!(page.paging_state().is_some());
    let none = rows("rows_none");
    assert!(none.is_empty() && none.paging_state().is_none());

    let select = prepared("prepared_select");
    assert_eq!(
        (
            select.id.len(),
            select.markers.len(),
            &select.key_markers[..]
        ),
        (16, 1, &[0][..])
    );
    assert_eq!(
        (select.markers[0].keyspace(), select.markers[0].table()),
        ("fx", "t")
    );
    assert_eq!(select.columns.as_ref().unwrap().len(), 3);
    let insert = prepared("prepared_insert");
    assert_eq!((insert.markers.len(), insert.columns.is_none()), (3, true));
    // The key is (b, a); the markers are a, b.
    assert_eq!(prepared("prepared_composite_key").key_markers, [1, 0]);
    assert!(prepared("prepared_select_v3").key_markers.is_empty());
    assert_eq!(prepared("prepared_select_v3").id, select.id);

    let (a, b) = (rows("rows_execute"), rows("rows_execute_v3"));
    type Joined = (i32, String, Vec<i32>);
    assert_eq!(a.to_vec::<Joined>().unwrap(), b.to_vec::<Joined>().unwrap());
    let bare = Rows::try_from(rows_message("rows_execute_skip_metadata")).unwrap_err();
    assert!(
        bare.to_string().contains("left out the column metadata"),
        "{bare}"
    );

    let result = |name: &str| match message(name) {
        Message::Result(result) => QueryResult::new(result, response(name).0.extras).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(result("rows_lwt_applied").applied(), Some(true));
    assert_eq!(result("rows_lwt_not_applied").applied(), Some(false));
    assert_eq!(result("rows_page").applied(), None);
    assert!(result("result_void").rows().is_err());
    assert_eq!(result("result_set_keyspace").keyspace(), Some("fx"));
    let created = result("result_schema_change_table");
    let created = created.schema_change().unwrap();
    assert_eq!(
        (&*created.change, &*created.target, &*created.name),
        ("CREATED", "TABLE", "t")
    );
    assert!(
        result("result_schema_change_keyspace")
            .schema_change()
            .unwrap()
            .name
            .is_empty()
    );
    assert_eq!(
        result("rows_count_warning").warnings(),
        ["Aggregation query used without partition key"]
    );
    assert_eq!(
        result("rows_count_warning").first::<(i64,)>().unwrap(),
        Some((7,))
    );
    assert!(result("rows_traced").tracing_id().is_some());

    let Message::Supported(supported) = message("supported_v4") else {
        panic!()
    };
    assert!(supported.has("COMPRESSION", "LZ4") && supported.has("PROTOCOL_VERSIONS", "4/v4"));
    assert!(supported.values("NOPE").is_empty());
    assert!(matches!(message("ready_v3"), Message::Ready));
}

/// Metadata that was seen before is not parsed again, and what is read by it is the same.
#[test]
fn known_columns_are_recognised() {
    let known = prepared("prepared_select").known.unwrap();
    let frame = frame(&fixture("rows_execute"));
    let decoded = |known| {
        let limits = cql_v4::Limits::DEFAULT;
        Response::decode_known(&frame.header, &frame.body, Version::V4, &limits, known).unwrap()
    };
    let Message::Result(ResultMessage::Rows(mut with)) = decoded(Some(&known)).message else {
        panic!()
    };
    let Message::Result(ResultMessage::Rows(mut without)) = decoded(None).message else {
        panic!()
    };
    assert!(with.take_learned().is_none());
    assert!(without.take_learned().is_some());
    let (with, without) = (
        Rows::try_from(with).unwrap(),
        Rows::try_from(without).unwrap(),
    );
    assert_eq!(
        with.to_vec::<Row>().unwrap(),
        without.to_vec::<Row>().unwrap()
    );
    // Another statement's columns are not taken for these.
    let other = prepared("prepared_composite_key").known.unwrap();
    let Message::Result(ResultMessage::Rows(mut rows)) = decoded(Some(&other)).message else {
        panic!()
    };
    assert!(rows.take_learned().is_some());
}

#[test]
fn errors_keep_their_fields() {
    assert_eq!(error("error_syntax").code, ErrorCode::SYNTAX_ERROR);
    assert_eq!(error("error_invalid").code, ErrorCode::INVALID);
    assert_eq!(
        error("error_bad_consistency").message,
        "Unknown code 119 for a consistency level"
    );
    let ErrorDetail::AlreadyExists {
        keyspace, table, ..
    } = error("error_already_exists").detail
    else {
        panic!()
    };
    assert_eq!((&*keyspace, &*table), ("fx", "t"));
    let ErrorDetail::Unprepared { id, .. } = error("error_unprepared").detail else {
        panic!()
    };
    assert_eq!(id, [1; 16].as_slice());
    let ErrorDetail::Unavailable {
        consistency,
        required,
        alive,
        ..
    } = error("error_unavailable").detail
    else {
        panic!()
    };
    assert_eq!((consistency, required, alive), (Consistency::Quorum, 2, 1));
    let ErrorDetail::FunctionFailure {
        function,
        arg_types,
        ..
    } = error("error_function").detail
    else {
        panic!()
    };
    assert_eq!(
        (&*function, &arg_types[..]),
        ("boom", &["int".to_owned()][..])
    );
}

/// Codes whose errors need a cluster to provoke: bytes by the layouts of the specification, §9.
#[test]
fn errors_of_a_cluster_keep_their_fields() {
    let header = [0x84, 0, 0, 1, 0];
    let read = |body: &[u8]| {
        let mut bytes = header.to_vec();
        bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(body);
        let frame = frame(&bytes);
        let (response, _) = decode(&frame, None).unwrap();
        let mut out = Vec::new();
        response.encode(Version::V4, None, 1, &mut out).unwrap();
        assert_eq!(out, bytes);
        match response.message {
            Message::Error(error) => error,
            other => panic!("{other:?}"),
        }
    };
    let write_timeout = read(b"\0\0\x11\0\0\x02no\0\x05\0\0\0\x02\0\0\0\x03\0\x06SIMPLE");
    let ErrorDetail::WriteTimeout {
        received: 2,
        block_for: 3,
        write_type,
        ..
    } = &write_timeout.detail
    else {
        panic!()
    };
    assert_eq!(write_type, "SIMPLE");
    let read_timeout = read(b"\0\0\x12\0\0\x02no\0\x06\0\0\0\x01\0\0\0\x02\x01");
    let expected =
        "ReadTimeout { consistency: LocalQuorum, received: 1, block_for: 2, data_present: true }";
    assert_eq!(format!("{:?}", read_timeout.detail), expected);
    let read_failure = read(b"\0\0\x13\0\0\x02no\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\0");
    let expected = "ReadFailure { consistency: One, received: 0, block_for: 1, failures: 1, reasons: [], data_present: false }";
    assert_eq!(format!("{:?}", read_failure.detail), expected);
    let write_failure = read(b"\0\0\x15\0\0\x02no\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\0\x03CDC");
    assert!(matches!(
        write_failure.detail,
        ErrorDetail::WriteFailure { failures: 1, .. }
    ));
    assert_eq!(read(b"\0\0\xf0\0\0\x02no").code, ErrorCode(0xf000));
}

#[test]
fn an_error_may_carry_warnings_and_a_tracing_id() {
    let mut bytes = vec![0x84, 0x0e, 0, 1, 0, 0, 0, 0, 0];
    bytes.extend_from_slice(&[7; 16]);
    bytes.extend_from_slice(b"\0\x01\0\x04warn\0\x01\0\x01k\0\0\0\x01v\0\0\x22\0\0\x02no");
    bytes[8] = u8::try_from(bytes.len() - 9).unwrap();
    let frame = frame(&bytes);
    assert!(frame.header.flags.has(Flags::TRACING.with(Flags::WARNING)));
    let (response, _) = decode(&frame, None).unwrap();
    let extras = response.extras.clone().unwrap();
    assert_eq!(
        (extras.tracing_id, &extras.warnings[..]),
        (Some(Uuid([7; 16])), &["warn".to_owned()][..])
    );
    assert_eq!(
        extras.custom_payload,
        [("k".to_owned(), Some(Bytes::from_static(b"v")))]
    );
    assert!(matches!(&response.message, Message::Error(e) if e.code == ErrorCode::INVALID));
    let mut out = Vec::new();
    response.encode(Version::V4, None, 1, &mut out).unwrap();
    assert_eq!(out, bytes);
}

#[cfg(all(feature = "lz4", feature = "snappy"))]
#[test]
fn compressed_bodies_are_read() {
    use cql_v4::Compression;
    for (name, compression) in [("lz4", Compression::Lz4), ("snappy", Compression::Snappy)] {
        let ready = frame(&fixture(&format!("ready_{name}")));
        assert!(matches!(
            decode(&ready, Some(compression)).unwrap().0.message,
            Message::Ready
        ));
        let page = frame(&fixture(&format!("rows_{name}")));
        let (response, rows) = decode(&page, Some(compression)).unwrap();
        assert_eq!(rows.len(), 7);
        // Nothing says that compressed bytes are the same; but they say the same.
        let mut out = Vec::new();
        response
            .encode(Version::V4, Some(compression), 1, &mut out)
            .unwrap();
        assert_eq!(decode(&frame(&out), Some(compression)).unwrap().1, rows);
        let error = page.plain_body(None, &cql_v4::Limits::DEFAULT).unwrap_err();
        assert_eq!(error.kind(), cql_v4::ErrorKind::Decode);
    }
}
