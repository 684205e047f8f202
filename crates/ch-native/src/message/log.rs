//! Lines of the server's log and counters of a query: blocks whose columns are always the same, read row by row.
//!
//! ```text
//! Log            event_time DateTime, event_time_microseconds UInt32, host_name, query_id String, thread_id
//!                (thread_number in 2018), priority Int8, source, text String
//! ProfileEvents  host_name String, current_time DateTime, thread_id, type Enum8, name String, value
//! ```
//!
//! Widths of numbers changed with the years, so columns are found by name, and numbers taken as wide as they are.
//!
//! Source: ClickHouse, `src/Interpreters/InternalTextLogsQueue.cpp`, `src/Interpreters/ProfileEventsExt.cpp`.

use std::borrow::Cow;

use crate::column::{Block, Column, ColumnData};
use crate::error::{Error, ErrorKind};

/// A line of the server's log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogLine<'a> {
    /// When, in seconds since 1970-01-01 UTC.
    pub time: u32,
    /// Microseconds of that second.
    pub microseconds: u32,
    /// The server.
    pub host: Cow<'a, str>,
    /// The query that it is about.
    pub query_id: Cow<'a, str>,
    /// The thread of the server.
    pub thread_id: u64,
    /// How important it is.
    pub priority: Priority,
    /// The part of the server that speaks.
    pub source: Cow<'a, str>,
    /// What it says.
    pub text: Cow<'a, str>,
}

/// How important a line of the log is; the most important is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(i8);

impl Priority {
    /// The number: 1 fatal, 2 critical, 3 error, 4 warning, 5 notice, 6 information, 7 debug, 8 trace, 9 test.
    pub const fn number(self) -> i8 {
        self.0
    }

    /// The name, as `send_logs_level` takes it; `unknown` for a number that has none.
    pub const fn name(self) -> &'static str {
        match self.0 {
            1 => "fatal",
            2 => "critical",
            3 => "error",
            4 => "warning",
            5 => "notice",
            6 => "information",
            7 => "debug",
            8 => "trace",
            9 => "test",
            _ => "unknown",
        }
    }
}

/// A counter of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileEvent<'a> {
    /// The server.
    pub host: Cow<'a, str>,
    /// When, in seconds since 1970-01-01 UTC.
    pub time: u32,
    /// The thread of the server; 0 for all of the query's together.
    pub thread_id: u64,
    /// Whether [`Self::value`] is added to what came before, and not the new value.
    pub is_increment: bool,
    /// What is counted, such as `SelectedRows`.
    pub name: Cow<'a, str>,
    /// How much.
    pub value: i64,
}

/// The lines of a Log packet.
///
/// # Errors
/// [`ErrorKind::Decode`] if it lacks a column, or one has a type that it cannot have.
pub fn log_lines(block: &Block) -> Result<impl Iterator<Item = LogLine<'_>>, Error> {
    let time = numbers(block, "event_time")?;
    let microseconds = numbers(block, "event_time_microseconds")?;
    let host = texts(block, "host_name")?;
    let query_id = texts(block, "query_id")?;
    let thread_id = numbers(block, "thread_id").or_else(|_| numbers(block, "thread_number"))?;
    let priority = numbers(block, "priority")?;
    let source = texts(block, "source")?;
    let text = texts(block, "text")?;
    Ok((0..block.rows()).map(move |row| LogLine {
        time: u32::try_from(time(row)).unwrap_or(u32::MAX),
        microseconds: u32::try_from(microseconds(row)).unwrap_or(u32::MAX),
        host: host(row),
        query_id: query_id(row),
        thread_id: u64::try_from(thread_id(row)).unwrap_or(0),
        priority: Priority(i8::try_from(priority(row)).unwrap_or(0)),
        source: source(row),
        text: text(row),
    }))
}

/// The counters of a ProfileEvents packet.
///
/// # Errors
/// [`ErrorKind::Decode`] if it lacks a column, or one has a type that it cannot have.
pub fn profile_events(block: &Block) -> Result<impl Iterator<Item = ProfileEvent<'_>>, Error> {
    let host = texts(block, "host_name")?;
    let time = numbers(block, "current_time")?;
    let thread_id = numbers(block, "thread_id")?;
    let kind = numbers(block, "type")?;
    let name = texts(block, "name")?;
    let value = numbers(block, "value")?;
    Ok((0..block.rows()).map(move |row| ProfileEvent {
        host: host(row),
        time: u32::try_from(time(row)).unwrap_or(u32::MAX),
        thread_id: u64::try_from(thread_id(row)).unwrap_or(0),
        is_increment: kind(row) == INCREMENT,
        name: name(row),
        value: i64::try_from(value(row)).unwrap_or(i64::MAX),
    }))
}

/// The value of `type` for counters that are added up; 2 is for those that are replaced.
const INCREMENT: i128 = 1;

fn column<'a>(block: &'a Block, name: &str) -> Result<&'a Column, Error> {
    block.column(name).ok_or_else(|| {
        let text = format!("the server's log or counters have no column {name}: {block:?}");
        Error::new(ErrorKind::Decode, text)
    })
}

#[cold]
fn unfit(column: &Column, wanted: &str) -> Error {
    let text =
        format!("the server's log or counters have a column {column:?}, which should be {wanted}");
    Error::new(ErrorKind::Decode, text)
}

/// A column of whole numbers, whatever their width.
fn numbers<'a>(block: &'a Block, name: &str) -> Result<impl Fn(usize) -> i128 + use<'a>, Error> {
    let column = column(block, name)?;
    let data = column.data();
    // Without rows a column has no shape.
    if block.rows() > 0 && number(data, 0).is_none() {
        return Err(unfit(column, "a whole number"));
    }
    Ok(move |row| number(data, row).unwrap_or(0))
}

fn number(data: &ColumnData, row: usize) -> Option<i128> {
    Some(match data {
        ColumnData::UInt8(values) => (*values.get(row)?).into(),
        ColumnData::UInt16(values) => (*values.get(row)?).into(),
        ColumnData::UInt32(values) => (*values.get(row)?).into(),
        ColumnData::UInt64(values) => (*values.get(row)?).into(),
        ColumnData::Int8(values) => (*values.get(row)?).into(),
        ColumnData::Int16(values) => (*values.get(row)?).into(),
        ColumnData::Int32(values) => (*values.get(row)?).into(),
        ColumnData::Int64(values) => (*values.get(row)?).into(),
        _ => return None,
    })
}

/// A column of strings; what is not UTF-8 is replaced.
fn texts<'a>(
    block: &'a Block,
    name: &str,
) -> Result<impl Fn(usize) -> Cow<'a, str> + use<'a>, Error> {
    let column = column(block, name)?;
    let strings = column.data().strings();
    if block.rows() > 0 && strings.is_none() {
        return Err(unfit(column, "text"));
    }
    Ok(move |row| {
        let bytes = strings.and_then(|strings| strings.get(row));
        String::from_utf8_lossy(bytes.unwrap_or_default())
    })
}
