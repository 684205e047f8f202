//! What the public interface promises without being run.
#![cfg(feature = "client")]

mod support;

use std::future::Future;

use ignite_thin::{
    BinaryObject, Cache, Client, Config, Error, ErrorKind, Row, RowStream, Rows, ScanStream,
    ServerInfo, Sql, Value,
};

#[test]
fn handles_can_be_shared() {
    fn is_send_sync<T: Send + Sync + 'static>() {}
    is_send_sync::<Client>();
    is_send_sync::<Cache>();
    is_send_sync::<Config>();
    is_send_sync::<ServerInfo>();
    is_send_sync::<Sql<'static>>();
    is_send_sync::<Rows>();
    is_send_sync::<Row>();
    is_send_sync::<Value>();
    is_send_sync::<BinaryObject>();
    is_send_sync::<Error>();
    fn is_send<T: Send + 'static>() {}
    is_send::<RowStream>();
    is_send::<ScanStream<i32, Value>>();
    fn is_clone<T: Clone>() {}
    is_clone::<Client>();
    is_clone::<Cache>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Client>(), size_of::<usize>());
}

fn size_of_future<F: Future + Send>(_: &F) -> usize {
    size_of::<F>()
}

#[test]
fn the_future_of_a_request_is_small() {
    let sizes = wire_testkit::block_on(async {
        let client = support::server::Node::new()
            .client(Config::new("127.0.0.1"), 4096)
            .await;
        let client = client.unwrap();
        let cache = client.cache("kv");
        let value = vec![0_u8; 100];
        [
            ("get", size_of_future(&cache.get::<i64, Vec<u8>>(&1))),
            ("put", size_of_future(&cache.put(&1_i64, &value))),
            (
                "get_all",
                size_of_future(&cache.get_all::<i64, Vec<u8>>(&[1_i64])),
            ),
            ("remove", size_of_future(&cache.remove("key"))),
            ("ping", size_of_future(&client.ping())),
        ]
    });
    println!("{sizes:?}");
    for (what, size) in sizes {
        assert!(size < 400, "{what}: {size}");
    }
}

/// A password is in no text that anybody could log.
#[test]
fn secrets_are_not_shown() {
    const SENTINEL: &str = "s3ntinel";
    let url = format!("ignite://alice:{SENTINEL}@db.example.com/S");
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
    for bad in [
        "?nope=1",
        "?connect_timeout=5",
        "?features=all",
        "?tls=maybe",
        "?page_size=-1",
    ] {
        let error = Config::from_url(&format!("{url}{bad}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!format!("{error} {error:?}").contains(SENTINEL), "{error}");
    }
    let request = ignite_thin::message::HandshakeRequest::new(
        ignite_thin::codec::Version::LATEST,
        ignite_thin::codec::Features::NONE,
    );
    let request = request.with_credentials("alice".into(), SENTINEL.into());
    assert!(!format!("{request:?}").contains(SENTINEL));
}

#[test]
fn a_password_stays_on_this_machine_unless_allowed() {
    let connect = |config: Config| wire_testkit::block_on(Client::connect(config)).unwrap_err();
    let remote = Config::new("db.example.com").with_credentials("alice", "x");
    let error = connect(remote);
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("clear text"), "{error}");
}
