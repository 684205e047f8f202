//! What the public interface promises without being run.
#![cfg(feature = "client")]

use std::future::Future;

use cql_v4::{
    Batch, Client, Config, Error, ErrorKind, Prepared, QueryResult, Row, RowStream, Rows, Statement,
};

fn is_send_sync<T: Send + Sync + 'static>() {}

#[test]
fn handles_can_be_shared() {
    is_send_sync::<Client>();
    is_send_sync::<Config>();
    is_send_sync::<Prepared>();
    is_send_sync::<Statement>();
    is_send_sync::<Batch>();
    is_send_sync::<QueryResult>();
    is_send_sync::<Rows>();
    is_send_sync::<Row>();
    is_send_sync::<Error>();
    fn is_send<T: Send + 'static>() {}
    is_send::<RowStream<(i32,)>>();
    fn is_clone<T: Clone>() {}
    is_clone::<Client>();
    is_clone::<Prepared>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Client>(), size_of::<usize>());
}

fn size_of_future<F: Future + Send>(_: &F) -> usize {
    size_of::<F>()
}

#[test]
fn the_future_of_a_request_is_small() {
    fn measure(client: &Client, prepared: &Prepared, statement: &Statement) -> [usize; 4] {
        [
            size_of_future(&client.execute(prepared, (1_i64, 2_i64))),
            size_of_future(&client.query(statement.clone(), (1_i64, 2_i64))),
            size_of_future(&client.prepare(statement.clone())),
            size_of_future(&client.ping()),
        ]
    }
    let open = tests_server();
    let sizes = wire_testkit::block_on(async move {
        let client = Client::connect_over(Config::new("127.0.0.1"), open)
            .await
            .unwrap();
        let prepared = client.prepare("SELECT v").await.unwrap();
        measure(&client, &prepared, &Statement::new("SELECT v"))
    });
    println!("execute, query, prepare, ping: {sizes:?} bytes");
    assert!(sizes.iter().all(|size| *size <= 520), "{sizes:?}");
}

mod support;

fn tests_server() -> impl Fn() -> tokio::io::DuplexStream + Send + Sync + 'static {
    support::server::serve(4096, |_| {
        support::server::Reply::Send(support::server::prepared(b"id", true))
    })
}

/// A password is in no text that anybody could log.
#[test]
fn secrets_are_not_shown() {
    const SENTINEL: &str = "s3ntinel";
    let url = format!("cassandra://alice:{SENTINEL}@db.example.com/ks");
    let config: Config = url.parse().unwrap();
    let built = Config::new("db.example.com").with_credentials("alice", SENTINEL);
    for shown in [
        format!("{config:?}"),
        format!("{built:?}"),
        format!("{config:#?}"),
    ] {
        assert!(
            shown.contains("alice") && shown.contains("redacted"),
            "{shown}"
        );
        assert!(!shown.contains(SENTINEL), "{shown}");
    }
    assert_eq!(
        config.to_string(),
        "cassandra://alice@db.example.com:9042/ks"
    );
    for bad in [
        "?nope=1",
        "?connect_timeout=5",
        "?compression=zip",
        "?consistency=some",
        "?tls=maybe",
    ] {
        let error = Config::from_url(&format!("{url}{bad}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error} {error:?}").contains(SENTINEL), "{error}");
    }
}

#[test]
fn urls_say_what_is_wrong() {
    let wrong = |url: &str| Config::from_url(url).unwrap_err().to_string();
    assert!(wrong("cassandra://a?nope=1").contains(
        "unknown option nope; known are allow_plaintext_password, allowed_authenticators"
    ));
    assert!(wrong("postgres://a").contains("should begin with cassandra:// or scylla://"));
    assert!(wrong("cassandra://a?protocol=v9").contains("should be v3, v4 or v5"));
    assert!(wrong("cassandra://a?compression=zip").contains("should be none or"));
    assert!(
        wrong("cassandra://a?page_size=many").contains("page_size=many should be a number of rows")
    );
    assert!(wrong("cassandra://a?request_timeout=10").contains("a whole number with a unit"));
    let config: Config = "scylla://u:p@a,b:9999/ks?consistency=one&page_size=10&protocol=v3&request_timeout=2s\
                          &serial_consistency=local_serial&max_in_flight=5&max_frame_bytes=1000&allow_plaintext_password=true"
        .parse()
        .unwrap();
    let shown = format!("{config:?}");
    for expected in [
        "b",
        "9999",
        "Some(\"ks\")",
        "One",
        "page_size: 10",
        "V3",
        "2s",
        "LocalSerial",
        "max_in_flight: 5",
        "max_frame_bytes: 1000",
    ] {
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
}
