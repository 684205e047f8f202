//! Protocol v5: frames in segments, and results whose metadata is known by an id.
#![cfg(all(feature = "client", feature = "lz4"))]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use cql_v4::codec::{Frame, SegmentDecoder, append_segments};
use cql_v4::message::{Message, PreparedMessage, Request, Response, ResultMessage, RowsMessage};
use cql_v4::types::{DataType, Value};
use cql_v4::{
    Client, Compression, Config, Error, ErrorCode, ErrorDetail, ErrorKind, Limits, Rows, Sent,
    Version,
};
use proptest::prelude::*;
use support::server::{PIPE, Reply, assert_idle, column, config, echo, ints, run, serve, value};
use wire_core::testing::{fixture, fixtures};

const LZ4: Option<Compression> = Some(Compression::Lz4);

/// The frames of `segments`, fed in pieces of `step` bytes.
fn frames(
    segments: &[u8],
    compression: Option<Compression>,
    step: usize,
) -> Result<Vec<Frame>, Error> {
    let mut decoder = SegmentDecoder::new(compression, Limits::DEFAULT);
    let mut frames = Vec::new();
    for piece in segments.chunks(step) {
        decoder.feed(piece);
        while let Some(frame) = decoder.next_frame()? {
            frames.push(frame);
        }
    }
    Ok(frames)
}

fn recorded(name: &str) -> (Frame, Message) {
    let compression = name.contains("lz4").then_some(Compression::Lz4);
    let mut frames = frames(&fixture(name), compression, 1).unwrap();
    assert_eq!(frames.len(), 1, "{name}");
    let frame = frames.remove(0);
    let response =
        Response::decode(&frame.header, &frame.body, Version::V5, &Limits::DEFAULT).unwrap();
    (frame, response.message)
}

fn recorded_rows(name: &str) -> RowsMessage {
    match recorded(name).1 {
        Message::Result(ResultMessage::Rows(rows)) => rows,
        other => panic!("{other:?}"),
    }
}

type Joined = (i32, String, Vec<i32>);

#[test]
fn recorded_segments_are_read() {
    let Message::Result(ResultMessage::Prepared(prepared)) = recorded("v5_prepared_select").1
    else {
        panic!()
    };
    assert_eq!(
        (prepared.id.len(), prepared.result_metadata_id.len()),
        (16, 16)
    );
    let known = prepared.known.as_ref().unwrap();
    let full = Rows::try_from(recorded_rows("v5_rows_execute")).unwrap();
    let expected = full.to_vec::<Joined>().unwrap();
    assert_eq!(expected, [(1, "grüße".to_owned(), vec![1, 2, 3])]);

    let mut bare = recorded_rows("v5_rows_skip_metadata");
    assert!(Rows::try_from(bare.clone()).is_err());
    bare.fill_columns(known).unwrap();
    assert_eq!(
        Rows::try_from(bare).unwrap().to_vec::<Joined>().unwrap(),
        expected
    );

    let changed = recorded_rows("v5_rows_metadata_changed");
    assert_eq!(changed.changed_id(), Some(&prepared.result_metadata_id));
    assert_eq!(
        Rows::try_from(changed).unwrap().to_vec::<Joined>().unwrap(),
        expected
    );

    let count = Rows::try_from(recorded_rows("v5_rows_count_warning")).unwrap();
    assert_eq!(count.first::<(i64,)>().unwrap(), Some((10,)));
    let compressed = Rows::try_from(recorded_rows("v5_lz4_rows")).unwrap();
    assert_eq!(compressed.len(), 7);
    for name in ["v5_error_invalid", "v5_lz4_error"] {
        assert!(matches!(recorded(name).1, Message::Error(e) if e.code == ErrorCode::INVALID));
    }
    let Message::Error(error) = recorded("v5_error_function").1 else {
        panic!()
    };
    assert!(matches!(error.detail, ErrorDetail::FunctionFailure { .. }));
}

/// What the server sent is what this crate would send in its place, segments included.
#[test]
fn segments_are_written_as_the_server_wrote_them() {
    for name in [
        "v5_prepared_select",
        "v5_rows_execute",
        "v5_rows_metadata_changed",
        "v5_rows_count_warning",
        "v5_error_invalid",
        "v5_error_function",
    ] {
        let (frame, _) = recorded(name);
        let response =
            Response::decode(&frame.header, &frame.body, Version::V5, &Limits::DEFAULT).unwrap();
        let (mut bare, mut out) = (Vec::new(), Vec::new());
        response.encode(Version::V5, None, 1, &mut bare).unwrap();
        append_segments(&bare, None, &mut out).unwrap();
        assert_eq!(out, fixture(name), "{name}");
    }
}

