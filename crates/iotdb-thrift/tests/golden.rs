//! Answers and requests that were recorded elsewhere: decoded, compared, and encoded again to the same bytes.
//!
//! Where the bytes are from: `ORIGIN.md` in each folder of `fixtures`.

use bytes::Bytes;
use iotdb_thrift::message::{
    Call, ExecuteBatchStatementArgs, ExecuteFastLastDataQueryForOneDeviceV2Args,
    ExecuteQueryStatementArgs, ExecuteQueryStatementV2Args, ExecuteUpdateStatementV2Args,
    FetchResultsArgs, FetchResultsV2Args, GetPropertiesArgs, InsertRecordArgs, InsertRecordsArgs,
    InsertTabletArgs, OpenSessionArgs, Request,
};
use iotdb_thrift::tablet::{Record, Tablet, TabletColumn, TsBlock};
use iotdb_thrift::{DataType, Date, ErrorKind, Limits, Protocol, Rows, Value};
use wire_core::testing::fixture;

/// A recorded frame of 2.0.10 without its length.
fn message(name: &str) -> Bytes {
    message_of("server_2_0_10", name)
}

fn message_of(server: &str, name: &str) -> Bytes {
    let frame = fixture(&format!("{server}/{name}"));
    let (len, message) = frame.split_first_chunk().unwrap();
    assert_eq!(
        usize::try_from(i32::from_be_bytes(*len)).unwrap(),
        message.len()
    );
    Bytes::copy_from_slice(message)
}

fn reply<R: Request>(name: &str) -> R::Response {
    reply_of::<R>("server_2_0_10", name)
}

fn reply_of<R: Request>(server: &str, name: &str) -> R::Response {
    let message = message_of(server, name);
    let protocol = Protocol::detect(&message).unwrap();
    R::decode_reply(&message, 0, protocol, &Limits::default())
        .unwrap()
        .unwrap()
}

fn call<R: Request>(name: &str) -> R {
    R::decode_call(&Call::parse(message(name)).unwrap(), &Limits::default()).unwrap()
}

fn rows(name: &str) -> Rows {
    Rows::decode(
        &reply::<ExecuteQueryStatementV2Args>(name),
        &Limits::default(),
    )
    .unwrap()
}

fn names(rows: &Rows) -> Vec<&str> {
    rows.columns().iter().map(|c| c.name()).collect()
}

/// The rows that the official client wrote.
fn written() -> Tablet {
    let date = |y, m, d| Some(Date::new(y, m, d).unwrap());
    let columns = vec![
        TabletColumn::new("b", vec![Some(true), None, Some(false)]),
        TabletColumn::new("i", vec![Some(-7), None, Some(i32::MAX)]),
        TabletColumn::new("l", vec![Some(-(1_i64 << 40)), None, Some(i64::MAX)]),
        TabletColumn::new("f", vec![Some(1.5_f32), None, Some(f32::MAX)]),
        TabletColumn::new("d", vec![Some(-2.25_f64), None, Some(f64::MAX)]),
        TabletColumn::new("t", vec![Some("text é"), None, Some("")]),
        TabletColumn::new("ts", vec![Some(2_710_000_000_123_i64), None, Some(-1)])
            .with_type(DataType::Timestamp)
            .unwrap(),
        TabletColumn::new("da", vec![date(2026, 1, 31), None, date(9999, 12, 31)]),
        TabletColumn::new(
            "bl",
            vec![Some(b"\x00\xff\x10".to_vec()), None, Some(Vec::new())],
        ),
        TabletColumn::new("st", vec![Some("string"), None, Some("z")])
            .with_type(DataType::String)
            .unwrap(),
    ];
    Tablet::from_columns("root.golden.d1", vec![1, 2, 3], columns).unwrap()
}

