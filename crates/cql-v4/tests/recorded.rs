//! Requests that a real server accepted, and what it answered: read, written again with the same bytes, and cut short or
//! changed at every place.

mod support;

use bytes::Bytes;
use cql_v4::codec::{Frame, FrameDecoder, SegmentDecoder};
use cql_v4::message::{
    Call, Event, Message, RawValue, Request, Response, ResultMessage, SchemaChange,
};
use cql_v4::types::Value;
use cql_v4::{Consistency, ErrorCode, ErrorKind, Limits, Row, Rows, Version};
use support::{frame, version_of, with_body};
use wire_core::testing::{BIG_I32_BE, BIG_U16, fixture, fixtures};

fn recorded(name: &str) -> Vec<u8> {
    fixture(&format!("messages/{name}"))
}

/// Those that are one frame, requests and responses.
fn frames() -> Vec<(String, Frame, Vec<u8>)> {
    let mut all = fixtures("messages");
    all.retain(|(name, _)| !name.starts_with("v5_") && !name.starts_with("conversation_"));
    assert!(all.len() >= 29, "{} fixtures", all.len());
    all.into_iter()
        .map(|(name, bytes)| (name, frame(&bytes), bytes))
        .collect()
}

fn call(name: &str) -> Call {
    let frame = frame(&recorded(name));
    Call::decode(version_of(&frame), &frame.header, &frame.body).unwrap()
}

fn response_of(frame: &Frame) -> Result<Response, cql_v4::Error> {
    Response::decode(
        &frame.header,
        &frame.body,
        version_of(frame),
        &Limits::DEFAULT,
    )
}

/// Reads a frame of either direction, and writes it again.
fn again(frame: &Frame) -> Result<Vec<u8>, cql_v4::Error> {
    let (version, stream) = (version_of(frame), frame.header.stream);
    let mut out = Vec::new();
    if frame.header.is_response {
        let response = response_of(frame)?;
        if let Message::Result(ResultMessage::Rows(rows)) = &response.message {
            Rows::try_from(rows.clone())?.to_vec::<Row>()?;
        }
        response.encode(version, None, stream, &mut out)?;
    } else {
        let call = Call::decode(version, &frame.header, &frame.body)?;
        call.encode(version, None, stream, &mut out)?;
    }
    Ok(out)
}

#[test]
fn every_frame_is_written_as_it_was_recorded() {
    for (name, frame, bytes) in frames() {
        let out = again(&frame).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        assert_eq!(out, bytes, "{name}");
    }
}

#[test]
fn every_prefix_is_refused_and_no_change_is_a_panic() {
    for (name, whole, bytes) in frames() {
        for n in 0..whole.body.len() {
            let cut = with_body(&bytes, &whole.body[..n]);
            let error = again(&cut).expect_err(&name);
            assert_eq!(error.kind(), ErrorKind::Decode, "{name} of {n} bytes");
        }
        for at in 9..bytes.len() {
            let change = |lie: &[u8]| {
                let mut damaged = bytes.clone();
                if let Some(place) = damaged.get_mut(at..at + lie.len()) {
                    place.copy_from_slice(lie);
                }
                let _ = again(&frame(&damaged));
            };
            [0x00, 0x01, 0x7f, 0x80, 0xff_u8]
                .iter()
                .for_each(|byte| change(&[*byte]));
            BIG_I32_BE.iter().chain(BIG_U16).for_each(|lie| change(lie));
        }
    }
}

