//! Logs, counters and columns of tables as typed values.

use ch_native::message::{LogLine, ProfileEvent, TableColumns, log_lines, profile_events};
use ch_native::{Block, ColumnData, DataType, Error, ErrorKind};

fn typed(block: Block, name: &str, ty: &str, data: ColumnData) -> Block {
    block
        .with_typed(name, ty.parse::<DataType>().unwrap(), data)
        .unwrap()
}

/// Columns as the servers of either age have them: threads by number or by id, values signed or not.
fn log(thread: (&str, ColumnData)) -> Block {
    let (name, thread) = thread;
    let block = typed(
        Block::new(),
        "event_time",
        "DateTime('UTC')",
        ColumnData::UInt32(vec![1_700_000_000]),
    );
    block
        .with("event_time_microseconds", vec![123_456_u32])
        .and_then(|b| b.with("host_name", vec!["h"]))
        .and_then(|b| b.with("query_id", vec!["q"]))
        .and_then(|b| b.with_data(name, thread))
        .and_then(|b| b.with("priority", vec![6_i8]))
        .and_then(|b| b.with("source", vec!["executeQuery"]))
        .and_then(|b| b.with("text", vec![&b"not UTF-8: \xff"[..]]))
        .unwrap()
}

#[test]
fn lines_of_a_log_are_the_same_whatever_their_width() {
    let ages = [
        ("thread_id", ColumnData::UInt64(vec![1 << 40])),
        ("thread_number", ColumnData::UInt32(vec![7])),
    ];
    for (thread, id) in ages.into_iter().zip([1 << 40, 7]) {
        let block = log(thread);
        let lines: Vec<LogLine<'_>> = log_lines(&block).unwrap().collect();
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert_eq!(
            (line.time, line.microseconds, line.thread_id),
            (1_700_000_000, 123_456, id)
        );
        assert_eq!(
            (line.priority.number(), line.priority.name()),
            (6, "information")
        );
        assert_eq!(
            (&*line.host, &*line.query_id, &*line.source),
            ("h", "q", "executeQuery")
        );
        assert_eq!(line.text, "not UTF-8: \u{fffd}");
    }
}

fn counters(value: ColumnData) -> Block {
    let block = Block::new().with("host_name", vec!["h", "h"]).unwrap();
    let block = typed(
        block,
        "current_time",
        "DateTime",
        ColumnData::UInt32(vec![5, 6]),
    );
    let block = block.with("thread_id", vec![0_u64, 9]).unwrap();
    let kinds = "Enum8('increment' = 1, 'gauge' = 2)";
    let block = typed(block, "type", kinds, ColumnData::Int8(vec![1, 2]));
    let block = block.with("name", vec!["SelectedRows", "MemoryTrackerUsage"]);
    block.and_then(|b| b.with_data("value", value)).unwrap()
}

#[test]
fn counters_are_the_same_whatever_their_sign() {
    for value in [
        ColumnData::Int64(vec![3, 400]),
        ColumnData::UInt64(vec![3, 400]),
    ] {
        let block = counters(value);
        let events: Vec<ProfileEvent<'_>> = profile_events(&block).unwrap().collect();
        let seen: Vec<_> = events
            .iter()
            .map(|e| (&*e.name, e.time, e.thread_id, e.is_increment, e.value))
            .collect();
        assert_eq!(
            seen,
            [
                ("SelectedRows", 5, 0, true, 3),
                ("MemoryTrackerUsage", 6, 9, false, 400)
            ]
        );
    }
}

fn kind<T>(result: Result<T, Error>) -> (ErrorKind, String) {
    let error = result.err().unwrap();
    (error.kind(), error.to_string())
}

#[test]
fn a_block_without_its_columns_is_refused_by_name() {
    let (found, text) = kind(log_lines(&Block::new()));
    assert_eq!(found, ErrorKind::Decode);
    assert!(text.contains("event_time"), "{text}");
    let (_, text) = kind(profile_events(&counters(ColumnData::Float64(vec![
        1.0, 2.0,
    ]))));
    assert!(
        text.contains("value Float64") && text.contains("whole number"),
        "{text}"
    );
    let header = log(("thread_id", ColumnData::UInt64(vec![1]))).without_rows();
    assert_eq!(log_lines(&header).unwrap().count(), 0);
}

#[test]
fn columns_of_a_table_come_with_their_defaults() {
    let text =
        "columns format version: 1\n2 columns:\n`id` UInt64\n`at` DateTime\tDEFAULT\tnow()\n";
    let columns = TableColumns::new("t", text).columns().unwrap();
    let default = columns[1].default.as_ref().unwrap();
    assert_eq!(
        (columns[1].name.as_str(), default.kind.as_str()),
        ("at", "DEFAULT")
    );
    assert_eq!(
        (default.expression.as_str(), columns[0].default.is_none()),
        ("now()", true)
    );
}