#[test]
fn a_tablet_of_every_type_is_what_the_official_client_sends() {
    for name in ["insert_tablet_call", "insert_tablet_compact_call"] {
        let sent = call::<InsertTabletArgs>(name).req;
        let types = sent
            .types
            .iter()
            .map(|code| DataType::from_code((*code).try_into().unwrap()).unwrap());
        let measurements: Vec<_> = sent
            .measurements
            .iter()
            .map(String::as_str)
            .zip(types)
            .collect();
        let tablet = Tablet::decode(
            &sent.prefix_path,
            &measurements,
            &sent.timestamps,
            &sent.values,
        )
        .unwrap();
        let expected = written();
        assert_eq!(
            (tablet.device(), tablet.times()),
            (expected.device(), expected.times())
        );
        for (column, expected) in tablet.columns().iter().zip(expected.columns()) {
            assert_eq!(
                (column.name(), column.data_type()),
                (expected.name(), expected.data_type())
            );
            for row in 0..3 {
                assert_eq!(
                    column.value(row),
                    expected.value(row),
                    "{} {row}",
                    column.name()
                );
            }
        }
        let bytes = (sent.timestamps, sent.values);
        assert_eq!(tablet.encode().unwrap(), bytes);
        assert_eq!(expected.encode().unwrap(), bytes);
        assert_eq!(expected.encoded_len(), bytes.0.len() + bytes.1.len());
    }
}

#[test]
fn records_are_what_the_official_client_sends() {
    let one = Record::new("root.golden.d1", 4)
        .with("b", true)
        .with("i", 44)
        .with("t", "rec");
    for name in ["insert_record_call", "insert_record_compact_call"] {
        let sent = call::<InsertRecordArgs>(name).req;
        let read = Record::decode(
            &sent.prefix_path,
            sent.timestamp,
            &sent.measurements,
            &sent.values,
        );
        assert_eq!(read.unwrap(), one);
        assert_eq!(one.encode().unwrap(), sent.values);
    }
    let many = [
        Record::new("root.golden.d2", 5).with("i", 55),
        Record::new("root.golden.d3", 6)
            .with("d", 6.5)
            .with("st", Value::String("six".into())),
    ];
    for name in ["insert_records_call", "insert_records_compact_call"] {
        let sent = call::<InsertRecordsArgs>(name).req;
        for (i, record) in many.iter().enumerate() {
            assert_eq!(sent.prefix_paths[i], record.device());
            assert_eq!(sent.measurements_list[i], record.measurements());
            assert_eq!(sent.values_list[i], record.encode().unwrap());
            assert_eq!(sent.timestamps[i], record.time());
        }
    }
}

#[test]
fn every_type_is_read_back_as_it_was_written() {
    type Typed<'r> = (
        i64,
        Option<bool>,
        Option<i32>,
        Option<i64>,
        Option<f32>,
        Option<f64>,
        Option<&'r str>,
        Option<i64>,
        Option<Date>,
        Option<&'r [u8]>,
        Option<String>,
    );
    for name in ["select_all_reply", "select_all_compact_reply"] {
        let rows = rows(name);
        let types: Vec<_> = rows.columns().iter().map(|c| c.data_type()).collect();
        assert_eq!(types[0], DataType::Timestamp);
        assert_eq!(types[1..7], DataType::ALL[..6]);
        assert_eq!(types[7..], DataType::ALL[6..10]);
        // Row 2 is null in all columns, and no row for the server.
        let times: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert_eq!(times, [1, 3, 4]);
        let written = written();
        for (row, source) in rows.iter().zip([0, 2]) {
            for (i, column) in written.columns().iter().enumerate() {
                assert_eq!(
                    row.get::<Value>(i + 1).unwrap(),
                    column.value(source),
                    "{}",
                    column.name()
                );
            }
        }
        let typed: Vec<Typed<'_>> = rows.typed().unwrap().collect::<Result<_, _>>().unwrap();
        let date = Date::new(2026, 1, 31).unwrap();
        let first = (
            1,
            Some(true),
            Some(-7),
            Some(-(1 << 40)),
            Some(1.5),
            Some(-2.25),
            Some("text é"),
            Some(2_710_000_000_123),
            Some(date),
            Some(&b"\x00\xff\x10"[..]),
            Some("string".to_owned()),
        );
        assert_eq!(typed[0], first);
        assert_eq!(
            (typed[2].2, typed[2].6, typed[2].5),
            (Some(44), Some("rec"), None)
        );
    }
}

#[test]
fn blocks_encode_to_the_bytes_they_came_in() {
    for name in [
        "select_all",
        "select_paged",
        "select_dup",
        "count",
        "show_timeseries",
        "align_by_device",
    ] {
        let answer = reply::<ExecuteQueryStatementV2Args>(&format!("{name}_reply"));
        let blocks = answer.query_result.unwrap();
        assert!(!blocks.is_empty(), "{name}");
        for block in &blocks {
            let decoded = TsBlock::decode(block, &Limits::default()).unwrap();
            assert_eq!(&decoded.encode().unwrap(), block, "{name}");
        }
    }
}