/// Errors of a cluster: bytes by the layouts of the specification of v5, §9.
#[test]
fn errors_name_replicas_and_reasons() {
    let read = |body: &[u8]| {
        let frame = support::with_body(&[0x85, 0, 0, 1, 0], body);
        let (response, _) = support::decode(&frame, None).unwrap();
        let mut out = Vec::new();
        response.encode(Version::V5, None, 1, &mut out).unwrap();
        assert_eq!(out[9..], *body);
        match response.message {
            Message::Error(error) => format!("{:?}", error.detail),
            other => panic!("{other:?}"),
        }
    };
    let failure =
        read(b"\0\0\x13\0\0\x02no\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\x04\x7f\0\0\x02\0\x03\0");
    assert!(
        failure.contains("failures: 1, reasons: [(127.0.0.2, 3)], data_present: false"),
        "{failure}"
    );
    let failure = read(b"\0\0\x15\0\0\x02no\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\x06SIMPLE");
    assert!(
        failure.contains("failures: 0, reasons: [], write_type: \"SIMPLE\""),
        "{failure}"
    );
    let timeout = read(b"\0\0\x11\0\0\x02no\0\x08\0\0\0\x01\0\0\0\x02\0\x03CAS\0\x05");
    assert!(timeout.contains("contentions: Some(5)"), "{timeout}");
    let unknown = read(b"\0\0\x17\0\0\x02no\0\x08\0\0\0\x01\0\0\0\x02");
    assert!(unknown.starts_with("CasWriteUnknown"), "{unknown}");
}

#[test]
fn every_damaged_byte_is_found() {
    let mut checked = 0;
    for (name, bytes) in fixtures("") {
        if !name.starts_with("v5_") || name.ends_with("ready") {
            continue;
        }
        let compression = name.contains("lz4").then_some(Compression::Lz4);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let error = frames(&damaged, compression, 4096).expect_err("a damaged segment");
                assert_eq!(error.kind(), ErrorKind::Decode, "{name} at {at}");
                let source = std::error::Error::source(&error).unwrap().to_string();
                assert!(source.starts_with("Segment."), "{source}");
            }
            assert!(frames(&bytes[..at], compression, 4096).unwrap().is_empty());
        }
        checked += 1;
    }
    assert!(checked >= 8);
}

#[test]
fn a_segment_cannot_lie_about_its_length() {
    // 3,000 bytes of text, compressed.
    let mut out = Vec::new();
    append_segments(&frame_of(3000), LZ4, &mut out).unwrap();
    assert!(out.len() < 200);
    for n in 0..out.len() {
        assert!(frames(&out[..n], LZ4, 64).unwrap().is_empty());
    }
    // Read as if it were not compressed, the checksums are elsewhere.
    assert!(frames(&out, None, 64).is_err());
}

proptest! {
    // Long frames take long to compare.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Frames of any length arrive whole, in segments of either kind, however they are cut.
    #[test]
    fn frames_survive_segments(lengths in proptest::collection::vec(0_usize..400_000, 1..4), lz4 in any::<bool>(), together in any::<bool>(), random in any::<u8>(), step in 1_usize..200_000) {
        let compression = lz4.then_some(Compression::Lz4);
        let (mut out, mut all) = (Vec::new(), Vec::new());
        for (i, n) in lengths.iter().enumerate() {
            let body: Vec<u8> = (0..*n).map(|j| (j / 7 % 256) as u8 ^ random).collect();
            let mut frame = vec![0x85, 0, 0, u8::try_from(i).unwrap(), 8];
            frame.extend_from_slice(&u32::try_from(*n).unwrap().to_be_bytes());
            frame.extend_from_slice(&body);
            if together {
                all.extend(frame);
            } else {
                append_segments(&frame, compression, &mut out).unwrap();
            }
        }
        append_segments(&all, compression, &mut out).unwrap();
        let frames = frames(&out, compression, step).unwrap();
        let read: Vec<usize> = frames.iter().map(|frame| frame.body.len()).collect();
        prop_assert_eq!(read, lengths);
        for frame in &frames {
            prop_assert!(frame.body.iter().enumerate().all(|(j, b)| *b == (j / 7 % 256) as u8 ^ random));
        }
    }
}

fn v5() -> [Config; 2] {
    let config = config().with_protocol(Version::V5);
    [config.clone(), config.with_compression(Compression::Lz4)]
}

async fn ask(client: &Client, n: i32) -> Result<i32, Error> {
    let result = client.query("SELECT ?", (n,)).await?;
    Ok(result.first::<(i32,)>()?.expect("a row").0)
}

#[test]
fn the_client_speaks_in_segments_cut_at_every_byte() {
    for config in v5() {
        run(async {
            let client = Client::connect_over(config, serve(1, echo)).await.unwrap();
            assert_eq!(client.protocol(), Some(Version::V5));
            for n in 0..10 {
                assert_eq!(ask(&client, n).await.unwrap(), n);
            }
            let long = format!("SELECT ? -- {}", "x".repeat(200_000));
            let result = client.query(long, (7,)).await.unwrap();
            assert_eq!(result.first::<(i32,)>().unwrap(), Some((7,)));
            let canary = |n: usize| {
                let client = client.clone();
                async move {
                    let n = i32::try_from(n).unwrap();
                    assert_eq!(ask(&client, n).await.unwrap(), n);
                    assert_idle(&client);
                }
            };
            let (_, answer) = wire_testkit::drop_at_each_turn(|| ask(&client, 5), canary).await;
            assert_eq!(answer.unwrap(), 5);
        });
    }
}

