//! Promises about types: who may be sent where, how large things are, what is shown.
#![cfg(feature = "client")]

use iotdb_thrift::tablet::{Record, Tablet, TabletColumn};
use iotdb_thrift::{Client, Config, Error, Limits, RowStream, Rows, Value};

fn shared<T: Send + Sync + 'static>() {}
fn cloned<T: Clone>() {}
fn sent<T: Send>(value: T) -> T {
    value
}

#[test]
fn what_users_share_between_tasks_can_be_shared() {
    shared::<Client>();
    shared::<Config>();
    shared::<Error>();
    shared::<Limits>();
    shared::<Rows>();
    shared::<Tablet>();
    shared::<Value>();
    cloned::<Client>();
    cloned::<Config>();
    fn stream<T: Send + 'static>() {}
    stream::<RowStream<(i64, f64)>>();
}

#[test]
fn errors_are_one_word() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}

/// Futures are moved and stored by value: large ones are slow, and overflow the stacks of deep call chains.
#[test]
fn the_futures_of_requests_are_small() {
    fn check<F>(name: &str, _: impl FnOnce(&'static Client) -> F) {
        assert!(size_of::<F>() < 400, "{name}: {} bytes", size_of::<F>());
    }
    check("connect", |_| Client::connect(Config::new("x")));
    check("execute", |client| sent(client.execute("x")));
    check("query", |client| sent(client.query("x")));
    check("query_stream", |client| sent(client.query_stream("x")));
    check("ping", |client| sent(client.ping()));
    check("insert_records", |client| sent(client.insert_records(&[])));
    let tablet: &'static Tablet = Box::leak(Box::new(tablet()));
    check("insert_tablet", |client| sent(client.insert_tablet(tablet)));
    let record: &'static Record = Box::leak(Box::new(Record::new("root.a.d", 1)));
    check("insert_record", |client| sent(client.insert_record(record)));
}

fn tablet() -> Tablet {
    Tablet::from_columns("root.a.d", vec![1], vec![TabletColumn::new("n", vec![1])]).unwrap()
}

#[test]
fn secrets_are_not_shown() {
    let config = Config::new("localhost").with_credentials("alice", "SENTINEL");
    assert!(!format!("{config:?} {config:#?}").contains("SENTINEL"));
    let url = "iotdb://alice:SENTINEL@localhost?nonsense=1";
    let error = Config::from_url(url).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SENTINEL"));
}

#[test]
fn an_error_does_not_repeat_its_cause() {
    let bad = bytes::Bytes::from_static(&[0, 0, 0, 1]);
    let error = iotdb_thrift::tablet::TsBlock::decode(&bad, &Limits::default()).unwrap_err();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        assert!(!error.to_string().contains(&cause.to_string()), "{error}");
        source = cause.source();
    }
    let column = TabletColumn::new("n", vec![1]);
    assert_eq!(
        column.value(5),
        Value::Null,
        "beyond the end is null, not a panic"
    );
}