#[test]
fn events_of_a_server_are_read() {
    let change = |name: &str| match response_of(&frame(&recorded(name))).unwrap().message {
        Message::Event(Event::SchemaChange(change)) => *change,
        other => panic!("{other:?}"),
    };
    let mut plus = SchemaChange::new("CREATED", "FUNCTION", "wm", "plus");
    plus.arguments = vec!["int".to_owned(), "list<text>".to_owned()];
    let mut total = SchemaChange::new("DROPPED", "AGGREGATE", "wm", "total");
    total.arguments = vec!["int".to_owned()];
    for (name, expected) in [
        (
            "event_keyspace_created",
            SchemaChange::new("CREATED", "KEYSPACE", "wm", ""),
        ),
        (
            "v3_event_keyspace_created",
            SchemaChange::new("CREATED", "KEYSPACE", "wm", ""),
        ),
        (
            "event_table_updated",
            SchemaChange::new("UPDATED", "TABLE", "wm", "t"),
        ),
        (
            "event_index_created",
            SchemaChange::new("UPDATED", "TABLE", "wm", "t"),
        ),
        (
            "event_type_dropped",
            SchemaChange::new("DROPPED", "TYPE", "wm", "point"),
        ),
        ("event_function_created", plus),
        ("event_aggregate_dropped", total),
    ] {
        assert_eq!(change(name), expected, "{name}");
    }
    let error = response_of(&frame(&recorded("error_register"))).unwrap();
    let Message::Error(error) = error.message else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::PROTOCOL_ERROR);
    assert_eq!(error.message, "Invalid value 'NOPE' for Type");
}

#[test]
fn requests_that_a_server_accepted_are_read() {
    let Request::Query(named) = call("request_query_named").request else {
        panic!()
    };
    assert!(named.values.names().eq(["key", "low"]));
    let Call { custom_payload, .. } = call("request_query_payload");
    assert_eq!(
        custom_payload,
        [
            ("trace".to_owned(), Some(Bytes::from_static(&[1, 2]))),
            ("empty".to_owned(), None)
        ]
    );
    let traced = call("request_execute_traced");
    assert!(traced.tracing);
    let Request::Execute(execute) = traced.request else {
        panic!()
    };
    assert_eq!(
        execute.params.serial_consistency,
        Some(Consistency::LocalSerial)
    );
    assert_eq!(execute.params.timestamp, Some(1_700_000_000_000_000));
    let values: Vec<_> = execute.values.iter().collect();
    assert_eq!(values.len(), 3);
    assert_eq!(values[2], RawValue::Unset);
    let Request::Query(next) = call("request_query_next_page").request else {
        panic!()
    };
    assert!(next.params.paging_state.is_some());

    let Request::Query(query) = call("request_v5_query_keyspace").request else {
        panic!()
    };
    assert_eq!(query.params.keyspace.as_deref(), Some("wm"));
    assert_eq!(query.params.now_in_seconds, Some(1_700_000_000));
    let Request::Prepare(prepare) = call("request_v5_prepare_keyspace").request else {
        panic!()
    };
    assert_eq!(prepare.keyspace.as_deref(), Some("wm"));
    let Request::Execute(execute) = call("request_v5_execute").request else {
        panic!()
    };
    assert_eq!(execute.result_metadata_id.len(), 16);
    assert!(execute.params.skip_metadata);
    let Request::Batch(batch) = call("request_v5_batch_keyspace").request else {
        panic!()
    };
    assert_eq!(batch.keyspace.as_deref(), Some("wm"));
    assert_eq!(
        (batch.timestamp, batch.now_in_seconds),
        (Some(5), Some(1_700_000_000))
    );
}

/// The frames in the segments of `name`, fed in pieces of `step` bytes.
fn in_segments(name: &str, lz4: bool, step: usize) -> Vec<Frame> {
    let compression = lz4.then(|| cql_v4::Compression::from_name("lz4").unwrap());
    let mut decoder = SegmentDecoder::new(compression, Limits::DEFAULT);
    let mut frames = Vec::new();
    for part in recorded(name).chunks(step) {
        decoder.feed(part);
        frames.extend(std::iter::from_fn(|| decoder.next_frame().unwrap()));
    }
    frames
}