#[test]
fn shapes_of_results() {
    let paged = rows("select_paged_reply");
    let read: Vec<(i64, i32, i64)> = paged.typed().unwrap().collect::<Result<_, _>>().unwrap();
    let expected: Vec<_> = (0..9)
        .map(|i| (i64::from(i) + 10, i, i64::from(i * i)))
        .collect();
    assert_eq!(read, expected);
    let next = reply::<FetchResultsV2Args>("select_paged_fetch_reply");
    assert_eq!(
        (next.query_result.as_deref(), next.more_data),
        (Some(&[][..]), Some(false))
    );

    let twice = rows("select_dup_reply");
    assert_eq!(
        names(&twice),
        [
            "Time",
            "root.golden.al.i",
            "root.golden.al.i",
            "root.golden.al.l"
        ]
    );
    let read: Vec<(i64, i32, i32, i64)> = twice.typed().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, [(10, 0, 0, 0), (11, 1, 1, 1)]);

    let empty = rows("select_empty_reply");
    assert_eq!(
        (empty.len(), names(&empty)),
        (0, vec!["Time", "root.golden.d1.i"])
    );
    let unknown = rows("select_unknown_reply");
    assert!(unknown.is_empty());

    let count = rows("count_reply");
    let read: Vec<(i64, f64)> = count.typed().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, [(3, (f64::from(i32::MAX) + 37.0) / 3.0)]);

    let shown = rows("show_timeseries_reply");
    let series: String = shown
        .iter()
        .next()
        .unwrap()
        .get_by_name("Timeseries")
        .unwrap();
    assert_eq!(series, "root.golden.d2.i");

    let devices = rows("align_by_device_reply");
    let read: Vec<(i64, &str, i32)> = devices.typed().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read[0], (1, "root.golden.d1", -7));
    assert_eq!(read[3], (5, "root.golden.d2", 55));
}

#[test]
fn refusals_say_what_the_server_said() {
    let bad_sql = reply::<ExecuteUpdateStatementV2Args>("bad_sql_reply").status;
    assert_eq!(bad_sql.code, 700);
    assert!(
        bad_sql
            .message
            .unwrap()
            .contains("mismatched input 'selec'")
    );
    let twice = reply::<ExecuteUpdateStatementV2Args>("ddl_dup_reply").status;
    assert_eq!(
        (twice.code, twice.message.as_deref()),
        (503, Some("Path [root.golden.d9.x] already exist"))
    );
    assert_eq!(
        reply::<ExecuteUpdateStatementV2Args>("ddl_reply")
            .status
            .code,
        200
    );
    let mismatch = reply::<InsertRecordArgs>("type_mismatch_reply");
    assert_eq!(mismatch.code, 507);
    let login = reply::<OpenSessionArgs>("wrong_password_reply");
    assert_eq!(login.status.code, 801);
    for name in ["open_session_reply", "open_session_compact_reply"] {
        let opened = reply::<OpenSessionArgs>(name);
        assert_eq!(opened.configuration.unwrap()["timestamp_precision"], "ms");
    }
}

/// The same three records, read in the form of before 1.0 from a server of that time and from one of today: the same
/// rows, although the order of the columns that are sent differs.
#[test]
fn row_sets_of_old_and_new_servers() {
    for server in ["server_0_12_1", "server_2_0_10"] {
        let limits = Limits::default();
        let answer = reply_of::<ExecuteQueryStatementArgs>(server, "select_row_set_reply");
        let mut rows = Rows::decode(&answer, &limits).unwrap();
        let set = answer.query_data_set.unwrap();
        assert_eq!(
            set.value_list.len(),
            6,
            "{server}: seven columns, one of them twice"
        );
        let page = reply_of::<FetchResultsArgs>(server, "select_row_set_fetch_reply");
        assert!(page.has_result_set);
        rows.append(&page, &limits).unwrap();

        let read: Vec<Vec<Value>> = rows.typed().unwrap().collect::<Result<_, _>>().unwrap();
        let n = Value::Null;
        let expected = [
            vec![
                Value::Timestamp(1),
                Value::Boolean(true),
                Value::Int32(-7),
                Value::Int64(-(1 << 40)),
                Value::Float(1.5),
                Value::Double(-2.25),
                Value::from("text é"),
                Value::Int32(-7),
            ],
            vec![
                Value::Timestamp(2),
                n.clone(),
                Value::Int32(22),
                n.clone(),
                n.clone(),
                n.clone(),
                n.clone(),
                Value::Int32(22),
            ],
            vec![
                Value::Timestamp(3),
                Value::Boolean(false),
                n.clone(),
                n.clone(),
                n.clone(),
                n.clone(),
                Value::from(""),
                n.clone(),
            ],
        ];
        assert_eq!(read, expected, "{server}");
    }
    let end = reply_of::<FetchResultsArgs>("server_0_12_1", "select_row_set_end_reply");
    assert!(!end.has_result_set);
}