#[test]
fn a_damaged_segment_closes_the_connection() {
    run(async {
        // Raw bytes are put into segments by the server in memory; what closes is sent as it is.
        let open = serve(PIPE, |call| match value(&call.request) {
            0 => {
                let mut out = Vec::new();
                append_segments(&call.frame(ints(&[0], None)), None, &mut out).unwrap();
                let last = out.len() - 1;
                out[last] ^= 1;
                Reply::RawThenClose(out)
            }
            n => Reply::Send(ints(&[n], None)),
        });
        let client = Client::connect_over(config().with_protocol(Version::V5), open)
            .await
            .unwrap();
        let error = ask(&client, 0).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.sent()),
            (ErrorKind::Decode, Sent::Maybe),
            "{error}"
        );
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("payload_crc"), "{source}");
        assert_eq!(ask(&client, 2).await.unwrap(), 2);
    });
}

/// Columns that are known by their id are not sent again, until they change.
#[test]
fn metadata_is_sent_once_for_each_change() {
    run(async {
        let executed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&executed);
        let cell = || Some(Bytes::from_static(&[0, 0, 0, 9]));
        let open = serve(PIPE, move |call| {
            let one = vec![column("v", DataType::Int)];
            let two = vec![column("v", DataType::Int), column("w", DataType::Int)];
            let page = match &call.request {
                Request::Prepare(_) => {
                    let mut prepared = PreparedMessage::new(&b"id"[..], vec![], Some(one.into()));
                    prepared.result_metadata_id = Bytes::from_static(b"first");
                    return Reply::Send(Message::Result(ResultMessage::Prepared(Box::new(
                        prepared,
                    ))));
                }
                Request::Execute(execute) => {
                    assert!(execute.params.skip_metadata);
                    match (
                        count.fetch_add(1, Ordering::Relaxed),
                        &execute.result_metadata_id[..],
                    ) {
                        (0 | 1, b"first") => RowsMessage::new(one, &[vec![cell()]], None)
                            .unwrap()
                            .without_columns(),
                        (2, b"first") => {
                            let page =
                                RowsMessage::new(two, &[vec![cell(), cell()]], None).unwrap();
                            page.with_changed_id(&b"second"[..])
                        }
                        (3, b"second") => RowsMessage::new(two, &[vec![cell(), cell()]], None)
                            .unwrap()
                            .without_columns(),
                        // A server that is wrong about what is known.
                        (4, b"second") => RowsMessage::new(one, &[vec![cell()]], None)
                            .unwrap()
                            .without_columns(),
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            };
            Reply::Send(Message::Result(ResultMessage::Rows(page)))
        });
        let client = Client::connect_over(config().with_protocol(Version::V5), open)
            .await
            .unwrap();
        let select = client.prepare("SELECT *").await.unwrap();
        for columns in [1, 1, 2, 2] {
            let result = client.execute(&select, ()).await.unwrap();
            let row = result.rows().unwrap().iter().next().unwrap().unwrap();
            assert_eq!(row.values(), vec![Value::Int(9); columns]);
        }
        let error = client.execute(&select, ()).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Decode, Sent::Yes));
        assert!(
            error
                .to_string()
                .contains("rows of 1 columns without their metadata, where 2 are known"),
            "{error}"
        );
        assert_eq!(executed.load(Ordering::Relaxed), 5);
    });
}

#[cfg(feature = "snappy")]
#[test]
fn snappy_is_refused_before_it_is_asked_for() {
    run(async {
        let config = config()
            .with_protocol(Version::V5)
            .with_compression(Compression::Snappy);
        let error = Client::connect_over(config, serve(PIPE, echo))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error
                .to_string()
                .contains("protocol v5 has no compression snappy; lz4 it has"),
            "{error}"
        );
    });
}

#[test]
fn segments_hold_what_they_say_they_hold() {
    let mut bare = Vec::new();
    Request::Options
        .encode(Version::V5, None, 1, &mut bare)
        .unwrap();
    let mut cut = Vec::new();
    append_segments(&bare[..8], None, &mut cut).unwrap();
    let long = frame_of(200_000);
    let mut slices = Vec::new();
    append_segments(&long, None, &mut slices).unwrap();
    let first_slice = &slices[..6 + 0x1_ffff + 4];
    let mut whole = Vec::new();
    append_segments(&bare, None, &mut whole).unwrap();
    for (bytes, text) in [
        (
            cut,
            "payload: of a self-contained segment ends in the middle of a frame",
        ),
        (
            [first_slice, &whole].concat(),
            "header: begins a self-contained segment before a long frame has ended",
        ),
    ] {
        let error = frames(&bytes, None, bytes.len()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(text), "{source}");
    }
}

/// A response with a body of this many bytes that are easily compressed.
fn frame_of(body_bytes: u32) -> Vec<u8> {
    let mut frame = vec![0x85, 0, 0, 1, 8];
    frame.extend_from_slice(&body_bytes.to_be_bytes());
    frame.resize(9 + usize::try_from(body_bytes).unwrap(), b'x');
    frame
}