fn rows(frame: &Frame) -> Rows {
    match response_of(frame).unwrap().message {
        Message::Result(ResultMessage::Rows(rows)) => rows.try_into().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn segments_hold_many_frames_or_a_part_of_one() {
    for step in [1, 7, 10_000] {
        let requests = in_segments("v5_many_request", false, step);
        assert_eq!(requests.len(), 5);
        for (i, frame) in (1..).zip(&requests) {
            assert_eq!(frame.header.stream, i);
            let call = Call::decode(Version::V5, &frame.header, &frame.body).unwrap();
            assert!(matches!(call.request, Request::Query(_)));
        }
        let mut answers = in_segments("v5_many_rows", false, step);
        answers.sort_by_key(|frame| frame.header.stream);
        let texts = answers
            .iter()
            .map(|frame| rows(frame).first::<(String,)>().unwrap().unwrap().0);
        assert!(texts.eq((0..5).map(|i| format!("row {i}"))));
    }
}

#[cfg(feature = "lz4")]
#[test]
fn a_large_frame_comes_in_many_compressed_segments() {
    for step in [1, 500, 10_000] {
        let frames = in_segments("v5_lz4_large_rows", true, step);
        assert_eq!(frames.len(), 1);
        let rows = rows(&frames[0]);
        let rows: Vec<(i32, &[u8])> = rows.to_vec().unwrap();
        let blobs: Vec<_> = (0..6_u8).map(|i| vec![i; 50_000]).collect();
        assert!(
            rows.into_iter()
                .eq((0..).zip(blobs.iter().map(Vec::as_slice)))
        );
    }
}

#[test]
fn frames_in_segments_are_written_as_they_were_recorded() {
    for name in [
        "v5_event_keyspace_created",
        "v5_event_table_dropped",
        "v5_prepared_of_keyspace",
        "v5_rows_of_keyspace",
    ] {
        let frames = in_segments(name, false, 10_000);
        let out = again(&frames[0]).unwrap();
        let mut segment = Vec::new();
        cql_v4::codec::append_segments(&out, None, &mut segment).unwrap();
        assert_eq!(segment, recorded(name), "{name}");
    }
    let prepared = response_of(&in_segments("v5_prepared_of_keyspace", false, 99)[0]).unwrap();
    let warnings = prepared.extras.unwrap().warnings;
    assert!(
        warnings[0].starts_with("`USE <keyspace>` with prepared statements"),
        "{warnings:?}"
    );
}

#[test]
fn many_frames_are_put_in_one_segment_as_the_recorder_did() {
    let mut frames = Vec::new();
    for frame in in_segments("v5_many_request", false, 10_000) {
        frames.extend(again(&frame).unwrap());
    }
    let mut segment = Vec::new();
    cql_v4::codec::append_segments(&frames, None, &mut segment).unwrap();
    assert_eq!(segment, recorded("v5_many_request"));
}

#[test]
fn a_whole_conversation_is_read() {
    let frames = |name: &str| {
        let mut decoder = FrameDecoder::new(Limits::DEFAULT);
        decoder.feed(&recorded(name));
        std::iter::from_fn(|| decoder.next_frame().unwrap()).collect::<Vec<_>>()
    };
    let client: Vec<u8> = frames("conversation_client")
        .iter()
        .map(|f| f.header.opcode)
        .collect();
    assert_eq!(
        client,
        [0x05, 0x01, 0x0b, 0x07, 0x07, 0x09, 0x0a, 0x07, 0x07, 0x07]
    );
    let server = frames("conversation_server");
    for frame in frames("conversation_client").iter().chain(&server) {
        again(frame).unwrap();
    }
    let select = server
        .iter()
        .find(|frame| frame.header.stream == 7)
        .unwrap();
    let row = rows(select).first::<Row>().unwrap().unwrap();
    assert_eq!(
        row.values(),
        [Value::Int(7), Value::from("caffè".to_owned())]
    );
    let events = server.iter().filter(|frame| frame.header.stream == -1);
    assert!(events.count() >= 3);
}