#[test]
fn servers_introduce_themselves() {
    let old = reply_of::<GetPropertiesArgs>("server_0_12_1", "get_properties_reply");
    assert_eq!(
        (old.version.as_str(), old.thrift_max_frame_size),
        ("0.12.1", None)
    );
    let new = reply::<GetPropertiesArgs>("get_properties_reply");
    assert_eq!(
        (new.version.as_str(), new.thrift_max_frame_size),
        ("2.0.10", Some(12_164_096))
    );
    assert_eq!(new.timestamp_precision, "ms");
    let opened = reply_of::<OpenSessionArgs>("server_0_12_1", "open_session_reply");
    assert_eq!((opened.status.code, opened.configuration), (200, None));
}

/// 2.0.10 lists every statement, 0.12.1 only the one that failed.
#[test]
fn a_batch_of_which_one_statement_failed() {
    let new = reply::<ExecuteBatchStatementArgs>("batch_reply");
    let codes: Vec<_> = new
        .sub_status
        .unwrap()
        .iter()
        .map(|part| part.code)
        .collect();
    assert_eq!((new.code, codes), (302, vec![200, 700]));
    let old = reply_of::<ExecuteBatchStatementArgs>("server_0_12_1", "batch_reply");
    let codes: Vec<_> = old
        .sub_status
        .unwrap()
        .iter()
        .map(|part| part.code)
        .collect();
    assert_eq!((old.code, codes), (506, vec![401]));
}

#[test]
fn a_method_that_a_server_does_not_have() {
    type Args = ExecuteFastLastDataQueryForOneDeviceV2Args;
    let message = message_of("server_0_12_1", "unknown_method_reply");
    let exception = Args::decode_reply(&message, 0, Protocol::Binary, &Limits::default())
        .unwrap()
        .unwrap_err();
    assert!(exception.is_unknown_method());
    // 2.0.10 has it: the answer is good although its code is 400.
    let answer = reply::<Args>("fast_last_reply");
    assert_eq!(answer.status.code, 400);
    let rows = Rows::decode(&answer, &Limits::default()).unwrap();
    let last: Vec<(i64, &str, &str, &str)> =
        rows.typed().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(last, [(9, "root.golden1.d.i", "9", "INT32")]);
}

/// What is announced and what is sent must agree: values are never read as another type.
#[test]
fn a_block_of_other_types_than_announced_is_refused() {
    let limits = Limits::default();
    let announced = |types: [&str; 2], ignore_time: bool, places: Vec<i32>| {
        let mut answer = reply::<ExecuteQueryStatementV2Args>("select_paged_reply");
        answer.data_type_list = Some(types.map(str::to_owned).to_vec());
        answer.ignore_time_stamp = Some(ignore_time);
        answer.column_index2_ts_block_column_index_list = Some(places);
        Rows::decode(&answer, &limits)
    };
    announced(["INT32", "INT64"], false, vec![0, 1]).unwrap();
    announced(["DATE", "TIMESTAMP"], true, vec![0, 1]).unwrap();
    announced(["INT32", "TIMESTAMP"], true, vec![0, -1]).unwrap();
    for (types, places, expected) in [
        (
            ["TEXT", "INT64"],
            vec![0, 1],
            "column root.golden.al.i was announced as TEXT, but block column 0 has type code 1",
        ),
        (
            ["INT32", "DOUBLE"],
            vec![0, -1],
            "column root.golden.al.l is the time, but was announced as DOUBLE",
        ),
    ] {
        let error = announced(types, true, places).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Decode, expected)
        );
    }
}
